/**
 * @file connectycube_hub/recording/aside.c
 * Recordings that nothing can be made of
 *
 *   SPOOL/bad/UUID.rec   as it was
 *   SPOOL/bad/UUID.txt   why
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>
#include <re.h>
#include "base/folder.h"
#include "base/fdwrite.h"
#include "base/log.h"
#include "../hub.h"
#include "recfacts.h"
#include "recstore.h"
#include "recording.h"
#include "place.h"


enum {
	DAY = 86400,            /**< [s]                                   */
};

/** Takes one that is set aside: its path, and what it would be in the spool */
typedef void (aside_h)(const char *id, const char *path, void *arg);

/** A look at them */
struct look {
	const char *spool;
	time_t before;          /**< Older ones go, 0=none do              */
	uint32_t n;             /**< Those that stay, or came back         */
};


static void bad_path(char *path, size_t size, const char *spool,
		     const char *id, const char *suffix)
{
	if (re_snprintf(path, size, "%s/bad/%s%s", spool, id, suffix) < 0)
		path[0] = '\0';
}


/* It can be read in the database, too */
static void write_reason(const char *spool, const char *id, const char *why)
{
	char path[PLACE_PATH];
	int fd;

	bad_path(path, sizeof(path), spool, id, ".txt");
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
		  O_NOFOLLOW, 0640);
	if (fd < 0)
		return;

	(void)fdwrite(fd, why, strlen(why), NULL);
	(void)fdwrite(fd, "\n", 1, NULL);
	(void)close(fd);
}


static int move(const char *spool, const char *id)
{
	char from[PLACE_PATH], to[PLACE_PATH];
	int err;

	if (re_snprintf(from, sizeof(from), "%s/%s.rec", spool, id) < 0)
		return ENAMETOOLONG;

	bad_path(to, sizeof(to), spool, id, ".rec");
	err = place_folders(spool, "bad/x");
	if (!err && rename(from, to))
		err = errno;
	if (!err)
		err = folder_sync(to);

	return err;
}


/**
 * Set a recording aside; that is told as any other
 *
 * @param job Which one, and why; its `json` is set
 * @param s   Store
 * @param env What there is
 * @param f   What is known of it
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_aside(struct hrec_job *job, struct hub_store *s,
	      const struct hrec_env *env, const struct hrec_facts *f)
{
	const struct hrec_stored stored = {.reason = job->why};
	struct hrec_facts facts = *f;
	enum hrec_known known;
	char why[HUB_WHY] = "";
	int err;

	str_ncpy(facts.id, job->id, sizeof(facts.id));

	err = hrec_store_known(s, &known, job->id, why, sizeof(why));
	if (!err && known == REC_UNKNOWN)
		err = hrec_facts_tell(&job->json, &facts, NULL, &stored);
	if (!err && job->json)
		err = hrec_store_finish(s, job->id, job->json, why,
				       sizeof(why));
	if (!err)
		err = move(env->cfg->spool, job->id);
	if (!err) {
		write_reason(env->cfg->spool, job->id, job->why);
		return 0;
	}

	job->json = mem_deref(job->json);
	if (why[0])
		str_ncpy(job->why, why, sizeof(job->why));

	return err;
}


static int each(const char *spool, aside_h *h, void *arg)
{
	char path[PLACE_PATH], id[UUID_SIZE];
	struct dirent *de;
	DIR *dir;

	if (place_path(path, sizeof(path), spool, "bad"))
		return ENAMETOOLONG;

	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? 0 : errno;

	while ((de = readdir(dir))) {

		const size_t n = strcspn(de->d_name, ".");

		if (strcmp(de->d_name + n, ".rec") ||
		    !uuid_is(de->d_name, n))
			continue;

		memcpy(id, de->d_name, n);
		id[n] = '\0';
		bad_path(path, sizeof(path), spool, id, ".rec");
		h(id, path, arg);
	}

	(void)closedir(dir);

	return 0;
}


static void drop_reason(const char *spool, const char *id)
{
	char path[PLACE_PATH];

	bad_path(path, sizeof(path), spool, id, ".txt");
	(void)unlink(path);
}


static void back_handler(const char *id, const char *path, void *arg)
{
	struct look *l = arg;
	char to[PLACE_PATH];

	if (re_snprintf(to, sizeof(to), "%s/%s.rec", l->spool, id) < 0 ||
	    folder_rename_new(path, to))
		return;

	drop_reason(l->spool, id);
	++l->n;
}


/**
 * Have all that were set aside tried again
 *
 * @param spool Spool
 * @param np    Set to how many
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_aside_back(const char *spool, uint32_t *np)
{
	struct look l = {.spool = spool};
	const int err = each(spool, back_handler, &l);

	*np = l.n;

	return err;
}


static void look_handler(const char *id, const char *path, void *arg)
{
	struct look *l = arg;
	struct stat st;

	if (!l->before || stat(path, &st) || st.st_mtime >= l->before ||
	    unlink(path)) {
		++l->n;
		return;
	}

	drop_reason(l->spool, id);
	clog_info("hub: recording %s: what was set aside of it is removed:"
		  " connectycube_hub_recording_bad_days\n", id);
}


/**
 * Look at those that were set aside: the oldest go
 *
 * @param spool Spool
 * @param days  They are kept, 0=for ever
 * @param np    Set to how many there are
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_aside_look(const char *spool, uint32_t days, uint32_t *np)
{
	struct look l = {.spool = spool};
	int err;

	if (days)
		l.before = time(NULL) - (time_t)days * DAY;

	err = each(spool, look_handler, &l);
	*np = l.n;

	return err;
}
