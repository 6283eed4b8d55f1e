/**
 * @file audio/ogg.c  Opus in Ogg files (RFC 3533, RFC 7845)
 *
 * Pure. The first stream of the file that is Opus is decoded, to mono, and to
 * the end: what comes after it (another song behind it, RFC 3533, 4) is left.
 * Pages of other streams, covers and tags, are skipped.
 */
#include <string.h>
#include <re.h>
#include <opus.h>
#include "sound.h"


enum {
	PAGE_HDR   = 27,        /**< Before the table of segments [bytes]  */
	SEG_FULL   = 255,       /**< A packet goes on after such a one     */
	HEAD_MIN   = 19,        /**< Shortest "OpusHead" [bytes]           */
	PACKET_MAX = 65536,     /**< Longest packet that is taken [bytes]  */
	SRATE      = 16000,     /**< Decoded to [Hz]                       */
	CLOCK      = 48000,     /**< Of positions in the file [Hz]         */
	FRAME_MAX  = SRATE / 1000 * 120, /**< Longest packet [samples]     */

	FLAG_GOES_ON = 0x01,    /**< Begins with the rest of a packet      */
	FLAG_LAST    = 0x04,    /**< Last page of its stream               */
};

/** One page */
struct page {
	uint8_t flags;          /**< FLAG_*                                */
	uint64_t granule;       /**< Position at its end [CLOCK]           */
	uint32_t serial;        /**< Its stream                            */
	const uint8_t *segv;    /**< Lengths of its segments               */
	size_t segc;            /**< How many                              */
	const uint8_t *data;    /**< Segments                              */
};

/** A file that is being decoded */
struct ogg {
	struct sound *s;        /**< What becomes of it (owned)            */
	OpusDecoder *dec;       /**< NULL=no stream of Opus yet (owned)    */
	uint32_t serial;        /**< That stream                           */
	unsigned headers;       /**< Packets before the first one of sound */
	struct mbuf *mb;        /**< Packet that is put together (owned)   */
	bool broken;            /**< Its beginning is missing              */
	bool over;              /**< The stream has ended                  */
	size_t skip;            /**< Samples to be left out at the start   */
	uint64_t sampc;         /**< Samples so far, with those            */
	uint64_t preskip;       /**< Those [CLOCK]                         */
	unsigned bad;           /**< Packets that could not be decoded     */
};


static uint32_t get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
		(uint32_t)p[3] << 24;
}


/* The next page; what is between pages is skipped */
static bool page_next(struct page *pg, const uint8_t **bufp, size_t *lenp)
{
	const uint8_t *p = *bufp;
	size_t len = *lenp, i, n, segc;

	for (; len >= PAGE_HDR; ++p, --len) {

		if (memcmp(p, "OggS", 5))       /* with its version, 0 */
			continue;

		segc = p[26];
		if (len < PAGE_HDR + segc)
			continue;

		for (i=0, n=0; i<segc; i++)
			n += p[PAGE_HDR + i];

		if (len < PAGE_HDR + segc + n)
			continue;

		pg->flags   = p[5];
		pg->granule = get32(p + 6) | (uint64_t)get32(p + 10) << 32;
		pg->serial  = get32(p + 14);
		pg->segv    = p + PAGE_HDR;
		pg->segc    = segc;
		pg->data    = p + PAGE_HDR + segc;

		*bufp = pg->data + n;
		*lenp = len - (PAGE_HDR + segc + n);

		return true;
	}

	return false;
}


static bool is_head(const struct page *pg)
{
	return pg->segc && pg->segv[0] >= HEAD_MIN &&
		!memcmp(pg->data, "OpusHead", 8);
}


static int begin(struct ogg *o, const struct page *pg, char *why, size_t size)
{
	const uint8_t *p = pg->data;
	int e;

	if (p[8] >> 4 || p[18]) {
		(void)re_snprintf(why, size, "Opus with more than two"
				  " channels, or of a later version");
		return ENOTSUP;
	}

	o->serial  = pg->serial;
	o->preskip = p[10] | (uint64_t)p[11] << 8;
	o->skip    = (size_t)(o->preskip * SRATE / CLOCK);
	o->dec     = opus_decoder_create(SRATE, 1, &e);
	if (!o->dec)
		return ENOMEM;

	(void)opus_decoder_ctl(o->dec, OPUS_SET_GAIN(
				       (int16_t)(p[16] | p[17] << 8)));

	return 0;
}


