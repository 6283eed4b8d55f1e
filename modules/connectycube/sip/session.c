/**
 * @file sip/session.c  What libre 1.1 lacks in a session: headers of what
 *                      leaves, answers that come
 *
 *   libre --> INVITE, its 1xx, its 2xx --> here --> network
 *                                           |  Allow, Supported, RSeq,
 *                                           |  Session-Expires
 *                                           `-- kept back until a PRACK
 *
 *   network --> answers to our INVITE --> here --> libre's transactions
 *                                          `-- PRACK, 422, the timer's start
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/host.h"
#include "sip/hostsess.h"
#include "sip/session.h"
#include "sip/pure/ability.h"
#include "sip/pure/hdredit.h"
#include "sip/pure/stimer.h"


static struct sip_lsnr *lsnr;
static struct sip_lsnr *first;
static struct sip_lsnr *cancel;

/* What libre writes, or does not, and we do */
static const char *const ourv[] = {"Allow", "Supported"};


/* Everything but its INVITE and what that is answered is as it should be */
static bool is_interesting(const struct mbuf *mb)
{
	const char *p = (const char *)mbuf_buf(mb);
	const size_t l = mbuf_get_left(mb);

	return l > 16 && (!strncmp(p, "INVITE ", 7) ||
			  !strncmp(p, "SIP/2.0 1", 9) ||
			  !strncmp(p, "SIP/2.0 2", 9));
}


/* It is of us that the dialog's local tag is, not of whom it goes to */
static bool is_leg(struct sipleg *leg, struct sip_msg *msg)
{
	const struct sipsess *sess = host_session(leg->id, leg->call);
	bool ok;

	if (!sess || !host_sess_is_known(sess, leg->call))
		return false;

	msg->req = !msg->req;
	ok = sip_dialog_cmp_half(sipsess_dialog(sess), msg);
	msg->req = !msg->req;

	return ok;
}


static bool leaving_handler(struct sipleg *leg, void *arg)
{
	struct sip_msg *msg = arg;

	/* its Call-ID is known when its INVITE has been sent */
	if (!leg->id)
		return msg->req && leg->going;

	return !pl_strcmp(&msg->callid, leg->id) && is_leg(leg, msg);
}


static int read_leaving(struct leaving *lv, struct mbuf *mb)
{
	const size_t pos = mb->pos;
	struct sip_msg *msg;
	int err;

	err = sip_msg_decode(&msg, mb);
	if (err)
		return err;

	memset(lv, 0, sizeof(*lv));
	lv->req   = msg->req;
	lv->scode = msg->scode;
	lv->cseq  = msg->cseq.num;
	lv->sdp   = mbuf_get_left(mb) > 0;
	lv->rseq  = sip_msg_hdr(msg, SIP_HDR_RSEQ) != NULL;
	lv->done  = sip_msg_hdr_has_value(msg, SIP_HDR_ALLOW, "PRACK");
	mb->pos   = pos;

	if (msg->scode != 100 && !pl_strcmp(&msg->cseq.met, "INVITE"))
		lv->leg = sip_room_apply(leaving_handler, msg);

	mem_deref(msg);

	return lv->leg ? 0 : ENOENT;
}


static int print_headers(struct re_printf *pf, const struct leaving *lv)
{
	const struct refresh_of ref = {lv->leg, lv->cseq};

	if (lv->req)
		return refresh_print_offer(pf, lv->leg);

	if (lv->scode >= 200)
		return refresh_print_answer(pf, &ref);

	return ability_print_headers(pf, NULL);
}


static void complete(const struct leaving *lv, struct mbuf *mb)
{
	char *hdrs;
	int err;

	err = re_sdprintf(&hdrs, "%H", print_headers, lv);
	if (!err)
		err = hdredit(mb, ourv, ARRAY_SIZE(ourv), hdrs);
	if (err)
		clog_warning("SIP: cannot complete a message: %m\n",
			     err);

	mem_deref(hdrs);

	if (!lv->req && lv->scode >= 200)
		refresh_answered(lv->leg, lv->cseq);
}


static bool send_handler(enum sip_transp tp, const struct sa *dst,
			 struct mbuf *mb, void *sock)
{
	struct leaving lv;

