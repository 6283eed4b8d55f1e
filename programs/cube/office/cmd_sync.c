/**
 * @file cmd_sync.c  cube sync: instances are made what the files say
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "cube/cli.h"
#include "office.h"
#include "sync.h"


/** A sync that runs */
struct run {
	struct cli *c;
	struct sync s;
	struct office *o;       /**< Owned                                 */
	const char *root;       /**< Folder that all is in, ""=/           */
	bool dry;               /**< Only said                             */
	int lock;               /**< File that is locked, -1=none          */
};


static void say_faults(const struct office_fault *v, size_t n)
{
	size_t i;

	for (i=0; i<n; i++)
		cli_complain("%H", office_print_fault, &v[i]);
}


/* What is done, and how many nothing is done with */
static void say(struct run *r)
{
	const struct sync *s = &r->s;
	size_t i, unchanged = 0;

	for (i=0; i<s->instc; i++) {

		const struct sync_inst *inst = &s->instv[i];

		unchanged += inst->verb == SYNC_NOTHING;
		if (inst->verb != SYNC_NOTHING)
			cli_line(&r->c->out, inst->verb == SYNC_KEEP ?
				 CLI_WARN : CLI_PLAIN, "%-9s %s",
				 sync_verb_name(inst), inst->name);
	}

	if (unchanged)
		cli_line(&r->c->out, CLI_PLAIN, "unchanged %zu", unchanged);
	if (r->dry)
		cli_line(&r->c->out, CLI_PLAIN, "nothing was done (--dry-run)");
}


static void add_faults(json_t *arr, const struct office_fault *v, size_t n)
{
	size_t i;

	for (i=0; i<n; i++)
		(void)json_array_append_new(arr, json_pack(
			"{s:s,s:i,s:i,s:b,s:s}",
			"file", office_file_name(v[i].file),
			"line", (int)v[i].line, "column", (int)v[i].col,
			"counts", (int)v[i].mild, "text", v[i].text));
}


static void say_json(struct run *r)
{
	const struct sync *s = &r->s;
	json_t *insts = json_array(), *faults = json_array(), *j;
	size_t i;

	for (i=0; i<s->instc; i++)
		(void)json_array_append_new(insts, json_pack(
			"{s:s,s:s}", "name", s->instv[i].name, "action",
			sync_verb_name(&s->instv[i])));

	add_faults(faults, r->o->faultv, r->o->faultc);
	add_faults(faults, s->faultv, s->faultc);

	j = json_pack("{s:b,s:o,s:o}", "dry_run", (int)r->dry, "instances",
		      insts, "faults", faults);
	cli_out_json(&r->c->out, j);
	json_decref(j);
}


/* Somebody else's, or nobody's: of a folder, or without systemd */
static bool is_quiet(const struct run *r)
{
	return r->root[0] || access("/run/systemd/system", F_OK);
}


static int make(struct run *r)
{
	struct sync *s = &r->s;
	const struct cli_args *a = r->c->args;
	int err;

	err = sync_open(s, &r->o, r->root, r->dry ? NULL : &r->lock);
	if (err)
		return err;

	s->all = a->optv[CLI_OPT_START] != NULL;
	err = sync_plan(s);

	if (r->c->json) {
		if (!err)
			say_json(r);
	}
	else {
		say_faults(r->o->faultv, r->o->faultc);
		say_faults(s->faultv, s->faultc);
		if (!err)
			say(r);
	}

	if (!err && !r->dry && !r->o->wrongv[OFFICE_COMMON])
		err = sync_write(s);
	if (!err && !r->dry && !r->o->wrongv[OFFICE_COMMON])
		err = sync_tell(s, is_quiet(r));
	if (!err && !r->dry && !s->faultc && !s->spoiled &&
	    !r->o->wrongv[OFFICE_COMMON] && !r->o->wrongv[OFFICE_EXTENSIONS])
		err = sync_stamp(s);

	return err;
}


/* Of one that is no more; its service does so again while the hub is away */
static int hand_on(const struct cli_args *a, const char *name)
{
	const char *root = a->optv[CLI_OPT_ROOT];
	char spool[SYNC_PATH], hub[SYNC_PATH];
	unsigned n = 0;
	int err;

	if (strchr(name, '/') || name[0] == '.' || re_snprintf(
		    spool, sizeof(spool), "%s/var/lib/connectycube-bridge/%s"
		    "/spool", root ? root : "", name) < 0 ||
	    left_hub(hub, sizeof(hub), root ? root : "")) {
		cli_complain("--left %s: is not the name of an instance", name);
		return CLI_USAGE;
	}

	err = left_hand_on(spool, name, hub, &n);
	if (err)
		cli_complain("%s: records wait for the hub: %m", name, err);

	return err ? CLI_LATER : CLI_OK;
}


/**
 * cube sync
 *
 * @param c What a command has
 *
 * @return CLI_WRONG if something is wrong with a line, or was not done;
 *         CLI_LATER if a secret is not there, or the hub is not
 */
int cmd_sync(struct cli *c)
{
	const char *root = c->args->optv[CLI_OPT_ROOT];
	struct run r = {.c = c, .root = root ? root : "", .lock = -1};
	const char *left = c->args->optv[CLI_OPT_LEFT];
	bool wrong, later;
	int err;

	if (left)
		return hand_on(c->args, left);

	r.dry = c->args->optv[CLI_OPT_DRY_RUN] != NULL;
	err = make(&r);
	if (err)
		cli_complain("sync: %m", err);

	wrong = err || r.s.spoiled || r.s.faultc || (r.o && (r.o->wrongv[OFFICE_COMMON] ||
					r.o->wrongv[OFFICE_EXTENSIONS]));

	later = !err && r.s.later;

	sync_reset(&r.s);
	mem_deref(r.o);
	if (r.lock >= 0)
		(void)close(r.lock);

	return later ? CLI_LATER : wrong ? CLI_WRONG : CLI_OK;
}
