/**
 * @file connectycube_hub/live/event.c  What events change at once
 *
 * The next `stats` and `state` say the same: an event that is lost, or comes
 * twice, does no harm.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include "live.h"
#include "model.h"


/** An event, and what it is about */
struct mev {
	struct hlive *l;
	struct mbridge *b;
	struct mcall *c;        /**< Call, known already                   */
	const json_t *j;        /**< It                                    */
	uint64_t time;          /**< When it was, of the wall clock        */
	uint64_t now;
};

typedef void (mevent_h)(const struct mev *e);


static void read_party(struct mcall *c, const json_t *j)
{
	char dir[MODEL_WORD];

	mread_str(dir, sizeof(dir), j, "direction");
	if (dir[0])
		c->from_app = !strcmp(dir, "app-to-sip");
	mread_str(c->user, sizeof(c->user), j, "user");
	mread_str(c->uri, sizeof(c->uri), j, "uri");
	mread_str(c->name, sizeof(c->name), j, "name");
	mread_str(c->callid, sizeof(c->callid), j, "call_id");
	mread_str(c->dialled, sizeof(c->dialled), j, "dialled");
	mread_str(c->channel, sizeof(c->channel), j, "channel");
	mread_str(c->channel_linked, sizeof(c->channel_linked), j,
		  "channel_linked");
}


static void on_call(const struct mev *e)
{
	char word[MODEL_WORD], type[MODEL_WORD];
	struct mcall *c = e->c;

	mread_str(type, sizeof(type), e->j, "type");
	mread_str(word, sizeof(word), e->j, "state");
	read_party(c, e->j);
	mcall_word(c, word, !strcmp(type, "call.early"));

	if (!strcmp(type, "call.new")) {
		c->t_start = e->time;
	}
	else if (!strcmp(type, "call.ringing")) {
		if (c->state == MCALL_CALLING)
			mcall_set_state(c, MCALL_RINGING);
	}
	else if (!strcmp(type, "call.early")) {
		if (c->state <= MCALL_EARLY)
			mcall_set_state(c, MCALL_EARLY);
	}
	else if (!strcmp(type, "call.answered")) {
		if (!c->t_answer)
			c->t_answer = e->time;
		mcall_set_state(c, MCALL_UP);
	}
}


static void on_ended(const struct mev *e)
{
	mcall_end(e->l, e->c);
}


static void on_media_up(const struct mev *e)
{
	if (!e->c->t_media)
		e->c->t_media = e->time;
}


static struct mleg *leg_of(const struct mev *e)
{
	struct mleg *leg;
	uint32_t num;

	leg = mread_u32(&num, e->j, "leg_num") ? mleg_get(e->c, num) : NULL;
	if (leg && !leg->side[0])
		mread_str(leg->side, sizeof(leg->side), e->j, "side");

	return leg;
}


static void on_leg(const struct mev *e)
{
	struct mleg *leg = leg_of(e);

	/* of those that were rung, the one that has answered */
	if (leg && (!leg->uri[0] || !strcmp(leg->side, "app")))
		mread_str(leg->uri, sizeof(leg->uri), e->j, "remote");
}


static void on_leg_ended(const struct mev *e)
{
	uint32_t num;

	if (mread_u32(&num, e->j, "leg_num"))
		mem_deref(mleg_find(e->c, num));
}


static void on_identity(const struct mev *e)
{
	struct mleg *leg = leg_of(e);

	if (leg)
		mread_str(leg->name, sizeof(leg->name), e->j, "name");
}


static void on_hold(const struct mev *e)
{
	struct mleg *leg = leg_of(e);
	char type[MODEL_WORD];

	mread_str(type, sizeof(type), e->j, "type");
	if (leg)
		leg->holds = !strcmp(type, "leg.held");
}


static void alarm(const struct mev *e, enum malarm_kind kind, bool on,
		  const char *text)
{
	const uint64_t ms = mread_time(e->j, "ms");

	malarm_set(e->l, kind, on, e->b, e->c->ext, e->c->id,
		   e->now > ms ? e->now - ms : 0, e->now, text);
}


static void on_path(const struct mev *e)
{
	struct mleg *leg = leg_of(e);
	char type[MODEL_WORD], side[MODEL_WORD];
	bool lost;

	mread_str(type, sizeof(type), e->j, "type");
	mread_str(side, sizeof(side), e->j, "side");
	lost = !strcmp(type, "media.lost");
	if (leg)
		leg->path_lost = lost;
	alarm(e, MALARM_PATH, lost, side);
}


