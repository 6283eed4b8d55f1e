/**
 * @file video/xcode/framer.c  From packets to frames: the transcoder's entry
 */
#include <string.h>
#include <re.h>
#include "frame.h"
#include "framer.h"


/** A packet that came before its turn */
struct held {
	struct le le;
	bool marker;
	uint16_t seq;
	uint32_t ts;
	size_t len;
	uint8_t buf[];
};


static void held_destructor(void *data)
{
	struct held *h = data;

	list_unlink(&h->le);
}


/**
 * Forget everything, as if nothing had come yet
 *
 * @param in Entry
 */
void vxin_reset(struct vxin *in)
{
	list_flush(&in->heldl);
	in->frame = mem_deref(in->frame);
	in->on    = false;
	in->gap   = false;
}


static void frame_end(struct vxin *in)
{
	struct vpkts *frame = in->frame;

	if (!frame)
		return;

	in->frame = NULL;
	in->frameh(frame, in->arg);
}


static int frame_add(struct vxin *in, bool marker, uint16_t seq, uint32_t ts,
		     const uint8_t *buf, size_t len)
{
	int err;

	/* the end of the one before was lost, or it has no marker */
	if (in->frame && in->frame->ts != ts)
		frame_end(in);

	if (!in->frame) {
		err = vpkts_alloc(&in->frame, ts);
		if (err)
			return err;

		in->frame->gap = in->gap;
	}

	in->gap = false;

	if (in->frame->mb->end + len > VXIN_FRAME_MAX)
		return EOVERFLOW;

	return vpkts_add(in->frame, marker, seq, buf, len);
}


/* The packet whose turn it is */
static void take(struct vxin *in, bool marker, uint16_t seq, uint32_t ts,
		 const uint8_t *buf, size_t len)
{
	in->next = seq + 1;

	/* padding alone, sent as a probe */
	if (!len)
		return;

	if (frame_add(in, marker, seq, ts, buf, len)) {
		in->frame = mem_deref(in->frame);
		in->gap   = true;
		return;
	}

	if (marker)
		frame_end(in);
}


static struct held *first_held(const struct vxin *in)
{
	return list_ledata(list_head(&in->heldl));
}


static void take_held(struct vxin *in)
{
	struct held *h;

	while ((h = first_held(in)) && h->seq == in->next) {

		take(in, h->marker, h->seq, h->ts, h->buf, h->len);

		/* the handler may have reset us */
		if (first_held(in) != h)
			return;

		mem_deref(h);
	}
}


/**
 * What is missing will not come: go on without it
 *
 * @param in Entry
 */
void vxin_lost(struct vxin *in)
{
	struct held *h;

	if (!in)
		return;

	h = first_held(in);
	if (!h)
		return;

	/* it may have been the end of this frame or the start of another */
	if (in->frame)
		in->frame->gap = true;
	in->gap  = !in->frame || in->frame->ts != h->ts;
	in->next = h->seq;

	take_held(in);
}


static void hold(struct vxin *in, bool marker, uint16_t seq, uint32_t ts,
		 const uint8_t *buf, size_t len)
{
	struct held *h;
	struct le *le;

	for (le = in->heldl.tail; le; le = le->prev) {

		const struct held *other = le->data;

		if (other->seq == seq)
			return;
		if ((int16_t)(seq - other->seq) > 0)
			break;
	}

	h = mem_alloc(sizeof(*h) + len, held_destructor);
	if (!h)
		return;

	memset(h, 0, sizeof(*h));
	h->marker = marker;
	h->seq    = seq;
	h->ts     = ts;
	h->len    = len;
	if (len)
		memcpy(h->buf, buf, len);

	if (le)
		list_insert_after(&in->heldl, le, &h->le, h);
	else
		list_prepend(&in->heldl, &h->le, h);
}


static void put_early(struct vxin *in, bool marker, uint16_t seq, uint32_t ts,
		      const uint8_t *buf, size_t len, uint64_t now)
{
	if (list_isempty(&in->heldl))
		in->since = now;

	hold(in, marker, seq, ts, buf, len);

	while (list_count(&in->heldl) > VXIN_HELD_MAX)
		vxin_lost(in);
}


/**
 * Put a packet
 *
 * @param in     Entry
 * @param marker Its marker
 * @param seq    Its sequence number
 * @param ts     Its timestamp [90 kHz]
 * @param buf    Payload, is copied
 * @param len    Its length [bytes]; 0=padding alone
 * @param now    Time [us]
 */
void vxin_put(struct vxin *in, bool marker, uint16_t seq, uint32_t ts,
	      const uint8_t *buf, size_t len, uint64_t now)
{
	int diff;

	if (!in)
		return;

	diff = (int16_t)(seq - in->next);

	if (!in->on || diff > VXIN_JUMP || diff < -VXIN_JUMP) {
		const bool gap = in->on;

		vxin_reset(in);
		in->on   = true;
		in->gap  = gap;
		in->next = seq;
		diff     = 0;
	}

	/* late, or twice */
	if (diff < 0)
		return;

	if (diff > 0) {
		put_early(in, marker, seq, ts, buf, len, now);
	}
	else {
		take(in, marker, seq, ts, buf, len);
		take_held(in);
		in->since = now;
	}

	if (!list_isempty(&in->heldl) && now - in->since >= VXIN_WAIT) {
		vxin_lost(in);
		in->since = now;
	}
}
