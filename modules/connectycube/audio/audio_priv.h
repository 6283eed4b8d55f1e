/**
 * @file audio/audio_priv.h  The media room from inside
 *
 *       port.c   audio.c ----- ends.c    formats, the in x out table
 *         |     /   |   \
 *       relay.c  recut.c  report.c       RTCP of each leg
 *    hear.c  event.c  xcode.c            tones, keys; decode, encode, send
 *    gauge.c  tap.c                      measures a packet now and then; hands
 *                                        out what comes
 *               /   |   \
 *     reorder_window.c  xaudio.c  pause.c       DTX and comfort noise
 *      reorder.c /      \       \
 *             plc.c   codec_*.c  cn.c
 *             resamp.c
 *
 *   tx.c            what a leg has sent, and where its timestamps stand
 *   rtp.c rtcp.c telev.c    pure           rxstat.c clock.c   arithmetic
 *
 * A packet of port `in` is given to the handler of its format in
 * in->fmtv[]; the handler belongs to the route towards port `out`.
 */

struct avsync;
struct audio_port;
struct audio_route;
struct audio_fmt;
struct xcode;
struct inband;
struct hear;
struct audio_player;

#include "rtp/fold.h"
#include "rtp/hist.h"
#include "level.h"
#include "gauge.h"


enum {
	PTIME_DEFAULT = 20,     /**< Packet time if none is asked [ms]     */
	PTIME_MIN     = 10,     /**< Shortest packet time sent [ms]        */
	PTIME_MAX     = 120,    /**< Longest packet time sent [ms]         */
	DECODE_MAX    = 200,    /**< Longest packet that is decoded [ms]   */
};


/**
 * Handler of a received packet, chosen when the ends are set
 *
 * @param rt  Route to the other port
 * @param fmt Format of the packet
 * @param rp  Packet
 * @param res What the packet is to its stream; no duplicate gets here
 * @param now Arrival time [us]
 *
 * @return 0 if success, otherwise errorcode (the packet is counted dropped)
 */
typedef int (route_h)(struct audio_route *rt, const struct audio_fmt *fmt,
		      const struct rtp_pkt *rp, enum rxstat_res res,
		      uint64_t now);


/** One format that a leg can receive, or the one that it sends */
struct audio_fmt {
	uint8_t pt;             /**< Payload type                          */
	uint8_t ch;             /**< Channels in SDP                       */
	uint32_t crate;         /**< RTP clock rate [Hz]                   */
	char *name;             /**< Encoding name (owner)                 */
	char *fmtp;             /**< Format parameters, or NULL (owner)    */
	const struct acodec *ac;/**< Codec, NULL=none known (pointer)      */
	route_h *h;             /**< What is done with its packets         */
	route_h *next;          /**< By what they come there: the same, or
				     gauge_rx() for a moment               */
	route_h *rx;            /**< And by what to that: the same, or
				     tap_rx() while somebody listens       */
};


/** What a leg sends: sequence, timestamps, counters */
struct audio_tx {
	bool on;                /**< Something was sent                    */
	uint32_t ssrc;          /**< Our SSRC                              */
	uint16_t seq;           /**< Highest sequence number sent          */
	uint32_t ts;            /**< Timestamp of that packet [RTP clock]  */
	uint32_t dur;           /**< Its duration, guessed [RTP clock]     */
	uint64_t t;             /**< When it was sent [us]                 */
	struct tline tl;        /**< Timeline for sender reports           */

	uint32_t sr_packets;    /**< Packets sent with this SSRC           */
	uint32_t sr_octets;     /**< Payload bytes sent with this SSRC     */
	bool active;            /**< Sent since the last report            */

	uint64_t packets;       /**< Packets sent                          */
	uint64_t bytes;         /**< Payload bytes sent                    */
	uint64_t dropped;       /**< Packets that could not be sent        */
	int64_t lost;           /**< Lost, as the remote reports           */
	int64_t lost_prior;     /**< Lost with earlier SSRCs               */
	uint32_t jitter;        /**< As the remote reports [us]            */
	bool reported;          /**< The remote has reported on it         */
};


/** A format that has been used, whatever was negotiated since */
struct audio_seen {
	char name[32];          /**< Of the codec, ""=none                 */
	uint32_t crate;         /**< RTP clock rate [Hz]                   */
	uint8_t ch;             /**< Channels                              */
};


