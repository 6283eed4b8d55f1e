/**
 * @file office/cmd_add.c  cube add, cube remove: an extension comes or goes
 */
#include <string.h>
#include <re.h>
#include "cube/cli.h"
#include "extwrite.h"
#include "office.h"
#include "parsing.h"
#include "change.h"
#include "secret_ask.h"


enum {
	PARAMS = 32,            /**< Most parameters                       */
	NAME = 64,              /**< Size of a name [bytes]                */
};


/** An extension that is put together */
struct making {
	struct extparam paramv[PARAMS];
	size_t paramc;
	char namev[PARAMS][NAME]; /**< Names of what was said NAME=VALUE   */
	bool sip, cube;         /**< Where the secret is has been said     */
	char said[256];         /**< USER@HOST, once it is added           */
	char pass[SECRET_SIZE];
	char password[SECRET_SIZE];
};


static int put(struct making *mk, const char *name, const char *val)
{
	if (!val)
		return CLI_OK;

	if (mk->paramc == PARAMS) {
		cli_complain("%s: too many parameters", name);
		return CLI_USAGE;
	}

	mk->paramv[mk->paramc].name  = name;
	mk->paramv[mk->paramc++].val = val;

	return CLI_OK;
}


/* NAME=VALUE; what may be a secret is not said again */
static int take(struct making *mk, const char *arg)
{
	const char *eq = strchr(arg, '=');
	enum office_place place;
	struct pl pl = {arg, eq ? (size_t)(eq - arg) : strlen(arg)};
	char *name = mk->namev[mk->paramc % PARAMS];
	enum office_owner owner;

	if (!eq || re_snprintf(name, NAME, "%r", &pl) < 0) {
		cli_complain("what follows the extension is NAME=VALUE, as in"
			     " a line of extensions.conf");
		return CLI_USAGE;
	}

	owner = office_owner(&pl, &place);
	if (owner == OFFICE_NOBODY) {

		const char *near = office_nearest(&pl);

		cli_complain("%s=: there is no such parameter%s%s%s", name,
			     near ? ": is " : "", near ? near : "",
			     near ? " meant?" : "");
		return CLI_USAGE;
	}
	if (place == OFFICE_INLINE || !strcmp(name, "stunpass") ||
	    !strcmp(name, "uas_pass")) {
		cli_complain("%s=: everybody on this machine can read the"
			     " arguments: it is asked for, or is a line of"
			     " stdin or of --passwords FILE", name);
		return CLI_USAGE;
	}

	mk->sip  |= owner == OFFICE_SIP_SECRET;
	mk->cube |= owner == OFFICE_CUBE_SECRET;

	return put(mk, name, eq + 1);
}


static int take_all(struct making *mk, const struct cli_args *a)
{
	int status;
	size_t i;

	status = put(mk, "cube_login", a->optv[CLI_OPT_LOGIN]);
	if (!status)
		status = put(mk, "call", a->optv[CLI_OPT_CALL]);

	for (i=1; i<a->argc && !status; i++)
		status = take(mk, a->argv[i]);

	return status;
}


static int take_secrets(struct making *mk, const struct cli_args *a)
{
	struct secret_source *src = NULL;
	int status = CLI_OK;

	mk->sip |= !change_has_sip(a);
	if (!mk->sip || !mk->cube)
		status = secret_source(&src, a->optv[CLI_OPT_PASSWORDS]);

	if (!status && !mk->sip) {
		status = secret_next(src, mk->pass, sizeof(mk->pass),
				     "SIP password");
		if (!status)
			status = put(mk, "auth_pass", mk->pass);
	}
	if (!status && !mk->cube) {
		status = secret_next(src, mk->password, sizeof(mk->password),
				     "ConnectyCube password");
		if (!status)
			status = put(mk, "cube_password", mk->password);
	}
	mem_deref(src);

	return status;
}


static int add(struct cli *c, struct making *mk)
{
	const struct cli_args *a = c->args;
	const char *name = a->optv[CLI_OPT_NAME];
	struct change *ch = NULL;
	struct extnew el = {.name = name ? name : "", .user = a->argv[0]};
	char pbx[256], why[CLI_WHY];
	int status = take_all(mk, a);

	if (!status)
		status = take_secrets(mk, a);
	if (!status)
		status = change_open(&ch, a);
	if (status)
		return status;

	el.host   = change_pbx(pbx, sizeof(pbx), ch, a);
	el.paramv = mk->paramv;
	el.paramc = mk->paramc;

	if (change_add(ch, &el, why, sizeof(why))) {
		cli_complain("%s: %s", el.user, why);
		status = CLI_WRONG;
	}
	else {
		status = change_save(ch);
	}
	mem_deref(ch);
	if (!status)
		(void)re_snprintf(mk->said, sizeof(mk->said), "%s@%b",
				  el.user, el.host, strcspn(el.host, ";"));

	return status;
}


/**
 * cube add EXT [NAME=VALUE]...
 *
 * @param c What a command has
 *
 * @return Exit status
 */
int cmd_add(struct cli *c)
{
	static struct making mk;
	int status = add(c, &mk);

	if (!status)
		status = change_done(c, "added", mk.said);
	explicit_bzero(&mk, sizeof(mk));

	return status;
}


/**
 * cube remove EXT
 *
 * @param c What a command has
 *
 * @return Exit status
 */
int cmd_remove(struct cli *c)
{
	struct change *ch = NULL;
	int status = change_open(&ch, c->args);

	if (!status)
		status = change_remove(ch, c->args->argv[0]);
	if (!status)
		status = change_save(ch);
	mem_deref(ch);

	return status ? status : change_done(c, "removed", c->args->argv[0]);
}
