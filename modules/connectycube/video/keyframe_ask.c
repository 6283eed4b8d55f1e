/**
 * @file video/keyframe_ask.c  Keyframes: who asks for one, and by which road
 *
 *   PLI, FIR, SIP INFO of a leg --+
 *   a stream (re)starts ----------+--> broker of --> PLI, FIR or SIP INFO
 *   loss without hope ------------+    the source    to the source
 *   transcoder -------------------+
 *
 * When to ask is the broker's matter, keyframe.c.
 */
#include <re.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "video.h"
#include "video/payload/vpay.h"
#include "video/rtp/fb.h"
#include "video/rtp/hdrext.h"
#include "keyframe.h"
#include "video/rtp/loss.h"
#include "video/bwe/bwe.h"
#include "video/rtp/seqmap.h"
#include "video_priv.h"


enum {
	KEY_IDLE = 2000000,     /**< A source silent for long is not asked
				     [us]                                  */
	INFO_MAX = 10,          /**< A phone that knows no INFO is asked no
				     more until somebody wants one again   */
};


/* A source that sends, to somebody who wants it */
static bool is_active(const struct video_port *port, uint64_t now)
{
	return port->rx.started && port->end.recv &&
		port->to->out->end.send &&
		now - port->rx_last < KEY_IDLE;
}


/**
 * Is there any road to ask a source for a keyframe?
 *
 * @param port Leg of the source
 *
 * @return True if so
 */
bool vkey_can_ask(const struct video_port *port)
{
	const struct video_end *end = &port->end;

	return end->fasth ||
		(end->fb & (VIDEO_FB_PLI | VIDEO_FB_FIR) && end->rtcph);
}


static int send_pli(struct video_port *port)
{
	uint8_t buf[VFEED_MAX + VIDEO_TAILROOM];
	size_t len;
	int err;

	err = vfeed_begin(port, buf, &len);
	if (!err)
		err = fb_pli_write(buf, VFEED_MAX, &len, port->tx.ssrc,
				   port->rx.ssrc);
	if (err)
		return err;

	++port->st.rx.plis;

	return vfeed_send(port, buf, len);
}


static int send_fir(struct video_port *port)
{
	uint8_t buf[VFEED_MAX + VIDEO_TAILROOM];
	size_t len;
	int err;

	err = vfeed_begin(port, buf, &len);
	if (!err)
		err = fb_fir_write(buf, VFEED_MAX, &len, port->tx.ssrc,
				   port->rx.ssrc, port->kb.nr);
	if (err)
		return err;

	++port->st.rx.firs;

	return vfeed_send(port, buf, len);
}


/* Each is a transaction, with an answer of its own */
static int send_info(struct video_port *port)
{
	if (++port->infos >= INFO_MAX) {
		port->infos = 0;
		keybroker_got(&port->kb);
	}

	++port->st.rx.infos;

	return port->end.fasth(port->end.arg);
}


/* One that fails is repeated like one that is lost */
static void send_request(struct video_port *port)
{
	const struct video_end *end = &port->end;

	if (end->fb & VIDEO_FB_PLI && end->rtcph)
		(void)send_pli(port);
	else if (end->fb & VIDEO_FB_FIR && end->rtcph)
		(void)send_fir(port);
	else if (end->fasth)
		(void)send_info(port);
	else
		keybroker_got(&port->kb);
}


/**
 * Ask a source for the keyframe that is wanted, if it is time to
 *
 * @param port Leg of the source
 * @param now Time [us]
 */
void vkey_poll(struct video_port *port, uint64_t now)
{
	if (!keybroker_poll(&port->kb, now))
		return;

	if (is_active(port, now))
		send_request(port);
	else
		keybroker_got(&port->kb);
}


/**
 * A stream starts, or may have got another receiver: it needs a keyframe
 *
 * @param port Leg of the source
 * @param now Time [us]
 */
void vkey_start(struct video_port *port, uint64_t now)
{
	if (!is_active(port, now))
		return;

	keybroker_start(&port->kb, now);
	vkey_poll(port, now);
}


/**
 * The receiver of a stream cannot go on without a keyframe
 *
 * @param port Leg of the source
 * @param now Time [us]
 */
void vkey_want(struct video_port *port, uint64_t now)
{
	if (!is_active(port, now))
		return;

	keybroker_want(&port->kb, now);
	vkey_poll(port, now);
}


/**
 * A leg's remote has asked for a keyframe of what we send
 *
 * @param port Leg
 * @param now Time [us]
 */
void vkey_asked(struct video_port *port, uint64_t now)
{
	if (vidle_keyframe(port->from))
		return;

	if (port->from->mode == VIDEO_XCODE)
		vtrans_keyframe(port->from);
	else
		vkey_want(port->from->in, now);
}


/* Of the last keyframe; or one that comes late, of a keyframe before it. A
   source that begins anew may have the same timestamp again */
static bool is_known(const struct video_port *port, const struct video_in *in)
{
	const uint32_t ts = in->rp->ts;

	if (!port->key_on)
		return false;

	if (in->res == RXSTAT_LATE)
		return (int32_t)(ts - port->key_ts) <= 0;

	return ts == port->key_ts && ts == port->rx_ts;
}


/**
 * Look for the beginning of a keyframe in what a leg receives
 *
 * @param port Leg
 * @param in  Packet; in->key is set if it is in sequence. One that comes late
 *            is a keyframe to those who wait for one, but nothing begins
 *            with it: neither does a route that waits to begin
 */
void vkey_rx(struct video_port *port, struct video_in *in)
{
	if (!in->pay.key || is_known(port, in))
		return;

	in->key     = in->res != RXSTAT_LATE;
	port->infos  = 0;
	port->key_on = true;
	port->key_ts = in->rp->ts;

	++port->st.rx.keyframes;

	if (port->kb.wanted && (in->key || !port->to->resync))
		keybroker_got(&port->kb);
}
