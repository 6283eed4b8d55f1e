/**
 * @file call/leg_mute.c  What a leg does that has no media
 *
 * Pure. See leg_mute.h.
 */
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/leg_mute.h"


/**
 * Nobody hears keys
 *
 * @param leg Leg
 * @param key Key
 * @param ms  How long it is [ms]
 *
 * @return ENOTSUP
 */
int leg_mute_key_send(struct leg *leg, char key, uint32_t ms)
{
	(void)leg;
	(void)key;
	(void)ms;

	return ENOTSUP;
}


/**
 * Nobody is told of keys
 *
 * @param leg  Leg
 * @param key  Key
 * @param down It is pressed, not released
 * @param ms   How long it has been [ms]
 * @param sent It is sent by the other leg, too
 */
void leg_mute_key_heard(struct leg *leg, char key, bool down, uint32_t ms,
			bool sent)
{
	(void)leg;
	(void)key;
	(void)down;
	(void)ms;
	(void)sent;
}


/**
 * Describe its media
 *
 * @param leg Leg
 * @param lm  Set to none
 */
void leg_mute_media(const struct leg *leg, struct leg_media *lm)
{
	(void)leg;
	memset(lm, 0, sizeof(*lm));
}


/**
 * Get its end of the audio
 *
 * @param leg   Leg
 * @param me    Left alone
 * @param other Audio of the other leg
 *
 * @return ENOENT
 */
int leg_mute_audio_end(struct leg *leg, struct media_end *me,
		       const struct leg_audio *other)
{
	(void)leg;
	(void)me;
	(void)other;

	return ENOENT;
}


/**
 * Get its end of the video
 *
 * @param leg   Leg
 * @param ve    Left alone
 * @param other Video of the other leg
 *
 * @return ENOENT
 */
int leg_mute_video_end(struct leg *leg, struct video_end *ve,
		       const struct leg_video *other)
{
	(void)leg;
	(void)ve;
	(void)other;

	return ENOENT;
}


/**
 * Media that waits is of no use to it
 *
 * @param leg Leg
 * @param w   Media that waits
 */
void leg_mute_set_warm(struct leg *leg, const struct warm *w)
{
	(void)leg;
	(void)w;
}
