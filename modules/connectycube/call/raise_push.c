/**
 * @file call/raise_push.c  Events of push notifications
 */
#include <re.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "config/config.h"
#include "config/users.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/bridge.h"
#include "call/leg.h"
#include "call/call.h"


#define COPY(dst, src) event_copy_str((dst), sizeof(dst), (src))


/**
 * A push notification fares well, or not
 *
 * @param leg  Leg of the app
 * @param push How
 */
void raise_push(const struct leg *leg, const struct cube_push *push)
{
	struct event ev;

	if (!event_wanted(EVENT_PUSHES))
		return;

	raise_leg_init(&ev, push->state == CUBE_PUSH_SENT ? EVENT_PUSH_SENT :
		       push->state == CUBE_PUSH_FAILED ? EVENT_PUSH_FAILED :
		       EVENT_PUSH_ONLINE, leg);
	COPY(ev.push.user, push->user);
	COPY(ev.push.text, push->why);
	ev.push.online_ms = push->online_ms;
	event_raise(&ev);
}
