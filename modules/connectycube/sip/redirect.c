/**
 * @file sip/redirect.c  A call of ours that is sent on: 3xx
 *
 *   INVITE a --> 302 b --> here --> INVITE b --> 486
 *                                   INVITE c --> 200
 *
 * libre would follow every 3xx by itself: its first address only, wherever that
 * is, and up to fifteen times. So it is shown a refusal instead, and the call is
 * made anew, with another Call-ID, as baresip has no other way to say by whom a
 * call was sent on. What may be followed is decided by pure/redirect.c.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/text.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/host.h"
#include "sip/fork.h"
#include "sip/pure/branches.h"
#include "sip/pure/redirect.h"


enum {
	MOVED = 480,            /* what a 3xx is that is not followed */
};

static struct {
	struct sip_redirect_prm prm;
	struct sip_lsnr *lsnr;
} rd;


/**
 * Set whether, and how, a call that is sent on is followed
 *
 * @param prm Parameters, copied
 */
void sip_set_redirect(const struct sip_redirect_prm *prm)
{
	rd.prm = *prm;
}


static bool may_handler(const struct pl *host, void *arg)
{
	return sipleg_may_target(arg, host);
}


static void get_rules(struct redirect_rules *r, struct sipleg *leg)
{
	const struct uri *luri = account_luri(ua_account(leg->ua));

	memset(r, 0, sizeof(*r));

	r->follow = sip_follows();
	r->max    = rd.prm.max;
	r->domain = luri->host;
	r->port   = luri->port;
	r->secure = sipleg_is_secure(leg);
	r->mayh   = may_handler;
	r->arg    = leg;
}


static const char *why_not(int err)
{
	switch (err) {

	case ENOENT:          return "it names no address";
	case ENOTSUP:         return !sip_follows() ?
			"connectycube_redirect is no" :
			"calls are not sent on by such a response";
	case EALREADY:        return "it goes round in circles";
	case E2BIG:           return "it was sent on too often"
			" (connectycube_redirect_max)";
	case EACCES:          return "it goes to another server"
			" (connectycube_redirect)";
	case EPROTONOSUPPORT: return "it goes to no address of SIP";
	default:              return "its address cannot be read";
	}
}


static int take(struct sipleg *leg, const struct sip_msg *msg)
{
	struct redirect_rules rules;
	int err = 0;

	if (!leg->redirect)
		err = redirect_alloc(&leg->redirect, leg->peer_uri);
	if (err)
		return err;

	get_rules(&rules, leg);

	return redirect_add(leg->redirect, msg, &rules);
}


static void forget_handler(void *arg)
{
	struct sipleg *leg = arg;

	leg->sent_on = false;
}


static bool response_handler(const struct sip_msg *msg, void *arg)
{
	struct sipleg *leg;
	int err;
	(void)arg;

	if (msg->scode < 300 || msg->scode > 399 ||
	    pl_strcmp(&msg->cseq.met, "INVITE"))
		return false;

	leg = sipleg_find_ours(msg);
	if (!leg || !leg->fork || leg->estab)
		return false;

	err = take(leg, msg);
	if (err) {
		clog_info_of(leg->id,
			     "call to %s: %u %r is not followed: %s\n",
			     leg->peer_uri, msg->scode, &msg->reason,
			     why_not(err));
	}
	else {
		/* only if libre takes this response in this very turn */
		leg->sent_on = true;
		tmr_start(&leg->tmr_on, 0, forget_handler, leg);
	}

	((struct sip_msg *)msg)->scode = MOVED;

	return false;
}


/* As if it had never been called */
static void begin_anew(struct sipleg *leg)
{
	fork_release(leg->fork);
	leg->fork     = NULL;
	leg->id       = mem_deref(leg->id);
	leg->branches = mem_deref(leg->branches);
	leg->early    = false;
	leg->other    = false;
	leg->refused  = false;
	leg->denied   = 0;
	leg->chosen   = false;
	memset(&leg->au, 0, sizeof(leg->au));
}


static void call_handler(void *arg)
{
	struct sipleg *leg = arg;
	const char *uri = redirect_target(leg->redirect);
	int err;

	begin_anew(leg);

	/* it is not asked again, and may go away at any time */
	if (!sip_ua_exists(leg->ua)) {
		sipleg_close_later(leg, 503);
		return;
	}

	clog_info_of(leg->id, "call to %s is sent on to %s\n", leg->peer_uri,
		     uri);

	err = sipleg_set_target(leg, uri);
	if (!err)
		err = sipleg_invite(leg, uri, NULL);
	leg->going = false;

	if (!err) {
		if (leg->h.movedh)
			leg->h.movedh(uri, leg->arg);
	}
	else {
		sipleg_drop_call(leg);
		if (!redirect_go_on(leg, 0))
			sipleg_close_later(leg, 0);
	}
}


/**
 * A call has ended before its answer. Is there anybody else to be called?
 *
 * @param leg   Leg, without a call of baresip's
 * @param scode Status code, 0=none
 *
 * @return True if somebody is called: the leg goes on
 */
bool redirect_go_on(struct sipleg *leg, uint16_t scode)
{
	if (!leg->redirect || leg->estab || leg->closed)
		return false;

	/* that is the last word of whoever is behind all of them */
	if (!leg->sent_on && (scode == 487 || scode >= 600))
		return false;

	leg->sent_on = false;

	if (!redirect_next(leg->redirect))
		return false;

	/* not from inside of what baresip does with its last call */
	tmr_start(&leg->tmr_on, 0, call_handler, leg);

	return true;
}


/**
 * Say in an INVITE, before it is sent, by whom the call was sent on
 *
 * @param leg  Leg
 * @param call Its call
 *
 * @return 0 if success, otherwise errorcode
 */
int redirect_headers(const struct sipleg *leg, struct call *call)
{
	struct list hdrl = LIST_INIT;
	struct le *le;
	int err = 0;

	if (!leg->redirect || !rd.prm.tell)
		return 0;

	/* those that there are */
	for (le = list_head(call_get_custom_hdrs(call)); le && !err;
	     le = le->next) {

		const struct sip_hdr *hdr = le->data;
		char name[64];

		err = text_str(name, sizeof(name), &hdr->name);
		if (!err)
			err = custom_hdrs_add(&hdrl, name, "%r", &hdr->val);
	}

	if (!err && (rd.prm.tell & REDIRECT_DIVERSION))
		err = custom_hdrs_add(&hdrl, "Diversion", "%H",
				      redirect_print_diversion,
				      leg->redirect);
	if (!err && (rd.prm.tell & REDIRECT_HISTORY))
		err = custom_hdrs_add(&hdrl, "History-Info", "%H",
				      redirect_print_history, leg->redirect);
	if (!err)
		call_set_custom_hdrs(call, &hdrl);

	list_flush(&hdrl);

	return err;
}


/**
 * Start looking at 3xx
 *
 * @return 0 if success, otherwise errorcode
 */
int redirect_init(void)
{
	return host_listen(&rd.lsnr, false, HOST_FIRST, response_handler,
			   NULL);
}


/**
 * Stop looking at 3xx
 */
void redirect_close(void)
{
	rd.lsnr = mem_deref(rd.lsnr);
}
