/**
 * @file connectycube_record/writer.c  Recordings on the disk: the thread
 *
 * See writer.h. What loop and thread both have changes hands with the jobs: of
 * a file the loop has one part and the thread the other. Pure.
 */
#include <string.h>
#include <unistd.h>
#include <re.h>
#include "base/jobthread.h"
#include "base/mono.h"
#include "recfile.h"
#include "writer.h"


enum {
	SYNC_TIME = 1000000,    /**< Between those of a file [us]          */
};

struct writer {
	struct jobthread *jt;   /**< Thread                                */
	struct list filel;      /**< Files (owned)                         */
	char *spool;            /**< Path of the folder (owned)            */
	int dir;                /**< Folder                                */
	size_t max;             /**< Most that waits [bytes]               */
	size_t waiting;         /**< What waits [bytes]                    */
};

/** A recording's file */
struct writer_file {
	struct le le;           /**< Member of the writer's list           */

	/* the loop's */
	struct writer *w;       /**< Writer (parent)                       */
	writer_h *h;            /**< Told of what is done, NULL=nobody     */
	void *arg;              /**< Handler argument                      */
	unsigned pending;       /**< Jobs that are not done                */
	uint32_t gen;           /**< Generation of pieces, from 1          */
	bool ended;             /**< There is nothing behind its last job  */

	/* the thread's */
	struct recdisk rd;      /**< File on the disk                      */
	uint32_t bad;           /**< Generation that is lost, 0=none       */
	int err;                /**< Why                                   */
};

/** Something to do */
struct job {
	struct le le;
	enum writer_what what;
	struct writer_file *f;  /**< Of which file (pointer)               */
	int dir;                /**< Open: the folder                      */
	char name[RECDISK_NAME];/**< Open: its name there                  */
	struct mbuf *mb;        /**< What to write (owned), NULL=nothing   */
	size_t size;            /**< What that takes [bytes]               */
	unsigned packets;       /**< Packets in it                         */
	uint32_t gen;           /**< Its generation                        */
	int err;                /**< What has become of it                 */
};


/* --- on the thread ----------------------------------------------------- */


static int write_piece(struct job *job)
{
	struct writer_file *f = job->f;

	if (job->gen == f->bad)
		return f->err;

	f->err = recfile_seal(job->mb);
	if (!f->err)
		f->err = recdisk_append(&f->rd, job->mb);
	if (f->err) {
		f->bad = job->gen;
		return f->err;
	}

	if (mono_us() - f->rd.t_sync < SYNC_TIME)
		return 0;

	return recdisk_sync(&f->rd);
}


static int write_end(struct job *job)
{
	struct writer_file *f = job->f;
	int err = 0, e;

	if (job->mb)
		err = recfile_seal(job->mb);
	if (job->mb && !err)
		err = recdisk_append(&f->rd, job->mb);

	e = recdisk_close(&f->rd);

	return err ? err : e;
}


static void work_handler(void *arg, size_t behind, void *work)
{
	struct job *job = arg;
	(void)behind;
	(void)work;

	switch (job->what) {

	case WRITER_OPENED:
		job->err = recdisk_create(&job->f->rd, job->dir, job->name,
					  job->mb);
		break;

	case WRITER_WRITTEN:
		job->err = write_piece(job);
		break;

	case WRITER_CLOSED:
		job->err = write_end(job);
		break;
	}
}


/* --- on the loop ------------------------------------------------------- */


static void job_destructor(void *data)
{
	struct job *job = data;

	mem_deref(job->mb);
}


static void file_destructor(void *data)
{
	struct writer_file *f = data;

	list_unlink(&f->le);

	/* its last job has not been done */
	(void)recdisk_close(&f->rd);
}


static void done_handler(void *data, void *arg)
{
	struct job *job = data;
	struct writer_file *f = job->f;
	struct writer *w = arg;
	const struct writer_done done = {
		.what = job->what, .err = job->err, .packets = job->packets,
		.anew = job->err && job->gen == f->gen,
	};

	w->waiting -= job->size;
	--f->pending;

	if (f->h)
		f->h(&done, f->arg);

	if (!f->pending && f->ended)
		mem_deref(f);

	mem_deref(job);
}


/* The content is taken if this succeeds */
static int push(struct writer_file *f, enum writer_what what, const char *name,
		struct mbuf *mb, unsigned packets)
{
	struct writer *w = f->w;
	struct job *job;
	int err;

	job = mem_zalloc(sizeof(*job), job_destructor);
	if (!job)
		return ENOMEM;

	job->what    = what;
	job->f       = f;
	job->dir     = w->dir;
	job->size    = mb ? mb->size : 0;
	job->packets = packets;
	job->gen     = f->gen;
	str_ncpy(job->name, name ? name : "", sizeof(job->name));

