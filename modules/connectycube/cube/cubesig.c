/**
 * @file cube/cubesig.c  Signals that come in for a user
 *
 *   stanza --> signal --> whose call? --known--> call_recv()
 *                                     `--new---> callin_offer()
 *
 * Whom a signal is from is only what the server stamped on it.
 *
 * A new call costs its peer, certificates, sockets and an INVITE, one that ends
 * what is to be closed, and a BYE: a fifth of a millisecond and more. One is begun
 * or ended in a turn of the loop, so that many that come in one read do not hold
 * up the packets of the calls that there are; what
 * comes behind waits for its turn, in order. When too many wait, it is he who
 * sent most of them that loses one.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "base/text.h"
#include "peer/peer.h"
#include "cube.h"
#include "signal.h"
#include "control.h"
#include "known.h"
#include "core.h"


/** A call that is over: its repeats must not ring again */
struct ended {
	struct known known;     /**< Member of its user's endedl, and the
				     far user                              */
	char *sid;              /**< Session id (owner)                    */
	uint64_t until;         /**< Forgotten after this [ms]             */
};


/** Who sent signals that wait; there as long as one does */
struct sender {
	struct le le;           /**< Member of the user's senderl          */
	char *user;             /**< User id (owner)                       */
	unsigned n;             /**< Signals that wait                     */
};

/** A signal that waits for the loop's next turn */
struct waiting {
	struct le le;           /**< Member of its user's waitl            */
	struct signal *sig;     /**< Owner of a reference                  */
	struct sender *sender;  /**< Owner of a reference                  */
};


/**
 * Get the user of a JID: `<user id>-<application id>@<domain>[/resource]`,
 * of our own application and domain
 *
 * @param user Returned user id
 * @param size Size of user [bytes]
 * @param c    User that it was sent to
 * @param jid  JID as stamped by the server
 *
 * @return 0 if success; EINVAL no argument; EBADMSG no such JID; EPERM of
 *         another application or domain
 */
int cube_user_of(char *user, size_t size, const struct cube *c,
		 const char *jid)
{
	struct pl id, app, domain;

	if (!user || !c || !jid)
		return EINVAL;

	if (re_regex(jid, strlen(jid), "[0-9]+-[^@/]+@[^/]+", &id, &app,
		     &domain) || id.p != jid)
		return EBADMSG;

	if (pl_strcmp(&app, c->app_id) ||
	    pl_strcasecmp(&domain, c->domain))
		return EPERM;

	return text_str(user, size, &id) ? EBADMSG : 0;
}


static void ended_destructor(void *data)
{
	struct ended *e = data;

	known_reset(&e->known);
	mem_deref(e->sid);
}


/* UUIDs are the same in either case (RFC 9562 section 4), and iOS writes them
   in upper case */
static bool is_same(const char *a, const char *b)
{
	return 0 == str_casecmp(a, b);
}


static bool has_ended(struct cube *c, const char *sid)
{
	const uint64_t now = mono_ms();
	struct le *le = list_head(&c->endedl);
	bool found = false;

	while (le) {
		struct ended *e = le->data;

		le = le->next;

		if (now >= e->until)
			mem_deref(e);
		else if (is_same(e->sid, sid))
			found = true;
	}

	return found;
}


/**
 * Remember that a call is over, for CUBE_ENDED_TIME
 *
 * @param c    User
 * @param user The one far user, or NULL
 * @param sid  Session id
 */
void cube_remember_ended(struct cube *c, const char *user, const char *sid)
{
	struct ended *e;

	if (!c || has_ended(c, sid))
		return;

	e = mem_zalloc(sizeof(*e), ended_destructor);
	if (!e)
		return;

	e->until = mono_ms() + CUBE_ENDED_TIME;

	if (str_dup(&e->sid, sid) ||
	    known_add(&c->endedl, &e->known, user, CUBE_ENDED_MAX))
		mem_deref(e);
}


/**
 * Find a call that is not over
 *
 * @param c   User
 * @param sid Session id
 *
 * @return Call, NULL if there is none
 */
struct cube_call *cube_find_call(const struct cube *c, const char *sid)
{
	struct le *le;

	for (le = list_head(&c->calll); le; le = le->next) {

		struct cube_call *call = le->data;

		if (call->state != CALL_CLOSED && is_same(call->sid, sid))
			return call;
	}

	return NULL;
}


/* a device that did not hear of the end is in a call with nobody */
static void refuse_late(struct cube *c, const struct signal *accept,
			const char *user)
{
	struct signal *sig;

	sig = mem_zalloc(sizeof(*sig), NULL);
	if (!sig)
		return;

	sig->type         = SIGNAL_HANGUP;
	sig->sid          = accept->sid;
	sig->call_type    = accept->call_type;
	sig->caller       = accept->caller ? accept->caller : c->user_id;
	sig->opponentv[0] = user;
	sig->opponentc    = 1;

	(void)call_send_signal(c, sig, user, accept->from);

	mem_deref(sig);
}


/* Is it the first of a call that may be taken? */
static bool is_new(struct cube *c, const struct signal *sig,
		   const char *user)
{
	if (sig->type != SIGNAL_CALL)
		clog_debug("cube: dropped, no such call\n");
	else if (has_ended(c, sig->sid))
		clog_debug("cube: dropped, that call is over\n");
	else if (!sig->sdp)
		clog_debug("cube: dropped, no SDP\n");
	else if (0 == str_cmp(user, c->user_id))
		clog_debug("cube: dropped, a call of this very user\n");
	else
		return true;

	return false;
}


