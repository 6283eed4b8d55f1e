/**
 * @file sip/pure/msgcheck.c  Is a SIP message well-formed? (pure)
 *
 * libre takes the last of two headers that may be there only once, believes
 * every Content-Length over UDP, and does not compare CSeq's method. Who reads
 * the first header then sees another request than we do (RFC 4475).
 */
#include <re.h>
#include "msgcheck.h"


enum {
	CSEQ_MAX   = 0x7fffffff, /**< Highest number of a request          */
	LENGTH_MAX = 0x7fffffff, /**< Of a body; far more than comes       */
};

/* Once at most; those with `must` at least */
static const struct {
	enum sip_hdrid id;
	bool must;
	const char *fault;
} once[] = {
	{SIP_HDR_FROM,           true,  "From header is not there once"},
	{SIP_HDR_TO,             true,  "To header is not there once"},
	{SIP_HDR_CALL_ID,        true,  "Call-ID header is not there once"},
	{SIP_HDR_CSEQ,           true,  "CSeq header is not there once"},
	{SIP_HDR_MAX_FORWARDS,   false, "Two Max-Forwards headers"},
	{SIP_HDR_CONTENT_LENGTH, false, "Two Content-Length headers"},
	{SIP_HDR_CONTENT_TYPE,   false, "Two Content-Type headers"},
	{SIP_HDR_EXPIRES,        false, "Two Expires headers"},
};


/* Digits, with zeros before them or not; false if it is larger */
static bool is_number(const struct pl *pl, uint64_t most)
{
	uint64_t num = 0;
	size_t i;

	for (i=0; i<pl->l; i++) {

		if (pl->p[i] < '0' || pl->p[i] > '9')
			return false;

		num = num * 10 + (pl->p[i] - '0');
		if (num > most)
			return false;
	}

	return pl->l > 0;
}


/* libre counts on after 2^32, where it begins with 0 (RFC 3261, 8.1.1.5) */
static bool has_cseq(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_CSEQ);
	struct pl num;

	return hdr && !re_regex(hdr->val.p, hdr->val.l, "[0-9]+", &num) &&
		is_number(&num, CSEQ_MAX);
}


/* What a call cannot be without. RFC 2543 had no tags, but no dialog of ours
   is without */
static const char *call_fault(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_CONTACT);
	struct sip_addr addr;

	if (!pl_isset(&msg->from.tag))
		return "From has no tag";

	if (!hdr || sip_addr_decode(&addr, &hdr->val))
		return "Contact is not there, or no address";

	return NULL;
}


/**
 * Cut a message's body to what Content-Length says (RFC 3261, 18.3)
 *
 * @param msg Message; may be a stream's, which is cut already
 *
 * @return False if the body is shorter than that, or the length no number
 */
bool msgcheck_body(const struct sip_msg *msg)
{
	uint32_t len;

	if (!msg)
		return false;

	if (!msg->clen.p)
		return true;

	if (!is_number(&msg->clen, LENGTH_MAX))
		return false;

	len = pl_u32(&msg->clen);
	if (len > mbuf_get_left(msg->mb))
		return false;

	msg->mb->end = msg->mb->pos + len;

	return true;
}


/**
 * Find out what is wrong with a request, and cut its body to its length
 *
 * @param msg Request
 *
 * @return What is wrong, to be answered with 400, NULL=nothing
 */
const char *msgcheck_fault(const struct sip_msg *msg)
{
	size_t i;

	if (!msg)
		return "No message";

	for (i=0; i<ARRAY_SIZE(once); i++) {

		const uint32_t n = sip_msg_hdr_count(msg, once[i].id);

		if (n > 1 || (!n && once[i].must))
			return once[i].fault;
	}

	if (pl_cmp(&msg->met, &msg->cseq.met))
		return "CSeq is of another method";

	if (!has_cseq(msg))
		return "CSeq is too large";

	if (!msgcheck_body(msg))
		return "Content-Length is not the body's";

	return pl_strcmp(&msg->met, "INVITE") || pl_isset(&msg->to.tag)
		? NULL : call_fault(msg);
}


/**
 * Has an invitation expired when it comes (RFC 3261, 13.3.1)?
 *
 * @param msg INVITE
 *
 * @return True if it has
 */
bool msgcheck_expired(const struct sip_msg *msg)
{
	return msg && is_number(&msg->expires, 0);
}
