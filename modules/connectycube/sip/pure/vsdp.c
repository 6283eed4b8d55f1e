/**
 * @file sip/pure/vsdp.c  The video line of an SDP: what it says, what we say in it
 *
 * Formats of the line are ours in every call anew; libre's own matching is
 * off for it. On libre's SDP objects alone: no sockets, no baresip.
 */
#include <string.h>
#include <re.h>
#include "sip/sip.h"
#include "vfmt.h"
#include "sdpline.h"
#include "vsdp.h"


/** What we say that we know */
enum {
	OUR_FB = SIPLEG_FB_NACK | SIPLEG_FB_PLI | SIPLEG_FB_FIR |
		SIPLEG_FB_TMMBR,
};


static bool copy_format(struct sipleg_fmt *dst, const struct sdp_format *src)
{
	if (!str_isset(src->name) || src->pt < 0 || src->pt > 127)
		return false;

	memset(dst, 0, sizeof(*dst));

	dst->pt    = (uint8_t)src->pt;
	dst->crate = src->srate;
	dst->ch    = src->ch;
	str_ncpy(dst->name, src->name, sizeof(dst->name));
	sdpline_fit_fmtp(dst->fmtp, sizeof(dst->fmtp), src->params);

	return true;
}


static bool has_pt(const struct sipleg_fmt *fmtv, size_t fmtc, uint8_t pt)
{
	size_t i;

	for (i=0; i<fmtc; i++) {
		if (fmtv[i].pt == pt)
			return true;
	}

	return false;
}


/** The remote's formats that fit one of ours */
struct common {
	int lclv[SIPLEG_FMT_MAX];           /**< Which one of ours         */
	enum vfmt_fit fitv[SIPLEG_FMT_MAX]; /**< How                       */
};


static void find_tx(struct sipleg_video *vid, struct common *com,
		    const struct vwant *w, const struct sdp_media *m,
		    bool offer)
{
	struct le *le;

	for (le = list_head(sdp_media_format_lst(m, false));
	     le && vid->txc < SIPLEG_FMT_MAX; le = le->next) {

		enum vfmt_fit fit = VFMT_SAME;
		struct sipleg_fmt fmt;
		int i;

		if (!copy_format(&fmt, le->data) ||
		    has_pt(vid->txv, vid->txc, fmt.pt))
			continue;

		i = offer ? vfmt_find(w->fmtv, w->fmtc, &fmt, &fit)
			: vfmt_find_answer(w->fmtv, w->fmtc, &fmt);
		if (i < 0)
			continue;

		vid->txv[vid->txc]    = fmt;
		com->lclv[vid->txc]   = i;
		com->fitv[vid->txc++] = fit;
	}
}


static bool is_lesser(const struct common *com, size_t n, size_t k)
{
	size_t i;

	for (i=0; com->fitv[k] == VFMT_MORE && i<n; i++) {
		if (com->lclv[i] == com->lclv[k] &&
		    com->fitv[i] > VFMT_MORE)
			return true;
	}

	return false;
}


/* More than we say that we receive only if there is nothing else for it */
static void drop_lesser(struct sipleg_video *vid, struct common *com)
{
	const struct common all = *com;
	const size_t txc = vid->txc;
	size_t k;

	vid->txc = 0;

	for (k=0; k<txc; k++) {

		if (is_lesser(&all, txc, k))
			continue;

		vid->txv[vid->txc]    = vid->txv[k];
		com->lclv[vid->txc]   = all.lclv[k];
		com->fitv[vid->txc++] = all.fitv[k];
	}
}


/* What may arrive if we answer, our best first */
static void find_rx_answer(struct sipleg_video *vid, int *rxlclv,
			   const int *lclv, const struct vwant *w)
{
	size_t i, k;

	for (i=0; i<w->fmtc; i++) {

		for (k=0; k<vid->txc; k++) {

			if (lclv[k] != (int)i)
				continue;

			vid->rxv[vid->rxc] = vid->txv[k];
			rxlclv[vid->rxc++] = (int)i;
		}
	}
}


static const struct sipleg_fmt *find_tx_of(const struct sipleg_video *vid,
					   const int *lclv, int lcl,
					   const char *name)
{
	const struct sipleg_fmt *found = NULL;
	size_t k;

	for (k=0; k<vid->txc; k++) {

		if (lclv[k] == lcl)
			return &vid->txv[k];

		if (!found && !str_casecmp(vid->txv[k].name, name))
			found = &vid->txv[k];
	}

	return found;
}


