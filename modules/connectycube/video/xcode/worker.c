/**
 * @file video/xcode/worker.c  The transcoder's work: decode, scale, encode
 *
 * A frame that others wait behind is decoded, since they need it, but no
 * more than that.
 */
#include <string.h>
#include <time.h>
#include <re.h>
#include <rem.h>
#include "audio/audio.h"
#include "video/video.h"
#include "codec.h"
#include "frame.h"
#include "scale.h"
#include "transcoder.h"
#include "encoder.h"
#include "declimit.h"
#include "ratectl.h"
#include "worker.h"


enum {
	KEY_INTERVAL = 300000,  /**< Between two keyframes asked for [us]  */
	RETRY        = 1000000, /**< After an encoder has failed [us]      */
	BAD_MAX      = 5,       /**< Errors in a row, before ...           */
	BAD_RETRY    = 30,      /**< ... one frame of so many is tried     */
};

struct vxwork {
	const struct vcodec *vc;/**< Decoder's codec (pointer)             */
	char *fmtp;             /**< fmtp of what arrives (owned), or NULL */
	struct vcodec_dec *dec; /**< Decoder (owned), NULL=to be made      */
	struct vscale *scale;   /**< Scaler (owned)                        */
	struct vxenc *enc;      /**< Encoder (owned)                       */
	struct vxrate rate;     /**< What it is asked for                  */
	uint32_t bitrate_max;   /**< The receiver takes no more, 0=any     */
	bool keyframe;          /**< A keyframe is asked for               */
	uint64_t key;           /**< When there was one [us], 0=never      */
	uint64_t failed;        /**< When encoding failed [us], 0=never    */
	unsigned bad;           /**< Decoding errors in a row              */
	struct vxcode_stats st; /**< Counters                              */
};


static void job_destructor(void *data)
{
	struct vxjob *job = data;

	list_unlink(&job->le);
	mem_deref(job->in);
	mem_deref(job->out);
}


/**
 * Allocate a job
 *
 * @param jobp Pointer to allocated job
 * @param in   Packets of a frame, owned by the job if this succeeds
 *
 * @return 0 if success, otherwise errorcode
 */
int vxjob_alloc(struct vxjob **jobp, struct vpkts *in)
{
	struct vxjob *job;

	job = mem_zalloc(sizeof(*job), job_destructor);
	if (!job)
		return ENOMEM;

	job->in = in;
	*jobp = job;

	return 0;
}


static void destructor(void *data)
{
	struct vxwork *w = data;

	mem_deref(w->enc);
	mem_deref(w->scale);
	mem_deref(w->dec);
	mem_deref(w->fmtp);
}


static void limits_set(struct vxwork *w, const struct vxcode_param *prm)
{
	struct vxlimit l;

	vxlimit_decode(&l, prm->enc->codec, prm->enc_fmtp);

	w->bitrate_max      = l.bitrate;
	w->rate.width_max   = prm->width_max;
	w->rate.height_max  = prm->height_max;
	w->rate.mbs_max     = l.mbs;
	w->rate.mbps_max    = l.mbps;
	w->rate.fps_max     = l.fps ? min(l.fps, prm->fps_max) : prm->fps_max;
	w->rate.bitrate_min = prm->bitrate_min;
}


static uint32_t bitrate_limit(const struct vxwork *w, uint32_t bitrate)
{
	return w->bitrate_max ? min(bitrate, w->bitrate_max) : bitrate;
}


/**
 * Allocate what the worker works with
 *
 * @param wp  Pointer to allocated work
 * @param prm Parameters, all set
 *
 * @return 0 if success, EINVAL for a codec that cannot do it, ENOMEM
 */
int vxwork_alloc(struct vxwork **wp, const struct vxcode_param *prm)
{
	const struct vxenc_param eprm = {
		.vc      = prm->enc,
		.fmtp    = prm->enc_fmtp,
		.pktsize = prm->pktsize,
	};
	struct vxwork *w;
	int err;

	w = mem_zalloc(sizeof(*w), destructor);
	if (!w)
		return ENOMEM;

	w->vc = prm->dec;
	limits_set(w, prm);
	vxrate_init(&w->rate, bitrate_limit(w, prm->bitrate));

	err = vxenc_alloc(&w->enc, &eprm);
	if (err)
		goto out;

	err = vscale_alloc(&w->scale);
	if (err)
		goto out;

	if (prm->dec_fmtp)
		err = str_dup(&w->fmtp, prm->dec_fmtp);

 out:
	if (err)
		mem_deref(w);
	else
		*wp = w;

	return err;
}


static uint64_t cpu_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);

	return (uint64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}


/* --- decoding ----------------------------------------------------------- */

/* All packets of the frame; the last one ends it, marker or not, so that
   nothing of it is left for the next */
static int decode_packets(struct vxwork *w, struct vpkts *in,
			  struct vidframe *frame)
{
	struct vpkt pkt;
	size_t n = 0;
	int err = 0;