static void on_dead_air(const struct mev *e)
{
	alarm(e, MALARM_DEAD_AIR, true, "nobody is heard");
}


static void on_one_way(const struct mev *e)
{
	char side[MODEL_WORD], text[MODEL_TEXT];

	mread_str(side, sizeof(side), e->j, "side");
	(void)re_snprintf(text, sizeof(text), "the %s is not heard", side);
	alarm(e, MALARM_ONE_WAY, true, text);
}


static void on_heard(const struct mev *e)
{
	char what[MODEL_WORD];

	mread_str(what, sizeof(what), e->j, "what");
	alarm(e, !strcmp(what, "one_way") ? MALARM_ONE_WAY : MALARM_DEAD_AIR,
	      false, "");
}


static void on_transfer(const struct mev *e)
{
	mread_str(e->c->transfer, sizeof(e->c->transfer), e->j, "state");
	mread_str(e->c->target, sizeof(e->c->target), e->j, "target");
	e->c->told = 0;

	if (!strcmp(e->c->transfer, "done") ||
	    !strcmp(e->c->transfer, "failed"))
		e->c->transfer[0] = '\0';
}


/* PATH/UUID.rec */
static void on_record(const struct mev *e)
{
	char state[MODEL_WORD], text[MODEL_TEXT];
	struct mcall *c = e->c;

	mread_str(state, sizeof(state), e->j, "state");
	mread_str(text, sizeof(text), e->j, "text");

	if (!strcmp(state, "ended") || !strcmp(state, "failed"))
		c->recording[0] = '\0';
	else if (!strcmp(state, "started") || !strcmp(state, "resumed"))
		str_ncpy(c->recording, "recording", sizeof(c->recording));
	else
		str_ncpy(c->recording, state, sizeof(c->recording));

	if (!strcmp(state, "failed") || !strcmp(state, "degraded"))
		alarm(e, MALARM_RECORDING, true, text[0] ? text : state);
	c->told = 0;
}


static const struct {
	const char *type;
	mevent_h *h;
} handlerv[] = {
	{"call.new",       on_call},
	{"call.ringing",   on_call},
	{"call.early",     on_call},
	{"call.answered",  on_call},
	{"call.ended",     on_ended},
	{"leg.new",        on_leg},
	{"leg.answered",   on_leg},
	{"leg.ended",      on_leg_ended},
	{"leg.identity",   on_identity},
	{"leg.held",       on_hold},
	{"leg.resumed",    on_hold},
	{"media.up",       on_media_up},
	{"media.lost",     on_path},
	{"media.back",     on_path},
	{"media.dead_air", on_dead_air},
	{"media.one_way",  on_one_way},
	{"media.heard",    on_heard},
	{"transfer",       on_transfer},
	{"record",         on_record},
};


static mevent_h *find(const char *type)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(handlerv); i++) {
		if (!strcmp(handlerv[i].type, type))
			return handlerv[i].h;
	}

	return NULL;
}


/* Only a call's own events make one: what others would begin `stats` tells */
static struct mcall *find_call(const struct mev *e, const char *type)
{
	const struct mcall *c = mcall_known(e->l, e->b, e->j);

	if (!c && (strncmp(type, "call.", 5) || !strcmp(type, "call.ended")))
		return NULL;

	return mcall_get(e->l, e->b, e->j, "ext", e->now);
}


/**
 * Something has happened
 *
 * @param l   Model
 * @param b   Bridge
 * @param ev  Event
 * @param now Time
 */
void mevent(struct hlive *l, struct mbridge *b, const json_t *ev,
	    uint64_t now)
{
	struct mev e = {.l = l, .b = b, .j = ev, .now = now};
	char type[MODEL_WORD];
	mevent_h *h;

	mread_str(type, sizeof(type), ev, "type");
	h = find(type);
	if (!h)
		return;

	e.time = mread_time(ev, "time");
	if (!e.time)
		e.time = model_wall(l, now);

	e.c = find_call(&e, type);
	if (!e.c)
		return;

	if (!e.c->session[0])
		mread_str(e.c->session, sizeof(e.c->session), ev, "session");
	e.c->dirty = true;
	h(&e);
}
