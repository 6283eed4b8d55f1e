/**
 * @file call/host/reach.c  Which users of an extension may be rung now
 *
 *   /cube_dnd, action=dnd --> do-not-disturb of a user, or of all --+
 *                                                                   v
 *   a phone calls --> ring this user? -------- no: as busy, without its app
 *
 * What is set is kept as long as the extension is there, over a users file that
 * is read again, but not over a restart.
 */
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/control.h"
#include "audio/audio.h"
#include "video/video.h"
#include "config/config.h"
#include "config/users.h"
#include "config/userid.h"
#include "call/directory.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/dnd.h"
#include "call/bridge.h"


static bool has_user(const struct bcall *bc, const char *user)
{
	struct le *le;

	for (le = bc->legl.head; le; le = le->next) {

		const struct leg *leg = le->data;

		if (leg->ops->side == EVENT_APP && leg_is_answered(leg) &&
		    !str_cmp(leg->peer.number, user))
			return true;
	}

	return false;
}


/* In a call of whichever extension */
static bool is_in_call(const char *user)
{
	struct le *le, *lec;

	for (le = list_head(bridge_exts()); le; le = le->next) {

		const struct ext *ext = le->data;

		for (lec = ext->calll.head; lec; lec = lec->next) {
			if (has_user(lec->data, user))
				return true;
		}
	}

	return false;
}


static bool has_call_waiting(const struct ext *ext)
{
	return ext->map->waiting == USER_DEFAULT ?
		bridge_config()->call_waiting :
		ext->map->waiting == USER_YES;
}


/**
 * May a user of an extension be rung?
 *
 * @param ext   Extension
 * @param user  User id
 * @param cause Why not (output)
 *
 * @return True if it may
 */
bool ext_may_ring(const struct ext *ext, const char *user,
		  struct leg_cause *cause)
{
	const struct bridge_config *cfg = bridge_config();

	if (dnd_spares(&ext->dndl, user)) {
		cause->scode  = cfg->dnd_code;
		cause->reason = "not to be disturbed";
	}
	else if (!has_call_waiting(ext) && is_in_call(user)) {
		cause->scode  = 486;
		cause->reason = "in a call";
	}
	else {
		return true;
	}

	cause->no = RING_NO_BUSY;

	return false;
}


/**
 * Does an extension ring a user? Whom its line names by something else than an
 * id is who the directory knows
 *
 * @param ext  Extension
 * @param user User id
 *
 * @return True if calls of phones to it do
 */
bool ext_rings(const struct ext *ext, const char *user)
{
	const struct user_map *map = ext->map;
	size_t i;

	for (i=0; i<map->callc; i++) {

		const char *id;

		if (!dirsync_peek(map->callv[i], &id) && !str_cmp(id, user))
			return true;
	}

	return false;
}


static bool has(const char *const *idv, size_t n, const char *id)
{
	size_t i;

	for (i=0; i<n; i++) {
		if (!str_cmp(idv[i], id))
			return true;
	}

	return false;
}


/**
 * Get all users whom an extension rings, each once, by whatever names he is
 * there
 *
 * @param ext Extension
 * @param idv Returned ids, USER_CALL_MAX at most, to be copied
 *
 * @return How many
 */
size_t ext_users(const struct ext *ext, const char **idv)
{
	const struct user_map *map = ext->map;
	size_t i, n = 0;

	for (i=0; i<map->callc; i++) {

		const char *id;

		if (!dirsync_peek(map->callv[i], &id) && !has(idv, n, id))
			idv[n++] = id;
	}

	return n;
}


/**
 * May a user call an extension?
 *
 * @param ext  Extension
 * @param user User id
 *
 * @return 0 if it may, EPERM if not, EAGAIN if it is not known yet who
 *         somebody is who may
 */
int ext_may_call(const struct ext *ext, const char *user)
{
	const struct user_map *map = ext->map;
	int last = EPERM;
	size_t i;

	if (users_may_call(map->callers, user))
		return 0;

	for (i=0; i<map->callerc; i++) {

		const char *id;
		const int err = dirsync_find(map->callerv[i], &id);

		if (!err && !str_cmp(id, user))
			return 0;
		if (err == EAGAIN)
			last = EAGAIN;
	}

	return last;
}


static bool is_named(const struct ext *ext, const char *ref)
{
	const struct user_map *map = ext->map;
	size_t i;

	for (i=0; i<map->callc; i++) {
		if (!str_cmp(map->callv[i], ref))
			return true;
	}

	return false;
}


/* All devices of a user hear what is so now */
static void tell(struct ext *ext, const char *user)
{
	const struct cube_info inf = {
		"state", dnd_spares(&ext->dndl, user) ? "on" : "off"
	};

	(void)cube_tell(ext->cube, user, "dnd", &inf, 1);
}


/**
 * Set whether a user of an extension, or all of them, are to be disturbed
 *
 * @param ext  Extension
 * @param user User id, or name as in the users file; NULL=all
 * @param on   True if not to be disturbed
 * @param by   Who says so
 *
 * @return 0 if success, ENOENT the extension does not ring that user, EAGAIN
 *         it is not known yet whom the name means, ENOMEM
 */
int ext_set_dnd(struct ext *ext, const char *user, bool on,
		enum event_side by)
{
	const char *idv[USER_CALL_MAX];
	bool changed;
	size_t i, n;
	int err = 0;

	if (user)
		err = dirsync_peek(user, &user);
	if (err)
		return is_named(ext, user) ? err : ENOENT;

	if (user && !ext_rings(ext, user))
		return ENOENT;

	err = dnd_set(&ext->dndl, user, on, &changed);
	if (err)
		return err;

	if (changed)
		raise_dnd(ext, user, on, by);

	/* also if nothing is new: whoever has asked wants to know */
	if (user) {
		tell(ext, user);
		return 0;
	}

	n = ext_users(ext, idv);
	for (i=0; i<n; i++)
		tell(ext, idv[i]);

	return 0;
}


static int dnd(struct ext *ext, const struct control *ctl, const char *user,
	       const char **reasonp)
{
	const char *state = control_value(ctl, "state");

	if (!ext_rings(ext, user)) {
		*reasonp = "this extension does not ring you";
		return EPERM;
	}

	if (!state) {
		tell(ext, user);
		return 0;
	}

	if (str_casecmp(state, "on") && str_casecmp(state, "off")) {
		*reasonp = "state: on or off";
		return EINVAL;
	}

	return ext_set_dnd(ext, user, !str_casecmp(state, "on"), EVENT_APP);
}


/** Something that can be asked for without a call */
static const struct {
	const char *name;
	int (*doh)(struct ext *ext, const struct control *ctl,
		   const char *user, const char **reasonp);
} actionv[] = {
	{"dnd", dnd},
};


/**
 * An app asks for something that is about no call. See cube_control_h
 *
 * @param ctl     What it asks for
 * @param user    Its user id
 * @param reasonp Why it is refused
 * @param arg     Extension
 *
 * @return 0 if it is done, otherwise errorcode
 */
int ext_control(const struct control *ctl, const char *user,
		const char **reasonp, void *arg)
{
	const struct ext *ext = arg;
	const struct steer_ask ask = {
		.ext = ext->map->aor, .user = user, .ctl = ctl,
	};
	size_t i;
	int err;

	for (i=0; i<ARRAY_SIZE(actionv); i++) {

		if (0 == str_cmp(ctl->action, actionv[i].name))
			return actionv[i].doh(arg, ctl, user, reasonp);
	}

	if (steer_ask(&ask, &err, reasonp))
		return err;

	*reasonp = "session_id is missing";

	return EINVAL;
}
