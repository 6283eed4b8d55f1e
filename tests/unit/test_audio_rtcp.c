/**
 * @file test_audio_rtcp.c  What is reported on each leg is true
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
#include "base/mono.h"
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "audio/telev.h"
#include "audio/audio_priv.h"
#include "media_rig.h"


/* The first packet of the last compound */
static void last(const struct rig_sink *sink, struct rtcp_part *part)
{
	struct rtcp_part sdes;
	struct pl cname;
	size_t pos = 0;
	uint32_t ssrc;

	assert_true(sink->rtcp_len > 0);
	assert_int_equal(rtcp_part_next(part, sink->rtcp, sink->rtcp_len,
					&pos), 0);
	assert_int_equal(rtcp_part_next(&sdes, sink->rtcp, sink->rtcp_len,
					&pos), 0);
	assert_int_equal(rtcp_part_ssrc(part, &ssrc), 0);
	assert_int_equal(rtcp_part_cname(&sdes, ssrc, &cname), 0);
	assert_true(cname.l > 0);
}


/* The sender hears our RR; the receiver gets our SR */
static void test_reports(void **state)
{
	struct rtcp_sender snd;
	struct rtcp_block blk;
	struct rtcp_part part;
	struct rig_src a;
	struct rig rig;
	uint8_t buf[MEDIA_PKT_MAX];
	unsigned i;
	uint32_t ts = 0;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "opus", 20);
	src_init(&a, LEG_SIP, "PCMU", 20, 440, NULL);

	/* 1 in 10 lost, until the first report is due */
	for (i=0; !rig.sinkv[LEG_SIP].rtcpc; i++) {
		const size_t len = src_next(&a, buf);

		assert_true(i < 400);
		if (i % 10 != 5)
			audio_pair_rtp(rig.ap, LEG_SIP, buf, len);
		rig_now += 20000;
		audio_pair_poll(rig.ap, rig_now);
	}

	/* RFC 3550, 6.2: the first after half the interval */
	assert_in_range(i, 60, 190);

	last(&rig.sinkv[LEG_SIP], &part);
	assert_int_equal(part.type, RTCP_RR);
	assert_int_equal(rtcp_part_block(&part, 0, &blk), 0);
	assert_int_equal(blk.ssrc, a.ssrc);
	assert_int_equal(blk.last_seq, (uint32_t)(a.seq - 1 -
						  ((i - 1) % 10 == 5)));
	assert_int_equal(blk.lost, (i + 4 - ((i - 1) % 10 == 5)) / 10);
	assert_in_range(blk.fraction, 20, 30);
	assert_int_equal(blk.jitter, 0);
	assert_int_equal(blk.lsr, 0);

	last(&rig.sinkv[LEG_CUBE], &part);
	assert_int_equal(part.type, RTCP_SR);
	assert_int_equal(part.count, 0);
	assert_int_equal(rtcp_part_sender(&part, &snd), 0);
	assert_int_equal(snd.packets, rig.sinkv[LEG_CUBE].total);
	assert_int_equal(snd.ntp >> 32, (rig_now +
			 rig.ap->portv[LEG_CUBE]->ntp_off) / 1000000
			 + 2208988800u);

	/* the timestamp is that of now, one packet after the last one's */
	ts = rig.sinkv[LEG_CUBE].pktv[rig.sinkv[LEG_CUBE].pktc - 1].ts;
	assert_in_range(snd.ts - ts, 0, 3 * 960);

	/* then every 2.5 to 7.5 s while packets flow */
	for (i=0; i<50*60; i++)
		src_send(&rig, LEG_SIP, &a, 1);
	assert_in_range(rig.sinkv[LEG_SIP].rtcpc, 8, 24);
	assert_int_equal(rig.sinkv[LEG_SIP].rtcpc, rig.sinkv[LEG_CUBE].rtcpc);

	/* and none when they do not, nor any timer */
	i = rig.sinkv[LEG_SIP].rtcpc;
	rig_now += 60000000;
	audio_pair_poll(rig.ap, rig_now);
	rig_now += 60000000;
	audio_pair_poll(rig.ap, rig_now);
	assert_true(rig.sinkv[LEG_SIP].rtcpc <= i + 1);
	assert_int_equal(rig.ap->portv[LEG_SIP]->rtcp_due, 0);
	assert_int_equal(rig.ap->portv[LEG_CUBE]->rtcp_due, 0);

	src_close(&a);
	rig_close(&rig);
}


