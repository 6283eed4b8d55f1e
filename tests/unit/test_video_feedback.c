/**
 * @file test_video_feedback.c  Lost packets, keyframes and bandwidth of video
 */
#include "testutil.h"
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "video/video.h"
#include "video/payload/vpay.h"
#include "video/payload/h264.h"
#include "video/rtp/fb.h"
#include "video/rtp/rtpext.h"
#include "video/keyframe.h"
#include "video/rtp/loss.h"
#include "video/bwe/bwe.h"
#include "video/rtp/seqmap.h"
#include "video/video_priv.h"
#include "video_rig.h"

static const uint8_t vp8_key[30] = {
	0x10, 0x00, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01
};
static const uint8_t vp8_inter[30] = {0x10, 0x01};


static void vp8_start(struct vrig *rig, struct vrig_src *src,
		      enum media_leg leg)
{
	vrig_init(rig);
	(void)vrig_end(rig, LEG_SIP, VIDEO_VP8, NULL);
	(void)vrig_end(rig, LEG_CUBE, VIDEO_VP8, NULL);
	vrig_start(rig);
	vsrc_init(src, leg, VIDEO_VP8);
}


static void vp8_set(struct vrig *rig)
{
	vrig_set(rig, LEG_SIP);
	vrig_set(rig, LEG_CUBE);
}


static void send_frame(struct vrig *rig, struct vrig_src *src,
		       enum media_leg leg, bool key)
{
	vsrc_send(rig, leg, src, true, key ? vp8_key : vp8_inter, 30);
}


/* Feedback from a remote: what a builder has written */
static void from_remote(struct vrig *rig, enum media_leg leg,
			const uint8_t *buf, size_t len)
{
	video_pair_rtcp(rig->vp, leg, buf, len);
}


static void remote_nack(struct vrig *rig, enum media_leg leg,
			const uint16_t *seqv, size_t seqc)
{
	uint8_t buf[500];
	size_t len = 0;

	assert_int_equal(fb_nack_write(buf, sizeof(buf), &len, 77,
				       rig->endv[leg].ssrc, seqv, seqc), 0);
	from_remote(rig, leg, buf, len);
}


static void remote_pli(struct vrig *rig, enum media_leg leg)
{
	uint8_t buf[50];
	size_t len = 0;

	assert_int_equal(fb_pli_write(buf, sizeof(buf), &len, 77,
				      rig->endv[leg].ssrc), 0);
	from_remote(rig, leg, buf, len);
}


static void remote_fir(struct vrig *rig, enum media_leg leg, uint8_t nr)
{
	uint8_t buf[50];
	size_t len = 0;

	assert_int_equal(fb_fir_write(buf, sizeof(buf), &len, 77,
				      rig->endv[leg].ssrc, nr), 0);
	from_remote(rig, leg, buf, len);
}


static void remote_rr(struct vrig *rig, enum media_leg leg, uint8_t fraction)
{
	struct rtcp_block blk = {
		.ssrc = rig->endv[leg].ssrc, .fraction = fraction
	};
	uint8_t buf[200];
	size_t len;

	assert_int_equal(rtcp_report_write(buf, sizeof(buf), &len, 77, NULL,
					   &blk, "x"), 0);
	from_remote(rig, leg, buf, len);
}


/* Find feedback of a type in what was sent from some packet on; the packet
   behind it, or 0 */
static size_t find_fb(const struct vrig_sink *sink, size_t from,
		      enum fb_type type, struct fb *fb)
{
	size_t i;

	for (i=from; i<sink->rtcpc; i++) {

		struct rtcp_part part;
		size_t pos = 0;

		while (!rtcp_part_next(&part, sink->rtcpv[i].buf,
				       sink->rtcpv[i].len, &pos)) {

			assert_int_equal(fb_decode(fb, &part, 0), 0);
			if (fb->type == type)
				return i + 1;
		}

		assert_int_equal(pos, sink->rtcpv[i].len);
	}

	return 0;
}


static unsigned count_fb(const struct vrig_sink *sink, enum fb_type type)
{
	static struct fb fb;
	unsigned n = 0;
	size_t i = 0;

	while ((i = find_fb(sink, i, type, &fb)))
		++n;

	return n;
}


/* --- loss --------------------------------------------------------------- */

