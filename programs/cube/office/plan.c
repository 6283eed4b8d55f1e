/**
 * @file plan.c  What is to be done that instances are what the files say
 *
 * Nothing is written, nobody is told here. An extension whose line is wrong
 * stays what it was; where it cannot be known whose line that is, no instance
 * goes.
 */
#include <errno.h>
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "config/conftext.h"
#include "config/users.h"
#include "office.h"
#include "parsing.h"
#include "sync.h"


enum {
	ROOM = 4096,            /**< For what is not of the files [bytes]  */
};

static const char *const filev[SYNC_FILES] = {
	[SYNC_CONFIG]   = "config",
	[SYNC_ACCOUNTS] = "accounts",
	[SYNC_USERS]    = "users",
};

/* Room enough that the buffer need not grow */
static size_t room_for(const struct office *o, const struct office_ext *ext)
{
	size_t i, n = ROOM;

	for (i=0; i<o->keyc; i++)
		n += strlen(o->keyv[i].key) + strlen(o->keyv[i].val) + 2;

	if (ext)
		return n + strlen(ext->text);

	for (i=0; i<o->extc; i++)
		n += strlen(o->extv[i].text) + ROOM / 4;

	return n;
}


/**
 * Find an instance
 *
 * @param s    Sync
 * @param name Its name
 *
 * @return Instance, NULL if there is none
 */
struct sync_inst *sync_find(const struct sync *s, const char *name)
{
	size_t i;

	for (i=0; i<s->instc; i++) {
		if (!strcmp(s->instv[i].name, name))
			return &s->instv[i];
	}

	return NULL;
}


static struct sync_inst *get(struct sync *s, const char *name)
{
	struct sync_inst *inst = sync_find(s, name);
	struct pl pl;

	if (inst || office_grow(&s->instv, s->instc, sizeof(*s->instv)))
		return inst;

	pl_set_str(&pl, name);
	inst = &s->instv[s->instc];
	if (text_str(inst->name, sizeof(inst->name), &pl))
		return NULL;
	++s->instc;

	return inst;
}


static int complain(struct sync *s, const struct office_ext *ext,
		    const char *what, const char *why)
{
	struct office_fault *f;
	int err;

	err = office_grow(&s->faultv, s->faultc, sizeof(*s->faultv));
	if (err)
		return err;

	f = &s->faultv[s->faultc++];
	f->file = OFFICE_EXTENSIONS;
	f->line = ext ? ext->line : 0;

	return re_sdprintf(&f->text, "%s: %s", what, why);
}


/* The line of an extension as it was, if it was */
static int put_old(struct mbuf *mb, const struct mbuf *old, const char *aor,
		   bool others, const struct office *o)
{
	struct pl rest, line;
	unsigned nr = 0;
	int err = 0;

	if (!old)
		return 0;

	rest.p = (const char *)old->buf;
	rest.l = old->end;

	while (!err && conf_next(&line, &nr, &rest)) {

		struct sip_addr addr;
		char was[512];
		size_t i;

		if (!line.l || *line.p == '#' ||
		    sip_addr_decode(&addr, &line) ||
		    re_snprintf(was, sizeof(was), "%H", users_print_aor,
				&addr.uri) < 0)
			continue;

		/* whose line is the one that cannot be read? */
		for (i=0; others && i<o->extc; i++) {
			if (o->extv[i].aor &&
			    !str_casecmp(o->extv[i].aor, was))
				break;
		}

		if (others ? i == o->extc : !str_casecmp(was, aor))
			err = mbuf_printf(mb, "%r\n", &line);
	}

	return err;
}


/* False if a secret is not to be had, which is said */
static int put_ext(struct sync *s, const struct office_ext *ext,
		   struct mbuf *accounts, struct mbuf *users, bool *goodp)
{
	char *sip = NULL, *cube = NULL, why[SYNC_PATH] = "";
	const char *what = "auth_pass";
	int err = 0;

	*goodp = false;

	if (!s->o->ami_only)
		err = sync_secret(&sip, &ext->sip, s->creds, why, sizeof(why));
	if (!err) {
		what = "cube_password";
		err = sync_secret(&cube, &ext->cube, s->creds, why,
				  sizeof(why));
	}

	if (err == EINVAL || err == EAGAIN) {
		s->later |= err == EAGAIN;
		err = complain(s, ext, what, why);
	}
	else if (!err) {
		*goodp = true;
		err  = s->o->ami_only ? sync_render_no_account(accounts) :
			sync_render_account(accounts, ext, sip);
		err |= sync_render_user(users, ext, cube);
	}

