/**
 * @file test_peer.c  Two real peers in one process
 */
#include "peer_rig.h"
#include <unistd.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <nice/agent.h>
#include "peer/cand.h"
#include "peer/jsep.h"
#include "peer/srtp.h"
#include "peer/dtls.h"
#include "peer/ice.h"
#include "peer/peer_core.h"


static void check_media(struct side *a, struct side *b)
{
	const unsigned rtp = b->rtp[PEER_AUDIO];
	const unsigned rtcp = b->rtcp[PEER_AUDIO];
	int i;

	for (i=0; i<20; i++)
		assert_int_equal(rig_send_rtp(a, PEER_AUDIO, 111), 0);
	assert_true(rig_wait_count(&b->rtp[PEER_AUDIO], rtp + 20, 60000));
	assert_int_equal(b->lastlen, 172);
	assert_int_equal(b->last[1], 111);
	for (i=12; i<172; i++)
		assert_int_equal(b->last[i], 0x55);

	assert_int_equal(rig_send_rtcp(a, PEER_AUDIO), 0);
	assert_true(rig_wait_count(&b->rtcp[PEER_AUDIO], rtcp + 1, 60000));
	assert_int_equal(b->lastlen, 8);
	assert_int_equal(b->last[1], 201);
}


static void check_both_ways(struct side sv[2])
{
	check_media(&sv[0], &sv[1]);
	check_media(&sv[1], &sv[0]);
}


/* candidates in the SDP, nothing trickled */
static void test_call(void **state)
{
	struct side sv[2];
	const struct peer_media *m;
	(void)state;

	rig_init(sv);
	assert_int_equal(rig_send_rtp(&sv[0], PEER_AUDIO, 111), ENOTCONN);
	rig_connect(sv);
	assert_true(peer_is_estab(sv[0].p));
	check_both_ways(sv);

	m = peer_media(sv[1].p, PEER_AUDIO);
	assert_true(m->active);
	assert_int_equal(m->fmtc, 3);
	assert_string_equal(m->fmtv[0].name, "opus");
	assert_int_equal(m->dir, SDP_SENDRECV);
	assert_true(m->rtcp_rsize);
	assert_int_equal(m->ptime, 20);
	assert_false(peer_media(sv[1].p, PEER_VIDEO)->active);
	assert_int_equal(sv[0].estabc, 1);
	assert_int_equal(sv[1].estabc, 1);
	assert_int_equal(sv[0].pathc, 0);
	re_printf("%H\n", peer_debug, sv[0].p);
	rig_free(sv);
}


/* candidates come late, and before the remote's SDP; TCP, mDNS, garbage */
static void test_trickle(void **state)
{
	static const char tcp[] = "candidate:974988312 1 tcp 1518280447 "
		"127.0.0.1 9 typ host tcptype active generation 0 ufrag x";
	static const char mdns[] = "candidate:1 1 udp 2122260223 "
		"3f2504e0-4f89-11d3-9a0c-0305e82c3301.local 49835 typ host";
	struct side sv[2];
	struct mbuf *off, *ans;
	unsigned i;
	(void)state;

	rig_init(sv);
	off = rig_offer(&sv[0]);
	rig_do_gather(&sv[0]);

	/* before the answerer has the offer */
	for (i=0; i<sv[0].candc; i++)
		assert_int_equal(peer_add_candidate(sv[1].p, sv[0].candv[i],
					strlen(sv[0].candv[i])), 0);
	assert_int_equal(rig_give_offer(&sv[1], off), 0);
	ans = rig_answer(&sv[1]);
	assert_int_equal(rig_give_answer(&sv[0], ans), 0);
	tu_run(50);
	assert_false(sv[0].estab);

	assert_int_equal(peer_add_candidate(sv[0].p, tcp, strlen(tcp)), 0);
	assert_int_equal(peer_add_candidate(sv[0].p, mdns, strlen(mdns)), 0);
	assert_int_equal(peer_add_candidate(sv[0].p, "hello", 5), EBADMSG);

	rig_do_gather(&sv[1]);
	for (i=0; i<sv[1].candc; i++)
		assert_int_equal(peer_add_candidate(sv[0].p, sv[1].candv[i],
					strlen(sv[1].candv[i])), 0);
	assert_true(sv[1].end);
	assert_int_equal(peer_add_candidate(sv[0].p, NULL, 0), 0);

	assert_true(tu_wait(rig_both_estab, sv, 60000));
	check_both_ways(sv);
	mem_deref(off);
	mem_deref(ans);
	rig_free(sv);
}


