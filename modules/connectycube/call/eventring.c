/**
 * @file call/eventring.c  The last events, for the console
 */
#include <re.h>
#include "base/text.h"
#include "call/event.h"


static struct {
	struct event_sub *sub;
	struct event ev[EVENT_RING];
	uint64_t count;         /* that were ever in it */
} ring;


static void event_handler(const struct event *ev, void *arg)
{
	(void)arg;

	ring.ev[ring.count++ % EVENT_RING] = *ev;
}


/**
 * Start to remember what happens
 *
 * @return 0 if success, otherwise errorcode
 */
int eventring_init(void)
{
	ring.count = 0;

	return event_subscribe(&ring.sub, EVENT_ALL, event_handler, NULL);
}


/**
 * Undo eventring_init()
 */
void eventring_close(void)
{
	ring.sub = mem_deref(ring.sub);
}


/* The first of the last ones */
static uint64_t first(uint32_t max)
{
	const uint64_t have = MIN(ring.count, (uint64_t)EVENT_RING);

	return ring.count - MIN(have, (uint64_t)max);
}


static int print_json(struct re_printf *pf, const struct event *ev)
{
	struct odict *od;
	int err;

	err = event_json(&od, ev);
	if (err)
		return err;

	err = json_encode_odict(pf, od) | re_hprintf(pf, "\n");
	mem_deref(od);

	return err;
}


/**
 * Print the last events as JSON, an object a line, the latest one last
 *
 * @param pf  Print function
 * @param max How many at most
 *
 * @return 0 if success, otherwise errorcode
 */
int eventring_print_json(struct re_printf *pf, const uint32_t *max)
{
	uint64_t i;
	int err = 0;

	for (i = first(*max); i<ring.count && !err; i++)
		err = print_json(pf, &ring.ev[i % EVENT_RING]);

	return err;
}


/**
 * Print the last events, the latest one last
 *
 * @param pf  Print function
 * @param max How many at most
 *
 * @return 0 if success, otherwise errorcode
 */
int eventring_print(struct re_printf *pf, const uint32_t *max)
{
	uint64_t i = first(*max);
	int err = 0;

	for (; i<ring.count; i++)
		err |= re_hprintf(pf, "%H\n", event_print,
				  &ring.ev[i % EVENT_RING]);

	if (event_lost())
		err |= re_hprintf(pf, "%llu %s lost: out of memory\n",
				  event_lost(), text_plural(event_lost(),
				  "event was", "events were"));

	return err;
}