	office_wipe(sip);
	office_wipe(cube);

	return err;
}


static bool differs(const struct mbuf *old, const struct mbuf *new)
{
	return !old || old->end != new->end ||
		memcmp(old->buf, new->buf, new->end);
}


/* What was to be done, and perhaps is not */
static enum sync_verb todo(const struct sync *s, const struct sync_inst *inst)
{
	enum sync_verb verb = SYNC_NOTHING;
	char dir[SYNC_PATH];
	struct mbuf *mb;

	if (re_snprintf(dir, sizeof(dir), "%s/%s", s->instances,
			inst->name) < 0 || sync_load(&mb, NULL, dir, SYNC_TODO))
		return SYNC_NOTHING;

	if (mb->end)
		verb = mb->buf[0] == 'l' ? SYNC_RELOAD : SYNC_RESTART;
	mem_deref(mb);

	return verb;
}


static enum sync_verb verb_of(const struct sync *s,
			      const struct sync_inst *inst)
{
	enum sync_verb verb;

	if (!inst->there)
		return SYNC_START;

	verb = inst->changedv[SYNC_CONFIG] || inst->changedv[SYNC_ACCOUNTS] ?
		SYNC_RESTART : inst->changedv[SYNC_USERS] ? SYNC_RELOAD :
		SYNC_NOTHING;
	verb = max(verb, todo(s, inst));

	return verb == SYNC_NOTHING && s->all ? SYNC_START : verb;
}


static void load_old(const struct sync *s, const struct sync_inst *inst,
		     struct mbuf **oldv)
{
	char dir[SYNC_PATH];
	size_t i;

	if (re_snprintf(dir, sizeof(dir), "%s/%s", s->instances,
			inst->name) < 0)
		return;

	for (i=0; i<SYNC_FILES && inst->there; i++)
		(void)sync_load(&oldv[i], NULL, dir, filev[i]);
}


static int make_config(struct sync *s, struct sync_inst *inst)
{
	const struct sync_ports *ports;
	int err;

	err = sync_ports_get(&ports, s, inst->name, inst->there,
			     sync_port_free);
	if (err == EADDRNOTAVAIL) {
		inst->verb = SYNC_KEEP;
		return complain(s, NULL, inst->name, "no port is free");
	}

	return err ? err : sync_render_config(inst->mbv[SYNC_CONFIG], s,
					      ports);
}


/* What is wrong stays as it was, line by line */
static int put_all(struct sync *s, struct sync_inst *inst,
		   struct mbuf *const *oldv)
{
	struct mbuf *accounts = inst->mbv[SYNC_ACCOUNTS];
	struct mbuf *users = inst->mbv[SYNC_USERS];
	const struct office *o = s->o;
	size_t i;
	int err = 0;

	for (i=0; i<o->extc && !err; i++) {

		const struct office_ext *ext = &o->extv[i];
		bool good = false;

		if (ext->good)
			err = put_ext(s, ext, accounts, users, &good);
		if (err || good || !ext->aor)
			continue;

		err  = put_old(accounts, oldv[SYNC_ACCOUNTS], ext->aor,
			       false, o);
		err |= put_old(users, oldv[SYNC_USERS], ext->aor, false, o);
	}

	if (!err && o->nameless) {
		err  = put_old(accounts, oldv[SYNC_ACCOUNTS], "", true, o);
		err |= put_old(users, oldv[SYNC_USERS], "", true, o);
	}

	return err;
}


/* ext: the one that it is of, NULL=all of them */
static int plan_inst(struct sync *s, const char *name,
		     const struct office_ext *ext)
{
	struct sync_inst *inst = get(s, name);
	struct mbuf *oldv[SYNC_FILES] = {NULL};
	bool good = true;
	size_t i;
	int err = 0;

	if (!inst)
		return ENOMEM;

	for (i=0; i<SYNC_FILES; i++) {
		inst->mbv[i] = conf_mbuf(room_for(s->o, ext));
		if (!inst->mbv[i])
			return ENOMEM;
	}

	load_old(s, inst, oldv);

	if (ext) {
		err = put_ext(s, ext, inst->mbv[SYNC_ACCOUNTS],
			      inst->mbv[SYNC_USERS], &good);
		inst->verb = good ? SYNC_NOTHING : SYNC_KEEP;
	}
	else {
		err = put_all(s, inst, oldv);
	}

	if (!err && good)
		err = make_config(s, inst);

	/* a process without accounts is of no use */
	if (!err && !inst->mbv[SYNC_ACCOUNTS]->end && inst->verb != SYNC_KEEP)
		inst->verb = inst->there ? SYNC_STOP : SYNC_KEEP;
	else if (!err && inst->verb != SYNC_KEEP) {

		for (i=0; i<SYNC_FILES; i++)
			inst->changedv[i] = differs(oldv[i], inst->mbv[i]);
		inst->verb = verb_of(s, inst);
	}

	for (i=0; i<SYNC_FILES; i++)
		mem_deref(oldv[i]);

	return err;
}