/* The app misses packets: RTX has them, or they are sent once more */
static void check_resend(bool rtx)
{
	struct vrig_sink *sink;
	struct video_stats st;
	struct vrig_src src;
	struct vrig rig;
	uint16_t seqv[3];
	uint32_t twcc;
	size_t i;

	vp8_start(&rig, &src, LEG_SIP);
	if (!rtx)
		rig.endv[LEG_CUBE].tx.rtx_pt = 0;
	vp8_set(&rig);
	sink = &rig.sinkv[LEG_CUBE];

	for (i=0; i<20; i++) {
		send_frame(&rig, &src, LEG_SIP, i == 0);
		vsrc_frame(&rig, &src);
	}

	seqv[0] = sink->pktv[3].seq;
	seqv[1] = sink->pktv[5].seq;
	seqv[2] = sink->pktv[19].seq + 1;
	remote_nack(&rig, LEG_CUBE, seqv, 3);

	assert_int_equal(sink->pktc, 22);
	for (i=20; i<22; i++) {

		const struct vrig_pkt *p = &sink->pktv[i];
		const struct vrig_pkt *o = &sink->pktv[i == 20 ? 3 : 5];

		assert_int_equal(p->ts, o->ts);
		assert_int_equal(p->marker, o->marker);
		assert_int_equal(p->extlen, o->extlen);

		if (rtx) {
			assert_int_equal(p->pt, vrig_rtx(LEG_CUBE, VIDEO_VP8));
			assert_int_equal(p->ssrc,
					 rig.endv[LEG_CUBE].ssrc_rtx);
			assert_int_equal(p->len, o->len + 2);
			assert_int_equal(rtp_get16(p->buf), o->seq);
			assert_memory_equal(p->buf + 2, o->buf, o->len);
		}
		else {
			assert_int_equal(p->pt, o->pt);
			assert_int_equal(p->ssrc, o->ssrc);
			assert_int_equal(p->seq, o->seq);
			assert_int_equal(p->len, o->len);
			assert_memory_equal(p->buf, o->buf, o->len);
		}

		/* with the same number, all of it is the same (SRTP) */
		if (!rtx) {
			assert_memory_equal(p->ext, o->ext, o->extlen);
			continue;
		}

		/* abs-send-time 4 bytes, then transport-wide number */
		twcc = rtp_get16(p->ext + 5);
		assert_int_equal(p->ext[4], 0x31);
		assert_int_equal(twcc, rtp_get16(sink->pktv[19].ext + 5) +
				 i - 19);
	}
	if (rtx)
		assert_int_equal((uint16_t)(sink->pktv[21].seq -
					    sink->pktv[20].seq), 1);

	/* the same at once again: the answer is on its way */
	remote_nack(&rig, LEG_CUBE, seqv, 1);
	assert_int_equal(sink->pktc, 22);

	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_int_equal(st.tx.nacks, 4);
	assert_int_equal(st.tx.retransmitted, 2);
	assert_int_equal(st.tx.packets, 20);

	/* too late */
	vrig_pass(&rig, 3000000);
	remote_nack(&rig, LEG_CUBE, seqv, 1);
	assert_int_equal(sink->pktc, 22);

	vrig_close(&rig);
}


static void test_resend(void **state)
{
	(void)state;

	check_resend(true);
	check_resend(false);
}


/* Requests for everything, again and again, are not answered without end */
static void test_resend_bounded(void **state)
{
	struct vrig_sink *sink;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[1000];
	uint16_t seqv[200];
	size_t i, k, sent, bytes = 0;
	(void)state;

	vp8_start(&rig, &src, LEG_SIP);
	vp8_set(&rig);
	sink = &rig.sinkv[LEG_CUBE];
	memset(buf, 0x10, sizeof(buf));

	for (i=0; i<200; i++) {
		vsrc_send(&rig, LEG_SIP, &src, true, buf, sizeof(buf));
		seqv[i] = vsink_last(sink)->seq;
		vrig_pass(&rig, 4000);
		src.ts += 360;
	}
	sent = sink->pktc;

	for (k=0; k<30; k++) {
		remote_nack(&rig, LEG_CUBE, seqv, 200);
		vrig_now += 6000;
	}
	for (i=sent; i<sink->pktc; i++)
		bytes += sink->pktv[i].len;
	assert_in_range(bytes, 50000, 300000);

	vrig_close(&rig);
}


/* A phone that states nack gets packets again, one that does not does not */
static void test_resend_phone(void **state)
{
	unsigned nack;
	(void)state;

	for (nack=0; nack<2; nack++) {
		struct vrig_src src;
		struct vrig rig;
		uint16_t seq;

		vp8_start(&rig, &src, LEG_CUBE);
		rig.endv[LEG_SIP].fb = nack ? VIDEO_FB_NACK : 0;
		vp8_set(&rig);
		send_frame(&rig, &src, LEG_CUBE, true);
		seq = rig.sinkv[LEG_SIP].pktv[0].seq;
		remote_nack(&rig, LEG_SIP, &seq, 1);

		assert_int_equal(rig.sinkv[LEG_SIP].pktc, 1 + nack);
		assert_int_equal(rig.sinkv[LEG_SIP].pktv[nack].seq, seq);
		assert_int_equal(rig.sinkv[LEG_SIP].pktv[nack].extlen, 0);
		vrig_close(&rig);
	}
}


/* The bridge misses packets of the app, asks, and gets them by RTX or as they
   were, however far behind */
