/**
 * @file sip/replaces.c  An INVITE that takes the place of another call (RFC 3891)
 *
 *   INVITE, Replaces: a;to-tag=1;from-tag=2
 *
 *   no such dialog, or a caller's that was not answered   481
 *   one that has ended                                    603
 *   answered, and early-only                              486
 *   answered; or ours, which only rings                   the leg is replaced
 *
 * Who may do so is whoever may ring, and knows the dialog's tags.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/fork.h"
#include "sip/host.h"
#include "sip/pure/referto.h"


enum {
	ENDED_MAX = 64,         /* dialogs that are remembered */
};

static struct {
	struct sip_dialog *dlgv[ENDED_MAX]; /* owned */
	size_t n;               /* how many there were, ever */
} ended;


/* What a request of that dialog would look like */
static void set_request(struct sip_msg *msg, const struct replaces *rep)
{
	memset(msg, 0, sizeof(*msg));
	msg->req = true;
	pl_set_str(&msg->callid, rep->callid);
	pl_set_str(&msg->to.tag, rep->ltag);
	pl_set_str(&msg->from.tag, rep->rtag);
}


/**
 * A call is over: who wants its place is told so
 *
 * @param leg Leg that still has its call
 */
void replaces_remember(const struct sipleg *leg)
{
	struct sip_dialog *dlg = sipleg_dialog(leg);
	struct sip_dialog **slot;

	if (!dlg)
		return;

	slot = &ended.dlgv[ended.n++ % ENDED_MAX];
	mem_deref(*slot);
	*slot = mem_ref(dlg);
}


/**
 * Forget all calls that are over
 */
void replaces_close(void)
{
	size_t i;

	for (i=0; i<ENDED_MAX; i++)
		ended.dlgv[i] = mem_deref(ended.dlgv[i]);

	ended.n = 0;
}


static bool has_ended(const struct sip_msg *req)
{
	size_t i;

	for (i=0; i<ENDED_MAX; i++) {
		if (sip_dialog_cmp(ended.dlgv[i], req))
			return true;
	}

	return false;
}


/* Of a call of ours that only rings the dialog is known by who has rung */
static bool rings(const struct sipleg *leg, const struct sip_msg *req)
{
	return !leg->ftag && fork_rings(leg->fork, &req->from.tag) &&
		sip_dialog_cmp_half(sipleg_dialog(leg), req);
}


static bool dialog_handler(struct sipleg *leg, void *arg)
{
	const struct sip_msg *req = arg;

	return leg->id && !leg->closed && !pl_strcmp(&req->callid, leg->id) &&
		(sip_dialog_cmp(sipleg_dialog(leg), req) || rings(leg, req));
}


/**
 * Find the leg of a dialog
 *
 * @param rep Dialog, as we have it
 *
 * @return Leg, NULL if there is none
 */
struct sipleg *sipleg_find_dialog(const struct replaces *rep)
{
	struct sip_msg req;

	set_request(&req, rep);

	return sip_room_apply(dialog_handler, &req);
}


static uint16_t check(const struct sipleg *leg, const struct replaces *rep,
		      const char **reasonp)
{
	struct sip_msg req;

	*reasonp = "Call/Transaction Does Not Exist";

	if (!leg) {
		set_request(&req, rep);
		if (!has_ended(&req))
			return 481;

		*reasonp = "Decline";
		return 603;
	}

	/* a caller's that was not answered (RFC 3891, 3) */
	if (!leg->estab && leg->ftag)
		return 481;

	if (leg->estab && rep->early) {
		*reasonp = "Busy Here";
		return 486;
	}

	return leg->h.replaceh ? 0 : 481;
}

/**
 * Find whom an INVITE wants to replace
 *
 * @param oldp    Leg, NULL=nobody
 * @param msg     INVITE
 * @param reasonp Reason phrase
 *
 * @return 0 if it may, or does not want to; else status code
 */
uint16_t replaces_find(struct sipleg **oldp, const struct sip_msg *msg,
		       const char **reasonp)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_REPLACES);
	struct replaces rep;

	*oldp = NULL;
	if (!hdr)
		return 0;

	if (sip_msg_hdr_count(msg, SIP_HDR_REPLACES) > 1 ||
	    replaces_decode(&rep, &hdr->val)) {
		*reasonp = "Bad Replaces";
		return 400;
	}

	*oldp = sipleg_find_dialog(&rep);

	return check(*oldp, &rep, reasonp);
}
