/**
 * @file tests/unit/test_jsep.c  Session descriptions and candidates
 *
 * The descriptions of Chromium are the fuzzer's seeds, as captured.
 */
#include "testutil.h"
#include "peer/peer.h"
#include "base/text.h"
#include "peer/cand.h"
#include "peer/jsep.h"


#define DIR "tests/fuzz/corpus/jsep/"

#define FPR "a=fingerprint:sha-256 22:5D:63:6C:67:12:7B:96:7B:F7:75:17:DF:" \
	"03:7D:7F:80:28:33:3C:C7:94:BE:66:94:EB:8E:7D:72:AB:23:B9\n"

#define HEAD "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\n"

static const struct peer_fmt lclv[] = {
	{ 96, "opus", 48000, 2, "minptime=10;useinbandfec=1", 0, 0},
	{  9, "G722",  8000, 1, "", 0, 0},
	{  0, "PCMU",  8000, 1, "", 0, 0},
	{101, "telephone-event", 8000, 1, "0-15", 0, 0},
};


static struct jsep *decode(const char *sdp)
{
	struct jsep *jsep = NULL;

	assert_int_equal(jsep_decode(&jsep, sdp, strlen(sdp)), 0);

	return jsep;
}


static struct jsep *decode_file(const char *path)
{
	struct mbuf *mb = tu_read(path);
	struct jsep *jsep = NULL;

	assert_non_null(mb);
	assert_int_equal(jsep_decode(&jsep, (char *)mb->buf, mb->end), 0);
	mem_deref(mb);

	return jsep;
}


static void check_audio(const struct jsep_media *m)
{
	assert_string_equal(m->type, "audio");
	assert_string_equal(m->proto, "UDP/TLS/RTP/SAVPF");
	assert_string_equal(m->mid, "0");
	assert_int_equal(m->port, 9);
	assert_true(m->bundled);
	assert_true(m->rtcp_mux);
	assert_true(m->rtcp_rsize);
	assert_true(m->t.trickle);
	assert_int_equal(m->t.dir, SDP_SENDRECV);
	assert_int_equal(m->t.fprc, 1);
	assert_int_equal(m->t.fprv[0].len, 32);
	assert_int_equal(m->fmtc, 8);
	assert_int_equal(m->fmtv[0].pt, 111);
	assert_string_equal(m->fmtv[0].name, "opus");
	assert_int_equal(m->fmtv[0].crate, 48000);
	assert_int_equal(m->fmtv[0].ch, 2);
	assert_string_equal(m->fmtv[0].fmtp,
			    "minptime=10;useinbandfec=1");
	assert_int_equal(m->fmtv[0].fb, PEER_FB_TWCC);
	assert_int_equal(m->fmtv[2].ch, 1);
}


/* the same, whatever the line ends are after the server */
static void test_chromium_audio(void **state)
{
	static const char *filev[] = {
		DIR "audio-call-0-crlf.sdp", DIR "audio-call-0-lf.sdp"
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(filev); i++) {
		struct jsep *j = decode_file(filev[i]);

		assert_int_equal(j->mc, 1);
		assert_true(j->has_group);
		assert_string_equal(j->group, "0");
		check_audio(&j->mv[0]);
		assert_string_equal(j->mv[0].t.ufrag, "hugJ");
		assert_string_equal(j->mv[0].t.pwd,
				    "Wf95Z+w3AswbPVHxu1HKbZ3a");
		assert_int_equal(j->mv[0].t.setup, JSEP_ACTPASS);
		assert_int_equal(j->mv[0].t.fprv[0].md[31], 0xb9);
		assert_int_equal(j->mv[0].ssrcc, 1);
		assert_int_equal(j->mv[0].ssrcv[0], 32160736);
		assert_int_equal(j->candc, 0);
		mem_deref(j);
	}
}


