/**
 * @file connectycube_hub/recording/keep.c
 * Recordings that have been kept long enough
 *
 * Removed are the oldest first; with an upload only what is there, unless the
 * configuration says so. A file that is gone already counts as removed: that
 * is what a crash leaves.
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
	MOST = 90,              /**< Of a disk can be kept free [%]        */
};

/** Why some are removed */
struct rule {
	const char *reason;     /**< For log and database                  */
	int64_t before;         /**< They have begun before [ms]           */
	bool sent;              /**< Only what has been uploaded           */
};


/* ENOENT: there is none */
static int remove_one(struct hub_store *s, const struct hrec_config *cfg,
		      const struct rule *r, char *why, size_t size)
{
	struct hrec_old old;
	int err;

	err = hrec_store_old(s, &old, r->before, r->sent, why, size);
	if (err)
		return err;

	err = place_remove(cfg->root, old.file);
	if (err)
		(void)re_snprintf(why, size, "%s/%s: %m", cfg->root, old.file,
				  err);
	if (!err)
		err = hrec_store_removed(s, old.seq, r->reason, why, size);
	if (!err)
		clog_info("hub: recording %s is removed (%s): %s\n", old.id,
			  r->reason, old.file);

	mem_deref(old.file);

	return err;
}


static int remove_all(struct hub_store *s, const struct hrec_config *cfg,
		      const struct rule *r, char *why, size_t size)
{
	unsigned n;
	int err = 0;

	for (n=0; n<AT_ONCE && !err; n++)
		err = remove_one(s, cfg, r, why, size);

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


static int make_room(struct hub_store *s, const struct hrec_config *cfg,
		     bool sent, char *short_of, char *why, size_t size)
{
	const struct rule rule = {"the disk is short", INT64_MAX, sent};
	unsigned n;
	int err = 0;

	for (n=0; n<AT_ONCE && !err && is_short(cfg, &err); n++)
		err = remove_one(s, cfg, &rule, why, size);

	if (err == EDOM)
		str_ncpy(short_of, "connectycube_hub_recording_free is more"
			 " than nine tenths of the disk: nothing is removed"
			 " for it", HUB_WHY);
	else if (err == ENOENT)
		(void)re_snprintf(short_of, HUB_WHY, "the disk has less free"
				  " than connectycube_hub_recording_free %s,"
				  " and there is no recording to remove%s",
				  cfg->free, sent ? " that is uploaded" : "");

	return err == EDOM || err == ENOENT ? 0 : err;
}


/**
 * Remove what has been kept long enough
 *
 * @param s        Store
 * @param cfg      Configuration
 * @param sound    The clock tells how old they are
 * @param short_of Set to why the disk is not as free as it should be, if so
 *                 (HUB_WHY bytes)
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
	const struct rule old = {"old enough", (int64_t)(wall_us() / 1000) -
		cfg->days * 86400000ll, sent};
	int err = 0;

	if (cfg->s3_remove)
		err = remove_all(s, cfg, &uploaded, why, size);
	if (!err && cfg->days && sound)
		err = remove_all(s, cfg, &old, why, size);
	if (!err && cfg->free)
		err = make_room(s, cfg, sent, short_of, why, size);

	return err;
}
