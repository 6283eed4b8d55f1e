/**
 * @file logsink.c  Where the log goes: baresip's, libre's and our own
 *
 *   baresip: info(), warning() ----+  +- level of ---> a line with time and
 *   libre:   DEBUG_WARNING() ------+--+  its area      level --> stdout, file
 *   ours:    clog_...() -----------+                `-> log/logrec.c -->
 *                                        log/logwriter.c: a file for
 *                                        each area, or journald
 *
 * baresip itself prints lines without either. Unless there are files of their
 * own, our lines go by baresip's log, so that other modules see them, too.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <re.h>
#include <baresip.h>

#define DEBUG_MODULE "log"
#define DEBUG_LEVEL 0
#include <re_dbg.h>

#include "base/jobthread.h"
#include "base/log.h"
#include "base/logline.h"
#include "base/text.h"
#include "log/callids.h"
#include "log/foreign.h"
#include "log/logout.h"
#include "log/loglevel.h"
#include "log/logrec.h"
#include "log/logwriter.h"
#include "log/wirelog.h"
#include "logsink.h"


#define JOURNALD "/run/systemd/journal/socket"

static void log_handler(uint32_t level, const char *msg);

static struct {
	struct log log;         /* ours at baresip */
	struct mbuf *mb;        /* the line (owned) */
	enum logline_form form;
	enum logrec_form rec;   /* what records look like */
	bool recs;              /* lines are records */
	struct logwriter *w;    /* files or journald (owned), NULL=neither */
	char *dir;              /* files: where (owned) */
	uint64_t limit;         /* ... [bytes] */
	unsigned keep;
	struct loglevels levels;
	enum log_level level;   /* baresip's, at the start */
	struct logout *out;     /* stdout, or the one file (owned) */
	bool inside;            /* within a line */
	bool busy;              /* not from its own complaints */
	bool own;               /* a line of ours goes by baresip's log */
} sink = {.log = {.h = log_handler}};


static void print(unsigned level, const char *msg)
{
	struct timespec now;

	if (!sink.mb || sink.busy)
		return;

	sink.busy = true;
	(void)clock_gettime(CLOCK_REALTIME, &now);

	mbuf_rewind(sink.mb);
	if (!logline_print(sink.mb, sink.form, level, &now, &sink.inside, msg))
		logout_put(sink.out, sink.mb);
	sink.busy = false;
}


static void write_rec(struct logrec *rec)
{
	struct timespec now;
	int err;

	if (!sink.mb || sink.busy || !rec->msg.l)
		return;

	sink.busy = true;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	rec->now = &now;
	if (!rec->call)
		rec->call = callids_find(&rec->id);

	mbuf_rewind(sink.mb);
	err = sink.w && !sink.dir ?
		logrec_journal(sink.mb, sink.rec, rec) :
		logrec_print(sink.mb, sink.rec, rec);

	if (!err && sink.w)
		(void)logwriter_put(sink.w, rec->area, sink.mb);
	else if (!err)
		logout_put(sink.out, sink.mb);
	sink.busy = false;
}


/* baresip's and libre's, which do not say of what they are */
static void foreign(enum clog_level level, const char *msg)
{
	struct clog_line line = {
		.level = level, .area = logarea_of_text(msg), .msg = msg,
	};
	struct logrec rec;

	if (level < sink.levels.v[line.area])
		return;

	if (!sink.recs) {
		print((unsigned)level, msg);
		return;
	}

	logrec_read(&rec, &line);
	write_rec(&rec);
}


/* baresip's modules have threads, too */
static void log_handler(uint32_t level, const char *msg)
{
	char buf[4096];         /* as long as baresip's */

	if (foreign_hide(buf, sizeof(buf), msg))
		msg = buf;

	if (clog_defer((enum clog_level)level, msg))
		return;

	if (sink.own)
		print(level, msg);
	else
		foreign((enum clog_level)level, msg);
}


static void dbg_handler(int level, const char *p, size_t len, void *arg)
{
	char buf[512], hidden[512];
	const struct pl pl = {p, min(len, sizeof(buf) - 1)};
	const char *msg = buf;
	enum clog_level clevel;
	(void)arg;

	if (level > DBG_NOTICE || text_str(buf, sizeof(buf), &pl))
		return;

	clevel = level <= DBG_ERR ? CLOG_ERROR : CLOG_WARN;

	if (foreign_hide(hidden, sizeof(hidden), buf))
		msg = hidden;
	if (!clog_defer(clevel, msg))
		foreign(clevel, msg);
}


