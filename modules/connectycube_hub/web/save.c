/**
 * @file connectycube_hub/web/save.c  What is kept on a disk, by a thread
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "base/fdwrite.h"
#include "base/folder.h"
#include "base/jobthread.h"
#include "base/log.h"
#include "route.h"
#include "web.h"


enum {
	MODE = 0600,            /**< Nobody else's business                */
	JOBS_MAX = 1024,        /**< That may wait                         */
};

/** Something to be written */
struct save_job {
	struct le le;           /**< Member of the thread's lists          */
	char *path;             /**< File (owned)                          */
	struct mbuf *mb;        /**< What (owned)                          */
	bool whole;             /**< It is all of the file; or a line more */
	int err;                /**< What came of it                       */
};


static void destructor(void *data)
{
	struct save_job *job = data;

	list_unlink(&job->le);
	mem_deref(job->path);
	mem_deref(job->mb);
}


static int write_fd(int fd, const struct mbuf *mb)
{
	size_t done;
	int err;

	err = fdwrite(fd, mb->buf, mb->end, &done);
	if (!err && fdatasync(fd))
		err = errno;
	if (close(fd) && !err)
		err = errno;

	return err;
}


static int write_line(const struct save_job *job)
{
	const int fd = open(job->path, O_WRONLY | O_APPEND | O_CREAT |
			    O_CLOEXEC | O_NOFOLLOW, MODE);

	return fd < 0 ? errno : write_fd(fd, job->mb);
}


/* All of it or what there was before */
static int write_whole(const struct save_job *job)
{
	char tmp[512];
	int fd, err;

	if (re_snprintf(tmp, sizeof(tmp), "%s.tmp", job->path) < 0)
		return ENAMETOOLONG;

	(void)unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		  MODE);
	if (fd < 0)
		return errno;

	err = write_fd(fd, job->mb);
	if (!err && rename(tmp, job->path))
		err = errno;
	if (err)
		(void)unlink(tmp);

	return err ? err : folder_sync(job->path);
}


static void work_handler(void *data, size_t behind, void *work)
{
	struct save_job *job = data;
	(void)behind;
	(void)work;

	job->err = job->whole ? write_whole(job) : write_line(job);
}


static void done_handler(void *data, void *arg)
{
	struct save_job *job = data;
	(void)arg;

	if (job->err)
		clog_warning("hub: http: %s cannot be written: %m\n",
			     job->path, job->err);
	mem_deref(job);
}


/**
 * Make the thread
 *
 * @param tp Pointer to it, ended by jobthread_finish()
 *
 * @return 0 if success, otherwise errorcode
 */
int web_save_alloc(struct jobthread **tp)
{
	return jobthread_alloc(tp, work_handler, NULL, done_handler, NULL);
}


/**
 * Does so much wait to be written that there may be no room for more?
 *
 * @param t Thread
 *
 * @return True if so: what is to be kept of it is not to be begun. There is
 *         room for what has been begun
 */
bool web_save_is_behind(const struct jobthread *t)
{
	return jobthread_waiting(t) >= JOBS_MAX / 2;
}


static int save(struct jobthread *t, const char *path, struct mbuf *mb,
		bool whole)
{
	struct save_job *job;
	int err;

	job = mem_zalloc(sizeof(*job), destructor);
	if (!job) {
		mem_deref(mb);
		return ENOMEM;
	}

	job->mb    = mb;
	job->whole = whole;
	err = t && mb ? str_dup(&job->path, path) : EINVAL;
	if (!err && jobthread_waiting(t) >= JOBS_MAX)
		err = ENOBUFS;
	if (!err)
		err = jobthread_push(t, &job->le, job);
	if (err)
		mem_deref(job);

	return err;
}


/**
 * Write a file, all of it
 *
 * @param t    Thread
 * @param path Path of the file
 * @param mb   What is in it from then on; its reference is taken
 *
 * @return 0 if it will be tried, otherwise errorcode
 */
int web_save_file(struct jobthread *t, const char *path, struct mbuf *mb)
{
	return save(t, path, mb, true);
}


/**
 * Add a line to a file
 *
 * @param t    Thread
 * @param path Path of the file
 * @param mb   Line, with its end; its reference is taken
 *
 * @return 0 if it will be tried, otherwise errorcode
 */
int web_save_line(struct jobthread *t, const char *path, struct mbuf *mb)
{
	return save(t, path, mb, false);
}
