/**
 * @file call/host/leg_cube_show.c  What is told of a cloud leg
 */
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/policy_video.h"
#include "call/leg.h"
#include "call/leg_cube.h"
#include "call/snapshot.h"


/**
 * What only this kind knows of a leg; see struct leg_ops
 *
 * @param leg Leg
 * @param sl  Filled in
 */
void leg_cube_describe(const struct leg *leg, struct snap_leg *sl)
{
	const struct leg_cube *lc = (const struct leg_cube *)leg;

	event_copy_str(sl->user, sizeof(sl->user), cube_call_user(lc->cc));
	event_copy_str(sl->state, sizeof(sl->state),
		       cube_call_state_name(lc->cc));
	cube_call_push_stat(lc->cc, &sl->pushed, &sl->push_ms);
	(void)re_snprintf(sl->how, sizeof(sl->how), "%H", peer_debug,
			  cube_call_peer(lc->cc));
}


/**
 * What its party is reached with; see struct leg_ops
 *
 * @param leg Leg
 * @param cl  Filled in
 */
void leg_cube_client(const struct leg *leg, struct leg_client *cl)
{
	const struct leg_cube *lc = (const struct leg_cube *)leg;

	cl->platform = cube_call_platform(lc->cc);
}


/**
 * Print the users that it rings, or has; see struct leg_ops
 *
 * @param pf  Print function
 * @param leg Leg
 *
 * @return 0 if success, otherwise errorcode
 */
int leg_cube_users(struct re_printf *pf, const struct leg *leg)
{
	const struct leg_cube *lc = (const struct leg_cube *)leg;

	return cube_call_print_users(pf, lc->cc);
}
