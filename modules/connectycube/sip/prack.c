/**
 * @file sip/prack.c  Early dialogs of our INVITE, PRACK that we send (RFC 3262)
 *
 *   INVITE -->            1xx tag=a  RSeq: 7   --> early dialog a: PRACK 7
 *                         1xx tag=b            --> early dialog b
 *                         1xx tag=a  RSeq: 7   --> it was here before
 *                         1xx tag=a  RSeq: 9   --> 8 is missing: not looked at
 *
 * libre has one dialog for all of them, and that only at the 2xx. PRACKs take
 * their numbers from it, so that what libre sends later has higher ones.
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
#include "sip/pure/relseq.h"


enum {
	EARLY_MAX = 32,         /* phones of one call, as in fork.c */
	TRIES_MAX = 3,          /* of one PRACK, with what servers ask for */
};

/** An early dialog: one phone that our INVITE rings */
struct early {
	struct le le;           /**< Member of the leg's list              */
	struct sipleg *leg;     /**< Leg (parent)                          */
	struct sip_dialog *dlg; /**< Dialog (owned)                        */
	struct sip_auth *auth;  /**< For PRACK (owned)                     */
	struct list prackl;     /**< struct prack, unanswered              */
	uint32_t cseq;          /**< Of the INVITE                         */
	uint32_t rseq;          /**< Of the last reliable response, 0=none */
	bool answered;          /**< It has answered our offer reliably    */
};

/** A PRACK that is out */
struct prack {
	struct le le;           /**< Member of the early dialog's list     */
	struct early *ed;       /**< Early dialog (parent)                 */
	struct sip_request *req; /**< It (owned)                           */
	uint32_t rseq;          /**< What it acknowledges                  */
	unsigned tries;         /**< How often it was sent                 */
};


static void early_destructor(void *data)
{
	struct early *ed = data;

	list_unlink(&ed->le);
	list_flush(&ed->prackl);
	mem_deref(ed->dlg);
	mem_deref(ed->auth);
}


static void prack_destructor(void *data)
{
	struct prack *p = data;

	list_unlink(&p->le);
	mem_deref(p->req);
}


static int auth_handler(char **user, char **pass, const char *realm,
			void *arg)
{
	const struct early *ed = arg;

	return account_auth(ua_account(ed->leg->ua), user, pass, realm);
}


static struct early *find(const struct sipleg *leg,
			  const struct sip_msg *msg)
{
	struct le *le;

	for (le = list_head(&leg->earlyl); le; le = le->next) {

		struct early *ed = le->data;

		if (sip_dialog_cmp(ed->dlg, msg))
			return ed;
	}

	return NULL;
}


/* After a challenge the INVITE is another one, and rings anew. True if this is
   late, and of one before that */
static bool forget_older(struct sipleg *leg, uint32_t cseq)
{
	struct le *le = list_head(&leg->earlyl);

	while (le) {

		struct early *ed = le->data;

		le = le->next;

		if (ed->cseq > cseq)
			return true;
		if (ed->cseq < cseq)
			mem_deref(ed);
	}

	return false;
}


static int add(struct early **edp, struct sipleg *leg,
	       const struct sip_msg *msg)
{
	struct sipsess *sess = host_session(leg->id, leg->call);
	struct early *ed;
	int err;

	if (!sess || list_count(&leg->earlyl) >= EARLY_MAX)
		return ENOENT;

	ed = mem_zalloc(sizeof(*ed), early_destructor);
	if (!ed)
		return ENOMEM;

	ed->leg  = leg;
	ed->cseq = msg->cseq.num;

	err = sip_dialog_fork(&ed->dlg, sipsess_dialog(sess), msg);
	if (!err)
		err = sip_auth_alloc(&ed->auth, auth_handler, ed, false);
	if (err) {
		mem_deref(ed);
		return err;
	}

	list_append(&leg->earlyl, &ed->le, ed);
	*edp = ed;

	return 0;
}


static void resp_handler(int err, const struct sip_msg *msg, void *arg);


