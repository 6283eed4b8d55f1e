/**
 * @file peer/dtls_cert.h  The process's certificate and its fingerprints
 */

int  dtls_cert_make(EVP_PKEY **keyp, X509 **certp);
int  dtls_cert_fpr(struct jsep_fpr *fpr, const X509 *cert, const char *hash);
bool dtls_cert_usable(const struct jsep_fpr *fprv, size_t fprc);
bool dtls_cert_match(const X509 *cert, const struct jsep_fpr *fprv,
		     size_t fprc);
