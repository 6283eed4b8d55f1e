/**
 * @file video/pair.c  Video of a call: two legs, a route each way
 *
 * See video.h and priv.h for the picture. What is done with a packet is
 * looked up here, by its payload type, in a table that is filled when an
 * end is set; and one timer serves all that is due at some time, running
 * only while there is any.
 */
#include <string.h>
#include <re.h>
#include "media/media.h"
#include "media/rtp.h"
#include "media/rtcp.h"
#include "media/rxstat.h"
#include "media/clock.h"
#include "media/avsync.h"
#include "video.h"
#include "vpay.h"
#include "fb.h"
#include "rtpext.h"
#include "keyframe.h"
#include "loss.h"
#include "bwe.h"
#include "seqmap.h"
#include "priv.h"


static void destructor(void *arg)
{
	struct video_pair *vp = arg;
	size_t i;

	tmr_cancel(&vp->tmr);
	mem_deref(vp->av);

	for (i=0; i<LEG_MAX; i++) {
		mem_deref(vp->routev[i].idle);
		mem_deref(vp->routev[i].trans);
		mem_deref(vp->routev[i].h264);
		mem_deref(vp->legv[i].tx.cache);
		mem_deref(vp->legv[i].bwe_rx);
		mem_deref(vp->legv[i].bwe_tx);
		mem_deref(vp->legv[i].twcc);
	}
}


static void poll_handler(void *arg)
{
	struct video_pair *vp = arg;

	vp->armed = 0;
	video_pair_poll(vp, media_clock());
}


static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a && b ? min(a, b) : a ? a : b;
}


static uint64_t leg_due(const struct video_leg *leg)
{
	uint64_t due = leg->rtcp_due;

	due = earlier(due, leg->kb.due);
	due = earlier(due, vnack_next(&leg->nack));
	due = earlier(due, leg->twcc_due);
	due = earlier(due, leg->tell_due);

	return due;
}


/* Let the timer run until the first thing that is due, if any */
static void arm(struct video_pair *vp, uint64_t now)
{
	uint64_t due = vidle_due(&vp->routev[LEG_SIP]);

	due = earlier(due, vh264_due(&vp->routev[LEG_SIP]));
	due = earlier(due, vh264_due(&vp->routev[LEG_CUBE]));
	due = earlier(due, leg_due(&vp->legv[LEG_SIP]));
	due = earlier(due, leg_due(&vp->legv[LEG_CUBE]));

	/* a timer that fires too early is cheaper than one moved often */
	if (!due || (vp->armed && vp->armed <= due))
		return;

	vp->armed = due;
	tmr_start(&vp->tmr, due > now ? (due - now + 999) / 1000 : 1,
		  poll_handler, vp);
}


static bool is_due(uint64_t due, uint64_t now)
{
	return due && due <= now;
}


static void leg_poll(struct video_leg *leg, uint64_t now)
{
	if (is_due(vnack_next(&leg->nack), now))
		vloss_poll(leg, now);

	if (is_due(leg->kb.due, now))
		vkey_poll(leg, now);

	if (is_due(leg->twcc_due, now))
		vlimit_twcc(leg, now);

	if (is_due(leg->tell_due, now))
		vlimit_poll(leg, now);

	if (is_due(leg->rtcp_due, now))
		vreport_poll(leg, now);
}


/**
 * Do what is due
 *
 * @param vp  Video pair
 * @param now Time [us]
 */
void video_pair_poll(struct video_pair *vp, uint64_t now)
{
	size_t i;

	leg_poll(&vp->legv[LEG_SIP], now);
	leg_poll(&vp->legv[LEG_CUBE], now);

	for (i=0; i<LEG_MAX; i++) {
		if (is_due(vh264_due(&vp->routev[i]), now))
			vh264_poll(&vp->routev[i], now);
	}

	if (is_due(vidle_due(&vp->routev[LEG_SIP]), now))
		vidle_poll(&vp->routev[LEG_SIP], now);

	arm(vp, now);
}


/**
 * Something has happened outside of the pair's own functions: look what is
 * due
 *
 * @param vp Video pair
 */
void vpair_wake(struct video_pair *vp)
{
	arm(vp, media_clock());
}


/**
 * Get the wallclock of the pair
 *
 * @param vp  Video pair
 * @param now Time [us]
 *
 * @return NTP time, 32.32
 */
uint64_t vpair_ntp(const struct video_pair *vp, uint64_t now)
{
	return ntp_from_us(now + vp->ntp_off);
}


/**
 * Allocate the video of a call
 *
 * @param vpp Video pair (output), owned by the caller
 * @param cfg What all pairs have in common
 *
 * @return 0 if success, EINVAL for missing arguments, ENOMEM
 */
