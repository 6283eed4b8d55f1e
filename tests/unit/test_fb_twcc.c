/**
 * @file test_fb_twcc.c  RTCP feedback messages: of transport-wide congestion control
 */
#include "fb_rig.h"


/* Build, decode, compare; the length of it all */
static size_t twcc_round(const struct fb_twcc_pkt *pktv, size_t pktc)
{
	static uint8_t buf[8192];
	size_t i, len = 0;

	assert_int_equal(fb_twcc_write(buf, sizeof(buf), &len, 3, 4, 200,
				       pktv, pktc), 0);
	assert_int_equal(len & 3, 0);
	assert_int_equal(decode(buf, len, 0), 0);
	assert_int_equal(fb.type, FB_TWCC);
	assert_int_equal(fb.ssrc, 3);
	assert_int_equal(fb.media, 4);
	assert_int_equal(fb.u.twcc.nr, 200);
	assert_int_equal(fb.u.twcc.pktc, pktc);

	for (i=0; i<pktc; i++) {
		const struct fb_twcc_pkt *pkt = &fb.u.twcc.pktv[i];

		assert_int_equal(pkt->seq, pktv[i].seq);
		assert_int_equal(pkt->received, pktv[i].received);
		if (pkt->received) {
			assert_true(pkt->t <= pktv[i].t);
			assert_true(pkt->t > pktv[i].t - 250);
		}
	}

	return len;
}


static void fill(struct fb_twcc_pkt *pktv, size_t n, int64_t t, int64_t step)
{
	size_t i;

	for (i=0; i<n; i++) {
		pktv[i].seq = (uint16_t)(65500 + i);
		pktv[i].received = true;
		pktv[i].t = t + (int64_t)i * step;
	}
}


static void test_twcc(void **state)
{
	static struct fb_twcc_pkt v[FB_TWCC_MAX];
	uint32_t rnd = 1;
	size_t i, n;
	(void)state;

	/* one run of small differences: 20 + 2 + 100, and 2 of padding */
	fill(v, 100, 5000000, 10000);
	assert_int_equal(twcc_round(v, 100), 124);
	assert_int_equal(twcc_round(v, 1), 24);

	/* large ones, then going backwards */
	fill(v, 100, 5000000, 70000);
	assert_int_equal(twcc_round(v, 100), 224);
	fill(v, 100, 50000000, -300);
	assert_int_equal(twcc_round(v, 100), 224);

	/* before the clock's zero */
	fill(v, 20, -1100, 100);
	assert_int_equal(twcc_round(v, 20), 44);

	/* loss in a vector of one bit each, then in one of two */
	fill(v, 14, 1234567, 1000);
	v[3].received = v[4].received = false;
	assert_int_equal(twcc_round(v, 14), 36);
	fill(v, 7, 1234567, 1000);
	v[3].received = false;
	v[4].t += 500000;
	v[5].t += 500000;
	v[6].t += 500000;
	assert_int_equal(twcc_round(v, 7), 32);

	/* anything */
	for (n=1; n<=FB_TWCC_MAX; n += 17) {

		int64_t t = 64000LL * 12345;

		for (i=0; i<n; i++) {
			rnd = rnd * 1664525 + 1013904223;
			v[i].seq = (uint16_t)(60000 + i);
			v[i].received = i == 0 || rnd >> 30;
			if (rnd >> 24 < 20)
				t += 100000 + (rnd >> 12 & 0xfff);
			else if (rnd >> 24 < 30)
				t -= 10000;
			else
				t += rnd >> 19 & 0x3ff;
			v[i].t = t;
		}
		(void)twcc_round(v, n);
	}
}


static void test_twcc_time(void **state)
{
	const int64_t wrap = 64000LL << 24;
	static struct fb_twcc_pkt v[2] = {{1, true, 0}, {2, true, 0}};
	uint8_t buf[64];
	size_t len = 0;
	(void)state;

	/* the reference time wraps, and is signed */
	v[0].t = wrap + 1000;
	v[1].t = wrap + 1250;
	assert_int_equal(fb_twcc_write(buf, sizeof(buf), &len, 3, 4, 0, v, 2),
			 0);
	assert_int_equal(decode(buf, len, 0), 0);
	assert_true(fb.u.twcc.pktv[0].t == 1000);
	assert_true(fb.u.twcc.pktv[1].t == 1250);

	len = 0;
	v[0].t = wrap - 1000;
	v[1].t = wrap - 750;
	assert_int_equal(fb_twcc_write(buf, sizeof(buf), &len, 3, 4, 0, v, 2),
			 0);
	assert_int_equal(decode(buf, len, 0), 0);
	assert_true(fb.u.twcc.pktv[0].t == -1000);
	assert_true(fb.u.twcc.pktv[1].t == -750);

	/* too far apart for one packet */
	len = 0;
	v[1].t = v[0].t + 8200000;
	assert_int_equal(fb_twcc_write(buf, sizeof(buf), &len, 3, 4, 0, v, 2),
			 ERANGE);

	/* not without a gap, all lost, none, too many */
	v[1].seq = 3;
	v[1].t = v[0].t;
	assert_int_equal(fb_twcc_write(buf, sizeof(buf), &len, 3, 4, 0, v, 2),
			 EINVAL);
	v[0].received = false;
	assert_int_equal(fb_twcc_write(buf, sizeof(buf), &len, 3, 4, 0, v, 1),
			 EINVAL);
	assert_int_equal(fb_twcc_write(buf, sizeof(buf), &len, 3, 4, 0, v, 0),
			 EINVAL);
	assert_int_equal(fb_twcc_write(buf, sizeof(buf), &len, 3, 4, 0, v,
				       FB_TWCC_MAX + 1), EINVAL);
	assert_int_equal(len, 0);
}


