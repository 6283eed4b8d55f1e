/**
 * @file test_avsync.c  What a source says about audio and video is kept
 *
 * The source's camera takes longer than its microphone. What the sender
 * reports on the other leg say must be when things were seen and heard, not
 * when they arrived.
 */
#include <math.h>
#include "testutil.h"
#include <rem.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "video/video.h"
#include "video/payload/vpay.h"
#include "video/payload/h264.h"
#include "video/rtp/fb.h"
#include "video/rtp/hdrext.h"
#include "video/keyframe.h"
#include "video/rtp/loss.h"
#include "video/rtp/seqmap.h"
#include "video/video_priv.h"
#include "video_rig.h"
#include "audio/telev.h"
#include "rtp/avsync.h"
#include "audio/audio_priv.h"
#include "media_rig.h"

enum {
	LAG_A = 20000,          /**< Microphone to network [us]            */
	LAG_V = 150000,         /**< Camera to network [us]                */
	EPOCH = 3800000000u,    /**< Source's wallclock, NTP seconds       */
};

/** A source of both, and the two pairs */
struct av {
	struct rig a;
	struct vrig v;
	struct rig_src asrc;
	struct vrig_src vsrc;
	uint64_t start;         /**< Its beginning, on our clock [us]      */
	uint64_t at, vt;        /**< Next audio, video packet's capture    */
	uint64_t sr;            /**< Next reports                          */
	uint32_t ats, vts;      /**< Timestamps at the beginning           */
	uint32_t voff;          /**< Out minus in                          */
	int64_t skew;           /**< Video's wallclock minus audio's [us]  */
	bool reports;
};


static uint64_t ntp_of(uint64_t us)
{
	return ((uint64_t)EPOCH << 32) + ((us / 1000000) << 32) +
		((us % 1000000) << 32) / 1000000;
}


static void report(struct av *x, bool video, uint64_t t)
{
	struct rtcp_sender snd = {0};
	uint8_t buf[200];
	size_t len;

	snd.ntp = ntp_of(t + 5000000 + (video ? (uint64_t)x->skew : 0));
	snd.ts  = video ? x->vts + (uint32_t)(t * 9 / 100)
		: x->ats + (uint32_t)(t * 8 / 1000);

	assert_int_equal(rtcp_report_write(buf, sizeof(buf), &len, video ?
					   x->vsrc.ssrc : x->asrc.ssrc, &snd,
					   NULL, "x"), 0);
	if (video)
		video_pair_rtcp(x->v.vp, LEG_SIP, buf, len);
	else
		audio_pair_rtcp(x->a.ap, LEG_SIP, buf, len);
}


static void av_init(struct av *x, const char *acodec)
{
	struct avsync *av;
	size_t leg;

	memset(x, 0, sizeof(*x));
	rig_init(&x->a);
	vrig_init(&x->v);
	media_clock_set(vrig_clock);
	vrig_both(&x->v, VIDEO_VP8, NULL, NULL);
	rig_set(&x->a, LEG_SIP, "PCMU", 20);
	rig_set(&x->a, LEG_CUBE, acodec, 20);
	src_init(&x->asrc, LEG_SIP, "PCMU", 20, 440, NULL);
	vsrc_init(&x->vsrc, LEG_SIP, VIDEO_VP8);

	for (leg=0; leg<LEG_MAX; leg++) {
		assert_int_equal(avsync_alloc(&av), 0);
		audio_port_set_sync(x->a.ap->portv[leg], av);
		video_port_set_sync(x->v.vp->portv[leg], av);
		mem_deref(av);
	}

	x->start = vrig_now;
	x->sr    = 1000000;
	x->ats   = x->asrc.ts;
	x->vts   = x->vsrc.ts;
}


static void av_close(struct av *x)
{
	src_close(&x->asrc);
	vrig_close(&x->v);
	rig_close(&x->a);
}


static void a_send(struct av *x)
{
	uint8_t buf[MEDIA_PKT_MAX];

	audio_pair_rtp(x->a.ap, LEG_SIP, buf, src_next(&x->asrc, buf));
	x->at += 20000;
}


static void v_send(struct av *x)
{
	const uint8_t buf[100] = {0x10, 0x01};

	x->vsrc.ts = x->vts + (uint32_t)(x->vt * 9 / 100);
	vsrc_send(&x->v, LEG_SIP, &x->vsrc, true, buf, sizeof(buf));
	if (x->vt == 0)
		x->voff = x->v.sinkv[LEG_CUBE].pktv[0].ts - x->vsrc.ts;
	x->vt += 40000;
}


/* A millisecond at a time */
static void av_run(struct av *x, uint64_t us)
{
	const uint64_t end = vrig_now + us;

	for (; vrig_now < end; vrig_now += 1000) {

		const uint64_t t = vrig_now - x->start;

		rig_now = vrig_now;

		if (t >= x->at + LAG_A)
			a_send(x);
		if (t >= x->vt + LAG_V)
			v_send(x);

		if (x->reports && t >= x->sr) {
			report(x, (x->sr / 1000000) & 1, t);
			x->sr += 1000000;
		}

		audio_pair_poll(x->a.ap, vrig_now);
		video_pair_poll(x->v.vp, vrig_now);
	}
}


