/**
 * @file test_peervideo.c  Two real peers with audio and video: what is negotiated
 */
#include "peervideo_rig.h"


static void check_agreed(struct side sv[2])
{
	const struct peer_media *m;
	int i;

	/* as the answerer prefers, with the offerer's numbers */
	for (i=0; i<2; i++) {
		m = video(&sv[i]);
		assert_true(m->active);
		assert_false(m->declared);
		assert_int_equal(m->dir, SDP_SENDRECV);
		assert_true(m->rtcp_rsize);
		assert_int_equal(m->fmtc, 2);
		assert_int_equal(m->fmtv[0].pt, 102);
		assert_int_equal(m->fmtv[0].rtx, 103);
		assert_int_equal(m->fmtv[0].fb, PEER_FB_NACK |
				 PEER_FB_NACK_PLI | PEER_FB_TWCC);
		assert_int_equal(m->fmtv[1].pt, 96);
		assert_int_equal(m->fmtv[1].rtx, 0);
		assert_int_equal(m->fmtv[1].fb, PEER_FB_NACK_PLI);
		assert_int_equal(m->ext.abs_time, 0);
		assert_int_equal(m->ext.twcc, 3);
		assert_int_equal(m->ext.orient, 13);
		assert_int_not_equal(m->ssrc_rtx, 0);
		assert_int_not_equal(m->ssrc_rtx, m->ssrc);
	}

	assert_int_equal(video(&sv[0])->bandwidth, 768000);
	assert_int_equal(video(&sv[1])->bandwidth, 2000000);
	assert_string_equal(video(&sv[0])->fmtv[0].fmtp,
			    "level-asymmetry-allowed=1;packetization-mode=1;"
			    "profile-level-id=42e015");
	assert_string_equal(video(&sv[0])->fmtv[1].fmtp, "max-fs=1200");
	assert_int_equal(peer_media(sv[0].p, PEER_AUDIO)->ssrc_rtx, 0);
	assert_int_equal(peer_media(sv[0].p, PEER_AUDIO)->bandwidth, 0);
}


static void check_lines(const char *sdp, const struct peer_media *m)
{
	char line[80];
	const char *v = strstr(sdp, "m=video ");

	assert_non_null(v);
	assert_non_null(strstr(sdp, "a=group:BUNDLE 0 1\r\n"));
	(void)re_snprintf(line, sizeof(line), "a=ssrc-group:FID %u %u\r\n"
			  "a=ssrc:%u cname:", m->ssrc, m->ssrc_rtx, m->ssrc);
	assert_non_null(strstr(v, line));
	assert_non_null(strstr(v, "a=extmap:3 http://www.ietf.org/id/draft-"
			       "holmer-rmcat-transport-wide-cc-extensions-01"
			       "\r\n"));
	assert_non_null(strstr(v, "a=extmap:13 urn:3gpp:video-orientation"
			       "\r\n"));
	assert_non_null(strstr(v, "a=fmtp:103 apt=102\r\n"));
	assert_non_null(strstr(v, "a=rtcp-fb:102 transport-cc\r\n"));
	assert_non_null(strstr(v, "a=sendrecv\r\n"));
	assert_non_null(strstr(v, "a=rtcp-mux\r\n"));
}


static void test_negotiation(void **state)
{
	struct side sv[2];
	struct mbuf *off, *ans;
	const struct peer_media *m;
	(void)state;

	init(sv, &full, &some);
	rig_do_gather(&sv[0]);
	rig_do_gather(&sv[1]);
	off = rig_offer(&sv[0]);
	assert_int_equal(rig_give_offer(&sv[1], off), 0);

	/* what is in common shows before the answer */
	m = video(&sv[1]);
	assert_true(m->active);
	assert_int_equal(m->fmtv[0].pt, 102);
	assert_int_equal(m->fmtv[0].rtx, 103);

	ans = rig_answer(&sv[1]);
	assert_int_equal(rig_give_answer(&sv[0], ans), 0);
	assert_true(tu_wait(rig_both_estab, sv, 60000));
	check_agreed(sv);
	check_lines(rig_text(off), video(&sv[0]));
	check_lines(rig_text(ans), video(&sv[1]));
	assert_non_null(strstr((char *)off->buf,
			       "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 104"
			       "\r\nc=IN IP4 0.0.0.0\r\nb=AS:2000\r\n"
			       "b=TIAS:2000000\r\n"));
	assert_non_null(strstr((char *)ans->buf,
			       "m=video 9 UDP/TLS/RTP/SAVPF 102 103 96\r\n"));
	assert_null(strstr((char *)ans->buf, "abs-send-time"));
	mem_deref(off);
	mem_deref(ans);
	rig_free(sv);
}


