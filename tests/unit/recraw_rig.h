/**
 * @file recraw_rig.h  Raw recordings made without a call: who sends what, when
 */
#pragma once
#include <math.h>
#include <stdlib.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "recording/recording.h"
#include "samples.h"


enum { RAW_ZERO = 777000000 };  /* Time of its beginning [us] */

/** Packets may be put in any order, they are written as they came */
struct raw_chunk {
	double ms;
	size_t num;             /**< Of those at once, which comes first    */
	enum recfile_type type;
	uint8_t leg;
	uint8_t buf[2048];
	size_t len;
};

struct raw_rig {
	struct raw_chunk *v;
	size_t n, size;
};

/** One that sends a tone as PCMU */
struct raw_talker {
	uint8_t leg;
	uint8_t pt;
	uint16_t seq;
	uint32_t ts, ssrc;
	double hz;
	double ppm;             /**< Its clock is so much faster           */
	double from, to;        /**< [ms]                                  */
	/** How long a packet takes [ms]; negative: lost */
	double (*way)(unsigned n);
	bool twice;             /**< Each comes twice                      */
};


static inline void raw_put(struct raw_rig *rig, double ms,
			   enum recfile_type type, uint8_t leg,
			   const void *p, size_t len)
{
	struct raw_chunk *c;

	assert_true(len <= sizeof(c->buf));
	assert_int_equal(0, rec_grow(&rig->v, &rig->size, rig->n,
				     sizeof(*rig->v)));
	c = &rig->v[rig->n];
	c->num  = rig->n++;
	c->ms   = ms;
	c->type = type;
	c->leg  = leg;
	c->len  = len;
	if (len)
		memcpy(c->buf, p, len);
}


static inline void raw_start(struct raw_rig *rig)
{
	static const char json[] = "{\"v\":1,\"id\":\"one\"}";

	memset(rig, 0, sizeof(*rig));
	raw_put(rig, 0, RECFILE_START, 0, json, strlen(json));
}


static inline void raw_end(struct raw_rig *rig, double ms)
{
	static const char json[] = "{\"state\":\"complete\",\"dropped\":3}";

	raw_put(rig, ms, RECFILE_END, 0, json, strlen(json));
}


static inline void raw_format(struct raw_rig *rig, double ms, uint8_t leg,
			      bool app, uint8_t pt, const char *codec,
			      uint32_t clock, const char *fmtp)
{
	struct recfile_format f = {.app = app, .pt = pt, .channels = 1,
				   .clock = clock};
	struct mbuf *mb = mbuf_alloc(64);

	str_ncpy(f.codec, codec, sizeof(f.codec));
	str_ncpy(f.fmtp, fmtp, sizeof(f.fmtp));
	assert_int_equal(0, recfile_put_format(mb, leg, 0, &f));
	raw_put(rig, ms, RECFILE_FORMAT, leg, mb->buf + RECFILE_CHUNK - 4,
		mb->end - RECFILE_CHUNK);
	mem_deref(mb);
}


static inline void raw_rtp(struct raw_rig *rig, double ms, uint8_t leg,
			   uint8_t pt, uint16_t seq, uint32_t ts,
			   uint32_t ssrc, const uint8_t *p, size_t len)
{
	uint8_t buf[2048];

	assert_true(len + RTP_HEADER_SIZE <= sizeof(buf));
	(void)rtp_hdr_write(buf, false, pt, seq, ts, ssrc);
	memcpy(buf + RTP_HEADER_SIZE, p, len);
	raw_put(rig, ms, RECFILE_RTP, leg, buf, RTP_HEADER_SIZE + len);
}


static inline void raw_tone(int16_t *v, size_t n, double hz, double rate,
			    double from)
{
	size_t i;

	for (i=0; i<n; i++)
		v[i] = (int16_t)(8000 * sin(2 * M_PI * hz *
					    (from + (double)i) / rate));
}


static inline size_t raw_mulaw(uint8_t *p, double hz, unsigned n)
{
	const struct acodec *ac = media_codec_pcmu();
	const struct acodec_param prm = {.srate = 8000, .ptime = 20};
	struct acodec_enc *enc = NULL;
	int16_t v[160];
	size_t len = 160;

	raw_tone(v, 160, hz, 8000, n * 160.0);
	assert_int_equal(0, ac->enc_alloc(&enc, ac, &prm));
	assert_int_equal(0, ac->encode(enc, p, &len, v, 160));
	mem_deref(enc);

	return len;
}


/** Says it from..to; a packet is sent when what is in it has been said */
static inline void raw_talk(struct raw_rig *rig, const struct raw_talker *t)
{
	const double frame = 20 / (1 + t->ppm / 1e6);
	uint8_t buf[160];
	unsigned n;

	for (n=0; t->from + (n + 1) * frame <= t->to; n++) {

		const double way = t->way ? t->way(n) : 0;
		const double at = t->from + n * frame + way;
		const size_t len = raw_mulaw(buf, t->hz, n);
		int i;

		for (i=0; way >= 0 && i <= t->twice; i++)
			raw_rtp(rig, at + 3 * i, t->leg, t->pt,
				(uint16_t)(t->seq + n), t->ts + n * 160,
				t->ssrc, buf, len);
	}
}


