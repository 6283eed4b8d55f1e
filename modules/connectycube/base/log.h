/**
 * @file base/log.h  Logging for all rooms
 *
 *   clog_...() --> struct clog_line --> handler: logsink.c, or a test
 *        `-- on another thread than the loop's --> base/logqueue.c --^
 *
 * The rooms below sip/ link without baresip, in the unit and fuzz tests too,
 * so nobody logs by baresip's functions. The area of a line is that of the
 * room that it is written in; it is not told here. Secrets (ICE and TURN
 * passwords, keys, tokens) must never be given to these functions.
 */

/** Severity of a line */
enum clog_level {
	CLOG_TRACE = -1,        /**< Whole messages, as they come and go   */
	CLOG_DEBUG,             /**< For developers                        */
	CLOG_INFO,              /**< Normal, seldom, worth knowing         */
	CLOG_WARN,              /**< Something is wrong                    */
	CLOG_ERROR,             /**< libre's alone                         */
};

/** What a line is about */
enum clog_area {
	CLOG_BRIDGE = 0,        /**< Life of the process, calls            */
	CLOG_SIP,               /**< SIP                                   */
	CLOG_CLOUD,             /**< REST, XMPP, signalling                */
	CLOG_MEDIA,             /**< ICE, DTLS, SRTP, audio, video         */

	CLOG_AREAS,             /**< Number of these                       */
};

struct event;

/** A line, valid in the handler only */
struct clog_line {
	enum clog_level level;  /**< Severity                              */
	enum clog_area area;    /**< Area                                  */
	const char *msg;        /**< Text, with its newline                */
	const char *id;         /**< Of whom: Call-ID or session, or NULL  */
	const struct event *ev; /**< Event that it tells, or NULL          */
	bool foreign;           /**< baresip's or libre's, of another
				     thread: its area is not known         */
};

/**
 * Takes one line. On the loop
 *
 * @param line Line
 * @param arg  Handler argument
 */
typedef void (clog_h)(const struct clog_line *line, void *arg);

void clog_set_handler(clog_h *logh, void *arg);
void clog_flush(void);
bool clog_defer(enum clog_level level, const char *msg);
enum clog_area clog_area(const char *file);
void clog_print(enum clog_level level, const char *file, const char *id,
		const char *fmt, ...);
void clog_text(enum clog_level level, enum clog_area area, const char *id,
	       const char *msg);
void clog_event(enum clog_level level, enum clog_area area,
		const struct event *ev, const char *fmt, ...);

/** Log a line; the format is that of re_printf() and ends with a newline */
#define clog_debug(...)   clog_print(CLOG_DEBUG, __FILE__, NULL, __VA_ARGS__)
#define clog_info(...)    clog_print(CLOG_INFO, __FILE__, NULL, __VA_ARGS__)
#define clog_warning(...) clog_print(CLOG_WARN, __FILE__, NULL, __VA_ARGS__)

/** The same, of the call whose Call-ID or session id is given, or NULL */
#define clog_debug_of(id, ...)   \
	clog_print(CLOG_DEBUG, __FILE__, (id), __VA_ARGS__)
#define clog_info_of(id, ...)    \
	clog_print(CLOG_INFO, __FILE__, (id), __VA_ARGS__)
#define clog_warning_of(id, ...) \
	clog_print(CLOG_WARN, __FILE__, (id), __VA_ARGS__)
