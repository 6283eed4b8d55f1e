/**
 * @file call/leg.c  What the legs of all kinds have in common
 *
 * Pure. See leg.h.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "audio/audio.h"
#include "rtp/rtcp.h"
#include "rtp/avsync.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/tap.h"


/**
 * Name a state
 *
 * @param state State
 *
 * @return Name
 */
const char *leg_state_name(enum leg_state state)
{
	switch (state) {

	case LEG_IDLE:     return "IDLE";
	case LEG_CALLING:  return "CALLING";
	case LEG_RINGING:  return "RINGING";
	case LEG_ANSWERED: return "ANSWERED";
	case LEG_UP:       return "UP";
	case LEG_CLOSED:   return "CLOSED";
	default:           return "?";
	}
}


static uint32_t call_id(const struct leg *leg)
{
	return leg->call ? leg->call->id : 0;
}


static void key_handler(char key, bool down, uint32_t ms, bool sent,
			void *arg)
{
	struct leg *leg = arg;

	leg->ops->key_heard(leg, key, down, ms, sent);
}


/**
 * Begin a leg of a kind, all zero
 *
 * @param leg      Leg; to be released by leg_reset() on error, too
 * @param ops      What its kind can do
 * @param codecl   Audio codecs (struct acodec), must outlive it
 * @param incoming True if it called us
 *
 * @return 0 if success, otherwise errorcode
 */
int leg_init(struct leg *leg, const struct leg_ops *ops,
	     const struct list *codecl, bool incoming)
{
	static uint32_t num;
	int err;

	leg->ops      = ops;
	leg->incoming = incoming;
	leg->num      = ++num;

	err = audio_port_alloc(&leg->audio, ops->key, codecl);
	if (!err)
		audio_port_set_key_handler(leg->audio, key_handler, leg);

	return err;
}


/**
 * A leg has video, or is shown some: make its port, if it has none. Lips move
 * with the words: both report by one clock
 *
 * @param leg Leg
 * @param cfg What all video has in common
 *
 * @return 0 if success, ENOMEM
 */
int leg_need_video(struct leg *leg, const struct video_config *cfg)
{
	struct avsync *av = NULL;
	int err;

	if (leg->video)
		return 0;

	err = avsync_alloc(&av);
	if (err)
		return err;

	err = video_port_alloc(&leg->video, leg->ops->party, cfg);
	if (!err) {
		audio_port_set_sync(leg->audio, av);
		video_port_set_sync(leg->video, av);
		bcall_tap_ports(leg);
	}

	mem_deref(av);

	return err;
}


/**
 * Release what a leg has; for the destructors of the kinds, when nothing comes
 * in any more
 *
 * @param leg Leg
 */
void leg_reset(struct leg *leg)
{
	if (leg->call)
		bcall_tap_left(leg);
	list_unlink(&leg->le);
	leg->call = NULL;
	leg->h    = NULL;

	prompt_gone(leg);
	leg->player = mem_deref(leg->player);
	leg->audio = mem_deref(leg->audio);
	leg->video = mem_deref(leg->video);

	leg->peer.name   = mem_deref(leg->peer.name);
	leg->peer.number = mem_deref(leg->peer.number);
	leg->peer.uri    = mem_deref(leg->peer.uri);
}


static int set_str(char **dst, const char *src)
{
	*dst = mem_deref(*dst);

	return src ? str_dup(dst, src) : 0;
}


/**
 * Set who is behind a leg
 *
 * @param leg    Leg
 * @param name   Display name, or NULL
 * @param number Number, or user id, or NULL
 * @param uri    Address, or NULL
 *
 * @return 0 if success, otherwise errorcode
 */
int leg_set_peer(struct leg *leg, const char *name, const char *number,
		 const char *uri)
{
	int err;

	err = set_str(&leg->peer.name, name);
	if (!err)
		err = set_str(&leg->peer.number, number);
	if (!err)
		err = set_str(&leg->peer.uri, uri);

	return err;
}


/**
 * Answer who waits, with what another party can do
 *
 * @param leg   Leg that waits
 * @param other Whom it is to hear
 *
 * @return 0 if success, otherwise errorcode
 */
int leg_answer(struct leg *leg, const struct leg *other)
{
	struct leg_media lm;

	other->ops->media(other, &lm);
	leg_set_state(leg, LEG_ANSWERED);

	return leg->ops->answer(leg, &lm);
}


/**
 * Change a leg's state; the only place that does
 *
 * @param leg   Leg
 * @param state New state
 */
void leg_set_state(struct leg *leg, enum leg_state state)
{
	if (leg->state == state)
		return;

	clog_debug("call %u: %s: %s -> %s\n", call_id(leg), leg->ops->party,
		   leg_state_name(leg->state), leg_state_name(state));

	leg->state = state;
}


/* Nothing happens any more on a leg that is over. Both may come in one turn */
static const struct leg_handlers *handlers(const struct leg *leg)
{
	static const struct leg_handlers none;

	return leg->h && leg->state != LEG_CLOSED ? leg->h : &none;
}


/**
 * The party behind a leg has put us on hold, or taken us off it
 *
 * @param leg  Leg
 * @param held True if we are on hold
 */
void leg_set_held(struct leg *leg, bool held)
{
	if (leg->held == held)
		return;

	leg->held = held;

	if (handlers(leg)->heldh)
		leg->h->heldh(leg);
}


