/**
 * @file call/steercall.c  A call, as modules beside the bridge see it
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "config/config.h"
#include "config/users.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/bridge.h"
#include "call/leg.h"
#include "call/call.h"


static enum steer_policy get_policy(const struct user_map *map)
{
	switch (map->record) {

	case USER_RECORD_OFF:    return STEER_POLICY_OFF;
	case USER_RECORD_DEMAND: return STEER_POLICY_DEMAND;
	case USER_RECORD_ALWAYS: return STEER_POLICY_ALWAYS;
	default:                 return STEER_POLICY_DEFAULT;
	}
}


static enum steer_mode get_mode(const struct user_map *map)
{
	return map->record_video == USER_YES ? STEER_MODE_VIDEO :
		map->record_video == USER_NO ? STEER_MODE_AUDIO :
		STEER_MODE_DEFAULT;
}


/**
 * Get what a call is now. Parties that there is no room for are not told of
 * one by one, but that there are some is
 *
 * @param sc Set to it
 * @param bc Call
 */
void steer_read_call(struct steer_call *sc, const struct bcall *bc)
{
	const struct user_map *map = bc->ext ? bc->ext->map : NULL;
	struct le *le;

	memset(sc, 0, sizeof(*sc));
	sc->up = bc->state == BCALL_ESTABLISHED;

	if (map) {
		sc->policy = get_policy(map);
		sc->mode   = get_mode(map);
	}

	for (le = bc->legl.head; le; le = le->next) {

		const struct leg *leg = le->data;
		struct steer_party *p;

		if (!leg_is_answered(leg))
			continue;

		if (sc->partyc == STEER_PARTIES) {
			sc->more = true;
			break;
		}

		p = &sc->partyv[sc->partyc++];
		p->leg  = leg->num;
		p->side = leg->ops->side;
		p->up   = leg->state == LEG_UP && !leg->lost;
	}
}
