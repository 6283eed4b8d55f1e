/**
 * @file audio/audio.h  Audio between the legs of a call
 *
 *             audio_port_rtp()                      b's rtph
 *   leg A --> port a ----------> route a->b --------> port b --> leg B
 *             a's rtph                       audio_port_rtp()
 *   leg A <-- port a <---------- route b->a <-------- port b <-- leg B
 *
 * A port is one leg's audio: what was negotiated on it, what is received and
 * the one stream that is sent there. It belongs to the leg, is told its end by
 * it, and outlives whatever it is wired to; it does not know SIP or WebRTC. A
 * route runs from one port to another and belongs to the call. The handler of
 * each format is chosen once, when an end is set or a route is made, from an
 * in x out table: forwarding when both ends share the codec, else
 * decode-encode-send in the moment the packet arrives. RTCP is terminated on
 * each port.
 */

enum {
	MEDIA_FMT_MAX  = 16,    /**< Receivable formats of one end         */
	MEDIA_PKT_MAX  = 1500,  /**< Largest packet made here [bytes]      */
	MEDIA_TAILROOM = 160,   /**< Room behind a sent packet [bytes]     */
};

#include "rtp/tap.h"

struct acodec;
struct acodec_enc;
struct acodec_dec;

/** Encoder parameters */
struct acodec_param {
	uint32_t srate;         /**< Sampling rate of the samples [Hz]     */
	uint32_t ptime;         /**< Packet time [ms]                      */
	const char *fmtp;       /**< Remote's format parameters, or NULL   */
};

/**
 * An audio codec as media sees it: mono, signed 16-bit samples. The SIP room
 * wraps baresip's aucodec modules into this; Opus and G.711 are built in.
 */
struct acodec {
	struct le le;           /**< Member of a codec list                */
	const char *name;       /**< Encoding name, e.g. "PCMU"            */
	uint32_t crate;         /**< RTP clock rate [Hz]                   */
	uint8_t ch;             /**< Channels in SDP                       */
	uint32_t srate;         /**< Native sampling rate [Hz]; 0=any of
				     8000, 16000, 24000, 48000 (Opus)      */
	void *arg;              /**< For the implementation                */

	int (*enc_alloc)(struct acodec_enc **encp, const struct acodec *ac,
			 const struct acodec_param *prm);
	/** Encode one packet. *len: room, then bytes; 0=none to send (DTX) */
	int (*encode)(struct acodec_enc *enc, uint8_t *buf, size_t *len,
		      const int16_t *sampv, size_t sampc);
	int (*dec_alloc)(struct acodec_dec **decp, const struct acodec *ac,
			 const struct acodec_param *prm);
	/** Decode one packet. *sampc: room (200 ms at least), then samples.
	    Must fail, not write beyond, when a packet holds more */
	int (*decode)(struct acodec_dec *dec, int16_t *sampv, size_t *sampc,
		      const uint8_t *buf, size_t len);
	/** Conceal one lost packet: *sampc samples are wanted, fewer may be
	    made. next/nlen: the packet after the gap, for in-band FEC, or
	    NULL. Optional: media repeats the pitch otherwise */
	int (*plc)(struct acodec_dec *dec, int16_t *sampv, size_t *sampc,
		   const uint8_t *next, size_t nlen);
	/** Longest packet time [ms] up to ptime that can be encoded.
	    Optional: any multiple of 10 ms otherwise */
	uint32_t (*enc_ptime)(uint32_t ptime);
	/** How much of this packet's end says that the remote pauses (DTX)
	    [ms]: 0=none, UINT32_MAX=all of it. While it does plc() makes its
	    noise. Optional: no comfort noise of its own otherwise */
	uint32_t (*silent)(const uint8_t *buf, size_t len);
	/** The remote reports this loss [%] of what is encoded. Optional */
	void (*enc_loss)(struct acodec_enc *enc, unsigned pct);
};

