/**
 * @file cube/linkq.c  What a link does while it is down: wait, and keep
 */
#include <re.h>
#include "base/mono.h"
#include "peer/peer.h"
#include "cube.h"
#include "xmpp.h"
#include "link.h"


/** A stanza that waits for the link to come back */
struct kept {
	struct le le;           /**< Member of its link's queuel           */
	struct mbuf *mb;        /**< The stanza (owner)                    */
	uint64_t until;         /**< Worthless after this [ms]             */
};


static void kept_destructor(void *data)
{
	struct kept *k = data;

	list_unlink(&k->le);
	mem_deref(k->mb);
}


/**
 * Compute a reconnection delay: doubled for each attempt, at random within
 * its upper half, so that many bridges do not come back all at once
 *
 * @param retry_min Delay of the first attempt [ms]
 * @param retry_max Longest delay [ms]
 * @param attempt   Failed attempts so far
 * @param rnd       A random number
 *
 * @return Delay [ms], at most retry_max
 */
uint32_t link_backoff(uint32_t retry_min, uint32_t retry_max,
		      unsigned attempt, uint32_t rnd)
{
	uint64_t delay = (uint64_t)retry_min << min(attempt, 20u);

	delay = min(delay, (uint64_t)retry_max);

	return (uint32_t)(delay - delay / 2 + (uint64_t)rnd % (delay / 2 + 1));
}


/**
 * An attempt failed
 *
 * @param p   Pace
 * @param rnd A random number
 *
 * @return Delay of the next one [ms]
 */
uint32_t link_pace_failed(struct link_pace *p, uint32_t rnd)
{
	return link_backoff(p->min, p->max, p->attempts++, rnd);
}


/**
 * An attempt was refused. That may be the cloud's fault, and over in a moment
 *
 * @param p   Pace
 * @param rnd A random number
 *
 * @return Delay of the next one [ms]
 */
uint32_t link_pace_refused(struct link_pace *p, uint32_t rnd)
{
	return link_backoff(p->min, p->max, p->refusals++, rnd);
}


/**
 * A link was lost. One that worked is made again at once, but for some
 * jitter: all bridges lose it in the same moment. One that never works for
 * long has a back-off of its own, however often it comes up
 *
 * @param p      Pace
 * @param online Time that it was online [ms]
 * @param rnd    A random number
 *
 * @return Delay of the next attempt [ms]
 */
uint32_t link_pace_lost(struct link_pace *p, uint64_t online, uint32_t rnd)
{
	if (online < LINK_STABLE)
		return link_backoff(p->min, p->max, p->flaps++, rnd);

	p->flaps = 0;

	return rnd % (p->min / 4 + 1);
}


/**
 * The link is there: what failed before is forgotten
 *
 * @param p Pace
 */
void link_pace_online(struct link_pace *p)
{
	p->attempts = 0;
	p->refusals = 0;
}


/**
 * Keep a stanza until the link is back. The oldest one goes if there are
 * more than LINK_QUEUE_MAX
 *
 * @param queuel Stanzas that wait
 * @param buf    Text of the stanza
 * @param len    Length of the text [bytes]
 * @param keep   It is worthless after this time [ms]
 *
 * @return 0 if success; ENOMEM
 */
int linkq_keep(struct list *queuel, const char *buf, size_t len,
	       uint32_t keep)
{
	struct kept *k;

	if (list_count(queuel) >= LINK_QUEUE_MAX)
		mem_deref(list_ledata(list_head(queuel)));

	k = mem_zalloc(sizeof(*k), kept_destructor);
	if (!k)
		return ENOMEM;

	k->until = mono_ms() + keep;
	k->mb    = mbuf_alloc(len);

	if (!k->mb || mbuf_write_mem(k->mb, (const uint8_t *)buf, len)) {
		mem_deref(k);
		return ENOMEM;
	}

	list_append(queuel, &k->le, k);

	return 0;
}


/**
 * Send the stanzas that wait; those whose time is over are dropped
 *
 * @param queuel Stanzas that wait; empty afterwards
 * @param xmpp   Stream that is ready
 */
void linkq_flush(struct list *queuel, struct xmpp *xmpp)
{
	const uint64_t now = mono_ms();
	struct le *le = list_head(queuel);

	while (le) {

		struct kept *k = le->data;

		le = le->next;

		if (now < k->until)
			(void)xmpp_send(xmpp, (char *)k->mb->buf,
					k->mb->end);

		mem_deref(k);
	}
}
