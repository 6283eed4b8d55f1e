/**
 * @file call/leg_path.c  The way that a leg's media takes
 *
 * Pure. What is told of it at the end is what it was until then: the leg's
 * protocol may have let go of it.
 */
#include <re.h>
#include "base/mono.h"
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"


static void count_lost(struct leg *leg, uint64_t now)
{
	if (leg->lost)
		leg->heard.out_ms += (uint32_t)(now - leg->t_lost);
}


/**
 * The media path to a leg is lost, or back
 *
 * @param leg  Leg
 * @param lost True if it is lost
 */
void leg_set_lost(struct leg *leg, bool lost)
{
	const uint64_t now = mono_ms();

	count_lost(leg, now);
	leg->lost   = lost;
	leg->t_lost = now;
	if (lost)
		prompt_lost(leg);
	raise_path(leg, lost);
}


/**
 * See how the media of a leg gets here
 *
 * @param leg Leg
 */
void leg_learn_path(struct leg *leg)
{
	if (leg->ops->path)
		leg->ops->path(leg, &leg->path);
}


/**
 * A leg's media is about to end
 *
 * @param leg Leg
 */
void leg_close_path(struct leg *leg)
{
	leg_learn_path(leg);
	count_lost(leg, mono_ms());
	leg->heard.idle_ms = (uint32_t)min(audio_port_silence(leg->audio),
					   (uint64_t)UINT32_MAX);
}
