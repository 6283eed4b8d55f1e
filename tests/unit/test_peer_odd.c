/**
 * @file test_peer_odd.c  Two real peers: garbage, misuse, ends in handlers, nobody there
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
		T(test_deref_in_path), T(test_garbage), T(test_misuse),
		T(test_deref_in_handlers), T(test_no_pair),
		T(test_servers_dead), T(test_hundred),
	};

	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
