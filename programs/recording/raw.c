/**
 * @file raw.c  What is in a raw file: packets of each leg, pauses, how it ended
 *
 * Pure. Contents may be an enemy's.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include <re_mbuf.h>
#include <re_net.h>
#include "rtp/rtp.h"
#include "recording.h"


enum {
	FMT_MAX  = 4096,        /**< Most formats                          */
	NONE     = UINT16_MAX,
	PT_CN    = 13,          /**< RFC 3551                              */
	GAP_US   = 200000,      /**< So long nothing of anybody [us]       */
};

/** While it is read */
struct reader {
	struct rec *rec;
	uint64_t zero;          /**< Time of its beginning [us]            */
	bool paused;
	uint64_t last;          /**< When a packet came last [us]          */
	uint16_t fmt[REC_LEGS][128]; /**< Formats by leg and payload type  */
};


static void rec_destructor(void *arg)
{
	struct rec *rec = arg;
	size_t i;

	for (i=0; i<rec->streamc; i++)
		mem_deref(rec->streamv[i].pktv);
	mem_deref(rec->streamv);
	mem_deref(rec->fmtv);
	mem_deref(rec->pausev);
	mem_deref(rec->gapv);
	json_decref(rec->start);
	json_decref(rec->end);
}


/**
 * Make room for one more
 *
 * @param arrayp Pointer to the array, NULL to begin with
 * @param size   How many it has room for
 * @param n      How many it has
 * @param one    Size of one [bytes]
 *
 * @return 0 if success, ENOMEM
 */
int rec_grow(void *arrayp, size_t *size, size_t n, size_t one)
{
	void *v;
	const size_t more = *size ? *size * 2 : 16;

	memcpy(&v, arrayp, sizeof(v));
	if (n < *size)
		return 0;

	v = v ? mem_realloc(v, more * one) : mem_alloc(more * one, NULL);
	if (!v)
		return ENOMEM;

	*size = more;
	memcpy(arrayp, &v, sizeof(v));

	return 0;
}


static enum rec_kind kind_of(const struct recfile_format *f)
{
	if (f->video)
		return REC_VIDEO;
	if (!str_casecmp(f->codec, "telephone-event"))
		return REC_KEYS;
	if (!str_casecmp(f->codec, "CN"))
		return REC_CN;

	return REC_AUDIO;
}


static bool same_format(const struct recfile_format *a,
			const struct recfile_format *b)
{
	return a->video == b->video && a->app == b->app && a->pt == b->pt &&
		a->channels == b->channels && a->clock == b->clock &&
		!strcmp(a->codec, b->codec) && !strcmp(a->fmtp, b->fmtp);
}


static int add_format(struct reader *rd, uint8_t leg,
		      const struct recfile_format *f)
{
	struct rec *rec = rd->rec;
	size_t i;
	int err;

	if (f->pt > 127)
		return 0;

	for (i=0; i<rec->fmtc; i++)
		if (rec->fmtv[i].leg == leg && same_format(&rec->fmtv[i].f, f))
			break;

	if (i == rec->fmtc) {

		if (i == FMT_MAX)
			return 0;

		err = rec_grow(&rec->fmtv, &rec->fmtsize, i,
			       sizeof(*rec->fmtv));
		if (err)
			return err;

		rec->fmtv[i].f    = *f;
		rec->fmtv[i].leg  = leg;
		rec->fmtv[i].kind = kind_of(f);
		++rec->fmtc;
	}

	rd->fmt[leg][f->pt] = (uint16_t)i;

	return 0;
}


/* Comfort noise may be sent though nobody has agreed on it */
static int add_cn(struct reader *rd, uint8_t leg)
{
	struct recfile_format f = {.pt = PT_CN, .channels = 1, .clock = 8000};
	size_t i;

	for (i=0; i<rd->rec->fmtc; i++) {

		const struct rec_format *of = &rd->rec->fmtv[i];

		if (of->leg == leg && of->kind == REC_AUDIO) {
			f.app = of->f.app;
			str_ncpy(f.codec, "CN", sizeof(f.codec));
			return add_format(rd, leg, &f);
		}
	}

	return 0;
}


static int get_stream(struct rec_stream **stp, struct rec *rec, uint8_t leg,
		      const struct recfile_format *f)
{
	struct rec_stream *st;
	size_t i;
	int err;

	for (i=0; i<rec->streamc; i++) {
		st = &rec->streamv[i];
		if (st->leg == leg && st->video == f->video) {
			*stp = st;
			return 0;
		}
	}

	err = rec_grow(&rec->streamv, &rec->streamsize, i, sizeof(*st));
	if (err)
		return err;

	st = &rec->streamv[rec->streamc++];
	memset(st, 0, sizeof(*st));
	st->leg   = leg;
	st->app   = f->app;
	st->video = f->video;
	*stp = st;

	return 0;
}


/* Both are silent at once: that is no loss of a network's */
static int note_gap(struct reader *rd, uint64_t us)
{
	struct rec *rec = rd->rec;
	const uint64_t last = rd->last;
	int err;

	rd->last = us;
	if (us - last < GAP_US)
		return 0;

	err = rec_grow(&rec->gapv, &rec->gapsize, rec->gapc,
		       sizeof(*rec->gapv));
	if (!err)
		rec->gapv[rec->gapc++] = (struct rec_span) {last, us};

	return err;
}


