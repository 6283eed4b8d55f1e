/**
 * @file connectycube_hub/web/file.c  Answers that are files
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "base/jobthread.h"
#include "route.h"
#include "head.h"
#include "file.h"


enum {
	PIECE = 65536,          /**< That is read at once [bytes]          */
	JOBS_MOST = 256,        /**< That may wait                         */
	ETAG = 80,              /**< Size of what it is [bytes]            */
	PATH = 1024,            /**< Size of a path [bytes]                */
};

/** Somebody waits for a file, or a piece of it */
struct web_wait {
	struct le le;           /**< Member of waitl                       */
	uint64_t num;           /**< Number of the job                     */
	web_piece_h *h;         /**< Takes a piece, or NULL                */
	void *arg;              /**< Handler argument                      */
	struct web_req *req;    /**< Is answered (reference), or NULL      */
	const char *type;
	char etag[ETAG];
};

/** What the thread does. It knows nobody who waits, who may have gone */
struct job {
	struct le le;           /**< Of the thread                         */
	uint64_t num;
	char root[PATH];        /**< What is opened, empty=a piece is read */
	char name[PATH];
	int fd;                 /**< File (owned), -1=none                 */
	uint64_t size;          /**< Its size [bytes]                      */
	uint64_t off;           /**< Where the piece begins [bytes]        */
	size_t len;             /**< Its length [bytes]                    */
	struct mbuf *mb;        /**< Piece (owned)                         */
	int err;
};

static struct jobthread *thread;
static struct list waitl;
static uint64_t nums;


static void wait_destructor(void *data)
{
	struct web_wait *w = data;

	list_unlink(&w->le);
	mem_deref(w->req);
}


static void job_destructor(void *data)
{
	struct job *job = data;

	list_unlink(&job->le);
	mem_deref(job->mb);
	if (job->fd >= 0)
		(void)close(job->fd);
}


static int read_piece(struct job *job)
{
	ssize_t n;

	do {
		n = pread(job->fd, job->mb->buf, job->len, (off_t)job->off);
	} while (n < 0 && errno == EINTR);

	if (n <= 0)
		return n < 0 ? errno : ENODATA;

	job->mb->end = (size_t)n;

	return 0;
}


static void work_handler(void *data, size_t behind, void *work)
{
	struct job *job = data;
	(void)behind;
	(void)work;

	job->err = job->root[0] ? web_file_open(&job->fd, &job->size,
						job->root, job->name) :
		read_piece(job);
}


/* The head is known */
static void answer(struct web_wait *w, struct job *job)
{
	struct web_req *req = w->req;
	const char *range = req->if_range && strcmp(req->if_range, w->etag) ?
		NULL : req->range;
	uint64_t off, len;
	unsigned status = 200;

	if (job->err) {
		web_fault(req, 404, "not_found", NULL, "its file is not"
			  " there");
		return;
	}

	(void)web_header(req, "Accept-Ranges", "bytes");
	(void)web_header(req, "ETag", "%s", w->etag);

	switch (web_range(&off, &len, range, job->size)) {

	case WEB_RANGE_NONE:
		(void)web_header(req, "Content-Range", "bytes */%llu",
				 job->size);
		web_fault(req, 416, "invalid", NULL, "Range: it has %llu"
			  " bytes", job->size);
		return;

	case WEB_RANGE_PART:
		(void)web_header(req, "Content-Range", "bytes %llu-%llu/%llu",
				 off, off + len - 1, job->size);
		status = 206;
		break;

	default:
		break;
	}

	web_fd(req, status, w->type, job->fd, off, len);
	job->fd = -1;
}


static struct web_wait *find(uint64_t num)
{
	struct le *le;

	for (le = list_head(&waitl); le; le = le->next) {

		struct web_wait *w = le->data;

		if (w->num == num)
			return w;
	}

	return NULL;
}


static void done_handler(void *data, void *arg)
{
	struct job *job = data;
	struct web_wait *w = find(job->num);
	(void)arg;

	if (w && w->req) {
		answer(w, job);
		mem_deref(w);
	}
	else if (w) {
		w->h(job->err, job->mb, w->arg);
	}

	mem_deref(job);
}


/* It is known by its number from now on */
static int push(struct web_wait **wp, struct job *job)
{
	struct web_wait *w = NULL;
	int err = EBUSY;

	if (jobthread_waiting(thread) < JOBS_MOST) {
		w = mem_zalloc(sizeof(*w), wait_destructor);
		err = w ? jobthread_push(thread, &job->le, job) : ENOMEM;
	}
	if (err) {
		mem_deref(w);
		mem_deref(job);
		return err;
	}

	w->num = job->num;
	list_append(&waitl, &w->le, w);
	*wp = w;

	return 0;
}


static struct job *job_alloc(void)
{
	struct job *job = mem_zalloc(sizeof(*job), job_destructor);

	if (job) {
		job->num = ++nums;
		job->fd  = -1;
	}

	return job;
}


/**
 * Begin
 *
 * @return 0 if success, otherwise errorcode
 */
int web_file_start(void)
{
	return jobthread_alloc(&thread, work_handler, NULL, done_handler,
			       NULL);
}


/**
 * End. Who waits is not answered
 */
void web_file_stop(void)
{
	jobthread_stop(thread);
	thread = NULL;
	list_flush(&waitl);
}


/**
 * Answer with a file, or the part of it that is asked for, later
 *
 * @param req Request
 * @param f   File
 */
void web_file(struct web_req *req, const struct web_file *f)
{
	struct job *job = job_alloc();
	struct web_wait *w;
	int err = ENOMEM;

	if (job) {
		err = re_snprintf(job->root, sizeof(job->root), "%s",
				  f->root) < 0 ||
			re_snprintf(job->name, sizeof(job->name), "%s",
				    f->name) < 0 ? ENAMETOOLONG : 0;
		if (err)
			mem_deref(job);
		else
			err = push(&w, job);
	}
	if (err) {
		web_problem(req, err == EBUSY ? 503 : 500, NULL);
		return;
	}

	w->req  = mem_ref(req);
	w->type = f->type;
	(void)re_snprintf(w->etag, sizeof(w->etag), "%s", f->etag);
}


/**
 * Read the next piece of a file that is an answer
 *
 * @param wp  Set to who waits; mem_deref() drops it, also when it is told
 * @param r   Answer
 * @param h   Told of it, later
 * @param arg Its argument
 *
 * @return 0 if success, otherwise errorcode
 */
int web_file_piece(struct web_wait **wp, const struct web_reply *r,
		   web_piece_h *h, void *arg)
{
	struct job *job = job_alloc();
	int err;

	if (!job)
		return ENOMEM;

	job->off = r->off;
	job->len = r->len < PIECE ? (size_t)r->len : PIECE;
	job->mb  = mbuf_alloc(job->len);
	job->fd  = fcntl(r->fd, F_DUPFD_CLOEXEC, 0);
	if (!job->mb || job->fd < 0) {
		mem_deref(job);
		return ENOMEM;
	}

	err = push(wp, job);
	if (err)
		return err;

	(*wp)->h   = h;
	(*wp)->arg = arg;

	return 0;
}
