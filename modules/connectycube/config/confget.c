/**
 * @file config/confget.c  Reading the keys of the configuration
 *
 * Reads the file itself and not what baresip made of it, so that everything
 * wrong in it can be named with its line, and all of it in one go. baresip's
 * own keys are passed over. Secrets never appear in a message.
 */
#include <errno.h>
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "conftext.h"
#include "confget.h"
#include "config.h"


/** All keys of the project begin with it */
#define PREFIX "connectycube_"

enum {
	KEY_MAX = 256,          /**< Keys of all areas                     */
};

/* Modules beside the bridge, which read their keys themselves */
static const char *const othersv[] = {
	PREFIX "link_", PREFIX "record_", PREFIX "hub_", PREFIX "hep_",
};

/** A reading */
struct reader {
	void *cfg;              /**< What is filled in                     */
	const char *prefix;     /**< Of its keys                           */
	const struct cfg_area *const *areav;
	size_t areac;
	const char *path;
	unsigned linev[KEY_MAX]; /**< Where a key stands, 0=nowhere        */
	const struct cfg_key *keyv[KEY_MAX]; /**< Keys of all areas        */
	size_t keyc;
	unsigned wrong;         /**< Mistakes found                        */
};


/* The key of this name; what follows it for a secret is its suffix */
static bool is_key(const struct cfg_key *key, const struct pl *name,
		   struct pl *suffix)
{
	const size_t len = strlen(key->name);
	const struct pl head = {name->p, min(name->l, len)};

	if (pl_strcasecmp(&head, key->name))
		return false;

	suffix->p = name->p + len;
	suffix->l = name->l - len;

	return !suffix->l || (key->kind == CFG_SECRET &&
			      (!pl_strcasecmp(suffix, "_file") ||
			       !pl_strcasecmp(suffix, "_env")));
}


/* The key of ours that this one is but for the prefix, NULL=none */
static const char *without_prefix(const struct reader *r,
				  const struct pl *name)
{
	/* baresip's own */
	static const char *const baresipv[] = {
		"video_bitrate", "video_fps", "video_size",
	};
	size_t i;

	if (strcmp(r->prefix, PREFIX))
		return NULL;

	for (i=0; i<ARRAY_SIZE(baresipv); i++) {
		if (!pl_strcasecmp(name, baresipv[i]))
			return NULL;
	}

	for (i=0; i<r->keyc; i++) {
		if (!pl_strcasecmp(name, r->keyv[i]->name + strlen(PREFIX)))
			return r->keyv[i]->name;
	}

	return NULL;
}


static void unknown(struct reader *r, const struct conf_line *cl)
{
	struct conf_near near;
	const char *meant;
	size_t i;

	++r->wrong;

	meant = without_prefix(r, &cl->key);
	if (meant) {
		clog_warning("%s:%u: unknown key %r: is %s meant?\n", r->path,
			     cl->line, &cl->key, meant);
		return;
	}

	/* KEY=VALUE: the value may be a secret */
	if (!conf_is_name(&cl->key)) {
		clog_warning("%s:%u: not of the form KEY VALUE, with a blank"
			     " between them\n", r->path, cl->line);
		return;
	}

	conf_near_init(&near, &cl->key);

	/* most of a name is the prefix, which counts for nothing */
	near.dist = max((unsigned)(cl->key.l - strlen(r->prefix)) / 3, 1u) + 1;

	for (i=0; i<r->keyc; i++)
		conf_near_try(&near, r->keyv[i]->name);

	clog_warning("%s:%u: unknown key %r%s%s%s\n", r->path, cl->line,
		     &cl->key, near.best ? ": is " : "",
		     near.best ? near.best : "",
		     near.best ? " meant?" : "");
}


/* Two letters are wrong in the prefix itself, and baresip has no such key */
static bool is_slip(const struct reader *r, const struct pl *name)
{
	struct conf_near near;
	size_t i;

	conf_near_init(&near, name);
	near.dist = 3;

	for (i=0; i<r->keyc; i++)
		conf_near_try(&near, r->keyv[i]->name);

	return near.best != NULL;
}


static int check_line(const struct cfg_val *val, const struct conf_line *cl)
{
	if (!cl->val.l)
		return cfg_wrong(val, EINVAL, "has no value");

	/* what it is may be a secret */
	if (cl->rest.l)
		return cfg_wrong(val, EINVAL, "more than one value: a value"
				 " ends at the first blank");

	/* what is behind it would be cut off */
	if (memchr(cl->val.p, '\0', cl->val.l))
		return cfg_wrong(val, EILSEQ, "holds a NUL");

	if (!text_is_utf8(&cl->val))
		return cfg_wrong(val, EILSEQ, "is not UTF-8 (Latin-1?)");

	return 0;
}


