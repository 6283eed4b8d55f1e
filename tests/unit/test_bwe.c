/**
 * @file test_bwe.c  Bandwidth of a path: both estimates, in a network
 *
 * The estimates are tried on a simulated bottleneck in virtual time: a
 * sender that obeys, a queue that drains at the link's rate, propagation,
 * random loss, and feedback every 100 ms on the real wire format.
 */
#include "bwe_rig.h"


/* A packet on its way */
struct pkt {
	uint64_t t;             /* when it arrives [us]                 */
	uint32_t ts;
	size_t len;
	uint16_t seq;
};

struct sim {
	struct bwe_tx *tx;
	struct bwe_rx *rx;
	struct twcc_rx *twcc;
	bool remb;              /* the sender obeys the receiver        */
	uint64_t now;           /* [us]                                 */
	uint32_t link;          /* [bit/s]                              */
	unsigned loss;          /* random [1/1000]                      */
	unsigned jitter;        /* random [us]                          */
	unsigned key;           /* each n-th frame is 4 times as large, 0=none */
	unsigned frames;
	uint64_t free;          /* when the link is idle [us]           */
	struct pkt v[FLIGHT];   /* on their way, a ring                 */
	size_t head, tail;
	uint16_t seq;
	size_t debt;            /* of a frame, smaller than a packet    */
	uint32_t cap;           /* the encoder makes no more [bit/s]    */
	uint32_t rnd;
	unsigned sent, lost;    /* since the last report                */
	uint8_t buf[1500];      /* feedback on its way back             */
	size_t len;
	uint64_t fb_t;
	uint64_t sum;           /* of the rates sent, each ms           */
	unsigned n;
	uint32_t lo, hi;
	uint64_t wait;          /* longest wait in the queue [us]       */
};


static uint32_t rnd(struct sim *s)
{
	s->rnd = s->rnd * 1664525 + 1013904223;

	return s->rnd >> 8;
}


static struct sim *sim_new(bool remb)
{
	struct sim *s = test_calloc(1, sizeof(*s));

	s->remb = remb;
	s->now  = 1000 * S;
	s->link = 1000000;
	s->cap  = MAX;
	s->jitter = 2 * MS;
	s->rnd  = 7;
	s->seq  = 65000;
	assert_int_equal(bwe_tx_alloc(&s->tx, START, MIN, MAX), 0);
	assert_int_equal(bwe_rx_alloc(&s->rx, START, MIN, MAX), 0);
	assert_int_equal(twcc_rx_alloc(&s->twcc), 0);

	return s;
}


static void sim_free(struct sim *s)
{
	mem_deref(s->tx);
	mem_deref(s->rx);
	mem_deref(s->twcc);
	test_free(s);
}


static uint32_t target(const struct sim *s)
{
	return s->remb ? bwe_rx_bitrate(s->rx) : bwe_tx_bitrate(s->tx);
}


static void send_pkt(struct sim *s, size_t len, uint32_t ts)
{
	const uint64_t begin = max(s->free, s->now);
	struct pkt *p;

	bwe_tx_sent(s->tx, s->seq++, len, s->now);
	++s->sent;

	if (begin - s->now > QUEUE || rnd(s) % 1000 < s->loss) {
		++s->lost;
		return;
	}

	s->wait = max(s->wait, begin - s->now);
	s->free = begin + (uint64_t)len * 8 * S / s->link;

	p = &s->v[s->head++ % FLIGHT];
	assert_true(s->head - s->tail < FLIGHT);
	p->t   = s->free + PROP + rnd(s) % s->jitter;
	p->seq = (uint16_t)(s->seq - 1);
	p->len = len;
	p->ts  = ts;
}


/* Frames of an uneven size, each sent in one go */
static void send_frame(struct sim *s)
{
	const uint32_t ts = (uint32_t)((s->now / MS) * 90 + 0xfff00000);
	size_t size = min(target(s), s->cap) / 8 / FPS;

	size = size * (75 + rnd(s) % 51) / 100 + s->debt;

	if (s->key && s->frames++ % s->key == 0)
		size *= 4;

	while (size >= PKT) {
		send_pkt(s, PKT, ts);
		size -= PKT;
	}

	s->debt = size;
}


