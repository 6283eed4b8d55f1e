/**
 * @file sip/refertx.c  A transfer that the SIP server does: REFER within a call
 *
 *   bridge          server
 *     |---REFER----->|   Refer-To: <sip:2000@pbx.example>
 *     |<--202--------|
 *     |<--NOTIFY-----|   SIP/2.0 180 Ringing
 *     |<--NOTIFY-----|   SIP/2.0 200 OK
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/host.h"
#include "sip/pure/referto.h"
#include "sip/pure/sipfrag.h"


/** A REFER of ours */
struct refertx {
	struct sipsub *sub;     /**< What tells of progress (owned)        */
	sip_referred_h *h;      /**< Handler, NULL=it has heard the end    */
	void *arg;              /**< Its argument                          */
};


static void destructor(void *data)
{
	struct refertx *tx = data;

	tx->h = NULL;
	mem_deref(tx->sub);
}


/* Nothing is told after the end; whoever hears of it may free us */
static void tell(struct refertx *tx, uint16_t scode, const char *reason)
{
	sip_referred_h *h = tx->h;

	if (scode >= 200)
		tx->h = NULL;
	if (h)
		h(scode, reason, tx->arg);
}


static void notify_handler(struct sip *sip, const struct sip_msg *msg,
			   void *arg)
{
	struct refertx *tx = arg;
	char reason[SIPFRAG_TEXT];
	uint16_t scode;
	struct pl body;

	if (!msg_ctype_cmp(&msg->ctyp, "message", "sipfrag")) {
		(void)sip_treply(NULL, sip, msg, 415,
				 "Unsupported Media Type");
		return;
	}

	pl_set_mbuf(&body, msg->mb);
	if (sipfrag_decode(&scode, reason, sizeof(reason), &body)) {
		(void)sip_treply(NULL, sip, msg, 400, "Bad Body");
		return;
	}

	(void)sip_treply(NULL, sip, msg, 200, "OK");

	mem_ref(tx);
	tell(tx, scode, reason);
	mem_deref(tx);
}


/* Refused, or over without a result */
static void close_handler(int err, const struct sip_msg *msg,
			  const struct sipevent_substate *substate, void *arg)
{
	struct refertx *tx = arg;
	(void)substate;

	tx->sub = mem_deref(tx->sub);

	if (msg && msg->scode >= 300)
		tell(tx, msg->scode, sip_reason(msg->scode));
	else
		tell(tx, err ? 408 : 480, "the SIP server has not told what"
		     " became of it");
}


/**
 * Have the far end of a leg call somebody else
 *
 * @param txp Pointer to the order; to be kept until the end is told
 * @param leg Leg
 * @param to  Whom, and whom to replace there
 * @param h   Told of progress, as SIP says it: once with 200 or more
 * @param arg Handler argument
 *
 * @return 0 if success, ENOTCONN if it has no call, otherwise errorcode
 */
int sipleg_refer(struct refertx **txp, struct sipleg *leg,
		 const struct referto *to, sip_referred_h *h, void *arg)
{
	struct sipsess *sess = sipleg_session(leg);
	struct refertx *tx;
	int err;

	if (!txp || !to || !h)
		return EINVAL;
	if (!sess)
		return ENOTCONN;

	tx = mem_zalloc(sizeof(*tx), destructor);
	if (!tx)
		return ENOMEM;

	tx->h   = h;
	tx->arg = arg;

	err = sipevent_drefer(&tx->sub, uag_sipevent_sock(),
			      sipsess_dialog(sess), ua_local_cuser(leg->ua),
			      sip_auth_handler, ua_account(leg->ua), true,
			      notify_handler, close_handler, tx,
			      "Refer-To: %H\r\n"
			      "Referred-By: <%s>\r\n",
			      referto_print, to,
			      account_aor(ua_account(leg->ua)));
	if (err)
		mem_deref(tx);
	else
		*txp = tx;

	return err;
}
