/**
 * @file connectycube_hub/recording/keep.c
 * Recordings that have been kept long enough
 *
 * Removed are the oldest first; with an upload only what is there, unless the
 * configuration says so. A file that is gone already counts as removed: that
 * is what a crash leaves. One that cannot be removed holds up no other, and
 * nothing else: it is said, and tried again.
 */
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "../hub.h"
#include "recfacts.h"
#include "recstore.h"
#include "recording.h"
#include "place.h"


enum {
	AT_ONCE = 1000,         /**< Files of a run                        */
	FAULTS = 100,           /**< ... that could not be removed         */
	MOST = 90,              /**< Of a disk can be kept free [%]        */
};

/** Why some are removed */
struct rule {
	const char *reason;     /**< For log and database                  */
	int64_t before;         /**< They have begun before [ms]           */
	bool sent;              /**< Only what has been uploaded           */
};

/** A run */
struct run {
	struct hub_store *s;    /**< Store (pointer)                       */
	const struct hrec_config *cfg; /**< Configuration (pointer)        */
	const struct rule *rule; /**< What is removed (pointer)            */
	struct hrec_old old;    /**< The last that was tried; no file      */
	unsigned removed;       /**< How many have been                    */
	unsigned faults;        /**< ... could not be                      */
	char *fault;            /**< Set to why (HUB_WHY bytes)            */
	char *why;              /**< Set to what is wrong                  */
	size_t size;            /**< Room there [bytes]                    */
};


/* ENOENT: there is none. Those that could not be removed are passed by */
static int remove_one(struct run *run)
{
	const struct rule *r = run->rule;
	struct hrec_old *old = &run->old;
	int err;

	err = hrec_store_old(run->s, old, run->faults > 0, r->before, r->sent,
			     run->why, run->size);
	if (err)
		return err;

	err = place_remove(run->cfg->root, old->file);
	if (err) {
		if (!run->faults++)
			(void)re_snprintf(run->fault, HUB_WHY, "%s/%s cannot"
					  " be removed: %m", run->cfg->root,
					  old->file, err);
		err = 0;
	}
	else {
		++run->removed;
		err = hrec_store_removed(run->s, old->seq, r->reason, run->why,
					 run->size);
		if (!err)
			clog_info("hub: recording %s is removed (%s): %s\n",
				  old->id, r->reason, old->file);
	}

	old->file = mem_deref(old->file);

	return err;
}


static bool goes_on(const struct run *run)
{
	return run->removed < AT_ONCE && run->faults < FAULTS;
}


static int remove_all(struct run *run)
{
	int err = 0;

	while (!err && goes_on(run))
		err = remove_one(run);

	return err == ENOENT ? 0 : err;
}


/* What is missing; *errp is EDOM if that can never be */
static bool is_short(const struct hrec_config *cfg, int *errp)
{
	struct statvfs sv;
	uint64_t all, want;

	if (statvfs(cfg->root, &sv))
		return false;

	all  = (uint64_t)sv.f_blocks * sv.f_frsize;
	want = cfg->free_percent ? all / 100 * cfg->free_percent
		: cfg->free_mb << 20;

	if (want > all / 100 * MOST) {
		*errp = EDOM;
		return false;
	}

	return (uint64_t)sv.f_bavail * sv.f_frsize < want;
}


static int make_room(struct run *run, char *short_of)
{
	const struct hrec_config *cfg = run->cfg;
	int err = 0;

	while (!err && goes_on(run) && is_short(cfg, &err))
		err = remove_one(run);

	if (err == EDOM)
		str_ncpy(short_of, "connectycube_hub_recording_free is more"
			 " than nine tenths of the disk: nothing is removed"
			 " for it", HUB_WHY);
	else if (err == ENOENT && !run->faults)
		(void)re_snprintf(short_of, HUB_WHY, "the disk has less free"
				  " than connectycube_hub_recording_free %s,"
				  " and there is no recording to remove%s",
				  cfg->free, run->rule->sent ? " that is uploaded"
				  : "");

	return err == EDOM || err == ENOENT ? 0 : err;
}


/**
 * Remove what has been kept long enough
 *
 * @param s        Store
 * @param cfg      Configuration
 * @param sound    The clock tells how old they are
 * @param short_of Set to why the disk is not as free as it should be, or what
 *                 cannot be removed, if so (HUB_WHY bytes)
 * @param why      Set to what is wrong
 * @param size     Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_keep(struct hub_store *s, const struct hrec_config *cfg, bool sound,
	     char *short_of, char *why, size_t size)
{
	const bool sent = cfg->s3_url && !cfg->unsent;
	const struct rule uploaded = {"uploaded", INT64_MAX, true};
	const int64_t now = (int64_t)(wall_us() / 1000);
	const struct rule old = {"old enough", now - cfg->days * 86400000ll,
		sent};
	const struct rule room = {"the disk is short", INT64_MAX, sent};
	const struct run begin = {.s = s, .cfg = cfg, .fault = short_of,
		.why = why, .size = size};
	struct run run = begin;
	int err = 0;

	if (cfg->s3_remove) {
		run.rule = &uploaded;
		err = remove_all(&run);
	}
	if (!err && cfg->days && sound)
		err = hrec_store_come_now(s, now, why, size);
	if (!err && cfg->days && sound) {
		run = begin;
		run.rule = &old;
		err = remove_all(&run);
	}
	if (!err && cfg->free) {
		run = begin;
		run.rule = &room;
		err = make_room(&run, short_of);
	}

	return err;
}
