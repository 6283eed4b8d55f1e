/**
 * @file base/selfsign.c  A certificate that nobody else has signed
 *
 * For DTLS, where signalling says which one is right, and for who connects to
 * us by TLS where the operator has none. Made at the start, kept nowhere.
 */
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <re.h>
#include "selfsign.h"


enum {
	BACKDATE = 24*3600,        /**< For clocks that go wrong [s]       */
	LIFETIME = 10*365*24*3600, /**< Of a process, or longer [s]        */
};


static int add_host(X509 *cert, const char *host)
{
	X509_EXTENSION *ext;
	char san[300];
	struct sa sa;
	int ok;

	if (re_snprintf(san, sizeof(san), "%s:%s",
			sa_set_str(&sa, host, 0) ? "DNS" : "IP", host) < 0)
		return EOVERFLOW;

	ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san);
	if (!ext)
		return EPROTO;

	ok = X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);

	return ok ? 0 : EPROTO;
}


static int fill(X509 *cert, EVP_PKEY *key, const char *name, const char *host)
{
	X509_NAME *subject = X509_get_subject_name(cert);
	uint64_t serial;
	int err;

	if (RAND_bytes((uint8_t *)&serial, sizeof(serial)) != 1)
		return EPROTO;

	if (!X509_set_version(cert, 2) ||
	    !ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert),
				     serial >> 1 | 1) ||
	    !X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
					(const uint8_t *)name, -1, -1, 0) ||
	    !X509_set_issuer_name(cert, subject) ||
	    !X509_gmtime_adj(X509_getm_notBefore(cert), -BACKDATE) ||
	    !X509_gmtime_adj(X509_getm_notAfter(cert), LIFETIME) ||
	    !X509_set_pubkey(cert, key))
		return EPROTO;

	err = host ? add_host(cert, host) : 0;
	if (err)
		return err;

	return X509_sign(cert, key, EVP_sha256()) ? 0 : EPROTO;
}


/**
 * Make a self-signed certificate with an ECDSA key on P-256 (RFC 8827 6.5)
 *
 * @param keyp  Pointer to the private key, to be freed by the caller
 * @param certp Pointer to the certificate, to be freed by the caller
 * @param name  Its common name
 * @param host  Name or IP address that it is for, NULL for none
 *
 * @return 0 if success; ENOMEM; EOVERFLOW; EPROTO if OpenSSL refuses
 */
int selfsign(EVP_PKEY **keyp, X509 **certp, const char *name, const char *host)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	int err;

	if (!key || !cert)
		err = ENOMEM;
	else
		err = fill(cert, key, name, host);

	if (err) {
		EVP_PKEY_free(key);
		X509_free(cert);
		return err;
	}

	*keyp  = key;
	*certp = cert;

	return 0;
}
