/**
 * @file video/xcode/transcoder.c  Video transcoder on a worker thread: the loop's side
 *
 *   packets --> framer.c --> frames --> thread.c --> worker.c
 */
#include <re.h>
#include <rem.h>
#include "audio/audio.h"
#include "rtp/clock.h"
#include "video/video.h"
#include "codec.h"
#include "video/payload/vpay.h"
#include "frame.h"
#include "base/jobthread.h"
#include "transcoder.h"
#include "framer.h"
#include "worker.h"


enum {
	QUEUE_MAX  = 15,        /**< Frames that wait for the worker       */
	PIXELS_MAX = 4096*2304, /**< Largest picture decoded (level 5.1)   */
};

struct vxcode {
	enum video_codec codec; /**< Of what arrives                       */
	struct vxin in;         /**< Packets to frames                     */
	struct jobthread *thread; /**< Worker (owner)                        */
	bool skip;              /**< Nothing goes before a keyframe comes  */
	bool keyframe;          /**< A keyframe is asked for               */
	uint32_t bitrate;       /**< A bitrate is asked for, 0=as before   */
	uint64_t late;          /**< Frames that the worker never saw      */
	uint64_t refused;       /**< Frames too large to be decoded        */
	struct vxcode_stats st; /**< The worker's counters                 */
	vxcode_out_h *outh;     /**< Takes packets                         */
	vxcode_need_key_h *keyh;/**< Asks the source, or NULL              */
	void *arg;              /**< Handler argument                      */
};


static void destructor(void *data)
{
	struct vxcode *x = data;

	jobthread_stop(x->thread);
	vxin_reset(&x->in);
}


/* --- from the worker ---------------------------------------------------- */

/* Any of them may be the last that our owner wants */
static void send_packets(struct vxcode *x, struct vpkts *out)
{
	struct vpkt pkt;

	while (mem_nrefs(x) > 1 && vpkts_next(out, &pkt))
		x->outh(pkt.marker, out->ts, out->key, pkt.buf, pkt.len,
			x->arg);
}


static void need_key(struct vxcode *x)
{
	if (x->keyh && mem_nrefs(x) > 1)
		x->keyh(x->arg);
}


static void done_handler(void *data, void *arg)
{
	struct vxcode *x = mem_ref(arg);
	struct vxjob *job = data;

	x->st = job->st;

	if (job->out)
		send_packets(x, job->out);

	if (job->need_key)
		need_key(x);

	mem_deref(job);
	mem_deref(x);
}


/* --- to the worker ------------------------------------------------------ */

/* Is it a keyframe, and of a picture that a decoder may take memory for? */
static bool look(struct vxcode *x, struct vpkts *frame)
{
	struct vpkt pkt;
	struct vpay vp;
	bool ok = true;

	while (vpkts_next(frame, &pkt)) {

		if (vpay_parse(&vp, x->codec, pkt.buf, pkt.len))
			continue;

		if (vp.key)
			frame->key = true;
		if ((uint64_t)vp.width * vp.height > PIXELS_MAX)
			ok = false;
	}

	vpkts_rewind(frame);

	return ok;
}


/* The worker has fallen so far behind that what waits is worth nothing */
static void give_up(struct vxcode *x)
{
	x->late += jobthread_drop(x->thread);
	x->skip  = true;
}


static void push(struct vxcode *x, struct vpkts *frame)
{
	struct vxjob *job;

	if (vxjob_alloc(&job, frame)) {
		mem_deref(frame);
		return;
	}

	job->now      = media_clock();
	job->keyframe = x->keyframe;
	job->bitrate  = x->bitrate;

	if (jobthread_push(x->thread, &job->le, job)) {
		++x->late;
		mem_deref(job);
		return;
	}

	x->keyframe = false;
	x->bitrate  = 0;
}


static void frame_handler(struct vpkts *frame, void *arg)
{
	struct vxcode *x = arg;

	if (!look(x, frame)) {
		++x->refused;
		x->skip = true;
		mem_deref(frame);
		return;
	}

	if (jobthread_waiting(x->thread) >= QUEUE_MAX)
		give_up(x);

	if (frame->key)
		x->skip = false;

	if (x->skip) {
		++x->late;
		mem_deref(frame);
		need_key(x);
		return;
	}

	push(x, frame);
}