static void test_chromium_video(void **state)
{
	struct peer_fmt rmtv[PEER_FMT_MAX];
	struct peer_fmt ansv[PEER_FMT_MAX];
	struct jsep *j = decode_file(DIR "video-call-0-crlf.sdp");
	const struct jsep_media *m = &j->mv[1];
	size_t n;
	(void)state;

	assert_int_equal(j->mc, 2);
	check_audio(&j->mv[0]);
	assert_string_equal(m->type, "video");
	assert_string_equal(m->mid, "1");
	assert_int_equal(m->fmtc, 23);
	assert_int_equal(m->fmtv[0].fb, PEER_FB_NACK | PEER_FB_NACK_PLI |
			 PEER_FB_CCM_FIR | PEER_FB_REMB | PEER_FB_TWCC);
	assert_int_equal(m->fmtv[0].rtx, 97);
	assert_int_equal(m->fmtv[1].rtx, 0);
	assert_int_equal(m->fmtv[2].rtx, 103);
	assert_int_equal(m->fmtv[20].rtx, 119);
	assert_int_equal(m->fmtv[22].rtx, 0);
	assert_int_equal(m->ssrcc, 2);
	assert_int_equal(m->ext.abs_time, 2);
	assert_int_equal(m->ext.twcc, 3);
	assert_int_equal(m->ext.orient, 13);
	assert_int_equal(j->mv[0].ext.orient, 0);
	assert_ptr_equal(jsep_transport(j), &j->mv[0]);

	/* declared: VP8, six of H264, AV1, two of VP9; no repair */
	n = jsep_echo(rmtv, ansv, PEER_FMT_MAX, m);
	assert_int_equal(n, 10);
	assert_int_equal(ansv[0].pt, 96);
	assert_int_equal(ansv[1].pt, 102);
	assert_string_equal(ansv[1].fmtp, m->fmtv[2].fmtp);
	assert_int_equal(ansv[0].fb, PEER_FB_NACK_PLI | PEER_FB_CCM_FIR);
	assert_int_equal(ansv[0].rtx, 0);
	mem_deref(j);
}


static void test_all_captured(void **state)
{
	static const char *filev[] = {
		DIR "audio-call-1-crlf.sdp", DIR "audio-call-1-lf.sdp",
		DIR "video-call-1-crlf.sdp", DIR "video-call-1-lf.sdp",
		DIR "ice-restart-0-crlf.sdp", DIR "ice-restart-1-crlf.sdp",
		DIR "ice-restart-2-crlf.sdp", DIR "ice-restart-3-crlf.sdp",
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(filev); i++) {
		struct jsep *j = decode_file(filev[i]);

		check_audio(&j->mv[0]);
		mem_deref(j);
	}
}


/* what is stated for the session holds for the m-lines */
static void test_inherit(void **state)
{
	struct jsep *j = decode(HEAD "a=group:BUNDLE a b\n"
		"a=ice-ufrag:sess\na=ice-pwd:0123456789012345678901\n"
		"a=ice-options:ice2 trickle\na=setup:passive\na=recvonly\n"
		FPR
		"m=audio 5000/2 RTP/SAVPF 0 8\na=mid:a\n"
		"m=video 0 RTP/SAVPF 96\na=mid:b\na=bundle-only\n"
		"a=ice-ufrag:own\na=sendonly\n"
		"a=fingerprint:sha-1 AA:BB\n"
		"a=fingerprint:sha-512 AA:CC\n");
	(void)state;

	assert_string_equal(j->mv[0].t.ufrag, "sess");
	assert_int_equal(j->mv[0].t.setup, JSEP_PASSIVE);
	assert_int_equal(j->mv[0].t.dir, SDP_RECVONLY);
	assert_int_equal(j->mv[0].t.fprc, 1);
	assert_true(j->mv[0].t.trickle);
	assert_int_equal(j->mv[0].port, 5000);
	assert_string_equal(j->mv[0].fmtv[1].name, "PCMA");
	assert_string_equal(j->mv[1].t.ufrag, "own");
	assert_int_equal(j->mv[1].t.dir, SDP_SENDONLY);
	assert_int_equal(j->mv[1].t.fprc, 2);
	assert_string_equal(j->mv[1].t.fprv[1].hash, "sha-512");
	assert_false(jsep_is_rejected(&j->mv[1]));
	mem_deref(j);
}


