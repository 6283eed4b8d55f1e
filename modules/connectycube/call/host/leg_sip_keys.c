/**
 * @file call/host/leg_sip_keys.c  Keys (DTMF) of a phone, and towards one
 *
 *            phone                                    other leg
 *   telephone-event, tones --> audio port --> telephone-event
 *                 SIP INFO --+    ^  |    +-> its signalling
 *                            +----+  +----+
 *   telephone-event <--------- audio port <-- telephone-event
 *          SIP INFO <------------------------ its signalling
 *
 * What both ends can do in RTP the ports do alone. A phone may send
 * one key by two roads: keyroad.c.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/mono.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
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


enum {
	KEY_TIME = 160,         /**< Of a key without a length [ms]        */
};


/**
 * The phone's audio was negotiated
 *
 * @param ls SIP leg
 */
void leg_sip_keys_reset(struct leg_sip *ls)
{
	enum keyroad_can can = KEYROAD_TONES;

	if (policy_sip_event(sipleg_audio(ls->sl), NULL))
		can = KEYROAD_EVENTS;
	else if (bridge_config()->inband == INBAND_NO)
		can = KEYROAD_NOTHING;

	keyroad_reset(&ls->road, can);
	ls->deaf = false;
}


/* Whatever has waited for long enough, and what was learnt of the phone */
static void poll_keys(void *arg)
{
	struct leg_sip *ls = arg;
	const uint64_t now = mono_ms();
	uint64_t due;
	uint32_t ms;
	char key;

	while (keyroad_get(&ls->road, &key, &ms, now)) {
		(void)leg_keys(&ls->leg, &key, 1, ms);
		steer_key_pressed(&ls->leg, key, now);
	}

	due = keyroad_due(&ls->road);
	if (due)
		tmr_start(&ls->tmr_keys, due > now ? due - now : 0, poll_keys,
			  ls);

	if (ls->deaf == keyroad_is_deaf(&ls->road))
		return;

	ls->deaf = !ls->deaf;
	leg_audio_changed(&ls->leg);
}


/**
 * A key has come by RTP, as event or tone; see struct leg_ops
 *
 * @param leg  Leg
 * @param key  Key
 * @param down It is down, and not up again yet
 * @param ms   How long it was held [ms]
 * @param sent The port has sent it on already
 */
void leg_sip_key_heard(struct leg *leg, char key, bool down, uint32_t ms,
		       bool sent)
{
	struct leg_sip *ls = (struct leg_sip *)leg;
	enum keyroad_what what;

	if (down) {
		keyroad_down(&ls->road, key, mono_ms());
		return;
	}

	what = keyroad_rtp(&ls->road, key, ms, mono_ms());

	if (what == KEYROAD_PASS && !sent)
		(void)leg_keys(leg, &key, 1, ms);
	else if (what == KEYROAD_PASS)
		leg_keys_told(leg, 1, 0, NULL);

	if (what == KEYROAD_PASS)
		steer_key_pressed(leg, key, mono_ms());

	/* not inside the audio port, which it may change */
	tmr_start(&ls->tmr_keys, 0, poll_keys, ls);
}


/**
 * A key has come by SIP INFO
 *
 * @param key Key
 * @param ms  How long it was held [ms], 0=unknown
 * @param arg Leg
 */
void leg_sip_info_key(char key, uint32_t ms, void *arg)
{
	struct leg_sip *ls = arg;
	enum keyroad_what what;

	what = keyroad_info(&ls->road, key, ms, mono_ms());

	if (what == KEYROAD_PASS) {
		(void)leg_keys(&ls->leg, &key, 1, ms);
		steer_key_pressed(&ls->leg, key, mono_ms());
	}
	else if (what == KEYROAD_FULL)
		leg_keys_told(&ls->leg, 0, 1, "too many wait already");

	poll_keys(ls);
}


/**
 * Send a key by INFO; see struct leg_ops
 *
 * @param leg Leg
 * @param key Key
 * @param ms  How long it is held [ms], 0=unknown
 *
 * @return 0 if it is on its way, ENOTSUP if that is not wanted, otherwise
 *         errorcode
 */
int leg_sip_key_send(struct leg *leg, char key, uint32_t ms)
{
	struct leg_sip *ls = (struct leg_sip *)leg;
	const enum dtmf_sip how = bridge_config()->dtmf_sip;

	if (how == DTMF_RTP)
		return ENOTSUP;

	return sipleg_send_key(ls->sl, key, ms ? ms : KEY_TIME,
			       how == DTMF_INFO_PLAIN);
}
