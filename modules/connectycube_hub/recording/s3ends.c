/**
 * @file connectycube_hub/recording/s3ends.c
 * Uploads in parts that are given up: ended there, too
 *
 *   ROOT/.upload/UUID.json --> UUID.XXXXXXXX.end --> DELETE --> gone
 *
 * Whoever keeps the parts would be paid for what nobody can see. An upload is
 * put aside for that when its recording is given up, is no more or has become
 * another file; what the server does not take now is tried again, after the
 * next start, too.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include <re_sys.h>
#include <re_tmr.h>
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

	(void)rename(from, to);
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


/* True if there is nothing more to do */
static bool end_one(struct hub_s3 *s3, const char *file)
{
	json_t *j = json_load_file(file, 0, NULL);
	const char *upload = json_string_value(json_object_get(j, "upload"));
	char path[4096], id[3 * S3_UPLOAD], query[sizeof(id) + 16];
	char why[HUB_WHY];
	struct s3_req rq = {.method = "DELETE", .path = path, .query = query,
		.hash = S3_HASH_NONE, .fd = -1};
	bool done = true;

	if (!upload || sigv4_encode_value(id, sizeof(id), upload) ||
	    path_of(path, sizeof(path), s3, json_string_value(
			json_object_get(j, "object"))))
		goto out;

	(void)re_snprintf(query, sizeof(query), "uploadId=%s", id);
	done = s3_request(s3, &rq, why, sizeof(why)) == HUB_GIVEN ||
		rq.status == GONE;
	if (done)
		clog_info("hub: s3: an upload that was given up is ended:"
			  " %s\n", path);

 out:
	json_decref(j);

	return done;
}


/* Set to the path of the next one */
static bool next_file(char *file, size_t size, DIR *dir, const char *root)
{
	struct dirent *de;

	while ((de = readdir(dir))) {

		const size_t n = strlen(de->d_name);

		if (n > 4 && !strcmp(de->d_name + n - 4, ".end") &&
		    re_snprintf(file, size, "%s/.upload/%s", root,
				de->d_name) > 0)
			return true;
	}

	return false;
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
	struct hub_s3 *s3 = arg;
	char path[PLACE_PATH], file[PLACE_PATH];
	bool failed = false;
	unsigned n = 0;
	DIR *dir;

	if (re_snprintf(path, sizeof(path), "%s/.upload", s3->cfg->root) < 0)
		return 0;

	dir = opendir(path);
	if (!dir)
		return 0;

	while (!failed && n++ < AT_ONCE &&
	       next_file(file, sizeof(file), dir, s3->cfg->root)) {

		failed = !end_one(s3, file);
		if (!failed)
			(void)unlink(file);
	}

	(void)closedir(dir);

	s3->ends = failed ? s3->ends + 1 : 0;

	return failed ? hub_backoff(s3->ends, AGAIN_FIRST, AGAIN_MOST) :
		n > AT_ONCE ? 1 : 0;
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
