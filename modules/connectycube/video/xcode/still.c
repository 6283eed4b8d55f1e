/**
 * @file video/xcode/still.c  A still picture as a real video stream
 *
 *   tmr --> job --> thread.c --> load once, encode --> vxcode_out_h
 *
 * The same picture again costs an encoder next to nothing, in time as in
 * bits, and it gets better from frame to frame.
 */
#include <string.h>
#include <re.h>
#include <rem.h>
#include "audio/audio.h"
#include "rtp/clock.h"
#include "video/video.h"
#include "codec.h"
#include "picture.h"
#include "frame.h"
#include "scale.h"
#include "base/jobthread.h"
#include "transcoder.h"
#include "encoder.h"
#include "declimit.h"
#include "ratectl.h"
#include "still.h"


enum {
	FPS          = 2,       /**< Frames per second                     */
	INTERVAL     = 1000 / FPS, /**< Between two [ms]                   */
	KEY_INTERVAL = 100,     /**< Until one that is asked for [ms]      */
	BOX_W        = 640,     /**< What is smaller is enlarged to this   */
	BOX_H        = 480,
	SIDE_MIN     = 96,      /**< Of the stream: bars fill it up        */
};

/** What the thread owns */
struct work {
	struct vxenc *enc;      /**< Encoder (owned)                       */
	struct vscale *scale;   /**< Scaler (owned)                        */
	struct vxrate rate;     /**< Size that the receiver takes          */
	uint32_t bitrate;       /**< [bit/s]                               */
	char *file;             /**< Picture file (owned), or NULL         */
	const struct vcodec *vc;/**< Of the keyframe (pointer), or NULL    */
	char *fmtp;             /**< Its fmtp (owned), or NULL             */
	struct vpkts *key;      /**< The keyframe (owned), or NULL         */
	struct vidframe *frame; /**< What is shown (owned), NULL=not yet   */
	bool failed;            /**< There is nothing to be shown          */
};

/** A frame to make */
struct job {
	struct le le;           /**< Member of the thread's lists          */
	uint32_t ts;            /**< Timestamp [90 kHz]                    */
	bool keyframe;          /**< It shall be a keyframe                */
	struct vpkts *out;      /**< Its packets (owned), or NULL          */
};

struct vstill {
	struct jobthread *thread; /**< Worker (owner)                        */
	struct tmr tmr;         /**< Next frame                            */
	uint64_t begin;         /**< Time of timestamp 0 [us]              */
	bool keyframe;          /**< One is asked for                      */
	bool busy;              /**< A job is under way                    */
	vxcode_out_h *outh;     /**< Takes packets                         */
	void *arg;              /**< Handler argument                      */
};


/* --- on the thread ------------------------------------------------------ */

static void work_destructor(void *data)
{
	struct work *w = data;

	mem_deref(w->enc);
	mem_deref(w->scale);
	mem_deref(w->file);
	mem_deref(w->fmtp);
	mem_deref(w->key);
	mem_deref(w->frame);
}


static int decode_key(struct vcodec_dec *dec, const struct vcodec *vc,
		      struct vpkts *key, struct vidframe *frame)
{
	struct vpkt pkt;
	size_t n = 0;
	bool intra;
	int err = 0;

	memset(frame, 0, sizeof(*frame));

	while (!err && vpkts_next(key, &pkt))
		err = vc->decode(dec, frame, &intra, ++n == key->n, pkt.seq,
				 pkt.buf, pkt.len);

	return err ? err : frame->data[0] ? 0 : EBADMSG;
}


static unsigned limit(double side, unsigned most)
{
	return min(max((unsigned)side & ~1u, (unsigned)SIDE_MIN),
		   max(most & ~1u, 2u));
}


/* The stream has the picture's proportions, unless they are extreme */
static void stream_size(struct work *w, const struct vidsz *pic,
			struct vidsz *sz)
{
	const double grow = min((double)BOX_W / pic->w, (double)BOX_H / pic->h);
	const struct vidsz want = {
		limit(pic->w * max(grow, 1.), VPICTURE_SIDE_MAX),
		limit(pic->h * max(grow, 1.), VPICTURE_SIDE_MAX),
	};

