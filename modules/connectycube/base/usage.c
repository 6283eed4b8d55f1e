/**
 * @file base/usage.c  Words after a command that nobody reads, and what is
 * answered
 *
 * Words would look as if they had been heeded. In an answer there may be names of
 * strangers. Pure.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
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


static int shown_handler(const char *p, size_t size, void *arg)
{
	const struct re_printf *pf = arg;
	size_t i = 0, from = 0;
	int err = 0;

	while (i < size && !err) {

		const uint8_t c = (uint8_t)p[i];
		size_t n = text_odd(&p[i], size - i);

		if ((c < ' ' && c != '\n' && c != '\r' && c != '\t') ||
		    c == 0x7f)
			n = 1;
		if (!n) {
			++i;
			continue;
		}

		if (i > from)
			err = pf->vph(&p[from], i - from, pf->arg);
		if (!err)
			err = pf->vph("?", 1, pf->arg);
		i   += n;
		from = i;
	}

	return err || from == size ? err :
		pf->vph(&p[from], size - from, pf->arg);
}


/**
 * Print what is read on a terminal, without what terminals obey, and what turns
 * lines around
 *
 * @param pf  Print function
 * @param h   Prints it
 * @param arg Its argument
 *
 * @return 0 if success, otherwise errorcode
 */
int usage_shown(struct re_printf *pf, re_printf_h *h, void *arg)
{
	struct re_printf shown = {.vph = shown_handler, .arg = pf};

	return h(&shown, arg);
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

	return usage_shown(pf, h, NULL);
}
