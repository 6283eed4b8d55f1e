/**
 * @file test_bwe_parts.c  Bandwidth of a path: rate, trend, feedback, each alone
 */
#include "bwe_rig.h"


static void tx_bw(struct bwe_tx *b, enum fb_type type, uint64_t bitrate,
		  unsigned overhead)
{
	static struct fb fb;

	memset(&fb, 0, sizeof(fb));
	fb.type = type;
	fb.u.bw.bitrate = bitrate;
	fb.u.bw.overhead = overhead;
	bwe_tx_feedback(b, &fb, 1 * S);
}


static void test_tx_caps(void **state)
{
	struct bwe_tx *b;
	(void)state;

	assert_int_equal(bwe_tx_alloc(&b, START, MIN, MAX), 0);
	assert_int_equal(bwe_tx_bitrate(b), START);

	/* the remote's view is taken over, and is a limit */
	tx_bw(b, FB_REMB, 900000, 0);
	assert_int_equal(bwe_tx_bitrate(b), 900000);
	tx_bw(b, FB_REMB, 300000, 0);
	assert_int_equal(bwe_tx_bitrate(b), 300000);
	tx_bw(b, FB_REMB, 50000, 0);
	assert_int_equal(bwe_tx_bitrate(b), MIN);
	tx_bw(b, FB_REMB, UINT64_MAX, 0);
	assert_int_equal(bwe_tx_bitrate(b), MAX);

	/* the least counts */
	tx_bw(b, FB_TMMBR, 1040000, 40);
	assert_in_range(bwe_tx_bitrate(b), 999000, 1000000);
	tx_bw(b, FB_TMMBN, 200000, 0);
	assert_in_range(bwe_tx_bitrate(b), 999000, 1000000);
	tx_bw(b, FB_REMB, 400000, 0);
	assert_int_equal(bwe_tx_bitrate(b), 400000);
	tx_bw(b, FB_TMMBR, UINT64_MAX, 0);
	assert_int_equal(bwe_tx_bitrate(b), 400000);
	mem_deref(b);

	assert_int_equal(bwe_tx_alloc(&b, START, MAX, MIN), EINVAL);
	assert_int_equal(bwe_tx_alloc(NULL, START, MIN, MAX), EINVAL);
}


/* With reports alone */
static void test_tx_reports(void **state)
{
	struct bwe_tx *b;
	uint64_t now = 5 * S;
	uint32_t bw;
	unsigned i;
	(void)state;

	assert_int_equal(bwe_tx_alloc(&b, START, MIN, MAX), 0);

	/* 1 Mbit/s is sent, and nothing lost */
	for (i=1; i<=1000; i++) {
		bwe_tx_sent(b, 0, 1250, now += 10 * MS);
		if (i % 100 == 0)
			bwe_tx_loss(b, 0, now);
	}
	assert_kbit(bwe_tx_bitrate(b), 1400, 1600);

	/* 20 % lost, at most once in 300 ms; 4 % hold; none rises */
	bw = bwe_tx_bitrate(b);
	bwe_tx_loss(b, 51, now);
	assert_in_range(bwe_tx_bitrate(b), bw / 100 * 89, bw / 100 * 91);
	bwe_tx_loss(b, 51, now + 299 * MS);
	assert_in_range(bwe_tx_bitrate(b), bw / 100 * 89, bw / 100 * 91);

	bw = bwe_tx_bitrate(b);
	bwe_tx_loss(b, 10, now += S);
	assert_int_equal(bwe_tx_bitrate(b), bw);

	for (i=0; i<100; i++)
		bwe_tx_sent(b, 0, 1250, now += 10 * MS);
	bwe_tx_loss(b, 0, now);
	assert_in_range(bwe_tx_bitrate(b), bw + 1, bw / 100 * 109);

	for (i=0; i<100; i++)
		bwe_tx_loss(b, 255, now += S);
	assert_int_equal(bwe_tx_bitrate(b), MIN);

	mem_deref(b);
}


/* Feedback on what was never sent, twice, or on its way over the wrap */
static void test_tx_feedback(void **state)
{
	static struct fb fb;
	struct bwe_tx *b;
	const int64_t wrap = 64000LL << 24;
	uint64_t now = 5 * S;
	unsigned i, k;
	(void)state;

	assert_int_equal(bwe_tx_alloc(&b, START, MIN, MAX), 0);

	/* about nothing of ours */
	memset(&fb, 0, sizeof(fb));
	fb.type = FB_TWCC;
	fb.u.twcc.pktc = FB_TWCC_MAX;
	for (i=0; i<FB_TWCC_MAX; i++)
		fb.u.twcc.pktv[i].seq = (uint16_t)(i * 3);
	for (i=0; i<100; i++)
		bwe_tx_feedback(b, &fb, now += S);
	assert_int_equal(bwe_tx_bitrate(b), START);

	/* each tenth is told lost, and received in what comes next: no loss */
	for (k=0; k<100; k++) {

		fb.u.twcc.pktc = 10;

		for (i=0; i<10; i++) {
			struct fb_twcc_pkt *p = &fb.u.twcc.pktv[i];
			const int64_t t = wrap - 5 * S + (int64_t)now;

			p->seq = (uint16_t)(k * 10 + i);
			p->received = i != 0;
			p->t = (t + wrap / 2) % wrap - wrap / 2;
			bwe_tx_sent(b, p->seq, 1250, now += 10 * MS);
		}

		bwe_tx_feedback(b, &fb, now);
		fb.u.twcc.pktv[0].received = true;
		bwe_tx_feedback(b, &fb, now);
		bwe_tx_feedback(b, &fb, now);

		/* what reports say is known already */
		bwe_tx_loss(b, 255, now);
	}
	assert_kbit(bwe_tx_bitrate(b), 1300, 1520);

	bwe_tx_feedback(b, NULL, now);
	bwe_tx_feedback(NULL, &fb, now);
	mem_deref(b);
}


