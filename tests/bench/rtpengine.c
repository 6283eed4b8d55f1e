/**
 * @file tests/bench/rtpengine.c  Calls through rtpengine
 *
 * Its ng protocol (bencode over UDP): the phone's SDP becomes an offer to a
 * peer of our own, whose answer becomes the phone's. The peer is as real as
 * in a call through the bridge; only the signalling is left out.
 */
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "bench.h"


enum { NG_TIMEOUT = 5000 };

struct eng {
	struct call *call;
	struct peer *peer;
	struct mbuf *sdp;       /**< Offer to the app                      */
	bool answering;
	struct tmr tmr;
};

static struct {
	struct udp_sock *us;
	struct sa ng;
} rig;


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

	(void)mbuf_printf(mb, "c%u%s d", e->call->idx, command);
	pair(mb, "command", command);
	put(mb, "call-id");
	(void)mbuf_printf(mb, "9:bench-%03u", e->call->idx);
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


static void estab(void *arg)
{
	struct eng *e = arg;

	e->call->peer   = e->peer;
	app_learn(e->call);
}


static void app_rtp(enum peer_kind kind, uint8_t *pkt, size_t len, void *arg)
{
	struct eng *e = arg;
	(void)kind;

	app_peer_rtp(e->call, pkt, len);
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
	struct pl port;

	if (re_regex(sdp->p, sdp->l, "m=audio [0-9]+", &port)) {
		failed(e, "no port in the answer");
		return;
	}

	(void)sa_set_str(&e->call->sip, "127.0.0.1",
			 (uint16_t)pl_u32(&port));
	rtpsock_learn(e->call);
	e->call->sip_ok = true;
}


static void ng_handler(const struct sa *src, struct mbuf *mb, void *arg)
{
	const char *buf = (char *)mbuf_buf(mb);
	const size_t len = mbuf_get_left(mb);
	struct pl idx, sdp;
	struct eng *e;
	(void)src;
	(void)arg;

	if (re_regex(buf, len, "c[0-9]+[a-z]+ ", &idx, NULL) ||
	    pl_u32(&idx) >= bench.n)
		return;

	e = bench.callv[pl_u32(&idx)].setup;
	if (!e || e->call->sip_ok)
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


static int make_call(struct call *call)
{
	const struct peer_config cfg = {.bind = "127.0.0.1",
		.loopback = true, .gather_max = 1000};
	const struct peer_media_prm prm = app_prm();
	const bool opus = bench.mode == MODE_RELAY_OPUS;
	struct eng *e = mem_zalloc(sizeof(*e), NULL);
	char sdp[400];
	int err;

	if (!e)
		return ENOMEM;

	e->call     = call;
	call->setup = e;

	err = peer_alloc(&e->peer, &cfg, "bench", &peer_h, e);
	if (!err)
		err = peer_set_media(e->peer, PEER_AUDIO, &prm);
	if (err)
		return err;

	(void)re_snprintf(sdp, sizeof(sdp),
			  "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
			  "c=IN IP4 127.0.0.1\r\nt=0 0\r\n"
			  "m=audio %u RTP/AVP %s 101\r\n%s"
			  "a=rtpmap:101 telephone-event/8000\r\n"
			  "a=ptime:20\r\n",
			  rtpsock_port(), opus ? "111" : "0",
			  opus ? "a=rtpmap:111 opus/48000/2\r\n"
			  "a=fmtp:111 useinbandfec=1\r\n"
			  : "a=rtpmap:0 PCMU/8000\r\n");

	request(e, "offer", sdp, strlen(sdp));

	return 0;
}


static int hangup(struct call *call)
{
	if (call->setup)
		request(call->setup, "delete", NULL, 0);

	return 0;
}


static void stop(void)
{
	unsigned i;

	for (i=0; i<bench.n; i++) {

		struct eng *e = bench.callv[i].setup;

		if (!e)
			continue;

		mem_deref(e->peer);
		mem_deref(e->sdp);
		bench.callv[i].setup = mem_deref(e);
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
