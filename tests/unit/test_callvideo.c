/**
 * @file test_callvideo.c  Video calls between cubes, with real peers
 */
#include "cube_rig.h"


static struct dev *const A = &devv[0], *const B = &devv[1];

static const char *const id_b[] = {"102"};

static const struct peer_fmt fmtv[] = {
	{96, "VP8", 90000, 1, "", PEER_FB_NACK | PEER_FB_NACK_PLI, 97},
	{102, "H264", 90000, 1, "level-asymmetry-allowed=1;"
	 "packetization-mode=1;profile-level-id=42e01f", PEER_FB_NACK_PLI,
	 103},
};

static const struct peer_media_prm rig_video = {
	.fmtv = fmtv, .fmtc = ARRAY_SIZE(fmtv), .ext = {2, 3, 13},
};

static const struct peer_media_prm only_h264 = {
	.fmtv = &fmtv[1], .fmtc = 1, .ext = {2, 3, 13},
};


static void call_video(enum cube_call_type type,
		       const struct peer_media_prm *video)
{
	assert_int_equal(0, cube_call_connect(&A->call, A->c, id_b, 1, type,
					      &rig_audio, video, NULL, 0,
					      &rig_h, A));
	rig_wait(&A->ringc);
	rig_settle();
	assert_int_equal(1, B->incomingc);
}


static const struct peer_media *video_of(const struct dev *d)
{
	return peer_media(cube_call_peer(d->call), PEER_VIDEO);
}


static void wait_estab(void)
{
	rig_wait(&A->estabc);
	rig_wait(&B->estabc);
}


static void send_video(struct dev *d, uint8_t pt, uint16_t seq)
{
	uint8_t pkt[1200 + PEER_RTP_ROOM] = {0x80, pt, (uint8_t)(seq >> 8),
		(uint8_t)seq};

	pkt[11] = 9;
	assert_int_equal(0, peer_send_rtp(cube_call_peer(d->call), pkt, 1200,
					  sizeof(pkt)));
}


/* the callee prepares and accepts; the offer is repeated in between */
static void test_video_call(void **state)
{
	char *sdp;
	(void)state;

	call_video(CUBE_CALL_VIDEO, &rig_video);
	assert_int_equal(CUBE_CALL_VIDEO, cube_call_type(A->call));
	assert_int_equal(CUBE_CALL_VIDEO, cube_call_type(B->call));

	assert_int_equal(0, cube_call_prepare(B->call, &rig_audio,
					      &only_h264));
	assert_true(video_of(B)->active);
	assert_int_equal(102, video_of(B)->fmtv[0].pt);
	assert_int_equal(103, video_of(B)->fmtv[0].rtx);

	assert_int_equal(0, str_dup(&sdp, A->call->sdp));
	rig_fire(&A->call->tmr_repeat);
	rig_settle();
	assert_int_equal(1, B->incomingc);
	assert_int_equal(2, A->sentv[SIGNAL_CALL]);
	assert_string_equal(sdp, A->call->sdp);
	mem_deref(sdp);

	assert_int_equal(0, cube_call_accept(B->call, &rig_audio, NULL, NULL,
					     0));
	wait_estab();
	assert_int_equal(CUBE_CALL_VIDEO, cube_call_type(B->call));
	assert_int_equal(1, video_of(A)->fmtc);
	assert_int_equal(102, video_of(A)->fmtv[0].pt);
	assert_int_equal(SDP_SENDRECV, video_of(A)->dir);
	assert_int_equal(SDP_SENDRECV, video_of(B)->dir);
	assert_int_equal(13, video_of(A)->ext.orient);

	send_video(A, 102, 1);
	rig_wait(&B->rtpc);
	send_video(B, 103, 1);
	rig_wait(&A->rtpc);
}


/* formats that are given with accept only */
static void test_video_accept(void **state)
{
	(void)state;

	call_video(CUBE_CALL_VIDEO, &rig_video);
	assert_int_equal(0, cube_call_prepare(B->call, &rig_audio, NULL));
	assert_int_equal(0, cube_call_accept(B->call, NULL, &rig_video, NULL,
					     0));
	wait_estab();
	assert_false(video_of(B)->declared);
	assert_int_equal(2, video_of(A)->fmtc);
	send_video(A, 96, 1);
	rig_wait(&B->rtpc);
}


/* a phone without video answers */
static void test_video_to_audio(void **state)
{
	(void)state;

	call_video(CUBE_CALL_VIDEO, &rig_video);
	assert_int_equal(0, cube_call_accept(B->call, &rig_audio, NULL, NULL,
					     0));
	wait_estab();
	assert_true(video_of(B)->declared);
	assert_true(video_of(A)->active);
	assert_int_equal(SDP_SENDRECV, video_of(A)->dir);
}


/* neither app would make a stream of a video call without a video m-line */
static void test_video_without(void **state)
{
	(void)state;

	call_video(CUBE_CALL_VIDEO, NULL);
	assert_int_equal(CUBE_CALL_AUDIO, cube_call_type(A->call));
	assert_int_equal(CUBE_CALL_AUDIO, cube_call_type(B->call));
	assert_null(strstr(A->call->sdp, "m=video"));
}


/* a restart offers both kinds again */
static void test_video_restart(void **state)
{
	(void)state;

	call_video(CUBE_CALL_VIDEO, &rig_video);
	assert_int_equal(0, cube_call_accept(B->call, &rig_audio, &rig_video,
					     NULL, 0));
	wait_estab();
	call_path_handler(true, A->call);
	rig_fire(&A->call->tmr_restart);
	assert_true(A->call->restarting);
	assert_non_null(strstr(A->call->sdp, "m=video 9 UDP/TLS/RTP/SAVPF "
			       "96 97 102 103\r\n"));
	assert_non_null(strstr(A->call->sdp, "a=ssrc-group:FID "));
	rig_settle();
	assert_false(A->call->restarting);
	assert_non_null(strstr(B->call->sdp, "m=video 9 UDP/TLS/RTP/SAVPF "
			       "96 97 102 103\r\n"));
	assert_int_equal(2, video_of(A)->fmtc);
	send_video(A, 96, 1);
	rig_wait(&B->rtpc);
}


static int setup(void **state)
{
	return tu_setup(state) || peer_init();
}


static int teardown(void **state)
{
	peer_close();

	return tu_teardown(state);
}


#define T(fn) cmocka_unit_test_setup_teardown(fn, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_video_call),
		T(test_video_accept),
		T(test_video_to_audio),
		T(test_video_without),
		T(test_video_restart),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
