/**
 * @file test_gauge.c  What is measured of audio, and that the rest goes by
 */
#include "testutil.h"
#include <unistd.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include "base/rxage.h"
#include <rem.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "audio/telev.h"
#include "audio/audio_priv.h"
#include "media_rig.h"


enum {
	TONE = -153,            /**< Of the rig's sources [1/10 dBov]      */
};


static struct audio_port *port(struct rig *rig, enum media_leg leg)
{
	return rig->ap->portv[leg];
}


/* A tone's level, whatever is done with its packets; they are all sent on */
static void tone(const char *in, const char *out, uint32_t ptime,
		 unsigned seconds)
{
	struct audio_look look;
	struct media_stats st;
	struct rig_src src;
	struct rig rig;
	unsigned i;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, in, ptime);
	rig_set(&rig, LEG_CUBE, out, ptime);
	src_init(&src, LEG_SIP, in, ptime, 440, NULL);

	audio_port_stats(port(&rig, LEG_SIP), &st);
	assert_int_equal(st.level, 0);
	assert_int_equal(st.level_max, 0);
	assert_int_equal(st.latency_p50, 0);
	assert_true(st.rx_first == 0);

	for (i=0; i<seconds; i++) {
		audio_port_look(port(&rig, LEG_SIP), &look);
		assert_true(look.owed);
		assert_false(look.paused);
		assert_int_equal(look.came, i > 0);
		assert_int_equal(look.opaque, false);
		if (i == 1)
			assert_in_range(-look.level, -TONE - 10, -TONE + 10);
		src_send(&rig, LEG_SIP, &src, 1000 / ptime);
	}

	audio_port_stats(port(&rig, LEG_SIP), &st);
	assert_in_range(-st.level, -TONE - 10, -TONE + 10);
	assert_in_range(-st.level_max, -TONE - 10, -TONE + 10);
	assert_true(st.rx_first != 0);
	assert_int_equal(st.latency_p50, 1);     /* no time passes in it */
	assert_int_equal(st.latency_p99, 1);
	assert_true(rig.sinkv[LEG_CUBE].total >= seconds * 1000 / ptime - 1);
	sink_check(&rig.sinkv[LEG_CUBE], 0);

	/* the other one said nothing */
	audio_port_look(port(&rig, LEG_CUBE), &look);
	assert_true(look.owed);
	assert_false(look.came);
	assert_int_equal(look.level, 0);

	src_close(&src);
	rig_close(&rig);
}


static void test_forwarded(void **state)
{
	(void)state;

	tone("PCMU", "PCMU", 20, 5);
	tone("PCMA", "PCMA", 30, 5);
	tone("WB",   "WB",   20, 5);
	tone("opus", "opus", 20, 9);
}


static void test_transcoded(void **state)
{
	(void)state;

	tone("PCMU", "opus", 20, 5);
	tone("opus", "PCMA", 20, 5);
	tone("WB",   "PCMU", 20, 5);
}


/* Of a codec that is measured every few seconds the last level stands until the
   next one; of who says nothing, or what nobody can measure, there is none */
static void test_level_stands(void **state)
{
	struct audio_look look;
	struct media_stats st;
	struct rig_src src;
	struct rig rig;
	unsigned i, none = 0;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP,  "opus", 20);
	rig_set(&rig, LEG_CUBE, "opus", 20);
	src_init(&src, LEG_SIP, "opus", 20, 440, NULL);

	for (i=0; i<20; i++) {
		audio_port_look(port(&rig, LEG_SIP), &look);
		src_send(&rig, LEG_SIP, &src, 50);
		none += !look.level;
		if (!i)
			continue;

		audio_port_stats(port(&rig, LEG_SIP), &st);
		assert_in_range(-st.level_now, -TONE - 10, -TONE + 10);
	}
	assert_true(none > 10);

	audio_port_look(port(&rig, LEG_SIP), &look);
	audio_port_look(port(&rig, LEG_SIP), &look);
	assert_false(look.came);
	audio_port_stats(port(&rig, LEG_SIP), &st);
	assert_int_equal(st.level_now, 0);

	src_close(&src);
	rig_close(&rig);
}


/* Who is soft is looked at each second, until something is heard again: pauses
   that are met by chance are not to be taken for silence */
