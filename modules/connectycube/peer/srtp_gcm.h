/**
 * @file peer/srtp_gcm.h  SRTP by AES-GCM (RFC 7714), by OpenSSL
 */

enum {
	SRTP_GCM_TAG = 16,      /**< Length of the tag [bytes]             */
	SRTP_GCM_SSRC = 64,     /**< Most SSRCs of one direction           */
};

struct srtp_gcm;

int srtp_gcm_alloc(struct srtp_gcm **gp, bool protect, const uint8_t *key,
		   size_t keylen, const uint8_t *salt);
int srtp_gcm_protect(struct srtp_gcm *g, uint8_t *pkt, size_t *len);
int srtp_gcm_unprotect(struct srtp_gcm *g, uint8_t *pkt, size_t *len);
