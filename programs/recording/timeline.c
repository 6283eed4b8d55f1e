/**
 * @file timeline.c  Both sides from the beginning to the end
 *
 *   stream -- runs --> source --> resampler --+
 *   stream -- runs --> source --> resampler --+--> left:  the phone's side
 *   ...                                       `--> right: the app's side
 */
#include <math.h>
#include <string.h>
#include <re.h>
#include "recording.h"


enum {
	BLOCK   = 960,          /**< Samples made at a time                */
	FADE_MS = 3,            /**< A run begins softly [ms]              */
};

/** A stream of audio */
struct part {
	const struct rec_stream *st; /**< (pointer)                        */
	struct rec_runs *runs;  /**< (owner)                               */
	struct rec_source *src; /**< (owner)                               */
	struct rec_resamp *rs;  /**< (owner)                               */
	size_t next;            /**< Run that follows                      */
	int64_t begun;          /**< Where the current one began [samples] */
	size_t fade;            /**< Samples of it that were made          */
};

struct rec_timeline {
	const struct rec *rec;  /**< (pointer)                             */
	uint32_t rate;          /**< [Hz]                                  */
	uint64_t pos, end;      /**< [samples]                             */
	struct part *partv;     /**< (owner)                               */
	size_t partc;
	float mixv[REC_SIDES][BLOCK];
};


static void destructor(void *arg)
{
	struct rec_timeline *tl = arg;
	size_t i;

	for (i=0; i<tl->partc; i++) {
		mem_deref(tl->partv[i].rs);
		mem_deref(tl->partv[i].src);
		mem_deref(tl->partv[i].runs);
	}
	mem_deref(tl->partv);
}


static void pull(float *v, size_t n, void *arg)
{
	rec_source_read(arg, v, n);
}


static int part_init(struct part *p, const struct rec *rec,
		     const struct rec_stream *st)
{
	int err;

	p->st = st;

	err = rec_order(&p->runs, rec, st);
	if (!err)
		err = rec_source_alloc(&p->src, rec);
	if (!err)
		err = rec_resamp_alloc(&p->rs, pull, p->src);

	return err;
}


/**
 * Allocate a time-line
 *
 * @param tlp  Pointer to allocated time-line
 * @param rec  What is in the file, must stay
 * @param rate Sampling rate, at least that of rec_best_rate() [Hz]
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_timeline_alloc(struct rec_timeline **tlp, const struct rec *rec,
		       uint32_t rate)
{
	struct rec_timeline *tl;
	size_t i;
	int err = 0;

	if (!tlp || !rec || !rate)
		return EINVAL;

	tl = mem_zalloc(sizeof(*tl), destructor);
	if (!tl)
		return ENOMEM;

	tl->rec   = rec;
	tl->rate  = rate;
	tl->end   = max(rec->us, (uint64_t)REC_LEAST) * rate / 1000000;
	tl->partv = mem_zalloc((rec->streamc + 1) * sizeof(*tl->partv), NULL);
	if (!tl->partv)
		err = ENOMEM;

	for (i=0; i<rec->streamc && !err; i++)
		if (!rec->streamv[i].video)
			err = part_init(&tl->partv[tl->partc++], rec,
					&rec->streamv[i]);

	if (err)
		mem_deref(tl);
	else
		*tlp = tl;

	return err;
}


/* Where a run begins: not before the one in front of it */
static int64_t begin_of(const struct rec_timeline *tl, const struct part *p,
			size_t i)
{
	const double pos = rec_map_pos(&p->runs->runv[i].map, 0) * tl->rate;
	const double end = (double)tl->end;

	return max((int64_t)fmin(fmax(pos, 0), end), p->begun);
}


