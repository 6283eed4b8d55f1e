/**
 * @file tests/bench/rtpengine.c  Calls through rtpengine
 *
 * Its ng protocol (bencode over UDP): the phone's SDP becomes an offer to a
 * peer of our own, whose answer becomes the phone's. The peer is as real as
 * in a call through the bridge; only the signalling is left out. This one
 * (10.5) cannot bundle: a call's video is a call and a peer of its own.
 */
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "bench.h"


enum { NG_TIMEOUT = 5000 };

struct eng {
	struct call *call;
	unsigned kind;          /**< Audio or video                        */
	struct peer *peer;
	struct mbuf *sdp;       /**< Offer to the app                      */
	bool answering;
	struct tmr tmr;
};

static struct {
	struct udp_sock *us;
	struct sa ng;
} rig;


/* The engines of a call, one for each kind of media */
static struct eng *engines(const struct call *call)
{
	return call->setup;
}


static void str_put(struct mbuf *mb, const char *str, size_t len)
{
	(void)mbuf_printf(mb, "%zu:%b", len, str, len);
}


static void put(struct mbuf *mb, const char *str)
{
	str_put(mb, str, strlen(str));
}


static void pair(struct mbuf *mb, const char *name, const char *value)
{
	put(mb, name);
	put(mb, value);
}


static void request(struct eng *e, const char *command, const char *sdp,
		    size_t len)
{
	const bool offer = !strcmp(command, "offer");
	struct mbuf *mb = mbuf_alloc(4096);

	(void)mbuf_printf(mb, "c%uk%u%s d", e->call->idx, e->kind, command);
	pair(mb, "command", command);
	put(mb, "call-id");
	(void)mbuf_printf(mb, "11:bench-%03u-%u", e->call->idx, e->kind);
	pair(mb, "from-tag", "phone");
	if (!offer)
		pair(mb, "to-tag", "app");

	if (sdp) {
		put(mb, "sdp");
		str_put(mb, sdp, len);
		pair(mb, "ICE", offer ? "force" : "remove");
		pair(mb, "transport-protocol",
		     offer ? "UDP/TLS/RTP/SAVPF" : "RTP/AVP");
		put(mb, "rtcp-mux");
		(void)mbuf_printf(mb, "l%se",
				  offer ? "5:offer7:require" : "5:demux");
		put(mb, "flags");
		(void)mbuf_printf(mb, "l%se", offer
				  ? "12:generate-mid13:trust-address" :
				  "13:trust-address");
		put(mb, "replace");
		(void)mbuf_printf(mb, "l6:origin18:session-connectione");
	}

	if (offer && bench.mode == MODE_XCODE) {
		put(mb, "codec");
		(void)mbuf_printf(mb, "d4:maskl4:PCMUe9:transcode"
				  "l17:opus/48000/2/////ee");
	}

	(void)mbuf_printf(mb, "e");
	mb->pos = 0;
	(void)udp_send(rig.us, &rig.ng, mb);
	mem_deref(mb);
}


static void failed(struct eng *e, const char *why)
{
	(void)re_fprintf(stderr, "loadgen: rtpengine: call %u: %s\n",
			 e->call->idx, why);
	++bench.fails;
}


static void answer_app(struct eng *e)
{
	struct mbuf *mb = NULL;

	if (peer_set_offer(e->peer, (char *)mbuf_buf(e->sdp),
			   mbuf_get_left(e->sdp)) ||
	    peer_answer(e->peer, &mb)) {
		failed(e, "offer not understood");
		(void)re_fprintf(stderr, "%b\n", mbuf_buf(e->sdp),
				 mbuf_get_left(e->sdp));
		return;
	}

	e->answering = true;
	request(e, "answer", (char *)mbuf_buf(mb), mbuf_get_left(mb));
	mem_deref(mb);
}


static void gathered(void *arg)
{
	struct eng *e = arg;

	if (e->sdp && !e->answering)
		answer_app(e);
}


static bool all_estab(const struct call *call)
{
	unsigned k;

	for (k=0; k<bench_kinds(); k++) {
		if (!peer_is_estab(engines(call)[k].peer))
			return false;
	}

	return true;
}


static bool all_answered(const struct call *call)
{
	unsigned k;

	for (k=0; k<bench_kinds(); k++) {
		if (!sa_port(&call->sipv[k]))
			return false;
	}

	return true;
}


static void estab(void *arg)
{
	struct eng *e = arg;

	app_learn(e->call, e->kind, e->peer);
	e->call->app_ok = all_estab(e->call);
}


static void app_rtp(enum peer_kind kind, uint8_t *pkt, size_t len, void *arg)
{
	struct eng *e = arg;

	app_peer_rtp(e->call, kind, pkt, len);
}


