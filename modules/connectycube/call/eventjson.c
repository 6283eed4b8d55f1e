/**
 * @file call/eventjson.c  Events as programs read them
 *
 * Members of all: `type`, `seq`, `time` (since 1970 [ms]); of a call's, also
 * `call` (its number), `record_id`, `linked_id` (of its record), and of a
 * party's, `leg_num`. Those of a class are the fields of its struct (event.h),
 * with the unit in the name. What is unknown, or empty, is null.
 */
#include <re.h>
#include "call/event.h"
#include "call/jsonadd.h"
#include "call/qualityjson.h"


static int add_side(int err, struct odict *od, const char *key,
		    enum event_side side)
{
	return json_add_str(err, od, key, event_side_name(side));
}


static int add_call(int err, struct odict *od, const struct event *ev)
{
	const struct event_call *c = &ev->call;
	const bool over = ev->type == EVENT_CALL_ENDED ||
		ev->type == EVENT_CALL_REFUSED;

	err = json_add_str(err, od, "direction",
			   c->from_app ? "app-to-sip" : "sip-to-app");
	err = json_add_str(err, od, "prev", c->prev);
	err = json_add_str(err, od, "state", c->state);
	err = json_add_str(err, od, "user", c->user);
	err = json_add_str(err, od, "uri", c->uri);
	err = json_add_str(err, od, "number", c->number);
	err = json_add_str(err, od, "name", c->name);
	err = json_add_str(err, od, "call_id", c->callid);
	err = json_add_str(err, od, "tag_local", c->tag_local);
	err = json_add_str(err, od, "tag_remote", c->tag_remote);
	err = json_add_str(err, od, "department", c->department);
	err = json_add_str(err, od, "trace", c->trace);
	err = json_add_str(err, od, "dialled", c->dialled);
	err = json_add_str(err, od, "agent", c->agent);
	err = json_add_str(err, od, "addr", c->addr);
	err = json_add_str(err, od, "users", c->users);
	err = json_add_str(err, od, "platform", c->platform);
	err = json_add_str(err, od, "channel", c->channel);
	err = json_add_str(err, od, "channel_linked", c->channel_linked);
	if (!over)
		return err;

	err = add_side(err, od, "by", c->by);
	err = json_add_known(err, od, "sip_code", c->scode);
	err = json_add_str(err, od, "reason", end_reason_name(c->reason));
	err = json_add_str(err, od, "verdict", verdict_name(c->verdict));
	err = json_add_str(err, od, "flight", c->flight);

	return json_add_str(err, od, "text", c->text);
}


static int add_leg(int err, struct odict *od, const struct event *ev)
{
	const struct event_leg *l = &ev->leg;

	err = add_side(err, od, "side", l->side);
	err = json_add_str(err, od, "remote", l->remote);
	err = json_add_str(err, od, "call_id", l->callid);
	err = json_add_str(err, od, "tag_local", l->tag_local);
	err = json_add_str(err, od, "tag_remote", l->tag_remote);

	switch (ev->type) {

	case EVENT_LEG_IDENTITY:
		err = json_add_str(err, od, "number", l->number);
		return json_add_str(err, od, "name", l->name);

	case EVENT_LEG_ENDED:
		err = json_add_known(err, od, "sip_code", l->scode);
		return json_add_str(err, od, "text", l->text);

	default:
		return err;
	}
}


static int add_media(int err, struct odict *od, const struct event *ev)
{
	const struct event_media *m = &ev->media;

	switch (ev->type) {

	case EVENT_MEDIA_UP:
		err = json_add_str(err, od, "prev", m->prev);
		return json_add_str(err, od, "state", m->state);

	case EVENT_MEDIA_FAILED:
		err = json_add_str(err, od, "kind", m->kind);
		return json_add_str(err, od, "text", m->text);

	case EVENT_MEDIA_DEAD_AIR:
		err = json_add_int(err, od, "ms", m->ms);
		return json_add_str(err, od, "action", m->action);

	case EVENT_MEDIA_ONE_WAY:
		err = add_side(err, od, "side", m->side);
		err = json_add_str(err, od, "unheard",
				   event_unheard_name(m->unheard));
		err = json_add_int(err, od, "ms", m->ms);
		return json_add_str(err, od, "action", m->action);

	case EVENT_MEDIA_HEARD:
		err = json_add_str(err, od, "what", m->what);
		return json_add_int(err, od, "ms", m->ms);

	default:
		return add_side(err, od, "side", m->side);
	}
}


static int add_quality(int err, struct odict *od, const struct event *ev)
{
	err = add_side(err, od, "side", ev->quality.side);

	return quality_json(err, od, &ev->quality, ev->wall - ev->mono);
}


