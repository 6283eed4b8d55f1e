/**
 * @file video/vh264.c  H.264 between ends that packetize differently
 *
 *   any packet --> parameter sets kept, and put before an IDR without them
 *              --> mode 1: as it is; in fragments if it is too long
 *              --> mode 0: one NAL unit a packet, put together or split
 *
 * A NAL unit that does not fit the MTU of a mode 0 receiver is sent as one
 * large datagram and left to IP to fragment.
 */
#include <string.h>
#include <re.h>
#include "media/media.h"
#include "media/rtp.h"
#include "media/rtcp.h"
#include "media/rxstat.h"
#include "media/clock.h"
#include "video.h"
#include "vpay.h"
#include "h264.h"
#include "fb.h"
#include "rtpext.h"
#include "keyframe.h"
#include "loss.h"
#include "bwe.h"
#include "seqmap.h"
#include "priv.h"


/** A parameter set as it was seen last */
struct pset {
	uint8_t nal[H264_PS_MAX]; /**< NAL unit                            */
	size_t len;             /**< 0=none [bytes]                        */
	bool seen;              /**< The picture has brought it            */
};

struct vh264 {
	struct pset sps, pps;
	uint32_t ts;            /**< Timestamp of the picture              */
	bool on;                /**< There is one                          */
	bool idr;               /**< Its IDR slices have begun             */
	uint16_t seq;           /**< Number of an encoder's next packet    */
	struct h264_unpack unpack; /**< Towards mode 0                     */
};

/** What becomes of one packet */
struct emit {
	struct video_route *rt;
	const uint8_t *buf;     /**< Its payload                           */
	size_t len;             /**< Length of that [bytes]                */
	const struct vpay *pay; /**< What it holds                         */
	uint16_t seq;           /**< Its number as it came                 */
	bool marker;            /**< Its marker bit                        */
	bool late;              /**< It came late: no more than one packet */
	uint64_t now;           /**< Time [us]                             */
	struct video_out o;     /**< Header of the next packet             */
	int n;                  /**< Packets sent for it                   */
};


static void destructor(void *arg)
{
	struct vh264 *h = arg;

	h264_unpack_reset(&h->unpack);
}


/* What the SDP says is good until the stream says it */
static void pset_init(struct vh264 *h, const struct video_leg *in)
{
	struct h264_fmtp f;
	size_t i;

	for (i=0; i<in->end.rxc; i++) {

		if (in->end.rxv[i].codec != VIDEO_H264 ||
		    h264_fmtp_decode(&f, in->end.rxv[i].fmtp) ||
		    !f.spslen || !f.ppslen)
			continue;

		memcpy(h->sps.nal, f.sps, f.spslen);
		memcpy(h->pps.nal, f.pps, f.ppslen);
		h->sps.len = f.spslen;
		h->pps.len = f.ppslen;
		break;
	}
}


/**
 * Set a route up for H.264
 *
 * @param rt Route
 *
 * @return 0 if success, ENOMEM
 */
int vh264_setup(struct video_route *rt)
{
	struct h264_fmtp f;

	rt->out->mode = h264_fmtp_decode(&f, rt->out->end.tx.fmtp) ? 0
		: f.mode > 0;

	if (!rt->h264)
		rt->h264 = mem_zalloc(sizeof(*rt->h264), destructor);
	if (!rt->h264)
		return ENOMEM;

	pset_init(rt->h264, rt->in);

	return 0;
}


static void send_one(struct emit *e, uint8_t *buf, size_t len, bool marker)
{
	e->o.marker = marker;

	(void)vtx_send(e->rt->out, &e->o, buf, len, e->now);

	++e->o.seq;
	e->o.key = false;
	++e->n;
}


/* The sender of a leg without MTU takes it in one piece */
static int send_large(struct emit *e, const uint8_t *nal, size_t len,
		      bool marker)
{
	uint8_t buf[VTX_ROOM + VIDEO_DATAGRAM_MAX + VIDEO_TAILROOM];

	memcpy(buf + VTX_ROOM, nal, len);
	send_one(e, buf, len, marker);

	return 0;
}


