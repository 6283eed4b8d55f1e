/**
 * @file test_telev.c  Telephone events: payloads, key presses, packets
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "rtp/rtp.h"
#include "audio/telev.h"


struct seen {
	unsigned startc, updatec, endc;
	uint32_t dur;
	uint8_t event;
};


static void seen_h(enum telev_what what, const struct telev_rx *rx, void *arg)
{
	struct seen *seen = arg;

	seen->dur   = telev_rx_dur(rx);
	seen->event = rx->event;

	if (what == TELEV_START)
		++seen->startc;
	else if (what == TELEV_UPDATE)
		++seen->updatec;
	else
		++seen->endc;
}


static void put(struct telev_rx *rx, struct seen *seen, uint8_t event,
		uint16_t dur, bool end, uint32_t ts, bool marker,
		uint64_t ms)
{
	const struct telev te = {event, end, 10, dur};

	telev_rx_put(rx, &te, ts, marker, ms * 1000, seen_h, seen);
}


static void test_codec(void **state)
{
	const struct telev in = {11, true, 63, 0x1234};
	struct telev te;
	uint8_t buf[TELEV_LEN];
	const char *p, *keys = "0123456789*#ABCD";
	(void)state;

	telev_encode(buf, &in);
	assert_int_equal(buf[0], 11);
	assert_int_equal(buf[1], 0x80 | 63);
	assert_int_equal(telev_decode(&te, buf, sizeof(buf)), 0);
	assert_int_equal(te.event, 11);
	assert_true(te.end);
	assert_int_equal(te.volume, 63);
	assert_int_equal(te.dur, 0x1234);

	assert_int_equal(telev_decode(&te, buf, 3), EBADMSG);
	assert_int_equal(telev_decode(&te, buf, 0), EBADMSG);
	assert_int_equal(telev_decode(NULL, buf, 4), EINVAL);
	assert_int_equal(telev_decode(&te, NULL, 4), EINVAL);

	for (p = keys; *p; p++) {
		assert_int_equal(telev_event(*p), p - keys);
		assert_int_equal(telev_key((unsigned)(p - keys)), *p);
	}
	assert_int_equal(telev_event('c'), 14);
	assert_int_equal(telev_event('e'), -1);
	assert_int_equal(telev_event('\0'), -1);
	assert_int_equal(telev_key(16), '\0');
}


static void test_rx_press(void **state)
{
	struct telev_rx rx = {0};
	struct seen seen = {0};
	unsigned i;
	(void)state;

	for (i=1; i<=5; i++)
		put(&rx, &seen, 5, (uint16_t)(i * 160), false, 1000, i == 1,
		    i * 20);
	for (i=0; i<3; i++)
		put(&rx, &seen, 5, 960, true, 1000, false, 120 + i * 20);

	assert_int_equal(seen.startc, 1);
	assert_int_equal(seen.endc, 1);
	assert_int_equal(seen.dur, 960);
	assert_int_equal(seen.event, 5);

	/* the same key again is another press */
	put(&rx, &seen, 5, 160, false, 3000, true, 300);
	put(&rx, &seen, 5, 800, true, 3000, false, 380);
	assert_int_equal(seen.startc, 2);
	assert_int_equal(seen.endc, 2);
	assert_int_equal(seen.dur, 800);
}


/* Whatever is lost, a press is a press */
static void test_rx_losses(void **state)
{
	struct telev_rx rx = {0};
	struct seen seen = {0};
	(void)state;

	/* only one end of three */
	put(&rx, &seen, 1, 800, true, 1000, false, 0);
	assert_int_equal(seen.startc, 1);
	assert_int_equal(seen.endc, 1);
	assert_int_equal(seen.dur, 800);

	/* all ends lost: the next key ends it */
	put(&rx, &seen, 2, 160, false, 5000, true, 500);
	put(&rx, &seen, 2, 640, false, 5000, false, 560);
	put(&rx, &seen, 3, 160, false, 9000, true, 1000);
	assert_int_equal(seen.startc, 3);
	assert_int_equal(seen.endc, 2);

	/* or time does */
	telev_rx_poll(&rx, 1200000, seen_h, &seen);
	assert_int_equal(seen.endc, 2);
	telev_rx_poll(&rx, 1250000, seen_h, &seen);
	assert_int_equal(seen.endc, 3);
	telev_rx_poll(&rx, 1500000, seen_h, &seen);
	assert_int_equal(seen.endc, 3);

	/* a packet of an older key, overtaken */
	put(&rx, &seen, 2, 800, true, 5000, false, 1300);
	assert_int_equal(seen.startc, 3);
	assert_int_equal(seen.endc, 3);

	/* an update that was overtaken does not shorten it */
	put(&rx, &seen, 4, 480, false, 20000, true, 2000);
	put(&rx, &seen, 4, 320, false, 20000, false, 2001);
	put(&rx, &seen, 4, 320, true, 20000, false, 2020);
	assert_int_equal(seen.dur, 480);
}


