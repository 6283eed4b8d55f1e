/**
 * @file connectycube_link/live.h  How it stands, for the hub, every few seconds
 *
 *   live_up() ------> state, and all calls at once       a hub has come
 *   live_changed() -> state, in a moment                 and each 10 s
 *   live_call() ----> calls, each once in an interval    until there is none
 *
 * Calls are looked at a few at a time, spread over the interval, so that
 * packets wait for none of it. Without a hub nothing is looked at.
 */

struct live;

/** Where it comes from, and goes to */
struct live_h {
	/**
	 * Append how the bridge stands
	 *
	 * @param mb  Members of an object are appended
	 * @param arg Handler argument
	 *
	 * @return 0 if success, otherwise errorcode
	 */
	int (*state)(struct mbuf *mb, void *arg);

	/**
	 * Append calls
	 *
	 * @param mb    Elements of an array are appended
	 * @param after Calls above this number; set to the last one of them
	 * @param most  How many
	 * @param np    Set to how many there were
	 * @param arg   Handler argument
	 *
	 * @return 0 if success, otherwise errorcode
	 */
	int (*calls)(struct mbuf *mb, uint32_t *after, size_t most,
		     size_t *np, void *arg);

	/**
	 * Send it
	 *
	 * @param type `state` or `stats`
	 * @param json Object
	 * @param arg  Handler argument
	 */
	void (*send)(const char *type, const struct mbuf *json, void *arg);
};

int  live_alloc(struct live **lp, uint32_t interval, const struct live_h *h,
		void *arg);
void live_up(struct live *l);
void live_down(struct live *l);
void live_changed(struct live *l);
void live_call(struct live *l);
