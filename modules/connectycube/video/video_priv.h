/**
 * @file video/video_priv.h  The video room from inside
 *
 *         route.c  port.c ----- ends.c     formats, the in x out table
 *                 /  |   \
 *            receive.c   |    report.c         SR, RR
 *              |     |    feedback.c           feedback, both ways
 *              |     |    keyframe_ask.c bandwidth.c   who asks whom for what
 *       forward.c  h264_*.c  inorder.c     forward; repair H.264; in order
 *       transcode.c    placeholder.c keyframe_store.c         transcode; still picture
 *              \     /   |
 *              encoder_out.c   |                  what an encoder of ours made
 *                 \     /
 *                  send.c                    what a leg has sent
 *
 *   vpay.c h264*.c fb.c hdrext.c    pure
 *   seqmap.c vorder.c vcache.c vnack.c        arithmetic
 *   bwe_*.c twcc_rx.c keyframe.c              arithmetic
 *   transcoder.c still.c                         worker threads
 *
 * A packet of port `in` is given to the handler of its format in in->hv[];
 * the handler belongs to the route towards port `out`.
 */

struct avsync;
struct video_port;
struct video_route;
struct vh264;
struct vtrans;
struct vidle;


enum {
	VTX_ROOM = RTP_HEADER_SIZE + HDREXT_MAX, /**< In front of a payload */
	VTX_MTU  = 1200,        /**< If none is stated [bytes]             */
	VTX_MTU_MIN = VTX_ROOM + 16, /**< A fragment is in it [bytes]      */
	MAP_RTX  = 0x80,        /**< In video_port.map: retransmissions     */
	VFEED_MAX = 1200,       /**< Longest RTCP packet sent [bytes]      */
	VMETER_TIME = 1000000,  /**< Rates are measured over [us]          */
};


/** A packet on its way through a route */
struct video_in {
	const struct rtp_pkt *rp; /**< Packet                              */
	enum video_codec codec; /**< Its codec                             */
	struct vpay pay;        /**< What it holds                         */
	bool pay_ok;            /**< That could be read                    */
	bool key;               /**< It begins a keyframe                  */
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


/**
 * What all packets of a port come to on their way to these handlers: the next
 * step, chosen when somebody begins to listen, or stops
 *
 * @param port Port that a packet was received on
 * @param rt   Route from there
 * @param in   Packet
 *
 * @return 0 if success, ENOTCONN if there is nobody to get it, or an error of
 *         the route
 */
typedef int (vport_h)(struct video_port *port, struct video_route *rt,
		      struct video_in *in);


/** A packet to send */
struct video_out {
	uint16_t seq;           /**< Sequence number                       */
	uint32_t ts;            /**< Timestamp [RTP clock]                 */
	bool marker;            /**< Last one of its frame                 */
	bool key;               /**< First one of a keyframe               */
	int orient;             /**< Orientation of the picture, -1=unset  */
};


/** What a leg sends: sequence, timestamps, counters */
struct video_tx {
	bool on;                /**< Something was sent                    */
	uint32_t ssrc;          /**< Our SSRC                              */
	uint16_t seq;           /**< Highest sequence number sent          */
	uint32_t ts;            /**< Newest timestamp sent [RTP clock]     */
	uint64_t t;             /**< When that was [us]                    */
	uint16_t twcc_seq;      /**< Transport-wide sequence number        */
	uint16_t rtx_seq;       /**< Sequence number of retransmissions    */
	struct vcache *cache;   /**< What was sent, for NACK (owner)       */
	struct vpay_ids ids;    /**< Picture ids                           */
	struct vp9_frame vp9;   /**< Frame that is being sent              */
	struct tline tl;        /**< Timeline for sender reports           */

	uint32_t sr_packets;    /**< Packets sent with this SSRC           */
	uint32_t sr_octets;     /**< Payload bytes sent with this SSRC     */
	bool active;            /**< Sent since the last report            */
	bool failed;            /**< The last packet could not be sent     */

