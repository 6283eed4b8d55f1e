/**
 * @file tests/unit/test_peer.c  Two real peers in one process
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


/* the packet that says that the path is back is nobody's then */
static void test_deref_in_path(void **state)
{
	struct side sv[2];
	(void)state;

	rig_init(sv);
	rig_connect(sv);
	sv[1].p->lost    = true;
	sv[1].deref_path = true;
	assert_int_equal(rig_send_rtp(&sv[0], 0, 111), 0);
	assert_true(rig_wait_count(&sv[1].pathc, 1, 1000));
	assert_null(sv[1].p);
	assert_int_equal(sv[1].rtp[0], 0);
	rig_free(sv);
}


static uint16_t cand_port(const struct side *s)
{
	unsigned comp, port;
	char a[64], b[64], c[64], addr[64];

	assert_int_equal(sscanf(s->candv[0], "candidate:%63s %u %63s %63s "
				"%63s %u", a, &comp, b, c, addr, &port), 6);

	return (uint16_t)port;
}


/* datagrams of anybody: before, during and after */
static void test_garbage(void **state)
{
	struct side sv[2];
	struct sockaddr_in sin = {.sin_family = AF_INET};
	uint8_t buf[1600];
	unsigned i;
	int fd, k;
	(void)state;

	rig_init(sv);
	rig_do_gather(&sv[0]);
	rig_do_gather(&sv[1]);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

	for (k=0; k<3; k++) {
		for (i=0; i<400; i++) {
			const size_t len = rand_u16() % sizeof(buf);

			rand_bytes(buf, sizeof(buf));
			if (i % 4 == 0)
				buf[0] = 20 + i % 44;
			else if (i % 4 == 1)
				buf[0] = 128 + i % 64;
			else if (i % 4 == 2)
				buf[0] = i % 4;
			sin.sin_port = htons(cand_port(&sv[i & 1]));
			(void)sendto(fd, buf, len, 0, (void *)&sin,
				     sizeof(sin));
		}
		tu_run(20);

		if (k == 0) {
			rig_exchange(sv);
			assert_true(tu_wait(rig_both_estab, sv, 60000));
		}
		check_both_ways(sv);
	}
	close(fd);
	rig_free(sv);
}


/* a packet that is not the remote's is not handed on */
static void test_misuse(void **state)
{
	struct side sv[2];
	struct mbuf *mb = NULL;
	uint8_t pkt[200] = {0x80, 111};
	struct peer *p;
	(void)state;

	rig_init(sv);
	p = sv[0].p;
	assert_int_equal(peer_answer(p, &mb), EALREADY);
	assert_int_equal(peer_set_answer(p, "v=0", 3), EALREADY);
	assert_int_equal(peer_set_offer(p, "", 0), EBADMSG);
	assert_int_equal(peer_set_offer(p, NULL, 0), EINVAL);
	assert_int_equal(peer_restart(p), EALREADY);
	assert_int_equal(peer_offer(NULL, &mb), EINVAL);
	assert_null(peer_media(NULL, PEER_AUDIO));
	assert_null(peer_media(p, PEER_KIND_MAX));
	assert_false(peer_is_estab(NULL));

	rig_connect(sv);
	assert_int_equal(peer_send_rtp(p, pkt, 100, 100), EOVERFLOW);
	assert_int_equal(peer_send_rtp(p, pkt, 5, 200), EBADMSG);
	assert_int_equal(peer_send_rtp(p, NULL, 5, 200), EINVAL);

	/* the same sequence number twice would repeat the key stream */
	assert_int_equal(rig_send_rtp(&sv[0], 0, 111), 0);
	sv[0].seq = 0;
	assert_int_equal(rig_send_rtp(&sv[0], 0, 111), EALREADY);
	rig_free(sv);
}


static void test_deref_in_handlers(void **state)
{
	struct side sv[2];
	(void)state;

	rig_init(sv);
	sv[1].deref_estab = true;
	rig_do_gather(&sv[0]);
	rig_do_gather(&sv[1]);
	rig_exchange(sv);
	assert_true(tu_wait_flag(&sv[1].estab, 60000));
	assert_null(sv[1].p);

	/* DTLS says good-bye */
	assert_true(tu_wait_flag(&sv[0].closed, 60000));
	assert_int_equal(sv[0].err, PEER_ERR_CLOSED);
	assert_int_equal(sv[0].pathc, 0);
	rig_free(sv);

	rig_init(sv);
	rig_connect(sv);
	sv[1].deref_rtp = true;
	(void)rig_send_rtp(&sv[0], 0, 111);
	(void)rig_send_rtp(&sv[0], 0, 111);
	assert_true(rig_wait_count(&sv[1].rtp[0], 1, 60000));
	tu_run(20);
	assert_int_equal(sv[1].rtp[0], 1);
	assert_true(tu_wait_flag(&sv[0].closed, 60000));
	assert_int_equal(sv[0].err, PEER_ERR_CLOSED);
	rig_free(sv);
}