/* The number is the next one of all that belongs to our INVITE */
static int send_prack(struct prack *p)
{
	struct early *ed = p->ed;
	struct sip_dialog *all;
	int err;

	all = sipleg_dialog(ed->leg);
	if (!all)
		return ENOTCONN;

	err = host_dialog_skip(ed->dlg, sip_dialog_lseq(all) - 1);
	if (err)
		return err;

	++p->tries;
	err = sip_drequestf(&p->req, uag_sip(), true, "PRACK", ed->dlg, 0,
			    ed->auth, NULL, resp_handler, p,
			    "RAck: %u %u INVITE\r\n"
			    "Content-Length: 0\r\n\r\n",
			    p->rseq, ed->cseq);

	(void)host_dialog_skip(all, sip_dialog_lseq(ed->dlg) - 1);

	return err;
}


static void resp_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct prack *p = arg;

	if (!err && msg->scode < 200)
		return;

	if (!err && (msg->scode == 401 || msg->scode == 407) &&
	    p->tries < TRIES_MAX &&
	    !sip_auth_authenticate(p->ed->auth, msg) && !send_prack(p))
		return;

	if (err)
		clog_info("SIP: PRACK: %m\n", err);
	else if (msg->scode >= 300)
		clog_info("SIP: PRACK: %u %r\n", msg->scode,
			  &msg->reason);

	mem_deref(p);
}


static int acknowledge(struct early *ed)
{
	struct prack *p;
	int err;

	p = mem_zalloc(sizeof(*p), prack_destructor);
	if (!p)
		return ENOMEM;

	p->ed   = ed;
	p->rseq = ed->rseq;
	list_append(&ed->prackl, &p->le, p);

	err = send_prack(p);
	if (err)
		mem_deref(p);

	return err;
}


/**
 * A provisional response to an INVITE of ours has come, no 100
 *
 * @param leg Leg that is not established
 * @param msg Response
 *
 * @return True if nobody is to see it: it was here before, or is too early
 */
bool prack_response(struct sipleg *leg, const struct sip_msg *msg)
{
	struct early *ed;
	int err = 0;

	if (!pl_isset(&msg->to.tag))
		return false;

	if (forget_older(leg, msg->cseq.num))
		return true;

	ed = find(leg, msg);
	if (!ed)
		err = add(&ed, leg, msg);
	if (err)
		return relseq_is_reliable(msg);

	switch (relseq_take(&ed->rseq, msg)) {

	case RELSEQ_AGAIN:
	case RELSEQ_WRONG:
		return true;

	case RELSEQ_PLAIN:
		return false;

	case RELSEQ_NEXT:
		break;
	}

	ed->answered |= mbuf_get_left(msg->mb) > 0;

	err = acknowledge(ed);
	if (err)
		clog_warning_of(leg->id, "%s: cannot send PRACK: %m\n",
				leg->peer_uri, err);

	return false;
}


static bool early_handler(struct sipleg *leg, void *arg)
{
	return !leg->estab && find(leg, arg);
}


/**
 * Find the early dialog that a request is of
 *
 * @param msg Request
 *
 * @return Early dialog of a leg that is not established, NULL if there is none
 */
struct early *prack_find(const struct sip_msg *msg)
{
	struct sipleg *leg = sip_room_apply(early_handler, (void *)msg);

	return leg ? find(leg, msg) : NULL;
}


/**
 * Get the leg of an early dialog
 *
 * @param ed Early dialog
 *
 * @return Leg
 */
struct sipleg *prack_leg(const struct early *ed)
{
	return ed->leg;
}


/**
 * Has the offer of our INVITE been answered, by a reliable response?
 *
 * @param ed Early dialog
 *
 * @return True if it has
 */
bool prack_is_answered(const struct early *ed)
{
	return ed->answered;
}


/**
 * Is a request one that none of its early dialog has overtaken?
 *
 * @param ed  Early dialog
 * @param msg Request
 *
 * @return True if it is
 */
bool prack_in_order(struct early *ed, const struct sip_msg *msg)
{
	return sip_dialog_rseq_valid(ed->dlg, msg);
}
