/**
 * @file log/flight.c  Flight recorder: the last of each call
 *
 *   events, messages --> flightring.c --call ended badly--> flightfile.c
 */
#include <string.h>
#include <time.h>
#include <sys/time.h>
#include <re.h>
#include "base/jobthread.h"
#include "base/log.h"
#include "base/mono.h"
#include "base/text.h"
#include "base/wire.h"
#include "call/event.h"
#include "call/jsonadd.h"
#include "log/logrec.h"
#include "log/wirelog.h"
#include "log/flight.h"
#include "log/flightring.h"


static struct {
	struct flight_prm prm;
	char *dir;              /* owned */
	struct event_sub *sub;  /* owned */
	struct jobthread *t;    /* owned */
	struct flightrings rings;
	uint32_t calls;         /* highest number of a call so far */
	uint32_t written;       /* files since the start */
	char last[640];         /* path of the latest */
} fr;


/**
 * Did a call end badly? Nobody wanted that
 *
 * @param ev Event: it has ended
 *
 * @return True if it did
 */
bool flight_is_bad(const struct event *ev)
{
	switch (ev->call.reason) {

	case END_NO_CODEC:
	case END_NO_PATH:
	case END_PATH_LOST:
	case END_SILENCE:
	case END_GONE:
	case END_CONGESTION:
	case END_CLOUD:
	case END_UPSTREAM:
	case END_FAILED:
	case END_INTERNAL:
		return true;

	default:
		return ev->call.verdict > VERDICT_GOOD;
	}
}


static void job_handler(void *data, size_t behind, void *arg)
{
	(void)behind;
	(void)arg;

	flight_job_do(data);
}


static void done_handler(void *data, void *arg)
{
	const struct flight_job *job = data;
	char why[EVENT_TEXT] = "";
	struct event ev;
	(void)arg;

	event_init(&ev, EVENT_FLIGHT);
	ev.id        = job->call;
	event_copy_str(ev.record, sizeof(ev.record), job->record);
	event_copy_str(ev.linked, sizeof(ev.linked), job->linked);
	event_copy_str(ev.ext, sizeof(ev.ext), job->ext);
	event_copy_str(ev.progress.state, sizeof(ev.progress.state),
		       job->err ? "failed" : "written");
	event_copy_str(ev.progress.target, sizeof(ev.progress.target),
		       job->err ? job->dir : job->path);

	if (job->err) {
		(void)re_snprintf(why, sizeof(why), "%m", job->err);
		event_copy_str(ev.progress.text, sizeof(ev.progress.text),
			       why);
	}
	else {
		++fr.written;
		(void)str_ncpy(fr.last, job->path, sizeof(fr.last));
	}

	mem_deref(data);
	event_raise(&ev);
}


static struct flight_job *make_job(const struct flight *f, size_t size)
{
	struct flight_job *job = flight_job_alloc(size);

	if (!job)
		return NULL;

	job->wall = f->wall ? f->wall : wall_us() / 1000;
	job->call = f->call;
	job->keep = fr.prm.keep;
	job->json = fr.prm.form == LOGREC_JSON;
	(void)str_ncpy(job->record, f->record, sizeof(job->record));
	(void)str_ncpy(job->linked, f->linked, sizeof(job->linked));
	(void)str_ncpy(job->ext, f->ext, sizeof(job->ext));
	(void)str_ncpy(job->dir, fr.dir, sizeof(job->dir));

	return job;
}


/**
 * Where will the record of a call be that has ended?
 *
 * @param path Set to its path
 * @param size Room there [bytes]
 * @param ev   Its last event
 *
 * @return True if there will be one, if the disk takes it
 */
bool flight_expect(char *path, size_t size, const struct event *ev)
{
	struct flight *f = fr.sub && flight_is_bad(ev) ?
		flightring_find(&fr.rings, ev->id) : NULL;
	struct flight_job *job;
	int err;

	if (!f)
		return false;

	f->wall = wall_us() / 1000;
	job = make_job(f, 0);
	err = job ? flight_job_path(path, size, job, "") : ENOMEM;
	mem_deref(job);

	return !err;
}


