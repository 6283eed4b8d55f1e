/**
 * @file video/xcode/frame.c  The RTP payloads of one frame, in one piece
 */
#include <re.h>
#include "frame.h"


enum {
	SIZE_INIT = 4096,       /**< Of a frame, it grows [bytes]          */
};

/** Stands before a payload */
struct head {
	size_t len;
	uint16_t seq;
	bool marker;
};


static void destructor(void *data)
{
	struct vpkts *p = data;

	mem_deref(p->mb);
}


/**
 * Allocate a frame without payloads
 *
 * @param pp Pointer to allocated frame
 * @param ts Timestamp [90 kHz]
 *
 * @return 0 if success, otherwise errorcode
 */
int vpkts_alloc(struct vpkts **pp, uint32_t ts)
{
	struct vpkts *p;

	p = mem_zalloc(sizeof(*p), destructor);
	if (!p)
		return ENOMEM;

	p->ts = ts;
	p->mb = mbuf_alloc(SIZE_INIT);
	if (!p->mb) {
		mem_deref(p);
		return ENOMEM;
	}

	*pp = p;

	return 0;
}


/**
 * Append a copy of a payload
 *
 * @param p      Frame that nothing was read of
 * @param marker Last one of the frame
 * @param seq    Sequence number
 * @param buf    Payload
 * @param len    Its length [bytes], not 0
 *
 * @return 0 if success, EINVAL for an empty payload, ENOMEM
 */
int vpkts_add(struct vpkts *p, bool marker, uint16_t seq,
	      const uint8_t *buf, size_t len)
{
	const struct head head = { .len = len, .seq = seq, .marker = marker };
	const size_t end = p->mb->end;
	int err;

	if (!len)
		return EINVAL;

	p->mb->pos = end;
	err = mbuf_write_mem(p->mb, (const uint8_t *)&head, sizeof(head));
	if (!err)
		err = mbuf_write_mem(p->mb, buf, len);

	if (err)
		p->mb->end = end;
	else
		++p->n;

	p->mb->pos = 0;

	return err;
}


/**
 * Read the next payload
 *
 * @param p   Frame
 * @param pkt Payload; valid as long as the frame is
 *
 * @return true if there was one
 */
bool vpkts_next(struct vpkts *p, struct vpkt *pkt)
{
	struct head head;

	if (!mbuf_get_left(p->mb))
		return false;

	(void)mbuf_read_mem(p->mb, (uint8_t *)&head, sizeof(head));

	pkt->marker = head.marker;
	pkt->seq    = head.seq;
	pkt->buf    = mbuf_buf(p->mb);
	pkt->len    = head.len;

	mbuf_advance(p->mb, head.len);

	return true;
}


/**
 * Read from the first payload again
 *
 * @param p Frame
 */
void vpkts_rewind(struct vpkts *p)
{
	p->mb->pos = 0;
}
