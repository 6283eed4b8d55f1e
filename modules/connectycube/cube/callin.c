/**
 * @file cube/callin.c  A call from an app
 *
 *   `call` --> INCOMING --cube_call_accept()--> CONNECTING
 *   repeats of `call` are swallowed, also after the end
 */
#include <re.h>
#include "base/log.h"
#include "peer/peer.h"
#include "cube.h"
#include "signal.h"
#include "core.h"


/**
 * Take a `call` of an unknown session: someone calls
 *
 * @param c    User, referenced by the caller
 * @param sig  Signal with an SDP; the call keeps a reference
 * @param user Its sender, another user
 */
void callin_offer(struct cube *c, struct signal *sig, const char *user)
{
	struct cube_call *call;
	int err;

	err = call_alloc(&call, c, sig->sid,
			 sig->caller && *sig->caller ? sig->caller : user,
			 sig->call_type);
	if (err) {
		clog_warning("cube: call of %s dropped (%m)\n", user, err);
		return;
	}

	call->offer = mem_ref(sig);
	err  = str_dup(&call->user, user);
	err |= str_dup(&call->jid, sig->from);
	str_ncpy(call->platform, sig->platform ? sig->platform : "",
		 sizeof(call->platform));
	if (err) {
		mem_deref(call);
		return;
	}

	clog_info("cube: call %s from user %s\n", call->sid, user);
	call_set_state(call, CALL_INCOMING);

	/* it stays ours if nobody takes it, else it is theirs: they may even
	   deref it in here */
	mem_ref(call);
	if (c->incomingh)
		c->incomingh(call, c->arg);

	if (!call->owned) {
		cube_call_reject(call, NULL, 0);
		mem_deref(call);
	}

	mem_deref(call);
}


/**
 * Take a signal that an incoming call alone knows
 *
 * @param call Call, referenced by the caller
 * @param sig  Signal
 */
void callin_recv(struct cube_call *call, const struct signal *sig)
{
	if (sig->type == SIGNAL_CALL)
		clog_debug("cube: call %s: repeated\n", call->sid);

	/* some SDKs reject what they began, to say that they gave up */
	else if (sig->type == SIGNAL_REJECT && call->state == CALL_INCOMING)
		call_close(call, CUBE_END_HANGUP, "caller gave up",
			   sig->infov, sig->infoc);
}


/**
 * Start gathering candidates for an incoming call, so that accepting it
 * does not take long
 *
 * @param call  Incoming call
 * @param audio Audio formats that can be answered
 * @param video Video formats that can be answered, NULL=none
 *
 * @return 0 if success; EINVAL no argument or no incoming call; EALREADY
 *         was done; otherwise as of peer_set_offer() and peer_gather()
 */
int cube_call_prepare(struct cube_call *call,
		      const struct peer_media_prm *audio,
		      const struct peer_media_prm *video)
{
	int err;

	if (!call || !audio || call->state != CALL_INCOMING || !call->c)
		return EINVAL;

	if (call->peer)
		return EALREADY;

	err = call_peer_alloc(call, audio, video);
	if (!err)
		err = peer_set_offer(call->peer, call->offer->sdp,
				     str_len(call->offer->sdp));
	if (!err)
		err = peer_gather(call->peer);
	if (err)
		call->peer = mem_deref(call->peer);

	return err;
}


/**
 * Accept an incoming call. The answer holds the candidates gathered so far,
 * the others follow
 *
 * @param call  Incoming call
 * @param audio Audio formats to answer, NULL=as prepared
 * @param video Video formats to answer, NULL=as prepared
 * @param infov userInfo to send, or NULL
 * @param infoc Number of userInfo values
 *
 * @return 0 if success; EINVAL no argument or no incoming call; otherwise
 *         as of cube_call_prepare() and peer_answer(), and the owner then
 *         rejects the call
 */
int cube_call_accept(struct cube_call *call,
		     const struct peer_media_prm *audio,
		     const struct peer_media_prm *video,
		     const struct cube_info *infov, size_t infoc)
{
	int err;

	if (!call || call->state != CALL_INCOMING || !call->c)
		return EINVAL;

	err = call->peer ? call_peer_alloc(call, audio, video)
			 : cube_call_prepare(call, audio, video);
	if (!err)
		err = call_make_sdp(call, peer_answer);
	if (!err)
		err = call_signal(call, SIGNAL_ACCEPT, call->user, NULL,
				  infov, infoc);
	if (err)
		return err;

	call_set_state(call, CALL_CONNECTING);
	call_flush_candidates(call);

	return 0;
}


/**
 * Reject an incoming call. The close handler is not called
 *
 * @param call  Incoming call; the owner still derefs it
 * @param infov userInfo to send, or NULL; busy=true means busy
 * @param infoc Number of userInfo values
 */
void cube_call_reject(struct cube_call *call, const struct cube_info *infov,
		      size_t infoc)
{
	cube_call_hangup(call, infov, infoc);
}
