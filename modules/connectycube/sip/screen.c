/**
 * @file sip/screen.c  Holds an INVITE until the cloud has heard of it
 *
 * baresip answers every INVITE with 180 at once, before anybody could say
 * that the call is impossible (404, 503) or that nobody is being rung yet.
 * So we look at initial INVITEs before baresip does: hold them in a server
 * transaction of our own with 100 Trying, and either reject them or let them
 * go on to baresip, which then sends its 180.
 *
 *    INVITE --> [transactions] --> screen --> [baresip's sessions]
 *                                   |   ^
 *                                   +---+ held
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"


/*
 * libre keeps listeners in a list and asks them in order; a new one goes to
 * the end, behind the session layer. These are the members of its listener
 * object (the same from libre 1.1 to 4.10), needed to stand before the
 * session layer and to hand a held INVITE on to it.
 */
struct sip_lsnr {
	struct le le;
	struct sip_lsnr **lsnrp;
	sip_msg_h *msgh;
	void *arg;
	bool req;
};

/** A held INVITE */
struct screen {
	struct sipleg *leg;     /**< Leg (parent)                          */
	const struct sip_msg *msg; /**< The INVITE (owned)                 */
	struct sip_strans *st;  /**< Its server transaction (owned)        */
};

static struct {
	struct sip_lsnr *lsnr;
	screen_h *h;
	void *arg;
	bool going;             /* an INVITE is on its way to baresip */
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


/* What baresip would refuse is refused before anybody is rung */
static bool refuse(const struct ua *ua, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_REQUIRE);

	if (sip_room_has(ua, msg)) {
		(void)sip_treply(NULL, uag_sip(), msg, 482, "Loop Detected");
		return true;
	}

	if (hdr) {
		info("connectycube: call from %r: %r is not supported\n",
		     &msg->from.auri, &hdr->val);
		(void)sip_treplyf(NULL, NULL, uag_sip(), msg, false,
				  420, "Bad Extension",
				  "Unsupported: %r\r\n"
				  "Content-Length: 0\r\n\r\n", &hdr->val);
		return true;
	}

	return false;
}


static int set_caller(struct sipleg *leg, const struct sip_msg *msg)
{
	int err;

	leg->cseq = msg->cseq.num;

	err = sipleg_set_peer(leg, &msg->from.dname, &msg->from.auri,
			      &msg->from.uri);
	if (err)
		return err;

	err = pl_strdup(&leg->id, &msg->callid);
	if (err)
		return err;

	return re_sdprintf(&leg->ftag, "%r", &msg->from.tag);
}


static void reply_failed(const struct sip_msg *msg, int err)
{
	if (err == ENOTSUP) {
		info("connectycube: call from %r: no audio codec in common\n",
		     &msg->from.auri);
		(void)sip_treply(NULL, uag_sip(), msg, 488,
				 "Not Acceptable Here");
		return;
	}

	warning("connectycube: call from %r: %m\n", &msg->from.auri, err);
	(void)sip_treply(NULL, uag_sip(), msg, 500, "Server Internal Error");
}


static bool invite_request(struct ua *ua, const struct sip_msg *msg)
{
	struct sipleg *leg = NULL;
	int err;

	if (refuse(ua, msg))
		return true;

	err = sipleg_alloc(&leg, ua);
	if (err)
		goto out;

	err = offer_read(leg, msg);
	if (err)
		goto out;

	err = set_caller(leg, msg);
	if (err)
		goto out;

	err = screen_alloc(&leg->scr, leg, msg);
	if (err)
		goto out;

	scr.h(leg, scr.arg);

 out:
	if (err) {
		reply_failed(msg, err);
		mem_deref(leg);
	}

	return true;
}


/* A bridged call cannot be transferred. baresip alone would accept it, and
   then leave the phone without a result */
static bool refer_request(const struct sip_msg *msg)
{
	if (!sipleg_find_request(msg))
		return false;

	(void)sip_treply(NULL, uag_sip(), msg, 603, "Decline");

	return true;
}


static bool request_handler(const struct sip_msg *msg, void *arg)
{
	struct ua *ua;
	(void)arg;

	if (!pl_strcmp(&msg->met, "INFO"))
		return info_request(msg);

	if (!pl_strcmp(&msg->met, "REFER"))
		return refer_request(msg);

	if (scr.going || pl_strcmp(&msg->met, "INVITE") ||
	    pl_isset(&msg->to.tag))
		return false;

	ua = uag_find(&msg->uri.user);
	if (!ua || !screen_wants(ua))
		return false;

	return invite_request(ua, msg);
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
	struct le *le;

	if (!s || !scr.lsnr)
		return EINVAL;

	msg = s->msg;
	s->msg = NULL;

	/* baresip opens a transaction of its own for the same request */
	mem_deref(s);

	scr.going = true;

	for (le = scr.lsnr->le.next; le; le = le->next) {

		struct sip_lsnr *lsnr = le->data;

		if (lsnr->req && lsnr->msgh(msg, lsnr->arg))
			break;
	}

	scr.going = false;

	mem_deref((void *)msg);

	return le ? 0 : ENOENT;
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
	if (!s || scode < 300)
		return EINVAL;

	if (!retry_after)
		return sip_treply(&s->st, uag_sip(), s->msg, scode, reason);

	return sip_treplyf(&s->st, NULL, uag_sip(), s->msg, false, scode,
			   reason,
			   "Retry-After: %u\r\n"
			   "Content-Length: 0\r\n\r\n", retry_after);
}


/**
 * Start looking at INVITEs
 *
 * @param h   Handler of a held INVITE; takes the leg over
 * @param arg Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int screen_init(screen_h *h, void *arg)
{
	struct list *lst;
	struct le *first;
	int err;

	err = sip_listen(&scr.lsnr, uag_sip(), true, request_handler, NULL);
	if (err)
		return err;

	scr.h   = h;
	scr.arg = arg;

	/* right behind the transaction layer, which is always the first: it
	   takes retransmissions, ACK and CANCEL */
	lst   = scr.lsnr->le.list;
	first = list_head(lst);

	list_unlink(&scr.lsnr->le);
	list_insert_after(lst, first, &scr.lsnr->le, scr.lsnr);

	return 0;
}


/**
 * Stop looking at INVITEs
 */
void screen_close(void)
{
	scr.lsnr = mem_deref(scr.lsnr);
	scr.h    = NULL;
}
