/**
 * @file tests/bench/bench.h  A load of calls through a bridge, measured
 *
 *   loadgen.c     options, the course of a run, the JSON line
 *   ours.c        calls through the bridge: SIP here, cloud and peer there
 *   rtpengine.c   calls through rtpengine: its ng protocol and a peer
 *   limit.c       calls through a bare loop, in a process of its own
 *   driven.c      calls through the bridge as a test wants them, not measured
 *      |
 *   sdp.c         what a phone offers
 *      |
 *   flow.c        audio packets: what is sent, what comes out, and when
 *   vflow.c       the same for video
 *   vapprtcp.c    what an app says about it
 *   sched.c       when they are sent
 *   lat.c         how long they took
 *   rtpsock.c     the phones' RTP: one socket for all calls
 *   content.c     made-up speech, as PCMU and as Opus
 *   vcontent.c    packets of a camera's size, for forwarding
 *   vencode.c     a moving picture, as H.264 and VP8, for transcoding
 *   proc.c        what the process under test costs: CPU and memory
 *
 * One direction of one call is a flow. The time of a packet is taken right
 * before the system call that sends it, and by the kernel when it comes back
 * (SO_TIMESTAMPNS), so that what this process itself does is left out.
 */

enum {
	PTIME      = 20,        /**< Packet time [ms]                      */
	CALL_MAX   = 1000,      /**< Most calls                            */
	PKT_ROOM   = 1600,      /**< Room of a packet buffer [bytes]       */
	FPS        = 30,        /**< Frames of video in a second           */
	SILENCE    = 50,        /**< Packets of silence at the start       */
	WARMUP     = 100,       /**< Packets before the measurement        */
	RING       = 128,       /**< Packets whose sending time is kept    */
	APP_PT     = 111,       /**< Opus' payload type                    */
	SIP_VPT    = 99,        /**< Video at the phone                    */
	APP_VPT    = 102,       /**< Video at the app, as it would have it */
};

/** The media of a call; the values are peer_kind's */
enum {
	AUDIO = 0,
	VIDEO,
	KINDS
};

/** What is measured */
enum mode {
	MODE_RELAY_PCMU = 0,
	MODE_RELAY_OPUS,
	MODE_XCODE,             /**< Phone speaks PCMU, app Opus           */
	MODE_VIDEO,             /**< H.264, and PCMU                       */
	MODE_VIDEO_XCODE,       /**< Phone has H.264, app VP8; and PCMU    */
};

/** Direction of a flow */
enum way {
	TO_APP = 0,
	TO_SIP,
	WAYS
};

struct call;

/** How long packets took; all zero is the initial state */
struct lat {
	uint32_t *v;            /**< [ns]                                  */
	size_t c, sz;
};

/** What came of all flows of a kind */
struct result {
	uint64_t sent, got;
	unsigned deaf;          /**< Flows of which nothing came           */
	const struct lat *lat;  /**< Sorted                                */
};

/** Sends what a flow has to send now */
typedef void (sched_send_h)(void *flow);

struct sched_slot {
	uint32_t off;           /**< Within the period [ns]                */
	void *flow;
};

/** Sends for all flows, each once in a period */
struct sched {
	int fd;                 /**< timerfd                               */
	struct sched_slot *slotv;
	size_t slotc, pos;
	uint64_t period;        /**< [ns]                                  */
	uint64_t t0;            /**< Start of the first period [ns]        */
	uint32_t round;         /**< Periods that are over                 */
	uint32_t rnd;
	sched_send_h *sendh;
};

/** One direction of a call */
struct flow {
	struct call *call;
	enum way way;
	bool opus_in;           /**< We send Opus, else PCMU               */
	bool opus_out;          /**< We get Opus, else PCMU                */
	uint32_t ssrc;
	uint32_t next;          /**< Index of the next packet sent         */
	uint64_t tsentv[RING];  /**< When they were sent [ns]              */

	bool mapped;            /**< base is known                         */
	bool on;                /**< Something came                        */
	uint32_t ts0;           /**< First timestamp that came             */
	int64_t base;           /**< Index of the packet with that one     */
	struct OpusDecoder *od; /**< While it looks for the start          */

	uint64_t rx;            /**< All that came                         */
	uint32_t sentc;         /**< Sent in the measurement               */
	uint32_t gotc;          /**< Of those, come back                   */
};

struct app_raw;
struct peer;

/** What must be known of the app's video */
struct app_video {
	uint8_t pt;             /**< Payload type                          */
	uint32_t ssrc;          /**< Its own, 0=none was stated            */
	uint8_t abs_id, twcc_id; /**< Header extensions, 0=none            */
	uint16_t twcc_seq;      /**< Next transport-wide number            */
};

/** A call through the bridge */
struct call {
	unsigned idx;
	struct flow flowv[WAYS];
	struct sa sipv[KINDS];  /**< Where the phone's RTP goes            */
	bool sip_ok;            /**< The SIP side is up                    */
	bool app_ok;            /**< The app side is up                    */
	uint8_t app_pt;         /**< Opus' payload type at the app         */
	struct app_video appv;
	struct peer *peerv[KINDS]; /**< The app; owner as the set-up has it */
	struct app_raw *raw;    /**< Or a bare SRTP socket                 */
	void *setup;            /**< The set-up's                          */
};

/** A run */
struct bench {
	enum mode mode;
	unsigned n;             /**< Calls                                 */
	unsigned secs;          /**< Length of the measurement [s]         */
	bool cm;                /**< SRTP is AES-CM with HMAC-SHA1, else
				     AES-128-GCM                           */
	bool from_app;          /**< The app calls, else the phone         */
	const char *cpu;        /**< Core of the process under test        */
	pid_t pid;              /**< Process under test                    */
	struct call callv[CALL_MAX];
	unsigned fails;         /**< Calls that could not be made          */
};

