/**
 * @file call/host/amiext.c  Extensions, to a module that steers an Asterisk
 *
 * See call/amiext.h.
 */
#include <re.h>
#include "base/text.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "config/config.h"
#include "config/users.h"
#include "call/amiext.h"
#include "call/event.h"
#include "call/bridge.h"


static enum ami_right get_right(const struct user_map *map)
{
	switch (map->ami) {

	case USER_AMI_VIEW:    return AMI_RIGHT_VIEW;
	case USER_AMI_CONTROL: return AMI_RIGHT_CONTROL;
	default:               return AMI_RIGHT_NONE;
	}
}


static bool show(const struct user_map *map, ami_extension_h *h, void *arg)
{
	struct ami_extension ext = {
		.aor = map->aor, .name = map->name, .right = get_right(map),
		.contexts = map->ami_contexts, .answer = map->ami_answer,
	};
	char user[128] = "";
	struct uri uri;
	struct pl pl;

	/* one whose name has no room is that of no device */
	pl_set_str(&pl, map->aor);
	if (!uri_decode(&uri, &pl) && text_str(user, sizeof(user), &uri.user))
		user[0] = '\0';
	ext.user = user;

	return h(&ext, arg);
}


/**
 * Show all extensions, but those that go
 *
 * @param h   Handler
 * @param arg Handler argument
 *
 * @return true if it has stopped
 */
bool amiext_apply(ami_extension_h *h, void *arg)
{
	struct le *le;

	for (le = list_head(bridge_exts()); le; le = le->next) {

		const struct ext *ext = le->data;

		if (!ext->leaving && show(ext->map, h, arg))
			return true;
	}

	return false;
}


/**
 * Show one extension
 *
 * @param aor Its address
 * @param h   Handler
 * @param arg Handler argument
 *
 * @return What the handler has returned, false if there is none
 */
bool amiext_find(const char *aor, ami_extension_h *h, void *arg)
{
	const struct ext *ext = aor ? bridge_find(aor) : NULL;

	return ext && show(ext->map, h, arg);
}


/**
 * Does an extension ring a user? Then he is one of its users
 *
 * @param aor  Its address
 * @param user Id of the user
 *
 * @return true if so
 */
bool amiext_rings(const char *aor, const char *user)
{
	const struct ext *ext = aor ? bridge_find(aor) : NULL;

	return ext && user && ext_rings(ext, user);
}