/* What may arrive if we offered. Of several formats of a codec some phones
   repeat one in the answer and send another (baresip does) */
static void find_rx_offer(struct sipleg_video *vid, const int *lclv,
			  const struct vwant *w)
{
	size_t i;

	for (i=0; i<w->fmtc; i++) {

		const struct sipleg_fmt *tx;

		tx = find_tx_of(vid, lclv, (int)i, w->fmtv[i].name);
		if (!tx)
			continue;

		vid->rxv[vid->rxc] = *tx;
		vid->rxv[vid->rxc++].pt = w->fmtv[i].pt;
	}

	/* and many send with the numbers of their answer, not with ours */
	for (i=0; i<vid->txc && vid->rxc < SIPLEG_FMT_MAX; i++) {
		if (!has_pt(vid->rxv, vid->rxc, vid->txv[i].pt))
			vid->rxv[vid->rxc++] = vid->txv[i];
	}
}


static bool fb_handler(const char *name, const char *value, void *arg)
{
	uint32_t *fb = arg;
	(void)name;

	*fb |= vfmt_fb(value);

	return false;
}


/* [bit/s], 0=unset. Some state it for the session only */
static uint32_t remote_bandwidth(const struct sdp_media *m,
				 const struct sdp_session *sess)
{
	const int64_t bwv[] = {
		sdp_media_rbandwidth(m, SDP_BANDWIDTH_TIAS),
		sdp_media_rbandwidth(m, SDP_BANDWIDTH_AS) * INT64_C(1000),
		sdp_session_rbandwidth(sess, SDP_BANDWIDTH_TIAS),
		sdp_session_rbandwidth(sess, SDP_BANDWIDTH_AS) * INT64_C(1000),
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(bwv); i++) {
		if (bwv[i] > 0)
			return (uint32_t)min(bwv[i], (int64_t)UINT32_MAX);
	}

	return 0;
}


static void read_agreed(struct sipleg_video *vid, const struct sdp_media *m,
			const struct sdp_session *sess)
{
	const enum sdp_dir dir = sdp_media_dir(m);

	/* 0.0.0.0 is a hold, too (RFC 3264, 8.4) */
	vid->send = dir & SDP_SENDONLY &&
		sa_isset(sdp_media_raddr(m), SA_ADDR);
	vid->recv       = dir & SDP_RECVONLY;
	vid->rtcp_rsize = sdp_media_rattr(m, "rtcp-rsize") != NULL;
	vid->bandwidth  = remote_bandwidth(m, sess);

	(void)sdp_media_rattr_apply(m, "rtcp-fb", fb_handler, &vid->fb);
}


/* What we offered is what stands in the line, and not always what is wanted:
   to a re-INVITE without an offer it is our last answer, with the remote's
   numbers */
static void read_offered(struct vwant *w, const struct sdp_media *m)
{
	struct le *le;

	w->fmtc = 0;

	for (le = list_head(sdp_media_format_lst(m, true));
	     le && w->fmtc < SIPLEG_FMT_MAX; le = le->next) {

		if (copy_format(&w->fmtv[w->fmtc], le->data))
			++w->fmtc;
	}
}


static void read_offer(struct sipleg_video *vid, int *rxlclv,
		       const struct vwant *w, const struct sdp_media *m)
{
	struct common com;

	find_tx(vid, &com, w, m, true);
	drop_lesser(vid, &com);
	find_rx_answer(vid, rxlclv, com.lclv, w);
}


static void read_answer(struct sipleg_video *vid, const struct sdp_media *m)
{
	struct common com;
	struct vwant w;

	read_offered(&w, m);
	find_tx(vid, &com, &w, m, false);
	find_rx_offer(vid, com.lclv, &w);
}


/**
 * Read what the remote's SDP and we have in common
 *
 * @param vid    What may be sent and received (output)
 * @param rxlclv Of an offer: which wanted format each of vid->rxv is, room
 *               for SIPLEG_FMT_MAX (output)
 * @param w      What is wanted
 * @param m      Video media line, decoded
 * @param sess   Its session
 * @param offer  True if it was an offer, false if an answer
 */
void vsdp_read(struct sipleg_video *vid, int *rxlclv,
	       const struct vwant *w, const struct sdp_media *m,
	       const struct sdp_session *sess, bool offer)
{
	memset(vid, 0, sizeof(*vid));

	if (!w->on || !sdp_media_rport(m))
		return;

	if (offer)
		read_offer(vid, rxlclv, w, m);
	else
		read_answer(vid, m);

	if (vid->txc)
		read_agreed(vid, m, sess);
}


