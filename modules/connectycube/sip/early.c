/**
 * @file sip/early.c  What is heard before the answer, and of whom
 *
 *   1xx, 2xx --> body.c --> here --> [transactions] --> baresip
 *
 * baresip takes the SDP of every 1xx for the one that counts, whoever of those
 * that a proxy rings has sent it, and however late. So it is shown those alone
 * that are to be heard; see pure/branches.h.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/pure/branches.h"


/* The one that was heard has gone, and nobody else has anything to say */
static void hush(const struct sipleg *leg)
{
	size_t i;

	for (i=0; i<SIPMEDIA_KINDS; i++)
		sipmedia_hush(leg->mediav[i]);
}


static void apply(struct sipleg *leg, struct sip_msg *msg,
		  const struct branch_verdict *v)
{
	/* until it has been read: see mnat.c */
	if (v->other)
		leg->other = true;

	switch (v->does) {

	case BRANCH_PASSES:
		break;

	case BRANCH_IGNORED:
		body_drop(msg);
		break;

	case BRANCH_SPEAKS:
		if (body_set(msg, &v->sdp))
			body_drop(msg);
		break;

	case BRANCH_SILENT:
		body_drop(msg);
		hush(leg);
		break;
	}
}


/**
 * A phone that we call offers other media before it answers. To be called
 * before the offer is read
 *
 * @param leg Leg, not established
 * @param msg UPDATE with the offer
 *
 * @return True if it is that phone that is heard, false if it is another one
 */
bool early_update(struct sipleg *leg, const struct sip_msg *msg)
{
	struct pl sdp;

	if (!leg->branches)
		return false;

	pl_set_mbuf(&sdp, msg->mb);

	return branches_offer(leg->branches, &msg->from.tag, &sdp);
}


/**
 * A phone that we call has told of itself, or has answered. To be called before
 * libre reads it
 *
 * @param leg Leg, not established
 * @param msg Response to its INVITE, 101 to 299; may be changed
 */
void early_response(struct sipleg *leg, struct sip_msg *msg)
{
	struct branch_verdict v;
	struct pl sdp;

	if (!leg->branches && branches_alloc(&leg->branches))
		return;

	pl_set_mbuf(&sdp, msg->mb);

	if (msg->scode >= 200)
		branches_answer(leg->branches, &v, &msg->to.tag, &sdp);
	else
		branches_progress(leg->branches, &v, msg->scode,
				  &msg->to.tag, &sdp);

	apply(leg, msg, &v);

	/* a phone that has gone does not ring; libre may hear it speak of
	   another one */
	if (msg->scode == 199)
		msg->scode = v.does == BRANCH_SPEAKS ? 183 : 100;
}