/* What the last page says is not there (RFC 7845, 4.4) */
static size_t cut(const struct ogg *o, size_t n, uint64_t end)
{
	const uint64_t most = end * SRATE / CLOCK;

	if (!end || o->sampc + n <= most)
		return n;

	return most > o->sampc ? (size_t)(most - o->sampc) : 0;
}


/* end: where the stream ends [CLOCK], 0=not in this page */
static int packet(struct ogg *o, uint64_t end)
{
	int16_t v[FRAME_MAX];
	size_t n, skip;
	int k;

	/* OpusHead, OpusTags */
	if (o->headers < 2) {
		++o->headers;
		return 0;
	}

	k = opus_decode(o->dec, o->mb->buf, (opus_int32)o->mb->end, v,
			FRAME_MAX, 0);
	if (k <= 0) {
		++o->bad;
		return 0;
	}

	n    = cut(o, (size_t)k, end);
	skip = min(o->skip, n);

	o->skip  -= skip;
	o->sampc += n;

	return sound_add(o->s, v + skip, n - skip);
}


/* A page of our stream: its segments are put together to packets */
static int page_read(struct ogg *o, const struct page *pg)
{
	const bool last = pg->flags & FLAG_LAST;
	const uint8_t *p = pg->data;
	size_t i;
	int err = 0;

	if (!(pg->flags & FLAG_GOES_ON)) {
		mbuf_rewind(o->mb);
		o->broken = false;
	}
	else if (!o->mb->end) {
		o->broken = true;
	}

	for (i=0; i<pg->segc && !err; i++) {

		const size_t n = pg->segv[i];

		if (o->mb->end + n > PACKET_MAX)
			o->broken = true;
		else if (!o->broken)
			err = mbuf_write_mem(o->mb, p, n);

		p += n;

		if (err || n == SEG_FULL)
			continue;

		if (!o->broken)
			err = packet(o, last ? pg->granule : 0);

		mbuf_rewind(o->mb);
		o->broken = false;
	}

	o->over = last;

	return err;
}


static int read_pages(struct ogg *o, const uint8_t *buf, size_t len,
		      char *why, size_t size)
{
	struct page pg;
	int err = 0;

	while (!o->over && !err && page_next(&pg, &buf, &len)) {

		if (!o->dec && is_head(&pg))
			err = begin(o, &pg, why, size);

		if (!err && o->dec && pg.serial == o->serial)
			err = page_read(o, &pg);
	}

	if (!err && !o->dec) {
		(void)re_snprintf(why, size, "Ogg without Opus");
		err = ENOTSUP;
	}

	return err ? err : sound_end(o->s);
}


/**
 * Is it an Ogg file?
 *
 * @param buf Contents
 * @param len Their length [bytes]
 *
 * @return True if it begins like one
 */
bool ogg_is(const uint8_t *buf, size_t len)
{
	return buf && len >= PAGE_HDR && !memcmp(buf, "OggS", 4);
}


/**
 * Make a sound of an Ogg file with Opus
 *
 * @param sp   Sound (output), at its end
 * @param buf  Contents
 * @param len  Their length [bytes]
 * @param why  What is wrong with it, on error
 * @param size Size of that buffer
 *
 * @return 0 if success, ENOTSUP if it is of a kind that is not known, ENODATA
 *         if there is nothing in it, EFBIG if it is too long, ENOMEM
 */
int ogg_decode(struct sound **sp, const uint8_t *buf, size_t len,
	       char *why, size_t size)
{
	struct ogg o = {.s = NULL};
	int err;

	if (!sp || !why || !size || !ogg_is(buf, len))
		return EINVAL;

	o.mb = mbuf_alloc(4096);
	if (!o.mb)
		return ENOMEM;

	err = sound_begin(&o.s, SRATE);
	if (!err)
		err = read_pages(&o, buf, len, why, size);

	if (err == EFBIG)
		(void)re_snprintf(why, size, "longer than %u minutes",
				  SOUND_TIME_MAX / 60);
	else if (err == ENODATA)
		(void)re_snprintf(why, size, "there is no sound in it%s",
				  o.bad ? " that can be decoded" : "");

	if (o.dec)
		opus_decoder_destroy(o.dec);
	mem_deref(o.mb);

	if (err)
		mem_deref(o.s);
	else
		*sp = o.s;

	return err;
}
