/**
 * @file video/vrx.c  What a leg receives, before a route gets it
 */
#include <re.h>
#include "media/media.h"
#include "media/rtp.h"
#include "media/rxstat.h"
#include "media/clock.h"
#include "video.h"
#include "seqmap.h"
#include "priv.h"


/* A packet that is missing is welcome, however late. Resent with its own
   SSRC it must not be taken for a restart of the stream */
static enum rxstat_res classify(struct video_leg *leg, struct video_route *rt,
				struct video_in *in)
{
	const struct rtp_pkt *rp = in->rp;
	enum rxstat_res res;

	if (leg->rx.started && rp->ssrc == leg->rx.ssrc &&
	    seqmap_late(&rt->map, rp->seq, &in->seq)) {

		rxstat_late(&leg->rx, rp->seq);
		return RXSTAT_LATE;
	}

	res = rxstat_update(&leg->rx, rp->ssrc, rp->seq);

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


static void count(struct video_leg *leg, const struct rtp_pkt *rp,
		  uint64_t now)
{
	struct video_dirstat *st = &leg->st.rx;

	++st->packets;
	st->bytes += rp->plen;
	st->frames += rp->marker;

	leg->rx_active = true;
	leg->rx_last   = now;
}


/**
 * Handle a packet of a known format
 *
 * @param leg Leg that it was received on
 * @param rt  Route from there
 * @param rp  Packet
 * @param now Arrival time [us]
 *
 * @return 0 if success, EPROTO if it may be of another source, ENOTCONN if
 *         there is nobody to get it, or an error of the route
 */
int vrx_packet(struct video_leg *leg, struct video_route *rt,
	       const struct rtp_pkt *rp, uint64_t now)
{
	const uint8_t i = leg->map[rp->pt] - 1;
	struct video_in in = {.rp = rp, .now = now};

	in.res = classify(leg, rt, &in);

	if (in.res == RXSTAT_PROBATION)
		return EPROTO;

	count(leg, rp, now);

	if (in.res == RXSTAT_DUP)
		return 0;

	leg->rxf = &leg->end.rxv[i];

	if (in.res != RXSTAT_LATE)
		rxstat_jitter(&leg->rx, rp->ts, VIDEO_CRATE, now);

	if (!leg->end.recv || !leg->hv[i]) {
		rt->resync = true;
		return ENOTCONN;
	}

	return leg->hv[i](rt, &in);
}
