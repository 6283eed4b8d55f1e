/**
 * @file base/log.c  Logging for all rooms
 *
 * The handler is called on the loop alone: neither baresip's log nor libre's
 * may be used by two threads. What another thread says waits for the loop
 * (base/logqueue.c), which is woken for it.
 */
#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/logqueue.h"
#include "base/text.h"


enum {
	LINE_MAX_SIZE = 1024,   /**< Longest line, the rest is cut [bytes] */
};


static struct {
	clog_h *logh;
	void *arg;
	pthread_t loop;         /* the thread that has set it */
	struct mqueue *mq;      /* wakes it (owned), NULL=there is no loop */
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


static void tell_lost(uint64_t n)
{
	char msg[128];
	const struct clog_line line = {
		.level = CLOG_WARN, .area = CLOG_BRIDGE, .msg = msg,
	};

	if (re_snprintf(msg, sizeof(msg), "%llu %s lost here: too many at"
			" once\n", n, text_plural(n, "line of another thread"
				" was", "lines of other threads were")) > 0)
		logger.logh(&line, logger.arg);
}


/**
 * Write what other threads have said up to now. On the loop
 */
void clog_flush(void)
{
	struct logqueue_line *l;
	uint64_t lost;

	if (!logger.logh)
		return;

	while ((l = logqueue_take())) {
		logger.logh(&l->line, logger.arg);
		mem_deref(l);
	}

	lost = logqueue_lost();
	if (lost)
		tell_lost(lost);
}


static void wake_handler(int id, void *data, void *arg)
{
	(void)id;
	(void)data;
	(void)arg;

	clog_flush();
}


/* Of a handler that is being taken away no thread may know any more: who uses
   it ends its threads first */
static void write_line(const struct clog_line *line)
{
	if (pthread_equal(pthread_self(), logger.loop)) {
		clog_flush();
		logger.logh(line, logger.arg);
	}
	else if (logqueue_put(line) && logger.mq) {
		(void)mqueue_push(logger.mq, 0, NULL);
	}
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
	write_line(line);
}


/**
 * Set the handler that takes all log lines of the process. It is called on the
 * thread that calls this, which has to be the loop's. Lines that wait are given
 * to the one before; with NULL all threads that log must have ended
 *
 * @param logh Log handler, NULL=silent
 * @param arg  Handler argument
 */
void clog_set_handler(clog_h *logh, void *arg)
{
	clog_flush();

	logger.logh = logh;
	logger.arg  = arg;
	logger.loop = pthread_self();
	logger.mq   = mem_deref(logger.mq);

	/* without a loop lines wait for the next one of this thread */
	if (logh)
		(void)mqueue_alloc(&logger.mq, wake_handler, NULL);
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
		write_line(&line);
}


/**
 * Is this another thread than the loop's, which may not call the handler?
 * What baresip or libre say there is put in line here
 *
 * @param level Severity
 * @param msg   What they say; the handler gets it as foreign
 *
 * @return True if the loop will write it
 */
bool clog_defer(enum clog_level level, const char *msg)
{
	const struct clog_line line = {
		.level = level, .msg = msg, .foreign = true,
	};

	if (!logger.logh || pthread_equal(pthread_self(), logger.loop))
		return false;

	write_line(&line);

	return true;
}
