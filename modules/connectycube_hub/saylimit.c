/**
 * @file connectycube_hub/saylimit.c  What others can have said at will
 *
 * Whoever may connect can have the hub write a line of its log each time.
 * Pure.
 */
#include <re_types.h>
#include "saylimit.h"


enum {
	MINUTE = 60000,         /**< [ms]                                  */
};


/**
 * Ask whether a line may be said
 *
 * @param l     Lines of its kind
 * @param now   Time that nobody sets [ms]
 * @param leftp Set to how many were left out before it
 *
 * @return True if it may
 */
bool saylimit_may(struct saylimit *l, uint64_t now, unsigned *leftp)
{
	*leftp = 0;

	if (!l->since || now - l->since >= MINUTE) {
		l->since = now;
		l->said  = 0;
	}

	if (l->said >= SAYLIMIT_MOST) {
		++l->left;
		return false;
	}

	++l->said;
	*leftp  = l->left;
	l->left = 0;

	return true;
}
