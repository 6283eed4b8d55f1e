/**
 * @file chain.c  Source, transcoder and receiver
 *
 * The source makes its next frame when the transcoder is done with the last
 * one, or, in real time, when it is due.
 */
#include <string.h>
#include <re.h>
#include <rem.h>
#include "audio/audio.h"
#include "rtp/clock.h"
#include "video/video.h"
#include "video/xcode/codec.h"
#include "base/jobthread.h"
#include "video/xcode/transcoder.h"
#include "transcode.h"


enum {
	PKTSIZE  = 1180,
	POLL     = 1,           /**< Is the last frame done? [ms]          */
	POLLS    = 50,          /**< What has lost packets may never be    */
};

struct chain {
	struct task task;
	const struct vcodec *src; /**< Source's codec                      */
	struct vcodec_enc *enc; /**< Source                                */
	struct vxcode *x;       /**< Under test                            */
	const struct vcodec *vc;/**< Receiver's codec                      */
	struct vcodec_dec *dec; /**< Receiver                              */
	struct vidframe *pic;   /**< What the source sees                  */
	struct tmr tmr;

	unsigned polls;         /**< Times that the last frame was not done */
	unsigned n;             /**< Frames sent                           */
	uint16_t seq;           /**< Of packets sent                       */
	uint16_t out_seq;       /**< Of packets received                   */
	unsigned sent;          /**< Packets sent                          */
	unsigned lost;          /**< Packets not sent                      */
	unsigned failed;        /**< Frames that the source did not make   */
	unsigned out;           /**< Frames received                       */
	unsigned seen;          /**< Pictures received                     */
	unsigned good;          /**< Pictures that were the right ones     */
	unsigned bad_last;      /**< The last one that was not             */
	unsigned keyframes;     /**< Keyframes received                    */
	unsigned wanted;        /**< Keyframes asked for                   */
	bool want;              /**< The source makes a keyframe           */
	size_t longest;         /**< Longest payload received [bytes]      */
	unsigned fragments;     /**< H.264: FU-A received                  */
	uint64_t bytes;         /**< Received, of the second half          */
	unsigned width;         /**< Of the last picture received          */
	uint64_t begin, end;    /**< [us]                                  */

	chain_end_h *endh;
	void *arg;
};


static void destructor(void *data)
{
	struct chain *c = data;

	tmr_cancel(&c->tmr);
	mem_deref(c->x);
	mem_deref(c->enc);
	mem_deref(c->dec);
	mem_deref(c->pic);
}


/* --- receiver ----------------------------------------------------------- */

static void picture(struct chain *c, const struct vidframe *f, uint32_t ts)
{
	const unsigned n = ts / FRAME;

	++c->seen;
	c->width = f->size.w;

	if (bar_check(f, n, c->task.width))
		++c->good;
	else
		c->bad_last = n;
}


static void out_handler(bool marker, uint32_t ts, bool key,
			const uint8_t *buf, size_t len, void *arg)
{
	struct chain *c = arg;
	struct vidframe f;
	bool intra;
	int err;

	c->longest = max(c->longest, len);
	c->fragments += c->vc->codec == VIDEO_H264 && (buf[0] & 0x1f) == 28;
	if (c->out >= c->task.frames / 2)
		c->bytes += len;

	err = c->vc->decode(c->dec, &f, &intra, marker, c->out_seq++, buf,
			    len);
	if (!err && f.data[0])
		picture(c, &f, ts);

	if (!marker)
		return;

	++c->out;
	c->keyframes += key;
}


static void key_handler(void *arg)
{
	struct chain *c = arg;

	++c->wanted;
	c->want = true;
}


/* --- source ------------------------------------------------------------- */

static int packet_handler(bool marker, const uint8_t *buf, size_t len,
			  void *arg)
{
	struct chain *c = arg;

	++c->sent;

	if (c->task.lose && c->sent % c->task.lose == 0) {
		++c->seq;
		++c->lost;
		return 0;
	}

	vxcode_put(c->x, marker, c->seq++, c->n * FRAME, buf, len);

	return 0;
}


static void requests(struct chain *c)
{
	if (c->task.keyframe && c->n == c->task.keyframe)
		vxcode_keyframe(c->x);

	if (c->task.lower && c->n == c->task.frames / 2)
		vxcode_set_bitrate(c->x, c->task.lower);
}


static uint32_t wait_ms(const struct chain *c)
{
	const uint64_t due = c->begin + (uint64_t)c->n * 1000000 / FPS;
	const uint64_t now = media_clock();

	if (!c->task.realtime)
		return POLL;

	return due > now ? (uint32_t)((due - now) / 1000) : 0;
}