/* NTP and RTP time of sender reports go together, without the jitter */
static void check_sr_clock(const char *out, int ppm)
{
	const uint32_t crate = rig_codec(out)->crate;
	const uint64_t dt = 20000 - 20000 * ppm / 1000000;
	struct rtcp_sender s0 = {0}, s1;
	struct rtcp_part part;
	struct rig_src a;
	struct rig rig;
	unsigned i, n = 0;
	uint64_t start;
	double sec, rate;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_set(&rig, LEG_CUBE, out, 20);
	src_init(&a, LEG_SIP, "PCMU", 20, 440, NULL);
	start = rig_now;
	srand(3);

	for (i=0; i<50*200; i++) {

		uint8_t buf[MEDIA_PKT_MAX];
		const size_t len = src_next(&a, buf);

		rig_now = start + i * dt + (uint64_t)(rand() % 15000);
		audio_pair_rtp(rig.ap, LEG_SIP, buf, len);
		audio_pair_poll(rig.ap, rig_now);

		if (rig.sinkv[LEG_CUBE].rtcpc == n)
			continue;

		n = rig.sinkv[LEG_CUBE].rtcpc;
		last(&rig.sinkv[LEG_CUBE], &part);
		assert_int_equal(rtcp_part_sender(&part, &s1), 0);

		if (i > 50 * 100 && !s0.ntp)
			s0 = s1;
	}

	sec  = (double)(s1.ntp - s0.ntp) / 4294967296.0;
	rate = (double)(s1.ts - s0.ts) / sec;
	assert_true(sec > 50);

	/* within 5 ms over the time between */
	if (fabs(rate / (crate * (1 + ppm / 1e6)) - 1) * sec > 0.005)
		fail_msg("%s: %f Hz over %f s", out, rate, sec);

	src_close(&a);
	rig_close(&rig);
}


static void test_sr_clock(void **state)
{
	(void)state;

	check_sr_clock("PCMU", 0);
	check_sr_clock("PCMU", 200);
	check_sr_clock("PCMA", -200);
}


static void remote_report(struct rig *rig, enum media_leg leg,
			  const struct rtcp_sender *snd,
			  const struct rtcp_block *blk, uint32_t ssrc)
{
	uint8_t buf[256];
	size_t len;

	assert_int_equal(rtcp_report_write(buf, sizeof(buf), &len, ssrc, snd,
					   blk, "remote"), 0);
	audio_pair_rtcp(rig->ap, leg, buf, len);
}


