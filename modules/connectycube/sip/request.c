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
#include "compat_baresip.h"
#include "base/log.h"
#include "base/mono.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/host.h"
#include "sip/messages.h"
#include "sip/session.h"
#include "sip/pure/ability.h"
#include "sip/pure/msgcheck.h"
#include "sip/pure/privacy.h"
#include "sip/pure/reason.h"
#include "sip/pure/ruri.h"


enum {
	LOG_PAUSE = 10000,      /* who knocks often fills no log [ms] */
	EARLY_RETRY = 2,        /* who calls while we start may try again [s] */
};

static struct sip_lsnr *lsnr;
static struct sip_lsnr *first;
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


static void refuse_extension(const struct sip_msg *msg)
{
	if (may_log(&knock))
		clog_info("%r from %r: %H is not supported\n",
			  &msg->met, &msg->from.auri,
			  ability_print_unsupported, msg);

	(void)sip_replyf(uag_sip(), msg, 420, "Bad Extension",
			  "Unsupported: %H\r\n"
			  "Content-Length: 0\r\n\r\n",
			  ability_print_unsupported, msg);
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


/*
 * Within a call that nobody has. libre answers its own methods itself, without
 * a transaction; NOTIFY and SUBSCRIBE have dialogs of their own
 */
static bool refuse_unknown(const struct sip_msg *msg)
{
	static const char *const librev[] = {
		"BYE", "INFO", "REFER", "NOTIFY", "SUBSCRIBE"
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(librev); i++) {
		if (is(msg, librev[i]))
			return false;
	}

	if (host_has_dialog(msg) || prack_find(msg))
		return false;

	reply(msg, 481, "Call Does Not Exist");

	return true;
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


/* INVITE within a call; others are baresip's own */
static bool again_request(const struct sip_msg *msg)
{
	struct sipleg *leg = sipleg_find_request(msg);

	if (!leg)
		return false;

	if (session_refuse(leg, msg) || body_offer(leg, msg))
		return true;

	session_heard(leg, msg);

	return false;
}


/* A caller may hang up before it has been answered (RFC 3261, 15): libre has
   its answer for it, and for its INVITE */
static void hear_bye(const struct sip_msg *msg)
{
	struct sipleg *leg = sipleg_find_request(msg);

	if (leg && sip_dialog_rseq_valid(sipleg_dialog(leg), msg))
		reliable_end(leg, 487);
}


static bool our_request(struct ua *ua, const struct sip_msg *msg)
{
	const bool call = is(msg, "INVITE") && !pl_isset(&msg->to.tag);

	/* a call must end, whatever else is asked for */
	if (ability_lacks(msg) && !is(msg, "BYE")) {
		refuse_extension(msg);
		return true;
	}

	if (is(msg, "INFO") && pl_isset(&msg->to.tag))
		return info_request(msg);

	if (is(msg, "REFER"))
		return refer_request(msg);

	if (is(msg, "BYE"))
		hear_bye(msg);

	if (!is(msg, "INVITE"))
		return methods_request(ua, msg);

	if (!call)
		return again_request(msg);

	if (refuse_call(msg))
		return true;

	if (!body_offer(NULL, msg))
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


/* baresip compares letter by letter: it is shown the spelling it looks for */
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
			uri->user = ua_asked_user(le->data);
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

	if (!ability_is_known(&msg->met)) {
		methods_refuse(msg);
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


/* libre's transactions take it, and keep to themselves what it says */
static bool cancel_handler(const struct sip_msg *msg, void *arg)
{
	(void)arg;

	if (is(msg, "CANCEL") && reason_is_elsewhere(msg))
		sipleg_see_cancel(msg);

	return false;
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
	int err;

	err = host_listen(&lsnr, true, HOST_BEHIND_TRANSACTIONS,
			  request_handler, NULL);

	if (!err)
		err = host_listen(&first, true, HOST_FIRST, cancel_handler,
				  NULL);
	if (err)
		request_close();

	return err;
}


/**
 * Stop looking at requests
 */
void request_close(void)
{
	first = mem_deref(first);
	lsnr  = mem_deref(lsnr);
	ready = false;
	messages_close();
	replaces_close();
}
