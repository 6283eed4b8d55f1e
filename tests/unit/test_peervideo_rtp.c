/**
 * @file test_peervideo_rtp.c  Two real peers with audio and video: packets
 */
#include "peervideo_rig.h"


/* by payload type, that of retransmissions, or SSRC */
static void test_rtp(void **state)
{
	struct side sv[2];
	const struct peer_media *m;
	(void)state;

	init(sv, &full, &some);
	rig_connect(sv);
	m = video(&sv[0]);

	assert_int_equal(send_video(&sv[0], 102, 1, m->ssrc, LARGE), 0);
	assert_true(rig_wait_count(&sv[1].rtp[PEER_VIDEO], 1, 60000));
	assert_int_equal(sv[1].lastlen, LARGE);
	assert_int_equal(sv[1].last[0], 0x90);
	assert_int_equal(sv[1].last[12], 0xbe);
	assert_int_equal(sv[1].last[16], 0x77);
	assert_int_equal(sv[1].last[LARGE - 1], 0x77);

	assert_int_equal(send_video(&sv[0], 103, 1, m->ssrc_rtx, 500), 0);
	assert_true(rig_wait_count(&sv[1].rtp[PEER_VIDEO], 2, 60000));
	assert_int_equal(sv[1].last[1], 103);

	/* nobody's number, but a source that was declared */
	assert_int_equal(send_video(&sv[0], 40, 2, m->ssrc_rtx, 50), 0);
	assert_true(rig_wait_count(&sv[1].rtp[PEER_VIDEO], 3, 60000));

	/* neither: nobody's */
	assert_int_equal(send_video(&sv[0], 40, 2, 4711, 50), 0);
	assert_int_equal(rig_send_rtp(&sv[0], PEER_AUDIO, 111), 0);
	assert_true(rig_wait_count(&sv[1].rtp[PEER_AUDIO], 1, 60000));
	assert_int_equal(sv[1].rtp[PEER_VIDEO], 3);
	assert_int_equal(sv[1].lastlen, 172);
	rig_free(sv);
}


/* A receiver report of `kind`, and a PLI about the remote's video */
static size_t put_report(uint8_t *pkt, struct side *s, enum peer_kind kind)
{
	put32(pkt, 0x80c90001);
	put32(&pkt[4], peer_media(s->p, kind)->ssrc);

	return 8;
}


static size_t put_pli(uint8_t *pkt, uint32_t media)
{
	put32(pkt, 0x81ce0002);
	put32(&pkt[4], 1);
	put32(&pkt[8], media);

	return 12;
}


static void check_rtcp(struct side *to, unsigned audio, unsigned video_)
{
	assert_true(rig_wait_count(&to->rtcp[PEER_AUDIO], audio, 60000));
	assert_true(rig_wait_count(&to->rtcp[PEER_VIDEO], video_, 60000));
	assert_int_equal(to->rtcp[PEER_AUDIO], audio);
	assert_int_equal(to->rtcp[PEER_VIDEO], video_);
}


static void test_rtcp(void **state)
{
	uint8_t pkt[64 + PEER_RTP_ROOM] = {0};
	struct side sv[2];
	size_t n;
	(void)state;

	init(sv, &full, &some);
	rig_connect(sv);

	assert_int_equal(rig_send_rtcp(&sv[0], PEER_AUDIO), 0);
	check_rtcp(&sv[1], 1, 0);
	assert_int_equal(rig_send_rtcp(&sv[0], PEER_VIDEO), 0);
	check_rtcp(&sv[1], 1, 1);

	/* reduced size: about our retransmissions */
	n = put_pli(pkt, video(&sv[1])->ssrc_rtx);
	assert_int_equal(peer_send_rtcp(sv[0].p, pkt, n, sizeof(pkt)), 0);
	check_rtcp(&sv[1], 1, 2);

	/* one compound for both */
	n  = put_report(pkt, &sv[0], PEER_AUDIO);
	n += put_pli(&pkt[n], video(&sv[1])->ssrc);
	assert_int_equal(peer_send_rtcp(sv[0].p, pkt, n, sizeof(pkt)), 0);
	check_rtcp(&sv[1], 2, 3);
	assert_int_equal(sv[1].lastlen, 20);

	/* transport-cc is the video's, whatever source it names */
	memset(pkt, 0, sizeof(pkt));
	put32(pkt, 0x8fcd0004);
	put32(&pkt[4], 1);
	put32(&pkt[8], peer_media(sv[1].p, PEER_AUDIO)->ssrc);
	assert_int_equal(peer_send_rtcp(sv[0].p, pkt, 20, sizeof(pkt)), 0);
	check_rtcp(&sv[1], 2, 4);
	rig_free(sv);
}


