/**
 * @file call/await.c  A leg that stands for who waits elsewhere, at a PBX
 *
 * Pure. See await.h. The leg waits for an answer as that of a phone that calls,
 * and has no media: when an app accepts, a token is made for who is to come.
 * What is to be told is told from the loop, since it happens in the middle of
 * what a call does.
 */
#include <re.h>
#include "base/mono.h"
#include "base/uuid.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "config/config.h"
#include "config/users.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/snapshot.h"
#include "call/bridge.h"
#include "call/leg.h"
#include "call/leg_mute.h"
#include "call/call.h"
#include "call/await.h"
#include "call/await_core.h"


/** A leg that stands for who waits elsewhere */
struct leg_await {
	struct leg leg;         /* what all kinds have; first */
	struct await *aw;       /* who has begun it (pointer), NULL=gone */
	bool by_message;        /* apps are told by message */
};


static void tell_over(struct await *aw)
{
	const struct await_over over = {
		.reason = aw->reason, .scode = aw->scode,
		.forward = aw->forward[0] ? aw->forward : NULL,
		.why = aw->why
	};

	aw->h.overh(&over, aw->arg);
}


static void tell_accepted(struct await *aw)
{
	const struct await_accepted acc = {
		.token = aw->token, .user = aw->user,
		.answer = aw->answer[0] ? aw->answer : NULL
	};

	aw->h.acceptedh(&acc, aw->arg);
}


static void join_handler(void *arg)
{
	static const struct leg_cause cause = {
		.ours = true, .end = END_UPSTREAM, .scode = 504,
		.reason = "the PBX has not sent the call"
	};
	struct await *aw = arg;

	if (aw->leg)
		leg_failed(aw->leg, &cause);
}


static void tell_handler(void *arg)
{
	struct await *aw = arg;
	const enum await_tell tell = aw->tell;

	aw->tell = AWAIT_NOTHING;

	switch (tell) {

	case AWAIT_ACCEPTED:
		tmr_start(&aw->tmr_join, AWAIT_JOIN, join_handler, aw);
		tell_accepted(aw);
		break;

	case AWAIT_JOINED:
		aw->h.joinedh(aw->arg);
		break;

	case AWAIT_OVER:
		tell_over(aw);
		break;

	default:
		break;
	}
}


/* What comes later is all that counts */
static void tell(struct await *aw, enum await_tell what)
{
	aw->tell = what;
	tmr_start(&aw->tmr, 0, tell_handler, aw);
}


static void set_over(struct await *aw, const struct leg_cause *cause)
{
	aw->leg    = NULL;
	aw->scode  = cause->scode;
	aw->reason = cause->end ? cause->end
		: end_reason_by_scode(cause->scode);
	event_copy_str(aw->forward, sizeof(aw->forward), cause->forward);
	event_copy_str(aw->why, sizeof(aw->why), cause->reason);

	tmr_cancel(&aw->tmr_join);
	token_over(aw->tokens, aw->token, mono_ms());
	tell(aw, AWAIT_OVER);
}


static void leg_destructor(void *data)
{
	static const struct leg_cause shutdown = {
		.end = END_SHUTDOWN, .scode = 503, .reason = "shutdown"
	};
	struct leg_await *la = data;

	if (la->aw)
		set_over(la->aw, &shutdown);
	la->aw = NULL;
	leg_reset(&la->leg);
}


/* --- what is done with it ---------------------------------------------- */


static int answer(struct leg *leg, const struct leg_media *other)
{
	struct await *aw = ((struct leg_await *)leg)->aw;
	const struct leg *app = leg->call ? bcall_other(leg->call, leg) : NULL;
	int err;
	(void)other;

	if (!aw)
		return ENOTCONN;

	uuid_make(aw->token);
	err = token_add(aw->tokens, aw->token, leg->call->ext, aw, mono_ms());
	if (err)
		return err;

	event_copy_str(aw->user, sizeof(aw->user),
		       app ? app->peer.number : NULL);
	event_copy_str(aw->answer, sizeof(aw->answer),
		       app && app->ops->said ? app->ops->said(app, "answer")
		       : NULL);
	tell(aw, AWAIT_ACCEPTED);

	return 0;
}


static void end(struct leg *leg, const struct leg_cause *cause)
{
	struct leg_await *la = (struct leg_await *)leg;
	struct await *aw = la->aw;

	la->aw = NULL;
	if (aw)
		set_over(aw, cause);
}


static bool may_forward(const struct leg *leg)
{
	(void)leg;

	return true;
}


static const char *id(const struct leg *leg)
{
	(void)leg;

	return "";
}


static void describe(const struct leg *leg, struct snap_leg *sl)
{
	str_ncpy(sl->state, leg_state_name(leg->state), sizeof(sl->state));
}


static const struct leg_ops ops = {
	.name        = "PBX",
	.party       = "caller",
	.side        = EVENT_PHONE,
	.key         = "pbx",
	.answer      = answer,
	.end         = end,
	.may_forward = may_forward,
	.key_send    = leg_mute_key_send,
	.key_heard   = leg_mute_key_heard,
	.media       = leg_mute_media,
	.audio_end   = leg_mute_audio_end,
	.video_end   = leg_mute_video_end,
	.set_warm    = leg_mute_set_warm,
	.id          = id,
	.describe    = describe,
};


