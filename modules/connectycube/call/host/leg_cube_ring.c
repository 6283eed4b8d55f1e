/**
 * @file call/host/leg_cube_ring.c  Apps are rung
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/warm.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/snapshot.h"
#include "config/users.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/policy_video.h"
#include "call/leg.h"
#include "call/leg_cube.h"
#include "call/callerinfo.h"
#include "call/call.h"
#include "call/bridge.h"
#include "call/messages.h"
#include "call/mode.h"


/**
 * One of those that are rung does not want the call. See cube_call_declined_h
 *
 * @param user User id
 * @param arg  Leg
 */
void leg_cube_declined(const char *user, void *arg)
{
	const struct leg_cube *lc = arg;

	if (lc->leg.call)
		missed_declined(lc->leg.call, user);
}


/**
 * Ring the apps of cloud users
 *
 * @param leg    Leg, which belongs to a call, or to a transfer
 * @param ext    Extension that calls
 * @param idv    User ids
 * @param idc    Number of user ids
 * @param caller Who calls, shown to the app
 * @param other  The other leg's media, NULL if there is none yet
 *
 * @return 0 if success, otherwise errorcode
 */
int leg_cube_ring(struct leg *leg, const struct ext *ext,
		  const char *const *idv, size_t idc,
		  const struct leg_peer *caller,
		  const struct leg_media *other)
{
	struct leg_cube *lc = (struct leg_cube *)leg;
	const struct peer_media_prm *video = NULL;
	struct leg_cube_audio a;
	struct leg_cube_video v;
	char kbps[16];
	struct cube_info infov[CALLERINFO_MAX + 4];
	char users[EVENT_URI];
	size_t infoc = callerinfo(infov, caller);
	int err;

	infov[infoc++] = (struct cube_info){"extension", ext->map->name};
	if (ext->map->department)
		infov[infoc++] = (struct cube_info){"department",
			ext->map->department};

	/* its accept has another phone take the call: there is no media */
	if (!mode_has_sip())
		infov[infoc++] = (struct cube_info){"mode", "ami"};

	if ((other && other->video.on) ||
	    bridge_config()->video_offer == VIDEO_OFFER_ALWAYS)
		video = leg_cube_video(&v, other ? &other->video : NULL);

	if (video) {
		(void)re_snprintf(kbps, sizeof(kbps), "%u",
				  video->bandwidth / 1000);
		infov[infoc++] = (struct cube_info){"maxBandwidth", kbps};
	}

	leg_set_state(leg, LEG_CALLING);

	err = cube_call_connect(&lc->cc, ext->cube, idv, idc,
				video ? CUBE_CALL_VIDEO : CUBE_CALL_AUDIO,
				leg_cube_audio(&a, other ? &other->audio
					       : NULL),
				video, infov, infoc, &leg_cube_handlers, lc);
	if (err)
		return err;

	raise_leg(leg, EVENT_LEG_NEW, raise_users(users, sizeof(users), leg));

	return leg_set_peer(leg, NULL, cube_call_user(lc->cc), NULL);
}


/**
 * Ring the apps of cloud users: a new leg of the call
 *
 * @param bc     Call
 * @param idv    User ids
 * @param idc    Number of user ids
 * @param caller Who calls, shown to the app
 * @param other  The other leg's media, NULL if there is none yet
 *
 * @return 0 if success, otherwise errorcode
 */
int leg_cube_connect(struct bcall *bc, const char *const *idv, size_t idc,
		     const struct leg_peer *caller,
		     const struct leg_media *other)
{
	struct leg *leg;
	int err;

	err = leg_cube_alloc(&leg);
	if (err)
		return err;

	bcall_add_leg(bc, leg);

	err = leg_cube_ring(leg, bc->ext, idv, idc, caller, other);
	if (err)
		mem_deref(leg);

	return err;
}
