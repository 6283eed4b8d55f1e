/**
 * @file video/rtp/fb.c  RTCP feedback messages: parser
 *
 * Pure: one packet of a compound in, struct out. What is malformed is told
 * apart from what is merely not for us, so that the caller can count it.
 * Transport-cc has a file of its own, fb_twcc.c; the builders are in
 * fb_write.c.
 */
#include <string.h>
#include <re.h>
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "fb.h"
#include "fb_priv.h"


static void nack_add(struct fb *fb, uint16_t seq)
{
	if (fb->u.nack.seqc < FB_SEQ_MAX)
		fb->u.nack.seqv[fb->u.nack.seqc++] = seq;
}


/* Entries of a number and of a mask for the 16 that follow it */
static int nack_decode(struct fb *fb, const uint8_t *p, size_t len)
{
	if (len < 4)
		return EBADMSG;

	fb->type = FB_NACK;
	fb->u.nack.seqc = 0;

	for (; len >= 4; p += 4, len -= 4) {

		const uint16_t pid = rtp_get16(p), blp = rtp_get16(p + 2);
		unsigned i;

		nack_add(fb, pid);

		for (i=0; i<16; i++) {
			if (blp & 1u<<i)
				nack_add(fb, (uint16_t)(pid + 1 + i));
		}
	}

	return 0;
}


/* The first of the 8-byte entries that is about a source; NULL=none */
static const uint8_t *entry_find(const uint8_t *p, size_t len, uint32_t want)
{
	for (; len >= 8; p += 8, len -= 8) {
		if (!want || rtp_get32(p) == want)
			return p;
	}

	return NULL;
}


static int fir_decode(struct fb *fb, const uint8_t *p, size_t len,
		      uint32_t want)
{
	if (len < 8)
		return EBADMSG;

	p = entry_find(p, len, want);
	if (!p)
		return 0;

	fb->type     = FB_FIR;
	fb->media    = rtp_get32(p);
	fb->u.fir.nr = p[4];

	return 0;
}


/* An exponent of 6 bits makes more than 64 bits of rate possible */
static uint64_t rate(uint32_t mantissa, unsigned exp)
{
	if (mantissa && exp && mantissa > UINT64_MAX >> exp)
		return UINT64_MAX;

	return (uint64_t)mantissa << exp;
}


/* No entry at all is a valid TMMBN: nobody limits */
static int tmmb_decode(struct fb *fb, const uint8_t *p, size_t len,
		       uint32_t want, enum fb_type type)
{
	uint32_t w;

	if (len < 8 && (type == FB_TMMBR || len))
		return EBADMSG;

	p = entry_find(p, len, want);
	if (!p)
		return 0;

	w = rtp_get32(p + 4);

	fb->type  = type;
	fb->media = rtp_get32(p);
	fb->u.bw.bitrate  = rate(w >> 9 & 0x1ffff, w >> 26);
	fb->u.bw.overhead = w & 0x1ff;

	return 0;
}


/* Other application layer feedback is none of ours */
static int remb_decode(struct fb *fb, const uint8_t *p, size_t len,
		       uint32_t want)
{
	unsigned i, n;

	if (len < 4 || memcmp(p, "REMB", 4))
		return 0;

	if (len < 8)
		return EBADMSG;

	n = p[4];
	if (len < 8 + 4 * (size_t)n)
		return EBADMSG;

	fb->type  = FB_REMB;
	fb->media = n ? rtp_get32(p + 8) : 0;
	fb->u.bw.bitrate  = rate(rtp_get32(p + 4) & 0x3ffff, p[5] >> 2);
	fb->u.bw.overhead = 0;

	for (i=0; i<n; i++) {
		if (rtp_get32(p + 8 + 4*i) == want)
			fb->media = want;
	}

	return 0;
}


static int rtpfb_decode(struct fb *fb, const struct rtcp_part *part,
			uint32_t want)
{
	const uint8_t *fci = part->p + 8;
	const size_t len = part->len - 8;

	switch (part->count) {

	case RTPFB_NACK:
		return nack_decode(fb, fci, len);
	case RTPFB_TMMBR:
		return tmmb_decode(fb, fci, len, want, FB_TMMBR);
	case RTPFB_TMMBN:
		return tmmb_decode(fb, fci, len, want, FB_TMMBN);
	case RTPFB_TWCC:
		return fb_twcc_decode(fb, part);
	default:
		return 0;
	}
}


static int psfb_decode(struct fb *fb, const struct rtcp_part *part,
		       uint32_t want)
{
	const uint8_t *fci = part->p + 8;
	const size_t len = part->len - 8;

	switch (part->count) {

	case PSFB_PLI:
		fb->type = FB_PLI;
		return 0;
	case PSFB_FIR:
		return fir_decode(fb, fci, len, want);
	case PSFB_AFB:
		return remb_decode(fb, fci, len, want);
	default:
		return 0;
	}
}


/**
 * Decode one packet of a compound as feedback (RFC 4585, RFC 5104)
 *
 * Of NACK, PLI and transport-cc, `media` is what the header says and is
 * for the caller to compare. FIR, TMMBR and TMMBN name their sources in a
 * list: the first entry that is `want` is taken, none makes it FB_NONE. In a
 * TMMBN that is the receiver whose limit it is. REMB is about a path, so it
 * is read whatever its list says; `media` is `want` if that is listed, else
 * the first source listed, or 0.
 *
 * @param fb   Feedback (output); type FB_NONE if it is none that we know.
 *             It is large: keep one, rather than one on each stack. Of the
 *             union only what belongs to the type is written
 * @param part One packet of a compound
 * @param want Source that the caller sends, 0=any
 *
 * @return 0 if success, EINVAL for missing arguments, EBADMSG if malformed
 *         (the type is FB_NONE then)
 */
int fb_decode(struct fb *fb, const struct rtcp_part *part, uint32_t want)
{
	int err;

	if (!fb || !part)
		return EINVAL;

	fb->type = FB_NONE;
	fb->ssrc = fb->media = 0;

	if (part->type != RTCP_RTPFB && part->type != RTCP_PSFB)
		return 0;

	if (part->len < 8)
		return EBADMSG;

	fb->ssrc  = rtp_get32(part->p);
	fb->media = rtp_get32(part->p + 4);

	err = part->type == RTCP_RTPFB ? rtpfb_decode(fb, part, want)
		: psfb_decode(fb, part, want);
	if (err)
		fb->type = FB_NONE;

	return err;
}
