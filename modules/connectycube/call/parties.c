/**
 * @file call/parties.c  Who is in a call: parties come, go, are replaced
 *
 * Pure. A leg is in one call, or parked: then it belongs to whoever took it
 * out, and nobody is told what happens on it. Its ports stay with it, so that
 * its party hears one stream, whatever it is joined to next.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/tap.h"


/**
 * Find the party that called us
 *
 * @param bc Call
 *
 * @return Leg, NULL if there is none
 */
struct leg *bcall_caller(const struct bcall *bc)
{
	struct le *le;

	for (le = bc->legl.head; le; le = le->next) {

		struct leg *leg = le->data;

		if (leg->incoming)
			return leg;
	}

	return NULL;
}


/**
 * Find the first party of a kind
 *
 * @param bc   Call
 * @param side Kind
 *
 * @return Its leg, NULL if there is none
 */
struct leg *bcall_find_side(const struct bcall *bc, enum event_side side)
{
	struct le *le;

	for (le = bc->legl.head; le; le = le->next) {

		struct leg *leg = le->data;

		if (leg->ops->side == side)
			return leg;
	}

	return NULL;
}


/**
 * Find the party that another one talks to
 *
 * @param bc  Call
 * @param leg One party
 *
 * @return The other one, NULL if there is none
 */
struct leg *bcall_other(const struct bcall *bc, const struct leg *leg)
{
	struct le *le;

	for (le = bc->legl.head; le; le = le->next) {
		if (le->data != leg)
			return le->data;
	}

	return NULL;
}


/**
 * Tell all other parties who is behind one now
 *
 * @param bc  Call
 * @param leg Party that somebody else is behind, or that has come
 */
void bcall_tell_identity(struct bcall *bc, const struct leg *leg)
{
	struct le *le;

	raise_leg(leg, EVENT_LEG_IDENTITY, leg_address(leg));

	for (le = bc->legl.head; le; le = le->next) {

		struct leg *other = le->data;

		if (other != leg && other->state != LEG_CLOSED &&
		    other->ops->identity)
			(void)other->ops->identity(other, leg);
	}
}


/**
 * Add a party to a call
 *
 * @param bc  Call
 * @param leg Leg that no call has; owned by the call from now on
 */
void bcall_add_leg(struct bcall *bc, struct leg *leg)
{
	leg->call = bc;
	leg->h    = &bcall_handlers;

	list_append(&bc->legl, &leg->le, leg);
	bcall_tap_came(leg);
}


/**
 * Forget who has left
 *
 * @param l Who
 */
void bcall_left_reset(struct bcall_left *l)
{
	l->name   = mem_deref(l->name);
	l->number = mem_deref(l->number);
	l->uri    = mem_deref(l->uri);
	l->id     = mem_deref(l->id);
}


static void copy_str(char **dst, const char *src)
{
	if (src)
		(void)str_dup(dst, src);
}


/* Without memory less is told of it, that is all */
static void remember(struct bcall *bc, const struct leg *leg)
{
	struct bcall_left *l = &bc->leftv[leg->ops->side];

	bcall_left_reset(l);
	copy_str(&l->name,   leg->peer.name);
	copy_str(&l->number, leg->peer.number);
	copy_str(&l->uri,    leg->peer.uri);
	copy_str(&l->id,     leg->ops->id(leg));
}


static void take_out(struct leg *leg)
{
	struct bcall *bc = leg->call;

	/* first, while what this may tell has somewhere to go */
	bcall_audio_unwire(bc);
	bcall_video_unwire(bc);

	prompt_gone(leg);
	leg->player = mem_deref(leg->player);
	bcall_tap_left(leg);

	list_unlink(&leg->le);
	leg->call = NULL;
	leg->h    = NULL;
}


/**
 * Park a party of a call: it hears nothing and is not told that anything has
 * changed
 *
 * @param leg Leg of a call; owned by the caller from now on
 */
void bcall_park_leg(struct leg *leg)
{
	remember(leg->call, leg);
	take_out(leg);
}


/* Something can be heard, or all is as it was */
static int wire(struct bcall *bc, struct leg *leg)
{
	int err;

	bcall_add_leg(bc, leg);

	err = bcall_audio_update(bc);
	if (!err && !bc->audiov[0])
		err = ENOENT;
	if (err)
		take_out(leg);

	return err;
}


/* It may hold since before */
static void came(struct bcall *bc, struct leg *leg)
{
	bcall_tell_identity(bc, leg);
	if (leg->held)
		raise_leg(leg, EVENT_LEG_HELD, leg_address(leg));
}


/**
 * Let a party come to a call that has lost one
 *
 * @param bc  Call with one party
 * @param leg Party that comes: a parked leg that was answered; owned by the
 *            call on success
 *
 * @return 0 if success, EINVAL if it is in another call, ENOTCONN if it was
 *         not answered, ENOENT if there is nothing that both could hear,
 *         otherwise errorcode. On error all is as it was
 */
int bcall_join_leg(struct bcall *bc, struct leg *leg)
{
	int err;

	if (!bc || !leg || leg->call)
		return EINVAL;
	if (!leg_is_answered(leg))
		return ENOTCONN;

	err = wire(bc, leg);
	if (err)
		return err;

	came(bc, leg);
	(void)bcall_video_update(bc);
	bcall_hold_update(bc);

	if (bc->t_estab)
		bcall_watch(bc);

	return 0;
}


/**
 * Let a party take the place of another one. The others hear it from now on,
 * each in the stream that it has; the state of the call is what it was
 *
 * @param bc      Call
 * @param old     Party that goes, parked and owned by the caller afterwards
 * @param new_leg Party that comes: a parked leg that was answered; owned by
 *                the call on success
 *
 * @return 0 if success, EINVAL if one is not in the call or the other in
 *         another one, ENOTCONN if the new one was not answered, ENOENT if
 *         there is nothing that both it and the others could hear, otherwise
 *         errorcode. On error all is as it was
 */
int bcall_replace_leg(struct bcall *bc, struct leg *old, struct leg *new_leg)
{
	int err;

	if (!bc || !old || !new_leg || old->call != bc || new_leg->call)
		return EINVAL;
	if (!leg_is_answered(new_leg))
		return ENOTCONN;

	bcall_park_leg(old);

	err = wire(bc, new_leg);
	if (err) {
		bcall_add_leg(bc, old);
		(void)bcall_audio_update(bc);
	}
	else {
		clog_info("call %u: the %s is replaced\n", bc->id,
			  old->ops->party);
		came(bc, new_leg);
	}

	(void)bcall_video_update(bc);
	bcall_hold_update(bc);

	if (bc->t_estab)
		bcall_watch(bc);

	return err;
}