extern struct bench bench;

/** Starts the calls; each becomes sip_ok and app_ok, or counts as failed */
typedef int  (setup_start_h)(void);
typedef void (setup_stop_h)(void);

struct setup {
	const char *name;
	setup_start_h *start;   /**< Once, first                           */
	int (*call)(struct call *call); /**< Make one call                 */
	int (*hangup)(struct call *call);
	setup_stop_h *stop;     /**< Once, last                            */
	unsigned parallel;      /**< Calls being made at once              */
};

extern const struct setup setup_ours;
extern const struct setup setup_rtpengine;
extern const struct setup setup_limit;

/* options of the set-ups, from the command line */
struct options {
	const char *sip;        /**< ours: an extension of the bridge      */
	const char *sip2;       /**< ours: another, for every other call   */
	const char *api_url, *chat_url, *chat_domain, *app_id, *auth_key;
	const char *ca_file, *login, *password;
	const char *login2, *password2; /**< Whom sip2 calls               */
	const char *sip_port;   /**< ours: where the bridge calls the phone */
	const char *ext, *ext2; /**< ours: whom the app calls              */
	const char *ng;         /**< rtpengine: address of its ng port     */
};
extern struct options options;

/* ours.c, for driven.c */
bool ours_online(void);
const char *ours_call_id(const struct call *call);
void ours_forget(struct call *call);

/* driven.c */
void driven_run(const struct setup *setup);

/* loadgen.c */
bool bench_video(void);
unsigned bench_kinds(void);

/* lat.c */
int  lat_alloc(struct lat *lat, size_t max_n);
void lat_add(struct lat *lat, uint64_t sent, uint64_t came);
void lat_sort(struct lat *lat);
double lat_percentile(const struct lat *lat, double p);

/* sched.c */
int  sched_alloc(struct sched *s, size_t n, uint64_t period,
		 sched_send_h *sendh);
void sched_add(struct sched *s, void *flow);
int  sched_start(struct sched *s);
void sched_stop(struct sched *s);

/* sdp.c */
int  sdp_offer(struct mbuf *mb, bool audio, bool video);
bool sdp_answer(struct call *call, const char *sdp, size_t len);

/* flow.c */
uint64_t now_ns(void);
int  flow_start(void);
void flow_stop(void);
bool flow_measuring(void);
bool flow_done(void);
void flow_sip_rx(struct call *call, const uint8_t *pkt, size_t len,
		 uint64_t t);
void flow_app_rx(struct call *call, const uint8_t *pkt, size_t len,
		 uint64_t t);
void flow_result(struct result *r);

/* vflow.c */
int  vflow_init(void);
int  vflow_start(void);
void vflow_stop(void);
void vflow_sip_rx(struct call *call, const uint8_t *pkt, size_t len,
		  uint64_t t);
void vflow_app_rx(struct call *call, const uint8_t *pkt, size_t len,
		  uint64_t t);
void vflow_rtcp(struct call *call, enum way way, const uint8_t *pkt,
		size_t len);
void vflow_result(struct result *r);

/* vapprtcp.c */
struct rtp_pkt;
void vapprtcp_start(void);
void vapprtcp_stop(void);
void vapprtcp_rx(struct call *call, const struct rtp_pkt *rp, uint64_t t);

/* rtpsock.c */
int  rtpsock_open(void);
void rtpsock_close(void);
uint16_t rtpsock_port(unsigned kind);
void rtpsock_learn(struct call *call, unsigned kind);
void rtpsock_send(struct call *call, unsigned kind, const uint8_t *pkt,
		  size_t len);
ssize_t rx_stamped(int fd, void *buf, size_t len, struct sockaddr *src,
		   socklen_t *srclen, uint64_t *t);
int  rtpsock_stamp(int fd);

/* app.c */
struct peer_media_prm;
extern uint64_t *app_sent;
void app_send(struct call *call, unsigned kind, uint8_t *pkt, size_t len,
	      uint64_t *t);
struct peer_media_prm app_prm(void);
const struct peer_media_prm *app_vprm(void);
void app_learn(struct call *call, unsigned kind, struct peer *peer);
void app_peer_rtp(struct call *call, unsigned kind, uint8_t *pkt, size_t len);
int  app_raw_alloc(struct call *call);
void app_raw_close(struct call *call);
uint16_t app_raw_port(const struct call *call);
void app_raw_dst(struct call *call, uint16_t port);
struct srtpx;
int  app_raw_srtp(struct srtpx **sp, bool app);
const char *app_srtp_name(void);

/* content.c */
int  content_init(void);
const uint8_t *content_get(bool opus, uint32_t idx, size_t *len);
double content_level(const int16_t *sampv, size_t sampc);

/** A packet of a video stream, without its header */
struct vpkt {
	uint8_t *buf;
	size_t len;
	bool tagged;            /**< Its tail may be written over          */
};

/** A frame */
struct vframe {
	struct vpkt *pktv;
	size_t pktc;
};

/** A stream that may be sent over and over: it begins with a keyframe */
struct vstream {
	struct vframe *framev;
	size_t framec;
};

struct vpkt *vstream_add(struct vframe *frame, const uint8_t *buf,
			 size_t len);

/* vcontent.c */
int  vcontent_camera(struct vstream *st);

/* vencode.c */
int  vencode(struct vstream *st, bool h264);

/* proc.c */
double proc_cpu(pid_t pid);
double proc_pss(pid_t pid);
double proc_private(pid_t pid);
int  proc_pin(pid_t pid, const char *cpu);
