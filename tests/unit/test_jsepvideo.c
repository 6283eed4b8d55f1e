/**
 * @file tests/unit/test_jsepvideo.c  Session descriptions: video
 *
 * The description of Chromium is one of the fuzzer's seeds, as captured.
 */
#include "testutil.h"
#include "peer/peer.h"
#include "peer/cand.h"
#include "peer/jsep.h"


#define CHROMIUM "tests/fuzz/corpus/jsep/video-call-0-lf.sdp"

#define HEAD "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\n"


static struct jsep *decode(const char *sdp)
{
	struct jsep *jsep = NULL;

	assert_int_equal(jsep_decode(&jsep, sdp, strlen(sdp)), 0);

	return jsep;
}


static struct jsep *chromium(void)
{
	struct mbuf *mb = tu_read(CHROMIUM);
	struct jsep *jsep = NULL;

	assert_non_null(mb);
	assert_int_equal(jsep_decode(&jsep, (char *)mb->buf, mb->end), 0);
	mem_deref(mb);

	return jsep;
}


/* what only one side wants of feedback and retransmissions is not agreed */
static void test_match_video(void **state)
{
	static const struct peer_fmt prmv[] = {
		{100, "H264", 90000, 1, "packetization-mode=1;"
		 "profile-level-id=42e01f", PEER_FB_NACK, 1},
		{101, "VP8", 90000, 1, "max-fs=3600", PEER_FB_NACK_PLI, 0},
	};
	struct peer_fmt rmtv[PEER_FMT_MAX], ansv[PEER_FMT_MAX];
	struct jsep *j = chromium();
	(void)state;

	assert_int_equal(jsep_match(rmtv, ansv, PEER_FMT_MAX, &j->mv[1],
				    prmv, 2, true), 2);
	assert_int_equal(rmtv[0].pt, 108);
	assert_int_equal(rmtv[0].rtx, 109);
	assert_int_equal(rmtv[0].fb, PEER_FB_NACK);
	assert_int_equal(ansv[0].rtx, 109);
	assert_int_equal(ansv[0].fb, PEER_FB_NACK);
	assert_int_equal(rmtv[1].pt, 96);
	assert_int_equal(rmtv[1].rtx, 0);
	assert_int_equal(rmtv[1].fb, PEER_FB_NACK_PLI);
	assert_string_equal(ansv[1].fmtp, "max-fs=3600");
	assert_string_equal(rmtv[1].fmtp, "");

	/* of another profile than the default */
	assert_int_equal(jsep_match(rmtv, NULL, PEER_FMT_MAX, &j->mv[1],
		&(struct peer_fmt){1, "VP9", 90000, 1, "", 0, 0}, 1, false),
		1);
	assert_int_equal(rmtv[0].pt, 98);
	assert_int_equal(jsep_match(rmtv, NULL, PEER_FMT_MAX, &j->mv[1],
		&(struct peer_fmt){1, "VP9", 90000, 1, "profile-id=2", 0, 0},
		1, true), 1);
	assert_int_equal(rmtv[0].pt, 100);
	mem_deref(j);
}


/* How a phone's H.264 is answered to Chromium's offer */
static void test_match_h264(void **state)
{
	static const struct {
		const char *fmtp;       /* ours */
		uint8_t pt;             /* 0=nothing in common */
		const char *ans;
	} v[] = {
		/* the same profile, with our level */
		{"profile-level-id=42E01f; packetization-mode=1", 108,
		 "level-asymmetry-allowed=1;packetization-mode=1;"
		 "profile-level-id=42e01f"},
		{"packetization-mode=1;profile-level-id=42e00d;max-br=400",
		 108, "level-asymmetry-allowed=1;packetization-mode=1;"
		 "profile-level-id=42e00d"},
		{"profile-level-id=42001e", 104,
		 "level-asymmetry-allowed=1;packetization-mode=0;"
		 "profile-level-id=42001e"},
		{"packetization-mode=1;profile-level-id=4d0028", 116,
		 "level-asymmetry-allowed=1;packetization-mode=1;"
		 "profile-level-id=4d0028"},

		/* the same by other names (RFC 6184 table 5) */
		{"profile-level-id=42801e;packetization-mode=1", 102,
		 "level-asymmetry-allowed=1;packetization-mode=1;"
		 "profile-level-id=42001e"},
		{"profile-level-id=42c015;packetization-mode=0", 114,
		 "level-asymmetry-allowed=1;packetization-mode=0;"
		 "profile-level-id=42e015"},
		{"profile-level-id=4d801f;packetization-mode=1", 108,
		 "level-asymmetry-allowed=1;packetization-mode=1;"
		 "profile-level-id=42e01f"},

		/* not stated is Baseline, with the offer's level */
		{"", 104, "level-asymmetry-allowed=1;packetization-mode=0;"
		 "profile-level-id=42001f"},
		{"profile-level-id=hello!", 104,
		 "level-asymmetry-allowed=1;packetization-mode=0;"
		 "profile-level-id=42001f"},

		/* others than those */
		{"packetization-mode=1;profile-level-id=64001f", 0, ""},
		{"packetization-mode=2;profile-level-id=42e01f", 0, ""},
	};
	struct peer_fmt rmtv[PEER_FMT_MAX], ansv[PEER_FMT_MAX];
	struct jsep *j = chromium();
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		struct peer_fmt lcl = {97, "H264", 90000, 1, "", 0, 0};

		str_ncpy(lcl.fmtp, v[i].fmtp, sizeof(lcl.fmtp));
		assert_int_equal(jsep_match(rmtv, ansv, PEER_FMT_MAX,
					    &j->mv[1], &lcl, 1, true),
				 v[i].pt != 0);
		if (!v[i].pt)
			continue;
		assert_int_equal(rmtv[0].pt, v[i].pt);
		assert_int_equal(ansv[0].pt, v[i].pt);
		assert_string_equal(ansv[0].fmtp, v[i].ans);
	}
	mem_deref(j);
}


