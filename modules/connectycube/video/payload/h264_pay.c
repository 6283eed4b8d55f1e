/**
 * @file video/payload/h264_pay.c  H.264 in RTP (RFC 6184): what a payload holds
 */
#include <re.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "video/video.h"
#include "vpay.h"
#include "h264.h"


/**
 * Get the next NAL unit of a STAP-A (RFC 6184, 5.7.1)
 *
 * @param buf  Payload
 * @param len  Length of the payload [bytes]
 * @param pos  Where to read, 1 to begin with; moved behind the NAL unit. At
 *             len all are read
 * @param nal  Set to the NAL unit, inside buf
 * @param nlen Its length, at least 1 [bytes]
 *
 * @return 0 if success, EBADMSG if it does not fit or is none
 */
int h264_stap_next(const uint8_t *buf, size_t len, size_t *pos,
		   const uint8_t **nal, size_t *nlen)
{
	size_t n;

	if (*pos > len || len - *pos < 3)
		return EBADMSG;

	n = rtp_get16(&buf[*pos]);

	if (!n || n > len - *pos - 2 || !h264_is_nal(h264_type(buf[*pos + 2])))
		return EBADMSG;

	*nal  = &buf[*pos + 2];
	*nlen = n;
	*pos += 2 + n;

	return 0;
}


static void note_type(struct vpay *vp, uint8_t type)
{
	vp->idr |= type == H264_IDR;
	vp->sps |= type == H264_SPS;
	vp->pps |= type == H264_PPS;
}


static void note_nal(struct vpay *vp, const uint8_t *nal, size_t len)
{
	const uint8_t type = h264_type(nal[0]);
	struct h264_spsinfo sps;

	note_type(vp, type);
	vp->start = true;

	if (type == H264_SPS && !h264_spsinfo_decode(&sps, nal, len)) {
		vp->width  = sps.width;
		vp->height = sps.height;
	}
}


static int note_stap(struct vpay *vp, const uint8_t *buf, size_t len)
{
	size_t pos = 1;
	int err;

	do {
		const uint8_t *nal;
		size_t nlen;

		err = h264_stap_next(buf, len, &pos, &nal, &nlen);
		if (err)
			return err;

		note_nal(vp, nal, nlen);
	}
	while (pos < len);

	return 0;
}


static int note_fu(struct vpay *vp, const uint8_t *buf, size_t len)
{
	if (len < 3 || !h264_is_nal(h264_type(buf[1])))
		return EBADMSG;

	note_type(vp, h264_type(buf[1]));
	vp->start = buf[1] & H264_FU_S;

	return 0;
}


/**
 * Read an H.264 payload
 *
 * @param vp  Set to defaults by the caller
 * @param buf Payload
 * @param len Length of the payload [bytes]
 *
 * @return 0 if success, ENOTSUP for the packets of the interleaved mode
 *         (STAP-B, MTAP, FU-B), EBADMSG if it is truncated or no NAL unit
 */
int h264_pay_parse(struct vpay *vp, const uint8_t *buf, size_t len)
{
	const uint8_t type = len ? h264_type(buf[0]) : 0;
	int err = 0;

	if (h264_is_nal(type))
		note_nal(vp, buf, len);
	else if (type == H264_STAP_A)
		err = note_stap(vp, buf, len);
	else if (type == H264_FU_A)
		err = note_fu(vp, buf, len);
	else
		err = h264_is_interleaved(type) ? ENOTSUP : EBADMSG;

	/* a PPS may be sent again at any time; an SPS comes with a picture
	   that can be decoded alone, even where there are no IDR pictures */
	vp->key = vp->idr || vp->sps;
	vp->discardable = !err && !vp->key && !vp->pps &&
		!(buf[0] & H264_NRI);

	return err;
}
