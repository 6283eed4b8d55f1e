/**
 * @file cube/callout.c  A call to apps
 *
 *   GATHERING --gathered--> RINGING --first accept--> CONNECTING
 *                             | ^ `call` every 5 s
 *                             +-+
 *
 * SDK callees drop candidates that come before they accept, so the offer
 * waits for ours and holds them.
 *
 * A user may have several devices, which all ring and may all accept, and
 * start ICE and DTLS with our one peer before that is known here. The first
 * accept that comes wins; the peer keeps the devices apart by where their
 * packets come from. The others are told by their full JIDs.
 */
#include <re.h>
#include "base/log.h"
#include "peer/peer.h"
#include "cube.h"
#include "signal.h"
#include "core.h"


/**
 * Find the target of a user
 *
 * @param call Call
 * @param user User id
 *
 * @return Target, NULL if that user is not being called
 */
struct call_target *callout_target(struct cube_call *call, const char *user)
{
	size_t i;

	for (i=0; i<call->targetc; i++) {
		if (0 == str_cmp(call->targetv[i].id, user))
			return &call->targetv[i];
	}

	return NULL;
}


/* to all who still ring; it has failed if nobody can hear it */
static int send_call(struct cube_call *call)
{
	bool sent = false;
	size_t i;
	int err = 0, e;

	for (i=0; i<call->targetc; i++) {

		if (call->targetv[i].state != TARGET_RINGING)
			continue;

		e = call_signal(call, SIGNAL_CALL, call->targetv[i].id, NULL,
				call->infov, call->infoc);
		if (e)
			err = e;
		else
			sent = true;
	}

	return sent ? 0 : err;
}


static void repeat_handler(void *arg)
{
	struct cube_call *call = arg;

	tmr_start(&call->tmr_repeat, CUBE_REPEAT, repeat_handler, call);

	/* what was gathered since the first one goes in */
	if (!list_isempty(&call->candl) &&
	    0 == call_make_sdp(call, peer_offer))
		list_flush(&call->candl);

	(void)send_call(call);
}


static void ring_handler(void *arg)
{
	struct cube_call *call = arg;

	if (call->h.ringingh)
		call->h.ringingh(call->arg);
}


/**
 * The candidates are there: make the offer and ring
 *
 * @param call Call, referenced by the caller
 */
void callout_gathered(struct cube_call *call)
{
	int err;

	err = call_make_sdp(call, peer_offer);
	if (err) {
		call_close(call, CUBE_END_ERROR, "no offer made", NULL, 0);
		return;
	}

	call_set_state(call, CALL_RINGING);

	err = send_call(call);
	if (err) {
		call_close(call, CUBE_END_OFFLINE, "the cloud link is down",
			   NULL, 0);
		return;
	}

	tmr_start(&call->tmr_repeat, CUBE_REPEAT, repeat_handler, call);
	tmr_start(&call->tmr_ring, 0, ring_handler, call);
	call_push_begin(call);
}


/* the others hear that it is over for them, and that they have missed nothing */
static void drop_others(struct cube_call *call, const struct call_target *win)
{
	static const struct cube_info why = {"reason", "answered_elsewhere"};
	size_t i;

	for (i=0; i<call->targetc; i++) {

		struct call_target *t = &call->targetv[i];

		if (t == win || t->state != TARGET_RINGING)
			continue;

		t->state = TARGET_DROPPED;
		call_push_end(call, t);
		(void)call_signal(call, SIGNAL_HANGUP, t->id, NULL, &why, 1);
	}
}