static void check_ask(bool rtx)
{
	static struct fb fb;
	struct vrig_sink *app, *phone;
	struct video_stats st;
	struct vrig_src src, again;
	struct vrig rig;
	uint8_t buf[40];
	uint16_t lost, first;
	size_t i, at;

	vp8_start(&rig, &src, LEG_CUBE);
	vp8_set(&rig);
	app   = &rig.sinkv[LEG_CUBE];
	phone = &rig.sinkv[LEG_SIP];

	send_frame(&rig, &src, LEG_CUBE, true);
	vsrc_frame(&rig, &src);
	first = phone->pktv[0].seq;
	lost  = src.seq;
	src.seq += 2;

	for (i=0; i<100; i++) {
		send_frame(&rig, &src, LEG_CUBE, false);
		vrig_pass(&rig, 1000);
		src.ts += 90;
	}

	at = find_fb(app, 0, FB_NACK, &fb);
	assert_true(at > 0);
	assert_int_equal(fb.media, src.ssrc);
	assert_int_equal(fb.u.nack.seqc, 2);
	assert_int_equal(fb.u.nack.seqv[0], lost);
	assert_int_equal(fb.u.nack.seqv[1], (uint16_t)(lost + 1));

	/* reduced size: nothing but the request */
	assert_int_equal(app->rtcpv[at - 1].len, 16);

	/* a hundred packets later */
	again = src;
	if (rtx) {
		again.pt   = vrig_rtx(LEG_CUBE, VIDEO_VP8);
		again.ssrc = 4242;
	}
	for (i=0; i<2; i++) {
		rtp_put16(buf, lost + (uint16_t)i);
		memcpy(buf + (rtx ? 2 : 0), vp8_inter, 30);
		vrig_rtp(&rig, LEG_CUBE, &again, rtx ? 100 + (uint16_t)i :
			 (uint16_t)(lost + i), true, buf, rtx ? 32 : 30);
		assert_int_equal(phone->pktc, 102 + i);
		assert_int_equal((uint16_t)(vsink_last(phone)->seq - first),
				 1 + i);
		assert_int_equal(vsink_last(phone)->len, 30);
	}

	/* twice is once; padding to probe with is nothing */
	vrig_rtp(&rig, LEG_CUBE, &again, 101, true, buf, rtx ? 32 : 30);
	vrig_rtp(&rig, LEG_CUBE, &again, 102, true, buf, 0);
	assert_int_equal(phone->pktc, 103);

	app->rtcpc = 0;
	send_frame(&rig, &src, LEG_CUBE, false);
	vrig_pass(&rig, 2000000);
	assert_int_equal(count_fb(app, FB_NACK), 0);

	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_true(st.rx.nacks >= 2);
	assert_int_equal(st.rx.retransmitted, rtx ? 2 : 0);
	assert_int_equal(st.rx.lost, rtx ? 2 : 0);

	vrig_close(&rig);
}


static void test_ask(void **state)
{
	(void)state;

	check_ask(true);
	check_ask(false);
}


/* What does not come in spite of all requests needs a keyframe */
static void test_hopeless(void **state)
{
	struct vrig_sink *app;
	struct vrig_src src;
	struct vrig rig;
	unsigned i;
	(void)state;

	vp8_start(&rig, &src, LEG_CUBE);
	vp8_set(&rig);
	app = &rig.sinkv[LEG_CUBE];

	send_frame(&rig, &src, LEG_CUBE, true);
	++src.seq;
	for (i=0; i<60; i++) {
		vsrc_frame(&rig, &src);
		send_frame(&rig, &src, LEG_CUBE, false);
		if (i == 15)
			assert_int_equal(count_fb(app, FB_PLI), 0);
	}
	assert_true(count_fb(app, FB_NACK) >= 3);
	assert_true(count_fb(app, FB_PLI) >= 1);

	vrig_close(&rig);
}


/* A keyframe that begins with a retransmission is the one that was awaited:
   none is asked for on top */
static void test_key_again(void **state)
{
	struct vrig_sink *app;
	struct video_stats st;
	struct vrig_src src, again;
	struct vrig rig;
	uint8_t buf[2 + sizeof(vp8_key)];
	unsigned i;
	(void)state;

	vp8_start(&rig, &src, LEG_CUBE);
	vp8_set(&rig);
	app = &rig.sinkv[LEG_CUBE];

	send_frame(&rig, &src, LEG_CUBE, true);
	for (i=0; i<60; i++) {
		vsrc_frame(&rig, &src);
		send_frame(&rig, &src, LEG_CUBE, false);
	}

	/* the phone wants one; its first packet is lost, the rest comes */
	video_pair_fast_update(rig.vp, LEG_SIP);
	assert_int_equal(count_fb(app, FB_PLI), 1);
	vsrc_frame(&rig, &src);
	again = src;
	++src.seq;
	send_frame(&rig, &src, LEG_CUBE, false);
	vrig_pass(&rig, 20000);

	again.pt   = vrig_rtx(LEG_CUBE, VIDEO_VP8);
	again.ssrc = 0xabababab;
	rtp_put16(buf, again.seq);
	memcpy(buf + 2, vp8_key, sizeof(vp8_key));
	vrig_rtp(&rig, LEG_CUBE, &again, 7000, false, buf, sizeof(buf));

	for (i=0; i<60; i++) {
		vsrc_frame(&rig, &src);
		send_frame(&rig, &src, LEG_CUBE, false);
	}
	assert_int_equal(count_fb(app, FB_PLI), 1);
	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_int_equal(st.rx.keyframes, 2);
	assert_int_equal(st.rx.retransmitted, 1);

	vrig_close(&rig);
}


