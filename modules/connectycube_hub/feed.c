/**
 * @file connectycube_hub/feed.c  What bridges tell, to whoever is interested
 *
 * Pure.
 */
#include <errno.h>
#include <jansson.h>
#include <re_types.h>
#include <re_list.h>
#include <re_mem.h>
#include "feed.h"


/** Somebody who listens */
struct hub_feed {
	struct le le;           /**< Member of feed.l                      */
	unsigned mask;          /**< enum hub_told                         */
	hub_feed_h *h;          /**< Handler                               */
	void *arg;              /**< Handler argument                      */
};

/** Something is being told: there may be one within another */
struct pass {
	struct pass *outer;     /**< Around it, or NULL                    */
	struct le *next;        /**< Who is told next                      */
};

static struct {
	struct list l;          /* struct hub_feed (pointers) */
	struct pass *pass;      /* the innermost one, or NULL */
} feed;


static void destructor(void *data)
{
	struct hub_feed *f = data;
	struct pass *p;

	for (p = feed.pass; p; p = p->outer) {
		if (p->next == &f->le)
			p->next = f->le.next;
	}

	list_unlink(&f->le);
}


/**
 * Listen, to what is told from now on. Ends by mem_deref()
 *
 * @param fp   Pointer to it
 * @param mask What is wanted, enum hub_told
 * @param h    Handler
 * @param arg  Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_feed_listen(struct hub_feed **fp, unsigned mask, hub_feed_h *h,
		    void *arg)
{
	struct hub_feed *f;

	if (!fp || !mask || !h)
		return EINVAL;

	f = mem_zalloc(sizeof(*f), destructor);
	if (!f)
		return ENOMEM;

	f->mask = mask;
	f->h    = h;
	f->arg  = arg;
	list_append(&feed.l, &f->le, f);
	*fp = f;

	return 0;
}


/**
 * Does anybody listen? What nobody wants need not be made
 *
 * @param what What
 *
 * @return True if somebody does
 */
bool hub_feed_wanted(enum hub_told what)
{
	struct le *le;

	for (le = feed.l.head; le; le = le->next) {

		const struct hub_feed *f = le->data;

		if (f->mask & what)
			return true;
	}

	return false;
}


/**
 * Tell everybody who wants to know
 *
 * @param t What
 */
void hub_feed_tell(const struct hub_tell *t)
{
	struct pass p = {feed.pass, feed.l.head};

	if (!t)
		return;

	feed.pass = &p;

	while (p.next) {

		const struct hub_feed *f = p.next->data;

		p.next = p.next->next;
		if (f->mask & t->what)
			f->h(t, f->arg);
	}

	feed.pass = p.outer;
}
