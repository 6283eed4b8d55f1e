/**
 * @file call/forward.c  Where a call goes that nobody takes
 *
 * Pure. See forward.h.
 */
#include <re.h>
#include "base/text.h"
#include "config/users.h"
#include "call/ringing.h"
#include "call/forward.h"


static enum forward kind(enum ring_no no)
{
	switch (no) {

	/* to its caller a "no" is the same */
	case RING_NO_BUSY:
	case RING_NO_REJECTED: return FORWARD_BUSY;
	case RING_NO_ANSWER:   return FORWARD_NO_ANSWER;
	case RING_NO_OFFLINE:  return FORWARD_OFFLINE;
	default:               return FORWARD_MAX;
	}
}


/* Nobody's number is "no" */
static bool is_nowhere(const char *target)
{
	return !str_casecmp(target, "none") || !str_casecmp(target, "no");
}


/**
 * Find out where a call goes that nobody takes
 *
 * @param ownv  Of the extension, by enum forward; NULL=as configured for all
 * @param dfltv Of all
 * @param no    Why nobody takes it
 *
 * @return Address or number, NULL=nowhere
 */
const char *forward_pick(char *const *ownv, char *const *dfltv,
			 enum ring_no no)
{
	const enum forward f = kind(no);
	const char *target;

	if (f == FORWARD_MAX)
		return NULL;

	target = ownv[f] ? ownv[f] : dfltv[f];

	return target && !is_nowhere(target) ? target : NULL;
}


/* As the far end of a leg is shown that the PBX calls, or is called by */
static bool is_shown(const struct numplan *np, const char *user,
		     const char *number)
{
	char buf[NUMPLAN_SIZE];

	numplan_from_pbx(buf, sizeof(buf), np, user);

	return !str_casecmp(buf, number);
}


/**
 * Is this where somebody is called from? One number is written in several ways:
 * by the PBX, in the users file and by apps
 *
 * @param np     How numbers are written
 * @param target Address or number that is called, or forwarded to
 * @param number Number, or user part, as apps see it
 *
 * @return True if that would call back whoever has it
 */
bool forward_is_for(const struct numplan *np, const char *target,
		    const char *number)
{
	char user[NUMPLAN_SIZE], dialed[NUMPLAN_SIZE];
	struct uri uri;
	struct pl pl;

	if (!str_isset(target) || !str_isset(number))
		return false;

	pl_set_str(&pl, target);
	if (pl_strchr(&pl, ':')) {
		if (uri_decode(&uri, &pl))
			return false;
		pl = uri.user;
	}

	if (!pl_isset(&pl) || text_str(user, sizeof(user), &pl))
		return false;

	numplan_to_pbx(dialed, sizeof(dialed), np, user);

	return !str_casecmp(user, number) || is_shown(np, user, number) ||
		is_shown(np, dialed, number);
}


/**
 * Say why a call goes elsewhere, as RFC 5806 has it
 *
 * @param no Why nobody takes it
 *
 * @return Word
 */
const char *forward_why(enum ring_no no)
{
	switch (kind(no)) {

	case FORWARD_BUSY:      return "user-busy";
	case FORWARD_NO_ANSWER: return "no-answer";
	case FORWARD_OFFLINE:   return "unavailable";
	default:                return "unknown";
	}
}