/* A phone cannot be asked: a keyframe at once */
static void test_hopeless_phone(void **state)
{
	struct vrig_src src;
	struct vrig rig;
	(void)state;

	vp8_start(&rig, &src, LEG_SIP);
	vp8_set(&rig);

	send_frame(&rig, &src, LEG_SIP, true);
	vsrc_frame(&rig, &src);
	send_frame(&rig, &src, LEG_SIP, false);
	vsrc_frame(&rig, &src);
	assert_int_equal(rig.sinkv[LEG_SIP].infos, 0);
	++src.seq;
	send_frame(&rig, &src, LEG_SIP, false);
	vsrc_frame(&rig, &src);
	assert_int_equal(rig.sinkv[LEG_SIP].infos, 1);
	assert_int_equal(count_fb(&rig.sinkv[LEG_SIP], FB_NACK), 0);

	vrig_close(&rig);
}


/* --- keyframes ---------------------------------------------------------- */

static const struct {
	uint32_t fb;
	bool fasth;
	unsigned pli, fir, info;
} roadv[] = {
	{VIDEO_FB_PLI | VIDEO_FB_FIR, true, 1, 0, 0},
	{VIDEO_FB_FIR, true, 0, 1, 0},
	{0, true, 0, 0, 1},
	{0, false, 0, 0, 0},
};


/* Each kind of request becomes what the phone understands */
static void test_roads(void **state)
{
	size_t i, k;
	(void)state;

	for (i=0; i<ARRAY_SIZE(roadv); i++) {

		for (k=0; k<2; k++) {

			struct vrig_sink *sink;
			struct video_stats st;
			struct vrig_src src;
			struct vrig rig;

			vp8_start(&rig, &src, LEG_SIP);
			rig.endv[LEG_SIP].fb = roadv[i].fb;
			if (!roadv[i].fasth)
				rig.endv[LEG_SIP].fasth = NULL;
			vp8_set(&rig);
			sink = &rig.sinkv[LEG_SIP];

			/* begins with one: none has to be asked for */
			send_frame(&rig, &src, LEG_SIP, true);
			vsrc_frame(&rig, &src);
			send_frame(&rig, &src, LEG_SIP, false);
			assert_int_equal(sink->rtcpc, 0);
			assert_int_equal(sink->infos, 0);

			if (k)
				remote_fir(&rig, LEG_CUBE, 1);
			else
				remote_pli(&rig, LEG_CUBE);

			assert_int_equal(count_fb(sink, FB_PLI), roadv[i].pli);
			assert_int_equal(count_fb(sink, FB_FIR), roadv[i].fir);
			assert_int_equal(sink->infos, roadv[i].info);

			video_pair_stats(rig.vp, LEG_SIP, &st);
			assert_int_equal(st.rx.plis, roadv[i].pli);
			assert_int_equal(st.rx.firs, roadv[i].fir);
			assert_int_equal(st.rx.infos, roadv[i].info);
			video_pair_stats(rig.vp, LEG_CUBE, &st);
			assert_int_equal(st.tx.plis, !k);
			assert_int_equal(st.tx.firs, k);

			vrig_close(&rig);
		}
	}
}


/* Without AVPF: in a compound, behind a report */
static void test_compound(void **state)
{
	struct vrig_sink *sink;
	struct rtcp_part part;
	struct vrig_src src;
	struct vrig rig;
	size_t pos = 0;
	(void)state;

	vp8_start(&rig, &src, LEG_SIP);
	rig.endv[LEG_SIP].fb = VIDEO_FB_PLI;
	vp8_set(&rig);
	sink = &rig.sinkv[LEG_SIP];
	send_frame(&rig, &src, LEG_SIP, false);

	assert_int_equal(sink->rtcpc, 1);
	assert_int_equal(rtcp_part_next(&part, sink->rtcpv[0].buf,
					sink->rtcpv[0].len, &pos), 0);
	assert_int_equal(part.type, RTCP_RR);
	assert_int_equal(rtcp_part_next(&part, sink->rtcpv[0].buf,
					sink->rtcpv[0].len, &pos), 0);
	assert_int_equal(part.type, RTCP_SDES);
	assert_int_equal(rtcp_part_next(&part, sink->rtcpv[0].buf,
					sink->rtcpv[0].len, &pos), 0);
	assert_int_equal(part.type, RTCP_PSFB);
	assert_int_equal(rtp_get32(part.p + 4), src.ssrc);

	vrig_close(&rig);
}


