/**
 * @file order.c  Packets in the order they were sent, in runs
 *
 *   as they came --> sorted, each once --> cut where the timestamps are of
 *                                          another line: new SSRC, format,
 *                                          after a pause, jumps
 *
 * Pure. Packets may be an enemy's.
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "recording.h"


enum {
	JUMP_S   = 3,           /**< Timestamps that are so far from the
				     time are another line's [s]           */
	LATE_MAX = 1000,        /**< Later is not reordered [packets]      */
};

/** Where a run has got to */
struct head {
	const struct rec *rec;
	const struct rec_packet *pkt; /**< Furthest one, NULL=none yet     */
	const struct rec_format *fmt; /**< What is decoded, NULL=not yet   */
	int64_t seq, ts;        /**< Of it                                 */
	size_t pause;           /**< Pauses before it                      */
};


static void destructor(void *arg)
{
	struct rec_runs *runs = arg;
	size_t i;

	for (i=0; i<runs->runc; i++)
		mem_deref(runs->runv[i].map.knotv);
	mem_deref(runs->runv);
	mem_deref(runs->unitv);
}


static const struct rec_format *fmt_of(const struct rec *rec,
				       const struct rec_packet *pkt)
{
	return &rec->fmtv[pkt->fmt];
}


static bool is_content(enum rec_kind kind)
{
	return kind == REC_AUDIO || kind == REC_VIDEO;
}


static bool same_codec(const struct rec_format *a, const struct rec_format *b)
{
	return a == b || (a->f.clock == b->f.clock &&
			  a->f.channels == b->f.channels &&
			  !str_casecmp(a->f.codec, b->f.codec) &&
			  !strcmp(a->f.fmtp, b->f.fmtp));
}


/* Keys and noise whose clock is another one say nothing of the time */
static bool has_time(const struct head *h, const struct rec_format *fmt)
{
	return is_content(fmt->kind) || !h->fmt ||
		(fmt->kind == REC_CN && fmt->f.clock == h->fmt->f.clock);
}


static size_t pauses_before(const struct rec *rec, size_t from, uint64_t us)
{
	while (from < rec->pausec && rec->pausev[from].to <= us)
		++from;

	return from;
}


static bool is_jump(const struct head *h, const struct rec_packet *pkt,
		    const struct rec_format *fmt)
{
	const int dseq = (int16_t)(pkt->seq - h->pkt->seq);
	const double clock = fmt->f.clock;
	const double dt = (int32_t)(pkt->ts - h->pkt->ts) / clock;
	const double came = ((double)pkt->us - (double)h->pkt->us) / 1e6;

	if (dseq <= 0) {
		/* a late one, or one that comes twice */
		return dseq < -LATE_MAX || dt > 0.5 || dt < -JUMP_S * 2;
	}

	return dt < -0.5 || came - dt > JUMP_S || dt - came > JUMP_S;
}


static bool is_new(struct head *h, const struct rec_packet *pkt)
{
	const struct rec_format *fmt = fmt_of(h->rec, pkt);
	const size_t pause = pauses_before(h->rec, h->pause, pkt->us);
	const bool paused = pause != h->pause;

	h->pause = pause;

	if (!h->pkt || paused || pkt->ssrc != h->pkt->ssrc)
		return true;

	if (is_content(fmt->kind) && h->fmt && !same_codec(fmt, h->fmt))
		return true;

	return has_time(h, fmt) && is_jump(h, pkt, fmt);
}


static void begin(struct head *h, const struct rec_packet *pkt)
{
	h->fmt = NULL;
	h->pkt = pkt;
	h->seq = 0;
	h->ts  = 0;
}


static void put(struct head *h, struct rec_unit *u,
		const struct rec_packet *pkt)
{
	const struct rec_format *fmt = fmt_of(h->rec, pkt);
	const bool timed = has_time(h, fmt);

	u->pkt  = pkt;
	u->kind = fmt->kind;
	u->seq  = h->seq + (int16_t)(pkt->seq - h->pkt->seq);
	u->ts   = timed ? h->ts + (int32_t)(pkt->ts - h->pkt->ts) : h->ts;

	if (!timed) {
		u->kind = u->kind == REC_CN ? REC_CN : REC_KEYS;
		return;
	}
	if (!h->fmt && is_content(fmt->kind))
		h->fmt = fmt;
	if (u->seq > h->seq) {
		h->seq = u->seq;
		h->ts  = u->ts;
		h->pkt = pkt;
	}
}


