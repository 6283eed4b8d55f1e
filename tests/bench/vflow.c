/**
 * @file tests/bench/vflow.c  Video packets: what is sent, what comes out
 *
 * A frame's packets go out in a burst, as a phone sends them. A packet that
 * is forwarded is known again by the end of its payload. A frame that is
 * transcoded is known by its timestamp: during the warm-up the source pauses
 * for half a second, and the first frame behind the gap is the first behind
 * the pause. Should that one have been dropped, the flow's times are taken for
 * longer than they are, never for shorter.
 */
#include <string.h>
#include <re.h>
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "video/rtp/hdrext.h"
#include "bench.h"


enum {
	VRING   = 1024,         /**< Packets whose sending time is kept    */
	CLOCK   = 90000 / FPS,  /**< Of a frame                            */
	FIRST   = 2 * FPS,      /**< First frame of the measurement        */
	PAUSE   = FPS / 2,      /**< Where the source pauses,              */
	RESUME  = FPS,          /**< and where it goes on [frames]         */
	TAG_LEN = 12,
	MAGIC   = 0x62656e63,
	FMT_FIR = 4,            /**< RFC 5104, 4.3.1                       */
};


/** One direction of a call's video */
struct vflow {
	struct call *call;
	enum way way;
	const struct vstream *st;
	uint32_t ssrc;
	uint16_t seq;
	uint32_t frame;         /**< Index of the next frame               */
	size_t skew;            /**< Where in the stream it stands         */
	uint32_t next;          /**< Index of the next packet              */
	uint32_t first, last;   /**< Packets of the measurement            */
	uint64_t tsentv[VRING]; /**< When they were sent [ns], 0=came back.
				     Transcoded: of frames                 */

	bool on;                /**< Something came                        */
	bool mapped;            /**< off is known                          */
	uint32_t ts;            /**< Timestamp that came last              */
	uint32_t off;           /**< From timestamps sent to those that come */

	uint64_t sentc, gotc;   /**< In the measurement: packets or frames */
};

static struct {
	struct sched sched;     /* its round is all flows' frame index */
	struct vstream streamv[WAYS];
	struct vflow *flowv;
	struct lat lat;
} vf;


static bool transcoded(void)
{
	return bench.mode == MODE_VIDEO_XCODE;
}


static uint32_t frame_last(void)
{
	return FIRST + bench.secs * FPS;
}


static bool measured(uint32_t frame)
{
	return frame >= FIRST && frame < frame_last();
}


/* The app's header extensions, as Chromium has them */
static size_t write_ext(struct app_video *av, uint8_t *buf)
{
	const uint64_t t = now_ns();
	const struct hdrext ext = {
		.abs_id   = av->abs_id,
		.abs_time = hdrext_abs_time(t / 1000000000 << 32 |
					    (t % 1000000000 << 32) / 1000000000),
		.twcc_id  = av->twcc_id,
		.twcc_seq = av->twcc_seq++,
	};

	return av->abs_id || av->twcc_id ? hdrext_write(buf, &ext) : 0;
}


static void tag(const struct vflow *f, const struct vpkt *vp, uint8_t *end)
{
	if (!vp->tagged)
		return;

	rtp_put32(end - 12, MAGIC);
	rtp_put32(end - 8, f->ssrc);
	rtp_put32(end - 4, f->next);
}


/* Returns when it was sent [ns] */
static uint64_t send_packet(struct vflow *f, const struct vpkt *vp,
			    bool marker)
{
	const bool to_app = f->way == TO_APP;
	uint8_t pkt[PKT_ROOM], *p = pkt + RTP_HEADER_SIZE;
	uint64_t t = 0;
	size_t n = 0;

	rtp_hdr_write(pkt, marker, to_app ? SIP_VPT : f->call->appv.pt,
		      f->seq++, f->frame * CLOCK, f->ssrc);

	if (!to_app)
		n = write_ext(&f->call->appv, p);
	if (n)
		pkt[0] |= 0x10;

	p += n;
	memcpy(p, vp->buf, vp->len);
	p += vp->len;
	tag(f, vp, p);

	if (to_app) {
		t = now_ns();
		rtpsock_send(f->call, VIDEO, pkt, (size_t)(p - pkt));
	}
	else {
		app_send(f->call, VIDEO, pkt, (size_t)(p - pkt), &t);
	}

	return t;
}


static void send_frame(void *arg)
{
	struct vflow *f = arg;
	const struct vstream *st = f->st;
	const size_t pos = f->frame ? (f->frame + f->skew) % st->framec : 0;
	const struct vframe *frame = &st->framev[pos];
	uint64_t t = 0;
	size_t i;

	if (transcoded() && f->frame >= PAUSE && f->frame < RESUME) {
		++f->frame;
		return;
	}

	for (i=0; i<frame->pktc; i++) {

		const struct vpkt *vp = &frame->pktv[i];

		t = send_packet(f, vp, i + 1 == frame->pktc);
		if (transcoded() || !vp->tagged)
			continue;

		f->tsentv[f->next++ % VRING] = t;
		f->sentc += measured(f->frame);
	}

	if (transcoded()) {
		f->tsentv[f->frame % VRING] = t;
		f->sentc += measured(f->frame);
	}

	++f->frame;
	if (f->frame == FIRST)
		f->first = f->next;
	if (f->frame == frame_last())
		f->last = f->next;
}


