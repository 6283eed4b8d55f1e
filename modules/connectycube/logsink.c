/**
 * @file logsink.c  Where the log goes: baresip's, libre's and our own
 *
 *   baresip: info(), warning() -----+
 *   libre:   DEBUG_WARNING() -------+--> a line with time and level --> stdout
 *   ours:    clog_...() ------------+                             or a file
 *
 * baresip itself prints lines without either.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <re.h>
#include <baresip.h>

#define DEBUG_MODULE "log"
#define DEBUG_LEVEL 0
#include <re_dbg.h>

#include "base/log.h"
#include "base/logline.h"
#include "logsink.h"


static void log_handler(uint32_t level, const char *msg);

static struct {
	struct log log;         /* ours at baresip */
	struct mbuf *mb;        /* the line (owned) */
	enum logline_form form;
	char *file;             /* path (owned), NULL=stdout */
	int fd;                 /* owned, unless it is stdout */
	bool inside;            /* within a line */
	bool busy;              /* not from its own complaints */
} sink = {.log = {.h = log_handler}, .fd = STDOUT_FILENO};


static void write_all(const struct mbuf *mb)
{
	size_t n = 0;

	while (n < mb->end) {

		const ssize_t r = write(sink.fd, mb->buf + n, mb->end - n);

		if (r < 0 && errno != EINTR)
			break;
		if (r > 0)
			n += (size_t)r;
	}
}


static void print(unsigned level, const char *msg)
{
	struct timespec now;

	if (!sink.mb || sink.busy)
		return;

	sink.busy = true;
	(void)clock_gettime(CLOCK_REALTIME, &now);

	mbuf_rewind(sink.mb);
	if (!logline_print(sink.mb, sink.form, level, &now, &sink.inside, msg))
		write_all(sink.mb);
	sink.busy = false;
}


static void log_handler(uint32_t level, const char *msg)
{
	print(level, msg);
}


static void dbg_handler(int level, const char *p, size_t len, void *arg)
{
	char buf[512];
	const struct pl pl = {p, len};
	(void)arg;

	if (level > DBG_NOTICE || pl_strcpy(&pl, buf, sizeof(buf)))
		return;

	print(level <= DBG_ERR ? LOGLINE_ERROR : LOGLINE_WARN, buf);
}


static void clog_handler(const struct clog_line *line, void *arg)
{
	(void)arg;

	switch (line->level) {

	case CLOG_TRACE:
	case CLOG_DEBUG:
		debug("connectycube: %s", line->msg);
		break;

	case CLOG_INFO:
		info("connectycube: %s", line->msg);
		break;

	default:
		warning("connectycube: %s", line->msg);
		break;
	}
}


/**
 * Take the log over, to stdout
 */
void logsink_init(void)
{
	clog_set_handler(clog_handler, NULL);

	sink.mb = mbuf_alloc(512);
	if (!sink.mb)
		return;

	(void)logsink_set(LOGLINE_AUTO, NULL);
	log_register_handler(&sink.log);
	log_enable_stdout(false);
	dbg_handler_set(dbg_handler, NULL);
}


/**
 * Give the log back
 */
void logsink_close(void)
{
	clog_set_handler(NULL, NULL);

	if (!sink.mb)
		return;

	dbg_handler_set(NULL, NULL);
	log_unregister_handler(&sink.log);
	log_enable_stdout(true);

	if (sink.file)
		(void)close(sink.fd);
	sink.fd   = STDOUT_FILENO;
	sink.file = mem_deref(sink.file);
	sink.mb   = mem_deref(sink.mb);
}


static int open_file(int *fdp, const char *file)
{
	*fdp = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
		    O_NOCTTY, 0600);

	return *fdp < 0 ? errno : 0;
}


/**
 * Set what lines look like and where they go
 *
 * @param form Form
 * @param file Path of a file to append to, NULL=stdout
 *
 * @return 0 if success, otherwise why the file cannot be written; then nothing
 *         has changed
 */
int logsink_set(enum logline_form form, const char *file)
{
	char *path = NULL;
	int fd = STDOUT_FILENO, err;

	if (file) {
		err = str_dup(&path, file);
		if (!err)
			err = open_file(&fd, file);
		if (err) {
			mem_deref(path);
			return err;
		}
	}

	if (sink.file)
		(void)close(sink.fd);
	mem_deref(sink.file);

	sink.file = path;
	sink.fd   = fd;
	sink.form = form != LOGLINE_AUTO ? form :
		logline_is_journal(fd, getenv("JOURNAL_STREAM")) ?
		LOGLINE_JOURNAL : LOGLINE_STAMP;

	return 0;
}


/**
 * Open the file anew, after it has been moved away
 *
 * @return 0 if success; otherwise the old one stays open
 */
int logsink_reopen(void)
{
	int fd, err;

	if (!sink.file)
		return 0;

	err = open_file(&fd, sink.file);
	if (err)
		return err;

	(void)close(sink.fd);
	sink.fd = fd;

	return 0;
}
