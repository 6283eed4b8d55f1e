/**
 * @file config/pattern.c  Patterns of numbers
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "config/pattern.h"


/**
 * Does a text fit a pattern? Backs up to the last '*' only, so that no pattern
 * takes more than patl * strlen(str) steps
 *
 * @param pat  Pattern: '?' is one character, '*' any number of them
 * @param patl Its length [bytes]
 * @param str  Text
 *
 * @return True if it fits
 */
bool pattern_match(const char *pat, size_t patl, const char *str)
{
	const char *end = pat + patl, *star = NULL, *from = NULL;

	while (*str) {

		if (pat < end && *pat == '*') {
			star = pat++;
			from = str;
		}
		else if (pat < end && (*pat == '?' || *pat == *str)) {
			++pat;
			++str;
		}
		else if (star) {
			pat = star + 1;
			str = ++from;
		}
		else {
			return false;
		}
	}

	while (pat < end && *pat == '*')
		++pat;

	return pat == end;
}


/**
 * Does a text fit one of several patterns?
 *
 * @param patterns Patterns joined by commas
 * @param str      Text
 *
 * @return True if it does
 */
bool pattern_match_any(const char *patterns, const char *str)
{
	while (*patterns) {

		const size_t l = strcspn(patterns, ",");

		if (l && pattern_match(patterns, l, str))
			return true;

		patterns += l;
		patterns += strspn(patterns, ",");
	}

	return false;
}


/**
 * Is one of several patterns written as Asterisk's dial plan has them, "2XXX"?
 * Here its X is no digit but a letter
 *
 * @param patterns Patterns joined by commas
 *
 * @return True if it looks like that
 */
bool pattern_is_dialplan(const char *patterns)
{
	while (*patterns) {

		const size_t l = strcspn(patterns, ",");

		if (strcspn(patterns, "xX") < l &&
		    strspn(patterns, "_0123456789xXzZnN.") >= l)
			return true;

		patterns += l;
		patterns += strspn(patterns, ",");
	}

	return false;
}
