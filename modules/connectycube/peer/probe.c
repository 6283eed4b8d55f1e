/**
 * @file peer/probe.c  Does a STUN or TURN server work?
 *
 *   name --resolve--> address --UDP, TCP--> Binding, or Allocate and its end
 *   turns: by the front that libnice's connections take, too
 *
 * By libre's clients, which tell more of a failure than libnice does.
 */
#include <string.h>
#include <re.h>
#include "base/gloop.h"
#include "base/resolve.h"
#include "peer.h"
#include "turn.h"
#include "probe.h"


struct probe {
	const struct peer_server *srv; /**< Server (pointer)               */
	char bind[64];          /**< Local address, ""=any                 */
	struct gloop *gl;       /**< For the resolver (owner)              */
	struct resolve *resolve;/**< Owner                                 */
	struct udp_sock *us;    /**< Owner                                 */
	struct tcp_conn *tc;    /**< Owner                                 */
	struct mbuf *rx;        /**< TCP: what is no whole message (owner) */
	struct stun *stun;      /**< Owner                                 */
	struct turnc *turnc;    /**< Owner                                 */
	struct sa dst;          /**< The server's address                  */
	struct tmr tmr;         /**< Time-out, then the result             */
	bool gone;              /**< Nothing is told any more              */
	bool ok;                /**< Result                                */
	char text[128];         /**< Result                                */
	probe_h *h;             /**< Handler                               */
	void *arg;              /**< Handler argument                      */
};


static void destructor(void *data)
{
	struct probe *p = data;

	/* libre's STUN client tells of requests that end with it, too */
	p->gone = true;
	tmr_cancel(&p->tmr);
	mem_deref(p->resolve);
	mem_deref(p->turnc);
	mem_deref(p->stun);
	mem_deref(p->tc);
	mem_deref(p->us);
	mem_deref(p->rx);
	mem_deref(p->gl);
}


static void result_handler(void *arg)
{
	struct probe *p = arg;

	p->h(p->ok, p->text, p->arg);
}


/* later, for it may be the server's client that calls */
static void finish(struct probe *p, bool ok, const char *fmt, ...)
{
	va_list ap;

	if (p->gone)
		return;

	p->ok = ok;
	va_start(ap, fmt);
	(void)re_vsnprintf(p->text, sizeof(p->text), fmt, ap);
	va_end(ap);

	tmr_start(&p->tmr, 0, result_handler, p);
}


static void timeout_handler(void *arg)
{
	struct probe *p = arg;

	p->ok = false;
	str_ncpy(p->text, "no answer", sizeof(p->text));
	result_handler(p);
}


static void turn_handler(int err, uint16_t scode, const char *reason,
			 const struct sa *relay, const struct sa *mapped,
			 const struct stun_msg *msg, void *arg)
{
	struct probe *p = arg;
	(void)mapped;
	(void)msg;

	if (err)
		finish(p, false, "%m", err);
	else if (scode)
		finish(p, false, "%u %s", scode, reason ? reason : "");
	else
		finish(p, true, "relays at %J", relay);
}


static void stun_handler(int err, uint16_t scode, const char *reason,
			 const struct stun_msg *msg, void *arg)
{
	struct stun_attr *attr;
	struct probe *p = arg;

	if (err || scode) {
		if (err)
			finish(p, false, "%m", err);
		else
			finish(p, false, "%u %s", scode, reason);
		return;
	}

	attr = stun_msg_attr(msg, STUN_ATTR_XOR_MAPPED_ADDR);
	if (!attr)
		attr = stun_msg_attr(msg, STUN_ATTR_MAPPED_ADDR);
	if (attr)
		finish(p, true, "sees us at %J", &attr->v.sa);
	else
		finish(p, false, "answers without an address");
}


static void udp_handler(const struct sa *src, struct mbuf *mb, void *arg)
{
	struct probe *p = arg;
	(void)src;

	(void)stun_recv(p->stun, mb);
}


static int start_turn(struct probe *p, int proto, void *sock)
{
	return turnc_alloc(&p->turnc, NULL, proto, sock, 0, &p->dst,
			   p->srv->user, p->srv->pass, 60, turn_handler, p);
}


