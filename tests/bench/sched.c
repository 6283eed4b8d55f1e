/**
 * @file tests/bench/sched.c  When what is sent: every flow has its own place
 *
 * All flows send once in a period, each at a random point of it, the same
 * in every run.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <re.h>
#include "bench.h"


enum {
	START = 50000000,       /**< The first period begins in [ns]       */
	BATCH = 64,             /**< Sent before receiving has its turn    */
};


static uint64_t due(const struct sched *s)
{
	return s->t0 + s->round * s->period + s->slotv[s->pos].off;
}


static void arm(const struct sched *s)
{
	const uint64_t t = due(s);
	struct itimerspec its;

	memset(&its, 0, sizeof(its));
	its.it_value.tv_sec  = (time_t)(t / 1000000000);
	its.it_value.tv_nsec = (long)(t % 1000000000);

	(void)timerfd_settime(s->fd, TFD_TIMER_ABSTIME, &its, NULL);
}


static void timer_handler(int flags, void *arg)
{
	struct sched *s = arg;
	unsigned n_max = BATCH;
	uint64_t n;
	(void)flags;

	if (read(s->fd, &n, sizeof(n)) < 0)
		return;

	while (n_max-- && due(s) <= now_ns()) {

		s->sendh(s->slotv[s->pos].flow);

		if (++s->pos == s->slotc) {
			s->pos = 0;
			++s->round;
		}
	}

	arm(s);
}


static int slot_cmp(const void *a, const void *b)
{
	const struct sched_slot *x = a, *y = b;

	return x->off < y->off ? -1 : x->off > y->off;
}


/* Room for n flows that send once in a period [ns] */
int sched_alloc(struct sched *s, size_t n, uint64_t period,
		sched_send_h *sendh)
{
	s->slotv  = mem_zalloc(n * sizeof(*s->slotv), NULL);
	s->slotc  = 0;
	s->period = period;
	s->sendh  = sendh;
	s->rnd    = 12345;

	return s->slotv ? 0 : ENOMEM;
}


void sched_add(struct sched *s, void *flow)
{
	struct sched_slot *slot = &s->slotv[s->slotc++];

	s->rnd = s->rnd * 1664525 + 1013904223;

	slot->off  = (uint32_t)(s->rnd * s->period >> 32);
	slot->flow = flow;
}


int sched_start(struct sched *s)
{
	qsort(s->slotv, s->slotc, sizeof(*s->slotv), slot_cmp);

	s->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	s->t0 = now_ns() + START;
	arm(s);

	return fd_listen(s->fd, FD_READ, timer_handler, s);
}


void sched_stop(struct sched *s)
{
	fd_close(s->fd);
	(void)close(s->fd);
}
