/**
 * @file log/logwriter.c  Writes the log, on a thread of its own
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <re.h>
#include "base/jobthread.h"
#include "base/log.h"
#include "log/logfile.h"
#include "log/loglevel.h"
#include "log/logwriter.h"


/** What the thread writes to. It is the thread's alone */
struct sink {
	struct logfile filev[CLOG_AREAS];
	struct sockaddr_un addr; /**< journald's                           */
	int sock;               /**< -1=files                              */
	bool one;               /**< One file for all areas                */
};

/** Something to write */
struct job {
	struct le le;           /**< The thread's                          */
	enum clog_area area;    /**< Where                                 */
	bool reopen;            /**< Open the file anew, nothing else      */
	int err;                /**< What came of it                       */
	uint64_t gone;          /**< Lines that were there, and had to go  */
	int gone_err;           /**< ... why                               */
	size_t len;             /**< Length of buf [bytes]                 */
	uint8_t buf[];          /**< What                                  */
};

/** An area, on the loop */
struct area {
	uint64_t lost;          /**< Lines, since the start                */
	uint64_t untold;        /**< ... of which nobody was told          */
	int err;                /**< Why the last one was not written      */
	int anew;               /**< Why the file was begun anew, and not
				     moved away                            */
};

struct logwriter {
	struct jobthread *t;    /**< The thread (owner)                    */
	size_t files;           /**< Number of those                       */
	size_t waiting;         /**< Not written yet [bytes]               */
	struct area areav[CLOG_AREAS];
	logwriter_h *h;         /**< Is told what is lost, or NULL         */
	void *arg;              /**< Handler argument                      */
};


static void sink_destructor(void *data)
{
	struct sink *s = data;
	size_t i;

	for (i=0; i<ARRAY_SIZE(s->filev); i++)
		logfile_close(&s->filev[i]);

	if (s->sock >= 0)
		(void)close(s->sock);
}


static void writer_destructor(void *data)
{
	struct logwriter *w = data;

	jobthread_finish(w->t);
}


static int send_journal(const struct sink *s, const struct job *job)
{
	const ssize_t n = sendto(s->sock, job->buf, job->len, MSG_NOSIGNAL,
				 (const struct sockaddr *)&s->addr,
				 sizeof(s->addr));

	return n < 0 ? errno : 0;
}


static void work_handler(void *data, size_t behind, void *arg)
{
	struct job *job = data;
	struct sink *s = arg;
	struct logfile *f = &s->filev[s->one ? 0 : job->area];
	(void)behind;

	if (job->reopen)
		job->err = s->sock >= 0 || !f->path[0] ? 0 : logfile_open(f);
	else if (s->sock >= 0)
		job->err = send_journal(s, job);
	else
		job->err = logfile_write(f, job->buf, job->len);

	job->gone     = f->gone;
	job->gone_err = f->err;
	f->gone = 0;
}


static void lose(struct logwriter *w, enum clog_area area, int err)
{
	struct area *a = &w->areav[area];
	const bool first = !a->err;

	++a->lost;
	++a->untold;
	a->err = err;

	if (first && w->h)
		w->h(area, err, a->lost, w->arg);
}


static void works(struct logwriter *w, enum clog_area area)
{
	struct area *a = &w->areav[area];
	const uint64_t n = a->untold;

	a->err    = 0;
	a->untold = 0;

	if (n && w->h)
		w->h(area, 0, n, w->arg);
}


/* Once: the next time nobody can be surprised */
static void begun_anew(struct logwriter *w, enum clog_area area,
		       uint64_t n, int err)
{
	struct area *a = &w->areav[area];
	const bool first = !a->anew;

	a->lost   += n;
	a->untold += n;
	a->anew    = err;

	if (first && w->h)
		w->h(area, err, a->lost, w->arg);
}


static void done_handler(void *data, void *arg)
{
	struct logwriter *w = arg;
	struct job *job = data;
	const enum clog_area area = job->area;
	const int err = job->err;
	const bool reopen = job->reopen;

	w->waiting -= job->len;
	if (job->gone)
		begun_anew(w, area, job->gone, job->gone_err);
	mem_deref(job);

	if (reopen) {
		if (err && w->h)
			w->h(area, err, 0, w->arg);
		return;
	}

	if (err)
		lose(w, area, err);
	else
		works(w, area);
}


static int open_files(struct sink *s, const struct logwriter_prm *prm)
{
	size_t i;
	int err = 0;

	if (mkdir(prm->dir, 0750) && errno != EEXIST)
		return errno;

	for (i=0; i<CLOG_AREAS && !err; i++) {

		struct logfile *f = &s->filev[i];

		if (re_snprintf(f->path, sizeof(f->path), "%s/%s.log",
				prm->dir,
				logarea_name((enum clog_area)i)) < 0)
			return ENAMETOOLONG;

		err = logfile_open(f);
	}

	return err;
}


