/**
 * @file base/phrase.c  The words of a SIP answer
 *
 * Pure.
 */
#include <stdlib.h>
#include <re.h>
#include "phrase.h"


/**
 * Get the words of an answer, for whoever gets its code, too
 *
 * @param scode  SIP status code
 * @param reason "486 Busy Here" as baresip gives it, or a phrase
 *
 * @return The phrase
 */
const char *phrase_of(unsigned scode, const char *reason)
{
	char *p;

	if (!reason || !scode || strtoul(reason, &p, 10) != scode)
		return reason;

	while (*p == ' ')
		++p;

	return p;
}
