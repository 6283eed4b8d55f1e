/**
 * @file sip/pure/tlscheck.c  Certificates of SIP over TLS: whose they are
 *
 * Pure. Whether a chain can be trusted is OpenSSL's to say; here is what else
 * is asked of a certificate: that it was made for the host that is meant.
 */
#include <string.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <re.h>
#include "tlscheck.h"


/**
 * Was a certificate made for a host?
 *
 * @param cert Certificate
 * @param host Name, or IP address (IPv6 without brackets)
 *
 * @return True if it was
 */
bool tlscheck_host(X509 *cert, const char *host)
{
	struct sa sa;

	if (!cert || !str_isset(host))
		return false;

	if (!sa_set_str(&sa, host, 0))
		return 1 == X509_check_ip_asc(cert, host, 0);

	/* "*.example.com", but not "pbx*.example.com" (RFC 5922, 7.2 forbids
	   even the first, which everybody has) */
	return 1 == X509_check_host(cert, host, 0,
				    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
				    NULL);
}


static int print_name(struct re_printf *pf, const X509_NAME *name)
{
	char buf[256];
	BIO *bio;
	int n;

	bio = BIO_new(BIO_s_mem());
	if (!bio)
		return ENOMEM;

	/* what cannot be printed is escaped: it comes from the network */
	if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) < 0)
		n = 0;
	else
		n = BIO_read(bio, buf, sizeof(buf));
	BIO_free(bio);

	return n > 0 ? re_hprintf(pf, "%b", buf, (size_t)n)
		: re_hprintf(pf, "(empty)");
}


static int print_san(struct re_printf *pf, const GENERAL_NAME *gn)
{
	const unsigned char *p;
	int type, n;
	void *v = GENERAL_NAME_get0_value(gn, &type);
	struct sa sa;

	p = ASN1_STRING_get0_data(v);
	n = ASN1_STRING_length(v);

	if (type == GEN_IPADD) {
		if (n == 4)
			sa_set_in(&sa, ntohl(*(const uint32_t *)(void *)p), 0);
		else if (n == 16)
			sa_set_in6(&sa, p, 0);
		else
			return 0;

		return re_hprintf(pf, " %j", &sa);
	}

	while (n > 0 && p[n - 1] == '\0')
		--n;

	for (int i=0; i<n; i++) {
		if (p[i] <= ' ' || p[i] > '~')
			return re_hprintf(pf, " ?");
	}

	return re_hprintf(pf, " %b", p, (size_t)n);
}


static int print_hosts(struct re_printf *pf, X509 *cert)
{
	GENERAL_NAMES *names;
	int i, err = 0;

	names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);

	for (i=0; i<sk_GENERAL_NAME_num(names) && !err; i++) {

		const GENERAL_NAME *gn = sk_GENERAL_NAME_value(names, i);

		if (gn->type == GEN_DNS || gn->type == GEN_URI ||
		    gn->type == GEN_IPADD)
			err = print_san(pf, gn);
	}

	GENERAL_NAMES_free(names);

	return err;
}


/**
 * Print what tells a certificate from others: its names, who signed it, and
 * the beginning of its SHA-256 fingerprint
 *
 * @param pf   Print function
 * @param cert Certificate, or NULL
 *
 * @return 0 if success, otherwise errorcode
 */
int tlscheck_print(struct re_printf *pf, X509 *cert)
{
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned n = sizeof(md);
	int err;

	if (!cert)
		return re_hprintf(pf, "no certificate");

	err  = re_hprintf(pf, "certificate \"");
	err |= print_name(pf, X509_get_subject_name(cert));
	err |= re_hprintf(pf, "\" for");
	err |= print_hosts(pf, cert);
	err |= re_hprintf(pf, ", signed by \"");
	err |= print_name(pf, X509_get_issuer_name(cert));
	err |= re_hprintf(pf, "\"");

	if (X509_digest(cert, EVP_sha256(), md, &n))
		err |= re_hprintf(pf, ", SHA-256 %w", md, (size_t)8);

	return err;
}
