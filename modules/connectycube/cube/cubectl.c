/**
 * @file cube/cubectl.c  System messages: what apps ask for, and are told
 *
 *   stanza --> control --> whose call? a party of it? heard before?
 *                                |
 *                                v
 *   stanza <-- answer <--- the call's owner
 *
 * Nothing is answered that does not ask, so that two bridges cannot talk to
 * each other for ever. What is in a message is never logged: it may be keys.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "peer/peer.h"
#include "cube.h"
#include "signal.h"
#include "control.h"
#include "core.h"


enum {
	TELL_MAX = 8,           /**< Values that an event may have         */
};


/**
 * Make the bare JID of a user
 *
 * @param jidp Returned JID; the caller derefs it
 * @param c    Our user, of the same application and domain
 * @param user User id
 *
 * @return 0 if success, otherwise errorcode
 */
int cube_bare_jid(char **jidp, const struct cube *c, const char *user)
{
	return re_sdprintf(jidp, "%s-%s@%s", user, c->app_id, c->domain);
}


static int send_to(struct cube *c, const char *jid,
		   const struct cube_info *infov, size_t infoc)
{
	char id[SIGNAL_ID_SIZE];
	struct mbuf *mb;
	int err;

	mb = mbuf_alloc(512);
	if (!mb)
		return ENOMEM;

	signal_id(id);

	err = control_encode(mb, infov, infoc, jid, id);
	if (!err)
		err = cube_send(c, (char *)mb->buf, mb->end,
				CALL_SIGNAL_KEEP);

	mem_deref(mb);

	return err;
}


/* To one device, or to all of a user */
static int tell(struct cube *c, const char *sid, const char *user,
		const char *jid, const char *event,
		const struct cube_info *infov, size_t infoc)
{
	struct cube_info v[3 + TELL_MAX] = {
		{"bridge",     "1"},
		{"event",      event},
		{"session_id", sid},
	};
	char *bare = NULL;
	int err = 0;

	if (infoc > TELL_MAX)
		return EINVAL;

	if (infoc)
		memcpy(&v[3], infov, infoc * sizeof(*infov));

	if (!jid)
		err = cube_bare_jid(&bare, c, user);
	if (!err)
		err = send_to(c, jid ? jid : bare, v, 3 + infoc);

	mem_deref(bare);

	return err;
}


/**
 * Tell all devices of a user something that is about no call
 *
 * @param c     Our user
 * @param user  User id
 * @param event What
 * @param infov More values, or NULL; one without a value is left out
 * @param infoc How many
 *
 * @return 0 if success, sent or kept for when the link is back; EINVAL; ENOMEM
 */
int cube_tell(struct cube *c, const char *user, const char *event,
	      const struct cube_info *infov, size_t infoc)
{
	if (!c || !user || !event || (infoc && !infov))
		return EINVAL;

	return tell(c, NULL, user, NULL, event, infov, infoc);
}


/**
 * Tell the app in a call what has happened, by a system message
 *
 * @param call  Call
 * @param event What
 * @param infov More values, or NULL; one without a value is left out
 * @param infoc How many
 *
 * @return 0 if success, sent or kept for when the link is back; EINVAL;
 *         ENOTCONN over, or nobody has accepted yet; ENOMEM
 */
int cube_call_tell(struct cube_call *call, const char *event,
		   const struct cube_info *infov, size_t infoc)
{
	if (!call || !event || (infoc && !infov))
		return EINVAL;

	if (call->state == CALL_CLOSED || !call->c || !call->user)
		return ENOTCONN;

	return tell(call->c, call->sid, call->user, call->jid, event, infov,
		    infoc);
}


/**
 * Tell all devices of the bound user which one has accepted: those that ring
 * are known to nobody, and a hangUp to all would end the call
 *
 * @param call Call that is bound
 *
 * @return 0 if success; otherwise as of cube_call_tell()
 */
int call_tell_answered(struct cube_call *call)
{
	const char *device = call->jid ? strchr(call->jid, '/') : NULL;
	const struct cube_info inf = {"device", device ? device + 1 : ""};

	if (!call->c || !call->user)
		return ENOTCONN;

	return tell(call->c, call->sid, call->user, NULL, "answered", &inf,
		    1);
}