static void test_no_pair(void **state)
{
	const struct peer_config saved = rig_cfg;
	struct side sv[2];
	struct mbuf *mb;
	(void)state;

	/* a candidate where nobody listens, and no more to come: libnice says
	   so, nobody waits for the time to be over */
	rig_cfg.setup_max = 600000;
	rig_init(sv);
	rig_cfg = saved;
	rig_do_gather(&sv[0]);
	mb = rig_offer(&sv[0]);
	mb = rig_edit(mb, "127.0.0.1", "127.0.0.77");
	assert_int_equal(rig_give_offer(&sv[1], mb), 0);
	mem_deref(mb);
	rig_do_gather(&sv[1]);
	mb = rig_answer(&sv[1]);
	mem_deref(mb);
	assert_true(tu_wait_flag(&sv[1].closed, 120000));
	assert_int_equal(sv[1].err, PEER_ERR_ICE);
	rig_free(sv);
}


static void late_handler(void *arg)
{
	struct side *s = arg;

	s->late = !s->gathered;
}


/* By timers of the same loop: a machine that is busy delays both */
static void gather_in_time(struct side *s)
{
	struct tmr tmr;

	assert_int_equal(peer_gather(s->p), 0);
	tmr_init(&tmr);
	tmr_start(&tmr, 2 * rig_cfg.gather_max, late_handler, s);
	assert_true(tu_wait_flag(&s->gathered, 60000));
	tmr_cancel(&tmr);
	assert_false(s->late);
	assert_true(s->candc > 0);
}


/* servers that do not answer delay nothing beyond gather_max, and nothing
 * is left of the agent that wants to say good-bye to them */
static void test_servers_dead(void **state)
{
	static const struct peer_server srvv[] = {
		{PEER_STUN,     "127.0.0.1", 9, "", ""},
		{PEER_TURN_UDP, "127.0.0.1", 9, "user", "secret"},
		{PEER_TURN_TCP, "127.0.0.1", 9, "user", "secret"},
	};
	const struct peer_config saved = rig_cfg;
	struct side sv[2];
	(void)state;

	rig_cfg.serverv = srvv;
	rig_cfg.serverc = ARRAY_SIZE(srvv);
	rig_cfg.gather_max = 200;
	rig_init(sv);
	gather_in_time(&sv[0]);
	gather_in_time(&sv[1]);
	rig_exchange(sv);
	assert_true(tu_wait(rig_both_estab, sv, 60000));
	check_both_ways(sv);
	rig_free(sv);
	rig_cfg = saved;
	tu_run(100);
}


static void test_hundred(void **state)
{
	enum { N = 50 };
	static struct side sv[N][2];
	int i;
	(void)state;

	for (i=0; i<N; i++) {
		rig_init(sv[i]);
		assert_int_equal(peer_gather(sv[i][0].p), 0);
		assert_int_equal(peer_gather(sv[i][1].p), 0);
	}
	tu_run(20);
	for (i=0; i<N; i++)
		rig_exchange(sv[i]);
	for (i=0; i<N; i++)
		assert_true(tu_wait(rig_both_estab, sv[i], 60000));
	check_both_ways(sv[0]);
	check_both_ways(sv[N - 1]);
	for (i=0; i<N; i++) {
		mem_deref(sv[i][0].p);
		mem_deref(sv[i][1].p);
	}
	tu_run(20);

	/* made and freed in every state before that */
	for (i=0; i<N; i++) {
		rig_init(sv[0]);
		if (i & 1)
			assert_int_equal(peer_gather(sv[0][0].p), 0);
		if (i & 2)
			rig_exchange(sv[0]);
		if (i & 4)
			tu_run(i);
		mem_deref(sv[0][0].p);
		mem_deref(sv[0][1].p);
	}
	tu_run(20);
}


#define T(fn) cmocka_unit_test(fn)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_call),
		T(test_trickle),
		T(test_video),
		T(test_video_declared),
		T(test_roles),
		T(test_late_answer),
		T(test_wrong_fingerprint),
		T(test_wrong_fingerprint_server),
		T(test_restart),
		T(test_restart_stranger),
		T(test_deref_in_path),
		T(test_garbage),
		T(test_misuse),
		T(test_deref_in_handlers),
		T(test_no_pair),
		T(test_servers_dead),
		T(test_hundred),
	};

	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