static void test_hostile(void **state)
{
	static const char *badv[] = {
		"", "v=0", "v=1\nm=audio 9 X 0\n", "hello", "m=audio 9 X 0\n",
		HEAD, HEAD "m=\n", HEAD "m=audio\n", HEAD "m=audio 9\n",
		HEAD "m=audio 70000 X 0\n", HEAD "m=audio -1 X 0\n",
		HEAD "m=audio 9 X\n", HEAD "m=audio x X 0\n",
	};
	struct jsep *j = NULL;
	struct mbuf *mb;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(badv); i++)
		assert_int_equal(jsep_decode(&j, badv[i], strlen(badv[i])),
				 EBADMSG);
	assert_int_equal(jsep_decode(NULL, "", 0), EINVAL);
	assert_int_equal(jsep_decode(&j, NULL, 0), EINVAL);

	/* too many m-lines, too long */
	mb = mbuf_alloc(1024);
	(void)mbuf_write_str(mb, HEAD);
	for (i=0; i<=JSEP_MLINE_MAX; i++)
		(void)mbuf_write_str(mb, "m=audio 9 X 0\n");
	assert_int_equal(jsep_decode(&j, (char *)mb->buf, mb->end), EBADMSG);
	while (mb->end <= JSEP_SDP_MAX)
		(void)mbuf_write_str(mb, "a=x\n");
	assert_int_equal(jsep_decode(&j, (char *)mb->buf, mb->end), EBADMSG);
	mem_deref(mb);

	/* bad attributes are passed over, the rest counts */
	j = decode(HEAD "m=audio 9 X 111 111 200 x 0\n"
		   "a=rtpmap\na=rtpmap:\na=rtpmap:111\na=rtpmap:111 opus\n"
		   "a=rtpmap:111 opus/0\na=rtpmap:111 opus/48000/999\n"
		   "a=rtpmap:99 nope/8000\na=fmtp:\na=fmtp:99 x\na=ssrc:\n"
		   "a=ssrc:99999999999\na=ssrc:5\na=ssrc:5 cname:x\n"
		   "a=fingerprint:sha-256 AA:B\na=fingerprint:\n"
		   "a=fingerprint:sha-256 GG\na=setup:what\na=rtcp-fb:\n"
		   "a=ptime:x\na=maxptime:120\na=candidate:\na=:\na=\n=\n");
	assert_int_equal(j->mv[0].fmtc, 2);
	assert_string_equal(j->mv[0].fmtv[0].name, "");
	assert_string_equal(j->mv[0].fmtv[1].name, "PCMU");
	assert_int_equal(j->mv[0].ssrcc, 1);
	assert_int_equal(j->mv[0].t.fprc, 0);
	assert_int_equal(j->mv[0].maxptime, 120);
	mem_deref(j);
}


/* 256 bytes or more: what is short stays, the format too */
static void test_long_fmtp(void **state)
{
	struct mbuf *mb = mbuf_alloc(1024);
	const struct peer_fmt *f;
	struct jsep *j;
	size_t i;
	(void)state;

	(void)mbuf_write_str(mb, HEAD "m=video 9 X 102 103 104\n"
			     "a=rtpmap:102 H264/90000\n"
			     "a=fmtp:102 sprop-parameter-sets=");
	(void)mbuf_fill(mb, 'A', 300);
	(void)mbuf_write_str(mb, ";packetization-mode=1;x=\n"
			     "a=rtpmap:103 H264/90000\na=fmtp:103 b=1;c=");
	(void)mbuf_fill(mb, 'B', 253 - 6);
	(void)mbuf_write_str(mb, ";d\na=rtpmap:104 VP8/90000\na=fmtp:104 \t");
	for (i=0; i<200; i++)
		(void)mbuf_write_str(mb, "a=b;");
	(void)mbuf_write_u8(mb, 0);

	j = decode((char *)mb->buf);
	assert_int_equal(j->mv[0].fmtc, 3);
	f = j->mv[0].fmtv;
	assert_string_equal(f[0].name, "H264");
	assert_string_equal(f[0].fmtp, "packetization-mode=1;x=");
	assert_string_equal(f[1].name, "H264");
	assert_int_equal(strlen(f[1].fmtp), 255);
	assert_string_equal(&f[1].fmtp[253], ";d");
	assert_string_equal(f[2].name, "VP8");
	assert_int_equal(strlen(f[2].fmtp), 255);
	assert_string_equal(&f[2].fmtp[248], "a=b;a=b");
	mem_deref(j);
	mem_deref(mb);
}


