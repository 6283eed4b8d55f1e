/**
 * @file connectycube_hub/hub.h  The hub: one process a host, for its bridges
 *
 *   bridge ===+                          loop  |  threads
 *   bridge ===+=> listen.c => conn.c           |
 *   bridge ===+                connmsg.c       |
 *                  record |       ^ ack        |
 *                         v       |            |
 *                       inbox.c <-----------> store.c      SQLite
 *                         | new ones           |    |
 *                         v                    |    v
 *                       sink/   <-----------> files, PostgreSQL, a web server,
 *                                             S3
 *
 *   feed.h       what bridges tell, for those that show the present:
 *   live/        ... what there is now (live.h)
 *   timeline/    ... how good calls were (timeline.h)
 *   metrics/     ... what is counted (metrics.h)
 *   alarm/       alarms by mail (mail.h)
 *   web/, api/   HTTP, and what is asked and ordered by it (route.h, api.h)
 *   page/        the dashboard, in browsers
 *   recording/   the way of recordings (recording.h)
 *   sink/        to files, databases, servers (sink.h)
 *
 * A bridge keeps a record until it is acknowledged, and that is when it is on
 * the disk. From there each sink takes records at its own pace, on a thread of
 * its own: the database is its queue, and knows how far it got.
 *
 * Files that read JSON use jansson, whose names clash with those of libre's:
 * they take the headers of libre that they need, not re.h. So does this one.
 */

enum {
	HUB_ID = 65,            /**< Size of a record's id [bytes]         */
	HUB_NAME = 65,          /**< The same of a bridge's name           */
	HUB_WHY = 256,          /**< The same of what is wrong             */
	HUB_RECENT = 100,       /**< Records kept for /hub_records         */
	HUB_DEPTH = 64,         /**< Deepest object that is taken          */
};

#include "recording/recconfig.h"

struct cfg_key;
struct json_t;
struct sqlite3_stmt;
struct hubline;
struct mbuf;
struct re_printf;


/* hubconfig.c: the keys connectycube_hub_* */

enum hub_csv_form {
	HUB_CSV_FULL = 0,       /**< All that is known, with a head        */
	HUB_CSV_MASTER,         /**< Asterisk's Master.csv                 */
};

/** Configuration */
struct hub_config {
	char *socket;           /**< Where bridges find us                 */
	char *db;               /**< Path of the database                  */
	uint32_t days;          /**< Records are kept there, 0=for ever    */
	char *jsonl;            /**< Path of JSON lines, NULL=none         */
	char *csv;              /**< Path of CSV, NULL=none                */
	enum hub_csv_form csv_form; /**< What is in it                     */
	bool csv_guard;         /**< No field of it is a formula           */
	char *postgres;         /**< How it is reached, NULL=none          */
	char *postgres_table;   /**< Table there                           */
	char *postgres_recordings; /**< The same of recordings, or "none"  */
	char *webhook;          /**< URL that is told, NULL=none           */
	char *webhook_secret;   /**< Signs what it is told, NULL=unsigned  */
	char *webhook_ca;       /**< File of CAs, NULL=the system's        */
	bool webhook_plain;     /**< http may be used                      */
	char *http;             /**< Where HTTP comes in, "none"; NULL=
				     beside the socket of bridges          */
	char *http_cert;        /**< Its certificate, NULL=no TLS          */
	char *http_key;         /**< ... and the key                       */
	char *http_names;       /**< Its names, NULL=none but addresses    */
	bool http_owner;        /**< Our own user needs no token           */
	uint32_t http_connections; /**< Most connections                   */
	uint32_t http_events;   /**< Most that follow events               */
	uint32_t session_idle;  /**< Longest that a page is idle [min]     */
	uint32_t session_screen; /**< Longest that one who may only look is
				     logged in [h]                         */
	bool metrics_open;      /**< /metrics needs no token               */
	char *tokens;           /**< File of tokens                        */
	char *audit;            /**< File of what was changed              */
	char *alarm_mail;       /**< Whom alarms are told, NULL=nobody     */
	char *alarm_sendmail;   /**< By this program                       */
	uint32_t alarm_every;   /**< One mail at most in so long [s]       */
	uint32_t alarm_disk;    /**< Less room than that [MB], 0=any is
				     enough                                */
	char *group;            /**< Whose bridges may connect, NULL=ours  */
	uint32_t bridges_max;   /**< Most bridges at once                  */
	struct hrec_config rec;  /**< Recordings                            */
	char *log_file;         /**< NULL=stdout                           */
	unsigned log_form;      /**< enum logline_form                     */
};

