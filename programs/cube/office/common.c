/**
 * @file common.c  A line of common.conf
 *
 * In baresip's own syntax: KEY VALUE. What instances have to have for
 * themselves is chosen by cube sync, and may not stand here.
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "config/conftext.h"
#include "config/confget.h"
#include "config/confread.h"
#include "office.h"
#include "parsing.h"


enum {
	SLIPS = 2,              /**< Letters that are wrong in a name      */
};

/* Chosen for each instance; the first one not where there is only one */
static const char *const chosenv[] = {
	"sip_listen",
	"connectycube_users", "connectycube_link_name",
	"connectycube_link_spool", "connectycube_hep_name",
	"connectycube_console_socket",
};

enum {
	CHOSEN_FREE = 1,        /**< So many are free with one process     */
};

/* Consoles in the network: modules, and where they listen */
static const char *const openv[][2] = {
	{"ctrl_tcp.so", "ctrl_tcp_listen"},
	{"cons.so", "cons_listen"},
};

static const char instances[] = "instances";


/* A name of ours that differs by a slip or two, NULL=none does */
static const char *nearest(const struct pl *name)
{
	struct conf_near near;
	const char *key;
	size_t i;

	conf_near_init(&near, name);
	near.dist = SLIPS + 1;

	conf_near_try(&near, instances);
	for (i=0; (key = confnames_get(i, NULL)); i++)
		conf_near_try(&near, key);

	return near.best;
}


static int read_instances(const struct office_at *at, const struct pl *val)
{
	if (!pl_strcasecmp(val, "one"))
		at->o->one = true;
	else if (pl_strcasecmp(val, "per-extension"))
		return office_fault(at, val->p, "%s is per-extension or one",
				    instances);
	return 0;
}


/* Keys of baresip pass, but not what is nearly one of ours */
static int check_name(const struct office_at *at, const struct pl *key,
		      bool *goodp)
{
	const struct pl head = {key->p, min(key->l, strlen(CFG_PREFIX))};
	const char *near;

	*goodp = true;
	if (confnames_known(key))
		return 0;

	near = nearest(key);
	if (!near && pl_strcasecmp(&head, CFG_PREFIX))
		return 0;

	*goodp = false;

	return office_fault(at, key->p, "unknown key %r%s%s%s", key,
			    near ? ": is " : "", near ? near : "",
			    near ? " meant?" : "");
}


static int add_key(const struct office_at *at, const struct pl *key,
		   const struct pl *val)
{
	struct office *o = at->o;
	struct office_key *k;
	int err;

	err = office_grow(&o->keyv, o->keyc, sizeof(*o->keyv));
	if (err)
		return err;

	k = &o->keyv[o->keyc++];
	k->line = at->line;
	err = pl_strdup(&k->key, key);

	return err ? err : pl_strdup(&k->val, val);
}


/**
 * Read a line of common.conf
 *
 * @param at   Line
 * @param line Its text
 *
 * @return 0 if success, also if something is wrong with it; ENOMEM
 */
int office_common_line(const struct office_at *at, struct pl line)
{
	struct conf_line cl = {.line = 0};
	struct pl val = line;
	bool good;
	int err;

	if (!conf_next_key(&cl, &line) || !cl.key.l)
		return 0;

	/* KEY=VALUE: the value may be a secret */
	if (!conf_is_name(&cl.key))
		return office_fault(at, cl.key.p, "not of the form KEY VALUE,"
				    " with a blank between them");

	err = office_check_text(at, &val, &good);
	if (err || !good)
		return err;

	if (!cl.val.l)
		return office_fault(at, cl.key.p, "%r has no value", &cl.key);

	if (!pl_strcasecmp(&cl.key, instances))
		return read_instances(at, &cl.val);

	err = check_name(at, &cl.key, &good);
	if (err || !good)
		return err;

	val.l = cl.rest.l ? (size_t)(cl.rest.p + cl.rest.l - cl.val.p)
		: cl.val.l;
	val.p = cl.val.p;

	return add_key(at, &cl.key, &val);
}


