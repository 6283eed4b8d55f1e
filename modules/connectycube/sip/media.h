/**
 * @file sip/media.h  A media line of a leg, shared by the media files
 */

enum {
	VIDEO_SIZE = 65536,     /**< Longest packet of video, a NAL unit in
				     mode 0 [bytes]                        */
};

/** A media line of a leg */
struct sipmedia {
	struct sipleg *leg;     /**< Leg (pointer), NULL=detached          */
	enum sipmedia_kind kind;/**< Audio or video                        */
	struct sdp_media *sdpm; /**< SDP media (owned)                     */
	struct udp_sock *rtp;   /**< RTP socket (owned)                    */
	struct udp_sock *rtcp;  /**< RTCP socket (owned), NULL=rtcp-mux    */
	struct udp_helper *uh_rtp;  /**< Our place on it (owned)           */
	struct udp_helper *uh_rtcp; /**< Our place on it (owned)           */
	int fd;                 /**< RTP socket's descriptor, or -1        */
	struct seal *seal;      /**< SRTP, or nothing (owned)              */
	struct latch lrtp;      /**< Where RTP goes                        */
	struct latch lrtcp;     /**< Where RTCP goes                       */
	uint32_t latch_time;    /**< How long to latch [ms]                */
	struct warm warm;       /**< What a packet that comes will need    */
	struct refusal refused; /**< Packets refused                       */
	unsigned forged;        /**< Of them, not under the agreed key     */
	struct latch_bars bars; /**< Who is not to be heard any more       */
	uint32_t ssrc;          /**< Our SSRC                              */
	bool rxpt[128];         /**< Payload types that may arrive         */
	bool mux;               /**< rtcp-mux agreed (RFC 5761)            */
	bool barred;            /**< Its SDP cannot be taken: no key       */
};

bool sipmedia_recv(struct sa *src, struct mbuf *mb, void *arg);
void sipmedia_tell(const struct sipmedia *sm, bool tx, const uint8_t *pkt,
		   size_t len);
void sipmedia_read_directly(struct sipmedia *sm);
