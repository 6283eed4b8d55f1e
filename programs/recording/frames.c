/**
 * @file frames.c  Pictures of a stream as they were coded
 *
 *   packets of one timestamp --> frame, if all of them are there
 *
 * After a frame that is not whole nothing is shown until there is a keyframe:
 * the last picture stays, as it did for who was in the call at the best.
 *
 * Pure. Packets may be an enemy's.
 */
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "video/payload/vpay.h"
#include "video/payload/h264.h"
#include "recording.h"
#include "pictures.h"


enum {
	FRAME_MAX = 8<<20,      /**< Longest frame [bytes]                 */
};

struct rec_frames {
	struct rec_runs *runs;  /**< (owner)                               */
	size_t run, unit;       /**< What follows                          */
	struct h264_unpack unpack;
	struct mbuf *mb;        /**< The frame (owner)                     */
	bool going;             /**< What the next one needs was there     */
	bool on;                /**< There was a packet                    */
	int64_t seq;            /**< Its number                            */
	uint8_t sps[H264_PS_MAX], pps[H264_PS_MAX];
	size_t spslen, ppslen;  /**< [bytes], 0=none yet                   */
	uint64_t lost;          /**< Frames that are not shown             */

	/* of the frame that is put together */
	bool whole, key, has_sps;
	unsigned width, height;
};


static void destructor(void *arg)
{
	struct rec_frames *f = arg;

	h264_unpack_reset(&f->unpack);
	mem_deref(f->mb);
	mem_deref(f->runs);
}


/**
 * Allocate the frames of a stream
 *
 * @param fp  Pointer to allocated frames
 * @param rec What is in the file, must stay
 * @param st  One of its streams
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_frames_alloc(struct rec_frames **fp, const struct rec *rec,
		     const struct rec_stream *st)
{
	struct rec_frames *f;
	int err;

	if (!fp || !rec || !st)
		return EINVAL;

	f = mem_zalloc(sizeof(*f), destructor);
	if (!f)
		return ENOMEM;

	f->mb = mbuf_alloc(65536);
	err = f->mb ? rec_order(&f->runs, rec, st) : ENOMEM;

	if (err)
		mem_deref(f);
	else
		*fp = f;

	return err;
}


static void keep(uint8_t *ps, size_t *lenp, const uint8_t *nal, size_t len)
{
	if (len > H264_PS_MAX)
		return;

	memcpy(ps, nal, len);
	*lenp = len;
}


static int add_nal(struct rec_frames *f, const uint8_t *nal, size_t len)
{
	static const uint8_t code[] = {0, 0, 0, 1};
	int err;

	if (f->mb->end + len > FRAME_MAX)
		return EOVERFLOW;

	err = mbuf_write_mem(f->mb, code, sizeof(code));

	return err ? err : mbuf_write_mem(f->mb, nal, len);
}


/* A keyframe can be shown by who begins there, whatever was told before */
static int nal_handler(const uint8_t *nal, size_t len, bool marker, void *arg)
{
	struct rec_frames *f = arg;
	const uint8_t type = h264_type(nal[0]);
	struct h264_spsinfo info;
	int err = 0;
	(void)marker;

	if (type == H264_SPS) {
		keep(f->sps, &f->spslen, nal, len);
		f->ppslen = 0;
		f->has_sps = f->key = true;
		if (!h264_spsinfo_decode(&info, nal, len)) {
			f->width  = info.width;
			f->height = info.height;
		}
	}
	else if (type == H264_PPS) {
		keep(f->pps, &f->ppslen, nal, len);
	}
	else if (type == H264_IDR) {
		f->key = true;
		if (!f->has_sps && f->spslen && f->ppslen) {
			err  = add_nal(f, f->sps, f->spslen);
			err |= add_nal(f, f->pps, f->ppslen);
			f->has_sps = true;
		}
	}

	return err ? ENOMEM : add_nal(f, nal, len);
}


