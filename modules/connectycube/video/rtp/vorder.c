/**
 * @file video/rtp/vorder.c  Packets in order, where they are put together
 *
 *   next
 *    v
 *   [ ][#][#][ ][#]      one slot for each sequence number, in a ring
 */
#include <string.h>
#include <re.h>
#include "vorder.h"


struct slot {
	struct mbuf *mb;        /**< Payload; the buffer is kept (owner)   */
	struct vorder_pkt pkt;  /**< The rest                              */
	bool used;              /**< A packet is held                      */
};

struct vorder {
	struct slot v[VORDER_MAX];
	size_t c;               /**< Packets held                          */
	bool on;                /**< There was a packet                    */
	uint16_t next;          /**< Sequence number to come               */
	unsigned lost;          /**< Lost before that                      */
	uint64_t since;         /**< When it was first missed [us], 0=not  */
	vorder_h *h;            /**< Takes packets                         */
	void *arg;              /**< Handler argument                      */
};


static void destructor(void *arg)
{
	struct vorder *o = arg;
	size_t i;

	for (i=0; i<VORDER_MAX; i++)
		mem_deref(o->v[i].mb);
}


/**
 * Allocate an order
 *
 * @param op  Order (output)
 * @param h   Takes packets
 * @param arg Handler argument
 *
 * @return 0 if success, EINVAL for missing arguments, ENOMEM
 */
int vorder_alloc(struct vorder **op, vorder_h *h, void *arg)
{
	struct vorder *o;

	if (!op || !h)
		return EINVAL;

	o = mem_zalloc(sizeof(*o), destructor);
	if (!o)
		return ENOMEM;

	o->h   = h;
	o->arg = arg;

	*op = o;

	return 0;
}


/**
 * Begin anew: what is held is dropped
 *
 * @param o Order
 */
void vorder_reset(struct vorder *o)
{
	size_t i;

	if (!o)
		return;

	for (i=0; i<VORDER_MAX; i++)
		o->v[i].used = false;

	o->on    = false;
	o->c     = 0;
	o->lost  = 0;
	o->since = 0;
}


static struct slot *slot_at(struct vorder *o, uint16_t seq)
{
	return &o->v[seq & (VORDER_MAX - 1)];
}


static void give(struct vorder *o, const struct vorder_pkt *pkt)
{
	struct vorder_pkt p = *pkt;

	p.lost  = o->lost;
	o->lost = 0;
	++o->next;

	o->h(&p, o->arg);
}


/* What has waited for nothing but the packet before it */
static void drain(struct vorder *o, uint64_t now)
{
	struct slot *s;

	while (s = slot_at(o, o->next), o->c && s->used) {
		s->used = false;
		--o->c;
		give(o, &s->pkt);
	}

	o->since = o->c ? now : 0;
}


/**
 * What is missing will not come, or not in time: go on behind it
 *
 * @param o   Order
 * @param now Time [us]
 */
void vorder_skip(struct vorder *o, uint64_t now)
{
	if (!o || !o->c)
		return;

	while (!slot_at(o, o->next)->used) {
		++o->next;
		++o->lost;
	}

	drain(o, now);
}


static void hold(struct vorder *o, const struct vorder_pkt *pkt, uint64_t now)
{
	struct slot *s = slot_at(o, pkt->seq);

	if (!s->mb)
		s->mb = mbuf_alloc(max(pkt->len, (size_t)1));
	if (!s->mb)
		return;

	mbuf_rewind(s->mb);
	if (mbuf_write_mem(s->mb, pkt->buf, pkt->len))
		return;

	s->pkt     = *pkt;
	s->pkt.buf = s->mb->buf;
	s->used    = true;
	++o->c;

	if (!o->since)
		o->since = now;
}


/* Make the ring reach to a sequence number */
static void reach(struct vorder *o, uint16_t seq, uint64_t now)
{
	while (o->c && (uint16_t)(seq - o->next) >= VORDER_MAX)
		vorder_skip(o, now);

	if ((uint16_t)(seq - o->next) >= VORDER_MAX) {
		o->lost += (uint16_t)(seq - o->next);
		o->next  = seq;
	}
}


/**
 * Put a packet. Those that are in order now are handed out before this
 * returns
 *
 * @param o   Order
 * @param pkt Packet; its payload is copied if it is held, `lost` is ignored
 * @param now Time [us]
 *
 * @return False if it is too late, or was there before
 */
bool vorder_put(struct vorder *o, const struct vorder_pkt *pkt, uint64_t now)
{
	if (!o || !pkt)
		return false;

	if (!o->on) {
		o->on   = true;
		o->next = pkt->seq;
	}

	if ((int16_t)(pkt->seq - o->next) < 0)
		return false;

	reach(o, pkt->seq, now);

	if (pkt->seq == o->next) {
		give(o, pkt);
		drain(o, now);
		return true;
	}

	if (slot_at(o, pkt->seq)->used)
		return false;

	hold(o, pkt, now);

	return true;
}


/**
 * Get the time since which a packet is missed
 *
 * @param o Order
 *
 * @return Time [us], 0 if nothing waits
 */
uint64_t vorder_since(const struct vorder *o)
{
	return o ? o->since : 0;
}
