/**
 * @file office/cmd_secret.c  cube secret: passwords are encrypted
 *
 * What stands in extensions.conf becomes a credential of systemd, which only
 * this machine can read (its TPM, or its host key), and the line has its name:
 *
 *   auth_pass=SECRET  -->  auth_pass_cred=1000.auth_pass
 *
 * A password leaves the file only after its credential has been decrypted and
 * is the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <re.h>
#include "base/folder.h"
#include "cube/cli.h"
#include "extwrite.h"
#include "office.h"
#include "place.h"
#include "change.h"
#include "run.h"
#include "sync.h"

#define CREDSTORE OFFICE_ETC "/credstore"


/** A password of an extension */
struct sealing {
	struct change *ch;
	const char *dir;        /**< Of the credentials                    */
	const struct office_ext *ext;
	const char *param;      /**< auth_pass                             */
	char name[SYNC_NAME + 32]; /**< Of the credential                  */
	char path[SYNC_PATH];   /**< Where it shall be                     */
	char part[SYNC_PATH];   /**< ... until it is known to be good      */
};


static int failed(const struct sealing *sg, int err)
{
	if (err == ENOENT)
		cli_complain("there is no systemd-creds, which systemd has"
			     " since 250: passwords stay as they are");
	else if (err)
		cli_complain("%s: %m", sg->path, err);
	else
		cli_complain("%s of %s cannot be encrypted, and stays as it"
			     " is: systemd-creds has said why. It needs a TPM,"
			     " or a host key: systemd-creds setup", sg->param,
			     sg->ext->inst);

	return CLI_WRONG;
}


static int encrypt(const struct sealing *sg, const struct pl *secret)
{
	char name[SYNC_NAME + 40];
	char *argv[] = {(char *)"systemd-creds", name, (char *)"encrypt",
		(char *)"-", (char *)sg->part, NULL};
	int code = 0, err;

	(void)re_snprintf(name, sizeof(name), "--name=%s", sg->name);
	err = run_program(&code, argv, secret);

	return err || code ? failed(sg, err) : CLI_OK;
}


static int check(const struct sealing *sg, const struct pl *secret)
{
	struct mbuf *mb = NULL;
	struct pl back;
	int err = systemd_decrypt(&mb, sg->name, sg->part);

	if (!err) {
		back.p = (const char *)mb->buf;
		back.l = mb->end;
		if (pl_cmp(&back, secret))
			err = EBADMSG;
	}
	mem_deref(mb);

	return err ? failed(sg, err == EPROTO ? 0 : err) : CLI_OK;
}


static int publish(const struct sealing *sg)
{
	const int fd = open(sg->part, O_RDONLY | O_CLOEXEC);
	int err = fd < 0 || fsync(fd) || rename(sg->part, sg->path) ?
		errno : 0;

	if (fd >= 0)
		(void)close(fd);

	return err ? failed(sg, err) : CLI_OK;
}


static bool is_used(const struct office *o, const char *name)
{
	size_t i;

	for (i=0; i<o->extc; i++) {

		const struct office_ext *ext = &o->extv[i];

		if ((ext->sip.place == OFFICE_CRED &&
		     !strcmp(ext->sip.val, name)) ||
		    (ext->cube.place == OFFICE_CRED &&
		     !strcmp(ext->cube.val, name)))
			return true;
	}

	return false;
}


/* As no other line has it: an instance may have been called otherwise */
static int name_it(struct sealing *sg)
{
	const struct office *o = change_office(sg->ch);
	unsigned n = 1;
	int len;

	len = re_snprintf(sg->name, sizeof(sg->name), "%s.%s", sg->ext->inst,
			  sg->param);
	while (len > 0 && is_used(o, sg->name))
		len = re_snprintf(sg->name, sizeof(sg->name), "%s.%s.%u",
				  sg->ext->inst, sg->param, ++n);

	return len;
}


static int seal(struct sealing *sg, const struct office_secret *s)
{
	char newname[32];
	struct pl secret, cred;
	int status, err;

	pl_set_str(&secret, s->val);
	if (name_it(sg) < 0 ||
	    re_snprintf(sg->path, sizeof(sg->path), "%s/%s", sg->dir,
			sg->name) < 0 ||
	    re_snprintf(sg->part, sizeof(sg->part), "%s/.%s.new", sg->dir,
			sg->name) < 0)
		return failed(sg, ENAMETOOLONG);

	status = encrypt(sg, &secret);
	if (!status)
		status = check(sg, &secret);
	if (!status)
		status = publish(sg);
	if (status) {
		(void)unlink(sg->part);
		return status;
	}

	(void)re_snprintf(newname, sizeof(newname), "%s_cred", sg->param);
	pl_set_str(&cred, sg->name);
	err = change_param(sg->ch, sg->ext->line, sg->param, newname, &cred);

	return err ? failed(sg, err) : CLI_OK;
}


/* Its passwords that stand in the line */
static int seal_ext(struct cli *c, struct change *ch, const char *dir,
		    const struct office_ext *ext, unsigned *np)
{
	struct sealing sg = {.ch = ch, .dir = dir, .ext = ext};
	const struct {
		const char *param;
		const struct office_secret *s;
	} v[] = {{"auth_pass", &ext->sip}, {"cube_password", &ext->cube}};
	int status = CLI_OK;
	size_t i;

	for (i=0; i<ARRAY_SIZE(v) && !status; i++) {

		if (v[i].s->place != OFFICE_INLINE)
			continue;

		sg.param = v[i].param;
		status = seal(&sg, v[i].s);
		if (!status) {
			cli_line(&c->out, CLI_GOOD, "%s: %s is encrypted",
				 ext->inst, sg.param);
			++*np;
		}
	}

	return status;
}


static int seal_all(struct cli *c, struct change *ch, const char *dir,
		    unsigned *np)
{
	const struct office *o = change_office(ch);
	const char *said = c->args->argc ? c->args->argv[0] : NULL;
	const struct office_ext *only = said ? office_find(o, said) : NULL;
	int status = CLI_OK;
	size_t i;

	if (said && !only) {
		cli_complain("%s: there is no such extension, or several: cube"
			     " list", said);
		return CLI_WRONG;
	}

	for (i=0; i<o->extc && !status; i++) {

		const struct office_ext *ext = &o->extv[i];

		if (only && ext != only)
			continue;

		if (ext->good)
			status = seal_ext(c, ch, dir, ext, np);
		else
			cli_complain("line %u is left out: it is wrong (cube"
				     " list)", ext->line);
	}

	return status;
}


/**
 * cube secret [EXT]
 *
 * @param c What a command has
 *
 * @return Exit status
 */
int cmd_secret(struct cli *c)
{
	struct change *ch = NULL;
	char dir[SYNC_PATH];
	unsigned n = 0;
	int status, saved, err;

	(void)umask(077);
	status = office_path(dir, sizeof(dir), c->args, CREDSTORE);
	if (!status)
		status = change_open(&ch, c->args);
	if (status)
		return status;

	err = folder_make(dir, 0700);
	if (err) {
		cli_complain("%s: %m", dir, err);
		status = CLI_WRONG;
	}
	else {
		status = seal_all(c, ch, dir, &n);
	}

	/* those that are encrypted are, whatever came of the others */
	saved = n ? change_save(ch) : CLI_OK;
	mem_deref(ch);

	if (!status && !n)
		cli_line(&c->out, CLI_PLAIN, "no password stands in"
			 " extensions.conf");

	return status ? status : saved;
}