	vxrate_size(&w->rate, &want, sz);
}


static int frame_set(struct work *w, const struct vidframe *pic)
{
	const struct vidframe *scaled;
	struct vidsz sz;
	int err;

	stream_size(w, &pic->size, &sz);

	err = vscale_fit(w->scale, &scaled, &sz, pic);
	if (err)
		return err;

	err = vidframe_alloc(&w->frame, VID_FMT_YUV420P, &sz);
	if (err)
		return err;

	vidframe_copy(w->frame, scaled);

	return 0;
}


static int load_file(struct work *w)
{
	struct vidframe *pic;
	int err;

	err = vpicture_load(&pic, w->file);
	if (err)
		return err;

	err = frame_set(w, pic);
	mem_deref(pic);

	return err;
}


static int load_key(struct work *w)
{
	struct vcodec_dec *dec = NULL;
	struct vidframe pic;
	int err;

	err = w->vc->dec_alloc(&dec, w->vc, w->fmtp);
	if (err)
		return err;

	err = decode_key(dec, w->vc, w->key, &pic);
	if (!err)
		err = frame_set(w, &pic);

	mem_deref(dec);
	w->key = mem_deref(w->key);

	return err;
}


/* What cannot be shown now cannot be later either */
static int load(struct work *w)
{
	int err;

	if (w->frame)
		return 0;

	if (w->failed)
		return ENOENT;

	err = w->file ? load_file(w) : load_key(w);
	if (err)
		w->failed = true;

	return err;
}


static void work_handler(void *data, size_t behind, void *arg)
{
	struct job *job = data;
	struct work *w = arg;
	(void)behind;

	if (load(w) ||
	    vxenc_set(w->enc, &w->frame->size, FPS, w->bitrate))
		return;

	(void)vxenc_encode(w->enc, &job->out, job->keyframe, w->frame,
			   job->ts);
}


static int source_set(struct work *w, const struct vstill_param *prm)
{
	size_t i;
	int err;

	if (prm->file)
		return str_dup(&w->file, prm->file);

	w->vc = prm->dec;

	if (prm->dec_fmtp) {
		err = str_dup(&w->fmtp, prm->dec_fmtp);
		if (err)
			return err;
	}

	err = vpkts_alloc(&w->key, 0);

	for (i=0; !err && i<prm->keyc; i++)
		err = vpkts_add(w->key, i + 1 == prm->keyc, (uint16_t)i,
				mbuf_buf(prm->keyv[i]),
				mbuf_get_left(prm->keyv[i]));

	return err;
}


/* Its size does not follow from the bitrate: it has time to get better */
static void limits_set(struct work *w, const struct vstill_param *prm)
{
	struct vxrate *r = &w->rate;
	struct vxlimit l;

	vxlimit_decode(&l, prm->enc->codec, prm->enc_fmtp);

	r->width_max  = prm->width_max;
	r->height_max = prm->height_max;
	r->mbs_max    = l.mbs;
	r->fps_max    = FPS;

	vxrate_init(r, UINT32_MAX);

	w->bitrate = l.bitrate ? min(l.bitrate, prm->bitrate) : prm->bitrate;
}


static int work_alloc(struct work **wp, const struct vstill_param *prm)
{
	const struct vxenc_param eprm = {
		.vc      = prm->enc,
		.fmtp    = prm->enc_fmtp,
		.pktsize = prm->pktsize,
	};
	struct work *w;
	int err;

	w = mem_zalloc(sizeof(*w), work_destructor);
	if (!w)
		return ENOMEM;

	limits_set(w, prm);

	err = vxenc_alloc(&w->enc, &eprm);
	if (err)
		goto out;

	err = vscale_alloc(&w->scale);
	if (err)
		goto out;

	err = source_set(w, prm);

 out:
	if (err)
		mem_deref(w);
	else
		*wp = w;

	return err;
}


/* --- on the loop -------------------------------------------------------- */

static void destructor(void *data)
{
	struct vstill *vs = data;

	tmr_cancel(&vs->tmr);
	jobthread_stop(vs->thread);
}


