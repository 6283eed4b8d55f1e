/**
 * @file args.c  What is asked for
 *
 * The command is looked for first: which options there are is its matter,
 * wherever they stand. Pure.
 */
#include <errno.h>
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include "cli.h"


/** Where we are */
struct place {
	struct cli_args *a;
	int argc;
	char *const *argv;
	int i;                  /**< The argument that is looked at        */
	bool plain;             /**< No more options: -- has been          */
	char *why;
	size_t size;
};


static int set(struct place *p, enum cli_opt opt, const char *value)
{
	const struct cli_option *o = cli_option(opt);

	if (!o->value && value) {
		re_snprintf(p->why, p->size, "--%s has no value", o->name);
		return EINVAL;
	}

	if (o->value && !value) {

		if (p->i + 1 >= p->argc) {
			re_snprintf(p->why, p->size, "--%s wants a value (%s)",
				    o->name, o->value);
			return EINVAL;
		}
		value = p->argv[++p->i];
	}

	p->a->optv[opt] = value ? value : "";

	return 0;
}


static int no_option(struct place *p, const char *name, size_t len)
{
	const struct cli_command *cmd = p->a->cmd;
	enum cli_opt opt;

	/* of another command? */
	if (cmd && name[0] == '-' && len > 2 &&
	    cli_option_find(&opt, UINT64_MAX, name + 2, len - 2))
		re_snprintf(p->why, p->size, "%b: %s has no such option", name,
			    len, cmd->name);
	else
		re_snprintf(p->why, p->size, "%b: no such option", name, len);

	return EINVAL;
}


/* --name, --name=value */
static int long_option(struct place *p)
{
	const char *arg = p->argv[p->i], *value = strchr(arg, '=');
	const size_t len = value ? (size_t)(value - arg) : strlen(arg);
	enum cli_opt opt;

	/* of upgrade it is another one */
	if (!strcmp(arg, "--version") && !(cli_command_opts(p->a->cmd) &
					   CLI_BIT(CLI_OPT_VERSION))) {
		p->a->version = true;
		return 0;
	}

	if (!cli_option_find(&opt, cli_command_opts(p->a->cmd), arg + 2, len - 2))
		return no_option(p, arg, len);

	return set(p, opt, value ? value + 1 : NULL);
}


/* -j, -n 5, -n5, -jn5 */
static int letters(struct place *p)
{
	const char *arg;
	int err = 0;

	for (arg = p->argv[p->i] + 1; *arg && !err; arg++) {

		const char name[] = {'-', *arg, '\0'};
		enum cli_opt opt;

		if (*arg == 'V') {
			p->a->version = true;
			continue;
		}

		if (!cli_option_letter(&opt, cli_command_opts(p->a->cmd), *arg))
			return no_option(p, name, 2);

		if (cli_option(opt)->value)
			return set(p, opt, arg[1] ? arg + 1 : NULL);

		err = set(p, opt, NULL);
	}

	return err;
}


static bool is_option(const struct place *p)
{
	const char *arg = p->argv[p->i];

	return !p->plain && arg[0] == '-' && arg[1];
}


static int argument(struct place *p, bool *named)
{
	struct cli_args *a = p->a;
	const char *arg = p->argv[p->i];

	/* the command, which was found before */
	if (!*named) {
		*named = true;
		return 0;
	}

	if (a->argc == CLI_ARGS) {
		re_snprintf(p->why, p->size, "%s: too many arguments", arg);
		return EINVAL;
	}

	a->argv[a->argc++] = arg;

	return 0;
}


static int walk(struct place *p)
{
	bool named = false;
	int err = 0;

	for (p->i = 1; p->i < p->argc && !err; ++p->i) {

		const char *arg = p->argv[p->i];

		if (!is_option(p))
			err = argument(p, &named);
		else if (!strcmp(arg, "--"))
			p->plain = true;
		else if (arg[1] == '-')
			err = long_option(p);
		else
			err = letters(p);
	}

	return err;
}


