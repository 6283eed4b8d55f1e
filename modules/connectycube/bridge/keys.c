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
 * What both ends can do in RTP the audio pair does alone.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "media/media.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config.h"
#include "bridge/users.h"
#include "bridge/bridge.h"


static const char info_name[] = "dtmf";  /**< In userInfo of `update` */


static void tell_phone(struct bcall *bc, char key, uint32_t ms)
{
	const enum dtmf_sip how = bridge_config()->dtmf_sip;
	int err;

	err = audio_pair_send_key(bc->audio, LEG_SIP, key, ms);

	if (err == ENOTSUP && how != DTMF_RTP)
		err = sipleg_send_key(bc->leg, key, ms ? ms : 160,
				      how == DTMF_INFO_PLAIN);

	if (err)
		info("connectycube: call %u: a key did not reach the phone:"
		     " %m\n", bc->id, err);
}


static void tell_app(struct bcall *bc, char key, uint32_t ms)
{
	const char str[2] = {key, '\0'};
	const struct cube_info inf = {info_name, str};
	int err;

	err = audio_pair_send_key(bc->audio, LEG_CUBE, key, ms);

	if (err == ENOTSUP)
		err = cube_call_update(bc->cube, &inf, 1);

	if (err)
		info("connectycube: call %u: a key did not reach the app:"
		     " %m\n", bc->id, err);
}


/* A key in RTP, as event or tone */
void bcall_media_key(enum media_leg leg, char key, uint32_t ms, bool sent,
		     void *arg)
{
	struct bcall *bc = arg;

	if (sent)
		return;

	if (leg == LEG_CUBE)
		tell_phone(bc, key, ms);
	else
		tell_app(bc, key, ms);
}


/* A key by SIP INFO */
void bcall_sip_key(char key, uint32_t ms, void *arg)
{
	tell_app(arg, key, ms);
}


/* An `update` signal: dtmf holds one key or several */
void bcall_cube_update(const struct cube_info *infov, size_t infoc,
		       void *arg)
{
	struct bcall *bc = arg;
	const char *p;
	size_t i;

	for (i=0; i<infoc; i++) {

		if (str_casecmp(infov[i].name, info_name))
			continue;

		for (p = infov[i].value; p && *p; p++)
			tell_phone(bc, *p, 0);
	}
}
