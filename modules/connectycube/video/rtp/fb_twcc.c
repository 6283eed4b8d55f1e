/**
 * @file video/rtp/fb_twcc.c  Transport-wide congestion control feedback
 *
 * draft-holmer-rmcat-transport-wide-cc-extensions-01, 3.1: for each packet
 * of a range of transport-wide sequence numbers a symbol tells if and how
 * its arrival time follows. The symbols come in chunks of two bytes, a run
 * of one symbol or a vector of them; behind them, the times, each as its
 * difference to the one before, in units of 250 us.
 */
#include <string.h>
#include <re.h>
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "fb.h"
#include "fb_priv.h"


enum {
	FIXED     = 16,         /**< Body in front of the chunks [bytes]   */
	TICK      = 250,        /**< Unit of the differences [us]          */
	REF       = 64000,      /**< Unit of the reference time [us]       */
	RUN_MAX   = 0x1fff,     /**< Longest run of one chunk              */
	VEC1      = 14,         /**< Symbols of a vector, 1 bit each       */
	VEC2      = 7,          /**< Symbols of a vector, 2 bits each      */
};

/** Symbols: how the arrival of a packet is told */
enum symbol {
	SYM_LOST  = 0,          /**< Not received                          */
	SYM_SMALL = 1,          /**< One byte, unsigned                    */
	SYM_LARGE = 2,          /**< Two bytes, signed                     */
};


/* How many symbols a chunk holds */
static size_t chunk_count(uint16_t chunk)
{
	if (!(chunk & 0x8000))
		return chunk & RUN_MAX;

	return chunk & 0x4000 ? VEC2 : VEC1;
}


static unsigned chunk_symbol(uint16_t chunk, size_t i)
{
	if (!(chunk & 0x8000))
		return chunk >> 13 & 3;

	if (chunk & 0x4000)
		return chunk >> (2 * (VEC2 - 1 - i)) & 3;

	return chunk >> (VEC1 - 1 - i) & 1;
}


/* Where the chunks end: where their symbols are enough; 0=malformed */
static size_t chunks_end(const struct rtcp_part *part, size_t count)
{
	size_t pos = FIXED;

	while (count) {

		size_t n;

		if (part->len - pos < 2)
			return 0;

		n = chunk_count(rtp_get16(part->p + pos));
		if (!n)
			return 0;

		count -= min(n, count);
		pos += 2;
	}

	return pos;
}


/* Read the difference that belongs to a symbol, and step over it */
static int delta_read(const struct rtcp_part *part, size_t *pos,
		      unsigned symbol, int64_t *t)
{
	const uint8_t *p = part->p + *pos;
	const size_t n = symbol;

	if (symbol > SYM_LARGE || part->len - *pos < n)
		return EBADMSG;

	if (symbol == SYM_SMALL)
		*t += TICK * (int64_t)p[0];
	else if (symbol == SYM_LARGE)
		*t += TICK * (int64_t)(int16_t)rtp_get16(p);

	*pos += n;

	return 0;
}


static int pkt_read(struct fb *fb, const struct rtcp_part *part, size_t *pos,
		    unsigned symbol, int64_t *t)
{
	const size_t i = fb->u.twcc.pktc;
	int err;

	err = delta_read(part, pos, symbol, t);
	if (err)
		return err;

	fb->u.twcc.pktv[i].seq      = (uint16_t)(rtp_get16(part->p + 8) + i);
	fb->u.twcc.pktv[i].received = symbol != SYM_LOST;
	fb->u.twcc.pktv[i].t        = symbol != SYM_LOST ? *t : 0;
	++fb->u.twcc.pktc;

	return 0;
}


/**
 * Decode transport-cc feedback; what is over FB_TWCC_MAX packets is left out
 *
 * Times are the receiver's, modulo 2^24 * 64 ms.
 *
 * @param fb   Feedback, its SSRCs set
 * @param part Packet of that type, with both SSRCs
 *
 * @return 0 if success, EBADMSG if malformed
 */
int fb_twcc_decode(struct fb *fb, const struct rtcp_part *part)
{
	size_t chunk, pos, count, i;
	int64_t t;

	if (part->len < FIXED)
		return EBADMSG;

	count = rtp_get16(part->p + 10);
	pos   = count ? chunks_end(part, count) : 0;
	if (!pos)
		return EBADMSG;

	/* a signed number of 24 bits, and the feedback packet count */
	t = REF * (int64_t)((int32_t)rtp_get32(part->p + 12) >> 8);

	fb->u.twcc.nr   = part->p[15];
	fb->u.twcc.pktc = 0;
	count = min(count, (size_t)FB_TWCC_MAX);

	for (chunk = FIXED; fb->u.twcc.pktc < count; chunk += 2) {

		const uint16_t c = rtp_get16(part->p + chunk);
		const size_t n = min(chunk_count(c),
				     count - fb->u.twcc.pktc);

		for (i=0; i<n; i++) {

			int err = pkt_read(fb, part, &pos, chunk_symbol(c, i),
					   &t);
			if (err)
				return err;
		}
	}

	fb->type = FB_TWCC;

	return 0;
}


static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}


/** Symbols and differences to write */
struct twcc_enc {
	uint8_t symv[FB_TWCC_MAX];   /**< Symbol of each packet            */
	int16_t deltav[FB_TWCC_MAX]; /**< Difference of each [250 us]      */
	size_t count;                /**< Number of packets                */
	int64_t ref;                 /**< Reference time [64 ms]           */
	size_t deltas;               /**< Length of the differences [bytes] */
};


