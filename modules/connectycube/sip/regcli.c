/**
 * @file sip/regcli.c  Registers one account
 *
 * In place of libre's own client, which knows one digest algorithm, tries a
 * wrong password sixteen times, waits for up to half an hour, lets the NAT in
 * front of it close, and asks nobody but name servers for a name.
 *
 *   request --> [401, 423, 3xx: again] --> 200 --> refresh, keep-alives
 *                                     \--> failed: again, after a while
 *
 * Times are monotonic: a registration does not last longer because somebody has
 * set the clock back.
 */
#include <string.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/mono.h"
#include "sip/pure/regmsg.h"
#include "sip/pure/regcred.h"
#include "sip/regcli.h"
#include "sip/regcore.h"


enum {
	MOVES_MAX = 2,          /**< New addresses one after another       */
	LAST_MAX  = 2000,       /**< Until the end, for the last answer [ms] */
	TCP_LOST  = 30*1000,    /**< What is not acknowledged for so long is
				     lost, and the connection with it [ms] */
};


static void timer_handler(void *arg);


static void destructor(void *data)
{
	struct regcli *r = data;

	tmr_cancel(&r->tmr);
	mem_deref(r->req);
	mem_deref(r->cred);
	mem_deref(r->us);
	mem_deref(r->flow);
	mem_deref(r->ruri);
	mem_deref(r->outbound);
	mem_deref(r->base);
	mem_deref(r->target);
	mem_deref(r->cuser);
	mem_deref(r->acc);
	mem_deref(r->sip);
}


static void schedule(struct regcli *r)
{
	const uint64_t now = mono_ms();
	uint64_t t = r->t_next;

	if (r->t_ping && (!t || r->t_ping < t))
		t = r->t_ping;

	if (t)
		tmr_start(&r->tmr, t > now ? t - now : 0, timer_handler, r);
	else
		tmr_cancel(&r->tmr);
}


static void flow_close(struct regcli *r)
{
	r->us     = mem_deref(r->us);
	r->flow   = mem_deref(r->flow);
	r->t_ping = 0;
}


static void failed(struct regcli *r, bool refused, uint32_t retry_after,
		   const char *text)
{
	const uint64_t ms = regmsg_wait(++r->failc, refused, retry_after,
					rand_u16());

	warning("reg: %s: %s; again in %u s\n", account_aor(r->acc), text,
		(unsigned)((ms + 999) / 1000));

	r->ok     = false;
	r->told   = false;
	r->t_next = mono_ms() + ms;
	flow_close(r);
	schedule(r);

	r->h(false, text, r->arg);
}


static void failed_error(struct regcli *r, int err)
{
	char text[128];

	r->scode = 0;
	if (err == EPROTONOSUPPORT)
		str_ncpy(text, "no local address can reach it", sizeof(text));
	else
		(void)re_snprintf(text, sizeof(text), "%s: %m",
				  err == ETIMEDOUT ? "no answer"
				  : "cannot register", err);
	failed(r, false, 0, text);
}


/* Anew, with nothing left of what the last attempt has learnt */
static void begin(struct regcli *r)
{
	int err;

	r->target = mem_deref(r->target);
	r->hops   = 0;
	r->t_next = 0;
	r->req    = mem_deref(r->req);
	regcred_reset(r->cred);

	err = regcli_request(r);
	if (err)
		failed_error(r, err);
}


/* Two line ends, which every SIP server ignores (RFC 5626, 3.5.1) */
static void ping(struct regcli *r)
{
	static uint8_t crlf[] = {'\r', '\n', '\r', '\n'};
	struct mbuf mb = {.buf = crlf, .size = 4, .end = 4};
	struct tcp_conn *tc;
	int err;

	if (r->us) {
		/* an error of the network will show at the next REGISTER */
		(void)udp_send(r->us, &r->peer, &mb);
		err = 0;
	}
	else {
		tc  = r->flow ? sip_msg_tcpconn(r->flow) : NULL;
		err = tc ? tcp_send(tc, &mb) : ENOTCONN;
	}

	if (!err) {
		r->t_ping = mono_ms() + r->prm.keepalive * 1000ULL;
		return;
	}

	/* without it nobody can call us */
	clog_info("%s: connection to %J is gone: registering anew\n",
		  account_aor(r->acc), &r->peer);
	flow_close(r);
	r->t_next = mono_ms() + regmsg_wait(1, false, 0, rand_u16()) / 4;
}


