/**
 * @file office/change.c  Extensions are added to an office, or removed
 *
 * The file is locked from its reading to its writing. What has been added is
 * read anew at once: the next one is told from it.
 */
#include <errno.h>
#include <string.h>
#include <re.h>
#include "config/conftext.h"
#include "cube/cli.h"
#include "extfile.h"
#include "extwrite.h"
#include "office.h"
#include "place.h"
#include "sync.h"
#include "change.h"


enum {
	PATH = 1024,            /**< Size of a path [bytes]                */
};


/** Changes */
struct change {
	struct extfile *file;   /**< Locked (owned)                        */
	struct office *o;       /**< As it was read (owned)                */
	struct list newl;       /**< Addresses that are added: struct added */
};

/** What has been added */
struct added {
	struct le le;
	char *aor;              /**< sip:USER@HOST (owned)                 */
};


static void added_destructor(void *arg)
{
	struct added *added = arg;

	list_unlink(&added->le);
	mem_deref(added->aor);
}


static void destructor(void *arg)
{
	struct change *ch = arg;

	list_flush(&ch->newl);
	mem_deref(ch->o);
	mem_deref(ch->file);
}


/**
 * Begin to change extensions.conf
 *
 * @param chp Pointer to it; mem_deref() without change_save() changes nothing
 * @param a   What is asked for
 *
 * @return CLI_OK, otherwise that has been said
 */
int change_open(struct change **chp, const struct cli_args *a)
{
	const struct pl none = PL_INIT;
	struct change *ch;
	char dir[PATH], why[CLI_WHY];
	struct pl text;
	int status, err;

	status = office_path(dir, sizeof(dir), a, OFFICE_ETC);
	if (status)
		return status;

	ch = mem_zalloc(sizeof(*ch), destructor);
	if (!ch)
		return CLI_SOFTWARE;

	err = extfile_open(&ch->file, dir, why, sizeof(why));
	if (!err) {
		extfile_text(&text, ch->file);
		err = office_parse(&ch->o, &none, &text);
		if (err)
			(void)re_snprintf(why, sizeof(why), "%s: %m",
					  extfile_path(ch->file), err);
	}

	if (err) {
		cli_complain("%s", why);
		mem_deref(ch);
		return CLI_WRONG;
	}

	*chp = ch;

	return CLI_OK;
}


/**
 * Get the office, as it was before the changes
 *
 * @param ch Changes
 *
 * @return Its extensions
 */
const struct office *change_office(const struct change *ch)
{
	return ch->o;
}


/**
 * Do extensions have SIP accounts (connectycube_mode)?
 *
 * @param a What is asked for
 *
 * @return False if common.conf says that they have none
 */
bool change_has_sip(const struct cli_args *a)
{
	const struct pl none = PL_INIT;
	struct office *o = NULL;
	struct mbuf *mb = NULL;
	struct pl text;
	char dir[PATH];
	bool has = true;

	if (office_path(dir, sizeof(dir), a, OFFICE_ETC) ||
	    sync_load(&mb, NULL, dir, office_file_name(OFFICE_COMMON)))
		return true;

	text.p = (const char *)mb->buf;
	text.l = mb->end;
	if (!office_parse(&o, &text, &none))
		has = !o->ami_only;

	mem_deref(o);
	mem_deref(mb);

	return has;
}


/* Which line has an address, -1=none */
static int line_of(const struct change *ch, const char *aor)
{
	const struct le *le;
	size_t i;

	for (i=0; i<ch->o->extc; i++) {

		const struct office_ext *ext = &ch->o->extv[i];

		if (ext->aor && !str_casecmp(ext->aor, aor))
			return (int)ext->line;
	}

	for (le = ch->newl.head; le; le = le->next) {

		const struct added *added = le->data;

		if (!str_casecmp(added->aor, aor))
			return 0;
	}

	return -1;
}


static int note(struct change *ch, char **aorp)
{
	struct added *added = mem_zalloc(sizeof(*added), added_destructor);

	if (!added)
		return ENOMEM;

	added->aor = *aorp;
	*aorp = NULL;
	list_append(&ch->newl, &added->le, added);

	return 0;
}


static int edit(struct change *ch, unsigned line, const struct pl *with)
{
	struct mbuf *mb;
	struct pl text;
	int err;

	extfile_text(&text, ch->file);
	mb = conf_mbuf(text.l + 1024);
	if (!mb)
		return ENOMEM;

	err = office_edit(mb, &text, line, with);
	if (!err)
		extfile_set(ch->file, mb);
	mem_deref(mb);

	return err;
}


/**
 * Add an extension
 *
 * @param ch   Changes
 * @param el   Extension
 * @param why  Set to what is wrong, without any value
 * @param size Room there [bytes]
 *
 * @return 0 if success, EEXIST if it is there already, EINVAL, ENOMEM
 */
