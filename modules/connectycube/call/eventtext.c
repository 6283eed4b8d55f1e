/**
 * @file call/eventtext.c  Events as people read them
 */
#include <time.h>
#include <re.h>
#include "base/text.h"
#include "call/event.h"


/**
 * Name a type, as programs want it
 *
 * @param type Type
 *
 * @return Name
 */
const char *event_name(enum event_type type)
{
	switch (type) {

	case EVENT_CALL_NEW:          return "call.new";
	case EVENT_CALL_RINGING:      return "call.ringing";
	case EVENT_CALL_EARLY:        return "call.early";
	case EVENT_CALL_ANSWERED:     return "call.answered";
	case EVENT_CALL_ENDED:        return "call.ended";
	case EVENT_CALL_REFUSED:      return "call.refused";
	case EVENT_LEG_NEW:           return "leg.new";
	case EVENT_LEG_ANSWERED:      return "leg.answered";
	case EVENT_LEG_ENDED:         return "leg.ended";
	case EVENT_LEG_IDENTITY:      return "leg.identity";
	case EVENT_LEG_HELD:          return "leg.held";
	case EVENT_LEG_RESUMED:       return "leg.resumed";
	case EVENT_MEDIA_UP:          return "media.up";
	case EVENT_MEDIA_LOST:        return "media.lost";
	case EVENT_MEDIA_BACK:        return "media.back";
	case EVENT_MEDIA_FAILED:      return "media.failed";
	case EVENT_MEDIA_DEAD_AIR:    return "media.dead_air";
	case EVENT_MEDIA_ONE_WAY:     return "media.one_way";
	case EVENT_MEDIA_HEARD:       return "media.heard";
	case EVENT_QUALITY:           return "quality";
	case EVENT_KEYS:              return "keys";
	case EVENT_REG_OK:            return "reg.ok";
	case EVENT_REG_FAILED:        return "reg.failed";
	case EVENT_REG_GONE:          return "reg.gone";
	case EVENT_CLOUD_ONLINE:      return "cloud.online";
	case EVENT_CLOUD_OFFLINE:     return "cloud.offline";
	case EVENT_CLOUD_TRYING:      return "cloud.trying";
	case EVENT_CLOUD_REFUSED:     return "cloud.refused";
	case EVENT_TRANSFER:          return "transfer";
	case EVENT_RECORD:            return "record";
	case EVENT_FLIGHT:            return "flight";
	case EVENT_SECURITY_CALLER:   return "security.caller";
	case EVENT_SECURITY_USER:     return "security.user";
	case EVENT_SECURITY_PASSWORD: return "security.password";
	case EVENT_HOST_NETWORK:      return "host.network";
	case EVENT_USER_DND:          return "user.dnd";
	case EVENT_PUSH_SENT:         return "push.sent";
	case EVENT_PUSH_FAILED:       return "push.failed";
	case EVENT_PUSH_ONLINE:       return "push.online";
	case EVENT_PBX_CREATED:       return "pbx.created";
	case EVENT_PBX_RINGING:       return "pbx.ringing";
	case EVENT_PBX_ANSWERED:      return "pbx.answered";
	case EVENT_PBX_BRIDGED:       return "pbx.bridged";
	case EVENT_PBX_UNBRIDGED:     return "pbx.unbridged";
	case EVENT_PBX_HELD:          return "pbx.held";
	case EVENT_PBX_RESUMED:       return "pbx.resumed";
	case EVENT_PBX_TRANSFERRED:   return "pbx.transferred";
	case EVENT_PBX_HUNG_UP:       return "pbx.hung_up";
	default:                      return "?";
	}
}


/**
 * Name a side of a call
 *
 * @param side Side
 *
 * @return Name
 */
const char *event_side_name(enum event_side side)
{
	switch (side) {

	case EVENT_PHONE: return "phone";
	case EVENT_APP:   return "app";
	default:          return "bridge";
	}
}


/**
 * Name what comes of a party that is not heard, as programs want it
 *
 * @param unheard What
 *
 * @return Name, NULL if it is heard
 */
const char *event_unheard_name(enum event_unheard unheard)
{
	switch (unheard) {

	case EVENT_SILENCE: return "silence";
	case EVENT_NOTHING: return "nothing";
	default:            return NULL;
	}
}


static int print_call(struct re_printf *pf, const struct event *ev)
{
	const struct event_call *c = &ev->call;

	switch (ev->type) {

	case EVENT_CALL_NEW:
		if (c->from_app)
			return re_hprintf(pf, "%s: call from app user %s",
					  ev->ext, c->user);

		return re_hprintf(pf, "%s: call from %s", ev->ext,
				  c->uri[0] ? c->uri : "the console");

	case EVENT_CALL_EARLY:
		return re_hprintf(pf, "heard before it is answered");

	case EVENT_CALL_ENDED:
		if (c->verdict > VERDICT_GOOD)
			return re_hprintf(pf, "ended: %s (was bad: %s)",
					  c->text, verdict_name(c->verdict));

		return re_hprintf(pf, "ended: %s", c->text);

	case EVENT_CALL_REFUSED:
		return re_hprintf(pf, "%s: call from %s%s refused: %u %s",
				  ev->ext, c->from_app ? "app user " : "",
				  c->from_app ? c->user : c->uri, c->scode,
				  c->text);

	default:
		return re_hprintf(pf, "%s -> %s", c->prev, c->state);
	}
}