/* What the current run says from..to is added to the mix */
static void part_mix(struct rec_timeline *tl, struct part *p, float *v,
		     int64_t from, int64_t to)
{
	const struct rec_run *run = &p->runs->runv[p->next - 1];
	const double srate = rec_source_srate(p->src), rate = tl->rate;
	const double a = rec_map_time(&run->map, (double)from / rate) * srate;
	const double b = rec_map_time(&run->map, (double)to / rate) * srate;
	const size_t n = (size_t)(to - from), fade = tl->rate * FADE_MS / 1000;
	float buf[BLOCK] = {0};
	size_t i;

	rec_resamp_read(p->rs, buf, n, a, (b - a) / (double)n);

	for (i=0; i<n; i++) {
		if (p->fade < fade)
			buf[i] *= (float)++p->fade / (float)fade;
		v[i] += buf[i];
	}
}


static int part_read(struct rec_timeline *tl, struct part *p, size_t n)
{
	float *v = tl->mixv[p->st->app];
	int64_t at = (int64_t)tl->pos, to;
	const int64_t end = at + (int64_t)n;
	int err;

	while (at < end) {

		to = end;
		if (p->next < p->runs->runc) {

			const int64_t begin = begin_of(tl, p, p->next);

			if (begin <= at) {
				err = rec_source_start(p->src,
					&p->runs->runv[p->next++]);
				if (err)
					return err;
				rec_resamp_start(p->rs);
				p->begun = begin;
				p->fade  = 0;
				continue;
			}
			to = min(end, begin);
		}

		if (p->next)
			part_mix(tl, p, v + (at - (int64_t)tl->pos), at, to);
		at = to;
	}

	return 0;
}


/* Nothing is heard of what came late, or was made up, in a pause */
static void mute(struct rec_timeline *tl, size_t n)
{
	uint64_t until = 0;
	bool paused = false;
	size_t i, side;

	for (i=0; i<n; i++) {

		const uint64_t us = (tl->pos + i) * 1000000 / tl->rate;

		if (us >= until)
			paused = rec_paused(tl->rec, us, &until);
		for (side=0; paused && side<REC_SIDES; side++)
			tl->mixv[side][i] = 0;
	}
}


static int16_t clip(float f)
{
	return (int16_t)lrintf(fminf(fmaxf(f, INT16_MIN), INT16_MAX));
}


/**
 * Read samples, left and right in turn
 *
 * @param tl Time-line
 * @param v  Set to samples
 * @param n  Room for so many pairs; pairs read then, 0 at the end
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_timeline_read(struct rec_timeline *tl, int16_t *v, size_t *n)
{
	size_t i, k;
	int err = 0;

	if (!tl || !v || !n)
		return EINVAL;

	*n = (size_t)min((uint64_t)min(*n, (size_t)BLOCK), tl->end - tl->pos);

	memset(tl->mixv, 0, sizeof(tl->mixv));
	for (i=0; i<tl->partc && !err; i++)
		err = part_read(tl, &tl->partv[i], *n);
	mute(tl, *n);

	for (i=0; i<*n; i++)
		for (k=0; k<REC_SIDES; k++)
			v[i * REC_SIDES + k] = clip(tl->mixv[k][i]);
	tl->pos += *n;

	return err;
}


/**
 * Tell what was missing up to here
 *
 * @param tl   Time-line
 * @param loss Set to what was missing
 */
void rec_timeline_loss(const struct rec_timeline *tl, struct rec_loss *loss)
{
	size_t i;

	memset(loss, 0, sizeof(*loss));

	for (i=0; i<tl->partc; i++) {

		const struct rec_loss *l = rec_source_loss(tl->partv[i].src);

		loss->packets += l->packets;
		loss->ms      += l->ms;
		loss->broken  += l->broken;
	}
}


/**
 * Tell the lowest rate that loses nothing
 *
 * @param rec What is in the file
 *
 * @return Sampling rate [Hz]
 */
uint32_t rec_best_rate(const struct rec *rec)
{
	uint32_t rate = 8000;
	size_t i;

	for (i=0; i<rec->fmtc; i++)
		if (rec->fmtv[i].kind == REC_AUDIO)
			rate = max(rate, rec_dec_srate(&rec->fmtv[i].f));

	return rate > 16000 ? REC_RATE : rate;
}