/* the first of two handlers lets the peer go */
static void deref_rtcp(enum peer_kind kind, uint8_t *pkt, size_t len,
		       void *arg)
{
	struct side *s = arg;
	(void)pkt;
	(void)len;

	++s->rtcp[kind];
	s->p = mem_deref(s->p);
}


static void test_rtcp_deref(void **state)
{
	const struct peer_handlers h = {.rtcph = deref_rtcp};
	uint8_t pkt[64 + PEER_RTP_ROOM] = {0};
	struct side sv[2];
	size_t n;
	(void)state;

	rig_init(sv);
	mem_deref(sv[1].p);
	assert_int_equal(peer_alloc(&sv[1].p, &rig_cfg, NULL, &h, &sv[1]), 0);
	assert_int_equal(peer_set_media(sv[1].p, PEER_AUDIO, &rig_aprm), 0);
	assert_int_equal(peer_set_media(sv[0].p, PEER_VIDEO, &full), 0);
	assert_int_equal(peer_set_media(sv[1].p, PEER_VIDEO, &full), 0);
	rig_do_gather(&sv[0]);
	assert_int_equal(peer_gather(sv[1].p), 0);
	rig_exchange(sv);
	assert_true(tu_wait_flag(&sv[0].estab, 60000));

	n  = put_report(pkt, &sv[0], PEER_AUDIO);
	n += put_pli(&pkt[n], video(&sv[1])->ssrc);
	assert_int_equal(peer_send_rtcp(sv[0].p, pkt, n, sizeof(pkt)), 0);
	assert_true(rig_wait_count(&sv[1].rtcp[PEER_AUDIO], 1, 60000));
	assert_null(sv[1].p);
	assert_int_equal(sv[1].rtcp[PEER_VIDEO], 0);
	rig_free(sv);
}


/* keyframes, while the receiver is busy: nothing is lost */
static void test_burst(void **state)
{
	struct side sv[2];
	uint16_t seq;
	(void)state;

	init(sv, &full, &some);
	rig_connect(sv);
	for (seq=0; seq<BURST; seq++)
		assert_int_equal(send_video(&sv[0], 102, seq,
					    video(&sv[0])->ssrc, LARGE), 0);
	assert_true(rig_wait_count(&sv[1].rtp[PEER_VIDEO], BURST, 60000));

	/* the receiver goes in the midst of one */
	sv[1].deref_rtp = true;
	for (; seq<2 * BURST; seq++)
		assert_int_equal(send_video(&sv[0], 102, seq,
					    video(&sv[0])->ssrc, LARGE), 0);
	assert_true(rig_wait_count(&sv[1].rtp[PEER_VIDEO], BURST + 1, 60000));
	tu_run(20);
	assert_int_equal(sv[1].rtp[PEER_VIDEO], BURST + 1);
	rig_free(sv);
}


/* an app without RTX gets the same packet again */
static void test_sent_again(void **state)
{
	static const struct peer_fmt fmt = {
		96, "VP8", 90000, 1, "", PEER_FB_NACK, 0
	};
	const struct peer_media_prm prm = {.fmtv = &fmt, .fmtc = 1};
	struct side sv[2];
	uint32_t ssrc;
	(void)state;

	init(sv, &full, &prm);
	rig_connect(sv);
	ssrc = video(&sv[0])->ssrc;
	assert_int_equal(video(&sv[0])->ssrc_rtx, 0);
	assert_int_equal(send_video(&sv[0], 96, 7, ssrc, 300), 0);
	assert_int_equal(send_video(&sv[0], 96, 8, ssrc, 300), 0);
	assert_int_equal(send_video(&sv[0], 96, 7, ssrc, 300), 0);
	assert_int_equal(send_video(&sv[0], 96, 7, ssrc, 301), EALREADY);
	assert_true(rig_wait_count(&sv[1].rtp[PEER_VIDEO], 2, 60000));
	tu_run(20);
	assert_int_equal(sv[1].rtp[PEER_VIDEO], 2);
	rig_free(sv);

	/* with RTX there is no need to */
	init(sv, &full, &some);
	rig_connect(sv);
	ssrc = video(&sv[0])->ssrc;
	assert_int_equal(send_video(&sv[0], 102, 7, ssrc, 300), 0);
	assert_int_equal(send_video(&sv[0], 102, 7, ssrc, 300), EALREADY);
	rig_free(sv);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_rtp), T(test_rtcp), T(test_rtcp_deref), T(test_burst),
		T(test_sent_again),
	};

	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
