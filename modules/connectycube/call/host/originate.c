/**
 * @file call/host/originate.c  Calls that neither a phone nor an app begins
 *
 *   to a user      the extension's phone (dial=) is rung, and when it has
 *                  answered, the user
 *   to a number    an app is rung, and when it has accepted, the number
 *
 * Whoever is to talk first is rung first, so that nobody takes a call in which
 * there is nobody. One of both is a phone, and the other one an app: apps reach
 * one another by the cloud, and phones by their server, without us.
 *
 * The console (/cube_call, /cube_dial) and the hub order them.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/text.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "sip/pure/referto.h"
#include "config/config.h"
#include "config/users.h"
#include "config/userid.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/policy_video.h"
#include "call/dtmf_dedup.h"
#include "call/leg.h"
#include "call/leg_cube.h"
#include "call/leg_sip.h"
#include "call/ring.h"
#include "call/call.h"
#include "call/bridge.h"
#include "call/mode.h"
#include "call/directory.h"
#include "call/originate.h"

#define USER "user:"


static bool is_user(const char *str)
{
	return str && !strncmp(str, USER, strlen(USER));
}


/* The app has accepted: now the phone, which may ring as long again */
static int dial_next(struct bcall *bc)
{
	const struct leg *app = list_ledata(bc->legl.head);
	struct leg_media lm;

	bc->nexth = NULL;
	bcall_start_ringing(bc);
	app->ops->media(app, &lm);

	return leg_sip_connect(bc, bc->next, &lm);
}


/* The phone has answered: now the app */
static int ring_next(struct bcall *bc)
{
	const struct leg *phone = list_ledata(bc->legl.head);
	struct leg_peer caller = phone->peer;
	const char *id = bc->next;
	struct leg_media lm;

	bc->nexth = NULL;
	bcall_start_ringing(bc);
	phone->ops->media(phone, &lm);
	if (!str_isset(caller.name))
		caller.name = caller.number;

	return leg_cube_connect(bc, &id, 1, &caller, &lm);
}


static int begin_phone(struct bcall *bc, const struct leg_media *lm)
{
	bc->nexth = ring_next;
	bcall_start_ringing(bc);

	return leg_sip_connect(bc, NULL, lm);
}


/* Shown to the app as if the number called */
static int begin_app(struct bcall *bc, const char *id,
		     const struct leg_media *lm)
{
	const struct user_map *map = bc->ext->map;
	const struct leg_peer caller = {
		.name = map->name, .number = bc->next ? bc->next : map->dial,
		.uri = map->aor,
	};

	bc->nexth = dial_next;
	bcall_start_ringing(bc);

	return leg_cube_connect(bc, &id, 1, &caller, lm);
}


/* from: id of the app's user who is rung first, NULL=the phone is */
static int begin(struct bcall **bcp, struct ext *ext, const char *from,
		 const char *next, bool video)
{
	const struct leg_media lm = {.video = {.on = video}};
	struct bcall *bc;
	int err;

	err = bcall_alloc(&bc, bridge_env(), ext, &ext->calll, from && next);
	if (err)
		return err;

	bc->first = from ? EVENT_APP : EVENT_PHONE;
	if (next)
		err = str_dup(&bc->next, next);
	if (!err)
		err = from ? begin_app(bc, from, &lm) : begin_phone(bc, &lm);
	if (err) {
		const enum end_reason reason = end_reason_by_errno(err);

		bcall_hangup(bc, reason ? reason : END_INTERNAL,
			     from ? "cloud: cannot call" : "cannot dial");
		return err;
	}

	*bcp = bc;

	return 0;
}


static int refuse(const char **reasonp, int err, const char *reason)
{
	*reasonp = reason;

	return err;
}


