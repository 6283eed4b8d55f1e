/**
 * @file sip/pure/relseq.c  Numbers of reliable provisional responses (RFC
 *                          3262; pure)
 */
#include <re.h>
#include "sip/pure/relseq.h"


enum {
	RSEQ_MAX = 0x7fffffff,  /* RFC 3262, 3 */
	PATIENCE = 64 * SIP_T1, /* nobody acknowledges [ms] (RFC 3262, 3) */
};


/* The digits at the start, taken out of pl */
static int number(uint32_t *num, struct pl *pl)
{
	uint64_t v = 0;
	size_t i;

	for (i=0; i<pl->l && pl->p[i] >= '0' && pl->p[i] <= '9'; i++) {

		v = v * 10 + (uint64_t)(pl->p[i] - '0');
		if (v > RSEQ_MAX)
			return EBADMSG;
	}

	if (!i)
		return EBADMSG;

	pl_advance(pl, (ssize_t)i);
	*num = (uint32_t)v;

	return 0;
}


/* Number of those that were there */
static size_t skip_blanks(struct pl *pl)
{
	const size_t l = pl->l;

	while (pl->l && (*pl->p == ' ' || *pl->p == '\t'))
		pl_advance(pl, 1);

	return l - pl->l;
}


/**
 * Is a response a reliable provisional one?
 *
 * @param msg Response
 *
 * @return True if it is
 */
bool relseq_is_reliable(const struct sip_msg *msg)
{
	return msg && !msg->req && msg->scode > 100 && msg->scode < 200 &&
		sip_msg_hdr_has_value(msg, SIP_HDR_REQUIRE, "100rel");
}


/* Value of RSeq, never 0 */
static int rseq_decode(uint32_t *rseq, const struct pl *val)
{
	struct pl pl = *val;
	uint32_t num;

	(void)skip_blanks(&pl);

	if (number(&num, &pl) || !num)
		return EBADMSG;

	(void)skip_blanks(&pl);
	if (pl.l)
		return EBADMSG;

	*rseq = num;

	return 0;
}


/**
 * Decode the value of RAck
 *
 * @param rack Set to its parts
 * @param val  Value
 *
 * @return 0 if success, EBADMSG if it is none
 */
int relseq_rack_decode(struct relseq_rack *rack, const struct pl *val)
{
	struct pl pl;

	if (!rack || !val)
		return EINVAL;

	pl = *val;
	(void)skip_blanks(&pl);

	if (number(&rack->rseq, &pl) || !rack->rseq || !skip_blanks(&pl) ||
	    number(&rack->cseq, &pl) || !skip_blanks(&pl))
		return EBADMSG;

	return re_regex(pl.p, pl.l, "[^ \t]+", &rack->met) ? EBADMSG : 0;
}


/**
 * A provisional response has come. Each early dialog has numbers of its own,
 * which begin anywhere and go on by one
 *
 * @param last Number of the last one of its early dialog, 0=none yet;
 *             changed if this is the next one
 * @param msg  Response
 *
 * @return What it is
 */
enum relseq_is relseq_take(uint32_t *last, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr;
	uint32_t rseq;

	if (!last || !relseq_is_reliable(msg))
		return RELSEQ_PLAIN;

	hdr = sip_msg_hdr(msg, SIP_HDR_RSEQ);
	if (!hdr || rseq_decode(&rseq, &hdr->val))
		return RELSEQ_WRONG;

	if (*last && rseq <= *last)
		return RELSEQ_AGAIN;

	if (*last && rseq != *last + 1)
		return RELSEQ_WRONG;

	*last = rseq;

	return RELSEQ_NEXT;
}


/**
 * A reliable response is sent for the first time
 *
 * @param w   When it is sent again
 * @param now Time [ms]
 */
void relseq_wait_begin(struct relseq_wait *w, uint64_t now)
{
	w->pause = SIP_T1;
	w->end   = now + PATIENCE;
}


/**
 * It is to be given up earlier, perhaps
 *
 * @param w   When it is sent again
 * @param end When it is given up at the latest [ms]
 */
void relseq_wait_until(struct relseq_wait *w, uint64_t end)
{
	w->end = min(w->end, end);
}


/**
 * How long is to be waited now?
 *
 * @param w   When it is sent again
 * @param now Time [ms]
 *
 * @return Pause [ms], 0 if it is given up
 */
uint32_t relseq_wait_next(struct relseq_wait *w, uint64_t now)
{
	uint32_t ms;

	if (now >= w->end)
		return 0;

	ms = (uint32_t)min((uint64_t)w->pause, w->end - now);
	w->pause *= 2;

	return ms;
}