static int start_udp(struct probe *p)
{
	struct sa laddr;
	int err;

	if (p->bind[0])
		err = sa_set_str(&laddr, p->bind, 0);
	else
		err = sa_set_str(&laddr, sa_af(&p->dst) == AF_INET6 ? "::"
				 : "0.0.0.0", 0);
	if (!err)
		err = udp_listen(&p->us, &laddr, udp_handler, p);
	if (err)
		return err;

	if (p->srv->type != PEER_STUN)
		return start_turn(p, IPPROTO_UDP, p->us);

	err = stun_alloc(&p->stun, NULL, NULL, NULL);
	if (err)
		return err;

	return stun_request(NULL, p->stun, IPPROTO_UDP, p->us, &p->dst, 0,
			    STUN_METHOD_BINDING, NULL, 0, false,
			    stun_handler, p, 0);
}


static void estab_handler(void *arg)
{
	struct probe *p = arg;
	int err;

	err = start_turn(p, IPPROTO_TCP, p->tc);
	if (err)
		finish(p, false, "%m", err);
}


/* Whole messages, as RFC 8656 frames them on a stream */
static void tcp_handler(struct mbuf *mb, void *arg)
{
	struct probe *p = arg;
	struct sa src;

	p->rx->pos = p->rx->end;
	if (p->rx->end > TURN_HELD_MAX ||
	    mbuf_write_mem(p->rx, mbuf_buf(mb), mbuf_get_left(mb))) {
		finish(p, false, "is no TURN server");
		return;
	}

	p->rx->pos = 0;
	while (mbuf_get_left(p->rx) >= 20) {

		const uint8_t *b = mbuf_buf(p->rx);
		const size_t len = 20 + ((size_t)b[2] << 8 | b[3]);
		struct mbuf *one;

		if (mbuf_get_left(p->rx) < len)
			break;

		/* the client keeps a reference while it reads */
		one = mbuf_alloc(len);
		if (!one)
			break;

		(void)mbuf_write_mem(one, b, len);
		one->pos = 0;
		(void)turnc_recv(p->turnc, &src, one);
		mem_deref(one);
		p->rx->pos += len;
	}

	/* what is left goes to the front */
	memmove(p->rx->buf, mbuf_buf(p->rx), mbuf_get_left(p->rx));
	p->rx->end = mbuf_get_left(p->rx);
	p->rx->pos = 0;
}


static void close_handler(int err, void *arg)
{
	struct probe *p = arg;
	const char *why = "";

	/* the front knows more */
	if (p->srv->type == PEER_TURN_TLS)
		why = turn_front_why(&p->dst);

	if (why[0])
		finish(p, false, "%s", why);
	else
		finish(p, false, err ? "no connection: %m"
		       : "closes the connection", err);
}


static int start(struct probe *p)
{
	if (p->srv->type == PEER_STUN || p->srv->type == PEER_TURN_UDP)
		return start_udp(p);

	p->rx = mbuf_alloc(TURN_HELD_MAX);
	if (!p->rx)
		return ENOMEM;

	return tcp_connect(&p->tc, &p->dst, estab_handler, tcp_handler,
			   close_handler, p);
}


static void resolve_handler(int err, const struct sa *addrv, size_t addrc,
			    const char *reason, void *arg)
{
	struct probe *p = arg;
	(void)addrc;

	if (err) {
		finish(p, false, "%s", reason);
		return;
	}

	p->dst = addrv[0];
	sa_set_port(&p->dst, p->srv->port);

	err = start(p);
	if (err)
		finish(p, false, "%m", err);
}


/**
 * Try a server
 *
 * @param pp  Returned probe; dereferencing it cancels
 * @param cfg Configuration of the peers that use it
 * @param srv Server, must outlive the probe
 * @param h   Called once, later
 * @param arg Handler argument
 *
 * @return 0 if success; EINVAL no argument; otherwise errorcode: it cannot be
 *         tried
 */
int probe_alloc(struct probe **pp, const struct peer_config *cfg,
		const struct peer_server *srv, probe_h *h, void *arg)
{
	struct probe *p;
	int err;

	if (!pp || !cfg || !srv || !h)
		return EINVAL;

	p = mem_zalloc(sizeof(*p), destructor);
	if (!p)
		return ENOMEM;

	p->srv = srv;
	p->h   = h;
	p->arg = arg;
	str_ncpy(p->bind, cfg->bind, sizeof(p->bind));
	tmr_start(&p->tmr, PROBE_MAX, timeout_handler, p);

	if (srv->type == PEER_TURN_TLS) {
		err = turn_front_find(srv, cfg, strchr(cfg->bind, ':') ?
				      AF_INET6 : AF_INET, &p->dst);
		if (!err)
			err = start(p);
	}
	else {
		err = gloop_share(&p->gl);
		if (!err)
			err = resolve_alloc(&p->resolve, p->gl, srv->host,
					    resolve_handler, p);
	}

	if (err)
		mem_deref(p);
	else
		*pp = p;

	return err;
}
