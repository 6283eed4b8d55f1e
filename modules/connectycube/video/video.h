/**
 * @file video/video.h  Video between the legs of a call
 *
 *             video_port_rtp()                      b's rtph
 *   leg A --> port a ----------> route a->b --------> port b --> leg B
 *             a's rtph                       video_port_rtp()
 *   leg A <-- port a <---------- route b->a <-------- port b <-- leg B
 *
 * A port is one leg's video: it belongs to the leg, is told its end by it, and
 * outlives whatever it is wired to; it does not know SIP or WebRTC. A route
 * runs from one port to another and belongs to the call; there is one each
 * way. What is done with a packet is chosen when an end is set or a route is
 * made: forwarded, and repaired on the way, where both ends share a codec;
 * else transcoded on a worker thread. RTCP ends on each port; requests for
 * keyframes, lost packets and bandwidth are brokered between them.
 *
 * The room calls media/ for RTP arithmetic (rtp.h, rtcp.h, rxstat.h,
 * clock.h) and nobody else.
 */

enum {
	VIDEO_FMT_MAX  = 16,    /**< Receivable formats of one end         */
	VIDEO_PKT_MAX  = 1500,  /**< Largest packet made for a path with an
				     MTU [bytes]                           */
	VIDEO_DATAGRAM_MAX = 65000, /**< Largest packet at all: one NAL unit
				     towards packetization-mode 0 [bytes]  */
	VIDEO_TAILROOM = 160,   /**< Room behind a sent packet [bytes]     */
	VIDEO_CRATE    = 90000, /**< RTP clock of all video [Hz]           */
};

/** Codecs that the bridge knows by their payload format */
enum video_codec {
	VIDEO_NONE = 0,
	VIDEO_H264,             /**< RFC 6184                              */
	VIDEO_VP8,              /**< RFC 7741                              */
	VIDEO_VP9,              /**< RFC 9628                              */

	VIDEO_CODEC_MAX
};

/** RTCP feedback that was agreed on a leg, a bit mask */
enum video_fb {
	VIDEO_FB_NACK  = 1<<0,  /**< Generic NACK (RFC 4585)               */
	VIDEO_FB_PLI   = 1<<1,  /**< PLI (RFC 4585)                        */
	VIDEO_FB_FIR   = 1<<2,  /**< FIR (RFC 5104)                        */
	VIDEO_FB_TMMBR = 1<<3,  /**< TMMBR (RFC 5104)                      */
	VIDEO_FB_REMB  = 1<<4,  /**< goog-remb                             */
	VIDEO_FB_TWCC  = 1<<5,  /**< transport-cc                          */
};

/** One payload format of an end */
struct video_fmt {
	uint8_t pt;             /**< Payload type                          */
	uint8_t rtx_pt;         /**< Of its retransmissions (RFC 4588), or 0 */
	enum video_codec codec; /**< Codec, VIDEO_NONE=not for us          */
	char fmtp[256];         /**< Remote's format parameters            */
};

/**
 * Send one packet on a leg
 *
 * @param pkt  Packet; may be changed in place
 * @param len  Length of the packet [bytes]
 * @param size Room at pkt, at least len + VIDEO_TAILROOM [bytes]
 *
 * @return 0 if success, otherwise errorcode (the packet is counted dropped)
 */
typedef int (video_send_h)(uint8_t *pkt, size_t len, size_t size, void *arg);

/** Ask the remote for a keyframe by other means than RTCP (SIP INFO) */
typedef int (video_fast_update_h)(void *arg);

/** One end of the video, as negotiated on a leg */
struct video_end {
	struct video_fmt rxv[VIDEO_FMT_MAX]; /**< What may arrive          */
	size_t rxc;             /**< Number of receivable formats          */
	struct video_fmt tx;    /**< What is sent, codec NONE=nothing      */
	uint32_t ssrc;          /**< Our SSRC on this leg                  */
	uint32_t ssrc_rtx;      /**< Our SSRC for retransmissions, 0=none  */
	char cname[128];        /**< Our CNAME on this leg                 */
	bool send;              /**< The remote wants to receive           */
	bool recv;              /**< The remote may send                   */
	uint32_t fb;            /**< Feedback the remote knows, enum video_fb */
	bool rtcp_rsize;        /**< RFC 5506 agreed                       */
	bool plain;             /**< Knows simple VP9 descriptors only     */
	bool still;             /**< Gets a still picture where nothing is
				     sent to it                            */
	struct {                /**< Header extensions (RFC 8285), 0=none  */
		uint8_t abs_time;   /**< abs-send-time                     */
		uint8_t twcc;       /**< transport-wide-cc                 */
		uint8_t orient;     /**< video-orientation                 */
	} ext;
	uint32_t bw_max;        /**< Remote takes no more [bit/s], 0=unset */
	size_t mtu;             /**< Largest RTP packet to send [bytes];
				     44 at least, 0=1200                   */
	video_send_h *rtph;     /**< Sends RTP                             */
	video_send_h *rtcph;    /**< Sends RTCP, NULL=none                 */
	video_fast_update_h *fasth; /**< NULL=cannot                       */
	void *arg;              /**< Handler argument                      */
};

