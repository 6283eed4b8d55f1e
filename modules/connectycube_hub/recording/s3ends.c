/**
 * @file connectycube_hub/recording/s3ends.c
 * Uploads in parts that are given up: ended there, too
 *
 *   ROOT/.upload/UUID.json --> UUID.XXXXXXXX.end --> DELETE --> gone
 *                                       `--> UUID.XXXXXXXX.bad
 *
 * Whoever keeps the parts would be paid for what nobody can see. An upload is
 * put aside for that when its recording is given up, is no more or has become
 * another file; what the server does not take now is tried again, after the
 * next start, too, behind the others. What cannot be ended, since nobody knows
 * which one it is or it is another server's, is left to whoever reads the log.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include <re_sys.h>
#include <re_tmr.h>
#include "base/backoff.h"
#include "base/log.h"
#include "../hub.h"
#include "../sink/courier.h"
#include "place.h"
#include "sigv4.h"
#include "s3.h"


enum {
	AT_ONCE = 16,           /**< Of a run                              */
	AGAIN_FIRST = 10000,    /**< After it has failed [ms]              */
	AGAIN_MOST = 600000,    /**< Longest [ms]                          */
	GONE = 404,             /**< Status: there is no such upload       */
	NAME = 64,              /**< Size of a file's name [bytes]         */
};

/** An upload that is to be ended */
struct ending {
	char name[NAME];        /**< Of its file                           */
	struct timespec tried;  /**< When it was put aside, or tried last  */
};

/** What there is to end */
struct endings {
	struct ending v[AT_ONCE]; /**< The first ones                      */
	size_t n;               /**< How many these are                    */
	size_t all;             /**< How many there are                    */
};


/**
 * Put an upload aside: it is ended with the next s3_ends_run()
 *
 * @param s3 S3
 * @param id Of the recording
 */
void s3_ends_add(const struct hub_s3 *s3, const char *id)
{
	char from[PLACE_PATH], to[PLACE_PATH];

	if (re_snprintf(from, sizeof(from), "%s/.upload/%s.json",
			s3->cfg->root, id) < 0 ||
	    re_snprintf(to, sizeof(to), "%s/.upload/%s.%08x.end",
			s3->cfg->root, id, rand_u32()) < 0)
		return;

	/* most have none */
	if (rename(from, to) && errno != ENOENT)
		clog_warning("hub: s3: %s: %m; its upload is not ended\n",
			     from, errno);
}


/* Set to what it is called there; another server's is not ours to end */
static int path_of(char *path, size_t size, const struct hub_s3 *s3,
		   const char *url)
{
	const size_t n = strlen(s3->base);

	if (!url || strncmp(url, s3->base, n) || url[n] != '/' ||
	    strlen(url + n) >= size)
		return EINVAL;

	str_ncpy(path, url + n, size);

	return 0;
}


static int load(json_t **jp, int dirfd, const char *name)
{
	const int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
			      O_NONBLOCK);
	FILE *f;
	int err;

	if (fd < 0)
		return errno;

	f = fdopen(fd, "r");
	if (!f) {
		err = errno;
		(void)close(fd);
		return err;
	}

	*jp = json_loadf(f, 0, NULL);
	err = *jp ? 0 : ferror(f) ? EIO : EBADMSG;
	(void)fclose(f);

	return err;
}


/* One that stays in the way is not to be looked at again at once */
static enum hub_given cannot(const char *name, char *why, size_t size, int err)
{
	(void)re_snprintf(why, size, ".upload/%s: %m", name, err);

	return HUB_GIVEN_REFUSED;
}


/* Nothing more can be done here: nobody else knows of it */
static enum hub_given leave(int dirfd, const char *name, const char *what,
			    char *why, size_t size)
{
	const int n = (int)strlen(name) - 4;
	char bad[NAME + 8];

	(void)re_snprintf(bad, sizeof(bad), "%b.bad", name, (size_t)n);
	if (renameat(dirfd, name, dirfd, bad))
		return cannot(name, why, size, errno);

	clog_warning("hub: s3: an upload that was given up cannot be ended:"
		     " %s; it stays there, and .upload/%s here\n", what, bad);

	return HUB_GIVEN;
}


