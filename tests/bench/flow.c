/**
 * @file tests/bench/flow.c  Packets: when they are sent, what comes out
 *
 * Every flow has its own random place within the 20 ms, the same in every
 * run. A packet that is forwarded carries its index in the payload. One that
 * is transcoded is known by its timestamp, once it is known which index the
 * first one had: the first that is not silent came from the first that was
 * not silent.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <opus.h>
#include <re.h>
#include <rem.h>
#include "bench.h"


enum {
	LOUD     = 300,         /**< Not silent any more [level]           */
	LATE_MAX = 50,          /**< Wait for the last packets [packets]   */
	MAGIC    = 0xbe,
};

struct slot {
	uint32_t off;           /**< Within the packet time [ns]           */
	struct flow *flow;
};

static struct {
	int fd;                 /* timerfd */
	struct slot *slotv;
	size_t slotc, pos;
	uint32_t round;         /* all flows' packet index */
	uint32_t first, last;   /* of the measurement */
	uint64_t t0;            /* [ns] */
	uint32_t *latv;
	size_t latc, latsz;
} fl = {.fd = -1};

const uint32_t *flow_latv;
size_t flow_latc;


/* CLOCK_REALTIME, as the kernel stamps packets */
uint64_t now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);

	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}


static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}


static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}


static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}


static uint8_t pt_in(const struct flow *f)
{
	if (!f->opus_in)
		return 0;

	return f->way == TO_SIP && f->call->app_pt ? f->call->app_pt : APP_PT;
}


static uint8_t pt_out(const struct flow *f)
{
	if (!f->opus_out)
		return 0;

	return f->way == TO_APP && f->call->app_pt ? f->call->app_pt : APP_PT;
}


static void send_one(struct flow *f)
{
	const uint32_t idx = f->next++;
	uint8_t pkt[PKT_ROOM];
	const uint8_t *p;
	uint64_t *t = &f->tsentv[idx % RING];
	size_t len;

	p = content_get(f->opus_in, idx, &len);

	pkt[0] = 0x80;
	pkt[1] = pt_in(f);
	put16(&pkt[2], idx + 1000);
	put32(&pkt[4], idx * (f->opus_in ? 960 : 160));
	put32(&pkt[8], f->ssrc);
	memcpy(&pkt[12], p, len);

	if (f->opus_in == f->opus_out) {
		len = max(len, (size_t)16);
		pkt[12 + 4] = MAGIC;
		put32(&pkt[12 + 5], idx);
	}

	if (idx >= fl.first && idx < fl.last)
		++f->sentc;

	if (f->way == TO_APP) {
		*t = now_ns();
		rtpsock_send(f->call, pkt, 12 + len);
	}
	else {
		app_send(f->call, pkt, 12 + len, t);
	}
}


static uint64_t due(void)
{
	return fl.t0 + (uint64_t)fl.round * PTIME * 1000000 +
		fl.slotv[fl.pos].off;
}


static void arm(void)
{
	const uint64_t t = due();
	struct itimerspec its;

	memset(&its, 0, sizeof(its));
	its.it_value.tv_sec  = (time_t)(t / 1000000000);
	its.it_value.tv_nsec = (long)(t % 1000000000);

	(void)timerfd_settime(fl.fd, TFD_TIMER_ABSTIME, &its, NULL);
}


static void timer_handler(int flags, void *arg)
{
	uint64_t n;
	unsigned max = 64;
	(void)flags;
	(void)arg;

	if (read(fl.fd, &n, sizeof(n)) < 0)
		return;

	/* receiving has its turn in between */
	while (max-- && due() <= now_ns()) {

		send_one(fl.slotv[fl.pos].flow);

		if (++fl.pos == fl.slotc) {
			fl.pos = 0;
			++fl.round;
		}
	}

	arm();
}


static int slot_cmp(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	return x->off < y->off ? -1 : x->off > y->off;
}


