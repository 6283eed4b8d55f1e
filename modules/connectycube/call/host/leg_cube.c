/**
 * @file call/host/leg_cube.c  A leg that is a call of the cloud: an app
 *
 * See leg.h for what a leg is, and cube/cube.h for what is behind this one.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/warm.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/snapshot.h"
#include "config/users.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/policy_video.h"
#include "call/leg.h"
#include "call/leg_cube.h"
#include "call/callerinfo.h"
#include "call/call.h"
#include "call/bridge.h"


static const char dtmf_name[] = "dtmf"; /**< In userInfo of `update` */


static void destructor(void *data)
{
	struct leg_cube *lc = data;

	mem_deref(lc->cc);
	leg_reset(&lc->leg);
}


/* --- what happens on it ------------------------------------------------ */


static void ringing_handler(void *arg)
{
	struct leg_cube *lc = arg;

	leg_ringing(&lc->leg);
}


static void answer_handler(const char *jid, void *arg)
{
	struct leg_cube *lc = arg;
	const struct leg_cause cause = {
		.end = END_NO_CODEC, .scode = 488,
		.reason = "no codec in common with the app"
	};

	(void)leg_set_peer(&lc->leg, NULL, cube_call_user(lc->cc), NULL);
	raise_leg(&lc->leg, EVENT_LEG_ANSWERED, jid);

	if (policy_cube_tx(peer_media(cube_call_peer(lc->cc), PEER_AUDIO)))
		leg_answered(&lc->leg);
	else
		leg_failed(&lc->leg, &cause);
}


static void estab_handler(void *arg)
{
	struct leg_cube *lc = arg;

	leg_up(&lc->leg);
}


static void path_handler(bool lost, void *arg)
{
	struct leg_cube *lc = arg;

	leg_set_lost(&lc->leg, lost);
}


/* An `update` signal: dtmf holds one key or several */
static void update_handler(const struct cube_info *infov, size_t infoc,
			   void *arg)
{
	struct leg_cube *lc = arg;
	size_t i;

	for (i=0; i<infoc; i++) {

		if (!str_casecmp(infov[i].name, dtmf_name))
			(void)leg_keys(&lc->leg, infov[i].value,
				       str_len(infov[i].value), 0);
	}
}


static int control_handler(const struct control *ctl, const char **reasonp,
			   void *arg)
{
	struct leg_cube *lc = arg;

	return leg_control(&lc->leg, ctl, reasonp);
}


static void push_handler(const struct cube_push *push, void *arg)
{
	struct leg_cube *lc = arg;

	raise_push(&lc->leg, push);
}


static void close_handler(enum cube_end end, const char *reason,
			  const struct cube_info *infov, size_t infoc,
			  void *arg)
{
	struct leg_cube *lc = arg;
	struct leg_cause cause = {
		.normal = end == CUBE_END_HANGUP || end == CUBE_END_GONE,
		.ours   = policy_end_is_ours(end), .reason = reason,
		.gone   = end == CUBE_END_GONE || end == CUBE_END_LOST
	};
	(void)infov;
	(void)infoc;

	cause.no    = policy_ring_no(end);
	cause.end   = policy_end(end);
	cause.scode = policy_scode(end, bridge_config()->reject_code);
	if (cause.scode == 503 && lc->leg.call)
		cause.retry_after = cube_retry_after(lc->leg.call->ext->cube);

	leg_closed(&lc->leg, &cause);
}


const struct cube_call_handlers leg_cube_handlers = {
	.ringingh = ringing_handler,
	.answerh  = answer_handler,
	.declinedh = leg_cube_declined,
	.estabh   = estab_handler,
	.pathh    = path_handler,
	.updateh  = update_handler,
	.controlh = control_handler,
	.pushh    = push_handler,
	.rtph     = leg_cube_rtp,
	.rtcph    = leg_cube_rtcp,
	.closeh   = close_handler,
};


/* --- what is done with it ---------------------------------------------- */


static int accept_app(struct leg_cube *lc, const struct leg_media *other,
		      const struct cube_info *infov, size_t infoc)
{
	const struct peer_media_prm *video = NULL;
	struct leg_cube_audio a;
	struct leg_cube_video v;

	if (cube_call_type(lc->cc) == CUBE_CALL_VIDEO)
		video = leg_cube_video(&v, &other->video);

	return cube_call_accept(lc->cc, leg_cube_audio(&a, &other->audio),
				video, infov, infoc);
}


