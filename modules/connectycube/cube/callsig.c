/**
 * @file cube/callsig.c  A call's signals: who may send them, sending
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "peer/peer.h"
#include "cube.h"
#include "signal.h"
#include "core.h"


/** A local candidate that waits to be sent */
struct cand {
	struct le le;           /**< Member of its call's candl            */
	char *cand;             /**< Owner                                 */
	char *mid;              /**< Owner                                 */
	unsigned mline;         /**< Index of its m-line                   */
};


static void cand_destructor(void *data)
{
	struct cand *cd = data;

	list_unlink(&cd->le);
	mem_deref(cd->cand);
	mem_deref(cd->mid);
}


static bool has_sdp(enum signal_type type)
{
	return type == SIGNAL_CALL || type == SIGNAL_ACCEPT ||
		type == SIGNAL_RESTART || type == SIGNAL_RESTART_ACCEPT;
}


/* an incoming call's opponents are echoed; of an outgoing one each callee
   is told of itself only, or SDKs would make it a group call */
static void fill_opponents(struct signal *sig, const struct cube_call *call,
			   const char *user)
{
	if (call->outgoing || !call->offer || !call->offer->opponentc) {
		sig->opponentv[0] = call->outgoing ? user : call->c->user_id;
		sig->opponentc    = sig->opponentv[0] ? 1 : 0;
		return;
	}

	memcpy(sig->opponentv, call->offer->opponentv,
	       sizeof(sig->opponentv));
	sig->opponentc = call->offer->opponentc;
}


static size_t take_candidates(struct signal *sig, struct cube_call *call)
{
	struct le *le = list_head(&call->candl);

	for (; le && sig->candc < SIGNAL_CAND_MAX; le = le->next) {

		const struct cand *cd = le->data;
		struct signal_cand *sc = &sig->candv[sig->candc++];

		sc->cand  = cd->cand;
		sc->mid   = cd->mid;
		sc->mline = cd->mline;
	}

	return sig->candc;
}


/**
 * Send a signal of a call, or of one that is over
 *
 * @param c    Our user
 * @param sig  Signal
 * @param user User id of the receiver
 * @param jid  Full JID of one device of it, NULL=the user
 *
 * @return 0 if success, sent or kept; ENOTCONN the link is down and it is
 *         not of a type that is kept; EINVAL; ENOMEM
 */
int call_send_signal(struct cube *c, const struct signal *sig,
		     const char *user, const char *jid)
{
	char id[SIGNAL_ID_SIZE];
	char *bare = NULL;
	struct mbuf *mb;
	int err;

	mb = mbuf_alloc(2048);
	if (!mb)
		return ENOMEM;

	signal_id(id);

	err = cube_bare_jid(&bare, c, user);
	if (!err)
		err = signal_encode(mb, sig, jid ? jid : bare, id);
	if (!err)
		err = cube_send(c, (char *)mb->buf, mb->end,
				sig->type == SIGNAL_CALL ? 0
							 : CALL_SIGNAL_KEEP);

	clog_debug("cube: call %s: %s to %s%s%m\n", sig->sid,
		   signal_type_name(sig->type), jid ? jid : user,
		   err ? ": " : ", ", err);

	mem_deref(bare);
	mem_deref(mb);

	return err;
}


/**
 * Send a signal; the call's own SDP or its waiting candidates go with the
 * types that carry them
 *
 * @param call  Call
 * @param type  Type
 * @param user  User id of the receiver
 * @param jid   Full JID of one device of it, NULL=the user
 * @param infov userInfo, or NULL
 * @param infoc Number of userInfo values
 *
 * @return 0 if success, sent or kept; ENOTCONN the link is down and it is
 *         not of a type that is kept; EINVAL; ENOMEM
 */
int call_signal(struct cube_call *call, enum signal_type type,
		const char *user, const char *jid,
		const struct cube_info *infov, size_t infoc)
{
	struct signal *sig;
	size_t candc = 0;
	int err;

	if (!call->c || !user)
		return ENOTCONN;

	sig = mem_zalloc(sizeof(*sig), NULL);
	if (!sig)
		return ENOMEM;

	sig->type      = type;
	sig->sid       = call->sid;
	sig->call_type = call->type;
	sig->caller    = call->caller;
	sig->sdp       = has_sdp(type) ? call->sdp : NULL;
	sig->infoc     = infov ? min(infoc, (size_t)SIGNAL_INFO_MAX) : 0;

	if (sig->infoc)
		memcpy(sig->infov, infov, sig->infoc * sizeof(*infov));

	fill_opponents(sig, call, user);

	if (type == SIGNAL_CANDIDATES)
		candc = take_candidates(sig, call);

	err = call_send_signal(call->c, sig, user, jid);

	while (candc--)
		mem_deref(list_ledata(list_head(&call->candl)));

	mem_deref(sig);

	return err;
}


/**
 * Remember a device that is left out of a call: it accepted too late
 *
 * @param call Call
 * @param jid  Its full JID
 */
void call_add_stranger(struct cube_call *call, const char *jid)
{
	size_t i;

	for (i=0; i<call->strangerc; i++) {
		if (0 == str_cmp(call->strangerv[i], jid))
			return;
	}

	if (i < ARRAY_SIZE(call->strangerv) &&
	    0 == str_dup(&call->strangerv[i], jid))
		++call->strangerc;
}


