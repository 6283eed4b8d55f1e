/**
 * @file tests/bench/bench.h  A load of calls through a bridge, measured
 *
 *   loadgen.c     options, the course of a run, the JSON line
 *   ours.c        calls through the bridge: SIP here, cloud and peer there
 *   rtpengine.c   calls through rtpengine: its ng protocol and a peer
 *   limit.c       calls through a bare loop, in a process of its own
 *      |
 *   flow.c        packets: when they are sent, what comes out, and when
 *   rtpsock.c     the phones' RTP: one socket for all calls
 *   content.c     what is sent: made-up speech, as PCMU and as Opus
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
	SILENCE    = 50,        /**< Packets of silence at the start       */
	WARMUP     = 100,       /**< Packets before the measurement        */
	RING       = 128,       /**< Packets whose sending time is kept    */
	APP_PT     = 111,       /**< Opus' payload type                    */
};

/** What is measured */
enum mode {
	MODE_RELAY_PCMU = 0,
	MODE_RELAY_OPUS,
	MODE_XCODE,             /**< Phone speaks PCMU, app Opus           */
};

/** Direction of a flow */
enum way {
	TO_APP = 0,
	TO_SIP,
	WAYS
};

struct call;

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

/** A call through the bridge */
struct call {
	unsigned idx;
	struct flow flowv[WAYS];
	struct sa sip;          /**< Where the phone's RTP goes            */
	bool sip_ok;            /**< The SIP side is up                    */
	bool app_ok;            /**< The app side is up                    */
	uint8_t app_pt;         /**< Opus' payload type at the app         */
	struct peer *peer;      /**< The app; owner as the set-up has it   */
	struct app_raw *raw;    /**< Or a bare SRTP socket                 */
	void *setup;            /**< The set-up's                          */
};

/** A run */
struct bench {
	enum mode mode;
	unsigned n;             /**< Calls                                 */
	unsigned secs;          /**< Length of the measurement [s]         */
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
	const char *ng;         /**< rtpengine: address of its ng port     */
};
extern struct options options;

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
extern const uint32_t *flow_latv;
extern size_t flow_latc;
int  flow_latency_sort(void);
double flow_percentile(double p);

/* rtpsock.c */
int  rtpsock_open(void);
void rtpsock_close(void);
uint16_t rtpsock_port(void);
void rtpsock_learn(struct call *call);
void rtpsock_send(struct call *call, const uint8_t *pkt, size_t len);
ssize_t rx_stamped(int fd, void *buf, size_t len, struct sockaddr *src,
		   socklen_t *srclen, uint64_t *t);
int  rtpsock_stamp(int fd);

/* app.c */
struct peer_media_prm;
extern uint64_t *app_sent;
void app_send(struct call *call, uint8_t *pkt, size_t len, uint64_t *t);
struct peer_media_prm app_prm(void);
void app_learn(struct call *call);
void app_peer_rtp(struct call *call, uint8_t *pkt, size_t len);
int  app_raw_alloc(struct call *call);
void app_raw_close(struct call *call);
uint16_t app_raw_port(const struct call *call);
void app_raw_dst(struct call *call, uint16_t port);
struct srtpx;
int  app_raw_srtp(struct srtpx **sp, bool app);

/* content.c */
int  content_init(void);
const uint8_t *content_get(bool opus, uint32_t idx, size_t *len);
double content_level(const int16_t *sampv, size_t sampc);

/* proc.c */
double proc_cpu(pid_t pid);
double proc_pss(pid_t pid);
double proc_private(pid_t pid);
int  proc_pin(pid_t pid, const char *cpu);
