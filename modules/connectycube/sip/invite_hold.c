/**
 * @file sip/invite_hold.c  Holds an INVITE until the cloud has heard of it
 *
 * baresip answers every INVITE with 180 at once, before anybody could say
 * that the call is impossible (404, 503) or that nobody is being rung yet.
 * So we look at initial INVITEs before baresip does: hold them in a server
 * transaction of our own with 100 Trying, and either reject them or let them
 * go on to baresip, which then sends its 180.
 *
 *    INVITE --> [transactions] --> requests --> [baresip's sessions]
 *                                   |    ^
 *                                   v    |
 *                                   screen (held)
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "sip.h"
#include "sip/pure/about.h"
#include "leg.h"
#include "session.h"


/** A held INVITE */
struct screen {
	struct sipleg *leg;     /**< Leg (parent)                          */
	const struct sip_msg *msg; /**< The INVITE (owned)                 */
	struct sip_strans *st;  /**< Its server transaction (owned)        */
};

static struct {
	screen_h *h;
	void *arg;
	sip_unfit_h *unfith;    /* who is told */
} scr;


static void destructor(void *data)
{
	struct screen *s = data;

	mem_deref(s->st);
	mem_deref((void *)s->msg);
}


static void cancel_handler(void *arg)
{
	struct screen *s = arg;

	(void)screen_reject(s, 487, "Request Terminated", 0);
	sipleg_close(s->leg, 487, "Request Terminated");
}


static int screen_alloc(struct screen **sp, struct sipleg *leg,
			const struct sip_msg *msg)
{
	struct screen *s;
	int err;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	s->leg = leg;
	s->msg = mem_ref((void *)msg);

	err = sip_strans_alloc(&s->st, uag_sip(), msg, cancel_handler, s);
	if (err)
		goto out;

	err = sip_treply(&s->st, uag_sip(), msg, 100, "Trying");

 out:
	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


static int set_caller(struct sipleg *leg, const struct sip_msg *msg)
{
	const bool trusted = sip_room_trusts(leg->ua, &msg->src);
	struct identity id;
	int err;

	leg->cseq = msg->cseq.num;
	connected_client(leg, msg);

	err = identity_caller(&id, msg, trusted);
	if (err)
		return err;

	if (identity_decode(&leg->from, &msg->from.val))
		(void)identity_decode(&leg->from, &msg->from.auri);

	leg->about = mem_zalloc(sizeof(*leg->about), NULL);
	if (!leg->about)
		return ENOMEM;

	about_decode(leg->about, msg, trusted);
	sip_trace_read(leg->about, msg);
	sipleg_see_diverted(leg, msg);

	err = sipleg_set_peer(leg, &id);
	if (err)
		return err;

	err = pl_strdup(&leg->id, &msg->callid);
	if (err)
		return err;

	/* as libre makes it of that, for all of its responses */
	err = re_sdprintf(&leg->tag_local, "%016llx",
			  (unsigned long long)msg->tag);
	if (err)
		return err;

	err = pl_strdup(&leg->branch, &msg->via.branch);
	if (err)
		return err;

	return re_sdprintf(&leg->ftag, "%r", &msg->from.tag);
}


static void tell(const struct ua *ua, const struct sip_msg *msg,
		 uint16_t scode, const char *reason)
{
	char *uri = NULL, *callid = NULL;

	if (scr.unfith && !pl_strdup(&uri, &msg->from.auri) &&
	    !pl_strdup(&callid, &msg->callid))
		scr.unfith(ua, uri, callid, scode, reason);

	mem_deref(uri);
	mem_deref(callid);
}


static void reply_failed(const struct ua *ua, const struct sip_msg *msg,
			 int err)
{
	if (err == ENOTSUP || err == EPROTO) {
		tell(ua, msg, 488, err == ENOTSUP ?
		     "no audio codec in common" :
		     "no a=crypto that can be used, and plain RTP is not"
		     " wanted");
		(void)sip_treply(NULL, uag_sip(), msg, 488,
				 "Not Acceptable Here");
		return;
	}

	clog_warning("call from %r: %m\n", &msg->from.auri, err);
	(void)sip_treply(NULL, uag_sip(), msg, 500, "Server Internal Error");
}


/**
 * Hold a caller's INVITE, unless it is refused at once
 *
 * @param ua  User-Agent that is called
 * @param msg INVITE without a To tag
 */
void screen_invite(struct ua *ua, const struct sip_msg *msg)
{
	struct sipleg *leg = NULL, *old;
	const char *reason;
	uint16_t scode;
	int err;

	if (sip_room_has(ua, msg)) {
		(void)sip_treply(NULL, uag_sip(), msg, 482, "Loop Detected");
		return;
	}

	scode = replaces_find(&old, msg, &reason);
	if (scode) {
		(void)sip_treply(NULL, uag_sip(), msg, scode, reason);
		return;
	}

	err = sipleg_alloc(&leg, ua);
	if (err)
		goto out;

	err = offer_read(leg, msg);
	if (err)
		goto out;

	err = set_caller(leg, msg);
	if (err)
		goto out;

	if (session_refuse(leg, msg)) {
		mem_deref(leg);
		return;
	}

	session_heard(leg, msg);
	err = reliable_is_required(msg) ?
		reliable_require(leg, msg->cseq.num) : 0;
	if (err)
		goto out;

	err = screen_alloc(&leg->scr, leg, msg);
	if (err)
		goto out;

	sipleg_set_expires(leg, &msg->expires);
	if (old)
		old->h.replaceh(leg, old->arg);
	else
		scr.h(leg, scr.arg);

 out:
	if (err) {
		reply_failed(ua, msg, err);
		mem_deref(leg);
	}
}


static bool hide_handler(const struct sip_hdr *hdr,
			 const struct sip_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;

	((struct sip_hdr *)hdr)->id = SIP_HDR_NONE;

	return false;
}


/**
 * Let a held INVITE go on to baresip, which creates its call and sends 180
 *
 * @param s Held INVITE; gone when this returns
 *
 * @return 0 if success, otherwise errorcode
 */
int screen_let_go(struct screen *s)
{
	const struct sip_msg *msg;
	bool taken;

	if (!s)
		return EINVAL;

	msg = s->msg;
	s->msg = NULL;

	/* baresip opens a transaction of its own for the same request */
	mem_deref(s);

	/* it would refuse what it does not do itself */
	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_REQUIRE, hide_handler,
				NULL);

	taken = request_pass_on(msg);

	mem_deref((void *)msg);

	return taken ? 0 : ENOENT;
}


