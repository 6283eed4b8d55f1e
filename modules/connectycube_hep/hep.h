/**
 * @file connectycube_hep/hep.h  HEP 3: what happens, told to Homer
 *
 *   SIP, RTCP, records --+                        (base/wire.h)
 *   events --------------+--> hepcalls.c --> hepenc.c --> hepsend.c --> UDP
 *                        |    of which call?              (thread)
 *                        `--> hepjson.c
 *
 * Each packet has the time and the addresses of what it tells, and, as
 * correlation id, the session of its call in the cloud. What comes before its
 * call is known waits a little. Nothing waits for Homer: what cannot be sent is
 * lost, counted, and said once.
 *
 * host/ is what needs baresip; all else is linked into the unit tests.
 */

struct wire;
struct event;
struct event_dir;
struct cfg_key;

enum {
	HEP_PORT = 9060,        /**< Homer's, by UDP                       */
	HEP_MAX  = 65507,       /**< Longest packet: what UDP takes [bytes] */
};

/** What a packet has in it */
enum hep_type {
	HEP_SIP    = 1,         /**< A message                             */
	HEP_RTCP   = 5,         /**< Reports, JSON                         */
	HEP_REPORT = 34,        /**< How one direction of audio was, JSON  */
	HEP_LOG    = 100,       /**< A record, JSON                        */
};

/** Which SIP messages are told */
enum hep_sip {
	HEP_SIP_CALLS = 0,      /**< Of calls                              */
	HEP_SIP_ALL,            /**< Of registrations and the like, too    */
	HEP_SIP_NONE,
};

/** Configuration, of the keys connectycube_hep_* */
struct hep_config {
	char *server;           /**< HOST, HOST:PORT, [ADDRESS]:PORT       */
	uint32_t id;            /**< Of us, as capture agent               */
	char *name;             /**< The same, a name                      */
	char *key;              /**< Password, NULL=none                   */
	int sip;                /**< enum hep_sip                          */
	bool texts;             /**< Bodies of SIP MESSAGE are told        */
	bool rtcp;              /**< Reports are told                      */
	bool report;            /**< How audio was is told                 */
	bool record;            /**< Records are told                      */
	uint32_t queue;         /**< What may wait [KiB]                   */
};

/** A packet to be made */
struct hep_pkt {
	struct le le;           /**< Of those that wait for their call     */
	enum hep_type type;     /**< What is in it                         */
	uint8_t proto;          /**< IPPROTO_UDP, IPPROTO_TCP              */
	struct sa src;          /**< From where, not set=unknown           */
	struct sa dst;          /**< To where, the same                    */
	uint64_t time;          /**< When, since 1970 [us]                 */
	uint64_t until;         /**< Waits no longer [ms], monotonic       */
	char id[256];           /**< Call-ID, or session, ""=of no call    */
	struct mbuf *mb;        /**< Payload, from its first byte (owner)  */
};

/* hepconfig.c */
int  hep_config_read(struct hep_config **cfgp, const char *profile);
const struct cfg_key *hep_config_key(size_t n);

/* hepenc.c */
struct hep_pkt *hep_pkt_alloc(enum hep_type type, const struct sa *src,
			      const struct sa *dst, size_t size);
int  hep_encode(struct mbuf *mb, const struct hep_pkt *pkt,
		const struct hep_config *cfg, const char *session);

/* hepsip.c */
int  hep_sip_pkt(struct hep_pkt **pktp, const struct wire *w,
		 const struct hep_config *cfg, bool *wantedp);

/* hepjson.c */

/** One direction of audio, and between whom it was */
struct hep_report {
	const struct event_dir *dir;
	const char *session;    /**< Correlation id                        */
	const char *callid;     /**< SIP's Call-ID, or the session         */
	struct sa src;          /**< RTP's source                          */
	struct sa dst;          /**< RTP's destination                     */
	bool app;               /**< It is the app's, otherwise the phone's */
	bool tx;                /**< To that party, as it reports          */
	uint64_t time;          /**< When that was known, since 1970 [ms]  */
};

int  hep_rtcp_json(struct mbuf *mb, const uint8_t *pkt, size_t len);
int  hep_report_json(struct mbuf *mb, const struct hep_report *rep);

/* hepcalls.c */
struct hep_calls;

/**
 * A packet's call is known, or will not be
 *
 * @param pkt     Packet
 * @param session Session of its call, ""=none is known
 * @param arg     Handler argument
 */
typedef void (hep_calls_h)(const struct hep_pkt *pkt, const char *session,
			   void *arg);

int  hep_calls_alloc(struct hep_calls **hcp, hep_calls_h *h, void *arg);
void hep_calls_event(struct hep_calls *hc, const struct event *ev);
void hep_calls_addrs(struct hep_calls *hc, const char *id,
		     const struct sa *local, const struct sa *remote);
void hep_calls_put(struct hep_calls *hc, struct hep_pkt *pkt, bool wanted);
const char *hep_calls_party(const struct hep_calls *hc, const struct event *ev,
			    bool phone, struct sa *local, struct sa *remote);
size_t hep_calls_waiting(const struct hep_calls *hc);

/* hepsend.c */
struct hep_send;

int  hep_send_alloc(struct hep_send **hsp, const char *host, uint16_t port,
		    size_t max);
void hep_send(struct hep_send *hs, struct mbuf *mb);
int  hep_send_print(struct re_printf *pf, const struct hep_send *hs);
void hep_send_close(struct hep_send *hs);

/* host/hep.c */
int  hep_start(const struct hep_config *cfg, char *why, size_t size);
void hep_stop(void);
