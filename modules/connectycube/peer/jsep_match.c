/**
 * @file peer/jsep_match.c  Which formats both sides know (RFC 3264)
 */
#include <string.h>
#include <re.h>
#include "peer.h"
#include "text.h"
#include "jsep.h"


/** Video that can be declared without being sent: no repair formats */
static const char *echov[] = {"VP8", "H264", "VP9", "AV1"};


/* "a=b;c=d": the value of a parameter, empty if it is not there */
static void fmtp_get(const char *fmtp, const char *name, struct pl *value)
{
	struct pl rest, item, key;

	pl_set_str(&rest, fmtp);
	value->p = NULL;
	value->l = 0;

	while (rest.l) {
		struct pl val;

		(void)text_split(&rest, ';', &item, &rest);
		(void)text_split(&item, '=', &key, &val);
		if (!pl_strcasecmp(&key, name)) {
			*value = val;
			return;
		}
	}
}


/* RFC 6184 section 8.2.2: mode and profile are part of the format */
static bool h264_match(const char *a, const char *b)
{
	struct pl va, vb;
	uint32_t ma = 0, mb = 0;

	fmtp_get(a, "packetization-mode", &va);
	fmtp_get(b, "packetization-mode", &vb);
	(void)text_u32(&ma, &va, 2);
	(void)text_u32(&mb, &vb, 2);
	if (ma != mb)
		return false;

	fmtp_get(a, "profile-level-id", &va);
	fmtp_get(b, "profile-level-id", &vb);
	if (va.l < 4 || vb.l < 4)
		return true;

	va.l = vb.l = 4;

	return 0 == pl_casecmp(&va, &vb);
}


static bool fmt_match(const struct peer_fmt *lcl, const struct peer_fmt *rmt)
{
	if (!rmt->name[0] || str_casecmp(lcl->name, rmt->name) ||
	    lcl->crate != rmt->crate || lcl->ch != rmt->ch)
		return false;

	if (!str_casecmp(lcl->name, "H264"))
		return h264_match(lcl->fmtp, rmt->fmtp);

	return true;
}


static bool have_pt(const struct peer_fmt *fmtv, size_t fmtc, uint8_t pt)
{
	size_t i;

	for (i=0; i<fmtc; i++) {
		if (fmtv[i].pt == pt)
			return true;
	}

	return false;
}


/* The remote's feedback that we have a use for */
static uint32_t usable_fb(const struct jsep_fmt *rmt)
{
	return rmt->fb & (JSEP_FB_NACK_PLI | JSEP_FB_CCM_FIR);
}


static void add(struct peer_fmt *rmtv, struct jsep_fmt *ansv, size_t n,
		const struct jsep_fmt *rmt, const struct peer_fmt *lcl)
{
	rmtv[n] = rmt->fmt;

	if (!ansv)
		return;

	ansv[n] = *rmt;
	ansv[n].fb = usable_fb(rmt);

	/* what we say is what we want to receive */
	if (lcl && (lcl->fmtp[0] || str_casecmp(lcl->name, "H264")))
		str_ncpy(ansv[n].fmt.fmtp, lcl->fmtp,
			 sizeof(ansv[n].fmt.fmtp));
}


/**
 * Find the formats that both sides know
 *
 * @param rmtv     Formats with the remote's numbers and parameters, written
 * @param ansv     The same formats as an answer states them; NULL=unwanted
 * @param max      Room in rmtv and ansv
 * @param rmt      Remote's m-line
 * @param lclv     Local formats, in order of preference
 * @param lclc     Number of local formats
 * @param lclorder Result in the local order, else in the remote's
 *
 * @return Number of formats written
 */
size_t jsep_match(struct peer_fmt *rmtv, struct jsep_fmt *ansv, size_t max,
		  const struct jsep_media *rmt, const struct peer_fmt *lclv,
		  size_t lclc, bool lclorder)
{
	const size_t outer = lclorder ? lclc : (rmt ? rmt->fmtc : 0);
	const size_t inner = lclorder ? (rmt ? rmt->fmtc : 0) : lclc;
	size_t i, j, n = 0;

	if (!rmtv || !rmt || !lclv)
		return 0;

	for (i=0; i<outer; i++) {
		for (j=0; j<inner && n < max; j++) {
			const struct peer_fmt *l = &lclv[lclorder ? i : j];
			const struct jsep_fmt *r =
				&rmt->fmtv[lclorder ? j : i];

			if (fmt_match(l, &r->fmt) &&
			    !have_pt(rmtv, n, r->fmt.pt))
				add(rmtv, ansv, n++, r, l);
		}
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
size_t jsep_echo(struct peer_fmt *rmtv, struct jsep_fmt *ansv, size_t max,
		 const struct jsep_media *rmt)
{
	size_t i, j, n = 0;

	if (!rmtv || !rmt)
		return 0;

	for (i=0; i<rmt->fmtc; i++) {
		for (j=0; j<ARRAY_SIZE(echov) && n < max; j++) {

			if (!str_casecmp(rmt->fmtv[i].fmt.name, echov[j]))
				add(rmtv, ansv, n++, &rmt->fmtv[i], NULL);
		}
	}

	return n;
}
