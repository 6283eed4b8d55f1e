/**
 * @file sip/pure/tlscheck.h  Certificates of SIP over TLS: whose they are
 */

struct x509_st;

bool tlscheck_host(struct x509_st *cert, const char *host);
int  tlscheck_print(struct re_printf *pf, struct x509_st *cert);
