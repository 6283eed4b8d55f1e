/**
 * @file sip/video.c  A leg's video: wanted, offered, answered, agreed
 *
 *   bridge --- sipleg_video_prm ---> vsdp.c ---> baresip's SDP
 *   bridge <------ videoh ---------- vsdp.c <--- baresip's SDP
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
#include "base/log.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/pure/vsdp.h"


enum {
	SENDER_MAX = 512,       /* where baresip's sender begins inside its
				   video object, at the latest [bytes] */
};

/** A leg's video */
struct sipvideo {
	struct vwant want;       /**< What the bridge wants                 */
	struct sipleg_video vid;/**< What was agreed                       */
};

/* before the bridge knows more of a call that comes in */
static struct vwant preset;


static void want_set(struct vwant *w, const struct sipleg_video_prm *prm)
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

	vsdp_read(&leg->video->vid, rxlclv, &leg->video->want, m, sess, true);

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

	err = vsdp_offer(m, &leg->video->want);
	if (err) {
		clog_warning_of(leg->id,
				"video of %s: %m\n", leg->peer_uri, err);
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

	sip_hold_zero(leg, m);

	if (sipmedia_is_barred(sm))
		memset(&v->vid, 0, sizeof(v->vid));
	else
		vsdp_read(&v->vid, rxlclv, &v->want, m, sess, leg->offer);

	if (leg->offer && sdp_media_rport(m))
		err = vsdp_answer(m, &v->want, &v->vid, rxlclv);

	if (err) {
		clog_warning_of(leg->id,
				"video of %s: %m\n", leg->peer_uri, err);
		sdp_media_set_disabled(m, true);
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