/* Coalesced, no more often than allowed, until one comes; the phone's own
   requests by INFO; and a FIR that was repeated is one */
static void test_rates(void **state)
{
	struct vrig_sink *app;
	struct video_stats st;
	struct vrig_src src;
	struct vrig rig;
	unsigned i, n;
	(void)state;

	vp8_start(&rig, &src, LEG_CUBE);
	vp8_set(&rig);
	app = &rig.sinkv[LEG_CUBE];

	/* a start without one: some early ones, then every half second */
	for (i=0; i<30; i++) {
		send_frame(&rig, &src, LEG_CUBE, false);
		vsrc_frame(&rig, &src);
	}
	n = count_fb(app, FB_PLI);
	assert_in_range(n, 4, 5);
	for (i=0; i<60; i++) {
		send_frame(&rig, &src, LEG_CUBE, false);
		vsrc_frame(&rig, &src);
	}
	assert_in_range(count_fb(app, FB_PLI) - n, 3, 5);

	/* there it is */
	send_frame(&rig, &src, LEG_CUBE, true);
	vsink_flush(app);
	for (i=0; i<60; i++) {
		send_frame(&rig, &src, LEG_CUBE, false);
		vsrc_frame(&rig, &src);
	}
	assert_int_equal(count_fb(app, FB_PLI), 0);

	/* the phone asks by INFO, many times */
	for (i=0; i<10; i++)
		video_pair_fast_update(rig.vp, LEG_SIP);
	assert_int_equal(count_fb(app, FB_PLI), 1);
	send_frame(&rig, &src, LEG_CUBE, true);
	video_pair_fast_update(rig.vp, LEG_SIP);
	assert_int_equal(count_fb(app, FB_PLI), 1);
	for (i=0; i<20; i++) {
		vsrc_frame(&rig, &src);
		send_frame(&rig, &src, LEG_CUBE, i == 18);
	}
	assert_int_equal(count_fb(app, FB_PLI), 2);

	/* a command that was repeated is one command */
	vsink_flush(app);
	vrig_pass(&rig, 1000000);
	send_frame(&rig, &src, LEG_CUBE, true);
	remote_fir(&rig, LEG_SIP, 7);
	assert_int_equal(count_fb(app, FB_PLI), 1);
	vsrc_frame(&rig, &src);
	send_frame(&rig, &src, LEG_CUBE, true);
	vrig_pass(&rig, 1000000);
	remote_fir(&rig, LEG_SIP, 7);
	assert_int_equal(count_fb(app, FB_PLI), 1);
	remote_fir(&rig, LEG_SIP, 8);
	assert_int_equal(count_fb(app, FB_PLI), 2);

	video_pair_stats(rig.vp, LEG_SIP, &st);
	assert_int_equal(st.tx.infos, 11);
	assert_int_equal(st.tx.firs, 2);
	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_int_equal(st.rx.keyframes, 5);

	/* a source that sends nothing is not asked for ever */
	vsink_flush(app);
	vrig_pass(&rig, 20000000);
	assert_in_range(count_fb(app, FB_PLI), 0, 4);

	vrig_close(&rig);
}


/* A receiver that comes later, or again, gets a keyframe */
static void test_starts(void **state)
{
	struct vrig_sink *app;
	struct vrig_src src;
	struct vrig rig;
	(void)state;

	vp8_start(&rig, &src, LEG_CUBE);
	vrig_set(&rig, LEG_CUBE);
	app = &rig.sinkv[LEG_CUBE];

	send_frame(&rig, &src, LEG_CUBE, true);
	vsrc_frame(&rig, &src);
	assert_int_equal(count_fb(app, FB_PLI), 0);

	vrig_set(&rig, LEG_SIP);
	assert_int_equal(count_fb(app, FB_PLI), 1);
	send_frame(&rig, &src, LEG_CUBE, true);

	/* hold and resume */
	vrig_pass(&rig, 1000000);
	rig.endv[LEG_SIP].send = false;
	vrig_set(&rig, LEG_SIP);
	send_frame(&rig, &src, LEG_CUBE, true);
	vrig_pass(&rig, 1000000);
	vsink_flush(app);
	send_frame(&rig, &src, LEG_CUBE, false);
	rig.endv[LEG_SIP].send = true;
	vrig_set(&rig, LEG_SIP);
	assert_int_equal(count_fb(app, FB_PLI), 1);
	vsink_flush(app);

	/* the app starts anew */
	vsrc_frame(&rig, &src);
	send_frame(&rig, &src, LEG_CUBE, true);
	vsink_flush(app);
	vrig_pass(&rig, 1000000);
	src.ssrc ^= 1;
	send_frame(&rig, &src, LEG_CUBE, false);
	send_frame(&rig, &src, LEG_CUBE, false);
	assert_int_equal(count_fb(app, FB_PLI), 1);

	vrig_close(&rig);
}


