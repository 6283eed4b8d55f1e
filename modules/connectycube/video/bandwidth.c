/**
 * @file video/bandwidth.c  Bandwidth: the narrower side limits the wider
 *
 *   source ---------------> route ------------------> receiver
 *     ^                       |                          |
 *     |  transport-cc,        | encoder, if it is        |  transport-cc,
 *     |  REMB, TMMBR          v transcoded               |  REMB, TMMBR,
 *     +------------ least of all limits <----------------+  loss, b=AS
 *
 * A source that knows transport-cc sees for itself how wide its path to us
 * is; to others REMB tells it. What the path from us to the receiver can
 * take is told to the source, unless an encoder in between obeys.
 */
#include <string.h>
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
	TWCC_TIME  = 100000,    /**< Between two transport-cc feedbacks [us] */
	TELL_FIRST = 100000,    /**< After the first packet [us]           */
	TELL_TIME  = 1000000,   /**< Between two REMB or TMMBR [us]        */
	TELL_DROP  = 3,         /**< Told at once if it falls by [%]       */
	TMMBR_TRIES = 3,        /**< Until a TMMBN comes                   */
	TYPICAL    = 1000,      /**< Size of a packet, for overhead [bytes] */
	OVERHEAD   = 40,        /**< IP, UDP, SRTP [bytes]                 */
};


static bool tells_remb(const struct video_port *port)
{
	return port->end.fb & VIDEO_FB_REMB && port->end.rtcph;
}


static bool tells_tmmbr(const struct video_port *port)
{
	return port->end.fb & VIDEO_FB_TMMBR && !tells_remb(port) &&
		port->end.rtcph;
}


static bool has_twcc(const struct video_port *port)
{
	return port->end.fb & VIDEO_FB_TWCC && port->end.ext.twcc &&
		port->end.rtcph;
}


/* Who tells us what it can take begins low; of others only loss is known,
   so that they begin with what was negotiated */
static int tx_alloc(struct video_port *port)
{
	const struct video_config *cfg = &port->cfg;
	uint32_t start = cfg->bitrate_max;

	if (port->bwe_tx || !port->end.tx.codec)
		return 0;

	if (port->end.fb & (VIDEO_FB_TWCC | VIDEO_FB_REMB))
		start = cfg->bitrate_start;
	else if (port->end.bw_max)
		start = min(start, port->end.bw_max);

	start = min(start, cfg->bitrate_max);
	start = max(start, cfg->bitrate_min);

	return bwe_tx_alloc(&port->bwe_tx, start, cfg->bitrate_min,
			    cfg->bitrate_max);
}


static int rx_alloc(struct video_port *port)
{
	const struct video_config *cfg = &port->cfg;

	if (has_twcc(port))
		return port->twcc ? 0 : twcc_rx_alloc(&port->twcc);

	if (port->bwe_rx || !tells_remb(port))
		return 0;

	return bwe_rx_alloc(&port->bwe_rx, cfg->bitrate_start,
			    cfg->bitrate_min, cfg->bitrate_max);
}


/**
 * Set a leg up for what was agreed
 *
 * @param port Leg
 *
 * @return 0 if success, EINVAL for a configuration without sense, ENOMEM
 */
int vlimit_setup(struct video_port *port)
{
	int err;

	if (!has_twcc(port))
		port->twcc = mem_deref(port->twcc);

	if (has_twcc(port) || !tells_remb(port))
		port->bwe_rx = mem_deref(port->bwe_rx);

	port->tell_bw  = 0;
	port->tell_due = 0;
	port->twcc_due = 0;

	err = tx_alloc(port);
	if (err)
		return err;

	return rx_alloc(port);
}


/**
 * Account for a packet of whatever kind that was received
 *
 * @param port Leg that it was received on
 * @param rp  Packet
 * @param len Length of the packet [bytes]
 * @param now Arrival time [us]
 */
void vlimit_rx(struct video_port *port, const struct rtp_pkt *rp, size_t len,
	       uint64_t now)
{
	const uint8_t *p;
	size_t plen;

	if (port->bwe_rx)
		bwe_rx_packet(port->bwe_rx, rp->ts, len, now);

	if (!port->tell_due && (tells_remb(port) || tells_tmmbr(port)))
		port->tell_due = now + TELL_FIRST;

	if (!port->twcc)
		return;

	p = hdrext_find(rp, port->end.ext.twcc, &plen);
	if (!p || plen < 2)
		return;

	twcc_rx_packet(port->twcc, rtp_get16(p), now);

	if (!port->twcc_due)
		port->twcc_due = now + TWCC_TIME;
}


/**
 * Get the limit of what is sent on a leg
 *
 * @param port Leg
 *
 * @return Limit [bit/s]
 */
uint32_t vlimit_tx(const struct video_port *port)
{
	uint32_t bw = port->cfg.bitrate_max;

	if (port->end.bw_max)
		bw = min(bw, port->end.bw_max);

	if (port->bwe_tx && port->bwe_heard)
		bw = min(bw, bwe_tx_bitrate(port->bwe_tx));

	return bw;
}


/* What a source may send: as much as its path takes and, if nothing is
   encoded anew, as the receiver's */
static uint32_t limit_rx(const struct video_port *port)
{
	const struct video_route *rt = port->to;
	uint32_t bw = port->cfg.bitrate_max;

	if (port->bwe_rx)
		bw = min(bw, bwe_rx_bitrate(port->bwe_rx));

	if (rt->out->end.send && !rt->trans)
		bw = min(bw, vlimit_tx(rt->out));

	return bw;
}