static void read_line(struct reader *r, const struct conf_line *cl)
{
	struct cfg_val val = {.pl = cl->val, .path = r->path,
		.line = cl->line};
	struct pl suffix = PL_INIT;
	size_t i;

	for (i=0; i<r->keyc; i++) {
		if (is_key(r->keyv[i], &cl->key, &suffix))
			break;
	}

	if (i == r->keyc) {
		unknown(r, cl);
		return;
	}

	val.key = r->keyv[i];

	if (r->linev[i] && !val.key->many) {
		(void)cfg_wrong(&val, EINVAL, "stands in line %u already",
				r->linev[i]);
		++r->wrong;
		return;
	}

	r->linev[i] = cl->line;

	if (check_line(&val, cl) || cfg_value(r->cfg, &val, &suffix))
		++r->wrong;
}


static bool begins_with(const struct pl *name, const char *prefix)
{
	const struct pl head = {name->p, min(name->l, strlen(prefix))};

	return !pl_strcasecmp(&head, prefix);
}


/* That module reads them, or the part of them that is of others, too */
static bool is_of(const struct reader *r, const char *prefix)
{
	return !strncmp(r->prefix, prefix, strlen(prefix));
}


static bool is_ours(const struct reader *r, const struct pl *name)
{
	size_t i;

	/* what is of nobody the bridge's reader names, unless there is a hub
	   alone */
	if (!begins_with(name, r->prefix) && begins_with(name, PREFIX) &&
	    strcmp(r->prefix, PREFIX "hub_"))
		return false;

	if (!begins_with(name, r->prefix))
		return name->l && (without_prefix(r, name) ||
				   is_slip(r, name));

	for (i=0; i<ARRAY_SIZE(othersv); i++) {
		if (!is_of(r, othersv[i]) &&
		    begins_with(name, othersv[i]))
			return false;
	}

	return true;
}


static void read_file(struct reader *r, const struct mbuf *mb)
{
	struct pl text = {(const char *)mb->buf, mb->end};
	struct conf_line cl = {.line = 0};

	if (conf_bom(&text)) {
		clog_warning("%s:1: begins with a byte order mark, which"
			     " hides its first line: save it without\n",
			     r->path);
		++r->wrong;
	}

	while (conf_next_key(&cl, &text)) {
		if (is_ours(r, &cl.key))
			read_line(r, &cl);
	}
}


static void read_default(struct reader *r, const struct cfg_key *key)
{
	struct cfg_val val = {.key = key, .path = r->path};
	const struct pl none = PL_INIT;

	if (key->required) {
		clog_warning("%s: %s is missing\n", r->path, key->name);
		++r->wrong;
	}

	if (!key->dflt)
		return;

	pl_set_str(&val.pl, key->dflt);
	if (cfg_value(r->cfg, &val, &none))
		++r->wrong;
}


static int collect(struct reader *r)
{
	size_t a, i;

	for (a=0; a<r->areac; a++) {
		for (i=0; i<r->areav[a]->keyc; i++) {

			if (r->keyc >= KEY_MAX)
				return EOVERFLOW;

			r->keyv[r->keyc++] = &r->areav[a]->keyv[i];
		}
	}

	return 0;
}


/**
 * Read and check a file. All that is wrong in it is said in the log
 *
 * @param cfg    Configuration, filled in: the struct that the keys' offsets
 *               are of
 * @param prefix What its keys begin with
 * @param areav  Tables of its keys
 * @param areac  Number of tables
 * @param path   Path of the file
 *
 * @return 0 if success, EINVAL if something is wrong in it, otherwise why it
 *         cannot be read
 */
int cfg_read(void *cfg, const char *prefix,
	     const struct cfg_area *const *areav, size_t areac,
	     const char *path)
{
	struct reader r = {.cfg = cfg, .prefix = prefix, .areav = areav,
		.areac = areac, .path = path};
	struct mbuf *mb = NULL;
	bool world;
	size_t i;
	int err;

	if (!cfg || !prefix || !areav || !path)
		return EINVAL;

	err = collect(&r);
	if (!err)
		err = conf_load(&mb, path, &world);
	if (err) {
		clog_warning("%s: cannot be read: %m\n", path, err);
		return err;
	}

	read_file(&r, mb);

	for (i=0; i<r.keyc; i++) {
		if (!r.linev[i])
			read_default(&r, r.keyv[i]);
	}

	for (i=0; i<areac && !r.wrong; i++) {
		if (areav[i]->finish && areav[i]->finish(cfg, path))
			++r.wrong;
	}

	if (world)
		clog_warning("%s: every user of this machine can read its"
			     " secrets: chmod 600\n", path);

	mem_deref(mb);

	return r.wrong ? EINVAL : 0;
}
