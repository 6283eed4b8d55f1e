/**
 * @file peer/dtls_cert.c  The process's certificate and its fingerprints
 *
 * WebRTC's certificates are self-signed and prove nothing by themselves:
 * what counts is that their hash came with the signalling (RFC 8827).
 */
#include <string.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/rand.h>
#include <re.h>
#include "peer.h"
#include "cand.h"
#include "jsep.h"
#include "dtls_cert.h"


enum {
	CERT_BACKDATE = 24*3600,        /**< For clocks that go wrong [s]  */
	CERT_LIFETIME = 10*365*24*3600, /**< Of a process, or longer [s]   */
};


static int fill(X509 *cert, EVP_PKEY *key)
{
	X509_NAME *name = X509_get_subject_name(cert);
	uint64_t serial;

	if (RAND_bytes((uint8_t *)&serial, sizeof(serial)) != 1)
		return EPROTO;

	/* the name says nothing of the host, as with browsers */
	if (!X509_set_version(cert, 2) ||
	    !ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert),
				     serial >> 1 | 1) ||
	    !X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					(const uint8_t *)"WebRTC", -1, -1,
					0) ||
	    !X509_set_issuer_name(cert, name) ||
	    !X509_gmtime_adj(X509_getm_notBefore(cert), -CERT_BACKDATE) ||
	    !X509_gmtime_adj(X509_getm_notAfter(cert), CERT_LIFETIME) ||
	    !X509_set_pubkey(cert, key) ||
	    !X509_sign(cert, key, EVP_sha256()))
		return EPROTO;

	return 0;
}


/**
 * Make a self-signed certificate with an ECDSA key on P-256 (RFC 8827 6.5)
 *
 * @param keyp  Pointer to the private key, to be freed by the caller
 * @param certp Pointer to the certificate, to be freed by the caller
 *
 * @return 0 if success, ENOMEM, EPROTO if OpenSSL refuses
 */
int dtls_cert_make(EVP_PKEY **keyp, X509 **certp)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	int err;

	if (!key || !cert)
		err = ENOMEM;
	else
		err = fill(cert, key);

	if (err) {
		EVP_PKEY_free(key);
		X509_free(cert);
		return err;
	}

	*keyp  = key;
	*certp = cert;

	return 0;
}


static const EVP_MD *hash_md(const char *hash)
{
	if (!str_casecmp(hash, "sha-256"))
		return EVP_sha256();
	if (!str_casecmp(hash, "sha-384"))
		return EVP_sha384();
	if (!str_casecmp(hash, "sha-512"))
		return EVP_sha512();

	return NULL;
}


/**
 * Compute a certificate's fingerprint
 *
 * @param fpr  Fingerprint
 * @param cert Certificate
 * @param hash "sha-256", "sha-384" or "sha-512"
 *
 * @return 0 if success; ENOTSUP if the hash is another one; EPROTO
 */
int dtls_cert_fpr(struct jsep_fpr *fpr, const X509 *cert, const char *hash)
{
	const EVP_MD *md = hash_md(hash);
	unsigned len = sizeof(fpr->md);

	if (!md)
		return ENOTSUP;

	if (!X509_digest(cert, md, fpr->md, &len))
		return EPROTO;

	fpr->len = len;
	str_ncpy(fpr->hash, hash, sizeof(fpr->hash));

	return 0;
}


/**
 * Tell if a certificate has one of some fingerprints
 *
 * @param cert Certificate
 * @param fprv Fingerprints, as signalled; those of unknown hashes are passed
 * @param fprc Number of fingerprints
 *
 * @return true if one matches
 */
bool dtls_cert_match(const X509 *cert, const struct jsep_fpr *fprv,
		     size_t fprc)
{
	struct jsep_fpr fpr;
	size_t i;

	for (i=0; i<fprc; i++) {

		if (dtls_cert_fpr(&fpr, cert, fprv[i].hash))
			continue;

		if (fpr.len == fprv[i].len &&
		    0 == CRYPTO_memcmp(fpr.md, fprv[i].md, fpr.len))
			return true;
	}

	return false;
}


/**
 * Tell if there is a fingerprint that can be verified at all
 *
 * @param fprv Fingerprints
 * @param fprc Number of fingerprints
 *
 * @return true if there is one
 */
bool dtls_cert_usable(const struct jsep_fpr *fprv, size_t fprc)
{
	size_t i;

	for (i=0; i<fprc; i++) {
		if (hash_md(fprv[i].hash))
			return true;
	}

	return false;
}