static int add_keys(int err, struct odict *od, const struct event *ev)
{
	const struct event_keys *k = &ev->keys;

	err = add_side(err, od, "to", k->to);
	err = json_add_int(err, od, "sent", k->sent);
	err = json_add_int(err, od, "lost", k->lost);

	return json_add_str(err, od, "text", k->text);
}


static int add_link(int err, struct odict *od, const struct event *ev)
{
	const struct event_link *l = &ev->link;

	if (ev->type >> 4 == EVENT_CLOUD_ONLINE >> 4) {
		err = json_add_str(err, od, "user", l->user);
		err = json_add_str(err, od, "state", l->state);
		err = json_add_bool(err, od, "again", l->again);
	}

	return json_add_str(err, od, "text", l->text);
}


static int add_progress(int err, struct odict *od, const struct event *ev)
{
	const struct event_progress *p = &ev->progress;

	err = json_add_str(err, od, "state", p->state);
	err = json_add_str(err, od, "target", p->target);
	err = json_add_known(err, od, "sip_code", p->scode);
	if (ev->type == EVENT_RECORD) {
		err = json_add_str(err, od, "mode", p->mode);
		err = json_add_str(err, od, "by",   p->by);
	}

	return json_add_str(err, od, "text", p->text);
}


static int add_security(int err, struct odict *od, const struct event *ev)
{
	const struct event_security *s = &ev->security;

	err = json_add_str(err, od, "who", s->who);
	err = json_add_str(err, od, "addr", s->addr);
	err = json_add_str(err, od, "what", s->what);
	err = json_add_str(err, od, "target", s->target);
	err = json_add_known(err, od, "sip_code", s->scode);
	err = json_add_int(err, od, "missed", s->missed);

	return json_add_str(err, od, "text", s->text);
}


static int add_user(int err, struct odict *od, const struct event *ev)
{
	const struct event_user *u = &ev->user;

	err = json_add_str(err, od, "user", u->user);
	err = json_add_bool(err, od, "on", u->on);

	return add_side(err, od, "by", u->by);
}


static int add_push(int err, struct odict *od, const struct event *ev)
{
	const struct event_push *p = &ev->push;

	err = json_add_str(err, od, "user", p->user);

	switch (ev->type) {

	case EVENT_PUSH_FAILED:
		return json_add_str(err, od, "text", p->text);

	case EVENT_PUSH_ONLINE:
		return json_add_int(err, od, "online_ms", p->online_ms);

	default:
		return err;
	}
}


static int add_class(int err, struct odict *od, const struct event *ev)
{
	switch (1 << (ev->type >> 4)) {

	case EVENT_CALL:      return add_call(err, od, ev);
	case EVENT_LEG:       return add_leg(err, od, ev);
	case EVENT_MEDIA:     return add_media(err, od, ev);
	case EVENT_QUALITIES: return add_quality(err, od, ev);
	case EVENT_KEY:       return add_keys(err, od, ev);
	case EVENT_REG:
	case EVENT_CLOUD:     return add_link(err, od, ev);
	case EVENT_TRANSFERS:
	case EVENT_RECORDS:   return add_progress(err, od, ev);
	case EVENT_SECURITY:  return add_security(err, od, ev);
	case EVENT_USER:      return add_user(err, od, ev);
	case EVENT_PUSHES:    return add_push(err, od, ev);
	case EVENT_PBX:       return event_pbx_json(err, od, ev);
	default:              return err;
	}
}


/**
 * Make an event an object
 *
 * @param odp Pointer to the object, freed by mem_deref()
 * @param ev  Event
 *
 * @return 0 if success, otherwise errorcode
 */
int event_json(struct odict **odp, const struct event *ev)
{
	struct odict *od = NULL;
	int err;

	if (!odp || !ev)
		return EINVAL;

	err = odict_alloc(&od, JSON_HASH_SIZE);
	err = json_add_str(err, od, "type", event_name(ev->type));
	err = json_add_int(err, od, "seq", ev->seq);
	err = json_add_int(err, od, "time", ev->wall);
	err = json_add_str(err, od, "ext", ev->ext);
	if (ev->id) {
		err = json_add_int(err, od, "call", ev->id);
		err = json_add_str(err, od, "record_id", ev->record);
		err = json_add_str(err, od, "linked_id", ev->linked);
	}
	if (ev->leg_num)
		err = json_add_int(err, od, "leg_num", ev->leg_num);
	err = json_add_str(err, od, "session", ev->session);
	err = add_class(err, od, ev);

	if (err)
		mem_deref(od);
	else
		*odp = od;

	return err;
}
