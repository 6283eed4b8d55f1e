/**
 * @file apply.c  What is to be done is done: files are written, systemd is told
 *
 * What is to be done with an instance stands in its folder before its files
 * change, and until systemd has been told: should that fail, the next sync
 * does it.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <re.h>
#include "base/folder.h"
#include "config/conftext.h"
#include "cube/cli.h"
#include "office.h"
#include "parsing.h"
#include "sync.h"


enum {
	STEP   = 100,           /**< Between two that are started [ms]     */
	SPREAD = 30000,         /**< Most, of all together [ms]            */
};


/**
 * Get the name of what is done with an instance
 *
 * @param inst Instance
 *
 * @return Word
 */
const char *sync_verb_name(const struct sync_inst *inst)
{
	static const char *const namev[SYNC_VERBS] = {
		[SYNC_NOTHING] = "unchanged",
		[SYNC_KEEP]    = "kept",
		[SYNC_RELOAD]  = "reload",
		[SYNC_RESTART] = "restart",
		[SYNC_START]   = "start",
		[SYNC_STOP]    = "stop",
	};

	return inst->verb == SYNC_KEEP && !inst->there ? "left out"
		: namev[inst->verb];
}


static int dir_of(char *dir, const struct sync *s,
		  const struct sync_inst *inst)
{
	return re_snprintf(dir, SYNC_PATH, "%s/%s", s->instances,
			   inst->name) < 0 ? ENAMETOOLONG : 0;
}


static int save_text(const char *dir, const char *name, unsigned mode,
		     const char *fmt, ...)
{
	struct mbuf *mb = mbuf_alloc(64);
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = mb ? mbuf_vprintf(mb, fmt, ap) : ENOMEM;
	va_end(ap);

	if (!err)
		err = sync_save(dir, name, mb, mode);
	mem_deref(mb);

	return err;
}


static bool is_written(const struct sync_inst *inst)
{
	return inst->verb == SYNC_RELOAD || inst->verb == SYNC_RESTART ||
		inst->verb == SYNC_START;
}


static bool is_started(const struct sync_inst *inst)
{
	return inst->verb == SYNC_RESTART || inst->verb == SYNC_START;
}


static int write_inst(const struct sync *s, const struct sync_inst *inst)
{
	char dir[SYNC_PATH];
	size_t i;
	int err = dir_of(dir, s, inst);

	if (!err && !s->quiet)
		err = save_text(dir, SYNC_TODO, 0640, "%s\n",
				inst->verb == SYNC_RELOAD ? "load again"
				: "restart");

	/* what makes it an instance comes last */
	for (i = SYNC_FILES; i-- > 0 && !err; ) {
		if (inst->changedv[i])
			err = sync_save(dir, sync_file_name(i), inst->mbv[i],
					0640);
	}

	return err;
}


/* One after the other, and not in step, so that neither the PBX nor the cloud
   sees all of them at once */
static int write_delays(const struct sync *s)
{
	char dir[SYNC_PATH];
	unsigned step = STEP, n = 0;
	size_t i, many = 0;
	int err = 0;

	for (i=0; i<s->instc; i++)
		many += is_started(&s->instv[i]);

	if (many * STEP > SPREAD)
		step = (unsigned)max(SPREAD / many, (size_t)1);

	for (i=0; i<s->instc && !err && many > 1; i++) {

		if (!is_started(&s->instv[i]))
			continue;

		err = dir_of(dir, s, &s->instv[i]);
		if (!err)
			err = save_text(dir, SYNC_DELAY, 0640, "%u\n",
					n++ * step + rand_u32() % step);
	}

	return err;
}


/**
 * An instance that is started alone does not wait for a turn
 *
 * @param s    Sync: its folders
 * @param name Name of the instance
 */
void sync_no_delay(const struct sync *s, const char *name)
{
	char path[SYNC_PATH];

	if (re_snprintf(path, sizeof(path), "%s/%s/" SYNC_DELAY, s->instances,
			name) > 0)
		(void)unlink(path);
}


