/**
 * @file video/priv.h  The video room from inside
 *
 *                  pair.c ----- vends.c     formats, the in x out table
 *                 /  |   \
 *            vrx.c   |    vreport.c         SR, RR
 *              |     |    vfeed.c           feedback, both ways
 *              |     |    vkey.c vlimit.c   who asks whom for what
 *       vforward.c  vh264.c                 forward; repair H.264
 *       vtrans.c    vidle.c                 transcode; still picture
 *                 \  |   /
 *                   vtx.c                   what a leg has sent
 *
 *   vpay.c h264*.c fb.c rtpext.c    pure
 *   seqmap.c loss.c bwe.c keyframe.c          arithmetic
 *   vxcode.c vstill.c                         worker threads
 *
 * A packet of leg `in` is given to the handler of its format in in->hv[];
 * the handler belongs to the route towards leg `out`.
 */

struct video_leg;
struct video_route;


enum {
	VTX_ROOM = RTP_HEADER_SIZE + 20, /**< In front of a payload [bytes] */
	VTX_MTU  = 1200,        /**< If none is stated [bytes]             */
	MAP_RTX  = 0x80,        /**< In video_leg.map: retransmissions     */
};


/** A packet on its way through a route */
struct video_in {
	const struct rtp_pkt *rp; /**< Packet                              */
	enum rxstat_res res;    /**< What it is to its stream              */
	uint16_t seq;           /**< Number kept for it on the other leg   */
	uint64_t now;           /**< Arrival time [us]                     */
};


/**
 * Handler of a received packet, chosen when the ends are set
 *
 * @param rt Route to the other leg
 * @param in Packet; no duplicate gets here
 *
 * @return 0 if success (or nothing is to be sent), otherwise errorcode (the
 *         packet is counted dropped)
 */
typedef int (vroute_h)(struct video_route *rt, struct video_in *in);


/** A packet to send */
struct video_out {
	uint16_t seq;           /**< Sequence number                       */
	uint32_t ts;            /**< Timestamp [RTP clock]                 */
	bool marker;            /**< Last one of its frame                 */
	bool key;               /**< First one of a keyframe               */
};


/** What a leg sends: sequence, timestamps, counters */
struct video_tx {
	bool on;                /**< Something was sent                    */
	uint32_t ssrc;          /**< Our SSRC                              */
	uint16_t seq;           /**< Highest sequence number sent          */
	uint32_t ts;            /**< Timestamp of that packet [RTP clock]  */
	uint64_t t;             /**< When it was sent [us]                 */
	struct tline tl;        /**< Timeline for sender reports           */

	uint32_t sr_packets;    /**< Packets sent with this SSRC           */
	uint32_t sr_octets;     /**< Payload bytes sent with this SSRC     */
	bool active;            /**< Sent since the last report            */

	int64_t lost;           /**< Lost, as the remote reports           */
	int64_t lost_prior;     /**< Lost with earlier SSRCs               */
};


/** One leg: its end as negotiated, and both directions on it */
struct video_leg {
	struct video_pair *vp;  /**< Parent                                */
	struct video_end end;   /**< As set; cleared if there is no video  */
	bool set;               /**< There is video on this leg            */
	uint8_t map[128];       /**< Index into end.rxv + 1, by type       */
	vroute_h *hv[VIDEO_FMT_MAX]; /**< What is done with each format    */

	struct rxstat rx;       /**< Receive statistics                    */
	const struct video_fmt *rxf; /**< Last received, in end.rxv        */
	bool rx_active;         /**< Received since the last report        */
	uint64_t rx_last;       /**< Arrival of the last packet [us]       */

	struct video_tx tx;     /**< What we send                          */

	uint32_t lsr;           /**< Last SR received, NTP 16.16, 0=none   */
	uint32_t lsr_ssrc;      /**< Its sender                            */
	uint64_t lsr_t;         /**< Its arrival [us]                      */
	bool rtcp_sent;         /**< RTCP was sent: a BYE is due           */

	struct video_stats st;  /**< Counters; the rest is filled in       */
};


/** What a route sends now */
enum video_mode {
	VIDEO_IDLE = 0,         /**< Nothing                               */
	VIDEO_FORWARD,
};


/** One direction between the legs */
struct video_route {
	struct video_pair *vp;  /**< Parent                                */
	struct video_leg *in;   /**< Packets come from (pointer)           */
	struct video_leg *out;  /**< Packets go to (pointer)               */
	enum video_mode mode;   /**< Where the last packet came from       */
	bool resync;            /**< Numbers and timestamps begin anew     */
	struct seqmap map;      /**< Sequence numbers                      */
	uint32_t ts_off;        /**< Added to timestamps [RTP clock]       */
	struct tline tl;        /**< The source's timeline                 */
};


/** The video of a call */
struct video_pair {
	struct video_leg legv[LEG_MAX];
	struct video_route routev[LEG_MAX]; /**< By the leg they come from */
	struct video_config cfg;
	uint64_t ntp_off;       /**< From media_clock() to Unix time [us]  */
	uint64_t rtcp_due;      /**< Time of the next reports [us], 0=none */
	uint64_t armed;         /**< What tmr waits for [us], 0=nothing    */
	struct tmr tmr;         /**< All that is due at a time             */
};


/* pair.c */
void video_pair_poll(struct video_pair *vp, uint64_t now);


/* vrx.c */
int vrx_packet(struct video_leg *leg, struct video_route *rt,
	       const struct rtp_pkt *rp, uint64_t now);


/* vforward.c */
bool vforward_follow(struct video_route *rt, struct video_in *in);
int  vforward_rx(struct video_route *rt, struct video_in *in);


/* vtx.c */
void vtx_set_ssrc(struct video_tx *tx, uint32_t ssrc);
uint16_t vtx_next_seq(const struct video_tx *tx);
uint32_t vtx_next_ts(const struct video_tx *tx, uint64_t now);
size_t vtx_payload_max(const struct video_leg *leg);
int  vtx_send(struct video_leg *leg, const struct video_out *o, uint8_t *buf,
	      size_t plen, uint64_t now);


/* vreport.c */
void vreport_rx(struct video_pair *vp, enum media_leg leg, const uint8_t *pkt,
		size_t len, uint64_t now);
bool vreport_pending(const struct video_leg *leg);
void vreport_send(struct video_pair *vp, struct video_leg *leg, bool bye,
		  uint64_t now);
