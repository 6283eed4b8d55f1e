/**
 * @file cube/callapi.c  What an owner can ask a call
 */
#include <re.h>
#include "base/warm.h"
#include "peer/peer.h"
#include "cube.h"
#include "signal.h"
#include "core.h"


/**
 * Set a call's handlers. An incoming call is its owner's from then on, who
 * derefs it when it is over
 *
 * @param call Call
 * @param h    Handlers, copied
 * @param arg  Handler argument
 */
void cube_call_set_handlers(struct cube_call *call,
			    const struct cube_call_handlers *h, void *arg)
{
	if (!call || !h || call->state == CALL_CLOSED)
		return;

	call->h     = *h;
	call->arg   = arg;
	call->owned = true;
}


/**
 * Send an `update` signal with userInfo to the far side
 *
 * @param call  Call
 * @param infov userInfo to send
 * @param infoc Number of userInfo values
 *
 * @return 0 if success, sent or kept for when the link is back; EINVAL no
 *         argument; ENOTCONN over, or nobody has accepted yet; ENOMEM
 */
int cube_call_update(struct cube_call *call,
		     const struct cube_info *infov, size_t infoc)
{
	if (!call || !infov)
		return EINVAL;

	if (call->state == CALL_CLOSED || !call->user ||
	    call->state < CALL_RINGING)
		return ENOTCONN;

	return call_signal(call, SIGNAL_UPDATE, call->user, NULL, infov,
			   infoc);
}


/**
 * Get a call's WebRTC peer, for sending packets and its negotiated media
 *
 * @param call Call
 *
 * @return Peer (owned by the call), NULL before prepare and once closed
 */
struct peer *cube_call_peer(const struct cube_call *call)
{
	return call ? call->peer : NULL;
}


/**
 * Get a call's session id
 *
 * @param call Call
 *
 * @return Session id
 */
const char *cube_call_id(const struct cube_call *call)
{
	return call ? call->sid : NULL;
}


/**
 * Get the name of a call's state
 *
 * @param call Call
 *
 * @return Name
 */
const char *cube_call_state_name(const struct cube_call *call)
{
	static const char * const namev[] = {
		[CALL_IDLE]        = "idle",
		[CALL_GATHERING]   = "gathering",
		[CALL_RINGING]     = "ringing",
		[CALL_INCOMING]    = "incoming",
		[CALL_CONNECTING]  = "connecting",
		[CALL_ESTABLISHED] = "established",
		[CALL_CLOSED]      = "closed",
	};

	return call ? namev[call->state] : "none";
}


/**
 * Get the far user's id
 *
 * @param call Call
 *
 * @return User id; NULL while several are being rung
 */
const char *cube_call_user(const struct cube_call *call)
{
	return call ? call->user : NULL;
}


/**
 * Get what the far side's app runs on
 *
 * @param call Call
 *
 * @return android, ios, web; NULL=it has not said
 */
const char *cube_call_platform(const struct cube_call *call)
{
	return call && call->platform[0] ? call->platform : NULL;
}


/**
 * Print the ids of the users that a call has rung, or that calls, joined by
 * commas
 *
 * @param pf   Print function
 * @param call Call
 *
 * @return 0 if success, otherwise errorcode
 */
int cube_call_print_users(struct re_printf *pf, const struct cube_call *call)
{
	size_t i;
	int err = 0;

	if (!call)
		return 0;

	for (i=0; i<call->targetc; i++)
		err |= re_hprintf(pf, "%s%s", i ? "," : "",
				  call->targetv[i].id);

	return call->targetc || !call->user ? err
		: re_hprintf(pf, "%s", call->user);
}


/**
 * Does a call of ours ring a user?
 *
 * @param call Call
 * @param user User id
 *
 * @return True if it does, or is about to
 */
bool cube_call_rings(const struct cube_call *call, const char *user)
{
	const struct call_target *t = NULL;

	if (call && user && call->outgoing && call->state <= CALL_RINGING)
		t = callout_target((struct cube_call *)call, user);

	return t && t->state == TARGET_RINGING;
}


/**
 * Get a call's type, as its initiator stated it
 *
 * @param call Call
 *
 * @return Type
 */
enum cube_call_type cube_call_type(const struct cube_call *call)
{
	return call ? call->type : CUBE_CALL_AUDIO;
}


/**
 * Get a userInfo value that came with an incoming `call`, or with the `accept`
 * of an outgoing one
 *
 * @param call Call
 * @param name Nested names joined with '/'
 *
 * @return Value (owned by the call), NULL if there is none
 */
const char *cube_call_info(const struct cube_call *call, const char *name)
{
	return call && call->offer ? signal_info(call->offer, name) : NULL;
}


/**
 * Add what a packet that comes needs of a call to a list
 *
 * @param call Call
 * @param w    List
 */
void cube_call_warm(const struct cube_call *call, struct warm *w)
{
	if (!call)
		return;

	warm_add(w, &call->h, sizeof(*call) - offsetof(struct cube_call, h));
	warm_add(w, call, offsetof(struct cube_call, sid));
}