/**
 * Get the value of a key of common.conf
 *
 * @param o   Office
 * @param key Key
 *
 * @return Its value, the first one; NULL if it does not stand there
 */
const char *office_value(const struct office *o, const char *key)
{
	size_t i;

	for (i=0; i<o->keyc; i++) {
		if (!str_casecmp(o->keyv[i].key, key))
			return o->keyv[i].val;
	}

	return NULL;
}


static bool has_manager(const struct office *o)
{
	size_t i;

	for (i=0; i<o->keyc; i++) {
		if (!str_casecmp(o->keyv[i].key, "module_app") &&
		    !strcmp(o->keyv[i].val, "connectycube_ami.so"))
			return true;
	}

	return false;
}


/* How the bridge and the PBX come together, see call/mode.h; what is no mode is
   said by the bridge's own reading */
static int check_mode(struct office *o, const struct office_key *k)
{
	const struct office_at at = {.o = o, .file = OFFICE_COMMON,
		.line = k->line};

	if (str_casecmp(k->key, "connectycube_mode"))
		return 0;

	o->ami_only = !str_casecmp(k->val, "ami-only");

	return (o->ami_only || !str_casecmp(k->val, "hybrid")) &&
		!has_manager(o) ?
		office_fault(&at, NULL, "connectycube_mode %s wants a line"
			     " module_app connectycube_ami.so", k->val) : 0;
}


/**
 * Is it a console in the network, which asks nobody who he is? Instances that
 * are many would all have its one port
 *
 * @param k Key
 *
 * @return True if it is its module, or where it listens
 */
bool office_is_open(const struct office_key *k)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(openv); i++) {
		if (!strcmp(k->val, openv[i][0]) ||
		    !str_casecmp(k->key, openv[i][1]))
			return true;
	}

	return false;
}


/* Media may take the port of an instance while that is started anew */
static int check_ports(const struct office_at *at, const struct office_key *k)
{
	struct pl first, last;

	if ((str_casecmp(k->key, "rtp_ports") &&
	     str_casecmp(k->key, "connectycube_ice_ports")) ||
	    re_regex(k->val, strlen(k->val), "[0-9]+-[0-9]+", &first, &last) ||
	    pl_u32(&first) > OFFICE_SIP_LAST ||
	    pl_u32(&last) < OFFICE_SIP_FIRST)
		return 0;

	return office_remark(at, NULL, "%s %s has ports among those of SIP,"
			     " which are %u to %u: some instance may find its"
			     " own taken", k->key, k->val, OFFICE_SIP_FIRST,
			     OFFICE_SIP_LAST);
}


static int check_key(const struct office_at *at, const struct office_key *k)
{
	size_t i;

	if (!at->o->one && office_is_open(k))
		return office_remark(at, NULL, "%s %s is left out: cube"
				     " console commands an instance",
				     k->key, k->val);

	for (i = at->o->one ? CHOSEN_FREE : 0; i<ARRAY_SIZE(chosenv); i++) {
		if (!str_casecmp(chosenv[i], k->key))
			return office_fault(at, NULL, "%s is chosen by cube"
					    " sync, for each instance: leave"
					    " it out", chosenv[i]);
	}

	return 0;
}


/**
 * Look at the keys, when all have been read
 *
 * @param o Office
 *
 * @return 0 if success, ENOMEM
 */
int office_common_end(struct office *o)
{
	size_t i;
	int err = 0;

	for (i=0; i<o->keyc && !err; i++) {

		const struct office_at at = {.o = o, .file = OFFICE_COMMON,
			.line = o->keyv[i].line};

		err = check_key(&at, &o->keyv[i]);
		if (!err && !office_value(o, "sip_listen"))
			err = check_ports(&at, &o->keyv[i]);
		if (!err)
			err = check_mode(o, &o->keyv[i]);
	}

	return err;
}
