/**
 * @file connectycube_link/recordjson.c  A record as JSON; see docs/RECORDS.md
 *
 * Pure.
 */
#include <re.h>
#include "call/event.h"
#include "call/jsonadd.h"
#include "call/qualityjson.h"
#include "record.h"
#include "recordpbx.h"


/* From one point of time to another, null if one of them never came */
static int add_span(int err, struct odict *od, const char *key,
		    uint64_t from, uint64_t to)
{
	return from && to >= from ? json_add_int(err, od, key, to - from)
		: json_add_null(err, od, key);
}


static int add_party(int err, struct odict *parent, const char *key,
		     const struct record *r, bool phone)
{
	const struct event_call *c = &r->who;
	struct odict *od = NULL;

	err = json_add_node(err, &od, parent, key, ODICT_OBJECT);
	err = json_add_str(err, od, "side", phone ? "phone" : "app");
	err = json_add_str(err, od, "user",  phone ? NULL : c->user);
	err = json_add_str(err, od, "number", phone ? c->number : NULL);
	err = json_add_str(err, od, "name",  phone ? c->name : NULL);

	return json_add_str(err, od, "uri", phone ? c->uri : NULL);
}


static int add_who(int err, struct odict *od, const struct record *r)
{
	const bool app = r->who.from_app;
	struct odict *users = NULL;
	char key[16];
	size_t i;

	err = json_add_str(err, od, "direction",
			   app ? "app-to-sip" : "sip-to-app");
	err = add_party(err, od, "from", r, !app);
	err = add_party(err, od, "to", r, app);
	err = json_add_str(err, od, "rung_first", r->who.first ?
			   event_side_name(r->who.first) : NULL);
	err = json_add_str(err, od, "dialled",  r->who.dialled);
	err = json_add_str(err, od, "agent",    r->who.agent);
	err = json_add_str(err, od, "addr",     r->who.addr);
	err = json_add_str(err, od, "platform", r->who.platform);
	err = json_add_node(err, &users, od, "users", ODICT_ARRAY);

	for (i=0; !err && i<r->userc; i++) {
		(void)re_snprintf(key, sizeof(key), "%zu", i);
		err = json_add_str(err, users, key, r->userv[i]);
	}

	return err;
}


/* Who holds while its process dies holds until then */
static uint64_t hold_ms(const struct record *r, const struct record_leg *l)
{
	return l->hold_ms + (l->held_since && r->m_end > l->held_since ?
			     r->m_end - l->held_since : 0);
}


static int add_times(int err, struct odict *od, const struct record *r)
{
	const uint64_t until = r->m_answer ? r->m_answer : r->m_end;
	uint64_t held = 0;
	uint32_t holds = 0;
	size_t i;

	for (i=0; i<r->legc; i++) {
		held  += hold_ms(r, &r->legv[i]);
		holds += r->legv[i].holds;
	}

	err = json_add_known(err, od, "t_start",  r->t_start);
	err = json_add_known(err, od, "t_ring",   r->t_ring);
	err = json_add_known(err, od, "t_early",  r->t_early);
	err = json_add_known(err, od, "t_answer", r->t_answer);
	err = json_add_known(err, od, "t_media",  r->t_media);
	err = json_add_known(err, od, "t_end",    r->t_end);

	err = add_span(err, od, "pdd_ms",   r->m_ring ? r->m_start : 0,
		       r->m_ring);
	err = add_span(err, od, "ring_ms",  r->m_ring, until);
	err = add_span(err, od, "setup_ms", r->m_answer, r->m_media);
	err = json_add_int(err, od, "bill_ms", r->m_answer ?
			   r->m_end - r->m_answer : 0);
	err = json_add_int(err, od, "hold_ms", held);
	err = json_add_int(err, od, "hold_count", holds);

	err = json_add_int(err, od, "pushes", r->pushes);

	return json_add_known(err, od, "push_to_online_ms", r->push_ms);
}


static int add_end(int err, struct odict *od, const struct record *r)
{
	err = json_add_str(err, od, "disposition", record_disposition(r));
	err = json_add_str(err, od, "class",       record_class(r));
	err = json_add_str(err, od, "reason",      record_reason_name(r));
	err = json_add_known(err, od, "sip_code",  r->scode);
	err = json_add_known(err, od, "q850",      record_q850(r));
	err = json_add_str(err, od, "verdict", r->pbx ? NULL :
			   verdict_name(r->verdict));

	err = json_add_str(err, od, "flight", r->flight);

	return json_add_str(err, od, "hung_up_by", r->pbx ? record_pbx_by(r) :
			    r->t_end ? event_side_name(r->by) : NULL);
}


static int add_media(int err, struct odict *parent,
		     const struct record_leg *l)
{
	struct odict *od = NULL;

	if (!l->heard)
		return json_add_null(err, parent, "media");

	err = json_add_node(err, &od, parent, "media", ODICT_OBJECT);

	return quality_json(err, od, &l->quality, l->epoch);
}