/* LSR and DLSR both ways: round-trip time at us, the right ones at them */
static void test_rtt(void **state)
{
	struct rtcp_sender snd = {.ntp = 0x1234567887654321, .ts = 1};
	struct rtcp_block blk = {.fraction = 64, .lost = 17, .jitter = 480};
	struct media_stats st;
	struct rtcp_part part;
	struct rtcp_block b;
	struct rig_src a;
	struct rig rig;
	unsigned n;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "opus", 20);
	src_init(&a, LEG_SIP, "PCMU", 20, 440, NULL);
	while (!rig.sinkv[LEG_CUBE].rtcpc)
		src_send(&rig, LEG_SIP, &a, 1);

	/* the app has our SR for 500 ms, the way takes 40 + 40 ms */
	last(&rig.sinkv[LEG_CUBE], &part);
	assert_int_equal(rtcp_part_sender(&part, &snd), 0);
	blk.ssrc = 0xcbcbcbcb;
	blk.lsr  = (uint32_t)(snd.ntp >> 16);
	blk.dlsr = 32768;
	rig_now += 580000;
	remote_report(&rig, LEG_CUBE, NULL, &blk, 9);

	audio_pair_stats(rig.ap, LEG_CUBE, &st);
	assert_in_range(st.rtt, 79900, 80100);
	assert_int_equal(st.tx.lost, 17);
	assert_int_equal(st.tx.jitter, 10000);
	assert_int_equal(rig.ap->routev[LEG_SIP]->loss, 25);

	/* reports that cannot be, or are about others, change nothing */
	blk.dlsr = 65536 * 10;
	blk.lost = 18;
	remote_report(&rig, LEG_CUBE, NULL, &blk, 9);
	blk.ssrc = 1;
	blk.lost = 99;
	blk.dlsr = 0;
	remote_report(&rig, LEG_CUBE, NULL, &blk, 9);
	audio_pair_stats(rig.ap, LEG_CUBE, &st);
	assert_in_range(st.rtt, 79900, 80100);
	assert_int_equal(st.tx.lost, 18);

	/* the phone's SR comes back in our block, with the time we had it */
	snd.ntp = 0x1234567887654321;
	remote_report(&rig, LEG_SIP, &snd, NULL, a.ssrc);
	n = rig.sinkv[LEG_SIP].rtcpc;
	rig_now += 250000;
	src_send(&rig, LEG_SIP, &a, 1);
	rig_now += 7500000 - 270000;
	audio_pair_poll(rig.ap, rig_now);
	assert_true(rig.sinkv[LEG_SIP].rtcpc > n);
	last(&rig.sinkv[LEG_SIP], &part);
	assert_int_equal(rtcp_part_block(&part, 0, &b), 0);
	assert_int_equal(b.lsr, 0x56788765);
	assert_int_equal(b.dlsr, 7.5 * 65536);

	/* someone else's SR does not, such as the video's */
	snd.ntp = 0xaaaabbbbccccdddd;
	remote_report(&rig, LEG_SIP, &snd, NULL, 4711);
	src_send(&rig, LEG_SIP, &a, 1);
	rig_now += 7500000 - 20000;
	audio_pair_poll(rig.ap, rig_now);
	last(&rig.sinkv[LEG_SIP], &part);
	assert_int_equal(rtcp_part_block(&part, 0, &b), 0);
	assert_int_equal(b.lsr, 0x56788765);
	assert_int_equal(b.dlsr, 15 * 65536);

	src_close(&a);
	rig_close(&rig);
}


/* Both ways at once: SR with a block on each leg */
static void test_both(void **state)
{
	struct rtcp_part part;
	struct rtcp_block b;
	struct rig_src a, c;
	struct rig rig;
	int i;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, "opus", 20);
	rig_set(&rig, LEG_CUBE, "opus", 20);
	src_init(&a, LEG_SIP, "opus", 20, 440, NULL);
	src_init(&c, LEG_CUBE, "opus", 20, 440, NULL);
	c.ssrc = 77;
	for (i=0; i<500; i++) {
		src_send(&rig, LEG_SIP, &a, 1);
		rig_now -= 20000;
		src_send(&rig, LEG_CUBE, &c, 1);
	}
	last(&rig.sinkv[LEG_SIP], &part);
	assert_int_equal(part.type, RTCP_SR);
	assert_int_equal(rtcp_part_block(&part, 0, &b), 0);
	assert_int_equal(b.ssrc, a.ssrc);
	last(&rig.sinkv[LEG_CUBE], &part);
	assert_int_equal(part.type, RTCP_SR);
	assert_int_equal(rtcp_part_block(&part, 0, &b), 0);
	assert_int_equal(b.ssrc, 77);

	src_close(&a);
	src_close(&c);
	rig_close(&rig);
}


/* Another SSRC of ours counts from zero; the statistics do not */
static void test_our_ssrc_changes(void **state)
{
	struct rtcp_block blk = {.ssrc = 0xcbcbcbcb, .lost = 5};
	struct rtcp_sender snd;
	struct rtcp_part part;
	struct media_stats st;
	struct media_end end;
	struct rig_src a;
	struct rig rig;
	unsigned n;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "PCMA", 20);
	src_init(&a, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &a, 1000);
	remote_report(&rig, LEG_CUBE, NULL, &blk, 9);

	/* the next report is some seconds off, then */
	rig_now += 7500000;
	audio_pair_poll(rig.ap, rig_now);
	a.ts += 8 * 7500;

	rig_end(&rig, &end, LEG_CUBE, "PCMA", 20);
	end.ssrc = 0x42;
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_CUBE, &end), 0);
	n = rig.sinkv[LEG_CUBE].rtcpc;
	src_send(&rig, LEG_SIP, &a, 10);
	blk.ssrc = 0x42;
	blk.lost = 2;
	remote_report(&rig, LEG_CUBE, NULL, &blk, 9);
	rig_now += 7500000;
	audio_pair_poll(rig.ap, rig_now);
	assert_int_equal(rig.sinkv[LEG_CUBE].rtcpc, n + 1);

	last(&rig.sinkv[LEG_CUBE], &part);
	assert_int_equal(rtcp_part_sender(&part, &snd), 0);
	assert_int_equal(snd.packets, 10);
	assert_int_equal(snd.octets, 1600);
	audio_pair_stats(rig.ap, LEG_CUBE, &st);
	assert_int_equal(st.tx.packets, 1010);
	assert_int_equal(st.tx.lost, 7);

	src_close(&a);
	rig_close(&rig);
}


