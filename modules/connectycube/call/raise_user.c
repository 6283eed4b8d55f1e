/**
 * @file call/raise_user.c  Events of what users have set
 *
 * See raise.h.
 */
#include <re.h>
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "config/users.h"
#include "call/bridge.h"


/**
 * Do-not-disturb was set or taken back
 *
 * @param ext  Extension
 * @param user User id, NULL=all of it
 * @param on   True if it is on
 * @param by   Who did it
 */
void raise_dnd(const struct ext *ext, const char *user, bool on,
	       enum event_side by)
{
	struct event ev;

	if (!event_wanted(EVENT_USER))
		return;

	event_init(&ev, EVENT_USER_DND);
	event_copy_str(ev.ext, sizeof(ev.ext), ext->map->aor);
	event_copy_str(ev.user.user, sizeof(ev.user.user), user);
	ev.user.on = on;
	ev.user.by = by;
	event_raise(&ev);
}
