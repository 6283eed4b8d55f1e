/**
 * @file cli.h  cube: what an operator does of a day, on the command line
 *
 *   main.c --> args.h: args.c, options.c, commands.c   what is asked for
 *     |
 *     `--> cmd_COMMAND.c --> ask.c --> hub.c --(libcurl)--> hub, /api/v1
 *            |                |        follow.c --> sse.c   ... its events
 *            |                |        download.c           ... its files
 *            |             trouble.c                        what is refused
 *            |
 *            `--> view.c, call_view.c, --> table.c --> out.c --> stdout
 *                 call_detail.c,                         |
 *                 record_view.c,                       text.c
 *                 event_view.c,
 *                 timeline_view.c,
 *                 pbx_view.c
 *
 * What asks no hub, but reads and writes the files of an office, is in office/.
 *
 * Whatever comes from outside (names of callers!) gets to a terminal through
 * text.c alone. A command asks by a handler: tests have one of their own.
 *
 * Times are since 1970 [ms]. No file includes re.h, whose names clash with
 * jansson's.
 */

enum {
	CLI_ARGS = 12,          /**< Most arguments of a command           */
	CLI_PATH = 2048,        /**< Longest path and query [bytes]        */
	CLI_WHY = 512,          /**< Longest complaint [bytes]             */
	CLI_TOKEN = 256,        /**< Size of a token [bytes]               */
};

/** Exit status */
enum cli_exit {
	CLI_OK = 0,             /**< Done; all is well                     */
	CLI_WRONG = 1,          /**< Something is wrong, or was not done   */
	CLI_USAGE = 2,          /**< Wrong arguments                       */
	CLI_UNSURE = 3,         /**< It may have been done: to ask again may
				     do it twice                           */
	CLI_NOHUB = 69,         /**< The hub cannot be reached             */
	CLI_SOFTWARE = 70,      /**< No memory                             */
	CLI_IO = 74,            /**< The output cannot be written          */
	CLI_LATER = 75,         /**< The hub is busy: try again            */
	CLI_PROTOCOL = 76,      /**< What answers does not speak as a hub  */
	CLI_DENIED = 77,        /**< No token, or it may not               */
};

struct curl_slist;
struct json_t;
struct mbuf;
struct re_printf;

#include "args.h"


/*
 * text.c: what may get to a terminal
 */

/** Text goes on from the left (U+200E, UTF-8); nothing is to be seen of it */
#define CLI_MARK "\xe2\x80\x8e"

size_t   cli_utf8(uint32_t *cp, const char *p, size_t len);
int      cli_text(struct mbuf *mb, const char *p, size_t len, bool utf8);
bool     cli_is_open(const char *p, size_t len);
size_t   cli_width(const char *p, size_t len);
size_t   cli_cut(const char *p, size_t len, size_t width);


/*
 * out.c: what is said
 */

/** How it looks, on a terminal that has colours */
enum cli_style {
	CLI_PLAIN,
	CLI_GOOD,               /**< Green                                 */
	CLI_WARN,               /**< Yellow                                */
	CLI_BAD,                /**< Red                                   */
	CLI_HEAD,               /**< Bold                                  */
	CLI_DIM,
};

/** Output; once there was no memory, nothing more is added */
struct cli_out {
	struct mbuf *mb;        /**< What is to be written (owned)         */
	bool color;             /**< In colours                            */
	bool utf8;              /**< Not only ASCII                        */
	bool tty;               /**< Somebody looks at it                  */
	unsigned cols;          /**< Columns of the terminal, 0=any number */
	int err;                /**< What went wrong                       */
};

int  cli_out_init(struct cli_out *out);
void cli_out_close(struct cli_out *out);
void cli_out_raw(struct cli_out *out, const char *p, size_t len);
void cli_out_style(struct cli_out *out, enum cli_style style, const char *p,
		   size_t len);
void cli_line(struct cli_out *out, enum cli_style style, const char *fmt,
	      ...);
void cli_out_json(struct cli_out *out, const struct json_t *j);
void cli_out_json_line(struct cli_out *out, const struct json_t *j);
int  cli_out_flush(struct cli_out *out);
void cli_complain(const char *fmt, ...);


/*
 * table.c: columns; those that have nothing in them are left out
 */

/** A column */
struct cli_col {
	const char *head;       /**< What stands above, ""=nothing         */
	bool right;             /**< Numbers                               */
	bool flex;              /**< May be cut where there is no room     */
};

struct cli_table;

int  cli_table_alloc(struct cli_table **tp, const struct cli_col *colv,
		     size_t colc);
void cli_cell(struct cli_table *t, enum cli_style style, const char *fmt, ...);
void cli_table_print(struct cli_out *out, const struct cli_table *t);


