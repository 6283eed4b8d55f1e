/**
 * @file sip/reliable.c  Reliable provisional responses of ours, PRACK that
 *                       comes (RFC 3262)
 *
 *   INVITE (Require: 100rel) -->
 *                            <-- 180 RSeq: 7      again after 0.5, 1, 2 s ...
 *   PRACK (RAck: 7) -------->
 *
 * baresip sends its provisional responses as it always does; on their way out
 * they get a number, and are repeated here. While one is unacknowledged the
 * next one waits, and so does a 2xx whose SDP would overtake that one's. A
 * call that ends meanwhile was not answered, whatever libre believes: its
 * INVITE is rejected.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/mono.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/host.h"
#include "sip/hostsess.h"
#include "sip/session.h"
#include "sip/pure/ability.h"
#include "sip/pure/hdredit.h"
#include "sip/pure/relseq.h"


enum {
	/* libre's transaction and its 2xx live for 64 T1 [ms] */
	FINAL_MAX = 63 * SIP_T1,
};

/** A response, and where it goes */
struct pending {
	struct le le;           /**< Member of those that wait             */
	struct mbuf *mb;        /**< It (owned)                            */
	void *sock;             /**< What it leaves by (owned)             */
	struct sa dst;          /**< Where it goes                         */
	enum sip_transp tp;     /**< Transport                             */
	bool final;             /**< It is a 2xx                           */
	bool sdp;               /**< It has SDP                            */
};

/** Responses of a leg whose INVITE requires reliable ones */
struct reliable {
	struct sipleg *leg;     /**< Leg (parent)                          */
	struct pending *out;    /**< Unacknowledged (owned), NULL=none     */
	struct list waitl;      /**< struct pending, behind that           */
	struct sip_strans *st;  /**< Of the INVITE, whose 2xx waits (pointer),
				     NULL=none does                        */
	uint64_t end;           /**< That cannot wait longer [ms]          */
	struct tmr tmr;         /**< The next repetition                   */
	struct relseq_wait wait; /**< When that is                         */
	uint32_t cseq;          /**< Of the INVITE                         */
	uint32_t rseq;          /**< Of the last response                  */
	bool answered;          /**< A final response has been sent        */
};


static void pending_destructor(void *data)
{
	struct pending *p = data;

	list_unlink(&p->le);
	mem_deref(p->mb);
	mem_deref(p->sock);
}


static void destructor(void *data)
{
	struct reliable *rel = data;

	tmr_cancel(&rel->tmr);
	list_flush(&rel->waitl);
	mem_deref(rel->out);
}


/**
 * Does an INVITE want reliable provisional responses?
 *
 * @param msg INVITE
 *
 * @return True if it does
 */
bool reliable_is_required(const struct sip_msg *msg)
{
	return sip_msg_hdr_has_value(msg, SIP_HDR_REQUIRE, "100rel");
}


/**
 * Let the provisional responses of a leg be reliable
 *
 * @param leg  Leg, incoming
 * @param cseq Number of its INVITE
 *
 * @return 0 if success, ENOMEM
 */
int reliable_require(struct sipleg *leg, uint32_t cseq)
{
	struct reliable *rel;

	rel = mem_zalloc(sizeof(*rel), destructor);
	if (!rel)
		return ENOMEM;

	rel->leg  = leg;
	rel->cseq = cseq;
	rel->rseq = 1 + rand_u16();
	leg->rel  = rel;

	return 0;
}


static void repeat_handler(void *arg)
{
	struct reliable *rel = arg;
	const struct pending *p = rel->out;
	const uint32_t pause = relseq_wait_next(&rel->wait, mono_ms());

	if (!pause) {
		clog_info_of(rel->leg->id,
			     "call from %s: it wants reliable responses,"
			     " and acknowledges none\n", rel->leg->peer_uri);
		sipleg_give_up(rel->leg, 504, "no PRACK");
		return;
	}

	(void)host_send(p->sock, p->tp, &p->dst, p->mb);
	tmr_start(&rel->tmr, pause, repeat_handler, rel);
}


static struct pending *pending_alloc(enum sip_transp tp, const struct sa *dst,
				     struct mbuf *mb, void *sock)
{
	struct pending *p = mem_zalloc(sizeof(*p), pending_destructor);

	if (!p)
		return NULL;

	p->mb   = mem_ref(mb);
	p->sock = mem_ref(sock);
	p->dst  = *dst;
	p->tp   = tp;

	return p;
}


static bool is_waiting(const struct reliable *rel, const struct mbuf *mb)
{
	struct le *le;

	for (le = list_head(&rel->waitl); le; le = le->next) {

		const struct pending *p = le->data;

		if (p->mb == mb)
			return true;
	}

	return false;
}


/* From here on it is repeated. Its number is the next one */
static int make_reliable(struct reliable *rel, struct pending *p)
{
	const uint64_t now = mono_ms();
	char hdrs[64];
	int err;

	(void)re_snprintf(hdrs, sizeof(hdrs), "Require: 100rel\r\n"
			  "RSeq: %u\r\n", rel->rseq + 1);

	err = hdredit(p->mb, NULL, 0, hdrs);
	if (err)
		return err;

	++rel->rseq;
	rel->out = p;

	relseq_wait_begin(&rel->wait, now);
	if (rel->st)
		relseq_wait_until(&rel->wait, rel->end);

	tmr_start(&rel->tmr, relseq_wait_next(&rel->wait, now),
		  repeat_handler, rel);

	return 0;
}


