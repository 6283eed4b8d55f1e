/**
 * @file sip/body.c  What comes in the bodies of a call, before libre reads it
 *
 *   INVITE, ACK --> [transactions] --> here --> screen, [baresip's sessions]
 *   1xx, 2xx -----> here --> [transactions]
 *
 * Of a body of several parts the SDP is taken, whatever its spelling, and
 * written anew as libre reads it. What is no SDP is refused with 415. A
 * re-INVITE that leaves nothing to be heard is refused with 488 here, since
 * baresip forgets what was agreed on before it looks at the new offer.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/host.h"
#include "sip/pure/mime.h"
#include "sip/pure/msgcheck.h"
#include "sip/pure/sdpfix.h"


/** A body in the place of another one; the headers point into that one */
struct newbody {
	struct mbuf mb;         /**< The new one; must be first            */
	struct mbuf *orig;      /**< The whole message (owned)             */
};

static struct sip_lsnr *lsnr;


static void newbody_destructor(void *data)
{
	struct newbody *nb = data;

	mem_deref(nb->mb.buf);
	mem_deref(nb->orig);
}


/* Takes over what is in mb */
static int set_body(struct sip_msg *msg, struct mbuf *mb)
{
	struct newbody *nb;

	nb = mem_zalloc(sizeof(*nb), newbody_destructor);
	if (!nb)
		return ENOMEM;

	nb->mb     = *mb;
	nb->mb.pos = 0;
	nb->orig   = msg->mb;
	msg->mb    = &nb->mb;

	mb->buf  = NULL;
	mb->size = mb->pos = mb->end = 0;

	pl_set_str(&msg->ctyp.type, "application");
	pl_set_str(&msg->ctyp.subtype, "sdp");
	msg->ctyp.params = pl_null;

	return 0;
}


/**
 * Leave a message without a body
 *
 * @param msg Message
 */
void body_drop(const struct sip_msg *msg)
{
	msg->mb->pos = msg->mb->end;
}


static bool hdr_is(const struct sip_msg *msg, enum sip_hdrid id,
		   const char *what)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, id);

	return hdr && !re_regex(hdr->val.p, hdr->val.l, what);
}


/* ENOENT: not what we are asked to understand */
static int find_sdp(struct pl *sdp, const struct sip_msg *msg)
{
	const struct msg_ctype *ct = &msg->ctyp;
	struct pl body;

	pl_set_mbuf(&body, msg->mb);

	if (sip_msg_hdr(msg, SIP_HDR_CONTENT_ENCODING) &&
	    !hdr_is(msg, SIP_HDR_CONTENT_ENCODING, "identity"))
		return ENOTSUP;

	if (!pl_strcasecmp(&ct->type, "multipart"))
		return mime_find(sdp, ct, &body, "application", "sdp");

	/* no type at all: seen from gateways */
	if (msg_ctype_cmp(ct, "application", "sdp") || !pl_isset(&ct->type)) {
		*sdp = body;
		return 0;
	}

	return hdr_is(msg, SIP_HDR_CONTENT_DISPOSITION,
		      "handling[ \t]*=[ \t]*optional") ? ENOENT : ENOTSUP;
}


/* After this there is SDP as libre reads it, or nothing */
static int fix_body(const struct sip_msg *msg)
{
	struct mbuf *mb;
	struct pl sdp;
	int err;

	/* what is behind it in the datagram is no body; one that is short is
	   judged by what is there */
	(void)msgcheck_body(msg);

	if (!mbuf_get_left(msg->mb))
		return 0;

	err = find_sdp(&sdp, msg);
	if (err == ENOENT) {
		body_drop(msg);
		return 0;
	}
	if (err)
		return err;

	mb = mbuf_alloc(sdp.l + 64);
	if (!mb)
		return ENOMEM;

	err = sdpfix(mb, &sdp);
	if (!err)
		err = set_body((struct sip_msg *)msg, mb);

	mem_deref(mb);

	return err;
}


static const char *reason(int err)
{
	switch (err) {

	case EADDRNOTAVAIL:
		return "no c= line with an address for its audio";
	case EDESTADDRREQ:
		return "its c= line has a host's name, which is not looked up:"
			" an address is wanted";
	case ENOTSUP:
		return "it is no SDP, or in a form that is not known";
	case EBADMSG:
		return "it is broken";
	default:
		return "out of memory";
	}
}