/**
 * Does a leg wait for an answer of ours?
 *
 * @param leg Leg
 *
 * @return True if it called us and was not answered
 */
bool leg_waits(const struct leg *leg)
{
	return leg->incoming && leg->state < LEG_ANSWERED;
}


/**
 * Was a leg answered, by whichever side?
 *
 * @param leg Leg
 *
 * @return True if it was, and has not ended
 */
bool leg_is_answered(const struct leg *leg)
{
	return leg->state == LEG_ANSWERED || leg->state == LEG_UP;
}


/**
 * Where is the party of a leg?
 *
 * @param leg Leg
 *
 * @return Its address, or else its number or user id; NULL=not known
 */
const char *leg_address(const struct leg *leg)
{
	return leg->peer.uri ? leg->peer.uri : leg->peer.number;
}


static void close_ports(struct leg *leg)
{
	leg_close_path(leg);
	prompt_gone(leg);
	audio_port_close(leg->audio);
	video_port_close(leg->video);
}


/**
 * End a leg: refuse it if it waits for an answer, else hang up
 *
 * @param leg   Leg; one that is over is left
 * @param cause Why
 */
void leg_end(struct leg *leg, const struct leg_cause *cause)
{
	if (leg->state == LEG_CLOSED)
		return;

	close_ports(leg);

	/* which of both depends on the state */
	leg->ops->end(leg, cause);
	leg_set_state(leg, LEG_CLOSED);
}


/**
 * A leg rings
 *
 * @param leg Leg; it may be gone afterwards
 */
void leg_ringing(struct leg *leg)
{
	if (leg->state > LEG_CALLING)
		return;

	leg_set_state(leg, LEG_RINGING);

	if (handlers(leg)->ringingh)
		leg->h->ringingh(leg);
}


/**
 * A leg is heard before it answers: what its network plays, an announcement or a
 * tone
 *
 * @param leg Leg; it may be gone afterwards
 */
void leg_early(struct leg *leg)
{
	if (leg->state >= LEG_ANSWERED)
		return;

	if (handlers(leg)->earlyh)
		leg->h->earlyh(leg);
}


/**
 * A leg has answered
 *
 * @param leg Leg; it may be gone afterwards
 */
void leg_answered(struct leg *leg)
{
	if (leg->state >= LEG_ANSWERED)
		return;

	leg_set_state(leg, LEG_ANSWERED);

	if (handlers(leg)->answeredh)
		leg->h->answeredh(leg);
}


/**
 * Media may flow on a leg
 *
 * @param leg Leg; it may be gone afterwards
 */
void leg_up(struct leg *leg)
{
	if (leg->state >= LEG_UP)
		return;

	leg_set_state(leg, LEG_UP);

	/* the far side may end it before anybody looks at it again */
	leg_learn_path(leg);

	if (handlers(leg)->uph)
		leg->h->uph(leg);
}


/**
 * Audio was negotiated on a leg, or anew
 *
 * @param leg Leg
 */
void leg_audio_changed(struct leg *leg)
{
	if (handlers(leg)->audioh)
		leg->h->audioh(leg);
}


/**
 * Video was negotiated on a leg, or anew
 *
 * @param leg Leg
 */
void leg_video_changed(struct leg *leg)
{
	if (handlers(leg)->videoh)
		leg->h->videoh(leg);
}


/**
 * Somebody else is behind a leg, as leg_set_peer() was told
 *
 * @param leg Leg
 */
void leg_identity_changed(struct leg *leg)
{
	if (handlers(leg)->identityh)
		leg->h->identityh(leg);
}


/**
 * Keys were pressed on a leg, that are not on their way already as
 * telephone-event
 *
 * @param leg  Leg
 * @param keys Keys. They may be a PIN: do not log them
 * @param n    Number of keys
 * @param ms   For how long each [ms], 0=unknown
 *
 * @return 0 if success, ENOTCONN if there is nobody to get them, otherwise
 *         errorcode of one that did not get through
 */
int leg_keys(struct leg *leg, const char *keys, size_t n, uint32_t ms)
{
	if (!handlers(leg)->keysh)
		return ENOTCONN;

	return leg->h->keysh(leg, keys, n, ms);
}


/**
 * Keys that were pressed on a leg are on their way as telephone-event, or got
 * lost before anybody could pass them on
 *
 * @param leg  Leg
 * @param sent How many are on their way
 * @param lost How many got lost
 * @param why  Why, NULL=none did
 */
void leg_keys_told(struct leg *leg, size_t sent, size_t lost, const char *why)
{
	if (handlers(leg)->keys_toldh)
		leg->h->keys_toldh(leg, sent, lost, why);
}


/**
 * A leg cannot go on, for a reason of ours: its party has not been told
 *
 * @param leg   Leg; it may be gone afterwards
 * @param cause Why
 */
void leg_failed(struct leg *leg, const struct leg_cause *cause)
{
	leg->cause = *cause;

	if (handlers(leg)->failedh)
		leg->h->failedh(leg);
}


/**
 * A leg is over, by what its party or the network did
 *
 * @param leg   Leg; it may be gone afterwards
 * @param cause Why
 */
void leg_closed(struct leg *leg, const struct leg_cause *cause)
{
	leg_event_h *closedh = handlers(leg)->closedh;

	if (leg->state == LEG_CLOSED)
		return;

	leg->cause = *cause;
	close_ports(leg);
	leg_set_state(leg, LEG_CLOSED);

	if (closedh)
		closedh(leg);
}
