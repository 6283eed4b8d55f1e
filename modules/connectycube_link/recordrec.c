/**
 * @file connectycube_link/recordrec.c  Recordings of a call, in its record
 *
 * A recording goes by the name of its file, which begins with its id. What is
 * known of it when the call ends stands here; what becomes of the file later
 * is the hub's to tell.
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "call/event.h"
#include "call/jsonadd.h"
#include "record.h"


static struct record_recording *find(struct record *r, const char *id)
{
	size_t i;

	for (i=0; i<r->recordingc; i++) {
		if (!strcmp(r->recordingv[i].id, id))
			return &r->recordingv[i];
	}

	return NULL;
}


/* PATH/UUID.rec */
static bool read_id(char *id, const char *target)
{
	const char *name = strrchr(target, '/');
	struct pl pl;

	pl_set_str(&pl, name ? name + 1 : target);
	if (pl.l < UUID_SIZE - 1)
		return false;
	pl.l = UUID_SIZE - 1;

	return uuid_is(pl.p, pl.l) && !text_str(id, UUID_SIZE, &pl);
}


static void go_on(struct record_recording *rec, uint64_t mono)
{
	if (rec->paused_since)
		rec->paused_ms += mono - rec->paused_since;

	rec->paused_since = 0;
}


static struct record_recording *add(struct record *r, const char *id,
				    const struct event *ev)
{
	struct record_recording *rec;

	if (r->recordingc >= RECORD_RECORDINGS)
		return NULL;

	rec = &r->recordingv[r->recordingc++];
	rec->t_start = ev->wall;
	str_ncpy(rec->id, id, sizeof(rec->id));

	return rec;
}


static void take(struct record_recording *rec, const struct event *ev)
{
	const char *state = ev->progress.state;

	if (ev->progress.mode[0])
		str_ncpy(rec->mode, ev->progress.mode, sizeof(rec->mode));
	if (ev->progress.by[0] && !rec->by[0])
		str_ncpy(rec->by, ev->progress.by, sizeof(rec->by));

	if (!strcmp(state, "paused") && !rec->paused_since)
		rec->paused_since = ev->mono;
	else if (!strcmp(state, "resumed"))
		go_on(rec, ev->mono);
	else if (!strcmp(state, "degraded"))
		rec->degraded = true;
	else if (!strcmp(state, "failed"))
		rec->failed = true;

	/* the first reason is that of the others */
	if ((rec->degraded || rec->failed) && !rec->reason[0])
		str_ncpy(rec->reason, ev->progress.text, sizeof(rec->reason));

	if (!strcmp(state, "ended") || !strcmp(state, "failed")) {
		go_on(rec, ev->mono);
		rec->t_end = ev->wall;
	}
}


/**
 * A recording goes on
 *
 * @param r  Record of its call
 * @param ev Event
 */
void record_on_recording(struct record *r, const struct event *ev)
{
	struct record_recording *rec;
	char id[UUID_SIZE];

	if (!read_id(id, ev->progress.target))
		return;

	rec = find(r, id);
	if (!rec)
		rec = add(r, id, ev);
	if (rec && !rec->t_end)
		take(rec, ev);
}


/**
 * The call is over, and its recordings with it
 *
 * @param r Record
 */
void record_recordings_end(struct record *r)
{
	size_t i;

	for (i=0; i<r->recordingc; i++) {

		struct record_recording *rec = &r->recordingv[i];

		go_on(rec, r->m_end);
		if (!rec->t_end)
			rec->t_end = r->t_end;
	}
}


static const char *state_of(const struct record_recording *rec,
			    bool crashed)
{
	if (rec->failed)
		return "failed";

	/* its last second may be missing */
	return rec->degraded || (crashed && !rec->t_end) ? "degraded"
		: "complete";
}


static int add_one(int err, struct odict *array, const struct record *r,
		   const struct record_recording *rec)
{
	const uint64_t pause = rec->paused_since && r->m_end >
		rec->paused_since ? r->m_end - rec->paused_since : 0;
	struct odict *od = NULL;

	err = json_add_element(err, &od, array);
	err = json_add_str(err, od, "id",   rec->id);
	err = json_add_str(err, od, "mode", rec->mode);
	err = json_add_str(err, od, "by",   rec->by);
	err = json_add_int(err, od, "t_start", rec->t_start);
	err = json_add_known(err, od, "t_end", rec->t_end ? rec->t_end
			     : r->t_end);
	err = json_add_str(err, od, "state", state_of(rec, r->crashed));
	err = json_add_str(err, od, "reason", rec->reason);

	return json_add_int(err, od, "paused_ms", rec->paused_ms + pause);
}


/**
 * Add the recordings to a record
 *
 * @param err Error so far
 * @param od  Record
 * @param r   Call
 *
 * @return 0 if success, otherwise errorcode
 */
int record_add_recordings(int err, struct odict *od, const struct record *r)
{
	struct odict *array = NULL;
	size_t i;

	err = json_add_node(err, &array, od, "recordings", ODICT_ARRAY);
	for (i=0; i<r->recordingc; i++)
		err = add_one(err, array, r, &r->recordingv[i]);

	return err;
}