int flow_start(void)
{
	uint32_t rnd = 12345;
	unsigned i, w;

	fl.slotv = mem_zalloc(bench.n * WAYS * sizeof(*fl.slotv), NULL);
	fl.latsz = (size_t)bench.n * WAYS * bench.secs * (1000 / PTIME) + 16;
	fl.latv  = mem_zalloc(fl.latsz * sizeof(*fl.latv), NULL);
	fl.first = WARMUP;
	fl.last  = WARMUP + bench.secs * (1000 / PTIME);
	if (!fl.slotv || !fl.latv)
		return ENOMEM;

	for (i=0; i<bench.n; i++) {
		for (w=0; w<WAYS; w++) {

			struct slot *s = &fl.slotv[fl.slotc];
			struct flow *f = &bench.callv[i].flowv[w];

			rnd = rnd * 1664525 + 1013904223;
			s->off  = (uint32_t)((uint64_t)rnd * PTIME * 1000000
					     >> 32);
			s->flow = f;

			f->call = &bench.callv[i];
			f->way  = w;
			f->ssrc = 0x10000 + fl.slotc;
			f->opus_in  = bench.mode == MODE_RELAY_OPUS ||
				(bench.mode == MODE_XCODE && w == TO_SIP);
			f->opus_out = bench.mode == MODE_RELAY_OPUS ||
				(bench.mode == MODE_XCODE && w == TO_APP);
			++fl.slotc;
		}
	}

	qsort(fl.slotv, fl.slotc, sizeof(*fl.slotv), slot_cmp);

	fl.fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	fl.t0 = now_ns() + 50000000;
	arm();

	return fd_listen(fl.fd, FD_READ, timer_handler, NULL);
}


void flow_stop(void)
{
	fd_close(fl.fd);
	(void)close(fl.fd);
}


bool flow_measuring(void)
{
	return fl.round >= fl.first;
}


bool flow_done(void)
{
	return fl.round >= fl.last + LATE_MAX / 2;
}


static void measure(struct flow *f, int64_t idx, uint64_t t)
{
	const uint64_t sent = f->tsentv[idx % RING];

	if (idx < fl.first || idx >= fl.last || idx >= f->next ||
	    idx + RING <= f->next)
		return;

	++f->gotc;
	if (fl.latc < fl.latsz)
		fl.latv[fl.latc++] = t > sent ? (uint32_t)min(t - sent,
				(uint64_t)UINT32_MAX) : 0;
}


static bool is_loud(struct flow *f, const uint8_t *p, size_t len)
{
	int16_t sampv[5760];
	int i, n;

	if (!f->opus_out) {
		n = (int)min(len, (size_t)160);
		for (i=0; i<n; i++)
			sampv[i] = g711_ulaw2pcm(p[i]);
	}
	else {
		if (!f->od)
			f->od = opus_decoder_create(48000, 1, &n);
		n = opus_decode(f->od, p, (int)len, sampv, 5760, 0);
	}

	return n > 0 && content_level(sampv, n) > LOUD;
}


static void rx(struct flow *f, const uint8_t *pkt, size_t len, uint64_t t)
{
	const uint32_t clock = f->opus_out ? 960 : 160;
	uint32_t ts;
	int64_t n;

	if (len < 12 || (pkt[1] & 0x7f) != pt_out(f))
		return;

	++f->rx;

	if (f->opus_in == f->opus_out) {
		if (len >= 12 + 9 && pkt[12 + 4] == MAGIC)
			measure(f, get32(&pkt[12 + 5]), t);
		return;
	}

	ts = get32(&pkt[4]);
	if (!f->on) {
		f->on  = true;
		f->ts0 = ts;
	}
	n = (int32_t)(ts - f->ts0) / (int32_t)clock;

	if (!f->mapped && is_loud(f, pkt + 12, len - 12)) {
		f->mapped = true;
		f->base   = SILENCE - n;
		if (f->od)
			opus_decoder_destroy(f->od);
		f->od = NULL;
	}

	if (f->mapped)
		measure(f, f->base + n, t);
}


void flow_sip_rx(struct call *call, const uint8_t *pkt, size_t len,
		 uint64_t t)
{
	if (fl.slotv)
		rx(&call->flowv[TO_SIP], pkt, len, t);
}


void flow_app_rx(struct call *call, const uint8_t *pkt, size_t len,
		 uint64_t t)
{
	if (fl.slotv)
		rx(&call->flowv[TO_APP], pkt, len, t);
}


static int lat_cmp(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}


int flow_latency_sort(void)
{
	qsort(fl.latv, fl.latc, sizeof(*fl.latv), lat_cmp);
	flow_latv = fl.latv;
	flow_latc = fl.latc;

	return 0;
}


/* [ms] */
double flow_percentile(double p)
{
	size_t i;

	if (!fl.latc)
		return -1;

	i = (size_t)(p * (double)fl.latc);

	return fl.latv[min(i, fl.latc - 1)] / 1e6;
}
