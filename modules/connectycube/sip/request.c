/**
 * @file sip/request.c  Every request that comes: refused, ours, or baresip's
 *
 *                               +--> 400, 405, 420, 489 ...
 *    request --> [transactions] |--> invite_hold.c (INVITE), info.c (INFO)
 *                               +--> [baresip's sessions]
 *
 * Retransmissions, CANCEL, and ACK of a refusal never get here: they are the
 * transactions'. What anybody may send is answered here, without one: libre
 * would keep each request for 32 s, and send a refusal of INVITE eleven times
 * to an address that may be forged.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/mono.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/messages.h"
#include "sip/host.h"
#include "sip/pure/msgcheck.h"
#include "sip/pure/privacy.h"
#include "sip/pure/ruri.h"
#include "sip/pure/presdoc.h"
#include "sip/watch.h"


/* Those that baresip puts into Allow. Each gets an answer that says what is
   possible */
static const char *const methodv[] = {
	"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "NOTIFY",
	"REFER", "SUBSCRIBE", "MESSAGE",
};

enum {
	LOG_PAUSE = 10000,      /* who knocks often fills no log [ms] */
	EARLY_RETRY = 2,        /* who calls while we start may try again [s] */
};

static struct sip_lsnr *lsnr;
static bool ready;              /* all accounts are attached */

/** Refusals, which are told now and then */
struct knock {
	uint64_t next;          /* the next one, earliest [ms] */
	uint32_t missed;        /* not told since the last one */
};

static sip_refused_h *refusedh; /* who is told */
static struct knock knock;      /* of requests */
static struct knock full;       /* of connections */


static bool is(const struct sip_msg *msg, const char *method)
{
	return 0 == pl_strcmp(&msg->met, method);
}


static bool is_known(const struct sip_msg *msg)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(methodv); i++) {
		if (is(msg, methodv[i]))
			return true;
	}

	return false;
}


static bool may_log(struct knock *k)
{
	const uint64_t now = mono_ms();

	if (now < k->next) {
		++k->missed;
		return false;
	}

	k->next = now + LOG_PAUSE;

	return true;
}


static void tell(struct knock *k, struct sip_refused *r)
{
	if (!refusedh || !may_log(k))
		return;

	r->missed = k->missed;
	k->missed = 0;
	refusedh(r);
}


static void tell_refused(const struct sip_msg *msg, const char *why)
{
	struct sip_refused r = {&msg->src, msg->met, msg->from.auri,
				msg->uri.user, why, 0};

	tell(&knock, &r);
}


/**
 * A connection was refused, or another one closed for it
 *
 * @param src Who wants it
 */
void request_tell_full(const struct sa *src)
{
	struct sip_refused r = {
		.src = src,
		.why = "too many connections; the one that was idle for"
		       " longest is closed",
	};

	pl_set_str(&r.what,   "connection");
	pl_set_str(&r.who,    "somebody");
	pl_set_str(&r.target, "the SIP port");

	tell(&full, &r);
}


/* What is asked again is refused again: there is no transaction */
static void bad_request(const struct sip_msg *msg, const char *fault)
{
	tell_refused(msg, fault);

	if (msg->via.sentby.p)
		(void)sip_reply(uag_sip(), msg, 400, fault);
}


/* Allow is a property of an account; for another method any will do */
static void refuse_method(const struct ua *ua, const struct sip_msg *msg)
{
	if (!ua)
		ua = list_ledata(list_head(uag_list()));

	(void)sip_replyf(uag_sip(), msg, 405, "Method Not Allowed",
			  "Allow: %H\r\n"
			  "Content-Length: 0\r\n\r\n", ua_print_allowed, ua);
}


static void refuse_extension(const struct sip_msg *msg)
{
	if (may_log(&knock))
		info("connectycube: %r from %r: %H is not supported\n",
		     &msg->met, &msg->from.auri, msgcheck_print_required,
		     msg);

	(void)sip_replyf(uag_sip(), msg, 420, "Bad Extension",
			  "Unsupported: %H\r\n"
			  "Content-Length: 0\r\n\r\n",
			  msgcheck_print_required, msg);
}


static void reply(const struct sip_msg *msg, uint16_t scode,
		  const char *reason)
{
	(void)sip_reply(uag_sip(), msg, scode, reason);
}


/* baresip has accounts already, and would ring them itself */
static void refuse_early(const struct sip_msg *msg)
{
	(void)sip_replyf(uag_sip(), msg, 503, "Service Unavailable",
			 "Retry-After: %u\r\n"
			 "Content-Length: 0\r\n\r\n", EARLY_RETRY);
}


static void refuse_caller(const struct sip_msg *msg)
{
	tell_refused(msg, "no server of this account"
		     " (connectycube_sip_allow)");
	reply(msg, 403, "Forbidden");
}


/* baresip would make a call for it, with its ports, to show an SDP */
static void answer_options(const struct ua *ua, const struct sip_msg *msg)
{
	(void)sip_replyf(uag_sip(), msg, 200, "OK",
			 "Allow: %H\r\n"
			 "%H"
			 "Supported: replaces, norefersub\r\n"
			 "Accept: application/sdp\r\n"
			 "Content-Length: 0\r\n\r\n",
			 ua_print_allowed, ua, ua_print_supported, ua);
}


/*
 * Within a call that nobody has. INVITE and OPTIONS alone: libre answers the
 * others without a transaction
 */