static void refuse(const struct sip_msg *msg, int err)
{
	clog_info("INVITE from %r: its body, %r/%r, cannot be used:"
		  " %s\n", &msg->from.auri, &msg->ctyp.type,
		  &msg->ctyp.subtype,
		  reason(err));

	if (err == ENOTSUP)
		(void)sip_treplyf(NULL, NULL, uag_sip(), msg, false,
				  415, "Unsupported Media Type",
				  "Accept: application/sdp, multipart/mixed,"
				  " multipart/alternative\r\n"
				  "Accept-Encoding: identity\r\n"
				  "Content-Length: 0\r\n\r\n");
	else
		(void)sip_treply(NULL, uag_sip(), msg, 488,
				 "Not Acceptable Here");
}


/* The call goes on as it was (RFC 3261, 14.2) */
static bool reinvite(const struct sipleg *leg, const struct sip_msg *msg)
{
	int err;

	if (!leg->estab)
		return false;

	err = offer_check(leg, msg);
	if (!err) {
		sip_hold_offer(leg);
		return false;
	}

	clog_info_of(leg->id, "%r from %s refused: %s\n", &msg->met,
		     leg->peer_uri, err == ENOPROTOOPT ? "fax by T.38"
		     : err == EPROTO ? "no a=crypto that can be used, and"
		     " plain RTP is not wanted" : "no audio in common");
	(void)sip_treply(NULL, uag_sip(), msg, 488, "Not Acceptable Here");

	return true;
}


/**
 * Look at the body of an INVITE before anybody else does
 *
 * @param leg Leg that it is within, NULL=it begins a call
 * @param msg INVITE; its body may be replaced
 *
 * @return True if it was refused
 */
bool body_offer(const struct sipleg *leg, const struct sip_msg *msg)
{
	int err;

	err = fix_body(msg);
	if (err) {
		refuse(msg, err);
		return true;
	}

	return leg && reinvite(leg, msg);
}


/**
 * Look at the body of an ACK. An answer that cannot be read is none, see
 * sipleg_refuse(). What is of no call here is not worth the work
 *
 * @param msg ACK; its body may be replaced
 */
void body_answer(const struct sip_msg *msg)
{
	if (sipleg_find_request(msg) && fix_body(msg))
		body_drop(msg);
}


/**
 * Give a message another body: an SDP
 *
 * @param msg Message
 * @param sdp SDP, copied
 *
 * @return 0 if success, ENOMEM
 */
int body_set(struct sip_msg *msg, const struct pl *sdp)
{
	struct mbuf *mb = mbuf_alloc(sdp->l);
	int err;

	if (!mb)
		return ENOMEM;

	err = mbuf_write_pl(mb, sdp);
	if (!err)
		err = set_body(msg, mb);

	mem_deref(mb);

	return err;
}


static bool response_handler(const struct sip_msg *msg, void *arg)
{
	struct sipleg *leg;
	(void)arg;

	if (pl_strcmp(&msg->cseq.met, "INVITE") || msg->scode <= 100)
		return false;

	/* before the transactions: anybody can send such a thing */
	leg = sipleg_find_ours(msg);
	if (!leg)
		return false;

	if (msg->scode >= 300) {
		if (leg->estab)
			sip_hold_response(leg, msg);
		return false;
	}

	if (fix_body(msg)) {
		clog_info("answer of %r: its body, %r/%r, cannot be"
			  " used\n", &msg->to.auri, &msg->ctyp.type,
			  &msg->ctyp.subtype);
		body_drop(msg);
	}

	if (leg->estab)
		return false;

	connected_read(leg, msg);
	early_response(leg, (struct sip_msg *)msg);

	return false;
}


/**
 * Start looking at bodies of responses; those of requests come by
 * body_offer() and body_answer()
 *
 * @return 0 if success, otherwise errorcode
 */
int body_init(void)
{
	return host_listen(&lsnr, false, HOST_FIRST, response_handler, NULL);
}


/**
 * Stop looking at bodies of responses
 */
void body_close(void)
{
	lsnr = mem_deref(lsnr);
}