static void closed(enum peer_err err, const char *reason, void *arg)
{
	struct eng *e = arg;
	(void)err;

	failed(e, reason);
}


static const struct peer_handlers peer_h = {
	.gatherh = gathered,
	.estabh  = estab,
	.rtph    = app_rtp,
	.closeh  = closed,
};


/* "...3:sdp123:v=0...": all of bencode that is needed */
static bool find_sdp(const char *buf, size_t len, struct pl *sdp)
{
	const char *p = memmem(buf, len, "3:sdp", 5);
	size_t n = 0;

	if (!p)
		return false;

	for (p += 5; *p >= '0' && *p <= '9'; p++)
		n = 10 * n + (size_t)(*p - '0');

	sdp->p = p + 1;
	sdp->l = n;

	return p + 1 + n <= buf + len;
}


static void phone_answer(struct eng *e, const struct pl *sdp)
{
	if (!sdp_answer(e->call, sdp->p, sdp->l)) {
		failed(e, "no port in the answer");
		return;
	}

	e->call->sip_ok = all_answered(e->call);
}


static void ng_handler(const struct sa *src, struct mbuf *mb, void *arg)
{
	const char *buf = (char *)mbuf_buf(mb);
	const size_t len = mbuf_get_left(mb);
	struct pl idx, kind, sdp;
	struct eng *e;
	(void)src;
	(void)arg;

	if (re_regex(buf, len, "c[0-9]+k[0-9]1[a-z]+ ", &idx, &kind, NULL) ||
	    pl_u32(&idx) >= bench.n || pl_u32(&kind) >= bench_kinds() ||
	    !bench.callv[pl_u32(&idx)].setup)
		return;

	e = &engines(&bench.callv[pl_u32(&idx)])[pl_u32(&kind)];
	if (sa_port(&e->call->sipv[e->kind]))
		return;

	if (!find_sdp(buf, len, &sdp)) {
		failed(e, "refused");
		(void)re_fprintf(stderr, "%b\n", buf, len);
		return;
	}

	if (e->answering) {
		phone_answer(e, &sdp);
		return;
	}

	e->sdp = mbuf_alloc(sdp.l);
	(void)mbuf_write_mem(e->sdp, (const uint8_t *)sdp.p, sdp.l);
	e->sdp->pos = 0;

	if (peer_gather(e->peer))
		failed(e, "cannot gather");
}


static int eng_start(struct eng *e)
{
	const struct peer_config cfg = {.bind = "127.0.0.1",
		.loopback = true, .gather_max = 1000};
	const struct peer_media_prm audio = app_prm();
	struct mbuf *sdp = mbuf_alloc(1024);
	int err;

	if (!sdp)
		return ENOMEM;

	err = peer_alloc(&e->peer, &cfg, "bench", &peer_h, e);
	if (!err)
		err = peer_set_media(e->peer, e->kind, e->kind == VIDEO ?
				     app_vprm() : &audio);
	if (!err)
		err = sdp_offer(sdp, e->kind == AUDIO, e->kind == VIDEO);
	if (!err)
		request(e, "offer", (char *)mbuf_buf(sdp),
			mbuf_get_left(sdp));

	mem_deref(sdp);

	return err;
}


static int make_call(struct call *call)
{
	struct eng *engv = mem_zalloc(KINDS * sizeof(*engv), NULL);
	unsigned k;
	int err = 0;

	if (!engv)
		return ENOMEM;

	call->setup = engv;

	for (k=0; k<bench_kinds() && !err; k++) {
		engv[k].call = call;
		engv[k].kind = k;
		err = eng_start(&engv[k]);
	}

	return err;
}


static int hangup(struct call *call)
{
	unsigned k;

	for (k=0; call->setup && k<bench_kinds(); k++)
		request(&engines(call)[k], "delete", NULL, 0);

	return 0;
}


static void stop(void)
{
	unsigned i, k;

	for (i=0; i<bench.n; i++) {

		struct eng *engv = bench.callv[i].setup;

		for (k=0; engv && k<KINDS; k++) {
			mem_deref(engv[k].peer);
			mem_deref(engv[k].sdp);
		}

		bench.callv[i].setup = mem_deref(engv);
	}

	mem_deref(rig.us);
	peer_close();
}


static int start(void)
{
	struct sa laddr;
	int err;

	err = peer_init();
	if (!err)
		err = sa_decode(&rig.ng, options.ng, strlen(options.ng));
	(void)sa_set_str(&laddr, "127.0.0.1", 0);
	if (!err)
		err = udp_listen(&rig.us, &laddr, ng_handler, NULL);

	return err;
}


const struct setup setup_rtpengine = {
	.name = "rtpengine", .start = start, .call = make_call,
	.hangup = hangup, .stop = stop, .parallel = 10,
};
