/**
 * @file cube/args.h  cube: what is asked for
 *
 *   argv --> args.c    words become a command, its arguments and options
 *             |--> options.c   all options there are
 *             `--> commands.c  all commands, and which options they have
 *
 * Who adds a command, or an option, does it here, in these files, and in cube.1,
 * docs/CLI.md and contrib/completion. Part of cli.h.
 */

/**
 * Options. Those up to CLI_COMMON are of all commands that ask the hub, those
 * behind CLI_HUB up to there of all others, too
 */
enum cli_opt {
	CLI_OPT_SOCKET,
	CLI_OPT_URL,
	CLI_OPT_TOKEN_FILE,
	CLI_OPT_CA_FILE,
	CLI_OPT_TIMEOUT,
	CLI_HUB = CLI_OPT_TIMEOUT,
	CLI_OPT_JSON,
	CLI_OPT_COLOR,
	CLI_OPT_HELP,
	CLI_COMMON = CLI_OPT_HELP,
	CLI_OPT_EXTENSION,
	CLI_OPT_FROM,
	CLI_OPT_TO,
	CLI_OPT_USER,
	CLI_OPT_NUMBER,
	CLI_OPT_DISPOSITION,
	CLI_OPT_LIMIT,
	CLI_OPT_CURSOR,
	CLI_OPT_TYPE,
	CLI_OPT_COUNT,
	CLI_OPT_ALL,
	CLI_OPT_SEARCH,
	CLI_OPT_DIRECTION,
	CLI_OPT_KIND,
	CLI_OPT_SIDE,
	CLI_OPT_MODE,
	CLI_OPT_VIDEO,
	CLI_OPT_ROOT,
	CLI_OPT_OUTPUT,
	CLI_OPT_NAME,
	CLI_OPT_PBX,
	CLI_OPT_LOGIN,
	CLI_OPT_CALL,
	CLI_OPT_PASSWORDS,
	CLI_OPT_YES,
	CLI_OPT_DRY_RUN,
	CLI_OPT_START,
	CLI_OPT_LEFT,
	CLI_OPT_WAIT,
	CLI_OPT_VERSION,
	CLI_OPT_KEEP,
	CLI_OPT_FORCE,
	CLI_OPT_SYNC,
	CLI_OPT_ALONE,
	CLI_OPTS,
	CLI_LOCAL = CLI_OPTS,   /**< Not one: the hub is not asked         */
};

/** Options as a set */
#define CLI_BIT(opt) (1ull<<(opt))

/** An option */
struct cli_option {
	const char *name;       /**< Without --                            */
	char letter;            /**< ... or -LETTER, 0=none                */
	const char *value;      /**< What its value is, NULL=it has none   */
	const char *help;
};

const struct cli_option *cli_option(enum cli_opt opt);
bool cli_option_find(enum cli_opt *opt, uint64_t opts, const char *name,
		     size_t len);
bool cli_option_letter(enum cli_opt *opt, uint64_t opts, char letter);

struct cli;

/**
 * Does what a command is for
 *
 * @param c What it has
 *
 * @return Exit status
 */
typedef int (cli_command_h)(struct cli *c);

/** A command */
struct cli_command {
	const char *name;
	const char *args;       /**< Its arguments, for people             */
	size_t min, max;        /**< How many                              */
	uint64_t opts;          /**< Its options, and CLI_LOCAL: CLI_BIT() */
	cli_command_h *h;       /**< Does it                               */
	const char *help;       /**< In a few words                        */
};

const struct cli_command *cli_commands(void);
const struct cli_command *cli_command_find(const char *name);
uint64_t cli_command_opts(const struct cli_command *cmd);
int  cli_help(struct re_printf *pf, const struct cli_command *cmd);

/** What is asked for; points into the arguments */
struct cli_args {
	const struct cli_command *cmd; /**< NULL=none                      */
	const char *optv[CLI_OPTS]; /**< Values, ""=none, NULL=not said */
	const char *argv[CLI_ARGS];
	size_t argc;
	bool version;           /**< Only what this is                     */
};

int  cli_args_read(struct cli_args *a, int argc, char *const argv[],
		   char *why, size_t size);
bool cli_arg_u32(const struct cli_args *a, enum cli_opt opt, uint32_t *v,
		 uint32_t dflt, uint32_t min, uint32_t max);


/*
 * The commands
 */

cli_command_h cmd_status, cmd_calls, cmd_cdr, cmd_today, cmd_alarms, cmd_tail;
cli_command_h cmd_steer, cmd_call, cmd_check, cmd_pbx;
cli_command_h cmd_timeline, cmd_recordings, cmd_fetch;
cli_command_h cmd_list, cmd_show, cmd_add, cmd_remove, cmd_import;
cli_command_h cmd_sync, cmd_upgrade, cmd_rollback;
cli_command_h cmd_backup, cmd_restore, cmd_secret, cmd_console;
