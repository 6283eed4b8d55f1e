/**
 * @file options.c  The options
 *
 * Pure.
 */
#include <string.h>
#include <re_types.h>
#include "cli.h"


static const struct cli_option optionv[CLI_OPTS] = {
	[CLI_OPT_SOCKET] = {"socket", 0, "PATH", "Unix socket of the hub"},
	[CLI_OPT_URL] = {"url", 0, "URL", "where the hub is, instead"},
	[CLI_OPT_TOKEN_FILE] = {"token-file", 0, "FILE",
				"file with a token of the hub"},
	[CLI_OPT_CA_FILE] = {"ca-file", 0, "FILE",
			     "who is believed about its certificate"},
	[CLI_OPT_TIMEOUT] = {"timeout", 0, "SECONDS",
			     "longest that an answer is waited for (30)"},
	[CLI_OPT_JSON] = {"json", 'j', NULL, "for programs: what the hub says"},
	[CLI_OPT_COLOR] = {"color", 0, "WHEN", "auto, always or never"},
	[CLI_OPT_HELP] = {"help", 'h', NULL, "this text"},
	[CLI_OPT_EXTENSION] = {"extension", 'e', "EXT", "of this one alone"},
	[CLI_OPT_FROM] = {"from", 0, "TIME", "that began then, or later"},
	[CLI_OPT_TO] = {"to", 0, "TIME", "... and before"},
	[CLI_OPT_USER] = {"user", 0, "ID", "id of an app's user"},
	[CLI_OPT_NUMBER] = {"number", 0, "NUMBER",
			    "part of the phone's address"},
	[CLI_OPT_DISPOSITION] = {"disposition", 0, "WORD",
				 "ANSWERED, NO_ANSWER, BUSY, ..."},
	[CLI_OPT_LIMIT] = {"limit", 'n', "NUMBER", "so many at most (50)"},
	[CLI_OPT_CURSOR] = {"cursor", 0, "CURSOR",
			    "go on where an answer ended (next)"},
	[CLI_OPT_TYPE] = {"type", 0, "TYPE,...",
			  "extension, call, call_ended, alarm"},
	[CLI_OPT_COUNT] = {"count", 'n', "NUMBER", "end after so many"},
	[CLI_OPT_ALL] = {"all", 'a', NULL, "those that are over, too"},
	[CLI_OPT_SEARCH] = {"search", 0, "TEXT",
			    "part of a number or name, or a user"},
	[CLI_OPT_DIRECTION] = {"direction", 0, "WORD",
			       "sip-to-app, app-to-sip, pbx-to-phone or"
			       " phone-to-pbx"},
	[CLI_OPT_KIND] = {"kind", 0, "WORD",
			  "bridge, or pbx: those that did not go through it"},
	[CLI_OPT_SIDE] = {"side", 0, "SIDE", "app or phone"},
	[CLI_OPT_MODE] = {"mode", 0, "MODE", "audio or video"},
	[CLI_OPT_VIDEO] = {"video", 0, NULL, "with video"},
	[CLI_OPT_DRY_RUN] = {"dry-run", 0, NULL,
			     "say what would be done"},
	[CLI_OPT_START] = {"start", 0, NULL,
			   "start those, too, that have not changed"},
	[CLI_OPT_LEFT] = {"left", 0, "NAME",
			  "only hand the hub what NAME, removed, has left"},
	[CLI_OPT_WAIT] = {"wait", 0, "SECONDS",
			  "longest that calls are waited for (3600)"},
	[CLI_OPT_VERSION] = {"version", 0, "VERSION",
			     "install all packages of ours of that one"},
	[CLI_OPT_KEEP] = {"keep", 0, NULL,
			  "only keep what is installed, to go back to"},
	[CLI_OPT_ROOT] = {"root", 0, "DIR",
			  "of another system: DIR/etc, DIR/var, DIR/run"},
	[CLI_OPT_OUTPUT] = {"output", 'o', "FILE",
			    "into this file, or folder"},
	[CLI_OPT_NAME] = {"name", 0, "NAME", "what people call it"},
	[CLI_OPT_PBX] = {"pbx", 0, "HOST",
			 "of its SIP address (that of the last line)"},
	[CLI_OPT_LOGIN] = {"login", 0, "LOGIN", "its user in ConnectyCube"},
	[CLI_OPT_CALL] = {"call", 0, "ID,...", "users that calls ring"},
	[CLI_OPT_PASSWORDS] = {"passwords", 0, "FILE",
			       "SIP and ConnectyCube password, a line each"},
	[CLI_OPT_YES] = {"yes", 'y', NULL, "do it, and do not ask"},
	[CLI_OPT_SYNC] = {"sync", 0, NULL, "... and put it to work at once"},
	[CLI_OPT_ALONE] = {"alone", 0, NULL, "without the hub"},
	[CLI_OPT_FORCE] = {"force", 0, NULL, "replace what is there"},
};


/**
 * Get an option
 *
 * @param opt Which
 *
 * @return What it is
 */
const struct cli_option *cli_option(enum cli_opt opt)
{
	return &optionv[opt];
}


/**
 * Find an option by its name
 *
 * @param opts Those that there are, a set of CLI_BIT()
 * @param name Name, without --
 * @param len  Its length [bytes]
 * @param opt  Set to which it is
 *
 * @return True if there is one
 */
bool cli_option_find(enum cli_opt *opt, uint64_t opts, const char *name,
		     size_t len)
{
	unsigned i;

	for (i=0; i<CLI_OPTS; i++) {

		if (!(opts & CLI_BIT(i)) || strlen(optionv[i].name) != len ||
		    memcmp(optionv[i].name, name, len))
			continue;

		*opt = i;
		return true;
	}

	return false;
}


/**
 * Find an option by its letter
 *
 * @param opts   Those that there are, a set of CLI_BIT()
 * @param letter Letter
 * @param opt    Set to which it is
 *
 * @return True if there is one
 */
bool cli_option_letter(enum cli_opt *opt, uint64_t opts, char letter)
{
	unsigned i;

	for (i=0; i<CLI_OPTS && letter; i++) {

		if (!(opts & CLI_BIT(i)) || optionv[i].letter != letter)
			continue;

		*opt = i;
		return true;
	}

	return false;
}
