/**
 * @file cube/linkq.c  What is to be sent while a link is down
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
