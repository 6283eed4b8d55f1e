/**
 * @file config/ringplan.c  Whom a call rings, and when
 *
 * Pure. See ringplan.h.
 */
#include <string.h>
#include <re.h>
#include "config/userid.h"
#include "config/ringplan.h"


static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}


/* How many digits a text begins with */
static size_t digits(const struct pl *text)
{
	size_t n = 0;

	while (n < text->l && is_digit(text->p[n]))
		++n;

	return n;
}


static bool take(struct pl *text, char c)
{
	if (!text->l || *text->p != c)
		return false;

	pl_advance(text, 1);

	return true;
}


static enum ringplan_err take_time(struct ring_group *group,
				   struct pl *text)
{
	struct pl num = {text->p, digits(text)};
	uint32_t sec;

	if (!num.l || num.l > 4)
		return RINGPLAN_BAD_TIME;

	sec = pl_u32(&num);
	if (!sec || sec > RINGPLAN_TIME_MAX)
		return RINGPLAN_BAD_TIME;

	group->time = (uint16_t)sec;
	pl_advance(text, num.l);

	return RINGPLAN_OK;
}


/* "12346+12347:30" */
static enum ringplan_err take_group(struct ring_group *group, struct pl *idv,
				    size_t *idc, struct pl *text)
{
	memset(group, 0, sizeof(*group));

	do {
		if (*idc >= RINGPLAN_MAX)
			return RINGPLAN_TOO_MANY;

		if (userid_next(&idv[*idc], text))
			return RINGPLAN_BAD_ID;

		++*idc;
		++group->n;

	} while (take(text, '+'));

	return take(text, ':') ? take_time(group, text) : RINGPLAN_OK;
}


/**
 * Make a plan that rings all at once
 *
 * @param plan Plan (output)
 * @param idc  Number of users; none=no group
 */
void ringplan_flat(struct ringplan *plan, size_t idc)
{
	memset(plan, 0, sizeof(*plan));

	plan->groupc      = idc ? 1 : 0;
	plan->groupv[0].n = (uint8_t)idc;
}


/**
 * Decode a plan. "+" joins those that ring together, "," comes between one
 * group and the next, ":N" is for how long a group rings [s]. Without any "+"
 * or ":" all ring at once
 *
 * @param plan Plan (output)
 * @param idv  Ids of its users, in their order: room for RINGPLAN_MAX
 * @param idc  Number of ids (output)
 * @param text Text; an empty one is a plan of nobody
 *
 * @return RINGPLAN_OK, or what is wrong
 */
enum ringplan_err ringplan_decode(struct ringplan *plan, struct pl *idv,
				  size_t *idc, const struct pl *text)
{
	struct pl rest = *text;
	bool ordered = false;
	enum ringplan_err err;
	size_t i;

	*idc = 0;
	memset(plan, 0, sizeof(*plan));

	if (!rest.l)
		return RINGPLAN_OK;

	do {
		struct ring_group *group;

		if (plan->groupc >= RINGPLAN_MAX)
			return RINGPLAN_TOO_MANY;

		group = &plan->groupv[plan->groupc++];

		err = take_group(group, idv, idc, &rest);
		if (err)
			return err;

		ordered |= group->time || group->n > 1;

	} while (take(&rest, ','));

	if (rest.l)
		return plan->groupv[plan->groupc - 1].time
			? RINGPLAN_BAD_TIME : RINGPLAN_BAD_ID;

	if (!ordered) {
		ringplan_flat(plan, *idc);
		return RINGPLAN_OK;
	}

	for (i=0; i + 1 < plan->groupc; i++) {
		if (!plan->groupv[i].time)
			return RINGPLAN_NO_TIME;
	}

	return RINGPLAN_OK;
}


/**
 * Print a plan as it is written
 *
 * @param pf   Print handler
 * @param text Plan, and its users
 *
 * @return 0 if success, otherwise errorcode
 */
int ringplan_print(struct re_printf *pf, const struct ringplan_text *text)
{
	const struct ringplan *plan = text->plan;
	const char *sep = "";
	size_t i, j, id = 0;
	int err = 0;

	for (i=0; i<plan->groupc; i++) {

		const struct ring_group *group = &plan->groupv[i];

		for (j=0; j<group->n; j++) {
			err |= re_hprintf(pf, "%s%s", sep, text->idv[id++]);
			sep = plan->groupc > 1 || group->time ? "+" : ",";
		}

		if (group->time)
			err |= re_hprintf(pf, ":%u", group->time);
		sep = ",";
	}

	return err;
}