/* A process of its own, which is to be part of one, but cannot yet */
static void keep_wrong(struct sync *s)
{
	size_t i;

	for (i=0; i<s->o->extc; i++) {

		const struct office_ext *ext = &s->o->extv[i];
		struct sync_inst *inst = ext->inst && !ext->good ?
			sync_find(s, ext->inst) : NULL;

		if (inst)
			inst->verb = SYNC_KEEP;
	}
}


/* Is it called as another one is, whose line cannot be read now? */
static bool is_others(const struct sync *s, const struct office_ext *ext)
{
	const struct sync_inst *inst = sync_find(s, ext->inst);
	struct mbuf *oldv[SYNC_FILES] = {NULL}, *mb = NULL;
	bool others = false;
	size_t i;

	if (!s->o->nameless || !inst || !inst->there)
		return false;

	load_old(s, inst, oldv);
	if (oldv[SYNC_ACCOUNTS])
		mb = conf_mbuf(oldv[SYNC_ACCOUNTS]->end + 1);
	if (mb)
		others = !put_old(mb, oldv[SYNC_ACCOUNTS], ext->aor, false,
				  s->o) && !mb->end;
	mem_deref(mb);
	for (i=0; i<SYNC_FILES; i++)
		mem_deref(oldv[i]);

	return others;
}


static int plan_ext(struct sync *s, const struct office_ext *ext)
{
	struct sync_inst *inst;
	const struct sync_ports *ports;

	if (!ext->inst)
		return 0;

	if (ext->good && !is_others(s, ext))
		return plan_inst(s, ext->inst, ext);

	inst = sync_find(s, ext->inst);
	if (!inst)
		return 0;

	inst->verb = SYNC_KEEP;

	return sync_ports_get(&ports, s, ext->inst, true, sync_port_free);
}


/* Those that nothing has been said of */
static int plan_rest(struct sync *s)
{
	const struct sync_ports *ports;
	size_t i;
	int err = 0;

	for (i=0; i<s->instc && !err; i++) {

		struct sync_inst *inst = &s->instv[i];

		if (inst->verb || inst->mbv[SYNC_CONFIG])
			continue;

		if (!s->o->nameless || s->o->one ||
		    !strcmp(inst->name, OFFICE_ONE)) {
			inst->verb = SYNC_STOP;
			continue;
		}

		inst->verb = SYNC_KEEP;
		err = sync_ports_get(&ports, s, inst->name, true,
				     sync_port_free);
	}

	return err;
}


/**
 * Find out what is to be done
 *
 * @param s Sync: its office, its folders, and the instances that there are
 *
 * @return 0 if success, also if something is wrong with a line; otherwise
 *         errorcode
 */
int sync_plan(struct sync *s)
{
	const struct office *o = s->o;
	size_t i;
	int err = 0;

	/* what all share is wrong: nothing is as it is meant */
	if (o->wrongv[OFFICE_COMMON]) {
		for (i=0; i<s->instc; i++)
			s->instv[i].verb = SYNC_KEEP;
		return 0;
	}

	if (o->one && o->extc) {
		keep_wrong(s);
		err = plan_inst(s, OFFICE_ONE, NULL);
	}

	for (i=0; i<o->extc && !err && !o->one; i++)
		err = plan_ext(s, &o->extv[i]);

	return err ? err : plan_rest(s);
}


/**
 * Free what a sync has
 *
 * @param s Sync
 */
void sync_reset(struct sync *s)
{
	size_t i, j;

	for (i=0; i<s->instc; i++) {
		for (j=0; j<SYNC_FILES; j++)
			mem_deref(s->instv[i].mbv[j]);
	}
	for (i=0; i<s->faultc; i++)
		mem_deref(s->faultv[i].text);

	s->instv  = mem_deref(s->instv);
	s->portv  = mem_deref(s->portv);
	s->faultv = mem_deref(s->faultv);
	s->instc  = s->portc = s->faultc = s->slot = 0;
}


/**
 * Get the name of a file of an instance
 *
 * @param file Which
 *
 * @return Its name
 */
const char *sync_file_name(enum sync_file file)
{
	return filev[file];
}
