/**
 * @file call/hold.c  Parties that put each other on hold
 *
 *   A holds:   leg A ----X covered by the player ----> leg B (music)
 *              leg A <---X A gets nothing ------------ leg B
 *
 * Pure. Either may hold, or both: who holds hears nothing, and is not heard;
 * who is held hears music, unless it holds, too; so does who is alone until a
 * transfer is through, or the other one comes back. All of it follows from the
 * `held` of each leg whenever that, or who is in the call, has changed: so it
 * stays over a transfer and a re-INVITE. Each party is told by its protocol
 * that it is on hold; what it makes of that changes nothing here.
 */
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/tap.h"


/* other: NULL if the party is alone */
static void play(struct bcall *bc, struct leg *leg, const struct leg *other)
{
	const unsigned way = other && other->own_music ? PLAYER_WAY : 0;

	if (prompt_covers(leg))
		return;

	if ((other && !other->held) || leg->held) {
		leg->player   = mem_deref(leg->player);
		leg->music_ms = 0;
		return;
	}

	/* without memory it hears what comes: nothing, if that one is told */
	if (!leg->player &&
	    !audio_player_alloc(&leg->player, leg->audio, bc->env->music,
				PLAYER_LOOP | way, NULL, NULL))
		audio_player_seek(leg->player, leg->music_ms);
}


/**
 * A party hears something else instead of its music, which goes on where it was
 * with the next bcall_hold_update()
 *
 * @param leg Its leg
 */
void bcall_hold_pause(struct leg *leg)
{
	leg->music_ms = audio_player_ms(leg->player);
	leg->player   = mem_deref(leg->player);
}


static void tell(struct leg *leg, bool hold)
{
	if (leg->on_hold == hold)
		return;

	leg->on_hold = hold;

	if (leg->ops->hold)
		leg->ops->hold(leg, hold);
}


/**
 * Let all parties be on hold, or not, as they are now: one holds or is back,
 * or another one has come
 *
 * @param bc Call
 */
void bcall_hold_update(struct bcall *bc)
{
	struct le *le;

	if (!bcall_is_answered(bc))
		return;

	for (le = bc->legl.head; le; le = le->next) {

		struct leg *leg = le->data;
		const struct leg *other = bcall_other(bc, leg);

		if (!leg_is_answered(leg) ||
		    (!other && !bc->transfer && !bc->rejoin))
			continue;

		play(bc, leg, other);

		/* who is alone stays what it was, until somebody comes */
		if (other)
			tell(leg, other->held);
	}
}


/**
 * A party holds the others, or is back: see leg->held
 *
 * @param leg Its leg
 */
void bcall_held(struct leg *leg)
{
	struct bcall *bc = leg->call;
	int err;

	raise_leg(leg, leg->held ? EVENT_LEG_HELD : EVENT_LEG_RESUMED,
		  leg_address(leg));
	bcall_tap_held(leg);

	if (!bcall_is_answered(bc))
		return;

	err = bcall_audio_update(bc);
	if (err)
		raise_not_bridged(bc, "audio", err);

	(void)bcall_video_update(bc);
	bcall_hold_update(bc);
}
