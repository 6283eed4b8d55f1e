/**
 * @file sip/pure/seal.h  A phone's media line is sealed: SRTP, or nothing
 */

struct seal;

/** What may pass on a media line */
enum seal_state {
	SEAL_CLOSED = 0,        /**< Nothing: not agreed yet, or refused   */
	SEAL_PLAIN,             /**< RTP                                   */
	SEAL_SECURE,            /**< SRTP                                  */
};

enum {
	SEAL_SIZE = 65536,      /**< Longest packet [bytes]                */
	SEAL_OVERLAP = 3000,    /**< Packets under the key before may still
				     come [ms]                             */
};

struct sdp_media;

int  seal_alloc(struct seal **sp, enum sdes_mode mode, uint32_t repeat_ssrc);
int  seal_set_protos(struct sdp_media *m, enum sdes_mode mode);
int  seal_offer(struct seal *s, struct sdp_media *m);
bool seal_accepts(const struct sdp_media *m, enum sdes_mode mode, bool offer);
int  seal_agree(struct seal *s, struct sdp_media *m, bool offer,
		uint64_t now);
enum seal_state seal_state(const struct seal *s);
const char *seal_suite(const struct seal *s);
int  seal_out(struct seal *s, bool rtcp, uint8_t *pkt, size_t *len,
	      size_t size);
int  seal_in(struct seal *s, bool rtcp, uint8_t *pkt, size_t *len,
	     uint64_t now);