static int send_remb(struct video_port *port, uint32_t bw)
{
	uint8_t buf[VFEED_MAX + VIDEO_TAILROOM];
	size_t len;
	int err;

	err = vfeed_begin(port, buf, &len);
	if (!err)
		err = fb_remb_write(buf, VFEED_MAX, &len, port->tx.ssrc, bw,
				    &port->rx.ssrc, 1);
	if (err)
		return err;

	return vfeed_send(port, buf, len);
}


static int send_tmmb(struct video_port *port, bool request, uint32_t media,
		     uint64_t bw, unsigned overhead)
{
	uint8_t buf[VFEED_MAX + VIDEO_TAILROOM];
	size_t len;
	int err;

	err = vfeed_begin(port, buf, &len);
	if (!err)
		err = fb_tmmb_write(buf, VFEED_MAX, &len, request,
				    port->tx.ssrc, media, bw, overhead);
	if (err)
		return err;

	return vfeed_send(port, buf, len);
}


static bool differs(uint32_t a, uint32_t b)
{
	const uint32_t d = a > b ? a - b : b - a;

	return (uint64_t)d * 100 > (uint64_t)TELL_DROP * max(a, b);
}


/* A limit is good until it is changed: it is repeated only until the phone
   has confirmed it */
static void tell_tmmbr(struct video_port *port, uint32_t bw)
{
	if (!port->tell_bw || differs(bw, port->tell_bw))
		port->tmmbr_tries = TMMBR_TRIES;
	else
		bw = port->tell_bw;

	if (!port->tmmbr_tries)
		return;

	--port->tmmbr_tries;
	port->tell_bw = bw;
	(void)send_tmmb(port, true, port->rx.ssrc,
			bw + (uint64_t)bw * OVERHEAD / TYPICAL, OVERHEAD);
}


static void tell(struct video_port *port, uint64_t now)
{
	const uint32_t bw = limit_rx(port);

	port->tell_due = now + TELL_TIME;

	/* who has stopped sending is told again with the next packet */
	if (!port->rx.started || now - port->rx_last > TELL_TIME) {
		port->tell_due = 0;
	}
	else if (tells_remb(port)) {
		port->tell_bw = bw;
		(void)send_remb(port, bw);
	}
	else if (tells_tmmbr(port)) {
		tell_tmmbr(port, bw);
	}
}


/* The limit of what is sent on a leg may have changed */
static void changed(struct video_port *port, uint64_t now)
{
	struct video_port *src = port->from->in;

	port->bwe_heard = true;

	if (port->from->trans)
		vtrans_set_bitrate(port->from, vlimit_tx(port));
	else if (src->tell_due && src->tell_bw &&
		 limit_rx(src) < src->tell_bw &&
		 differs(limit_rx(src), src->tell_bw))
		tell(src, now);
}


/**
 * The remote has told what it can take of what we send
 *
 * @param port Leg
 * @param fb  REMB, TMMBR or transport-cc
 * @param now Time [us]
 */
void vlimit_feedback(struct video_port *port, const struct fb *fb,
		     uint64_t now)
{
	bwe_tx_feedback(port->bwe_tx, fb, now);

	if (fb->type == FB_TMMBR) {
		port->tmmbn.due      = true;
		port->tmmbn.ssrc     = fb->ssrc;
		port->tmmbn.bitrate  = fb->u.bw.bitrate;
		port->tmmbn.overhead = fb->u.bw.overhead;
	}

	changed(port, now);
}


/**
 * A compound was handled: confirm the limit that it has set, if TMMBR was
 * agreed. Of more than one the last counts
 *
 * @param port Leg
 */
void vlimit_answer(struct video_port *port)
{
	if (!port->tmmbn.due)
		return;

	port->tmmbn.due = false;

	if (port->end.fb & VIDEO_FB_TMMBR)
		(void)send_tmmb(port, false, port->tmmbn.ssrc,
				port->tmmbn.bitrate, port->tmmbn.overhead);
}


/**
 * The remote has confirmed our limit
 *
 * @param port Leg
 * @param fb  TMMBN
 */
void vlimit_confirmed(struct video_port *port, const struct fb *fb)
{
	if (fb->media == port->tx.ssrc)
		port->tmmbr_tries = 0;
}


/**
 * The remote has reported loss of what we send
 *
 * @param port     Leg
 * @param fraction Lost since its last report [1/256]
 * @param now      Time [us]
 */
void vlimit_loss(struct video_port *port, uint8_t fraction, uint64_t now)
{
	bwe_tx_loss(port->bwe_tx, fraction, now);
	changed(port, now);
}


/**
 * Send transport-cc feedback that is due
 *
 * @param port Leg
 * @param now Time [us]
 */
void vlimit_twcc(struct video_port *port, uint64_t now)
{
	uint8_t buf[VFEED_MAX + VIDEO_TAILROOM];
	size_t len;

	port->twcc_due = 0;

	if (vfeed_begin(port, buf, &len) ||
	    twcc_rx_feedback(port->twcc, buf, VFEED_MAX, &len, port->tx.ssrc,
			     port->rx.ssrc))
		return;

	(void)vfeed_send(port, buf, len);

	if (twcc_rx_pending(port->twcc))
		port->twcc_due = now + TWCC_TIME;
}


/**
 * Tell the source of a leg its limit; it is due
 *
 * @param port Leg
 * @param now Time [us]
 */
void vlimit_poll(struct video_port *port, uint64_t now)
{
	tell(port, now);
}