static int open_one(struct sink *s, const struct logwriter_prm *prm)
{
	struct logfile *f = &s->filev[0];

	s->one  = true;
	f->mode = 0600;

	if (!prm->file)
		return logfile_take(f, prm->fd);

	if (re_snprintf(f->path, sizeof(f->path), "%s", prm->file) < 0)
		return ENAMETOOLONG;

	return logfile_open(f);
}


/* Somebody must listen there */
static int open_journal(struct sink *s, const char *path)
{
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = 0;

	if (fd < 0)
		return errno;

	s->addr.sun_family = AF_UNIX;
	if (!path || strlen(path) >= sizeof(s->addr.sun_path))
		err = ENAMETOOLONG;
	else
		strcpy(s->addr.sun_path, path);

	if (!err && connect(fd, (struct sockaddr *)&s->addr,
			    sizeof(s->addr)))
		err = errno;
	(void)close(fd);
	if (err)
		return err;

	/* not connected: journald may be started anew */
	s->sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return s->sock < 0 ? errno : 0;
}


/**
 * Start to write
 *
 * @param wp  Pointer to allocated writer; free it with logwriter_close()
 * @param prm Where lines go
 * @param h   Is told what is lost, or NULL
 * @param arg Its argument
 *
 * @return 0 if success, otherwise why nothing can be written there
 */
int logwriter_alloc(struct logwriter **wp, const struct logwriter_prm *prm,
		    logwriter_h *h, void *arg)
{
	struct logwriter *w = NULL;
	struct sink *s;
	size_t i;
	int err;

	if (!wp || !prm)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), sink_destructor);
	if (!s)
		return ENOMEM;

	s->sock = -1;
	for (i=0; i<CLOG_AREAS; i++)
		logfile_init(&s->filev[i], prm->limit, prm->keep);

	err = prm->dir ? open_files(s, prm) : prm->sock ?
		open_journal(s, prm->sock) : open_one(s, prm);
	if (err)
		goto out;

	w = mem_zalloc(sizeof(*w), writer_destructor);
	if (!w) {
		err = ENOMEM;
		goto out;
	}

	w->h     = h;
	w->arg   = arg;
	w->files = s->one ? 1 : CLOG_AREAS;

	err = jobthread_alloc(&w->t, work_handler, s, done_handler, w);

 out:
	if (err) {
		mem_deref(w);
		mem_deref(s);
	}
	else {
		*wp = w;
	}

	return err;
}


static struct job *job_alloc(enum clog_area area, const uint8_t *buf,
			     size_t len)
{
	struct job *job = mem_zalloc(sizeof(*job) + len, NULL);

	if (!job)
		return NULL;

	job->area = area;
	job->len  = len;
	if (len)
		memcpy(job->buf, buf, len);

	return job;
}


static int push(struct logwriter *w, struct job *job)
{
	int err;

	err = jobthread_push(w->t, &job->le, job);
	if (err)
		mem_deref(job);
	else
		w->waiting += job->len;

	return err;
}


/**
 * Write lines
 *
 * @param w    Writer
 * @param area Area
 * @param mb   All of it: lines with their ends, or what journald takes
 *
 * @return 0 if success, otherwise errorcode: they are lost, and counted
 */
int logwriter_put(struct logwriter *w, enum clog_area area,
		  const struct mbuf *mb)
{
	struct job *job;
	int err;

	if (!w || (size_t)area >= CLOG_AREAS || !mb)
		return EINVAL;

	if (w->waiting + mb->end > LOGWRITER_BYTES) {
		lose(w, area, ENOBUFS);
		return ENOBUFS;
	}

	job = job_alloc(area, mb->buf, mb->end);
	err = job ? push(w, job) : ENOMEM;
	if (err)
		lose(w, area, err);

	return err;
}


/**
 * Open all files anew, since they have been moved away
 *
 * @param w Writer
 *
 * @return 0 if success, otherwise errorcode
 */
int logwriter_reopen(struct logwriter *w)
{
	size_t i;
	int err = 0;

	if (!w)
		return EINVAL;

	for (i=0; i<w->files && !err; i++) {

		struct job *job = job_alloc((enum clog_area)i, NULL, 0);

		if (!job)
			return ENOMEM;

		job->reopen = true;
		err = push(w, job);
	}

	return err;
}


/**
 * Does anything wait to be written?
 *
 * @param w Writer
 *
 * @return True if so
 */
bool logwriter_waits(const struct logwriter *w)
{
	return w && w->waiting;
}


/**
 * Get the number of lines that were lost
 *
 * @param w    Writer
 * @param area Area
 *
 * @return Number of lines since the start
 */
uint64_t logwriter_lost(const struct logwriter *w, enum clog_area area)
{
	return w && (size_t)area < CLOG_AREAS ? w->areav[area].lost : 0;
}


/**
 * Write what waits, and end. jobthread_wait() waits for that
 *
 * @param w Writer, may be NULL
 */
void logwriter_close(struct logwriter *w)
{
	if (!w)
		return;

	w->h = NULL;
	mem_deref(w);
}