static int compare(const void *p1, const void *p2)
{
	const struct rec_unit *a = p1, *b = p2;

	if (a->seq != b->seq)
		return a->seq < b->seq ? -1 : 1;

	/* of two that are the same, the one that came first */
	return a->pkt < b->pkt ? -1 : a->pkt > b->pkt;
}


/* In order, each once, timestamps that never go back */
static size_t tidy(struct rec_unit *v, size_t n)
{
	size_t i, k = 0;
	int64_t zero;

	qsort(v, n, sizeof(*v), compare);
	zero = v[0].ts;

	for (i=0; i<n; i++) {

		if (k && v[i].seq == v[k-1].seq)
			continue;

		v[k] = v[i];
		v[k].ts -= zero;
		if (k && v[k].ts < v[k-1].ts)
			v[k].ts = v[k-1].ts;
		++k;
	}

	return k;
}


static int add_run(struct rec_runs *runs, const struct rec_format *fmt,
		   struct rec_unit *v, size_t n, bool fresh)
{
	const uint32_t clock = fmt ? fmt->f.clock : 8000;
	const int64_t zero = v[0].ts;
	struct rec_run *run;
	size_t i;
	int err;

	err = rec_grow(&runs->runv, &runs->size, runs->runc, sizeof(*run));
	if (err)
		return err;

	for (i=0; i<n; i++)
		v[i].ts -= zero;

	run = &runs->runv[runs->runc++];
	memset(run, 0, sizeof(*run));
	run->fmt   = fmt;
	run->unitv = v;
	run->unitc = n;
	run->fresh = fresh;

	return rec_map_fit(&run->map, v, n, clock);
}


/* What is on one line of timestamps, cut where the way took longer from one
   moment to the next, or the sender's clock stood */
static int add_line(struct rec_runs *runs, const struct rec_format *fmt,
		    struct rec_unit *v, size_t n)
{
	const uint32_t clock = fmt ? fmt->f.clock : 8000;
	size_t from = 0, at;
	int err = 0;

	while (!err && from < n) {
		at  = rec_step(v, n, clock, from);
		err = add_run(runs, fmt, v + from, at - from, !from);
		from = at;
	}

	return err;
}


static int make_runs(struct rec_runs *runs, const struct rec *rec,
		     const struct rec_stream *st)
{
	struct head h = {.rec = rec};
	size_t i, from = 0;
	int err = 0;

	for (i=0; i<=st->pktc && !err; i++) {

		const struct rec_packet *pkt = &st->pktv[i];

		if (i == st->pktc || is_new(&h, pkt)) {

			size_t n = runs->unitc - from;

			if (n) {
				n = tidy(&runs->unitv[from], n);
				err = add_line(runs, h.fmt,
					       &runs->unitv[from], n);
			}
			from = runs->unitc = from + n;
			if (i == st->pktc)
				break;
			begin(&h, pkt);
		}

		put(&h, &runs->unitv[runs->unitc++], pkt);
	}

	return err;
}


/**
 * Put the packets of a stream in order
 *
 * @param runsp Pointer to allocated runs
 * @param rec   What is in the file
 * @param st    One of its streams
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_order(struct rec_runs **runsp, const struct rec *rec,
	      const struct rec_stream *st)
{
	struct rec_runs *runs;
	int err;

	if (!runsp || !rec || !st)
		return EINVAL;

	runs = mem_zalloc(sizeof(*runs), destructor);
	if (!runs)
		return ENOMEM;

	runs->unitv = mem_zalloc((st->pktc + 1) * sizeof(*runs->unitv), NULL);
	err = runs->unitv ? make_runs(runs, rec, st) : ENOMEM;

	if (err)
		mem_deref(runs);
	else
		*runsp = runs;

	return err;
}
