/**
 * @file sip/pure/stimer.h  Session timers (RFC 4028; pure)
 */

enum {
	STIMER_MIN   = 90,      /**< Shortest one by the RFC [s]           */
	STIMER_FLOOR = 4,       /**< No peer makes us refresh more often than
				     twice in this [s]                     */
	STIMER_MAX   = 86400*7, /**< Longer is never [s]                   */
};

/** Who refreshes, as seen from a request: who sends it, or who answers */
enum stimer_by {
	STIMER_NOBODY = 0,      /**< It does not say                       */
	STIMER_UAC,
	STIMER_UAS,
};

/** What this end wants */
struct stimer_cfg {
	bool on;                /**< Sessions may have one                 */
	uint32_t expires;       /**< What we ask for [s]                   */
	uint32_t min;           /**< We accept no less [s]                 */
};

/** What a message says of it */
struct stimer_hdr {
	bool supported;         /**< Supported or Require: timer           */
	uint32_t sec;           /**< Session-Expires [s], 0=not there      */
	enum stimer_by by;      /**< Its refresher                         */
	uint32_t min;           /**< Min-SE [s], 0=not there               */
};

/** What a request is answered */
struct stimer_answer {
	bool brief;             /**< 422, with Min-SE                      */
	uint32_t sec;           /**< Session-Expires [s], 0=no timer       */
	enum stimer_by by;      /**< Refresher, seen from the request      */
};

/** What is to be done */
enum stimer_what {
	STIMER_NOTHING = 0,     /**< Wait                                  */
	STIMER_REFRESH,         /**< A refresh is to be sent, once         */
	STIMER_EXPIRED,         /**< The session is over: BYE              */
};

/** The timer of one session; all zero is none */
struct stimer {
	uint32_t sec;           /**< Session interval [s], 0=no timer      */
	bool us;                /**< We refresh                            */
	bool sent;              /**< A refresh is under way                */
	uint64_t end;           /**< When it is over [ms]                  */
	uint64_t next;          /**< When to refresh [ms]                  */
};

int  stimer_decode(uint32_t *sec, enum stimer_by *by, const struct pl *val);
void stimer_read(struct stimer_hdr *hdr, const struct sip_msg *msg);
const char *stimer_by_name(enum stimer_by by);
void stimer_answer(struct stimer_answer *ans, const struct stimer_cfg *cfg,
		   const struct stimer_hdr *req);
uint32_t stimer_raise(uint32_t sec, const struct stimer_hdr *resp);

void stimer_start(struct stimer *st, uint32_t sec, bool us, uint64_t now);
void stimer_failed(struct stimer *st, uint32_t ms, uint64_t now);
enum stimer_what stimer_poll(struct stimer *st, uint64_t now);
uint64_t stimer_due(const struct stimer *st);