/* A message that came or goes: none of its lines looks like one of ours */
static void print_message(const char *msg)
{
	struct mbuf *mb = mbuf_alloc(strlen(msg) + 512);

	if (mb && !logline_quote(mb, msg))
		print(LOGLINE_DEBUG, (const char *)mb->buf);

	mem_deref(mb);
}


static void clog_handler(const struct clog_line *line, void *arg)
{
	struct logrec rec;
	(void)arg;

	if (line->foreign) {
		foreign(line->level, line->msg);
		return;
	}

	if (line->level < sink.levels.v[line->area])
		return;

	if (sink.recs) {
		logrec_read(&rec, line);
		write_rec(&rec);
		return;
	}

	sink.own = true;

	switch (line->level) {

	/* longer than baresip's lines */
	case CLOG_TRACE:
		print_message(line->msg);
		break;

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

	sink.own = false;
}


/* Told where somebody sees it: the other files are on the same disk */
static void lost_handler(enum clog_area area, int err, uint64_t lost,
			 void *arg)
{
	char msg[256];
	struct logrec rec = {
		.level = CLOG_WARN, .area = area, .msg.p = msg,
	};
	(void)arg;

	if (err) {
		(void)re_snprintf(msg, sizeof(msg), "connectycube: %s log"
				  " cannot be written: %m\n",
				  logarea_name(area), err);
		print(LOGLINE_WARN, msg);
		return;
	}

	(void)re_snprintf(msg, sizeof(msg), "%llu %s lost here: could not be"
			  " written, or too many at once", lost,
			  text_plural(lost, "line was", "lines were"));
	rec.msg.l = strlen(msg);
	write_rec(&rec);
}


/**
 * Set how much is said. baresip makes what nobody wants unless it is told
 *
 * @param levels Levels
 */
void logsink_set_levels(const struct loglevels *levels)
{
	sink.levels = *levels;
	wirelog_set_trace(levels->v[CLOG_SIP] == CLOG_TRACE,
			  levels->v[CLOG_CLOUD] == CLOG_TRACE);
	log_level_set(loglevels_any(levels, CLOG_DEBUG) ? LEVEL_DEBUG
		      : sink.level == LEVEL_DEBUG ? LEVEL_INFO : sink.level);
}


static void close_writer(void)
{
	if (!sink.w && !sink.out)
		return;

	clog_flush();

	logwriter_close(sink.w);
	sink.w    = NULL;
	sink.out  = mem_deref(sink.out);
	sink.recs = false;
	jobthread_wait();
}


/**
 * Take the log over, to stdout
 */
void logsink_init(void)
{
	const struct logsink_prm prm = {.form = LOGLINE_AUTO};

	clog_set_handler(clog_handler, NULL);

	sink.mb = mbuf_alloc(512);
	if (!sink.mb)
		return;

	sink.level = log_level_get();
	(void)logsink_set(&prm);
	log_register_handler(&sink.log);
	log_enable_stdout(false);
	dbg_handler_set(dbg_handler, NULL);
	(void)callids_init();

	/* some ways out are short */
	(void)atexit(close_writer);
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
	log_level_set(sink.level);
	log_enable_stdout(true);
	wirelog_set_trace(false, false);
	callids_close();
	close_writer();

	sink.dir = mem_deref(sink.dir);
	sink.mb  = mem_deref(sink.mb);
}


/* What is waited for by the old one is written still */
static int set_out(const char *file)
{
	struct logout *out;
	int err;

	err = logout_alloc(&out, file);
	if (err)
		return err;

	mem_deref(sink.out);
	sink.out = out;

	return 0;
}


/* What cannot be had is said, and the log goes where it went */
static void set_writer(const struct logsink_prm *prm)
{
	const bool files = prm->form == LOGLINE_FILES;
	const struct logwriter_prm wp = {
		.dir = files ? prm->dir : NULL, .sock = JOURNALD,
		.limit = prm->limit, .keep = prm->keep,
	};
	int err;

	if (!files && prm->form != LOGLINE_JOURNALD)
		return;

	err = files ? str_dup(&sink.dir, prm->dir) : 0;
	if (!err)
		err = logwriter_alloc(&sink.w, &wp, lost_handler, NULL);
	if (err) {
		clog_warning("connectycube_log %s: %s: %m; the log goes to"
			     " stdout\n", files ? "files" : "journald",
			     files ? prm->dir : JOURNALD, err);
		sink.dir = mem_deref(sink.dir);
		return;
	}

	clog_info("the log is in %s%s from now on\n",
		  files ? prm->dir : "the journal", files ? "/*.log" : "");
	sink.limit = prm->limit;
	sink.keep  = prm->keep;
	sink.recs  = true;
}


/**
 * Set what lines look like and where they go
 *
 * @param prm How; strings are copied
 *
 * @return 0 if success, otherwise why the one file cannot be written; then
 *         nothing has changed. A directory that cannot is only told
 */
int logsink_set(const struct logsink_prm *prm)
{
	struct loglevels levels = {{CLOG_INFO, CLOG_INFO, CLOG_INFO,
		CLOG_INFO}};
	struct pl pl;
	int err;

	err = set_out(prm->file);
	if (err)
		return err;

	sink.form = prm->form == LOGLINE_STAMP || prm->form == LOGLINE_PLAIN ||
		prm->form == LOGLINE_JOURNAL ? prm->form :
		logline_is_journal(logout_fd(sink.out), getenv("JOURNAL_STREAM")) ?
		LOGLINE_JOURNAL : LOGLINE_STAMP;
	sink.rec = prm->json ? LOGREC_JSON : LOGREC_TEXT;

	pl_set_str(&pl, prm->levels ? prm->levels : "info");
	(void)loglevels_set(&levels, &pl);

	/* -v */
	if (sink.level == LEVEL_DEBUG) {
		size_t i;

		for (i=0; i<CLOG_AREAS; i++)
			levels.v[i] = min(levels.v[i], CLOG_DEBUG);
	}
	logsink_set_levels(&levels);

	set_writer(prm);
	if (prm->json)
		sink.recs = true;

	return 0;
}


/**
 * Open the file anew, or all of them, after they have been moved away
 *
 * @return 0 if success; otherwise the old one stays open. What the thread finds
 *         out later is told then
 */
int logsink_reopen(void)
{
	if (sink.w && sink.dir)
		return logwriter_reopen(sink.w);

	return logout_reopen(sink.out);
}


/**
 * Get how much is said
 *
 * @param levels Returned levels
 */
void logsink_levels(struct loglevels *levels)
{
	*levels = sink.levels;
}


/**
 * Show where the log goes, and how much is said
 *
 * @param pf     Print function
 * @param unused Unused
 *
 * @return 0 if success, otherwise errorcode
 */
int logsink_print(struct re_printf *pf, void *unused)
{
	const uint64_t out = sink.w ? 0 : logout_lost(sink.out);
	size_t i;
	int err;
	(void)unused;

	err = re_hprintf(pf, "log to %s%s\n", sink.w ? (sink.dir ? sink.dir :
			 "the journal") : logout_file(sink.out) ?
			 logout_file(sink.out) : "stdout",
			 sink.rec == LOGREC_JSON ? ", as JSON" : "");
	if (sink.dir && sink.limit)
		err |= re_hprintf(pf, "a file is %llu KiB long at most; %u"
				  " older ones are kept\n",
				  sink.limit / 1024, sink.keep);

	if (out)
		err |= re_hprintf(pf, "%llu %s lost\n", out,
				  text_plural(out, "line was", "lines were"));

	for (i=0; i<CLOG_AREAS; i++) {

		const enum clog_area area = (enum clog_area)i;
		const uint64_t lost = logwriter_lost(sink.w, area);

		err |= re_hprintf(pf, "%-8s%s", logarea_name(area),
				  loglevel_name(sink.levels.v[i]));
		if (lost)
			err |= re_hprintf(pf, " (%llu %s lost)", lost,
					  text_plural(lost, "line was",
						      "lines were"));
		err |= re_hprintf(pf, "\n");
	}

	return err;
}