static void sender(const uint8_t *buf, size_t len, struct rtcp_sender *snd)
{
	struct rtcp_part part;
	size_t pos = 0;

	assert_int_equal(rtcp_part_next(&part, buf, len, &pos), 0);
	assert_int_equal(rtcp_part_sender(&part, snd), 0);
}


/* By the last reports on the app's leg: of what plays together, how much
   earlier the picture was taken than the sound [us] */
static int64_t picture_lead(const struct av *x, uint32_t crate)
{
	const struct vrig_sink *sink = &x->v.sinkv[LEG_CUBE];
	struct rtcp_sender a, v;
	int64_t at, vt, dt;
	size_t i = sink->rtcpc;

	sender(x->a.sinkv[LEG_CUBE].rtcp, x->a.sinkv[LEG_CUBE].rtcp_len, &a);
	while (i && sink->rtcpv[i - 1].buf[1] != RTCP_SR)
		--i;
	assert_true(i > 0);
	sender(sink->rtcpv[i - 1].buf, sink->rtcpv[i - 1].len, &v);

	/* capture times, both at the time of the audio's report */
	at = (int64_t)(a.ts - x->a.sinkv[LEG_CUBE].pktv[0].ts) * 1000000 /
		crate;
	dt = (int64_t)((double)(int64_t)(v.ntp - a.ntp) / 4294.967296);
	vt = (int64_t)(int32_t)(v.ts - x->voff - x->vts) * 100 / 9 - dt;

	return at - vt;
}


static void check_sync(const char *acodec, uint32_t crate)
{
	struct av x;

	/* nothing said: as it arrives */
	av_init(&x, acodec);
	av_run(&x, 15000000);
	assert_in_range(picture_lead(&x, crate) + 1000000,
			1000000 + LAG_V - LAG_A - 5000,
			1000000 + LAG_V - LAG_A + 5000);

	/* said: as it was */
	x.reports = true;
	x.sr = vrig_now - x.start;
	av_run(&x, 30000000);
	assert_in_range(picture_lead(&x, crate) + 1000000, 995000, 1005000);

	av_close(&x);
}


static void test_sync(void **state)
{
	(void)state;

	check_sync("PCMU", 8000);
	check_sync("opus", 48000);
}


/* Reports that are not of one clock, or far from what arrives, are not
   believed */
static void test_absurd(void **state)
{
	struct av x;
	(void)state;

	av_init(&x, "PCMU");
	x.reports = true;
	x.skew = 5000000;
	av_run(&x, 30000000);
	assert_in_range(picture_lead(&x, 8000) + 1000000,
			1000000 + LAG_V - LAG_A - 5000,
			1000000 + LAG_V - LAG_A + 5000);
	av_close(&x);

}


static void test_arith(void **state)
{
	struct rtcp_sender snd = {.ntp = ntp_of(0), .ts = 1000};
	struct avsync *av;
	uint64_t now = 5000000;
	uint32_t ts;
	(void)state;

	assert_int_equal(avsync_alloc(&av), 0);

	/* one stream alone says nothing */
	avsync_sender(av, AVSYNC_AUDIO, 1, &snd, 8000, now);
	ts = 1000;
	assert_false(avsync_ts(av, AVSYNC_AUDIO, 1, now, &ts));

	/* the least delayed report sets the clock of both */
	snd.ntp = ntp_of(1000000);
	snd.ts  = 500000;
	avsync_sender(av, AVSYNC_VIDEO, 2, &snd, 90000,
		      now + 980000);
	now += 980000;
	ts = 9000;
	assert_true(avsync_ts(av, AVSYNC_AUDIO, 1, now, &ts));
	assert_int_equal(ts, 1000 + 8000);
	ts = 500000;
	assert_true(avsync_ts(av, AVSYNC_VIDEO, 2, now, &ts));
	assert_int_equal(ts, 500000);

	/* of this source, near to what arrives, and not old */
	ts = 500000;
	assert_false(avsync_ts(av, AVSYNC_VIDEO, 3, now, &ts));
	assert_false(avsync_ts(av, AVSYNC_VIDEO, 2, now + 100000000,
			       &ts));
	ts = 5000000;
	assert_false(avsync_ts(av, AVSYNC_VIDEO, 2, now, &ts));
	assert_int_equal(ts, 5000000);
	ts = 500000;
	assert_false(avsync_ts(av, AVSYNC_VIDEO, 2, now, &ts));

	/* no clock */
	snd.ntp = 0;
	avsync_sender(av, AVSYNC_VIDEO, 2, &snd, 90000, now);
	assert_false(avsync_ts(av, AVSYNC_VIDEO, 2, now, &ts));

	mem_deref(av);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arith),
		cmocka_unit_test(test_sync),
		cmocka_unit_test(test_absurd),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
