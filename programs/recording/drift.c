/**
 * @file drift.c  When was it said: a sender's clock against ours
 *
 *   time it took [s]  .     .
 *                    . .. .   .. .     late ones do not matter: the
 *                   -------------------  quickest say how clocks run
 *
 * A packet cannot come before it was said, only later. The quickest one of
 * every ten seconds tells how the sender's clock goes; a line through those
 * of some two minutes, what it is between them. So the samples of a side are
 * spread or squeezed by some millionths, which nobody hears. What is more
 * than clocks do is a step, at which a new run begins.
 *
 * Pure.
 */
#include <math.h>
#include <string.h>
#include <re.h>
#include "recording.h"


#define STEP      0.060         /* What is a step, not drift [s]           */
#define NEAR      4.0           /* So long to both sides is looked at [s]  */
#define WINDOW    10.0          /* For one quickest packet [s]             */
#define SLOPE_MAX 0.02          /* No clock is further off                 */

enum {
	BACK_MIN  = 20,         /**< Looked at however old they are        */
	BACK_MAX  = 400,
	AHEAD_MAX = 1500,
	AROUND    = 6,          /**< Windows to both sides for a line      */
	FEW       = 4,          /**< Fewer windows say nothing of drift    */
};


static double sent(const struct rec_unit *u, uint32_t clock)
{
	return (double)u->ts / clock;
}


static double came(const struct rec_unit *u)
{
	return (double)u->pkt->us / 1e6;
}


/* How long it took, but for a constant */
static double took(const struct rec_unit *u, uint32_t clock)
{
	return came(u) - sent(u, clock);
}


static double quickest_before(const struct rec_unit *v, size_t from,
			      size_t i, uint32_t clock)
{
	double best = INFINITY;
	const double now = came(&v[i]);
	size_t n;

	for (n=0; n<BACK_MAX && i > from; n++) {

		const struct rec_unit *u = &v[--i];

		if (n >= BACK_MIN && came(u) < now - NEAR)
			break;
		if (u->kind != REC_KEYS)
			best = fmin(best, took(u, clock));
	}

	return best;
}


static double quickest_ahead(const struct rec_unit *v, size_t unitc, size_t i,
			     uint32_t clock, double below)
{
	double best = INFINITY;
	const double now = came(&v[i]);
	size_t n;

	for (n=0; n<AHEAD_MAX && i < unitc && best > below; n++, i++) {

		if (came(&v[i]) > now + NEAR)
			break;
		if (v[i].kind != REC_KEYS)
			best = fmin(best, took(&v[i], clock));
	}

	return best;
}


/**
 * Find a step in how long packets take: a new way through the network, or a
 * sender that holds its clock while it is silent
 *
 * @param unitv Packets in order
 * @param unitc Number of packets
 * @param clock Clock of their timestamps [Hz]
 * @param from  Where to begin
 *
 * @return The first one behind the step, unitc if there is none
 */
size_t rec_step(const struct rec_unit *unitv, size_t unitc, uint32_t clock,
		size_t from)
{
	size_t i;

	for (i=from+1; i<unitc; i++) {

		double before, now;

		if (unitv[i].kind == REC_KEYS)
			continue;

		now    = took(&unitv[i], clock);
		before = quickest_before(unitv, from, i, clock);
		if (isinf(before))
			continue;
		if (now < before - STEP)
			return i;
		if (now > before + STEP &&
		    quickest_ahead(unitv, unitc, i, clock, before + STEP)
		    > before + STEP)
			return i;
	}

	return unitc;
}


static int add_knot(struct rec_map *map, double t, double pos)
{
	int err;

	err = rec_grow(&map->knotv, &map->size, map->knotc,
		       sizeof(*map->knotv));
	if (err)
		return err;

	map->knotv[map->knotc].t   = t;
	map->knotv[map->knotc].pos = pos;
	++map->knotc;

	return 0;
}


/* The quickest of each window, their delays as positions */
static int quickest(struct rec_map *q, const struct rec_unit *v, size_t n,
		    uint32_t clock)
{
	double end = 0, best = INFINITY, at = 0;
	size_t i;
	int err = 0;

	for (i=0; i<n && !err; i++) {

		const double t = sent(&v[i], clock);

		if (v[i].kind == REC_KEYS)
			continue;

		if (t >= end) {
			if (!isinf(best))
				err = add_knot(q, at, best);
			best = INFINITY;
			end  = t + WINDOW;
		}
		if (took(&v[i], clock) < best) {
			best = took(&v[i], clock);
			at   = t;
		}
	}

	if (!err && !isinf(best))
		err = add_knot(q, at, best);
	if (!err && !q->knotc)
		err = add_knot(q, 0, n ? came(&v[0]) : 0);

	return err;
}


