/**
 * @file connectycube_hub/recording/scan.c
 * What there is in the spool, and what has been there
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sqlite3.h>
#include <re.h>
#include "base/filelock.h"
#include "base/log.h"
#include "base/text.h"
#include "../clock.h"
#include "../hub.h"
#include "recfacts.h"
#include "recstore.h"
#include "recording.h"
#include "child.h"
#include "place.h"


static void raw_destructor(void *data)
{
	struct hrec_raw *raw = data;

	list_unlink(&raw->le);
}


static void destructor(void *data)
{
	struct hrec_scan *sc = data;

	list_unlink(&sc->le);
	list_flush(&sc->rawl);
	list_flush(&sc->recentl);
}


/**
 * Make a look at it all
 *
 * @param sp Pointer to it, freed by mem_deref()
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_scan_alloc(struct hrec_scan **sp)
{
	*sp = mem_zalloc(sizeof(**sp), destructor);

	return *sp ? 0 : ENOMEM;
}


/**
 * Is it the name of a raw file?
 *
 * @param name Name in a folder
 *
 * @return True if so
 */
bool hrec_is_raw(const char *name)
{
	const size_t n = strcspn(name, ".");

	return !strcmp(name + n, ".rec") && uuid_is(name, n);
}


/**
 * Is it being written? A file whose writer is there is locked; nobody waits
 * for it
 *
 * @param dirfd Folder
 * @param name  Name there
 *
 * @return True if so
 */
bool hrec_is_written(int dirfd, const char *name)
{
	const int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
			      O_NONBLOCK);
	bool written;

	if (fd < 0)
		return false;

	written = flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
	(void)close(fd);

	return written;
}


static void add_raw(struct hrec_scan *sc, const char *id, size_t len)
{
	struct hrec_raw *raw = mem_zalloc(sizeof(*raw), raw_destructor);

	if (!raw)
		return;

	memcpy(raw->id, id, len);
	list_append(&sc->rawl, &raw->le, raw);
}


static int look_at_spool(struct hrec_scan *sc, const char *spool)
{
	struct dirent *de;
	DIR *dir;

	dir = opendir(spool);
	if (!dir)
		return errno == ENOENT ? 0 : errno;

	while (list_count(&sc->rawl) < REC_RAW_MAX && (de = readdir(dir))) {

		if (!hrec_is_raw(de->d_name))
			continue;

		if (hrec_is_written(dirfd(dir), de->d_name))
			++sc->writing;
		else
			add_raw(sc, de->d_name, strcspn(de->d_name, "."));
	}

	(void)closedir(dir);

	return 0;
}


/* Two hubs would finish each twice */
static int lock_spool(const char *spool, int *lockp)
{
	char path[PLACE_PATH];
	int err;

	if (*lockp >= 0)
		return 0;

	err = place_path(path, sizeof(path), spool, "hub");
	if (!err)
		err = file_lock(lockp, path);

	return err;
}


/* Bridges leave recordings here: nobody is to wait for the first one to hear
   that nothing can be made of it */
static void look_at_program(struct hrec_scan *sc, const struct hrec_config *cfg)
{
	const int err = child_find(cfg->program);

	if (err)
		(void)re_snprintf(sc->program, sizeof(sc->program),
				  "connectycube_hub_recording_program: %s"
				  " cannot be run: %m; recordings wait in %s",
				  cfg->program, err, cfg->spool);
}


static int spool(struct hrec_scan *sc, const struct hrec_config *cfg, bool sound,
		 int *lockp)
{
	uint32_t back;
	int err;

	err = lock_spool(cfg->spool, lockp);
	if (err == ENOENT)
		return 0;
	if (err == EBUSY) {
		(void)re_snprintf(sc->why, sizeof(sc->why), "%s: another hub"
				  " has it", cfg->spool);
		return err;
	}

	look_at_program(sc, cfg);
	if (!err && sc->retry) {
		err = hrec_aside_back(cfg->spool, &back);
		sc->retry = err != 0;
		if (!err)
			clog_info("hub: %u %s tried again\n", back,
				  text_plural(back, "recording that was set"
					" aside is", "recordings that were set"
					" aside are"));
	}
	if (!err) {
		sc->writing += hrec_collect(cfg->spool);
		err = look_at_spool(sc, cfg->spool);
	}
	if (!err)
		err = hrec_aside_look(cfg->spool, sound ? cfg->bad_days : 0,
				     &sc->aside);
	if (err)
		(void)re_snprintf(sc->why, sizeof(sc->why), "%s: %m",
				  cfg->spool, err);

	return err;
}


static int recent_handler(int64_t seq, struct sqlite3_stmt *row, void *arg)
{
	const char *id   = (const char *)sqlite3_column_text(row, 1);
	const char *json = (const char *)sqlite3_column_text(row, 2);
	struct hrec_scan *sc = arg;
	struct hub_record *r;

	if (!hub_record_alloc(&r, id, json))
		list_append(&sc->recentl, &r->le, r);
	sc->seen = seq;

	return 0;
}


/* Those that never had a file come with the records of their calls */
static int recent(struct hrec_scan *sc, struct hub_store *s)
{
	int64_t last;
	int err;

	hub_store_use(s, HUB_RECORDINGS);
	err = hub_store_last(s, &last, sc->why, sizeof(sc->why));
	if (err)
		return err;

	sc->seen = max(sc->seen, last - HUB_RECENT);

	return hub_store_each(s, sc->seen, HUB_RECENT, "id,json",
			      recent_handler, sc, sc->why, sizeof(sc->why));
}


/* What the last process has left; nothing is being worked at yet */
static int look_back(struct hrec_scan *sc, const struct hrec_config *cfg)
{
	char path[PLACE_PATH];
	int err;

	err = place_path(path, sizeof(path), cfg->root, ".work");
	if (!err)
		err = place_clear(path);
	if (err)
		(void)re_snprintf(sc->why, sizeof(sc->why), "%s/.work: %m",
				  cfg->root, err);

	return err;
}


/**
 * Look at what there is
 *
 * @param sc    Look, filled in
 * @param s     Store
 * @param env   What there is
 * @param lockp Lock of the spool, taken if there is a spool; -1=none
 */
void hrec_scan_run(struct hrec_scan *sc, struct hub_store *s,
		  const struct hrec_env *env, int *lockp)
{
	const struct hrec_config *cfg = env->cfg;
	bool sound = false;
	int err;

	err = hub_clock_sound(s, &sound, sc->why, sizeof(sc->why));
	if (!err && sc->first)
		err = look_back(sc, cfg);
	if (!err)
		err = recent(sc, s);
	if (!err)
		err = spool(sc, cfg, sound, lockp);
	if (!err)
		err = hrec_keep(s, cfg, sound, sc->short_of, sc->why,
			       sizeof(sc->why));
	if (!err)
		err = hrec_store_count(s, &sc->finished, &sc->failed, sc->why,
				      sizeof(sc->why));

	sc->err = err;
}