/* Chromium's own offer, and ours of its answer's making */
static void test_chromium(void **state)
{
	struct mbuf *off = tu_read("tests/fuzz/corpus/jsep/"
				   "video-call-0-lf.sdp");
	const struct peer_media *m;
	struct side sv[2];
	struct mbuf *ans;
	const char *v;
	(void)state;

	init(sv, NULL, &some);
	rig_do_gather(&sv[1]);
	assert_int_equal(rig_give_offer(&sv[1], off), 0);
	ans = rig_answer(&sv[1]);
	v = strstr(rig_text(ans), "m=video ");
	assert_non_null(v);

	/* 42801e and Chromium's 42001f are one profile; VP8 has no NACK */
	assert_int_equal(strncmp(v, "m=video 9 UDP/TLS/RTP/SAVPF 102 103 96"
				 "\r\n", 40), 0);
	assert_non_null(strstr(v, "a=fmtp:102 level-asymmetry-allowed=1;"
			       "packetization-mode=1;"
			       "profile-level-id=420015\r\n"));
	assert_non_null(strstr(v, "a=rtcp-fb:102 transport-cc\r\n"
			       "a=rtcp-fb:102 nack\r\n"
			       "a=rtcp-fb:102 nack pli\r\na=fmtp"));
	assert_null(strstr(v, "goog-remb"));
	assert_non_null(strstr(v, "a=rtcp-fb:96 nack pli\r\na=fmtp"));
	m = video(&sv[1]);
	assert_int_equal(m->ext.twcc, 3);
	assert_int_equal(m->ext.orient, 13);
	assert_int_equal(m->ext.abs_time, 0);
	assert_non_null(strstr(m->fmtv[0].fmtp, "profile-level-id=42001f"));
	mem_deref(ans);
	mem_deref(off);
	rig_free(sv);
}


/* set, but nothing is in common: declared, as if it were not set */
static void test_declared(void **state)
{
	static const struct peer_fmt fmt = {
		50, "H263", 90000, 1, "", 0, 0
	};
	const struct peer_media_prm prm = {.fmtv = &fmt, .fmtc = 1};
	struct side sv[2];
	(void)state;

	init(sv, &full, &prm);
	rig_connect(sv);
	assert_true(video(&sv[1])->active);
	assert_true(video(&sv[1])->declared);
	assert_int_equal(video(&sv[1])->dir, SDP_SENDRECV);
	assert_int_equal(video(&sv[1])->ext.twcc, 0);
	assert_int_equal(video(&sv[0])->fmtv[0].fb,
			 PEER_FB_NACK_PLI | PEER_FB_CCM_FIR);

	assert_int_equal(rig_send_rtp(&sv[0], PEER_VIDEO, 96), 0);
	assert_int_equal(rig_send_rtcp(&sv[0], PEER_VIDEO), 0);
	assert_int_equal(rig_send_rtp(&sv[0], PEER_AUDIO, 111), 0);
	assert_true(rig_wait_count(&sv[1].rtp[PEER_AUDIO], 1, 60000));
	assert_int_equal(sv[1].rtp[PEER_VIDEO], 0);
	assert_int_equal(sv[1].rtcp[PEER_VIDEO], 0);
	rig_free(sv);
}


/* The m-lines without what a restart changes */
static void strip(struct mbuf *mb)
{
	static const char *namev[] = {"a=ice-ufrag:", "a=ice-pwd:",
		"a=candidate:", "o="};
	char *p = (char *)rig_text(mb), *w = p, *end;
	size_t i;

	for (; *p; p = end) {
		bool drop = false;

		end = strchr(p, '\n') + 1;
		for (i=0; i<ARRAY_SIZE(namev); i++)
			drop |= !strncmp(p, namev[i], strlen(namev[i]));
		if (drop)
			continue;
		memmove(w, p, (size_t)(end - p));
		w += end - p;
	}
	*w = '\0';
}


/* a restart states the same as before, of both kinds, on either side */
static void test_restart(void **state)
{
	struct mbuf *offv[2], *ansv[2];
	struct side sv[2];
	int i;
	(void)state;

	init(sv, &full, &some);
	rig_do_gather(&sv[0]);
	rig_do_gather(&sv[1]);
	for (i=0; i<2; i++) {
		offv[i] = rig_offer(&sv[0]);
		assert_int_equal(rig_give_offer(&sv[1], offv[i]), 0);
		ansv[i] = rig_answer(&sv[1]);
		assert_int_equal(rig_give_answer(&sv[0], ansv[i]), 0);
		assert_true(tu_wait(rig_both_estab, sv, 60000));
		check_agreed(sv);
		strip(offv[i]);
		strip(ansv[i]);
		if (!i)
			assert_int_equal(peer_restart(sv[0].p), 0);
	}
	assert_string_equal((char *)offv[0]->buf, (char *)offv[1]->buf);
	assert_string_equal((char *)ansv[0]->buf, (char *)ansv[1]->buf);

	assert_int_equal(send_video(&sv[0], 102, 1, video(&sv[0])->ssrc, 99),
			 0);
	assert_true(rig_wait_count(&sv[1].rtp[PEER_VIDEO], 1, 60000));
	for (i=0; i<2; i++) {
		mem_deref(offv[i]);
		mem_deref(ansv[i]);
	}
	rig_free(sv);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_negotiation), T(test_chromium), T(test_declared),
		T(test_restart),
	};

	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
