/**
 * @file peer/peer.h  One WebRTC peer: JSEP SDP, ICE, DTLS, SRTP
 *
 * The bridge's end of a WebRTC connection. It knows nothing of signalling
 * or of SIP: whoever owns it carries SDP and candidates as opaque text and
 * takes plain RTP and RTCP packets from its handlers.
 *
 *                    offer/answer, candidates (text)
 *                                 |
 *      +------+     +------+    +------+    +------+
 *      | jsep |<----| peer |----| ice  |----| UDP  |  libnice
 *      +------+     +------+    +------+    +------+
 *                    |    |
 *                +------+ +------+
 *                | dtls | | srtp |  OpenSSL, libsrtp2
 *                +------+ +------+
 *
 * All handlers are called on libre's loop, never from inside the function
 * that caused them, except where said.
 */

enum {
	PEER_FMT_MAX   = 16,    /**< Formats kept for one media line       */
	PEER_RTP_ROOM  = 160,   /**< Tail room that sending needs [bytes]  */
};

/** Kinds of media that a peer carries */
enum peer_kind {
	PEER_AUDIO = 0,
	PEER_VIDEO,

	PEER_KIND_MAX
};

/** RTCP feedback (RFC 4585, RFC 5104 and what Chromium adds), a bit mask */
enum peer_fb {
	PEER_FB_NACK     = 1<<0,
	PEER_FB_NACK_PLI = 1<<1,
	PEER_FB_CCM_FIR  = 1<<2,
	PEER_FB_REMB     = 1<<3,
	PEER_FB_TWCC     = 1<<4,
};

/** One RTP payload format (RFC 8866 rtpmap + fmtp) */
struct peer_fmt {
	uint8_t pt;             /**< Payload type [0-127]                  */
	char name[32];          /**< Encoding name, e.g. "opus"            */
	uint32_t crate;         /**< RTP clock rate [Hz]                   */
	uint8_t ch;             /**< Channels, 1 if not stated             */
	char fmtp[256];         /**< Format parameters, may be empty       */
	uint32_t fb;            /**< Feedback, enum peer_fb: wanted, or agreed */
	uint8_t rtx;            /**< Payload type of its retransmissions
				     (RFC 4588), 0=none; wanted, or agreed */
};

/** Header extensions (RFC 8285) by their number, 0=none */
struct peer_ext {
	uint8_t abs_time;       /**< abs-send-time                         */
	uint8_t twcc;           /**< transport-wide-cc                     */
	uint8_t orient;         /**< video-orientation                     */
};

/** What a peer offers, or is able to answer, for one kind of media */
struct peer_media_prm {
	const struct peer_fmt *fmtv; /**< Formats, in order of preference  */
	size_t fmtc;                 /**< Number of formats                */
	uint32_t ptime;              /**< Wanted packet time [ms], 0=unset */
	uint32_t maxptime;           /**< Longest one [ms], 0=unset        */
	struct peer_ext ext;         /**< Wanted; numbers count for offers */
	uint32_t bandwidth;          /**< We receive no more [bit/s], 0=unset */
};

/** What was negotiated for one kind of media */
struct peer_media {
	bool active;                 /**< Offered, answered and not zero   */
	struct peer_fmt *fmtv;       /**< Both sides have, as the remote
					  states them, in the order of the
					  answer (the peer's)              */
	size_t fmtc;                 /**< Number of formats                */
	enum sdp_dir dir;            /**< Direction, as seen from here     */
	uint32_t ptime;              /**< Remote's ptime [ms], 0=unset     */
	uint32_t maxptime;           /**< Remote's maxptime [ms], 0=unset  */
	uint32_t ssrc;               /**< Our SSRC                         */
	uint32_t ssrc_rtx;           /**< Our SSRC for retransmissions     */
	bool rtcp_rsize;             /**< RFC 5506 agreed                  */
	bool declared;               /**< Video that is stated for the app's
					  sake alone, with nothing in common:
					  no packet is handed on           */
	struct peer_ext ext;         /**< Agreed                           */
	uint32_t bandwidth;          /**< Remote's b=AS or b=TIAS [bit/s],
					 0=unset                           */
};

/** A STUN or TURN server (RFC 7064, RFC 7065) */
struct peer_server {
	enum {
		PEER_STUN = 0,
		PEER_TURN_UDP,
		PEER_TURN_TCP,
		PEER_TURN_TLS,
	} type;
	char host[256];         /**< Host name or IP address               */
	uint16_t port;          /**< Port                                  */
	char user[256];         /**< TURN user name                        */
	char pass[256];         /**< TURN password (never logged)          */
};

