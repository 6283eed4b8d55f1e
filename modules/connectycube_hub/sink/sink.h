/**
 * @file connectycube_hub/sink/sink.h  From the store to wherever
 *
 *              loop  |  threads, one a sink
 *   inbox.c          |
 *      | new ones    |
 *      v             |
 *   sink.c <-------> sinkfile.c  lines of a file:     formjson.c, formcsv.c
 *      |             `-> courier.c  one by one:       postgres.c, webhook.c,
 *      v                  |                           recording/s3.c
 *   sinksay.c             v
 *                    deliver.c   what has failed, and waits
 *
 * A sink has no queue of its own but a position in the store. One that hangs
 * holds up nobody else. hub.h goes first.
 */

struct hub_store;
struct mbuf;
struct re_printf;
struct sqlite3_stmt;


/* sink.c: from the store to wherever */

struct hub_sink;

/** A run of a sink, on its thread */
struct hub_run {
	struct hub_store *store; /**< The database (pointer)               */
	uint32_t done;          /**< Records that have got there           */
	uint32_t refused;       /**< Tries in that one was refused         */
	uint32_t down;          /**< ... in that none was taken            */
	bool more;              /**< There are more                        */
	uint32_t again_ms;      /**< Some is to be tried again then, 0=none */
	uint32_t retry_most;    /**< It has failed: longest until the next
				     run [ms], 0=a minute                  */
	uint32_t after_ms;      /**< ... and least [ms]                    */
	bool answered;          /**< Whoever takes them is there           */
	int64_t kept;           /**< Records that have failed, and wait    */
	int64_t dead;           /**< ... and are given up                  */
	char refusal[HUB_WHY];  /**< The last one that was refused, and why */
	char why[HUB_WHY];      /**< What is wrong                         */
};

/** Takes what is there, or some of it */
typedef int (hub_run_h)(void *state, struct hub_run *run);

int  hub_sink_alloc(struct hub_sink **skp, struct list *sinkl,
		    enum hub_table table, const char *name, const char *where,
		    const char *db, hub_run_h *runh, void *state);
void hub_sink_poke(struct hub_sink *sk);
void hub_sink_more(struct hub_sink *sk, uint32_t n);
void hub_sink_retry(struct hub_sink *sk);
const char *hub_sink_name(const struct hub_sink *sk);
enum hub_table hub_sink_table(const struct hub_sink *sk);
int  hub_sink_print(struct re_printf *pf, const struct hub_sink *sk);

/** How far a sink is, for metrics */
struct hub_sink_counts {
	bool failing;           /**< The last run has failed               */
	uint64_t done;          /**< Records handed on since the start     */
	uint64_t refused;       /**< Tries that have failed: see hub_run   */
	uint64_t down;
	uint64_t errors;        /**< Runs that failed without any try      */
	int64_t waiting;        /**< Records not tried yet, -1=not known   */
	int64_t oldest;         /**< When the oldest of all that is not
				     handed on came [ms since 1970], 0=all is */
	int64_t kept;           /**< Records that are tried again          */
	int64_t dead;           /**< ... are given up                      */
};

void hub_sink_counts(struct hub_sink_counts *n, const struct hub_sink *sk);


/* sinkdepth.c: what a sink has still to hand on */

int hub_sink_depth(struct hub_store *s, const char *sink, int64_t *waitingp,
		   int64_t *oldestp, char *why, size_t size);


/* sinks.c: those that the configuration names */

int  hub_add_sinks(struct list *sinkl, const struct hub_config *cfg);


/* sinkfile.c: files that are appended to, a line a record */

struct hub_file;

/** What a line is */
struct hub_form {
	const char *columns;    /**< SQL: what it is made of               */
	const char *head;       /**< First line of a file, NULL=none       */
	bool guard;             /**< See struct hub_config                 */
	int (*print)(struct mbuf *mb, struct sqlite3_stmt *row,
		     const struct hub_form *form);
	int (*id)(char *id, size_t size, const char *line, size_t len,
		  const struct hub_form *form);
	unsigned id_col;        /**< Column that the id is in              */
};

int  hub_file_alloc(struct hub_file **fp, const char *name, const char *path,
		    const struct hub_form *form);
int  hub_file_run(void *state, struct hub_run *run);


/* formjson.c, formcsv.c, csv.c */

void hub_form_jsonl(struct hub_form *form);
void hub_form_csv(struct hub_form *form, enum hub_csv_form which,
		  bool guard);
int  hub_csv_text(struct mbuf *mb, const char *str, size_t len, bool guard);
void hub_csv_unguard(char *str);
int  hub_csv_field(char *dst, size_t size, const char *line, size_t len,
		   unsigned col);
