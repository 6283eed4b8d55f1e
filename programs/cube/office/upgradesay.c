/**
 * @file upgradesay.c  What became of each, for people and for programs
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include "cube/cli.h"
#include "office.h"
#include "sync.h"
#include "upgrade.h"


static const struct {
	const char *word;       /* for programs */
	const char *text;       /* for people, NULL=how it is */
	enum cli_style style;
} endv[UPGRADE_ENDS] = {
	[UPGRADE_WAITS]   = {"waits", NULL, CLI_PLAIN},
	[UPGRADE_SAME]    = {"unchanged", "runs it already", CLI_PLAIN},
	[UPGRADE_CHANGED] = {"changed", NULL, CLI_GOOD},
	[UPGRADE_STOPPED] = {"not_running", "does not run: is left so",
			     CLI_WARN},
	[UPGRADE_BACK]    = {"put_back", "is what it was again", CLI_WARN},
	[UPGRADE_FAILED]  = {"failed", "does not run as it should", CLI_BAD},
};


/**
 * Say what became of an instance, or the hub; to programs that is said at the
 * end
 *
 * @param u   Upgrade
 * @param one Instance, or the hub
 */
void upgrade_say(struct upgrade *u, const struct upgrade_one *one)
{
	const char *text = endv[one->end].text;

	if (u->c->json || one->end == UPGRADE_WAITS)
		return;

	cli_line(&u->c->out, endv[one->end].style, "%-9s %s", one->name,
		 text ? text : one->how.status);
	(void)cli_out_flush(&u->c->out);
}


/**
 * Say what would become of an instance, or the hub
 *
 * @param u   Upgrade
 * @param one Instance, or the hub
 */
void upgrade_say_dry(struct upgrade *u, const struct upgrade_one *one)
{
	if (one->end != UPGRADE_CHANGED)
		upgrade_say(u, one);
	else if (!u->c->json)
		cli_line(&u->c->out, CLI_PLAIN, "%-9s would be started anew;"
			 " is %s", one->name, one->how.status);
}


static json_t *one_json(const struct upgrade_one *one)
{
	return json_pack("{s:s,s:s,s:s,s:i}", "name", one->name, "action",
			 endv[one->end].word, "status", one->how.status,
			 "calls_ended", (int)one->calls);
}


/**
 * Say to programs what became of all of them
 *
 * @param u    Upgrade
 * @param done All of it, or it would be
 */
void upgrade_say_json(struct upgrade *u, bool done)
{
	json_t *insts = json_array(), *j;
	size_t i;

	for (i=0; i<u->instc; i++)
		(void)json_array_append_new(insts, one_json(&u->instv[i]));

	j = json_pack("{s:b,s:b,s:s,s:o,s:o}", "done", (int)done, "dry_run",
		      (int)u->dry, "version_before", u->before, "instances",
		      insts, "hub", u->has_hub ? one_json(&u->hub) :
		      json_null());
	cli_out_json(&u->c->out, j);
	json_decref(j);
}
