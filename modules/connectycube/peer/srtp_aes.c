/**
 * @file peer/srtp_aes.c  AES for libsrtp2, by OpenSSL
 *
 *   srtp.c --> libsrtp2: packets, keys, replay --> cipher types
 *                                                  |-- its own
 *                                                  `-- these
 *
 * libsrtp2 lets a cipher be replaced (srtp2/cipher.h); a new one must pass
 * its own known answers and those of the one it replaces. Debian's library is
 * built on NSS, which looks a key up in lists for each packet and takes 20 kB
 * a call. Here a key is set up once, and a packet costs a new IV.
 *
 * An object is one key in one direction. libsrtp2 calls init() with the key
 * once, then for each packet set_iv(), for GCM set_aad() once or more, and
 * encrypt(), for GCM with get_tag(), or decrypt(), which checks the tag.
 */
#include <string.h>
#include <srtp2/srtp.h>
#include <srtp2/cipher.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <re.h>
#include "srtp_aes.h"


enum {
	BLOCK = 16,             /**< AES block [bytes]                     */
};

/** A cipher type, and what it is to OpenSSL */
struct kind {
	srtp_cipher_type_t type;
	const EVP_CIPHER *(*evp)(void);
	int keylen;             /**< Key [bytes]                           */
	int saltlen;            /**< Salt that follows it [bytes]          */
};

/** A cipher with its state: one object, since each costs a cache miss */
struct evp_aes {
	srtp_cipher_t cipher;   /**< What libsrtp2 has of it               */
	EVP_CIPHER_CTX *ctx;    /**< Owner                                 */
	const struct kind *kind;
	uint8_t salt[BLOCK];    /**< ICM: where the counter begins         */
	int taglen;             /**< GCM: tag [bytes]                      */
};

enum { KINDS = 4 };
static const struct kind kindv[KINDS];


static void state_destructor(void *arg)
{
	struct evp_aes *aes = arg;

	/* wipes the key */
	EVP_CIPHER_CTX_free(aes->ctx);
	OPENSSL_cleanse(aes->salt, sizeof(aes->salt));
}


static int state_alloc(struct evp_aes **aesp, const struct kind *kind,
		       int taglen)
{
	struct evp_aes *aes;

	aes = mem_zalloc(sizeof(*aes), state_destructor);
	if (!aes)
		return ENOMEM;

	aes->kind   = kind;
	aes->taglen = taglen;

	aes->ctx = EVP_CIPHER_CTX_new();
	if (!aes->ctx) {
		mem_deref(aes);
		return ENOMEM;
	}

	*aesp = aes;

	return 0;
}


/* libsrtp2 tells the type by the length of the key alone */
static const struct kind *find_kind(int len)
{
	size_t i;

	for (i=0; i<KINDS; i++) {
		if (kindv[i].keylen + kindv[i].saltlen == len)
			return &kindv[i];
	}

	return NULL;
}


static srtp_err_status_t cipher_alloc(srtp_cipher_t **cp, int len, int taglen)
{
	const struct kind *kind = find_kind(len);
	struct evp_aes *aes;
	srtp_cipher_t *c;

	if (!kind)
		return srtp_err_status_bad_param;

	if (state_alloc(&aes, kind, taglen))
		return srtp_err_status_alloc_fail;

	c = &aes->cipher;
	c->state     = aes;
	c->type      = &kind->type;
	c->key_len   = len;
	c->algorithm = (int)kind->type.id;
	*cp = c;

	return srtp_err_status_ok;
}


static srtp_err_status_t cipher_dealloc(srtp_cipher_t *c)
{
	mem_deref(c->state);

	return srtp_err_status_ok;
}


static srtp_err_status_t set_key(struct evp_aes *aes, const uint8_t *key)
{
	return EVP_CipherInit_ex(aes->ctx, aes->kind->evp(), NULL, key, NULL,
				 1) ?
		srtp_err_status_ok : srtp_err_status_init_fail;
}


static srtp_err_status_t set_iv(struct evp_aes *aes, const uint8_t *iv,
				bool enc)
{
	return EVP_CipherInit_ex(aes->ctx, NULL, NULL, NULL, iv, enc) ?
		srtp_err_status_ok : srtp_err_status_cipher_fail;
}


/* With out=NULL it is only authenticated. libsrtp2 may encrypt nothing */
static srtp_err_status_t update(struct evp_aes *aes, uint8_t *out,
				const uint8_t *in, size_t len)
{
	int n;

	if (!len)
		return srtp_err_status_ok;

	return EVP_CipherUpdate(aes->ctx, out, &n, in, (int)len) ?
		srtp_err_status_ok : srtp_err_status_cipher_fail;
}


static srtp_err_status_t encrypt(void *state, uint8_t *buf, unsigned *len)
{
	return update(state, buf, buf, *len);
}


/* --- integer counter mode (RFC 3711, 4.1.1) ------------------------------ */

