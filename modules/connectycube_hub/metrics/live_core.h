/**
 * @file metrics/live_core.h  What live.c and livecalls.c share
 */

enum {
	LIVE_EXTS  = 4096,      /**< Most extensions that are known        */
	LIVE_CALLS = 8192,      /**< Most calls                            */
	LIVE_NAME  = 256,       /**< Size of an extension's address [bytes] */
	LIVE_ENDED = 64,        /**< Calls that are known to be over       */
};

/** An extension of a bridge, as it was last told */
struct live_ext {
	struct le le;           /**< Member of metrics_live                */
	uint64_t conn;          /**< Connection of its bridge, 0=gone      */
	char name[LIVE_NAME];   /**< Its address                           */
	uint64_t gone;          /**< Since when its bridge is [ms]         */
	bool there;             /**< It stands in what is being read       */
	bool registers;         /**< It is to be registered                */
	bool registered;        /**< It is                                 */
	bool online;            /**< The cloud link is                     */
	bool refused;           /**< Its login is refused                  */
	bool draining;          /**< Its bridge takes no more calls        */
	bool first;             /**< First one of its bridge:              */
	bool spool_known;       /**< ... that has told of its spool:       */
	double spool;           /**< ... records that wait there           */
};

/** A call */
struct live_call {
	struct le le;           /**< Member of metrics_live                */
	uint64_t conn;          /**< Connection of its bridge              */
	json_int_t num;         /**< Its number there                      */
	char ext[LIVE_NAME];    /**< Extension                             */
	bool from_app;          /**< Its direction                         */
	bool transcoded;        /**< Its audio is                          */
	bool there;             /**< It stands in what is being read       */
};

/** What bridges are told to have lost, or how late they were, since */
struct live_bridge {
	struct le le;           /**< Member of metrics_live                */
	uint64_t conn;          /**< Connection                            */
	bool known;             /**< It has told before:                   */
	double lost;            /**< Records that it had no room for       */
};

struct metrics_live {
	struct list extl;       /**< struct live_ext (owner)               */
	struct list calll;      /**< struct live_call (owner)              */
	struct list bridgel;    /**< struct live_bridge (owner)            */
	struct {
		uint64_t conn;
		json_int_t num;
	} endedv[LIVE_ENDED];   /**< The last calls that are over          */
	size_t endedc;          /**< How many there ever were              */
};

/* livecalls.c */
void live_calls_stats(struct metrics_live *l, uint64_t conn,
		      const json_t *stats);
void live_calls_event(struct metrics_live *l, uint64_t conn,
		      const json_t *event);
void live_calls_state(struct metrics_live *l, uint64_t conn,
		      const json_t *numbers);
void live_calls_gone(struct metrics_live *l, uint64_t conn);
void live_calls_collect(const struct metrics_live *l, struct metrics *m,
			uint64_t now);
