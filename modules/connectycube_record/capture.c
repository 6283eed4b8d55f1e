/**
 * @file connectycube_record/capture.c  A recording: its states, its end
 *
 *   OPENING --> ON <--> PAUSED --> ENDED         a pause is without a tap, so
 *      `--> FAILED                               that nothing can come
 *
 * See capture.h. At the end all that waits is written first, and what became
 * of it is in the last chunk. Pure.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "call/event.h"
#include "call/tap.h"
#include "observe.h"
#include "capture.h"
#include "recfile.h"
#include "capture_core.h"
#include "writer.h"


enum {
	ALIVE = 1000000,        /**< Longest time without a chunk [us]     */
};


static void tell(const struct capture *cap, const char *state,
		 const char *text)
{
	struct event_progress p;

	memset(&p, 0, sizeof(p));
	str_ncpy(p.state,  state,     sizeof(p.state));
	str_ncpy(p.target, cap->name, sizeof(p.target));
	str_ncpy(p.text,   text,      sizeof(p.text));
	str_ncpy(p.by,     cap->by,   sizeof(p.by));
	str_ncpy(p.mode, cap->video ? "video" : "audio", sizeof(p.mode));

	cap->rec->ob->record(cap->call, &p);
}


static void destructor(void *data)
{
	struct capture *cap = data;

	mem_deref(cap->tap);
	writer_forget(cap->file);
	list_unlink(&cap->le);
	list_flush(&cap->partyl);
	mem_deref(cap->young.mb);
	mem_deref(cap->ripe.mb);
}


/**
 * The disk does not take what is to be written, or takes it again. Once each
 * that is in the log, and once that something is missing in the events
 *
 * @param cap Recording
 * @param err Why not, 0=it does again
 */
void capture_degrade(struct capture *cap, int err)
{
	char why[128];

	if (!err) {
		clog_info("record: call %u: %s is written again\n", cap->call,
			  cap->name);
		cap->bad = false;
		return;
	}

	if (err == EOVERFLOW)
		str_ncpy(why, "too much waits for the disk", sizeof(why));
	else
		(void)re_snprintf(why, sizeof(why), "%m", err);

	if (!cap->bad)
		clog_warning("record: call %u: %s cannot be written: %s\n",
			     cap->call, cap->name, why);
	cap->bad = true;

	if (cap->dropped && !cap->degraded) {
		cap->degraded = true;
		tell(cap, "degraded", why);
	}
}


/**
 * Have written what was said a while ago
 *
 * @param cap Recording that goes on
 */
void capture_turn(struct capture *cap)
{
	if (mono_us() - cap->t_last >= ALIVE)
		piece_put(cap, RECFILE_ALIVE);

	piece_turn(cap);
}


/* Whoever is in the middle of it has a reference */
static void forget(struct capture *cap)
{
	cap->h      = NULL;
	cap->over   = true;
	cap->ending = true;
	cap->tap = mem_deref(cap->tap);
	list_unlink(&cap->le);
	mem_deref(cap);
}


/* All that was said is on the disk, or lost: now it is known which */
static void write_end(struct capture *cap)
{
	struct mbuf *mb = mbuf_alloc(512);
	int err;

	cap->ending = true;

	err = mb ? capjson_end(mb, cap) : ENOMEM;
	if (!err)
		err = writer_end(cap->file, mb);
	if (err)
		mem_deref(mb);
	if (err && writer_end(cap->file, NULL))
		forget(cap);
}


static void opened(struct capture *cap, int err)
{
	capture_h *h = cap->h;
	char why[128];

	if (!err) {
		cap->opened = true;
		++cap->rec->started;
		tell(cap, "started", "");
		if (cap->paused)
			tell(cap, "paused", "");
		if (cap->over)
			tell(cap, "ended", cap->why);
		else if (h)
			h(cap, capture_state(cap), "", cap->arg);
		return;
	}

	++cap->rec->failed;
	(void)re_snprintf(why, sizeof(why), "%m", err);
	clog_warning("record: call %u is not recorded: %s/%s: %s\n", cap->call,
		     writer_spool(cap->rec->w), cap->name, why);
	tell(cap, "failed", why);

	if (h)
		h(cap, CAPTURE_FAILED, why, cap->arg);
	forget(cap);
}


static void closed(struct capture *cap, int err)
{
	if (err)
		clog_warning("record: call %u: the end of %s is not written:"
			     " %m\n", cap->call, cap->name, err);

	cap->file = NULL;
	forget(cap);
}


static void done_handler(const struct writer_done *done, void *arg)
{
	struct capture *cap = mem_ref(arg);

	switch (done->what) {

	case WRITER_OPENED:
		opened(cap, done->err);
		break;

	case WRITER_WRITTEN:
		piece_written(cap, done);
		break;

	case WRITER_CLOSED:
		closed(cap, done->err);
		break;
	}

	if (cap->over && !cap->ending && writer_is_idle(cap->file))
		write_end(cap);

	mem_deref(cap);
}


static int open_file(struct capture *cap, const struct event *ev)
{
	struct mbuf *mb = mbuf_alloc(1024);
	int err;

	cap->t_last = mono_us();

	err = mb ? recfile_head(mb) : ENOMEM;
	if (!err)
		err = capjson_start(mb, cap, ev, cap->t_last);
	if (!err)
		err = writer_open(&cap->file, cap->rec->w, cap->name, mb,
				  done_handler, cap);
	if (err)
		mem_deref(mb);

	return err;
}


