/**
 * @file sip/fork.c  A call of ours that several phones answer
 *
 * A proxy may ring many phones with one INVITE, and two may be lifted at the
 * same time. libre takes the first 200; of the second one's phone it hears
 * nothing, and nothing is said to it, so that it is off-hook until somebody
 * notices. Every 200 is to be acknowledged, and what is not wanted to be ended
 * (RFC 3261, 13.2.2.4).
 *
 *      INVITE --->  200 tag=a   libre's: the call
 *                   200 tag=b   ours: ACK, BYE
 *                   200 tag=b   ours: ACK
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/host.h"
#include "sip/fork.h"


enum {
	LINGER   = 64 * SIP_T1, /* a 200 may come so late [ms] (13.2.2.4) */
	BYE_TRIES = 3,          /* with what servers ask for */
	RINGING_MAX = 8,        /* phones of one call that are known by name
				   while they ring */
	CSEQ_GAP = 256,         /* PRACKs have had numbers, too */
	BRANCH_MAX = 32,        /* phones of one call that are looked after:
				   each makes us send a BYE */
};

/** An INVITE of ours */
struct fork {
	struct le le;           /**< Member of the list of all             */
	struct list branchl;    /**< struct branch                         */
	struct tmr tmr;         /**< Its call is over, nothing more comes  */
	struct ua *ua;          /**< User-Agent (pointer), perhaps gone    */
	char *callid;           /**< Its Call-ID (owned)                   */
	struct sip_dialog *dlg; /**< Its dialog (owned), NULL=not known    */
	char *tag;              /**< Of the phone that was first           */
	char *ringv[RINGING_MAX]; /**< Tags of those that ring (owned)     */
	size_t ringc;           /**< How many                              */
};

/** A phone that was not the first */
struct branch {
	struct le le;           /**< Member of the fork's list             */
	struct sip_request *req; /**< BYE (owned)                          */
	struct sip_auth *auth;  /**< For the BYE (owned)                   */
	char *tag;              /**< Its tag                               */
	char *uri;              /**< Its contact                           */
	char *hdrs;             /**< Headers of its dialog, but for CSeq   */
	char *hop;              /**< Where requests go first               */
	uint32_t cseq;          /**< Of the last request                   */
	unsigned tries;         /**< BYEs that were sent                   */
};

static struct list forkl;       /* struct fork */
static struct sip_lsnr *lsnr;

static int send_bye(struct branch *b);


static void branch_destructor(void *data)
{
	struct branch *b = data;

	list_unlink(&b->le);
	mem_deref(b->req);
	mem_deref(b->auth);
	mem_deref(b->tag);
	mem_deref(b->uri);
	mem_deref(b->hdrs);
	mem_deref(b->hop);
}


static void destructor(void *data)
{
	struct fork *f = data;
	size_t i;

	for (i=0; i<f->ringc; i++)
		mem_deref(f->ringv[i]);

	list_unlink(&f->le);
	list_flush(&f->branchl);
	tmr_cancel(&f->tmr);
	mem_deref(f->dlg);
	mem_deref(f->callid);
	mem_deref(f->tag);
}


static int auth_handler(char **user, char **pass, const char *realm,
			void *arg)
{
	struct fork *f = arg;

	return sip_ua_exists(f->ua)
		? account_auth(ua_account(f->ua), user, pass, realm) : ENOENT;
}


static int send_request(struct branch *b, const char *method, uint32_t cseq,
			struct sip_request **reqp, sip_resp_h *h)
{
	struct uri hop;
	struct pl pl;
	int err;

	pl_set_str(&pl, b->hop);

	err = uri_decode(&hop, &pl);
	if (err)
		return err;

	return sip_requestf(reqp, uag_sip(), reqp != NULL, method, b->uri,
			    &hop, reqp ? b->auth : NULL, NULL, h, b,
			    "%s"
			    "CSeq: %u %s\r\n"
			    "Content-Length: 0\r\n\r\n",
			    b->hdrs, cseq, method);
}


static void bye_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct branch *b = arg;

	if (err || msg->scode < 200)
		return;

	if ((msg->scode == 401 || msg->scode == 407) &&
	    b->tries < BYE_TRIES && !sip_auth_authenticate(b->auth, msg))
		(void)send_bye(b);
}


static int send_bye(struct branch *b)
{
	++b->tries;

	return send_request(b, "BYE", ++b->cseq, &b->req, bye_handler);
}


static bool route_handler(const struct sip_hdr *hdr,
			  const struct sip_msg *msg, void *arg)
{
	(void)msg;

	return 0 != mbuf_printf(arg, "Route: %r\r\n", &hdr->val);
}


/* The dialog, as RFC 3261 makes it of a response (12.1.2) */
static int set_dialog(struct branch *b, const struct sip_msg *msg)
{
	const struct sip_hdr *contact, *route;
	struct sip_addr addr;
	struct mbuf *mb;
	int err;

	contact = sip_msg_hdr(msg, SIP_HDR_CONTACT);
	if (!contact || sip_addr_decode(&addr, &contact->val))
		return EBADMSG;

	err = pl_strdup(&b->uri, &addr.auri);
	if (err)
		return err;

	mb = mbuf_alloc(512);
	if (!mb)
		return ENOMEM;

	/* the nearest proxy is the last of them */
	route = sip_msg_hdr_apply(msg, false, SIP_HDR_RECORD_ROUTE, NULL,
				  NULL);
	if (route && !sip_addr_decode(&addr, &route->val))
		err = pl_strdup(&b->hop, &addr.auri);
	else
		err = str_dup(&b->hop, b->uri);

	if (!err && sip_msg_hdr_apply(msg, false, SIP_HDR_RECORD_ROUTE,
				      route_handler, mb))
		err = ENOMEM;
	if (!err)
		err = mbuf_printf(mb, "From: %r\r\nTo: %r\r\nCall-ID: %r\r\n",
				  &msg->from.val, &msg->to.val,
				  &msg->callid);
	if (!err) {
		mb->pos = 0;
		err = mbuf_strdup(mb, &b->hdrs, mb->end);
	}

	mem_deref(mb);

	return err;
}


