/**
 * @file connectycube_hub/recording/finish.c
 * One recording: finished, named, in the database
 *
 * On a thread, which waits for the finisher, for the disk, for nobody else.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <re.h>
#include "base/folder.h"
#include "base/log.h"
#include "../hub.h"
#include "recname.h"
#include "recfacts.h"
#include "recstore.h"
#include "recording.h"
#include "child.h"
#include "place.h"
#include "seal.h"


enum {
	TRIES = 3,              /**< Until it is set aside                 */
	NAMES = 1000,           /**< That are tried                        */
	BEGINS = 60,            /**< A file may have no START so long [s]  */

	/* a finisher may take as long as that */
	LIMIT_MIN  = 120,       /**< At least [s]                          */
	LIMIT_RATE = 50000,     /**< ... and for a raw file [bytes/s]      */

	/* how the finisher ends */
	OK = 0,
	BAD_DATA = 65,
	CANNOT_WRITE = 73,
	STILL_WRITTEN = 75,
};

/** What is at work */
struct work {
	struct hrec_job *job;
	struct hub_store *s;
	const struct hrec_env *env;
	struct hrec_facts facts; /**< What is known of it                   */
	struct hrec_made made;   /**< What the finisher says                */
	char raw[PLACE_PATH];   /**< Path of the raw file                  */
	char dir[PLACE_PATH];   /**< ... of the folder it is worked in     */
	char out[PLACE_PATH];   /**< ... of what is made there             */
	off_t size;             /**< ... how much is in the raw file       */
};


static void job_destructor(void *data)
{
	struct hrec_job *job = data;

	list_unlink(&job->le);
	mem_deref(job->json);
}


/**
 * Make a job
 *
 * @param jp    Pointer to it, freed by mem_deref()
 * @param id    Which recording
 * @param tries How often it has failed
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_job_alloc(struct hrec_job **jp, const char *id, unsigned tries)
{
	struct hrec_job *job = mem_zalloc(sizeof(*job), job_destructor);

	if (!job)
		return ENOMEM;

	str_ncpy(job->id, id, sizeof(job->id));
	job->tries = tries;
	*jp = job;

	return 0;
}


static enum hrec_result say(struct work *w, enum hrec_result result,
			   const char *what, int err)
{
	char *why = w->job->why;

	if (!why[0] && err)
		(void)re_snprintf(why, HUB_WHY, "%s: %m", what, err);
	else if (!why[0])
		str_ncpy(why, what, HUB_WHY);

	return result;
}


/* The raw file is what there is of it until all else is on the disk */
static enum hrec_result drop_raw(struct work *w)
{
	if (unlink(w->raw) && errno != ENOENT)
		return say(w, REC_LATER, w->raw, errno);

	(void)folder_sync(w->raw);
	(void)place_clear(w->dir);

	return REC_DONE;
}


/* It was about to get its name, or had it, when somebody died. What may be
   known later is an error: it is not to get another name beside that */
static int is_placed(struct work *w, const struct hrec_placing *p,
		     bool *placedp)
{
	char path[PLACE_PATH], hex[FILESUM_SIZE];
	uint64_t bytes;
	int err;

	*placedp = false;

	err = place_path(path, sizeof(path), w->env->cfg->root, p->file);
	if (err)
		return 0;

	err = place_hash(hex, &bytes, path);
	if (!err)
		*placedp = !strcmp(hex, p->sha256);

	return err == EMFILE || err == ENFILE || err == ENOMEM ||
		err == EACCES ? err : 0;
}


/* REC_FAULT: it is to be done; there is none yet */
static enum hrec_result look_back(struct work *w)
{
	struct hrec_job *job = w->job;
	enum hrec_result result = REC_FAULT;
	enum hrec_known known;
	struct hrec_placing p;
	bool placed = false;
	int err;

	err = hrec_store_known(w->s, &known, job->id, job->why, HUB_WHY);
	if (err)
		return say(w, REC_LATER, "database", err);
	if (known == REC_FINISHED)
		return drop_raw(w);

	err = hrec_store_placing(w->s, &p, job->id, job->why, HUB_WHY);
	if (err && err != ENOENT)
		return say(w, REC_LATER, "database", err);

	if (!err) {
		err = is_placed(w, &p, &placed);
		if (err)
			result = say(w, REC_LATER, p.file, err);
	}

	if (!err && placed) {
		err = hrec_store_finish(w->s, job->id, p.json, job->why,
				       HUB_WHY);
		if (!err)
			job->json = mem_ref(p.json);
		result = err ? say(w, REC_LATER, "database", err)
			: drop_raw(w);
	}