static void bind_call(struct cube_call *call, struct call_target *t,
		      const struct signal *sig)
{
	int err;

	tmr_cancel(&call->tmr_repeat);
	t->state = TARGET_BOUND;
	drop_others(call, t);

	mem_deref(call->user);
	call->user = mem_ref(t->id);
	call->jid  = mem_deref(call->jid);
	err = str_dup(&call->jid, sig->from);
	str_ncpy(call->platform, sig->platform ? sig->platform : "",
		 sizeof(call->platform));

	call_set_state(call, CALL_CONNECTING);

	if (!err)
		err = peer_set_answer(call->peer, sig->sdp,
				      str_len(sig->sdp));
	if (err) {
		clog_warning("cube: call %s: answer of %s cannot be used"
			     " (%m)\n", call->sid, t->id, err);
		callout_hangup(call, NULL, 0);
		call_close(call, err == ENOMEM ? CUBE_END_ERROR
					       : CUBE_END_NOMEDIA,
			   "unusable answer", NULL, 0);
		return;
	}

	call_flush_candidates(call);
	(void)call_tell_answered(call);

	if (tmr_isrunning(&call->tmr_ring)) {
		tmr_cancel(&call->tmr_ring);
		ring_handler(call);
	}

	/* the owner may have hung up, or dereferenced the call: the one
	   reference that is left is of who called this */
	if (call->h.answerh && mem_nrefs(call) > 1)
		call->h.answerh(call->jid, call->arg);
}


static void recv_accept(struct cube_call *call, struct call_target *t,
			const struct signal *sig)
{
	if (!sig->sdp) {
		clog_debug("cube: accept without SDP dropped\n");
		return;
	}

	if (call->state == CALL_RINGING && t->state == TARGET_RINGING) {
		mem_deref(call->offer);
		call->offer = mem_ref((void *)sig);
		bind_call(call, t, sig);
		return;
	}

	/* sent again */
	if (call->state > CALL_RINGING && !str_cmp(sig->from, call->jid))
		return;

	/* another one was first, or rejected for all of its user's: that
	   device alone is told so */
	clog_debug("cube: call %s: late accept of %s\n", call->sid,
		   sig->from);

	if (call->state > CALL_RINGING && !str_cmp(t->id, call->user))
		call_add_stranger(call, sig->from);

	(void)call_signal(call, SIGNAL_HANGUP, t->id, sig->from, NULL, 0);
}


static void recv_reject(struct cube_call *call, struct call_target *t,
			const struct signal *sig)
{
	bool busy = true;
	size_t i;

	if (call->state != CALL_RINGING || t->state != TARGET_RINGING) {
		clog_debug("cube: call %s: late reject of %s\n", call->sid,
			   sig->from);
		if (call->state > CALL_RINGING && call->user &&
		    0 == str_cmp(t->id, call->user) &&
		    str_cmp(sig->from, call->jid))
			call_add_stranger(call, sig->from);
		return;
	}

	t->state = signal_is_busy(sig) ? TARGET_BUSY : TARGET_REJECTED;

	/* the user's other devices ring on: nobody else tells them */
	(void)call_signal(call, SIGNAL_HANGUP, t->id, NULL, NULL, 0);
	call_push_end(call, t);

	/* busy says the app by itself */
	if (t->state == TARGET_REJECTED && call->h.declinedh)
		call->h.declinedh(t->id, call->arg);

	for (i=0; i<call->targetc; i++) {

		if (call->targetv[i].state == TARGET_RINGING)
			return;

		busy &= call->targetv[i].state == TARGET_BUSY;
	}

	call_close(call, busy ? CUBE_END_BUSY : CUBE_END_REJECTED,
		   busy ? "busy" : "rejected", sig->infov, sig->infoc);
}


/**
 * Take a signal that an outgoing call alone knows
 *
 * @param call Call, referenced once by the caller
 * @param sig  Signal
 * @param user Its sender, one of the call's targets
 */
void callout_recv(struct cube_call *call, const struct signal *sig,
		  const char *user)
{
	struct call_target *t = callout_target(call, user);

	if (!t || call->state < CALL_RINGING)
		return;

	switch (sig->type) {

	case SIGNAL_ACCEPT:
		recv_accept(call, t, sig);
		break;

	/* one who rings has nothing to hang up: old SDKs do it anyway */
	case SIGNAL_HANGUP:
	case SIGNAL_REJECT:
		recv_reject(call, t, sig);
		break;

	case SIGNAL_UPDATE:
		if (call->h.updateh)
			call->h.updateh(sig->infov, sig->infoc, call->arg);
		break;

	default:
		break;
	}
}