static struct branch *branch_find(const struct fork *f, const struct pl *tag)
{
	struct le *le;

	for (le = list_head(&f->branchl); le; le = le->next) {

		struct branch *b = le->data;

		if (!pl_strcmp(tag, b->tag))
			return b;
	}

	return NULL;
}


static int branch_alloc(struct fork *f, const struct sip_msg *msg)
{
	struct branch *b;
	int err;

	b = mem_zalloc(sizeof(*b), branch_destructor);
	if (!b)
		return ENOMEM;

	b->cseq = msg->cseq.num + CSEQ_GAP;

	err = pl_strdup(&b->tag, &msg->to.tag);
	if (!err)
		err = set_dialog(b, msg);
	if (!err)
		err = sip_auth_alloc(&b->auth, auth_handler, f, false);
	if (err) {
		mem_deref(b);
		return err;
	}

	list_append(&f->branchl, &b->le, b);

	return 0;
}


static void second_answer(struct fork *f, const struct sip_msg *msg)
{
	struct branch *b = branch_find(f, &msg->to.tag);
	const bool again = b != NULL;
	int err = 0;

	if (!again && list_count(&f->branchl) >= BRANCH_MAX)
		return;

	if (!again) {
		clog_info("a second phone has answered (%r):"
			  " its call is ended\n", &msg->to.auri);

		err = branch_alloc(f, msg);
		b = branch_find(f, &msg->to.tag);
	}

	if (!err)
		err = send_request(b, "ACK", msg->cseq.num, NULL, NULL);
	if (!err && !again)
		err = send_bye(b);
	if (err)
		clog_warning("a second phone has answered (%r), and"
			     " cannot be told: %m\n", &msg->to.auri, err);
}


static struct fork *fork_find(const struct sip_msg *msg)
{
	struct le *le;

	for (le = list_head(&forkl); le; le = le->next) {

		struct fork *f = le->data;

		if (sipleg_is_ours(f->dlg, f->callid, msg))
			return f;
	}

	return NULL;
}


/**
 * Does a phone ring, of a call that nobody has answered?
 *
 * @param f   Fork, or NULL
 * @param tag Its tag
 *
 * @return True if it has said so
 */
bool fork_rings(const struct fork *f, const struct pl *tag)
{
	size_t i;

	if (!f || !tag || f->tag)
		return false;

	for (i=0; i<f->ringc; i++) {
		if (!pl_strcmp(tag, f->ringv[i]))
			return true;
	}

	return false;
}


static void heard_ringing(struct fork *f, const struct pl *tag)
{
	if (!pl_isset(tag) || f->ringc >= RINGING_MAX || fork_rings(f, tag))
		return;

	if (!pl_strdup(&f->ringv[f->ringc], tag))
		++f->ringc;
}


/* Before libre's transactions, which keep the first 200 from us */
static bool response_handler(const struct sip_msg *msg, void *arg)
{
	struct fork *f;
	(void)arg;

	if (msg->scode <= 100 || msg->scode > 299 ||
	    pl_strcmp(&msg->cseq.met, "INVITE"))
		return false;

	f = fork_find(msg);
	if (!f)
		return false;

	if (msg->scode < 200) {
		heard_ringing(f, &msg->to.tag);
		return false;
	}

	if (!f->tag && pl_strdup(&f->tag, &msg->to.tag))
		return false;

	if (!pl_strcmp(&msg->to.tag, f->tag))
		return false;

	second_answer(f, msg);

	return true;
}


static void linger_handler(void *arg)
{
	mem_deref(arg);
}


/**
 * Look after those who answer an INVITE of ours too late
 *
 * @param fp     Pointer to the fork; to be released by fork_release()
 * @param ua     User-Agent that calls
 * @param callid Call-ID
 * @param dlg    Dialog, NULL=not known
 *
 * @return 0 if success, otherwise errorcode
 */
int fork_watch(struct fork **fp, struct ua *ua, const char *callid,
	       struct sip_dialog *dlg)
{
	struct fork *f;
	int err;

	if (!fp || !ua || !callid)
		return EINVAL;

	f = mem_zalloc(sizeof(*f), destructor);
	if (!f)
		return ENOMEM;

	err = str_dup(&f->callid, callid);
	if (err) {
		mem_deref(f);
		return err;
	}

	f->ua  = ua;
	f->dlg = mem_ref(dlg);
	list_append(&forkl, &f->le, f);

	*fp = f;

	return 0;
}


/**
 * The call is over. Others may still answer for a while
 *
 * @param f Fork, may be NULL; not to be used any more
 */
void fork_release(struct fork *f)
{
	if (f)
		tmr_start(&f->tmr, LINGER, linger_handler, f);
}


/**
 * Start looking at answers
 *
 * @return 0 if success, otherwise errorcode
 */
int fork_init(void)
{
	return host_listen(&lsnr, false, HOST_FIRST, response_handler, NULL);
}


/**
 * Stop looking at answers
 */
void fork_close(void)
{
	lsnr = mem_deref(lsnr);
	list_flush(&forkl);
}