/* A phone that does not answer INFO is not asked for ever */
static void test_info_ends(void **state)
{
	struct vrig_sink *phone;
	struct vrig_src src;
	struct vrig rig;
	unsigned i;
	(void)state;

	vp8_start(&rig, &src, LEG_SIP);
	vp8_set(&rig);
	phone = &rig.sinkv[LEG_SIP];

	for (i=0; i<900; i++) {
		send_frame(&rig, &src, LEG_SIP, false);
		vsrc_frame(&rig, &src);
	}
	assert_int_equal(phone->infos, 10);

	/* but when somebody wants one again */
	remote_pli(&rig, LEG_CUBE);
	assert_int_equal(phone->infos, 11);

	vrig_close(&rig);
}


/* The path opens late: what could not be sent is asked for again */
static void test_path_opens(void **state)
{
	struct vrig_src src;
	struct vrig rig;
	(void)state;

	vp8_start(&rig, &src, LEG_SIP);
	vp8_set(&rig);

	rig.sinkv[LEG_CUBE].err = ENOTCONN;
	send_frame(&rig, &src, LEG_SIP, true);
	vsrc_frame(&rig, &src);
	send_frame(&rig, &src, LEG_SIP, false);
	vsrc_frame(&rig, &src);
	assert_int_equal(rig.sinkv[LEG_SIP].infos, 0);

	rig.sinkv[LEG_CUBE].err = 0;
	send_frame(&rig, &src, LEG_SIP, false);
	assert_int_equal(rig.sinkv[LEG_SIP].infos, 1);

	vrig_close(&rig);
}


/* --- bandwidth ---------------------------------------------------------- */

static uint64_t last_bw(const struct vrig_sink *sink, enum fb_type type)
{
	static struct fb fb;
	uint64_t bw = 0;
	size_t i = 0;

	while ((i = find_fb(sink, i, type, &fb)))
		bw = fb.u.bw.bitrate;

	return bw;
}


static void flow(struct vrig *rig, struct vrig_src *src, enum media_leg leg,
		 unsigned frames)
{
	while (frames--) {
		send_frame(rig, src, leg, true);
		vsrc_frame(rig, src);
	}
}


/* The app is told the least of what the phone, its loss and we allow */
static void test_remb(void **state)
{
	struct vrig_sink *app;
	struct video_stats st;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[100];
	uint64_t bw;
	unsigned i;
	size_t len;
	(void)state;

	vp8_start(&rig, &src, LEG_CUBE);
	rig.endv[LEG_SIP].bw_max = 500000;
	rig.endv[LEG_SIP].fb     = VIDEO_FB_TMMBR;
	vp8_set(&rig);
	app = &rig.sinkv[LEG_CUBE];

	flow(&rig, &src, LEG_CUBE, 60);
	assert_in_range(count_fb(app, FB_REMB), 2, 3);
	assert_in_range(last_bw(app, FB_REMB), 499000, 500000);

	/* the phone limits itself: at once, and is answered */
	vsink_flush(app);
	len = 0;
	assert_int_equal(fb_tmmb_write(buf, sizeof(buf), &len, true, 77,
				       rig.endv[LEG_SIP].ssrc, 300000, 40),
			 0);
	from_remote(&rig, LEG_SIP, buf, len);
	assert_in_range(last_bw(app, FB_REMB), 250000, 300000);
	assert_int_equal(count_fb(&rig.sinkv[LEG_SIP], FB_TMMBN), 1);
	assert_in_range(last_bw(&rig.sinkv[LEG_SIP], FB_TMMBN), 299000,
			300000);

	/* and loses packets */
	for (i=0; i<10; i++) {
		remote_rr(&rig, LEG_SIP, 100);
		flow(&rig, &src, LEG_CUBE, 30);
	}
	bw = last_bw(app, FB_REMB);
	assert_in_range(bw, rig.cfg.bitrate_min, 200000);

	video_pair_stats(rig.vp, LEG_SIP, &st);
	assert_in_range(st.tx.bw, bw, bw + 2000);
	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_in_range(st.rx.bw, bw, bw + 2000);

	/* no packets, no timer */
	vrig_pass(&rig, 5000000);
	vsink_flush(app);
	vrig_pass(&rig, 60000000);
	assert_int_equal(app->rtcpc, 0);

	vrig_close(&rig);
}


