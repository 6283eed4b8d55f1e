/**
 * @file fuzz_video.c  A video pair fed with whatever comes, on both legs
 *
 * The input is a row of records: a control byte, a length byte (times eight
 * for long packets) and a packet. The control byte says what is done:
 *
 *   0x01  leg            0x02  RTCP instead of RTP
 *   0x04  length times 8 0x08  20 ms pass before
 *   0x10  3 s pass       0x20  an end is set anew, by the length byte; or,
 *                              with 0xfe, the packet is what an encoder made
 *   0x40  take a good header, with the next sequence; 0x80 and a new frame,
 *         or of RTCP: feedback about the right stream
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "video/video.h"
#include "video/payload/vpay.h"
#include "video/payload/h264.h"
#include "video/rtp/fb.h"
#include "video/rtp/hdrext.h"
#include "video/keyframe.h"
#include "video/rtp/loss.h"
#include "video/bwe/bwe.h"
#include "video/rtp/seqmap.h"
#include "video/video_priv.h"
#include "../unit/video_pair.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static uint64_t now;

/** What was sent with each sequence number of a leg */
static struct {
	bool on;
	uint32_t max;           /**< Highest number, extended              */
	struct {
		uint32_t run;   /**< Of the fuzzer; of another: none       */
		uint32_t idx;   /**< Number, extended                      */
		uint32_t hash;  /**< Of the packet                         */
	} v[65536];
} sentv[LEG_MAX];

static uint32_t run;


static uint64_t fake_clock(void)
{
	return now;
}


/* SRTP: what is sent with a number that was sent before is the same packet
   (RFC 3711, 3.3.1 and 9.1) */
static void check_number(size_t leg, const struct rtp_pkt *rp,
			 const uint8_t *pkt, size_t len)
{
	const uint32_t hash = hash_fast((const char *)pkt, len);
	uint32_t idx;

	if (!sentv[leg].on) {
		sentv[leg].on  = true;
		sentv[leg].max = 0x10000u | rp->seq;
	}

	idx = sentv[leg].max +
		(uint32_t)(int16_t)(rp->seq - (uint16_t)sentv[leg].max);

	if (sentv[leg].v[rp->seq].run == run &&
	    sentv[leg].v[rp->seq].idx == idx &&
	    sentv[leg].v[rp->seq].hash != hash)
		abort();

	sentv[leg].v[rp->seq].run  = run;
	sentv[leg].v[rp->seq].idx  = idx;
	sentv[leg].v[rp->seq].hash = hash;
	sentv[leg].max = max(sentv[leg].max, idx);
}


static int rtp_h(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	const size_t leg = (size_t)arg;
	struct rtp_pkt rp;

	if (size < len + VIDEO_TAILROOM || len > VIDEO_DATAGRAM_MAX)
		abort();

	/* what we make is valid, and of one source or its retransmissions */
	if (rtp_pkt_parse(&rp, pkt, len) || !rp.plen || rp.csrcc || rp.padlen)
		abort();

	if (rp.ssrc != leg + 1 && rp.ssrc != leg + 11)
		abort();

	/* nothing leaks to phones */
	if (leg == LEG_SIP && rp.ext)
		abort();

	if (rp.ssrc == leg + 1)
		check_number(leg, &rp, pkt, len);

	memset(pkt + len, 0, size - len);

	return 0;
}


static int rtcp_h(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	struct rtcp_part part;
	size_t pos = 0;
	(void)arg;

	if (size < len + VIDEO_TAILROOM || !len)
		abort();

	while (!rtcp_part_next(&part, pkt, len, &pos))
		;

	if (pos != len)
		abort();

	memset(pkt + len, 0, size - len);

	return 0;
}


static int fast_h(void *arg)
{
	(void)arg;

	return 0;
}


static void set(struct video_pair *vp, size_t leg, uint8_t how)
{
	struct video_end end;
	unsigned i;

	if (how == 0xff) {
		if (video_pair_set_end(vp, (enum media_leg)leg, NULL))
			abort();
		return;
	}

	memset(&end, 0, sizeof(end));

	for (i=0; i<3; i++) {
		end.rxv[i].pt     = 96 + i;
		end.rxv[i].rtx_pt = how & 0x04 ? 100 + i : 0;
		end.rxv[i].codec  = (enum video_codec)(VIDEO_H264 + i);
	}
	strcpy(end.rxv[0].fmtp,
	       "sprop-parameter-sets=Z0LgH9oBQBbpSA==,aM48gA==");
	end.rxc      = 3;
	end.tx       = end.rxv[(how & 3) % 3];
	end.ssrc     = (uint32_t)leg + 1;
	end.ssrc_rtx = (uint32_t)leg + 11;
	end.send     = !(how & 0x10);
	end.recv     = !(how & 0x20);
	end.rtph     = rtp_h;
	end.rtcph    = rtcp_h;
	end.fasth    = fast_h;
	end.arg      = (void *)leg;
	end.mtu      = how & 0x40 ? 200 : 1400;
	end.fb       = how & 0x08 ? 0x3f : how >> 2;
	end.rtcp_rsize = how & 0x80;
	strcpy(end.tx.fmtp, how & 0x08 ? "packetization-mode=1" : "");

	if (leg == LEG_CUBE) {
		end.ext.abs_time = 1;
		end.ext.twcc     = 2;
		end.ext.orient   = 3;
	}

	if (video_pair_set_end(vp, (enum media_leg)leg, &end))
		abort();
}


