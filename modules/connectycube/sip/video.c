/**
 * @file sip/video.c  A leg's video in SDP: offered, answered, agreed
 *
 *   prm ---> a=rtpmap, a=fmtp, a=rtcp-fb, b= ---> offer, answer
 *   bridge <--- videoh <--- agreed formats <----- answer, offer
 *
 * baresip keeps the media line and its sockets, no more. Which formats stand
 * in it is decided here and for each call, so libre's own matching, which
 * knows fixed formats, is off for this line. That also keeps baresip from
 * finding a format it could start an encoder, a display or a request for
 * keyframes for: to it this video is never there.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/vfmt.h"


enum {
	/** What we say that we know: NACK, PLI, FIR and TMMBR */
	OUR_FB = SIPLEG_FB_NACK | SIPLEG_FB_PLI | SIPLEG_FB_FIR |
		SIPLEG_FB_TMMBR,
	/** Where baresip's sender begins inside its video object [bytes] */
	SENDER_MAX = 512,
};

/** What the bridge wants */
struct want {
	bool on;
	struct sipleg_fmt fmtv[SIPLEG_FMT_MAX];
	size_t fmtc;
	uint32_t bandwidth;     /**< [bit/s], 0=unset                      */
};

/** A leg's video */
struct sipvideo {
	struct want want;       /**< What the bridge wants                 */
	struct sipleg_video vid;/**< What was agreed                       */
};

/* before the bridge knows more of a call that comes in */
static struct want preset;


static void want_set(struct want *w, const struct sipleg_video_prm *prm)
{
	memset(w, 0, sizeof(*w));

	if (!prm || !prm->on || !prm->fmtv)
		return;

	w->on        = true;
	w->bandwidth = prm->bandwidth;
	w->fmtc      = min(prm->fmtc, (size_t)SIPLEG_FMT_MAX);
	memcpy(w->fmtv, prm->fmtv, w->fmtc * sizeof(w->fmtv[0]));
}


/**
 * Set what is accepted of a caller's video until the bridge says it for the
 * call itself
 *
 * @param prm Video, NULL or off for none
 */
void sipvideo_preset(const struct sipleg_video_prm *prm)
{
	want_set(&preset, prm);
}


/**
 * May calls have video at all?
 *
 * @return True if they may
 */
bool sipvideo_is_on(void)
{
	return preset.on;
}


/**
 * Let a leg have video
 *
 * @param leg Leg
 * @param prm What the bridge wants, NULL for what was preset
 *
 * @return 0 if success, otherwise errorcode
 */
int sipvideo_want(struct sipleg *leg, const struct sipleg_video_prm *prm)
{
	if (!leg->video)
		leg->video = mem_zalloc(sizeof(*leg->video), NULL);
	if (!leg->video)
		return ENOMEM;

	if (prm)
		want_set(&leg->video->want, prm);
	else
		leg->video->want = preset;

	return 0;
}


/* A cut parameter would say something else */
static void copy_fmtp(char *dst, size_t size, const char *src)
{
	char *sep;

	str_ncpy(dst, src ? src : "", size);

	if (str_len(src) < size)
		return;

	sep = strrchr(dst, ';');
	*(sep ? sep : dst) = '\0';
}


