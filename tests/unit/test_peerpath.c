/**
 * @file tests/unit/test_peerpath.c  A peer whose path is cut, and comes back
 */
#include <nice/agent.h>
#include "peer_rig.h"
#include "base/gloop.h"
#include "base/warm.h"
#include "peer/cand.h"
#include "peer/jsep.h"
#include "peer/srtp.h"
#include "peer/dtls.h"
#include "peer/ice.h"
#include "peer/ice_core.h"
#include "peer/peer_core.h"


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


static void check_media(struct side sv[2])
{
	const unsigned n0 = sv[0].rtp[0], n1 = sv[1].rtp[0];

	assert_int_equal(rig_send_rtp(&sv[0], 0, 111), 0);
	assert_int_equal(rig_send_rtp(&sv[1], 0, 111), 0);
	assert_true(rig_wait_count(&sv[0].rtp[0], n0 + 1, 60000));
	assert_true(rig_wait_count(&sv[1].rtp[0], n1 + 1, 60000));
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


static void swallow(const struct sa *src, struct mbuf *mb, void *arg)
{
	(void)src;
	(void)mb;
	++*(unsigned *)arg;
}


/* An app behind a NAT: what it states of itself cannot be reached, silently,
   and only what its checks come from works. That one pair carries DTLS and
   media at once, whatever the other checks come to */
static void test_first_pair(void **state)
{
	struct udp_sock *hole;
	struct side sv[2];
	struct mbuf *mb;
	struct sa sa;
	unsigned holec = 0;
	uint64_t t;
	char real[128], fake[128], w[5][64];
	(void)state;

	rig_init(sv);
	assert_int_equal(sa_set_str(&sa, "127.0.0.1", 0), 0);
	assert_int_equal(udp_listen(&hole, &sa, swallow, &holec), 0);
	assert_int_equal(udp_local_get(hole, &sa), 0);

	rig_do_gather(&sv[0]);
	mb = rig_offer(&sv[0]);
	assert_int_equal(rig_give_offer(&sv[1], mb), 0);
	mem_deref(mb);
	rig_do_gather(&sv[1]);

	assert_int_equal(sscanf(sv[1].candv[0], "candidate:%63s %63s %63s "
				"%63s 127.0.0.1 %63s", w[0], w[1], w[2], w[3],
				w[4]), 5);
	re_snprintf(real, sizeof(real), "127.0.0.1 %s typ", w[4]);
	re_snprintf(fake, sizeof(fake), "127.0.0.1 %u typ", sa_port(&sa));
	mb = rig_edit(rig_answer(&sv[1]), real, fake);
	assert_int_equal(rig_give_answer(&sv[0], mb), 0);
	mem_deref(mb);

	t = tmr_jiffies();
	assert_true(tu_wait(rig_both_estab, sv, 60000));
	t = tmr_jiffies() - t;
	print_message("established after %u ms\n", (unsigned)t);
	assert_true(t < 1000);
	check_media(sv);

	rig_free(sv);
	mem_deref(hole);
}


/* --- a lite agent ------------------------------------------------------- */

struct lite {
	struct gloop *gl;
	NiceAgent *agent;
	guint stream;
	struct mbuf *sdp;
};


static void lite_recv(NiceAgent *agent, guint stream, guint comp, guint len,
		      gchar *buf, gpointer arg)
{
	(void)agent;
	(void)stream;
	(void)comp;
	(void)len;
	(void)buf;
	(void)arg;
}


static void lite_alloc(struct lite *l)
{
	NiceAddress addr;

	assert_int_equal(gloop_alloc(&l->gl), 0);
	l->agent = nice_agent_new_full(gloop_context(l->gl),
				       NICE_COMPATIBILITY_RFC5245,
				       NICE_AGENT_OPTION_LITE_MODE |
				       NICE_AGENT_OPTION_REGULAR_NOMINATION);
	g_object_set(l->agent, "upnp", FALSE, "ice-tcp", FALSE,
		     "controlling-mode", FALSE, NULL);
	l->stream = nice_agent_add_stream(l->agent, 1);
	nice_address_init(&addr);
	assert_true(nice_address_set_from_string(&addr, "127.0.0.1"));
	assert_true(nice_agent_add_local_address(l->agent, &addr));
	assert_true(nice_agent_attach_recv(l->agent, l->stream, 1,
					   gloop_context(l->gl), lite_recv,
					   l));
	assert_true(nice_agent_gather_candidates(l->agent, l->stream));
}


static void lite_offer(struct lite *l)
{
	GSList *cands = nice_agent_get_local_candidates(l->agent, l->stream,
							1);
	const NiceCandidate *c = cands->data;
	gchar *ufrag, *pwd;

	assert_true(nice_agent_get_local_credentials(l->agent, l->stream,
						     &ufrag, &pwd));
	l->sdp = mbuf_alloc(1024);
	mbuf_printf(l->sdp, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
		    "t=0 0\r\na=ice-lite\r\na=group:BUNDLE 0\r\n"
		    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
		    "c=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtcp-mux\r\n"
		    "a=rtpmap:111 opus/48000/2\r\na=setup:actpass\r\n"
		    "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n"
		    "a=fingerprint:sha-256", ufrag, pwd);
	for (int i=0; i<32; i++)
		mbuf_printf(l->sdp, "%c%02X", i ? ':' : ' ', i);
	mbuf_printf(l->sdp, "\r\na=candidate:1 1 udp %u 127.0.0.1 %u typ host"
		    "\r\na=end-of-candidates\r\n", c->priority,
		    nice_address_get_port(&c->addr));
	g_slist_free_full(cands, (GDestroyNotify)nice_candidate_free);
	g_free(ufrag);
	g_free(pwd);
}


static bool is_nominated(void *arg)
{
	NiceCandidate *local, *remote;
	const struct lite *l = arg;

	return nice_agent_get_selected_pair(l->agent, l->stream, 1, &local,
					    &remote);
}


/* RFC 8445 section 6.1.1: it offers, and still it is we who check and
   nominate */
static void test_lite_offer(void **state)
{
	struct side sv[2];
	struct mbuf *mb = NULL;
	char ufrag[64] = "", pwd[64] = "";
	struct lite l;
	struct pl pl, u, p;
	(void)state;

	rig_init(sv);
	lite_alloc(&l);
	lite_offer(&l);
	assert_int_equal(rig_give_offer(&sv[0], l.sdp), 0);
	rig_do_gather(&sv[0]);
	mb = rig_answer(&sv[0]);
	pl_set_mbuf(&pl, mb);
	assert_int_equal(re_regex(pl.p, pl.l, "ice-ufrag:[^\r]+", &u), 0);
	assert_int_equal(re_regex(pl.p, pl.l, "ice-pwd:[^\r]+", &p), 0);
	(void)pl_strcpy(&u, ufrag, sizeof(ufrag));
	(void)pl_strcpy(&p, pwd, sizeof(pwd));
	assert_true(nice_agent_set_remote_credentials(l.agent, l.stream,
						      ufrag, pwd));
	gloop_kick(l.gl);

	assert_true(tu_wait(is_nominated, &l, 60000));
	assert_false(sv[0].closed);

	mem_deref(mb);
	mem_deref(l.sdp);
	rig_free(sv);
	g_object_unref(l.agent);
	mem_deref(l.gl);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_relayed),
		cmocka_unit_test(test_first_pair),
		cmocka_unit_test(test_renew),
		cmocka_unit_test(test_renew_nowhere),
		cmocka_unit_test(test_lite_offer),
		cmocka_unit_test(test_cut_and_restart),
		cmocka_unit_test(test_revive),
		cmocka_unit_test(test_not_revived),
	};

	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
