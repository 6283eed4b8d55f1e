/**
 * @file test_audio_alive.c  Keep-alive, silence, and the quality estimate
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
#include "rtp/rtcp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "audio/telev.h"
#include "audio/audio_priv.h"
#include "media_rig.h"


static void set_end(struct rig *rig, enum media_leg leg, uint32_t keepalive,
		    bool send, bool recv)
{
	struct media_end end;

	rig_end(rig, &end, leg, "PCMU", 20);
	end.keepalive = keepalive;
	end.send      = send;
	end.recv      = recv;
	assert_int_equal(audio_pair_set_end(rig->ap, leg, &end), 0);
}


static void idle(struct rig *rig, unsigned ms)
{
	for (ms/=10; ms; ms--) {
		rig_now += 10000;
		audio_pair_poll(rig->ap, rig_now);
	}
}


static void test_keepalive(void **state)
{
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	size_t i;
	(void)state;

	rig_init(&rig);
	sink = &rig.sinkv[LEG_SIP];
	set_end(&rig, LEG_SIP, 15000, true, true);
	set_end(&rig, LEG_CUBE, 0, true, true);

	/* nothing while audio flows */
	src_init(&src, LEG_CUBE, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_CUBE, &src, 1000);
	assert_int_equal(sink->pktc, 1000);

	idle(&rig, 31000);
	assert_int_equal(sink->pktc, 1002);
	assert_int_equal(sink->pktv[1001].len, 0);
	assert_int_equal(sink->pktv[1001].pt, 127);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 0);

	/* on hold, too */
	set_end(&rig, LEG_SIP, 15000, false, false);
	idle(&rig, 30000);
	assert_int_equal(sink->pktc, 1004);
	set_end(&rig, LEG_SIP, 15000, true, true);

	src.ts += 8 * 61000;
	src_send(&rig, LEG_CUBE, &src, 10);
	assert_int_equal(sink->pktc, 1014);

	for (i=1; i<sink->pktc; i++)
		assert_int_equal((uint16_t)(sink->pktv[i].seq -
					    sink->pktv[i-1].seq), 1);
	assert_int_equal(sink->pktv[1013].ts - sink->pktv[1004].ts,
			 9 * 160);

	src_close(&src);
	rig_close(&rig);
}


/* The NAT of a phone may be what keeps its packets from coming */
static void test_keepalive_first(void **state)
{
	struct rig rig;
	(void)state;

	rig_init(&rig);
	set_end(&rig, LEG_CUBE, 0, true, true);
	assert_int_equal(rig.ap->portv[LEG_CUBE]->armed, 0);

	set_end(&rig, LEG_SIP, 15000, true, true);
	assert_int_equal(rig.ap->portv[LEG_SIP]->armed, rig_now + 15000000);
	assert_true(tmr_isrunning(&rig.ap->portv[LEG_SIP]->tmr));

	idle(&rig, 16000);
	assert_int_equal(rig.sinkv[LEG_SIP].pktc, 1);

	rig_close(&rig);
}


/* Where nothing can be sent, one is tried each time and no more */
static void test_keepalive_refused(void **state)
{
	struct media_stats st;
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	(void)state;

	rig_init(&rig);
	sink = &rig.sinkv[LEG_SIP];
	set_end(&rig, LEG_SIP, 15000, true, true);
	set_end(&rig, LEG_CUBE, 0, true, true);
	src_init(&src, LEG_CUBE, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_CUBE, &src, 10);
	assert_int_equal(sink->pktc, 10);

	sink->err = ENOTCONN;
	idle(&rig, 46000);
	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_int_equal(st.tx.dropped, 3);

	sink->err = 0;
	idle(&rig, 15000);
	assert_int_equal(sink->pktc, 11);
	assert_int_equal((uint16_t)(sink->pktv[10].seq - sink->pktv[9].seq),
			 4);

	src_close(&src);
	rig_close(&rig);
}


