/**
 * @file audio/inband.c  Keys heard as tones in the audio (ITU-T Q.23, Q.24)
 *
 * For phones that have nothing else. Blocks of 13 ms are measured at the
 * eight frequencies with Goertzel filters; two blocks in a row make
 * a key, two without it end it. The result looks like a telephone-event with
 * a clock of 1 kHz, so that a tone goes the way of any other key. A packet in
 * which a tone is found is to be silenced: the one before, in which it began,
 * has gone by then.
 */
#include <string.h>
#include <math.h>
#include <re.h>
#include "rtp/rtp.h"
#include "telev.h"
#include "inband.h"


enum {
	BLOCK_8K = 105,         /**< Samples of a block at 8 kHz           */
	HITS     = 2,           /**< Equal blocks that make a key          */
	MISSES   = 2,           /**< Other blocks that end it              */
};

#define LEVEL_MIN   50.0        /* amplitude of each tone: -56 dBFS        */
#define OTHERS      6.3         /* 8 dB above others of its group          */
#define TWIST_MAX   6.3         /* high tone above the low one: 8 dB       */
#define TWIST_MIN   0.16        /* and below it: 8 dB                      */
#define SHARE       0.65        /* of the block's energy in both tones: keys
				   of 1.5 % off have 0.8, speech half at most */

static const double freqv[8] = {
	697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0
};

static const char keyv[] = "123A456B789C*0#D";

/** Detector of one stream */
struct inband {
	double coefv[8];        /**< Goertzel filters, one a frequency ... */
	double q1v[8];          /**< ... beside each other, so that one    */
	double q2v[8];          /**< instruction does several              */
	double energy;          /**< Of this block                         */
	size_t n;               /**< Samples in this block                 */
	size_t block;           /**< Samples of a whole block              */
	uint32_t srate;         /**< Sampling rate [Hz]                    */
	uint64_t pos;           /**< Samples so far                        */
	int hit;                /**< Event of the last block, -1=none      */
	unsigned hits;          /**< Blocks in a row with it               */
	unsigned misses;        /**< Blocks in a row without the key       */
	int on;                 /**< Event of the key that is down, -1     */
	uint64_t begin;         /**< Its first sample                      */
};


static void block_reset(struct inband *ib)
{
	memset(ib->q1v, 0, sizeof(ib->q1v));
	memset(ib->q2v, 0, sizeof(ib->q2v));

	ib->energy = 0.0;
	ib->n = 0;
}


/**
 * Allocate a detector
 *
 * @param ibp   Detector (output)
 * @param srate Sampling rate [Hz], at least 8000
 *
 * @return 0 if success, EINVAL for bad arguments, ENOMEM
 */
int inband_alloc(struct inband **ibp, uint32_t srate)
{
	struct inband *ib;
	size_t i;

	if (!ibp || srate < 8000)
		return EINVAL;

	ib = mem_zalloc(sizeof(*ib), NULL);
	if (!ib)
		return ENOMEM;

	ib->srate = srate;
	ib->block = (size_t)srate * BLOCK_8K / 8000;
	ib->hit   = -1;
	ib->on    = -1;

	for (i=0; i<ARRAY_SIZE(freqv); i++)
		ib->coefv[i] = 2.0 * cos(2.0 * M_PI * freqv[i] / srate);

	block_reset(ib);

	*ibp = ib;

	return 0;
}


/**
 * Begin anew, as if nothing had been heard
 *
 * @param ib Detector
 */
void inband_reset(struct inband *ib)
{
	ib->hit    = -1;
	ib->hits   = 0;
	ib->misses = 0;
	ib->on     = -1;
	ib->pos    = 0;

	block_reset(ib);
}


/* The strongest of four, if it stands out: else -1 */
static int strongest(const double *pv)
{
	int i, best = 0;

	for (i=1; i<4; i++) {
		if (pv[i] > pv[best])
			best = i;
	}

	for (i=0; i<4; i++) {
		if (i != best && pv[best] < OTHERS * pv[i])
			return -1;
	}

	return best;
}


static double power(const struct inband *ib, size_t i)
{
	const double a = ib->q1v[i], b = ib->q2v[i];

	return a * a + b * b - a * b * ib->coefv[i];
}


