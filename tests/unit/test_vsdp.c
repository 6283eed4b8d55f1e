/**
 * @file test_vsdp.c  The video line of an SDP, offered and answered
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "sip/sip.h"
#include "sip/pure/vsdp.h"


#define HEAD "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n" \
	"c=IN IP4 127.0.0.1\r\nt=0 0\r\n"
#define AUDIO "m=audio 4000 RTP/AVP 0\r\n"
#define PHONE_FORMATS \
	"a=rtpmap:99 VP8/90000\r\n" \
	"a=rtpmap:120 h264/90000\r\n" \
	"a=fmtp:120 profile-level-id=42801e\r\n" \
	"a=rtpmap:121 H264/90000\r\n" \
	"a=fmtp:121 packetization-mode=1;profile-level-id=42801e;" \
		"level-asymmetry-allowed=1\r\n" \
	"a=rtpmap:122 H265/90000\r\n"
#define PHONE "m=video 4002 RTP/AVPF 34 99 120 121 122\r\n" PHONE_FORMATS


/** One side of a call's video */
struct side {
	struct vwant w;
	struct sdp_session *sess;
	struct sdp_media *m;
	struct sipleg_video vid;
	int rxlclv[SIPLEG_FMT_MAX];
};


static void add(struct vwant *w, uint8_t pt, const char *name,
		const char *fmtp)
{
	struct sipleg_fmt *fmt = &w->fmtv[w->fmtc++];

	fmt->pt    = pt;
	fmt->crate = 90000;
	fmt->ch    = 1;
	str_ncpy(fmt->name, name, sizeof(fmt->name));
	str_ncpy(fmt->fmtp, fmtp, sizeof(fmt->fmtp));
}


/* As baresip makes the line, and what is wanted of it */
static int setup(void **state)
{
	struct side *s = calloc(1, sizeof(*s));
	struct sa laddr;

	assert_int_equal(0, sa_set_str(&laddr, "127.0.0.1", 0));
	assert_int_equal(0, sdp_session_alloc(&s->sess, &laddr));
	assert_int_equal(0, sdp_media_add(&s->m, s->sess, "video", 5000,
					  sdp_proto_rtpavp));
	assert_int_equal(0, sdp_media_set_alt_protos(s->m, 2, "RTP/AVP",
						     "RTP/AVPF"));
	assert_int_equal(0, sdp_format_add(NULL, s->m, false, NULL, "H263",
					   90000, 1, NULL, NULL, NULL, false,
					   NULL));
	assert_int_equal(0, sdp_media_set_lattr(s->m, true, "rtcp-fb",
						"* nack pli"));
	assert_int_equal(0, sdp_media_set_lattr(s->m, true, "framerate",
						"30"));
	sdp_media_set_fmt_ignore(s->m, true);

	s->w.on = true;
	s->w.bandwidth = 1500000;
	add(&s->w, 96, "H264", "profile-level-id=42e01f;packetization-mode=1");
	add(&s->w, 97, "H264", "profile-level-id=42e01f;packetization-mode=0");
	add(&s->w, 98, "VP8", "");

	*state = s;

	return 0;
}


static int teardown(void **state)
{
	struct side *s = *state;

	mem_deref(s->m);
	mem_deref(s->sess);
	free(s);

	return 0;
}


static void decode(struct side *s, const char *sdp, bool offer)
{
	struct mbuf *mb = mbuf_alloc(strlen(sdp));

	assert_int_equal(0, mbuf_write_str(mb, sdp));
	mb->pos = 0;
	assert_int_equal(0, sdp_decode(s->sess, mb, offer));
	mem_deref(mb);

	vsdp_read(&s->vid, s->rxlclv, &s->w, s->m, s->sess, offer);
}


/* Our SDP from the video line on */
static const char *encode(struct side *s, bool offer)
{
	static char buf[4096];
	struct mbuf *mb = NULL;
	char *video;

	assert_int_equal(0, sdp_encode(&mb, s->sess, offer));
	assert_true(mb->end < sizeof(buf));
	memcpy(buf, mb->buf, mb->end);
	buf[mb->end] = '\0';
	mem_deref(mb);

	video = strstr(buf, "m=video");
	assert_non_null(video);

	return video;
}


