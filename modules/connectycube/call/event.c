/**
 * @file call/event.c  The bus: who listens, and what waits
 *
 * Only one event is being delivered at any time. The subscriber that is next
 * stands in `bus.next`, which whoever unsubscribes moves on if it is his; so
 * nobody who has left is called, and nothing has to be marked.
 */
#include <string.h>
#include <sys/time.h>
#include <re.h>
#include "base/mono.h"
#include "base/text.h"
#include "call/event.h"


/** Somebody who listens */
struct event_sub {
	struct le le;           /**< Member of the bus                     */
	uint32_t mask;          /**< Classes that are wanted               */
	uint64_t since;         /**< The first event that is its           */
	event_h *h;             /**< Handler                               */
	void *arg;              /**< Handler argument                      */
};

/** An event that was raised while another one was delivered */
struct waiting {
	struct le le;
	struct event ev;
};

static struct {
	struct list subl;       /* struct event_sub (pointers) */
	struct list waitl;      /* struct waiting (owned) */
	struct le *next;        /* the next one to be told */
	uint64_t seq;           /* of the latest event */
	uint64_t lost;          /* for want of memory */
	uint32_t mask;          /* of all who listen */
	bool busy;              /* one is being delivered */
} bus;


static void update_mask(void)
{
	struct le *le;

	bus.mask = 0;
	for (le = bus.subl.head; le; le = le->next) {

		const struct event_sub *sub = le->data;

		bus.mask |= sub->mask;
	}
}


static void sub_destructor(void *data)
{
	struct event_sub *sub = data;

	if (bus.next == &sub->le)
		bus.next = sub->le.next;

	list_unlink(&sub->le);
	update_mask();
}


static void waiting_destructor(void *data)
{
	struct waiting *w = data;

	list_unlink(&w->le);
}


/**
 * Does anybody listen? What nobody wants need not be made
 *
 * @param mask Classes
 *
 * @return True if somebody does
 */
bool event_wanted(enum event_class mask)
{
	return bus.mask & mask;
}


/**
 * Copy text into an event: what does not fit is cut between characters.
 * Control characters, which could forge lines of a log, and what is no UTF-8,
 * which programs refuse whole, are made harmless
 *
 * @param dst  Field
 * @param size Its size
 * @param src  Text, UTF-8, NULL=none
 */
void event_copy_str(char *dst, size_t size, const char *src)
{
	size_t i = 0, n = str_len(src), len;

	if (n >= size) {
		n = size - 1;
		while (n && (src[n] & 0xc0) == 0x80)
			--n;
	}

	for (; i<n; i+=len) {
		const unsigned char c = src[i];

		len = text_utf8(&src[i], n - i);
		if (!len || c < 0x20 || c == 0x7f) {
			dst[i] = '?';
			len    = 1;
		}
		else if (c == 0xc2 && (unsigned char)src[i + 1] < 0xa0) {
			/* U+0080 to U+009F: controls, too (ECMA-48) */
			memset(&dst[i], '?', len);
		}
		else {
			memcpy(&dst[i], &src[i], len);
		}
	}

	dst[n] = '\0';
}


/**
 * Begin an event; all but its type is empty
 *
 * @param ev   Event
 * @param type What happens
 */
void event_init(struct event *ev, enum event_type type)
{
	memset(ev, 0, sizeof(*ev));
	ev->type = type;
}


static void deliver(const struct event *ev)
{
	const uint32_t mask = 1u << (ev->type >> 4);

	bus.next = bus.subl.head;

	while (bus.next) {

		const struct event_sub *sub = bus.next->data;

		bus.next = bus.next->next;

		if ((sub->mask & mask) && sub->since <= ev->seq)
			sub->h(ev, sub->arg);
	}
}


static void keep(const struct event *ev)
{
	struct waiting *w = mem_zalloc(sizeof(*w), waiting_destructor);

	if (!w) {
		++bus.lost;
		return;
	}

	w->ev = *ev;
	list_append(&bus.waitl, &w->le, w);
}


/**
 * Tell everybody who wants to know
 *
 * @param ev Event; gets its number and times
 */
void event_raise(struct event *ev)
{
	struct timeval tv;

	if (!ev || !(bus.mask & 1u << (ev->type >> 4)))
		return;

	(void)gettimeofday(&tv, NULL);
	ev->seq  = ++bus.seq;
	ev->mono = mono_ms();
	ev->wall = (uint64_t)tv.tv_sec * 1000 + (uint64_t)tv.tv_usec / 1000;

	if (bus.busy) {
		keep(ev);
		return;
	}

	bus.busy = true;
	deliver(ev);

	while (bus.waitl.head) {

		struct waiting *w = bus.waitl.head->data;

		deliver(&w->ev);
		mem_deref(w);
	}

	bus.busy = false;
}


/**
 * Listen, to what is raised from now on. Ends by mem_deref()
 *
 * @param subp Pointer to the subscription
 * @param mask Classes, enum event_class
 * @param h    Handler
 * @param arg  Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int event_subscribe(struct event_sub **subp, uint32_t mask, event_h *h,
		    void *arg)
{
	struct event_sub *sub;

	if (!subp || !mask || !h)
		return EINVAL;

	sub = mem_zalloc(sizeof(*sub), sub_destructor);
	if (!sub)
		return ENOMEM;

	sub->mask  = mask;
	sub->since = bus.seq + 1;
	sub->h     = h;
	sub->arg   = arg;

	list_append(&bus.subl, &sub->le, sub);
	update_mask();

	*subp = sub;

	return 0;
}


/**
 * Events that were not delivered for want of memory
 *
 * @return Their number
 */
uint64_t event_lost(void)
{
	return bus.lost;
}