static void test_soft(void **state)
{
	struct rig_src tone, hush;
	struct audio_look look;
	struct rig rig;
	unsigned i, found;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP,  "opus", 20);
	rig_set(&rig, LEG_CUBE, "opus", 20);
	src_init(&tone, LEG_SIP, "opus", 20, 440, NULL);
	src_init(&hush, LEG_SIP, "opus", 20, 0, NULL);

	/* the first look that finds silence is the last one that is late */
	for (found=0, i=0; i<20; i++) {
		audio_port_look(port(&rig, LEG_SIP), &look);
		src_send(&rig, LEG_SIP, &hush, 50);
		found += look.level != 0;
	}
	assert_in_range(found, 18, 19);

	/* what is heard is known with the next look */
	tone.seq = hush.seq;
	tone.ts  = hush.ts;
	audio_port_look(port(&rig, LEG_SIP), &look);
	src_send(&rig, LEG_SIP, &tone, 50);
	audio_port_look(port(&rig, LEG_SIP), &look);
	assert_in_range(-look.level, -TONE - 30, -TONE + 10);

	/* and then it is left alone again */
	for (found=0, i=0; i<20; i++) {
		src_send(&rig, LEG_SIP, &tone, 50);
		audio_port_look(port(&rig, LEG_SIP), &look);
		found += look.level != 0;
	}
	assert_in_range(found, 4, 6);

	src_close(&hush);
	src_close(&tone);
	rig_close(&rig);
}


/* Only a few packets are measured; what it is, is not forgotten when the ends
   are set anew meanwhile, nor does anything go the way of what was there */
static void test_sampled(void **state)
{
	struct audio_look look;
	struct rig_src src;
	struct rig rig;
	unsigned n, i;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP,  "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "PCMU", 20);
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);

	src_send(&rig, LEG_SIP, &src, 10);
	assert_int_equal(port(&rig, LEG_SIP)->gauge.level.n, 0);

	audio_port_look(port(&rig, LEG_SIP), &look);
	src_send(&rig, LEG_SIP, &src, 50);
	n = port(&rig, LEG_SIP)->gauge.level.n;
	assert_in_range(n, 1, 5);
	for (i=0; i<port(&rig, LEG_SIP)->fmtc; i++)
		assert_ptr_equal(port(&rig, LEG_SIP)->fmtv[i].rx,
				 port(&rig, LEG_SIP)->fmtv[i].h);

	audio_port_look(port(&rig, LEG_SIP), &look);
	src_send(&rig, LEG_SIP, &src, 1);
	rig_set(&rig, LEG_SIP,  "PCMU", 20);
	src_send(&rig, LEG_SIP, &src, 50);
	assert_int_equal(port(&rig, LEG_SIP)->gauge.level.n, n + 1);

	/* the codec towards the app changes while one is to be measured */
	audio_port_look(port(&rig, LEG_SIP), &look);
	rig_set(&rig, LEG_CUBE, "opus", 20);
	src_send(&rig, LEG_SIP, &src, 50);
	audio_port_look(port(&rig, LEG_SIP), &look);
	src_send(&rig, LEG_SIP, &src, 50);
	assert_in_range(port(&rig, LEG_SIP)->gauge.level.n, n + 2, n + 5);

	src_close(&src);
	rig_close(&rig);
}


/* Each second has its jitter and its MOS, the worst one is known */
static void test_seconds(void **state)
{
	struct audio_look look;
	struct media_stats st;
	struct rig_src src;
	struct rig rig;
	unsigned i;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP,  "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "PCMU", 20);
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);

	for (i=0; i<10; i++) {
		src_send(&rig, LEG_SIP, &src, 40);
		if (i == 4) {
			src.seq += 10;
			src.ts  += 1600;
			rig_now += 200000;
		}
		else {
			src_send(&rig, LEG_SIP, &src, 10);
		}
		audio_port_look(port(&rig, LEG_SIP), &look);
	}

	audio_port_stats(port(&rig, LEG_SIP), &st);
	assert_int_equal(st.rx.lost, 10);
	assert_in_range(st.rx.mos, 415, 440);
	assert_in_range(st.rx.mos_min, 180, 330);
	assert_in_range(st.rx.mos_avg, 400, 435);
	assert_int_equal(st.rx.jitter_max, st.rx.jitter);
	assert_int_equal(st.tx.mos_avg, 0);
	assert_int_equal(st.rtt_avg, 0);

	/* a second that comes in bursts */
	for (i=0; i<5; i++) {
		src_send(&rig, LEG_SIP, &src, 1);
		rig_now += 60000;
		src_send(&rig, LEG_SIP, &src, 1);
		rig_now -= 60000;
	}
	audio_port_look(port(&rig, LEG_SIP), &look);
	audio_port_stats(port(&rig, LEG_SIP), &st);
	assert_true(st.rx.jitter_max > 5000);
	assert_in_range(st.rx.jitter_avg, 1, st.rx.jitter_max / 2);

	/* nothing comes: no second more is judged */
	i = port(&rig, LEG_SIP)->gauge.mos.n;
	audio_port_look(port(&rig, LEG_SIP), &look);
	assert_false(look.came);
	assert_int_equal(port(&rig, LEG_SIP)->gauge.mos.n, i);

	src_close(&src);
	rig_close(&rig);
}


