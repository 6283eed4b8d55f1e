/**
 * @file peer/srtp_gcm.c  SRTP by AES-GCM (RFC 7714), by OpenSSL
 *
 *   |<----- associated data ----->|<-- encrypted -->|
 *   [ RTP header, CSRCs, extension |     payload     ][ tag ]
 *
 * Debian's libsrtp2 does this by NSS, which makes a new context for each
 * packet and looks its key up among those of all calls: with 270 calls that
 * is a sixth of all that a forwarded packet costs. So the one thing that is
 * done for each packet is done here; SRTCP and the other profiles stay with
 * libsrtp2.
 */
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <re.h>
#include "srtp_gcm.h"


enum {
	RTP_MIN  = 12,          /**< RTP header [bytes]                    */
	SALT     = 12,          /**< RFC 7714 section 8.1 [bytes]          */
	KEY_MAX  = 32,          /**< AES-256 [bytes]                       */
	BLOCK    = 16,          /**< Of AES [bytes]                        */
	WINDOW   = 1024,        /**< Replay window, fits video [packets]   */
	LABEL_KEY  = 0,         /**< RFC 3711 section 4.3.1                */
	LABEL_SALT = 2,
};

/** Packet indices of one SSRC that were used (RFC 3711 section 3.3) */
struct stream {
	uint32_t ssrc;          /**< As on the wire                        */
	uint64_t max;           /**< Highest index: roll-overs, sequence   */
	uint64_t usedv[WINDOW / 64]; /**< Those up to it, a ring of bits   */
};

struct srtp_gcm {
	EVP_CIPHER_CTX *ctx;    /**< Owner; the session key is set         */
	uint8_t salt[SALT];     /**< Session salt                          */
	bool protect;           /**< Direction                             */
	struct stream *streamv[SRTP_GCM_SSRC]; /**< Owner                  */
	size_t streamc;         /**< Number of streams                     */
};


static void destructor(void *arg)
{
	struct srtp_gcm *g = arg;
	size_t i;

	EVP_CIPHER_CTX_free(g->ctx);
	for (i=0; i<g->streamc; i++)
		mem_deref(g->streamv[i]);

	OPENSSL_cleanse(g->salt, sizeof(g->salt));
}


/* RFC 3711 section 4.3.1 with AES-CM; the salt of RFC 7714 is shorter by
   two bytes, which are zero */
static int derive(uint8_t *out, size_t len, uint8_t label,
		  const uint8_t *key, size_t keylen, const uint8_t *salt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t iv[BLOCK], zero[KEY_MAX];
	int n, err = 0;

	if (!ctx)
		return ENOMEM;

	memset(zero, 0, sizeof(zero));
	memset(iv, 0, sizeof(iv));
	memcpy(iv, salt, SALT);
	iv[7] ^= label;

	if (!EVP_EncryptInit_ex(ctx, keylen == 32 ? EVP_aes_256_ctr()
				: EVP_aes_128_ctr(), NULL, key, iv) ||
	    !EVP_EncryptUpdate(ctx, out, &n, zero, (int)len))
		err = EPROTO;

	EVP_CIPHER_CTX_free(ctx);
	OPENSSL_cleanse(iv, sizeof(iv));

	return err;
}


/**
 * Allocate one direction
 *
 * @param gp      Pointer to allocated object
 * @param protect True to protect, false to unprotect
 * @param key     Master key
 * @param keylen  Length of the key, 16 or 32 [bytes]
 * @param salt    Master salt of 12 bytes
 *
 * @return 0 if success; EINVAL; ENOMEM; EPROTO if OpenSSL refuses
 */