/* All that was sent has come through, or was left out */
static bool all_done(const struct chain *c)
{
	struct vxcode_stats st;

	vxcode_stats(c->x, &st);

	return c->task.realtime || st.decoded + st.errors >= c->n;
}


static void next(void *arg)
{
	struct chain *c = arg;
	const bool key = c->want || !c->n;

	if (!all_done(c) && (!c->task.lose || ++c->polls < POLLS)) {
		tmr_start(&c->tmr, POLL, next, c);
		return;
	}

	c->polls = 0;

	if (c->n >= c->task.frames) {
		c->end = media_clock();
		c->endh(c->arg);
		return;
	}

	if (!c->n)
		c->begin = media_clock();

	requests(c);
	bar_draw(c->pic, c->n);
	if (c->task.rough)
		bar_roughen(c->pic, c->n);
	c->want = false;

	if (c->src->encode(c->enc, key, c->pic, c->n * FRAME))
		++c->failed;

	if (c->task.lose)
		vxcode_lost(c->x);

	++c->n;
	tmr_start(&c->tmr, wait_ms(c), next, c);
}


static int codecs(struct chain *c, const struct list *vcodecl)
{
	const enum video_codec from = video_codec_find(c->task.from);
	const enum video_codec to = video_codec_find(c->task.to);
	const struct vcodec_param eprm = {
		.bitrate = 2000000,
		.fps     = FPS,
		.pktsize = PKTSIZE,
		.fmtp    = "packetization-mode=1",
	};
	const struct vxcode_param prm = {
		.dec         = vcodec_find(vcodecl, from, false),
		.enc         = vcodec_find(vcodecl, to, true),
		.enc_fmtp    = c->task.fmtp[0] ? c->task.fmtp : NULL,
		.pktsize     = PKTSIZE,
		.width_max   = 1280,
		.height_max  = 720,
		.fps_max     = FPS,
		.bitrate     = c->task.bitrate,
		.bitrate_min = 20000,
	};
	int err;

	c->src = vcodec_find(vcodecl, from, true);
	c->vc  = vcodec_find(vcodecl, to, false);
	if (!c->src || !c->vc)
		return ENOENT;

	err = c->src->enc_alloc(&c->enc, c->src, &eprm, packet_handler, c);
	if (err)
		return err;

	err = c->vc->dec_alloc(&c->dec, c->vc, NULL);
	if (err)
		return err;

	return vxcode_alloc(&c->x, &prm, out_handler, key_handler, c);
}


int chain_alloc(struct chain **cp, const struct task *task,
		const struct list *vcodecl, chain_end_h *endh, void *arg)
{
	const struct vidsz sz = { task->width, task->height };
	struct chain *c;
	int err;

	c = mem_zalloc(sizeof(*c), destructor);
	if (!c)
		return ENOMEM;

	c->task = *task;
	c->endh = endh;
	c->arg  = arg;

	err = vidframe_alloc(&c->pic, VID_FMT_YUV420P, &sz);
	if (err)
		goto out;

	err = codecs(c, vcodecl);
	if (err)
		goto out;

	tmr_start(&c->tmr, 0, next, c);

 out:
	if (err)
		mem_deref(c);
	else
		*cp = c;

	return err;
}


int chain_print(struct re_printf *pf, const struct chain *c)
{
	const unsigned half = c->task.frames - c->task.frames / 2;
	struct vxcode_stats st;

	vxcode_stats(c->x, &st);

	return re_hprintf(pf, "{\"sent\":%u,\"lost\":%u,\"failed\":%u,"
			  "\"out\":%u,\"seen\":%u,\"good\":%u,"
			  "\"bad_last\":%u,\"keyframes\":%u,\"wanted\":%u,"
			  "\"longest\":%zu,\"fragments\":%u,\"bitrate\":%llu,\"width\":%u,"
			  "\"us\":%llu,\"decoded\":%llu,\"encoded\":%llu,"
			  "\"late\":%llu,\"errors\":%llu,\"enc_failed\":%llu,"
			  "\"cpu\":%llu,\"cpu_thread\":%llu}",
			  c->n, c->lost, c->failed,
			  c->out, c->seen, c->good,
			  c->bad_last, c->keyframes, c->wanted,
			  c->longest, c->fragments, c->bytes * 8 * FPS / half, c->width,
			  c->end - c->begin, st.decoded, st.encoded,
			  st.late, st.errors, st.failed,
			  st.cpu, st.cpu_thread);
}
