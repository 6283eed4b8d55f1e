/**
 * @file sip/tlscheck.h  Certificates of SIP over TLS: whose they are, and ours
 */

struct x509_st;
struct evp_pkey_st;

bool tlscheck_host(struct x509_st *cert, const char *host);
int  tlscheck_print(struct re_printf *pf, struct x509_st *cert);
int  tlscheck_make(struct evp_pkey_st **keyp, struct x509_st **certp,
		   const char *host);