static struct fb tfb;


/* Take feedback and read it */
static size_t told(struct twcc_rx *t)
{
	struct rtcp_part part;
	uint8_t buf[1500];
	size_t len = 0, pos = 0;

	assert_int_equal(twcc_rx_feedback(t, buf, 800, &len, 1, 2), 0);
	assert_false(twcc_rx_pending(t));
	assert_int_equal(rtcp_part_next(&part, buf, len, &pos), 0);
	assert_int_equal(fb_decode(&tfb, &part, 0), 0);
	assert_int_equal(tfb.type, FB_TWCC);
	assert_int_equal(tfb.ssrc, 1);
	assert_int_equal(tfb.media, 2);

	return tfb.u.twcc.pktc;
}


static bool is_told(size_t i, uint16_t seq, bool received, int64_t t)
{
	const struct fb_twcc_pkt *p = &tfb.u.twcc.pktv[i];

	return p->seq == seq && p->received == received &&
		(!received || p->t == t);
}


static void test_twcc_rx(void **state)
{
	const uint64_t t0 = 64 * S;
	struct twcc_rx *t;
	uint8_t buf[64];
	size_t len = 0;
	(void)state;

	assert_int_equal(twcc_rx_alloc(NULL), EINVAL);
	assert_int_equal(twcc_rx_alloc(&t), 0);
	assert_false(twcc_rx_pending(t));
	assert_int_equal(twcc_rx_feedback(t, buf, sizeof(buf), &len, 1, 2),
			 ENOENT);

	/* over the wrap, out of order, with a loss and a duplicate */
	twcc_rx_packet(t, 65534, t0);
	twcc_rx_packet(t, 1, t0 + 2 * MS);
	twcc_rx_packet(t, 65535, t0 + 3 * MS);
	twcc_rx_packet(t, 1, t0 + 4 * MS);
	assert_true(twcc_rx_pending(t));
	assert_int_equal(told(t), 4);
	assert_int_equal(tfb.u.twcc.nr, 0);
	assert_true(is_told(0, 65534, true, t0));
	assert_true(is_told(1, 65535, true, t0 + 3 * MS));
	assert_true(is_told(2, 0, false, 0));
	assert_true(is_told(3, 1, true, t0 + 2 * MS));

	/* duplicates of what was told are nothing to tell */
	twcc_rx_packet(t, 65535, t0 + 5 * MS);
	assert_false(twcc_rx_pending(t));

	/* what is skipped between two messages is lost */
	twcc_rx_packet(t, 3, t0 + 100 * MS);
	assert_int_equal(told(t), 2);
	assert_int_equal(tfb.u.twcc.nr, 1);
	assert_true(is_told(0, 2, false, 0));
	assert_true(is_told(1, 3, true, t0 + 100 * MS));

	/* a late one is told, with those behind it again */
	twcc_rx_packet(t, 0, t0 + 110 * MS);
	twcc_rx_packet(t, 4, t0 + 111 * MS);
	assert_int_equal(told(t), 5);
	assert_true(is_told(0, 0, true, t0 + 110 * MS));
	assert_true(is_told(1, 1, true, t0 + 2 * MS));
	assert_true(is_told(2, 2, false, 0));
	assert_true(is_told(4, 4, true, t0 + 111 * MS));

	/* no room: it stays to be told */
	twcc_rx_packet(t, 5, t0 + 120 * MS);
	assert_int_equal(twcc_rx_feedback(t, buf, 20, &len, 1, 2), EOVERFLOW);
	assert_int_equal(len, 0);
	assert_true(twcc_rx_pending(t));
	assert_int_equal(told(t), 1);
	assert_int_equal(tfb.u.twcc.nr, 3);

	mem_deref(t);
}