/* A phone that knows TMMBR is told what the app can take */
static void test_tmmbr(void **state)
{
	struct vrig_sink *phone;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[100];
	uint64_t bw;
	size_t len;
	(void)state;

	vp8_start(&rig, &src, LEG_SIP);
	rig.endv[LEG_SIP].fb = VIDEO_FB_TMMBR;
	vp8_set(&rig);
	phone = &rig.sinkv[LEG_SIP];

	flow(&rig, &src, LEG_SIP, 150);
	assert_int_equal(count_fb(phone, FB_TMMBR), 3);
	bw = last_bw(phone, FB_TMMBR);
	assert_in_range(bw, 2000000, 2100000);

	vsink_flush(phone);
	len = 0;
	assert_int_equal(fb_remb_write(buf, sizeof(buf), &len, 77, 200000,
				       &rig.endv[LEG_CUBE].ssrc, 1), 0);
	from_remote(&rig, LEG_CUBE, buf, len);
	assert_int_equal(count_fb(phone, FB_TMMBR), 1);
	assert_in_range(last_bw(phone, FB_TMMBR), 200000, 208000);

	/* confirmed: not repeated */
	len = 0;
	assert_int_equal(fb_tmmb_write(buf, sizeof(buf), &len, false, 66,
				       rig.endv[LEG_SIP].ssrc, 200000, 40),
			 0);
	from_remote(&rig, LEG_SIP, buf, len);
	flow(&rig, &src, LEG_SIP, 90);
	assert_int_equal(count_fb(phone, FB_TMMBR), 1);

	vrig_close(&rig);
}


/* A packet of many requests gets one answer, to the last of them, and none
   where TMMBR was not agreed */
static void test_tmmbn(void **state)
{
	unsigned agreed;
	(void)state;

	for (agreed=0; agreed<2; agreed++) {

		struct vrig_sink *phone;
		struct vrig_src src;
		struct vrig rig;
		uint8_t buf[1500];
		size_t len = 0;
		unsigned i;

		vp8_start(&rig, &src, LEG_CUBE);
		rig.endv[LEG_SIP].fb = agreed ? VIDEO_FB_TMMBR : 0;
		vp8_set(&rig);
		phone = &rig.sinkv[LEG_SIP];
		flow(&rig, &src, LEG_CUBE, 10);
		vsink_flush(phone);

		for (i=0; i<70; i++)
			assert_int_equal(fb_tmmb_write(
				buf, sizeof(buf), &len, true, 77,
				rig.endv[LEG_SIP].ssrc, 400000 - i * 1000,
				40), 0);
		from_remote(&rig, LEG_SIP, buf, len);

		assert_int_equal(count_fb(phone, FB_TMMBN), agreed);
		if (agreed)
			assert_in_range(last_bw(phone, FB_TMMBN), 330000,
					331000);

		/* one answer was all */
		len = 0;
		assert_int_equal(fb_pli_write(buf, sizeof(buf), &len, 77,
					      rig.endv[LEG_SIP].ssrc), 0);
		from_remote(&rig, LEG_SIP, buf, len);
		assert_int_equal(count_fb(phone, FB_TMMBN), agreed);

		vrig_close(&rig);
	}
}


/* Transport-wide feedback on all that arrives, ten times a second */
static void test_twcc(void **state)
{
	static struct fb fb;
	struct vrig_sink *app;
	struct vrig_src src;
	struct vrig rig;
	unsigned i, n = 0;
	uint16_t seq = 65500;
	size_t at = 0;
	(void)state;

	vp8_start(&rig, &src, LEG_CUBE);
	vp8_set(&rig);
	app = &rig.sinkv[LEG_CUBE];

	for (i=0; i<100; i++) {
		uint8_t buf[60];

		(void)rtp_hdr_write(buf, true, src.pt, src.seq++, src.ts,
				    src.ssrc);
		buf[0] |= 0x10;
		memcpy(buf + 12, "\xbe\xde\x00\x01\x31", 5);
		rtp_put16(buf + 17, seq++);
		buf[19] = 0;
		memcpy(buf + 20, vp8_inter, 30);
		video_pair_rtp(rig.vp, LEG_CUBE, buf, 50);
		vrig_pass(&rig, 10000);
		src.ts += 900;

		/* the phone hears nothing of it */
		assert_int_equal(vsink_last(&rig.sinkv[LEG_SIP])->extlen, 0);
	}

	while ((at = find_fb(app, at, FB_TWCC, &fb)))
		n += fb.u.twcc.pktc;
	assert_in_range(count_fb(app, FB_TWCC), 8, 11);
	assert_in_range(n, 88, 100);

	vrig_close(&rig);
}


/* What is sent to the app has the extensions that were agreed; orientation
   only if both ends know it */
static void test_ext(void **state)
{
	struct vrig_sink *app;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[60];
	unsigned i, k;
	(void)state;

	for (k=0; k<2; k++) {
		vp8_start(&rig, &src, LEG_SIP);
		rig.endv[LEG_SIP].ext.orient = k ? 7 : 0;
		vp8_set(&rig);
		app = &rig.sinkv[LEG_CUBE];

		for (i=0; i<3; i++) {
			(void)rtp_hdr_write(buf, true, src.pt, src.seq++,
					    src.ts, src.ssrc);
			buf[0] |= 0x10;
			memcpy(buf + 12, "\xbe\xde\x00\x01\x70\x02\x00\x00",
			       8);
			memcpy(buf + 20, vp8_inter, 30);
			video_pair_rtp(rig.vp, LEG_SIP, buf, 50);
			vsrc_frame(&rig, &src);
		}

		for (i=0; i<3; i++) {
			const struct vrig_pkt *p = vsink_pkt(app, i);

			assert_int_equal(p->len, 30);
			assert_int_equal(p->extlen, k ? 12 : 8);
			assert_int_equal(p->ext[0], 0x22);
			assert_int_equal(p->ext[4], 0x31);
			if (i)
				assert_int_equal(rtp_get16(p->ext + 5),
						 (uint16_t)(rtp_get16(
						 app->pktv[i-1].ext + 5) + 1));
			if (k) {
				assert_int_equal(p->ext[7], 0x40);
				assert_int_equal(p->ext[8], 0x02);
			}
		}
		vrig_close(&rig);
	}
}


