/**
 * @file bridge/keys.c  Keys (DTMF) that do not go from RTP to RTP
 *
 *            phone                                    app
 *   telephone-event, tones --> audio pair --> telephone-event
 *                 SIP INFO --+    ^  |    +-> update: userInfo dtmf
 *                            +----+  +----+
 *   telephone-event <--------- audio pair <-- telephone-event
 *          SIP INFO <------------------------ update: userInfo dtmf
 *
 * What both ends can do in RTP the audio pair does alone. A phone may send
 * one key by two roads: keyroad.c.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/mono.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "media/media.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config.h"
#include "bridge/users.h"
#include "bridge/policy.h"
#include "bridge/keyroad.h"
#include "bridge/bridge.h"


static const char info_name[] = "dtmf";  /**< In userInfo of `update` */

/** The keys of a call's phone */
struct bcall_keys {
	struct bcall *bc;       /**< Call (parent)                         */
	struct keyroad road;    /**< By which road they come               */
	struct tmr tmr;         /**< Keys that wait                        */
	bool deaf;              /**< Tones are no keys                     */
};


static void destructor(void *data)
{
	struct bcall_keys *keys = data;

	tmr_cancel(&keys->tmr);
}


/**
 * Get ready for a call's keys
 *
 * @param keysp Pointer to the keys; to be freed before the call's legs
 * @param bc    Call
 *
 * @return 0 if success, otherwise errorcode
 */
int bcall_keys_alloc(struct bcall_keys **keysp, struct bcall *bc)
{
	struct bcall_keys *keys;

	keys = mem_zalloc(sizeof(*keys), destructor);
	if (!keys)
		return ENOMEM;

	keys->bc = bc;

	*keysp = keys;

	return 0;
}


/**
 * The phone's audio was negotiated
 *
 * @param bc Call
 */
void bcall_keys_reset(struct bcall *bc)
{
	struct bcall_keys *keys = bc->keys;
	enum keyroad_can can = KEYROAD_TONES;

	if (policy_sip_event(sipleg_audio(bc->leg), NULL))
		can = KEYROAD_EVENTS;
	else if (bridge_config()->inband == INBAND_NO)
		can = KEYROAD_NOTHING;

	keyroad_reset(&keys->road, can);
	keys->deaf = false;
}


/**
 * Are tones of the phone no keys, because those come by SIP INFO?
 *
 * @param bc Call
 *
 * @return True if they are none
 */
bool bcall_keys_deaf(const struct bcall *bc)
{
	return bc->keys->deaf;
}


static int send_phone(struct bcall *bc, char key, uint32_t ms)
{
	const enum dtmf_sip how = bridge_config()->dtmf_sip;
	int err;

	err = audio_pair_send_key(bc->audio, LEG_SIP, key, ms);

	if (err == ENOTSUP && how != DTMF_RTP)
		err = sipleg_send_key(bc->leg, key, ms ? ms : 160,
				      how == DTMF_INFO_PLAIN);

	return err;
}


/* How many, but not which: they may be a PIN */
static void keys_passed(const struct bcall *bc, enum event_side to,
			size_t sent, size_t lost, int err)
{
	char why[128] = "";

	if (err)
		(void)re_snprintf(why, sizeof(why), "%m", err);

	raise_keys(bc, to, sent, lost, why);
}


static void tell_phone(struct bcall *bc, const char *keys, size_t n,
		       uint32_t ms)
{
	size_t i, lost = 0;
	int e, err = 0;

	for (i=0; i<n; i++) {

		e = send_phone(bc, keys[i], ms);
		if (e) {
			err = e;
			++lost;
		}
	}

	keys_passed(bc, EVENT_PHONE, n - lost, lost, err);
}


static void tell_app(struct bcall *bc, char key, uint32_t ms)
{
	const char str[2] = {key, '\0'};
	const struct cube_info inf = {info_name, str};
	int err;

	err = audio_pair_send_key(bc->audio, LEG_CUBE, key, ms);

	if (err == ENOTSUP)
		err = cube_call_update(bc->cube, &inf, 1);

	keys_passed(bc, EVENT_APP, !err, !!err, err);
}


/* Whatever has waited for long enough, and what was learnt of the phone */
static void poll_keys(void *arg)
{
	struct bcall_keys *keys = arg;
	const uint64_t now = mono_ms();
	uint64_t due;
	uint32_t ms;
	char key;

	while (keyroad_get(&keys->road, &key, &ms, now))
		tell_app(keys->bc, key, ms);

	due = keyroad_due(&keys->road);
	if (due)
		tmr_start(&keys->tmr, due > now ? due - now : 0, poll_keys,
			  keys);

	if (keys->deaf == keyroad_is_deaf(&keys->road))
		return;

	keys->deaf = !keys->deaf;
	(void)bcall_audio_update(keys->bc);
}


/* A key in RTP, as event or tone */
void bcall_media_key(enum media_leg leg, char key, bool down, uint32_t ms,
		     bool sent, void *arg)
{
	struct bcall *bc = arg;
	struct bcall_keys *keys = bc->keys;
	enum keyroad_what what;

	if (leg == LEG_CUBE) {
		if (!down && !sent)
			tell_phone(bc, &key, 1, ms);
		else if (!down)
			raise_keys(bc, EVENT_PHONE, 1, 0, NULL);
		return;
	}

	if (down) {
		keyroad_down(&keys->road, key, mono_ms());
		return;
	}

	what = keyroad_rtp(&keys->road, key, ms, mono_ms());

	if (what == KEYROAD_PASS && !sent)
		tell_app(bc, key, ms);
	else if (what == KEYROAD_PASS)
		raise_keys(bc, EVENT_APP, 1, 0, NULL);

	/* not inside the audio pair, which it may change */
	tmr_start(&keys->tmr, 0, poll_keys, keys);
}


/* A key by SIP INFO */
void bcall_sip_key(char key, uint32_t ms, void *arg)
{
	struct bcall *bc = arg;
	struct bcall_keys *keys = bc->keys;
	enum keyroad_what what;

	what = keyroad_info(&keys->road, key, ms, mono_ms());

	if (what == KEYROAD_PASS)
		tell_app(bc, key, ms);
	else if (what == KEYROAD_FULL)
		raise_keys(bc, EVENT_APP, 0, 1, "too many wait already");

	poll_keys(keys);
}


/* An `update` signal: dtmf holds one key or several */
void bcall_cube_update(const struct cube_info *infov, size_t infoc,
		       void *arg)
{
	struct bcall *bc = arg;
	size_t i;

	for (i=0; i<infoc; i++) {

		if (!str_casecmp(infov[i].name, info_name))
			tell_phone(bc, infov[i].value,
				   str_len(infov[i].value), 0);
	}
}