/** Process-wide parameters of all peers */
struct peer_config {
	const struct peer_server *serverv; /**< STUN and TURN servers      */
	size_t serverc;                    /**< Number of servers          */
	uint16_t port_min;      /**< Lowest local UDP port, 0=any          */
	uint16_t port_max;      /**< Highest local UDP port, 0=any         */
	bool loopback;          /**< Also gather 127.0.0.1 (tests, demo)   */
	bool relay_only;        /**< Use TURN candidates only              */
	char bind[64];          /**< Only this local address, empty=all    */
	const char *ca_file;    /**< Whom to trust with PEER_TURN_TLS: PEM
				     file, NULL=the system's CAs           */
	uint32_t gather_max;    /**< Longest wait for gathering [ms]       */
	uint32_t setup_max;     /**< From SDP to media, 0=as usual [ms]    */
};

/** Why a peer closed */
enum peer_err {
	PEER_ERR_NONE = 0,
	PEER_ERR_SDP,           /**< Remote SDP unusable                   */
	PEER_ERR_ICE,           /**< No candidate pair ever worked         */
	PEER_ERR_DTLS,          /**< DTLS handshake failed                 */
	PEER_ERR_FINGERPRINT,   /**< Certificate does not match the SDP    */
	PEER_ERR_INTERNAL,      /**< Out of memory and the like            */
	PEER_ERR_CLOSED,        /**< The remote has hung up: close_notify  */
};

struct peer;

/** All local candidates are known, or gather_max is over */
typedef void (peer_gather_h)(void *arg);

/**
 * A local candidate to trickle
 *
 * @param cand  "candidate:..." without "a=", NULL at the end of candidates
 * @param mid   Media identification of its m-line
 * @param mline Index of its m-line
 */
typedef void (peer_cand_h)(const char *cand, const char *mid,
			   unsigned mline, void *arg);

/** ICE and DTLS are up, the fingerprint is verified: media may flow */
typedef void (peer_estab_h)(void *arg);

/** The path was lost (ICE disconnected) or came back. lost=false: back */
typedef void (peer_path_h)(bool lost, void *arg);

/**
 * One received packet, decrypted, of a kind that was set. RTP has its header
 * extensions, and may be a retransmission (RFC 4588). RTCP is compound, or of
 * reduced size, as received, and handed on once for each kind of media that
 * any packet in it is about
 *
 * @param kind Audio or video
 * @param pkt  Packet; RTP may be changed in place
 * @param len  Length of the packet [bytes]
 */
typedef void (peer_pkt_h)(enum peer_kind kind, uint8_t *pkt, size_t len,
			  void *arg);

/** The peer failed for good. Called once; the owner then derefs the peer */
typedef void (peer_close_h)(enum peer_err err, const char *reason, void *arg);

/** A peer's handlers, each may be NULL */
struct peer_handlers {
	peer_gather_h *gatherh;
	peer_cand_h *candh;
	peer_estab_h *estabh;
	peer_path_h *pathh;
	peer_pkt_h *rtph;
	peer_pkt_h *rtcph;
	peer_close_h *closeh;
};

int  peer_init(void);
int  peer_open_servers(const struct peer_config *cfg);
void peer_close(void);

int  peer_alloc(struct peer **pp, const struct peer_config *cfg,
		const char *cname, const struct peer_handlers *h, void *arg);
int  peer_set_id(struct peer *p, const char *id);
int  peer_set_media(struct peer *p, enum peer_kind kind,
		    const struct peer_media_prm *prm);
int  peer_gather(struct peer *p);
int  peer_offer(struct peer *p, struct mbuf **sdp);
int  peer_set_offer(struct peer *p, const char *sdp, size_t len);
int  peer_answer(struct peer *p, struct mbuf **sdp);
int  peer_set_answer(struct peer *p, const char *sdp, size_t len);
int  peer_restart(struct peer *p);
int  peer_renew(struct peer *p, const struct peer_config *cfg, bool force);
int  peer_add_candidate(struct peer *p, const char *cand, size_t len);
int  peer_send_rtp(struct peer *p, uint8_t *pkt, size_t len, size_t size);
int  peer_send_rtcp(struct peer *p, uint8_t *pkt, size_t len, size_t size);
struct warm;
void peer_warm(const struct peer *p, struct warm *w);
void peer_set_warm(struct peer *p, const struct warm *w);
const struct peer_media *peer_media(const struct peer *p,
				    enum peer_kind kind);
const char *peer_cname(const struct peer *p);
bool peer_is_estab(const struct peer *p);
uint32_t peer_rx_age(const struct peer *p);
bool peer_path(const struct peer *p, const char **srtp,
	       const char **local, const char **remote);
int  peer_debug(struct re_printf *pf, const struct peer *p);
