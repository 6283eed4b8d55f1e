/**
 * @file connectycube_hub/live/each.c
 * All extensions and calls, for whoever counts them
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include "live.h"
#include "model.h"


/* What a bridge has for all its extensions is told with one of them */
static bool is_first(const struct hlive *l, const struct mext *e)
{
	struct le *le;

	for (le = list_head(&l->extl); le; le = le->next) {

		const struct mext *one = le->data;

		if (one->bridge == e->bridge)
			return one == e;
	}

	return false;
}


/**
 * Look at all extensions
 *
 * @param l   Model, may be NULL
 * @param h   Handler, which leaves the model as it is
 * @param arg Its argument
 */
void hlive_each_ext(const struct hlive *l, hlive_ext_h *h, void *arg)
{
	struct le *le;

	for (le = l ? list_head(&l->extl) : NULL; le; le = le->next) {

		const struct mext *e = le->data;
		const struct mbridge *b = e->bridge;
		const struct hlive_ext ext = {
			.aor        = e->aor,
			.here       = b->conn && b->seen,
			.t_gone     = b->t_conn,
			.registers  = e->registers,
			.registered = e->sip.up,
			.online     = e->cloud.up,
			.refused    = !strcmp(e->cloud.state, "refused"),
			.draining   = b->draining,
			.spool      = b->spool && is_first(l, e),
			.waiting    = b->waiting,
			.lost       = b->lost_here,
		};

		h(&ext, arg);
	}
}


/* Something comes from one party, and goes to another one as something else */
static bool is_transcoded(const struct mcall *c)
{
	struct le *a, *b;

	for (a = c->legl.head; a; a = a->next) {

		const struct mleg *from = a->data;

		for (b = c->legl.head; b; b = b->next) {

			const struct mleg *to = b->data;

			if (a != b && from->rx.codec[0] && to->tx.codec[0] &&
			    strcmp(from->rx.codec, to->tx.codec))
				return true;
		}
	}

	return false;
}


/**
 * Look at all calls, but for those of bridges that have gone
 *
 * @param l   Model, may be NULL
 * @param h   Handler, which leaves the model as it is
 * @param arg Its argument
 */
void hlive_each_call(const struct hlive *l, hlive_call_h *h, void *arg)
{
	struct le *le;

	for (le = l ? list_head(&l->calll) : NULL; le; le = le->next) {

		const struct mcall *c = le->data;

		if (c->state != MCALL_UNKNOWN)
			h(c->ext, c->from_app, is_transcoded(c), arg);
	}
}