/* A header that fits. Returns its length */
static size_t header(uint8_t *buf, uint8_t ctl, uint8_t sel, uint16_t *seq,
		     uint32_t *ts)
{
	const enum media_leg leg = ctl & 1;

	if (ctl & 0x02) {
		buf[0] = 0x80 | (sel & 0x1f);
		buf[1] = sel & 0x20 ? RTCP_PSFB : RTCP_RTPFB;
		rtp_put16(buf + 2, 0);
		rtp_put32(buf + 4, 9);
		rtp_put32(buf + 8, (uint32_t)leg + 1);
		return 12;
	}

	if (ctl & 0x80)
		*ts += 3000;

	rtp_hdr_write(buf, sel & 1, 96 + sel % 7, (*seq)++, *ts, 5);

	if (!(sel & 0x10))
		return RTP_HEADER_SIZE;

	/* with a transport-wide number */
	buf[0] |= 0x10;
	rtp_put32(buf + 12, 0xbede0001);
	rtp_put32(buf + 16, 0x21000000 | (uint32_t)*seq << 8);

	return RTP_HEADER_SIZE + 8;
}


/* Numbers of a NACK count back from what was sent last, so that they hit */
static void nack_fit(enum media_leg leg, uint8_t *buf, size_t len)
{
	if (buf[0] == 0x81 && buf[1] == RTCP_RTPFB && len >= 4)
		rtp_put16(buf + 12, (uint16_t)(sentv[leg].max -
					       rtp_get16(buf + 12)));
}


/* An encoder of ours is not to be trusted with the packets it makes */
static void made(struct video_pair *vp, enum media_leg leg, uint8_t ctl,
		 const uint8_t *buf, size_t len)
{
	vmade_send(vp->routev[leg], VIDEO_XCODE, ctl & 0x40,
		   (uint32_t)(now * 9 / 100), ctl & 0x80, buf, len, now);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct list vcodecl = LIST_INIT;
	const struct video_config cfg = {
		.vcodecl = &vcodecl, .freeze = true,
		.width_max = 640, .height_max = 480, .fps_max = 30,
		.bitrate_min = 64000, .bitrate_start = 500000,
		.bitrate_max = 2000000,
	};
	uint16_t seqv[LEG_MAX] = {65530, 100};
	uint32_t tsv[LEG_MAX] = {0};
	struct video_pair *vp;
	struct video_stats st;
	size_t i;

	now = 1000000000;
	media_clock_set(fake_clock);

	++run;
	for (i=0; i<LEG_MAX; i++) {
		sentv[i].on  = false;
		sentv[i].max = 0;
	}

	if (video_pair_alloc(&vp, &cfg))
		abort();

	set(vp, LEG_SIP, size ? data[0] : 0);
	set(vp, LEG_CUBE, size > 1 ? data[1] : 0);

	while (size >= 2) {

		const uint8_t ctl = data[0];
		const enum media_leg leg = ctl & 1;
		uint8_t buf[20 + 255 * 8];
		size_t len = (size_t)data[1] * (ctl & 4 ? 8 : 1);
		size_t hl = 0;

		now += ctl & 0x10 ? 3000000 : ctl & 0x08 ? 20000 : 0;
		video_pair_poll(vp, now);

		if (ctl & 0x20 && data[1] == 0xfe) {
			len = min(size - 2, (size_t)64);
			made(vp, leg, ctl, data + 2, len);
			data += 2 + len;
			size -= 2 + len;
			continue;
		}

		if (ctl & 0x20) {
			set(vp, leg, data[1]);
			data += 2;
			size -= 2;
			continue;
		}

		if (ctl & 0x40)
			hl = header(buf, ctl, data[1], &seqv[leg], &tsv[leg]);

		data += 2;
		size -= 2;
		len = min(len, size);
		memcpy(buf + hl, data, len);

		if (hl && ctl & 0x02) {
			len &= ~(size_t)3;
			nack_fit(leg, buf, len);
			rtp_put16(buf + 2, (uint16_t)(2 + len / 4));
		}

		if (ctl & 0x02)
			video_pair_rtcp(vp, leg, buf, hl + len);
		else
			video_pair_rtp(vp, leg, buf, hl + len);

		data += len;
		size -= len;
	}

	video_pair_stats(vp, LEG_SIP, &st);
	video_pair_stats(vp, LEG_CUBE, &st);
	video_pair_close(vp);
	mem_deref(vp);

	return 0;
}
