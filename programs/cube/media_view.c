/**
 * @file media_view.c  What the parties of a call send and are sent
 *
 * A table of it, for a call that is up and for one that is over: what was
 * measured differs between both.
 *
 * Pure.
 */
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "cli.h"


/**
 * Show the media of the parties: a line for each direction of audio and video.
 * The first cells are who, what, codec and packets
 *
 * @param c      What a command has
 * @param legs   Parties
 * @param member Where the directions are in each, NULL=beside its side
 * @param colv   Columns
 * @param colc   Number of columns
 * @param cellsh Adds the other cells
 */
void cli_view_media(struct cli *c, const struct json_t *legs,
		    const char *member, const struct cli_col *colv,
		    size_t colc, cli_cells_h *cellsh)
{
	static const struct {
		const char *key, *what;
	} dirv[] = {
		{"rx", "from it"},
		{"tx", "to it"},
		{"video_rx", "video from it"},
		{"video_tx", "video to it"},
	};
	struct cli_table *t = NULL;
	const json_t *leg;
	size_t i, k;

	(void)cli_table_alloc(&t, colv, colc);
	json_array_foreach(legs, i, leg) {

		const json_t *media = member ? cli_get(leg, member) : leg;

		for (k=0; k<ARRAY_SIZE(dirv); k++) {

			const json_t *dir = cli_get(media, dirv[k].key);

			if (!dir || json_is_null(dir))
				continue;

			cli_cell(t, CLI_PLAIN, "%s", cli_str(leg, "side"));
			cli_cell(t, CLI_DIM, "%s", dirv[k].what);
			cli_cell(t, CLI_PLAIN, "%s", cli_str(dir, "codec"));
			cli_cell(t, CLI_PLAIN, "%lld",
				 cli_int(dir, "packets"));
			cellsh(t, dir);
		}
	}

	cli_line(&c->out, CLI_PLAIN, "");
	cli_table_print(&c->out, t);
	mem_deref(t);
}
