/**
 * @file call/early.c  What is heard before anybody has answered
 *
 * Pure. The caller may be let in early, or goes on hearing its own ringing tone.
 * Either way nobody has answered: the ring time goes on.
 */
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"


/**
 * A callee is heard before it has answered
 *
 * @param leg Its leg
 */
void bcall_early(struct leg *leg)
{
	struct bcall *bc = leg->call;
	struct leg *caller = bcall_caller(bc);
	struct leg_media lm;
	int err;

	if (bc->early || bcall_is_answered(bc))
		return;

	bc->early = true;
	raise_early(bc);

	if (!bc->env->early || !caller || !leg_waits(caller) ||
	    !caller->ops->early)
		return;

	leg->ops->media(leg, &lm);
	err = caller->ops->early(caller, &lm);
	if (!err)
		err = bcall_audio_update(bc);
	if (err)
		raise_not_bridged(bc, "audio", err);
	else
		(void)bcall_video_update(bc);
}


/**
 * What was heard before has made way for who has answered
 *
 * @param bc Call
 */
void bcall_early_over(const struct bcall *bc)
{
	struct leg *leg = bcall_caller(bc);

	if (!leg || !leg->early)
		return;

	leg->early = false;
	if (leg->ops->early_over)
		leg->ops->early_over(leg);
}