int change_add(struct change *ch, const struct extnew *el, char *why,
	       size_t size)
{
	struct mbuf *mb = conf_mbuf(1024);
	const size_t host = strcspn(el->host, ";");
	char *aor = NULL;
	struct pl line;
	int err, nr;

	if (!mb || re_sdprintf(&aor, "sip:%s@%b", el->user, el->host, host)) {
		err = ENOMEM;
		(void)re_snprintf(why, size, "%m", err);
		goto out;
	}

	nr = line_of(ch, aor);
	if (nr >= 0) {
		err = EEXIST;
		(void)re_snprintf(why, size, nr ? "is there already, in line"
				  " %d" : "is there twice", nr);
		goto out;
	}

	err = extwrite(mb, el, why, size);
	if (err)
		goto out;

	line.p = (const char *)mb->buf;
	line.l = mb->end;
	err = edit(ch, 0, &line);
	if (!err)
		err = note(ch, &aor);
	if (err)
		(void)re_snprintf(why, size, "%m", err);

 out:
	mem_deref(mb);
	mem_deref(aor);

	return err;
}


/**
 * Remove an extension; once in a change
 *
 * @param ch   Changes
 * @param said Which one
 *
 * @return CLI_OK, otherwise that has been said
 */
int change_remove(struct change *ch, const char *said)
{
	const struct office_ext *ext = office_find(ch->o, said);
	int err;

	if (!ext) {
		cli_complain("%s: there is no such extension, or several: cube"
			     " list", said);
		return CLI_WRONG;
	}

	err = edit(ch, ext->line, NULL);
	if (err) {
		cli_complain("%s: %m", said, err);
		return CLI_WRONG;
	}

	return CLI_OK;
}


/**
 * Change a parameter of a line
 *
 * @param ch      Changes, that have removed none
 * @param line    Number of the line
 * @param name    Name of the parameter
 * @param newname What it shall be called
 * @param val     What its value shall be
 *
 * @return 0 if success, otherwise errorcode, see office_edit_param()
 */
int change_param(struct change *ch, unsigned line, const char *name,
		 const char *newname, const struct pl *val)
{
	struct pl text, old = PL_INIT, with;
	struct mbuf *mb;
	unsigned nr = 0;
	int err;

	extfile_text(&text, ch->file);
	while (nr < line && conf_next(&old, &nr, &text))
		;

	mb = conf_mbuf(old.l + strlen(newname) + val->l + 8);
	if (!mb)
		return ENOMEM;

	err = office_edit_param(mb, &old, name, newname, val);
	with.p = (const char *)mb->buf;
	with.l = mb->end;
	if (!err)
		err = edit(ch, line, &with);
	mem_deref(mb);

	return err;
}


/**
 * Write it
 *
 * @param ch Changes
 *
 * @return CLI_OK, otherwise that has been said, and nothing is changed
 */
int change_save(struct change *ch)
{
	char why[CLI_WHY];

	if (!extfile_save(ch->file, why, sizeof(why)))
		return CLI_OK;

	cli_complain("%s", why);

	return CLI_WRONG;
}


/**
 * Get the host of new extensions
 *
 * @param pbx  Set to it: --pbx, or that of the last line; "" if there is none
 * @param size Room there [bytes]
 * @param ch   Changes
 * @param a    What is asked for
 *
 * @return pbx
 */
const char *change_pbx(char *pbx, size_t size, const struct change *ch,
		       const struct cli_args *a)
{
	const char *said = a->optv[CLI_OPT_PBX];
	size_t i;

	pbx[0] = '\0';
	if (said) {
		if (re_snprintf(pbx, size, "%s", said) < 0)
			pbx[0] = '\0';
		return pbx;
	}

	for (i = ch->o->extc; i-- > 0;) {

		struct pl text, host;

		if (!ch->o->extv[i].good)
			continue;

		pl_set_str(&text, ch->o->extv[i].text);
		if (!re_regex(text.p, text.l, "<sip:[^@>]+@[^>]+>", NULL,
			      &host) &&
		    re_snprintf(pbx, size, "%r", &host) > 0)
			return pbx;
	}

	return pbx;
}


/**
 * Say what has been done, and do what is to be done after it
 *
 * @param c    What a command has
 * @param what added, removed; NULL=that has been said
 * @param ext  Extension
 *
 * @return Exit status
 */
int change_done(struct cli *c, const char *what, const char *ext)
{
	if (what && c->json)
		change_json(c, what, ext);
	else if (what)
		cli_line(&c->out, CLI_GOOD, "%s is %s", ext, what);

	if (c->args->optv[CLI_OPT_SYNC])
		return cmd_sync(c);

	if (!c->json)
		cli_line(&c->out, CLI_PLAIN, "to put that to work: cube sync");

	return CLI_OK;
}