static bool keep_back(struct reliable *rel, struct pending *p)
{
	list_append(&rel->waitl, &p->le, p);

	if (p->final) {
		rel->st  = host_sess_trans(host_session(rel->leg->id,
							rel->leg->call));
		rel->end = mono_ms() + FINAL_MAX;
		relseq_wait_until(&rel->wait, rel->end);
	}

	return true;
}


/**
 * A response to the INVITE of a leg is about to leave
 *
 * @param lv   Response
 * @param tp   Transport
 * @param dst  Where it goes
 * @param mb   Response; its headers may be changed
 * @param sock What it leaves by, may be NULL
 *
 * @return True if it is kept back
 */
bool reliable_send(const struct leaving *lv, enum sip_transp tp,
		   const struct sa *dst, struct mbuf *mb, void *sock)
{
	struct reliable *rel = lv->leg->rel;
	const bool final = lv->scode >= 200;
	struct pending *p;

	if (!rel || lv->cseq != rel->cseq || rel->answered)
		return false;

	if (is_waiting(rel, mb))
		return true;

	/* sent again because the INVITE was */
	if (lv->rseq)
		return false;

	if (final && (!rel->out || !rel->out->sdp)) {
		rel->answered = true;
		tmr_cancel(&rel->tmr);
		list_flush(&rel->waitl);
		return false;
	}

	p = pending_alloc(tp, dst, mb, sock);
	if (!p)
		return false;

	p->final = final;
	p->sdp   = lv->sdp;

	if (rel->out)
		return keep_back(rel, p);

	if (make_reliable(rel, p))
		mem_deref(p);

	return false;
}


/* The next one, if any, may leave */
static void go_on(struct reliable *rel)
{
	struct pending *p = list_ledata(list_head(&rel->waitl));

	if (!p)
		return;

	list_unlink(&p->le);

	if (p->final) {
		rel->answered = true;
		rel->st       = NULL;
		list_flush(&rel->waitl);
	}
	else if (make_reliable(rel, p)) {
		mem_deref(p);
		return;
	}

	(void)host_send(p->sock, p->tp, &p->dst, p->mb);

	if (p->final)
		mem_deref(p);
}


static bool is_acknowledged(const struct reliable *rel,
			    const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_RACK);
	struct relseq_rack rack;

	return rel && rel->out && hdr &&
		!relseq_rack_decode(&rack, &hdr->val) &&
		rack.rseq == rel->rseq && rack.cseq == rel->cseq &&
		!pl_strcmp(&rack.met, "INVITE");
}


/**
 * Handle a PRACK
 *
 * @param msg PRACK
 */
void reliable_prack(const struct sip_msg *msg)
{
	struct sipleg *leg = sipleg_find_request(msg);
	struct reliable *rel = leg ? leg->rel : NULL;

	if (!is_acknowledged(rel, msg)) {
		(void)sip_treply(NULL, uag_sip(), msg, 481,
				 "Call Does Not Exist");
		return;
	}

	if (sipleg_refuse_overtaken(leg, msg))
		return;

	tmr_cancel(&rel->tmr);
	rel->out = mem_deref(rel->out);

	/* our answer stands; another offer has time until the call is up */
	if (mbuf_get_left(msg->mb))
		(void)sip_treply(NULL, uag_sip(), msg, 488,
				 "Not Acceptable Here");
	else
		(void)sip_treply(NULL, uag_sip(), msg, 200, "OK");

	go_on(rel);
}


/**
 * A leg is about to end. A 2xx that waits is never sent, and no BYE is for a
 * call that nobody knows to be answered
 *
 * @param leg   Leg
 * @param scode Status code that its INVITE is rejected by
 */
void reliable_end(struct sipleg *leg, uint16_t scode)
{
	struct reliable *rel = leg->rel;
	struct sipsess *sess;

	if (!rel || !rel->st)
		return;

	sess = host_session(leg->id, leg->call);
	if (sess)
		host_sess_reject(sess, rel->st, scode, sip_reason(scode));

	leg->rel = mem_deref(rel);
}


static bool cancel_handler(struct sipleg *leg, void *arg)
{
	const struct sip_msg *msg = arg;
	const struct sipsess *sess;

	if (!leg->rel || !leg->rel->st || pl_strcmp(&msg->callid, leg->id))
		return false;

	sess = host_session(leg->id, leg->call);

	return sess && host_sess_is_of(sess, msg);
}


/**
 * A CANCEL has come. libre answers it; but it believes that it comes too late
 * where a 2xx waits
 *
 * @param msg CANCEL
 */
void reliable_cancel(const struct sip_msg *msg)
{
	struct sipleg *leg = sip_room_apply(cancel_handler, (void *)msg);

	if (leg)
		sipleg_give_up(leg, 487, sip_reason(487));
}
