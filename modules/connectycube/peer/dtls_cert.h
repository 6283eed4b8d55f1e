/**
 * @file peer/dtls_cert.h  Certificates and their fingerprints
 */

int  dtls_cert_fpr(struct jsep_fpr *fpr, const X509 *cert, const char *hash);
bool dtls_cert_usable(const struct jsep_fpr *fprv, size_t fprc);
bool dtls_cert_match(const X509 *cert, const struct jsep_fpr *fprv,
		     size_t fprc);