static void timer_handler(void *arg)
{
	struct regcli *r = arg;
	const uint64_t now = mono_ms();

	if (r->t_ping && r->t_ping <= now)
		ping(r);

	if (r->t_next && r->t_next <= now && !r->req) {
		r->t_next = 0;
		schedule(r);
		begin(r);
		return;
	}

	schedule(r);
}


/* Where calls go (RFC 3608), or where they went before */
static void set_route(struct regcli *r, const struct sip_msg *msg)
{
	char *route;

	if (regmsg_route(&route, msg))
		return;

	(void)account_set_outbound(r->acc, route ? route : r->base ? r->base
				   : r->outbound, 0);

	mem_deref(route);
}


/* The registrar sees us elsewhere: true if it is to be told so */
static bool moved(struct regcli *r, const struct sip_msg *msg)
{
	const struct sa *was = sa_isset(&r->mapped, SA_ALL) ? &r->mapped
		: &r->laddr;
	char uri[CONTACT_SIZE];
	struct pl pl;
	struct sa sa;

	if (!r->prm.received || !regmsg_mapped(&sa, msg) ||
	    sa_cmp(&sa, was, SA_ALL)) {
		r->moves = 0;
		return false;
	}

	clog_info("%s: %J is seen as %J\n", account_aor(r->acc),
		  &r->laddr, &sa);

	r->mapped = sa;

	/* and in calls */
	if (re_snprintf(uri, sizeof(uri), "sip:%s@%J%s", r->cuser, &sa,
			sip_transp_param(r->tp)) > 0) {
		pl_set_str(&pl, uri);
		ua_pub_gruu_set(r->ua, &pl);
	}

	/* a NAT that gives another port each time must not keep us busy */
	return ++r->moves <= MOVES_MAX;
}


static void log_accepted(const struct regcli *r, const struct sip_msg *msg,
			 uint32_t granted)
{
	const struct sip_hdr *srv = sip_msg_hdr(msg, SIP_HDR_SERVER);
	const uint32_t n = sip_msg_hdr_count(msg, SIP_HDR_CONTACT);

	info("%s: {%s} %u %r (%r) [%u binding%s] for %u s\n",
	     account_aor(r->acc), sip_transp_name(msg->tp), msg->scode,
	     &msg->reason, srv ? &srv->val : &pl_null, n, n == 1 ? "" : "s",
	     granted);
}


static void flow_keep(struct regcli *r, const struct sip_msg *msg)
{
	const unsigned ms = TCP_LOST;

	flow_close(r);
	r->peer = msg->src;

	if (msg->tp == SIP_TRANSP_UDP) {
		r->us = mem_ref(msg->sock);
		return;
	}

	/* a connection that silently died would else be used for minutes */
	r->flow = mem_ref((void *)msg);
	(void)setsockopt(tcp_conn_fd(sip_msg_tcpconn(msg)), IPPROTO_TCP,
			 TCP_USER_TIMEOUT, &ms, sizeof(ms));
}


static void accepted(struct regcli *r, const struct sip_msg *msg)
{
	const uint32_t granted = regmsg_granted(msg, r->contact, r->expires);
	const uint64_t now = mono_ms();
	char text[64];

	if (!granted) {
		failed(r, false, 0, "the registrar has not kept it");
		return;
	}

	if (!r->told)
		log_accepted(r, msg, granted);

	str_ncpy(r->bound, r->contact, sizeof(r->bound));
	r->ok    = true;
	r->told  = true;
	r->scode = msg->scode;
	r->failc = 0;
	set_route(r, msg);

	flow_keep(r, msg);
	r->t_next = now + regmsg_refresh(granted);
	if (r->prm.keepalive)
		r->t_ping = now + r->prm.keepalive * 1000ULL;

	if (moved(r, msg))
		r->t_next = now;

	schedule(r);

	(void)re_snprintf(text, sizeof(text), "%u %r", msg->scode,
			  &msg->reason);
	r->h(true, text, r->arg);
}


static void refused(struct regcli *r, const struct sip_msg *msg)
{
	const struct sip_hdr *srv = sip_msg_hdr(msg, SIP_HDR_SERVER);
	const int err = regcli_try_again(r, msg);
	bool no = msg->scode == 403;
	const char *why = "";
	char text[256];

	if (!err)
		return;

	if (msg->scode == 401 || msg->scode == 407) {
		no  = true;
		why = regcli_why(err);
	}

	r->scode = msg->scode;
	(void)re_snprintf(text, sizeof(text), "%u %r (%r)%s", msg->scode,
			  &msg->reason, srv ? &srv->val : &pl_null, why);
	failed(r, no, regmsg_retry_after(msg), text);
}