static int write_ports(const struct sync *s)
{
	struct mbuf *mb = mbuf_alloc(1024);
	int err;

	err = mb ? sync_ports_print(mb, s) : ENOMEM;
	if (!err)
		err = folder_make(s->state, 0755);
	if (!err)
		err = sync_save(s->state, SYNC_PORTS, mb, 0644);
	mem_deref(mb);

	return err;
}


/* Where those find the hub that hand on what removed ones have left: they are
   nobody, who reads no common.conf */
static int write_hub(const struct sync *s)
{
	const char *hub = office_value(s->o, "connectycube_link_socket");
	char path[SYNC_PATH];

	if (hub)
		return save_text(s->state, SYNC_HUB, 0644, "%s\n", hub);

	if (re_snprintf(path, sizeof(path), "%s/" SYNC_HUB, s->state) < 0)
		return ENAMETOOLONG;

	return unlink(path) && errno != ENOENT ? errno : 0;
}


/* One that cannot record is to run all the same, and so are the others */
static void make_spool(struct sync *s, const struct sync_inst *inst)
{
	const int err = sync_spool(s, inst->name);

	if (!err)
		return;

	s->spoiled = true;
	cli_complain("%s: has no folder to record into: %s/from/%s: %m",
		     inst->name, s->spool, inst->name, err);
}


/**
 * Write what has changed
 *
 * @param s Sync, planned
 *
 * @return 0 if success, otherwise errorcode
 */
int sync_write(struct sync *s)
{
	size_t i;
	int err;

	err = write_ports(s);
	if (!err)
		err = write_hub(s);

	for (i=0; i<s->instc && !err; i++) {

		const struct sync_inst *inst = &s->instv[i];

		if (inst->there ? inst->verb != SYNC_STOP : is_written(inst))
			make_spool(s, inst);
		if (is_written(inst))
			err = write_inst(s, inst);
	}

	return err || s->quiet ? err : write_delays(s);
}


static void done(const struct sync *s, const struct sync_inst *inst)
{
	char path[SYNC_PATH + sizeof(SYNC_TODO)], dir[SYNC_PATH];

	if (inst->verb == SYNC_STOP)
		(void)sync_remove(s, inst->name);
	else if (!dir_of(dir, s, inst) &&
		 re_snprintf(path, sizeof(path), "%s/" SYNC_TODO, dir) > 0)
		(void)unlink(path);
}


static int tell(const struct sync *s, enum sync_verb verb, const char *word,
		bool wait, bool quiet)
{
	const char **namev = mem_zalloc((s->instc + 1) * sizeof(*namev), NULL);
	size_t i, n = 0;
	int err = 0;

	if (!namev)
		return ENOMEM;

	for (i=0; i<s->instc; i++) {
		if (s->instv[i].verb == verb)
			namev[n++] = s->instv[i].name;
	}

	if (n && !quiet)
		err = systemctl_run(word, wait, namev, n);

	for (i=0; i<s->instc && !err; i++) {
		if (s->instv[i].verb == verb)
			done(s, &s->instv[i]);
	}

	mem_deref(namev);

	return err;
}


/* Those that begin have the accounts of those that end */
static bool is_switch(const struct sync *s)
{
	bool started = false, stopped = false;
	size_t i;

	for (i=0; i<s->instc; i++) {
		started |= s->instv[i].verb == SYNC_START;
		stopped |= s->instv[i].verb == SYNC_STOP;
	}

	return started && stopped && (s->o->one || sync_find(s, OFFICE_ONE));
}


/**
 * Tell systemd: a call for all that are to do the same
 *
 * @param s     Sync, written
 * @param quiet Do not: somebody else starts and stops them
 *
 * @return 0 if success, otherwise errorcode; systemctl has said more
 */
int sync_tell(struct sync *s, bool quiet)
{
	int err, e;

	err = tell(s, SYNC_STOP, "stop", is_switch(s), quiet);
	e = tell(s, SYNC_RESTART, "restart", false, quiet);
	err = err ? err : e;
	e = tell(s, SYNC_RELOAD, "reload-or-restart", false, quiet);
	err = err ? err : e;
	e = tell(s, SYNC_START, "start", false, quiet);
	if (!quiet)
		left_start(s);

	return err ? err : e;
}
