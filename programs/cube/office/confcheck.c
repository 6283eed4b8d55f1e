/**
 * @file confcheck.c  Is common.conf what the bridge and its modules can run
 *                    with? They are asked before anything is written
 *
 * They read a folder. Theirs is in memory, as long as they read it, and has
 * each key in the line where common.conf has it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "config/config.h"
#include "config/confget.h"
#include "config/conftext.h"
#include "config/confread.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/client.h"
#include "connectycube_ami/ami.h"
#include "connectycube_hep/hep.h"
#include "connectycube_link/link.h"
#include "connectycube_record/record.h"
#include "office.h"
#include "parsing.h"
#include "sync.h"


/** A check */
struct check {
	struct office *o;
	char dir[SYNC_NAME];
	bool first;             /**< Nothing is noted yet                  */
	bool wrong;             /**< What is said makes it so              */
	int err;
};


/* PATH:LINE: WHAT, where PATH is ours */
static void said(const struct clog_line *line, void *arg)
{
	struct check *c = arg;
	struct office_at at = {.o = c->o, .file = OFFICE_COMMON};
	struct pl msg, nr, what;
	uint32_t n;

	pl_set_str(&msg, line->msg);
	if (c->first || c->err || msg.l <= strlen(c->dir) ||
	    memcmp(msg.p, c->dir, strlen(c->dir)))
		return;

	while (msg.l && msg.p[msg.l - 1] == '\n')
		--msg.l;

	pl_advance(&msg, strlen(c->dir));
	if (!re_regex(msg.p, msg.l, "/config:[0-9]+: [^]*", &nr, &what) &&
	    !text_u32(&n, &nr, UINT32_MAX))
		at.line = n;
	else if (re_regex(msg.p, msg.l, "/config: [^]*", &what))
		what = msg;

	c->err = c->wrong ? office_fault(&at, NULL, "%r", &what)
		: office_remark(&at, NULL, "%r", &what);
}


/* Variables of the environment are the instance's, not ours */
static int put_key(struct mbuf *mb, const struct office_key *k)
{
	const char *name;
	struct pl key, suffix;
	bool secret;
	size_t i;

	pl_set_str(&key, k->key);
	for (i=0; (name = confnames_get(i, &secret)); i++) {
		if (secret && confnames_is_key(name, true, &key, &suffix) &&
		    !pl_strcasecmp(&suffix, "_env"))
			return mbuf_printf(mb, "%s x", name);
	}

	return mbuf_printf(mb, "%s %s", k->key, k->val);
}


static int write_config(const struct check *c)
{
	struct mbuf *mb = conf_mbuf(OFFICE_FILE_MAX);
	unsigned line = 1;
	size_t i;
	int err = mb ? 0 : ENOMEM;

	for (i=0; i<c->o->keyc && !err; i++) {

		for (; line < c->o->keyv[i].line && !err; line++)
			err = mbuf_write_u8(mb, '\n');
		if (!err)
			err = put_key(mb, &c->o->keyv[i]);
	}

	if (!err)
		err = mbuf_write_u8(mb, '\n');
	if (!err)
		err = sync_render_base(mb, c->o);
	if (!err)
		err = sync_save(c->dir, "config", mb, 0600);

	mem_deref(mb);

	return err;
}


static bool has_module(const struct office *o, const char *name)
{
	size_t i;

	for (i=0; i<o->keyc; i++) {
		if (!str_casecmp(o->keyv[i].key, "module_app") &&
		    !strcmp(o->keyv[i].val, name))
			return true;
	}

	return false;
}


static int read_bridge(const char *dir)
{
	struct bridge_config *cfg = NULL;
	const int err = config_read(&cfg, dir);

	mem_deref(cfg);

	return err;
}


static int read_link(const char *dir)
{
	struct link_config *cfg = NULL;
	const int err = link_config_read(&cfg, dir);

	mem_deref(cfg);

	return err;
}


static int read_record(const char *dir)
{
	struct record_config *cfg = NULL;
	const int err = record_config_read(&cfg, dir);

	mem_deref(cfg);

	return err;
}


static int read_hep(const char *dir)
{
	struct hep_config *cfg = NULL;
	const int err = hep_config_read(&cfg, dir);

	mem_deref(cfg);

	return err;
}


static int read_ami(const char *dir)
{
	struct ami_config *cfg = NULL;
	const int err = ami_config_read(&cfg, dir);

	mem_deref(cfg);

	return err;
}


/* Once to learn whether something is wrong, and once more to say what */
static void ask(struct check *c, int (*readh)(const char *dir))
{
	c->first = true;
	c->wrong = readh(c->dir) != 0;

	c->first = false;
	(void)readh(c->dir);
}


/**
 * Check the values of common.conf. What is wrong is noted there
 *
 * @param o Office
 *
 * @return 0 if success, also if something is wrong; otherwise errorcode
 */
int sync_check(struct office *o)
{
	struct check c = {.o = o};
	char path[SYNC_NAME + sizeof("/config")];

	if (o->wrongv[OFFICE_COMMON])
		return 0;

	(void)re_snprintf(c.dir, sizeof(c.dir), "%s/cube.XXXXXX",
			  sync_memory());
	if (!mkdtemp(c.dir))
		return errno;

	clog_set_handler(said, &c);
	c.err = write_config(&c);
	if (!c.err)
		ask(&c, read_bridge);
	if (!c.err)
		ask(&c, read_link);
	if (!c.err && has_module(o, "connectycube_record.so"))
		ask(&c, read_record);
	if (!c.err && has_module(o, "connectycube_hep.so"))
		ask(&c, read_hep);
	if (!c.err && has_module(o, "connectycube_ami.so"))
		ask(&c, read_ami);
	clog_set_handler(NULL, NULL);

	(void)re_snprintf(path, sizeof(path), "%s/config", c.dir);
	(void)unlink(path);
	(void)rmdir(c.dir);
	office_fault_sort(o);

	return c.err;
}
