/**
 * @file connectycube_link/opencalls.c  The records of calls that go on
 *
 * Pure.
 */
#include <re.h>
#include "base/mono.h"
#include "call/event.h"
#include "record.h"
#include "keeper.h"


struct opencalls {
	struct list recordl;    /**< Records (struct record)               */
	uint32_t last;          /**< Highest number of a call seen         */
};


static void destructor(void *data)
{
	struct opencalls *oc = data;

	list_flush(&oc->recordl);
}


/**
 * Begin with no call
 *
 * @param ocp Pointer to it, freed by mem_deref()
 *
 * @return 0 if success, otherwise errorcode
 */
int opencalls_alloc(struct opencalls **ocp)
{
	if (!ocp)
		return EINVAL;

	*ocp = mem_zalloc(sizeof(**ocp), destructor);

	return *ocp ? 0 : ENOMEM;
}


static struct record *find(const struct opencalls *oc, uint32_t call)
{
	struct le *le;

	for (le = list_head(&oc->recordl); le; le = le->next) {

		struct record *r = le->data;

		if (r->call == call)
			return r;
	}

	return NULL;
}


static int begin(struct record **rp, struct opencalls *oc,
		 const struct event *ev)
{
	struct record *r;
	int err;

	err = record_alloc(&r, ev);
	if (err)
		return err;

	list_append(&oc->recordl, &r->le, r);
	oc->last = ev->id;
	*rp = r;

	return 0;
}


/**
 * Something has happened
 *
 * @param oc     Calls
 * @param ev     Event
 * @param endedp Set to the record of a call that is over now, freed by
 *               mem_deref(); NULL=none is
 *
 * @return 0 if success, otherwise errorcode: the call has no record
 */
int opencalls_event(struct opencalls *oc, const struct event *ev,
		    struct record **endedp)
{
	struct record *r;
	int err;

	if (!oc || !ev || !endedp)
		return EINVAL;

	*endedp = NULL;

	if (!ev->id || ev->type == EVENT_CALL_REFUSED)
		return 0;

	r = find(oc, ev->id);
	if (!r) {
		/* numbers go up: it is over, or began before we came */
		if (ev->id <= oc->last || ev->type == EVENT_CALL_ENDED)
			return 0;

		err = begin(&r, oc, ev);
		if (err)
			return err;
	}

	record_event(r, ev);

	if (r->t_end) {
		list_unlink(&r->le);
		*endedp = r;
	}

	return 0;
}


/**
 * How many calls go on?
 *
 * @param oc       Calls
 * @param answered Those alone that were answered
 *
 * @return Their number
 */
size_t opencalls_count(const struct opencalls *oc, bool answered)
{
	struct le *le;
	size_t n = 0;

	for (le = oc ? list_head(&oc->recordl) : NULL; le; le = le->next) {

		const struct record *r = le->data;

		n += !answered || r->t_answer;
	}

	return n;
}


static int live_recordings(struct mbuf *mb, const struct record *r,
			   bool *behind)
{
	size_t i;
	int err = 0;

	for (i=0; i<r->recordingc && !err; i++) {

		const struct record_recording *rec = &r->recordingv[i];

		if (rec->t_end)
			continue;

		err = mbuf_printf(mb, "%s{\"call\":%u,\"id\":\"%s\","
				  "\"state\":\"%s\",\"mode\":\"%H\"}",
				  *behind ? "," : "", r->call, rec->id,
				  rec->paused_since ? "paused" :
				  rec->degraded ? "degraded" : "recording",
				  utf8_encode, rec->mode);
		*behind = true;
	}

	return err;
}


/**
 * Append what goes on, as members of an object: numbers of calls, recordings
 *
 * @param mb Buffer
 * @param oc Calls
 *
 * @return 0 if success, otherwise errorcode
 */
int opencalls_live(struct mbuf *mb, const struct opencalls *oc)
{
	bool behind = false;
	struct le *le;
	int err;

	if (!mb || !oc)
		return EINVAL;

	err = mbuf_write_str(mb, "\"calls\":[");
	for (le = list_head(&oc->recordl); le && !err; le = le->next) {

		const struct record *r = le->data;

		err = mbuf_printf(mb, "%u%s", r->call, le->next ? "," : "");
	}

	if (!err)
		err = mbuf_write_str(mb, "],\"recordings\":[");
	for (le = list_head(&oc->recordl); le && !err; le = le->next)
		err = live_recordings(mb, le->data, &behind);

	return err ? err : mbuf_write_str(mb, "]");
}


static void quality_handler(const struct event *ev, void *arg)
{
	record_event(arg, ev);
}


/**
 * See how the parties of those that were answered have been heard so far
 *
 * @param oc Calls
 * @param h  Tells that
 */
void opencalls_look(const struct opencalls *oc, keeper_quality_h *h)
{
	struct le *le;

	for (le = oc ? list_head(&oc->recordl) : NULL; le; le = le->next) {

		struct record *r = le->data;

		if (r->t_answer)
			(void)h(r->call, quality_handler, r);
	}
}


/**
 * Append the records of those that were answered, a line each, as they are if
 * the process dies now
 *
 * @param mb   Buffer
 * @param oc   Calls
 * @param host Name of this host
 *
 * @return 0 if success, otherwise errorcode
 */
int opencalls_journal(struct mbuf *mb, const struct opencalls *oc,
		      const char *host)
{
	struct le *le;
	int err = 0;

	if (!mb || !oc)
		return EINVAL;

	for (le = list_head(&oc->recordl); le && !err; le = le->next) {

		struct record *r = le->data;

		if (!r->t_answer)
			continue;

		record_crash(r, mono_ms(), wall_us() / 1000);
		err = record_print(mb, r, host);
		record_go_on(r);
	}

	return err;
}
