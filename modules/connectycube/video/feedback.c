/**
 * @file video/feedback.c  RTCP feedback of a leg, both ways
 *
 * What the remote says is handed to whom it concerns; what is sent is put
 * behind an empty report, unless reduced size was agreed (RFC 5506).
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


/* A command that was repeated is one command (RFC 5104, 4.3.1.2) */
static bool fir_is_new(struct video_port *port, const struct fb *fb)
{
	if (port->fir_on && port->fir_ssrc == fb->ssrc &&
	    port->fir_nr == fb->u.fir.nr)
		return false;

	port->fir_on   = true;
	port->fir_ssrc = fb->ssrc;
	port->fir_nr   = fb->u.fir.nr;

	return true;
}


static void handle_nack(struct video_port *port, const struct fb *fb,
			uint64_t now)
{
	size_t i;

	if (fb->media != port->tx.ssrc)
		return;

	port->st.tx.nacks += fb->u.nack.seqc;

	for (i=0; i<fb->u.nack.seqc; i++)
		vtx_again(port, fb->u.nack.seqv[i], now);
}


/**
 * Handle one packet of a compound, if it is feedback
 *
 * @param port Leg that it was received on
 * @param part Packet
 * @param now  Arrival time [us]
 */
void vfeed_rx(struct video_port *port, const struct rtcp_part *part,
	      uint64_t now)
{
	struct fb fb;

	if (fb_decode(&fb, part, port->tx.ssrc))
		return;

	switch (fb.type) {

	case FB_NACK:
		handle_nack(port, &fb, now);
		break;

	/* there is one stream only, whatever SSRC is named */
	case FB_PLI:
		++port->st.tx.plis;
		vkey_asked(port, now);
		break;

	case FB_FIR:
		if (fir_is_new(port, &fb)) {
			++port->st.tx.firs;
			vkey_asked(port, now);
		}
		break;

	case FB_REMB:
	case FB_TMMBR:
	case FB_TWCC:
		vlimit_feedback(port, &fb, now);
		break;

	case FB_TMMBN:
		vlimit_confirmed(port, &fb);
		break;

	default:
		break;
	}
}


/**
 * Begin a packet of feedback
 *
 * @param port Leg
 * @param buf Destination, VFEED_MAX bytes
 * @param len Length so far (output) [bytes]
 *
 * @return 0 if success, ENOTCONN if there is no RTCP on this leg, or an
 *         error of rtcp_report_write()
 */
int vfeed_begin(const struct video_port *port, uint8_t *buf, size_t *len)
{
	*len = 0;

	if (!port->end.rtcph)
		return ENOTCONN;

	if (port->end.rtcp_rsize)
		return 0;

	return rtcp_report_write(buf, VFEED_MAX, len, port->tx.ssrc, NULL,
				 NULL, port->end.cname);
}


/**
 * Send a packet of feedback
 *
 * @param port Leg
 * @param buf Packet, and VIDEO_TAILROOM bytes behind it
 * @param len Length of the packet [bytes]
 *
 * @return 0 if success, or the handler's error
 */
int vfeed_send(struct video_port *port, uint8_t *buf, size_t len)
{
	port->rtcp_sent = true;

	return port->end.rtcph(buf, len, len + VIDEO_TAILROOM, port->end.arg);
}
