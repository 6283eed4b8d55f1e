/**
 * @file connectycube_link/spool.c  A folder of what must not be lost, seen by
 *                                  the loop
 *
 * Pure.
 */
#include <unistd.h>
#include <re.h>
#include "base/jobthread.h"
#include "spool.h"


/** What is to be done */
enum what {
	SAVE,
	LOAD,
	REMOVE,
	ASIDE,
	JOURNAL,
};

struct job {
	struct le le;
	enum what what;
	char name[SPOOL_NAME];  /**< Record, ""=the journal                */
	struct mbuf *mb;        /**< Its text (owned)                      */
	int err;                /**< Outcome                               */
};

/** The thread's */
struct folder {
	int dir;                /**< Descriptor, owned                     */
	int lock;               /**< Descriptor, owned                     */
};

struct spool {
	struct jobthread *thread;
	const struct spool_h *h;
	void *arg;
};


static void job_destructor(void *data)
{
	struct job *job = data;

	list_unlink(&job->le);
	mem_deref(job->mb);
}


static void folder_destructor(void *data)
{
	struct folder *f = data;

	if (f->dir >= 0)
		(void)close(f->dir);
	if (f->lock >= 0)
		(void)close(f->lock);
}


static void work_handler(void *data, size_t behind, void *arg)
{
	struct folder *f = arg;
	struct job *job = data;
	const char *name = job->name[0] ? job->name : NULL;
	(void)behind;

	switch (job->what) {

	case SAVE:
		job->err = spoolfile_write(f->dir, name, job->mb);
		break;

	case LOAD:
		job->err = spoolfile_read(&job->mb, f->dir, name);
		break;

	case REMOVE:
		job->err = spoolfile_remove(f->dir, name);
		break;

	case ASIDE:
		job->err = spoolfile_aside(f->dir, name);
		break;

	case JOURNAL:
		job->err = job->mb->end ?
			spoolfile_write(f->dir, NULL, job->mb) :
			spoolfile_remove(f->dir, NULL);
		break;
	}
}


static void done_handler(void *data, void *arg)
{
	struct spool *s = arg;
	struct job *job = data;

	switch (job->what) {

	case SAVE:
		s->h->saved(job->name, job->mb, job->err, s->arg);
		break;

	case LOAD:
		s->h->loaded(job->name, job->err ? NULL : job->mb, job->err,
			     s->arg);
		break;

	case JOURNAL:
		s->h->journal(job->err, s->arg);
		break;

	case REMOVE:
	case ASIDE:
		break;
	}

	mem_deref(job);
}


static void destructor(void *data)
{
	struct spool *s = data;

	jobthread_finish(s->thread);
}


/**
 * Open a spool, and begin its thread
 *
 * @param sp     Pointer to the spool; free it with spool_close()
 * @param path   Folder, made if it is not there
 * @param h      What is told
 * @param foundh Takes what is in it: all records, then the lines of a journal
 * @param arg    Handlers' argument
 *
 * @return 0 if success, EBUSY if another process has it, otherwise errorcode
 */
int spool_alloc(struct spool **sp, const char *path,
		const struct spool_h *h, spool_found_h *foundh, void *arg)
{
	struct folder *f;
	struct spool *s;
	int err;

	if (!sp || !path || !h || !foundh)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), destructor);
	f = mem_zalloc(sizeof(*f), folder_destructor);
	if (!s || !f) {
		mem_deref(s);
		mem_deref(f);
		return ENOMEM;
	}

	s->h    = h;
	s->arg  = arg;
	f->dir  = -1;
	f->lock = -1;

	err = spoolfile_open(&f->dir, &f->lock, path);
	if (!err)
		err = spoolfile_list(f->dir, foundh, arg);
	if (!err)
		err = spoolfile_journal(f->dir, foundh, arg);
	if (!err)
		err = jobthread_alloc(&s->thread, work_handler, f,
				      done_handler, s);
	if (err) {
		mem_deref(f);
		mem_deref(s);
		return err;
	}

	*sp = s;

	return 0;
}


static int push(struct spool *s, enum what what, const char *name,
		struct mbuf *mb)
{
	struct job *job;
	int err;

	job = mem_zalloc(sizeof(*job), job_destructor);
	if (!job)
		return ENOMEM;

	job->what = what;
	job->mb   = mb;
	str_ncpy(job->name, name ? name : "", sizeof(job->name));

	err = jobthread_push(s->thread, &job->le, job);
	if (err) {
		job->mb = NULL;
		mem_deref(job);
	}

	return err;
}


/**
 * Write a record
 *
 * @param s    Spool
 * @param name Its name
 * @param mb   Its text, which others may read meanwhile, on the loop; a
 *             reference is the spool's if this succeeds
 *
 * @return 0 if it will be tried, otherwise errorcode
 */
int spool_save(struct spool *s, const char *name, struct mbuf *mb)
{
	return s && name && mb ? push(s, SAVE, name, mb) : EINVAL;
}


/**
 * Read a record
 *
 * @param s    Spool
 * @param name Its name
 *
 * @return 0 if it will be tried, otherwise errorcode
 */
int spool_load(struct spool *s, const char *name)
{
	return s && name ? push(s, LOAD, name, NULL) : EINVAL;
}


/**
 * Remove a record
 *
 * @param s    Spool
 * @param name Its name
 *
 * @return 0 if it will be tried, otherwise errorcode
 */
int spool_remove(struct spool *s, const char *name)
{
	return s && name ? push(s, REMOVE, name, NULL) : EINVAL;
}


/**
 * Take a record out of the others' way: it is left to somebody who looks at it
 *
 * @param s    Spool
 * @param name Its name
 *
 * @return 0 if it will be tried, otherwise errorcode
 */
int spool_aside(struct spool *s, const char *name)
{
	return s && name ? push(s, ASIDE, name, NULL) : EINVAL;
}


/**
 * Write the journal
 *
 * @param s  Spool
 * @param mb Its text, without any it is removed; the spool's if this
 *           succeeds, nobody else may hold it
 *
 * @return 0 if it will be tried, otherwise errorcode
 */
int spool_journal(struct spool *s, struct mbuf *mb)
{
	return s && mb ? push(s, JOURNAL, NULL, mb) : EINVAL;
}


/**
 * Wait for what is being written, and tell now what became of it
 *
 * @param s Spool
 */
void spool_settle(struct spool *s)
{
	if (s)
		jobthread_settle(s->thread);
}


/**
 * Close a spool when all that it was told is on the disk, which is waited for
 *
 * @param s Spool, may be NULL
 */
void spool_close(struct spool *s)
{
	mem_deref(s);
	jobthread_wait();
}