/*
 * when.c: times, durations, numbers
 */

/** A time, beside now */
struct cli_when {
	uint64_t t;             /**< When, 0=not known                     */
	uint64_t now;
};

int  cli_print_when(struct re_printf *pf, const struct cli_when *w);
int  cli_print_age(struct re_printf *pf, const struct cli_when *w);
int  cli_print_clock(struct re_printf *pf, const uint64_t *ms);
int  cli_print_tenths(struct re_printf *pf, const double *v);
int  cli_print_cents(struct re_printf *pf, const double *v);
bool cli_time_read(uint64_t *t, const char *str, uint64_t now);
uint64_t cli_now(void);
uint64_t cli_midnight(uint64_t now, int days);


/*
 * jget.c: what is in an answer; a path has dots
 */

const struct json_t *cli_get(const struct json_t *j, const char *path);
const char *cli_str(const struct json_t *j, const char *path);
int64_t  cli_int(const struct json_t *j, const char *path);
double   cli_num(const struct json_t *j, const char *path);
bool     cli_is(const struct json_t *j, const char *path);
bool     cli_has(const struct json_t *j, const char *path);


/*
 * sse.c: server-sent events
 */

enum {
	CLI_SSE_LINE = 1<<20,   /**< Longest line, longest event [bytes]   */
	CLI_SSE_NAME = 64,      /**< Size of an event's name [bytes]       */
	CLI_SSE_ID = 128,       /**< Size of its id [bytes]                */
};

/**
 * An event has come
 *
 * @param event Its name
 * @param id    Id of the last one that had one, ""=none
 * @param data  What it says
 * @param len   Length of that [bytes]
 * @param arg   Handler argument
 *
 * @return 0 to go on, otherwise errorcode
 */
typedef int (cli_sse_h)(const char *event, const char *id, const char *data,
			size_t len, void *arg);

struct cli_sse;

int  cli_sse_alloc(struct cli_sse **sp, cli_sse_h *h, void *arg);
int  cli_sse_feed(struct cli_sse *s, const char *p, size_t len);
void cli_sse_reset(struct cli_sse *s);
const char *cli_sse_id(const struct cli_sse *s);
uint32_t cli_sse_retry(const struct cli_sse *s);


/*
 * ask.c: the hub is asked
 */

/** What came of it */
struct cli_answer {
	bool steers;            /**< It was to change something            */
	unsigned status;        /**< HTTP's, 0=there was no answer         */
	struct json_t *j;       /**< Body (owned), NULL=none               */
	uint64_t now;           /**< What the hub's clock says, 0=not known */
	uint32_t retry;         /**< Retry-After [s], 0=none               */
	enum cli_exit exit;     /**< If there was none                     */
	char why[CLI_WHY];      /**< ... and why                           */
};

/**
 * Ask
 *
 * @param a      Set to what came of it; says whether it steers
 * @param method GET, POST
 * @param path   What for: path and query
 * @param body   JSON, NULL=none
 * @param arg    Handler argument
 */
typedef void (cli_ask_h)(struct cli_answer *a, const char *method,
			 const char *path, const struct json_t *body,
			 void *arg);

/**
 * Follow events until the connection ends
 *
 * @param a    Set to what came of it; status 200: there were events
 * @param path What for: path and query
 * @param sse  Reads them; goes on behind the last one it knows
 * @param ms   Wait so long before [ms]
 * @param arg  Handler argument
 *
 * @return 0, or what the reader's handler returned
 */
typedef int (cli_follow_h)(struct cli_answer *a, const char *path,
			   struct cli_sse *sse, uint32_t ms, void *arg);

/* partfile.c: a file that comes */

/** What there is of it */
struct cli_part {
	int fd;                 /**< (owned), -1=not open                  */
	uint64_t have;          /**< Bytes that there are                  */
	const char *file;       /**< What it shall be called               */
	const char *etag;       /**< What it is at the hub: its SHA-256,
				     ""=not known                          */
	char path[CLI_PATH];    /**< What it is called until then          */
};

int  cli_part_open(struct cli_part *part, const char *file, const char *sum);
int  cli_part_check(const struct cli_part *part);
int  cli_part_empty(struct cli_part *part);
int  cli_part_done(struct cli_part *part);
void cli_part_close(struct cli_part *part);

/**
 * Fetch a file, or the rest of it
 *
 * @param a    Set to what came of it; status 200, 206: all of it is there
 * @param path What for
 * @param part What there is already; more is added
 * @param arg  Handler argument
 *
 * @return 0 if success, otherwise what is wrong with the file
 */
typedef int (cli_fetch_h)(struct cli_answer *a, const char *path,
			  struct cli_part *part, void *arg);