	if (!is_interesting(mb) || read_leaving(&lv, mb))
		return false;

	if (!lv.done)
		complete(&lv, mb);

	return !lv.req && reliable_send(&lv, tp, dst, mb, sock);
}


/**
 * A message of a leg's phone has been taken: its INVITE, re-INVITE, UPDATE, or
 * 2xx to one of ours. What it says of the phone, and of who is there now, is
 * looked at
 *
 * @param leg Leg
 * @param msg Message
 */
void session_heard(struct sipleg *leg, const struct sip_msg *msg)
{
	if (sip_msg_hdr(msg, SIP_HDR_ALLOW))
		leg->peer_update = sip_msg_hdr_has_value(msg, SIP_HDR_ALLOW,
							 "UPDATE");

	if (msg->req && pl_isset(&msg->to.tag))
		connected_read(leg, msg);
}


/* It asks for a session timer that is too short */
static void refuse_brief(const struct sip_msg *msg, uint32_t min)
{
	clog_info("%r from %r: its session timer is below %u s"
		  " (connectycube_sip_timer_min): 422\n", &msg->met,
		  &msg->from.auri, min);

	(void)sip_treplyf(NULL, NULL, uag_sip(), msg, false,
			  422, "Session Interval Too Small",
			  "Min-SE: %u\r\n"
			  "Content-Length: 0\r\n\r\n", min);
}


/**
 * An INVITE within a call has come
 *
 * @param leg Leg
 * @param msg INVITE
 *
 * @return True if it was refused
 */
bool session_refuse(struct sipleg *leg, const struct sip_msg *msg)
{
	const uint32_t min = refresh_request(leg, msg);

	if (!min)
		return false;

	refuse_brief(msg, min);

	return true;
}


/* Last of all that look at responses, before libre's transactions: who has
   answered too late, or cannot be read, is not here */
static bool response_handler(const struct sip_msg *msg, void *arg)
{
	struct sipleg *leg;
	(void)arg;

	if (msg->scode < 200 || pl_strcmp(&msg->cseq.met, "INVITE"))
		return false;

	leg = sipleg_find_ours(msg);
	if (!leg)
		return false;

	if (msg->scode < 300)
		session_heard(leg, msg);

	refresh_response(leg, msg);

	return false;
}


/* Before all others: what is sent again, or not to be heard, is no news */
static bool first_handler(const struct sip_msg *msg, void *arg)
{
	struct sipleg *leg;
	(void)arg;

	if (msg->scode <= 100 || msg->scode >= 200 ||
	    pl_strcmp(&msg->cseq.met, "INVITE"))
		return false;

	leg = sipleg_find_ours(msg);

	return leg && !leg->estab && prack_response(leg, msg);
}


/* Before libre's transactions, which answer it */
static bool cancel_handler(const struct sip_msg *msg, void *arg)
{
	(void)arg;

	if (!pl_strcmp(&msg->met, "CANCEL"))
		reliable_cancel(msg);

	return false;
}


/**
 * Start looking at what comes and what leaves
 *
 * @return 0 if success, otherwise errorcode
 */
int session_init(void)
{
	int err = host_send_init(send_handler);

	ability_set(ABILITY_TIMER, !err);
	ability_set(ABILITY_100REL, !err);
	if (err)
		clog_warning("SIP: session timers and reliable responses are"
			     " off: libre %s is not as known (1.x, 2.0, 4.x"
			     " are); a PBX that requires them gets 420\n",
			     sys_libre_version_get());

	err = host_listen(&first, false, HOST_FIRST, first_handler, NULL);
	if (!err)
		err = host_listen(&lsnr, false, HOST_BEFORE_TRANSACTIONS,
				  response_handler, NULL);
	if (!err)
		err = host_listen(&cancel, true, HOST_BEFORE_TRANSACTIONS,
				  cancel_handler, NULL);
	if (err)
		session_close();

	return err;
}


/**
 * Leave it to libre
 */
void session_close(void)
{
	first  = mem_deref(first);
	lsnr   = mem_deref(lsnr);
	cancel = mem_deref(cancel);
	host_send_close();
}
