/**
 * @file sip/pure/forwarded.c  May a call be passed on once more?
 *
 * Pure. Who passes a call on writes itself into Diversion (RFC 5806), or the new
 * target into History-Info (RFC 7044). If we stand there already, the call has
 * come back, and would do so for ever.
 */
#include <string.h>
#include <re.h>
#include "identity.h"
#include "about.h"
#include "forwarded.h"


/** What stands in such headers */
struct seen {
	const struct pl *own;   /**< Our user                              */
	unsigned hops;          /**< How often it was passed on            */
	unsigned us;            /**< How often we are named                */
};


static bool is_own(const struct seen *seen, const struct pl *val)
{
	struct identity id;

	return !identity_decode(&id, val) &&
		!pl_strcasecmp(seen->own, id.number);
}


/* ";counter=N": that many, not all of which are listed */
static unsigned counter(const struct pl *val)
{
	const char *end = pl_strchr(val, '>');
	struct pl params, pl;

	if (!end)
		return 1;

	params.p = end + 1;
	params.l = val->p + val->l - params.p;

	if (msg_param_decode(&params, "counter", &pl) || !pl.l)
		return 1;

	return pl.l > 2 ? FORWARDED_MAX : MAX(pl_u32(&pl), 1);
}


static bool diversion_handler(const struct sip_hdr *hdr,
			      const struct sip_msg *msg, void *arg)
{
	struct pl rest = hdr->val, val;
	struct seen *seen = arg;
	(void)msg;

	while (about_next(&val, &rest)) {
		seen->hops += counter(&val);
		seen->us   += is_own(seen, &val);
	}

	return false;
}


/* Each target, the present one included */
static bool history_handler(const struct sip_hdr *hdr,
			    const struct sip_msg *msg, void *arg)
{
	struct pl rest = hdr->val, val;
	struct seen *seen = arg;
	(void)msg;

	while (about_next(&val, &rest)) {
		++seen->hops;
		seen->us += is_own(seen, &val);
	}

	return false;
}


/**
 * May a call be passed on once more?
 *
 * @param msg Its INVITE
 * @param own User part of our address
 *
 * @return False if we have done so before, or it was done too often
 */
bool forwarded_may(const struct sip_msg *msg, const struct pl *own)
{
	struct seen seen = {own, 0, 0};

	if (!msg || !own)
		return false;

	(void)sip_msg_xhdr_apply(msg, true, "Diversion", diversion_handler,
				 &seen);
	if (seen.us || seen.hops >= FORWARDED_MAX)
		return false;

	memset(&seen, 0, sizeof(seen));
	seen.own = own;
	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_HISTORY_INFO,
				history_handler, &seen);

	return seen.us < 2 && seen.hops <= 2 * FORWARDED_MAX;
}