/* The event in a whole block, -1 if there is none */
static int classify(struct inband *ib)
{
	const double n = (double)ib->block;
	double pv[8], row, col;
	int r, c;
	size_t i;

	/* a tone of amplitude a has (a n / 2)^2 */
	for (i=0; i<ARRAY_SIZE(freqv); i++)
		pv[i] = power(ib, i) * 4.0 / (n * n);

	r = strongest(pv);
	c = strongest(pv + 4);
	if (r < 0 || c < 0)
		return -1;

	row = pv[r];
	col = pv[4 + c];

	if (row < LEVEL_MIN * LEVEL_MIN || col < LEVEL_MIN * LEVEL_MIN)
		return -1;

	if (col > TWIST_MAX * row || col < TWIST_MIN * row)
		return -1;

	if ((row + col) / 2.0 * n < SHARE * ib->energy)
		return -1;

	return telev_event(keyv[4 * r + c]);
}


static void fill(const struct inband *ib, struct telev *te, uint32_t *ts,
		 bool end)
{
	const uint64_t ms = (ib->pos - ib->begin) * INBAND_CRATE / ib->srate;

	te->event  = (uint8_t)ib->on;
	te->end    = end;
	te->volume = TELEV_VOLUME;
	te->dur    = (uint16_t)min(ms, (uint64_t)TELEV_SEG_MAX);
	*ts = (uint32_t)(ib->begin * INBAND_CRATE / ib->srate);
}


/* A block is whole. True if `te` says something new */
static bool block_done(struct inband *ib, struct telev *te, uint32_t *ts)
{
	const int ev = classify(ib);

	ib->hits = ev >= 0 && ev == ib->hit ? ib->hits + 1 : ev >= 0;
	ib->hit  = ev;

	if (ib->on >= 0) {

		ib->misses = ev == ib->on ? 0 : ib->misses + 1;

		if (ib->misses < MISSES) {
			fill(ib, te, ts, false);
			return true;
		}

		ib->pos -= MISSES * ib->block;
		fill(ib, te, ts, true);
		ib->pos += MISSES * ib->block;
		ib->on = -1;

		return true;
	}

	if (ib->hits < HITS)
		return false;

	ib->on     = ev;
	ib->misses = 0;
	ib->begin  = ib->pos - HITS * ib->block;
	fill(ib, te, ts, false);

	return true;
}


static inline void update(struct inband *ib, double samp)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(freqv); i++) {

		const double q0 = samp + ib->coefv[i] * ib->q1v[i] -
			ib->q2v[i];

		ib->q2v[i] = ib->q1v[i];
		ib->q1v[i] = q0;
	}

	ib->energy += samp * samp;
}


/**
 * Look for keys in samples
 *
 * @param ib    Detector
 * @param sampv Samples
 * @param sampc Number of samples
 * @param te    What is known of a key now, as an event of 1 kHz (output)
 * @param ts    Its timestamp [ms] (output)
 * @param tone  True if there is a tone in the samples (output)
 *
 * @return True if there is something to know: te and ts are set
 */
bool inband_hear(struct inband *ib, const int16_t *sampv, size_t sampc,
		 struct telev *te, uint32_t *ts, bool *tone)
{
	bool news = false;
	size_t i;

	*tone = ib->on >= 0;

	for (i=0; i<sampc; i++) {

		update(ib, sampv[i]);
		++ib->pos;

		if (++ib->n < ib->block)
			continue;

		/* an end must not be hidden by what follows in the packet */
		news |= (news && te->end) ? false : block_done(ib, te, ts);
		*tone |= ib->hit >= 0;
		block_reset(ib);
	}

	return news;
}


/**
 * Look for keys in samples, and silence them where a tone is
 *
 * @param ib    Detector
 * @param sampv Samples
 * @param sampc Number of samples
 * @param te    See inband_hear()
 * @param ts    See inband_hear()
 *
 * @return See inband_hear()
 */
bool inband_probe(struct inband *ib, int16_t *sampv, size_t sampc,
		  struct telev *te, uint32_t *ts)
{
	bool tone;
	const bool news = inband_hear(ib, sampv, sampc, te, ts, &tone);

	if (tone)
		memset(sampv, 0, sampc * sizeof(*sampv));

	return news;
}