/* Returns true if it began or ended a call */
static bool recv_signal(struct cube *c, struct signal *sig, const char *user)
{
	struct cube_call *call = cube_find_call(c, sig->sid);

	clog_debug("cube: %s from %s for call %s%s\n",
		   signal_type_name(sig->type), sig->from, sig->sid,
		   call ? "" : " (new or unknown)");

	if (call) {
		const bool ends = sig->type == SIGNAL_HANGUP ||
			sig->type == SIGNAL_REJECT;

		call_recv(call, sig, user);
		return ends;
	}

	if (sig->type == SIGNAL_ACCEPT && has_ended(c, sig->sid)) {
		refuse_late(c, sig, user);
		return false;
	}

	if (sig->type == SIGNAL_HANGUP && c->lateh)
		return c->lateh(sig->sid, user, c->arg);

	if (!is_new(c, sig, user))
		return false;

	callin_offer(c, sig, user);

	return true;
}


/**
 * Set who is told of users who hang up in a call that is over
 *
 * @param c User
 * @param h Handler, called with the argument of cube_alloc(); NULL=nobody
 */
void cube_set_late_handler(struct cube *c, cube_late_h *h)
{
	if (c)
		c->lateh = h;
}


static void sender_destructor(void *data)
{
	struct sender *s = data;

	list_unlink(&s->le);
	mem_deref(s->user);
}


/* Returns a reference to it */
static struct sender *get_sender(struct cube *c, const char *user)
{
	struct sender *s;
	struct le *le;

	for (le = list_head(&c->senderl); le; le = le->next) {
		s = le->data;
		if (0 == str_cmp(s->user, user))
			return mem_ref(s);
	}

	s = mem_zalloc(sizeof(*s), sender_destructor);
	if (!s)
		return NULL;

	if (str_dup(&s->user, user))
		return mem_deref(s);

	list_append(&c->senderl, &s->le, s);

	return s;
}


static void waiting_destructor(void *data)
{
	struct waiting *w = data;

	list_unlink(&w->le);
	mem_deref(w->sig);
	if (w->sender)
		--w->sender->n;
	mem_deref(w->sender);
}


/* Up to the next call that begins or ends */
static void turn_handler(void *arg)
{
	struct cube *c = mem_ref(arg);
	bool begun = false;

	/* unless its owner lets it go meanwhile */
	while (!begun && mem_nrefs(c) > 1 && !list_isempty(&c->waitl)) {

		struct waiting *w = list_ledata(list_head(&c->waitl));

		list_unlink(&w->le);
		begun = recv_signal(c, w->sig, w->sender->user);
		mem_deref(w);
	}

	/* even if none waits: the turn of the next has not come yet */
	if (begun)
		tmr_start(&c->tmr_wait, 0, turn_handler, c);

	mem_deref(c);
}


/* One sender's burst does not push out what another one sends: of whom most
   wait, with the one that comes now, the last one goes. False if it is that */
static bool make_room(struct cube *c, const struct sender *by)
{
	const struct sender *most = by;
	struct le *le;

	if (list_count(&c->waitl) < CUBE_WAIT_MAX)
		return true;

	for (le = list_head(&c->senderl); le; le = le->next) {
		const struct sender *s = le->data;

		if (s->n > most->n)
			most = s;
	}

	clog_debug("cube: dropped, too many signals of %s at once\n",
		   most->user);

	if (most->n <= by->n)
		return false;

	for (le = list_tail(&c->waitl); le; le = le->prev) {
		struct waiting *w = le->data;

		if (w->sender == most) {
			mem_deref(w);
			break;
		}
	}

	return true;
}


static void wait_for_turn(struct cube *c, struct signal *sig,
			  const char *user)
{
	struct waiting *w;

	w = mem_zalloc(sizeof(*w), waiting_destructor);
	if (!w)
		return;

	w->sender = get_sender(c, user);
	if (w->sender)
		++w->sender->n;

	if (!w->sender || !make_room(c, w->sender)) {
		mem_deref(w);
		return;
	}

	w->sig = mem_ref(sig);
	list_append(&c->waitl, &w->le, w);
}


static void take_signal(struct cube *c, struct signal *sig, const char *user)
{
	if (tmr_isrunning(&c->tmr_wait))
		wait_for_turn(c, sig, user);
	else if (recv_signal(c, sig, user))
		tmr_start(&c->tmr_wait, 0, turn_handler, c);
}


/* Returns true if it was a system message of ours */
static bool take_control(struct cube *c, struct xml *msg)
{
	struct control *ctl;
	char user[CUBE_ID_SIZE];

	if (control_decode(&ctl, msg))
		return false;

	if (ctl->stale)
		clog_debug("cube: stale system message dropped\n");
	else if (cube_user_of(user, sizeof(user), c, ctl->from))
		clog_debug("cube: system message dropped, from %s\n",
			   ctl->from);
	else
		cube_recv_control(c, ctl, user);

	mem_deref(ctl);

	return true;
}


/**
 * Take a message stanza, or another one that tells of a user
 *
 * @param c   User, referenced by the caller
 * @param msg Stanza
 */
void cube_recv(struct cube *c, struct xml *msg)
{
	struct signal *sig;
	char user[CUBE_ID_SIZE];
	int err;

	cube_recv_activity(c, msg);

	cube_recv_presence(c, msg);

	if (take_control(c, msg) || chat_recv(c, msg))
		return;

	err = signal_decode(&sig, msg);
	if (err) {
		if (err != ENOENT)
			clog_debug("cube: signal dropped (%m)\n", err);
		return;
	}

	if (sig->stale)
		clog_debug("cube: stale signal dropped\n");
	else if (cube_user_of(user, sizeof(user), c, sig->from))
		clog_debug("cube: signal dropped, from %s\n", sig->from);
	else
		take_signal(c, sig, user);

	mem_deref(sig);
}
