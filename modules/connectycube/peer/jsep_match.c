/**
 * @file peer/jsep_match.c  Which formats both sides know (RFC 3264)
 */
#include <string.h>
#include <re.h>
#include "peer.h"
#include "jsep.h"


/** Video that can be declared without being sent: no repair formats */
static const char *echov[] = {"VP8", "H264", "VP9", "AV1"};


static bool have_pt(const struct peer_fmt *fmtv, size_t fmtc, uint8_t pt)
{
	size_t i;

	for (i=0; i<fmtc; i++) {
		if (fmtv[i].pt == pt)
			return true;
	}

	return false;
}


/* What both want of feedback and retransmissions */
static void agree(struct peer_fmt *fmt, const struct peer_fmt *lcl)
{
	fmt->fb &= lcl->fb;
	if (!lcl->rtx)
		fmt->rtx = 0;
}


static void add(struct peer_fmt *rmtv, struct peer_fmt *ansv, size_t n,
		const struct peer_fmt *rmt, const struct peer_fmt *lcl)
{
	rmtv[n] = *rmt;
	agree(&rmtv[n], lcl);

	if (ansv)
		jsep_fmt_answer(&ansv[n], &rmtv[n], lcl);
}


/* The remote's formats of one of ours; those that agree exactly, if any */
static size_t match_local(struct peer_fmt *rmtv, struct peer_fmt *ansv,
			  size_t n, size_t max, const struct jsep_media *rmt,
			  const struct peer_fmt *lcl)
{
	enum jsep_rank best = JSEP_RANK_COMPAT;
	size_t i;

	for (i=0; i<rmt->fmtc; i++)
		best = max(best, jsep_fmt_rank(&rmt->fmtv[i], lcl));

	for (i=0; i<rmt->fmtc && n < max; i++) {
		const struct peer_fmt *r = &rmt->fmtv[i];

		if (jsep_fmt_rank(r, lcl) == best && !have_pt(rmtv, n, r->pt))
			add(rmtv, ansv, n++, r, lcl);
	}

	return n;
}


/* Ours that agrees best with one of the remote's */
static const struct peer_fmt *best_local(const struct peer_fmt *lclv,
					 size_t lclc,
					 const struct peer_fmt *rmt)
{
	const struct peer_fmt *lcl = NULL;
	enum jsep_rank best = JSEP_RANK_NONE;
	size_t i;

	for (i=0; i<lclc; i++) {
		const enum jsep_rank rank = jsep_fmt_rank(rmt, &lclv[i]);

		if (rank > best) {
			best = rank;
			lcl  = &lclv[i];
		}
	}

	return lcl;
}


/**
 * Find the formats that both sides know
 *
 * @param rmtv     Formats with the remote's numbers and parameters, and the
 *                 feedback and retransmissions of both, written
 * @param ansv     The same formats as an answer states them; NULL=unwanted
 * @param max      Room in rmtv and ansv
 * @param rmt      Remote's m-line
 * @param lclv     Local formats, in order of preference
 * @param lclc     Number of local formats
 * @param lclorder Result in the local order, else in the remote's
 *
 * @return Number of formats written
 */
size_t jsep_match(struct peer_fmt *rmtv, struct peer_fmt *ansv, size_t max,
		  const struct jsep_media *rmt, const struct peer_fmt *lclv,
		  size_t lclc, bool lclorder)
{
	size_t i, n = 0;

	if (!rmtv || !rmt || !lclv)
		return 0;

	for (i=0; lclorder && i<lclc; i++)
		n = match_local(rmtv, ansv, n, max, rmt, &lclv[i]);

	for (i=0; !lclorder && i<rmt->fmtc && n < max; i++) {
		const struct peer_fmt *r = &rmt->fmtv[i];
		const struct peer_fmt *lcl = best_local(lclv, lclc, r);

		if (lcl && !have_pt(rmtv, n, r->pt))
			add(rmtv, ansv, n++, r, lcl);
	}

	return n;
}


/**
 * Pick the video formats that are declared only, so that the app makes a
 * stream and plays the audio in it
 *
 * @param rmtv Formats with the remote's numbers and parameters, written
 * @param ansv The same formats as an answer states them
 * @param max  Room in rmtv and ansv
 * @param rmt  Remote's m-line
 *
 * @return Number of formats written
 */
size_t jsep_echo(struct peer_fmt *rmtv, struct peer_fmt *ansv, size_t max,
		 const struct jsep_media *rmt)
{
	static const uint32_t fb = PEER_FB_NACK_PLI | PEER_FB_CCM_FIR;
	size_t i, j, n = 0;

	if (!rmtv || !ansv || !rmt)
		return 0;

	for (i=0; i<rmt->fmtc; i++) {
		for (j=0; j<ARRAY_SIZE(echov) && n < max; j++) {

			if (str_casecmp(rmt->fmtv[i].name, echov[j]))
				continue;

			rmtv[n]      = rmt->fmtv[i];
			rmtv[n].rtx  = 0;
			rmtv[n].fb  &= fb;
			ansv[n]      = rmtv[n];
			++n;
		}
	}

	return n;
}
