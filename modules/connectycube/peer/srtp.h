/**
 * @file peer/srtp.h  SRTP and SRTCP (RFC 3711, RFC 7714), by libsrtp2
 */

enum {
	SRTPX_KEY_MAX  = 32,    /**< Longest master key [bytes]            */
	SRTPX_SALT_MAX = 14,    /**< Longest master salt [bytes]           */
	SRTPX_RX_SSRC  = 64,    /**< SSRCs that a remote may use           */
};

/** Protection profiles, by their DTLS-SRTP numbers (RFC 5764, RFC 7714) */
enum srtpx_profile {
	SRTPX_AES128_CM_SHA1_80 = 0x0001,
	SRTPX_AES128_CM_SHA1_32 = 0x0002,
	SRTPX_AEAD_AES_128_GCM  = 0x0007,
	SRTPX_AEAD_AES_256_GCM  = 0x0008,
};

/** Master key and salt of one direction */
struct srtpx_key {
	uint8_t key[SRTPX_KEY_MAX];
	uint8_t salt[SRTPX_SALT_MAX];
};

struct srtpx;
struct warm;

int  srtpx_init(void);
void srtpx_close(void);
int  srtpx_keylen(enum srtpx_profile profile, size_t *key, size_t *salt);
int  srtpx_alloc(struct srtpx **sp, enum srtpx_profile profile,
		 const struct srtpx_key *tx, const struct srtpx_key *rx);
int  srtpx_allow_repeat(struct srtpx *s, enum srtpx_profile profile,
			const struct srtpx_key *tx, uint32_t ssrc);
int  srtpx_protect(struct srtpx *s, bool rtcp, uint8_t *pkt, size_t *len,
		   size_t size);
int  srtpx_unprotect(struct srtpx *s, bool rtcp, uint8_t *pkt, size_t *len);
const char *srtpx_name(const struct srtpx *s);
void srtpx_warm(const struct srtpx *s, struct warm *w);
