/**
 * @file base/log.c  Logging for all rooms
 */
#include <stdarg.h>
#include <string.h>
#include <re.h>
#include "log.h"


enum {
	LINE_MAX_SIZE = 1024,   /**< Longest line, the rest is cut [bytes] */
};


static struct {
	clog_h *logh;
	void *arg;
} logger;


/** A line that is being written */
struct cut {
	char str[LINE_MAX_SIZE];
	size_t len;
};


static int cut_handler(const char *p, size_t size, void *arg)
{
	struct cut *cut = arg;
	const size_t n = min(size, sizeof(cut->str) - 1 - cut->len);

	memcpy(&cut->str[cut->len], p, n);
	cut->len += n;

	return 0;
}


static void vlog(struct clog_line *line, const char *fmt, va_list ap)
{
	struct cut cut;

	if (!logger.logh)
		return;

	cut.len = 0;
	(void)re_vhprintf(fmt, ap, cut_handler, &cut);

	/* what does not fit is cut, but not the line's end */
	if (cut.len == sizeof(cut.str) - 1)
		cut.str[cut.len - 1] = '\n';
	cut.str[cut.len] = '\0';

	line->msg = cut.str;
	logger.logh(line, logger.arg);
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
 * What is written about in a file? Its room tells
 *
 * @param file Path of a source file
 *
 * @return Area
 */
enum clog_area clog_area(const char *file)
{
	static const struct {
		const char *room;
		enum clog_area area;
	} roomv[] = {
		{"/sip/",            CLOG_SIP},
		{"/cube/",           CLOG_CLOUD},
		{"/peer/",           CLOG_MEDIA},
		{"/audio/",          CLOG_MEDIA},
		{"/video/",          CLOG_MEDIA},
		{"/rtp/",            CLOG_MEDIA},
		{"/connectycube_av", CLOG_MEDIA},
	};
	size_t i;

	for (i=0; file && i<ARRAY_SIZE(roomv); i++) {
		if (strstr(file, roomv[i].room))
			return roomv[i].area;
	}

	return CLOG_BRIDGE;
}


/**
 * Log a line; see clog_debug(), clog_info(), clog_warning()
 *
 * @param level Severity
 * @param file  Path of the source file
 * @param id    Of which call: its Call-ID or session id, NULL=of none
 * @param fmt   Format as of re_printf(), ending with a newline
 */
void clog_print(enum clog_level level, const char *file, const char *id,
		const char *fmt, ...)
{
	struct clog_line line = {
		.level = level, .area = clog_area(file), .id = id,
	};
	va_list ap;

	va_start(ap, fmt);
	vlog(&line, fmt, ap);
	va_end(ap);
}


/**
 * Log that something has happened
 *
 * @param level Severity
 * @param area  Area
 * @param ev    What has happened
 * @param fmt   The same for people, ending with a newline
 */
void clog_event(enum clog_level level, enum clog_area area,
		const struct event *ev, const char *fmt, ...)
{
	struct clog_line line = {.level = level, .area = area, .ev = ev};
	va_list ap;

	va_start(ap, fmt);
	vlog(&line, fmt, ap);
	va_end(ap);
}


/**
 * Log a text of any length
 *
 * @param level Severity
 * @param area  Area
 * @param id    Of which call: its Call-ID or session id, NULL=of none
 * @param msg   Text, ending with a newline
 */
void clog_text(enum clog_level level, enum clog_area area, const char *id,
	       const char *msg)
{
	const struct clog_line line = {
		.level = level, .area = area, .id = id, .msg = msg,
	};

	if (logger.logh)
		logger.logh(&line, logger.arg);
}