/* Make what is sent, before it is in anybody's way */
int vflow_init(void)
{
	int err;

	if (!bench_video())
		return 0;

	if (!transcoded()) {
		err = vcontent_camera(&vf.streamv[TO_APP]);
		vf.streamv[TO_SIP] = vf.streamv[TO_APP];
		return err;
	}

	err = vencode(&vf.streamv[TO_APP], true);
	if (!err)
		err = vencode(&vf.streamv[TO_SIP], false);

	return err;
}


static void flow_init(struct vflow *f, struct call *call, enum way way,
		      uint32_t nr)
{
	f->call  = call;
	f->way   = way;
	f->st    = &vf.streamv[way];
	f->ssrc  = way == TO_SIP && call->appv.ssrc ? call->appv.ssrc
		: 0x20000 + nr;
	f->first = f->last = UINT32_MAX;

	/* a decoder wants the stream as it is */
	f->skew  = transcoded() ? 0 : nr * 29;

	sched_add(&vf.sched, f);
}


int vflow_start(void)
{
	const size_t n = bench.n * WAYS;
	size_t i;
	int err;

	if (!bench_video())
		return 0;

	vf.flowv = mem_zalloc(n * sizeof(*vf.flowv), NULL);
	if (!vf.flowv)
		return ENOMEM;

	err = sched_alloc(&vf.sched, n, 1000000000 / FPS, send_frame);
	if (!err)
		err = lat_alloc(&vf.lat, n * bench.secs * FPS * 8);
	if (err)
		return err;

	for (i=0; i<n; i++)
		flow_init(&vf.flowv[i], &bench.callv[i / WAYS], i % WAYS,
			  (uint32_t)i);

	vapprtcp_start();

	return sched_start(&vf.sched);
}


void vflow_stop(void)
{
	if (!vf.flowv)
		return;

	sched_stop(&vf.sched);
	vapprtcp_stop();
}


static void got(struct vflow *f, uint32_t idx, uint64_t t)
{
	uint64_t *sent = &f->tsentv[idx % VRING];

	if (*sent) {
		++f->gotc;
		lat_add(&vf.lat, *sent, t);
	}

	*sent = 0;
}


static void rx_forwarded(struct vflow *f, const uint8_t *end, uint64_t t)
{
	const uint32_t idx = rtp_get32(end - 4);

	if (rtp_get32(end - 12) != MAGIC || rtp_get32(end - 8) != f->ssrc)
		return;

	if (idx >= f->first && idx < f->last && idx < f->next &&
	    f->next - idx <= VRING)
		got(f, idx, t);
}


static void rx_transcoded(struct vflow *f, const struct rtp_pkt *rp,
			  uint64_t t)
{
	uint32_t idx;

	if (f->on && !f->mapped &&
	    (int32_t)(rp->ts - f->ts) > (RESUME - PAUSE - 5) * CLOCK) {
		f->mapped = true;
		f->off    = rp->ts - RESUME * CLOCK;
	}

	f->on = true;
	f->ts = rp->ts;

	idx = (rp->ts - f->off) / CLOCK;
	if (f->mapped && rp->marker && measured(idx) && idx < f->frame)
		got(f, idx, t);
}


static void rx(struct call *call, enum way way, const uint8_t *pkt,
	       size_t len, uint64_t t)
{
	struct vflow *f;
	struct rtp_pkt rp;

	if (!vf.flowv || rtp_pkt_parse(&rp, pkt, len))
		return;

	f = &vf.flowv[call->idx * WAYS + way];

	if (way == TO_APP)
		vapprtcp_rx(call, &rp, t);

	if (transcoded())
		rx_transcoded(f, &rp, t);
	else if (rp.plen > TAG_LEN)
		rx_forwarded(f, pkt + len, t);
}


void vflow_sip_rx(struct call *call, const uint8_t *pkt, size_t len,
		  uint64_t t)
{
	rx(call, TO_SIP, pkt, len, t);
}


void vflow_app_rx(struct call *call, const uint8_t *pkt, size_t len,
		  uint64_t t)
{
	rx(call, TO_APP, pkt, len, t);
}


static bool wants_key(const uint8_t *pkt, size_t len)
{
	struct rtcp_part part;
	size_t pos = 0;

	while (!rtcp_part_next(&part, pkt, len, &pos)) {
		if (part.type == RTCP_PSFB &&
		    (part.count == RTCP_PSFB_PLI || part.count == FMT_FIR))
			return true;
	}

	return false;
}


/* RTCP about what is sent this way: a camera that is asked for a keyframe
   sends one. What is forwarded has them often enough */
void vflow_rtcp(struct call *call, enum way way, const uint8_t *pkt,
		size_t len)
{
	struct vflow *f;

	if (!vf.flowv || !transcoded() || !wants_key(pkt, len))
		return;

	f = &vf.flowv[call->idx * WAYS + way];
	f->skew = f->st->framec - f->frame % f->st->framec;
}


void vflow_result(struct result *r)
{
	size_t i;

	memset(r, 0, sizeof(*r));

	for (i=0; i<bench.n * WAYS; i++) {
		r->sent += vf.flowv[i].sentc;
		r->got  += vf.flowv[i].gotc;
		r->deaf += !vf.flowv[i].gotc;
	}

	lat_sort(&vf.lat);
	r->lat = &vf.lat;
}
