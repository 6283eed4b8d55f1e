/**
 * @file base/usage.c  Words after a command that nobody reads
 *
 * They would look as if they had been heeded. Pure.
 */
#include <string.h>
#include <re.h>
#include "base/usage.h"


/**
 * Is nothing before the first and behind the last word but blanks?
 *
 * @param words What stands behind a command
 * @param first First word of it that is read
 * @param last  Last one
 *
 * @return True if they, and what is between them, are all
 */
bool usage_is_all(const char *words, const struct pl *first,
		  const struct pl *last)
{
	const char *end = last->p + last->l;

	return words + strspn(words, " \t") == first->p &&
		!end[strspn(end, " \t\r\n")];
}


/**
 * Answer a command that has no words
 *
 * @param pf    Print function
 * @param words What stands behind it, or NULL
 * @param name  Its name
 * @param h     Prints the answer, if nothing does
 *
 * @return 0 if success, otherwise errorcode
 */
int usage_none(struct re_printf *pf, const char *words, const char *name,
	       re_printf_h *h)
{
	if (words && words[strspn(words, " \t\r\n")])
		return re_hprintf(pf, "usage: /%s (nothing comes after it)\n",
				  name);

	return h(pf, NULL);
}