int srtp_gcm_alloc(struct srtp_gcm **gp, bool protect, const uint8_t *key,
		   size_t keylen, const uint8_t *salt)
{
	uint8_t skey[KEY_MAX];
	struct srtp_gcm *g;
	int err;

	if (!gp || !key || !salt || (keylen != 16 && keylen != 32))
		return EINVAL;

	g = mem_zalloc(sizeof(*g), destructor);
	if (!g)
		return ENOMEM;

	g->protect = protect;
	g->ctx     = EVP_CIPHER_CTX_new();
	if (!g->ctx) {
		err = ENOMEM;
		goto out;
	}

	err = derive(skey, keylen, LABEL_KEY, key, keylen, salt);
	if (!err)
		err = derive(g->salt, SALT, LABEL_SALT, key, keylen, salt);
	if (err)
		goto out;

	if (!EVP_CipherInit_ex(g->ctx, keylen == 32 ? EVP_aes_256_gcm()
			       : EVP_aes_128_gcm(), NULL, skey, NULL,
			       protect))
		err = EPROTO;

 out:
	OPENSSL_cleanse(skey, sizeof(skey));
	if (err)
		mem_deref(g);
	else
		*gp = g;

	return err;
}


/* Length of what is sent in the clear, 0 if it is not RTP */
static size_t header_len(const uint8_t *pkt, size_t len)
{
	size_t n = RTP_MIN;

	if (len < n || pkt[0] >> 6 != 2)
		return 0;

	n += 4 * (size_t)(pkt[0] & 0x0f);
	if (pkt[0] & 0x10) {
		if (len < n + 4)
			return 0;
		n += 4 + 4 * ((size_t)pkt[n + 2] << 8 | pkt[n + 3]);
	}

	return n <= len ? n : 0;
}


static struct stream *find(const struct srtp_gcm *g, uint32_t ssrc)
{
	size_t i;

	for (i=0; i<g->streamc; i++) {
		if (g->streamv[i]->ssrc == ssrc)
			return g->streamv[i];
	}

	return NULL;
}


/* RFC 3711 appendix A; false if the packet is from before the first */
static bool guess(uint64_t *index, const struct stream *s, uint16_t seq)
{
	uint64_t roc;
	uint16_t last;

	if (!s) {
		*index = seq;
		return true;
	}

	roc  = s->max >> 16;
	last = (uint16_t)s->max;

	if (last < 0x8000 && seq > last + 0x8000) {
		if (!roc)
			return false;
		--roc;
	}
	else if (last >= 0x8000 && seq < last - 0x8000) {
		++roc;
	}

	*index = roc << 16 | seq;

	return true;
}


static bool is_used(const struct stream *s, uint64_t index)
{
	if (!s || index > s->max)
		return false;

	return index + WINDOW <= s->max ||
		s->usedv[index % WINDOW / 64] >> index % 64 & 1;
}


static void set_used(struct stream *s, uint64_t index)
{
	if (index > s->max) {

		uint64_t i = s->max + 1;

		if (index - s->max >= WINDOW) {
			memset(s->usedv, 0, sizeof(s->usedv));
			i = index;
		}
		for (; i<=index; i++)
			s->usedv[i % WINDOW / 64] &= ~(1ull << i % 64);

		s->max = index;
	}

	s->usedv[index % WINDOW / 64] |= 1ull << index % 64;
}


static struct stream *add(struct srtp_gcm *g, uint32_t ssrc, uint64_t index)
{
	struct stream *s;

	if (g->streamc >= SRTP_GCM_SSRC)
		return NULL;

	s = mem_zalloc(sizeof(*s), NULL);
	if (!s)
		return NULL;

	s->ssrc = ssrc;
	s->max  = index;
	g->streamv[g->streamc++] = s;

	return s;
}


/* RFC 7714 section 8.1 */
static void make_iv(uint8_t *iv, const struct srtp_gcm *g,
		    const uint8_t *pkt, uint64_t index)
{
	int i;

	memcpy(iv, g->salt, SALT);
	for (i=0; i<4; i++)
		iv[2 + i] ^= pkt[8 + i];
	for (i=0; i<6; i++)
		iv[6 + i] ^= (uint8_t)(index >> (40 - 8 * i));
}


