/**
 * @file connectycube_link/record.c  A call's record, as its events tell it
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "call/event.h"
#include "record.h"


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


static struct record_leg *get_leg(struct record *r, const struct event *ev,
				  enum event_side side)
{
	struct record_leg *l = find_leg(r, ev->leg_num);

	if (l || !ev->leg_num)
		return l;

	if (r->legc >= RECORD_LEGS) {
		++r->legs_lost;
		return NULL;
	}

	l = insert(r, ev->leg_num);
	l->num  = ev->leg_num;
	l->side = side;

	return l;
}


static void set_once(uint64_t *t, uint64_t value)
{
	if (!*t)
		*t = value;
}


/* What is known once stays known: a party may leave before the end */
static void keep(char *dst, size_t size, const char *src)
{
	if (src[0])
		str_ncpy(dst, src, size);
}


/* One after the other may be rung, each time it is told of some */
static void add_users(struct record *r, const char *users)
{
	char id[RECORD_USER];
	struct pl pl, rest;
	size_t i;

	pl_set_str(&rest, users);

	while (!re_regex(rest.p, rest.l, "[^,]+", &pl)) {

		pl_advance(&rest, pl.p + pl.l - rest.p);

		/* half an id is somebody else's */
		if (pl.l >= sizeof(id) || text_str(id, sizeof(id), &pl))
			continue;

		for (i=0; i<r->userc; i++) {
			if (!strcmp(r->userv[i], id))
				break;
		}

		if (i == r->userc && i < RECORD_USERS)
			str_ncpy(r->userv[r->userc++], id, RECORD_USER);
	}
}


static void on_call(struct record *r, const struct event *ev)
{
	r->last = ev->call;
	keep(r->dialled,  sizeof(r->dialled),  ev->call.dialled);
	keep(r->agent,    sizeof(r->agent),    ev->call.agent);
	keep(r->addr,     sizeof(r->addr),     ev->call.addr);
	keep(r->platform, sizeof(r->platform), ev->call.platform);
	keep(r->tag_local,  sizeof(r->tag_local),  ev->call.tag_local);
	keep(r->tag_remote, sizeof(r->tag_remote), ev->call.tag_remote);
	keep(r->department, sizeof(r->department), ev->call.department);
	keep(r->trace,      sizeof(r->trace),      ev->call.trace);
	keep(r->flight,     sizeof(r->flight),     ev->call.flight);
	add_users(r, ev->call.users);

	switch (ev->type) {

	case EVENT_CALL_NEW:
		r->first = ev->call;
		break;

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
		r->t_end  = ev->wall;
		r->reason = ev->call.reason;
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


static void on_leg(struct record *r, const struct event *ev)
{
	struct record_leg *l = get_leg(r, ev, ev->leg.side);

	if (!l)
		return;

	str_ncpy(l->remote,  ev->leg.remote, sizeof(l->remote));
	str_ncpy(l->session, ev->session,    sizeof(l->session));
	keep(l->callid, sizeof(l->callid), ev->leg.callid);
	keep(l->tag_local, sizeof(l->tag_local), ev->leg.tag_local);
	keep(l->tag_remote, sizeof(l->tag_remote), ev->leg.tag_remote);

	switch (ev->type) {

	case EVENT_LEG_NEW:
		l->t_new = ev->wall;
		break;

	case EVENT_LEG_ANSWERED:
		set_once(&l->t_answer, ev->wall);
		break;

	case EVENT_LEG_IDENTITY:
		str_ncpy(l->number, ev->leg.number, sizeof(l->number));
		str_ncpy(l->name,   ev->leg.name,   sizeof(l->name));
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

	l = ev->type == EVENT_MEDIA_LOST ? get_leg(r, ev, ev->media.side)
		: NULL;
	if (l)
		++l->losses;
}


static void on_quality(struct record *r, const struct event *ev)
{
	struct record_leg *l = get_leg(r, ev, ev->quality.side);

	if (!l)
		return;

	keep(l->session, sizeof(l->session), ev->session);
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

	if (!t || !str_cmp(t->state, "done") || !str_cmp(t->state, "failed")) {

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
	keep(r->session, sizeof(r->session), ev->session);

	/* a party of an older call may come at any time */
	keep(r->linked, sizeof(r->linked), ev->linked);

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