static int add_packet(struct reader *rd, const struct recfile_chunk *c,
		      uint64_t us)
{
	struct rec *rec = rd->rec;
	struct rec_stream *st;
	struct rtp_pkt rp;
	uint16_t fmt;
	int err;

	if (rtp_pkt_parse(&rp, c->p, c->len)) {
		++rec->bad;
		return 0;
	}

	if (rp.pt == PT_CN && rd->fmt[c->leg][PT_CN] == NONE) {
		err = add_cn(rd, c->leg);
		if (err)
			return err;
	}

	fmt = rd->fmt[c->leg][rp.pt];
	if (fmt == NONE || rd->paused) {
		rec->unknown += fmt == NONE;
		return 0;
	}

	err = note_gap(rd, us);
	if (!err)
		err = get_stream(&st, rec, c->leg, &rec->fmtv[fmt].f);
	if (!err)
		err = rec_grow(&st->pktv, &st->size, st->pktc,
			       sizeof(*st->pktv));
	if (err)
		return err;

	st->pktv[st->pktc++] = (struct rec_packet) {
		.us = us, .p = rp.payload, .len = (uint32_t)rp.plen,
		.ts = rp.ts, .ssrc = rp.ssrc, .fmt = fmt, .seq = rp.seq,
		.marker = rp.marker,
	};

	return 0;
}


static int set_paused(struct reader *rd, bool paused, uint64_t us)
{
	struct rec *rec = rd->rec;
	int err = 0;

	if (paused == rd->paused)
		return 0;

	if (paused) {
		err = rec_grow(&rec->pausev, &rec->pausesize, rec->pausec,
			       sizeof(*rec->pausev));
		if (err)
			return err;
		rec->pausev[rec->pausec++].from = us;
	}

	rec->pausev[rec->pausec - 1].to = us;
	rd->paused = paused;
	rd->last   = us;

	return 0;
}


static json_t *read_json(const struct recfile_chunk *c)
{
	json_t *v = json_loadb((const char *)c->p, c->len, 0, NULL);

	if (v && !json_is_object(v)) {
		json_decref(v);
		return NULL;
	}

	return v;
}


static int take(struct reader *rd, const struct recfile_chunk *c, uint64_t us)
{
	struct rec *rec = rd->rec;
	struct recfile_format f;

	switch ((int)c->type) {

	case RECFILE_FORMAT:
		return recfile_get_format(&f, c) ? 0
			: add_format(rd, c->leg, &f);

	case RECFILE_RTP:
		return add_packet(rd, c, us);

	case RECFILE_PAUSE:
	case RECFILE_RESUME:
		return set_paused(rd, c->type == RECFILE_PAUSE, us);

	case RECFILE_END:
		rec->end = read_json(c);
		if (!rec->end)
			rec->torn = true;
		return 0;

	default:
		return 0;
	}
}


static int read_all(struct reader *rd, struct mbuf *mb)
{
	const uint64_t most = (uint64_t)REC_HOURS * 3600 * 1000000;
	struct rec *rec = rd->rec;
	struct recfile_chunk c;
	int err = 0;

	while (!rec->end && !rec->torn) {

		err = recfile_next(&c, mb);
		if (err)
			break;

		/* a clock does not go back, and a call not on for ever */
		if (c.us > rd->zero && c.us - rd->zero > most) {
			rec->torn = true;
			break;
		}
		if (c.us > rd->zero + rec->us)
			rec->us = c.us - rd->zero;

		err = take(rd, &c, rec->us);
		if (err)
			return err;
	}

	rec->torn |= err == EBADMSG;
	if (rd->paused)
		rec->pausev[rec->pausec - 1].to = rec->us;

	return 0;
}


static int read_start(struct reader *rd, struct mbuf *mb)
{
	struct rec *rec = rd->rec;
	struct recfile_chunk c;
	const char *id;

	if (recfile_next(&c, mb) || c.type != RECFILE_START)
		return EBADMSG;

	rec->start = read_json(&c);
	if (!rec->start)
		return EBADMSG;

	id = json_string_value(json_object_get(rec->start, "id"));
	str_ncpy(rec->id, id, sizeof(rec->id));
	rd->zero = c.us;

	return 0;
}


/**
 * Read what is in a raw file
 *
 * @param recp Pointer to what is in it; its packets point into the file
 * @param p    The file, which must stay
 * @param len  Its length [bytes]
 * @param why  Set to what is wrong
 * @param size Size of that
 *
 * @return 0 if success, EBADMSG if it is damaged beyond use, EPROTO if it is
 *         of a later version, ENOMEM
 */
int rec_parse(struct rec **recp, const uint8_t *p, size_t len, char *why,
	      size_t size)
{
	struct mbuf mb = {.buf = (uint8_t *)p, .size = len, .end = len};
	struct reader *rd;
	int err;

	if (!recp || !p || !why)
		return EINVAL;

	rd = mem_zalloc(sizeof(*rd), NULL);
	if (!rd)
		return ENOMEM;

	memset(rd->fmt, 0xff, sizeof(rd->fmt));
	rd->rec = mem_zalloc(sizeof(*rd->rec), rec_destructor);
	err = rd->rec ? recfile_open(&mb) : ENOMEM;
	if (err == EBADMSG)
		re_snprintf(why, size, "is no raw recording");
	else if (err == EPROTO)
		re_snprintf(why, size, "is of another version");
	if (err)
		goto out;

	err = read_start(rd, &mb);
	if (err) {
		re_snprintf(why, size, "says not what is recorded: its first"
			    " chunk is damaged or missing");
		goto out;
	}

	err = read_all(rd, &mb);

 out:
	if (err)
		mem_deref(rd->rec);
	else
		*recp = rd->rec;
	mem_deref(rd);

	return err;
}
