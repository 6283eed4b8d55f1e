/**
 * @file call/host/leg_sip_ring.c  A phone that calls hears that it rings
 *
 *      --> 180                    its own ringing tone
 *      --> 183 SDP, RTP           ours, by configuration
 *      --> 200 SDP                who has answered, in the same stream
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "audio/sound.h"
#include "audio/soundfile.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/policy_video.h"
#include "call/dtmf_dedup.h"
#include "call/leg.h"
#include "call/leg_sip.h"


static struct sound *tone;      /* NULL=the phone has its own */
static struct soundfile *file;  /* of that, NULL=none */
static const char *file_at;     /* where it is configured */


static void unusable(const char *ringback, const char *why)
{
	clog_warning("%s: %s: %s: %s\n", file_at, ringback, why,
		     tone ? "what it was before is played"
		     : "phones have their own ringing tone");
}


static void file_handler(struct sound *s, const char *why, bool again,
			 void *arg)
{
	const char *path = arg;

	if (!s) {
		unusable(path, why);
		return;
	}

	mem_deref(tone);
	tone = mem_ref(s);
	if (again)
		clog_info("connectycube_ringback: %s has been read again\n",
			  path);
}


/**
 * Get ready what phones hear while an app rings
 *
 * @param ringback Tone as in sound_spec(), or the path of a file; stays until
 *                 leg_sip_ring_close(). NULL=nothing
 * @param at       Where that is configured; the same
 */
void leg_sip_ring_init(const char *ringback, const char *at)
{
	int err;

	leg_sip_ring_close();
	file_at = at;

	if (!ringback)
		return;

	if (ringback[0] == '/')
		err = soundfile_alloc(&file, ringback, file_handler,
				      (void *)ringback);
	else
		err = sound_spec(&tone, ringback);

	if (err)
		unusable(ringback, strerror(err));
}


/**
 * Undo leg_sip_ring_init()
 */
void leg_sip_ring_close(void)
{
	file = mem_deref(file);
	tone = mem_deref(tone);
}


static void play(struct leg_sip *ls)
{
	struct leg *leg = &ls->leg;
	struct media_end end;
	int err;

	err = sipleg_progress(ls->sl);
	if (!err)
		err = leg_sip_audio_end(leg, &end, NULL);
	if (!err)
		err = audio_port_set(leg->audio, &end);
	if (!err)
		err = audio_player_alloc(&ls->ringback, leg->audio, tone,
					 PLAYER_LOOP, NULL, NULL);

	/* it has its own */
	if (err)
		clog_debug("no ringing tone for %s: %m\n",
			   sipleg_peer_uri(ls->sl), err);
}


/**
 * The other party rings; see struct leg_ops
 *
 * @param leg Leg
 *
 * @return 0 if success, otherwise errorcode
 */
int leg_sip_ring(struct leg *leg)
{
	struct leg_sip *ls = (struct leg_sip *)leg;
	int err;

	err = sipleg_ring(ls->sl);

	if (!err && tone && !ls->ringback)
		play(ls);

	return err;
}