/* A packet that came late has one number kept for it, and no more */
static int payload_handler(const uint8_t *buf, size_t len, bool marker,
			   void *arg)
{
	uint8_t pkt[VTX_ROOM + VIDEO_PKT_MAX + VIDEO_TAILROOM];
	struct emit *e = arg;

	if (e->late && e->n)
		return ERANGE;

	if (len > VIDEO_PKT_MAX - VTX_ROOM)
		return EMSGSIZE;

	memcpy(pkt + VTX_ROOM, buf, len);
	send_one(e, pkt, len, marker);

	return 0;
}


/* A NAL unit towards mode 0 */
static int nal_handler(const uint8_t *nal, size_t len, bool marker, void *arg)
{
	struct emit *e = arg;
	struct video_leg *out = e->rt->out;

	if (len <= vtx_payload_max(out))
		return payload_handler(nal, len, marker, arg);

	++out->st.oversize;

	if (e->late && e->n)
		return ERANGE;

	if (len <= VIDEO_PKT_MAX - VTX_ROOM)
		return payload_handler(nal, len, marker, arg);

	if (len <= VIDEO_DATAGRAM_MAX - VTX_ROOM)
		return send_large(e, nal, len, marker);

	return EMSGSIZE;
}


static void pset_note(struct vh264 *h, const uint8_t *nal, size_t len)
{
	struct pset *ps = NULL;

	switch (h264_type(nal[0])) {

	case H264_SPS: ps = &h->sps; break;
	case H264_PPS: ps = &h->pps; break;
	default:       return;
	}

	ps->seen = true;

	if (len > sizeof(ps->nal))
		return;

	memcpy(ps->nal, nal, len);
	ps->len = len;
}


/* Keep the parameter sets that a packet brings, alone or aggregated */
static void psets_note(struct vh264 *h, const uint8_t *buf, size_t len)
{
	const uint8_t *nal;
	size_t nlen, pos = 1;

	if (h264_type(buf[0]) != H264_STAP_A) {
		pset_note(h, buf, len);
		return;
	}

	while (pos < len && !h264_stap_next(buf, len, &pos, &nal, &nlen))
		pset_note(h, nal, nlen);
}


/* Put before an IDR what its picture has not brought */
static void psets_insert(struct emit *e)
{
	struct vh264 *h = e->rt->h264;
	const bool sps = !h->sps.seen && h->sps.len;
	const bool pps = !h->pps.seen && h->pps.len;
	uint8_t buf[5 + 2 * H264_PS_MAX];
	size_t len;

	if (sps && pps && e->rt->out->mode &&
	    !h264_pack_ps(buf, min(sizeof(buf), vtx_payload_max(e->rt->out)),
			  &len, h->sps.nal, h->sps.len,
			  h->pps.nal, h->pps.len)) {
		(void)payload_handler(buf, len, false, e);
		return;
	}

	if (sps)
		(void)payload_handler(h->sps.nal, h->sps.len, false, e);
	if (pps)
		(void)payload_handler(h->pps.nal, h->pps.len, false, e);
}


static void picture(struct emit *e)
{
	struct vh264 *h = e->rt->h264;

	if (!h->on || h->ts != e->o.ts) {
		h->on  = true;
		h->ts  = e->o.ts;
		h->idr = h->sps.seen = h->pps.seen = false;
	}

	if (e->pay->sps || e->pay->pps)
		psets_note(h, e->buf, e->len);

	if (!e->pay->idr || h->idr)
		return;

	h->idr = true;
	psets_insert(e);
}


/* Cut one fragment in two or more */
static int split_fu(struct emit *e, size_t max)
{
	const uint8_t *begin = e->buf + 2, *p = begin, *end = e->buf + e->len;
	const uint8_t flags = e->buf[1];
	uint8_t fu[VIDEO_PKT_MAX];
	int err = 0;

	fu[0] = e->buf[0];

	while (p < end && !err) {

		const size_t n = min(max - 2, (size_t)(end - p));
		const bool last = p + n == end;

		fu[1] = flags & ~(H264_FU_S | H264_FU_E);
		if (p == begin)
			fu[1] |= flags & H264_FU_S;
		if (last)
			fu[1] |= flags & H264_FU_E;

		memcpy(fu + 2, p, n);
		err = payload_handler(fu, 2 + n, e->marker && last, e);
		p += n;
	}

	return err;
}