static void test_silence(void **state)
{
	const uint8_t rr[] = {0x80, 201, 0, 1, 1, 2, 3, 4};
	struct rig_src src;
	struct rig rig;
	(void)state;

	rig_init(&rig);
	assert_int_equal(audio_pair_silence(rig.ap, LEG_SIP), 0);
	idle(&rig, 5000);
	set_end(&rig, LEG_SIP, 0, true, true);
	set_end(&rig, LEG_CUBE, 0, true, true);
	assert_int_equal(audio_pair_silence(rig.ap, LEG_SIP), 0);

	/* counts from the beginning, and from each packet */
	idle(&rig, 3000);
	assert_int_equal(audio_pair_silence(rig.ap, LEG_SIP), 3000);
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 10);
	assert_int_equal(audio_pair_silence(rig.ap, LEG_SIP), 20);
	assert_int_equal(audio_pair_silence(rig.ap, LEG_CUBE), 3200);

	/* RTCP is life */
	idle(&rig, 4000);
	audio_pair_rtcp(rig.ap, LEG_SIP, rr, sizeof(rr));
	assert_int_equal(audio_pair_silence(rig.ap, LEG_SIP), 0);

	/* on hold, whoever did it; and counted anew after that */
	set_end(&rig, LEG_SIP, 0, true, false);
	idle(&rig, 9000);
	assert_int_equal(audio_pair_silence(rig.ap, LEG_SIP), 0);
	set_end(&rig, LEG_SIP, 0, false, true);
	assert_int_equal(audio_pair_silence(rig.ap, LEG_SIP), 0);
	set_end(&rig, LEG_SIP, 0, true, true);
	idle(&rig, 1000);
	assert_int_equal(audio_pair_silence(rig.ap, LEG_SIP), 1000);

	/* a refreshed session is no sign of life */
	set_end(&rig, LEG_SIP, 0, true, true);
	assert_int_equal(audio_pair_silence(rig.ap, LEG_SIP), 1000);

	audio_pair_close(rig.ap);
	assert_int_equal(audio_pair_silence(rig.ap, LEG_SIP), 0);
	assert_int_equal(audio_pair_silence(NULL, LEG_SIP), 0);

	src_close(&src);
	rig_close(&rig);
}


static void send_pt(struct rig *rig, struct rig_src *src, uint8_t pt,
		    const uint8_t *pl, size_t plen)
{
	uint8_t buf[RTP_HEADER_SIZE + 160];

	rtp_hdr_write(buf, false, pt, src->seq++, src->ts, src->ssrc);
	memcpy(buf + RTP_HEADER_SIZE, pl, plen);
	audio_pair_rtp(rig->ap, LEG_SIP, buf, RTP_HEADER_SIZE + plen);
}


/* After comfort noise or a DTX frame nothing need come, but not for ever */
static void check_pause(uint8_t pt, const uint8_t *pl, size_t plen)
{
	static const uint8_t rr[] = {0x80, 201, 0, 1, 1, 2, 3, 4};
	struct media_end end;
	struct rig_src src;
	struct rig rig;

	rig_init(&rig);
	rig_end(&rig, &end, LEG_SIP, "PCMU", 20);
	end.rxv[end.rxc].pt    = 13;
	end.rxv[end.rxc].crate = 8000;
	strcpy(end.rxv[end.rxc++].name, "CN");
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_SIP, &end), 0);
	set_end(&rig, LEG_CUBE, 0, true, true);

	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 10);
	send_pt(&rig, &src, pt, pl, plen);
	idle(&rig, 599000);
	assert_int_equal(audio_pair_silence(rig.ap, LEG_SIP), 0);

	/* nor do RTCP and keep-alives end a pause */
	audio_pair_rtcp(rig.ap, LEG_SIP, rr, sizeof(rr));
	send_pt(&rig, &src, 126, pl, 0);
	send_pt(&rig, &src, 0, pl, 0);
	idle(&rig, 599000);
	assert_int_equal(audio_pair_silence(rig.ap, LEG_SIP), 0);
	idle(&rig, 11000);
	assert_int_equal(audio_pair_silence(rig.ap, LEG_SIP), 10000);

	/* speech, and one before the pause that comes late */
	src_send(&rig, LEG_SIP, &src, 10);
	idle(&rig, 980);
	assert_int_equal(audio_pair_silence(rig.ap, LEG_SIP), 1000);
	++src.seq;
	send_pt(&rig, &src, pt, pl, plen);
	src.seq -= 2;
	src_send(&rig, LEG_SIP, &src, 1);
	++src.seq;
	idle(&rig, 9000);
	assert_int_equal(audio_pair_silence(rig.ap, LEG_SIP), 0);

	/* nothing is left of it after hold */
	end.recv = false;
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_SIP, &end), 0);
	end.recv = true;
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_SIP, &end), 0);
	idle(&rig, 1000);
	assert_int_equal(audio_pair_silence(rig.ap, LEG_SIP), 1000);

	src_close(&src);
	rig_close(&rig);
}


