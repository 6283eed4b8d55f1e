/**
 * @file peer/dtls_cert.c  Certificates and their fingerprints
 *
 * WebRTC's certificates are self-signed and prove nothing by themselves:
 * what counts is that their hash came with the signalling (RFC 8827).
 */
#include <string.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <re.h>
#include "peer.h"
#include "cand.h"
#include "jsep.h"
#include "dtls_cert.h"


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
