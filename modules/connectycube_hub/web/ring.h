/**
 * @file connectycube_hub/web/ring.h  The last events, for those who come back
 *
 * Each has an id, EPOCH-NUMBER: the epoch is when the hub was started, so that
 * an id of one before is known to be that. What is kept has a limit in number
 * and size. Pure.
 */

enum {
	RING_EVENTS = 4096,     /**< Most events                           */
	RING_BYTES = 1<<19,     /**< Most of their texts [bytes]           */
	RING_FILTER = 256,      /**< Longest filter [bytes]                */
};

/** An event */
struct ring_event {
	struct le le;           /**< Member of the ring                    */
	uint64_t num;           /**< Its number                            */
	char *type;             /**< What it is (owned)                    */
	char *ext;              /**< Extension, "" none (owned)            */
	char *text;             /**< As it is sent (owned)                 */
	size_t len;             /**< Length of that [bytes]                */
};

/** The last events */
struct ring {
	struct list eventl;     /**< struct ring_event (owner)             */
	uint64_t epoch;         /**< Of their ids                          */
	uint64_t last;          /**< Number of the last one, 0=none        */
	size_t bytes;           /**< Size of their texts                   */
};

const struct ring_event *ring_put(struct ring *r, const char *type,
				  const char *ext, const char *json);
void ring_skip(struct ring *r);
bool ring_after(const struct ring *r, const char *id, uint64_t *after,
		int64_t *lost);
bool ring_wanted(const struct ring_event *ev, const char *types,
		 const char *ext);