static const char *answer(struct side *s, const char *sdp)
{
	assert_int_equal(0, vsdp_offer(s->m, &s->w));
	decode(s, sdp, true);
	assert_int_equal(0, vsdp_answer(s->m, &s->w, &s->vid, s->rxlclv));

	return encode(s, false);
}


static void test_offer(void **state)
{
	struct side *s = *state;

	assert_int_equal(0, vsdp_offer(s->m, &s->w));
	assert_string_equal(encode(s, true),
		"m=video 5000 RTP/AVP 96 97 98\r\n"
		"b=AS:1500\r\nb=TIAS:1500000\r\n"
		"a=rtpmap:96 H264/90000\r\n"
		"a=fmtp:96 profile-level-id=42e01f;packetization-mode=1;"
			"level-asymmetry-allowed=1\r\n"
		"a=rtpmap:97 H264/90000\r\n"
		"a=fmtp:97 profile-level-id=42e01f;packetization-mode=0;"
			"level-asymmetry-allowed=1\r\n"
		"a=rtpmap:98 VP8/90000\r\n"
		"a=sendrecv\r\n"
		"a=rtcp-fb:* nack\r\na=rtcp-fb:* nack pli\r\n"
		"a=rtcp-fb:* ccm fir\r\na=rtcp-fb:* ccm tmmbr\r\n");

	/* again, of less */
	s->w.fmtc = 1;
	s->w.bandwidth = 0;
	assert_int_equal(0, vsdp_offer(s->m, &s->w));
	assert_non_null(strstr(encode(s, true),
			       "m=video 5000 RTP/AVP 96\r\na=rtpmap:96 "));
}


static void test_answer(void **state)
{
	struct side *s = *state;

	assert_string_equal(answer(s, HEAD AUDIO PHONE
		"a=rtcp-fb:* nack pli\r\na=rtcp-fb:121 ccm fir\r\n"
		"a=rtcp-fb:* goog-remb\r\na=rtcp-rsize\r\na=recvonly\r\n"),
		"m=video 5000 RTP/AVPF 121 120 99\r\n"
		"b=AS:1500\r\nb=TIAS:1500000\r\n"
		"a=rtpmap:121 H264/90000\r\n"
		"a=fmtp:121 profile-level-id=42801f;level-asymmetry-allowed=1;"
			"packetization-mode=1\r\n"
		"a=rtpmap:120 H264/90000\r\n"
		"a=fmtp:120 profile-level-id=42801e;packetization-mode=0\r\n"
		"a=rtpmap:99 VP8/90000\r\n"
		"a=sendonly\r\n"
		"a=rtcp-fb:* nack pli\r\na=rtcp-fb:* ccm fir\r\n"
		"a=rtcp-rsize\r\n");

	assert_int_equal(s->vid.txc, 3);
	assert_int_equal(s->vid.txv[0].pt, 99);
	assert_int_equal(s->vid.txv[1].pt, 120);
	assert_string_equal(s->vid.txv[1].fmtp, "profile-level-id=42801e");
	assert_int_equal(s->vid.rxc, 3);
	assert_int_equal(s->vid.rxv[0].pt, 121);
	assert_true(s->vid.send);
	assert_false(s->vid.recv);
	assert_true(s->vid.rtcp_rsize);
	assert_int_equal(s->vid.fb, SIPLEG_FB_PLI | SIPLEG_FB_FIR |
			 SIPLEG_FB_REMB);
	assert_int_equal(s->vid.bandwidth, 0);
}


/* High and Main, mode 1, and of mode 0 nothing else */
static void test_profiles(void **state)
{
	struct side *s = *state;

	(void)answer(s, HEAD AUDIO "m=video 4002 RTP/AVP 100 101 102\r\n"
		     "a=rtpmap:100 H264/90000\r\n"
		     "a=fmtp:100 profile-level-id=640028;"
			"packetization-mode=1\r\n"
		     "a=rtpmap:101 H264/90000\r\n"
		     "a=fmtp:101 profile-level-id=42801e;"
			"packetization-mode=1\r\n"
		     "a=rtpmap:102 H264/90000\r\n"
		     "a=fmtp:102 profile-level-id=4d0028\r\n");

	assert_int_equal(s->vid.txc, 2);
	assert_int_equal(s->vid.txv[0].pt, 101);
	assert_int_equal(s->vid.txv[1].pt, 102);
	assert_non_null(strstr(encode(s, false), "a=fmtp:102 "
			       "profile-level-id=4d001f;"
			       "packetization-mode=0\r\n"));
}