static void test_bye(void **state)
{
	struct rtcp_part part;
	struct rig_src a;
	struct rig rig;
	size_t pos = 0;
	bool bye = false;
	unsigned n;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "PCMU", 20);

	/* nothing was said, so no goodbye */
	audio_pair_close(rig.ap);
	assert_int_equal(rig.sinkv[LEG_SIP].rtcpc, 0);

	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "PCMU", 20);
	src_init(&a, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &a, 500);

	n = rig.sinkv[LEG_CUBE].rtcpc;
	audio_pair_close(rig.ap);
	assert_int_equal(rig.sinkv[LEG_CUBE].rtcpc, n + 1);

	while (!rtcp_part_next(&part, rig.sinkv[LEG_CUBE].rtcp,
			       rig.sinkv[LEG_CUBE].rtcp_len, &pos))
		bye |= rtcp_part_bye(&part, 0xcbcbcbcb);
	assert_true(bye);

	/* closed: silent, and only once */
	audio_pair_close(rig.ap);
	src_send(&rig, LEG_SIP, &a, 5);
	assert_int_equal(rig.sinkv[LEG_CUBE].rtcpc, n + 1);
	assert_int_equal(rig.sinkv[LEG_CUBE].total, 500);
	audio_pair_close(NULL);

	src_close(&a);
	rig_close(&rig);
}


/* A remote that says BYE may be followed by another at once */
static void test_remote_bye(void **state)
{
	uint8_t buf[256];
	struct rig_src a;
	struct rig rig;
	size_t len;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "PCMU", 20);
	src_init(&a, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &a, 10);
	assert_int_equal(rtcp_report_write(buf, sizeof(buf), &len, a.ssrc,
					   NULL, NULL, "x"), 0);
	assert_int_equal(rtcp_bye_write(buf, sizeof(buf), &len, a.ssrc), 0);
	audio_pair_rtcp(rig.ap, LEG_SIP, buf, len);
	a.ssrc = 5;
	src_send(&rig, LEG_SIP, &a, 10);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 20);
	sink_check(&rig.sinkv[LEG_CUBE], 160);

	/* another's, such as the video's, makes nothing of a stray packet */
	assert_int_equal(rtcp_report_write(buf, sizeof(buf), &len, 5, NULL,
					   NULL, "x"), 0);
	assert_int_equal(rtcp_bye_write(buf, sizeof(buf), &len, 4711), 0);
	audio_pair_rtcp(rig.ap, LEG_SIP, buf, len);
	assert_false(rig.ap->portv[LEG_SIP]->rx.fresh);

	src_close(&a);
	rig_close(&rig);
}


static void test_last_packet_time(void **state)
{
	struct media_stats st;
	struct rig_src a;
	struct rig rig;
	uint64_t age;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "PCMU", 20);
	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_int_equal(st.rx_last, 0);
	src_init(&a, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &a, 1);
	rig_now += 3000000;
	audio_pair_stats(rig.ap, LEG_SIP, &st);
	age = mono_ms() - st.rx_last;
	assert_in_range(age, 3020, 3120);

	src_close(&a);
	rig_close(&rig);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_sr_clock),
		cmocka_unit_test(test_rtt),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_our_ssrc_changes),
		cmocka_unit_test(test_bye),
		cmocka_unit_test(test_remote_bye),
		cmocka_unit_test(test_last_packet_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