/* Who does not answer now is not waited for: the process wants to end */
static void last_handler(void *arg)
{
	mem_deref(arg);
}


/* Nobody owns us any more: take back what is registered, and go */
static void last_response(struct regcli *r, const struct sip_msg *msg)
{
	const bool asked = msg && (msg->scode == 401 || msg->scode == 407);

	if (!r->last && msg && msg->scode < 300) {
		str_ncpy(r->bound, r->contact, sizeof(r->bound));
		regcred_reset(r->cred);
		if (!regcli_request(r))
			return;
	}
	else if (r->last && asked && !regcli_authenticate(r, msg) && !regcli_request(r)) {
		return;
	}

	mem_deref(r);
}


void regcli_response(int err, const struct sip_msg *msg, void *arg)
{
	struct regcli *r = arg;

	if (!err && msg->scode < 200)
		return;

	if (r->closing)
		last_response(r, err ? NULL : msg);
	else if (err)
		failed_error(r, err);
	else if (msg->scode < 300)
		accepted(r, msg);
	else
		refused(r, msg);
}


/**
 * Make a registration, which does nothing yet
 *
 * @param rp     Pointer to allocated registration
 * @param ua     User-Agent
 * @param prm    Parameters; instance stays with the caller
 * @param regint What is asked for [s]
 * @param h      Handler
 * @param arg    Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int regcli_alloc(struct regcli **rp, struct ua *ua,
		 const struct regcli_prm *prm, uint32_t regint, regcli_h *h,
		 void *arg)
{
	struct regcli *r;
	int err;

	r = mem_zalloc(sizeof(*r), destructor);
	if (!r)
		return ENOMEM;

	r->ua      = ua;
	r->acc     = mem_ref(ua_account(ua));
	r->sip     = mem_ref(uag_sip());
	r->prm     = *prm;
	r->expires = regint;
	r->h       = h;
	r->arg     = arg;
	r->cseq    = rand_u16();
	(void)re_snprintf(r->callid, sizeof(r->callid), "%016llx",
			  rand_u64());
	(void)re_snprintf(r->tag, sizeof(r->tag), "%016llx", rand_u64());

	err = regmsg_registrar(&r->ruri, account_luri(r->acc));
	if (!err && account_outbound(r->acc, 0))
		err = str_dup(&r->outbound, account_outbound(r->acc, 0));
	if (!err)
		err = regcred_alloc(&r->cred);

	if (err)
		mem_deref(r);
	else
		*rp = r;

	return err;
}


/**
 * Register, or register anew
 *
 * @param r Registration
 */
void regcli_start(struct regcli *r)
{
	r->cuser = mem_deref(r->cuser);
	if (str_dup(&r->cuser, ua_local_cuser(r->ua)))
		return;

	memset(&r->mapped, 0, sizeof(r->mapped));
	r->told = false;
	begin(r);
}


/**
 * Take the registration back. It is freed when that is done, or takes too long;
 * its handler is not called any more
 *
 * @param r Registration
 */
void regcli_shutdown(struct regcli *r)
{
	r->ua      = NULL;
	r->closing = true;
	r->t_next  = 0;
	flow_close(r);

	/* nothing was ever registered */
	if (!r->bound[0]) {
		mem_deref(r);
		return;
	}

	tmr_start(&r->tmr, LAST_MAX, last_handler, r);

	/* an answer that is on its way would register us again */
	if (r->req)
		return;

	regcred_reset(r->cred);
	if (regcli_request(r))
		mem_deref(r);
}


/**
 * Is it this registration's Call-ID?
 *
 * @param r      Registration
 * @param callid Call-ID
 *
 * @return True if it is
 */
bool regcli_is_callid(const struct regcli *r, const struct pl *callid)
{
	return 0 == pl_strcmp(callid, r->callid);
}


/**
 * Is it registered?
 *
 * @param r Registration
 *
 * @return True if it is
 */
bool regcli_is_ok(const struct regcli *r)
{
	return r && r->ok;
}


/**
 * The proxy of the configuration, which the account may not have any more
 *
 * @param r Registration
 *
 * @return Its URI, NULL if there is none
 */
const char *regcli_outbound(const struct regcli *r)
{
	return r ? r->outbound : NULL;
}
