/**
 * @file peer/dtls_srtp.c  SRTP by DTLS (RFC 5764): what is agreed to, and keys
 */
#include <string.h>
#include <openssl/ssl.h>
#include <re.h>
#include "../base/selfsign.h"
#include "peer.h"
#include "cand.h"
#include "jsep.h"
#include "srtp.h"
#include "dtls.h"
#include "dtls_cert.h"
#include "dtls_srtp.h"


#define PROFILES "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80:" \
		 "SRTP_AEAD_AES_256_GCM"

/* RFC 5764 section 4.2 */
#define LABEL "EXTRACTOR-dtls_srtp"

/* RFC 8827 section 6.5: forward secrecy and AEAD */
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL"


/**
 * Make what all associations of the process share: its certificate, and what
 * it agrees to
 *
 * @param ctxp Pointer to allocated context; with an error, to be freed too
 * @param fpr  Fingerprint of the certificate, written
 *
 * @return 0 if success; ENOMEM; EPROTO if OpenSSL refuses
 */
int dtls_srtp_ctx(SSL_CTX **ctxp, struct jsep_fpr *fpr)
{
	SSL_CTX *sc;
	EVP_PKEY *key = NULL;
	X509 *cert = NULL;
	int err;

	sc = *ctxp = SSL_CTX_new(DTLS_method());
	if (!sc)
		return ENOMEM;

	/* the name says nothing of the host, as with browsers */
	err = selfsign(&key, &cert, "WebRTC", NULL);
	if (err)
		return err;

	err = dtls_cert_fpr(fpr, cert, "sha-256");

	/* SSL_CTX_set_tlsext_use_srtp() returns 0 for success */
	if (!err &&
	    (!SSL_CTX_set_min_proto_version(sc, DTLS1_2_VERSION) ||
	     !SSL_CTX_set_max_proto_version(sc, DTLS1_2_VERSION) ||
	     !SSL_CTX_set_cipher_list(sc, CIPHERS) ||
	     !SSL_CTX_use_certificate(sc, cert) ||
	     !SSL_CTX_use_PrivateKey(sc, key) ||
	     SSL_CTX_set_tlsext_use_srtp(sc, PROFILES)))
		err = EPROTO;

	EVP_PKEY_free(key);
	X509_free(cert);
	if (err)
		return err;

	SSL_CTX_set_options(sc, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET |
			    SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_session_cache_mode(sc, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(sc, SSL_VERIFY_PEER |
			   SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);

	return 0;
}


/* client key, server key, client salt, server salt (RFC 5764 4.2) */
static void split_keys(struct dtlsx_keys *keys, const uint8_t *p,
		       size_t key, size_t salt, bool active)
{
	struct srtpx_key *client = active ? &keys->tx : &keys->rx;
	struct srtpx_key *server = active ? &keys->rx : &keys->tx;

	memcpy(client->key,  p, key);
	memcpy(server->key,  p + key, key);
	memcpy(client->salt, p + 2 * key, salt);
	memcpy(server->salt, p + 2 * key + salt, salt);
}


/**
 * Get the keys of a handshake that is over
 *
 * @param ssl    Association
 * @param active We are the client
 * @param keys   Keys, written; to be wiped by the caller
 *
 * @return 0 if success; EPROTO if no profile was agreed; ENOTSUP if it is not
 *         known
 */
int dtls_srtp_keys(SSL *ssl, bool active, struct dtlsx_keys *keys)
{
	const SRTP_PROTECTION_PROFILE *prof;
	uint8_t buf[2 * (SRTPX_KEY_MAX + SRTPX_SALT_MAX)];
	size_t key, salt;
	int err;

	prof = SSL_get_selected_srtp_profile(ssl);
	if (!prof)
		return EPROTO;

	keys->profile = (enum srtpx_profile)prof->id;
	err = srtpx_keylen(keys->profile, &key, &salt);
	if (err)
		return err;

	if (SSL_export_keying_material(ssl, buf, 2 * (key + salt), LABEL,
				       strlen(LABEL), NULL, 0, 0) != 1)
		return EPROTO;

	split_keys(keys, buf, key, salt, active);
	OPENSSL_cleanse(buf, sizeof(buf));

	return 0;
}