void media_codec_register(struct list *codecl, struct acodec *ac);
const struct acodec *media_codec_find(const struct list *codecl,
				      const char *name, uint32_t crate,
				      uint8_t ch);
struct acodec *media_codec_opus(void);
void media_opus_complexity(struct acodec *ac, uint32_t complexity);
struct acodec *media_codec_pcmu(void);
struct acodec *media_codec_pcma(void);

/** One payload format of an end */
struct media_fmt {
	uint8_t pt;             /**< Payload type                          */
	char name[32];          /**< Encoding name                         */
	uint32_t crate;         /**< RTP clock rate [Hz]                   */
	uint8_t ch;             /**< Channels in SDP                       */
	char fmtp[256];         /**< Remote's format parameters            */
};

/**
 * Send one packet on a leg
 *
 * @param pkt  Packet; may be changed in place
 * @param len  Length of the packet [bytes]
 * @param size Room at pkt, at least len + MEDIA_TAILROOM [bytes]
 *
 * @return 0 if success, otherwise errorcode (the packet is counted lost)
 */
typedef int (media_send_h)(uint8_t *pkt, size_t len, size_t size, void *arg);

/**
 * Tell how old the packet is that is being handled
 *
 * @return Since the kernel got it, at least 1 [us]; 0=unknown
 */
typedef uint32_t (media_age_h)(void *arg);

/** One end of the audio, as negotiated on a leg */
struct media_end {
	struct media_fmt rxv[MEDIA_FMT_MAX]; /**< What may arrive          */
	size_t rxc;             /**< Number of receivable formats          */
	struct media_fmt tx;    /**< What is sent                          */
	struct media_fmt ev;    /**< telephone-event sent, no name=none    */
	bool inband;            /**< Keys arrive as tones in the audio     */
	uint32_t ptime;         /**< Packet time to send [ms]; 0=20        */
	uint32_t maxptime;      /**< Largest packet time [ms]; 0=unset     */
	uint32_t ssrc;          /**< Our SSRC on this leg                  */
	char cname[128];        /**< Our CNAME on this leg                 */
	bool send;              /**< The remote wants to receive           */
	bool recv;              /**< The remote may send                   */
	bool rtcp_rsize;        /**< RFC 5506 agreed                       */
	uint32_t keepalive;     /**< After so long silence [ms], 0=never   */
	media_send_h *rtph;     /**< Sends RTP                             */
	media_send_h *rtcph;    /**< Sends RTCP, NULL=none                 */
	media_age_h *ageh;      /**< NULL=a packet is as old as it is here */
	void *arg;              /**< Handler argument                      */
};

/** One direction on one port */
struct media_dirstat {
	uint64_t packets;       /**< RTP packets                           */
	uint64_t bytes;         /**< RTP payload bytes                     */
	int64_t lost;           /**< Packets lost (tx: as reported to us)  */
	uint32_t jitter;        /**< Interarrival jitter [us]              */
	uint32_t jitter_avg;    /**< Of all seconds, or reports [us]       */
	uint32_t jitter_max;    /**< Of the worst one [us]                 */
	uint64_t dropped;       /**< Not valid, unknown, or not sendable   */
	unsigned mos;           /**< Estimate (G.107), times 100; 0=unknown */
	unsigned mos_avg;       /**< ... of all seconds, or reports        */
	unsigned mos_min;       /**< ... of the worst one                  */
	unsigned mos_now;       /**< ... of the latest one                 */
	bool unreported;        /**< tx: lost and jitter are not known     */
};