/* 10 s at 48 kHz are eight segments (RFC 4733, 2.5.1.3) */
static void check_long(unsigned drop)
{
	struct telev_rx rx = {0};
	struct telev_tx tx = {.crate = 48000};
	struct telev_pkt pkt;
	struct seen seen = {0};
	unsigned ms, n = 0;
	(void)drop;

	assert_true(telev_tx_down(&tx, 9, 10, 960, 0));

	for (ms=0; ms<10200; ms+=20) {

		if (ms && ms < 10000)
			telev_tx_hold(&tx, (ms + 20) * 48, ms * 1000);
		else if (ms == 10000)
			telev_tx_up(&tx, 480000, ms * 1000);

		while (telev_tx_get(&tx, &pkt, ms * 1000)) {

			if (drop && ++n % drop == 0)
				continue;

			telev_rx_put(&rx, &pkt.te, 500 + pkt.ts_off,
				     pkt.marker, ms * 1000, seen_h, &seen);
		}
	}

	assert_int_equal(seen.startc, 1);
	assert_int_equal(seen.endc, 1);
	assert_int_equal(seen.dur, 480000);
	assert_false(telev_tx_busy(&tx));
}


static void test_long(void **state)
{
	(void)state;

	check_long(0);
	check_long(2);
	check_long(7);
}


static void test_tx_press(void **state)
{
	struct telev_tx tx = {.crate = 8000};
	struct telev_pkt pkt;
	unsigned ms, ends = 0, firsts = 0, n = 0, gap = 0;
	uint16_t last = 0;
	(void)state;

	assert_int_equal(telev_tx_press(&tx, 1, 100, 0), 0);
	assert_int_equal(telev_tx_press(&tx, 2, 100, 0), 0);

	for (ms=0; ms<1000; ms+=10) {

		while (telev_tx_get(&tx, &pkt, ms * 1000)) {

			++n;
			assert_int_equal(pkt.marker, pkt.first);
			assert_int_equal(pkt.ts_off, 0);

			if (pkt.first) {
				++firsts;
				assert_int_equal(pkt.te.event, firsts);
				assert_int_equal(pkt.te.dur, 160);
				last = 0;
				if (firsts == 2)
					gap = ms;
			}

			if (pkt.te.end) {
				++ends;
				assert_int_equal(pkt.te.dur, 800);
			}
			else {
				assert_int_equal(pkt.te.dur, last + 160);
			}
			last = pkt.te.dur;
		}
	}

	assert_int_equal(firsts, 2);
	assert_int_equal(ends, 6);
	assert_int_equal(n, 14);
	assert_false(telev_tx_busy(&tx));

	/* 80 ms of updates, 40 ms of ends, and the pause */
	assert_in_range(gap, 120 + TELEV_GAP, 140 + TELEV_GAP);
}


static void test_tx_queue(void **state)
{
	struct telev_tx tx = {.crate = 8000};
	struct telev_pkt pkt;
	unsigned i, firsts = 0;
	uint64_t ms;
	(void)state;

	for (i=0; i<TELEV_QUEUE; i++)
		assert_int_equal(telev_tx_press(&tx, i & 15, 40, 0), 0);
	assert_int_equal(telev_tx_press(&tx, 1, 40, 0), EOVERFLOW);

	/* a live key does not overtake those that wait */
	assert_false(telev_tx_down(&tx, 7, 10, 160, 0));

	for (ms=0; ms<20000; ms+=5) {
		while (telev_tx_get(&tx, &pkt, ms * 1000))
			firsts += pkt.first;
	}
	assert_int_equal(firsts, TELEV_QUEUE);
	assert_true(telev_tx_down(&tx, 7, 10, 160, ms * 1000));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codec),
		cmocka_unit_test(test_rx_press),
		cmocka_unit_test(test_rx_losses),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_tx_press),
		cmocka_unit_test(test_tx_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