struct vcodec;
struct vstill;

/** What all ports have in common; copied, what it points to must outlive */
struct video_config {
	const struct list *vcodecl; /**< Codecs (struct vcodec) to transcode
					 with, NULL=never                  */
	bool stills_only;       /**< They are for still pictures alone     */
	unsigned width_max;     /**< Largest picture encoded [pixels]      */
	unsigned height_max;    /**< Largest picture encoded [pixels]      */
	unsigned fps_max;       /**< Fastest encoded [frames/s]            */
	uint32_t bitrate_min;   /**< Slowest encoded [bit/s]               */
	uint32_t bitrate_start; /**< First estimate of a path [bit/s]      */
	uint32_t bitrate_max;   /**< Fastest sent or asked for [bit/s]     */
	const char *avatar;     /**< Picture file for the app while the phone
				     sends no video, NULL=none             */
	bool freeze;            /**< Or its last frame, if there was one   */
};

/** One direction on one port */
struct video_dirstat {
	uint64_t packets;       /**< RTP packets, without retransmissions  */
	uint64_t bytes;         /**< RTP payload bytes                     */
	uint64_t frames;        /**< Frames (markers)                      */
	uint64_t keyframes;     /**< Keyframes                             */
	int64_t lost;           /**< Packets lost (tx: as reported to us)  */
	uint32_t jitter;        /**< Interarrival jitter [us]              */
	uint64_t dropped;       /**< Not valid, unknown, or not sendable   */
	uint64_t nacks;         /**< rx: packets asked for again; tx: packets
				     the remote asked for                  */
	uint64_t retransmitted; /**< rx: came; tx: sent again              */
	uint64_t plis;          /**< rx: keyframes asked of the remote, by
				     PLI; tx: asked by it                  */
	uint64_t firs;          /**< The same, by FIR                      */
	uint64_t infos;         /**< The same, by SIP INFO                 */
	uint32_t bitrate;       /**< Last second [bit/s]                   */
	uint32_t bitrate_avg;   /**< While there was some [bit/s]          */
	uint32_t freezes;       /**< rx: a second and more without a frame,
				     and then there was one                */
	uint32_t bw;            /**< Limit in force [bit/s], 0=none        */
	bool unreported;        /**< tx: lost and jitter are not known     */
};

/** Statistics of one port */
struct video_stats {
	struct video_dirstat rx;/**< From the remote to us                 */
	struct video_dirstat tx;/**< From us to the remote                 */
	uint32_t rtt;           /**< Round-trip time [us], 0=unknown       */
	char rx_codec[16];      /**< e.g. "H264"                           */
	char tx_codec[16];
	bool relayed;           /**< What we send here is forwarded        */
	bool still;             /**< What we send here is a still picture  */
	unsigned width;         /**< Of what the remote sends, 0=unknown   */
	unsigned height;
	uint64_t oversize;      /**< NAL units over the MTU, mode 0        */
	uint64_t late;          /**< Frames dropped by the transcoder of what
				     we send here                      */
	uint64_t cpu_codec;     /**< CPU time it spent in the codecs [us]  */
	uint64_t cpu_worker;    /**< CPU time of its thread in all [us]    */
};

struct video_port;
struct video_route;
struct avsync;

/* port.c, ends.c */
int  video_port_alloc(struct video_port **portp, const char *name,
		      const struct video_config *cfg);
int  video_port_set(struct video_port *port, const struct video_end *end);
void video_port_rtp(struct video_port *port, const uint8_t *pkt, size_t len);
void video_port_rtcp(struct video_port *port, const uint8_t *pkt,
		     size_t len);
void video_port_fast_update(struct video_port *port);
void video_port_set_sync(struct video_port *port, struct avsync *av);
void video_port_close(struct video_port *port);

/* tap.c */
void video_port_set_tap(struct video_port *port, rtp_tap_h *h, void *arg);

/* route.c */
int  video_route_alloc(struct video_route **rtp, struct video_port *in,
		       struct video_port *out);

/* transcode.c */
bool video_can_transcode(const struct video_config *cfg, enum video_codec from,
			 enum video_codec to);

/* stats.c */
void video_port_stats(const struct video_port *port, struct video_stats *st);
void video_port_look(struct video_port *port);

const char *video_codec_name(enum video_codec codec);
enum video_codec video_codec_find(const char *name);
