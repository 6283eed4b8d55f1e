/**
 * @file connectycube_record/recorder.c  All recordings of the process
 *
 * Pure.
 */
#include <re.h>
#include "base/log.h"
#include "call/event.h"
#include "observe.h"
#include "capture.h"
#include "recfile.h"
#include "capture_core.h"
#include "writer.h"


enum {
	TICK = 250,             /**< What was said is written after twice
				     that [ms]                             */
};


static void destructor(void *data)
{
	struct recorder *rec = data;

	mem_deref(rec->live);
	tmr_cancel(&rec->tmr);
	list_flush(&rec->capl);
}


/* All of them at once: the thread is woken once, and so is the loop */
static void tick_handler(void *arg)
{
	struct recorder *rec = arg;
	struct le *le = rec->capl.head;

	if (le)
		tmr_start(&rec->tmr, TICK, tick_handler, rec);

	while (le) {

		struct capture *cap = le->data;

		le = le->next;
		if (!cap->over)
			capture_turn(cap);
	}
}


/**
 * A recording has begun: what is said in it is written every now and then
 *
 * @param rec Recorder
 */
void recorder_tick(struct recorder *rec)
{
	if (!tmr_isrunning(&rec->tmr))
		tmr_start(&rec->tmr, TICK, tick_handler, rec);
}


/* A member of `state`: docs/HUB.md */
static int live_handler(struct mbuf *mb, void *arg)
{
	const struct recorder *rec = arg;
	bool works = true;
	struct le *le;

	for (le = rec->capl.head; le; le = le->next)
		works &= !((const struct capture *)le->data)->bad;

	return mbuf_printf(mb, ",\"recorder\":{\"started\":%llu,"
			   "\"failed\":%llu,\"packets_lost\":%llu,"
			   "\"waiting_kb\":%zu,\"works\":%s}",
			   (unsigned long long)rec->started,
			   (unsigned long long)rec->failed,
			   (unsigned long long)rec->dropped,
			   writer_waiting(rec->w) >> 10,
			   works ? "true" : "false");
}


/**
 * Make ready to record
 *
 * @param recp  Pointer to the recorder; end it with recorder_close()
 * @param ob    The bridge, must outlive it
 * @param spool Folder of recordings
 * @param queue Most that waits for the disk [bytes]
 *
 * @return 0 if success, otherwise why nothing can be written there
 */
int recorder_alloc(struct recorder **recp, const struct observe *ob,
		   const char *spool, size_t queue)
{
	struct recorder *rec;
	int err;

	if (!recp || !ob || !spool)
		return EINVAL;

	rec = mem_zalloc(sizeof(*rec), destructor);
	if (!rec)
		return ENOMEM;

	rec->ob = ob;
	tmr_init(&rec->tmr);

	err = ob->live_part ? ob->live_part(&rec->live, live_handler, rec) : 0;
	if (!err)
		err = writer_alloc(&rec->w, spool, queue);
	if (err)
		mem_deref(rec);
	else
		*recp = rec;

	return err;
}


/**
 * End all recordings, and wait until they are on the disk
 *
 * @param rec Recorder, may be NULL
 */
void recorder_close(struct recorder *rec)
{
	struct le *le;

	if (!rec)
		return;

	le = rec->capl.head;
	while (le) {

		struct capture *cap = le->data;

		le = le->next;
		if (!cap->over)
			capture_finish(cap, "shutdown");
		capture_end_now(cap);
	}

	/* what is told of files from here on is told to nobody */
	for (le = rec->capl.head; le; le = le->next) {

		struct capture *cap = le->data;

		writer_forget(cap->file);
		cap->file = NULL;
	}

	writer_close(rec->w);
	rec->w = NULL;
	mem_deref(rec);
}


/**
 * Find the recording of a call
 *
 * @param rec  Recorder
 * @param call Number of the call
 *
 * @return Recording that goes on, NULL if there is none
 */
struct capture *recorder_find(const struct recorder *rec, uint32_t call)
{
	struct le *le;

	for (le = rec ? rec->capl.head : NULL; le; le = le->next) {

		struct capture *cap = le->data;

		if (cap->call == call && !cap->over)
			return cap;
	}

	return NULL;
}


static int print_one(struct re_printf *pf, const struct capture *cap)
{
	return re_hprintf(pf, "call %u: %s%s: %s, %s by %s, packets: %llu,"
			  " lost: %llu\n",
			  cap->call,
			  capture_state_name(capture_state(cap)),
			  cap->degraded ? " (degraded)" : "", cap->name,
			  cap->video ? "video" : "audio",
			  cap->by[0] ? cap->by : "-",
			  (unsigned long long)cap->kept,
			  (unsigned long long)cap->dropped);
}


/**
 * Print how it stands
 *
 * @param pf  Print function
 * @param rec Recorder
 *
 * @return 0 if success, otherwise errorcode
 */
int recorder_print(struct re_printf *pf, const struct recorder *rec)
{
	struct le *le;
	int err;

	if (!rec)
		return 0;

	err = re_hprintf(pf, "recordings: %llu, failed: %llu, packets lost:"
			 " %llu\nspool: %s, %zu bytes wait\n",
			 (unsigned long long)rec->started,
			 (unsigned long long)rec->failed,
			 (unsigned long long)rec->dropped,
			 writer_spool(rec->w), writer_waiting(rec->w));

	for (le = rec->capl.head; le && !err; le = le->next)
		err = print_one(pf, le->data);

	return err;
}
