/**
 * @file base/selfsign.h  A certificate that nobody else has signed
 */

struct x509_st;
struct evp_pkey_st;

int selfsign(struct evp_pkey_st **keyp, struct x509_st **certp,
	     const char *name, const char *host);
