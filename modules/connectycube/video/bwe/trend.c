/**
 * @file video/bwe/trend.c  Is a queue building up on the path?
 *
 * After Carlucci and others, "Congestion Control for Web Real-Time
 * Communication" (2017), and draft-ietf-rmcat-gcc-02, 5: the differences of
 * the one-way delay are summed up and smoothed, the slope of a straight line
 * through the last of them is the trend, and an adaptive threshold tells a
 * queue that grows from noise and from traffic that competes.
 *
 * Of a burst only the first packet counts: it tells what was in the queue
 * before, not how long the burst itself takes to pass.
 */
#include <string.h>
#include <re.h>
#include "trend.h"


enum {
	BURST = 5000,           /**< Packets sent within are one [us]      */
	IDLE  = 1000000,        /**< After that all begins anew [us]       */
	JUMP  = 3000000,        /**< Delay does not change so much [us]    */
};

static const double smoothing   = 0.9;
static const double gain        = 4.0;
static const unsigned n_max     = 60;     /**< Samples that raise it */
static const double thresh_init = 12.5;   /* [ms] */
static const double thresh_min  = 6.0;    /* [ms] */
static const double thresh_max  = 600.0;  /* [ms] */
static const double rise        = 0.0087; /**< Of the threshold, each ms */
static const double fall        = 0.039;
static const double outlier     = 15.0;   /**< Too far to adapt to [ms] */
static const double over_min    = 10.0;   /**< It must last that long [ms] */


static double slope(const struct trend *t)
{
	double mx = 0, my = 0, num = 0, den = 0;
	unsigned i;

	for (i=0; i<TREND_WINDOW; i++) {
		mx += t->x[i] / TREND_WINDOW;
		my += t->y[i] / TREND_WINDOW;
	}

	for (i=0; i<TREND_WINDOW; i++) {
		num += (t->x[i] - mx) * (t->y[i] - my);
		den += (t->x[i] - mx) * (t->x[i] - mx);
	}

	return den > 0 ? num / den : 0;
}


/* Follow the trend, faster down than up, so that a slow flow is not starved
   by one that fills the queue, and still sees its own queue */
static void adapt(struct trend *t, double m, double dt)
{
	const double abs = m < 0 ? -m : m;

	if (abs > t->thresh + outlier)
		return;

	t->thresh += (abs - t->thresh) * min(dt, 100.0) *
		(abs < t->thresh ? fall : rise);

	t->thresh = max(t->thresh, thresh_min);
	t->thresh = min(t->thresh, thresh_max);
}


static void detect(struct trend *t, double m, double dt)
{
	if (m > t->thresh) {
		t->over += dt;
		if (t->over > over_min && m >= t->prev)
			t->state = TREND_OVER;
	}
	else {
		t->over  = 0;
		t->state = m < -t->thresh ? TREND_UNDER : TREND_NORMAL;
	}

	t->prev = m;
	adapt(t, m, dt);
}


static void sample(struct trend *t, int64_t dsend, int64_t drecv)
{
	const unsigned i = t->n % TREND_WINDOW;
	const double dt = drecv / 1e3;

	t->delay += (drecv - dsend) / 1e3;
	t->smooth = smoothing * t->smooth + (1 - smoothing) * t->delay;
	t->x[i] = (t->recv - t->origin) / 1e3;
	t->y[i] = t->smooth;

	if (++t->n < TREND_WINDOW)
		return;

	detect(t, min(t->n, n_max) * slope(t) * gain, max(dt, 0.0));
}


static void start(struct trend *t, int64_t send, int64_t recv)
{
	trend_reset(t);

	t->on   = true;
	t->send = send;
	t->recv = t->origin = recv;
}


/**
 * Tell of a packet that arrived
 *
 * The two clocks need not agree. Idle times and jumps of either clock begin
 * anew; packets older than the last are passed over.
 *
 * @param t    Trend
 * @param send When it was sent, on the sender's clock [us]
 * @param recv When it arrived, on the receiver's clock [us]
 *
 * @return What the queue does
 */
enum trend_state trend_update(struct trend *t, int64_t send, int64_t recv)
{
	const int64_t dsend = send - t->send, drecv = recv - t->recv;

	if (!t->on || drecv > IDLE || dsend > IDLE || dsend < -JUMP ||
	    drecv < -JUMP || drecv - dsend > JUMP || dsend - drecv > JUMP) {
		start(t, send, recv);
		return t->state;
	}

	if (dsend <= BURST)
		return t->state;

	t->send = send;
	t->recv = recv;
	sample(t, dsend, drecv);

	return t->state;
}


/**
 * Begin anew, as another path or another source. The threshold is kept
 *
 * @param t Trend
 */
void trend_reset(struct trend *t)
{
	const double thresh = t->thresh > 0 ? t->thresh : thresh_init;

	memset(t, 0, sizeof(*t));
	t->thresh = thresh;
}