	int64_t lost;           /**< Lost, as the remote reports           */
	int64_t lost_prior;     /**< Lost with earlier SSRCs               */
	bool reported;          /**< The remote has reported on it         */
};


/** Counts a rate; all zero is the initial state */
struct vmeter {
	uint64_t t;             /**< Since when [us]                       */
	uint64_t bytes;         /**< Bytes since then                      */
	uint32_t rate;          /**< Of the time before [bit/s]            */
};


/** What was seen of one direction, once a second */
struct vlook {
	uint64_t frames;        /**< By then                               */
	uint64_t bytes;         /**< By then                               */
	uint64_t time;          /**< That there was something [us]         */
};


/** One leg's video: its end as negotiated, and both directions on it */
struct video_port {
	char name[16];          /**< Of the kind of leg, for the log       */
	struct video_route *to; /**< Route from here, or NULL (pointer)    */
	struct video_route *from; /**< Route that comes here, or NULL
				     (pointer); inside the room both are
				     there                                 */
	struct video_config cfg; /**< What all ports have in common        */
	struct video_end end;   /**< As set; cleared if there is no video  */
	bool set;               /**< There is video on this leg            */
	uint8_t map[128];       /**< Index into end.rxv + 1, by type       */
	vroute_h *hv[VIDEO_FMT_MAX]; /**< What is done with each format    */
	vport_h *routeh;        /**< By what they come there: vrx_route(),
				     or vtap_route() while somebody listens */
	struct rtp_tap tap;     /**< Who listens to what is received       */
	uint32_t nego;          /**< Number of the last negotiation        */
	bool ext_on;            /**< Some header extension is sent         */

	struct rxstat rx;       /**< Receive statistics                    */
	const struct video_fmt *rxf; /**< Last received, in end.rxv        */
	bool rx_active;         /**< Received since the last report        */
	uint64_t rx_last;       /**< Arrival of the last packet [us]       */
	uint32_t rx_ts;         /**< Timestamp of the last in sequence     */
	struct vmeter rx_meter; /**< What it receives                      */
	struct vnack nack;      /**< What it misses                        */

	/* bandwidth.c */
	struct bwe_rx *bwe_rx;  /**< What it can send, or NULL (owner)     */
	struct twcc_rx *twcc;   /**< Arrivals to tell it, or NULL (owner)  */
	struct bwe_tx *bwe_tx;  /**< What it can take, or NULL (owner)     */
	bool bwe_heard;         /**< It has said something about that      */
	uint64_t twcc_due;      /**< transport-cc is due [us], 0=never     */
	uint64_t tell_due;      /**< REMB or TMMBR is due [us], 0=never    */
	uint32_t tell_bw;       /**< What it was told [bit/s], 0=nothing   */
	unsigned tmmbr_tries;   /**< TMMBR left until one is confirmed     */
	struct {
		bool due;       /**< A TMMBR of the remote is not answered */
		uint32_t ssrc;  /**< Who sent it                           */
		uint64_t bitrate; /**< Its limit [bit/s]                   */
		unsigned overhead; /**< And what that includes [bytes]     */
	} tmmbn;                /**< Answer to the remote's TMMBR          */

	/* keyframe_ask.c */
	struct keybroker kb;    /**< Keyframes asked of the remote         */
	uint32_t key_ts;        /**< Timestamp of the last keyframe        */
	bool key_on;            /**< There was one                         */
	unsigned infos;         /**< INFOs that were not answered          */
	bool fir_on;            /**< The remote has sent a FIR:            */
	uint32_t fir_ssrc;      /**< who in particular,                    */
	uint8_t fir_nr;         /**< and its number                        */

	struct video_tx tx;     /**< What we send                          */
	unsigned mode;          /**< H.264: packetization-mode to send     */
	struct vmeter tx_meter; /**< What is sent                          */
	struct vmeter again_meter; /**< What is sent again                 */
	uint64_t rtcp_due;      /**< Time of the next report [us], 0=none  */

	uint32_t lsr;           /**< Last SR received, NTP 16.16, 0=none   */
	uint32_t lsr_ssrc;      /**< Its sender                            */
	uint64_t lsr_t;         /**< Its arrival [us]                      */
	bool rtcp_sent;         /**< RTCP was sent: a BYE is due           */

