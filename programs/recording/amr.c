/**
 * @file amr.c  AMR and AMR-WB in RTP (RFC 4867): frames of a payload
 *
 * Pure. Without interleaving and robust sorting, which nobody speaks.
 */
#include <string.h>
#include <re.h>
#include "recording.h"


enum {
	FRAME_MAX = 64,         /**< Longest frame, with its first byte    */
	FRAMES    = 24,         /**< Most frames of a payload              */
	NO_DATA   = 15,
	LOST      = 14,
};

/** Reader of bits */
struct reader {
	const uint8_t *p;
	size_t pos, end;        /**< [bits]                                */
};

/* Bits of speech by frame type, then comfort noise */
static const uint16_t bits_nb[] = {95, 103, 118, 134, 148, 159, 204, 244, 39};
static const uint16_t bits_wb[] = {132, 177, 253, 285, 317, 365, 397, 461,
				   477, 40};


static unsigned get(struct reader *r, unsigned n)
{
	unsigned v = 0;

	while (n--) {
		v <<= 1;
		if (r->pos < r->end)
			v |= r->p[r->pos / 8] >> (7 - r->pos % 8) & 1;
		++r->pos;
	}

	return v;
}


static int frame(struct reader *r, bool octet, unsigned type, bool quality,
		 size_t bits, rec_amr_h *h, void *arg)
{
	uint8_t buf[FRAME_MAX] = {0};
	const size_t n = (bits + 7) / 8;
	size_t i;

	buf[0] = (uint8_t)(type << 3 | quality << 2);

	if (r->end - r->pos < bits)
		return EBADMSG;

	for (i=0; i<n; i++) {
		const unsigned k = (unsigned)min(bits - i * 8, (size_t)8);

		buf[1 + i] = (uint8_t)(get(r, k) << (8 - k));
	}
	if (octet)
		r->pos = min((r->pos + 7) / 8 * 8, r->end);

	return h(buf, 1 + n, false, arg);
}


/**
 * Split a payload into frames
 *
 * @param wb    It is AMR-WB
 * @param octet All begins at whole bytes (octet-align=1)
 * @param p     Payload
 * @param len   Its length [bytes]
 * @param h     Called for each frame, as it is in files; none: nothing to
 *              hear, p is NULL
 * @param arg   Its argument
 *
 * @return 0 if success, EBADMSG if it is damaged, or the handler's error
 */
int rec_amr_split(bool wb, bool octet, const uint8_t *p, size_t len,
		  rec_amr_h *h, void *arg)
{
	const uint16_t *bits = wb ? bits_wb : bits_nb;
	const unsigned types = wb ? ARRAY_SIZE(bits_wb) : ARRAY_SIZE(bits_nb);
	struct reader r = {.p = p, .end = len * 8};
	uint8_t tocv[FRAMES];
	size_t i, n = 0;
	unsigned more;
	int err = 0;

	if (!p || !h)
		return EINVAL;

	(void)get(&r, octet ? 8 : 4);
	do {
		if (n == FRAMES || r.pos >= r.end)
			return EBADMSG;
		more = get(&r, 1);
		tocv[n++] = (uint8_t)get(&r, 5);
		if (octet)
			(void)get(&r, 2);
	}
	while (more);

	for (i=0; i<n && !err; i++) {

		const unsigned type = tocv[i] >> 1;

		if (r.pos > r.end)
			err = EBADMSG;
		else if (type < types)
			err = frame(&r, octet, type, tocv[i] & 1, bits[type],
				    h, arg);
		else if (type == NO_DATA || type == LOST)
			err = h(NULL, 0, true, arg);
		else
			err = EBADMSG;
	}

	return err;
}
