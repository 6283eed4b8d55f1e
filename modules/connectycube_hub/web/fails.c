/**
 * @file connectycube_hub/web/fails.c  Who has said what nobody believes
 *
 * Guessing a token is hopeless; this keeps the log readable, and those who
 * guess from costing more than a refusal. A token that is right is taken all
 * the same: behind a proxy, and on a loopback, others have that address, too.
 * Pure.
 */
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include "route.h"
#include "guard.h"


static bool is_over(const struct web_guard *g, const struct web_fail *f)
{
	return !f->from[0] || g->now - f->first >= WEB_FAILS_TIME;
}


/**
 * Must somebody wait before he may be wrong again?
 *
 * @param g    Guard
 * @param from His address
 *
 * @return How long, 0=he need not [s]
 */
uint32_t web_fails_wait(const struct web_guard *g, const char *from)
{
	size_t i;

	for (i=0; i<WEB_FAILS; i++) {

		const struct web_fail *f = &g->failv[i];

		if (!is_over(g, f) && !strcmp(f->from, from))
			return f->n < WEB_FAILS_MOST ? 0 : (uint32_t)
				(WEB_FAILS_TIME - (g->now - f->first));
	}

	return 0;
}


/**
 * Somebody has said what nobody believes
 *
 * @param g    Guard
 * @param from His address
 */
void web_fails_add(struct web_guard *g, const char *from)
{
	struct web_fail *f = &g->failv[0];
	size_t i;

	for (i=0; i<WEB_FAILS; i++) {

		struct web_fail *one = &g->failv[i];

		if (!is_over(g, one) && !strcmp(one->from, from)) {
			++one->n;
			return;
		}

		/* one that is over, or the oldest */
		if (!is_over(g, f) && (is_over(g, one) ||
				       one->first < f->first))
			f = one;
	}

	(void)re_snprintf(f->from, sizeof(f->from), "%s", from);
	f->first = g->now;
	f->n     = 1;
}