static int add_format(struct sdp_media *m, uint8_t pt,
		      const struct sipleg_fmt *fmt, const char *fmtp)
{
	char id[4];

	(void)re_snprintf(id, sizeof(id), "%u", pt);

	return sdp_format_add(NULL, m, false, id, fmt->name, fmt->crate, 1,
			      NULL, NULL, NULL, false, "%s", fmtp);
}


static void clear_formats(struct sdp_media *m)
{
	list_flush((struct list *)sdp_media_format_lst(m, true));
}


static int state_feedback(struct sdp_media *m, uint32_t fb)
{
	uint32_t bit;
	int err;

	sdp_media_del_lattr(m, "rtcp-fb");

	for (bit = SIPLEG_FB_NACK; bit <= SIPLEG_FB_TMMBR; bit <<= 1) {

		if (!(fb & OUR_FB & bit))
			continue;

		err = sdp_media_set_lattr(m, false, "rtcp-fb", "* %s",
					  vfmt_fb_name(bit));
		if (err)
			return err;
	}

	return 0;
}


/* RFC 3890: TIAS is exact, AS for those who do not know it */
static void state_bandwidth(struct sdp_media *m, uint32_t bw)
{
	const bool on = bw && bw <= INT32_MAX;

	sdp_media_set_lbandwidth(m, SDP_BANDWIDTH_TIAS,
				 on ? (int32_t)bw : -1);
	sdp_media_set_lbandwidth(m, SDP_BANDWIDTH_AS,
				 on ? (int32_t)((bw - 1) / 1000 + 1) : -1);
}


static int offer_formats(struct sdp_media *m, const struct vwant *w)
{
	char fmtp[sizeof(w->fmtv[0].fmtp)];
	size_t i;
	int err;

	clear_formats(m);

	for (i=0; i<w->fmtc; i++) {

		const struct sipleg_fmt *fmt = &w->fmtv[i];

		err = vfmt_offer(fmtp, sizeof(fmtp), fmt);
		if (!err)
			err = add_format(m, fmt->pt, fmt, fmtp);
		if (err)
			return err;
	}

	return 0;
}


/**
 * Make the line what we offer
 *
 * @param m Video media line
 * @param w What is wanted
 *
 * @return 0 if success, otherwise errorcode
 */
int vsdp_offer(struct sdp_media *m, const struct vwant *w)
{
	int err;

	/* we forward whatever rate there is */
	sdp_media_del_lattr(m, "framerate");

	state_bandwidth(m, w->bandwidth);

	err = state_feedback(m, OUR_FB);
	if (err)
		return err;

	return offer_formats(m, w);
}


/* An answer takes from the offer and adds nothing (RFC 4585, 4.2; RFC 5506,
   5). baresip knows of reduced-size RTCP in its own offers only */
static int answer_feedback(struct sdp_media *m, const struct sipleg_video *v)
{
	int err;

	err = state_feedback(m, v->fb);
	if (err)
		return err;

	sdp_media_del_lattr(m, "rtcp-rsize");

	return v->rtcp_rsize ? sdp_media_set_lattr(m, true, "rtcp-rsize", NULL)
		: 0;
}


static int answer_formats(struct sdp_media *m, const struct vwant *w,
			  const struct sipleg_video *vid, const int *rxlclv)
{
	char fmtp[sizeof(w->fmtv[0].fmtp)];
	size_t i;
	int err;

	clear_formats(m);

	for (i=0; i<vid->rxc; i++) {

		const struct sipleg_fmt *fmt = &w->fmtv[rxlclv[i]];

		err = vfmt_answer(fmtp, sizeof(fmtp), fmt, vid->rxv[i].fmtp);
		if (!err)
			err = add_format(m, vid->rxv[i].pt, fmt, fmtp);
		if (err)
			return err;
	}

	return 0;
}


/**
 * Make the line what we answer
 *
 * @param m      Video media line
 * @param w      What is wanted
 * @param vid    What vsdp_read() found in the offer
 * @param rxlclv Which wanted format each of vid->rxv is
 *
 * @return 0 if success, otherwise errorcode
 */
int vsdp_answer(struct sdp_media *m, const struct vwant *w,
		const struct sipleg_video *vid, const int *rxlclv)
{
	int err;

	err = answer_feedback(m, vid);
	if (err)
		return err;

	return answer_formats(m, w, vid, rxlclv);
}
