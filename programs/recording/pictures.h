/**
 * @file pictures.h  Pictures of a recording
 *
 *   frames.c: of a leg --> side.c: of a side --+--> videoout.c, copied
 *                                              |
 *                               canvas.c <-----'    decoded, side by side,
 *                                  |                coded again
 *                                  `--> videoout.c
 */

struct AVFrame;
struct AVPacket;


/*
 * frames.c: pictures of a stream as they were coded, from a keyframe on
 */

struct rec_frames;

/** A frame */
struct rec_frame {
	enum video_codec codec;
	double pos;             /**< When it is seen [s]                   */
	bool key;               /**< Needs no other one                    */
	unsigned width, height; /**< Of a keyframe [pixels], 0=unknown     */
	const uint8_t *p;       /**< The frame, H.264 with start codes;
				     until the next one is asked for       */
	size_t len;             /**< Its length [bytes]                    */
};

int  rec_frames_alloc(struct rec_frames **fp, const struct rec *rec,
		      const struct rec_stream *st);
bool rec_frames_next(struct rec_frames *f, struct rec_frame *frame);
uint64_t rec_frames_lost(const struct rec_frames *f);


/*
 * side.c: pictures of a side, whichever of its legs they are of
 */

struct rec_side;

/** What a side has */
struct rec_sight {
	size_t frames;          /**< How many                              */
	bool mixed;             /**< More than one codec                   */
	enum video_codec codec; /**< The first one                         */
	unsigned width, height; /**< The largest [pixels]                  */
	uint8_t *head;          /**< H.264: parameter sets of the first
				     keyframe (owner)                      */
	size_t headlen;
};

int  rec_side_alloc(struct rec_side **sp, const struct rec *rec, bool app);
bool rec_side_next(struct rec_side *s, struct rec_frame *frame);
uint64_t rec_side_lost(const struct rec_side *s);
int  rec_side_look(struct rec_sight *sight, const struct rec *rec, bool app);


/*
 * canvas.c: pictures drawn into one
 */

enum { REC_CELLS = 2 };

struct rec_canvas;

int  rec_canvas_alloc(struct rec_canvas **cp, unsigned width, unsigned height,
		      unsigned cells);
int  rec_canvas_draw(struct rec_canvas *c, unsigned cell,
		     const struct rec_frame *fr);
struct AVFrame *rec_canvas_frame(const struct rec_canvas *c);


/*
 * videoout.c: a track of pictures
 */

struct rec_container;
struct rec_mux;
struct rec_videoout;

/** What is to be seen */
struct rec_view {
	bool app, phone;        /**< Whose pictures                        */
	const struct rec_sight *sight; /**< Of the first of them           */
	bool made;              /**< Decoded and coded again               */
};

bool   rec_video_fits(const struct rec_container *c,
		      const struct rec_sight *sight);
int    rec_videoout_alloc(struct rec_videoout **vp, const struct rec *rec,
			  struct rec_mux *mux, const struct rec_container *c,
			  const struct rec_view *view, char *why,
			  size_t size);
int    rec_videoout_step(struct rec_videoout *v, char *why, size_t size);
double rec_videoout_time(const struct rec_videoout *v);
struct json_t *rec_videoout_report(const struct rec_videoout *v);
