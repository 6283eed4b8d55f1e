/**
 * @file commands.c  The commands, and what is said of them
 */
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include "cli.h"

#define OPT(x) CLI_BIT(CLI_OPT_##x)
#define FILTER (OPT(FROM) | OPT(TO) | OPT(USER) | OPT(NUMBER) | \
	OPT(EXTENSION) | OPT(DISPOSITION) | OPT(SEARCH) | \
	OPT(DIRECTION) | OPT(KIND))
#define OFFICE (CLI_BIT(CLI_LOCAL) | OPT(ROOT))


static const struct cli_command commandv[] = {
	{"status", "", 0, 0, 0, cmd_status,
	 "extensions, calls, alarms: is all well?"},
	{"calls", "[ID]", 0, 1, OPT(EXTENSION), cmd_calls,
	 "calls that are up, or one with all that is measured"},
	{"cdr", "[ID]", 0, 1, FILTER | OPT(LIMIT) | OPT(CURSOR), cmd_cdr,
	 "records of calls, the latest first, or one of them"},
	{"timeline", "ID", 1, 1, 0, cmd_timeline,
	 "how a call that is over was heard, in time"},
	{"recordings", "ID", 1, 1, 0, cmd_recordings,
	 "what was recorded of it"},
	{"fetch", "ID [RECORDING]", 1, 2, OPT(OUTPUT), cmd_fetch,
	 "its recordings, or one, into files that are not there yet"},
	{"today", "", 0, 0, FILTER, cmd_today,
	 "what they come to, of today or of another time"},
	{"alarms", "", 0, 0, OPT(ALL), cmd_alarms, "alarms that are on"},
	{"tail", "", 0, 0, OPT(EXTENSION) | OPT(TYPE) | OPT(COUNT), cmd_tail,
	 "what happens, as it happens"},
	{"check", "[EXT]", 0, 1, OPT(ALONE) | OPT(ROOT), cmd_check,
	 "does all work that bridges need?"},
	{"call", "EXT TO [FROM]", 2, 3, OPT(VIDEO), cmd_call,
	 "begin a call: TO user:ID, or a number FROM user:ID"},
	{"hangup", "ID", 1, 1, 0, cmd_steer, "end a call"},
	{"hold", "ID", 1, 1, OPT(SIDE), cmd_steer,
	 "the app, or the phone, holds"},
	{"resume", "ID", 1, 1, OPT(SIDE), cmd_steer, "... no more"},
	{"transfer", "ID TARGET", 2, 2, OPT(SIDE), cmd_steer,
	 "TARGET (number, sip:, user:ID) instead of the app"},
	{"dtmf", "ID", 1, 1, OPT(SIDE), cmd_steer,
	 "press keys, which are read from stdin, for the phone"},
	{"record", "ID STATE", 2, 2, OPT(MODE), cmd_steer,
	 "start, stop, pause or resume a recording"},
	{"dnd", "EXT on|off", 2, 2, OPT(USER), cmd_steer, "do not disturb"},
	{"drain", "EXT [on|off]", 1, 2, 0, cmd_steer,
	 "its bridge takes no more calls"},
	{"reload", "EXT", 1, 1, 0, cmd_steer,
	 "its bridge reads its configuration again"},
	{"pbx", "[DO CHANNEL ...]", 0, 5, OPT(EXTENSION), cmd_pbx,
	 "channels at the PBX; DO hangup, transfer, bridge, call"},
	{"list", "", 0, 0, OFFICE, cmd_list,
	 "extensions of extensions.conf"},
	{"show", "EXT", 1, 1, OFFICE, cmd_show, "one of them"},
	{"add", "EXT [NAME=V]...", 1, CLI_ARGS, OFFICE | OPT(NAME) |
	 OPT(PBX) | OPT(LOGIN) | OPT(CALL) | OPT(PASSWORDS) | OPT(SYNC),
	 cmd_add,
	 "add one; its passwords are asked for"},
	{"remove", "EXT", 1, 1, OFFICE | OPT(SYNC), cmd_remove, "remove one"},
	{"import", "FILE [MORE]", 1, 2, OFFICE | OPT(PBX) | OPT(YES) | OPT(SYNC),
	 cmd_import,
	 "add those of a table (CSV): 3CX, FreePBX, FusionPBX, ours"},
	{"sync", "", 0, 0, OFFICE | OPT(DRY_RUN) | OPT(START) |
	 OPT(LEFT), cmd_sync,
	 "make the bridges what common.conf and extensions.conf say"},
	{"upgrade", "[PACKAGE]...", 0, CLI_ARGS, OFFICE | OPT(WAIT) |
	 OPT(VERSION) | OPT(DRY_RUN) | OPT(KEEP), cmd_upgrade,
	 "install, then change one instance after the other, the hub last"},
	{"rollback", "", 0, 0, OFFICE | OPT(WAIT) | OPT(DRY_RUN), cmd_rollback,
	 "... back to the version before"},
	{"console", "WHERE COMMAND...", 2, CLI_ARGS, OFFICE, cmd_console,
	 "a command to the console of EXT, hub, or a folder"},
	{"secret", "[EXT]", 0, 1, OFFICE, cmd_secret,
	 "encrypt the passwords of all, or of one"},
	{"backup", "FILE", 1, 1, OFFICE, cmd_backup,
	 "all of the office into a file, while it works"},
	{"restore", "FILE", 1, 1, OFFICE | OPT(FORCE), cmd_restore,
	 "... and back"},
	{NULL, NULL, 0, 0, 0, NULL, NULL},
};


