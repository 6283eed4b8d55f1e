/**
 * @file sip/request.c  Every request that comes: refused, ours, or baresip's
 *
 *                               +--> 400, 405, 420, 489 ...
 *    request --> [transactions] |--> screen.c (INVITE), info.c (INFO)
 *                               +--> [baresip's sessions]
 *
 * Retransmissions, CANCEL, and ACK of a refusal never get here: they are the
 * transactions'.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/mono.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/host.h"
#include "sip/msgcheck.h"


/* Those that baresip puts into Allow. Each gets an answer that says what is
   possible */
static const char *const methodv[] = {
	"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "NOTIFY",
	"REFER", "SUBSCRIBE", "MESSAGE",
};

enum {
	LOG_PAUSE = 10000,      /* who knocks often fills no log [ms] */
};

static struct sip_lsnr *lsnr;

/** Refusals of strangers, which are told now and then */
static struct {
	sip_refused_h *h;       /* who is told */
	uint64_t next;          /* the next one, earliest [ms] */
	unsigned missed;        /* not told since the last one */
} knock;


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


static bool may_log(void)
{
	const uint64_t now = mono_ms();

	if (now < knock.next) {
		++knock.missed;
		return false;
	}

	knock.next = now + LOG_PAUSE;

	return true;
}


static void tell_refused(const struct sip_msg *msg, const char *why)
{
	if (!knock.h || !may_log())
		return;

	knock.h(msg, why, knock.missed);
	knock.missed = 0;
}


/*
 * Refusals are without a transaction: anybody may ask, and each transaction
 * keeps its request for 32 s. What is asked again is refused again.
 */
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
	if (may_log())
		info("connectycube: %r from %r: %H is not supported\n",
		     &msg->met, &msg->from.auri, msgcheck_print_required,
		     msg);

	(void)sip_replyf(uag_sip(), msg, 420, "Bad Extension",
			  "Unsupported: %H\r\n"
			  "Content-Length: 0\r\n\r\n",
			  msgcheck_print_required, msg);
}


/* A bridge has no text. What may be in a message: nothing (RFC 3428, 7) */
static void refuse_message(const struct sip_msg *msg)
{
	(void)sip_replyf(uag_sip(), msg, 415, "Unsupported Media Type",
			  "Accept: \r\n"
			  "Content-Length: 0\r\n\r\n");
}


static void reply(const struct sip_msg *msg, uint16_t scode,
		  const char *reason)
{
	(void)sip_reply(uag_sip(), msg, scode, reason);
}


static void refuse_caller(const struct sip_msg *msg)
{
	tell_refused(msg, "no server of this account"
		     " (connectycube_sip_allow)");
	reply(msg, 403, "Forbidden");
}


/* A bridged call cannot be transferred. baresip alone would accept it, and
   then leave the phone without a result */
static bool refer_request(const struct sip_msg *msg)
{
	/* not of this dialog: 481 by the session layer */
	if (pl_isset(&msg->to.tag) && !sipleg_find_request(msg))
		return false;

	reply(msg, 603, "Decline");

	return true;
}


/* Requests that belong to no dialog, or to one that baresip looks after */
static bool other_request(const struct sip_msg *msg)
{
	const bool inside = pl_isset(&msg->to.tag);

	if (is(msg, "MESSAGE")) {
		refuse_message(msg);
		return true;
	}

	/* nothing here can be watched (RFC 6665, 4.1.2) */
	if (is(msg, "SUBSCRIBE") && !inside) {
		reply(msg, 489, "Bad Event");
		return true;
	}

	return false;
}


static bool our_request(struct ua *ua, const struct sip_msg *msg)
{
	const bool call = is(msg, "INVITE") && !pl_isset(&msg->to.tag);

	if (call && !sip_room_may_ring(ua, &msg->src)) {
		refuse_caller(msg);
		return true;
	}

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
		return other_request(msg);

	/* of no call of ours: 481, if baresip does not know it either */
	if (!call && !sipleg_find_request(msg))
		return false;

	if (body_offer(msg))
		return true;

	if (!call)
		return false;

	screen_invite(ua, msg);

	return true;
}


static bool request_handler(const struct sip_msg *msg, void *arg)
{
	const char *fault;
	struct ua *ua;
	(void)arg;

	if (is(msg, "CANCEL"))
		return false;

	if (is(msg, "ACK")) {
		body_answer(msg);
		return false;
	}

	fault = msgcheck_fault(msg);
	if (fault) {
		bad_request(msg, fault);
		return true;
	}

	ua = uag_find(&msg->uri.user);
	if (ua && !sip_ua_is_attached(ua))
		return false;

	if (!is_known(msg)) {
		refuse_method(ua, msg);
		return true;
	}

	return ua ? our_request(ua, msg) : false;
}


/**
 * Set who is told of requests that were refused
 *
 * @param h Handler, NULL=nobody
 */
void sip_set_refused_handler(sip_refused_h *h)
{
	knock.h = h;
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
	lsnr = mem_deref(lsnr);
}