static int enc_pkt(struct twcc_enc *e, size_t i, const struct fb_twcc_pkt *pkt,
		   int64_t *tick)
{
	const int64_t delta = floor_div(pkt->t, TICK) - *tick;

	if (delta < INT16_MIN || delta > INT16_MAX)
		return ERANGE;

	e->symv[i]   = delta >= 0 && delta <= 255 ? SYM_SMALL : SYM_LARGE;
	e->deltav[i] = (int16_t)delta;
	e->deltas   += e->symv[i];
	*tick       += delta;

	return 0;
}


static int enc_init(struct twcc_enc *e, const struct fb_twcc_pkt *pktv,
		    size_t pktc)
{
	bool found = false;
	int64_t tick = 0;
	size_t i;

	e->count  = pktc;
	e->deltas = 0;

	for (i=0; i<pktc; i++) {

		int err;

		if (pktv[i].seq != (uint16_t)(pktv[0].seq + i))
			return EINVAL;

		e->symv[i] = SYM_LOST;
		if (!pktv[i].received)
			continue;

		if (!found) {
			e->ref = floor_div(pktv[i].t, REF);
			tick   = e->ref * (REF / TICK);
			found  = true;
		}

		err = enc_pkt(e, i, &pktv[i], &tick);
		if (err)
			return err;
	}

	return found ? 0 : EINVAL;
}


/* How many packets from i on have the same symbol */
static size_t run_length(const struct twcc_enc *e, size_t i)
{
	size_t n = 1;

	while (i + n < e->count && n < RUN_MAX && e->symv[i + n] == e->symv[i])
		++n;

	return n;
}


/* How many packets from i on go into a vector of one bit each */
static size_t vec1_length(const struct twcc_enc *e, size_t i)
{
	size_t n = 0;

	while (i + n < e->count && n < VEC1 && e->symv[i + n] != SYM_LARGE)
		++n;

	return n;
}


/* The chunk that takes most packets from i on; moves i behind them */
static uint16_t chunk_next(const struct twcc_enc *e, size_t *i)
{
	const size_t left = e->count - *i;
	const size_t run = run_length(e, *i), vec1 = vec1_length(e, *i);
	const bool one = vec1 >= min((size_t)VEC1, left);
	const size_t room = one ? VEC1 : VEC2;
	const size_t n = min(room, left);
	uint16_t chunk;
	size_t k;

	if (run >= n) {
		chunk = (uint16_t)(e->symv[*i] << 13 | run);
		*i += run;
		return chunk;
	}

	chunk = one ? 0x8000 : 0xc000;

	for (k=0; k<n; k++) {
		const unsigned shift = (one ? 1 : 2) * (room - 1 - k);

		chunk |= (uint16_t)(e->symv[*i + k] << shift);
	}

	*i += n;

	return chunk;
}


static size_t chunks_write(uint8_t *p, const struct twcc_enc *e)
{
	size_t i = 0, n = 0;

	while (i < e->count) {

		const uint16_t chunk = chunk_next(e, &i);

		if (p)
			rtp_put16(p + n, chunk);
		n += 2;
	}

	return n;
}


static uint8_t *deltas_write(uint8_t *p, const struct twcc_enc *e)
{
	size_t i;

	for (i=0; i<e->count; i++) {

		if (e->symv[i] == SYM_SMALL) {
			*p++ = (uint8_t)e->deltav[i];
		}
		else if (e->symv[i] == SYM_LARGE) {
			rtp_put16(p, (uint16_t)e->deltav[i]);
			p += 2;
		}
	}

	return p;
}


/**
 * Append transport-cc feedback
 *
 * It ends on any byte and is padded like WebRTC's own, also where it is not
 * the last packet of the compound.
 *
 * @param buf   Compound packet
 * @param size  Room at buf [bytes]
 * @param len   Length of the compound; at most 20 + 4 * pktc + 3 are added
 *              [bytes]
 * @param ssrc  Our SSRC
 * @param media One of the sources it is about
 * @param nr    Feedback packet count, another for each packet
 * @param pktv  Packets, their sequence numbers without a gap
 * @param pktc  Number of packets [1-FB_TWCC_MAX]
 *
 * @return 0 if success, EINVAL for missing or bad arguments or if no packet
 *         was received, ERANGE if two arrivals in a row are more than 8 s
 *         apart, EOVERFLOW if the room is too small
 */
int fb_twcc_write(uint8_t *buf, size_t size, size_t *len, uint32_t ssrc,
		  uint32_t media, uint8_t nr, const struct fb_twcc_pkt *pktv,
		  size_t pktc)
{
	struct twcc_enc e;
	uint8_t *p, *hdr;
	size_t n, pad;
	int err;

	if (!buf || !len || !pktv || !pktc || pktc > FB_TWCC_MAX)
		return EINVAL;

	err = enc_init(&e, pktv, pktc);
	if (err)
		return err;

	n   = FIXED - 8 + chunks_write(NULL, &e) + e.deltas;
	pad = -n & 3;

	err = fb_append(&p, buf, size, len, RTCP_RTPFB, RTPFB_TWCC, n + pad,
			ssrc, media);
	if (err)
		return err;

	hdr = p - FB_HDR;

	rtp_put16(p, pktv[0].seq);
	rtp_put16(p + 2, (uint16_t)pktc);
	rtp_put32(p + 4, (uint32_t)e.ref << 8 | nr);
	p += 8;
	p += chunks_write(p, &e);
	p  = deltas_write(p, &e);

	if (pad) {
		memset(p, 0, pad);
		p[pad - 1] = (uint8_t)pad;
		hdr[0] |= 0x20;
	}

	return 0;
}
