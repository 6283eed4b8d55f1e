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
#include <time.h>
#include <opus.h>
#include <re.h>
#include <rem.h>
#include "bench.h"


enum {
	LOUD     = 300,         /**< Not silent any more [level]           */
	LATE_MAX = 50,          /**< Wait for the last packets [packets]   */
	MAGIC    = 0xbe,
};

static struct {
	struct sched sched;     /* its round is all flows' packet index */
	uint32_t first, last;   /* of the measurement */
	struct lat lat;
} fl;


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


static void send_one(void *arg)
{
	struct flow *f = arg;
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
		rtpsock_send(f->call, AUDIO, pkt, 12 + len);
	}
	else {
		app_send(f->call, AUDIO, pkt, 12 + len, t);
	}
}


static void flow_init(struct flow *f, struct call *call, enum way way,
		      uint32_t ssrc)
{
	const bool opus = bench.mode == MODE_RELAY_OPUS;
	const bool xcode = bench.mode == MODE_XCODE;

	f->call = call;
	f->way  = way;
	f->ssrc = ssrc;
	f->opus_in  = opus || (xcode && way == TO_SIP);
	f->opus_out = opus || (xcode && way == TO_APP);

	sched_add(&fl.sched, f);
}


int flow_start(void)
{
	unsigned i, w;
	int err;

	fl.first = WARMUP;
	fl.last  = WARMUP + bench.secs * (1000 / PTIME);

	err = sched_alloc(&fl.sched, bench.n * WAYS, PTIME * 1000000,
			  send_one);
	if (!err)
		err = lat_alloc(&fl.lat, (size_t)bench.n * WAYS *
				(fl.last - fl.first));
	if (err)
		return err;

	for (i=0; i<bench.n; i++) {
		for (w=0; w<WAYS; w++)
			flow_init(&bench.callv[i].flowv[w], &bench.callv[i],
				  w, 0x10000 + i * WAYS + w);
	}

	return sched_start(&fl.sched);
}


void flow_stop(void)
{
	sched_stop(&fl.sched);
}


bool flow_measuring(void)
{
	return fl.sched.round >= fl.first;
}


bool flow_done(void)
{
	return fl.sched.round >= fl.last + LATE_MAX / 2;
}


static void measure(struct flow *f, int64_t idx, uint64_t t)
{
	const uint64_t sent = f->tsentv[idx % RING];

	if (idx < fl.first || idx >= fl.last || idx >= f->next ||
	    idx + RING <= f->next)
		return;

	++f->gotc;
	lat_add(&fl.lat, sent, t);
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
	if (fl.sched.slotv)
		rx(&call->flowv[TO_SIP], pkt, len, t);
}


void flow_app_rx(struct call *call, const uint8_t *pkt, size_t len,
		 uint64_t t)
{
	if (fl.sched.slotv)
		rx(&call->flowv[TO_APP], pkt, len, t);
}


void flow_result(struct result *r)
{
	unsigned i, w;

	memset(r, 0, sizeof(*r));

	for (i=0; i<bench.n; i++) {
		for (w=0; w<WAYS; w++) {
			const struct flow *f = &bench.callv[i].flowv[w];

			r->sent += f->sentc;
			r->got  += f->gotc;
			r->deaf += !f->gotc;
		}
	}

	lat_sort(&fl.lat);
	r->lat = &fl.lat;
}
