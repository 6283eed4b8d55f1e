/**
 * @file sip/leg.c  One SIP call, as the bridge sees it
 *
 * Wraps baresip's call: gives it handlers of its own, keeps it apart from
 * calls that the bridge does not own, and closes exactly once.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/fork.h"
#include "sip/session.h"
#include "sip/whose.h"


enum {
	EXPIRES_MAX = 86400,    /* longer is never [s] */
};


static void stop_timers(struct sipleg *leg)
{
	tmr_cancel(&leg->tmr);
	tmr_cancel(&leg->tmr_on);
	tmr_cancel(&leg->tmr_record);
	tmr_cancel(&leg->tmr_expires);
}


/* baresip's call is not ours any more: no packet, no event. scode: of whoever
   was not answered, 0=it is over already */
static void let_call_go(struct sipleg *leg, uint16_t scode)
{
	size_t i;

	if (scode && leg->call)
		reliable_end(leg, scode);

	for (i=0; i<SIPMEDIA_KINDS; i++)
		sipmedia_detach(leg->mediav[i]);

	if (leg->ms)
		sip_mnat_forget(leg->ms);

	if (leg->call) {
		sipleg_learn_tags(leg);
		whose_remember(leg);
		replaces_remember(leg);
	}

	leg->ms      = NULL;
	leg->call    = NULL;
	leg->infotx  = mem_deref(leg->infotx);
	leg->refresh = mem_deref(leg->refresh);
	leg->rel     = mem_deref(leg->rel);
	list_flush(&leg->earlyl);
}


static void destructor(void *data)
{
	struct sipleg *leg = data;
	struct call *call = leg->call;

	leg->closed = true;
	fork_release(leg->fork);
	list_unlink(&leg->le);
	stop_timers(leg);
	let_call_go(leg, 480);

	if (call)
		ua_hangup(leg->ua, call, 480, sip_reason(480));

	mem_deref(leg->scr);
	mem_deref(leg->video);
	mem_deref(leg->branches);
	mem_deref(leg->redirect);
	mem_deref(leg->out);
	mem_deref(leg->id);
	mem_deref(leg->ftag);
	mem_deref(leg->tag_local);
	mem_deref(leg->tag_remote);
	mem_deref(leg->branch);
	mem_deref(leg->peer_uri);
	mem_deref(leg->peer_name);
	mem_deref(leg->peer_user);
	mem_deref(leg->about);
	mem_deref(leg->agent);
}


int sipleg_alloc(struct sipleg **legp, struct ua *ua)
{
	struct sipleg *leg;

	leg = mem_zalloc(sizeof(*leg), destructor);
	if (!leg)
		return ENOMEM;

	leg->ua   = ua;
	leg->sdes = sip_room_sdes(ua);
	sip_room_add(leg);

	*legp = leg;

	return 0;
}


int sipleg_set_peer(struct sipleg *leg, const struct identity *id)
{
	leg->peer_uri  = mem_deref(leg->peer_uri);
	leg->peer_name = mem_deref(leg->peer_name);
	leg->peer_user = mem_deref(leg->peer_user);
	leg->anonymous = id->anonymous;

	if (str_dup(&leg->peer_uri, id->uri) ||
	    str_dup(&leg->peer_name, id->name) ||
	    str_dup(&leg->peer_user, id->number))
		return ENOMEM;

	return 0;
}


/**
 * Set whom a leg calls
 *
 * @param leg Outgoing leg
 * @param uri Address
 *
 * @return 0 if success, otherwise errorcode
 */
int sipleg_set_target(struct sipleg *leg, const char *uri)
{
	struct identity id;
	struct pl pl;
	int err;

	pl_set_str(&pl, uri);

	err = identity_decode(&id, &pl);
	if (err)
		return err;

	leg->from = id;

	return sipleg_set_peer(leg, &id);
}


/* One-shot: the owner may free the leg in its handler, so it is the last that
   is done with a leg. The same for sipleg_call_closed() */
