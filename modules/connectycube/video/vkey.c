/**
 * @file video/vkey.c  Keyframes: who asks for one, and by which road
 *
 *   PLI, FIR, SIP INFO of a leg --+
 *   a stream (re)starts ----------+--> broker of --> PLI, FIR or SIP INFO
 *   loss without hope ------------+    the source    to the source
 *   transcoder -------------------+
 *
 * When to ask is the broker's matter, keyframe.c.
 */
#include <re.h>
#include "media/media.h"
#include "media/rtp.h"
#include "media/rtcp.h"
#include "media/rxstat.h"
#include "media/clock.h"
#include "video.h"
#include "vpay.h"
#include "fb.h"
#include "rtpext.h"
#include "keyframe.h"
#include "loss.h"
#include "bwe.h"
#include "seqmap.h"
#include "priv.h"


enum {
	KEY_IDLE = 2000000,     /**< A source silent for long is not asked
				     [us]                                  */
	INFO_MAX = 10,          /**< A phone that knows no INFO is asked no
				     more until somebody wants one again   */
};


/* A source that sends, to somebody who wants it */
static bool is_active(const struct video_leg *leg, uint64_t now)
{
	return leg->rx.started && leg->end.recv &&
		leg->vp->routev[leg->id].out->end.send &&
		now - leg->rx_last < KEY_IDLE;
}


static int send_pli(struct video_leg *leg)
{
	uint8_t buf[VFEED_MAX + VIDEO_TAILROOM];
	size_t len;
	int err;

	err = vfeed_begin(leg, buf, &len);
	if (!err)
		err = fb_pli_write(buf, VFEED_MAX, &len, leg->tx.ssrc,
				   leg->rx.ssrc);
	if (err)
		return err;

	++leg->st.rx.plis;

	return vfeed_send(leg, buf, len);
}


static int send_fir(struct video_leg *leg)
{
	uint8_t buf[VFEED_MAX + VIDEO_TAILROOM];
	size_t len;
	int err;

	err = vfeed_begin(leg, buf, &len);
	if (!err)
		err = fb_fir_write(buf, VFEED_MAX, &len, leg->tx.ssrc,
				   leg->rx.ssrc, leg->kb.nr);
	if (err)
		return err;

	++leg->st.rx.firs;

	return vfeed_send(leg, buf, len);
}


/* Each is a transaction, with an answer of its own */
static int send_info(struct video_leg *leg)
{
	if (++leg->infos >= INFO_MAX) {
		leg->infos = 0;
		keybroker_got(&leg->kb);
	}

	++leg->st.rx.infos;

	return leg->end.fasth(leg->end.arg);
}


/* One that fails is repeated like one that is lost */
static void send_request(struct video_leg *leg)
{
	const struct video_end *end = &leg->end;

	if (end->fb & VIDEO_FB_PLI && end->rtcph)
		(void)send_pli(leg);
	else if (end->fb & VIDEO_FB_FIR && end->rtcph)
		(void)send_fir(leg);
	else if (end->fasth)
		(void)send_info(leg);
	else
		keybroker_got(&leg->kb);
}


/**
 * Ask a source for the keyframe that is wanted, if it is time to
 *
 * @param leg Leg of the source
 * @param now Time [us]
 */
void vkey_poll(struct video_leg *leg, uint64_t now)
{
	if (!keybroker_poll(&leg->kb, now))
		return;

	if (is_active(leg, now))
		send_request(leg);
	else
		keybroker_got(&leg->kb);
}


/**
 * A stream starts, or may have got another receiver: it needs a keyframe
 *
 * @param leg Leg of the source
 * @param now Time [us]
 */
void vkey_start(struct video_leg *leg, uint64_t now)
{
	if (!is_active(leg, now))
		return;

	keybroker_start(&leg->kb, now);
	vkey_poll(leg, now);
}


/**
 * The receiver of a stream cannot go on without a keyframe
 *
 * @param leg Leg of the source
 * @param now Time [us]
 */
void vkey_want(struct video_leg *leg, uint64_t now)
{
	if (!is_active(leg, now))
		return;

	keybroker_want(&leg->kb, now);
	vkey_poll(leg, now);
}


/**
 * A leg's remote has asked for a keyframe of what we send
 *
 * @param leg Leg
 * @param now Time [us]
 */
void vkey_asked(struct video_leg *leg, uint64_t now)
{
	if (vidle_keyframe(leg->feed))
		return;

	if (leg->feed->mode == VIDEO_XCODE)
		vtrans_keyframe(leg->feed);
	else
		vkey_want(leg->feed->in, now);
}


/* One that comes late may be of a keyframe before the last */
static bool is_known(const struct video_leg *leg, const struct video_in *in)
{
	const int32_t d = (int32_t)(in->rp->ts - leg->key_ts);

	return leg->key_on && (d == 0 || (d < 0 && in->res == RXSTAT_LATE));
}


/**
 * Look for the beginning of a keyframe in what a leg receives
 *
 * @param leg Leg
 * @param in  Packet; in->key is set if it is in sequence. One that comes late
 *            is a keyframe to those who wait for one, but nothing begins
 *            with it
 */
void vkey_rx(struct video_leg *leg, struct video_in *in)
{
	if (!in->pay.key || is_known(leg, in))
		return;

	in->key     = in->res != RXSTAT_LATE;
	leg->infos  = 0;
	leg->key_on = true;
	leg->key_ts = in->rp->ts;

	++leg->st.rx.keyframes;

	if (leg->kb.wanted)
		keybroker_got(&leg->kb);
}
