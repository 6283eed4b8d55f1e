/**
 * @file cube/link.h  The link of one user to the cloud
 *
 *   OFFLINE -> SESSION -> CONNECTING -> ONLINE
 *      ^          |            |           |
 *      +----------+------------+-----------+   back-off with jitter
 *                 +--> REFUSED                 likewise
 *
 * Keeps a user online: REST session, WebSocket, XMPP stream, again and
 * again. Calls do not end with a link.
 */

enum {
	LINK_STABLE    = 10000, /**< Online so long, it is a link that works,
				     and made again at once [ms]           */
	LINK_QUEUE_MAX = 64,    /**< Stanzas kept while offline            */
	LINK_RETRY_MIN = 1000,  /**< Default of retry_min [ms]             */
	LINK_RETRY_MAX = 60000, /**< Default of retry_max [ms]             */
};

struct cube_link;
struct xml;

typedef void (link_state_h)(enum cube_state state, const char *reason,
			    void *arg);
typedef void (link_message_h)(struct xml *msg, void *arg);

int  link_alloc(struct cube_link **lp, const struct cube_config *cfg,
		const char *domain, link_state_h *stateh,
		link_message_h *messageh, void *arg);
int  link_start(struct cube_link *l, uint32_t delay);
void link_stop(struct cube_link *l);
int  link_send(struct cube_link *l, const char *buf, size_t len,
	       uint32_t keep);
void link_network_changed(struct cube_link *l);
const char *link_user_id(const struct cube_link *l);
uint64_t link_retry_in(const struct cube_link *l);

/* linkpace.c */

/** When a link is tried again */
struct link_pace {
	uint32_t min;           /**< First reconnection delay [ms]         */
	uint32_t max;           /**< Longest reconnection delay [ms]       */
	unsigned attempts;      /**< Failed since it was online            */
	unsigned refusals;      /**< Refused since then                    */
	unsigned flaps;         /**< Online in a row, but never for long   */
};

uint32_t link_pace_failed(struct link_pace *p, uint32_t rnd);
uint32_t link_pace_refused(struct link_pace *p, uint32_t rnd);
uint32_t link_pace_lost(struct link_pace *p, uint64_t online, uint32_t rnd);
void link_pace_online(struct link_pace *p);

/* linkq.c */
struct xmpp;

int  linkq_keep(struct list *queuel, const char *buf, size_t len,
		uint32_t keep);
void linkq_flush(struct list *queuel, struct xmpp *xmpp);
