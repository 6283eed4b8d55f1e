/**
 * @file test_peerlite.c  A peer and a lite agent, and which pair it takes first
 */
#include "peerpath_rig.h"


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
		cmocka_unit_test(test_first_pair),
		cmocka_unit_test(test_lite_offer),
	};

	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