/** One leg's audio: its end as negotiated, and both directions on it */
struct audio_port {
	const struct list *codecl; /**< Known codecs (pointer)             */
	char name[16];          /**< Of the kind of leg, for the log       */
	struct audio_route *from; /**< Route that comes here, or NULL
				     (pointer)                             */
	struct audio_player *player; /**< What is played here, or NULL
				     (pointer)                             */
	struct audio_fmt fmtv[MEDIA_FMT_MAX]; /**< Receivable formats      */
	size_t fmtc;            /**< Number of receivable formats          */
	uint8_t map[128];       /**< Index into fmtv + 1, by payload type  */
	struct audio_fmt txf;   /**< What is sent                          */
	struct {
		uint8_t pt;     /**< Payload type                          */
		uint32_t crate; /**< Clock of durations [Hz], 0=none       */
	} ev;                   /**< telephone-event that is sent          */
	struct {
		uint8_t pt;     /**< Payload type                          */
		uint32_t crate; /**< RTP clock rate [Hz], 0=none           */
	} cn;                   /**< Comfort noise, in both directions     */
	bool inband;            /**< Keys arrive as tones                  */
	uint32_t ptime;         /**< Packet time to send [ms]              */
	uint32_t maxptime;      /**< Largest packet time [ms], 0=unset     */
	char *cname;            /**< Our CNAME (owner)                     */
	media_send_h *rtph;     /**< Sends RTP                             */
	media_send_h *rtcph;    /**< Sends RTCP, or NULL                   */
	media_age_h *ageh;      /**< Tells how old a packet is, or NULL    */
	void *arg;              /**< Handler argument                      */
	bool set;               /**< The end is known                      */
	bool send;              /**< The remote wants to receive           */
	bool recv;              /**< The remote may send                   */

	struct audio_seen rx_seen; /**< Last format received before the
				     latest negotiation                    */
	struct audio_seen tx_seen; /**< The same of what was sent          */

	/* every packet needs what is around here */
	bool open;              /**< What arrives has somewhere to go      */
	struct audio_route *to; /**< Route from here, or NULL (pointer)    */
	struct rxstat rx;       /**< Receive statistics                    */
	const struct audio_fmt *rxf; /**< Last format received, in fmtv    */
	uint16_t rx_seq;        /**< Last packet of audio: its number      */
	uint32_t rx_ts;         /**< Its timestamp [RTP clock]             */
	uint32_t rx_ptime;      /**< Packet time received [ms], 0=unknown  */
	bool rx_active;         /**< Received since the last report        */
	uint64_t rx_last;       /**< Arrival of the last packet [us]       */
	uint64_t packets;       /**< Packets received                      */
	uint64_t bytes;         /**< Payload bytes received                */
	uint64_t dropped;       /**< Not valid, unknown, or not sendable   */
	uint64_t reordered;     /**< Received out of order                 */
	uint64_t duplicates;    /**< Received more than once               */
	uint64_t concealed;     /**< Frames made up for lost ones          */
	uint64_t keys;          /**< Keys pressed                          */

	struct audio_tx tx;     /**< What we send                          */

	uint32_t lsr;           /**< Last SR received, NTP 16.16, 0=none   */
	uint32_t lsr_ssrc;      /**< Its sender                            */
	uint64_t lsr_t;         /**< Its arrival [us]                      */
	uint32_t rtt;           /**< Round-trip time [us], 0=unknown       */
	uint8_t fraction;       /**< Lost, last reported to us [1/256]     */
	bool rtcp_sent;         /**< RTCP was sent: a BYE is due           */

	uint32_t lrr;           /**< Last RRTR received, NTP 16.16, 0=none */
	uint32_t lrr_ssrc;      /**< Its sender                            */
	uint64_t lrr_t;         /**< Its arrival [us]                      */

	/* alive.c */
	bool alive_owed;        /**< Packets may be expected               */
	bool alive_pause;       /**< Its audio pauses: CN or DTX came last */
	uint8_t alive_pt;       /**< Payload type nobody knows             */
	uint64_t alive_rx;      /**< Last sign of life [us]                */
	uint64_t rtcp_due;      /**< Time of the next report [us], 0=none  */
	uint64_t armed;         /**< What tmr waits for [us], 0=nothing    */
	uint64_t alive_tx;      /**< Last RTP packet sent [us]             */
	uint64_t alive_idle;    /**< Keep-alive after so long [us]         */
	uint64_t alive_due;     /**< When to look again [us], 0=never      */