	/* before, since the thread has it at once */
	job->mb = mb;

	err = jobthread_push(w->jt, &job->le, job);
	if (err) {
		job->mb = NULL;
		mem_deref(job);
		return err;
	}

	w->waiting += mb ? mb->size : 0;
	++f->pending;

	return 0;
}


static void destructor(void *data)
{
	struct writer *w = data;

	list_flush(&w->filel);
	mem_deref(w->spool);
	if (w->dir >= 0)
		(void)close(w->dir);
}


/**
 * Begin: open the folder
 *
 * @param wp    Pointer to the writer; end it with writer_close()
 * @param spool Folder
 * @param max   Most that waits for the disk [bytes]
 *
 * @return 0 if success, otherwise why nothing can be written there
 */
int writer_alloc(struct writer **wp, const char *spool, size_t max)
{
	struct writer *w;
	int err;

	if (!wp || !spool)
		return EINVAL;

	w = mem_zalloc(sizeof(*w), destructor);
	if (!w)
		return ENOMEM;

	w->dir = -1;
	w->max = max;

	err = recdisk_spool(&w->dir, spool);
	if (!err)
		err = str_dup(&w->spool, spool);
	if (!err)
		err = jobthread_alloc(&w->jt, work_handler, NULL,
				      done_handler, w);
	if (err)
		mem_deref(w);
	else
		*wp = w;

	return err;
}


/**
 * End, when all that waits is written. Files that were not ended stay as they
 * are
 *
 * @param w Writer, may be NULL
 */
void writer_close(struct writer *w)
{
	if (!w)
		return;

	jobthread_finish(w->jt);
	jobthread_wait();
	mem_deref(w);
}


/**
 * How much waits for the disk?
 *
 * @param w Writer
 *
 * @return How much [bytes]
 */
size_t writer_waiting(const struct writer *w)
{
	return w ? w->waiting : 0;
}


/**
 * Get the folder
 *
 * @param w Writer
 *
 * @return Its path
 */
const char *writer_spool(const struct writer *w)
{
	return w ? w->spool : NULL;
}


/**
 * Make a file
 *
 * @param fp   Pointer to the file; let it go with writer_forget()
 * @param w    Writer
 * @param name Its name
 * @param mb   What it begins with; taken on success
 * @param h    Told of what is done, and first of this
 * @param arg  Its argument
 *
 * @return 0 if success, otherwise errorcode
 */
int writer_open(struct writer_file **fp, struct writer *w, const char *name,
		struct mbuf *mb, writer_h *h, void *arg)
{
	struct writer_file *f;
	int err;

	if (!fp || !w || !name || !mb || !h)
		return EINVAL;

	f = mem_zalloc(sizeof(*f), file_destructor);
	if (!f)
		return ENOMEM;

	f->w     = w;
	f->h     = h;
	f->arg   = arg;
	f->gen   = 1;
	f->rd.fd = -1;

	err = push(f, WRITER_OPENED, name, mb, 0);
	if (err) {
		mem_deref(f);
		return err;
	}

	list_append(&w->filel, &f->le, f);
	*fp = f;

	return 0;
}


/**
 * Append a piece to a file
 *
 * @param f       File
 * @param mb      Chunks, from the first byte on; taken on success
 * @param packets How many packets are in it
 *
 * @return 0 if success, EOVERFLOW if too much waits, otherwise errorcode
 */
int writer_append(struct writer_file *f, struct mbuf *mb, unsigned packets)
{
	if (!f || !mb || f->ended)
		return EINVAL;
	if (f->w->waiting + mb->size > f->w->max)
		return EOVERFLOW;

	return push(f, WRITER_WRITTEN, NULL, mb, packets);
}


/**
 * What is appended from now on needs nothing of what was lost
 *
 * @param f File
 */
void writer_again(struct writer_file *f)
{
	if (f)
		++f->gen;
}


/**
 * Has all been done that was to be?
 *
 * @param f File
 *
 * @return True if nothing waits
 */
bool writer_is_idle(const struct writer_file *f)
{
	return f && !f->pending;
}


/**
 * End a file
 *
 * @param f  File
 * @param mb Last chunk; taken on success. NULL=none
 *
 * @return 0 if success, otherwise errorcode
 */
int writer_end(struct writer_file *f, struct mbuf *mb)
{
	int err;

	if (!f || f->ended)
		return EINVAL;

	err = push(f, WRITER_CLOSED, NULL, mb, 0);
	if (!err)
		f->ended = true;

	return err;
}


/**
 * Let a file go: nothing is told of it any more
 *
 * @param f File, may be NULL
 */
void writer_forget(struct writer_file *f)
{
	if (!f)
		return;

	f->h = NULL;

	/* it goes with its last job, or with the writer */
	if (!f->ended)
		(void)writer_end(f, NULL);
}
