/**
 * @file test_peerpath.c  A peer whose path is cut, and comes back
 */
#include "peerpath_rig.h"


/* side[0] <--> sock[0] = sock[1] <--> side[1] */
struct relay {
	struct udp_sock *sockv[2];
	struct sa addrv[2];     /**< Where the relay listens               */
	struct sa realv[2];     /**< Where the sides are                   */
	bool cut;               /**< Nothing passes                        */
	bool mute;              /**< No STUN response passes to side 0     */
	unsigned n;
};

struct leg {
	struct relay *r;
	int i;
};


static void relay_recv(const struct sa *src, struct mbuf *mb, void *arg)
{
	const struct leg *leg = arg;
	struct relay *r = leg->r;
	const int to = !leg->i;

	(void)src;
	++r->n;
	if (r->mute && to == 0 && mbuf_get_left(mb) > 2 &&
	    mb->buf[mb->pos] == 1 && mb->buf[mb->pos + 1] == 1)
		return;

	if (!r->cut)
		(void)udp_send(r->sockv[to], &r->realv[to], mb);
}


static void relay_init(struct relay *r, struct leg legv[2])
{
	int i;

	memset(r, 0, sizeof(*r));
	for (i=0; i<2; i++) {
		legv[i].r = r;
		legv[i].i = i;
		assert_int_equal(sa_set_str(&r->addrv[i], "127.0.0.1", 0), 0);
		assert_int_equal(udp_listen(&r->sockv[i], &r->addrv[i],
					    relay_recv, &legv[i]), 0);
		assert_int_equal(udp_local_get(r->sockv[i], &r->addrv[i]),
				 0);
	}
}


/* rewrite the sender's candidate into the relay's far side */
static struct mbuf *via(struct relay *r, struct mbuf *mb,
			const struct side *from, int i)
{
	char real[64], fake[64], addr[64], w[4][64];
	unsigned port;

	assert_int_equal(sscanf(from->candv[0], "candidate:%63s %63s %63s "
				"%63s %63s %u", w[0], w[1], w[2], w[3], addr,
				&port), 6);
	assert_int_equal(sa_set_str(&r->realv[i], addr, (uint16_t)port), 0);
	re_snprintf(real, sizeof(real), "127.0.0.1 %u typ", port);
	re_snprintf(fake, sizeof(fake), "127.0.0.1 %u typ",
		    sa_port(&r->addrv[!i]));

	return rig_edit(mb, real, fake);
}


static void connect_via(struct side sv[2], struct relay *r)
{
	struct mbuf *mb;

	rig_do_gather(&sv[0]);
	rig_do_gather(&sv[1]);
	mb = via(r, rig_offer(&sv[0]), &sv[0], 0);
	assert_int_equal(rig_give_offer(&sv[1], mb), 0);
	mem_deref(mb);
	mb = via(r, rig_answer(&sv[1]), &sv[1], 1);
	assert_int_equal(rig_give_answer(&sv[0], mb), 0);
	mem_deref(mb);
	assert_true(tu_wait(rig_both_estab, sv, 60000));
	assert_true(r->n > 0);
}


static bool both_lost(void *arg)
{
	struct side *sv = arg;

	return sv[0].lost && sv[1].lost;
}


static bool both_back(void *arg)
{
	struct side *sv = arg;

	/* the first to be heard is revived by the other's packets */
	(void)rig_send_rtp(&sv[0], 0, 111);
	(void)rig_send_rtp(&sv[1], 0, 111);

	return !sv[0].lost && !sv[1].lost;
}


/* neither side ever learns of the other's real address */
static void test_relayed(void **state)
{
	struct side sv[2];
	struct relay r;
	struct leg legv[2];
	(void)state;

	rig_init(sv);
	relay_init(&r, legv);
	connect_via(sv, &r);
	check_media(sv);
	rig_free(sv);
	mem_deref(r.sockv[0]);
	mem_deref(r.sockv[1]);
}


/* both lose consent (RFC 7675: 30 s at most), ICE restarts, media is back */
static void test_cut_and_restart(void **state)
{
	struct side sv[2];
	struct relay r;
	struct leg legv[2];
	struct mbuf *mb;
	uint64_t t;
	(void)state;

	rig_init(sv);
	relay_init(&r, legv);
	connect_via(sv, &r);

	r.cut = true;
	t = tmr_jiffies();
	assert_true(tu_wait(both_lost, sv, 60000));
	print_message("lost after %u ms\n", (unsigned)(tmr_jiffies() - t));
	assert_int_equal(sv[0].pathc, 1);
	assert_int_equal(sv[0].closec + sv[1].closec, 0);
	assert_int_equal(rig_send_rtp(&sv[0], 0, 111), ENOTCONN);

	r.cut = false;
	assert_int_equal(peer_restart(sv[0].p), 0);
	t = tmr_jiffies();
	mb = via(&r, rig_offer(&sv[0]), &sv[0], 0);
	assert_int_equal(rig_give_offer(&sv[1], mb), 0);
	mem_deref(mb);
	mb = via(&r, rig_answer(&sv[1]), &sv[1], 1);
	assert_int_equal(rig_give_answer(&sv[0], mb), 0);
	mem_deref(mb);
	assert_true(tu_wait(both_back, sv, 60000));
	print_message("back after %u ms\n", (unsigned)(tmr_jiffies() - t));
	check_media(sv);
	assert_int_equal(sv[0].pathc, 2);
	rig_free(sv);
	mem_deref(r.sockv[0]);
	mem_deref(r.sockv[1]);
}


