/**
 * @file log/flightfile.c  Files of the flight recorder, on a thread
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>
#include <re.h>
#include "base/fdwrite.h"
#include "base/log.h"
#include "base/wire.h"
#include "log/logfile.h"
#include "log/logrec.h"
#include "log/flight.h"


enum {
	FUTURE = 600000,        /**< What is later is not of this time [ms] */
};


static void destructor(void *data)
{
	struct flight_job *job = data;

	list_unlink(&job->le);
	mem_deref(job->mb);
}


/**
 * Allocate a file to be written
 *
 * @param size About how long it is [bytes]
 *
 * @return It, NULL if there is no memory
 */
struct flight_job *flight_job_alloc(size_t size)
{
	struct flight_job *job = mem_zalloc(sizeof(*job), destructor);

	if (!job)
		return NULL;

	job->mb = mbuf_alloc(size);

	return job->mb ? job : mem_deref(job);
}


static int is_ours(const struct dirent *de)
{
	const char *name = de->d_name, *end = strrchr(name, '.');

	return !strncmp(name, "flight-", 7) && end &&
		(!strcmp(end, ".log") || !strcmp(end, ".json"));
}


/* Ours may have the name of one of the same moment that has gone */
static bool remove_file(const struct flight_job *job, const char *name)
{
	char path[1024];

	return re_snprintf(path, sizeof(path), "%s/%s", job->dir, name) > 0 &&
		strcmp(path, job->path) && !unlink(path);
}


/* The first of those that are of a time to come: the clock was set back. What
   others have written meanwhile is none */
static int find_future(struct dirent **v, int n, const struct flight_job *job)
{
	struct flight_job later = {.call = 0};
	char path[sizeof(job->path)];
	int i;

	(void)str_ncpy(later.dir, job->dir, sizeof(later.dir));
	later.wall = job->wall + FUTURE;
	if (flight_job_path(path, sizeof(path), &later, ""))
		return n;

	for (i=0; i<n; i++) {
		if (strcmp(v[i]->d_name, strrchr(path, '/') + 1) > 0)
			break;
	}

	return i;
}


/* Names begin with the time: the first ones are the oldest, but for those of a
   time to come, which are older */
static void prune(const struct flight_job *job)
{
	struct dirent **v = NULL;
	int i, n, left, future;

	left = n = scandir(job->dir, &v, is_ours, alphasort);
	future = find_future(v, n, job);

	for (i=0; i<n; i++) {

		const int k = (i + future) % n;

		if ((uint32_t)left > job->keep &&
		    remove_file(job, v[k]->d_name))
			--left;
		free(v[k]);
	}
	free(v);
}


/**
 * Name a file
 *
 * @param path Set to its path
 * @param size Room there [bytes]
 * @param job  What is known of it: dir, wall, call, json
 * @param more Makes it another one than one of the same moment
 *
 * @return 0 if success, ENAMETOOLONG
 */
int flight_job_path(char *path, size_t size, const struct flight_job *job,
		    const char *more)
{
	const time_t t = (time_t)(job->wall / 1000);
	char when[32] = "";
	struct tm tm;

	if (gmtime_r(&t, &tm))
		(void)strftime(when, sizeof(when), "%Y%m%dT%H%M%S", &tm);

	return re_snprintf(path, size, "%s/flight-%s.%03uZ-%u%s.%s",
			   job->dir, when, (unsigned)(job->wall % 1000),
			   job->call, more, job->json ? "json" : "log") < 0 ?
		ENAMETOOLONG : 0;
}


/* Nobody else's is overwritten: several bridges may share a folder */
static int create(struct flight_job *job)
{
	char more[8] = "";
	unsigned i;
	int fd;

	if (mkdir(job->dir, 0750) && errno != EEXIST)
		return -1;

	for (i=1; i<100; i++) {

		errno = flight_job_path(job->path, sizeof(job->path), job,
					more);
		if (errno)
			return -1;

		fd = open(job->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			  0640);
		if (fd >= 0 || errno != EEXIST)
			return fd;

		(void)re_snprintf(more, sizeof(more), "_%u", i + 1);
	}

	return -1;
}


/**
 * Write a file
 *
 * @param job File
 */
void flight_job_do(struct flight_job *job)
{
	const int fd = create(job);

	if (fd < 0) {
		job->err = errno;
		return;
	}

	job->err = fdwrite(fd, job->mb->buf, job->mb->end, NULL);
	if (close(fd) && !job->err)
		job->err = errno;

	if (job->err)
		(void)unlink(job->path);
	else
		prune(job);
}
