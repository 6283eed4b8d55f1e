/**
 * @file base/usage.h  Words after a command that nobody reads, and what is
 * answered
 */

bool usage_is_all(const char *words, const struct pl *first,
		  const struct pl *last);
int  usage_shown(struct re_printf *pf, re_printf_h *h, void *arg);
int  usage_none(struct re_printf *pf, const char *words, const char *name,
		re_printf_h *h);