/* one side only has lost consent: the other still sends, which revives it */
static void test_revive(void **state)
{
	struct side sv[2];
	struct relay r;
	struct leg legv[2];
	(void)state;

	rig_init(sv);
	relay_init(&r, legv);
	connect_via(sv, &r);

	r.mute = true;
	assert_true(tu_wait_flag(&sv[0].lost, 30000));
	assert_false(sv[1].lost);

	r.mute = false;
	assert_int_equal(rig_send_rtp(&sv[0], 0, 111), ENOTCONN);
	assert_int_equal(rig_send_rtp(&sv[1], 0, 111), 0);
	assert_true(rig_wait_count(&sv[0].pathc, 2, 1000));
	assert_false(sv[0].lost);
	check_media(sv);

	/* and consent is asked for again, with success */
	tu_run(12000);
	assert_false(sv[0].lost || sv[1].lost);
	check_media(sv);
	rig_free(sv);
	mem_deref(r.sockv[0]);
	mem_deref(r.sockv[1]);
}


/* A pair that is lost is not taken back for what comes by another one, through
   libnice: by TURN, as it were */
static void test_not_revived(void **state)
{
	uint8_t pkt[172 + PEER_RTP_ROOM] = {0x80, 111, 0x77};
	size_t len = 172;
	struct side sv[2];
	struct ice *ice;
	(void)state;

	rig_init(sv);
	rig_connect(sv);
	check_media(sv);

	ice = sv[0].p->ice;
	assert_non_null(ice->direct);
	ice_event_set_state(ice, ICE_LOST);
	tu_run(20);
	assert_true(sv[0].lost);

	assert_int_equal(srtpx_protect(sv[1].p->srtp, false, pkt, &len,
				       sizeof(pkt)), 0);
	sv[0].rtp[0] = 0;
	ice_event_recv(ice->agent, ice->stream, ICE_COMP, (guint)len,
		       (gchar *)pkt, ice);
	assert_int_equal(sv[0].rtp[0], 1);
	tu_run(20);
	assert_true(sv[0].lost);

	/* by the pair itself */
	assert_int_equal(rig_send_rtp(&sv[1], 0, 111), 0);
	assert_true(rig_wait_count(&sv[0].pathc, 2, 1000));
	assert_false(sv[0].lost);
	check_media(sv);
	rig_free(sv);
}


static bool both_hear(void *arg)
{
	struct side *sv = arg;

	(void)rig_send_rtp(&sv[0], 0, 111);
	(void)rig_send_rtp(&sv[1], 0, 111);

	return sv[0].rtp[0] && sv[1].rtp[0];
}


/* As calls do: who answers gathers when its role is known. Two that control
   settle it by chance, and libnice moves to a lower pair only if it is told */
static void connect_in_order(struct side sv[2])
{
	struct mbuf *mb;

	rig_do_gather(&sv[0]);
	mb = rig_offer(&sv[0]);
	assert_int_equal(rig_give_offer(&sv[1], mb), 0);
	mem_deref(mb);
	rig_do_gather(&sv[1]);
	mb = rig_answer(&sv[1]);
	assert_int_equal(rig_give_answer(&sv[0], mb), 0);
	mem_deref(mb);
	assert_true(tu_wait(rig_both_estab, sv, 60000));
}


/* One side's own address is another one: it gathers anew under the same
   credentials, and the other follows what is authentic. Nobody signals, and
   the old pair has the higher priority */
static void test_renew(void **state)
{
	struct peer_config cfg = rig_cfg;
	struct side sv[2];
	uint64_t t;
	(void)state;

	rig_init(sv);
	connect_in_order(sv);
	check_media(sv);

	str_ncpy(cfg.bind, "127.0.0.2", sizeof(cfg.bind));
	sv[0].candc = 0;
	assert_int_equal(peer_renew(sv[0].p, &cfg, false), EALREADY);
	t = tmr_jiffies();
	assert_int_equal(peer_renew(sv[0].p, &cfg, true), 0);
	assert_true(rig_wait_count(&sv[0].pathc, 2, 3000));
	assert_false(sv[0].lost);
	assert_non_null(strstr(sv[0].candv[0], " 127.0.0.2 "));

	sv[0].rtp[0] = sv[1].rtp[0] = 0;
	assert_true(tu_wait(both_hear, sv, 60000));
	print_message("renewed after %u ms\n", (unsigned)(tmr_jiffies() - t));
	assert_false(sv[1].lost);
	rig_free(sv);
}


/* no address to go to: all stays as it is */
static void test_renew_nowhere(void **state)
{
	struct peer_config cfg = rig_cfg;
	struct side sv[2];
	(void)state;

	rig_init(sv);
	rig_connect(sv);
	str_ncpy(cfg.bind, "192.0.2.77", sizeof(cfg.bind));
	assert_int_equal(peer_renew(sv[0].p, &cfg, true), EADDRNOTAVAIL);
	tu_run(50);
	assert_false(sv[0].lost);
	check_media(sv);
	rig_free(sv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_relayed), cmocka_unit_test(test_renew),
		cmocka_unit_test(test_renew_nowhere),
		cmocka_unit_test(test_cut_and_restart),
		cmocka_unit_test(test_revive),
		cmocka_unit_test(test_not_revived),
	};

	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
