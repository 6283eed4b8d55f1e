/**
 * @file connectycube_link/record.c  A call's record, as its events tell it
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "call/event.h"
#include "record.h"


#define KEEP(dst, src) record_keep((dst), sizeof(dst), (src))


static void destructor(void *data)
{
	struct record *r = data;

	list_unlink(&r->le);
}


/**
 * Begin a record
 *
 * @param rp Pointer to it, freed by mem_deref()
 * @param ev First event of a call
 *
 * @return 0 if success, otherwise errorcode
 */
int record_alloc(struct record **rp, const struct event *ev)
{
	struct record *r;

	if (!rp || !ev || (!ev->id && ev->type != EVENT_CALL_REFUSED))
		return EINVAL;

	r = mem_zalloc(sizeof(*r), destructor);
	if (!r)
		return ENOMEM;

	/* one that was refused never was a call */
	if (ev->record[0])
		str_ncpy(r->id, ev->record, sizeof(r->id));
	else
		uuid_make(r->id);
	str_ncpy(r->linked, ev->linked[0] ? ev->linked : r->id,
		 sizeof(r->linked));
	str_ncpy(r->ext, ev->ext, sizeof(r->ext));
	r->call    = ev->id;
	r->t_start = ev->wall;
	r->m_start = ev->mono;

	*rp = r;

	return 0;
}


static struct record_leg *find_leg(struct record *r, uint32_t num)
{
	size_t i;

	for (i=0; i<r->legc; i++) {
		if (r->legv[i].num == num)
			return &r->legv[i];
	}

	return NULL;
}


static bool is_over(const struct record_transfer *t)
{
	return !str_cmp(t->state, "done") || !str_cmp(t->state, "failed");
}


/* Numbers go up as parties come; of some nothing is told at first */
static struct record_leg *insert(struct record *r, uint32_t num)
{
	struct record_leg *l = &r->legv[r->legc++];

	while (l > r->legv && l[-1].num > num) {
		*l = l[-1];
		--l;
	}

	memset(l, 0, sizeof(*l));

	return l;
}


static struct record_leg *get_leg(struct record *r, uint32_t num,
				  enum event_side side)
{
	struct record_leg *l = find_leg(r, num);

	if (l || !num)
		return l;

	if (r->legc >= RECORD_LEGS) {
		++r->legs_lost;
		return NULL;
	}

	l = insert(r, num);
	l->num  = num;
	l->side = side;

	return l;
}


static void set_once(uint64_t *t, uint64_t value)
{
	if (!*t)
		*t = value;
}


/* Nothing else may ever be told of it */
static void take_caller(struct record *r, const struct event_call *c)
{
	if (r->caller || r->t_answer)
		return;

	r->caller = c->caller;
	(void)get_leg(r, c->caller, c->from_app ? EVENT_APP : EVENT_PHONE);
}


static void on_call(struct record *r, const struct event *ev)
{
	take_caller(r, &ev->call);
	record_on_who(r, ev);
	KEEP(r->flight, ev->call.flight);

	switch (ev->type) {

	case EVENT_CALL_RINGING:
		set_once(&r->t_ring, ev->wall);
		set_once(&r->m_ring, ev->mono);
		break;

	case EVENT_CALL_EARLY:
		set_once(&r->t_early, ev->wall);
		set_once(&r->m_ring, ev->mono);
		break;

	case EVENT_CALL_ANSWERED:
		set_once(&r->t_answer, ev->wall);
		set_once(&r->m_answer, ev->mono);
		break;

	case EVENT_CALL_REFUSED:
	case EVENT_CALL_ENDED:
		r->t_end   = ev->wall;
		r->reason  = ev->call.reason;
		r->scode   = ev->call.scode;
		r->by      = ev->call.by;
		r->verdict = ev->call.verdict;
		break;

	default:
		break;
	}
}


static void resume(struct record_leg *l, uint64_t mono)
{
	if (l->held_since)
		l->hold_ms += mono - l->held_since;

	l->held_since = 0;
}


/* Who comes from another call, which a transfer joins with this one, was in
   none of its events before */
static bool comes(struct record *r, const struct event *ev)
{
	return ev->type == EVENT_LEG_IDENTITY && r->transferc &&
		!is_over(&r->transferv[r->transferc - 1]) &&
		!find_leg(r, ev->leg_num);
}


static void on_leg(struct record *r, const struct event *ev)
{
	const bool came = comes(r, ev);
	struct record_leg *l = get_leg(r, ev->leg_num, ev->leg.side);

	if (!l)
		return;

	if (came)
		l->t_new = ev->wall;

	/* of a device that has answered more is known than whose it is */
	if (l->side == EVENT_PHONE || !l->remote[0] ||
	    ev->type == EVENT_LEG_ANSWERED)
		KEEP(l->remote, ev->leg.remote);
	KEEP(l->callid,     ev->leg.callid);
	KEEP(l->tag_local,  ev->leg.tag_local);
	KEEP(l->tag_remote, ev->leg.tag_remote);
	if (l->side == EVENT_APP)
		KEEP(l->session, ev->session);

	switch (ev->type) {

	case EVENT_LEG_NEW:
		l->t_new = ev->wall;
		if (l->side == EVENT_APP)
			record_add_users(r, ev->leg.remote);
		break;

	case EVENT_LEG_ANSWERED:
		set_once(&l->t_answer, ev->wall);
		break;

	case EVENT_LEG_IDENTITY:
		str_ncpy(l->number, ev->leg.number, sizeof(l->number));
		str_ncpy(l->name,   ev->leg.name,   sizeof(l->name));
		l->t_end = 0;   /* it has been asked to leave, in vain */
		break;

	case EVENT_LEG_HELD:
		++l->holds;
		l->held_since = ev->mono;
		break;

	case EVENT_LEG_RESUMED:
		resume(l, ev->mono);
		break;

	case EVENT_LEG_ENDED:
		resume(l, ev->mono);
		l->t_end = ev->wall;
		l->scode = ev->leg.scode;
		break;

	default:
		break;
	}
}