static int add_vpx(struct rec_frames *f, enum video_codec codec,
		   const struct rec_packet *pkt, bool first)
{
	struct vpay vp;
	int err;

	err = vpay_parse(&vp, codec, pkt->p, pkt->len);
	if (err)
		return err;
	if (first && !vp.start)
		return EPROTO;
	if (f->mb->end + pkt->len > FRAME_MAX)
		return EOVERFLOW;

	if (first)
		f->key = vp.key;
	if (vp.width) {
		f->width  = vp.width;
		f->height = vp.height;
	}

	return mbuf_write_mem(f->mb, pkt->p + vp.hdrlen,
			      pkt->len - vp.hdrlen);
}


static int add_packet(struct rec_frames *f, enum video_codec codec,
		      const struct rec_unit *u, bool first)
{
	const struct rec_packet *pkt = u->pkt;

	/* padding alone, sent as a probe */
	if (!pkt->len)
		return 0;

	if (codec == VIDEO_H264)
		return h264_unpack(&f->unpack, pkt->marker, pkt->seq, pkt->p,
				   pkt->len, nal_handler, f);

	return add_vpx(f, codec, pkt, first);
}


/* All packets of a timestamp; the one that follows is behind them then */
static void collect(struct rec_frames *f, const struct rec_run *run,
		    enum video_codec codec)
{
	const int64_t ts = run->unitv[f->unit].ts;
	const struct rec_unit *u = NULL;
	bool first = true;

	mbuf_rewind(f->mb);
	f->whole = true;
	f->key = f->has_sps = false;
	f->width = f->height = 0;

	for (; f->unit < run->unitc && run->unitv[f->unit].ts == ts;
	     f->unit++) {

		u = &run->unitv[f->unit];
		if (f->on && u->seq != f->seq + 1) {
			f->whole &= first;
			f->going = false;
		}
		f->on  = true;
		f->seq = u->seq;

		if (u->kind != REC_VIDEO)
			continue;
		if (add_packet(f, codec, u, first))
			f->whole = false;
		first &= !u->pkt->len;
	}

	/* its end is missing if something is before what follows */
	if (f->unit < run->unitc && run->unitv[f->unit].seq != f->seq + 1 &&
	    !u->pkt->marker)
		f->whole = false;
}


static bool is_shown(struct rec_frames *f)
{
	/* padding alone */
	if (f->whole && !f->mb->end)
		return false;

	f->going = f->whole && (f->going || f->key);
	f->lost += !f->going;

	return f->going;
}


/**
 * Get the frame that follows
 *
 * @param f     Frames
 * @param frame Set to the frame
 *
 * @return true if there is one
 */
bool rec_frames_next(struct rec_frames *f, struct rec_frame *frame)
{
	while (f->run < f->runs->runc) {

		const struct rec_run *run = &f->runs->runv[f->run];
		const enum video_codec codec = run->fmt
			? video_codec_find(run->fmt->f.codec) : VIDEO_NONE;
		double t;

		if (!f->unit && run->fresh) {
			f->going = f->on = false;
			h264_unpack_reset(&f->unpack);
		}
		if (f->unit >= run->unitc || codec == VIDEO_NONE) {
			f->unit = 0;
			++f->run;
			continue;
		}

		t = (double)run->unitv[f->unit].ts / run->fmt->f.clock;
		collect(f, run, codec);
		if (!is_shown(f))
			continue;

		frame->codec  = codec;
		frame->pos    = rec_map_pos(&run->map, t);
		frame->key    = f->key;
		frame->width  = f->width;
		frame->height = f->height;
		frame->p      = f->mb->buf;
		frame->len    = f->mb->end;
		return true;
	}

	return false;
}


/**
 * Tell how many frames were there, but cannot be shown
 *
 * @param f Frames
 *
 * @return Number of frames up to here
 */
uint64_t rec_frames_lost(const struct rec_frames *f)
{
	return f ? f->lost : 0;
}