static void test_video(void **state)
{
	struct side sv[2];
	int i;
	(void)state;

	rig_init(sv);
	for (i=0; i<2; i++)
		assert_int_equal(peer_set_media(sv[i].p, PEER_VIDEO,
						&rig_vprm), 0);
	rig_connect(sv);
	check_both_ways(sv);
	assert_true(peer_media(sv[0].p, PEER_VIDEO)->active);
	assert_int_equal(peer_media(sv[0].p, PEER_VIDEO)->fmtc, 2);

	assert_int_equal(rig_send_rtp(&sv[0], PEER_VIDEO, 96), 0);
	assert_true(rig_wait_count(&sv[1].rtp[PEER_VIDEO], 1, 60000));
	assert_int_equal(rig_send_rtcp(&sv[0], PEER_VIDEO), 0);
	assert_true(rig_wait_count(&sv[1].rtcp[PEER_VIDEO], 1, 60000));
	rig_free(sv);
}


/* the app calls with video, the phone has none: declared, not received */
static void test_video_declared(void **state)
{
	struct side sv[2];
	struct mbuf *off, *ans;
	const char *v;
	(void)state;

	rig_init(sv);
	assert_int_equal(peer_set_media(sv[0].p, PEER_VIDEO, &rig_vprm), 0);
	rig_do_gather(&sv[0]);
	rig_do_gather(&sv[1]);
	off = rig_offer(&sv[0]);
	assert_int_equal(rig_give_offer(&sv[1], off), 0);
	ans = rig_answer(&sv[1]);
	v = strstr(rig_text(ans), "m=video 9 ");
	assert_non_null(v);
	assert_non_null(strstr(v, "a=sendrecv\r\n"));
	assert_non_null(strstr(v, "VP8/90000"));
	assert_non_null(strstr((char *)ans->buf, "a=group:BUNDLE 0 1\r\n"));
	assert_int_equal(rig_give_answer(&sv[0], ans), 0);
	assert_true(tu_wait(rig_both_estab, sv, 60000));

	assert_int_equal(rig_send_rtp(&sv[0], PEER_VIDEO, 96), 0);
	check_both_ways(sv);
	assert_int_equal(sv[1].rtp[PEER_VIDEO], 0);
	mem_deref(off);
	mem_deref(ans);
	rig_free(sv);
}


/* the answerer is DTLS server if it may; the offer's first packets may be
   early */
static void check_role(const char *offer, const char *answer)
{
	struct side sv[2];
	struct mbuf *mb;

	rig_init(sv);
	rig_do_gather(&sv[0]);
	rig_do_gather(&sv[1]);
	mb = rig_edit(rig_offer(&sv[0]), "a=setup:actpass", offer);
	assert_int_equal(rig_give_offer(&sv[1], mb), 0);
	mem_deref(mb);
	mb = rig_answer(&sv[1]);
	assert_non_null(strstr(rig_text(mb), answer));
	assert_int_equal(rig_give_answer(&sv[0], mb), 0);
	mem_deref(mb);
	assert_true(tu_wait(rig_both_estab, sv, 60000));
	check_both_ways(sv);
	rig_free(sv);
}


static void test_roles(void **state)
{
	(void)state;

	check_role("a=setup:actpass", "a=setup:passive\r\n");
	check_role("a=setup:active", "a=setup:passive\r\n");
	check_role("a=setup:passive", "a=setup:active\r\n");
}


/* the answer takes its time: checks and DTLS arrive before it does */
static void test_late_answer(void **state)
{
	struct side sv[2];
	struct mbuf *off, *ans;
	(void)state;

	rig_init(sv);
	rig_do_gather(&sv[0]);
	rig_do_gather(&sv[1]);
	off = rig_offer(&sv[0]);
	assert_int_equal(rig_give_offer(&sv[1], off), 0);
	ans = rig_answer(&sv[1]);
	tu_run(700);
	assert_int_equal(rig_give_answer(&sv[0], ans), 0);
	assert_true(tu_wait(rig_both_estab, sv, 60000));
	check_both_ways(sv);
	mem_deref(off);
	mem_deref(ans);
	rig_free(sv);
}


static void test_wrong_fingerprint(void **state)
{
	static const char wrong[] = "a=fingerprint:sha-256 00:11:22:33:44:55:"
		"66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:"
		"AA:BB:CC:DD:EE:FF\r\na=x-was:";
	struct side sv[2];
	struct mbuf *mb;
	(void)state;

	rig_init(sv);
	rig_do_gather(&sv[0]);
	rig_do_gather(&sv[1]);
	mb = rig_edit(rig_offer(&sv[0]), "a=fingerprint:", wrong);
	assert_int_equal(rig_give_offer(&sv[1], mb), 0);
	mem_deref(mb);
	mb = rig_answer(&sv[1]);
	assert_int_equal(rig_give_answer(&sv[0], mb), 0);
	mem_deref(mb);

	assert_true(tu_wait_flag(&sv[1].closed, 60000));
	assert_int_equal(sv[1].err, PEER_ERR_FINGERPRINT);
	assert_int_equal(sv[1].closec, 1);
	assert_false(sv[1].estab);
	assert_true(tu_wait_flag(&sv[0].closed, 60000));
	assert_int_equal(sv[0].err, PEER_ERR_DTLS);
	assert_false(sv[0].estab);
	rig_free(sv);
}