/* How a party is reached. Of who called, the call's events have told that */
static int add_reach(int err, struct odict *od, const struct record *r,
		     const struct record_leg *l)
{
	const bool phone = l->side == EVENT_PHONE;
	const struct event_call *c = l->num == r->caller ? &r->who : NULL;
	const struct event_call *p = phone ? c : NULL;

	err = json_add_str(err, od, "remote",   l->remote[0] || !c ? l->remote
			   : phone ? c->uri : c->user);
	err = json_add_str(err, od, "number",   l->number);
	err = json_add_str(err, od, "name",     l->name);
	err = json_add_str(err, od, "call_id",
			   p ? p->callid : l->callid);
	err = json_add_str(err, od, "tag_local",
			   p ? p->tag_local : l->tag_local);
	err = json_add_str(err, od, "tag_remote",
			   p ? p->tag_remote : l->tag_remote);

	return json_add_str(err, od, "session", phone ? NULL :
			    l->session[0] || !c ? l->session : r->session);
}


static int add_leg(int err, struct odict *array, const struct record *r,
		   const struct record_leg *l)
{
	struct odict *od = NULL;

	err = json_add_element(err, &od, array);
	err = json_add_int(err, od, "num",      l->num);
	err = json_add_str(err, od, "side",     event_side_name(l->side));
	err = add_reach(err, od, r, l);
	err = json_add_known(err, od, "t_new",       l->t_new);
	err = json_add_known(err, od, "t_answer",    l->t_answer);
	err = json_add_known(err, od, "t_end",       l->t_end);
	err = json_add_known(err, od, "sip_code",    l->scode);
	err = json_add_int(err, od, "hold_ms",  hold_ms(r, l));
	err = json_add_int(err, od, "hold_count", l->holds);
	err = json_add_int(err, od, "path_losses", l->losses);

	return add_media(err, od, l);
}


static int add_transfer(int err, struct odict *array,
			const struct record_transfer *t)
{
	struct odict *od = NULL;

	err = json_add_element(err, &od, array);
	err = json_add_int(err, od, "time",   t->time);
	err = json_add_str(err, od, "state",  t->state);
	err = json_add_str(err, od, "target", t->target);

	return json_add_known(err, od, "sip_code", t->scode);
}


static int add_lists(int err, struct odict *od, const struct record *r)
{
	struct odict *keys = NULL, *legs = NULL, *transfers = NULL;
	struct odict *watched = NULL;
	size_t i;

	err = json_add_node(err, &legs, od, "legs", ODICT_ARRAY);
	for (i=0; i<r->legc; i++)
		err = add_leg(err, legs, r, &r->legv[i]);

	err = json_add_int(err, od, "legs_lost", r->legs_lost);

	err = json_add_node(err, &transfers, od, "transfers", ODICT_ARRAY);
	for (i=0; i<r->transferc; i++)
		err = add_transfer(err, transfers, &r->transferv[i]);

	err = record_add_recordings(err, od, r);

	/* nobody listens in, and there are no conferences yet */
	err = json_add_node(err, &watched, od, "supervision", ODICT_ARRAY);
	err = json_add_null(err, od, "conference");

	err = json_add_node(err, &keys, od, "keys", ODICT_OBJECT);
	err = json_add_int(err, keys, "phone", r->keys_phone);

	return json_add_int(err, keys, "app", r->keys_app);
}


/* Where nobody has given it an id, it is known by its own */
static int add_trace(int err, struct odict *od, const struct record *r)
{
	char id[UUID_SIZE];
	size_t i, n = 0;

	if (r->who.trace[0])
		return json_add_str(err, od, "trace", r->who.trace);

	for (i=0; r->id[i]; i++) {
		if (r->id[i] != '-')
			id[n++] = r->id[i];
	}
	id[n] = '\0';

	return json_add_str(err, od, "trace", id);
}


/**
 * Make a record an object; of a call that goes on, as it stands
 *
 * @param odp  Pointer to the object, freed by mem_deref()
 * @param r    Record
 * @param host Name of this host
 *
 * @return 0 if success, otherwise errorcode
 */
int record_json(struct odict **odp, const struct record *r, const char *host)
{
	struct odict *od = NULL;
	int err;

	if (!odp || !r)
		return EINVAL;

	err = odict_alloc(&od, JSON_HASH_SIZE);
	err = json_add_int(err, od, "v",          RECORD_VERSION);
	err = json_add_str(err, od, "id",         r->id);
	err = json_add_str(err, od, "kind",       r->pbx ? "pbx" : "bridge");
	err = json_add_str(err, od, "linked_id",  r->linked);
	err = json_add_str(err, od, "host",       host);
	err = json_add_str(err, od, "extension",  r->ext);
	err = json_add_str(err, od, "call_id",    r->who.callid);
	err = json_add_str(err, od, "tag_local",  r->who.tag_local);
	err = json_add_str(err, od, "tag_remote", r->who.tag_remote);
	err = json_add_str(err, od, "session",    r->session);
	err = json_add_str(err, od, "department", r->who.department);
	err = add_trace(err, od, r);
	err = json_add_str(err, od, "channel", r->pbx ? r->pbx->channel :
			   r->who.channel);
	err = json_add_str(err, od, "channel_linked", r->pbx ?
			   r->pbx->linked : r->who.channel_linked);
	err = r->pbx ? record_pbx_add_who(err, od, r) : add_who(err, od, r);
	err = add_times(err, od, r);
	err = add_end(err, od, r);
	err = add_lists(err, od, r);
	if (r->pbx)
		err = record_pbx_add_events(err, od, r);

	if (err)
		mem_deref(od);
	else
		*odp = od;

	return err;
}
