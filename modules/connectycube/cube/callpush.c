/**
 * @file cube/callpush.c  A call to apps that are closed, or come late
 *
 *   `call` --> nobody there? --> push --> the app is started, logs in
 *                                           |
 *      `call` again <-- presence, status, any stanza of it
 *
 * Whether a user is there is asked of the server, which also tells when that
 * changes; where it knows no answer, it counts as not there: a push too many
 * does no harm. The call never waits for any of it.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "peer/peer.h"
#include "cube.h"
#include "xml.h"
#include "signal.h"
#include "push.h"
#include "activity.h"
#include "core.h"


enum {
	ANSWER_MAX = 1000,      /**< For the server to say who is there [ms] */
	AGAIN_MIN  = 500,       /**< Between two `call` that signs cause [ms] */
};


/**
 * Ask the server whether a user is there, or to tell when that changes
 *
 * @param c      Our user
 * @param user   User id
 * @param stream Tell of changes, or not any more
 * @param enable With stream: begin
 *
 * @return 0 if success, otherwise errorcode
 */
int cube_ask_activity(struct cube *c, const char *user, bool stream,
		      bool enable)
{
	char id[SIGNAL_ID_SIZE];
	char *jid = NULL;
	struct mbuf *mb;
	int err;

	mb = mbuf_alloc(256);
	if (!mb)
		return ENOMEM;

	signal_id(id);

	err = cube_bare_jid(&jid, c, user);
	if (!err)
		err = stream ? activity_stream(mb, jid, id, enable)
			: activity_ask(mb, jid, id);
	if (!err)
		err = cube_send(c, (char *)mb->buf, mb->end, 0);

	mem_deref(jid);
	mem_deref(mb);

	return err;
}


static const char *caller_name(const struct cube_call *call)
{
	const char *name = NULL, *number = NULL;
	size_t i;

	for (i=0; i<call->infoc; i++) {

		if (0 == str_cmp(call->infov[i].name, "name"))
			name = call->infov[i].value;
		else if (0 == str_cmp(call->infov[i].name, "number"))
			number = call->infov[i].value;
	}

	return str_isset(name) ? name : str_isset(number) ? number
		: call->caller;
}


static void tell(struct cube_call *call, enum cube_push_state state,
		 const struct call_target *t, const char *why)
{
	const struct cube_push push = {
		.state = state, .user = t->id, .online_ms = t->online_ms,
		.why = why
	};

	if (call->h.pushh)
		call->h.pushh(&push, call->arg);
}


static void send_push(struct cube_call *call, struct call_target *t, bool end)
{
	const struct push p = {
		.end        = end,
		.production = call->c->push_production,
		.user       = t->id,
		.sid        = call->sid,
		.type       = call->type,
		.caller     = call->caller,
		.name       = caller_name(call),
		.infov      = call->infov,
		.infoc      = call->infoc,
		.now        = wall_us() / 1000,
	};
	int err;

	err = push_queue(call->c, &p);
	if (err)
		clog_warning("cube: call %s: no push to user %s (%m)\n",
			     call->sid, t->id, err);
}


static void start_push(struct cube_call *call, struct call_target *t)
{
	t->waits = false;
	t->away  = true;

	if (t->pushed || call->c->push == CUBE_PUSH_OFF)
		return;

	t->pushed    = true;
	t->push_time = mono_ms();
	send_push(call, t, false);
}


/* No answer is one, too */
static void answer_handler(void *arg)
{
	struct cube_call *call = arg;
	size_t i;

	for (i=0; i<call->targetc; i++) {

		struct call_target *t = &call->targetv[i];

		if (t->waits && t->state == TARGET_RINGING)
			start_push(call, t);
	}
}


/**
 * A call rings: find out who is there, and push to who is not
 *
 * @param call Call to apps
 */
void call_push_begin(struct cube_call *call)
{
	const enum cube_push_mode mode = call->c->push;
	size_t i;

	if (mode == CUBE_PUSH_OFF)
		return;

	for (i=0; i<call->targetc; i++) {

		struct call_target *t = &call->targetv[i];

		/* as long as the call is there: it may get lost, too */
		t->streamed = 0 == cube_ask_activity(call->c, t->id, true,
						      true);

		if (mode == CUBE_PUSH_ALWAYS)
			start_push(call, t);

		t->waits = true;
		(void)cube_ask_activity(call->c, t->id, false, false);
	}

	tmr_start(&call->tmr_push, ANSWER_MAX, answer_handler, call);
}


/**
 * A user is not rung any more, or its "no" came from one of its devices: all of
 * them are to stop
 *
 * @param call Call
 * @param t    That user
 */
void call_push_end(struct cube_call *call, struct call_target *t)
{
	if (!call->c || !t->pushed || t->unpushed)
		return;

	t->unpushed = true;
	send_push(call, t, true);
}


/**
 * Is it told to us when a user comes or goes, for whatever reason?
 *
 * @param c    Our user
 * @param user User id
 *
 * @return True if somebody wants to know
 */
bool cube_is_streamed(const struct cube *c, const char *user)
{
	struct le *le;

	if (cube_attends(c, user))
		return true;

	for (le = list_head(&c->calll); le; le = le->next) {

		const struct call_target *t = callout_target(le->data, user);

		if (t && t->streamed)
			return true;
	}

	return false;
}


/**
 * A call is over
 *
 * @param call Call
 */
