/**
 * @file video/xcode/ratectl.c  What the transcoder's encoder is asked for
 */
#include <math.h>
#include <re.h>
#include <rem.h>
#include "audio/audio.h"
#include "video/video.h"
#include "ratectl.h"


enum {
	SIZE_MIN     = 16,      /**< Smallest width and height [pixels]    */
	MB_SIDE      = 16,      /**< Of a macroblock [pixels]              */
	STEPS        = 4,       /**< Picture sizes                         */
	FULL_PIXELS  = 640*480, /**< A picture ...                         */
	FULL_BITRATE = 150000,  /**< ... and what it needs at least [bit/s] */
	UP_PERCENT   = 130,     /**< Of that, for a larger picture         */
	WORTH_UP     = 115,     /**< Change upwards worth a keyframe [%]   */
	WORTH_DOWN   = 90,      /**< The same, downwards [%]               */
	GAP          = VIDEO_CRATE, /**< Of timestamps: another source     */
	EXTRA        = 20,      /**< Part of the bitrate that is for keyframes */
};

/** Sides of the picture sizes, in quarters */
static const unsigned stepv[STEPS] = {4, 3, 2, 1};


/**
 * Begin; the limits are set before or after
 *
 * @param r       State
 * @param bitrate To begin with [bit/s]
 */
void vxrate_init(struct vxrate *r, uint32_t bitrate)
{
	r->on      = false;
	r->step    = 0;
	r->changed = 0;
	r->debt    = 0;

	vxrate_want(r, bitrate);
	r->bitrate = r->wanted;
}


/**
 * Ask for a bitrate
 *
 * @param r       State
 * @param bitrate Bitrate [bit/s], raised to the lowest
 */
void vxrate_want(struct vxrate *r, uint32_t bitrate)
{
	r->wanted = max(bitrate, max(r->bitrate_min, 1u));
}


/**
 * Tell if the bitrate is to be changed now. Not often, since many encoders
 * begin with a keyframe; at once where it falls by half, since the path
 * cannot take the old one
 *
 * @param r   State
 * @param now Time [us]
 *
 * @return true if r->bitrate is new
 */
bool vxrate_change(struct vxrate *r, uint64_t now)
{
	const uint64_t wanted = r->wanted, bitrate = r->bitrate;

	if (wanted * 100 < bitrate * WORTH_UP &&
	    wanted * 100 > bitrate * WORTH_DOWN)
		return false;

	if (wanted * 2 > bitrate && r->changed &&
	    now - r->changed < VXRATE_INTERVAL)
		return false;

	r->bitrate = r->wanted;
	r->changed = now;

	return true;
}


static void shrink(double *w, double *h, double ratio)
{
	if (ratio >= 1)
		return;

	*w *= ratio;
	*h *= ratio;
}


/* Codecs of 4:2:0 want even sides */
static unsigned even(double side)
{
	return max((unsigned)(side + .5) & ~1u, (unsigned)SIZE_MIN);
}


static unsigned macroblocks(const struct vidsz *sz)
{
	return ((sz->w + MB_SIDE - 1) / MB_SIDE) *
		((sz->h + MB_SIDE - 1) / MB_SIDE);
}


/* The step whose picture the bitrate is enough for; a larger one than now
   only if it clearly is */
static unsigned size_step(const struct vxrate *r, double pixels)
{
	unsigned i;

	for (i=0; i<STEPS-1; i++) {

		double need = FULL_BITRATE * pixels / FULL_PIXELS *
			stepv[i] * stepv[i] / 16;

		if (i < r->step)
			need = need * UP_PERCENT / 100;

		if (r->bitrate >= need)
			break;
	}

	return i;
}


/**
 * Get the size of the picture to encode
 *
 * @param r   State
 * @param src Size of the source's
 * @param dst Size to encode: no larger than the source and the limits, even
 */
void vxrate_size(struct vxrate *r, const struct vidsz *src, struct vidsz *dst)
{
	const bool turn = (src->h > src->w) != (r->height_max > r->width_max);
	const double wmax = turn ? r->height_max : r->width_max;
	const double hmax = turn ? r->width_max : r->height_max;
	double w = src->w, h = src->h;

	shrink(&w, &h, wmax / w);
	shrink(&w, &h, hmax / h);

	if (r->mbs_max)
		shrink(&w, &h, sqrt(r->mbs_max * (double)MB_SIDE * MB_SIDE /
				    (w * h)));

	r->step = size_step(r, w * h);
	shrink(&w, &h, stepv[r->step] / 4.);

	dst->w = even(w);
	dst->h = even(h);

	/* what rounding up to macroblocks has added */
	while (r->mbs_max && macroblocks(dst) > r->mbs_max &&
	       dst->w > SIZE_MIN && dst->h > SIZE_MIN) {
		dst->h = even(dst->h - dst->h * 2. / dst->w);
		dst->w -= 2;
	}
}


/**
 * Get the fastest frame rate for a picture
 *
 * @param r  State
 * @param sz Its size
 *
 * @return Frames per second, at least 1
 */
unsigned vxrate_fps(const struct vxrate *r, const struct vidsz *sz)
{
	unsigned fps = r->fps_max;

	if (r->mbps_max)
		fps = min(fps, r->mbps_max / max(macroblocks(sz), 1u));

	return max(fps, 1u);
}


/* What was sent is paid as time goes by, a little faster than it is spent:
   an encoder that keeps to its bitrate would never pay for a keyframe */
static void pay(struct vxrate *r, uint32_t dt)
{
	const uint64_t bits = (uint64_t)dt * r->bitrate / VIDEO_CRATE;

	r->debt -= min(bits + bits / EXTRA, r->debt);
}


/**
 * Tell if it is time for a frame, by the source's timestamps. Called once
 * for each
 *
 * @param r   State
 * @param ts  Its timestamp [90 kHz]
 * @param fps Frames per second
 *
 * @return true if it is to be encoded
 */
bool vxrate_due(struct vxrate *r, uint32_t ts, unsigned fps)
{
	const uint32_t step = VIDEO_CRATE / max(fps, 1u);
	const int32_t late = (int32_t)(ts - r->due);
	const int32_t passed = (int32_t)(ts - r->ts);
	const bool jump = !r->on || late > GAP || late < -GAP;

	pay(r, jump ? step : (uint32_t)max(passed, 0));
	r->on = true;
	r->ts = ts;

	/* cameras are not punctual */
	if (!jump && late < -(int32_t)(step / 4))
		return false;

	r->due = (jump || late > (int32_t)step) ? ts + step : r->due + step;

	return true;
}


/**
 * Tell if another frame is not too much for the bitrate
 *
 * @param r State
 *
 * @return true if it can be sent
 */
bool vxrate_afford(const struct vxrate *r)
{
	return r->debt <= (uint64_t)r->bitrate * VXRATE_BURST / 1000;
}


/**
 * A frame was encoded
 *
 * @param r     State
 * @param bytes Its size [bytes]
 */
void vxrate_sent(struct vxrate *r, size_t bytes)
{
	r->debt += bytes * 8;
}