static void test_match(void **state)
{
	struct peer_fmt rmtv[PEER_FMT_MAX];
	struct peer_fmt ansv[PEER_FMT_MAX];
	struct jsep *j = decode(HEAD "m=audio 9 X 0 8 111 126 110 9 100\n"
		"a=rtpmap:111 OPUS/48000/2\na=fmtp:111 stereo=1\n"
		"a=rtpmap:126 telephone-event/8000\n"
		"a=rtpmap:110 telephone-event/48000\n"
		"a=rtpmap:100 opus/48000\n");
	size_t n;
	(void)state;

	/* an answer goes by our preference */
	n = jsep_match(rmtv, ansv, PEER_FMT_MAX, &j->mv[0], lclv,
		       ARRAY_SIZE(lclv), true);
	assert_int_equal(n, 4);
	assert_int_equal(rmtv[0].pt, 111);
	assert_string_equal(rmtv[0].fmtp, "stereo=1");
	assert_string_equal(ansv[0].fmtp, "minptime=10;useinbandfec=1");
	assert_int_equal(rmtv[1].pt, 9);
	assert_int_equal(rmtv[2].pt, 0);
	assert_int_equal(rmtv[3].pt, 126);

	/* what comes of an offer of ours goes by the remote's */
	n = jsep_match(rmtv, NULL, PEER_FMT_MAX, &j->mv[0], lclv,
		       ARRAY_SIZE(lclv), false);
	assert_int_equal(n, 4);
	assert_int_equal(rmtv[0].pt, 0);
	assert_int_equal(rmtv[1].pt, 111);

	assert_int_equal(jsep_match(rmtv, ansv, 1, &j->mv[0], lclv,
				    ARRAY_SIZE(lclv), true), 1);
	mem_deref(j);
}


static void make_local(struct jsep_local *l, const struct cand *cand)
{
	static struct peer_fmt fmtv[ARRAY_SIZE(lclv)];
	size_t i;

	memset(l, 0, sizeof(*l));
	for (i=0; i<ARRAY_SIZE(lclv); i++)
		fmtv[i] = lclv[i];
	l->id = 4429463973139319799ULL;
	l->ver = 2;
	l->cname = "cname";
	l->stream = "stream";
	l->ufrag = "abcd";
	l->pwd = "0123456789012345678901";
	l->setup = JSEP_ACTIVE;
	l->fpr.len = 32;
	str_ncpy(l->fpr.hash, "sha-256", sizeof(l->fpr.hash));
	l->mc = 2;
	l->group = true;
	l->candv = cand;
	l->candc = 1;
	l->cands_end = true;
	l->mv[0].type = "audio";
	l->mv[0].proto = "UDP/TLS/RTP/SAVPF";
	l->mv[0].mid = "a0";
	l->mv[0].fmtv = fmtv;
	l->mv[0].fmtc = ARRAY_SIZE(fmtv);
	l->mv[0].dir = SDP_SENDRECV;
	l->mv[0].ssrc = 1234;
	l->mv[0].ptime = 20;
	l->mv[0].maxptime = 60;
	l->mv[0].rtcp_rsize = true;
	l->mv[1].type = "application";
	l->mv[1].proto = "UDP/DTLS/SCTP";
	l->mv[1].mid = "d";
	l->mv[1].rejected = true;
	l->mv[1].firstfmt = "webrtc-datachannel";
}


static int cand(struct cand *c, const char *s)
{
	return cand_decode(c, s, strlen(s));
}


