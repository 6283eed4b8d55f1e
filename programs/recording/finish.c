/**
 * @file finish.c  From what is in a raw file to a file that plays
 *
 * The track that has got least far is written next.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include <re_mbuf.h>
#include "audio/audio.h"
#include "video/video.h"
#include "recording.h"
#include "pictures.h"
#include "output.h"


/** What is written */
struct work {
	const struct rec *rec;  /**< (pointer)                             */
	const struct rec_container *c; /**< (pointer)                      */
	struct rec_mux *mux;    /**< (owner)                               */
	struct rec_audioout *audio; /**< (owner)                           */
	struct rec_videoout *videov[REC_SIDES]; /**< (owner)               */
	size_t videoc;
	struct rec_sight sightv[REC_SIDES]; /**< Phone, app                */
	char *why;              /**< (pointer)                             */
	size_t size;            /**< Size of that                          */
};


static void work_free(struct work *w)
{
	size_t i;

	for (i=0; i<w->videoc; i++)
		mem_deref(w->videov[i]);
	for (i=0; i<REC_SIDES; i++)
		mem_deref(w->sightv[i].head);
	mem_deref(w->audio);
	mem_deref(w->mux);
}


/**
 * Choose a format of files
 *
 * @param cp   Set to the format
 * @param rec  What is in the raw file
 * @param args What is asked for
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_container_for(const struct rec_container **cp, const struct rec *rec,
		      const struct rec_args *args)
{
	const char *name = "ogg";
	struct rec_sight sight;
	unsigned app;
	int err;

	if (args->format) {
		*cp = rec_container_find(args->format);
		return *cp ? 0 : EINVAL;
	}

	for (app=0; app<REC_SIDES && rec_has_video(rec); app++) {

		err = rec_side_look(&sight, rec, app);
		if (err)
			return err;

		mem_deref(sight.head);
		if (!sight.frames)
			continue;
		if (sight.mixed || sight.codec != VIDEO_H264)
			name = "webm";
		else if (!strcmp(name, "ogg"))
			name = "mp4";
	}

	*cp = rec_container_find(name);

	return 0;
}


static int add_view(struct work *w, const struct rec_view *view)
{
	const int err = rec_videoout_alloc(&w->videov[w->videoc], w->rec,
					   w->mux, w->c, view, w->why,
					   w->size);

	if (!err)
		++w->videoc;

	return err;
}


/* The app's side is the one that players show if they show only one */
static int add_views(struct work *w, bool beside)
{
	const struct rec_sight *phone = &w->sightv[0], *app = &w->sightv[1];
	struct rec_view view = {.sight = app, .app = true};
	int err = 0;

	if (beside && (app->frames || phone->frames)) {
		view.phone = view.made = true;
		return add_view(w, &view);
	}

	if (app->frames) {
		view.made = !rec_video_fits(w->c, app);
		err = add_view(w, &view);
	}
	if (!err && phone->frames) {
		view.app   = false;
		view.phone = true;
		view.sight = phone;
		view.made  = !rec_video_fits(w->c, phone);
		err = add_view(w, &view);
	}

	return err;
}


static int open_all(struct work *w, const struct rec_args *args,
		    const char *path)
{
	unsigned i;
	int err;

	err = rec_mux_alloc(&w->mux, w->c, path, w->why, w->size);

	for (i=0; i<REC_SIDES && !err && w->c->video; i++)
		err = rec_side_look(&w->sightv[i], w->rec, i);
	if (!err && w->c->video)
		err = add_views(w, args->beside);

	if (!err)
		err = rec_audioout_alloc(&w->audio, w->rec, w->mux, w->c,
					 w->why, w->size);
	if (!err)
		err = rec_mux_begin(w->mux, w->c, w->why, w->size);

	return err;
}


/* true: there is more to do */
static bool step(struct work *w, int *err)
{
	const double audio = rec_audioout_time(w->audio);
	struct rec_videoout *next = NULL;
	double best = audio;
	size_t i;

	for (i=0; i<w->videoc; i++) {

		const double t = rec_videoout_time(w->videov[i]);

		if (t >= 0 && (best < 0 || t < best)) {
			best = t;
			next = w->videov[i];
		}
	}

	if (best < 0)
		return false;

	*err = next ? rec_videoout_step(next, w->why, w->size)
		: rec_audioout_step(w->audio, w->why, w->size);

	return !*err;
}


static int report_video(struct rec_result *res, const struct work *w)
{
	size_t i;

	if (!w->videoc)
		return 0;

	res->video = json_array();
	for (i=0; i<w->videoc; i++)
		if (json_array_append_new(res->video,
					  rec_videoout_report(w->videov[i])))
			return ENOMEM;

	return 0;
}


/**
 * Make the file
 *
 * @param res  Set to what has become of it
 * @param rec  What is in the raw file
 * @param args What is asked for, out too
 * @param c    Its format
 * @param why  Set to what is wrong
 * @param size Size of that
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_finish(struct rec_result *res, const struct rec *rec,
	       const struct rec_args *args, const struct rec_container *c,
	       char *why, size_t size)
{
	struct work w = {.rec = rec, .c = c, .why = why, .size = size};
	struct rec_place *place = NULL;
	int err;

	if (!res || !rec || !args || !args->out || !c)
		return EINVAL;

	memset(res, 0, sizeof(*res));
	res->file   = args->out;
	res->format = c->name;

	err = rec_place_alloc(&place, args->out, why, size);
	if (!err)
		err = open_all(&w, args, rec_place_tmp(place));
	if (!err) {
		while (step(&w, &err))
			;
	}
	if (!err)
		err = rec_mux_end(w.mux, why, size);
	if (!err) {
		rec_audioout_loss(w.audio, &res->loss);
		err = report_video(res, &w);
	}
	if (!err)
		err = rec_place_done(place, &res->bytes, res->sha256, why,
				     size);

	work_free(&w);
	mem_deref(place);

	return err;
}