/** Statistics of one port */
struct media_stats {
	struct media_dirstat rx;/**< From the remote to us                 */
	struct media_dirstat tx;/**< From us to the remote                 */
	uint64_t concealed;     /**< Frames made up for lost ones          */
	uint64_t reordered;     /**< Packets put back in order             */
	uint64_t duplicates;    /**< Packets dropped as duplicates         */
	uint32_t rtt;           /**< Round-trip time [us], 0=unknown       */
	uint32_t rtt_avg;       /**< Of all reports [us]                   */
	uint32_t rtt_max;       /**< Of the worst one [us]                 */
	int16_t level;          /**< Of what comes [1/10 dBov], 0=unknown  */
	int16_t level_max;      /**< Its loudest packet, 0=unknown         */
	int16_t level_now;      /**< ... when measured last, 0=unknown     */
	uint32_t latency_p50;   /**< From here to the other leg [us],
				     0=unknown                             */
	uint32_t latency_p99;   /**< The same                              */
	uint64_t rx_first;      /**< mono_ms() of the first audio, 0=none  */
	uint64_t rx_last;       /**< mono_ms() of the last packet      */
	char rx_codec[48];      /**< e.g. "PCMU/8000"                      */
	char tx_codec[48];      /**< e.g. "opus/48000/2"                   */
	uint64_t keys;          /**< Keys pressed by the remote            */
	bool relayed;           /**< What we send here is forwarded as is  */
	bool played;            /**< What we send here is a sound, or none */
};

/** What has come on a port since it was looked at last */
struct audio_look {
	bool owed;              /**< Something is to come, and to be heard */
	bool came;              /**< Packets came                          */
	bool paused;            /**< The last one said that it pauses      */
	bool opaque;            /**< Its level cannot be known             */
	int16_t level;          /**< Of the loudest packet that was
				     measured [1/10 dBov], 0=none was      */
};

/**
 * A key goes down on a leg, or is up again
 *
 * @param key  Key: 0-9, *, #, A-D. It may be part of a PIN: do not log it
 * @param down True if it goes down; each one goes up later
 * @param ms   How long it was down [ms]; 0 when it goes down
 * @param sent True if it is sent on the other leg as telephone-event; false
 *             when it goes down, where that is not known
 */
typedef void (media_key_h)(char key, bool down, uint32_t ms, bool sent,
			   void *arg);

struct audio_port;
struct audio_route;
struct avsync;
struct warm;

/* port.c, ends.c */
int  audio_port_alloc(struct audio_port **portp, const char *name,
		      const struct list *codecl);
int  audio_port_set(struct audio_port *port, const struct media_end *end);
void audio_port_rtp(struct audio_port *port, const uint8_t *pkt, size_t len);
void audio_port_rtcp(struct audio_port *port, const uint8_t *pkt,
		     size_t len);
int  audio_port_send_key(struct audio_port *port, char key, uint32_t ms);
void audio_port_set_key_handler(struct audio_port *port, media_key_h *keyh,
				void *arg);
void audio_port_set_sync(struct audio_port *port, struct avsync *av);
void audio_port_close(struct audio_port *port);
uint64_t audio_port_silence(const struct audio_port *port);

/* audio.c */
int  audio_route_alloc(struct audio_route **rtp, struct audio_port *in,
		       struct audio_port *out);

/** How something is played */
enum player_flags {
	PLAYER_LOOP = 1<<0,     /**< Again and again                       */
	PLAYER_WAY  = 1<<1,     /**< Only while nothing else comes to be
				     heard there                           */
};

struct audio_player;
struct sound;

/** What was to be played has been; once */
typedef void (audio_player_h)(void *arg);

/* player.c */
int  audio_player_alloc(struct audio_player **plp, struct audio_port *port,
			struct sound *s, unsigned flags, audio_player_h *endh,
			void *arg);
bool audio_player_runs(const struct audio_player *pl);
uint64_t audio_player_ms(const struct audio_player *pl);
void audio_player_seek(struct audio_player *pl, uint64_t ms);

/* tap.c */
void audio_port_set_tap(struct audio_port *port, rtp_tap_h *h,
			rtp_tap_key_h *keyh, void *arg);

/* gauge.c */
void audio_port_look(struct audio_port *port, struct audio_look *l);

/* portstat.c */
void audio_port_stats(const struct audio_port *port, struct media_stats *st);
void audio_port_warm(const struct audio_port *port, struct warm *w);
