/**
 * @file demoecho.c  The demo phone's ear and mouth: says what it hears
 *
 *   audio_player    demoecho,echo
 *   audio_source    demoecho,echo
 *
 * baresip's own aubridge does the same until a call has been on hold: then its
 * player is made anew, and the source stays without one. Here whoever has lost
 * the other one finds the next, and each call has a pair of its own.
 *
 * This is part of the sandbox and no part of the bridge.
 */
#include <dlfcn.h>
#include <re.h>
#include <rem.h>
#include <baresip.h>
#include "compat_baresip.h"


enum {
	PTIME     = 20,         /* of what is passed on [ms]               */
	SRATE_MAX = 48000,      /* [Hz]                                    */
	CH_MAX    = 2,
	SAMP_MAX  = SRATE_MAX * CH_MAX * PTIME / 1000,
};

/* A player asks for samples: of baresip 1.0, and of 1.1 */
typedef void (any_h)(void);
typedef void (write_samples_h)(void *sampv, size_t sampc, void *arg);
typedef void (write_frame_h)(struct auframe *af, void *arg);

struct ausrc_st {
	const struct ausrc *as; /* baresip 1.x looks at the first member   */
	struct le le;
	struct auplay_st *play; /* whom it listens to, NULL=nobody yet     */
	struct ausrc_prm prm;
	char device[32];
	ausrc_read_h *rh;
	void *arg;
};

struct auplay_st {
	const struct auplay *ap;
	struct le le;
	struct ausrc_st *src;   /* who repeats it, NULL=nobody yet         */
	struct auplay_prm prm;
	char device[32];
	struct tmr tmr;
	uint64_t next;          /* when the next frame is due [ms]         */
	int16_t sampv[SAMP_MAX];
	any_h *wh;
	void *arg;
};

static struct {
	bool frames;            /* baresip is 1.1 or later                 */
	struct ausrc *ausrc;
	struct auplay *auplay;
	struct list srcl;
	struct list playl;
} echo;


static void join(struct auplay_st *play, struct ausrc_st *src)
{
	if (play->src || src->play || str_cmp(play->device, src->device) ||
	    play->prm.srate != src->prm.srate || play->prm.ch != src->prm.ch)
		return;

	play->src = src;
	src->play = play;
}


static void src_destructor(void *data)
{
	struct ausrc_st *st = data;

	list_unlink(&st->le);
	if (st->play)
		st->play->src = NULL;
}


static void play_destructor(void *data)
{
	struct auplay_st *st = data;

	tmr_cancel(&st->tmr);
	list_unlink(&st->le);
	if (st->src)
		st->src->play = NULL;
}


static void play_handler(void *data)
{
	struct auplay_st *st = data;
	const size_t sampc = (size_t)st->prm.srate * st->prm.ch * PTIME / 1000;
	const uint64_t now = tmr_jiffies();
	struct auframe af = {
		.fmt       = st->prm.fmt,
		.sampv     = st->sampv,
		.sampc     = sampc,
		.timestamp = st->next * 1000,
	};

	if (echo.frames)
		((write_frame_h *)st->wh)(&af, st->arg);
	else
		((write_samples_h *)st->wh)(st->sampv, sampc, st->arg);

	if (st->src)
		st->src->rh(&af, st->src->arg);

	/* not all that was missed at once, if the machine was asleep */
	st->next = (st->next + 10 * PTIME < now ? now : st->next) + PTIME;
	tmr_start(&st->tmr, st->next > now ? st->next - now : 0, play_handler,
		  st);
}


static int src_alloc(AUSRC_ALLOC_PARAMS)
{
	struct ausrc_st *st;
	struct le *le;
	(void)errh;

	if (prm->fmt != AUFMT_S16LE)
		return ENOTSUP;

	st = mem_zalloc(sizeof(*st), src_destructor);
	if (!st)
		return ENOMEM;

	st->as  = as;
	st->prm = *prm;
	st->rh  = rh;
	st->arg = arg;
	str_ncpy(st->device, device, sizeof(st->device));
	list_append(&echo.srcl, &st->le, st);

	for (le = list_head(&echo.playl); le && !st->play; le = le->next)
		join(le->data, st);

	*stp = st;

	return 0;
}


static int play_alloc(struct auplay_st **stp, const struct auplay *ap,
		      struct auplay_prm *prm, const char *device,
		      auplay_write_h *wh, void *arg)
{
	struct auplay_st *st;
	struct le *le;

	if (prm->fmt != AUFMT_S16LE || prm->srate > SRATE_MAX ||
	    prm->ch > CH_MAX)
		return ENOTSUP;

	st = mem_zalloc(sizeof(*st), play_destructor);
	if (!st)
		return ENOMEM;

	st->ap  = ap;
	st->prm = *prm;
	st->wh  = (any_h *)wh;
	st->arg = arg;
	str_ncpy(st->device, device, sizeof(st->device));
	list_append(&echo.playl, &st->le, st);

	for (le = list_head(&echo.srcl); le && !st->src; le = le->next)
		join(st, le->data);

	st->next = tmr_jiffies() + PTIME;
	tmr_start(&st->tmr, PTIME, play_handler, st);

	*stp = st;

	return 0;
}


static int module_init(void)
{
	/* 1.1 has it no more */
	echo.frames = !dlsym(RTLD_DEFAULT, "auplay_get");

	return ausrc_register(&echo.ausrc, baresip_ausrcl(), "demoecho",
			      src_alloc) |
		auplay_register(&echo.auplay, baresip_auplayl(), "demoecho",
				play_alloc);
}


static int module_close(void)
{
	echo.ausrc = mem_deref(echo.ausrc);
	echo.auplay = mem_deref(echo.auplay);

	return 0;
}


EXPORT_SYM __attribute__((visibility("default")))
const struct mod_export DECL_EXPORTS(demoecho) = {
	"demoecho",
	"audio",
	module_init,
	module_close,
};
