/**
 * @file peer/srtp_hmac.c  HMAC-SHA1 for libsrtp2, by OpenSSL's SHA-1
 *
 * As srtp_aes.c is for ciphers. A key is hashed once, into the two states that
 * HMAC begins with (RFC 2104 section 4); a packet costs its own blocks and one
 * more. OpenSSL's HMAC would cost two allocations for each packet, and a
 * dozen places in memory that nothing has touched for 20 ms; so all that is
 * taken of it are the functions of SHA-1 itself, and a key is one object.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <string.h>
#include <srtp2/srtp.h>
#include <srtp2/auth.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <re.h>
#include "srtp_hmac.h"


enum {
	BLOCK = SHA_CBLOCK,     /**< SHA-1's block [bytes]                 */
	HASH  = SHA_DIGEST_LENGTH, /**< ... and its hash [bytes]           */
};

/** SHA-1 after one block */
struct begun {
	SHA_LONG h[5];
};

/** A key */
struct hmac {
	srtp_auth_t auth;       /**< What libsrtp2 has of it               */
	struct begun inner;
	struct begun outer;
	SHA_CTX sha;            /**< The packet at hand                    */
};


static void destructor(void *arg)
{
	struct hmac *hmac = arg;

	OPENSSL_cleanse(hmac, sizeof(*hmac));
}


static srtp_err_status_t hmac_alloc(srtp_auth_t **ap, int key_len, int out_len)
{
	struct hmac *hmac;

	if (key_len < 0 || key_len > BLOCK || out_len < 0 || out_len > HASH)
		return srtp_err_status_bad_param;

	hmac = mem_zalloc(sizeof(*hmac), destructor);
	if (!hmac)
		return srtp_err_status_alloc_fail;

	hmac->auth.type    = &srtp_hmac_type;
	hmac->auth.state   = hmac;
	hmac->auth.key_len = key_len;
	hmac->auth.out_len = out_len;
	*ap = &hmac->auth;

	return srtp_err_status_ok;
}


static srtp_err_status_t hmac_dealloc(srtp_auth_t *a)
{
	mem_deref(a->state);

	return srtp_err_status_ok;
}


/* Begin with a block: the key, and something added to all of it */
static void begin(struct begun *b, const uint8_t *key, size_t len, uint8_t add)
{
	uint8_t block[BLOCK];
	SHA_CTX sha;
	size_t i;

	for (i=0; i<sizeof(block); i++)
		block[i] = (i < len ? key[i] : 0) ^ add;

	(void)SHA1_Init(&sha);
	(void)SHA1_Update(&sha, block, sizeof(block));

	*b = (struct begun){{sha.h0, sha.h1, sha.h2, sha.h3, sha.h4}};

	OPENSSL_cleanse(block, sizeof(block));
	OPENSSL_cleanse(&sha, sizeof(sha));
}


static void go_on(SHA_CTX *sha, const struct begun *b)
{
	sha->h0  = b->h[0];
	sha->h1  = b->h[1];
	sha->h2  = b->h[2];
	sha->h3  = b->h[3];
	sha->h4  = b->h[4];
	sha->Nl  = BLOCK * 8;
	sha->Nh  = 0;
	sha->num = 0;
}


static srtp_err_status_t hmac_init(void *state, const uint8_t *key,
				   int key_len)
{
	struct hmac *hmac = state;

	if (key_len < 0 || key_len > BLOCK)
		return srtp_err_status_bad_param;

	begin(&hmac->inner, key, (size_t)key_len, 0x36);
	begin(&hmac->outer, key, (size_t)key_len, 0x5c);

	return srtp_err_status_ok;
}


static srtp_err_status_t hmac_start(void *state)
{
	struct hmac *hmac = state;

	go_on(&hmac->sha, &hmac->inner);

	return srtp_err_status_ok;
}


static srtp_err_status_t hmac_update(void *state, const uint8_t *buf, int len)
{
	struct hmac *hmac = state;

	if (len < 0 || !SHA1_Update(&hmac->sha, buf, (size_t)len))
		return srtp_err_status_auth_fail;

	return srtp_err_status_ok;
}


static srtp_err_status_t hmac_compute(void *state, const uint8_t *buf, int len,
				      int tag_len, uint8_t *tag)
{
	struct hmac *hmac = state;
	uint8_t hash[HASH];

	if (tag_len < 0 || tag_len > HASH)
		return srtp_err_status_bad_param;

	if (hmac_update(hmac, buf, len) || !SHA1_Final(hash, &hmac->sha))
		return srtp_err_status_auth_fail;

	go_on(&hmac->sha, &hmac->outer);
	if (!SHA1_Update(&hmac->sha, hash, sizeof(hash)) ||
	    !SHA1_Final(hash, &hmac->sha))
		return srtp_err_status_auth_fail;

	memcpy(tag, hash, (size_t)tag_len);

	return srtp_err_status_ok;
}


/* --- known answers (RFC 2202 section 3) ---------------------------------- */

static const uint8_t key_0b[] = {
	0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
	0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
};
static const uint8_t key_count[] = {
	0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a,
	0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14,
	0x15, 0x16, 0x17, 0x18, 0x19,
};
static const uint8_t data_cd[] = {
	0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd,
	0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd,
	0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd,
	0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd,
	0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd, 0xcd,
};
static const uint8_t tag_1[] = {
	0xb6, 0x17, 0x31, 0x86, 0x55, 0x05, 0x72, 0x64, 0xe2, 0x8b,
	0xc0, 0xb6, 0xfb, 0x37, 0x8c, 0x8e, 0xf1, 0x46, 0xbe, 0x00,
};
static const uint8_t tag_4[] = {
	0x4c, 0x90, 0x07, 0xf4, 0x02, 0x62, 0x50, 0xc6, 0xbc, 0x84,
	0x14, 0xf9, 0xbf, 0x50, 0xc8, 0x6c, 0x2d, 0x72, 0x35, 0xda,
};

static const srtp_auth_test_case_t case_4 = {
	sizeof(key_count), key_count, sizeof(data_cd), data_cd,
	sizeof(tag_4), tag_4, NULL
};

/* the same with a tag that is cut, as SRTP's is */
static const srtp_auth_test_case_t case_cut = {
	sizeof(key_count), key_count, sizeof(data_cd), data_cd,
	10, tag_4, &case_4
};

static const srtp_auth_test_case_t case_1 = {
	sizeof(key_0b), key_0b, 8, (const uint8_t *)"Hi There",
	sizeof(tag_1), tag_1, &case_cut
};

/** The type, for libsrtp2 */
const srtp_auth_type_t srtp_hmac_type = {
	hmac_alloc, hmac_dealloc, hmac_init, hmac_compute, hmac_update,
	hmac_start, "HMAC-SHA1 by OpenSSL", &case_1, SRTP_HMAC_SHA1
};


/**
 * Let libsrtp2 use it from now on, until srtp_shutdown(), unless it fails its
 * self-test; keys that are in use are not touched
 *
 * @return 0 if success, EPROTO if it is left out
 */
int srtp_hmac_register(void)
{
	return srtp_replace_auth_type(&srtp_hmac_type, srtp_hmac_type.id) ?
		EPROTO : 0;
}
