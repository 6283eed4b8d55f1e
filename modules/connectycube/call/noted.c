/**
 * @file call/noted.c  Which user has heard of which call
 */
#include <string.h>
#include <re.h>
#include "call/event.h"
#include "call/noted.h"


/** A user who knows of a caller */
struct noted {
	struct le le;           /**< Member of the list, the oldest first  */
	char *user;             /**< User id (owned)                       */
	char *caller;           /**< Address of who called (owned)         */
	uint64_t when;          /**< [ms]                                  */
};


static void destructor(void *data)
{
	struct noted *n = data;

	list_unlink(&n->le);
	mem_deref(n->user);
	mem_deref(n->caller);
}


/**
 * A user knows of a call: has answered or declined it, or been told that it was
 * missed
 *
 * @param l      What is known, of struct noted (owner)
 * @param user   User id
 * @param caller Address of who called
 * @param now    When [ms]
 */
void noted_add(struct list *l, const char *user, const char *caller,
	       uint64_t now)
{
	struct noted *n;

	if (!l || !str_isset(user) || !str_isset(caller))
		return;

	if (list_count(l) >= NOTED_MAX)
		mem_deref(list_ledata(list_head(l)));

	n = mem_zalloc(sizeof(*n), destructor);
	if (!n)
		return;

	n->when = now;
	if (str_dup(&n->user, user) || str_dup(&n->caller, caller)) {
		mem_deref(n);
		return;
	}

	list_append(l, &n->le, n);
}


/**
 * Does a user know of a call that was missed by now?
 *
 * @param l      What is known
 * @param user   User id
 * @param caller Address of who called
 * @param start  When that call began [ms]
 *
 * @return True if one of the same caller was answered or noted while this one
 *         rang, or right before
 */
bool noted_has(const struct list *l, const char *user, const char *caller,
	       uint64_t start)
{
	const struct le *le;

	for (le = list_tail(l); le; le = le->prev) {

		const struct noted *n = le->data;

		if (n->when + NOTED_NEXT < start)
			return false;

		if (0 == str_cmp(n->user, user) &&
		    0 == str_cmp(n->caller, caller))
			return true;
	}

	return false;
}


/**
 * Has an app missed a call that is over? What it has taken and could not be
 * made is not missed
 *
 * @param call Call, as it ended
 *
 * @return True if so
 */
bool noted_is_missed(const struct event_call *call)
{
	if (!call || call->from_app || call->t_answer)
		return false;

	switch (call->reason) {

	case END_ELSEWHERE:
	case END_NO_CODEC:
	case END_NO_PATH:
	case END_PATH_LOST: return false;
	default:            break;
	}

	/* it has accepted, and the phone has not */
	if (call->first == EVENT_APP && call->first_answered)
		return false;

	return call->by != EVENT_APP || call->reason == END_REJECTED ||
		call->reason == END_BUSY || call->reason == END_NO_ANSWER ||
		call->reason == END_FORWARDED;
}
