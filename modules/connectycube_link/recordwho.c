/**
 * @file connectycube_link/recordwho.c  Who called whom, and who took the call
 *
 * Pure. That is told until the call is answered, and is so for good then:
 * whoever talks on in it later, after a transfer by us or by a PBX, is told of
 * by its transfers and its parties.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "call/event.h"
#include "record.h"


#define KEEP(dst, src) record_keep((dst), sizeof(dst), (src))


/**
 * Take over what is known. What is known once stays known: a party may leave
 * before the end
 *
 * @param dst  What is known, as text
 * @param size Room there [bytes]
 * @param src  What is told, ""=nothing
 */
void record_keep(char *dst, size_t size, const char *src)
{
	if (src[0])
		str_ncpy(dst, src, size);
}


/* Of the phone whose dialog it is. Some of it is told after the answer */
static void take_dialog(struct event_call *who, const struct event_call *c)
{
	KEEP(who->tag_local,  c->tag_local);
	KEEP(who->tag_remote, c->tag_remote);
	KEEP(who->agent,      c->agent);
	KEEP(who->addr,       c->addr);

	/* not what a phone dials to take over an app's call */
	if (!who->from_app)
		KEEP(who->dialled, c->dialled);
}


static void take_phone(struct event_call *who, const struct event_call *c,
		       bool answered)
{
	if (c->uri[0] && !(answered && who->uri[0])) {
		str_ncpy(who->uri,    c->uri,    sizeof(who->uri));
		str_ncpy(who->number, c->number, sizeof(who->number));
		str_ncpy(who->name,   c->name,   sizeof(who->name));
	}

	if (!str_cmp(c->callid, who->callid)) {
		take_dialog(who, c);
	}
	else if (c->callid[0] && !(answered && who->callid[0])) {

		/* another phone: nothing is left of the one before */
		who->tag_local[0] = who->tag_remote[0] = '\0';
		who->agent[0] = who->addr[0] = '\0';
		KEEP(who->callid, c->callid);
		take_dialog(who, c);
	}
}


static void take_app(struct record *r, const struct event *ev)
{
	const struct event_call *c = &ev->call;
	struct event_call *who = &r->who;

	if (ev->session[0] && !(r->t_answer && r->session[0]))
		KEEP(r->session, ev->session);

	if (c->user[0] && !(r->t_answer && who->user[0]))
		KEEP(who->user, c->user);

	if (!str_cmp(ev->session, r->session))
		KEEP(who->platform, c->platform);
}


/**
 * Somebody rings, one after the other perhaps: each time it is told of some
 *
 * @param r     Record
 * @param users Their ids, joined by commas
 */
void record_add_users(struct record *r, const char *users)
{
	char id[RECORD_USER];
	struct pl pl, rest;
	size_t i;

	/* who comes later is reached by a transfer */
	if (r->t_answer && r->userc)
		return;

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


/**
 * Who takes part in a call is told by its own events
 *
 * @param r  Record, whose t_answer is not set yet by the event
 * @param ev Event of the class EVENT_CALL
 */
void record_on_who(struct record *r, const struct event *ev)
{
	const struct event_call *c = &ev->call;

	r->who.from_app = c->from_app;
	r->who.first    = c->first;
	KEEP(r->who.department, c->department);
	KEEP(r->who.trace,      c->trace);
	KEEP(r->who.channel,    c->channel);
	KEEP(r->who.channel_linked, c->channel_linked);
	take_phone(&r->who, c, r->t_answer != 0);
	take_app(r, ev);
	record_add_users(r, c->users);
}