static int listen_to(struct capture *cap)
{
	return cap->rec->ob->tap(&cap->tap, cap->call, &party_handlers, cap);
}


/**
 * Begin to record a call
 *
 * @param capp Pointer to the recording, whose owner is the recorder: see
 *             capture_h and capture_stop() for how long it is there
 * @param rec  Recorder
 * @param prm  What is to be recorded; copied
 * @param h    Is told of what was not ordered, may be NULL
 * @param arg  Its argument
 *
 * @return 0 if success: its state is CAPTURE_OPENING. ENOENT if there is no
 *         such call, EALREADY if it is being recorded, otherwise errorcode
 */
int capture_start(struct capture **capp, struct recorder *rec,
		  const struct capture_prm *prm, capture_h *h, void *arg)
{
	struct capture *cap;
	struct event ev;
	int err;

	if (!rec || !prm || !prm->call)
		return EINVAL;
	if (recorder_find(rec, prm->call))
		return EALREADY;

	err = rec->ob->describe(&ev, prm->call);
	if (err)
		return err;

	cap = mem_zalloc(sizeof(*cap), destructor);
	if (!cap)
		return ENOMEM;

	cap->rec    = rec;
	cap->call   = prm->call;
	cap->video  = prm->video;
	cap->paused = cap->pauses = prm->paused;
	cap->h      = h;
	cap->arg    = arg;
	str_ncpy(cap->by, prm->by ? prm->by : "", sizeof(cap->by));
	uuid_make(cap->id);
	(void)re_snprintf(cap->name, sizeof(cap->name), "%s.rec", cap->id);
	list_append(&rec->capl, &cap->le, cap);

	/* nothing comes before this returns */
	if (!cap->paused)
		err = listen_to(cap);
	if (!err)
		err = open_file(cap, &ev);
	if (err) {
		mem_deref(cap);
		return err;
	}

	if (cap->paused)
		piece_put(cap, RECFILE_PAUSE);

	recorder_tick(rec);
	if (capp)
		*capp = cap;

	return 0;
}


/**
 * Pause a recording: nothing of what is said from now on reaches the disk
 *
 * @param cap Recording
 *
 * @return 0 if success, EALREADY if it is, ENOTCONN if it is over
 */
int capture_pause(struct capture *cap)
{
	if (!cap)
		return EINVAL;
	if (cap->over)
		return ENOTCONN;
	if (cap->paused)
		return EALREADY;

	cap->tap    = mem_deref(cap->tap);
	cap->paused = cap->pauses = true;
	party_all_gone(cap);
	piece_put(cap, RECFILE_PAUSE);

	if (cap->opened)
		tell(cap, "paused", "");

	return 0;
}


/**
 * Let a recording go on
 *
 * @param cap Recording
 *
 * @return 0 if success, EALREADY if it was not paused, ENOTCONN if it is over,
 *         otherwise errorcode: it is paused still
 */
int capture_resume(struct capture *cap)
{
	int err;

	if (!cap)
		return EINVAL;
	if (cap->over)
		return ENOTCONN;
	if (!cap->paused)
		return EALREADY;

	/* nothing comes before this returns */
	err = listen_to(cap);
	if (err)
		return err;

	cap->paused = false;
	piece_put(cap, RECFILE_RESUME);

	if (cap->opened)
		tell(cap, "resumed", "");

	return 0;
}


/**
 * Nothing comes any more: have the rest written, and then the end
 *
 * @param cap Recording
 * @param why Why
 */
void capture_finish(struct capture *cap, const char *why)
{
	cap->tap    = mem_deref(cap->tap);
	party_all_gone(cap);
	cap->over   = true;
	cap->t_end  = mono_us();
	cap->t_wall = wall_us() / 1000;
	str_ncpy(cap->why, why, sizeof(cap->why));

	piece_flush(cap);

	if (cap->opened)
		tell(cap, "ended", why);
}


/**
 * Write the end of a recording without waiting for what becomes of the rest:
 * the process ends
 *
 * @param cap Recording, which is over
 */
void capture_end_now(struct capture *cap)
{
	cap->h = NULL;
	if (!cap->ending)
		write_end(cap);
}


/**
 * A recording's call is over
 *
 * @param cap Recording, gone for who has ordered it
 * @param why Why
 */
void capture_over(struct capture *cap, const char *why)
{
	capture_h *h = cap->h;

	cap->h = NULL;
	capture_finish(cap, why);

	if (h)
		h(cap, CAPTURE_ENDED, why, cap->arg);

	if (writer_is_idle(cap->file))
		write_end(cap);
}


/**
 * End a recording
 *
 * @param cap Recording, gone for who has ordered it, who is not told. NULL is
 *            ignored
 * @param why Why
 */
void capture_stop(struct capture *cap, const char *why)
{
	if (!cap || cap->over)
		return;

	cap->h = NULL;
	capture_over(cap, why ? why : "");
}


/**
 * Who has ordered a recording is gone; it goes on
 *
 * @param cap Recording, NULL is ignored
 */
void capture_detach(struct capture *cap)
{
	if (cap)
		cap->h = NULL;
}
