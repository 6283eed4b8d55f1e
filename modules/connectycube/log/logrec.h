/**
 * @file log/logrec.h  A line of the log, with what is known of it
 *
 *   text   2026-11-30T05:16:10.123+00:00 INFO  bridge call=5
 *            event=call.ended seq=41 msg="ended: busy" reason=busy ...
 *   json   {"time":1764479770123,"level":"info","area":"bridge","call":5,...}
 *   journal  MESSAGE=ended: busy, PRIORITY=6, CUBE_CALL=5, ...
 *
 * Each is one line. What is known of an event is what its JSON has
 * (call/eventjson.c); the journal has the same as fields of its own.
 *
 * Wants base/log.h.
 */

struct event;
struct timespec;

/** A line */
struct logrec {
	enum clog_level level;  /**< Severity                              */
	enum clog_area area;    /**< Area                                  */
	const struct timespec *now; /**< Wall clock                        */
	uint32_t call;          /**< Number of the call, 0=none            */
	struct pl id;           /**< Its Call-ID or session id, or unset   */
	struct pl msg;          /**< Text, without its newline             */
	const struct event *ev; /**< Event that it tells, or NULL          */
};

/** What a line looks like */
enum logrec_form {
	LOGREC_TEXT = 0,
	LOGREC_JSON,
};

void logrec_read(struct logrec *rec, const struct clog_line *line);
int  logrec_print(struct mbuf *mb, enum logrec_form form,
		  const struct logrec *rec);
int  logrec_journal(struct mbuf *mb, enum logrec_form form,
		    const struct logrec *rec);
