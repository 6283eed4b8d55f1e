/**
 * @file audio/reorder.c  Bounded reordering window
 *
 * A packet that is next in sequence passes without being touched. Only when
 * one is missing the following are held, for as many packets and as long as
 * has been worth it on this stream: networks that lose packets but never
 * reorder them soon are not waited for any more, since a wait in vain is
 * jitter for the receiver. A packet that comes too late widens the window
 * again.
 */
#include <string.h>
#include <re.h>
#include "audio.h"
#include "rtp/rtp.h"
#include "reorder.h"


enum {
	DEPTH_INIT = 2,         /**< Packets held at first                 */
	VAIN_MAX   = 4,         /**< Waits in vain that narrow the window  */
};


/**
 * Initialise a window, or empty it for a new source
 *
 * @param ro Window; all zero if it is new
 */
void reorder_init(struct reorder *ro)
{
	size_t i;

	for (i=0; i<REORDER_SLOTS; i++)
		ro->slotv[i].used = false;

	if (!ro->on)
		ro->depth = DEPTH_INIT;

	ro->on   = false;
	ro->held = 0;
}


/* A packet came after as many later ones: so many are worth holding */
static void learn(struct reorder *ro, unsigned displaced)
{
	if (!displaced || displaced > REORDER_MAX)
		return;

	ro->depth = max(ro->depth, displaced);
	ro->vain  = 0;
}


static void waited_in_vain(struct reorder *ro)
{
	if (++ro->vain < VAIN_MAX)
		return;

	ro->vain = 0;
	if (ro->depth)
		--ro->depth;
}


static bool hold(struct reorder *ro, const struct rtp_pkt *rp, bool cn,
		 uint64_t now)
{
	struct reorder_slot *slot = NULL;
	size_t i;

	for (i=0; i<REORDER_SLOTS; i++) {
		if (!ro->slotv[i].used)
			slot = &ro->slotv[i];
		else if (ro->slotv[i].seq == rp->seq)
			return false;
	}

	if (!slot)
		return false;

	slot->used   = true;
	slot->seq    = rp->seq;
	slot->ts     = rp->ts;
	slot->marker = rp->marker;
	slot->cn     = cn;
	slot->len    = rp->plen;
	memcpy(slot->buf, rp->payload, rp->plen);

	if (!ro->held++)
		ro->since = now;

	return true;
}


/**
 * Put a packet into the window
 *
 * @param ro   Window
 * @param rp   Packet, payload of at most REORDER_LEN bytes
 * @param cn   True if it is comfort noise
 * @param lost Packets given up before this one, if it is to be used now
 *             (output)
 * @param now  Time [us]
 *
 * @return What to do with the packet. After REORDER_NOW and REORDER_HELD
 *         call reorder_get() for what has become ready
 */
enum reorder_res reorder_put(struct reorder *ro, const struct rtp_pkt *rp,
			     bool cn, unsigned *lost, uint64_t now)
{
	int16_t delta;

	if (!ro->on) {
		ro->on   = true;
		ro->next = rp->seq;
	}

	delta = (int16_t)(rp->seq - ro->next);

	if (delta < 0) {
		learn(ro, (unsigned)(-delta - 1));
		return REORDER_LATE;
	}

	if (delta > 0 && delta <= REORDER_MAX && ro->depth)
		return hold(ro, rp, cn, now) ? REORDER_HELD : REORDER_LATE;

	if (delta > 0 && ro->held)
		return REORDER_FLUSH;

	if (ro->held)
		learn(ro, ro->held);

	*lost = (unsigned)delta;
	ro->next = rp->seq + 1;

	return REORDER_NOW;
}


static struct reorder_slot *first(struct reorder *ro)
{
	struct reorder_slot *slot = NULL;
	size_t i;

	for (i=0; i<REORDER_SLOTS; i++) {

		struct reorder_slot *s = &ro->slotv[i];

		if (s->used && (!slot || (int16_t)(s->seq - slot->seq) < 0))
			slot = s;
	}

	return slot;
}


/**
 * Get the next packet that was held
 *
 * @param ro     Window
 * @param giveup True to give up what is missing before it
 * @param lost   Packets given up (output)
 * @param now    Time [us]
 *
 * @return The packet, valid until the next reorder_put(); NULL if there is
 *         none, or one before it is still missing
 */
struct reorder_slot *reorder_get(struct reorder *ro, bool giveup,
				 unsigned *lost, uint64_t now)
{
	struct reorder_slot *slot;

	if (!ro->held)
		return NULL;

	slot = first(ro);
	*lost = (uint16_t)(slot->seq - ro->next);

	if (*lost) {
		if (!giveup)
			return NULL;

		waited_in_vain(ro);
	}

	slot->used = false;
	ro->next   = slot->seq + 1;
	ro->since  = now;
	--ro->held;

	return slot;
}


/**
 * Check if the window holds more than is worth waiting with
 *
 * @param ro Window
 *
 * @return True if the missing packet is to be given up, otherwise false
 */
bool reorder_full(const struct reorder *ro)
{
	return ro->held > ro->depth;
}