static int answer(struct leg *leg, const struct leg_media *other)
{
	return accept_app((struct leg_cube *)leg, other, NULL, 0);
}


/* Its protocol has no early media: it is answered, and told that it is not */
static int early(struct leg *leg, const struct leg_media *other)
{
	static const struct cube_info info = {"early", "true"};
	static const struct cube_info state = {"state", "playing"};
	struct leg_cube *lc = (struct leg_cube *)leg;
	int err;

	err = accept_app(lc, other, &info, 1);
	if (err)
		return err;

	leg->early = true;
	leg_set_state(leg, LEG_ANSWERED);
	(void)cube_call_tell(lc->cc, "early", &state, 1);

	return 0;
}


static void early_over(struct leg *leg)
{
	static const struct cube_info state = {"state", "answered"};
	struct leg_cube *lc = (struct leg_cube *)leg;

	(void)cube_call_tell(lc->cc, "early", &state, 1);
}


/* A device that rings may show a missed call */
static void stop_ringing(struct leg_cube *lc, const struct leg_cause *cause)
{
	const struct cube_info why = {
		"reason", cause->elsewhere ? "answered_elsewhere" :
		cause->no == RING_NO_ANSWER ? "no_answer" : "cancelled"
	};

	cube_call_hangup(lc->cc, &why, 1);
}


static void end(struct leg *leg, const struct leg_cause *cause)
{
	struct leg_cube *lc = (struct leg_cube *)leg;

	if (leg_waits(leg))
		leg_cube_refuse(lc->cc, cause->scode, cause->reason);
	else if (leg->early)
		leg_cube_hangup_why(lc->cc, cause->scode, cause->reason);
	else if (leg_is_answered(leg) && !cause->elsewhere)
		cube_call_hangup(lc->cc, NULL, 0);
	else
		stop_ringing(lc, cause);
}


/* A connected line, for apps that show one */
static int identity(struct leg *leg, const struct leg *other)
{
	struct leg_cube *lc = (struct leg_cube *)leg;
	struct cube_info infov[CALLERINFO_MAX];
	struct leg_peer peer = other->peer;

	peer.about = NULL;

	return cube_call_tell(lc->cc, "identity", infov,
			      callerinfo(infov, &peer));
}


static int tell(struct leg *leg, const char *event,
		const struct cube_info *infov, size_t infoc)
{
	return cube_call_tell(((struct leg_cube *)leg)->cc, event, infov,
			      infoc);
}


static const char *said(const struct leg *leg, const char *name)
{
	return cube_call_info(((const struct leg_cube *)leg)->cc, name);
}


static int key_send(struct leg *leg, char key, uint32_t ms)
{
	struct leg_cube *lc = (struct leg_cube *)leg;
	const char str[2] = {key, '\0'};
	const struct cube_info inf = {"keys", str}, old = {dtmf_name, str};
	(void)ms;

	/* by which of both the app hears, only it knows */
	(void)cube_call_update(lc->cc, &old, 1);

	return cube_call_tell(lc->cc, "keys", &inf, 1);
}


static void key_heard(struct leg *leg, char key, bool down, uint32_t ms,
		      bool sent)
{
	if (!down && !sent)
		(void)leg_keys(leg, &key, 1, ms);
	else if (!down)
		leg_keys_told(leg, 1, 0, NULL);
}


static bool calls(const struct leg *leg, const char *who)
{
	const struct leg_cube *lc = (const struct leg_cube *)leg;

	return cube_call_rings(lc->cc, who);
}


static void warm(const struct leg *leg, struct warm *w, bool rx)
{
	const struct leg_cube *lc = (const struct leg_cube *)leg;

	if (rx) {
		peer_warm(cube_call_peer(lc->cc), w);
		cube_call_warm(lc->cc, w);
	}
	else {
		warm_add(w, lc->cc, 16);
		peer_warm(cube_call_peer(lc->cc), w);
	}
}


static void set_warm(struct leg *leg, const struct warm *w)
{
	struct leg_cube *lc = (struct leg_cube *)leg;

	peer_set_warm(cube_call_peer(lc->cc), w);
}


/* --- status ------------------------------------------------------------ */


