/**
 * @file sip/refer.c  The phone orders a transfer: REFER within a call
 *
 *   phone           bridge
 *     |---REFER----->|   Refer-To: <sip:2000@pbx.example>
 *     |<--202--------|
 *     |<--NOTIFY-----|   SIP/2.0 100 Trying
 *     |<--NOTIFY-----|   SIP/2.0 180 Ringing
 *     |<--NOTIFY-----|   SIP/2.0 200 OK, the subscription ends
 *
 * baresip alone would take it and leave the phone without a result. Progress is
 * told by libre's notifier, in the call's dialog, which may outlive the call.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/host.h"
#include "sip/pure/referto.h"


enum {
	EXPIRES = 600,          /* of the subscription [s]: longer than
				   anybody rings */
};

/** Somebody who has ordered a transfer */
struct referral {
	struct sipnot *not;     /**< Notifier (owned), NULL=none is wanted
				     any more                              */
};


static void destructor(void *data)
{
	struct referral *r = data;

	mem_deref(r->not);
}


/* It does not know its subscription any more, or does not answer */
static void close_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct referral *r = arg;
	(void)err;
	(void)msg;

	r->not = mem_deref(r->not);
}


/**
 * Tell who has ordered a transfer how it goes on. Nothing is told after a final
 * status
 *
 * @param r      Who has ordered it
 * @param scode  Status code [100-699]
 * @param reason Reason phrase
 */
void referral_notify(struct referral *r, uint16_t scode, const char *reason)
{
	const bool final = scode >= 200;

	if (!r || !r->not)
		return;

	(void)sipevent_notifyf(r->not, NULL, final ? SIPEVENT_TERMINATED
			       : SIPEVENT_ACTIVE, SIPEVENT_NORESOURCE, 0,
			       "SIP/2.0 %u %s\r\n", scode, reason);
	if (final)
		r->not = mem_deref(r->not);
}


static bool wants_progress(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_REFER_SUB);

	return !hdr || pl_strcasecmp(&hdr->val, "false");
}


/* A phone that has no use for NOTIFY gets none (RFC 4488) */
static int accept_quietly(const struct sipleg *leg,
			  const struct sip_msg *msg)
{
	struct sip_contact contact;

	sip_contact_set(&contact, ua_local_cuser(leg->ua), &msg->dst,
			msg->tp);

	return sip_treplyf(NULL, NULL, uag_sip(), msg, false, 202,
			   "Accepted",
			   "%H"
			   "Refer-Sub: false\r\n"
			   "Content-Length: 0\r\n\r\n",
			   sip_contact_print, &contact);
}


static int accept_order(struct referral *r, const struct sipleg *leg,
			const struct sip_msg *msg)
{
	int err;

	if (!wants_progress(msg))
		return accept_quietly(leg, msg);

	err = sipevent_accept(&r->not, uag_sipevent_sock(), msg,
			      sipleg_dialog(leg), NULL,
			      202, "Accepted", EXPIRES, EXPIRES, EXPIRES,
			      ua_local_cuser(leg->ua), "message/sipfrag",
			      sip_auth_handler, ua_account(leg->ua), true,
			      close_handler, r, "%s", "");
	if (!err)
		referral_notify(r, 100, "Trying");

	return err;
}


static int take_order(struct sipleg *leg, const struct sip_msg *msg,
		      const struct referto *rt)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_REFERRED_BY);
	struct sip_refer refer = {.to = rt};
	char by[REFERTO_URI];
	struct referral *r;
	int err;

	if (hdr && !referto_by_decode(by, sizeof(by), &hdr->val))
		refer.by = by;

	r = mem_zalloc(sizeof(*r), destructor);
	if (!r)
		return ENOMEM;

	err = accept_order(r, leg, msg);
	if (!err)
		leg->h.referh(&refer, r, leg->arg);

	mem_deref(r);

	return err;
}


static void reply(const struct sip_msg *msg, uint16_t scode,
		  const char *reason)
{
	(void)sip_treply(NULL, uag_sip(), msg, scode, reason);
}


/* 0, or why it is refused */
static uint16_t decode(struct referto *rt, const struct sip_msg *msg,
		       const char **reasonp)
{
	const struct sip_hdr *to = sip_msg_hdr(msg, SIP_HDR_REFER_TO);

	*reasonp = "Bad Refer-To";

	if (sip_msg_hdr_count(msg, SIP_HDR_REFER_TO) != 1)
		return 400;

	switch (referto_decode(rt, &to->val)) {

	case 0:
		break;

	case ENOTSUP:
		*reasonp = "Unsupported URI Scheme";
		return 416;

	default:
		return 400;
	}

	return 0;
}


/* One of two calls that it has with us is joined with the other: nobody is
   called for that */
static bool is_forbidden(struct sipleg *leg, const struct referto *rt)
{
	if (sipleg_may_go(leg, rt) ||
	    (rt->rep.callid[0] && sipleg_find_dialog(&rt->rep)))
		return false;

	clog_info_of(leg->id, "transfer by %s to %s is refused: it goes"
		     " to another server (connectycube_redirect)\n",
		     leg->peer_uri, rt->uri);

	return true;
}


/**
 * A REFER has come: a transfer is ordered
 *
 * @param msg Request
 *
 * @return True if it was answered, false if it is of no dialog of ours
 */
bool refer_request(const struct sip_msg *msg)
{
	struct referto rt;
	struct sipleg *leg;
	const char *reason;
	uint16_t scode;

	/* outside of a call there is nobody to be transferred */
	if (!pl_isset(&msg->to.tag)) {
		reply(msg, 603, "Decline");
		return true;
	}

	/* not of this dialog: 481 by the session layer */
	leg = sipleg_find_request(msg);
	if (!leg)
		return false;

	if (sipleg_refuse_overtaken(leg, msg))
		return true;

	if (!leg->estab || !leg->h.referh) {
		reply(msg, 603, "Decline");
		return true;
	}

	scode = decode(&rt, msg, &reason);
	if (scode)
		reply(msg, scode, reason);
	else if (is_forbidden(leg, &rt))
		reply(msg, 403, "Forbidden");
	else if (referto_secure(&rt, sipleg_is_secure(leg)) ||
		 take_order(leg, msg, &rt))
		reply(msg, 500, "Server Internal Error");

	return true;
}