	while (vpkts_next(in, &pkt)) {

		bool intra = false;
		int e;

		e = w->vc->decode(w->dec, frame, &intra, ++n == in->n,
				  pkt.seq, pkt.buf, pkt.len);
		if (e)
			err = e;
	}

	return frame->data[0] ? 0 : err;
}


/* baresip's codecs log every frame that they cannot decode: what is hopeless
   before the next keyframe is not given to them, but some of it, for those
   who send none */
static bool hopeless(const struct vxwork *w, const struct vpkts *in)
{
	return w->bad >= BAD_MAX && w->bad % BAD_RETRY && !in->key;
}


static int decode_timed(struct vxwork *w, struct vpkts *in,
			struct vidframe *frame)
{
	const uint64_t t = cpu_us();
	int err = 0;

	if (!w->dec)
		err = w->vc->dec_alloc(&w->dec, w->vc, w->fmtp);

	if (!err)
		err = decode_packets(w, in, frame);

	w->st.cpu += cpu_us() - t;

	return err;
}


static int decode(struct vxwork *w, struct vpkts *in, struct vidframe *frame)
{
	int err;

	memset(frame, 0, sizeof(*frame));

	err = hopeless(w, in) ? EPROTO : decode_timed(w, in, frame);

	if (err) {
		++w->st.errors;
		++w->bad;
	}
	else if (frame->data[0]) {
		w->bad = 0;
		++w->st.decoded;
		w->st.width  = frame->size.w;
		w->st.height = frame->size.h;
	}

	return err;
}


/* --- encoding ----------------------------------------------------------- */

static bool key_is_due(const struct vxwork *w, uint64_t now)
{
	return w->keyframe && (!w->key || now - w->key >= KEY_INTERVAL);
}


static int encode(struct vxwork *w, struct vxjob *job,
		  const struct vidframe *src, const struct vidsz *sz,
		  unsigned fps)
{
	const bool keyframe = key_is_due(w, job->now);
	const struct vidframe *frame;
	uint64_t t;
	int err;

	err = vscale_run(w->scale, &frame, sz, src);
	if (err)
		return err;

	t = cpu_us();

	err = vxenc_set(w->enc, sz, fps, w->rate.bitrate);
	if (!err)
		err = vxenc_encode(w->enc, &job->out, keyframe, frame,
				   job->in->ts);

	w->st.cpu += cpu_us() - t;

	return err;
}


static void encoded(struct vxwork *w, const struct vxjob *job,
		    const struct vidsz *sz)
{
	++w->st.encoded;
	w->st.out_width  = sz->w;
	w->st.out_height = sz->h;

	vxrate_sent(&w->rate, job->out->mb->end);

	if (job->out->key) {
		w->key = job->now;
		w->keyframe = false;
	}
}


/* An encoder that has failed is tried again, but not with every frame */
static void try_encode(struct vxwork *w, struct vxjob *job,
		       const struct vidframe *frame, const struct vidsz *sz,
		       unsigned fps)
{
	if (w->failed && job->now - w->failed < RETRY)
		return;

	if (encode(w, job, frame, sz, fps)) {
		++w->st.failed;
		w->failed = job->now;
		return;
	}

	w->failed = 0;

	if (job->out)
		encoded(w, job, sz);
}


static void frame_handler(struct vxwork *w, struct vxjob *job,
			  const struct vidframe *frame, bool behind)
{
	const uint32_t dt = job->in->ts - w->rate.ts;
	struct vidsz sz;
	unsigned fps;

	vxrate_size(&w->rate, &frame->size, &sz);
	fps = vxrate_fps(&w->rate, &sz);

	if (!vxrate_due(&w->rate, job->in->ts, fps))
		return;

	if (behind ||
	    (!vxrate_afford(&w->rate) && !key_is_due(w, job->now))) {
		vxenc_skip(w->enc, dt);
		++w->st.late;
		return;
	}

	try_encode(w, job, frame, &sz, fps);
}


static void requests(struct vxwork *w, const struct vxjob *job)
{
	if (job->keyframe)
		w->keyframe = true;

	if (job->bitrate)
		vxrate_want(&w->rate, bitrate_limit(w, job->bitrate));

	(void)vxrate_change(&w->rate, job->now);
}


/**
 * Do a job: a jobthread_work_h
 *
 * @param job    Job, struct vxjob
 * @param behind Number of jobs that wait behind it
 * @param work   Work, struct vxwork
 */
void vxwork_handler(void *job, size_t behind, void *work)
{
	struct vxwork *w = work;
	struct vxjob *j = job;
	struct vidframe frame;
	int err;

	requests(w, j);

	err = decode(w, j->in, &frame);

	j->need_key = err || j->in->gap;

	if (!err && frame.data[0])
		frame_handler(w, j, &frame, behind > 0);

	w->st.cpu_thread = cpu_us();
	j->st = w->st;
}