/** What a command has */
struct cli {
	const struct cli_args *args;
	struct cli_out out;
	cli_ask_h *askh;        /**< Asks the hub                          */
	cli_follow_h *followh;  /**< Follows its events                    */
	cli_fetch_h *fetchh;    /**< Fetches its files                     */
	void *arg;              /**< ... which is this (pointer)           */
	uint64_t now;           /**< What its clock said last              */
	bool json;              /**< For programs                          */
};

int  cli_ask(struct cli *c, struct json_t **jp, const char *method,
	     const char *path, const struct json_t *body);
int  cli_path(char *path, size_t size, const char *fmt, ...);
int  cli_escape(struct re_printf *pf, const char *str);
int  cli_query(char *path, size_t size, const char *name, const char *value);
int  cli_query_opts(const struct cli *c, char *path, size_t size);

/* trouble.c */
enum cli_exit cli_trouble(char *why, size_t size, const struct cli_answer *a);
enum cli_exit cli_unreachable(char *why, size_t size, const char *path,
			      int err);

/* token.c */
int  cli_token(char *token, size_t size, const char *file, char *why,
	       size_t whysize);

/* hub.c */
struct cli_hub;

int  cli_hub_alloc(struct cli_hub **hubp, const struct cli_args *a,
		   char *why, size_t size);
void cli_hub_ask(struct cli_answer *a, const char *method, const char *path,
		 const struct json_t *body, void *arg);

/* download.c */
int  cli_hub_fetch(struct cli_answer *a, const char *path,
		   struct cli_part *part, void *arg);

/* follow.c */
int  cli_hub_follow(struct cli_answer *a, const char *path,
		    struct cli_sse *sse, uint32_t ms, void *arg);


/*
 * find.c: which one is meant
 */

int  cli_find_call(struct cli *c, char *id, size_t size, const char *said);
int  cli_find_record(struct cli *c, char *id, size_t size, const char *said);
int  cli_find_ext(struct cli *c, char *ext, size_t size, const char *said);
int  cli_ask_of_ext(struct cli *c, struct json_t **jp, const char *list);


/*
 * view.c, call_view.c, call_detail.c, record_view.c, media_view.c, pbx_view.c:
 * how it looks
 */

/**
 * Add the cells of one direction of a party's media
 *
 * @param t   Table
 * @param dir What is known of it
 */
typedef void (cli_cells_h)(struct cli_table *t, const struct json_t *dir);

int  cli_print_party(struct re_printf *pf, const struct json_t *party);
int  cli_print_short(struct re_printf *pf, const char *aor);
int  cli_print_ext_remarks(struct re_printf *pf, const struct json_t *ext);
int  cli_print_remarks(struct re_printf *pf, const struct json_t *call);
struct json_t *cli_legs(const struct json_t *call);
enum cli_style cli_mos_style(double mos);
void cli_cell_number(struct cli_table *t, const struct json_t *j,
		     const char *key, const char *unit);
bool cli_ext_takes(const struct json_t *ext);
void cli_view_exts(struct cli *c, const struct json_t *exts,
		   const struct json_t *calls);
void cli_view_alarms(struct cli *c, const struct json_t *alarms, bool over);
void cli_view_calls(struct cli *c, const struct json_t *calls);
void cli_view_channels(struct cli *c, const struct json_t *channels);
void cli_view_call(struct cli *c, const struct json_t *call,
		   const struct json_t *stats);
void cli_view_media(struct cli *c, const struct json_t *legs,
		    const char *member, const struct cli_col *colv,
		    size_t colc, cli_cells_h *cellsh);
void cli_view_records(struct cli *c, const struct json_t *records);
void cli_view_record(struct cli *c, const struct json_t *r);
void cli_view_recordings(struct cli *c, const struct json_t *v);
void cli_view_timeline(struct cli *c, const struct json_t *line);
void cli_view_check(struct cli *c, const struct json_t *j);
void cli_view_today(struct cli *c, const struct json_t *sums);


/*
 * event_view.c: what happens
 */

/** An event, for print handlers */
struct cli_event {
	const char *name;       /**< call, ...                             */
	const struct json_t *j; /**< What it says                          */
};

int  cli_print_event(struct re_printf *pf, const struct cli_event *ev);
int  cli_event_key(char *key, size_t size, const struct cli_event *ev);
bool cli_event_over(const struct cli_event *ev);
enum cli_style cli_event_style(const struct cli_event *ev);


/*
 * seen.c: what was told last of each
 */

struct cli_seen;

int  cli_seen_alloc(struct cli_seen **sp);
bool cli_seen(struct cli_seen *s, const char *key, const char *text);
void cli_seen_forget(struct cli_seen *s, const char *key);
void cli_seen_clear(struct cli_seen *s);