void sipleg_close(struct sipleg *leg, uint16_t scode, const char *reason)
{
	sipleg_close_h *closeh;

	if (leg->closed)
		return;

	leg->closed = true;
	stop_timers(leg);

	closeh = leg->h.closeh;
	memset(&leg->h, 0, sizeof(leg->h));

	if (closeh)
		closeh(scode, reason, leg->arg);
}


/**
 * End what has become of an INVITE that was not sent as it should be. The leg
 * lives on
 *
 * @param leg Leg
 */
void sipleg_drop_call(struct sipleg *leg)
{
	struct call *call = leg->call;

	let_call_go(leg, 0);
	if (call)
		ua_hangup(leg->ua, call, 500, sip_reason(500));
}


/**
 * End a leg by itself: refused, cancelled or hung up, and its owner is told
 *
 * @param leg    Leg, perhaps freed by its owner
 * @param scode  Status code
 * @param reason Why
 */
void sipleg_give_up(struct sipleg *leg, uint16_t scode, const char *reason)
{
	struct call *call = leg->call;

	if (leg->scr)
		(void)screen_reject(leg->scr, scode, sip_reason(scode), 0);

	let_call_go(leg, scode);
	if (call)
		ua_hangup(leg->ua, call, scode, sip_reason(scode));

	sipleg_close(leg, scode, reason);
}


/* The phone has said for how long it calls (RFC 3261, 13.3.1) */
static void expires_handler(void *arg)
{
	struct sipleg *leg = arg;

	clog_info_of(leg->id, "call from %s: its INVITE has expired\n",
		     leg->peer_uri);

	sipleg_give_up(leg, 487, sip_reason(487));
}


/**
 * Let a caller's INVITE end when it said that it would, unless answered
 *
 * @param leg     Leg
 * @param expires Value of Expires [s], may be unset
 */
void sipleg_set_expires(struct sipleg *leg, const struct pl *expires)
{
	const uint32_t sec = pl_u32(expires);

	if (sec && sec < EXPIRES_MAX)
		tmr_start(&leg->tmr_expires, sec * 1000, expires_handler,
			  leg);
}


static void close_handler(void *arg)
{
	struct sipleg *leg = arg;

	sipleg_close(leg, leg->scode, leg->refused ? "no media in common"
		     : "SIP call could not be made");
}


/* scode: 0=its call cannot be made here, and nobody has said why */
void sipleg_close_later(struct sipleg *leg, uint16_t scode)
{
	leg->failed = !scode;
	leg->scode  = scode ? scode : 500;
	tmr_start(&leg->tmr, 0, close_handler, leg);
}


/* The phone's answer leaves nothing to be heard: a call that is up and silent
   would be worse than none */
void sipleg_refuse(struct sipleg *leg)
{
	if (leg->refused || leg->closed)
		return;

	clog_warning_of(leg->id,
			"%s: the answer of %s has no audio that can be"
			" used, the call is ended\n",
			account_aor(ua_account(leg->ua)), leg->peer_uri);

	leg->refused = true;
	sipleg_close_later(leg, 488);
}


void sipleg_call_closed(struct sipleg *leg, struct call *call,
			const char *prm)
{
	const uint16_t scode = leg->denied ? leg->denied : call_scode(call);

	/* baresip has another code before the server's words */
	if (leg->denied && prm && strlen(prm) >= 4)
		prm += 4;

	let_call_go(leg, 0);

	if (redirect_go_on(leg, scode))
		return;

	if (leg->going)
		sipleg_close_later(leg, scode);
	else
		sipleg_close(leg, scode, prm);
}


void sipleg_call_gone(struct sipleg *leg)
{
	let_call_go(leg, 0);
	sipleg_close_later(leg, 0);
}


/**
 * Set a leg's handlers
 *
 * @param leg Leg
 * @param h   Handlers, copied
 * @param arg Handler argument
 */
void sipleg_set_handlers(struct sipleg *leg, const struct sipleg_handlers *h,
			 void *arg)
{
	if (!leg || !h)
		return;

	leg->h   = *h;
	leg->arg = arg;
}


