/**
 * @file call/host/leg_sip.c  A leg that is a SIP call: a phone
 *
 * See leg.h for what a leg is, and sip/sip.h for what is behind this one.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "sip/pure/about.h"
#include "sip/pure/identitytx.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/snapshot.h"
#include "config/users.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/policy_video.h"
#include "call/dtmf_dedup.h"
#include "call/leg.h"
#include "call/leg_sip.h"
#include "call/forward.h"
#include "call/call.h"
#include "call/bridge.h"


static void destructor(void *data)
{
	struct leg_sip *ls = data;

	tmr_cancel(&ls->tmr_keys);
	tmr_cancel(&ls->tmr_early);
	mem_deref(ls->ringback);

	/* it may hold the last packet handler: before what that feeds */
	mem_deref(ls->sl);
	mem_deref(ls->cname);
	mem_deref(ls->about);
	leg_reset(&ls->leg);
}


/* --- what happens on it ------------------------------------------------ */


static void close_handler(uint16_t scode, const char *reason, void *arg)
{
	struct leg_sip *ls = arg;
	const bool answered = leg_is_answered(&ls->leg);
	char text[160];
	struct leg_cause cause = {
		.scode = scode, .reason = reason, .text = text,
		.elsewhere = sipleg_elsewhere(ls->sl)
	};

	end_sip_text(text, sizeof(text), &cause, answered);
	end_sip_cause(&cause, answered, sipleg_failed(ls->sl));
	leg_closed(&ls->leg, &cause);
}


static void ringing_handler(void *arg)
{
	struct leg_sip *ls = arg;

	leg_ringing(&ls->leg);
}


/* What is heard before the answer often comes from who does not listen: that
   is no hold */
static void see_hold(struct leg_sip *ls)
{
	const struct sipleg_audio *au = sipleg_audio(ls->sl);

	if (!ls->leg.incoming && !leg_is_answered(&ls->leg))
		return;

	if (!au || !au->txc)
		return;

	/* to be put on hold may be answered with inactive, which is no hold of
	   its own */
	if (au->send || au->offer || !ls->leg.on_hold)
		leg_set_held(&ls->leg, !au->send);
}


static void media_handler(const struct sipleg_audio *au, void *arg)
{
	struct leg_sip *ls = arg;
	(void)au;

	leg_sip_keys_reset(ls);
	see_hold(ls);
	leg_audio_changed(&ls->leg);
}


static void video_handler(const struct sipleg_video *vid, void *arg)
{
	struct leg_sip *ls = arg;
	(void)vid;

	leg_video_changed(&ls->leg);
}


static void fast_update_handler(void *arg)
{
	struct leg_sip *ls = arg;

	video_port_fast_update(ls->leg.video);
}


/* From now on a packet is one like all the others */
static void use_handlers(struct leg_sip *ls)
{
	struct sipleg_handlers h;

	leg_sip_handlers(&h);
	sipleg_set_handlers(ls->sl, &h, ls);
}


static void early_handler(void *arg)
{
	struct leg_sip *ls = arg;

	leg_early(&ls->leg);
}


/**
 * There is something to be heard before the answer. An SDP alone does not say
 * so: many servers send one and nothing else, and count on the caller's own
 * ringing tone (RFC 3960, 3.2)
 *
 * @param ls Leg
 */
void leg_sip_heard_early(struct leg_sip *ls)
{
	use_handlers(ls);

	/* the call may end, which a packet's handler may not do */
	tmr_start(&ls->tmr_early, 0, early_handler, ls);
}


static void estab_handler(void *arg)
{
	struct leg_sip *ls = arg;
	const struct leg_cause cause = {
		.end = END_NO_CODEC, .scode = 488,
		.reason = "no codec in common with the phone"
	};

	/* an answer without any codec that was offered */
	if (!policy_sip_tx(sipleg_audio(ls->sl), NULL)) {
		leg_failed(&ls->leg, &cause);
		return;
	}

	/* the call may end in any of these */
	mem_ref(ls);

	if (ls->leg.incoming) {
		leg_audio_changed(&ls->leg);
		leg_video_changed(&ls->leg);
	}
	else {
		use_handlers(ls);
		raise_leg(&ls->leg, EVENT_LEG_ANSWERED, ls->leg.peer.uri);
		leg_answered(&ls->leg);
		see_hold(ls);
	}

	leg_up(&ls->leg);
	sipleg_hold_estab(ls->sl);
	mem_deref(ls);
}