/* Written by hand after the draft's drawings */
static void test_twcc_bytes(void **state)
{
	uint8_t msg[] = {
		0x8f, 205, 0, 7,
		0, 0, 0, 1, 0, 0, 0, 2,
		0xff, 0xfe,             /* base: 65534          */
		0, 24,                  /* packets              */
		0x00, 0x00, 0x02, 7,    /* 128 ms, number 7     */
		0x00, 0x03,             /* 3 lost               */
		0xa0, 0x00,             /* 1 bit: small, 13 lost */
		0xe4, 0x00,             /* 2 bits: large, small, 5 lost */
		255,                    /* 63.75 ms             */
		0xff, 0xf0,             /* -4 ms                */
		4,                      /* 1 ms                 */
		0, 0
	};
	uint8_t bad[sizeof(msg)];
	(void)state;

	assert_int_equal(decode(msg, sizeof(msg), 0), 0);
	assert_int_equal(fb.u.twcc.nr, 7);
	assert_int_equal(fb.u.twcc.pktc, 24);
	assert_false(fb.u.twcc.pktv[2].received);
	assert_int_equal(fb.u.twcc.pktv[2].seq, 0);
	assert_true(fb.u.twcc.pktv[3].received);
	assert_int_equal(fb.u.twcc.pktv[3].seq, 1);
	assert_true(fb.u.twcc.pktv[3].t == 191750);
	assert_false(fb.u.twcc.pktv[16].received);
	assert_true(fb.u.twcc.pktv[17].received);
	assert_true(fb.u.twcc.pktv[17].t == 187750);
	assert_true(fb.u.twcc.pktv[18].received);
	assert_true(fb.u.twcc.pktv[18].t == 188750);
	assert_false(fb.u.twcc.pktv[23].received);

	/* a reserved symbol */
	memcpy(bad, msg, sizeof(bad));
	bad[24] = 0xfc;
	assert_int_equal(decode(bad, sizeof(bad), 0), EBADMSG);
	assert_int_equal(fb.type, FB_NONE);

	/* no packets, a run of none, chunks that end too early */
	memcpy(bad, msg, sizeof(bad));
	bad[15] = 0;
	assert_int_equal(decode(bad, sizeof(bad), 0), EBADMSG);
	memcpy(bad, msg, sizeof(bad));
	bad[21] = 0;
	assert_int_equal(decode(bad, sizeof(bad), 0), EBADMSG);
	memcpy(bad, msg, sizeof(bad));
	bad[14] = 0xff;
	assert_int_equal(decode(bad, sizeof(bad), 0), EBADMSG);

	/* differences that are not there */
	memcpy(bad, msg, sizeof(bad));
	bad[20] = 0x20;
	bad[21] = 24;
	assert_int_equal(decode(bad, sizeof(bad), 0), EBADMSG);
}


/* More packets than are kept: the first of them, if all are well-formed */
static void test_twcc_many(void **state)
{
	uint8_t msg[] = {
		0x8f, 205, 0, 6,
		0, 0, 0, 1, 0, 0, 0, 2,
		0, 0, 0x17, 0x71,       /* 6001 packets         */
		0, 0, 0, 0,
		0x17, 0x70, 0xa0, 0,    /* 6000 lost, one not   */
		0, 0, 0, 0,
	};
	(void)state;

	assert_int_equal(decode(msg, sizeof(msg), 0), 0);
	assert_int_equal(fb.u.twcc.pktc, FB_TWCC_MAX);

	msg[15] = 0x7f;
	assert_int_equal(decode(msg, sizeof(msg), 0), EBADMSG);
}


/* WebRTC pads it by less than a word, wherever it is in the compound */
static void test_twcc_padding(void **state)
{
	const struct fb_twcc_pkt pkt = {9, true, 64000};
	struct rtcp_part part;
	uint8_t buf[64];
	size_t len = 0, pos = 0;
	(void)state;

	assert_int_equal(fb_twcc_write(buf, sizeof(buf), &len, 3, 4, 0, &pkt,
				       1), 0);
	assert_int_equal(buf[0], 0xaf);
	assert_int_equal(buf[len - 1], 1);
	assert_int_equal(fb_pli_write(buf, sizeof(buf), &len, 3, 4), 0);

	assert_int_equal(rtcp_part_next(&part, buf, len, &pos), 0);
	assert_int_equal(part.len, 19);
	assert_int_equal(fb_decode(&fb, &part, 0), 0);
	assert_int_equal(fb.type, FB_TWCC);
	assert_int_equal(fb.u.twcc.pktc, 1);
	assert_int_equal(rtcp_part_next(&part, buf, len, &pos), 0);
	assert_int_equal(fb_decode(&fb, &part, 0), 0);
	assert_int_equal(fb.type, FB_PLI);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_twcc), cmocka_unit_test(test_twcc_time),
		cmocka_unit_test(test_twcc_bytes),
		cmocka_unit_test(test_twcc_many),
		cmocka_unit_test(test_twcc_padding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