static srtp_err_status_t icm_init(void *state, const uint8_t *key)
{
	struct evp_aes *aes = state;

	/* the last two bytes stay 0: they count blocks */
	memcpy(aes->salt, &key[aes->kind->keylen], SRTP_SALT_LEN);

	return set_key(aes, key);
}


static srtp_err_status_t icm_set_iv(void *state, uint8_t *iv,
				    srtp_cipher_direction_t dir)
{
	const struct evp_aes *aes = state;
	uint8_t ctr[BLOCK];
	size_t i;
	(void)dir;

	for (i=0; i<sizeof(ctr); i++)
		ctr[i] = aes->salt[i] ^ iv[i];

	return set_iv(state, ctr, true);
}


/* --- Galois/counter mode (RFC 7714) -------------------------------------- */

static srtp_err_status_t gcm_init(void *state, const uint8_t *key)
{
	return set_key(state, key);
}


static srtp_err_status_t gcm_set_iv(void *state, uint8_t *iv,
				    srtp_cipher_direction_t dir)
{
	return set_iv(state, iv, dir == srtp_direction_encrypt);
}


static srtp_err_status_t gcm_set_aad(void *state, const uint8_t *aad,
				     uint32_t len)
{
	return update(state, NULL, aad, len);
}


static srtp_err_status_t gcm_get_tag(void *state, uint8_t *tag,
				     uint32_t *len)
{
	struct evp_aes *aes = state;
	uint8_t none[BLOCK];
	int n;

	if (!EVP_CipherFinal_ex(aes->ctx, none, &n) ||
	    !EVP_CIPHER_CTX_ctrl(aes->ctx, EVP_CTRL_AEAD_GET_TAG,
				 aes->taglen, tag))
		return srtp_err_status_cipher_fail;

	*len = (uint32_t)aes->taglen;

	return srtp_err_status_ok;
}


/* The tag is behind the data */
static srtp_err_status_t gcm_decrypt(void *state, uint8_t *buf,
				     unsigned *len)
{
	struct evp_aes *aes = state;
	srtp_err_status_t status;
	uint8_t none[BLOCK];
	unsigned plen;
	int n;

	if (*len < (unsigned)aes->taglen)
		return srtp_err_status_auth_fail;

	plen = *len - (unsigned)aes->taglen;

	status = update(aes, buf, buf, plen);
	if (status)
		return status;

	if (!EVP_CIPHER_CTX_ctrl(aes->ctx, EVP_CTRL_AEAD_SET_TAG,
				 aes->taglen, &buf[plen]))
		return srtp_err_status_cipher_fail;

	if (!EVP_CipherFinal_ex(aes->ctx, none, &n))
		return srtp_err_status_auth_fail;

	*len = plen;

	return srtp_err_status_ok;
}


/* ------------------------------------------------------------------------- */

static const struct kind kindv[KINDS] = {
	{{cipher_alloc, cipher_dealloc, icm_init, NULL, encrypt, encrypt,
	  icm_set_iv, NULL, "AES-128 counter mode by OpenSSL",
	  &srtp_aes_kat_icm_128, SRTP_AES_ICM_128},
	 EVP_aes_128_ctr, SRTP_AES_128_KEY_LEN, SRTP_SALT_LEN},

	{{cipher_alloc, cipher_dealloc, icm_init, NULL, encrypt, encrypt,
	  icm_set_iv, NULL, "AES-256 counter mode by OpenSSL",
	  &srtp_aes_kat_icm_256, SRTP_AES_ICM_256},
	 EVP_aes_256_ctr, SRTP_AES_256_KEY_LEN, SRTP_SALT_LEN},

	{{cipher_alloc, cipher_dealloc, gcm_init, gcm_set_aad, encrypt,
	  gcm_decrypt, gcm_set_iv, gcm_get_tag, "AES-128 GCM by OpenSSL",
	  &srtp_aes_kat_gcm_128, SRTP_AES_GCM_128},
	 EVP_aes_128_gcm, SRTP_AES_128_KEY_LEN, SRTP_AEAD_SALT_LEN},

	{{cipher_alloc, cipher_dealloc, gcm_init, gcm_set_aad, encrypt,
	  gcm_decrypt, gcm_set_iv, gcm_get_tag, "AES-256 GCM by OpenSSL",
	  &srtp_aes_kat_gcm_256, SRTP_AES_GCM_256},
	 EVP_aes_256_gcm, SRTP_AES_256_KEY_LEN, SRTP_AEAD_SALT_LEN},
};


/**
 * Let libsrtp2 use these ciphers from now on, until srtp_shutdown(). One that
 * fails its self-test leaves libsrtp2's own in place, which is as good but
 * slower; keys that are in use are not touched
 *
 * @return 0 if success, EPROTO if any is left out
 */
int srtp_aes_register(void)
{
	int err = 0;
	size_t i;

	for (i=0; i<KINDS; i++) {

		const srtp_cipher_type_t *type = &kindv[i].type;

		if (srtp_replace_cipher_type(type, type->id))
			err = EPROTO;
	}

	return err;
}
