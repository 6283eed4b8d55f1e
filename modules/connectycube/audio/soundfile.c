/**
 * @file audio/soundfile.c  A file that is played, and is read again
 *
 * It is read at the start, before any call; and again by a thread when it has
 * changed, since to decode some minutes of Opus takes longer than a call's
 * packets can wait. Whoever hears the old one while it changes hears that to
 * its end: players hold a reference.
 */
#include <string.h>
#include <sys/stat.h>
#include <re.h>
#include "base/jobthread.h"
#include "base/log.h"
#include "sound.h"
#include "soundfile.h"


/** A file that is read by the thread */
struct job {
	struct le le;           /**< Member of the thread's lists          */
	struct soundfile *sf;   /**< Whose (pointer), NULL=it is gone; the
				     loop's                                */
	char *path;             /**< Path (owned)                          */
	struct sound *s;        /**< What it is (owned), NULL=unusable     */
	char why[128];          /**< Why that                              */
};

/** A file */
struct soundfile {
	struct le le;           /**< Member of the list of all             */
	char *path;             /**< Path (owned)                          */
	struct stat st;         /**< As it was read last                   */
	struct job *job;        /**< Reads it (pointer), NULL=nobody does  */
	bool again;             /**< It has changed meanwhile              */
	soundfile_h *h;         /**< Is told                               */
	void *arg;              /**< Handler argument                      */
};

static struct list filel;       /* struct soundfile (pointers) */
static struct jobthread *thread; /* reads them, NULL=not now */
static unsigned jobc;           /* how many it is to */


static void job_destructor(void *data)
{
	struct job *job = data;

	list_unlink(&job->le);
	mem_deref(job->path);
	mem_deref(job->s);
}


static void thread_end(void)
{
	jobthread_stop(thread);
	thread = NULL;
	jobc   = 0;
}


static void destructor(void *data)
{
	struct soundfile *sf = data;

	list_unlink(&sf->le);
	if (sf->job)
		sf->job->sf = NULL;
	mem_deref(sf->path);

	/* the last one: nothing of it may run when the module is unloaded */
	if (list_isempty(&filel) && thread) {
		thread_end();
		jobthread_wait();
	}
}


/* Another file, or another state of it, than was read last */
static bool has_changed(struct soundfile *sf)
{
	const struct stat was = sf->st;
	struct stat *st = &sf->st;

	memset(st, 0, sizeof(*st));

	/* missing is a state, too */
	if (stat(sf->path, st))
		memset(st, 0, sizeof(*st));

	return st->st_dev != was.st_dev || st->st_ino != was.st_ino ||
		st->st_size != was.st_size ||
		st->st_mtim.tv_sec != was.st_mtim.tv_sec ||
		st->st_mtim.tv_nsec != was.st_mtim.tv_nsec;
}


/* On the thread */
static void work_handler(void *data, size_t behind, void *work)
{
	struct job *job = data;
	(void)behind;
	(void)work;

	(void)sound_load(&job->s, job->path, job->why, sizeof(job->why));
}


static void read_again(struct soundfile *sf);


static void done_handler(void *data, void *arg)
{
	struct job *job = data;
	struct soundfile *sf = job->sf;
	(void)arg;

	--jobc;

	if (sf) {
		sf->job = NULL;
		if (sf->again)
			read_again(sf);
		else
			sf->h(job->s, job->why, true, sf->arg);
	}

	mem_deref(job);

	if (!jobc && thread)
		thread_end();
}


static void read_again(struct soundfile *sf)
{
	struct job *job;
	int err;

	sf->again = false;

	job = mem_zalloc(sizeof(*job), job_destructor);
	err = job ? str_dup(&job->path, sf->path) : ENOMEM;
	if (!err && !thread)
		err = jobthread_alloc(&thread, work_handler, NULL,
				      done_handler, NULL);
	if (!err)
		err = jobthread_push(thread, &job->le, job);

	if (err) {
		clog_warning("%s is not read again: %m\n", sf->path, err);
		memset(&sf->st, 0, sizeof(sf->st));
		mem_deref(job);
		return;
	}

	++jobc;
	job->sf = sf;
	sf->job = job;
}


/**
 * Read a file that is played, now and whenever it is found to have changed
 *
 * @param sfp  Pointer to the file; mem_deref() ends it
 * @param path Its path
 * @param h    Told what it is, before this returns, too
 * @param arg  Handler argument
 *
 * @return 0 if success, even if it cannot be played: it may be later. EINVAL,
 *         ENOMEM
 */
int soundfile_alloc(struct soundfile **sfp, const char *path, soundfile_h *h,
		    void *arg)
{
	struct soundfile *sf;
	struct sound *s = NULL;
	char why[128] = "";
	int err;

	if (!sfp || !path || !h)
		return EINVAL;

	sf = mem_zalloc(sizeof(*sf), destructor);
	if (!sf)
		return ENOMEM;

	list_append(&filel, &sf->le, sf);
	sf->h   = h;
	sf->arg = arg;

	err = str_dup(&sf->path, path);
	if (err) {
		mem_deref(sf);
		return err;
	}

	(void)has_changed(sf);
	(void)sound_load(&s, path, why, sizeof(why));
	*sfp = sf;
	h(s, why, false, arg);
	mem_deref(s);

	return 0;
}


/**
 * Read all of those again that have changed
 */
void soundfile_reload(void)
{
	struct le *le;

	for (le = filel.head; le; le = le->next) {

		struct soundfile *sf = le->data;

		if (!has_changed(sf))
			continue;

		if (sf->job)
			sf->again = true;
		else
			read_again(sf);
	}
}
