/**
 * @file sip/pure/reason.c  Why a request was sent: Reason (RFC 3326) (pure)
 *
 *   CANCEL
 *   Reason: SIP;cause=200;text="Call completed elsewhere"
 *   Reason: Q.850;cause=26
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "reason.h"


/* What stands before the next separator that is in no quotes */
static bool next(struct pl *part, struct pl *rest, char sep)
{
	bool quoted = false;
	size_t i;

	if (!rest->l)
		return false;

	for (i=0; i<rest->l; i++) {

		const char c = rest->p[i];

		if (quoted && c == '\\' && i + 1 < rest->l)
			++i;
		else if (c == '"')
			quoted = !quoted;
		else if (c == sep && !quoted)
			break;
	}

	part->p = rest->p;
	part->l = i;
	pl_advance(rest, i < rest->l ? i + 1 : i);
	text_trim(part);

	return true;
}


static bool has_cause(struct pl *params, const char *cause)
{
	struct pl param, name;

	while (next(&param, params, ';')) {

		if (!next(&name, &param, '='))
			continue;

		text_trim(&param);
		if (!pl_strcasecmp(&name, "cause"))
			return !pl_strcmp(&param, cause);
	}

	return false;
}


static bool value_handler(const struct sip_hdr *hdr,
			  const struct sip_msg *msg, void *arg)
{
	struct pl vals = hdr->val, val, proto;
	(void)msg;
	(void)arg;

	while (next(&val, &vals, ',')) {

		if (!next(&proto, &val, ';'))
			continue;

		/* 26: non-selected user clearing */
		if ((!pl_strcasecmp(&proto, "SIP") &&
		     has_cause(&val, "200")) ||
		    (!pl_strcasecmp(&proto, "Q.850") &&
		     has_cause(&val, "26")))
			return true;
	}

	return false;
}


/**
 * Does a request say that somebody else has the call?
 *
 * @param msg CANCEL
 *
 * @return True if it does
 */
bool reason_is_elsewhere(const struct sip_msg *msg)
{
	return sip_msg_hdr_apply(msg, true, SIP_HDR_REASON, value_handler,
				 NULL) != NULL;
}