	uint64_t ntp_off;       /**< From media_clock() to Unix time [us]  */
	struct avsync *av;      /**< Lip-sync with its video, or NULL (ref) */
	struct tmr tmr;         /**< Reports, keys, reordering windows     */
	struct gauge gauge;     /**< What is measured now and then         */
	struct rtp_tap tap;     /**< Who listens to what is received       */
	uint64_t tap_deaf;      /**< Until then no tone was heard [us]     */
	uint32_t nego;          /**< Number of the last negotiation        */
	media_key_h *keyh;      /**< Handler of keys                       */
	void *keyarg;           /**< Handler argument                      */
};


/** How a route worked on its last packet */
enum route_mode {
	ROUTE_NONE = 0,
	ROUTE_RELAY,
	ROUTE_XCODE,
};


/** From one port to another */
struct audio_route {
	struct audio_port *in;  /**< Packets come from (pointer)           */
	struct audio_port *out; /**< Packets go to (pointer)               */
	enum route_mode mode;   /**< How the last packet was handled       */
	bool resync;            /**< The timeline must be set anew         */
	uint8_t loss;           /**< Loss reported by the receiver [%]     */

	/* relay.c */
	uint32_t crate;         /**< Clock of the relayed codec [Hz]       */
	uint16_t seq_off;       /**< Added to sequence numbers             */
	uint16_t seq_min;       /**< First sequence number that it fits    */
	uint32_t ts_off;        /**< Added to timestamps [RTP clock]       */
	bool paused;            /**< Packets were held back                */
	bool mark;              /**< The next packet gets a marker         */
	struct tline tl;        /**< The source's timeline                 */

	/* recut.c */
	size_t plen_min;        /**< Shortest payload that is right [bytes] */
	size_t plen_span;       /**< Longest one minus that [bytes]        */
	unsigned recut;         /**< Packets of the right length to wait
				     for, 0=they are forwarded             */
	bool join;              /**< The transcoder goes on from relay.c   */
	uint32_t join_ts;       /**< ... with this timestamp [RTP clock]   */

	/* hear.c */
	struct inband *ib;      /**< Finds keys, if they are tones (owner) */
	uint32_t ib_srate;      /**< Its sampling rate [Hz]                */
	struct hear *ear;       /**< In what is forwarded, or NULL (owner) */

	/* xcode.c */
	struct xcode *xc;       /**< Transcoder, made when needed (owner)  */
	uint64_t due;           /**< When to stop waiting [us], 0=not      */
	uint64_t fill_due;      /**< When to make noise [us], 0=not        */

	/* event.c */
	struct telev_rx evrx;   /**< Key that is pressed                   */
	struct telev_tx evtx;   /**< Keys that are sent                    */
	uint32_t ev_crate;      /**< Clock of evrx [Hz]                    */
	uint32_t ev_ts;         /**< Timestamp of the key sent [RTP clock] */
	bool live;              /**< The key that is pressed is being sent */
	uint64_t ev_now;        /**< Time of what happens now [us]         */
	uint64_t ev_due;        /**< When there is something to do, 0=not  */
};


/* port.c */
void audio_port_arm(struct audio_port *port, uint64_t now);
void audio_port_poll(struct audio_port *port, uint64_t now);
void audio_port_report(struct audio_port *port, uint64_t now);


/* ends.c */
void audio_fmt_reset(struct audio_fmt *fmt);
void route_setup(struct audio_route *rt);
void route_none(struct audio_port *in);
int  route_skip_rx(struct audio_route *rt, const struct audio_fmt *fmt,
		   const struct rtp_pkt *rp, enum rxstat_res res,
		   uint64_t now);


/* relay.c */
int  relay_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	      const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now);
bool relay_follows(struct audio_route *rt, const struct audio_fmt *fmt,
		   const struct rtp_pkt *rp, enum rxstat_res res,
		   uint64_t now);