/* The first that is no option, nor the value of one */
static const char *command_name(const struct place *p)
{
	const uint64_t all = cli_command_opts(NULL);
	int i;

	for (i=1; i<p->argc; i++) {

		const char *arg = p->argv[i];
		enum cli_opt opt;

		if (arg[0] != '-' || !arg[1])
			return arg;
		if (!strcmp(arg, "--"))
			return i + 1 < p->argc ? p->argv[i + 1] : NULL;
		if (arg[1] == '-' ? cli_option_find(&opt, all, arg + 2,
						    strlen(arg + 2))
		    : cli_option_letter(&opt, all, arg[1]))
			i += cli_option(opt)->value != NULL &&
				(arg[1] == '-' || !arg[2]);
	}

	return NULL;
}


static int check(const struct cli_args *a, char *why, size_t size)
{
	const struct cli_command *cmd = a->cmd;

	if (a->argc < cmd->min)
		re_snprintf(why, size, "%s: wants %s", cmd->name, cmd->args);
	else if (a->argc > cmd->max)
		re_snprintf(why, size, "%s: %s is one too many", cmd->name,
			    a->argv[cmd->max]);
	else if (a->optv[CLI_OPT_SOCKET] && a->optv[CLI_OPT_URL])
		re_snprintf(why, size, "--socket or --url, not both");
	else
		return 0;

	return EINVAL;
}


/* cube help COMMAND is cube COMMAND --help */
static int help(struct place *p, const char *name)
{
	struct cli_args *a = p->a;
	int err = walk(p);

	if (err)
		return err;

	a->optv[CLI_OPT_HELP] = "";
	if (a->argc) {
		a->cmd = cli_command_find(a->argv[0]);
		name = a->argv[0];
	}
	if (a->argc && !a->cmd) {
		re_snprintf(p->why, p->size, "%s: no such command", name);
		return EINVAL;
	}

	return 0;
}


/**
 * Read the command line
 *
 * @param a    Set to what is asked for; points into the arguments
 * @param argc Number of arguments
 * @param argv Arguments, the program's name first
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, EINVAL
 */
int cli_args_read(struct cli_args *a, int argc, char *const argv[], char *why,
		  size_t size)
{
	struct place p = {.a = a, .argc = argc, .argv = argv, .why = why,
		.size = size};
	const char *name;
	int err;

	if (!a || !argv || !why || !size)
		return EINVAL;

	memset(a, 0, sizeof(*a));
	why[0] = '\0';

	name = command_name(&p);
	if (name && !strcmp(name, "help"))
		return help(&p, name);

	a->cmd = name ? cli_command_find(name) : NULL;
	if (name && !a->cmd) {
		re_snprintf(why, size, "%s: no such command", name);
		return EINVAL;
	}

	err = walk(&p);
	if (err || a->version || a->optv[CLI_OPT_HELP])
		return err;

	if (!a->cmd) {
		re_snprintf(why, size, "what is to be done?");
		return EINVAL;
	}

	return check(a, why, size);
}


/**
 * Get an option that is a number
 *
 * @param a    What is asked for
 * @param opt  Option
 * @param v    Set to it
 * @param dflt What it is if it is not said
 * @param min  Least
 * @param max  Most
 *
 * @return True if it is right; otherwise that has been said
 */
bool cli_arg_u32(const struct cli_args *a, enum cli_opt opt, uint32_t *v,
		 uint32_t dflt, uint32_t min, uint32_t max)
{
	const char *str = a->optv[opt];
	struct pl pl;

	*v = dflt;
	if (!str)
		return true;

	pl_set_str(&pl, str);
	if (pl.l && pl.l < 10 && strspn(str, "0123456789") == pl.l) {
		*v = pl_u32(&pl);
		if (*v >= min && *v <= max)
			return true;
	}

	cli_complain("--%s %s: must be a number from %u to %u",
		     cli_option(opt)->name, str, min, max);

	return false;
}
