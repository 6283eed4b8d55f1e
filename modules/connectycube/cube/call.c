/**
 * @file cube/call.c  A call: states, end, its peer
 *
 *   out: GATHERING -> RINGING --accept--> CONNECTING -> ESTABLISHED
 *   in:  INCOMING ----------our accept--> CONNECTING -> ESTABLISHED
 *                     any of them -> CLOSED
 *
 * The peer is given back when the call closes.
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


/**
 * Change the state of a call
 *
 * @param call  Call
 * @param state New state
 */
void call_set_state(struct cube_call *call, enum call_state state)
{
	const char *old = cube_call_state_name(call);

	call->state = state;

	clog_debug("cube: call %s: %s -> %s\n", call->sid, old,
		   cube_call_state_name(call));
}


static void cancel_timers(struct cube_call *call)
{
	tmr_cancel(&call->tmr_cand);
	tmr_cancel(&call->tmr_repeat);
	tmr_cancel(&call->tmr_lost);
	tmr_cancel(&call->tmr_restart);
	tmr_cancel(&call->tmr_close);
	tmr_cancel(&call->tmr_ring);
	tmr_cancel(&call->tmr_doubt);
	tmr_cancel(&call->tmr_push);
}


static void destructor(void *data)
{
	struct cube_call *call = data;
	size_t i;

	if (call->state != CALL_CLOSED) {
		cube_remember_ended(call->c, call->user, call->sid);
		call_push_close(call);
	}

	cancel_timers(call);
	mem_deref(call->peer);
	list_unlink(&call->le);
	list_flush(&call->candl);

	for (i=0; i<call->targetc; i++) {
		mem_deref(call->targetv[i].id);
		mem_deref(call->targetv[i].seen);
	}
	for (i=0; i<call->strangerc; i++)
		mem_deref(call->strangerv[i]);
	for (i=0; i<call->infoc; i++) {
		mem_deref((char *)call->infov[i].name);
		mem_deref((char *)call->infov[i].value);
	}

	mem_deref(call->infov);
	mem_deref(call->sdp);
	mem_deref(call->offer);
	mem_deref(call->hangup);
	mem_deref(call->sid);
	mem_deref(call->caller);
	mem_deref(call->user);
	mem_deref(call->jid);
}


/**
 * Allocate a call
 *
 * @param callp  Returned call
 * @param c      Its user
 * @param sid    Session id
 * @param caller User id of the initiator
 * @param type   Audio or video
 *
 * @return 0 if success; ENFILE too many calls; ENOMEM
 */
int call_alloc(struct cube_call **callp, struct cube *c, const char *sid,
	       const char *caller, enum cube_call_type type)
{
	struct cube_call *call;
	int err;

	if (list_count(&c->calll) >= CUBE_CALLS_MAX)
		return ENFILE;

	call = mem_zalloc(sizeof(*call), destructor);
	if (!call)
		return ENOMEM;

	call->c    = c;
	call->type = type;

	err = str_dup(&call->sid, sid);
	if (!err)
		err = str_dup(&call->caller, caller);

	if (err) {
		call->c = NULL;
		mem_deref(call);
		return err;
	}

	list_append(&c->calll, &call->le, call);
	*callp = call;

	return 0;
}


/* nothing is heard or done by the call any more */
static void end(struct cube_call *call)
{
	call_set_state(call, CALL_CLOSED);
	cube_remember_ended(call->c, call->user, call->sid);
	call_push_close(call);
	cancel_timers(call);
	call->peer = mem_deref(call->peer);
	memset(&call->h, 0, sizeof(call->h));
}


/**
 * End a call that is over, and tell its owner, once
 *
 * @param call   Call; may be gone afterwards
 * @param why    Why it is over
 * @param reason Readable reason
 * @param infov  userInfo of the signal that ended it, or NULL
 * @param infoc  Number of userInfo values
 */
void call_close(struct cube_call *call, enum cube_end why,
		const char *reason, const struct cube_info *infov,
		size_t infoc)
{
	cube_call_close_h *closeh = call->h.closeh;

	if (call->state == CALL_CLOSED)
		return;

	clog_info("cube: call %s closed: %s\n", call->sid, reason);

	end(call);

	if (closeh)
		closeh(why, reason, infov, infoc, call->arg);
}


