/**
 * @file call/host/steer.c  What modules beside the bridge do in its calls
 *
 * See call/steer.h. Calls are found by their numbers.
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
#include "call/event.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/bridge.h"


/**
 * Answer what an app has asked for, by a handler that has returned EINPROGRESS
 *
 * @param ext    Extension's address, as it was asked
 * @param ctl    What was asked for
 * @param reason Why it is refused, NULL=it is done
 *
 * @return 0 if success, ENOENT if the extension has gone
 */
int steer_answer(const char *ext, const struct control *ctl,
		 const char *reason)
{
	struct ext *e = bridge_find(ext);

	if (!e || !ctl)
		return ENOENT;

	cube_control_done(e->cube, ctl, reason);

	return 0;
}


/**
 * Get what a call is now
 *
 * @param sc   Set to it
 * @param call Number of the call
 *
 * @return 0 if success, ENOENT if there is no such call
 */
int steer_get_call(struct steer_call *sc, uint32_t call)
{
	const struct bcall *bc = bridge_find_call(call);

	if (!sc)
		return EINVAL;
	if (!bc || bc->state == BCALL_CLOSED)
		return ENOENT;

	steer_read_call(sc, bc);

	return 0;
}


/**
 * Play a sound to parties of a call. See prompt_alloc()
 *
 * @param pp   Pointer to the prompt; freeing it ends it without a word
 * @param call Number of the call
 * @param leg  Number of the party that is to hear it, 0=all
 * @param who  Whether all of them must
 * @param s    Sound; a reference is held
 * @param h    Told what became of it
 * @param arg  Handler argument
 *
 * @return As of prompt_alloc(); ENOENT if there is no such call
 */
int steer_play(struct prompt **pp, uint32_t call, uint32_t leg,
	       enum prompt_who who, struct sound *s, prompt_h *h, void *arg)
{
	struct bcall *bc = bridge_find_call(call);

	return bc && bc->state != BCALL_CLOSED
		? prompt_alloc(pp, bc, leg, who, s, h, arg) : ENOENT;
}


/**
 * Tell the apps in a call of an event
 *
 * @param call  Number of the call
 * @param event Its name, see docs/APPS.md
 * @param infov More values, or NULL; one without a value is left out
 * @param infoc How many
 *
 * @return 0 if one was told, ENOENT if there is no such call, or no app in it;
 *         otherwise the last error
 */
int steer_tell_app(uint32_t call, const char *event,
		   const struct cube_info *infov, size_t infoc)
{
	const struct bcall *bc = bridge_find_call(call);
	struct le *le;
	int err = ENOENT;

	if (!event || (infoc && !infov))
		return EINVAL;

	for (le = bc ? bc->legl.head : NULL; le; le = le->next) {

		struct leg *leg = le->data;

		if (leg->ops->tell && leg_is_answered(leg))
			err = leg->ops->tell(leg, event, infov, infoc);
	}

	return err;
}


/**
 * Tell the phones in a call what is so of a recording of it
 *
 * @param call  Number of the call
 * @param state What is so
 * @param how   How they are told
 *
 * @return 0 if one was told, ENOENT if there is no such call, or no phone in
 *         it; otherwise the last error
 */
int steer_tell_phone(uint32_t call, enum steer_record state,
		     enum steer_tell how)
{
	const struct bcall *bc = bridge_find_call(call);
	struct le *le;
	int err = ENOENT;

	for (le = bc ? bc->legl.head : NULL; le; le = le->next) {

		struct leg *leg = le->data;

		if (leg->ops->tell_record && leg_is_answered(leg))
			err = leg->ops->tell_record(leg, state, how);
	}

	return err;
}


/**
 * Tell all devices of a user of something that is about no call
 *
 * @param ext   Extension's address
 * @param user  User id
 * @param event Its name, see docs/APPS.md
 * @param infov More values, or NULL; one without a value is left out
 * @param infoc How many
 *
 * @return 0 if success, ENOENT if the extension has gone, otherwise errorcode
 */
int steer_tell_user(const char *ext, const char *user, const char *event,
		    const struct cube_info *infov, size_t infoc)
{
	struct ext *e = ext ? bridge_find(ext) : NULL;

	return e ? cube_tell(e->cube, user, event, infov, infoc) : ENOENT;
}
