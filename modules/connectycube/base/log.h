/**
 * @file base/log.h  Logging for the rooms that know no baresip
 *
 * The rooms below sip/ link without baresip, in the unit and fuzz tests
 * too, so they log through here. The module's entry sets a handler that
 * passes lines on to baresip's own log. Secrets (ICE and TURN passwords,
 * keys, tokens) must never be given to these functions.
 */

/** Severity of a line */
enum clog_level {
	CLOG_DEBUG = 0,         /**< For developers                        */
	CLOG_INFO,              /**< Normal, seldom, worth knowing         */
	CLOG_WARN,              /**< Something is wrong                    */
};

/**
 * Takes one line
 *
 * @param level Severity, enum clog_level
 * @param msg   The line as formatted by the caller, with its newline
 * @param arg   Handler argument
 */
typedef void (clog_h)(int level, const char *msg, void *arg);

void clog_set_handler(clog_h *logh, void *arg);
void clog_debug(const char *fmt, ...);
void clog_info(const char *fmt, ...);
void clog_warning(const char *fmt, ...);
