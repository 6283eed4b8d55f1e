/**
 * @file base/wire.c  Messages as they come and go, for who looks at them
 */
#include <re.h>
#include "base/wire.h"


/** Somebody who looks */
struct wire_sub {
	struct le le;           /**< Member of the list                    */
	uint32_t kinds;         /**< At what, bits of enum wire_kind       */
	wire_h *h;              /**< Handler                               */
	void *arg;              /**< Handler argument                      */
};

static struct {
	struct list subl;       /* struct wire_sub, each its owner's */
	uint32_t kinds;         /* of all of them */
} wires;


static void destructor(void *data)
{
	struct wire_sub *sub = data;
	struct le *le;

	list_unlink(&sub->le);

	wires.kinds = 0;
	for (le = list_head(&wires.subl); le; le = le->next)
		wires.kinds |= ((struct wire_sub *)le->data)->kinds;
}


/**
 * Look at messages, until the subscription is dereferenced
 *
 * @param subp  Pointer to the subscription
 * @param kinds At what: 1 << enum wire_kind, joined
 * @param h     Handler
 * @param arg   Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int wire_subscribe(struct wire_sub **subp, uint32_t kinds, wire_h *h,
		   void *arg)
{
	struct wire_sub *sub;

	if (!subp || !h)
		return EINVAL;

	sub = mem_zalloc(sizeof(*sub), destructor);
	if (!sub)
		return ENOMEM;

	sub->kinds = kinds;
	sub->h     = h;
	sub->arg   = arg;
	list_append(&wires.subl, &sub->le, sub);
	wires.kinds |= kinds;

	*subp = sub;

	return 0;
}


/**
 * Does anybody look?
 *
 * @param kind At messages of this kind
 *
 * @return True if somebody does
 */
bool wire_wanted(enum wire_kind kind)
{
	return wires.kinds & 1u << kind;
}


/**
 * Show a message
 *
 * @param w Message
 */
void wire_tell(const struct wire *w)
{
	struct le *le;

	if (!w || !w->buf || !w->len || !wire_wanted(w->kind))
		return;

	for (le = list_head(&wires.subl); le; le = le->next) {

		const struct wire_sub *sub = le->data;

		if (sub->kinds & 1u << w->kind)
			sub->h(w, sub->arg);
	}
}


/**
 * Show a message of the cloud
 *
 * @param kind What is spoken
 * @param tx   We have sent it
 * @param peer Our user, or what is asked
 * @param buf  Message
 * @param len  Its length [bytes]
 */
void wire_tell_text(enum wire_kind kind, bool tx, const char *peer,
		    const char *buf, size_t len)
{
	const struct wire w = {
		.kind = kind, .tx = tx, .peer = peer, .buf = buf, .len = len,
	};

	wire_tell(&w);
}
