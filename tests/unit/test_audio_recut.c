/**
 * @file test_audio_recut.c  The same codec on both legs, packets of another
 *                           length than the receiver asked for
 *
 * Every packet sent must follow the one before it exactly, also where the
 * bridge changes between forwarding and cutting anew, and however late
 * packets arrive: so the tone stays in phase.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <cmocka.h>
#include <re.h>
#include <rem.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "audio/telev.h"
#include "audio/audio_priv.h"
#include "media_rig.h"


static void start(struct rig *rig, struct rig_src *src, const char *codec,
		  uint32_t ptime)
{
	rig_init(rig);
	rig_set(rig, LEG_SIP, codec, ptime);
	rig_set(rig, LEG_CUBE, codec, ptime);
	src_init(src, LEG_SIP, codec, 20, 440, NULL);
}


static void stop(struct rig *rig, struct rig_src *src)
{
	src_close(src);
	rig_close(rig);
}


static bool relayed(const struct rig *rig)
{
	struct media_stats st;

	audio_pair_stats(rig->ap, LEG_CUBE, &st);

	return st.relayed;
}


/* So many packets of a length, each up to 15 ms late */
static void play(struct rig *rig, struct rig_src *src, uint32_t ptime,
		 size_t n)
{
	uint8_t buf[MEDIA_PKT_MAX];

	src->ptime = ptime;

	while (n--) {
		const uint64_t late = (uint64_t)rand() % 15 * 1000;
		const size_t len = src_next(src, buf);

		rig_now += late;
		audio_pair_rtp(rig->ap, LEG_SIP, buf, len);
		rig_now += ptime * 1000 - late;
		audio_pair_poll(rig->ap, rig_now);
	}
}


/* One stream of one packet time, and the tone is whole */
static void check(const struct rig *rig, uint32_t dts)
{
	const struct rig_sink *sink = &rig->sinkv[LEG_CUBE];
	size_t i;

	sink_check(sink, dts);

	for (i=1; i<sink->pktc; i++) {
		assert_false(sink->pktv[i].marker);
		assert_int_equal(sink->pktv[i].len, dts);
	}

	assert_true(sink_tone(sink, "PCMA", 440) > 0.95);
}


static void test_there_and_back(void **state)
{
	const struct rig_sink *sink;
	uint8_t buf[MEDIA_PKT_MAX];
	struct rig_src src;
	struct rig rig;
	size_t len, n;
	(void)state;

	start(&rig, &src, "PCMA", 20);
	sink = &rig.sinkv[LEG_CUBE];

	play(&rig, &src, 20, 50);
	assert_true(relayed(&rig));
	play(&rig, &src, 40, 50);
	assert_false(relayed(&rig));

	/* not at once, but for good */
	play(&rig, &src, 20, 40);
	assert_false(relayed(&rig));
	play(&rig, &src, 20, 60);
	assert_true(relayed(&rig));

	/* as it is, in every bit */
	n   = sink->pktc;
	len = src_next(&src, buf);
	audio_pair_rtp(rig.ap, LEG_SIP, buf, len);
	rig_now += 20000;
	assert_int_equal(sink->pktc, n + 1);
	assert_memory_equal(sink->pktv[n].buf, buf + 12, 160);

	play(&rig, &src, 60, 20);
	assert_false(relayed(&rig));
	play(&rig, &src, 10, 100);
	assert_false(relayed(&rig));
	play(&rig, &src, 20, 100);
	assert_true(relayed(&rig));

	check(&rig, 160);
	stop(&rig, &src);
}


/* A source that cannot decide does not make the bridge change */
static void test_no_flapping(void **state)
{
	struct rig_src src;
	struct rig rig;
	unsigned i;
	(void)state;

	start(&rig, &src, "PCMA", 20);

	for (i=0; i<40; i++) {
		play(&rig, &src, i % 2 ? 20 : 40, 1 + i % 30);
		assert_false(relayed(&rig));
	}

	check(&rig, 160);
	stop(&rig, &src);
}


/* Half a packet is left to be sent: forwarding waits until it is */
static void test_remainder(void **state)
{
	const struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	size_t n;
	(void)state;

	start(&rig, &src, "PCMA", 20);
	sink = &rig.sinkv[LEG_CUBE];

	play(&rig, &src, 30, 51);
	play(&rig, &src, 20, 100);
	assert_false(relayed(&rig));
	check(&rig, 160);

	/* the source pauses: what is left goes out, and nothing is left */
	n = sink->pktc;
	src.ts  += 8000;
	rig_now += 1000000;
	play(&rig, &src, 20, 60);
	assert_true(relayed(&rig));
	sink_check(sink, 160);
	assert_int_equal(sink->pktc, n + 61);
	assert_int_equal(sink->pktv[n + 1].ts - sink->pktv[n].ts,
			 8000 + 80);

	stop(&rig, &src);
}