static void arrive(struct sim *s)
{
	while (s->tail != s->head && s->v[s->tail % FLIGHT].t <= s->now) {

		const struct pkt *p = &s->v[s->tail++ % FLIGHT];

		twcc_rx_packet(s->twcc, p->seq, p->t);
		bwe_rx_packet(s->rx, p->ts, p->len, p->t);
	}
}


static void feedback(struct sim *s)
{
	static struct fb fb;
	struct rtcp_part part;
	size_t pos = 0;

	if (s->len && s->now >= s->fb_t) {
		assert_int_equal(rtcp_part_next(&part, s->buf, s->len, &pos),
				 0);
		assert_int_equal(fb_decode(&fb, &part, 0), 0);
		assert_int_equal(fb.type, FB_TWCC);
		bwe_tx_feedback(s->tx, &fb, s->now);
		s->len = 0;
	}

	if (s->now % (100 * MS) == 0 && twcc_rx_pending(s->twcc)) {
		assert_int_equal(twcc_rx_feedback(s->twcc, s->buf,
						  sizeof(s->buf), &s->len, 1,
						  2), 0);
		s->fb_t = s->now + PROP;
	}
}


static void report(struct sim *s)
{
	const unsigned fraction = s->sent ? 256 * s->lost / s->sent : 0;

	bwe_rx_loss(s->rx, (uint8_t)min(fraction, 255u), s->now);
	s->sent = s->lost = 0;
}


/* Run for some seconds; the mean of what was aimed at [bit/s] */
static uint32_t run(struct sim *s, unsigned secs)
{
	const uint64_t end = s->now + (uint64_t)secs * S;

	s->sum = s->n = s->hi = s->wait = 0;
	s->lo = UINT32_MAX;

	for (; s->now < end; s->now += MS) {

		if (s->now % (S / FPS) == 0)
			send_frame(s);

		arrive(s);
		feedback(s);

		if (s->now % S == 0)
			report(s);

		s->sum += target(s);
		s->lo = min(s->lo, target(s));
		s->hi = max(s->hi, target(s));
		++s->n;
	}

	return (uint32_t)(s->sum / s->n);
}


/* 1 Mbit/s is found within 20 s and kept, without filling the queue */
static void converge(bool remb)
{
	struct sim *s = sim_new(remb);

	(void)run(s, 15);
	assert_kbit(run(s, 5), 600, 1050);
	assert_kbit(run(s, 60), 850, 1000);
	assert_true(s->lo >= 600000);
	assert_true(s->wait < 200 * MS);

	/* a drop, and back */
	s->link = 300000;
	(void)run(s, 5);
	assert_kbit(run(s, 15), 240, 315);
	assert_true(s->wait < 200 * MS);
	s->link = 1000000;
	(void)run(s, 20);
	assert_kbit(run(s, 20), 850, 1000);

	sim_free(s);
}


/* Nothing in the way: the most within 15 s */
static void fat(bool remb)
{
	struct sim *s = sim_new(remb);

	s->link = 20000000;
	(void)run(s, 15);
	assert_int_equal(target(s), MAX);
	assert_int_equal(run(s, 20), MAX);

	sim_free(s);
}


/* Loss that is not the queue's: 2 % do not hurt, 15 % do, not for ever */
static void random_loss(bool remb)
{
	struct sim *s = sim_new(remb);

	s->loss = 20;
	(void)run(s, 20);
	assert_kbit(run(s, 60), 800, 1000);

	s->loss = 150;
	(void)run(s, 20);
	assert_kbit(target(s), MIN / 1000, 500);

	s->loss = 0;
	(void)run(s, 30);
	assert_kbit(run(s, 10), 800, 1050);

	sim_free(s);
}


/* Jitter and large keyframes are no queue */
static void noise(bool remb)
{
	struct sim *s = sim_new(remb);

	s->jitter = 20 * MS;
	(void)run(s, 20);
	assert_kbit(run(s, 60), 800, 1000);

	s->jitter = 2 * MS;
	s->key = 100;
	(void)run(s, 10);
	assert_kbit(run(s, 60), 750, 1000);

	sim_free(s);
}