void relay_join(struct audio_route *rt, const struct audio_fmt *fmt,
		const struct rtp_pkt *rp, uint32_t ts, uint64_t now);
void relay_skip(struct audio_route *rt, enum rxstat_res res);
void relay_shift(struct audio_route *rt, int n);


/* recut.c */
bool recut_setup(struct audio_route *rt, const struct audio_fmt *fmt);
int  recut_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	      const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now);


/* gauge.c */
void gauge_close(struct gauge *g);
void gauge_stop(struct audio_port *port);
void gauge_samples(struct gauge *g, const int16_t *sampv, size_t sampc);
int  gauge_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	      const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now);


/* tap.c */
void tap_enter(const struct audio_port *port, struct audio_fmt *fmt,
	       route_h *h);
void tap_key(const struct audio_port *port, uint32_t ms);
void tap_cover(struct audio_port *port, bool covers);
int  tap_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	    const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now);


/* portstat.c */
unsigned audio_port_mos(const struct audio_port *port, double loss);
unsigned audio_port_tx_mos(const struct audio_port *port, double loss);


/* hear.c */
int  hear_tones(struct audio_route *rt, uint32_t srate);
bool hear_can(const struct audio_fmt *fmt);
int  hear_prepare(struct audio_route *rt, const struct audio_fmt *fmt);
bool hear_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	     const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now);
void hear_timeout(struct audio_route *rt, uint64_t now);
void hear_silence(const struct hear *ear, uint8_t *buf, size_t len);


/* pause.c */
int  cn_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	   const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now);
void pause_fill(struct audio_route *rt, uint64_t now);


/* event.c */
int  event_put(struct audio_route *rt, const struct telev *te, uint32_t crate,
	       uint32_t ts, bool marker, uint64_t now);
void event_break(struct audio_route *rt, uint64_t now);
int  event_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	      const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now);
void event_poll(struct audio_route *rt, uint64_t now);
void event_setup(struct audio_route *rt);


/* xcode.c, reorder_window.c */
bool xcode_possible(const struct audio_fmt *in, const struct audio_fmt *out);
int  xcode_prepare(struct audio_route *rt, const struct audio_fmt *fmt);
void xcode_keep(struct audio_route *rt);
int  xcode_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	      const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now);
void xcode_skip(struct audio_route *rt, const struct rtp_pkt *rp,
		enum rxstat_res res, uint64_t now);
void xcode_cn(struct audio_route *rt, const struct rtp_pkt *rp,
	      enum rxstat_res res, uint64_t now);
void xcode_timeout(struct audio_route *rt, uint64_t now);
void xcode_loss(struct audio_route *rt, unsigned pct);
uint32_t xcode_ptime(const struct audio_port *out);
const struct tline *xcode_tline(const struct audio_route *rt);
uint32_t xcode_ts(const struct audio_route *rt, uint32_t ts);


/* player.c */
bool audio_player_covers(const struct audio_player *pl);
void audio_player_setup(struct audio_player *pl);
void audio_player_poll(struct audio_player *pl, uint64_t now);
void audio_player_detach(struct audio_player *pl);
int  cover_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	      const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now);


/* alive.c */
void alive_setup(struct audio_port *port, uint32_t idle, uint64_t now);
void alive_heard(struct audio_port *port, const struct audio_fmt *fmt,
		 const struct rtp_pkt *rp);
void alive_poll(struct audio_port *port, uint64_t now);


/* tx.c */
void tx_set_ssrc(struct audio_tx *tx, uint32_t ssrc);
uint16_t tx_next_seq(const struct audio_tx *tx);
uint32_t tx_next_ts(const struct audio_tx *tx, uint32_t crate, uint64_t now);
uint32_t tx_ptime(const struct audio_tx *tx);
void tx_rtp(struct audio_port *port, uint8_t pt, bool marker, uint16_t seq,
	    uint32_t ts, uint8_t *buf, size_t plen, uint64_t now);
void tx_other(struct audio_port *port, uint8_t pt, bool marker, uint32_t ts,
	      uint8_t *buf, size_t plen, uint64_t now);


/* report.c */
void report_rx(struct audio_port *port, const uint8_t *pkt, size_t len,
	       uint64_t now);
bool report_pending(const struct audio_port *port);
void report_send(struct audio_port *port, bool bye, uint64_t now);