int hub_config_read(struct hub_config **cfgp, const char *profile);
const struct cfg_key *hub_config_key(size_t n);


/* hubcheck.c, hubpaths.c: what it names */

struct cfg_reading;

int hub_check(const struct hub_config *cfg, const struct cfg_reading *rd);
int hub_check_paths(const struct hub_config *cfg,
		    const struct cfg_reading *rd);


/* disk.c: how much room there is */

/** Where something is written */
enum hub_place {
	HUB_DISK_DB = 0,        /**< The database                          */
	HUB_DISK_ROOT,          /**< Recordings                            */
	HUB_DISK_SPOOL,         /**< ... their raw files                   */

	HUB_DISKS,
};

/** A file system */
struct hub_disk {
	uint64_t size;          /**< Its size [bytes], 0=not known         */
	uint64_t free;          /**< What is free for us                   */
};

void hub_disk_look(struct hub_disk *d, const char *path, bool file);


/* store.c: the database, on the thread of whoever has it open */

struct hub_store;

/** What is handed on: tables with `seq`, `id` and `json` */
enum hub_table {
	HUB_RECORDS = 0,        /**< Records of calls                      */
	HUB_RECORDINGS,         /**< Recordings that are finished          */
};

/** A record, as it came */
struct hub_record {
	struct le le;           /**< Member of a list                      */
	uint64_t conn;          /**< Number of the connection it came by   */
	char id[HUB_ID];        /**< Its id                                */
	char *json;             /**< All of it, in one line (owned)        */
	struct json_t *body;    /**< It, parsed, as long as somebody may want
				     it so (owned); NULL=not               */
	bool fresh;             /**< It had not been stored before         */
};

/** How far a sink got */
struct hub_pos {
	int64_t seq;            /**< Number of the last record             */
	uint64_t dev;           /**< Of a file: which one it is in         */
	uint64_t ino;           /**< ... 0=none                            */
	int64_t offset;         /**< ... up to where [bytes]               */
};

/** Takes a row; its columns are those that were asked for */
typedef int (hub_row_h)(int64_t seq, struct sqlite3_stmt *row, void *arg);

int  hub_record_alloc(struct hub_record **rp, const char *id,
		      const char *json);
int  hub_store_open(struct hub_store **sp, const char *path, char *why,
		    size_t size);
int  hub_store_check(struct hub_store *s, char *why, size_t size);
void hub_store_use(struct hub_store *s, enum hub_table table);
int  hub_store_put(struct hub_store *s, struct list *recordl,
		   uint32_t *freshp, char *why, size_t size);
int  hub_store_count(struct hub_store *s, uint64_t *np, char *why,
		     size_t size);
int  hub_store_recent(struct hub_store *s, struct list *recordl, char *why,
		      size_t size);
int  hub_store_each(struct hub_store *s, int64_t after, uint32_t most,
		    const char *columns, hub_row_h *h, void *arg, char *why,
		    size_t size);
int  hub_store_seq(struct hub_store *s, int64_t *seqp, const char *id,
		   char *why, size_t size);
int  hub_store_last(struct hub_store *s, int64_t *seqp, char *why,
		    size_t size);
int  hub_store_pos(struct hub_store *s, const char *sink,
		   struct hub_pos *pos, char *why, size_t size);
int  hub_store_set_pos(struct hub_store *s, const char *sink,
		       const struct hub_pos *pos, char *why, size_t size);


