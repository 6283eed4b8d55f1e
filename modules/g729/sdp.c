/**
 * @file g729/sdp.c  G.729 in SDP
 */
#include <re.h>
#include <baresip.h>
#include "g729.h"


/**
 * Tell if format parameters allow silence suppression by Annex B
 *
 * @param fmtp Format parameters, may be NULL
 *
 * @return False if they say annexb=no, else true: it is the default
 *         (RFC 4856, 2.1.9)
 */
bool g729_annexb(const char *fmtp)
{
	struct pl pl, val;

	if (!fmtp)
		return true;

	pl_set_str(&pl, fmtp);

	if (!fmt_param_get(&pl, "annexb", &val))
		return true;

	return pl_strcasecmp(&val, "no") != 0;
}


/**
 * Write our format parameters
 *
 * Annex B is used only if both sides want it, so "no" is answered with "no"
 * (RFC 7261).
 *
 * @param mb    Buffer
 * @param fmt   Our format; in an answer it knows the offer's parameters
 * @param offer True for an offer, false for an answer
 * @param arg   The codec, struct aucodec of a struct g729
 *
 * @return 0 if success, otherwise errorcode
 */
int g729_fmtp_enc(struct mbuf *mb, const struct sdp_format *fmt, bool offer,
		  void *arg)
{
	const struct g729 *g729 = arg;
	bool annexb;

	if (!mb || !fmt || !g729)
		return 0;

	annexb = g729->annexb && (offer || g729_annexb(fmt->rparams));

	return mbuf_printf(mb, "a=fmtp:%s annexb=%s\r\n", fmt->id,
			   annexb ? "yes" : "no");
}
