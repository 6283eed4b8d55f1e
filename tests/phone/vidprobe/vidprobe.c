/**
 * @file vidprobe.c  A camera and a screen for tests
 *
 *   video_source    vidprobe,red-green-blue-yellow
 *   video_display   vidprobe,nil
 *
 * The camera draws a test picture (picture.h) in the colours of its device's
 * name, the screen recognises one. What was seen is printed as JSON:
 *
 *   /vidprobe         since the last time it was printed, or reset
 *   /vidprobe_reset   a new call: forget everything
 *
 * This is part of the tests' phone and no part of the bridge.
 */
#include <pthread.h>
#include <sys/time.h>
#include <re.h>
#include <rem.h>
#include <baresip.h>
#include "compat_baresip.h"
#include "picture.h"


enum {
	TIMEBASE = 1000000,     /* of video timestamps [Hz]                */
	FRAMES   = 1024,        /* remembered                              */
};

struct vidsrc_st {
	const struct vidsrc *vs;/* baresip 1.x looks at the first member   */
	struct vidframe *frame;
	struct picture_colours col;
	unsigned number;        /* of the next frame                       */
	pthread_t thread;
	volatile bool run;
	uint64_t ts;            /* [us]                                    */
	double fps;
	vidsrc_frame_h *frameh;
	void *arg;
};

struct vidisp_st {
	const struct vidisp *vd;
};

/* a frame on the screen */
struct shown {
	uint64_t ms;            /* when                                    */
	struct picture_seen seen;
};

static struct {
	struct vidsrc *vidsrc;
	struct vidisp *vidisp;
	uint64_t first;         /* first whole picture of the call [ms]    */
	uint64_t since;         /* begin of what is told [ms]              */
	struct vidsz size;
	struct shown shownv[FRAMES];
	unsigned shownc;
} probe;


static uint64_t now_ms(void)
{
	struct timeval tv;

	(void)gettimeofday(&tv, NULL);

	return (uint64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000;
}


static uint64_t ticks(void)
{
	return tmr_jiffies() * (TIMEBASE / 1000);
}


static void *camera(void *arg)
{
	struct vidsrc_st *st = arg;

	st->ts = ticks();

	while (st->run) {

		if (ticks() < st->ts) {
			sys_msleep(2);
			continue;
		}

		picture_draw(st->frame, &st->col, st->number++);
		st->ts += TIMEBASE / st->fps;
		st->frameh(st->frame, st->ts, st->arg);
	}

	return NULL;
}


static void src_destructor(void *arg)
{
	struct vidsrc_st *st = arg;

	if (st->run) {
		st->run = false;
		pthread_join(st->thread, NULL);
	}

	mem_deref(st->frame);
}


static int src_alloc(VIDSRC_ALLOC_PARAMS)
{
	struct vidsrc_st *st;
	int err;
	(void)fmt;
	(void)errorh;

	if (!stp || !prm || !size || !frameh || prm->fmt != VID_FMT_YUV420P)
		return EINVAL;

	st = mem_zalloc(sizeof(*st), src_destructor);
	if (!st)
		return ENOMEM;

	st->vs     = vs;
	st->fps    = prm->fps;
	st->frameh = frameh;
	st->arg    = arg;

	err = picture_colours_decode(&st->col, dev);
	if (err)
		goto out;

	err = vidframe_alloc(&st->frame, VID_FMT_YUV420P, size);
	if (err)
		goto out;

	st->run = true;
	err = pthread_create(&st->thread, NULL, camera, st);
	if (err)
		st->run = false;

 out:
	if (err)
		mem_deref(st);
	else
		*stp = st;

	return err;
}


static int disp_alloc(struct vidisp_st **stp, const struct vidisp *vd,
		      struct vidisp_prm *prm, const char *dev,
		      vidisp_resize_h *resizeh, void *arg)
{
	struct vidisp_st *st;
	(void)prm;
	(void)dev;
	(void)resizeh;
	(void)arg;

	if (!stp)
		return EINVAL;

	st = mem_zalloc(sizeof(*st), NULL);
	if (!st)
		return ENOMEM;

	st->vd = vd;
	*stp = st;

	return 0;
}


static int display(struct vidisp_st *st, const char *title,
		   const struct vidframe *frame, uint64_t timestamp)
{
	struct picture_seen seen = {{{-1, -1, -1, -1}}, -1, -1};
	struct shown *shown = &probe.shownv[probe.shownc];
	(void)st;
	(void)title;
	(void)timestamp;

	(void)picture_look(&seen, frame);

	probe.size = frame->size;

	if (probe.shownc < ARRAY_SIZE(probe.shownv)) {
		shown->ms   = now_ms();
		shown->seen = seen;
		++probe.shownc;
	}

	if (seen.number >= 0 && !probe.first)
		probe.first = now_ms();

	return 0;
}


static void begin(void)
{
	probe.since  = now_ms();
	probe.shownc = 0;
}


static int print_shown(struct re_printf *pf, void *unused)
{
	unsigned i;
	int err = 0;
	(void)unused;

	for (i = 0; i < probe.shownc; i++) {

		const struct shown *shown = &probe.shownv[i];

		err |= re_hprintf(pf, "%s[%llu,%d,%d,\"%H\"]", i ? "," : "",
				  shown->ms, shown->seen.number,
				  shown->seen.bar, picture_colours_print,
				  &shown->seen.col);
	}

	return err;
}


static int print_cmd(struct re_printf *pf, void *unused)
{
	int err;
	(void)unused;

	err = re_hprintf(pf, "{\"first\":%llu,\"since\":%llu,\"now\":%llu,"
			 "\"width\":%u,\"height\":%u,\"shown\":[%H]}",
			 probe.first, probe.since, now_ms(),
			 probe.size.w, probe.size.h, print_shown, NULL);
	begin();

	return err;
}


static int cmd_reset(struct re_printf *pf, void *unused)
{
	(void)pf;
	(void)unused;

	probe.first = 0;
	probe.size.w = probe.size.h = 0;
	begin();

	return 0;
}


static const struct cmd cmdv[] = {
	{"vidprobe",       0, 0, "What the screen showed", print_cmd},
	{"vidprobe_reset", 0, 0, "Forget what was shown",  cmd_reset},
};


static int module_init(void)
{
	int err;

	(void)cmd_reset(NULL, NULL);

	err = vidsrc_register(&probe.vidsrc, baresip_vidsrcl(), "vidprobe",
			      src_alloc, NULL);
	if (err)
		return err;

	err = vidisp_register(&probe.vidisp, baresip_vidispl(), "vidprobe",
			      disp_alloc, NULL, display, NULL);
	if (err)
		goto out;

	err = cmd_register(baresip_commands(), cmdv, ARRAY_SIZE(cmdv));

 out:
	if (err) {
		probe.vidisp = mem_deref(probe.vidisp);
		probe.vidsrc = mem_deref(probe.vidsrc);
	}

	return err;
}


static int module_close(void)
{
	cmd_unregister(baresip_commands(), cmdv);
	probe.vidisp = mem_deref(probe.vidisp);
	probe.vidsrc = mem_deref(probe.vidsrc);

	return 0;
}


EXPORT_SYM __attribute__((visibility("default")))
const struct mod_export DECL_EXPORTS(vidprobe) = {
	"vidprobe",
	"video",
	module_init,
	module_close,
};