static int write_job(const struct flight *f)
{
	struct flight_job *job = make_job(f, f->size + 256);
	const bool json = fr.prm.form == LOGREC_JSON;
	struct le *le;
	int err = 0;

	if (!job)
		return ENOMEM;

	if (f->left_out)
		err = mbuf_printf(job->mb, json ? "{\"left_out\":%u}\n" :
				  "(%u earlier ones were too much)\n\n",
				  f->left_out);

	for (le = list_head(&f->iteml); le && !err; le = le->next)
		err = mbuf_write_str(job->mb,
				     ((struct flight_item *)le->data)->text);

	if (!err)
		err = jobthread_push(fr.t, &job->le, job);
	if (err)
		mem_deref(job);

	return err;
}


static void over_handler(void *arg)
{
	struct flight *f = arg;

	if (f->bad)
		(void)write_job(f);
	mem_deref(f);
}


static void add_event(struct flight *f, const struct event *ev)
{
	const struct timespec now = {
		.tv_sec  = (time_t)(ev->wall / 1000),
		.tv_nsec = (long)(ev->wall % 1000) * 1000000,
	};
	struct clog_line line = {.level = CLOG_INFO, .ev = ev};
	struct mbuf *mb = mbuf_alloc(512);
	struct logrec rec;
	char *text = NULL;
	int err = mb ? 0 : ENOMEM;

	if (!err)
		err = re_sdprintf(&text, "%H", event_print_text, ev);
	if (!err) {
		line.msg = text;
		logrec_read(&rec, &line);
		rec.now = &now;
		err = logrec_print(mb, fr.prm.form, &rec);
	}
	if (!err && fr.prm.form == LOGREC_TEXT)
		err = mbuf_write_u8(mb, '\n');
	if (!err)
		flightring_put(&fr.rings, f, mb);

	mem_deref(text);
	mem_deref(mb);
}


static void event_handler(const struct event *ev, void *arg)
{
	struct flight *f;
	(void)arg;

	/* our own comes when a call may be over */
	if (!ev->id || ev->type == EVENT_FLIGHT)
		return;

	/* numbers go up: what comes of one that is over begins no other */
	f = flightring_find(&fr.rings, ev->id);
	if (!f && ev->id > fr.calls) {
		f = flightring_add(&fr.rings, ev->id);
		fr.calls = ev->id;
	}
	if (!f)
		return;

	event_copy_str(f->record, sizeof(f->record), ev->record);
	event_copy_str(f->linked, sizeof(f->linked), ev->linked);
	event_copy_str(f->ext, sizeof(f->ext), ev->ext);
	flightring_add_id(&fr.rings, f, ev->session);
	if (1 << (ev->type >> 4) == EVENT_CALL)
		flightring_add_id(&fr.rings, f, ev->call.callid);
	else if (1 << (ev->type >> 4) == EVENT_LEG)
		flightring_add_id(&fr.rings, f, ev->leg.callid);

	add_event(f, ev);

	if (ev->type == EVENT_CALL_ENDED) {
		f->bad = flight_is_bad(ev);
		tmr_start(&f->tmr, FLIGHT_LINGER, over_handler, f);
	}
}


static int print_json(struct mbuf *mb, const struct wire *w, const char *text)
{
	struct odict *od = NULL;
	struct timeval tv;
	char addr[64];
	int err;

	(void)gettimeofday(&tv, NULL);
	err = odict_alloc(&od, JSON_HASH_SIZE);
	err = json_add_str(err, od, "type", w->kind == WIRE_SIP ? "sip"
			   : "xmpp");
	err = json_add_int(err, od, "time", (uint64_t)tv.tv_sec * 1000 +
			   (uint64_t)tv.tv_usec / 1000);
	err = json_add_str(err, od, "dir", w->tx ? "out" : "in");
	if (w->src) {
		(void)re_snprintf(addr, sizeof(addr), "%J", w->src);
		err = json_add_str(err, od, "src", addr);
	}
	if (w->dst) {
		(void)re_snprintf(addr, sizeof(addr), "%J", w->dst);
		err = json_add_str(err, od, "dst", addr);
	}
	err = json_add_str(err, od, "text", text);
	if (!err)
		err = mbuf_printf(mb, "%H\n", json_encode_odict, od);
	mem_deref(od);

	return err;
}