static bool copy_format(struct sipleg_fmt *dst, const struct sdp_format *src)
{
	if (!str_isset(src->name) || src->pt < 0 || src->pt > 127)
		return false;

	memset(dst, 0, sizeof(*dst));

	dst->pt    = (uint8_t)src->pt;
	dst->crate = src->srate;
	dst->ch    = src->ch;
	str_ncpy(dst->name, src->name, sizeof(dst->name));
	copy_fmtp(dst->fmtp, sizeof(dst->fmtp), src->params);

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


/* The remote's formats that match one of ours, which one is in lclv */
static void find_tx(struct sipleg_video *vid, int *lclv,
		    const struct want *w, const struct sdp_media *m,
		    bool offer)
{
	struct le *le;

	for (le = list_head(sdp_media_format_lst(m, false));
	     le && vid->txc < SIPLEG_FMT_MAX; le = le->next) {

		struct sipleg_fmt *fmt = &vid->txv[vid->txc];
		int i;

		if (!copy_format(fmt, le->data) ||
		    has_pt(vid->txv, vid->txc, fmt->pt))
			continue;

		i = offer ? vfmt_find(w->fmtv, w->fmtc, fmt)
			: vfmt_find_answer(w->fmtv, w->fmtc, fmt);
		if (i >= 0)
			lclv[vid->txc++] = i;
	}
}


/* What may arrive, our best first: by the number in the offer */
static void find_rx(struct sipleg_video *vid, int *rxlclv, const int *lclv,
		    const struct want *w, bool offer)
{
	size_t i, k;

	for (i=0; i<w->fmtc; i++) {

		for (k=0; k<vid->txc; k++) {

			struct sipleg_fmt *rx = &vid->rxv[vid->rxc];

			if (lclv[k] != (int)i)
				continue;

			*rx = vid->txv[k];
			if (!offer)
				rx->pt = w->fmtv[i].pt;

			if (!has_pt(vid->rxv, vid->rxc, rx->pt))
				rxlclv[vid->rxc++] = (int)i;
		}
	}
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


static int offer_formats(struct sdp_media *m, const struct want *w)
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


static int answer_formats(struct sdp_media *m, const struct want *w,
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


static bool fb_handler(const char *name, const char *value, void *arg)
{
	uint32_t *fb = arg;
	(void)name;

	*fb |= vfmt_fb(value);

	return false;
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


/* RFC 3890: TIAS is exact, AS for those who do not know it */
static void state_bandwidth(struct sdp_media *m, uint32_t bw)
{
	const bool on = bw && bw <= INT32_MAX;

	sdp_media_set_lbandwidth(m, SDP_BANDWIDTH_TIAS,
				 on ? (int32_t)bw : -1);
	sdp_media_set_lbandwidth(m, SDP_BANDWIDTH_AS,
				 on ? (int32_t)((bw - 1) / 1000 + 1) : -1);
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


/* Compare the remote's SDP with what is wanted; which formats of ours may
   arrive is in rxlclv */
static void read_sdp(struct sipleg_video *vid, int *rxlclv,
		     const struct want *w, const struct sdp_media *m,
		     const struct sdp_session *sess, bool offer)
{
	int lclv[SIPLEG_FMT_MAX];

	memset(vid, 0, sizeof(*vid));

	if (!w->on || !sdp_media_rport(m))
		return;

	find_tx(vid, lclv, w, m, offer);
	find_rx(vid, rxlclv, lclv, w, offer);

	if (vid->txc)
		read_agreed(vid, m, sess);
}


/**
 * Read what a caller offers, before there is a call of baresip's
 *
 * @param leg  Leg
 * @param m    Video media line of the offer
 * @param sess Its session
 *
 * @return 0 if success, otherwise errorcode
 */
int sipvideo_read_offer(struct sipleg *leg, const struct sdp_media *m,
			const struct sdp_session *sess)
{
	int rxlclv[SIPLEG_FMT_MAX], err;

	if (!sdp_media_rport(m))
		return 0;

	err = sipvideo_want(leg, NULL);
	if (err)
		return err;

	read_sdp(&leg->video->vid, rxlclv, &leg->video->want, m, sess, true);

	return 0;
}


static void mark_handler(void *arg)
{
	(void)arg;
}


/*
 * baresip's video starts a timer of 4 ms for its queue of packets to send,
 * which stays empty: 250 wake-ups a second for nothing. Its argument is the
 * sender inside the video object, which no other timer can have.
 */
static void stop_sender(const struct call *call)
{
	const char *video = (const char *)call_video(call);
	struct tmr mark;
	struct le *le;

	if (!video)
		return;

	tmr_init(&mark);
	tmr_start(&mark, 0, mark_handler, NULL); /* to see the list */

	for (le = list_head(mark.le.list); le; ) {

		struct tmr *tmr = le->data;
		const char *arg = tmr->arg;

		le = le->next;

		if (arg > video && arg < video + SENDER_MAX)
			tmr_cancel(tmr);
	}

	tmr_cancel(&mark);
}


/**
 * Make a leg's video line what the bridge wants. To be called when baresip
 * has its call, and before an SDP of ours goes out
 *
 * @param leg Leg
 */
void sipvideo_prepare(struct sipleg *leg)
{
	struct sdp_media *m = sipmedia_sdp(leg->mediav[SIPMEDIA_VIDEO]);
	int err;

	if (!m || !leg->video)
		return;

	stop_sender(leg->call);

	/* we forward whatever rate there is */
	sdp_media_del_lattr(m, "framerate");

	state_bandwidth(m, leg->video->want.bandwidth);

	err = state_feedback(m, OUR_FB);
	if (!err)
		err = offer_formats(m, &leg->video->want);
	if (err) {
		warning("connectycube: video of %s: %m\n", leg->peer_uri, err);
		sdp_media_set_disabled(m, true);
	}
}


/**
 * Video was negotiated: answer, if it was an offer, and tell the leg what
 * there is now
 *
 * @param leg  Leg
 * @param sm   Its video
 * @param sess SDP session of the call
 */
void sipvideo_update(struct sipleg *leg, struct sipmedia *sm,
		     const struct sdp_session *sess)
{
	struct sdp_media *m = sipmedia_sdp(sm);
	struct sipvideo *v = leg->video;
	int rxlclv[SIPLEG_FMT_MAX], err = 0;

	if (!v)
		return;

	read_sdp(&v->vid, rxlclv, &v->want, m, sess, leg->offer);

	if (leg->offer && sdp_media_rport(m)) {
		err = answer_formats(m, &v->want, &v->vid, rxlclv);
		if (!err)
			err = answer_feedback(m, &v->vid);
	}

	if (err) {
		warning("connectycube: video of %s: %m\n", leg->peer_uri, err);
		clear_formats(m);
		memset(&v->vid, 0, sizeof(v->vid));
	}

	v->vid.ssrc = sipmedia_ssrc(sm);

	sipmedia_set_rx(sm, v->vid.rxv, v->vid.rxc);

	if (leg->h.videoh)
		leg->h.videoh(&v->vid, leg->arg);
}


/**
 * Get what was negotiated for a leg's video; of a call that comes in and was
 * not answered, what it offers
 *
 * @param leg Leg
 *
 * @return Video, txc is 0 if there is none
 */
const struct sipleg_video *sipleg_video(const struct sipleg *leg)
{
	static const struct sipleg_video none;

	return leg && leg->video ? &leg->video->vid : &none;
}