/* What the sender does not use is not taken away, and not extended */
static void unused(bool remb)
{
	struct sim *s = sim_new(remb);

	s->cap = 200000;
	assert_int_equal(run(s, 60), START);
	s->cap = MAX;
	(void)run(s, 20);
	assert_kbit(run(s, 20), 800, 1000);

	sim_free(s);
}


/* A path at the lower end, and one below it */
static void thin(bool remb)
{
	struct sim *s = sim_new(remb);

	s->link = 150000;
	(void)run(s, 20);
	assert_kbit(run(s, 20), 110, 158);
	s->link = 60000;
	(void)run(s, 20);
	assert_kbit(run(s, 20), 100, 105);

	sim_free(s);
}


/* Nothing for a while, then it goes on as it was */
static void idle(bool remb)
{
	struct sim *s = sim_new(remb);
	uint32_t was;

	(void)run(s, 30);
	was = target(s);
	s->now += 3600 * (uint64_t)S;
	s->free = s->now;
	(void)run(s, 1);
	assert_true(s->lo >= was / 100 * 97);
	(void)run(s, 10);
	assert_kbit(run(s, 20), 850, 1000);

	sim_free(s);
}


static void test_converge(void **state)
{
	(void)state;

	converge(false);
	converge(true);
}


static void test_fat(void **state)
{
	(void)state;

	fat(false);
	fat(true);
}


static void test_random_loss(void **state)
{
	(void)state;

	random_loss(false);
	random_loss(true);
}


static void test_noise(void **state)
{
	(void)state;

	noise(false);
	noise(true);
}


static void test_unused(void **state)
{
	(void)state;

	unused(false);
	unused(true);
}


static void test_thin(void **state)
{
	(void)state;

	thin(false);
	thin(true);
}


static void test_idle(void **state)
{
	(void)state;

	idle(false);
	idle(true);
}


/* Frames of 2500 bytes at 25 a second: 500 kbit/s */
static void frames(struct bwe_rx *b, uint32_t *ts, uint64_t *now, unsigned n)
{
	while (n--) {
		bwe_rx_packet(b, *ts, 1250, *now);
		bwe_rx_packet(b, *ts, 1250, *now + 5 * MS);
		*ts += 3600;
		*now += 40 * MS;
	}
}


/* Timestamps that jump, stand still or go back do no harm */
static void test_rx_jumps(void **state)
{
	uint32_t ts = 0xffff0000, bw;
	uint64_t now = 5 * S;
	struct bwe_rx *b;
	unsigned i;
	(void)state;

	assert_int_equal(bwe_rx_alloc(&b, START, MIN, MAX), 0);
	frames(b, &ts, &now, 100);
	bw = bwe_rx_bitrate(b);
	assert_kbit(bw, 700, 820);

	for (i=0; i<50; i++) {
		ts += i & 1 ? 0x7ffffff1 : 4 * 90000;
		frames(b, &ts, &now, 10 + i);
		assert_true(bwe_rx_bitrate(b) >= bw);
	}

	for (i=0; i<50; i++)
		bwe_rx_packet(b, ts - i * 3600, 100, now);
	for (i=0; i<500; i++)
		bwe_rx_packet(b, ts, 100, now += 40 * MS);

	assert_true(bwe_rx_bitrate(b) >= bw);
	mem_deref(b);

	assert_int_equal(bwe_rx_alloc(&b, 1, MIN, MAX), 0);
	assert_int_equal(bwe_rx_bitrate(b), MIN);
	mem_deref(b);
	assert_int_equal(bwe_rx_alloc(&b, UINT32_MAX, MIN, MAX), 0);
	assert_int_equal(bwe_rx_bitrate(b), MAX);
	mem_deref(b);
	assert_int_equal(bwe_rx_alloc(&b, START, MAX, MIN), EINVAL);
	assert_int_equal(bwe_rx_alloc(NULL, START, MIN, MAX), EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rx_jumps),
		cmocka_unit_test(test_converge), cmocka_unit_test(test_fat),
		cmocka_unit_test(test_random_loss),
		cmocka_unit_test(test_noise), cmocka_unit_test(test_unused),
		cmocka_unit_test(test_thin), cmocka_unit_test(test_idle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