static void test_twcc_rx_bound(void **state)
{
	uint64_t now = 64 * S;
	struct twcc_rx *t;
	uint8_t buf[800];
	size_t i, len = 0;
	(void)state;

	assert_int_equal(twcc_rx_alloc(&t), 0);

	/* nobody asked for long: the newest are told, and fit */
	for (i=0; i<5000; i++)
		twcc_rx_packet(t, (uint16_t)(i + i / 3), now += 70 * MS);
	assert_int_equal(told(t), 256);
	assert_int_equal(tfb.u.twcc.pktv[255].seq, 4999 + 4999 / 3);

	/* idle, a jump ahead, a jump back: only what came since */
	twcc_rx_packet(t, 7000, now += S + 1);
	assert_int_equal(told(t), 1);
	twcc_rx_packet(t, 9000, now += MS);
	assert_int_equal(told(t), 1);
	twcc_rx_packet(t, 1000, now += MS);
	assert_int_equal(told(t), 1);
	assert_int_equal(tfb.u.twcc.pktv[0].seq, 1000);

	/* one that is much too late to be told: it goes on after it */
	twcc_rx_packet(t, 1002, now += MS);
	for (i=1003; i<1030; i++)
		twcc_rx_packet(t, (uint16_t)i, now += 900 * MS);
	twcc_rx_packet(t, 1001, now);
	assert_int_equal(twcc_rx_feedback(t, buf, sizeof(buf), &len, 1, 2),
			 ERANGE);
	assert_false(twcc_rx_pending(t));
	twcc_rx_packet(t, 1030, now += MS);
	assert_int_equal(told(t), 1);

	mem_deref(t);
}


static void test_rate(void **state)
{
	struct rate r;
	uint64_t now = 1234567;
	unsigned i;
	(void)state;

	memset(&r, 0, sizeof(r));
	assert_int_equal(rate_get(&r, now), 0);

	/* 1000 bytes each 10 ms; not known before it is full */
	for (i=0; i<200; i++) {
		rate_add(&r, 1000, now += 10 * MS);
		if (i < 45)
			assert_int_equal(rate_get(&r, now), 0);
		if (i > 55)
			assert_int_equal(rate_get(&r, now), 800000);
	}

	/* time goes back a little */
	rate_add(&r, 0, now - 20 * MS);
	assert_int_equal(rate_get(&r, now - 20 * MS), 800000);

	/* half of it is over, then all: it is to be learned anew */
	assert_in_range(rate_get(&r, now + 250 * MS), 300000, 500000);
	assert_int_equal(rate_get(&r, now + S), 0);
	rate_add(&r, 1000, now + S);
	assert_int_equal(rate_get(&r, now + S), 0);

	/* more than fits */
	for (i=0; i<20; i++)
		rate_add(&r, 1000000000, now += 50 * MS + S * !i);
	assert_int_equal(rate_get(&r, now), UINT32_MAX);

	/* another clock, far behind */
	for (i=0, now=1; i<100; i++)
		rate_add(&r, 1000, now += 10 * MS);
	assert_int_equal(rate_get(&r, now), 800000);
}


/* A sample each 20 ms whose delay grows by so many us */
static enum trend_state feed(struct trend *t, int64_t *send, int64_t *recv,
			     int64_t grow, unsigned n)
{
	enum trend_state st = TREND_NORMAL;

	while (n--)
		st = trend_update(t, *send += 20 * MS, *recv += 20*MS + grow);

	return st;
}


static void test_trend(void **state)
{
	struct trend t;
	int64_t send = -77 * MS, recv = 99 * S;
	(void)state;

	memset(&t, 0, sizeof(t));

	/* level, or a clock that drifts by 100 ppm */
	assert_int_equal(feed(&t, &send, &recv, 0, 500), TREND_NORMAL);
	assert_int_equal(feed(&t, &send, &recv, 2, 500), TREND_NORMAL);

	/* a queue grows, stays and drains */
	assert_int_equal(feed(&t, &send, &recv, 3 * MS, 20), TREND_OVER);
	assert_int_equal(feed(&t, &send, &recv, 0, 60), TREND_NORMAL);
	assert_int_equal(feed(&t, &send, &recv, -2 * MS, 30), TREND_UNDER);
	assert_int_equal(feed(&t, &send, &recv, 0, 100), TREND_NORMAL);

	/* within a burst, and older than that: passed over */
	(void)trend_update(&t, send + 1 * MS, recv + 50 * MS);
	(void)trend_update(&t, send - 50 * MS, recv + 50 * MS);
	assert_true(t.recv == recv);

	/* idle, and jumps of either clock, begin anew */
	assert_int_equal(feed(&t, &send, &recv, 3 * MS, 20), TREND_OVER);
	recv += 2 * S;
	send += 2 * S;
	assert_int_equal(feed(&t, &send, &recv, 0, 1), TREND_NORMAL);
	assert_int_equal(feed(&t, &send, &recv, 3 * MS, 40), TREND_OVER);
	send -= 100 * S;
	assert_int_equal(feed(&t, &send, &recv, 0, 50), TREND_NORMAL);
	recv -= 100 * S;
	assert_int_equal(feed(&t, &send, &recv, 0, 50), TREND_NORMAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rate), cmocka_unit_test(test_trend),
		cmocka_unit_test(test_twcc_rx),
		cmocka_unit_test(test_twcc_rx_bound),
		cmocka_unit_test(test_tx_caps),
		cmocka_unit_test(test_tx_reports),
		cmocka_unit_test(test_tx_feedback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