/* --- reports ------------------------------------------------------------ */

/* SR and RR are true; a leg with feedback gets them more often */
static void test_reports(void **state)
{
	struct vrig_sink *app, *phone;
	struct rtcp_sender snd;
	struct rtcp_block blk;
	struct rtcp_part part;
	struct video_stats st;
	struct vrig_src src;
	struct vrig rig;
	unsigned i, sr = 0, rr = 0;
	size_t pos;
	(void)state;

	vp8_start(&rig, &src, LEG_SIP);
	vp8_set(&rig);
	app   = &rig.sinkv[LEG_CUBE];
	phone = &rig.sinkv[LEG_SIP];

	for (i=0; i<600; i++) {
		if (i % 10 != 5)
			send_frame(&rig, &src, LEG_SIP, true);
		else
			++src.seq;
		vsrc_frame(&rig, &src);
	}

	for (i=0; i<app->rtcpc; i++) {
		pos = 0;
		assert_int_equal(rtcp_part_next(&part, app->rtcpv[i].buf,
						app->rtcpv[i].len, &pos), 0);
		if (rtcp_part_sender(&part, &snd))
			continue;
		++sr;
		assert_int_equal(snd.ntp, vport_ntp(rig.vp->portv[LEG_CUBE],
						    app->rtcpv[i].t));
		assert_in_range(snd.packets, 1, app->pktc);
	}
	assert_in_range(sr, 14, 40);
	assert_int_equal(snd.octets, snd.packets * 30);

	for (i=0; i<phone->rtcpc; i++) {
		pos = 0;
		assert_int_equal(rtcp_part_next(&part, phone->rtcpv[i].buf,
						phone->rtcpv[i].len, &pos),
				 0);
		if (rtcp_part_block(&part, 0, &blk))
			continue;
		++rr;
		assert_int_equal(blk.ssrc, src.ssrc);
		assert_in_range(blk.fraction, 20, 31);
	}
	assert_in_range(rr, 3, 9);
	assert_in_range(blk.lost, 20, 60);

	/* round trip: the app had our SR for 500 ms */
	memset(&blk, 0, sizeof(blk));
	blk.ssrc = rig.endv[LEG_CUBE].ssrc;
	blk.lsr  = (uint32_t)(snd.ntp >> 16);
	blk.lost = 3;
	for (i=(unsigned)app->rtcpc; i; i--) {
		if (app->rtcpv[i - 1].buf[1] == RTCP_SR)
			break;
	}
	blk.dlsr = (uint32_t)(((vrig_now - app->rtcpv[i - 1].t) << 16) /
			      1000000);
	vrig_now += 80000;
	{
		uint8_t buf[200];
		size_t len;

		assert_int_equal(rtcp_report_write(buf, sizeof(buf), &len, 77,
						   NULL, &blk, "x"), 0);
		from_remote(&rig, LEG_CUBE, buf, len);
	}
	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_in_range(st.rtt, 79900, 80100);
	assert_int_equal(st.tx.lost, 3);
	assert_int_equal(st.tx.frames, st.tx.packets);

	/* 30 bytes, 27 times a second */
	assert_in_range(st.tx.bitrate, 6000, 7000);

	/* goodbye where there was RTCP */
	video_pair_close(rig.vp);
	for (i=0; i<LEG_MAX; i++) {
		const struct vrig_sink *s = &rig.sinkv[i];

		assert_int_equal(s->rtcpv[s->rtcpc - 1].buf[
			s->rtcpv[s->rtcpc - 1].len - 7], RTCP_BYE);
	}

	vrig_close(&rig);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resend),
		cmocka_unit_test(test_resend_bounded),
		cmocka_unit_test(test_resend_phone),
		cmocka_unit_test(test_ask),
		cmocka_unit_test(test_key_again),
		cmocka_unit_test(test_hopeless),
		cmocka_unit_test(test_hopeless_phone),
		cmocka_unit_test(test_roads),
		cmocka_unit_test(test_compound),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_starts),
		cmocka_unit_test(test_info_ends),
		cmocka_unit_test(test_path_opens),
		cmocka_unit_test(test_remb),
		cmocka_unit_test(test_tmmbr),
		cmocka_unit_test(test_tmmbn),
		cmocka_unit_test(test_twcc),
		cmocka_unit_test(test_ext),
		cmocka_unit_test(test_reports),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
