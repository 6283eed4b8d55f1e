/**
 * @file call/host/music.c  What who is on hold hears
 *
 *   start:           file ------------------> sound --> env->music
 *   SIGHUP, another  file --> a thread -----> sound --> env->music
 *
 * The file is read at the start, before any call; and again by a thread when
 * it has changed, since to decode some minutes of Opus takes longer than a
 * call's packets can wait. Who hears the old one while it changes hears that to
 * the end of its hold: players hold a reference.
 */
#include <string.h>
#include <sys/stat.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "audio/sound.h"
#include "base/jobthread.h"
#include "call/music.h"


/** A file that is read by the thread */
struct job {
	struct le le;           /**< Member of the thread's lists          */
	char *path;             /**< Path (owned)                          */
	struct sound *s;        /**< What it is (owned), NULL=unusable     */
	char why[128];          /**< Why that                              */
};

static struct {
	struct sound **slot;    /**< Where it is wanted (pointer), NULL=not
				     begun                                 */
	char *path;             /**< The file (owned), NULL=none           */
	struct stat st;         /**< The file as it was read last          */
	struct jobthread *thread; /**< Reads it again (owned), NULL=not now  */
	unsigned jobc;          /**< How often it is to                    */
} mu;


static void job_destructor(void *data)
{
	struct job *job = data;

	list_unlink(&job->le);
	mem_deref(job->path);
	mem_deref(job->s);
}


static void use(struct sound *s)
{
	mem_deref(*mu.slot);
	*mu.slot = s;
}


/* Another file, or another state of it, than was read last */
static bool has_changed(struct stat *st)
{
	memset(st, 0, sizeof(*st));

	/* missing is a state, too */
	if (stat(mu.path, st))
		memset(st, 0, sizeof(*st));

	return st->st_dev != mu.st.st_dev || st->st_ino != mu.st.st_ino ||
		st->st_size != mu.st.st_size ||
		st->st_mtim.tv_sec != mu.st.st_mtim.tv_sec ||
		st->st_mtim.tv_nsec != mu.st.st_mtim.tv_nsec;
}


static void unusable(const char *why)
{
	struct sound *s = NULL;

	clog_warning("connectycube_hold_music: %s: %s; who is on hold"
		     " hears a tone\n", mu.path, why);

	(void)sound_hold_tone(&s);
	use(s);
}


/* On the thread */
static void work_handler(void *data, size_t behind, void *work)
{
	struct job *job = data;
	(void)work;

	/* it has changed once more: that one counts */
	if (!behind)
		(void)sound_load(&job->s, job->path, job->why,
				 sizeof(job->why));
}


static void done_handler(void *data, void *arg)
{
	struct job *job = data;
	(void)arg;

	if (job->s) {
		use(mem_ref(job->s));
		clog_info("connectycube_hold_music: %s has been read"
			  " again: %u s\n", mu.path, sound_ms(job->s) / 1000);
	}
	else if (job->why[0]) {
		unusable(job->why);
	}

	mem_deref(job);

	if (!--mu.jobc) {
		jobthread_stop(mu.thread);
		mu.thread = NULL;
	}
}


/**
 * Get the music ready
 *
 * @param slot  Where it is put; stays until music_close()
 * @param music "tone", "silence" or the path of a file
 */
void music_init(struct sound **slot, const char *music)
{
	char why[128] = "";
	struct sound *s = NULL;

	mu.slot = slot;

	if (!str_casecmp(music, "silence"))
		return;

	if (!str_casecmp(music, "tone")) {
		(void)sound_hold_tone(slot);
		return;
	}

	if (str_dup(&mu.path, music))
		return;

	(void)has_changed(&mu.st);

	if (sound_load(&s, mu.path, why, sizeof(why)))
		unusable(why);
	else
		use(s);
}


/**
 * Read the file again, if it has changed. Who is on hold then hears what there
 * was before
 */
void music_reload(void)
{
	struct stat st;
	struct job *job;
	int err;

	if (!mu.path || !has_changed(&st))
		return;

	job = mem_zalloc(sizeof(*job), job_destructor);
	if (!job)
		return;

	err = str_dup(&job->path, mu.path);
	if (!err && !mu.thread)
		err = jobthread_alloc(&mu.thread, work_handler, NULL,
				      done_handler, NULL);
	if (!err)
		err = jobthread_push(mu.thread, &job->le, job);

	if (err) {
		clog_warning("connectycube_hold_music: %s is not read"
			     " again: %m\n", mu.path, err);
		mem_deref(job);
		return;
	}

	mu.st = st;
	++mu.jobc;
}


/**
 * There is no music any more
 */
void music_close(void)
{
	if (mu.thread) {
		jobthread_stop(mu.thread);
		jobthread_wait();
	}

	if (mu.slot)
		use(NULL);

	mu.path = mem_deref(mu.path);
	memset(&mu, 0, sizeof(mu));
}
