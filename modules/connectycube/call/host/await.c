/**
 * @file call/host/await.c  Calls whose other party waits elsewhere: they are
 *                          begun, and he comes by an INVITE
 *
 * See call/await.h. An INVITE whose token is known rings nobody: it is joined
 * with the call that waits for it, or refused. Any other is one as always:
 * whoever may call may ring.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/mono.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "sip/pure/about.h"
#include "config/config.h"
#include "config/users.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/policy_video.h"
#include "call/dtmf_dedup.h"
#include "call/leg.h"
#include "call/leg_sip.h"
#include "call/call.h"
#include "call/bridge.h"
#include "call/await.h"
#include "call/await_core.h"


static struct tokens *tokens;


static struct ext *find_ext(const char *to)
{
	struct le *le;

	for (le = list_head(bridge_exts()); le; le = le->next) {

		struct ext *ext = le->data;

		if (!ext->leaving && await_is_for(ext->map->aor, to))
			return ext;
	}

	return NULL;
}


static int begin(struct await *aw, struct ext *ext,
		 const struct await_prm *prm)
{
	struct bcall *bc;
	int err;

	err = bcall_alloc(&bc, bridge_env(), ext, &ext->calll, false);
	if (err)
		return err;

	event_copy_str(bc->channel, sizeof(bc->channel), prm->channel);
	event_copy_str(bc->channel_linked, sizeof(bc->channel_linked),
		       prm->linked);

	err = await_add(aw, bc, prm);
	if (err) {
		mem_deref(bc);
		return err;
	}

	if (bcall_ring_users(bc))
		bcall_hangup(bc, END_INTERNAL, "no memory");

	return 0;
}


/**
 * Ring an extension's apps for a call whose other party waits elsewhere
 *
 * @param ap  Pointer to it; freeing it ends the call, unless who waits has
 *            come. The handlers may not free it
 * @param prm Who waits, and for whom
 * @param h   Told what happens; also if nobody can be rung
 * @param arg Handler argument
 *
 * @return 0 if success, ENOENT if there is no such extension, otherwise
 *         errorcode
 */
int await_begin(struct await **ap, const struct await_prm *prm,
		const struct await_handlers *h, void *arg)
{
	struct raise_refused r = {.uri = prm ? prm->number : NULL};
	struct await *aw;
	struct ext *ext;
	int err;

	if (!ap || !prm || !prm->to)
		return EINVAL;

	ext = find_ext(prm->to);
	if (!ext)
		return ENOENT;

	if (!tokens) {
		err = tokens_alloc(&tokens);
		if (err)
			return err;
	}

	err = await_alloc(&aw, tokens, h, arg);
	if (err)
		return err;

	r.ext = ext;
	r.aor = ext->map->aor;

	if (!admit_phone(&r, ext)) {
		raise_sip_refused(&r);
		await_refused(aw, r.reason ? r.reason
			      : end_reason_by_scode(r.scode), r.scode, r.why);
	}
	else {
		err = begin(aw, ext, prm);
	}

	if (err)
		mem_deref(aw);
	else
		*ap = aw;

	return err;
}


static uint16_t join(struct ext *ext, struct await *aw, struct sipleg *sl)
{
	struct bcall *bc = await_call(aw);
	struct leg *leg, *app;
	uint32_t num;
	int err;

	app = bc ? bcall_find_side(bc, EVENT_APP) : NULL;
	if (!app || !leg_is_answered(app) || bc->transfer)
		return 480;

	if (leg_sip_park(&leg, ext, sl))
		return 500;

	num = await_part(aw);
	leg->num = num;         /* the same party, and another way to it */
	bcall_add_leg(bc, leg);

	clog_info_of(leg->ops->id(leg), "call %u: %s has come by SIP\n",
		     bc->id, bc->channel);

	err = leg_answer(leg, app);
	if (!err)
		err = bcall_audio_update(bc);
	if (err) {
		bcall_hangup(bc, END_NO_CODEC, "cannot answer");
		return 0;
	}

	(void)bcall_video_update(bc);
	bcall_hold_update(bc);
	bcall_tell_identity(bc, leg);

	return 0;
}


/**
 * A phone calls: does its INVITE belong to a call that waits for it?
 *
 * @param ext Extension that is called
 * @param sl  SIP call, taken over if true is returned
 *
 * @return True if it was joined with that call, or refused; false if it is one
 *         as any other
 */
bool await_take(struct ext *ext, struct sipleg *sl)
{
	const struct about *ab = sipleg_about(sl);
	struct raise_refused r = {
		.ext = ext, .aor = ext->map->aor, .uri = sipleg_peer_uri(sl),
		.callid = sipleg_id(sl)
	};
	void *aw = NULL;

	switch (token_take(tokens, ab ? ab->token : NULL, ext, &aw,
			   mono_ms())) {

	case TOKEN_WAITING:
		r.scode = join(ext, aw, sl);
		r.why   = "cannot be joined with the call that waits for it";
		if (r.scode)
			bcall_hangup(await_call(aw), END_INTERNAL, r.why);
		break;

	case TOKEN_USED:
		r.scode = 482;
		r.why   = "it has come before, by another INVITE";
		break;

	case TOKEN_OVER:
		r.scode = 603;
		r.why   = "the call that waited for it is over";
		break;

	default:
		return false;
	}

	if (r.scode) {
		raise_sip_refused(&r);
		sipleg_end(sl, r.scode, 0);
		mem_deref(sl);
	}

	return true;
}


/**
 * Forget all tokens
 */
void await_close(void)
{
	tokens = mem_deref(tokens);
}