static void check_none(const struct side *s)
{
	static const struct sipleg_video none;

	assert_memory_equal(&s->vid, &none, sizeof(none));
}


static void test_none(void **state)
{
	struct side *s = *state;

	/* no format in common, port 0, not wanted */
	assert_string_equal(answer(s, HEAD AUDIO "m=video 4002 RTP/AVP 34 96"
				   "\r\na=rtpmap:96 H265/90000\r\n"),
			    "m=video 0 RTP/AVP 0\r\n");
	check_none(s);
	assert_string_equal(answer(s, HEAD AUDIO
				   "m=video 0 RTP/AVPF 99\r\n"
				   "a=rtpmap:99 VP8/90000\r\n"),
			    "m=video 0 RTP/AVPF 0\r\n");
	check_none(s);

	/* and then there is */
	assert_non_null(strstr(answer(s, HEAD AUDIO PHONE),
			       "m=video 5000 RTP/AVPF 121 120 99\r\n"));

	s->w.on = false;
	assert_string_equal(answer(s, HEAD AUDIO PHONE),
			    "m=video 0 RTP/AVPF 0\r\n");
	check_none(s);
}


static void test_our_offer(void **state)
{
	struct side *s = *state;

	assert_int_equal(0, vsdp_offer(s->m, &s->w));
	(void)encode(s, true);

	/* numbers as ours, but for one; H.264 without a word of its mode */
	decode(s, HEAD "b=AS:768\r\nm=video 4002 RTP/AVP 96 110\r\n"
	       "a=rtpmap:96 H264/90000\r\n"
	       "a=fmtp:96 sprop-parameter-sets=Z0LAHg==,aM4=\r\n"
	       "a=rtpmap:110 VP8/90000\r\n", false);

	assert_int_equal(s->vid.txc, 2);
	assert_int_equal(s->vid.txv[0].pt, 96);
	assert_int_equal(s->vid.txv[1].pt, 110);

	/* what it may send is what we offered, also the other H.264; and what
	   it does send may have its own number */
	assert_int_equal(s->vid.rxc, 4);
	assert_int_equal(s->vid.rxv[0].pt, 96);
	assert_string_equal(s->vid.rxv[0].fmtp,
			    "sprop-parameter-sets=Z0LAHg==,aM4=");
	assert_int_equal(s->vid.rxv[1].pt, 97);
	assert_string_equal(s->vid.rxv[1].name, "H264");
	assert_int_equal(s->vid.rxv[2].pt, 98);
	assert_string_equal(s->vid.rxv[2].name, "VP8");
	assert_int_equal(s->vid.rxv[3].pt, 110);
	assert_string_equal(s->vid.rxv[3].name, "VP8");

	assert_true(s->vid.send && s->vid.recv);
	assert_int_equal(s->vid.bandwidth, 768000);

	/* taken away */
	decode(s, HEAD "m=video 0 RTP/AVP 96\r\n", false);
	check_none(s);
}


/* A re-INVITE without an offer: ours is the line as we answered it last, with
   the phone's numbers, and the ACK answers that */
static void test_late_offer(void **state)
{
	struct side *s = *state;

	(void)answer(s, HEAD AUDIO PHONE);
	assert_non_null(strstr(encode(s, true),
			       "m=video 5000 RTP/AVPF 121 120 99\r\n"));
	decode(s, HEAD AUDIO PHONE, false);

	assert_int_equal(s->vid.txc, 3);
	assert_int_equal(s->vid.rxc, 3);
	assert_int_equal(s->vid.rxv[0].pt, 121);
	assert_int_equal(s->vid.rxv[1].pt, 120);
	assert_int_equal(s->vid.rxv[2].pt, 99);
	assert_string_equal(s->vid.rxv[2].name, "VP8");
}