static void test_silence_pause(void **state)
{
	const uint8_t cn = 60, toc = 0x08;
	(void)state;

	check_pause(13, &cn, 1);
	check_pause(107, &toc, 1);
}


/* The receiver of a stream reports on it, or on another */
static void send_report(struct rig *rig, uint32_t ssrc, uint32_t lost)
{
	const struct rtcp_block blk = {.ssrc = ssrc, .lost = (int32_t)lost};
	uint8_t buf[256];
	size_t len;

	assert_int_equal(rtcp_report_write(buf, sizeof(buf), &len, 7, NULL,
					   &blk, "x"), 0);
	audio_pair_rtcp(rig->ap, LEG_CUBE, buf, len);
}


static void test_mos(void **state)
{
	struct media_stats st;
	struct rig_src src;
	struct rig rig;
	unsigned i, good;
	(void)state;

	rig_init(&rig);
	set_end(&rig, LEG_SIP, 0, true, true);
	set_end(&rig, LEG_CUBE, 0, true, true);
	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_int_equal(st.rx.mos, 0);

	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 100);
	audio_pair_stats(rig.ap, LEG_SIP, &st);
	good = st.rx.mos;
	assert_in_range(good, 435, 445);
	assert_int_equal(st.tx.mos, 0);

	/* nobody has told what became of what we sent; then the receiver does */
	audio_pair_stats(rig.ap, LEG_CUBE, &st);
	assert_int_equal(st.tx.packets, 100);
	assert_int_equal(st.tx.mos, 0);
	send_report(&rig, 0x11111111, 0);
	audio_pair_stats(rig.ap, LEG_CUBE, &st);
	assert_int_equal(st.tx.mos, 0);
	send_report(&rig, 0xcbcbcbcb, 0);
	audio_pair_stats(rig.ap, LEG_CUBE, &st);
	assert_int_equal(st.tx.mos, good);
	send_report(&rig, 0xcbcbcbcb, 10);
	audio_pair_stats(rig.ap, LEG_CUBE, &st);
	assert_in_range(st.tx.mos, 280, 370);
	send_report(&rig, 0xcbcbcbcb, 0);

	/* every tenth packet is lost */
	for (i=0; i<100; i++) {
		src_send(&rig, LEG_SIP, &src, 9);
		++src.seq;
		src.ts += 160;
		rig_now += 20000;
	}
	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_in_range(st.rx.mos, 280, 370);

	src_close(&src);
	rig_close(&rig);
}


/* An end that takes packets of any length */
static void set_any(struct rig *rig, enum media_leg leg)
{
	struct media_end end;

	rig_end(rig, &end, leg, "PCMU", 0);
	assert_int_equal(audio_pair_set_end(rig->ap, leg, &end), 0);
}


/* A packet is not heard before its end was spoken */
static void test_mos_ptime(void **state)
{
	static const struct {
		uint32_t ptime;
		unsigned min, max;
	} v[] = {{20, 440, 441}, {60, 436, 439}, {120, 415, 425}};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		struct media_stats st;
		struct rig_src src;
		struct rig rig;

		rig_init(&rig);
		set_any(&rig, LEG_SIP);
		set_any(&rig, LEG_CUBE);
		src_init(&src, LEG_SIP, "PCMU", v[i].ptime, 440, NULL);
		src_send(&rig, LEG_SIP, &src, 20);
		send_report(&rig, 0xcbcbcbcb, 0);

		rig.ap->portv[LEG_SIP]->rtt  = 240000;
		rig.ap->portv[LEG_CUBE]->rtt = 240000;
		audio_pair_stats(rig.ap, LEG_SIP, &st);
		assert_in_range(st.rx.mos, v[i].min, v[i].max);
		audio_pair_stats(rig.ap, LEG_CUBE, &st);
		assert_in_range(st.tx.mos, v[i].min, v[i].max);

		src_close(&src);
		rig_close(&rig);
	}
}


