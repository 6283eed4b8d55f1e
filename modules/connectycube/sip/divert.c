/**
 * @file sip/divert.c  A call that nobody takes is sent elsewhere: 302
 *
 * The server that sent the INVITE calls the other address itself, as it would
 * for any phone, under its own rules for what may be called.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "sip/sip.h"
#include "sip/host.h"
#include "sip/pure/forwarded.h"
#include "sip/leg.h"


/**
 * Find out whether a call may be sent elsewhere, from its INVITE
 *
 * @param leg Incoming leg
 * @param msg INVITE
 */
void sipleg_see_diverted(struct sipleg *leg, const struct sip_msg *msg)
{
	const struct uri *luri = account_luri(ua_account(leg->ua));

	leg->may_divert = luri && forwarded_may(msg, &luri->user);
}


/**
 * May a call be sent elsewhere?
 *
 * @param leg Leg
 *
 * @return True if it is one that came in, and has not been here before
 */
bool sipleg_may_divert(const struct sipleg *leg)
{
	return leg && leg->may_divert;
}


/**
 * End an incoming call that was not answered by telling its caller where to
 * call instead
 *
 * @param leg Leg; over afterwards, closeh is not called
 * @param uri SIP URI
 * @param why Word of RFC 5806, such as "user-busy"
 *
 * @return 0 if success, otherwise errorcode: nothing has happened
 */
int sipleg_divert(struct sipleg *leg, const char *uri, const char *why)
{
	static const uint16_t scode = 302;
	static const char reason[] = "Moved Temporarily";
	char *hdrs = NULL;
	int err;

	if (!leg || !uri || !why || leg->closed || leg->estab)
		return EINVAL;

	err = re_sdprintf(&hdrs, "Contact: <%s>\r\n"
			  "Diversion: <%s>;reason=%s;counter=1\r\n",
			  uri, account_aor(ua_account(leg->ua)), why);
	if (err)
		return err;

	if (leg->scr) {
		err = screen_reply(leg->scr, scode, reason, hdrs);
		if (!err)
			leg->scr = mem_deref(leg->scr);
	}
	else {
		err = sipsess_reject(host_session(leg->id, leg->call),
				     scode, reason,
				     "%sContent-Length: 0\r\n\r\n", hdrs);
	}

	if (!err) {
		clog_info_of(leg->id, "call from %s sent to %s (%s)\n",
			     leg->peer_uri, uri, why);
		sipleg_end(leg, scode, 0);
	}

	mem_deref(hdrs);

	return err;
}