/* a baseline for the other, one level for both, parameters missing */
static void test_match_h264_old(void **state)
{
	static const struct peer_fmt prmv[] = {
		{97, "H264", 90000, 1, "packetization-mode=1;"
		 "profile-level-id=42e028", 0, 0},
		{98, "H264", 90000, 1, "profile-level-id=42e00c", 0, 0},
	};
	struct peer_fmt rmtv[PEER_FMT_MAX], ansv[PEER_FMT_MAX];
	struct jsep *j = decode(HEAD "m=video 9 X 100 101 102\n"
		"a=rtpmap:100 H264/90000\na=rtpmap:101 h264/90000\n"
		"a=fmtp:101 profile-level-id=42001F;packetization-mode=1\n"
		"a=rtpmap:102 H264/90000\n"
		"a=fmtp:102 profile-level-id=42801F\n");
	(void)state;

	assert_int_equal(jsep_match(rmtv, ansv, PEER_FMT_MAX, &j->mv[0],
				    prmv, 2, true), 3);
	assert_int_equal(rmtv[0].pt, 101);
	assert_string_equal(rmtv[0].fmtp,
			    "profile-level-id=42001F;packetization-mode=1");
	assert_string_equal(ansv[0].fmtp, "level-asymmetry-allowed=1;"
			    "packetization-mode=1;profile-level-id=42001f");
	assert_int_equal(rmtv[1].pt, 100);
	assert_string_equal(ansv[1].fmtp, "");
	assert_int_equal(rmtv[2].pt, 102);
	assert_string_equal(ansv[2].fmtp, "level-asymmetry-allowed=1;"
			    "packetization-mode=0;profile-level-id=42800c");

	/* an answer to ours is in the remote's order */
	assert_int_equal(jsep_match(rmtv, NULL, PEER_FMT_MAX, &j->mv[0],
				    prmv, 2, false), 3);
	assert_int_equal(rmtv[0].pt, 100);
	mem_deref(j);
}


static void test_extensions(void **state)
{
#define TWCC "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-" \
	"extensions-01"
	static const struct {
		const char *line;
		uint8_t twcc;
	} v[] = {
		{"3 " TWCC, 3}, {"14 " TWCC, 14}, {"3/sendrecv " TWCC, 3},
		{"3 " TWCC " attributes", 3},
		{"3/recvonly " TWCC, 0}, {"15 " TWCC, 0}, {"0 " TWCC, 0},
		{"3 " TWCC "x", 0}, {"x " TWCC, 0}, {"3", 0}, {"", 0},
		{"3 " TWCC "\na=extmap:5 " TWCC, 3},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		struct mbuf *mb = mbuf_alloc(512);
		struct jsep *j;

		(void)mbuf_printf(mb, HEAD "m=video 9 X 96\na=extmap:%s\n",
				  v[i].line);
		(void)mbuf_write_u8(mb, 0);
		j = decode((char *)mb->buf);
		assert_int_equal(j->mv[0].ext.twcc, v[i].twcc);
		assert_int_equal(j->mv[0].ext.abs_time, 0);
		mem_deref(j);
		mem_deref(mb);
	}
}


