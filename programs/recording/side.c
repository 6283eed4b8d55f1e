/**
 * @file side.c  Pictures of a side, whichever of its legs they are of
 *
 * Who has come last is seen, from its first keyframe on; or another one, if
 * nothing more comes of it.
 */
#include <math.h>
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "video/payload/h264.h"
#include "recording.h"
#include "pictures.h"


#define QUIET 1.0               /* Nothing more comes of a leg [s]         */

/** A leg's pictures */
struct leg {
	struct rec_frames *frames; /**< (owner)                            */
	struct rec_frame next;  /**< What follows                          */
	bool any;               /**< There is one                          */
};

struct rec_side {
	struct leg *legv;       /**< In the order they came (owner)        */
	size_t legc;
	size_t cur;             /**< Who is seen                           */
	bool on;                /**< Somebody is                           */
	double pos;             /**< When the last one was seen [s]        */
	size_t used;            /**< Whose frame was given out             */
	bool out;               /**< One was                               */
};


static void destructor(void *arg)
{
	struct rec_side *s = arg;
	size_t i;

	for (i=0; i<s->legc; i++)
		mem_deref(s->legv[i].frames);
	mem_deref(s->legv);
}


static void advance(struct leg *leg)
{
	leg->any = rec_frames_next(leg->frames, &leg->next);
}


/**
 * Allocate a side
 *
 * @param sp  Pointer to allocated side
 * @param rec What is in the file, must stay
 * @param app The app's side, not the phone's
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_side_alloc(struct rec_side **sp, const struct rec *rec, bool app)
{
	struct rec_side *s;
	size_t i;
	int err = 0;

	if (!sp || !rec)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	s->legv = mem_zalloc((rec->streamc + 1) * sizeof(*s->legv), NULL);
	if (!s->legv)
		err = ENOMEM;

	for (i=0; i<rec->streamc && !err; i++) {

		const struct rec_stream *st = &rec->streamv[i];
		struct leg *leg = &s->legv[s->legc];

		if (!st->video || st->app != app)
			continue;

		err = rec_frames_alloc(&leg->frames, rec, st);
		if (!err) {
			advance(leg);
			++s->legc;
		}
	}

	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


static struct leg *earliest(struct rec_side *s)
{
	struct leg *best = NULL;
	size_t i;

	for (i=0; i<s->legc; i++)
		if (s->legv[i].any && (!best ||
				       s->legv[i].next.pos < best->next.pos))
			best = &s->legv[i];

	return best;
}


/**
 * Get the frame that follows
 *
 * @param s     Side
 * @param frame Set to the frame; times never go back
 *
 * @return true if there is one
 */
bool rec_side_next(struct rec_side *s, struct rec_frame *frame)
{
	struct leg *leg;

	if (s->out)
		advance(&s->legv[s->used]);
	s->out = false;

	while ((leg = earliest(s))) {

		const size_t i = (size_t)(leg - s->legv);
		const bool turn = !s->on || i >= s->cur ||
			leg->next.pos > s->pos + QUIET;

		if (s->on && i == s->cur ? true : turn && leg->next.key) {

			s->on   = s->out = true;
			s->cur  = s->used = i;
			s->pos  = fmax(leg->next.pos, s->pos);
			*frame  = leg->next;
			frame->pos = s->pos;
			return true;
		}

		advance(leg);
	}

	return false;
}


/**
 * Tell how many frames were there, but cannot be shown
 *
 * @param s Side
 *
 * @return Number of frames up to here
 */
uint64_t rec_side_lost(const struct rec_side *s)
{
	uint64_t n = 0;
	size_t i;

	for (i=0; s && i<s->legc; i++)
		n += rec_frames_lost(s->legv[i].frames);

	return n;
}


/* What stands before the slices of a frame of H.264: parameter sets */
static size_t head_of(const struct rec_frame *fr)
{
	size_t i;

	for (i=0; i + 4 < fr->len; i++) {

		const uint8_t *p = fr->p + i;

		if (!p[0] && !p[1] && !p[2] && p[3] == 1 &&
		    h264_type(p[4]) <= H264_IDR)
			return i;
	}

	return 0;
}


static int note(struct rec_sight *sight, const struct rec_frame *fr)
{
	if (!sight->frames++) {

		sight->codec = fr->codec;
		if (fr->codec == VIDEO_H264) {
			sight->headlen = head_of(fr);
			sight->head = mem_alloc(sight->headlen + 1, NULL);
			if (!sight->head)
				return ENOMEM;
			memcpy(sight->head, fr->p, sight->headlen);
		}
	}

	sight->mixed |= fr->codec != sight->codec;
	if ((uint64_t)fr->width * fr->height >
	    (uint64_t)sight->width * sight->height) {
		sight->width  = fr->width;
		sight->height = fr->height;
	}

	return 0;
}


/**
 * Look what pictures a side has
 *
 * @param sight Set to what it has; its head is freed by the caller
 * @param rec   What is in the file
 * @param app   The app's side, not the phone's
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_side_look(struct rec_sight *sight, const struct rec *rec, bool app)
{
	struct rec_frame fr;
	struct rec_side *s;
	int err;

	memset(sight, 0, sizeof(*sight));

	err = rec_side_alloc(&s, rec, app);
	if (err)
		return err;

	while (!err && rec_side_next(s, &fr))
		err = note(sight, &fr);

	mem_deref(s);
	if (err)
		sight->head = mem_deref(sight->head);

	return err;
}