static void test_hold(void **state)
{
	struct side *s = *state;

	(void)answer(s, HEAD AUDIO PHONE "a=sendonly\r\n");
	assert_false(s->vid.send);
	assert_true(s->vid.recv);

	(void)answer(s, HEAD AUDIO PHONE "a=inactive\r\n");
	assert_false(s->vid.send || s->vid.recv);

	/* as RFC 2543 had it */
	(void)answer(s, HEAD AUDIO "m=video 4002 RTP/AVP 99\r\n"
		     "c=IN IP4 0.0.0.0\r\na=rtpmap:99 VP8/90000\r\n");
	assert_false(s->vid.send);
	assert_int_equal(s->vid.txc, 1);

	(void)answer(s, HEAD AUDIO PHONE);
	assert_true(s->vid.send && s->vid.recv);
}


static void test_bandwidth(void **state)
{
	struct side *s = *state;

	(void)answer(s, HEAD AUDIO "m=video 4002 RTP/AVP 99\r\nb=AS:512\r\n"
		     "b=TIAS:480000\r\na=rtpmap:99 VP8/90000\r\n");
	assert_int_equal(s->vid.bandwidth, 480000);

	(void)answer(s, HEAD AUDIO "m=video 4002 RTP/AVP 99\r\nb=AS:512\r\n"
		     "a=rtpmap:99 VP8/90000\r\n");
	assert_int_equal(s->vid.bandwidth, 512000);

	(void)answer(s, HEAD AUDIO "m=video 4002 RTP/AVP 99\r\nb=AS:99999999"
		     "\r\na=rtpmap:99 VP8/90000\r\n");
	assert_int_equal(s->vid.bandwidth, UINT32_MAX);

	(void)answer(s, HEAD AUDIO "m=video 4002 RTP/AVP 99\r\nb=AS:0\r\n"
		     "a=rtpmap:99 VP8/90000\r\n");
	assert_int_equal(s->vid.bandwidth, 0);
}


static void test_long_parameters(void **state)
{
	struct side *s = *state;
	char sdp[1024], sets[400];

	memset(sets, 'A', sizeof(sets) - 1);
	sets[sizeof(sets) - 1] = '\0';

	(void)re_snprintf(sdp, sizeof(sdp), HEAD AUDIO
			  "m=video 4002 RTP/AVP 99\r\n"
			  "a=rtpmap:99 H264/90000\r\n"
			  "a=fmtp:99 packetization-mode=1;max-fs=3600;"
			  "sprop-parameter-sets=%s\r\n", sets);
	(void)answer(s, sdp);

	/* whole parameters, or none of it */
	assert_int_equal(s->vid.txc, 1);
	assert_string_equal(s->vid.txv[0].fmtp,
			    "packetization-mode=1;max-fs=3600");
}


/* More than is kept, and the same number twice */
static void test_many(void **state)
{
	struct side *s = *state;
	struct mbuf *mb = mbuf_alloc(4096);
	char *sdp = NULL;
	unsigned i;

	(void)mbuf_write_str(mb, HEAD AUDIO "m=video 4002 RTP/AVP 96 96");
	for (i=97; i<128; i++)
		(void)mbuf_printf(mb, " %u", i);
	(void)mbuf_write_str(mb, "\r\n");
	for (i=96; i<128; i++)
		(void)mbuf_printf(mb, "a=rtpmap:%u VP8/90000\r\n", i);
	mb->pos = 0;
	assert_int_equal(0, mbuf_strdup(mb, &sdp, mb->end));

	(void)answer(s, sdp);
	assert_int_equal(s->vid.txc, SIPLEG_FMT_MAX);
	assert_int_equal(s->vid.rxc, SIPLEG_FMT_MAX);
	assert_int_equal(s->vid.txv[1].pt, 97);

	mem_deref(sdp);
	mem_deref(mb);
}


#define test(t) cmocka_unit_test_setup_teardown(t, setup, teardown)


int main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_offer),
		test(test_answer),
		test(test_profiles),
		test(test_none),
		test(test_our_offer),
		test(test_late_offer),
		test(test_hold),
		test(test_bandwidth),
		test(test_long_parameters),
		test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