	hrec_placing_free(&p);

	return result;
}


/* Whatever of this is wrong with one file is its own fault: if it is so again
   and again, it makes room for others */
static enum hrec_result read_raw(struct work *w, int fd)
{
	const time_t now = time(NULL);
	struct stat st;
	int err;

	if (fstat(fd, &st))
		return say(w, REC_FAULT, w->raw, errno);
	if (!S_ISREG(st.st_mode))
		return say(w, REC_ASIDE, "it is no file", 0);

	w->size = st.st_size;
	if (flock(fd, LOCK_SH | LOCK_NB))
		return say(w, errno == EWOULDBLOCK ? REC_WRITING : REC_FAULT,
			   w->raw, errno);

	err = hrec_facts_read(&w->facts, fd, w->job->id);
	if (err == EBADMSG && !st.st_size && st.st_mtime <= now &&
	    now - st.st_mtime < BEGINS)
		return REC_WRITING;
	if (err == ENOMEM)
		return say(w, REC_LATER, w->raw, err);

	/* how much of it is of use the finisher says */
	return err && err != EBADMSG ? say(w, REC_FAULT, w->raw, err)
		: REC_DONE;
}


/* REC_DONE: its writer has let go of it */
static enum hrec_result look_at_raw(struct work *w)
{
	enum hrec_result result;
	int fd;

	fd = open(w->raw, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0) {
		/* whatever else it is, others have it, too */
		const bool own = errno == ELOOP || errno == ENXIO ||
			errno == EISDIR || errno == EIO;

		return say(w, errno == ENOENT ? REC_WRITING : own ? REC_FAULT
			   : REC_LATER, w->raw, errno);
	}

	result = read_raw(w, fd);
	(void)close(fd);

	return result;
}


/* One that never ends is not to keep all others waiting: what is short takes
   no hour, on whatever machine */
static uint32_t time_limit(const struct work *w)
{
	const uint64_t need = LIMIT_MIN + (uint64_t)w->size / LIMIT_RATE;

	return need < w->env->cfg->time ? (uint32_t)need : w->env->cfg->time;
}


/* NULL: the finisher knows */
static const char *format_name(const struct work *w)
{
	static const char *const soundv[] = {"ogg", "wav", "m4a"};
	static const char *const videov[] = {NULL, "mp4", "webm"};
	const struct hrec_config *cfg = w->env->cfg;

	return w->facts.video && cfg->video != REC_SOUND ?
		videov[cfg->video] : soundv[cfg->format];
}


static int prepare(struct work *w)
{
	const struct hrec_config *cfg = w->env->cfg;
	char name[64];
	int err;

	(void)re_snprintf(name, sizeof(name), ".work/%s/x", w->job->id);
	err = place_clear(w->dir);
	if (!err)
		err = place_folders(cfg->root, name);
	if (!err && re_snprintf(w->out, sizeof(w->out), "%s/made", w->dir) < 0)
		err = ENAMETOOLONG;

	return err;
}


static enum hrec_result judge(struct work *w, const struct child_end *end)
{
	struct hrec_job *job = w->job;

	if (end->code != OK || !end->ran)
		(void)re_snprintf(job->why, HUB_WHY, "%s: %H",
				  w->env->cfg->program, child_print, end);

	if (!end->ran || end->quit)
		return REC_LATER;

	switch (end->code) {

	case OK:
		return hrec_made_read(&w->made, end->out, job->id) ?
			say(w, REC_FAULT, "the finisher's answer is none", 0)
			: REC_DONE;

	case BAD_DATA:      return REC_ASIDE;
	case CANNOT_WRITE:  return REC_LATER;
	case STILL_WRITTEN: return REC_WRITING;
	default:            return REC_FAULT;
	}
}


static enum hrec_result run_finisher(struct work *w)
{
	const struct hrec_config *cfg = w->env->cfg;
	const bool side = w->facts.video && cfg->side_by_side;
	const char *const format = format_name(w);
	char *argv[10];
	struct child_end *end;
	enum hrec_result result;
	size_t n = 0;
	int err;

	argv[n++] = cfg->program;
	argv[n++] = "finish";
	if (format) {
		argv[n++] = "--format";
		argv[n++] = (char *)format;
	}
	if (side)
		argv[n++] = "--side-by-side";
	argv[n++] = "--out";
	argv[n++] = w->out;
	argv[n++] = w->raw;
	argv[n]   = NULL;

	end = mem_zalloc(sizeof(*end), NULL);
	if (!end)
		return say(w, REC_LATER, "memory", ENOMEM);