static bool param_ok(const struct vxcode_param *prm)
{
	return prm->dec && prm->dec->dec_alloc && prm->enc &&
		prm->pktsize && prm->width_max && prm->height_max &&
		prm->fps_max && prm->bitrate;
}


/**
 * Allocate a transcoder. Its thread and codecs are made when the first frame
 * comes
 *
 * @param xp   Pointer to allocated transcoder. It may be freed at any time,
 *             in its handlers too: nobody waits for the thread, and no handler
 *             is called any more; see jobthread_wait()
 * @param prm  Parameters
 * @param outh Takes packets, on the loop
 * @param keyh Asks the source for a keyframe, on the loop; it may be called
 *             by vxcode_put(), and for each frame until one comes. NULL=none
 * @param arg  Handler argument
 *
 * @return 0 if success, EINVAL for parameters that are missing or codecs that
 *         cannot do it, ENOMEM, otherwise errno of a pipe
 */
int vxcode_alloc(struct vxcode **xp, const struct vxcode_param *prm,
		 vxcode_out_h *outh, vxcode_need_key_h *keyh, void *arg)
{
	struct vxwork *work = NULL;
	struct vxcode *x;
	int err;

	if (!xp || !prm || !outh || !param_ok(prm))
		return EINVAL;

	x = mem_zalloc(sizeof(*x), destructor);
	if (!x)
		return ENOMEM;

	x->codec = prm->dec->codec;
	x->outh  = outh;
	x->keyh  = keyh;
	x->arg   = arg;
	x->in.frameh = frame_handler;
	x->in.arg    = x;

	err = vxwork_alloc(&work, prm);
	if (err)
		goto out;

	err = jobthread_alloc(&x->thread, vxwork_handler, work, done_handler,
			      x);
	if (err)
		mem_deref(work);

 out:
	if (err)
		mem_deref(x);
	else
		*xp = x;

	return err;
}


/**
 * Put a packet that arrived. Packets may come out of order and twice; one
 * that is missing is waited for, see framer.h
 *
 * @param x      Transcoder
 * @param marker Its marker
 * @param seq    Its sequence number
 * @param ts     Its timestamp [90 kHz]
 * @param buf    Payload, is copied
 * @param len    Its length [bytes]; 0=padding alone
 */
void vxcode_put(struct vxcode *x, bool marker, uint16_t seq, uint32_t ts,
		const uint8_t *buf, size_t len)
{
	if (!x)
		return;

	mem_ref(x);
	vxin_put(&x->in, marker, seq, ts, buf, len, media_clock());
	mem_deref(x);
}


/**
 * What is missing will not come: go on without it
 *
 * @param x Transcoder
 */
void vxcode_lost(struct vxcode *x)
{
	if (!x)
		return;

	mem_ref(x);
	vxin_lost(&x->in);
	mem_deref(x);
}


/**
 * Ask for a keyframe. Requests are coalesced: the next frame that is encoded
 * is one, unless there was one just now
 *
 * @param x Transcoder
 */
void vxcode_keyframe(struct vxcode *x)
{
	if (x)
		x->keyframe = true;
}


/**
 * Ask for a bitrate. It is followed at once where it falls by half, else
 * every two seconds at most
 *
 * @param x       Transcoder
 * @param bitrate Bitrate [bit/s]; raised to the lowest, and lowered to what
 *                the receiver's fmtp says
 */
void vxcode_set_bitrate(struct vxcode *x, uint32_t bitrate)
{
	if (x)
		x->bitrate = max(bitrate, 1u);
}


/**
 * Get the counters, as of the last frame that the worker is done with
 *
 * @param x  Transcoder
 * @param st Counters
 */
void vxcode_stats(const struct vxcode *x, struct vxcode_stats *st)
{
	if (!x || !st)
		return;

	*st = x->st;
	st->late   += x->late;
	st->errors += x->refused;
}
