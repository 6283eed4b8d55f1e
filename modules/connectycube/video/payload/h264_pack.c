/**
 * @file video/payload/h264_pack.c  NAL units into RTP payloads (RFC 6184, 5.6-5.8)
 */
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "video/video.h"
#include "h264.h"


enum {
	FU_HDR  = 2,            /**< FU indicator and FU header [bytes]    */
	STAP_NAL_MAX = 0xffff,  /**< Longest NAL unit of a STAP-A [bytes]  */
};


/* Fragments of the same length, give or take a byte: a small last one would
   cost a packet like any other */
static int pack_fu(const uint8_t *nal, size_t len, size_t max, bool marker,
		   h264_payload_h *payloadh, void *arg)
{
	uint8_t buf[VIDEO_PKT_MAX];
	const size_t room = min(max, sizeof(buf)) - FU_HDR;
	const uint8_t *p = nal + 1, *end = nal + len;
	size_t left = (len - 1 + room - 1) / room;
	int err = 0;

	buf[0] = (nal[0] & (uint8_t)~H264_TYPE) | H264_FU_A;
	buf[1] = h264_type(nal[0]) | H264_FU_S;

	for (; left && !err; left--) {

		const size_t n = ((size_t)(end - p) + left - 1) / left;

		if (left == 1)
			buf[1] |= H264_FU_E;

		memcpy(&buf[FU_HDR], p, n);
		err = payloadh(buf, FU_HDR + n, marker && left == 1, arg);

		buf[1] = h264_type(nal[0]);
		p += n;
	}

	return err;
}


/**
 * Put one NAL unit into RTP payloads: one if it fits, else fragments (FU-A)
 * where the mode has them. In mode 0 a NAL unit is always one payload,
 * however long it is: the caller has to look.
 *
 * @param nal      NAL unit, header included, no start code
 * @param len      Its length [bytes]
 * @param mode     packetization-mode of the receiver, 0 or 1
 * @param max      Longest payload, at least 3; fragments are never longer
 *                 than VIDEO_PKT_MAX (1500) [bytes]
 * @param marker   It is the last one of its access unit: the marker is set on
 *                 the last payload
 * @param payloadh Called for each payload, valid only during the call. An
 *                 error that it returns ends the NAL unit
 * @param arg      Handler argument
 *
 * @return 0 if success, EINVAL for missing or bad arguments and what is no
 *         NAL unit, ENOTSUP for other modes, or the handler's error
 */
int h264_pack(const uint8_t *nal, size_t len, unsigned mode, size_t max,
	      bool marker, h264_payload_h *payloadh, void *arg)
{
	if (!nal || !len || !h264_is_nal(h264_type(nal[0])) ||
	    max <= FU_HDR || !payloadh)
		return EINVAL;

	if (mode > 1)
		return ENOTSUP;

	if (mode == 0 || len <= max)
		return payloadh(nal, len, marker, arg);

	return pack_fu(nal, len, max, marker, payloadh, arg);
}


static size_t put_nal(uint8_t *buf, const uint8_t *nal, size_t len)
{
	rtp_put16(buf, (uint16_t)len);
	memcpy(buf + 2, nal, len);

	return 2 + len;
}


/**
 * Put an SPS and a PPS into one payload, a STAP-A. Mode 0 does not have it:
 * there they go one by one, see h264_pack()
 *
 * @param buf    Destination
 * @param size   Room at buf; 5 + spslen + ppslen is enough [bytes]
 * @param len    Set to the length of the payload [bytes]
 * @param sps    SPS, header included
 * @param spslen Its length, at least 1 [bytes]
 * @param pps    PPS, header included
 * @param ppslen Its length, at least 1 [bytes]
 *
 * @return 0 if success, EINVAL for missing arguments, EOVERFLOW if it does
 *         not fit
 */
int h264_pack_ps(uint8_t *buf, size_t size, size_t *len,
		 const uint8_t *sps, size_t spslen,
		 const uint8_t *pps, size_t ppslen)
{
	size_t n = 1;

	if (!buf || !len || !sps || !spslen || !pps || !ppslen)
		return EINVAL;

	if (spslen > STAP_NAL_MAX || ppslen > STAP_NAL_MAX ||
	    size < 5 + spslen + ppslen)
		return EOVERFLOW;

	buf[0] = max(sps[0] & H264_NRI, pps[0] & H264_NRI) | H264_STAP_A;
	n += put_nal(&buf[n], sps, spslen);
	n += put_nal(&buf[n], pps, ppslen);

	*len = n;

	return 0;
}
