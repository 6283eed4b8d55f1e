/**
 * @file pbx_view.c  Channels at the extensions' PBX, for people
 *
 * Pure.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "cli.h"


/* Name and number, as far as they are known */
static void add_who(struct cli_table *t, const struct json_t *chan,
		    const char *number_key, const char *name_key)
{
	const char *number = cli_str(chan, number_key);
	const char *name = cli_str(chan, name_key);

	cli_cell(t, CLI_PLAIN, "%s%s%s%s", number,
		 number[0] && name[0] ? " (" : "", name,
		 number[0] && name[0] ? ")" : "");
}


static void add_channel(struct cli_table *t, const struct json_t *chan,
			uint64_t now)
{
	const int64_t begun = cli_has(chan, "t_answer")
		? cli_int(chan, "t_answer") : cli_int(chan, "t_start");
	const uint64_t ms = begun > 0 && (uint64_t)begun < now
		? now - (uint64_t)begun : 0;
	const char *state = cli_str(chan, "state");

	cli_cell(t, CLI_PLAIN, "%s", cli_str(chan, "channel"));
	cli_cell(t, !strcmp(state, "up") ? CLI_GOOD : CLI_PLAIN, "%s", state);
	cli_cell(t, CLI_PLAIN, "%H", cli_print_clock, &ms);
	add_who(t, chan, "number", "name");
	add_who(t, chan, "peer_number", "peer_name");
	cli_cell(t, CLI_PLAIN, "%H", cli_print_short,
		 cli_str(chan, "extension"));
	cli_cell(t, CLI_WARN, "%s%s", cli_is(chan, "held") ? "held" : "",
		 cli_is(chan, "own") ? "" : cli_is(chan, "held")
		 ? ", of the same call" : "of the same call");
}


/**
 * Show channels
 *
 * @param c        What a command has
 * @param channels Array
 */
void cli_view_channels(struct cli *c, const struct json_t *channels)
{
	static const struct cli_col colv[] = {
		{"CHANNEL", false, false}, {"STATE", false, false},
		{"FOR", true, false}, {"WHO", false, true},
		{"WITH", false, true}, {"EXTENSION", false, true},
		{"REMARK", false, true},
	};
	struct cli_table *t = NULL;
	const json_t *chan;
	size_t i;

	if (!json_array_size(channels)) {
		cli_line(&c->out, CLI_PLAIN, "no channels");
		return;
	}

	(void)cli_table_alloc(&t, colv, ARRAY_SIZE(colv));
	json_array_foreach(channels, i, chan)
		add_channel(t, chan, c->now);

	cli_table_print(&c->out, t);
	mem_deref(t);
}