int video_pair_alloc(struct video_pair **vpp, const struct video_config *cfg)
{
	struct video_pair *vp;
	size_t i;
	int err;

	if (!vpp || !cfg)
		return EINVAL;

	vp = mem_zalloc(sizeof(*vp), destructor);
	if (!vp)
		return ENOMEM;

	vp->cfg     = *cfg;
	vp->ntp_off = ntp_offset_us();
	tmr_init(&vp->tmr);

	for (i=0; i<LEG_MAX; i++) {
		vp->legv[i].vp    = vp;
		vp->legv[i].id    = (enum media_leg)i;
		vp->legv[i].feed  = &vp->routev[!i];
		vp->routev[i].vp  = vp;
		vp->routev[i].in  = &vp->legv[i];
		vp->routev[i].out = &vp->legv[!i];
	}

	/* apps show nothing where there was video once; phones cope */
	err = vidle_alloc(&vp->routev[LEG_SIP]);
	if (err)
		mem_deref(vp);
	else
		*vpp = vp;

	return err;
}


/**
 * Handle an RTP packet received on a leg: it is sent on the other leg before
 * this returns, unless it is transcoded
 *
 * @param vp  Video pair
 * @param leg Leg that it was received on
 * @param pkt Packet, decrypted; not changed
 * @param len Length of the packet [bytes]
 */
void video_pair_rtp(struct video_pair *vp, enum media_leg leg,
		    const uint8_t *pkt, size_t len)
{
	struct video_leg *l;
	struct rtp_pkt rp;
	uint64_t now;
	int err;

	if (!vp || leg >= LEG_MAX || !pkt)
		return;

	l = &vp->legv[leg];

	if (rtp_pkt_parse(&rp, pkt, len)) {
		++l->st.rx.dropped;
		return;
	}

	now = media_clock();
	vlimit_rx(l, &rp, len, now);

	if (!l->map[rp.pt])
		err = ENOENT;
	else if (l->map[rp.pt] & MAP_RTX)
		err = vloss_rtx(l, &vp->routev[leg], pkt, len, now);
	else
		err = vrx_packet(l, &vp->routev[leg], &rp, now);

	if (err)
		++l->st.rx.dropped;

	vreport_arm(&vp->legv[LEG_SIP], now);
	vreport_arm(&vp->legv[LEG_CUBE], now);

	arm(vp, now);
}


/**
 * Handle an RTCP packet received on a leg
 *
 * @param vp  Video pair
 * @param leg Leg that it was received on
 * @param pkt Packet, decrypted; compound or of reduced size
 * @param len Length of the packet [bytes]
 */
void video_pair_rtcp(struct video_pair *vp, enum media_leg leg,
		     const uint8_t *pkt, size_t len)
{
	uint64_t now;

	if (!vp || leg >= LEG_MAX || !pkt)
		return;

	now = media_clock();
	vreport_rx(&vp->legv[leg], pkt, len, now);
	vlimit_answer(&vp->legv[leg]);
	arm(vp, now);
}


/**
 * Keep the video in sync with the audio of the call
 *
 * @param vp Video pair
 * @param av Clock that the audio pair has too; a reference is held. NULL=none
 */
void video_pair_set_sync(struct video_pair *vp, struct avsync *av)
{
	if (!vp)
		return;

	mem_deref(vp->av);
	vp->av = mem_ref(av);

	if (av)
		vp->ntp_off = avsync_ntp_off(av);
}


/**
 * Say goodbye on both legs (RTCP BYE, where RTCP was sent) and send nothing
 * more. Freeing a pair alone calls no handler
 *
 * @param vp Video pair
 */
void video_pair_close(struct video_pair *vp)
{
	size_t i;

	if (!vp)
		return;

	tmr_cancel(&vp->tmr);

	for (i=0; i<LEG_MAX; i++) {

		struct video_leg *leg = &vp->legv[i];

		if (leg->end.rtcph && leg->rtcp_sent)
			vreport_send(leg, true, media_clock());

		leg->end.send  = false;
		leg->end.recv  = false;
		leg->end.rtph  = NULL;
		leg->end.rtcph = NULL;
		leg->end.fasth = NULL;

		/* their threads */
		vtrans_close(&vp->routev[i]);
		vp->routev[i].idle = mem_deref(vp->routev[i].idle);
	}
}


/**
 * The remote asked for a keyframe by other means than RTCP (SIP INFO)
 *
 * @param vp  Video pair
 * @param leg Leg that asked
 */
void video_pair_fast_update(struct video_pair *vp, enum media_leg leg)
{
	uint64_t now;

	if (!vp || leg >= LEG_MAX)
		return;

	now = media_clock();
	++vp->legv[leg].st.tx.infos;
	vkey_asked(&vp->legv[leg], now);
	arm(vp, now);
}