static void gather_handler(void *arg)
{
	struct cube_call *call = arg;

	mem_ref(call);
	if (call->state == CALL_GATHERING)
		callout_gathered(call);
	mem_deref(call);
}


static void estab_handler(void *arg)
{
	struct cube_call *call = arg;

	if (call->state != CALL_CONNECTING)
		return;

	call->estab_time = mono_ms();
	call_set_state(call, CALL_ESTABLISHED);

	if (call->h.estabh)
		call->h.estabh(call->arg);
}


static void rtp_handler(enum peer_kind kind, uint8_t *pkt, size_t len,
			void *arg)
{
	struct cube_call *call = arg;

	++call->rxc;
	if (call->h.rtph)
		call->h.rtph(kind, pkt, len, call->arg);
}


static void rtcp_handler(enum peer_kind kind, uint8_t *pkt, size_t len,
			 void *arg)
{
	struct cube_call *call = arg;

	++call->rxc;
	if (call->h.rtcph)
		call->h.rtcph(kind, pkt, len, call->arg);
}


static enum cube_end end_of(enum peer_err err, bool estab)
{
	switch (err) {

	case PEER_ERR_SDP:         return CUBE_END_NOMEDIA;
	case PEER_ERR_ICE:         return estab ? CUBE_END_LOST
						: CUBE_END_ICE;
	case PEER_ERR_DTLS:
	case PEER_ERR_FINGERPRINT: return CUBE_END_DTLS;
	case PEER_ERR_CLOSED:      return CUBE_END_HANGUP;
	default:                   return CUBE_END_ERROR;
	}
}


static void closed_handler(void *arg)
{
	struct cube_call *call = arg;
	const struct signal *sig = call->hangup;

	mem_ref(call);
	callout_hangup(call, NULL, 0);
	call_close(call, sig ? CUBE_END_HANGUP : CUBE_END_GONE, sig ? "hung up"
		   : "hung up, told by DTLS alone",
		   sig ? sig->infov : NULL, sig ? sig->infoc : 0);
	mem_deref(call);
}


static void peer_close_handler(enum peer_err err, const char *reason,
			       void *arg)
{
	struct cube_call *call = arg;

	if (call->state == CALL_CLOSED)
		return;

	/* hangUp says more, and is on its way if there is a chat link */
	if (err == PEER_ERR_CLOSED && call->c && cube_is_up(call->c)) {
		tmr_start(&call->tmr_close, CALL_CLOSE_WAIT, closed_handler,
			  call);
		return;
	}

	mem_ref(call);
	callout_hangup(call, NULL, 0);
	call_close(call, end_of(err, call->estab_time != 0), reason, NULL, 0);
	mem_deref(call);
}


static int set_media(struct cube_call *call,
		     const struct peer_media_prm *audio,
		     const struct peer_media_prm *video)
{
	int err = 0;

	if (audio)
		err = peer_set_media(call->peer, PEER_AUDIO, audio);
	if (!err && video)
		err = peer_set_media(call->peer, PEER_VIDEO, video);

	return err;
}


/**
 * Give a call its peer, or set its media anew
 *
 * @param call  Call
 * @param audio Audio formats, NULL=unchanged
 * @param video Video formats, NULL=unchanged
 *
 * @return 0 if success; otherwise as of peer_alloc() and peer_set_media()
 */
int call_peer_alloc(struct cube_call *call,
		    const struct peer_media_prm *audio,
		    const struct peer_media_prm *video)
{
	static const struct peer_handlers h = {
		.gatherh = gather_handler,
		.candh   = call_cand_handler,
		.estabh  = estab_handler,
		.pathh   = call_path_handler,
		.rtph    = rtp_handler,
		.rtcph   = rtcp_handler,
		.closeh  = peer_close_handler,
	};
	int err;

	if (!call->peer) {
		err = peer_alloc(&call->peer, &call->c->peer, NULL, &h,
				 call);
		if (!err)
			err = peer_set_id(call->peer, call->sid);
		if (err) {
			clog_warning("cube: call %s: it cannot have media"
				     " (%m)\n", call->sid, err);
			return err;
		}
	}

	return set_media(call, audio, video);
}


