/**
 * @file cube/callice.c  A call's ICE: path lost, restart
 *
 * Only the caller can restart ICE: SDKs as callers take no iceRestart. What a
 * change of our own addresses needs goes without (peer/ice_renew.c). The
 * restart is repeated while the path is lost, since the app may be off the
 * net and miss the first, and is sent at once when it shows up. After 30 s
 * without a path the call is over, as the SDK has it; apps may be told to wait
 * longer, and so may we.
 */
#include <re.h>
#include "base/log.h"
#include "peer/peer.h"
#include "cube.h"
#include "signal.h"
#include "core.h"


static void lost_handler(void *arg)
{
	struct cube_call *call = arg;

	mem_ref(call);
	callout_hangup(call, NULL, 0);
	call_close(call, CUBE_END_LOST, "media path lost", NULL, 0);
	mem_deref(call);
}


static int send_restart(struct cube_call *call)
{
	int err;

	err = call_make_sdp(call, peer_offer);
	if (!err) {
		/* offered, whether or not it can be sent this time */
		call->restarting = true;
		err = call_signal(call, SIGNAL_RESTART, call->user, NULL,
				  NULL, 0);
	}
	if (err)
		clog_warning("cube: call %s: no ICE restart (%m)\n",
			     call->sid, err);
	else
		clog_info("cube: call %s: ICE restart\n", call->sid);

	return err;
}


static void restart_handler(void *arg)
{
	struct cube_call *call = arg;
	int err = 0;

	tmr_start(&call->tmr_restart, CALL_RESTART_EACH, restart_handler,
		  call);

	if (!call->restarting)
		err = peer_restart(call->peer);
	if (err)
		clog_warning("cube: call %s: no ICE restart (%m)\n",
			     call->sid, err);
	else
		(void)send_restart(call);
}


/**
 * The media path was lost, or came back
 *
 * @param lost True if lost
 * @param arg  Call; may be gone afterwards
 */
void call_path_handler(bool lost, void *arg)
{
	struct cube_call *call = arg;

	if (call->state != CALL_ESTABLISHED || call->lost == lost)
		return;

	call->lost = lost;

	if (lost) {
		tmr_start(&call->tmr_lost, call->c ? call->c->lost_time
			  : CALL_LOST_MAX, lost_handler, call);
		if (call->outgoing)
			tmr_start(&call->tmr_restart, CALL_RESTART_WAIT,
				  restart_handler, call);
	}
	else {
		tmr_cancel(&call->tmr_lost);
		tmr_cancel(&call->tmr_restart);
	}

	if (call->h.pathh)
		call->h.pathh(lost, call->arg);
}


/**
 * Restart ICE, though the path is not known to be lost: nothing is heard of the
 * app. Once; what a lost path needs is done anyway
 *
 * @param call Call
 *
 * @return 0 if success, ENOTSUP if the app called, EALREADY if its path is
 *         lost, or an offer waits for an answer; ENOTCONN if there is no path
 */
int cube_call_restart(struct cube_call *call)
{
	int err;

	if (!call || call->state != CALL_ESTABLISHED)
		return ENOTCONN;
	if (!call->outgoing)
		return ENOTSUP;
	if (call->lost || call->restarting)
		return EALREADY;

	err = peer_restart(call->peer);
	if (!err)
		err = send_restart(call);

	return err;
}


/**
 * A far user whose path is lost shows up: what it missed is sent again now
 *
 * @param call Call whose path is lost
 * @param user User id
 */
void call_lost_retry(struct cube_call *call, const char *user)
{
	if (!call->outgoing || str_cmp(user, call->user))
		return;

	/* unless that has just been done, or is about to be */
	if (tmr_get_expire(&call->tmr_restart) + CALL_RESTART_WAIT <
	    CALL_RESTART_EACH &&
	    tmr_get_expire(&call->tmr_restart) > CALL_RESTART_WAIT)
		tmr_start(&call->tmr_restart, 0, restart_handler, call);
}


/**
 * This host's network has changed. What has lost its address gathers anew,
 * which a caller follows up with a restart if that alone does not help; what
 * was lost before may work now. No handler is called
 *
 * @param call Call
 */
void call_network_changed(struct cube_call *call)
{
	int err;

	if (!call->peer || !call->c || call->state == CALL_CLOSED)
		return;

	/* an address may be there before its route is: checks that could not
	   be sent are not repeated */
	err = peer_renew(call->peer, &call->c->peer, call->lost);
	if (!err)
		clog_info("cube: call %s: own addresses have changed,"
			  " candidates are gathered anew\n", call->sid);
	else if (err != EALREADY)
		clog_warning("cube: call %s: own address has gone, and there"
			     " is none to go on with (%m)\n", call->sid, err);

	if (call->lost && call->outgoing)
		tmr_start(&call->tmr_restart, CALL_RESTART_WAIT,
			  restart_handler, call);
}


/**
 * Take the caller's iceRestart and answer it
 *
 * @param call Call, referenced by the caller
 * @param sig  Signal
 */
void call_recv_restart(struct cube_call *call, const struct signal *sig)
{
	int err;

	if (call->outgoing || !sig->sdp || !call->peer ||
	    call->state < CALL_CONNECTING) {
		clog_debug("cube: call %s: iceRestart dropped\n", call->sid);
		return;
	}

	err = peer_set_offer(call->peer, sig->sdp, str_len(sig->sdp));
	if (!err)
		err = call_make_sdp(call, peer_answer);
	if (!err)
		err = call_signal(call, SIGNAL_RESTART_ACCEPT, call->user,
				  NULL, NULL, 0);
	if (err)
		clog_warning("cube: call %s: iceRestart not answered (%m)\n",
			     call->sid, err);
	else
		call_rebind(call, sig);
}


/**
 * Take the callee's answer to our iceRestart
 *
 * @param call Call, referenced by the caller
 * @param sig  Signal
 */
void call_recv_restart_accept(struct cube_call *call,
			      const struct signal *sig)
{
	int err;

	if (!call->restarting || !sig->sdp || !call->peer) {
		clog_debug("cube: call %s: iceRestartAccept dropped\n",
			   call->sid);
		return;
	}

	/* our offer stands until there is an answer that can be used */
	err = peer_set_answer(call->peer, sig->sdp, str_len(sig->sdp));
	if (err) {
		clog_warning("cube: call %s: ICE restart refused (%m)\n",
			     call->sid, err);
		return;
	}

	call->restarting = false;
	call_rebind(call, sig);
}