static int print_text(struct mbuf *mb, const struct wire *w, const char *text)
{
	struct timespec now;
	char date[32] = "";
	struct tm tm;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (localtime_r(&now.tv_sec, &tm))
		(void)strftime(date, sizeof(date), "%FT%T", &tm);

	if (w->kind == WIRE_SIP)
		return mbuf_printf(mb, "--- %s.%03u SIP %s %J -> %J\n%s\n\n",
				   date, (unsigned)(now.tv_nsec / 1000000),
				   w->tx ? "out" : "in", w->src, w->dst,
				   text);

	return mbuf_printf(mb, "--- %s.%03u XMPP %s\n%s\n\n", date,
			   (unsigned)(now.tv_nsec / 1000000),
			   w->tx ? "out" : "in", text);
}


/**
 * Record a message, if it is of a call or may begin one
 *
 * @param w    Message as it came, with its secrets
 * @param text Without them; what is recorded
 * @param len  Length of the text [bytes]
 */
void flight_message(const struct wire *w, const char *text, size_t len)
{
	struct mbuf *mb;
	struct pl id;
	int err;

	if (!fr.sub || !flight_id(&id, w->kind, text, len))
		return;

	mb = mbuf_alloc(len + 128);
	if (!mb)
		return;

	err = fr.prm.form == LOGREC_JSON ? print_json(mb, w, text) :
		print_text(mb, w, text);
	if (!err)
		flightring_message(&fr.rings, &id, mb,
				   flight_begins(w->kind, text, len));
	mem_deref(mb);
}


/**
 * Write down a call now
 *
 * @param call Number of the call, 0=all
 *
 * @return 0 if success, ENOENT if there is no such call, otherwise errorcode
 */
int flight_write(uint32_t call)
{
	struct le *le;
	int err = ENOENT;

	for (le = list_head(&fr.rings.calll); le; le = le->next) {

		const struct flight *f = le->data;

		if (!call || f->call == call)
			err = write_job(f);
	}

	return err;
}


/**
 * Print what there is
 *
 * @param pf     Print function
 * @param unused Unused
 *
 * @return 0 if success, otherwise errorcode
 */
int flight_print(struct re_printf *pf, void *unused)
{
	(void)unused;

	if (!fr.sub)
		return re_hprintf(pf, "off (connectycube_flight_dir)\n");

	return re_hprintf(pf, "%u %s recorded, to %s; %u %s written%s%s\n",
			  list_count(&fr.rings.calll),
			  text_plural(list_count(&fr.rings.calll), "call is",
				      "calls are"), fr.dir, fr.written,
			  text_plural(fr.written, "file was", "files were"),
			  fr.written ? ", the latest " : "", fr.last);
}


/**
 * Is it on?
 *
 * @return True if it is
 */
bool flight_is_on(void)
{
	return fr.sub != NULL;
}


/**
 * Start to record, if there is a folder
 *
 * @param prm What, and where to; strings are copied
 *
 * @return 0 if success, otherwise errorcode
 */
int flight_init(const struct flight_prm *prm)
{
	int err;

	if (!prm || !prm->dir || !prm->size)
		return 0;

	memset(&fr, 0, sizeof(fr));
	fr.prm = *prm;
	fr.rings.size = prm->size;

	err = str_dup(&fr.dir, prm->dir);
	if (!err)
		err = jobthread_alloc(&fr.t, job_handler, NULL, done_handler,
				      NULL);
	if (!err)
		err = event_subscribe(&fr.sub, EVENT_ALL, event_handler, NULL);

	if (err)
		flight_close();
	else
		wirelog_set_flight(true);

	return err;
}


/**
 * Record no more. What ended badly is still written; jobthread_wait() waits
 * for that
 */
void flight_close(void)
{
	struct le *le;

	wirelog_set_flight(false);
	fr.sub = mem_deref(fr.sub);

	for (le = list_head(&fr.rings.calll); le; le = le->next) {

		const struct flight *f = le->data;

		if (f->bad)
			(void)write_job(f);
	}

	flightring_flush(&fr.rings);
	jobthread_finish(fr.t);
	fr.t   = NULL;
	fr.dir = mem_deref(fr.dir);
}
