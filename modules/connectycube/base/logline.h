/**
 * @file base/logline.h  What a line of the log looks like
 *
 *   stamp    2026-11-29T14:10:11.123+00:00 WARN  connectycube: ...
 *   journal  <4>connectycube: ...           (sd-daemon(3); no time: it has one)
 *   plain    connectycube: ...
 */

/** Form of a line */
enum logline_form {
	LOGLINE_AUTO = 0,       /**< journal if it takes them, else stamp  */
	LOGLINE_STAMP,
	LOGLINE_JOURNAL,
	LOGLINE_PLAIN,
	LOGLINE_FILES,          /**< None: a file for each area            */
	LOGLINE_JOURNALD,       /**< None: journald's own protocol         */
};

/** Level of a line; the numbers are those of baresip */
enum logline_level {
	LOGLINE_DEBUG = 0,
	LOGLINE_INFO,
	LOGLINE_WARN,
	LOGLINE_ERROR,
};

struct timespec;

bool logline_is_journal(int fd, const char *env);
int  logline_quote(struct mbuf *mb, const char *msg);
int  logline_print(struct mbuf *mb, enum logline_form form, unsigned level,
		   const struct timespec *now, bool *inside, const char *msg);