/**
 * Make the leg of who waits, in a call that has none
 *
 * @param aw  Who has begun it
 * @param bc  Call, of an extension
 * @param prm Who waits
 *
 * @return 0 if success, ENOMEM
 */
int await_add(struct await *aw, struct bcall *bc, const struct await_prm *prm)
{
	struct leg_await *la;
	int err;

	la = mem_zalloc(sizeof(*la), leg_destructor);
	if (!la)
		return ENOMEM;

	err = leg_init(&la->leg, &ops, bc->env->codecl, true);
	if (!err)
		err = await_set_peer(&la->leg, &bc->ext->map->numbers, prm,
				     bc->ext->map->aor);
	if (err) {
		mem_deref(la);
		return err;
	}

	la->aw  = aw;
	la->by_message = prm->by_message;
	aw->leg = &la->leg;
	bcall_add_leg(bc, &la->leg);

	return 0;
}


/**
 * Does a leg stand for somebody of whom apps are told by message?
 *
 * @param leg Leg of any kind
 *
 * @return True if so
 */
bool await_is_by_message(const struct leg *leg)
{
	return leg->ops == &ops &&
		((const struct leg_await *)leg)->by_message;
}


/* --- who has begun it -------------------------------------------------- */


static void destructor(void *data)
{
	struct await *aw = data;

	await_end(aw, END_SHUTDOWN, "shutdown");
	tmr_cancel(&aw->tmr);
	tmr_cancel(&aw->tmr_join);
	mem_deref(aw->tokens);
}


/**
 * Begin to await: nobody rings yet
 *
 * @param ap     Pointer to it
 * @param tokens Where its token will be; a reference is held
 * @param h      Told what happens; all must be there
 * @param arg    Handler argument
 *
 * @return 0 if success, EINVAL, ENOMEM
 */
int await_alloc(struct await **ap, struct tokens *tokens,
		const struct await_handlers *h, void *arg)
{
	struct await *aw;

	if (!ap || !tokens || !h || !h->acceptedh || !h->joinedh || !h->overh)
		return EINVAL;

	aw = mem_zalloc(sizeof(*aw), destructor);
	if (!aw)
		return ENOMEM;

	tmr_init(&aw->tmr);
	tmr_init(&aw->tmr_join);
	aw->tokens = mem_ref(tokens);
	aw->h      = *h;
	aw->arg    = arg;

	*ap = aw;

	return 0;
}


/**
 * Nobody will be rung
 *
 * @param aw     Who has begun it: is told so
 * @param reason Why
 * @param scode  The same as SIP status code
 * @param why    Readable
 */
void await_refused(struct await *aw, enum end_reason reason, uint16_t scode,
		   const char *why)
{
	const struct leg_cause cause = {
		.end = reason, .scode = scode, .reason = why
	};

	set_over(aw, &cause);
}


/**
 * Get the call
 *
 * @param aw Who has begun it
 *
 * @return Call, NULL if it is over, or who waited has come
 */
struct bcall *await_call(const struct await *aw)
{
	return aw && aw->leg ? aw->leg->call : NULL;
}


/**
 * Who waits has come: the leg that stands for him leaves its call
 *
 * @param aw Who has begun it; is told so
 *
 * @return Number of his party, which stays the same; 0=it was over
 */
uint32_t await_part(struct await *aw)
{
	struct leg *leg = aw->leg;
	uint32_t num;

	if (!leg || !leg->call)
		return 0;

	num = leg->num;
	aw->leg = NULL;
	((struct leg_await *)leg)->aw = NULL;
	bcall_park_leg(leg);
	mem_deref(leg);

	tmr_cancel(&aw->tmr_join);
	tell(aw, AWAIT_JOINED);

	return num;
}


/**
 * End a call: the caller has given up, or is taken care of otherwise. Nothing
 * more is told of it
 *
 * @param aw     Who has begun it; NULL, or one that is over, is ignored
 * @param reason Why; END_CANCELED: the caller has hung up
 * @param why    The same, readable
 */
void await_end(struct await *aw, enum end_reason reason, const char *why)
{
	const struct leg_cause gone = {
		.normal = true, .end = reason, .scode = 487, .reason = why
	};
	const struct leg_cause cause = {
		.end = reason, .scode = end_reason_scode(reason),
		.reason = why, .elsewhere = reason == END_ELSEWHERE ||
			reason == END_TRANSFERRED
	};
	struct leg *leg;

	if (!aw)
		return;

	leg = aw->leg;
	aw->leg  = NULL;
	aw->tell = AWAIT_NOTHING;
	tmr_cancel(&aw->tmr);
	tmr_cancel(&aw->tmr_join);
	token_over(aw->tokens, aw->token, mono_ms());

	if (!leg)
		return;

	((struct leg_await *)leg)->aw = NULL;
	if (reason == END_CANCELED)
		leg_closed(leg, &gone);
	else
		bcall_end(leg->call, &cause, why);
}