/**
 * Have the peer make an SDP, and keep it as the one to send
 *
 * @param call  Call with a peer
 * @param makeh peer_offer() or peer_answer()
 *
 * @return 0 if success; otherwise as of makeh
 */
int call_make_sdp(struct cube_call *call,
		  int (*makeh)(struct peer *p, struct mbuf **sdp))
{
	struct mbuf *mb = NULL;
	char *sdp = NULL;
	int err;

	err = makeh(call->peer, &mb);
	if (!err)
		err = mbuf_strdup(mb, &sdp, mbuf_get_left(mb));
	if (!err) {
		mem_deref(call->sdp);
		call->sdp = sdp;
	}

	mem_deref(mb);

	return err;
}


/* Older SDKs have this signal, in which the same can be asked for as in a
   system message */
static void recv_update(struct cube_call *call, const struct signal *sig)
{
	struct control *ctl = NULL;

	if (0 == control_from_signal(&ctl, (struct signal *)sig) &&
	    ctl->action)
		cube_recv_control(call->c, ctl, call->user);
	else if (call->h.updateh)
		call->h.updateh(sig->infov, sig->infoc, call->arg);

	mem_deref(ctl);
}


static void recv_hangup(struct cube_call *call, const struct signal *sig)
{
	if (call->outgoing && call->jid && str_cmp(sig->from, call->jid)) {
		call_doubt_hangup(call, sig);
		return;
	}

	call_close(call, CUBE_END_HANGUP, "hung up", sig->infov, sig->infoc);
}


/* what both directions have in common, once two parties are bound */
static void recv_bound(struct cube_call *call, const struct signal *sig)
{
	if (!call_is_party(call, sig))
		return;

	switch (sig->type) {

	case SIGNAL_HANGUP:
		recv_hangup(call, sig);
		break;

	case SIGNAL_CANDIDATES:
		call_add_candidates(call, sig);
		break;

	case SIGNAL_RESTART:
		call_recv_restart(call, sig);
		break;

	case SIGNAL_RESTART_ACCEPT:
		call_recv_restart_accept(call, sig);
		break;

	case SIGNAL_UPDATE:
		recv_update(call, sig);
		break;

	default:
		break;
	}
}


/**
 * Take a signal for a call
 *
 * @param call Call
 * @param sig  Signal
 * @param user Its sender's user id, as the server stamped it
 */
void call_recv(struct cube_call *call, const struct signal *sig,
	       const char *user)
{
	mem_ref(call);

	if (call->outgoing ? !callout_target(call, user)
			   : str_cmp(user, call->user)) {
		clog_debug("cube: call %s: %s dropped, %s is no party\n",
			   call->sid, signal_type_name(sig->type), user);
	}
	else if (sig->type == SIGNAL_CALL || sig->type == SIGNAL_ACCEPT ||
		 sig->type == SIGNAL_REJECT || !call->user ||
		 (call->outgoing && call->state < CALL_CONNECTING)) {

		if (call->outgoing)
			callout_recv(call, sig, user);
		else
			callin_recv(call, sig);
	}
	else if (0 == str_cmp(user, call->user)) {
		recv_bound(call, sig);
	}

	mem_deref(call);
}


/**
 * Hang up a call, or reject it if it is incoming and not accepted. The
 * close handler is not called
 *
 * @param call  Call; the owner still derefs it
 * @param infov userInfo to send, or NULL
 * @param infoc Number of userInfo values
 */
void cube_call_hangup(struct cube_call *call, const struct cube_info *infov,
		      size_t infoc)
{
	if (!call || call->state == CALL_CLOSED)
		return;

	if (call->state == CALL_INCOMING)
		(void)call_signal(call, SIGNAL_REJECT, call->user, NULL,
				  infov, infoc);
	else
		callout_hangup(call, infov, infoc);

	end(call);
}
