/**
 * @file connectycube_hub/hublive.c  The hub's own picture of what there is now
 *
 * Pure.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "base/mono.h"
#include "feed.h"
#include "hublive.h"
#include "live/live.h"


enum {
	TICK = 250,             /**< What changes is told within [ms]      */
};

/** The only one of this process */
static struct {
	struct hlive *model;    /* (owned) */
	struct hub_feed *feed;  /* (owned) */
	struct tmr tmr;
	struct {
		hublive_h *h;   /* told of changes, or NULL */
		void *arg;
	} whov[HUBLIVE_WHOS];
} live;


static uint64_t now_ms(void)
{
	const uint64_t now = mono_ms();

	hlive_set_wall(live.model, now, wall_us() / 1000);

	return now;
}


static void tick(void *arg)
{
	(void)arg;

	if (hlive_tick(live.model, now_ms()))
		tmr_start(&live.tmr, TICK, tick, NULL);
}


static void feed_handler(const struct hub_tell *t, void *arg)
{
	(void)arg;

	hlive_tell(live.model, t, now_ms());

	if (!tmr_isrunning(&live.tmr))
		tmr_start(&live.tmr, TICK, tick, NULL);
}


static void change_handler(const char *type, const char *ext,
			   struct json_t *j, void *arg)
{
	size_t i;
	(void)arg;

	for (i=0; i<HUBLIVE_WHOS; i++) {
		if (live.whov[i].h)
			live.whov[i].h(type, ext, j, live.whov[i].arg);
	}
}


/* What nobody wants is not made */
static void listen_to_model(void)
{
	bool wanted = false;
	size_t i;

	for (i=0; i<HUBLIVE_WHOS; i++)
		wanted |= live.whov[i].h != NULL;

	hlive_set_handler(live.model, wanted ? change_handler : NULL, NULL);
}


/**
 * Begin to look at what bridges tell
 *
 * @return 0 if success, otherwise errorcode
 */
int hublive_start(void)
{
	int err;

	tmr_init(&live.tmr);
	err = hlive_alloc(&live.model);
	listen_to_model();
	if (!err)
		err = hub_feed_listen(&live.feed, HUB_TOLD_ALL, feed_handler,
				      NULL);
	if (err)
		hublive_stop();

	return err;
}


/**
 * Forget it all
 */
void hublive_stop(void)
{
	tmr_cancel(&live.tmr);
	live.feed  = mem_deref(live.feed);
	live.model = mem_deref(live.model);
}


/**
 * Let somebody be told of what changes
 *
 * @param who Who
 * @param h   Handler, NULL=he is not told any more
 * @param arg Its argument
 */
void hublive_set_handler(enum hublive_who who, hublive_h *h, void *arg)
{
	live.whov[who].h   = h;
	live.whov[who].arg = arg;
	listen_to_model();
}


/**
 * Disks of the hub's own are nearly full, or no longer
 *
 * @param text Which, ""=none
 */
void hublive_disk(const char *text)
{
	hlive_disk(live.model, text, now_ms());
}


/**
 * The hub cannot finish recordings, or can again
 *
 * @param why Why, ""=it can
 */
void hublive_recording_alarm(const char *why)
{
	hlive_recording_alarm(live.model, why, now_ms());
}


/**
 * Get what there is now
 *
 * @return Model, NULL if the hub does not run
 */
const struct hlive *hublive(void)
{
	return live.model;
}


static int no_hub(struct re_printf *pf)
{
	return re_hprintf(pf, "hub     does not run\n");
}


/**
 * Print the calls
 *
 * @param pf     Print function
 * @param unused Unused
 *
 * @return 0 if success, otherwise errorcode
 */
int hublive_print_calls(struct re_printf *pf, void *unused)
{
	(void)unused;

	return live.model ? hlive_print_calls(pf, live.model, now_ms())
		: no_hub(pf);
}


/**
 * Print the extensions
 *
 * @param pf     Print function
 * @param unused Unused
 *
 * @return 0 if success, otherwise errorcode
 */
int hublive_print_exts(struct re_printf *pf, void *unused)
{
	(void)unused;

	return live.model ? hlive_print_exts(pf, live.model, now_ms())
		: no_hub(pf);
}
