/**
 * @file connectycube_link/hubconn.h  The connection to the hub
 *
 *   OFF --> TRIED --> HELLO --> UP
 *    ^        |         |        |   the hub is not there, or goes
 *    +--------+---------+--------+   (tried again, ever more seldom)
 */

struct hubconn;

/** What the connection tells of, on the loop */
struct hubconn_h {
	/**
	 * The hub takes records, for the first time or again
	 *
	 * @param arg Handler argument
	 */
	void (*up)(void *arg);

	/**
	 * The hub is gone
	 *
	 * @param arg Handler argument
	 */
	void (*down)(void *arg);

	/**
	 * The hub has a record
	 *
	 * @param id  Its id
	 * @param arg Handler argument
	 */
	void (*ack)(const char *id, void *arg);

	/**
	 * The hub orders something by name
	 *
	 * @param mb     Set to what comes of it, an object as JSON
	 * @param wordp  Set to what came of it, in one word
	 * @param why    Set to why it is refused
	 * @param size   Room there [bytes]
	 * @param name   Name of the command
	 * @param params Its parameters, an object as JSON, NULL=none. Keys may
	 *               be in there: they are not to be logged
	 * @param arg    Handler argument
	 */
	void (*order)(struct mbuf *mb, const char **wordp, char *why,
		      size_t size, const char *name, const char *params,
		      void *arg);

	/**
	 * The hub has a line for the console
	 *
	 * @param mb   Set to the answer
	 * @param line Command with its parameters, without a slash
	 * @param arg  Handler argument
	 *
	 * @return 0 if success, otherwise errorcode
	 */
	int (*command)(struct mbuf *mb, const char *line, void *arg);
};

int  hubconn_alloc(struct hubconn **hcp, const char *path, const char *name,
		   const struct hubconn_h *h, void *arg);
int  hubconn_record(struct hubconn *hc, const char *id,
		    const struct mbuf *json);
void hubconn_event(struct hubconn *hc, const struct mbuf *json);
bool hubconn_takes_live(const struct hubconn *hc);
void hubconn_live(struct hubconn *hc, const char *type,
		  const struct mbuf *json);
uint64_t hubconn_lost(const struct hubconn *hc);
bool hubconn_is_up(const struct hubconn *hc);
int  hubconn_print(struct re_printf *pf, const struct hubconn *hc);
void hubconn_close(struct hubconn *hc);