static enum hub_given end_upload(struct hub_s3 *s3, const json_t *j,
				 const char *path, char *why, size_t size)
{
	char id[3 * S3_UPLOAD], query[sizeof(id) + 16];
	struct s3_req rq = {.method = "DELETE", .path = path, .query = query,
		.hash = S3_HASH_NONE, .fd = -1};
	enum hub_given given;

	if (sigv4_encode_value(id, sizeof(id), json_string_value(
			json_object_get(j, "upload")))) {
		(void)re_snprintf(why, size, "its id is too long");
		return HUB_GIVEN_REFUSED;
	}

	(void)re_snprintf(query, sizeof(query), "uploadId=%s", id);
	given = s3_request(s3, &rq, why, size);
	if (given == HUB_GIVEN || rq.status == GONE) {
		clog_info("hub: s3: an upload that was given up is ended:"
			  " %s\n", path);
		return HUB_GIVEN;
	}

	/* the server is there, and others may be ended */
	return rq.status ? HUB_GIVEN_REFUSED : given;
}


static enum hub_given end_one(struct hub_s3 *s3, int dirfd, const char *name,
			      char *why, size_t size)
{
	enum hub_given given = HUB_GIVEN;
	char path[4096], text[256];
	const char *object;
	json_t *j = NULL;
	int err;

	err = load(&j, dirfd, name);
	object = json_string_value(json_object_get(j, "object"));

	if (err && err != EBADMSG) {
		given = cannot(name, why, size, err);
	}
	else if (!object || !json_string_value(json_object_get(j, "upload"))) {
		given = leave(dirfd, name, "nothing tells which one it is",
			      why, size);
	}
	else if (path_of(path, sizeof(path), s3, object)) {
		(void)re_snprintf(text, sizeof(text), "connectycube_hub_s3_url"
				  " was another one: %s", object);
		given = leave(dirfd, name, text, why, size);
	}
	else {
		given = end_upload(s3, j, path, why, size);
		if (given == HUB_GIVEN && unlinkat(dirfd, name, 0) &&
		    errno != ENOENT)
			given = cannot(name, why, size, errno);
	}

	json_decref(j);

	return given;
}


static bool is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec ||
		(a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}


/* Those that wait longest come first, of all that there are */
static void add(struct endings *e, const char *name, const struct stat *st)
{
	size_t i = e->n < AT_ONCE ? e->n++ : AT_ONCE;

	for (; i && is_before(&st->st_mtim, &e->v[i - 1].tried); i--) {
		if (i < AT_ONCE)
			e->v[i] = e->v[i - 1];
	}

	if (i < AT_ONCE) {
		str_ncpy(e->v[i].name, name, sizeof(e->v[i].name));
		e->v[i].tried = st->st_mtim;
	}
}


static void find(struct endings *e, DIR *dir)
{
	struct dirent *de;
	struct stat st;

	while ((de = readdir(dir))) {

		const size_t n = strlen(de->d_name);

		if (n <= 4 || n >= NAME || strcmp(de->d_name + n - 4, ".end"))
			continue;
		if (fstatat(dirfd(dir), de->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;

		++e->all;
		add(e, de->d_name, &st);
	}
}


/**
 * End what was put aside; see hub_tidy_h
 *
 * @param arg What uploads (struct hub_s3)
 *
 * @return When it is to be called again [ms], 0=nothing is left
 */
uint32_t hub_s3_tidy(void *arg)
{
	enum hub_given given = HUB_GIVEN;
	struct hub_s3 *s3 = arg;
	struct endings e = {.n = 0};
	char path[PLACE_PATH], why[HUB_WHY] = "";
	size_t i, failed = 0;
	DIR *dir;

	if (re_snprintf(path, sizeof(path), "%s/.upload", s3->cfg->root) < 0)
		return 0;

	dir = opendir(path);
	if (!dir)
		return 0;

	find(&e, dir);
	for (i=0; i<e.n && given != HUB_GIVEN_DOWN; i++) {

		given = end_one(s3, dirfd(dir), e.v[i].name, why,
				sizeof(why));
		if (given == HUB_GIVEN)
			continue;

		++failed;
		(void)utimensat(dirfd(dir), e.v[i].name, NULL, 0);
	}

	(void)closedir(dir);

	if (failed && !s3->ends)
		clog_warning("hub: s3: an upload that was given up is not"
			     " ended, and tried again: %s\n", why);
	s3->ends = failed ? s3->ends + 1 : 0;

	if (e.all > e.n && failed < i)
		return 1;

	return failed ? backoff_time(s3->ends, AGAIN_FIRST, AGAIN_MOST) : 0;
}


/**
 * A recording is given up; see hub_dead_h
 *
 * @param id  Its id
 * @param arg What uploads (struct hub_s3)
 */
void hub_s3_dead(const char *id, void *arg)
{
	s3_ends_add(arg, id);
}