/* Can the extension take part in one more call? */
static int check_ext(const struct ext *ext, const char **reasonp)
{
	if (!mode_has_sip())
		return refuse(reasonp, ENOTSUP, "this extension has no SIP"
			      " (connectycube_mode ami-only)");
	if (ext->leaving || !sip_ua_exists(ext->ua))
		return refuse(reasonp, ENOENT, "the extension is going");
	if (bridge_is_draining())
		return refuse(reasonp, EBUSY, "no more calls are taken");
	if (bridge_full(false))
		return refuse(reasonp, EBUSY, "too many calls");
	if (!ext_is_online(ext))
		return refuse(reasonp, EBUSY, "the cloud is not online");

	return 0;
}


static int find_user(const char **idp, const char *ref, const char **reasonp)
{
	switch (dirsync_find(ref, idp)) {

	case 0:      return 0;
	case ENOENT: return refuse(reasonp, ENOENT, "no such user in the"
				   " application");
	default:     return refuse(reasonp, EBUSY, "that user is not looked up"
				   " yet, or not in the users file");
	}
}


/**
 * May somebody who steers the bridge, and is not who runs it, have an
 * extension call an address? Numbers are those of its server, and servers
 * those that it may be sent on to, too (connectycube_redirect)
 *
 * @param ext    Extension
 * @param target Number or address
 *
 * @return 0 if it may, EINVAL if it is neither, EPERM if it may not
 */
int originate_may(const struct ext *ext, const char *target)
{
	struct referto rt;
	struct pl pl;

	if (!ext || !str_isset(target))
		return EINVAL;
	if (!strchr(target, ':'))
		return 0;

	pl_set_str(&pl, target);
	if (referto_decode(&rt, &pl))
		return EINVAL;

	return sip_ua_exists(ext->ua) && sip_may_go(ext->ua, &rt) ? 0 : EPERM;
}


static int to_number(struct bcall **bcp, struct ext *ext,
		     const struct originate *o, const char **reasonp)
{
	const char *id, *number = o->to;
	struct referto rt;
	struct pl pl;
	int err;

	if (!is_user(o->from))
		return refuse(reasonp, EINVAL, "from: user:ID is missing, whom"
			      " to ring before a number");

	/* as it was looked at by originate_may(): nothing else of it counts */
	if (number && strchr(number, ':')) {
		pl_set_str(&pl, number);
		if (referto_decode(&rt, &pl))
			return refuse(reasonp, EINVAL, "to: a number, a sip:"
				      " address or user:ID");
		number = rt.host[0] ? rt.uri : rt.user;
	}
	if (!number && !str_isset(ext->map->dial))
		return refuse(reasonp, EINVAL, "no dial= address");

	err = find_user(&id, o->from + strlen(USER), reasonp);

	return err ? err : begin(bcp, ext, id, number, o->video);
}


static int to_user(struct bcall **bcp, struct ext *ext,
		   const struct originate *o, const char **reasonp)
{
	const char *id;
	int err;

	if (o->from)
		return refuse(reasonp, EINVAL, "from: to a user it is the"
			      " extension's phone that calls");
	if (!str_isset(ext->map->dial))
		return refuse(reasonp, EINVAL, "no dial= address: there is no"
			      " phone to be rung");

	err = find_user(&id, o->to + strlen(USER), reasonp);

	return err ? err : begin(bcp, ext, NULL, id, o->video);
}


/**
 * Begin a call
 *
 * @param bcp     Set to it
 * @param ext     Extension
 * @param o       Who is to be rung
 * @param reasonp Set to why it is not begun
 *
 * @return 0 if the first one is being rung, EINVAL if it says nobody or dial=
 *         is missing, ENOENT if there is no such user, EBUSY if it cannot be
 *         now, otherwise errorcode
 */
int originate(struct bcall **bcp, struct ext *ext, const struct originate *o,
	      const char **reasonp)
{
	int err;

	if (!bcp || !ext || !o || !reasonp)
		return EINVAL;

	*reasonp = "internal error";

	err = check_ext(ext, reasonp);
	if (err)
		return err;

	return is_user(o->to) ? to_user(bcp, ext, o, reasonp)
		: to_number(bcp, ext, o, reasonp);
}