static void test_round_trip(void **state)
{
	struct mbuf *mb = mbuf_alloc(1024);
	struct jsep_local l;
	struct cand c;
	struct jsep *j;
	size_t i;
	(void)state;

	assert_int_equal(cand(&c, "candidate:1 1 udp 5 192.0.2.1 7 "
			      "typ srflx raddr 10.0.0.1 rport 9"), 0);
	make_local(&l, &c);
	assert_int_equal(jsep_encode(mb, &l), 0);
	(void)mbuf_write_u8(mb, 0);
	j = decode((char *)mb->buf);

	assert_string_equal(j->group, "a0");
	assert_int_equal(j->mc, 2);
	assert_true(jsep_is_rejected(&j->mv[1]));
	assert_string_equal(j->mv[1].firstfmt, "webrtc-datachannel");
	assert_string_equal(j->mv[1].mid, "d");
	assert_string_equal(j->mv[0].t.ufrag, "abcd");
	assert_int_equal(j->mv[0].t.setup, JSEP_ACTIVE);
	assert_true(j->mv[0].t.trickle);
	assert_true(j->mv[0].rtcp_mux);
	assert_int_equal(j->mv[0].ptime, 20);
	assert_int_equal(j->mv[0].maxptime, 60);
	assert_int_equal(j->mv[0].ssrcv[0], 1234);
	assert_int_equal(j->mv[0].fmtc, ARRAY_SIZE(lclv));
	for (i=0; i<ARRAY_SIZE(lclv); i++) {
		const struct peer_fmt *f = &j->mv[0].fmtv[i];

		assert_int_equal(f->pt, lclv[i].pt);
		assert_string_equal(f->name, lclv[i].name);
		assert_int_equal(f->crate, lclv[i].crate);
		assert_int_equal(f->ch, lclv[i].ch);
		assert_string_equal(f->fmtp, lclv[i].fmtp);
	}
	assert_int_equal(j->candc, 1);
	assert_int_equal(j->candv[0].type, CAND_SRFLX);
	assert_int_equal(sa_port(&j->candv[0].raddr), 9);
	assert_true(j->cands_end);
	mem_deref(j);
	mem_deref(mb);
}


static void test_cand(void **state)
{
	struct cand c;
	(void)state;

	assert_int_equal(cand(&c, "a=candidate:1017623793 1 UDP 2122260223 "
			      "127.0.0.1 49835 typ host generation 0 ufrag "
			      "TC2z network-id 1 network-cost 50\r\n"), 0);
	assert_string_equal(c.foundation, "1017623793");
	assert_int_equal(c.comp, 1);
	assert_int_equal(c.prio, 2122260223);
	assert_int_equal(sa_port(&c.addr), 49835);
	assert_string_equal(c.ufrag, "TC2z");
	assert_false(sa_isset(&c.raddr, SA_ADDR));

	assert_int_equal(cand(&c, "candidate:1 1 udp 1 2001:db8::1 5 typ "
			      "relay raddr :: rport 0"), 0);
	assert_int_equal(sa_af(&c.addr), AF_INET6);
	assert_int_equal(c.type, CAND_RELAY);

	assert_int_equal(cand(&c, "candidate:1 1 tcp 1 127.0.0.1 9 typ host "
			      "tcptype active"), EPROTONOSUPPORT);
	assert_int_equal(cand(&c, "candidate:1 1 udp 1 x.local 9 typ host"),
			 EAFNOSUPPORT);
	assert_int_equal(cand(&c, "candidate:1 1 udp 1 1.2.3.4 9 typ what"),
			 EBADMSG);
	assert_int_equal(cand(&c, "candidate:1 1 udp 1 1.2.3.4 9"), EBADMSG);
	assert_int_equal(cand(&c, "candidate:1 1 udp 4294967296 1.2.3.4 9 "
			      "typ host"), EBADMSG);
	assert_int_equal(cand(&c, "candidate:123456789012345678901234567890"
			      "1234 1 udp 1 1.2.3.4 9 typ host"), EBADMSG);
	assert_int_equal(cand(&c, ""), EBADMSG);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chromium_audio),
		cmocka_unit_test(test_chromium_video),
		cmocka_unit_test(test_all_captured),
		cmocka_unit_test(test_inherit),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_long_fmtp),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_cand),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
