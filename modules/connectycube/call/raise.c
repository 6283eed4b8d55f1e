/**
 * @file call/raise.c  The one place where events are made
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "sip/pure/about.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "config/users.h"
#include "call/legmedia.h"
#include "call/bridge.h"
#include "call/leg.h"
#include "call/call.h"


#define COPY(dst, src) event_copy_str((dst), sizeof(dst), (src))

static raise_flight_h *flighth; /* of the flight recorder, or NULL */


/**
 * Set who knows of flight records
 *
 * @param h Handler, NULL=nobody
 */
void raise_set_flight(raise_flight_h *h)
{
	flighth = h;
}


static void set_ext(struct event *ev, const struct ext *ext)
{
	if (ext)
		COPY(ev->ext, ext->map->aor);
}


/**
 * Begin an event
 *
 * @param ev   Event, to be filled in further
 * @param type Type
 * @param bc   Call that it is of, NULL=none
 */
void raise_init(struct event *ev, enum event_type type, const struct bcall *bc)
{
	const struct leg *app = bc ? bcall_find_side(bc, EVENT_APP) : NULL;

	event_init(ev, type);

	if (!bc)
		return;

	set_ext(ev, bc->ext);
	ev->id        = bc->id;
	COPY(ev->record, bc->record);
	COPY(ev->linked, bc->linked);
	COPY(ev->session, app ? app->ops->id(app) : bc->leftv[EVENT_APP].id);
}


/* What a party is reached with, and whom it rings */
static void set_client(struct event_call *c, const struct leg *leg)
{
	struct leg_client cl = {.agent = NULL};
	char buf[EVENT_URI];

	if (!leg)
		return;

	if (leg->ops->client) {
		leg->ops->client(leg, &cl);
		if (cl.agent)
			COPY(c->agent, cl.agent);
		if (cl.platform)
			COPY(c->platform, cl.platform);
		if (cl.tag_local)
			COPY(c->tag_local, cl.tag_local);
		if (cl.tag_remote)
			COPY(c->tag_remote, cl.tag_remote);
		if (sa_isset(&cl.addr, SA_ADDR))
			(void)re_snprintf(c->addr, sizeof(c->addr), "%J",
					  &cl.addr);
	}

	if (leg->ops->users)
		COPY(c->users, raise_users(buf, sizeof(buf), leg));
}


/* Of who is in the call, or was the last one of its kind in it */
static void set_call(struct event *ev, const struct bcall *bc,
		     const char *prev)
{
	const struct leg *app = bcall_find_side(bc, EVENT_APP);
	const struct leg *phone = bcall_find_side(bc, EVENT_PHONE);
	const struct bcall_left *left = &bc->leftv[EVENT_PHONE];
	const struct leg *caller = bcall_caller(bc);
	struct event_call *c = &ev->call;

	set_client(c, phone);
	set_client(c, app);
	if (phone && phone->peer.about)
		COPY(c->dialled, phone->peer.about->dialed);

	c->from_app = bc->from_app;
	c->caller   = caller ? caller->num : 0;
	c->first    = bc->first;
	c->first_answered = bc->first_num != 0;
	if (bc->ext)
		COPY(c->department, bc->ext->map->department);
	COPY(c->trace,  bc->trace);
	COPY(c->channel, bc->channel);
	COPY(c->channel_linked, bc->channel_linked);
	COPY(c->prev,   prev);
	COPY(c->state,  bcall_state_name(bc->state));
	COPY(c->user, app ? app->peer.number : bc->leftv[EVENT_APP].number);
	COPY(c->uri,    phone ? phone->peer.uri : left->uri);
	COPY(c->number, phone ? phone->peer.number : left->number);
	COPY(c->name,   phone ? phone->peer.name : left->name);
	COPY(c->callid, phone ? phone->ops->id(phone) : left->id);
	c->t_start  = bc->t_start;
	c->t_answer = bc->t_answer;
	c->t_media  = bc->t_estab;
}


static void raise_media_up(const struct bcall *bc, const char *prev)
{
	struct event ev;

	if (!event_wanted(EVENT_MEDIA))
		return;

	raise_init(&ev, EVENT_MEDIA_UP, bc);
	ev.media.side = EVENT_APP;
	COPY(ev.media.prev,  prev);
	COPY(ev.media.state, bcall_state_name(bc->state));
	event_raise(&ev);
}


