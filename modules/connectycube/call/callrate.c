/**
 * @file call/callrate.c  How often somebody may call
 *
 * A bucket for each caller: it holds as many calls as a minute allows, and
 * fills up again within one. Pure: the time is an argument.
 */
#include <re.h>
#include "call/callrate.h"


enum {
	MINUTE     = 60000,     /**< [ms]                                  */
	CALLER_MAX = 256,       /**< Callers that are remembered           */
};

/** Somebody who called within the last minute */
struct caller {
	struct le le;           /**< Member of its list, the latest first  */
	char *id;               /**< Who it is (owner)                     */
	uint64_t debt;          /**< Of its calls [ms], at most a minute   */
	uint64_t last;          /**< When that was reckoned [ms]           */
};

struct callrate {
	struct list callerl;    /**< struct caller (owner)                 */
	uint32_t per_min;       /**< Calls a minute, 0=unlimited           */
};


static void destructor(void *arg)
{
	struct callrate *cr = arg;

	list_flush(&cr->callerl);
}


static void caller_destructor(void *arg)
{
	struct caller *c = arg;

	list_unlink(&c->le);
	mem_deref(c->id);
}


/**
 * Allocate the memory of who called
 *
 * @param crp     Pointer to allocated object
 * @param per_min Calls a minute of one caller, 0=unlimited
 *
 * @return 0 if success, otherwise errorcode
 */
int callrate_alloc(struct callrate **crp, uint32_t per_min)
{
	struct callrate *cr;

	if (!crp)
		return EINVAL;

	cr = mem_zalloc(sizeof(*cr), destructor);
	if (!cr)
		return ENOMEM;

	cr->per_min = per_min;
	*crp = cr;

	return 0;
}


static struct caller *find(const struct callrate *cr, const char *id)
{
	struct le *le;

	for (le = list_head(&cr->callerl); le; le = le->next) {
		struct caller *c = le->data;

		if (0 == str_cmp(c->id, id))
			return c;
	}

	return NULL;
}


/* Who has not called for longest is forgotten if there are too many */
static struct caller *add(struct callrate *cr, const char *id, uint64_t now)
{
	struct caller *c;

	if (list_count(&cr->callerl) >= CALLER_MAX)
		mem_deref(list_ledata(list_tail(&cr->callerl)));

	c = mem_zalloc(sizeof(*c), caller_destructor);
	if (!c)
		return NULL;

	c->last = now;
	if (str_dup(&c->id, id))
		return mem_deref(c);

	list_prepend(&cr->callerl, &c->le, c);

	return c;
}


/**
 * May somebody call now? If so, the call counts
 *
 * @param cr  Memory of who called, NULL=no limit
 * @param id  Who it is
 * @param now Time, monotonic [ms]
 *
 * @return False if there were too many calls of the same
 */
bool callrate_allow(struct callrate *cr, const char *id, uint64_t now)
{
	uint64_t price, passed;
	struct caller *c;

	if (!cr || !cr->per_min || !id)
		return true;

	c = find(cr, id);
	if (!c)
		c = add(cr, id, now);
	if (!c)
		return false;

	passed  = now > c->last ? now - c->last : 0;
	c->last = now;
	c->debt = c->debt > passed ? c->debt - passed : 0;

	list_unlink(&c->le);
	list_prepend(&cr->callerl, &c->le, c);

	price = MINUTE / cr->per_min;
	if (c->debt + price > MINUTE)
		return false;

	c->debt += price;

	return true;
}
