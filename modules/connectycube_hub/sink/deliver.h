/**
 * @file connectycube_hub/sink/deliver.h  Records whose delivery has failed
 *
 *   position --> tried --> got there
 *                  |  ^
 *                  v  | again when it is time
 *               deliveries --> dead: too long, or refused for good
 *
 * A sink that delivers each record by itself has its position (hub_pos) behind
 * the last one that it has tried. What has failed is kept here, with when it
 * is tried again, so that one record that nobody wants holds up no other.
 */

struct hub_store;

/** A record that waits to be tried again */
struct hub_delivery {
	int64_t seq;            /**< Its number                            */
	uint32_t tries;         /**< How often it was tried                */
	int64_t first;          /**< When first, by the sink's clock [ms]  */
	int64_t next;           /**< When again, the same                  */
	char *json;             /**< All of it (owned by the caller)       */
};

int hub_deliver_due(struct hub_store *s, const char *sink, int64_t now,
		    struct hub_delivery *d, bool *foundp, char *why,
		    size_t size);
int hub_deliver_keep(struct hub_store *s, const char *sink,
		     const struct hub_delivery *d, const char *reason,
		     char *why, size_t size);
int hub_deliver_done(struct hub_store *s, const char *sink, int64_t seq,
		     char *why, size_t size);
int hub_deliver_retry(struct hub_store *s, const char *sink, char *why,
		     size_t size);
int hub_deliver_dead(struct hub_store *s, const char *sink, int64_t seq,
		     char *why, size_t size);
int hub_deliver_tidy(struct hub_store *s, const char *sink, char *why,
		     size_t size);
int hub_deliver_next(struct hub_store *s, const char *sink, int64_t *nextp,
		     char *why, size_t size);
int hub_deliver_count(struct hub_store *s, const char *sink,
		      int64_t *waitingp, int64_t *deadp, char *why,
		     size_t size);
int hub_deliver_refusal(struct hub_store *s, const char *sink, char *refusal,
			char *why, size_t size);