static int know_peer(struct leg_sip *ls)
{
	static const struct numplan none;
	const struct bcall *bc = ls->leg.call;

	return leg_sip_know_peer(ls, bc ? &bc->ext->map->numbers : &none);
}


static void identity_handler(void *arg)
{
	if (!know_peer(arg))
		leg_identity_changed(arg);
}


static void moved_handler(const char *uri, void *arg)
{
	(void)know_peer(arg);
	raise_leg(arg, EVENT_LEG_NEW, uri);
}


/**
 * Get the handlers of a SIP call that is a leg
 *
 * @param h Filled in
 */
void leg_sip_handlers(struct sipleg_handlers *h)
{
	static const struct sipleg_handlers handlers = {
		.ringingh = ringing_handler,
		.movedh   = moved_handler,
		.mediah   = media_handler,
		.estabh   = estab_handler,
		.rtph     = leg_sip_rtp,
		.rtcph    = leg_sip_rtcp,
		.keyh     = leg_sip_info_key,
		.videoh   = video_handler,
		.vrtph    = leg_sip_vrtp,
		.vrtcph   = leg_sip_vrtcp,
		.fasth    = fast_update_handler,
		.identityh = identity_handler,
		.referh   = leg_sip_refer,
		.replaceh = leg_sip_replace,
		.closeh   = close_handler,
	};

	*h = handlers;

	if (!bridge_config()->dtmf_info)
		h->keyh = NULL;

	if (bridge_config()->transfer == TRANSFER_NO) {
		h->referh   = NULL;
		h->replaceh = NULL;
	}
}


/* --- what is done with it ---------------------------------------------- */


static int answer(struct leg *leg, const struct leg_media *other)
{
	struct leg_sip *ls = (struct leg_sip *)leg;
	struct sipleg_audio_prm au;
	struct leg_sip_video v;

	ls->ringback = mem_deref(ls->ringback);
	policy_state_phone(&au, &other->audio);

	return sipleg_answer(ls->sl, &au, other->video.on
			     ? leg_sip_video(&v, &other->video, 0) : NULL);
}


static bool calls(const struct leg *leg, const char *who)
{
	return !leg->incoming && str_isset(who) &&
		!str_casecmp(leg->peer.number, who);
}


static bool may_forward(const struct leg *leg)
{
	const struct leg_sip *ls = (const struct leg_sip *)leg;

	return sipleg_may_divert(ls->sl);
}


static int forward(struct leg_sip *ls, const struct leg_cause *cause)
{
	char *uri = NULL;
	int err;

	err = leg_sip_complete(&uri, ls->leg.call->ext, cause->forward);
	if (!err)
		err = sipleg_divert(ls->sl, uri, forward_why(cause->no));
	if (!err)
		clog_info("call %u: the caller is sent to %s\n",
			  ls->leg.call->id, uri);

	mem_deref(uri);

	return err;
}


static void end(struct leg *leg, const struct leg_cause *cause)
{
	struct leg_sip *ls = (struct leg_sip *)leg;

	ls->ringback = mem_deref(ls->ringback);
	if (cause->forward && leg_waits(leg) && !forward(ls, cause))
		return;

	/* a 302 that names nobody is no answer */
	sipleg_end(ls->sl, cause->forward ? 480 : cause->scode,
		   cause->retry_after);
}


static void warm(const struct leg *leg, struct warm *w, bool rx)
{
	const struct leg_sip *ls = (const struct leg_sip *)leg;
	(void)rx;

	sipleg_warm(ls->sl, w);
}


static void set_warm(struct leg *leg, const struct warm *w)
{
	struct leg_sip *ls = (struct leg_sip *)leg;

	sipleg_set_warm(ls->sl, w);
}


/* --- status ------------------------------------------------------------ */


static const char *id(const struct leg *leg)
{
	const struct leg_sip *ls = (const struct leg_sip *)leg;

	return sipleg_id(ls->sl);
}


static void set_path(struct snap_path *path, const struct sipleg_stats *st)
{
	path->on      = st->lport != 0;
	path->port    = st->lport;
	path->latched = st->latched;
	path->refused = st->refused;
	event_copy_str(path->srtp, sizeof(path->srtp), st->suite);
	if (sa_isset(&st->raddr, SA_ALL))
		(void)re_snprintf(path->remote, sizeof(path->remote), "%J",
				  &st->raddr);
}