/* What worked is only answered where the app can tell what was meant */
static void answer(struct cube *c, const struct control *ctl,
		   const char *reason)
{
	const struct cube_info infov[] = {
		{"bridge",     "1"},
		{"event",      reason ? "error" : "done"},
		{"action",     ctl->action},
		{"session_id", ctl->session},
		{"request_id", ctl->request},
		{"reason",     reason},
	};

	if (reason || ctl->request)
		(void)send_to(c, ctl->from, infov, ARRAY_SIZE(infov));
}


/**
 * What an app has asked for is done, or refused
 *
 * @param c      User that it was asked of
 * @param ctl    What it asked for
 * @param reason Why it is refused, NULL=it is done
 */
void cube_control_done(struct cube *c, const struct control *ctl,
		       const char *reason)
{
	char user[CUBE_ID_SIZE];

	if (!c || !ctl || cube_user_of(user, sizeof(user), c, ctl->from))
		return;

	clog_debug("cube: call %s: %s of %s: %s\n",
		   ctl->session ? ctl->session : "-", ctl->action, ctl->from,
		   reason ? reason : "done");

	control_memory_done(c->memory, user, ctl, reason);
	answer(c, ctl, reason);
}


/* The user whom the call is bound to; but a device of his that is known to be
   left out of it has no say */
static bool is_party(const struct cube_call *call, const struct control *ctl,
		     const char *user)
{
	size_t i;

	if (!call->user || str_cmp(call->user, user))
		return false;

	for (i=0; i<call->strangerc; i++) {
		if (0 == str_cmp(call->strangerv[i], ctl->from))
			return false;
	}

	return true;
}


/* Whoever is no party learns nothing of a call, not even whether it exists */
static const char *find_call(struct cube_call **callp, struct cube *c,
			     const struct control *ctl, const char *user)
{
	struct cube_call *call;

	if (ctl->fault)
		return ctl->fault;

	if (!ctl->session)
		return c->controlh ? NULL : "session_id is missing";

	call = cube_find_call(c, ctl->session);
	if (!call || !is_party(call, ctl, user))
		return "no such call";

	if (call->state != CALL_CONNECTING && call->state != CALL_ESTABLISHED)
		return "the call is not answered yet";

	if (!call->h.controlh)
		return "not in this call";

	*callp = call;

	return NULL;
}


/* Without a call it is for whoever has our user */
static void take_request(struct cube *c, struct cube_call *call,
			 const struct control *ctl, const char *user)
{
	const char *reason = NULL;
	char buf[64];
	int err;

	switch (control_memory_find(c->memory, user, ctl, mono_ms(),
				    &reason)) {

	case CONTROL_RUNNING:
		return;

	case CONTROL_DONE:
		answer(c, ctl, reason);
		return;

	case CONTROL_NEW:
		break;
	}

	err = control_memory_add(c->memory, user, ctl, mono_ms());
	if (!err)
		err = call ? call->h.controlh(ctl, &reason, call->arg)
			: c->controlh(ctl, user, &reason, c->arg);

	if (err == EINPROGRESS)
		return;

	if (err && !reason) {
		(void)re_snprintf(buf, sizeof(buf), "%m", err);
		reason = buf;
	}

	cube_control_done(c, ctl, err ? reason : NULL);
}


/**
 * Set who is asked by system messages that are about no call
 *
 * @param c User
 * @param h Handler, called with the argument of cube_alloc(); NULL=nobody
 */
void cube_set_control_handler(struct cube *c, cube_control_h *h)
{
	if (c)
		c->controlh = h;
}


/**
 * Take a system message of an app
 *
 * @param c    User, referenced by the caller
 * @param ctl  Message
 * @param user User id of its sender
 */
void cube_recv_control(struct cube *c, const struct control *ctl,
		       const char *user)
{
	struct cube_call *call = NULL;
	const char *reason;

	/* it tells: what we have sent ourselves, or another bridge */
	if (!ctl->action || 0 == str_cmp(user, c->user_id))
		return;

	reason = find_call(&call, c, ctl, user);
	if (reason) {
		clog_debug("cube: request of %s refused: %s\n", ctl->from,
			   reason);
		answer(c, ctl, reason);
		return;
	}

	mem_ref(call);
	take_request(c, call, ctl, user);
	mem_deref(call);
}
