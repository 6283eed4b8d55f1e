/**
 * @file call/forward.c  Where a call goes that nobody takes
 *
 * Pure. See forward.h.
 */
#include <re.h>
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


/**
 * Is this where somebody is called from?
 *
 * @param target Address or number to forward to
 * @param number Number, or user part
 *
 * @return True if that would call back whoever has it
 */
bool forward_is_for(const char *target, const char *number)
{
	struct pl pl, user;
	struct uri uri;

	if (!str_isset(target) || !str_isset(number))
		return false;

	pl_set_str(&pl, target);
	user = pl;
	if (pl_strchr(&pl, ':'))
		user = uri_decode(&uri, &pl) ? pl_null : uri.user;

	return !pl_strcasecmp(&user, number);
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
