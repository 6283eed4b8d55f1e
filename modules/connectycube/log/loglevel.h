/**
 * @file log/loglevel.h  Areas of the log, and how much is said of each
 *
 * Wants base/log.h.
 */

/** From which severity on lines are written, by area */
struct loglevels {
	enum clog_level v[CLOG_AREAS];
};

const char *logarea_name(enum clog_area area);
enum clog_area logarea_of_text(const char *msg);
const char *loglevel_name(enum clog_level level);
int  loglevels_set(struct loglevels *levels, const struct pl *pl);
bool loglevels_any(const struct loglevels *levels, enum clog_level level);