/* the other way round: the server has the wrong fingerprint */
static void test_wrong_fingerprint_server(void **state)
{
	struct side sv[2];
	struct mbuf *mb;
	(void)state;

	rig_init(sv);
	rig_do_gather(&sv[0]);
	rig_do_gather(&sv[1]);
	mb = rig_offer(&sv[0]);
	assert_int_equal(rig_give_offer(&sv[1], mb), 0);
	mem_deref(mb);
	mb = rig_edit(rig_answer(&sv[1]), "a=fingerprint:sha-256 ",
		      "a=fingerprint:sha-256 00:");
	assert_int_equal(rig_give_answer(&sv[0], mb), 0);
	mem_deref(mb);
	assert_true(tu_wait_flag(&sv[0].closed, 60000));
	assert_int_equal(sv[0].err, PEER_ERR_FINGERPRINT);
	assert_false(sv[0].estab);
	rig_free(sv);
}


static void test_restart(void **state)
{
	struct side sv[2];
	struct mbuf *off, *ans;
	char first[64];
	const char *u;
	int i, k;
	(void)state;

	rig_init(sv);
	rig_connect(sv);
	check_both_ways(sv);

	/* it can be done more than once */
	for (k=0; k<2; k++) {
		const unsigned rx0 = sv[0].rtp[0], rx1 = sv[1].rtp[0];
		struct mbuf *none = NULL;

		assert_int_equal(peer_offer(sv[0].p, &none), EALREADY);
		assert_int_equal(peer_restart(sv[0].p), 0);
		off = rig_offer(&sv[0]);
		u = strstr(rig_text(off), "a=ice-ufrag:");
		if (k)
			assert_int_not_equal(strncmp(u, first, 20), 0);
		str_ncpy(first, u, sizeof(first));
		assert_non_null(strstr((char *)off->buf, "a=candidate:"));
		assert_int_equal(rig_give_offer(&sv[1], off), 0);
		ans = rig_answer(&sv[1]);

		/* media goes on between offer and answer */
		check_both_ways(sv);
		assert_int_equal(rig_give_answer(&sv[0], ans), 0);
		for (i=0; i<50; i++) {
			assert_int_equal(rig_send_rtp(&sv[0], 0, 111), 0);
			assert_int_equal(rig_send_rtp(&sv[1], 0, 111), 0);
			tu_run(10);
		}
		assert_true(rig_wait_count(&sv[0].rtp[0], rx0 + 70, 60000));
		assert_true(rig_wait_count(&sv[1].rtp[0], rx1 + 70, 60000));
		assert_int_equal(sv[0].estabc, 1);
		assert_int_equal(sv[0].pathc, 0);
		assert_int_equal(sv[1].pathc, 0);
		assert_int_equal(sv[0].closec + sv[1].closec, 0);
		mem_deref(off);
		mem_deref(ans);
	}
	rig_free(sv);
}


static struct mbuf *copy(const struct mbuf *mb)
{
	struct mbuf *res = mbuf_alloc(mb->end);

	(void)mbuf_write_mem(res, mb->buf, mb->end);

	return res;
}


/* another device's restart: neither it nor its answer does any harm */
static void test_restart_stranger(void **state)
{
	struct side sv[2];
	struct mbuf *off, *ans, *bad;
	(void)state;

	rig_init(sv);
	rig_connect(sv);
	assert_int_equal(peer_restart(sv[0].p), 0);

	off = rig_offer(&sv[0]);
	bad = rig_edit(copy(off), "a=fingerprint:sha-256 ",
		       "a=fingerprint:sha-256 00:");
	assert_int_equal(rig_give_offer(&sv[1], bad), ENOTSUP);
	assert_int_equal(peer_answer(sv[1].p, &ans), EALREADY);
	mem_deref(bad);
	check_both_ways(sv);

	assert_int_equal(rig_give_offer(&sv[1], off), 0);
	ans = rig_answer(&sv[1]);
	bad = rig_edit(rig_edit(copy(ans), "a=fingerprint:sha-256 ",
				"a=fingerprint:sha-256 00:"), "opus", "oops");
	assert_int_equal(rig_give_answer(&sv[0], bad), ENOTSUP);
	assert_true(peer_media(sv[0].p, PEER_AUDIO)->active);
	mem_deref(bad);

	assert_int_equal(rig_give_answer(&sv[0], ans), 0);
	check_both_ways(sv);
	assert_int_equal(sv[0].closec + sv[1].closec, 0);
	mem_deref(off);
	mem_deref(ans);
	rig_free(sv);
}


#define T(fn) cmocka_unit_test(fn)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_call), T(test_trickle), T(test_video),
		T(test_video_declared), T(test_roles), T(test_late_answer),
		T(test_wrong_fingerprint), T(test_wrong_fingerprint_server),
		T(test_restart), T(test_restart_stranger),
	};

	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