	err = child_run(end, argv, time_limit(w));
	result = err ? say(w, REC_LATER, cfg->program, err) : judge(w, end);

	mem_deref(end);

	return result;
}


/* Nothing that is plain stays */
static int encrypt(struct work *w)
{
	char sealed[PLACE_PATH];
	int err;

	if (!w->env->seal)
		return 0;

	if (re_snprintf(sealed, sizeof(sealed), "%s.cms", w->out) < 0)
		return ENAMETOOLONG;

	err = hub_seal_file(w->env->seal, w->out, sealed, w->job->why, HUB_WHY);
	if (!err && unlink(w->out))
		err = errno;
	if (!err)
		str_ncpy(w->out, sealed, sizeof(w->out));

	return err;
}


static int place_as(struct work *w, struct hrec_stored *stored, char *name,
		    unsigned n)
{
	struct hrec_job *job = w->job;
	struct hrec_placing p = {.file = name, .sha256 = (char *)stored->sha256};
	struct recname fields;
	char suffix[32];
	int err;

	hrec_facts_name(&w->facts, &fields);
	(void)re_snprintf(suffix, sizeof(suffix), ".%s%s", w->made.format,
			  w->env->seal ? ".cms" : "");

	err = recname_make(name, RECNAME_MAX, w->env->cfg->name, &fields, n,
			   suffix);
	if (err)
		return err;

	stored->file = name;
	job->json = mem_deref(job->json);
	err = hrec_facts_tell(&job->json, &w->facts, &w->made, stored);
	if (err)
		return err;

	p.json = job->json;
	err = hrec_store_place(w->s, job->id, &p, job->why, HUB_WHY);
	if (!err)
		err = place_file(w->out, w->env->cfg->root, name);

	return err;
}


static enum hrec_result place(struct work *w)
{
	struct hrec_stored stored = {.format = w->made.format,
		.encrypted = w->env->seal != NULL};
	char hex[FILESUM_SIZE], name[RECNAME_MAX];
	struct hrec_job *job = w->job;
	unsigned n = 1;
	int err;

	err = place_hash(hex, &stored.bytes, w->out);
	if (err)
		return say(w, REC_FAULT, w->out, err);
	if (w->made.sha256[0] && strcmp(w->made.sha256, hex))
		return say(w, REC_FAULT, "the file is not what the finisher"
			   " says", 0);

	err = encrypt(w);
	if (!err && w->env->seal)
		err = place_hash(hex, &stored.bytes, w->out);
	stored.sha256 = hex;

	if (!err) {
		do err = place_as(w, &stored, name, n);
		while (err == EEXIST && ++n < NAMES);
	}
	if (!err)
		err = hrec_store_finish(w->s, job->id, job->json, job->why,
				       HUB_WHY);
	if (err) {
		job->json = mem_deref(job->json);
		return say(w, REC_LATER, w->env->cfg->root, err);
	}

	return drop_raw(w);
}


static enum hrec_result finish(struct work *w)
{
	enum hrec_result result;
	int err;

	result = look_back(w);
	if (result != REC_FAULT)
		return result;

	result = look_at_raw(w);
	if (result != REC_DONE)
		return result;

	err = prepare(w);
	if (err)
		return say(w, REC_LATER, w->env->cfg->root, err);

	result = run_finisher(w);
	if (result == REC_DONE)
		result = place(w);

	/* whatever there is of it is begun anew */
	if (result != REC_DONE)
		(void)place_clear(w->dir);

	return result;
}


/**
 * Finish a recording
 *
 * @param job Which one; what came of it
 * @param s   Store
 * @param env What it is done with
 */
void hrec_finish(struct hrec_job *job, struct hub_store *s,
		const struct hrec_env *env)
{
	struct work w = {.job = job, .s = s, .env = env};

	if (re_snprintf(w.raw, sizeof(w.raw), "%s/%s.rec", env->cfg->spool,
			job->id) < 0 ||
	    re_snprintf(w.dir, sizeof(w.dir), "%s/.work/%s", env->cfg->root,
			job->id) < 0) {
		job->result = say(&w, REC_LATER, env->cfg->root,
				  ENAMETOOLONG);
		return;
	}

	job->result = finish(&w);

	if (job->result == REC_FAULT && job->tries + 1 >= TRIES)
		job->result = REC_ASIDE;
	if (job->result == REC_ASIDE && hrec_aside(job, s, env, &w.facts))
		job->result = REC_LATER;

	hrec_facts_close(&w.facts);
	mem_deref(w.made.json);
}