static int print_leg(struct re_printf *pf, const struct event *ev)
{
	const struct event_leg *l = &ev->leg;

	switch (ev->type) {

	case EVENT_LEG_NEW:
		return re_hprintf(pf, "%s %s", l->side == EVENT_APP ?
				  "ringing users" : "dialling", l->remote);

	case EVENT_LEG_ANSWERED:
		return re_hprintf(pf, "accepted by %s", l->remote);

	case EVENT_LEG_HELD:
		return re_hprintf(pf, "the %s holds",
				  event_side_name(l->side));

	case EVENT_LEG_RESUMED:
		return re_hprintf(pf, "the %s is back from hold",
				  event_side_name(l->side));

	case EVENT_LEG_IDENTITY:
		return re_hprintf(pf, "the %s is \"%s\" %s now (%s)",
				  event_side_name(l->side), l->name,
				  l->number, l->remote);

	default:
		return re_hprintf(pf, "%s %s has left: %s",
				  event_side_name(l->side), l->remote,
				  l->text);
	}
}


/* Somebody is not heard, and what is done about it */
static int print_unheard(struct re_printf *pf, const struct event *ev)
{
	const struct event_media *m = &ev->media;
	int err;

	if (ev->type == EVENT_MEDIA_DEAD_AIR)
		err = re_hprintf(pf, "nobody is heard for %u s", m->ms / 1000);
	else
		err = re_hprintf(pf, "%s comes from the %s for %u s",
				 event_unheard_name(m->unheard),
				 event_side_name(m->side), m->ms / 1000);

	if (m->action[0])
		err |= re_hprintf(pf, " (%s)", m->action);

	return err;
}


static int print_media(struct re_printf *pf, const struct event *ev)
{
	const struct event_media *m = &ev->media;

	switch (ev->type) {

	case EVENT_MEDIA_DEAD_AIR:
	case EVENT_MEDIA_ONE_WAY:
		return print_unheard(pf, ev);

	case EVENT_MEDIA_HEARD:
		return re_hprintf(pf, "%s is over after %u s", m->what,
				  m->ms / 1000);

	case EVENT_MEDIA_UP:
		return re_hprintf(pf, "%s -> %s", m->prev, m->state);

	case EVENT_MEDIA_FAILED:
		return re_hprintf(pf, "%s: cannot be bridged%s%s", m->kind,
				  m->text[0] ? ": " : "", m->text);

	default:
		return re_hprintf(pf, "media path to the %s %s",
				  event_side_name(m->side),
				  ev->type == EVENT_MEDIA_LOST ? "lost"
				  : "is back");
	}
}


/* MOS in hundredths, 0=not known */
static int print_mos(struct re_printf *pf, const uint16_t *mos)
{
	return *mos ? re_hprintf(pf, "%u.%02u", *mos / 100, *mos % 100)
		: re_hprintf(pf, "-");
}


static int print_dir(struct re_printf *pf, const struct event_dir *d)
{
	if (!d->codec[0])
		return re_hprintf(pf, "-");

	return re_hprintf(pf, "%s packets=%llu lost=%lld jitter=%u.%ums"
			  " mos=%H", d->codec, d->packets, d->lost,
			  d->jitter / 1000, d->jitter / 100 % 10,
			  print_mos, &d->mos);
}


/* Level in tenths of dBov, 0=not known */
static int print_level(struct re_printf *pf, const int16_t *level)
{
	return *level ? re_hprintf(pf, "-%d.%d", -*level / 10, -*level % 10)
		: re_hprintf(pf, "-");
}


static int print_quality(struct re_printf *pf, const struct event *ev)
{
	const struct event_quality *q = &ev->quality;

	return re_hprintf(pf, "%s: rx %H, tx %H, rtt=%u.%ums level=%HdBov"
			  "%s%s",
			  event_side_name(q->side), print_dir, &q->rx,
			  print_dir, &q->tx, q->rtt / 1000,
			  q->rtt / 100 % 10, print_level, &q->level,
			  q->one_way ? " one-way=" : "",
			  q->one_way ? event_unheard_name(q->one_way) : "");
}


/* how many, but not which: they may be a PIN */
static int print_keys(struct re_printf *pf, const struct event *ev)
{
	const struct event_keys *k = &ev->keys;
	const char *side = event_side_name(k->to);

	if (k->lost)
		return re_hprintf(pf, "%u of %u %s did not reach the %s: %s",
				  k->lost, k->lost + k->sent,
				  text_plural(k->lost + k->sent, "key",
					      "keys"), side, k->text);

	return re_hprintf(pf, "%u %s to the %s", k->sent,
			  text_plural(k->sent, "key", "keys"), side);
}