/**
 * Answer a held INVITE with headers
 *
 * @param s      Held INVITE; to be freed by the caller
 * @param scode  Status code [300-699]
 * @param reason Reason phrase
 * @param hdrs   Headers, each with its line end
 *
 * @return 0 if success, otherwise errorcode
 */
int screen_reply(struct screen *s, uint16_t scode, const char *reason,
		 const char *hdrs)
{
	if (!s || scode < 300)
		return EINVAL;

	return sip_treplyf(&s->st, NULL, uag_sip(), s->msg, false, scode,
			   reason, "%sContent-Length: 0\r\n\r\n", hdrs);
}


/**
 * Reject a held INVITE
 *
 * @param s           Held INVITE; to be freed by the caller
 * @param scode       Status code [300-699]
 * @param reason      Reason phrase
 * @param retry_after Value of Retry-After [s], 0=none
 *
 * @return 0 if success, otherwise errorcode
 */
int screen_reject(struct screen *s, uint16_t scode, const char *reason,
		  uint32_t retry_after)
{
	char hdrs[32] = "";

	if (retry_after)
		(void)re_snprintf(hdrs, sizeof(hdrs), "Retry-After: %u\r\n",
				  retry_after);

	return screen_reply(s, scode, reason, hdrs);
}


/**
 * Set who decides on held INVITEs
 *
 * @param h   Handler of a held INVITE; takes the leg over. NULL=nobody
 * @param arg Handler argument
 */
void screen_set_handler(screen_h *h, void *arg)
{
	scr.h   = h;
	scr.arg = arg;
}


/**
 * Set who is told of calls that were refused for what they offer
 *
 * @param h Handler, NULL=nobody
 */
void sip_set_unfit_handler(sip_unfit_h *h)
{
	scr.unfith = h;
}
