/**
 * @file sip/update.c  UPDATE (RFC 3311) as it comes, and as it goes
 *
 *   UPDATE --> without SDP: 200, the session is refreshed
 *         \--> with SDP: baresip's answer, as to a re-INVITE; 491 or 500
 *              where another offer is under way
 *
 * It may come before the call is answered: an early dialog of our INVITE is
 * prack.c's, one of a phone's INVITE is libre's session already.
 */
#include <string.h>
#include <re.h>
#include "compat_re.h"
#include <baresip.h>
#include "base/log.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/host.h"
#include "sip/hostsess.h"
#include "sip/session.h"
#include "sip/pure/ability.h"


enum {
	RETRY_MAX = 10,         /* of whoever offers too early [s]
				   (RFC 3311, 5.2) */
};

/** An UPDATE, and what it is for */
struct update {
	const struct sip_msg *msg; /**< It                                 */
	struct sipleg *leg;     /**< Leg                                   */
	struct sipsess *sess;   /**< Its session                           */
	struct early *ed;       /**< Its early dialog, NULL=none           */
};


static void refuse(const struct sip_msg *msg, uint16_t scode,
		   const char *reason)
{
	(void)sip_treply(NULL, uag_sip(), msg, scode, reason);
}


static void refuse_for_now(const struct sip_msg *msg)
{
	(void)sip_treplyf(NULL, NULL, uag_sip(), msg, false,
			  500, "Server Internal Error",
			  "Retry-After: %u\r\n"
			  "Content-Length: 0\r\n\r\n",
			  rand_u16() % (RETRY_MAX + 1));
}


/* Two offers cannot be under way (RFC 3311, 5.2) */
static bool refuse_glare(const struct update *up)
{
	const enum host_busy busy = host_sess_busy(up->sess);

	/* our offer has its answer, and INVITE alone is open */
	if (busy == HOST_BUSY_OURS && up->ed && prack_is_answered(up->ed))
		return false;

	if (busy == HOST_BUSY_OURS) {
		refuse(up->msg, 491, "Request Pending");
		return true;
	}

	if (busy == HOST_BUSY_THEIRS) {
		refuse_for_now(up->msg);
		return true;
	}

	return false;
}


static void answer(const struct update *up, struct mbuf *desc)
{
	const struct sip_msg *msg = up->msg;
	const struct refresh_of ref = {up->leg, msg->cseq.num};
	struct sip_contact contact;

	sip_contact_set(&contact, ua_local_cuser(up->leg->ua), &msg->dst,
			msg->tp);

	(void)sip_treplyf(NULL, NULL, uag_sip(), msg, true, 200, "OK",
			  "%H"
			  "%H"
			  "%s"
			  "Content-Length: %zu\r\n"
			  "\r\n"
			  "%b",
			  sip_contact_print, &contact,
			  refresh_print_answer, &ref,
			  desc ? "Content-Type: application/sdp\r\n" : "",
			  desc ? mbuf_get_left(desc) : (size_t)0,
			  desc ? mbuf_buf(desc) : NULL,
			  desc ? mbuf_get_left(desc) : (size_t)0);

	refresh_answered(up->leg, msg->cseq.num);
}


static void with_offer(const struct update *up)
{
	struct mbuf *desc = NULL;
	int err;

	if (refuse_glare(up))
		return;

	/* several phones ring, and we have one port: another one is heard */
	if (up->ed && !early_update(up->leg, up->msg)) {
		refuse_for_now(up->msg);
		return;
	}

	err = up->ed ? offer_check(up->leg, up->msg) : 0;
	if (!err)
		err = host_sess_offer(up->sess, &desc, up->msg);
	if (err) {
		clog_info_of(up->leg->id, "UPDATE from %s refused: %m\n",
			     up->leg->peer_uri, err);
		refuse(up->msg, 488, "Not Acceptable Here");
		return;
	}

	answer(up, desc);
	mem_deref(desc);
}


static bool find(struct update *up, const struct sip_msg *msg)
{
	up->msg = msg;
	up->ed  = prack_find(msg);
	up->leg = up->ed ? prack_leg(up->ed) : sipleg_find_request(msg);
	if (!up->leg)
		return false;

	up->sess = host_session(up->leg->id, up->leg->call);

	return up->sess && host_sess_is_known(up->sess, up->leg->call);
}


static bool in_order(const struct update *up)
{
	return up->ed ? prack_in_order(up->ed, up->msg) :
		sip_dialog_rseq_valid(sipsess_dialog(up->sess), up->msg);
}


/**
 * Handle an UPDATE
 *
 * @param msg UPDATE; its body may be replaced
 */
void update_request(const struct sip_msg *msg)
{
	struct update up;

	if (!find(&up, msg)) {
		refuse(msg, 481, "Call Does Not Exist");
		return;
	}

	if (!in_order(&up)) {
		refuse(msg, 500, "Server Internal Error");
		return;
	}

	if (session_refuse(up.leg, msg) || body_offer(up.leg, msg))
		return;

	session_heard(up.leg, msg);

	if (!up.ed)
		(void)sip_dialog_update(sipsess_dialog(up.sess), msg);

	/* the handlers of its media do not free a leg */
	if (mbuf_get_left(msg->mb))
		with_offer(&up);
	else
		answer(&up, NULL);
}


static int contact_handler(SIP_SEND_PARAMS)
{
	const struct sipleg *leg = arg;
	struct sip_contact contact;
	(void)dst;

	sip_contact_set(&contact, ua_local_cuser(leg->ua), src, tp);

	return mbuf_printf(mb, "%H", sip_contact_print, &contact);
}


/**
 * Send an UPDATE without SDP: it refreshes the session
 *
 * @param reqp Pointer to the request, owned by the caller; to be gone before
 *             the leg
 * @param leg  Leg, established
 * @param h    Response handler, its argument is the leg
 *
 * @return 0 if success, ENOTCONN if there is no session, otherwise errorcode
 */
int update_send(struct sip_request **reqp, struct sipleg *leg,
		sip_resp_h *h)
{
	struct sipsess *sess = sipleg_session(leg);

	if (!sess)
		return ENOTCONN;

	return sip_drequestf(reqp, uag_sip(), true, "UPDATE",
			     sipsess_dialog(sess), 0, host_sess_auth(sess),
			     contact_handler, h, leg,
			     "%H"
			     "Content-Length: 0\r\n\r\n",
			     refresh_print_offer, leg);
}
