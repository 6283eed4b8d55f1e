/**
 * @file video/rtp/vcache.c  Packets that were sent, kept for retransmission
 *
 *   tail           head
 *    v               v
 *   [#][#][ ][#][#][#]      one slot for each sequence number, in a ring
 *
 * Packets are kept as long as a receiver can have use for them, which
 * bounds the memory by the bit rate; VCACHE_SLOTS and VCACHE_BYTES bound it
 * at any rate. Those forwarded late are put where they belong.
 */
#include <string.h>
#include <re.h>
#include "rtp/rtp.h"
#include "loss.h"


enum {
	PKT_MAX = 65535,        /**< Largest packet [bytes]                */
	MASK = VCACHE_SLOTS - 1,
};


struct slot {
	uint8_t *pkt;           /**< Packet (owner), NULL=empty            */
	size_t len;             /**< Its length [bytes]                    */
	uint64_t sent;          /**< When it was put [us]                  */
	uint64_t again;         /**< When it was sent again [us], 0=never  */
};

struct vcache {
	struct slot v[VCACHE_SLOTS];
	bool on;                /**< Has had a packet                      */
	uint16_t tail;          /**< Oldest sequence number                */
	uint16_t head;          /**< Newest sequence number                */
	size_t bytes;           /**< Of all packets kept                   */
};


static struct slot *slot_at(struct vcache *vc, uint16_t seq)
{
	return &vc->v[seq & MASK];
}


static void slot_clear(struct vcache *vc, uint16_t seq)
{
	struct slot *s = slot_at(vc, seq);

	vc->bytes -= s->pkt ? s->len : 0;
	s->pkt = mem_deref(s->pkt);
}


static void clear(struct vcache *vc)
{
	unsigned i;

	for (i=0; i<VCACHE_SLOTS; i++)
		slot_clear(vc, i);

	vc->on = false;
}


static void destructor(void *arg)
{
	clear(arg);
}


/**
 * Allocate a cache of sent packets
 *
 * @param vcp Cache (output)
 *
 * @return 0 if success, EINVAL for missing arguments, ENOMEM
 */
int vcache_alloc(struct vcache **vcp)
{
	struct vcache *vc;

	if (!vcp)
		return EINVAL;

	vc = mem_zalloc(sizeof(*vc), destructor);
	if (!vc)
		return ENOMEM;

	*vcp = vc;

	return 0;
}


static bool is_old(const struct slot *s, uint64_t now)
{
	return now > s->sent + VCACHE_AGE;
}


/* Drop the oldest: those that are too old, and for room */
static void expire(struct vcache *vc, size_t len, uint64_t now)
{
	while (vc->tail != vc->head) {

		const struct slot *s = slot_at(vc, vc->tail);

		if (s->pkt && !is_old(s, now) &&
		    vc->bytes + len <= VCACHE_BYTES)
			break;

		slot_clear(vc, vc->tail++);
	}
}


/* Make the ring reach to a sequence number */
static void reach(struct vcache *vc, uint16_t seq)
{
	const int16_t ahead = (int16_t)(seq - vc->head);
	const int16_t behind = (int16_t)(vc->tail - seq);

	if (!vc->on || ahead >= VCACHE_SLOTS || ahead <= -VCACHE_SLOTS) {
		clear(vc);
		vc->on = true;
		vc->tail = vc->head = seq;
	}
	else if (ahead > 0) {
		while ((uint16_t)(seq - vc->tail) >= VCACHE_SLOTS)
			slot_clear(vc, vc->tail++);
		vc->head = seq;
	}
	else if (behind > 0) {
		vc->tail = seq;
	}
}


/**
 * Keep a packet that is sent. A jump of VCACHE_SLOTS or more in either
 * direction is a new stream, and forgets the old one
 *
 * @param vc  Cache
 * @param pkt RTP packet, copied
 * @param len Length of the packet [bytes]
 * @param now Time [us]
 *
 * @return 0 if success, EINVAL for missing arguments, EBADMSG if it is no
 *         RTP, EMSGSIZE if it is larger than any, ENOMEM
 */
int vcache_put(struct vcache *vc, const uint8_t *pkt, size_t len,
	       uint64_t now)
{
	struct slot *s;
	uint16_t seq;

	if (!vc || !pkt)
		return EINVAL;

	if (len < RTP_HEADER_SIZE)
		return EBADMSG;

	if (len > PKT_MAX)
		return EMSGSIZE;

	seq = rtp_get16(pkt + 2);
	expire(vc, len, now);
	reach(vc, seq);
	slot_clear(vc, seq);

	s = slot_at(vc, seq);
	s->pkt = mem_alloc(len, NULL);
	if (!s->pkt)
		return ENOMEM;

	memcpy(s->pkt, pkt, len);
	s->len   = len;
	s->sent  = now;
	s->again = 0;
	vc->bytes += len;

	return 0;
}


/**
 * Find a packet that is to be sent again; it is taken as sent
 *
 * A receiver repeats its requests, and the answer to the first may be on
 * its way: the same packet is not given again within a round trip.
 *
 * @param vc  Cache
 * @param seq Sequence number
 * @param len Length of the packet [bytes] (set only if found)
 * @param rtt Round-trip time [us], 0=unknown
 * @param now Time [us]
 *
 * @return The packet as it was put, valid until the next vcache_put();
 *         NULL if it is not (or no more) there, or was given just now
 */
const uint8_t *vcache_get(struct vcache *vc, uint16_t seq, size_t *len,
			  uint64_t rtt, uint64_t now)
{
	struct slot *s;

	if (!vc || !len || !vc->on ||
	    (uint16_t)(seq - vc->tail) > (uint16_t)(vc->head - vc->tail))
		return NULL;

	s = slot_at(vc, seq);
	if (!s->pkt || is_old(s, now))
		return NULL;

	if (s->again && now < s->again + max(rtt, (uint64_t)VCACHE_AGAIN))
		return NULL;

	s->again = now;
	*len = s->len;

	return s->pkt;
}


/**
 * Get the size of all packets that are kept
 *
 * @param vc Cache
 *
 * @return Size [bytes]
 */
size_t vcache_bytes(const struct vcache *vc)
{
	return vc ? vc->bytes : 0;
}