void call_push_close(struct cube_call *call)
{
	size_t i;

	tmr_cancel(&call->tmr_push);

	for (i=0; i<call->targetc && call->c; i++) {

		struct call_target *t = &call->targetv[i];

		/* a device that has the call would end it */
		if (t->state != TARGET_BOUND)
			call_push_end(call, t);

		if (!t->streamed)
			continue;

		t->streamed = false;
		if (!cube_is_streamed(call->c, t->id))
			(void)cube_ask_activity(call->c, t->id, true, false);
	}
}


/**
 * Is a user still to be rung?
 *
 * @param c    Our user
 * @param sid  Session id of the call
 * @param user User id
 *
 * @return True if so
 */
bool call_push_wanted(const struct cube *c, const char *sid, const char *user)
{
	struct cube_call *call = cube_find_call(c, sid);
	const struct call_target *t = call ? callout_target(call, user)
		: NULL;

	return t && t->state == TARGET_RINGING && call->state == CALL_RINGING;
}


/**
 * A push is with the cloud, or was refused
 *
 * @param c    Our user
 * @param sid  Session id of the call
 * @param user User id that it is for
 * @param why  Why it was refused, NULL=it was not
 */
void call_push_told(struct cube *c, const char *sid, const char *user,
		    const char *why)
{
	struct cube_call *call = cube_find_call(c, sid);
	struct call_target *t = call ? callout_target(call, user) : NULL;

	if (!t)
		return;

	/* what has not begun needs no end */
	if (why)
		t->unpushed = t->unsent = true;

	tell(call, why ? CUBE_PUSH_FAILED : CUBE_PUSH_SENT, t, why);
}


/* It is there: how long has that taken since it was called for? */
static void measure(struct cube_call *call, struct call_target *t)
{
	if (!t->pushed || t->unsent || !t->away || t->online_ms)
		return;

	t->online_ms = (uint32_t)(mono_ms() - t->push_time);
	t->online_ms = max(t->online_ms, 1u);
	tell(call, CUBE_PUSH_ONLINE, t, NULL);
}


/* Each device that comes is rung at once, and not before the next repeat */
static void ring_again(struct cube_call *call, struct call_target *t,
		       const char *from)
{
	const uint64_t now = mono_ms();
	const bool device = strchr(from, '/') != NULL;

	if (!t->away && (!device || 0 == str_cmp(t->seen, from)))
		return;

	if (now < t->called + AGAIN_MIN)
		return;

	t->away   = false;
	t->called = now;

	if (device) {
		t->seen = mem_deref(t->seen);
		(void)str_dup(&t->seen, from);
	}

	clog_debug("cube: call %s: %s is there\n", call->sid, from);
	(void)call_signal(call, SIGNAL_CALL, t->id, NULL, call->infov,
			  call->infoc);
}


static void take_activity(struct cube_call *call, const char *user,
			  const char *from, enum activity act, bool ours)
{
	struct call_target *t = callout_target(call, user);

	if (!t)
		return;

	/* it was there when the call began */
	if (act == ACTIVITY_ONLINE && t->waits) {
		t->waits = false;
		t->away  = false;
		return;
	}

	if (act == ACTIVITY_ONLINE)
		measure(call, t);

	if (ours)
		return;

	if (call->lost && act == ACTIVITY_ONLINE)
		call_lost_retry(call, user);

	if (call->state != CALL_RINGING || t->state != TARGET_RINGING)
		return;

	if (act == ACTIVITY_ONLINE)
		ring_again(call, t, from);
	else if (act == ACTIVITY_OFFLINE || t->waits)
		start_push(call, t);
}


/**
 * See what a stanza tells of the user that it is from: whether it is there
 *
 * @param c  Our user
 * @param el Stanza
 */
void cube_recv_activity(struct cube *c, const struct xml *el)
{
	const struct xml *extra = xml_child(el, "extraParams", NULL);
	const char *sid = xml_child_text(extra, "sessionID");
	char user[CUBE_ID_SIZE];
	enum activity act;
	const char *from;
	struct le *le;

	if (list_isempty(&c->calll) && list_isempty(&c->attendl))
		return;

	act = activity_decode(el, &from);

	/* the server may speak for one who is not there, by its bare JID */
	if (act == ACTIVITY_NONE ||
	    (xml_is(el, "message", NULL) && !strchr(from, '/')) ||
	    cube_user_of(user, sizeof(user), c, from) ||
	    0 == str_cmp(user, c->user_id))
		return;

	cube_attend_recv(c, user, act, strchr(from, '/') != NULL);

	le = list_head(&c->calll);
	while (le) {

		struct cube_call *call = le->data;

		le = le->next;

		/* who speaks of this very call needs not be told of it */
		if (call->outgoing && call->state != CALL_CLOSED)
			take_activity(call, user, from, act, sid &&
				      0 == str_casecmp(sid, call->sid));
	}
}


/**
 * Tell how a call's push notifications went
 *
 * @param call     Call
 * @param pushedp  Returned number of users that were pushed to
 * @param onlinep  Returned time from the push until the app was there, of who
 *                 has answered or else of the first who came [ms], 0=unknown
 */
void cube_call_push_stat(const struct cube_call *call, unsigned *pushedp,
			 uint32_t *onlinep)
{
	size_t i;

	*pushedp = 0;
	*onlinep = 0;

	for (i=0; call && i<call->targetc; i++) {

		const struct call_target *t = &call->targetv[i];

		*pushedp += t->pushed && !t->unsent;
		if (t->online_ms && (!*onlinep || t->state == TARGET_BOUND))
			*onlinep = t->online_ms;
	}
}
