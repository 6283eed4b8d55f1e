/**
 * @file video/h264_cut.c  H.264 into the packets that the receiver takes
 *
 *   mode 1: as it is; in fragments, or taken apart, if it is too long
 *   mode 0: one NAL unit a packet, put together or taken apart
 *
 * A NAL unit that does not fit the MTU of a mode 0 receiver is sent as one
 * large datagram and left to IP to fragment.
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
#include "video/payload/h264.h"
#include "video/rtp/fb.h"
#include "video/rtp/hdrext.h"
#include "keyframe.h"
#include "video/rtp/loss.h"
#include "video/bwe/bwe.h"
#include "video/rtp/seqmap.h"
#include "video_priv.h"
#include "h264_repair.h"


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


/**
 * Send a payload, which fits. See h264_payload_h
 *
 * @param buf    Payload
 * @param len    Length of the payload [bytes]
 * @param marker Marker bit
 * @param arg    Packet that it is made of, struct emit
 *
 * @return 0 if success, EMSGSIZE if it is too long, ERANGE if the packet came
 *         late, and the one number that was kept for it is used
 */
int vh264cut_payload(const uint8_t *buf, size_t len, bool marker,
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
	struct video_port *out = e->rt->out;

	out->st.oversize += len > vtx_payload_max(out);

	if (len <= VIDEO_PKT_MAX - VTX_ROOM)
		return vh264cut_payload(nal, len, marker, arg);

	if (len <= VIDEO_DATAGRAM_MAX - VTX_ROOM)
		return send_large(e, nal, len, marker);

	return EMSGSIZE;
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
		err = vh264cut_payload(fu, 2 + n, e->marker && last, e);
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
					vh264cut_payload, e);
	}

	return err;
}


/* Towards mode 1: as it is, if it fits or came late */
static int emit_mode1(struct emit *e)
{
	const size_t max = vtx_payload_max(e->rt->out);

	if (e->len <= max || e->late)
		return vh264cut_payload(e->buf, e->len, e->marker, e);

	switch (h264_type(e->buf[0])) {

	case H264_FU_A:
		return split_fu(e, max);

	case H264_STAP_A:
		return split_stap(e, max);

	default:
		return h264_pack(e->buf, e->len, 1, max, e->marker,
				 vh264cut_payload, e);
	}
}


/**
 * Send a packet as the receiver takes it
 *
 * @param e Packet; what was sent and left out is counted in it
 *
 * @return 0 if success, or an error of h264_unpack() or vh264cut_payload()
 */
int vh264cut_emit(struct emit *e)
{
	int err;

	vh264ps_picture(e);

	if (e->rt->out->mode)
		err = emit_mode1(e);
	else
		err = h264_unpack(&e->rt->h264->unpack, e->marker, e->seq,
				  e->buf, e->len, nal_handler, e);

	/* one that is too long leaves a gap, to be seen */
	if (err == EMSGSIZE || err == EOVERFLOW) {
		++e->rt->out->st.tx.dropped;
		++e->gap;
	}

	return err;
}