/* What is lost or late just then is not heard more than elsewhere */
static void test_gap_at_the_change(void **state)
{
	const struct rig_sink *sink;
	uint8_t lost[MEDIA_PKT_MAX], late[MEDIA_PKT_MAX];
	struct rig_src src;
	struct rig rig;
	size_t len, n;
	(void)state;

	start(&rig, &src, "PCMA", 20);
	sink = &rig.sinkv[LEG_CUBE];

	play(&rig, &src, 20, 50);
	(void)src_next(&src, lost);
	rig_now += 20000;
	len = src_next(&src, late);
	rig_now += 20000;
	play(&rig, &src, 40, 1);
	n = sink->pktc;
	audio_pair_rtp(rig.ap, LEG_SIP, late, len);
	assert_int_equal(sink->pktc, n);
	play(&rig, &src, 40, 50);

	/* the hole of both, and no shift */
	sink_check(sink, 0);
	assert_int_equal(sink->pktv[50].ts - sink->pktv[49].ts, 480);
	assert_true(sink_tone(sink, "PCMA", 440) > 0.95);

	/* lost where it would be forwarded again */
	play(&rig, &src, 20, 49);
	(void)src_next(&src, lost);
	rig_now += 20000;
	play(&rig, &src, 20, 50);
	assert_true(relayed(&rig));
	sink_check(sink, 0);
	assert_true(sink_tone(sink, "PCMA", 440) > 0.95);

	stop(&rig, &src);
}


/* A session is refreshed, or asks for another packet time, at any moment */
static void test_ends_set_again(void **state)
{
	struct rig_src src;
	struct rig rig;
	(void)state;

	start(&rig, &src, "PCMA", 20);

	play(&rig, &src, 40, 50);
	rig_set(&rig, LEG_CUBE, "PCMA", 20);
	rig_set(&rig, LEG_SIP, "PCMA", 20);
	play(&rig, &src, 20, 20);
	assert_false(relayed(&rig));
	rig_set(&rig, LEG_CUBE, "PCMA", 20);
	play(&rig, &src, 20, 40);
	assert_true(relayed(&rig));
	check(&rig, 160);

	/* 20 is wrong now, then right, then nobody cares */
	rig_set(&rig, LEG_CUBE, "PCMA", 60);
	rig.sinkv[LEG_CUBE].pktc = 0;
	play(&rig, &src, 20, 120);
	assert_false(relayed(&rig));
	check(&rig, 480);

	rig_set(&rig, LEG_CUBE, "PCMA", 0);
	rig.sinkv[LEG_CUBE].pktc = 0;
	play(&rig, &src, 20, 50);
	assert_true(relayed(&rig));
	sink_check(&rig.sinkv[LEG_CUBE], 160);
	play(&rig, &src, 60, 50);
	assert_true(relayed(&rig));

	stop(&rig, &src);
}


/* No packet time is asked for, but a longest one */
static void test_maxptime(void **state)
{
	struct media_end end;
	struct rig_src src;
	struct rig rig;
	(void)state;

	start(&rig, &src, "PCMA", 0);
	rig_end(&rig, &end, LEG_CUBE, "PCMA", 0);
	end.maxptime = 40;
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_CUBE, &end), 0);

	play(&rig, &src, 10, 50);
	play(&rig, &src, 40, 50);
	assert_true(relayed(&rig));

	rig.sinkv[LEG_CUBE].pktc = 0;
	play(&rig, &src, 60, 50);
	assert_false(relayed(&rig));
	check(&rig, 160);

	stop(&rig, &src);
}


/* Another source, whichever its packet time, goes on without a jump */
static void test_new_source(void **state)
{
	const struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	size_t n;
	(void)state;

	start(&rig, &src, "PCMA", 20);
	sink = &rig.sinkv[LEG_CUBE];

	play(&rig, &src, 40, 50);

	src.ssrc ^= 1;
	src.seq   = 4711;
	src.ts    = 1234;
	n = sink->pktc;
	play(&rig, &src, 20, 60);
	assert_true(sink->pktc >= n + 58);
	assert_true(relayed(&rig));
	sink_check(sink, 0);
	assert_true(sink->pktv[n].marker);
	assert_in_range(sink->pktv[n].ts - sink->pktv[n - 1].ts, 160, 800);

	stop(&rig, &src);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_no_flapping),
		cmocka_unit_test(test_remainder),
		cmocka_unit_test(test_gap_at_the_change),
		cmocka_unit_test(test_ends_set_again),
		cmocka_unit_test(test_maxptime),
		cmocka_unit_test(test_new_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