static void job_destructor(void *data)
{
	struct job *job = data;

	list_unlink(&job->le);
	mem_deref(job->out);
}


static void done_handler(void *data, void *arg)
{
	struct vstill *vs = mem_ref(arg);
	struct job *job = data;
	struct vpkt pkt;

	vs->busy = false;

	while (job->out && mem_nrefs(vs) > 1 && vpkts_next(job->out, &pkt))
		vs->outh(pkt.marker, job->ts, job->out->key, pkt.buf, pkt.len,
			 vs->arg);

	mem_deref(job);
	mem_deref(vs);
}


static int push(struct vstill *vs)
{
	const uint64_t us = media_clock() - vs->begin;
	struct job *job;
	int err;

	job = mem_zalloc(sizeof(*job), job_destructor);
	if (!job)
		return ENOMEM;

	job->ts       = (uint32_t)(us * 9 / 100);
	job->keyframe = vs->keyframe;

	err = jobthread_push(vs->thread, &job->le, job);
	if (err)
		mem_deref(job);

	return err;
}


static void timeout(void *arg)
{
	struct vstill *vs = arg;

	tmr_start(&vs->tmr, INTERVAL, timeout, vs);

	if (vs->busy || push(vs))
		return;

	vs->busy     = true;
	vs->keyframe = false;
}


static bool param_ok(const struct vstill_param *prm)
{
	const bool frozen = prm->dec && prm->dec->dec_alloc && prm->keyv &&
		prm->keyc;

	return prm->enc && prm->pktsize && prm->width_max &&
		prm->height_max && prm->bitrate && (prm->file || frozen);
}


/**
 * Check that a picture file can be shown. Takes its time: for start-up
 *
 * @param file Path of a PNG or JPEG file
 * @param why  Set to the reason if it cannot; it reads on from the file's name
 * @param size Room at why [bytes]
 *
 * @return 0 if success, EINVAL for missing arguments, ENOENT if there is no
 *         such file or it is too large, EBADMSG if it is no such picture,
 *         EFBIG if the picture is too large, otherwise errorcode
 */
int vstill_check(const char *file, char *why, size_t size)
{
	return vpicture_check(file, why, size);
}


/**
 * Show a still picture: the first frame comes at once, and is a keyframe
 *
 * @param vsp  Pointer to allocated still. It may be freed at any time, in
 *             its handler too; see jobthread_wait()
 * @param prm  Parameters. The packets in keyv are copied
 * @param outh Takes packets, on the loop; timestamps begin with 0. None come
 *             if the picture cannot be read
 * @param arg  Handler argument
 *
 * @return 0 if success, EINVAL for parameters that are missing or codecs that
 *         cannot do it, ENOMEM, otherwise errno of a pipe
 */
int vstill_alloc(struct vstill **vsp, const struct vstill_param *prm,
		 vxcode_out_h *outh, void *arg)
{
	struct work *work = NULL;
	struct vstill *vs;
	int err;

	if (!vsp || !prm || !outh || !param_ok(prm))
		return EINVAL;

	vs = mem_zalloc(sizeof(*vs), destructor);
	if (!vs)
		return ENOMEM;

	vs->outh  = outh;
	vs->arg   = arg;
	vs->begin = media_clock();
	vs->keyframe = true;

	err = work_alloc(&work, prm);
	if (err)
		goto out;

	err = jobthread_alloc(&vs->thread, work_handler, work, done_handler,
			      vs);
	if (err) {
		mem_deref(work);
		goto out;
	}

	tmr_start(&vs->tmr, 0, timeout, vs);

 out:
	if (err)
		mem_deref(vs);
	else
		*vsp = vs;

	return err;
}


/**
 * Ask for a keyframe; it comes soon. Requests are coalesced
 *
 * @param vs Still
 */
void vstill_keyframe(struct vstill *vs)
{
	if (!vs || vs->keyframe)
		return;

	vs->keyframe = true;

	if (tmr_get_expire(&vs->tmr) > KEY_INTERVAL)
		tmr_start(&vs->tmr, KEY_INTERVAL, timeout, vs);
}