static bool crypt_payload(struct srtp_gcm *g, uint64_t index, uint8_t *pkt,
			  size_t hdr, size_t len, uint8_t *tag)
{
	uint8_t iv[SALT];
	int n;

	make_iv(iv, g, pkt, index);

	if (!EVP_CipherInit_ex(g->ctx, NULL, NULL, NULL, iv, -1))
		return false;

	if (!g->protect && !EVP_CIPHER_CTX_ctrl(g->ctx, EVP_CTRL_GCM_SET_TAG,
						SRTP_GCM_TAG, tag))
		return false;

	if (!EVP_CipherUpdate(g->ctx, NULL, &n, pkt, (int)hdr) ||
	    (len && !EVP_CipherUpdate(g->ctx, pkt + hdr, &n, pkt + hdr,
				      (int)len)) ||
	    EVP_CipherFinal_ex(g->ctx, pkt + hdr + len, &n) <= 0)
		return false;

	return !g->protect || EVP_CIPHER_CTX_ctrl(g->ctx,
				EVP_CTRL_GCM_GET_TAG, SRTP_GCM_TAG, tag);
}


static int run(struct srtp_gcm *g, uint8_t *pkt, size_t hdr, size_t len)
{
	const uint16_t seq = (uint16_t)(pkt[2] << 8 | pkt[3]);
	struct stream *s;
	uint64_t index;
	uint32_t ssrc;

	memcpy(&ssrc, &pkt[8], sizeof(ssrc));
	s = find(g, ssrc);

	/* an index that was used must not be used again, both ways: the
	   cipher is broken by a nonce that comes twice */
	if (!guess(&index, s, seq) || is_used(s, index))
		return EALREADY;

	if (!s && g->streamc >= SRTP_GCM_SSRC)
		return EMFILE;

	if (!crypt_payload(g, index, pkt, hdr, len, pkt + hdr + len))
		return g->protect ? EPROTO : EAUTH;

	if (!s)
		s = add(g, ssrc, index);
	if (!s)
		return ENOMEM;

	set_used(s, index);

	return 0;
}


/**
 * Protect an RTP packet, in place
 *
 * @param g   One direction
 * @param pkt Packet, with room for SRTP_GCM_TAG more bytes
 * @param len Length of the packet [bytes], grows by that
 *
 * @return 0 if success; EINVAL; EBADMSG if it is not RTP; EALREADY if its
 *         sequence number was used before; EMFILE for too many SSRCs;
 *         ENOMEM, EPROTO
 */
int srtp_gcm_protect(struct srtp_gcm *g, uint8_t *pkt, size_t *len)
{
	size_t hdr;
	int err;

	if (!g || !g->protect || !pkt || !len)
		return EINVAL;

	hdr = header_len(pkt, *len);
	if (!hdr)
		return EBADMSG;

	err = run(g, pkt, hdr, *len - hdr);
	if (!err)
		*len += SRTP_GCM_TAG;

	return err;
}


/**
 * Check and decrypt an SRTP packet, in place
 *
 * @param g   One direction
 * @param pkt Packet; undefined after an error
 * @param len Length of the packet [bytes], shrinks
 *
 * @return 0 if success; EINVAL; EBADMSG if it is not SRTP; EAUTH if it is
 *         not the remote's; EALREADY if replayed or too old; EMFILE for too
 *         many SSRCs; ENOMEM
 */
int srtp_gcm_unprotect(struct srtp_gcm *g, uint8_t *pkt, size_t *len)
{
	size_t hdr;
	int err;

	if (!g || g->protect || !pkt || !len)
		return EINVAL;

	hdr = *len < SRTP_GCM_TAG ? 0
		: header_len(pkt, *len - SRTP_GCM_TAG);
	if (!hdr)
		return EBADMSG;

	err = run(g, pkt, hdr, *len - hdr - SRTP_GCM_TAG);
	if (!err)
		*len -= SRTP_GCM_TAG;

	return err;
}