static inline int raw_compare(const void *p1, const void *p2)
{
	const struct raw_chunk *a = p1, *b = p2;

	if (a->ms != b->ms)
		return a->ms < b->ms ? -1 : 1;

	return a->num < b->num ? -1 : a->num > b->num;
}


/** The file's contents; all that came is in it in the order it came */
static inline struct mbuf *raw_write(struct raw_rig *rig)
{
	struct mbuf *mb = mbuf_alloc(65536);
	size_t i;

	assert_int_equal(0, recfile_head(mb));
	qsort(rig->v, rig->n, sizeof(*rig->v), raw_compare);

	for (i=0; i<rig->n; i++) {

		const struct raw_chunk *r = &rig->v[i];
		const struct recfile_chunk c = {
			r->type, r->leg, RAW_ZERO + (uint64_t)(r->ms * 1000),
			r->buf, r->len
		};

		assert_int_equal(0, recfile_put(mb, &c));
	}

	rig->v = mem_deref(rig->v);
	rig->n = rig->size = 0;

	return mb;
}


/** Both sides, as they are heard */
struct raw_heard {
	struct rec *rec;
	struct mbuf *mb;
	uint32_t rate;
	int16_t *v[REC_SIDES];
	size_t n;
	struct rec_loss loss;
};


static inline void raw_hear(struct raw_heard *h, struct raw_rig *rig)
{
	struct rec_timeline *tl;
	char why[128] = "";
	size_t size, k, i, side;
	int16_t buf[2 * 700];

	memset(h, 0, sizeof(*h));
	h->mb = raw_write(rig);
	assert_int_equal(0, rec_parse(&h->rec, h->mb->buf, h->mb->end, why,
				      sizeof(why)));
	h->rate = rec_best_rate(h->rec);
	assert_int_equal(0, rec_timeline_alloc(&tl, h->rec, h->rate));

	size = (size_t)(h->rec->us * h->rate / 1000000) + 1;
	for (side=0; side<REC_SIDES; side++)
		h->v[side] = mem_zalloc(size * sizeof(int16_t), NULL);

	for (;;) {
		k = 700;
		assert_int_equal(0, rec_timeline_read(tl, buf, &k));
		if (!k)
			break;
		assert_true(h->n + k < size);
		for (i=0; i<k; i++)
			for (side=0; side<REC_SIDES; side++)
				h->v[side][h->n + i] =
					buf[i * REC_SIDES + side];
		h->n += k;
	}

	rec_timeline_loss(tl, &h->loss);
	mem_deref(tl);
}


static inline void raw_forget(struct raw_heard *h)
{
	mem_deref(h->v[0]);
	mem_deref(h->v[1]);
	mem_deref(h->rec);
	mem_deref(h->mb);
}


/** Share of a tone from..to [ms] on a side */
static inline double raw_share(const struct raw_heard *h, int side, double hz,
			       double from, double to)
{
	const size_t a = (size_t)(from * h->rate / 1000);
	const size_t b = (size_t)(to * h->rate / 1000);

	assert_true(b <= h->n);

	return tone_share(h->v[side] + a, b - a, h->rate, hz);
}


static inline double raw_rms(const struct raw_heard *h, int side, double from,
			     double to)
{
	const size_t a = (size_t)(from * h->rate / 1000);
	const size_t b = (size_t)(to * h->rate / 1000);

	assert_true(b <= h->n);

	return rms(h->v[side] + a, b - a);
}


/** When it becomes loud, or silent, after a time [ms] */
static inline double raw_edge(const struct raw_heard *h, int side,
			      double after, bool loud)
{
	const size_t step = h->rate / 400;
	size_t i;

	for (i=(size_t)(after * h->rate / 1000); i + step <= h->n; i+=step)
		if ((rms(h->v[side] + i, step) > 1000) == loud)
			break;

	return (double)i * 1000 / h->rate;
}


enum { PHONE, APP };

#define TALKER(_leg, _hz, _from, _to) {.leg = (_leg), .seq = 65000, \
	.ts = 4294960000u, .ssrc = (_leg), .hz = (_hz), .from = (_from), \
	.to = (_to)}


static inline void two_legs(struct raw_rig *rig)
{
	raw_start(rig);
	raw_format(rig, 0, 1, false, 0, "PCMU", 8000, "");
	raw_format(rig, 0, 2, true, 0, "PCMU", 8000, "");
}


/* Up to 60 ms late, so that they change places */
static inline double shaky(unsigned n)
{
	return 20 + n * 7919 % 13 * 5;
}
