/**
 * @file video/payload/h264_unpack.c  NAL units out of RTP payloads (RFC 6184, 5.6-5.8)
 *
 *   single NAL unit ----------------------+
 *   STAP-A --> each one ------------------+--> handler
 *   FU-A ----> [buffer] --> whole one ----+
 */
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "h264.h"


/* All or nothing: what cannot be read to its end is not trusted before it */
static int stap_check(const uint8_t *buf, size_t len)
{
	size_t pos = 1;
	int err;

	do {
		const uint8_t *nal;
		size_t nlen;

		err = h264_stap_next(buf, len, &pos, &nal, &nlen);
	}
	while (!err && pos < len);

	return err;
}


static int stap_split(const uint8_t *buf, size_t len, bool marker,
		      h264_nal_h *nalh, void *arg)
{
	size_t pos = 1;
	int err;

	err = stap_check(buf, len);

	while (!err && pos < len) {

		const uint8_t *nal;
		size_t nlen;

		err = h264_stap_next(buf, len, &pos, &nal, &nlen);
		if (!err)
			err = nalh(nal, nlen, marker && pos == len, arg);
	}

	return err;
}


/* Forget the fragments, keep their buffer */
static bool frag_drop(struct h264_unpack *u)
{
	const bool frag = u->frag;

	u->frag = false;

	return frag;
}


static int frag_add(struct h264_unpack *u, const uint8_t *buf, size_t len)
{
	int err;

	if (u->mb->pos + len > H264_NAL_MAX)
		err = EOVERFLOW;
	else
		err = mbuf_write_mem(u->mb, buf, len);

	if (err)
		(void)frag_drop(u);

	return err;
}


static int frag_start(struct h264_unpack *u, const uint8_t *buf, size_t len)
{
	const uint8_t hdr = (buf[0] & (uint8_t)~H264_TYPE) | h264_type(buf[1]);

	if (!u->mb) {
		u->mb = mbuf_alloc(4096);
		if (!u->mb)
			return ENOMEM;
	}

	u->frag = true;
	mbuf_rewind(u->mb);
	(void)mbuf_write_u8(u->mb, hdr);

	return frag_add(u, buf + 2, len - 2);
}


static int frag_end(struct h264_unpack *u, bool marker, h264_nal_h *nalh,
		    void *arg)
{
	u->frag = false;

	return nalh(u->mb->buf, u->mb->end, marker, arg);
}


static int frag_put(struct h264_unpack *u, bool marker, bool next,
		    const uint8_t *buf, size_t len, h264_nal_h *nalh,
		    void *arg)
{
	bool lost = false;
	int err;

	if (len < 3 || !h264_is_nal(h264_type(buf[1]))) {
		(void)frag_drop(u);
		return EBADMSG;
	}

	if (buf[1] & H264_FU_S) {
		lost = frag_drop(u);
		err = frag_start(u, buf, len);
	}
	else if (u->frag && next) {
		err = frag_add(u, buf + 2, len - 2);
	}
	else {
		(void)frag_drop(u);
		return EPROTO;
	}

	if (!err && buf[1] & H264_FU_E)
		err = frag_end(u, marker, nalh, arg);

	return lost && !err ? EPROTO : err;
}


static int whole_put(struct h264_unpack *u, bool marker, const uint8_t *buf,
		     size_t len, h264_nal_h *nalh, void *arg)
{
	const uint8_t type = len ? h264_type(buf[0]) : 0;
	const bool lost = frag_drop(u);
	int err;

	if (h264_is_nal(type))
		err = nalh(buf, len, marker, arg);
	else if (type == H264_STAP_A)
		err = stap_split(buf, len, marker, nalh, arg);
	else
		err = h264_is_interleaved(type) ? ENOTSUP : EBADMSG;

	return lost && !err ? EPROTO : err;
}


/**
 * Take one RTP payload of packetization-mode 0 or 1, and hand out the NAL
 * units that are whole. Payloads must come in the order of their sequence
 * numbers; one that comes twice in a row is ignored.
 *
 * Packets that are lost between NAL units are not noticed here, for the
 * caller sees the gap; those lost inside a NAL unit make it drop as a whole.
 *
 * @param u      State; its buffer is kept for the next NAL unit
 * @param marker Marker bit; it is given to the last NAL unit of the payload
 * @param seq    Sequence number
 * @param buf    Payload, without padding
 * @param len    Length of the payload [bytes]
 * @param nalh   Called for each NAL unit, valid only during the call. An
 *               error that it returns ends the payload. It must not use u
 * @param arg    Handler argument
 *
 * @return 0 if success, EINVAL for missing arguments, EPROTO if a NAL unit
 *         had to be dropped because fragments of it are missing (what this
 *         payload holds besides has been handed out), EBADMSG if it is
 *         truncated or no NAL unit, ENOTSUP for a packet of the interleaved
 *         mode, EOVERFLOW for a NAL unit beyond H264_NAL_MAX (it is dropped,
 *         and EPROTO for each of its fragments that follows), ENOMEM, or the
 *         handler's error
 */
int h264_unpack(struct h264_unpack *u, bool marker, uint16_t seq,
		const uint8_t *buf, size_t len, h264_nal_h *nalh, void *arg)
{
	bool next;

	if (!u || !buf || !nalh)
		return EINVAL;

	if (u->on && seq == u->seq)
		return 0;

	next   = u->on && seq == (uint16_t)(u->seq + 1);
	u->on  = true;
	u->seq = seq;

	if (len && h264_type(buf[0]) == H264_FU_A)
		return frag_put(u, marker, next, buf, len, nalh, arg);

	return whole_put(u, marker, buf, len, nalh, arg);
}


/**
 * Forget what is not whole yet and free the buffer. The state is the initial
 * one then
 *
 * @param u State
 */
void h264_unpack_reset(struct h264_unpack *u)
{
	if (!u)
		return;

	mem_deref(u->mb);
	memset(u, 0, sizeof(*u));
}