static int split_stap(struct emit *e, size_t max)
{
	size_t nlen, pos = 1;
	const uint8_t *nal;
	int err = 0;

	while (pos < e->len && !err) {

		err = h264_stap_next(e->buf, e->len, &pos, &nal, &nlen);
		if (!err)
			err = h264_pack(nal, nlen, 1, max,
					e->marker && pos == e->len,
					payload_handler, e);
	}

	return err;
}


/* Towards mode 1: as it is, if it fits or came late */
static int emit_mode1(struct emit *e)
{
	const size_t max = vtx_payload_max(e->rt->out);

	if (e->len <= max || e->late)
		return payload_handler(e->buf, e->len, e->marker, e);

	switch (h264_type(e->buf[0])) {

	case H264_FU_A:
		return split_fu(e, max);

	case H264_STAP_A:
		return split_stap(e, max);

	default:
		return h264_pack(e->buf, e->len, 1, max, e->marker,
				 payload_handler, e);
	}
}


/* Towards mode 0: what came late is not to disturb what is being put
   together, and a fragment is of no use any more */
static int emit_mode0(struct emit *e)
{
	struct h264_unpack once = {0};

	if (!e->late)
		return h264_unpack(&e->rt->h264->unpack, e->marker, e->seq,
				   e->buf, e->len, nal_handler, e);

	if (h264_type(e->buf[0]) == H264_FU_A)
		return ETIMEDOUT;

	return h264_unpack(&once, e->marker, e->seq, e->buf, e->len,
			   nal_handler, e);
}


static int emit(struct emit *e)
{
	int err;

	if (!e->late)
		picture(e);

	err = e->rt->out->mode ? emit_mode1(e) : emit_mode0(e);

	/* one that is too long leaves a gap, to be seen */
	if (err == EMSGSIZE || err == EOVERFLOW) {
		++e->rt->out->st.tx.dropped;
		++e->n;
	}

	return err;
}


static bool is_lost(int err)
{
	return err == EPROTO || err == EMSGSIZE || err == EOVERFLOW;
}


/**
 * Forward a packet of H.264, repaired. See vroute_h
 *
 * @param rt Route to the other leg
 * @param in Packet
 *
 * @return 0 if success (or nothing is to be sent), EBADMSG or ENOTSUP if it
 *         holds no NAL unit that is known, EPROTO if a NAL unit is not
 *         whole, EMSGSIZE or EOVERFLOW if it is too long, ERANGE or
 *         ETIMEDOUT if it came too late
 */
int vh264_rx(struct video_route *rt, struct video_in *in)
{
	struct emit e = {
		.rt     = rt,
		.buf    = in->rp->payload,
		.len    = in->rp->plen,
		.pay    = &in->pay,
		.seq    = in->rp->seq,
		.marker = in->rp->marker,
		.late   = in->res == RXSTAT_LATE,
		.now    = in->now,
	};
	int err;

	if (!vforward_follow(rt, in))
		return 0;

	if (!in->pay_ok) {
		vforward_skip(rt, in);
		return e.len ? EBADMSG : 0;
	}

	vforward_out(rt, in, &e.o);
	err = emit(&e);

	if (!e.late)
		seqmap_shift(&rt->map, e.n - 1);

	if (is_lost(err))
		vkey_want(rt->in, in->now);

	return err;
}


/**
 * Send a packet that an encoder of ours has made. It need not know what the
 * receiver's mode is
 *
 * @param rt  Route to the leg
 * @param o   Header
 * @param buf Payload
 * @param len Length of the payload [bytes]
 * @param pay What it holds
 * @param now Time [us]
 */
void vh264_made(struct video_route *rt, const struct video_out *o,
		const uint8_t *buf, size_t len, const struct vpay *pay,
		uint64_t now)
{
	struct emit e = {
		.rt     = rt,
		.buf    = buf,
		.len    = len,
		.pay    = pay,
		.seq    = rt->h264->seq++,
		.marker = o->marker,
		.now    = now,
		.o      = *o,
	};

	(void)emit(&e);
}