static bool refuse_unknown(const struct sip_msg *msg)
{
	if ((!is(msg, "INVITE") && !is(msg, "OPTIONS")) || host_has_dialog(msg))
		return false;

	reply(msg, 481, "Call Does Not Exist");

	return true;
}


/* Requests that belong to no dialog, or to one that baresip looks after */
static bool other_request(struct ua *ua, const struct sip_msg *msg)
{
	const bool inside = pl_isset(&msg->to.tag);

	if (is(msg, "OPTIONS")) {
		answer_options(ua, msg);
		return true;
	}

	if (is(msg, "MESSAGE")) {
		message_request(ua, msg);
		return true;
	}

	/* nothing else can be watched (RFC 6665, 4.1.2) */
	if (is(msg, "SUBSCRIBE") && !inside) {
		if (!watch_request(ua, msg))
			reply(msg, 489, "Bad Event");
		return true;
	}

	return false;
}


/* What cannot become a call, whatever it offers */
static bool refuse_call(const struct sip_msg *msg)
{
	if (msgcheck_expired(msg))
		reply(msg, 487, "Request Terminated");
	else if (privacy_is_impossible(privacy_decode(msg)))
		reply(msg, 500, "Privacy Not Supported");
	else
		return false;

	return true;
}


static bool our_request(struct ua *ua, const struct sip_msg *msg)
{
	const bool call = is(msg, "INVITE") && !pl_isset(&msg->to.tag);

	/* a call must end, whatever else is asked for */
	if (msgcheck_requires(msg) && !is(msg, "BYE")) {
		refuse_extension(msg);
		return true;
	}

	if (is(msg, "INFO"))
		return info_request(msg);

	if (is(msg, "REFER"))
		return refer_request(msg);

	if (!is(msg, "INVITE"))
		return other_request(ua, msg);

	/* baresip's own */
	if (!call && !sipleg_find_request(msg))
		return false;

	if (call && refuse_call(msg))
		return true;

	if (body_offer(msg))
		return true;

	if (!call) {
		connected_read(sipleg_find_request(msg), msg);
		return false;
	}

	screen_invite(ua, msg);

	return true;
}


/* Requests that begin something. True if nobody is to get it */
static bool refuse_new(const struct ua *ua, const struct sip_msg *msg)
{
	if (!ready) {
		refuse_early(msg);
		return true;
	}

	if (!ua) {
		reply(msg, 404, "Not Found");
		return true;
	}

	if (sip_ua_is_attached(ua) && !sip_room_may_ring(ua, &msg->src)) {
		refuse_caller(msg);
		return true;
	}

	return false;
}


/* baresip compares letter by letter: it is shown the account's own spelling */
static struct ua *find_ua(const struct sip_msg *msg)
{
	struct uri *uri = &((struct sip_msg *)msg)->uri;
	struct le *le;

	for (le = list_head(uag_list()); le; le = le->next) {
		if (!pl_strcasecmp(&uri->user, ua_local_cuser(le->data)))
			return le->data;
	}

	for (le = list_head(uag_list()); le; le = le->next) {

		const struct account *acc = ua_account(le->data);

		if (ruri_is_for(uri, &account_luri(acc)->user)) {
			uri->user = account_luri(acc)->user;
			return le->data;
		}
	}

	return uag_find(&uri->user);
}


static bool checked_request(const struct sip_msg *msg)
{
	struct ua *ua = find_ua(msg);

	if (pl_isset(&msg->to.tag) ? refuse_unknown(msg) :
	    refuse_new(ua, msg))
		return true;

	if (ua && !sip_ua_is_attached(ua))
		return false;

	if (!is_known(msg)) {
		refuse_method(ua, msg);
		return true;
	}

	return ua ? our_request(ua, msg) : false;
}


static bool handle(const struct sip_msg *msg)
{
	const char *fault;

	/* of no transaction */
	if (is(msg, "CANCEL")) {
		reply(msg, 481, "Transaction Does Not Exist");
		return true;
	}

	if (is(msg, "ACK")) {
		body_answer(msg);
		return false;
	}

	fault = msgcheck_fault(msg);
	if (fault) {
		bad_request(msg, fault);
		return true;
	}

	return checked_request(msg);
}


static bool request_handler(const struct sip_msg *msg, void *arg)
{
	const bool handled = handle(msg);
	(void)arg;

	/* what is baresip's own and begins something may go on */
	if (handled || pl_isset(&msg->to.tag))
		conns_handled(msg);

	return handled;
}


/**
 * All accounts are attached: what comes may be for them. Until then all that
 * would begin something gets 503
 */
void sip_take_requests(void)
{
	ready = true;
}


/**
 * Set who is told of requests that were refused
 *
 * @param h Handler, NULL=nobody
 */
void sip_set_refused_handler(sip_refused_h *h)
{
	refusedh = h;
}


/**
 * Hand a request on to baresip
 *
 * @param msg Request
 *
 * @return True if it was taken
 */
bool request_pass_on(const struct sip_msg *msg)
{
	return host_pass_on(lsnr, msg);
}


/**
 * Start looking at requests
 *
 * @return 0 if success, otherwise errorcode
 */
int request_init(void)
{
	return host_listen(&lsnr, true, HOST_BEHIND_TRANSACTIONS,
			   request_handler, NULL);
}


/**
 * Stop looking at requests
 */
void request_close(void)
{
	lsnr  = mem_deref(lsnr);
	ready = false;
	messages_close();
	replaces_close();
}