static void describe(const struct leg *leg, struct snap_leg *sl)
{
	const struct leg_sip *ls = (const struct leg_sip *)leg;
	struct sipleg_stats st;

	memset(&st, 0, sizeof(st));
	sipleg_stats(ls->sl, &st);
	set_path(&sl->path, &st);

	memset(&st, 0, sizeof(st));
	sipleg_video_stats(ls->sl, &st);
	set_path(&sl->vpath, &st);
}


static void client(const struct leg *leg, struct leg_client *cl)
{
	const struct leg_sip *ls = (const struct leg_sip *)leg;

	cl->agent = sipleg_agent(ls->sl);
	if (ls->sl)
		cl->addr = *sipleg_addr(ls->sl);
	sipleg_tags(ls->sl, &cl->tag_local, &cl->tag_remote);
}


static const struct leg_ops ops = {
	.name        = "SIP",
	.party       = "phone",
	.side        = EVENT_PHONE,
	.key         = "sip",
	.ring        = leg_sip_ring,
	.answer      = answer,
	.end         = end,
	.hold        = leg_sip_hold,
	.calls       = calls,
	.may_forward = may_forward,
	.key_send    = leg_sip_key_send,
	.key_heard   = leg_sip_key_heard,
	.media       = leg_sip_media,
	.audio_end   = leg_sip_audio_end,
	.video_end   = leg_sip_video_end,
	.warm        = warm,
	.set_warm    = set_warm,
	.id          = id,
	.client      = client,
	.describe    = describe,
	.delegate    = leg_sip_delegate,
	.revive      = leg_sip_revive,
	.path        = leg_sip_path,
	.tell_record = leg_sip_tell_record,
};


/**
 * Make a leg of a SIP call
 *
 * @param lsp      Pointer to the leg
 * @param ext      Extension
 * @param incoming True if a phone calls
 *
 * @return 0 if success, otherwise errorcode
 */
int leg_sip_alloc(struct leg_sip **lsp, const struct ext *ext, bool incoming)
{
	struct leg_sip *ls;
	int err;

	ls = mem_zalloc(sizeof(*ls), destructor);
	if (!ls)
		return ENOMEM;

	ls->leg.timeout = bridge_config()->timeout_sip;
	ls->leg.own_music = bridge_config()->hold_own;

	err = leg_init(&ls->leg, &ops, bridge_env()->codecl, incoming);
	if (!err)
		err = str_dup(&ls->cname, ext->map->aor);
	if (err)
		mem_deref(ls);
	else
		*lsp = ls;

	return err;
}


/**
 * A phone calls: make its call a leg of no call, which waits for an answer
 *
 * @param legp Pointer to the leg
 * @param ext  Extension
 * @param sl   SIP call, taken over on success
 *
 * @return 0 if success, otherwise errorcode
 */
int leg_sip_park(struct leg **legp, const struct ext *ext, struct sipleg *sl)
{
	struct leg_sip *ls;
	int err;

	err = leg_sip_alloc(&ls, ext, true);
	if (err)
		return err;

	ls->sl = mem_ref(sl);

	leg_sip_know_about(ls, &ext->map->numbers);
	err = leg_sip_know_peer(ls, &ext->map->numbers);
	if (err) {
		mem_deref(ls);
		return err;
	}

	mem_deref(sl);
	use_handlers(ls);

	*legp = &ls->leg;

	return 0;
}


/**
 * A phone calls: make its call a leg, which waits for an answer
 *
 * @param legp Pointer to the leg, owned by the call
 * @param bc   Call
 * @param sl   SIP call, taken over on success
 *
 * @return 0 if success, otherwise errorcode
 */
int leg_sip_take(struct leg **legp, struct bcall *bc, struct sipleg *sl)
{
	const struct about *ab = sipleg_about(sl);
	const int err = leg_sip_park(legp, bc->ext, sl);

	if (!err && list_isempty(&bc->legl) && ab && ab->trace[0])
		str_ncpy(bc->trace, ab->trace, sizeof(bc->trace));
	if (!err)
		bcall_add_leg(bc, *legp);

	return err;
}