static void doubt_handler(void *arg)
{
	struct cube_call *call = arg;
	struct signal *sig;

	if (!call->doubt_late) {
		call->doubt_late = true;
		call->doubt_rxc  = call->rxc;
		tmr_start(&call->tmr_doubt, CALL_HANGUP_WAIT, doubt_handler,
			  call);
		return;
	}

	sig = call->hangup;
	call->hangup = NULL;

	if (call->rxc != call->doubt_rxc) {
		clog_debug("cube: call %s: hangUp dropped, from another"
			   " device\n", call->sid);
		call_add_stranger(call, sig->from);
	}
	else {
		mem_ref(call);
		call_close(call, CUBE_END_HANGUP, "hung up", sig->infov,
			   sig->infoc);
		mem_deref(call);
	}

	mem_deref(sig);
}


/**
 * Take a hangUp of the bound user, but of a device that is not known. It may be
 * the one in the call, with a new resource since it reconnected; or another
 * one, which rang on and gives up. Media tells: who has hung up sends none
 *
 * @param call Call
 * @param sig  Signal that passed call_is_party()
 */
void call_doubt_hangup(struct cube_call *call, const struct signal *sig)
{
	if (call->hangup)
		return;

	call->hangup     = mem_ref((void *)sig);
	call->doubt_late = false;
	tmr_start(&call->tmr_doubt, CALL_HANGUP_WAIT, doubt_handler, call);
}


/**
 * Check that a signal of the bound user comes from the device in the call
 *
 * An app that reconnected has a new resource: it may go on, unless that
 * device is known to be another one. Candidates are taken from the bound
 * device alone, those of another belong to another peer.
 *
 * @param call Call
 * @param sig  Signal of its far user
 *
 * @return true if it may have a say
 */
bool call_is_party(struct cube_call *call, const struct signal *sig)
{
	size_t i;

	if (!call->jid || 0 == str_cmp(sig->from, call->jid))
		return true;

	for (i=0; i<call->strangerc; i++) {
		if (0 == str_cmp(call->strangerv[i], sig->from)) {
			clog_debug("cube: call %s: %s dropped, from another"
				   " device\n", call->sid,
				   signal_type_name(sig->type));
			return false;
		}
	}

	if (sig->type == SIGNAL_CANDIDATES)
		return false;

	return true;
}


/**
 * Bind a call to the sender of a signal, an app that reconnected: its
 * description was taken, so the certificate is the one of the device in the
 * call, and the candidates that follow are that device's
 *
 * @param call Call
 * @param sig  Signal that passed call_is_party()
 */
void call_rebind(struct cube_call *call, const struct signal *sig)
{
	char *jid;

	if (0 == str_cmp(call->jid, sig->from) || str_dup(&jid, sig->from))
		return;

	clog_debug("cube: call %s: %s is now %s\n", call->sid,
		   call->jid ? call->jid : "?", jid);

	mem_deref(call->jid);
	call->jid = jid;
}


static void cand_tmr_handler(void *arg)
{
	call_flush_candidates(arg);
}


static bool may_trickle(const struct cube_call *call)
{
	return call->state == CALL_CONNECTING ||
		call->state == CALL_ESTABLISHED;
}


/**
 * Take a local candidate from the peer; one that is not in the SDP goes out
 * once the far side has accepted, with its neighbours in one signal
 *
 * @param text  "candidate:...", NULL=there are no more
 * @param mid   Media identification
 * @param mline Index of its m-line
 * @param arg   Call
 */
void call_cand_handler(const char *text, const char *mid, unsigned mline,
		       void *arg)
{
	struct cube_call *call = arg;
	struct cand *cd;

	/* until our SDP is made, it will be in there */
	if (!text || !call->sdp || call->state == CALL_CLOSED)
		return;

	cd = mem_zalloc(sizeof(*cd), cand_destructor);
	if (!cd)
		return;

	cd->mline = mline;
	if (str_dup(&cd->cand, text) || str_dup(&cd->mid, mid ? mid : "")) {
		mem_deref(cd);
		return;
	}

	list_append(&call->candl, &cd->le, cd);

	if (may_trickle(call) && !tmr_isrunning(&call->tmr_cand))
		tmr_start(&call->tmr_cand, CALL_TRICKLE, cand_tmr_handler,
			  call);
}


/**
 * Send the local candidates that wait. Those of a call to apps are for the
 * device that accepted: others that did, and will hear that they were late,
 * would start on them
 *
 * @param call Call
 */
void call_flush_candidates(struct cube_call *call)
{
	tmr_cancel(&call->tmr_cand);

	while (may_trickle(call) && !list_isempty(&call->candl)) {

		if (call_signal(call, SIGNAL_CANDIDATES, call->user,
				call->outgoing ? call->jid : NULL, NULL, 0))
			return;
	}
}


/**
 * Give the candidates of a signal to the peer; bad ones are skipped
 *
 * @param call Call
 * @param sig  Signal
 */
void call_add_candidates(struct cube_call *call, const struct signal *sig)
{
	size_t i;
	int err;

	for (i=0; i<sig->candc && call->peer; i++) {

		err = peer_add_candidate(call->peer, sig->candv[i].cand,
					 str_len(sig->candv[i].cand));
		if (err)
			clog_debug("cube: call %s: candidate skipped (%m)\n",
				   call->sid, err);
	}
}
