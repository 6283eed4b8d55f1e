/**
 * @file config/confget.c  Reading the keys of the configuration
 *
 * Reads the file itself and not what baresip made of it, so that everything
 * wrong in it can be named with its line, and all of it in one go. baresip's
 * own keys are passed over. Secrets never appear in a message.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "conftext.h"
#include "confget.h"
#include "confread.h"


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


static void read_line(struct cfg_reading *rd, const struct conf_line *cl)
{
	struct cfg_val val = {.pl = cl->val, .path = rd->path,
		.line = cl->line};
	struct pl suffix = PL_INIT;
	size_t i;

	for (i=0; i<rd->keyc; i++) {
		if (confnames_is_key(rd->keyv[i]->name,
				     rd->keyv[i]->kind == CFG_SECRET,
				     &cl->key, &suffix))
			break;
	}

	if (i == rd->keyc) {
		confother_line(rd, cl);
		return;
	}

	val.key = rd->keyv[i];

	if (rd->linev[i] && !val.key->many) {
		(void)cfg_wrong(&val, EINVAL, "stands in line %u already",
				rd->linev[i]);
		++rd->wrong;
		return;
	}

	rd->linev[i] = cl->line;

	if (check_line(&val, cl) || cfg_value(rd->cfg, &val, &suffix))
		++rd->wrong;
}


static void read_file(struct cfg_reading *rd, const struct mbuf *mb)
{
	struct pl text = {(const char *)mb->buf, mb->end};
	struct conf_line cl = {.line = 0};

	if (conf_bom(&text)) {
		clog_warning("%s:1: begins with a byte order mark, which"
			     " hides its first line: save it without\n",
			     rd->path);
		++rd->wrong;
	}

	confother_begin(rd, &text);

	while (conf_next_key(&cl, &text)) {
		if (cl.key.l)
			read_line(rd, &cl);
	}
}


static void read_default(struct cfg_reading *rd, const struct cfg_key *key)
{
	if (key->required) {
		clog_warning("%s: %s is missing\n", rd->path, key->name);
		++rd->wrong;
	}

	if (cfg_value_default(rd->cfg, key, rd->path, rd->profile))
		++rd->wrong;
}


static int collect(struct cfg_reading *rd)
{
	const struct cfg_key *key;

	while ((key = cfg_module_key(rd->m, rd->keyc))) {

		if (rd->keyc + 1 >= CFG_KEYS)
			return EOVERFLOW;

		rd->keyv[rd->keyc++] = key;
	}

	return 0;
}


/* What belongs together, once each is right */
static void finish(struct cfg_reading *rd)
{
	size_t i;

	if (rd->wrong)
		return;

	for (i=0; i<rd->m->areac; i++) {

		const struct cfg_area *area = rd->m->areav[i];

		if (area->finish && area->finish(rd->cfg, rd))
			++rd->wrong;
	}
}


/**
 * Read and check the `config` of a profile. All that is wrong in it is said in
 * the log
 *
 * @param cfg     Configuration, filled in: the struct of the module
 * @param m       Whose keys are read
 * @param profile Folder of the profile
 *
 * @return 0 if success, EINVAL if something is wrong in it, otherwise why it
 *         cannot be read
 */
int cfg_read(void *cfg, const struct cfg_module *m, const char *profile)
{
	struct cfg_reading rd = {.m = m, .cfg = cfg, .profile = profile};
	struct mbuf *mb = NULL;
	char path[512];
	bool world;
	size_t i;
	int err;

	if (!cfg || !m || !profile)
		return EINVAL;

	if (re_snprintf(path, sizeof(path), "%s/config", profile) < 0)
		return ENAMETOOLONG;

	rd.path = path;

	err = collect(&rd);
	if (!err)
		err = conf_load(&mb, path, &world);
	if (err) {
		clog_warning("%s: cannot be read: %m\n", path, err);
		return err;
	}

	read_file(&rd, mb);

	for (i=0; i<rd.keyc; i++) {
		if (!rd.linev[i])
			read_default(&rd, rd.keyv[i]);
	}

	finish(&rd);

	/* once, whoever else reads the same file */
	if (world && rd.rest)
		clog_warning("%s: every user of this machine can read its"
			     " secrets: chmod 600\n", path);

	mem_deref(mb);

	return rd.wrong ? EINVAL : 0;
}


/**
 * Say what is wrong with a key, when all have been read
 *
 * @param rd   Reading
 * @param name Name of the key
 * @param fmt  What is wrong, without a line end
 *
 * @return EINVAL
 */
int cfg_fault(const struct cfg_reading *rd, const char *name, const char *fmt,
	      ...)
{
	unsigned line = 0;
	char nr[16] = "";
	va_list ap;
	size_t i;

	for (i=0; i<rd->keyc; i++) {
		if (!strcmp(rd->keyv[i]->name, name))
			line = rd->linev[i];
	}

	/* the default may be what is wrong */
	if (line)
		(void)re_snprintf(nr, sizeof(nr), ":%u", line);

	va_start(ap, fmt);
	clog_warning("%s%s: %s: %v\n", rd->path, nr, name, fmt, &ap);
	va_end(ap);

	return EINVAL;
}