static const char *id(const struct leg *leg)
{
	const struct leg_cube *lc = (const struct leg_cube *)leg;

	return cube_call_id(lc->cc);
}


static const struct leg_ops ops = {
	.name      = "app",
	.party     = "app",
	.side      = EVENT_APP,
	.key       = "app",
	.early     = early,
	.early_over = early_over,
	.answer    = answer,
	.end       = end,
	.hold      = leg_cube_hold,
	.calls     = calls,
	.key_send  = key_send,
	.key_heard = key_heard,
	.tell      = tell,
	.said      = said,
	.identity  = identity,
	.media     = leg_cube_media,
	.audio_end = leg_cube_audio_end,
	.video_end = leg_cube_video_end,
	.warm      = warm,
	.set_warm  = set_warm,
	.transfer  = leg_cube_transfer,
	.revive    = leg_cube_revive,
	.path      = leg_cube_path,
	.id        = id,
	.client    = leg_cube_client,
	.users     = leg_cube_users,
	.describe  = leg_cube_describe,
};


static int leg_alloc(struct leg_cube **lcp, bool incoming)
{
	struct leg_cube *lc;
	int err;

	lc = mem_zalloc(sizeof(*lc), destructor);
	if (!lc)
		return ENOMEM;

	lc->leg.timeout = bridge_config()->timeout_app;

	err = leg_init(&lc->leg, &ops, bridge_env()->codecl, incoming);
	if (err)
		mem_deref(lc);
	else
		*lcp = lc;

	return err;
}


/**
 * An app calls: get its call ready to be answered
 *
 * @param cc The app's call
 *
 * @return END_UNSET if it can be, otherwise why it is refused
 */
enum end_reason leg_cube_prepare(struct cube_call *cc)
{
	const struct peer_media_prm *video = NULL;
	struct leg_cube_audio a;
	struct leg_cube_video v;
	int err;

	if (cube_call_type(cc) == CUBE_CALL_VIDEO)
		video = leg_cube_video(&v, NULL);

	err = cube_call_prepare(cc, leg_cube_audio(&a, NULL), video);
	if (!err && policy_cube_tx(peer_media(cube_call_peer(cc), PEER_AUDIO)))
		return END_UNSET;

	return end_reason_by_errno(err) ? end_reason_by_errno(err)
		: END_NO_CODEC;
}


/* As SIP has it: its user does not want to be known at the far end */
static bool is_private(const struct cube_call *cc)
{
	const char *privacy = cube_call_info(cc, "privacy");

	return 0 == str_casecmp(privacy, "id") ||
		0 == str_casecmp(privacy, "true");
}


/**
 * An app calls: make its call a leg of no call, which waits for an answer
 *
 * @param legp Pointer to the leg
 * @param cc   The app's call, taken over on success
 *
 * @return 0 if success, otherwise errorcode
 */
int leg_cube_park(struct leg **legp, struct cube_call *cc)
{
	struct leg_cube *lc;
	int err;

	err = leg_alloc(&lc, true);
	if (err)
		return err;

	err = leg_set_peer(&lc->leg, cube_call_info(cc, "name"),
			   cube_call_user(cc), NULL);
	if (err) {
		mem_deref(lc);
		return err;
	}

	lc->leg.peer.anonymous = is_private(cc);

	lc->cc = cc;
	cube_call_set_handlers(cc, &leg_cube_handlers, lc);

	*legp = &lc->leg;

	return 0;
}


/**
 * An app calls: make its call a leg, which waits for an answer
 *
 * @param legp Pointer to the leg, owned by the call
 * @param bc   Call
 * @param cc   The app's call, taken over on success
 *
 * @return 0 if success, otherwise errorcode
 */
int leg_cube_take(struct leg **legp, struct bcall *bc, struct cube_call *cc)
{
	const int err = leg_cube_park(legp, cc);

	if (!err)
		bcall_add_leg(bc, *legp);

	return err;
}


/**
 * Make a leg that is to be rung
 *
 * @param legp Pointer to the leg
 *
 * @return 0 if success, otherwise errorcode
 */
int leg_cube_alloc(struct leg **legp)
{
	struct leg_cube *lc;
	int err;

	err = leg_alloc(&lc, false);
	if (!err)
		*legp = &lc->leg;

	return err;
}
