/**
 * @file video/loss_recover.c  Packets that a leg misses
 *
 * They are asked for by NACK where the remote knows it, and come by RTX or
 * as they were. Where it does not, or when it is hopeless, only a keyframe
 * helps.
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
	NACK_MAX = 64,          /**< Packets asked for at once             */
};


/**
 * Handle a retransmission: what is in it is handled like the packet that
 * was lost
 *
 * @param port Leg that it was received on
 * @param rt  Route from there
 * @param pkt Packet
 * @param len Length of the packet [bytes]
 * @param now Arrival time [us]
 *
 * @return 0 if success or nothing is in it, EMSGSIZE if it is too long,
 *         ENOENT if it is not missing, EBADMSG, or an error of vrx_late()
 */
int vloss_rtx(struct video_port *port, struct video_route *rt,
	      const uint8_t *pkt, size_t len, uint64_t now)
{
	const struct video_fmt *fmt;
	uint8_t buf[VIDEO_PKT_MAX];
	struct rtp_pkt rp;
	int err;

	if (len > sizeof(buf))
		return EMSGSIZE;

	fmt = &port->end.rxv[(port->map[pkt[1] & 0x7f] & ~MAP_RTX) - 1];

	memcpy(buf, pkt, len);

	err = vcache_rtx_read(buf, &len, fmt->pt, port->rx.ssrc);
	if (err)
		return err == ENODATA ? 0 : err;

	err = rtp_pkt_parse(&rp, buf, len);
	if (err)
		return err;

	return vrx_late(port, rt, &rp, now);
}


static void nack_send(struct video_port *port, const uint16_t *seqv,
		      size_t seqc)
{
	uint8_t buf[VFEED_MAX + VIDEO_TAILROOM];
	size_t len;

	if (vfeed_begin(port, buf, &len) ||
	    fb_nack_write(buf, VFEED_MAX, &len, port->tx.ssrc, port->rx.ssrc,
			  seqv, seqc))
		return;

	port->st.rx.nacks += seqc;

	(void)vfeed_send(port, buf, len);
}


/**
 * Ask for what is missing, if it is time to
 *
 * @param port Leg
 * @param now Time [us]
 */
void vloss_poll(struct video_port *port, uint64_t now)
{
	struct video_route *rt = port->to;
	uint16_t seqv[NACK_MAX];
	bool hopeless;
	size_t n;

	n = vnack_due(&port->nack, seqv, ARRAY_SIZE(seqv), port->st.rtt, now,
		      &hopeless);

	/* nobody gets them */
	if (rt->resync) {
		port->nack.c = 0;
		return;
	}

	if (n && !(port->end.fb & VIDEO_FB_NACK)) {
		port->nack.c = 0;
		hopeless = true;
	}
	else if (n) {
		nack_send(port, seqv, n);
	}

	if (!hopeless)
		return;

	vtrans_lost(rt);
	vkey_want(port, now);
}