/* inbox.c: from bridges into the store */

struct hub_inbox;

/** A record is on the disk: its bridge may forget it */
typedef void (hub_ack_h)(struct hub_record *r, void *arg);

/** There are records that had not been there before, or there may be */
typedef void (hub_fresh_h)(uint32_t n, void *arg);

int  hub_inbox_alloc(struct hub_inbox **ibp, const char *path,
		     hub_ack_h *ackh, hub_fresh_h *freshh, void *arg);
void hub_inbox_put(struct hub_inbox *ib, struct hub_record *r);
void hub_inbox_forget(struct hub_inbox *ib, uint64_t conn);
const struct list *hub_inbox_recent(const struct hub_inbox *ib);
int  hub_inbox_print(struct re_printf *pf, const struct hub_inbox *ib);

/** What became of records, for metrics */
struct hub_inbox_counts {
	bool known;             /**< Records there have been counted       */
	uint64_t stored;        /**< Records there                         */
	uint64_t fresh;         /**< ... that were stored since the start  */
	uint64_t doubles;       /**< Records that came again               */
	uint32_t waiting;       /**< ... that wait to be stored            */
	unsigned failures;      /**< Tries that failed, one after the other */
};

void hub_inbox_counts(struct hub_inbox_counts *n, const struct hub_inbox *ib);


/* conn.c, connmsg.c: a bridge that is connected */

/** What came of a kind of messages */
struct hub_counts {
	uint64_t records;
	uint64_t events;
	uint64_t states;
	uint64_t stats;
	uint64_t unknown;
};

/** A bridge */
struct hub_conn {
	struct le le;           /**< Member of the hub's list              */
	uint64_t num;           /**< Number of the connection              */
	int fd;                 /**< Socket (owned), -1=closed             */
	struct hubline *hl;     /**< What comes (owned)                    */
	struct mbuf *out;       /**< What waits to go out (owned)          */
	struct hub_inbox *ib;   /**< Takes records (pointer)               */
	struct tmr tmr;         /**< No hello comes                        */
	char name[HUB_NAME];    /**< Its name, empty=no hello yet          */
	unsigned version;       /**< That is spoken                        */
	uint64_t since;         /**< Connected [ms since 1970]             */
	size_t unacked;         /**< Records that wait to be stored        */
	size_t unackedsz;       /**< ... their size [bytes]                */
	bool choked;            /**< Nothing is read until some are        */
	struct hub_counts n;    /**< What came                             */
	struct list eventl;     /**< The last events (owner)               */
	size_t eventsz;         /**< Their size [bytes]                    */
	struct list cmdl;       /**< Commands that it has not answered
				     (struct hub_command)                  */
};

int  hub_conn_alloc(struct hub_conn **cp, struct list *connl, int fd,
		    uint64_t num, struct hub_inbox *ib);
void hub_conn_ack(struct hub_conn *c, const struct hub_record *r);
int  hub_conn_send(struct hub_conn *c, struct json_t *j);
void hub_conn_tell(const struct hub_conn *c, unsigned what,
		   const struct json_t *body);
void hub_conn_bye(struct hub_conn *c, const char *why);
int  hub_conn_line(const char *line, size_t len, void *arg);
int  hub_conn_print(struct re_printf *pf, const struct hub_conn *c);
void hub_record_tell(const struct hub_conn *c, struct hub_record *r);
void hub_body_free(struct json_t *body);
int  hub_record_print(struct re_printf *pf, const struct hub_record *r);


/* hub.c: all of it */

struct hub_conn *hub_find_bridge(const char *name);
int  hub_retry(struct re_printf *pf, const char *sink);

int  hub_start(const struct hub_config *cfg, const char *socket,
	       const char *version);
void hub_stop(void);
void hub_rotate(void);
int  hub_print(struct re_printf *pf, void *unused);
int  hub_print_records(struct re_printf *pf, uint32_t most);
int  hub_print_recordings(struct re_printf *pf, uint32_t most);
void hub_recordings(bool retry);