/**
 * Get the commands
 *
 * @return Commands; the last one has no name
 */
const struct cli_command *cli_commands(void)
{
	return commandv;
}


/**
 * Find a command
 *
 * @param name Its name
 *
 * @return Command, NULL if there is none
 */
const struct cli_command *cli_command_find(const char *name)
{
	const struct cli_command *cmd;

	for (cmd = commandv; cmd->name; cmd++) {
		if (!strcmp(cmd->name, name))
			return cmd;
	}

	return NULL;
}


/**
 * Get the options of a command
 *
 * @param cmd Command, NULL=not known yet
 *
 * @return Those that are its own and those of all, a set of CLI_BIT()
 */
uint64_t cli_command_opts(const struct cli_command *cmd)
{
	const uint64_t all = CLI_BIT(CLI_COMMON + 1) - 1;
	const uint64_t hub = CLI_BIT(CLI_HUB + 1) - 1;

	if (!cmd)
		return all;

	return cmd->opts | (cmd->opts & CLI_BIT(CLI_LOCAL) ? all & ~hub : all);
}


static int option_help(struct re_printf *pf, const struct cli_option *o)
{
	char name[32];

	if (re_snprintf(name, sizeof(name), "--%s%s%s", o->name,
			o->value ? " " : "", o->value ? o->value : "") < 0)
		return 0;

	return o->letter ? re_hprintf(pf, "  -%c, %-21s%s\n", o->letter, name,
				      o->help)
		: re_hprintf(pf, "      %-21s%s\n", name, o->help);
}


static int options_help(struct re_printf *pf, uint64_t opts)
{
	unsigned i;
	int err = 0;

	for (i=0; i<CLI_OPTS && !err; i++) {
		if (opts & CLI_BIT(i))
			err = option_help(pf, cli_option(i));
	}

	return err;
}


static int all_help(struct re_printf *pf)
{
	const struct cli_command *cmd;
	int err;

	err = re_hprintf(pf, "usage: cube [OPTION]... COMMAND [ARGUMENT]...\n"
			 "\nWhat the hub of the ConnectyCube bridges knows,"
			 " and may be told.\n\n");

	for (cmd = commandv; cmd->name && !err; cmd++) {

		char name[40];

		if (re_snprintf(name, sizeof(name), "%s %s", cmd->name,
				cmd->args) > 0)
			err = re_hprintf(pf, "  %-20s %s\n", name, cmd->help);
	}

	return err | re_hprintf(pf, "  %-20s %s\n\n", "help [COMMAND]",
				"more of a command");
}


/**
 * Print help
 *
 * @param pf  Print handler
 * @param cmd Of a command, NULL=all
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_help(struct re_printf *pf, const struct cli_command *cmd)
{
	const uint64_t all = cli_command_opts(NULL);
	const uint64_t own = cmd ? cli_command_opts(cmd) & ~all : 0;
	int err;

	if (cmd) {
		err = re_hprintf(pf, "usage: cube %s%s%s%s\n\n%s\n\n",
				 cmd->name, cmd->args[0] ? " " : "", cmd->args,
				 own ? " [OPTION]..." : "", cmd->help);
		err |= options_help(pf, own);
	}
	else {
		err = all_help(pf);
	}

	err |= options_help(pf, cli_command_opts(cmd) & all);
	if (!cmd)
		err |= re_hprintf(pf, "  -V, %-21s%s\n", "--version",
				  "what this is");

	return err | re_hprintf(pf, "\nThe environment: CUBE_SOCKET, CUBE_URL,"
				" CUBE_TOKEN, CUBE_TOKEN_FILE, CUBE_CA_FILE,"
				" NO_COLOR.\nExit status: 0 all is well, 1"
				" something is wrong or was not done, 2 wrong"
				" arguments,\n3 it may have been done, 69 no"
				" hub, 75 try again, 76 that is no hub,\n"
				"77 not allowed: cube(1).\n");
}