/**
 * A call's state has changed, to any but the last one
 *
 * @param bc   Call
 * @param prev Name of the state before
 */
void raise_state(const struct bcall *bc, const char *prev)
{
	enum event_type type;
	struct event ev;

	switch (bc->state) {

	case BCALL_CALLING:  type = EVENT_CALL_NEW;      break;
	case BCALL_RINGING:  type = EVENT_CALL_RINGING;  break;
	case BCALL_ANSWERED: type = EVENT_CALL_ANSWERED; break;

	case BCALL_ESTABLISHED:
		raise_media_up(bc, prev);
		return;

	default:
		return;
	}

	if (!event_wanted(EVENT_CALL))
		return;

	raise_init(&ev, type, bc);
	set_call(&ev, bc, prev);
	event_raise(&ev);
}


/**
 * Tell of a call as its events do
 *
 * @param ev Set to an event without a meaning, that is not raised
 * @param bc Call
 */
void raise_describe(struct event *ev, const struct bcall *bc)
{
	raise_init(ev, EVENT_CALL_NEW, bc);
	set_call(ev, bc, bcall_state_name(bc->state));
}


/**
 * A callee is heard before it has answered
 *
 * @param bc Call
 */
void raise_early(const struct bcall *bc)
{
	struct event ev;

	if (!event_wanted(EVENT_CALL))
		return;

	raise_init(&ev, EVENT_CALL_EARLY, bc);
	set_call(&ev, bc, bcall_state_name(bc->state));
	event_raise(&ev);
}


/**
 * A call has ended. Its legs are still known, and what was heard of them is
 * told before
 *
 * @param bc   Call
 * @param prev Name of the state before
 * @param end  How it ended
 */
void raise_ended(const struct bcall *bc, const char *prev,
		 const struct raise_end *end)
{
	struct event ev;
	struct le *le;

	for (le = bc->legl.head; le && bc->t_estab &&
		     event_wanted(EVENT_QUALITIES); le = le->next)
		raise_quality(bc, le->data);

	if (!event_wanted(EVENT_CALL))
		return;

	raise_init(&ev, EVENT_CALL_ENDED, bc);
	set_call(&ev, bc, prev);
	ev.call.by     = end->by;
	ev.call.scode  = end->scode;
	ev.call.reason = end->reason;
	ev.call.verdict = raise_verdict(bc, end->reason);
	COPY(ev.call.text, end->why);
	if (flighth && !flighth(ev.call.flight, sizeof(ev.call.flight), &ev))
		ev.call.flight[0] = '\0';
	event_raise(&ev);
}


/**
 * An app's call was refused before it became one of ours
 *
 * @param ext     Extension that was called
 * @param user    Who called
 * @param session Its session id
 * @param scode   As SIP says it
 * @param r       Why
 */
void raise_refused(const struct ext *ext, const char *user,
		   const char *session, uint16_t scode,
		   const struct app_refusal *r)
{
	const char *why = r->why[0] ? r->why : r->reason;
	struct event ev;

	if (event_wanted(EVENT_CALL)) {
		event_init(&ev, EVENT_CALL_REFUSED);
		set_ext(&ev, ext);
		COPY(ev.session, session);
		COPY(ev.call.user, user);
		COPY(ev.call.text, why);
		if (ext)
			COPY(ev.call.department, ext->map->department);
		ev.call.from_app = true;
		ev.call.scode    = scode;
		ev.call.reason   = r->end ? r->end :
			end_reason_by_scode(scode);
		event_raise(&ev);
	}

	if (r->end == END_FORBIDDEN && event_wanted(EVENT_SECURITY)) {
		event_init(&ev, EVENT_SECURITY_USER);
		set_ext(&ev, ext);
		COPY(ev.session, session);
		COPY(ev.security.who, user);
		COPY(ev.security.what, "call");
		COPY(ev.security.text, why);
		ev.security.scode = scode;
		event_raise(&ev);
	}
}


/**
 * A phone's call was refused before it became one of ours
 *
 * @param r Which, and why
 */
void raise_sip_refused(const struct raise_refused *r)
{
	struct event ev;

	if (!event_wanted(EVENT_CALL))
		return;

	event_init(&ev, EVENT_CALL_REFUSED);
	COPY(ev.ext,         r->aor);
	COPY(ev.call.uri,    r->uri);
	COPY(ev.call.callid, r->callid);
	COPY(ev.call.text,   r->why);
	if (r->ext)
		COPY(ev.call.department, r->ext->map->department);
	ev.call.scode  = r->scode;
	ev.call.reason = r->reason ? r->reason
		: end_reason_by_scode(r->scode);
	event_raise(&ev);
}