static void on_media(struct record *r, const struct event *ev)
{
	struct record_leg *l;

	if (ev->type == EVENT_MEDIA_UP) {
		set_once(&r->t_media, ev->wall);
		set_once(&r->m_media, ev->mono);
		return;
	}

	l = ev->type == EVENT_MEDIA_LOST ? get_leg(r, ev->leg_num,
							 ev->media.side)
		: NULL;
	if (l)
		++l->losses;
}


static void on_quality(struct record *r, const struct event *ev)
{
	struct record_leg *l = get_leg(r, ev->leg_num, ev->quality.side);

	if (!l)
		return;

	if (l->side == EVENT_APP)
		KEEP(l->session, ev->session);
	l->heard   = true;
	l->quality = ev->quality;
	l->epoch   = ev->wall - ev->mono;
}


static void on_keys(struct record *r, const struct event *ev)
{
	const uint32_t n = ev->keys.sent + ev->keys.lost;

	/* whom they are for has not pressed them */
	if (ev->keys.to == EVENT_PHONE)
		r->keys_app += n;
	else
		r->keys_phone += n;
}


static void on_push(struct record *r, const struct event *ev)
{
	if (ev->type == EVENT_PUSH_SENT)
		++r->pushes;
	else if (ev->type == EVENT_PUSH_ONLINE && !r->push_ms)
		r->push_ms = ev->push.online_ms;
}


static void on_transfer(struct record *r, const struct event *ev)
{
	struct record_transfer *t;

	/* one goes on at a time */
	t = r->transferc ? &r->transferv[r->transferc - 1] : NULL;

	if (!t || is_over(t)) {

		if (r->transferc >= RECORD_TRANSFERS)
			return;

		t = &r->transferv[r->transferc++];
	}

	t->time  = ev->wall;
	t->scode = ev->progress.scode;
	str_ncpy(t->state,  ev->progress.state,  sizeof(t->state));
	str_ncpy(t->target, ev->progress.target, sizeof(t->target));
}


static void on_file(struct record *r, const struct event *ev)
{
	if (ev->type == EVENT_RECORD)
		record_on_recording(r, ev);
	else if (!str_cmp(ev->progress.state, "written"))
		str_ncpy(r->flight, ev->progress.target, sizeof(r->flight));
}


/**
 * Something has happened on a call
 *
 * @param r  Its record
 * @param ev Event; one of another call is ignored
 */
void record_event(struct record *r, const struct event *ev)
{
	size_t i;

	if (!r || !ev || ev->id != r->call || r->t_end)
		return;

	r->m_end = ev->mono;

	/* it may be joined with another call at any time */
	KEEP(r->linked, ev->linked);

	switch (1 << (ev->type >> 4)) {

	case EVENT_CALL:      on_call(r, ev);     break;
	case EVENT_LEG:       on_leg(r, ev);      break;
	case EVENT_MEDIA:     on_media(r, ev);    break;
	case EVENT_QUALITIES: on_quality(r, ev);  break;
	case EVENT_KEY:       on_keys(r, ev);     break;
	case EVENT_TRANSFERS: on_transfer(r, ev); break;
	case EVENT_RECORDS:   on_file(r, ev);     break;
	case EVENT_PUSHES:    on_push(r, ev);     break;
	default:              break;
	}

	for (i=0; r->t_end && i<r->legc; i++)
		resume(&r->legv[i], ev->mono);
	if (r->t_end)
		record_recordings_end(r);
}


/**
 * Make the record of a call that was refused before it became one
 *
 * @param rp Pointer to it, freed by mem_deref()
 * @param ev Event EVENT_CALL_REFUSED
 *
 * @return 0 if success, otherwise errorcode
 */
int record_refused(struct record **rp, const struct event *ev)
{
	struct record *r = NULL;
	int err;

	if (!rp || !ev || ev->type != EVENT_CALL_REFUSED)
		return EINVAL;

	err = record_alloc(&r, ev);
	if (err)
		return err;

	record_event(r, ev);
	*rp = r;

	return 0;
}


/**
 * Let a record be what it is if the process dies now
 *
 * @param r    Record of a call that goes on
 * @param mono Now [ms], monotonic
 * @param wall Now [ms], since 1970
 */
void record_crash(struct record *r, uint64_t mono, uint64_t wall)
{
	if (!r || r->t_end)
		return;

	r->crashed = true;
	r->m_end   = mono;
	r->t_end   = wall;
}


/**
 * The process has not died
 *
 * @param r Record
 */
void record_go_on(struct record *r)
{
	if (!r || !r->crashed)
		return;

	r->crashed = false;
	r->t_end   = 0;
}
