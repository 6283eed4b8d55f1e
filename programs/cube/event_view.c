/**
 * @file event_view.c  What happens, a line for each
 *
 * Pure.
 */
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "cli.h"


static bool is(const struct cli_event *ev, const char *name)
{
	return !strcmp(ev->name, name);
}


static int print_call(struct re_printf *pf, const struct json_t *j,
		      const char *state)
{
	char *remarks = NULL;
	int err;

	err = re_sdprintf(&remarks, "%H", cli_print_remarks, j);
	if (err)
		return err;

	err = re_hprintf(pf, "call %s %s: %H to %H%s%s", cli_str(j, "id"),
			 state, cli_print_party, cli_get(j, "from"),
			 cli_print_party, cli_get(j, "to"),
			 remarks[0] ? "; " : "", remarks);
	mem_deref(remarks);

	return err;
}


static int print_extension(struct re_printf *pf, const struct json_t *j)
{
	const bool here = cli_is(j, "bridge.here");
	const char *cloud = cli_str(j, "cloud.state");
	const bool registers = cli_is(j, "sip.registers");
	char *remarks = NULL;
	int err;

	err = re_sdprintf(&remarks, "%H", cli_print_ext_remarks, j);
	if (err)
		return err;

	err = re_hprintf(pf, "extension %H", cli_print_short,
			 cli_str(j, "extension"));
	if (here)
		err |= re_hprintf(pf, " %s, cloud %s",
				  cli_is(j, "sip.registered") ? "registered"
				  : registers ? "not registered"
				  : "does not register",
				  cloud[0] ? cloud : "unknown");
	if (remarks[0])
		err |= re_hprintf(pf, "%s%s", here ? "; " : ": ", remarks);
	mem_deref(remarks);

	return err;
}


static int print_gone(struct re_printf *pf, const struct json_t *j)
{
	return re_hprintf(pf, "extension %H gone: its bridge (%s) does not"
			  " have it any more", cli_print_short,
			  cli_str(j, "extension"), cli_str(j, "bridge"));
}


static int print_alarm(struct re_printf *pf, const struct json_t *j)
{
	const char *ext = cli_str(j, "extension");
	const char *where = ext[0] ? ext : cli_str(j, "bridge");
	const char *text = cli_str(j, "text");

	return re_hprintf(pf, "alarm %s %s%s%H%s%s", cli_str(j, "alarm"),
			  cli_has(j, "cleared") ? "over" : "on",
			  where[0] ? ": " : "", cli_print_short, where,
			  text[0] ? ": " : "", text);
}


static int print_gap(struct re_printf *pf, const struct json_t *j)
{
	return cli_has(j, "lost")
		? re_hprintf(pf, "gap: events that are lost: %lld",
			     cli_int(j, "lost"))
		: re_hprintf(pf, "gap: the hub was started anew; what was"
			     " meanwhile is lost");
}


static int print_other(struct re_printf *pf, const struct cli_event *ev)
{
	char *text = json_dumps(ev->j, JSON_COMPACT | JSON_ENCODE_ANY);
	int err = re_hprintf(pf, "%s %s", ev->name, text ? text : "");

	free(text);

	return err;
}


/**
 * Print an event, without when it was
 *
 * @param pf Print handler
 * @param ev Event
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_print_event(struct re_printf *pf, const struct cli_event *ev)
{
	return is(ev, "call") ? print_call(pf, ev->j, cli_str(ev->j, "state"))
		: is(ev, "call_ended") ? print_call(pf, ev->j, "over")
		: is(ev, "extension") ? print_extension(pf, ev->j)
		: is(ev, "extension_gone") ? print_gone(pf, ev->j)
		: is(ev, "alarm") ? print_alarm(pf, ev->j)
		: is(ev, "gap") ? print_gap(pf, ev->j)
		: print_other(pf, ev);
}


/**
 * Get what an event is about, as a text
 *
 * @param key  Set to it
 * @param size Room there [bytes]
 * @param ev   Event
 *
 * @return 0 if success; ENOENT if the same of it is something new
 */
int cli_event_key(char *key, size_t size, const struct cli_event *ev)
{
	const bool ext = is(ev, "extension") || is(ev, "extension_gone");
	const char *id;

	if (is(ev, "call") || is(ev, "call_ended"))
		id = cli_str(ev->j, "id");
	else if (ext)
		id = cli_str(ev->j, "extension");
	else
		return ENOENT;

	return re_snprintf(key, size, "%s %s", ext ? "ext" : "call",
			   id) < 0 ? ENOENT : 0;
}


/**
 * Tell whether what it is about is no more
 *
 * @param ev Event
 *
 * @return True if so
 */
bool cli_event_over(const struct cli_event *ev)
{
	return is(ev, "call_ended") || is(ev, "extension_gone");
}


/**
 * Get how to show an event
 *
 * @param ev Event
 *
 * @return Style
 */
enum cli_style cli_event_style(const struct cli_event *ev)
{
	return is(ev, "gap") || is(ev, "extension_gone") ? CLI_WARN
		: is(ev, "alarm") ? cli_has(ev->j, "cleared") ? CLI_GOOD
		: CLI_BAD
		: is(ev, "extension") && !cli_ext_takes(ev->j) ? CLI_BAD
		: CLI_PLAIN;
}