/* A line through those around one, at that one's time */
static double smooth(const struct rec_map *q, size_t k)
{
	const size_t lo = k < AROUND ? 0 : k - AROUND;
	const size_t hi = min(k + AROUND + 1, q->knotc);
	double t = 0, d = 0, tt = 0, td = 0, slope;
	size_t i;

	for (i=lo; i<hi; i++) {
		t += q->knotv[i].t;
		d += q->knotv[i].pos;
	}
	t /= (double)(hi - lo);
	d /= (double)(hi - lo);

	for (i=lo; i<hi; i++) {
		const double dt = q->knotv[i].t - t;

		tt += dt * dt;
		td += dt * (q->knotv[i].pos - d);
	}

	slope = tt > 0 ? td / tt : 0;
	slope = fmax(fmin(slope, SLOPE_MAX), -SLOPE_MAX);

	return d + slope * (q->knotv[k].t - t);
}


static int fit_lines(struct rec_map *map, const struct rec_map *q)
{
	size_t i;
	int err = 0;

	for (i=0; i<q->knotc && !err; i++) {

		const double t = q->knotv[i].t;
		double pos = t + smooth(q, i);

		if (i) {
			const struct rec_knot *was = &map->knotv[i-1];
			const double dt = t - was->t;

			/* it may be an enemy's; two at once are one */
			if (dt <= 0)
				continue;
			pos = fmax(pos, was->pos + dt / 2);
			pos = fmin(pos, was->pos + dt * 2);
		}

		err = add_knot(map, t, pos);
	}

	return err;
}


static int fit_constant(struct rec_map *map, const struct rec_map *q)
{
	double best = INFINITY;
	size_t i;

	for (i=0; i<q->knotc; i++)
		best = fmin(best, q->knotv[i].pos);

	return add_knot(map, 0, best);
}


/**
 * Find out when things were said
 *
 * @param map   Set to: sender's time, from its first packet on -> time of the
 *              recording [s]. All zero to begin with
 * @param unitv Packets in order, without a step
 * @param unitc Number of packets
 * @param clock Clock of their timestamps [Hz]
 *
 * @return 0 if success, ENOMEM
 */
int rec_map_fit(struct rec_map *map, const struct rec_unit *unitv,
		size_t unitc, uint32_t clock)
{
	struct rec_map q = {0};
	int err;

	err = quickest(&q, unitv, unitc, clock);
	if (!err)
		err = q.knotc < FEW ? fit_constant(map, &q)
			: fit_lines(map, &q);
	mem_deref(q.knotv);

	return err;
}


/* The piece of the function that a place is in, the last and the first ones
   go on for ever */
static size_t piece(const struct rec_map *map, double x, bool pos)
{
	size_t lo = 0, hi = map->knotc - 2;

	while (lo < hi) {
		const size_t mid = (lo + hi + 1) / 2;
		const struct rec_knot *k = &map->knotv[mid];

		if ((pos ? k->pos : k->t) <= x)
			lo = mid;
		else
			hi = mid - 1;
	}

	return lo;
}


/**
 * Tell when something was said
 *
 * @param map Function
 * @param t   Sender's time [s]
 *
 * @return Time of the recording [s]
 */
double rec_map_pos(const struct rec_map *map, double t)
{
	const struct rec_knot *k = map->knotv;

	if (map->knotc < 2)
		return t - k->t + k->pos;

	k += piece(map, t, false);

	return k[0].pos + (t - k[0].t) * (k[1].pos - k[0].pos) /
		(k[1].t - k[0].t);
}


/**
 * Tell the sender's time
 *
 * @param map Function
 * @param pos Time of the recording [s]
 *
 * @return Sender's time [s]
 */
double rec_map_time(const struct rec_map *map, double pos)
{
	const struct rec_knot *k = map->knotv;

	if (map->knotc < 2)
		return pos - k->pos + k->t;

	k += piece(map, pos, true);

	return k[0].t + (pos - k[0].pos) * (k[1].t - k[0].t) /
		(k[1].pos - k[0].pos);
}