/* A receiver asks for its round-trip time and is told how long we took */
static void test_rrtr(void **state)
{
	const uint8_t xr[] = {
		0x80, 201, 0, 1, 9, 9, 9, 9,
		0x80, 207, 0, 4, 9, 9, 9, 9,
		4, 0, 0, 2, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
	};
	struct rig_sink *sink;
	struct rtcp_part part;
	struct rig_src src;
	struct rig rig;
	uint64_t t;
	size_t pos = 0;
	unsigned n = 0;
	(void)state;

	rig_init(&rig);
	set_end(&rig, LEG_SIP, 0, true, true);
	set_end(&rig, LEG_CUBE, 0, true, true);
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 1);

	audio_pair_rtcp(rig.ap, LEG_CUBE, xr, sizeof(xr));
	t = rig_now;

	while (!sink->rtcpc)
		src_send(&rig, LEG_SIP, &src, 1);

	while (!rtcp_part_next(&part, sink->rtcp, sink->rtcp_len, &pos)) {

		if (part.type != RTCP_XR)
			continue;

		++n;
		assert_int_equal(part.len, 20);
		assert_int_equal(rtp_get32(part.p), 0xcbcbcbcb);
		assert_int_equal(part.p[4], 5);
		assert_int_equal(rtp_get16(part.p + 6), 3);
		assert_int_equal(rtp_get32(part.p + 8), 0x09090909);
		assert_int_equal(rtp_get32(part.p + 12), 0x33445566);
		assert_in_range(rtp_get32(part.p + 16),
				((rig_now - t - 21000) << 16) / 1000000,
				((rig_now - t) << 16) / 1000000 + 1);
	}
	assert_int_equal(n, 1);

	/* once */
	sink->rtcpc = 0;
	while (!sink->rtcpc)
		src_send(&rig, LEG_SIP, &src, 1);
	for (pos=n=0; !rtcp_part_next(&part, sink->rtcp, sink->rtcp_len,
				      &pos); )
		n += part.type == RTCP_XR;
	assert_int_equal(n, 0);

	src_close(&src);
	rig_close(&rig);
}


static void test_rrtr_parser(void **state)
{
	uint8_t xr[] = {
		0x80, 207, 0, 6, 9, 9, 9, 9,
		7, 0, 0, 1, 1, 2, 3, 4,
		4, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2,
	};
	struct rtcp_part part;
	uint64_t ntp = 0;
	size_t pos = 0;
	(void)state;

	assert_int_equal(rtcp_part_next(&part, xr, sizeof(xr), &pos), 0);
	assert_int_equal(rtcp_part_rrtr(&part, &ntp), 0);
	assert_true(ntp == (1ULL << 32 | 2));
	assert_int_equal(rtcp_part_rrtr(&part, NULL), EINVAL);

	/* blocks that do not fit */
	xr[11] = 200;
	assert_int_equal(rtcp_part_rrtr(&part, &ntp), ENOENT);
	xr[11] = 1;
	xr[19] = 3;
	assert_int_equal(rtcp_part_rrtr(&part, &ntp), ENOENT);
	part.type = RTCP_RR;
	assert_int_equal(rtcp_part_rrtr(&part, &ntp), ENOENT);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keepalive),
		cmocka_unit_test(test_keepalive_first),
		cmocka_unit_test(test_keepalive_refused),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_silence_pause),
		cmocka_unit_test(test_mos),
		cmocka_unit_test(test_mos_ptime),
		cmocka_unit_test(test_rrtr),
		cmocka_unit_test(test_rrtr_parser),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
