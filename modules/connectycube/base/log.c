/**
 * @file base/log.c  Logging for the rooms that know no baresip
 */
#include <stdarg.h>
#include <re.h>
#include "log.h"


enum {
	LINE_MAX_SIZE = 1024,   /**< Longest line, the rest is cut [bytes] */
};


static struct {
	clog_h *logh;
	void *arg;
} logger;


static void vlog(int level, const char *fmt, va_list ap)
{
	char buf[LINE_MAX_SIZE];

	if (!logger.logh)
		return;

	/* a line that does not fit is cut; it is always terminated */
	(void)re_vsnprintf(buf, sizeof(buf), fmt, ap);

	logger.logh(level, buf, logger.arg);
}


/**
 * Set the handler that takes all log lines of the process
 *
 * @param logh Log handler, NULL=silent
 * @param arg  Handler argument
 */
void clog_set_handler(clog_h *logh, void *arg)
{
	logger.logh = logh;
	logger.arg  = arg;
}


/**
 * Log a line of interest to developers only
 *
 * @param fmt Format as of re_printf(), ending with a newline
 */
void clog_debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vlog(CLOG_DEBUG, fmt, ap);
	va_end(ap);
}


/**
 * Log a line of interest to whoever runs the bridge
 *
 * @param fmt Format as of re_printf(), ending with a newline
 */
void clog_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vlog(CLOG_INFO, fmt, ap);
	va_end(ap);
}


/**
 * Log that something is wrong
 *
 * @param fmt Format as of re_printf(), ending with a newline
 */
void clog_warning(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vlog(CLOG_WARN, fmt, ap);
	va_end(ap);
}
