/**
 * @file source.c  Samples of a run, one after the other
 *
 *   packet --> samples                what it says
 *   gap, numbers missing              made up for 100 ms, then silence
 *   gap, none missing                 silence: the sender had nothing to say
 *   keys, comfort noise               silence
 */
#include <string.h>
#include <re.h>
#include "recording.h"


enum {
	CONCEAL_MS = 100,       /**< Longest that is made up [ms]          */
	PIECE_MS   = 20,        /**< At a time [ms]                        */
};

struct rec_source {
	const struct rec *rec;  /**< (pointer)                             */
	const struct rec_run *run; /**< (pointer), NULL=none yet           */
	const struct rec_format *fmt; /**< What the decoder is for         */
	struct rec_dec *dec;    /**< (owner), NULL=cannot be decoded       */
	uint32_t srate;         /**< Of its samples [Hz]                   */
	size_t next;            /**< Number of the packet that follows     */
	int64_t pos;            /**< Sample of the run behind buf          */
	size_t frame;           /**< Samples of the last packet            */
	size_t made;            /**< Samples made up since then            */
	bool counted;           /**< The gap before it is known            */
	struct rec_loss loss;
	int16_t bufv[REC_FRAME];
	size_t bufc, bufpos;
};


static void destructor(void *arg)
{
	struct rec_source *s = arg;

	mem_deref(s->dec);
}


/**
 * Allocate a source
 *
 * @param sp  Pointer to allocated source, which has nothing to say yet
 * @param rec What is in the file
 *
 * @return 0 if success, ENOMEM
 */
int rec_source_alloc(struct rec_source **sp, const struct rec *rec)
{
	struct rec_source *s;

	if (!sp || !rec)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	s->rec   = rec;
	s->srate = 8000;
	*sp = s;

	return 0;
}


/**
 * Begin with a run
 *
 * @param s   Source
 * @param run Run
 *
 * @return 0 if success, ENOMEM
 */
int rec_source_start(struct rec_source *s, const struct rec_run *run)
{
	int err = 0;

	if (!s || !run)
		return EINVAL;

	if (!run->fmt || s->fmt != run->fmt || run->fresh) {
		s->dec = mem_deref(s->dec);
		s->fmt = run->fmt;
	}
	if (run->fmt && !s->dec && rec_dec_known(&run->fmt->f))
		err = rec_dec_alloc(&s->dec, &run->fmt->f);

	s->run     = run;
	s->srate   = run->fmt ? rec_dec_srate(&run->fmt->f) : 8000;
	s->next    = 0;
	s->pos     = 0;
	s->frame   = s->srate * PIECE_MS / 1000;
	s->made    = 0;
	s->counted = false;
	s->bufc = s->bufpos = 0;

	return err == ENOTSUP ? 0 : err;
}


/**
 * Get the sampling rate
 *
 * @param s Source
 *
 * @return Rate of this run [Hz]
 */
uint32_t rec_source_srate(const struct rec_source *s)
{
	return s ? s->srate : 0;
}


static int64_t place(const struct rec_source *s, const struct rec_unit *u)
{
	const uint32_t clock = s->run->fmt ? s->run->fmt->f.clock : 8000;

	if (u->ts > INT64_MAX / s->srate)
		return INT64_MAX;

	return u->ts * s->srate / clock;
}


static void silence(struct rec_source *s, int64_t n)
{
	const int64_t piece = s->srate * PIECE_MS / 1000;

	s->bufc   = (size_t)min(n, piece);
	s->bufpos = 0;
	memset(s->bufv, 0, s->bufc * sizeof(*s->bufv));
	s->pos += (int64_t)s->bufc;
}


static uint64_t missing(const struct rec_source *s, const struct rec_unit *u)
{
	if (!s->next || u[-1].kind == REC_KEYS ||
	    rec_gap_between(s->rec, u[-1].pkt->us, u->pkt->us))
		return 0;

	return (uint64_t)(u->seq - u[-1].seq - 1);
}


/* Something is missing, or nothing was said */
static void fill_gap(struct rec_source *s, const struct rec_unit *u,
		     int64_t gap)
{
	const uint64_t lost = missing(s, u);
	const size_t most = s->srate * CONCEAL_MS / 1000;
	size_t n;

	if (!s->counted && lost) {
		const double ms = min((double)gap, (double)lost * s->frame)
			* 1000 / s->srate;

		s->counted = true;
		s->loss.packets += lost;
		s->loss.ms += ms;
	}

	if (!lost || !s->dec || u[-1].kind != REC_AUDIO || s->made >= most) {
		silence(s, gap);
		return;
	}

	/* the last one of them may be told once more by what follows */
	n = (size_t)min(gap, (int64_t)s->frame);
	n = min(n, (size_t)REC_FRAME);
	rec_dec_lost(s->dec, s->bufv, &n,
		     gap <= (int64_t)s->frame && u->kind == REC_AUDIO
		     ? u->pkt->p : NULL, u->pkt->len);
	if (!n) {
		silence(s, gap);
		return;
	}

	s->bufc   = n;
	s->bufpos = 0;
	s->made  += n;
	s->pos   += (int64_t)n;
}


static void decode(struct rec_source *s, const struct rec_unit *u, int64_t gap)
{
	size_t n = REC_FRAME, over;

	++s->next;
	s->counted = false;
	if (u->kind != REC_AUDIO)
		return;

	if (!s->dec || !u->pkt->len)
		return;

	if (rec_dec_put(s->dec, s->bufv, &n, u->pkt->p, u->pkt->len)) {
		++s->loss.broken;
		return;
	}
	if (!n)
		return;

	s->frame = n;
	s->made  = 0;

	/* more than the timestamps have room for: the beginning is there */
	over = gap < 0 ? (size_t)min(-gap, (int64_t)n) : 0;
	s->bufc   = n;
	s->bufpos = over;
	s->pos   += (int64_t)(n - over);
}


static void fill(struct rec_source *s)
{
	while (s->bufpos == s->bufc) {

		const struct rec_unit *u;
		int64_t gap;

		if (!s->run || s->next >= s->run->unitc) {
			silence(s, REC_FRAME);
			return;
		}

		u   = &s->run->unitv[s->next];
		gap = place(s, u) - s->pos;
		if (gap > 0)
			fill_gap(s, u, gap);
		else
			decode(s, u, gap);
	}
}


/**
 * Read the samples that follow
 *
 * @param s Source
 * @param v Set to samples
 * @param n Their number
 */
void rec_source_read(struct rec_source *s, float *v, size_t n)
{
	size_t i, k;

	while (n) {
		fill(s);

		k = min(n, s->bufc - s->bufpos);
		for (i=0; i<k; i++)
			v[i] = s->bufv[s->bufpos + i];
		s->bufpos += k;
		v += k;
		n -= k;
	}
}


/**
 * Get what was missing up to here
 *
 * @param s Source
 *
 * @return What was missing
 */
const struct rec_loss *rec_source_loss(const struct rec_source *s)
{
	return &s->loss;
}
