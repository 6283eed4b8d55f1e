/**
 * @file connectycube_hub/recording/seal.c
 * Encryption to a certificate: CMS (RFC 5652)
 *
 * Enveloped data with AES-256, as a stream: a recording may be larger than
 * memory. Whoever has the key of the certificate reads it, nobody else: this
 * host cannot. `openssl cms -decrypt -binary -inform DER` does.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <re.h>
#include "../pemfile.h"
#include "seal.h"


enum {
	MODE = 0640,            /**< Of what is made                       */
};

struct hub_seal {
	X509 *cert;             /**< Whom for (owned)                      */
};


static void destructor(void *data)
{
	struct hub_seal *s = data;

	X509_free(s->cert);
}


static int openssl_error(char *why, size_t size, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	(void)re_snprintf(why, size, "%s: %s", what, reason ? reason : "no");
	ERR_clear_error();

	return EPROTO;
}


/* For an RSA key, padding that has no oracle; for one of a curve, a key is
   agreed on, and not derived by SHA-1 */
static bool set_kind(CMS_RecipientInfo *ri, const X509 *cert)
{
	EVP_PKEY_CTX *ctx = CMS_RecipientInfo_get0_pkey_ctx(ri);

	switch (EVP_PKEY_get_base_id(X509_get0_pubkey(cert))) {

	case EVP_PKEY_RSA:
		return ctx && EVP_PKEY_CTX_set_rsa_padding(ctx,
			RSA_PKCS1_OAEP_PADDING) > 0;

	case EVP_PKEY_EC:
		return ctx && EVP_PKEY_CTX_set_ecdh_kdf_md(ctx, EVP_sha256())
			> 0;

	default:
		return true;
	}
}


static CMS_ContentInfo *begin(const struct hub_seal *s)
{
	const int flags = CMS_BINARY | CMS_STREAM | CMS_PARTIAL;
	CMS_ContentInfo *cms;
	CMS_RecipientInfo *ri;

	cms = CMS_encrypt(NULL, NULL, EVP_aes_256_cbc(), flags);
	if (!cms)
		return NULL;

	ri = CMS_add1_recipient_cert(cms, s->cert, CMS_KEY_PARAM);
	if (!ri || !set_kind(ri, s->cert)) {
		CMS_ContentInfo_free(cms);
		return NULL;
	}

	return cms;
}


static int stream(const struct hub_seal *s, BIO *in, BIO *out)
{
	const int flags = CMS_BINARY | CMS_STREAM;
	CMS_ContentInfo *cms = begin(s);
	int err = EPROTO;

	if (cms && i2d_CMS_bio_stream(out, cms, in, flags) > 0 &&
	    BIO_flush(out) > 0)
		err = 0;

	CMS_ContentInfo_free(cms);

	return err;
}


/**
 * Be able to encrypt
 *
 * @param sp   Pointer to it, freed by mem_deref()
 * @param path Path of a certificate (PEM)
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_seal_alloc(struct hub_seal **sp, const char *path, char *why,
		   size_t size)
{
	struct hub_seal *s;
	BIO *in, *out;
	int err;

	if (!sp || !path || !why || !size)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	err = pemfile_read(&s->cert, path, why, size);

	/* not every key can: one that only signs */
	in  = BIO_new_mem_buf("x", 1);
	out = BIO_new(BIO_s_null());
	if (!err && (!in || !out || stream(s, in, out)))
		err = openssl_error(why, size, path);
	BIO_free(in);
	BIO_free(out);

	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


/**
 * Encrypt a file. When this returns the result is on the disk
 *
 * @param s    Whom for
 * @param from Path of the file
 * @param to   Path of the result, which is made anew
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_seal_file(const struct hub_seal *s, const char *from, const char *to,
		  char *why, size_t size)
{
	const int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
			    O_NOFOLLOW, MODE);
	BIO *in = NULL, *out = NULL;
	int err = 0;

	if (fd < 0) {
		err = errno;
		(void)re_snprintf(why, size, "%s: %m", to, err);
		return err;
	}

	in  = BIO_new_file(from, "rb");
	out = BIO_new_fd(fd, BIO_NOCLOSE);

	errno = 0;
	if (!in || !out || stream(s, in, out)) {
		err = errno ? errno : EPROTO;
		(void)openssl_error(why, size, to);
	}
	else if (fsync(fd)) {
		err = errno;
		(void)re_snprintf(why, size, "%s: %m", to, err);
	}

	BIO_free(in);
	BIO_free(out);
	if (close(fd) && !err)
		err = errno;
	if (err)
		(void)unlink(to);

	return err;
}