	struct video_stats st;  /**< Counters; the rest is filled in       */
	struct vlook look_rx;   /**< Of what comes                         */
	struct vlook look_tx;   /**< Of what is sent                       */
	uint64_t look_t;        /**< When that was seen [us], 0=never      */
	bool frozen;            /**< No frame came since the look before   */

	uint64_t ntp_off;       /**< From media_clock() to Unix time [us]  */
	struct avsync *av;      /**< Lip-sync with its audio, or NULL (ref) */
	uint64_t armed;         /**< What tmr waits for [us], 0=nothing    */
	struct tmr tmr;         /**< All that is due at a time             */
};


/** What a route sends now */
enum video_mode {
	VIDEO_IDLE = 0,         /**< Nothing                               */
	VIDEO_FORWARD,          /**< What arrives                          */
	VIDEO_XCODE,            /**< What arrives, in another codec        */
	VIDEO_STILL,            /**< A picture                             */
};


/** From one port to another */
struct video_route {
	struct video_port *in;   /**< Packets come from (pointer)           */
	struct video_port *out; /**< Packets go to (pointer)               */
	enum video_mode mode;   /**< Where the last packet came from       */
	bool dead;              /**< No codec fits: that was said          */
	bool resync;            /**< Numbers and timestamps begin anew     */
	struct seqmap map;      /**< Sequence numbers                      */
	uint64_t key_wait;      /**< Since when a keyframe is waited for to
				     begin with [us], 0=not                */
	uint32_t ts_off;        /**< Added to timestamps [RTP clock]       */
	struct tline tl;        /**< The source's timeline                 */
	unsigned behind;        /**< Frames that stay behind it,           */
	uint32_t behind_ts;     /**< and the timestamp of the last one     */
	bool ordered;           /**< The receiver gets packets in order    */
	struct vorder *order;   /**< Packets in order (owner)              */
	unsigned gap;           /**< Numbers to be left out in front       */
	struct vh264 *h264;     /**< H.264 repair, or NULL (owner)         */
	struct vtrans *trans;   /**< Transcoder, made when needed (owner)  */
	uint64_t trans_t;       /**< When the last was made [us], 0=never  */
	struct vidle *idle;     /**< Still picture, or NULL (owner)        */
	uint32_t key_ts;        /**< Timestamp of an encoder's keyframe    */
	bool key_on;            /**< There was one                         */
};


/* port.c */
void video_port_poll(struct video_port *port, uint64_t now);
bool vport_wired(const struct video_port *port);
void vport_arm(struct video_port *port, uint64_t now);
uint64_t vport_ntp(const struct video_port *port, uint64_t now);


/* route.c */
void vroute_wake(struct video_route *rt);
void vroute_part(struct video_route *rt);


/* ends.c */
int  vroute_prepare(struct video_route *rt);
void vroute_setup(struct video_route *rt);
void vport_changed(struct video_port *port);


/* receive.c */
int vrx_packet(struct video_port *port, struct video_route *rt,
	       const struct rtp_pkt *rp, uint64_t now);
int vrx_route(struct video_port *port, struct video_route *rt,
	      struct video_in *in);
int vrx_late(struct video_port *port, struct video_route *rt,
	     const struct rtp_pkt *rp, uint64_t now);


/* tap.c */
int vtap_route(struct video_port *port, struct video_route *rt,
	       struct video_in *in);


/* loss_recover.c */
int  vloss_rtx(struct video_port *port, struct video_route *rt,
	       const uint8_t *pkt, size_t len, uint64_t now);
void vloss_poll(struct video_port *port, uint64_t now);


/* keyframe_ask.c */
bool vkey_can_ask(const struct video_port *port);
void vkey_start(struct video_port *port, uint64_t now);
void vkey_want(struct video_port *port, uint64_t now);
void vkey_asked(struct video_port *port, uint64_t now);
void vkey_rx(struct video_port *port, struct video_in *in);
void vkey_poll(struct video_port *port, uint64_t now);


/* feedback.c */
void vfeed_rx(struct video_port *port, const struct rtcp_part *part,
	      uint64_t now);
int  vfeed_begin(const struct video_port *port, uint8_t *buf, size_t *len);
int  vfeed_send(struct video_port *port, uint8_t *buf, size_t len);


/* forward.c */
bool vforward_timeline(struct video_route *rt, const struct video_in *in);
bool vforward_follow(struct video_route *rt, struct video_in *in);
void vforward_leave(struct video_route *rt);
void vforward_stop(struct video_route *rt);
void vforward_skip(struct video_route *rt, const struct video_in *in);
void vforward_out(const struct video_route *rt, const struct video_in *in,
		  struct video_out *o);
size_t vforward_fit(struct video_port *port, const struct video_out *o,
		    enum video_codec codec, const struct vpay *pay,
		    uint8_t *buf, size_t len);
int  vforward_rx(struct video_route *rt, struct video_in *in);


/* inorder.c */
void vinorder_setup(struct video_route *rt);
int  vinorder_rx(struct video_route *rt, struct video_in *in);
void vinorder_reset(struct video_route *rt);
uint64_t vinorder_due(const struct video_route *rt);
void vinorder_poll(struct video_route *rt, uint64_t now);


/* h264_repair.c */
int  vh264_setup(struct video_route *rt);
int  vh264_rx(struct video_route *rt, struct video_in *in);
void vh264_reset(struct video_route *rt);
void vh264_made(struct video_route *rt, const struct video_out *o,
		const uint8_t *buf, size_t len, const struct vpay *pay,
		uint64_t now);


/* transcode.c */
int  vtrans_rx(struct video_route *rt, struct video_in *in);
void vtrans_close(struct video_route *rt);
void vtrans_keep(struct video_route *rt);
void vtrans_lost(struct video_route *rt);
void vtrans_keyframe(struct video_route *rt);
void vtrans_set_bitrate(struct video_route *rt, uint32_t bitrate);
void vtrans_stats(const struct video_route *rt, struct video_stats *st);


/* placeholder.c */
int  vidle_alloc(struct video_route *rt);
void vidle_setup(struct video_route *rt, uint64_t now);
uint64_t vidle_due(const struct video_route *rt);
void vidle_poll(struct video_route *rt, uint64_t now);
bool vidle_pass(struct video_route *rt, const struct video_in *in);
bool vidle_keyframe(struct video_route *rt);


/* encoder_out.c */
void vmade_send(struct video_route *rt, enum video_mode mode, bool marker,
		uint32_t ts, bool key, const uint8_t *buf, size_t len,
		uint64_t now);


/* bandwidth.c */
int  vlimit_setup(struct video_port *port);
void vlimit_rx(struct video_port *port, const struct rtp_pkt *rp, size_t len,
	       uint64_t now);
uint32_t vlimit_tx(const struct video_port *port);
void vlimit_feedback(struct video_port *port, const struct fb *fb,
		     uint64_t now);
void vlimit_answer(struct video_port *port);
void vlimit_confirmed(struct video_port *port, const struct fb *fb);
void vlimit_loss(struct video_port *port, uint8_t fraction, uint64_t now);
void vlimit_twcc(struct video_port *port, uint64_t now);
void vlimit_poll(struct video_port *port, uint64_t now);


/* send.c */
void vtx_set_ssrc(struct video_tx *tx, uint32_t ssrc);
uint16_t vtx_next_seq(const struct video_tx *tx);
uint32_t vtx_next_ts(const struct video_tx *tx, uint64_t now);
size_t vtx_payload_max(const struct video_port *port);
int  vtx_send(struct video_port *port, const struct video_out *o, uint8_t *buf,
	      size_t plen, uint64_t now);
void vtx_again(struct video_port *port, uint16_t seq, uint64_t now);


/* stats.c */
void vmeter_add(struct vmeter *m, size_t len, uint64_t now);
uint32_t vmeter_rate(const struct vmeter *m, uint64_t now);


/* report.c */
void vreport_rx(struct video_port *port, const uint8_t *pkt, size_t len,
		uint64_t now);
void vreport_arm(struct video_port *port, uint64_t now);
void vreport_poll(struct video_port *port, uint64_t now);
void vreport_send(struct video_port *port, bool bye, uint64_t now);
