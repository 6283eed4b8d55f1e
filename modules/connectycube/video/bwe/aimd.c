/**
 * @file video/bwe/aimd.c  A bit rate that rises slowly and falls fast
 *
 * Additive increase is left out: near the rate at which the path was full
 * the last time it rises by a smaller share. draft-ietf-rmcat-gcc-02, 5.5
 * and 6.
 */
#include <string.h>
#include <re.h>
#include "trend.h"
#include "aimd.h"


enum {
	FALL_WAIT = 300000,     /**< Until a fall shows effect [us]        */
	RISE_MAX  = 5000000,    /**< Longest time made good at once [us]   */
	LOSS_HIGH = 26,         /**< Fall above: 10 % [1/256]              */
	LOSS_LOW  = 5,          /**< Rise up to: 2 % [1/256]               */
};

static const double rise_start = 0.25; /**< Each second, until it is full  */
static const double rise_far  = 0.08;  /**< The same, later               */
static const double rise_near = 0.03;  /**< The same, where it was full   */
static const double near_lo   = 0.9;   /**< Of what passed then           */
static const double near_hi   = 1.05;
static const double beta      = 0.85;  /**< Of what passes now            */
static const double headroom  = 1.5;   /**< Over what is really sent      */
static const double headroom_min = 10000; /**< And that [bit/s]           */


static void set(struct aimd *a, double est)
{
	a->est = max(est, (double)a->min);
	a->est = min(a->est, (double)a->max);
}


/**
 * Begin with an estimate
 *
 * @param a     Estimate
 * @param start First value, made to fit lo and hi [bit/s]
 * @param lo    Least [bit/s]
 * @param hi    Most [bit/s]
 */
void aimd_init(struct aimd *a, uint32_t start, uint32_t lo, uint32_t hi)
{
	memset(a, 0, sizeof(*a));

	a->min = lo;
	a->max = hi;
	set(a, start);
}


static bool can_fall(const struct aimd *a, uint64_t now)
{
	return !a->down || now >= a->down + FALL_WAIT;
}


static void fall(struct aimd *a, double est, uint64_t now)
{
	set(a, min(est, a->est));
	a->congested = true;
	a->down = a->up = now;
}


/* By what share it rises each second */
static double rise_share(const struct aimd *a)
{
	if (!a->congested)
		return rise_start;

	if (a->est > near_lo * a->link && a->est < near_hi * a->link)
		return rise_near;

	return rise_far;
}


/**
 * Let it rise for the time since it last could; not far above what is sent,
 * as nobody knows if more would pass
 *
 * @param a    Estimate
 * @param rate What is really sent [bit/s], 0=unknown
 * @param now  Time [us]
 */
void aimd_rise(struct aimd *a, uint32_t rate, uint64_t now)
{
	const double top = headroom * rate + headroom_min;
	uint64_t dt = 0;

	if (a->up && now > a->up)
		dt = min(now - a->up, (uint64_t)RISE_MAX);

	a->up = now;

	if (a->hold || !rate || a->est >= top)
		return;

	set(a, min(top, a->est * (1 + rise_share(a) * dt / 1e6)));
}


/**
 * Follow the trend of the delay
 *
 * @param a    Estimate
 * @param st   What the queue does
 * @param rate What passes [bit/s], 0=unknown
 * @param now  Time [us]
 */
void aimd_delay(struct aimd *a, enum trend_state st, uint32_t rate,
		uint64_t now)
{
	switch (st) {

	case TREND_OVER:
		if (!can_fall(a, now))
			break;

		if (rate)
			a->link = rate;
		fall(a, beta * (rate ? rate : a->est), now);
		break;

	case TREND_UNDER:
		/* let it drain first */
		a->up = now;
		break;

	default:
		aimd_rise(a, rate, now);
		break;
	}
}


/**
 * Follow the loss: fall above 10 %, hold above 2 %
 *
 * @param a        Estimate
 * @param fraction Lost of what was sent lately [1/256]
 * @param now      Time [us]
 */
void aimd_loss(struct aimd *a, unsigned fraction, uint64_t now)
{
	a->hold = fraction > LOSS_LOW;

	if (fraction > LOSS_HIGH && can_fall(a, now))
		fall(a, a->est * (1 - 0.5 * fraction / 256), now);
}


/**
 * Take over a higher estimate of somebody else, as long as nothing speaks
 * against it
 *
 * @param a    Estimate
 * @param rate Somebody else's [bit/s]
 */
void aimd_raise(struct aimd *a, uint64_t rate)
{
	if (!a->congested && rate > a->est)
		set(a, rate);
}