/**
 * Keys were passed on by another road than RTP, or not at all
 *
 * @param bc   Call
 * @param to   Whom they were meant for
 * @param sent How many were passed on
 * @param lost How many were not
 * @param why  Why not, NULL=all were
 */
void raise_keys(const struct bcall *bc, enum event_side to, size_t sent,
		size_t lost, const char *why)
{
	struct event ev;

	if (!event_wanted(EVENT_KEY))
		return;

	raise_init(&ev, EVENT_KEYS, bc);
	ev.keys.to   = to;
	ev.keys.sent = (uint32_t)sent;
	ev.keys.lost = (uint32_t)lost;
	COPY(ev.keys.text, why);
	event_raise(&ev);
}


static void raise_password(const struct ext *ext, const char *who,
			   const char *text)
{
	struct event ev;

	if (!event_wanted(EVENT_SECURITY))
		return;

	event_init(&ev, EVENT_SECURITY_PASSWORD);
	set_ext(&ev, ext);
	COPY(ev.security.who, who);
	COPY(ev.security.what, "login");
	COPY(ev.security.text, text);
	event_raise(&ev);
}


/**
 * A registration has changed
 *
 * @param ext  Extension
 * @param type What has happened
 * @param text Why it failed: as SIP says it, or readable
 */
void raise_reg(const struct ext *ext, enum event_type type, const char *text)
{
	struct event ev;

	if (event_wanted(EVENT_REG)) {
		event_init(&ev, type);
		set_ext(&ev, ext);
		COPY(ev.link.text, text);
		event_raise(&ev);
	}

	if (type == EVENT_REG_FAILED &&
	    (!strncmp(text, "401", 3) || !strncmp(text, "403", 3) ||
	     !strncmp(text, "407", 3)))
		raise_password(ext, "the SIP server", text);
}


/**
 * A cloud link has changed
 *
 * @param ext    Extension
 * @param state  enum cube_state
 * @param reason Why, or NULL
 * @param again  The same was told before
 */
void raise_cloud(const struct ext *ext, int state, const char *reason,
		 bool again)
{
	struct event ev;

	if (event_wanted(EVENT_CLOUD)) {
		event_init(&ev, state == CUBE_ONLINE ? EVENT_CLOUD_ONLINE :
			   state == CUBE_OFFLINE ? EVENT_CLOUD_OFFLINE :
			   state == CUBE_REFUSED ? EVENT_CLOUD_REFUSED :
			   EVENT_CLOUD_TRYING);
		set_ext(&ev, ext);
		COPY(ev.link.user,  cube_user_id(ext->cube));
		COPY(ev.link.state, cube_state_name(state));
		COPY(ev.link.text,  reason);
		ev.link.again = again;
		event_raise(&ev);
	}

	if (state == CUBE_REFUSED && !again)
		raise_password(ext, "the cloud", reason);
}


static void copy_pl(char *dst, size_t size, const struct pl *pl)
{
	char buf[EVENT_URI] = "";
	const struct pl cut = {pl->p, MIN(pl->l, sizeof(buf) - 1)};

	if (pl_isset(pl))
		(void)text_str(buf, sizeof(buf), &cut);

	event_copy_str(dst, size, buf);
}


/**
 * A SIP request or connection of somebody was refused
 *
 * @param r What
 */
void raise_caller(const struct sip_refused *r)
{
	struct event ev;

	if (!event_wanted(EVENT_SECURITY))
		return;

	event_init(&ev, EVENT_SECURITY_CALLER);
	copy_pl(ev.security.what,   sizeof(ev.security.what),   &r->what);
	copy_pl(ev.security.who,    sizeof(ev.security.who),    &r->who);
	copy_pl(ev.security.target, sizeof(ev.security.target), &r->target);
	COPY(ev.security.text, r->why);
	(void)re_snprintf(ev.security.addr, sizeof(ev.security.addr), "%j",
			  r->src);
	ev.security.missed = r->missed;
	event_raise(&ev);
}


/**
 * This host's addresses or routes have changed
 */
void raise_network(void)
{
	struct event ev;

	event_init(&ev, EVENT_HOST_NETWORK);
	event_raise(&ev);
}
