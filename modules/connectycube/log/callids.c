/**
 * @file log/callids.c  Which call is it? By Call-ID or session id
 */
#include <string.h>
#include <re.h>
#include "base/mono.h"
#include "call/event.h"
#include "log/callids.h"


enum {
	LINGER  = 10000,        /**< An ended call is known for this [ms]  */
	IDS_MAX = 4096,         /**< All ids                               */
};

/** An id of a call */
struct callid {
	struct le le;           /**< Member of the table                   */
	uint32_t call;          /**< Number of the call                    */
	uint64_t until;         /**< Forgotten then [ms], 0=it goes on     */
	char id[];              /**< The id                                */
};

static struct {
	struct event_sub *sub;  /* owned */
	struct list idl;        /* struct callid (owned), the latest first */
} tab;


static void destructor(void *data)
{
	struct callid *c = data;

	list_unlink(&c->le);
}


static void forget(void)
{
	const uint64_t now = mono_ms();
	struct le *le = list_head(&tab.idl);

	while (le) {

		struct callid *c = le->data;

		le = le->next;
		if (c->until && now >= c->until)
			mem_deref(c);
	}

	while (list_count(&tab.idl) > IDS_MAX)
		mem_deref(list_ledata(list_tail(&tab.idl)));
}


static void add(uint32_t call, const char *id)
{
	const size_t n = str_len(id);
	struct callid *c;
	struct le *le;

	if (!n)
		return;

	for (le = list_head(&tab.idl); le; le = le->next) {
		c = le->data;
		if (c->call == call && !strcmp(c->id, id))
			return;
	}

	forget();

	c = mem_zalloc(sizeof(*c) + n + 1, destructor);
	if (!c)
		return;

	c->call = call;
	memcpy(c->id, id, n);
	list_prepend(&tab.idl, &c->le, c);
}


static void ended(uint32_t call)
{
	const uint64_t until = mono_ms() + LINGER;
	struct le *le;

	for (le = list_head(&tab.idl); le; le = le->next) {

		struct callid *c = le->data;

		if (c->call == call)
			c->until = until;
	}
}


static void event_handler(const struct event *ev, void *arg)
{
	(void)arg;

	if (!ev->id)
		return;

	add(ev->id, ev->session);

	switch (1 << (ev->type >> 4)) {

	case EVENT_CALL:
		add(ev->id, ev->call.callid);
		if (ev->type == EVENT_CALL_ENDED)
			ended(ev->id);
		break;

	case EVENT_LEG:
		add(ev->id, ev->leg.callid);
		break;

	default:
		break;
	}
}


/**
 * Start to remember
 *
 * @return 0 if success, otherwise errorcode
 */
int callids_init(void)
{
	return event_subscribe(&tab.sub, EVENT_ALL, event_handler, NULL);
}


/**
 * Forget all
 */
void callids_close(void)
{
	tab.sub = mem_deref(tab.sub);
	list_flush(&tab.idl);
}


/**
 * Find a call
 *
 * @param id Call-ID or session id
 *
 * @return Number of the latest call that has it, 0=none
 */
uint32_t callids_find(const struct pl *id)
{
	struct le *le;

	for (le = pl_isset(id) ? list_head(&tab.idl) : NULL; le;
	     le = le->next) {

		const struct callid *c = le->data;

		if (!pl_strcasecmp(id, c->id))
			return c->call;
	}

	return 0;
}