/* bandwidth, groups of sources, formats of retransmissions */
static void test_video_lines(void **state)
{
	struct jsep *j = decode(HEAD "b=AS:9\n"
		"m=video 9 X 96 97 98 99 100\n"
		"b=AS:512\nb=TIAS:500000\nb=RS:7\nb=AS\nb=TIAS:x\nb=\n"
		"a=rtpmap:96 VP8/90000\n"
		"a=fmtp:97 x=1; APT = 96\na=rtpmap:97 rtx/90000\n"
		"a=rtpmap:98 rtx/90000\na=fmtp:98 apt=98\n"
		"a=rtpmap:99 rtx/90000\na=fmtp:99 apt=5\n"
		"a=rtpmap:100 rtx/48000\na=fmtp:100 apt=96\n"
		"a=ssrc-group:FID 11 12\na=ssrc-group:SIM 11 13 x\n"
		"a=ssrc-group\na=ssrc-group:FID\na=ssrc:12 cname:x\n"
		"m=video 9 X 96\nb=AS:4294967295\n");
	(void)state;

	assert_int_equal(j->mv[0].as, 512000);
	assert_int_equal(j->mv[0].tias, 500000);
	assert_int_equal(j->mv[0].fmtv[0].rtx, 97);
	assert_int_equal(j->mv[0].fmtv[2].rtx, 0);
	assert_int_equal(j->mv[0].ssrcc, 3);
	assert_int_equal(j->mv[0].ssrcv[1], 12);
	assert_int_equal(j->mv[0].ssrcv[2], 13);
	assert_int_equal(j->mv[1].as, 4294967000);
	assert_int_equal(j->mv[1].tias, 0);
	mem_deref(j);
}


static void make_local(struct jsep_local *l)
{
	memset(l, 0, sizeof(*l));
	l->cname  = "cname";
	l->stream = "stream";
	l->ufrag  = "abcd";
	l->pwd    = "0123456789012345678901";
	l->setup  = JSEP_ACTIVE;
	l->group  = true;
	l->mc     = 1;
	l->mv[0].type  = "video";
	l->mv[0].proto = "UDP/TLS/RTP/SAVPF";
	l->mv[0].mid   = "v";
	l->mv[0].dir   = SDP_SENDRECV;
}


/* what we write of video is what we read, and stands where it must */
static void test_round_trip_video(void **state)
{
	static const struct peer_fmt fmtv[] = {
		{96, "VP8", 90000, 1, "", PEER_FB_NACK | PEER_FB_NACK_PLI |
		 PEER_FB_CCM_FIR | PEER_FB_REMB | PEER_FB_TWCC, 97},
		{98, "H264", 90000, 1, "packetization-mode=1",
		 PEER_FB_NACK_PLI, 0},
	};
	struct mbuf *mb = mbuf_alloc(1024);
	struct jsep_local l;
	const struct jsep_media *m;
	struct jsep *j;
	(void)state;

	make_local(&l);
	l.mv[0].fmtv      = fmtv;
	l.mv[0].fmtc      = 2;
	l.mv[0].ssrc      = 77;
	l.mv[0].ssrc_rtx  = 78;
	l.mv[0].bandwidth = 1500001;
	l.mv[0].ext       = (struct peer_ext){2, 3, 13};
	assert_int_equal(jsep_encode(mb, &l), 0);
	(void)mbuf_write_u8(mb, 0);

	assert_non_null(strstr((char *)mb->buf, "m=video 9 UDP/TLS/RTP/SAVPF "
		"96 97 98\r\nc=IN IP4 0.0.0.0\r\nb=AS:1501\r\n"
		"b=TIAS:1500001\r\na=rtcp:9 "));
	assert_non_null(strstr((char *)mb->buf, "a=fmtp:97 apt=96\r\n"));
	assert_non_null(strstr((char *)mb->buf,
			       "a=ssrc-group:FID 77 78\r\na=ssrc:77 cname"));
	j = decode((char *)mb->buf);
	m = &j->mv[0];
	assert_int_equal(m->fmtc, 3);
	assert_int_equal(m->fmtv[0].rtx, 97);
	assert_int_equal(m->fmtv[0].fb, fmtv[0].fb);
	assert_int_equal(m->fmtv[2].fb, fmtv[1].fb);
	assert_int_equal(m->fmtv[2].rtx, 0);
	assert_int_equal(m->tias, 1500001);
	assert_int_equal(m->as, 1501000);
	assert_memory_equal(&m->ext, &l.mv[0].ext, sizeof(m->ext));
	assert_int_equal(m->ssrcc, 2);
	assert_null(strstr((char *)mb->buf, "a=extmap:1 "));
	mem_deref(j);
	mem_deref(mb);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match_video),
		cmocka_unit_test(test_match_h264),
		cmocka_unit_test(test_match_h264_old),
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_video_lines),
		cmocka_unit_test(test_round_trip_video),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