/* What reports say is judged when they come */
static void test_reports(void **state)
{
	struct rtcp_block blk = {.ssrc = 0xcbcbcbcb, .jitter = 80};
	struct media_stats st;
	struct rig_src src;
	struct rig rig;
	uint8_t buf[256];
	unsigned i;
	size_t len;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP,  "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "PCMU", 20);
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 100);

	for (i=0; i<3; i++) {
		blk.fraction = i == 1 ? 64 : 0;
		blk.jitter   = i == 1 ? 160 : 80;
		blk.lsr      = ntp_compact32(ntp_from_us(rig_now - 20000 -
			20000 * i + port(&rig, LEG_CUBE)->ntp_off));
		assert_int_equal(rtcp_report_write(buf, sizeof(buf), &len, 7,
						   NULL, &blk, "x"), 0);
		audio_port_rtcp(port(&rig, LEG_CUBE), buf, len);
	}

	audio_port_stats(port(&rig, LEG_CUBE), &st);
	assert_int_equal(st.tx.jitter_avg, 13333);
	assert_int_equal(st.tx.jitter_max, 20000);
	assert_in_range(st.rtt_avg, 39000, 41000);
	assert_in_range(st.rtt_max, 59000, 61000);
	assert_true(st.tx.mos_min < 250 && st.tx.mos_min < st.tx.mos_avg);

	src_close(&src);
	rig_close(&rig);
}


/* A pause is no loss of the stream, and says how loud its noise is */
static void test_pause(void **state)
{
	struct audio_look look;
	struct media_end end;
	struct rig_src src;
	struct rig rig;
	uint8_t buf[RTP_HEADER_SIZE + 1];
	unsigned i;
	(void)state;

	rig_init(&rig);
	rig_end(&rig, &end, LEG_SIP, "PCMU", 20);
	end.rxv[end.rxc] = end.rxv[0];
	end.rxv[end.rxc].pt = 13;
	strcpy(end.rxv[end.rxc++].name, "CN");
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_SIP, &end), 0);
	rig_set(&rig, LEG_CUBE, "PCMU", 20);
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);

	src_send(&rig, LEG_SIP, &src, 10);
	audio_port_look(port(&rig, LEG_SIP), &look);
	assert_false(look.paused);

	for (i=0; i<3; i++) {
		rtp_hdr_write(buf, false, 13, src.seq++, src.ts, src.ssrc);
		buf[RTP_HEADER_SIZE] = 70;
		audio_pair_rtp(rig.ap, LEG_SIP, buf, sizeof(buf));
		src.ts  += 800;
		rig_now += 100000;
	}
	audio_port_look(port(&rig, LEG_SIP), &look);
	assert_true(look.came);
	assert_true(look.paused);
	assert_int_equal(look.level, -700);

	/* it goes on with nothing at all */
	audio_port_look(port(&rig, LEG_SIP), &look);
	assert_false(look.came);
	assert_true(look.paused);

	src_close(&src);
	rig_close(&rig);
}


static uint32_t age;

static uint32_t age_handler(void *arg)
{
	(void)arg;

	return age;
}


/* What waited for us counts, if that is known */
static void test_latency(void **state)
{
	static const uint32_t agev[] = {0, 1, 5000};
	struct audio_look look;
	struct media_stats st;
	struct media_end end;
	struct rig_src src;
	struct rig rig;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(agev); i++) {
		age = agev[i];
		rig_init(&rig);
		rig_end(&rig, &end, LEG_SIP, "PCMU", 20);
		end.ageh = age_handler;
		assert_int_equal(audio_pair_set_end(rig.ap, LEG_SIP, &end),
				 0);
		rig_set(&rig, LEG_CUBE, "PCMU", 20);
		src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
		audio_port_look(port(&rig, LEG_SIP), &look);
		src_send(&rig, LEG_SIP, &src, 10);
		audio_port_stats(port(&rig, LEG_SIP), &st);
		assert_in_range(st.latency_p50, age - age / 8,
				age + age / 8);
		src_close(&src);
		rig_close(&rig);
	}
}


/* The kernel's stamp, from the second one on that is asked for */
static void test_age(void **state)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)
	};
	socklen_t len = sizeof(sin);
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);
	uint32_t waited = 0;
	char buf[4];
	int i;
	(void)state;

	assert_int_equal(rxage_us(-1), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	assert_int_equal(rxage_us(fd), 0);

	/* the kernel stamps some time after it was told to */
	for (i=0; i<500 && waited < 19000; i++) {
		assert_int_equal(sendto(fd, "abcd", 4, 0,
					(struct sockaddr *)&sin, len), 4);
		(void)usleep(20000);
		assert_int_equal(recv(fd, buf, 4, 0), 4);
		waited = rxage_us(fd);
	}

	assert_true(waited >= 19000);
	(void)close(fd);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_level_stands),
		cmocka_unit_test(test_soft),
		cmocka_unit_test(test_forwarded),
		cmocka_unit_test(test_transcoded),
		cmocka_unit_test(test_sampled),
		cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_latency),
		cmocka_unit_test(test_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