static int print_link(struct re_printf *pf, const struct event *ev)
{
	const struct event_link *l = &ev->link;

	switch (ev->type) {

	case EVENT_REG_OK:
		return re_hprintf(pf, "%s: SIP: registered", ev->ext);

	case EVENT_REG_FAILED:
		return re_hprintf(pf, "%s: SIP: not registered (%s)",
				  ev->ext, l->text);

	case EVENT_REG_GONE:
		return re_hprintf(pf, "%s: SIP: account removed", ev->ext);

	default:
		return re_hprintf(pf, "%s: cloud: %s%s%s%s%s", ev->ext,
				  l->state, l->again ? ", again" : "",
				  l->text[0] ? " (" : "", l->text,
				  l->text[0] ? ")" : "");
	}
}


static int print_progress(struct re_printf *pf, const struct event *ev)
{
	const struct event_progress *p = &ev->progress;
	int err;

	if (ev->type == EVENT_FLIGHT)
		return re_hprintf(pf, "flight record %s: %s%s%s", p->state,
				  p->target, p->text[0] ? ": " : "", p->text);

	if (ev->type == EVENT_RECORD)
		return re_hprintf(pf, "recording %s: %s%s%s", p->state,
				  p->target, p->text[0] ? ": " : "", p->text);

	err = re_hprintf(pf, "%s to %s: %s", event_name(ev->type),
			 p->target, p->state);
	if (p->scode)
		err |= re_hprintf(pf, " (%u %s)", p->scode, p->text);

	return err;
}


static int print_security(struct re_printf *pf, const struct event *ev)
{
	const struct event_security *s = &ev->security;

	switch (ev->type) {

	case EVENT_SECURITY_CALLER:
		return re_hprintf(pf, "%s from %s at %s to %s refused: %s"
				  " (%u more since the last such message)",
				  s->what, s->who, s->addr, s->target,
				  s->text, s->missed);

	case EVENT_SECURITY_USER:
		return re_hprintf(pf, "%s: app user %s may not %s: %s",
				  ev->ext, s->who, s->what, s->text);

	default:
		return re_hprintf(pf, "%s: %s does not take our password:"
				  " %s", ev->ext, s->who, s->text);
	}
}


static int print_user(struct re_printf *pf, const struct event *ev)
{
	const struct event_user *u = &ev->user;

	return re_hprintf(pf, "%s: do not disturb %s: %s%s (by the %s)",
			  ev->ext, u->on ? "on" : "off",
			  u->user[0] ? "user " : "all",
			  u->user, event_side_name(u->by));
}


static int print_push(struct re_printf *pf, const struct event *ev)
{
	const struct event_push *p = &ev->push;

	switch (ev->type) {

	case EVENT_PUSH_SENT:
		return re_hprintf(pf, "push to user %s", p->user);

	case EVENT_PUSH_FAILED:
		return re_hprintf(pf, "push to user %s failed: %s", p->user,
				  p->text);

	default:
		return re_hprintf(pf, "user %s is there %u ms after the push",
				  p->user, p->online_ms);
	}
}


/**
 * Print an event as one line of the log, without its end
 *
 * @param pf Print function
 * @param ev Event
 *
 * @return 0 if success, otherwise errorcode
 */
int event_print_text(struct re_printf *pf, const struct event *ev)
{
	int err = 0;

	if (ev->id)
		err = re_hprintf(pf, "call %u: ", ev->id);

	switch (1 << (ev->type >> 4)) {

	case EVENT_CALL:      return err | print_call(pf, ev);
	case EVENT_LEG:       return err | print_leg(pf, ev);
	case EVENT_MEDIA:     return err | print_media(pf, ev);
	case EVENT_QUALITIES: return err | print_quality(pf, ev);
	case EVENT_KEY:       return err | print_keys(pf, ev);
	case EVENT_REG:
	case EVENT_CLOUD:     return err | print_link(pf, ev);
	case EVENT_TRANSFERS:
	case EVENT_RECORDS:   return err | print_progress(pf, ev);
	case EVENT_SECURITY:  return err | print_security(pf, ev);
	case EVENT_USER:      return err | print_user(pf, ev);
	case EVENT_PUSHES:    return err | print_push(pf, ev);
	case EVENT_PBX:       return err | event_pbx_print(pf, ev);
	default:
		return err | re_hprintf(pf, "addresses or default routes have"
					" changed");
	}
}


/**
 * Print an event with its number, time and name
 *
 * @param pf Print function
 * @param ev Event
 *
 * @return 0 if success, otherwise errorcode
 */
int event_print(struct re_printf *pf, const struct event *ev)
{
	const time_t t = (time_t)(ev->wall / 1000);
	char when[32] = "";
	struct tm tm;

	if (localtime_r(&t, &tm))
		(void)strftime(when, sizeof(when), "%F %T", &tm);

	return re_hprintf(pf, "%llu %s.%03u %s  %H", ev->seq, when,
			  (unsigned)(ev->wall % 1000), event_name(ev->type),
			  event_print_text, ev);
}
