/**
 * @file video/receive.c  What a leg receives, before a route gets it
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
	OLD_MAX = 10 * VIDEO_CRATE, /**< Age of a packet that comes twice  */
};


/* It came before: its timestamp is a little older, which those of a restart
   are not */
static bool is_repeated(const struct video_port *port,
			const struct video_route *rt,
			const struct rtp_pkt *rp)
{
	return seqmap_covers(&rt->map, rp->seq) &&
		port->rx_ts - rp->ts < OLD_MAX;
}


/* A packet that is missing is welcome, however late. Resent with its own
   SSRC it must not be taken for a restart of the stream, once or twice */
static enum rxstat_res classify(struct video_port *port,
				struct video_route *rt, struct video_in *in)
{
	const struct rtp_pkt *rp = in->rp;
	const bool same = port->rx.started && rp->ssrc == port->rx.ssrc;
	enum rxstat_res res;

	if (same && seqmap_late(&rt->map, rp->seq, &in->seq)) {
		rxstat_late(&port->rx, rp->seq);
		return RXSTAT_LATE;
	}

	if (same && is_repeated(port, rt, rp)) {
		rxstat_late(&port->rx, rp->seq);
		return RXSTAT_DUP;
	}

	res = rxstat_update(&port->rx, rp->ssrc, rp->seq);

	switch (res) {

	case RXSTAT_OK:
		in->seq = seqmap_next(&rt->map, rp->seq);
		return res;

	case RXSTAT_NEW:
		seqmap_sync(&rt->map, rp->seq, rp->seq);
		return res;

	/* was filled in already, or has no number */
	case RXSTAT_LATE:
		return RXSTAT_DUP;

	default:
		return res;
	}
}


static void count(struct video_port *port, const struct rtp_pkt *rp,
		  uint64_t now)
{
	struct video_dirstat *st = &port->st.rx;

	++st->packets;
	st->bytes += rp->plen;
	st->frames += rp->marker;

	port->rx_active = true;
	port->rx_last   = now;
	vmeter_add(&port->rx_meter, rp->plen, now);
}


static void look(struct video_port *port, struct video_in *in)
{
	in->codec  = port->rxf->codec;
	in->pay_ok = !vpay_parse(&in->pay, in->codec, in->rp->payload,
				 in->rp->plen);

	if (in->pay_ok)
		vkey_rx(port, in);

	if (in->pay_ok && in->pay.width) {
		port->st.width  = in->pay.width;
		port->st.height = in->pay.height;
	}
}


/**
 * Let a packet go to the handler of its format. See vport_h
 *
 * @param port Port that it was received on
 * @param rt   Route from there
 * @param in   Packet
 *
 * @return 0 if success, ENOTCONN if there is nobody to get it, or an error of
 *         the route
 */
int vrx_route(struct video_port *port, struct video_route *rt,
	      struct video_in *in)
{
	vroute_h *h = port->hv[port->rxf - port->end.rxv];

	if (!port->end.recv || !h) {
		vforward_stop(rt);
		return ENOTCONN;
	}

	if (!vidle_pass(rt, in)) {
		vforward_leave(rt);
		return 0;
	}

	return h(rt, in);
}


/**
 * Handle a packet of a known format
 *
 * @param port Leg that it was received on
 * @param rt  Route from there
 * @param rp  Packet
 * @param now Arrival time [us]
 *
 * @return 0 if success, EPROTO if it may be of another source, ENOTCONN if
 *         there is nobody to get it, or an error of the route
 */
int vrx_packet(struct video_port *port, struct video_route *rt,
	       const struct rtp_pkt *rp, uint64_t now)
{
	struct video_in in = {.rp = rp, .now = now};

	in.res = classify(port, rt, &in);

	if (in.res == RXSTAT_PROBATION)
		return EPROTO;

	count(port, rp, now);

	if (in.res == RXSTAT_DUP)
		return 0;

	port->rxf = &port->end.rxv[port->map[rp->pt] - 1];
	look(port, &in);

	if (in.res == RXSTAT_NEW)
		vnack_reset(&port->nack);

	(void)vnack_recv(&port->nack, rp->seq, in.key, now);

	if (in.res != RXSTAT_LATE) {
		rxstat_jitter(&port->rx, rp->ts, VIDEO_CRATE, now);
		port->rx_ts = rp->ts;
	}

	return port->routeh(port, rt, &in);
}


/**
 * Handle a packet that was sent again, and is not counted as received
 * (RFC 4588, 4): the report is about the original stream
 *
 * @param port Leg that it was received on
 * @param rt  Route from there
 * @param rp  Packet, as it was
 * @param now Arrival time [us]
 *
 * @return 0 if success, ENOENT if it is not missing, ENOTCONN if there is
 *         nobody to get it, or an error of the route
 */
int vrx_late(struct video_port *port, struct video_route *rt,
	     const struct rtp_pkt *rp, uint64_t now)
{
	struct video_in in = {.rp = rp, .now = now, .res = RXSTAT_LATE};

	if (!port->rxf || !seqmap_late(&rt->map, rp->seq, &in.seq))
		return ENOENT;

	port->rxf = &port->end.rxv[port->map[rp->pt] - 1];
	look(port, &in);

	++port->st.rx.retransmitted;
	(void)vnack_recv(&port->nack, rp->seq, false, now);

	return port->routeh(port, rt, &in);
}