/**
 * Send hangUp to whoever must hear it: all who ring, or the bound user
 *
 * @param call  Call
 * @param infov userInfo to send, or NULL
 * @param infoc Number of userInfo values
 */
void callout_hangup(struct cube_call *call, const struct cube_info *infov,
		    size_t infoc)
{
	size_t i;

	if (call->state >= CALL_CONNECTING || !call->outgoing) {
		(void)call_signal(call, SIGNAL_HANGUP, call->user, NULL,
				  infov, infoc);
		return;
	}

	for (i=0; call->state == CALL_RINGING && i<call->targetc; i++) {

		if (call->targetv[i].state == TARGET_RINGING)
			(void)call_signal(call, SIGNAL_HANGUP,
					  call->targetv[i].id, NULL, infov,
					  infoc);
	}
}


static int add_targets(struct cube_call *call, const char *const *idv,
		       size_t idc)
{
	size_t i;
	int err;

	for (i=0; i<idc; i++) {

		if (!idv[i] || !*idv[i])
			return EINVAL;

		if (callout_target(call, idv[i]))
			continue;

		err = str_dup(&call->targetv[call->targetc].id, idv[i]);
		if (err)
			return err;
		++call->targetc;
	}

	if (call->targetc == 1)
		call->user = mem_ref(call->targetv[0].id);

	return 0;
}


static int copy_info(struct cube_call *call, const struct cube_info *infov,
		     size_t infoc)
{
	size_t i;
	int err = 0;

	if (!infov || !infoc)
		return 0;

	call->infov = mem_zalloc(infoc * sizeof(*infov), NULL);
	if (!call->infov)
		return ENOMEM;

	for (i=0; i<infoc && !err; i++) {

		struct cube_info *info = &call->infov[call->infoc++];

		err = str_dup((char **)&info->name,
			      infov[i].name ? infov[i].name : "");
		if (!err && infov[i].value)
			err = str_dup((char **)&info->value, infov[i].value);
	}

	return err;
}


/**
 * Call users of the app, all at once; the first to accept wins
 *
 * @param callp Returned call; the caller's, who derefs it
 * @param c     User that calls; must be online
 * @param idv   User ids to ring
 * @param idc   Number of ids [1-CUBE_TARGET_MAX]
 * @param type  Audio or video. Without video formats it is an audio call:
 *              as a video call, neither app would make a stream
 * @param audio Audio formats to offer
 * @param video Video formats to offer, NULL=none
 * @param infov userInfo to send, or NULL; copied
 * @param infoc Number of userInfo values
 * @param h     Handlers, copied
 * @param arg   Handler argument
 *
 * @return 0 if success; EINVAL no argument; EOVERFLOW too many ids;
 *         ECONNREFUSED the cloud link is down; ENFILE too many calls;
 *         ENOMEM; otherwise as of peer_gather()
 */
int cube_call_connect(struct cube_call **callp, struct cube *c,
		      const char *const *idv, size_t idc,
		      enum cube_call_type type,
		      const struct peer_media_prm *audio,
		      const struct peer_media_prm *video,
		      const struct cube_info *infov, size_t infoc,
		      const struct cube_call_handlers *h, void *arg)
{
	char sid[SIGNAL_SID_SIZE];
	struct cube_call *call;
	int err;

	if (!callp || !c || !idv || !idc || !audio || !h)
		return EINVAL;

	if (idc > CUBE_TARGET_MAX)
		return EOVERFLOW;

	if (!cube_is_up(c) || !c->user_id)
		return ECONNREFUSED;

	signal_sid(sid);

	err = call_alloc(&call, c, sid, c->user_id,
			 video ? type : CUBE_CALL_AUDIO);
	if (err)
		return err;

	call->outgoing = true;
	call->h        = *h;
	call->arg      = arg;

	err = add_targets(call, idv, idc);
	if (!err)
		err = copy_info(call, infov, infoc);
	if (!err)
		err = call_peer_alloc(call, audio, video);
	if (err)
		goto out;

	call_set_state(call, CALL_GATHERING);
	err = peer_gather(call->peer);

 out:
	if (err)
		mem_deref(call);
	else
		*callp = call;

	return err;
}
