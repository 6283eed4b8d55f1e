/**
 * @file log/flightid.c  Of which call is a message?
 *
 * Pure. It is searched for in the text, since all that is shown is text.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "base/wire.h"
#include "log/logrec.h"
#include "log/flight.h"


/* A SIP header's value, by its name or its short form */
static bool header(struct pl *val, const struct pl *msg, const char *name,
		   const char *brief)
{
	struct pl rest = *msg, line, n;

	while (text_line(&rest, &line) && line.l) {

		if (text_split(&line, ':', &n, val) &&
		    (!pl_strcasecmp(&n, name) || !pl_strcasecmp(&n, brief)))
			return val->l > 0;
	}

	return false;
}


static bool element(struct pl *val, const struct pl *msg, const char *tag)
{
	const size_t n = strlen(tag);
	const char *p = memmem(msg->p, msg->l, tag, n), *end;

	if (!p)
		return false;

	val->p = p + n;
	end    = memchr(val->p, '<', msg->p + msg->l - val->p);
	val->l = end ? (size_t)(end - val->p) : 0;

	return val->l > 0;
}


/**
 * Find what a message says of its call: Call-ID or session id
 *
 * @param id   Returned id
 * @param kind What is spoken
 * @param text Message
 * @param len  Its length [bytes]
 *
 * @return True if there is one
 */
bool flight_id(struct pl *id, enum wire_kind kind, const char *text,
	       size_t len)
{
	const char *body = kind == WIRE_SIP ? memmem(text, len, "\r\n\r\n", 4)
		: NULL;
	const struct pl msg = {text, body ? (size_t)(body - text) : len};

	switch (kind) {

	case WIRE_SIP:
		return header(id, &msg, "Call-ID", "i");

	case WIRE_XMPP:
		return element(id, &msg, "<sessionID>") ||
			element(id, &msg, "<session_id>");

	default:
		return false;
	}
}


/**
 * May a message begin a call?
 *
 * @param kind What is spoken
 * @param text Message
 * @param len  Its length [bytes]
 *
 * @return True if it may
 */
bool flight_begins(enum wire_kind kind, const char *text, size_t len)
{
	static const char call[] = "<signalType>call</signalType>";

	switch (kind) {

	case WIRE_SIP:
		return len > 7 && !memcmp(text, "INVITE ", 7);

	case WIRE_XMPP:
		return memmem(text, len, call, sizeof(call) - 1) != NULL;

	default:
		return false;
	}
}
