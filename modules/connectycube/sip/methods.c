/**
 * @file sip/methods.c  Requests that are neither INVITE nor INFO nor REFER
 *
 * What they are for is answered as it is, what has no place here is refused by
 * the code that says so (see pure/ability.c for what is allowed).
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/messages.h"
#include "sip/session.h"
#include "sip/pure/ability.h"
#include "sip/pure/presdoc.h"
#include "sip/watch.h"


static bool is(const struct sip_msg *msg, const char *method)
{
	return 0 == pl_strcmp(&msg->met, method);
}


static void reply(const struct sip_msg *msg, uint16_t scode,
		  const char *reason)
{
	(void)sip_reply(uag_sip(), msg, scode, reason);
}


/**
 * Refuse a method that is not allowed
 *
 * @param msg Request
 */
void methods_refuse(const struct sip_msg *msg)
{
	(void)sip_replyf(uag_sip(), msg, 405, "Method Not Allowed",
			  "Allow: %H\r\n"
			  "Content-Length: 0\r\n\r\n",
			  ability_print_allow, NULL);
}


/* baresip would make a call for it, with its ports, to show an SDP */
static void answer_options(const struct sip_msg *msg)
{
	(void)sip_replyf(uag_sip(), msg, 200, "OK",
			 "%H"
			 "Accept: application/sdp, multipart/mixed,"
			 " multipart/alternative\r\n"
			 "Accept-Encoding: identity\r\n"
			 "Allow-Events: " ABILITY_EVENTS "\r\n"
			 "Content-Length: 0\r\n\r\n",
			 ability_print_headers, NULL);
}


/* Nothing else can be watched (RFC 6665, 4.1.2, 8.3.2) */
static void refuse_event(const struct sip_msg *msg)
{
	(void)sip_replyf(uag_sip(), msg, 489, "Bad Event",
			 "Allow-Events: " ABILITY_EVENTS "\r\n"
			 "Content-Length: 0\r\n\r\n");
}


/* Subscriptions that there may be: libre knows which there are */
static bool is_event(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_EVENT);
	struct sipevent_event ev;
	enum presdoc_kind kind;

	if (!hdr || sipevent_event_decode(&ev, &hdr->val))
		return false;

	return !pl_strcasecmp(&ev.event, "refer") ||
		presdoc_kind(&kind, &ev.event);
}


/**
 * Handle a request that is neither INVITE nor INFO nor REFER
 *
 * @param ua  User-Agent, bridged
 * @param msg Request
 *
 * @return True if it was answered, false if it is libre's
 */
bool methods_request(struct ua *ua, const struct sip_msg *msg)
{
	const bool inside = pl_isset(&msg->to.tag);

	if (is(msg, "OPTIONS")) {
		answer_options(msg);
		return true;
	}

	/* these are of a call, or of a subscription that nobody has made */
	if (!inside && (is(msg, "UPDATE") || is(msg, "PRACK") ||
			is(msg, "INFO") || is(msg, "NOTIFY"))) {
		reply(msg, 481, "Call Does Not Exist");
		return true;
	}

	if (is(msg, "UPDATE")) {
		update_request(msg);
		return true;
	}

	if (is(msg, "PRACK")) {
		reliable_prack(msg);
		return true;
	}

	if (is(msg, "MESSAGE")) {
		message_request(ua, msg);
		return true;
	}

	if (is(msg, "SUBSCRIBE") && inside && is_event(msg))
		return false;

	if (is(msg, "SUBSCRIBE")) {
		if (inside || !watch_request(ua, msg))
			refuse_event(msg);
		return true;
	}

	return false;
}
