/**
 * @file config/confother.c  Keys that are none of ours, and what was meant
 *
 * Each module reads its own keys from the same file. One of them, the bridge,
 * or a hub that is alone, also names what begins like a key of ours and is
 * known to none, since nobody else would.
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "conftext.h"
#include "confget.h"
#include "confread.h"


enum {
	SLIPS = 2,              /**< Letters that are wrong in a prefix    */
};

/** Modules that have keys of their own */
static const struct {
	const char *prefix;
	const char *file;       /**< As module_app names it                */
	const char *other;      /**< ... or this one, which has it in it   */
} modulev[] = {
	{CFG_PREFIX "link_",   "connectycube_link.so", "connectycube_hub.so"},
	{CFG_PREFIX "record_", "connectycube_record.so", NULL},
	{CFG_PREFIX "hub_",    "connectycube_hub.so", NULL},
	{CFG_PREFIX "hep_",    "connectycube_hep.so", NULL},
	{CFG_PREFIX "ami_",    "connectycube_ami.so", NULL},
	{CFG_PREFIX "console_", "connectycube_console.so", NULL},
	{CFG_PREFIX,           "connectycube.so", NULL},
};

enum {
	BRIDGE = ARRAY_SIZE(modulev) - 1,
};


static bool begins_with(const struct pl *name, const char *prefix)
{
	const struct pl head = {name->p, min(name->l, strlen(prefix))};

	return !pl_strcasecmp(&head, prefix);
}


/* Whose key it would be, ARRAY_SIZE(modulev)=nobody's */
static size_t module_of(const struct pl *name)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(modulev); i++) {
		if (begins_with(name, modulev[i].prefix))
			break;
	}

	return i;
}


/**
 * Begin: which modules does the file name?
 *
 * @param rd   Reading
 * @param text All of the file
 */
void confother_begin(struct cfg_reading *rd, const struct pl *text)
{
	struct conf_line cl = {.line = 0};
	struct pl rest = *text;
	size_t i;

	while (conf_next_key(&cl, &rest)) {

		if (pl_strcasecmp(&cl.key, "module_app"))
			continue;

		for (i=0; i<ARRAY_SIZE(modulev); i++) {
			if (!pl_strcmp(&cl.val, modulev[i].file) ||
			    (modulev[i].other &&
			     !pl_strcmp(&cl.val, modulev[i].other)))
				rd->loaded |= 1u << i;
		}
	}

	rd->rest = rd->m->rest == CFG_REST_YES ||
		(rd->m->rest == CFG_REST_ALONE &&
		 !(rd->loaded & (1u << BRIDGE)));
}


/* The key of ours that this one is but for the prefix, NULL=none */
static const char *without_prefix(const struct cfg_reading *rd,
				  const struct pl *name)
{
	/* baresip's own */
	static const char *const baresipv[] = {
		"video_bitrate", "video_fps", "video_size",
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(baresipv); i++) {
		if (!pl_strcasecmp(name, baresipv[i]))
			return NULL;
	}

	for (i=0; i<rd->keyc; i++) {
		if (!pl_strcasecmp(name, rd->keyv[i]->name +
				   strlen(CFG_PREFIX)))
			return rd->keyv[i]->name;
	}

	return NULL;
}


/* The nearest of our own keys, and of all others if one is nearer */
static const char *nearest(const struct cfg_reading *rd,
			   const struct pl *name, unsigned dist)
{
	struct conf_near near;
	const char *key;
	size_t i;

	conf_near_init(&near, name);
	near.dist = dist;

	for (i=0; i<rd->keyc; i++)
		conf_near_try(&near, rd->keyv[i]->name);
	for (i=0; (key = confnames_get(i, NULL)); i++)
		conf_near_try(&near, key);

	return near.best;
}


/* Most of a name is the prefix, which counts for nothing */
static unsigned far_of(const struct pl *name, const char *prefix)
{
	const size_t len = strlen(prefix);

	return (unsigned)max(name->l > len ? (name->l - len) / 3 : 0,
			     (size_t)1) + 1;
}


static void unknown(const struct cfg_reading *rd, const struct conf_line *cl,
		    const char *prefix, const char *otherwise)
{
	const char *meant;

	/* KEY=VALUE: the value may be a secret */
	if (!conf_is_name(&cl->key)) {
		clog_warning("%s:%u: not of the form KEY VALUE, with a blank"
			     " between them\n", rd->path, cl->line);
		return;
	}

	meant = nearest(rd, &cl->key, far_of(&cl->key, prefix));

	clog_warning("%s:%u: unknown key %r%s%s%s\n", rd->path, cl->line,
		     &cl->key, meant ? ": is " : "",
		     meant ? meant : otherwise, meant ? " meant?" : "");
}


/* It begins as our keys do, but for a slip */
static bool is_like(const struct pl *name)
{
	struct conf_near near;
	struct pl head;
	size_t l;

	for (l = strlen(CFG_PREFIX) - SLIPS; l <= strlen(CFG_PREFIX) + SLIPS;
	     l++) {

		if (name->l <= l || name->p[l - 1] != '_')
			continue;

		head.p = name->p;
		head.l = l;
		conf_near_init(&near, &head);
		near.dist = SLIPS + 1;
		conf_near_try(&near, CFG_PREFIX);
		if (near.best)
			return true;
	}

	return false;
}


/* Not of the project, as it is written */
static void foreign(struct cfg_reading *rd, const struct conf_line *cl)
{
	const char *meant = without_prefix(rd, &cl->key);

	if (!meant)
		meant = nearest(rd, &cl->key, SLIPS + 1);

	if (meant) {
		clog_warning("%s:%u: unknown key %r: is %s meant?\n",
			     rd->path, cl->line, &cl->key, meant);
		++rd->wrong;
	}
	else if (is_like(&cl->key)) {
		unknown(rd, cl, CFG_PREFIX, " (nearly " CFG_PREFIX "...)");
	}
}


/**
 * Look at a key that is none of ours
 *
 * @param rd Reading
 * @param cl Its line
 */
void confother_line(struct cfg_reading *rd, const struct conf_line *cl)
{
	const size_t i = module_of(&cl->key);
	bool ours;

	if (!cl->key.l)
		return;

	ours = i < ARRAY_SIZE(modulev) &&
		!strcmp(modulev[i].prefix, rd->m->prefix);

	if (!ours) {
		/* that module will say so */
		if (!rd->rest || (i < BRIDGE && rd->loaded & (1u << i)) ||
		    confnames_known(&cl->key))
			return;

		if (i == ARRAY_SIZE(modulev)) {
			foreign(rd, cl);
			return;
		}
	}

	/* what is of a module that is not there hurts nobody */
	unknown(rd, cl, modulev[i].prefix, "");
	rd->wrong += ours || i == BRIDGE;
}
