/**
 * @file connectycube_hub/feed.h  What bridges tell, to whoever is interested
 *
 *   connmsg.c, conn.c --+                +--> live/     what there is now
 *   hub.c ------ -------+--> feed.c -----+--> metrics
 *                                        `--> whoever comes
 *
 * Who tells knows nobody who listens. All is on the loop, at once, and in the
 * order in which it came; what is told while something is told reaches each
 * listener then. Include jansson.h first.
 */

/** What is told */
enum hub_told {
	HUB_TOLD_CAME   = 1<<0, /**< A bridge has said hello               */
	HUB_TOLD_WENT   = 1<<1, /**< Its connection has ended              */
	HUB_TOLD_EVENT  = 1<<2, /**< Its event: see call/eventjson.c       */
	HUB_TOLD_RECORD = 1<<3, /**< A record is stored that was not there
				     before: see docs/RECORDS.md           */
	HUB_TOLD_STATE  = 1<<4, /**< Its own state, and its extensions'    */
	HUB_TOLD_STATS  = 1<<5, /**< Some of its calls, whole              */
	HUB_TOLD_ALL    = (1<<6) - 1,
};

/** Something that a bridge tells. Valid in the handler only */
struct hub_tell {
	enum hub_told what;     /**< What it is                            */
	uint64_t conn;          /**< Number of its connection              */
	const char *bridge;     /**< Its name; ""=a record of one that has
				     gone meanwhile                        */
	const char *extension;  /**< Event, record: whose, its SIP address;
				     NULL=of none                          */
	unsigned version;       /**< Of the protocol that is spoken        */
	const json_t *body;     /**< The object; CAME, WENT: NULL          */
};

struct hub_feed;

/**
 * A bridge has told something. The listener may end any listening, its own,
 * too
 *
 * @param t   What
 * @param arg Handler argument
 */
typedef void (hub_feed_h)(const struct hub_tell *t, void *arg);

int  hub_feed_listen(struct hub_feed **fp, unsigned mask, hub_feed_h *h,
		     void *arg);
bool hub_feed_wanted(enum hub_told what);
void hub_feed_tell(const struct hub_tell *t);
