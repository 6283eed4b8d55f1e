/**
 * @file connectycube_hub/recording/queueprint.c
 * What waits to be finished, for people
 */
#include <string.h>
#include <re.h>
#include "base/jobthread.h"
#include "base/text.h"
#include "../hub.h"
#include "recfacts.h"
#include "recording.h"
#include "queue.h"


enum {
	SHOWN = 5,              /**< Of those that fail                    */
};


static uint32_t count_busy(const struct hrec_queue *q)
{
	uint32_t n = 0;
	struct le *le;

	for (le=list_head(&q->entryl); le; le=le->next)
		n += ((const struct hrec_entry *)le->data)->busy;

	return n;
}


static int print_failures(struct re_printf *pf, const struct hrec_queue *q)
{
	unsigned n = 0;
	struct le *le;
	int err = 0;

	for (le=list_head(&q->entryl); le; le=le->next) {

		const struct hrec_entry *e = le->data;

		if (!e->failures || ++n > SHOWN)
			continue;

		err |= re_hprintf(pf, "        %s failed %u %s: %s\n",
				  e->id, e->failures, text_plural(e->failures,
				  "time", "times"), e->why);
	}

	if (n > SHOWN)
		err |= re_hprintf(pf, "        and %u more\n", n - SHOWN);

	return err;
}


static bool is_recent(const struct hrec_queue *q, const struct hub_record *r)
{
	struct le *le;

	for (le=list_head(&q->recentl); le; le=le->next) {

		const struct hub_record *one = le->data;

		if (!strcmp(one->json, r->json))
			return true;
	}

	return false;
}


/**
 * Keep a recording among the last ones, if it is not there yet
 *
 * @param q Queue
 * @param r Recording, taken
 *
 * @return True if it was not there
 */
bool hrec_recent_add(struct hrec_queue *q, struct hub_record *r)
{
	list_unlink(&r->le);
	if (is_recent(q, r)) {
		mem_deref(r);
		return false;
	}

	list_append(&q->recentl, &r->le, r);

	while (list_count(&q->recentl) > HUB_RECENT)
		mem_deref(list_ledata(list_head(&q->recentl)));

	return true;
}


/**
 * Print what there is
 *
 * @param pf Print handler
 * @param q  Queue
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_queue_print(struct re_printf *pf, const struct hrec_queue *q)
{
	const uint32_t busy = count_busy(q);
	int err;

	err = re_hprintf(pf, "recordings finished=%llu failed=%llu waiting=%u"
			 " at_work=%u written=%u aside=%u %s -> %s\n",
			 q->finished, q->failed,
			 list_count(&q->entryl) - busy, busy, q->writing,
			 q->aside, q->cfg->spool, q->cfg->root);
	if (q->why[0])
		err |= re_hprintf(pf, "        %s\n", q->why);
	if (q->program[0])
		err |= re_hprintf(pf, "        %s\n", q->program);
	if (q->short_of[0])
		err |= re_hprintf(pf, "        %s\n", q->short_of);

	return err | print_failures(pf, q);
}


/**
 * Count what there is
 *
 * @param n Set to it
 * @param q Queue
 */
void hrec_queue_counts(struct hrec_counts *n, const struct hrec_queue *q)
{
	struct le *le;

	memset(n, 0, sizeof(*n));
	n->writing = q->writing;
	n->aside   = q->aside;
	n->at_work = count_busy(q);
	n->waiting = list_count(&q->entryl) - n->at_work;
	memcpy(n->diskv, q->diskv, sizeof(n->diskv));

	for (le=list_head(&q->entryl); le; le=le->next) {

		const struct hrec_entry *e = le->data;

		n->failing += e->failures && !e->busy;
	}
}


/**
 * Print the last recordings
 *
 * @param pf   Print handler
 * @param q    Queue
 * @param most How many
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_queue_list(struct re_printf *pf, const struct hrec_queue *q,
		   uint32_t most)
{
	uint32_t n = list_count(&q->recentl);
	struct le *le;
	int err = 0;

	if (!n)
		return re_hprintf(pf, "no recording yet\n");

	for (le=list_head(&q->recentl); le; le=le->next) {

		const struct hub_record *r = le->data;

		if (n-- <= most)
			err |= hrec_print(pf, r->json);
	}

	return err;
}