/**
 * Let the caller hear that the callee is being rung: 180
 *
 * @param leg Incoming leg
 *
 * @return 0 if success (or rung before), otherwise errorcode
 */
int sipleg_ring(struct sipleg *leg)
{
	struct screen *scr;
	int err;

	if (!leg || leg->closed)
		return EINVAL;

	scr = leg->scr;
	if (!scr)
		return 0;

	leg->scr   = NULL;
	leg->going = true;

	sip_mnat_expect(leg);
	err = screen_let_go(scr);
	sip_mnat_expect(NULL);

	/* baresip may have refused it, with a code of its own choice */
	if (leg->call) {
		call_enable_rtp_timeout(leg->call, 0);
		sip_mnat_go(leg);
	}
	else if (!err) {
		sipleg_close_later(leg, 0);
	}

	leg->going = false;

	return err;
}


/**
 * Let the caller hear us before the answer: 183 with SDP. It is negotiated by then,
 * as far as it can be
 *
 * @param leg Incoming leg that rings
 *
 * @return 0 if success, ENOTSUP if the caller has offered nothing yet, otherwise
 *         errorcode
 */
int sipleg_progress(struct sipleg *leg)
{
	int err;

	if (!leg || leg->closed || leg->scr || !leg->call || leg->estab)
		return EINVAL;

	/* an offer of ours would have to be acknowledged (RFC 3262, 5) */
	if (!sipaudio_is_usable(sipmedia_sdp(leg->mediav[SIPMEDIA_AUDIO])))
		return ENOTSUP;

	leg->offer = true;
	err = sip_mnat_update(leg);

	return err ? err : call_progress(leg->call);
}


/**
 * Answer an incoming call: 200 with SDP
 *
 * @param leg   Incoming leg
 * @param audio What to state of audio, and the codec to prefer; NULL=what
 *              baresip does, and the caller's order
 * @param video Video to accept, NULL=none
 *
 * @return 0 if success, otherwise errorcode
 */
int sipleg_answer(struct sipleg *leg, const struct sipleg_audio_prm *audio,
		  const struct sipleg_video_prm *video)
{
	bool on;
	int err;

	if (!leg || leg->closed)
		return EINVAL;

	err = sipleg_ring(leg);
	if (err)
		return err;

	if (!leg->call)
		return ENOENT;

	if (audio && audio->codec)
		sip_mnat_prefer(leg, audio->codec, audio->crate);

	err = sipaudio_state(sipmedia_sdp(leg->mediav[SIPMEDIA_AUDIO]),
			     audio);
	if (err)
		return err;

	on = video && video->on && leg->mediav[SIPMEDIA_VIDEO];
	if (on) {
		err = sipvideo_want(leg, video);
		if (err)
			return err;

		sipvideo_prepare(leg);
	}
	else {
		leg->video = mem_deref(leg->video);
	}

	tmr_cancel(&leg->tmr_expires);

	return ua_answer(leg->ua, leg->call, on ? VIDMODE_ON : VIDMODE_OFF);
}


/**
 * End a call: a rejection if it came in and was not answered, CANCEL if it
 * went out and was not answered, else BYE. closeh is not called
 *
 * @param leg         Leg
 * @param scode       SIP status code of a rejection [400-699]
 * @param retry_after Its Retry-After [s], 0=none; only before 180
 */
void sipleg_end(struct sipleg *leg, uint16_t scode, uint32_t retry_after)
{
	const char *reason = sip_reason(scode);
	struct call *call;

	if (!leg || leg->closed)
		return;

	leg->closed = true;
	stop_timers(leg);

	if (leg->scr) {
		clog_info_of(leg->id, "call from %s rejected: %u %s\n",
			     leg->peer_uri, scode, reason);
		(void)screen_reject(leg->scr, scode, reason, retry_after);
		leg->scr = mem_deref(leg->scr);
	}

	call = leg->call;
	let_call_go(leg, scode);

	if (call)
		ua_hangup(leg->ua, call, scode, reason);
}
