/**
 * @file office/donejson.c  What has been changed, for programs
 */
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include "cube/cli.h"
#include "extwrite.h"
#include "change.h"


/**
 * Say that an extension has come or gone
 *
 * @param c    What a command has
 * @param what added, removed
 * @param ext  Extension
 */
void change_json(struct cli *c, const char *what, const char *ext)
{
	json_t *j = json_pack("{s:s,s:s}", "done", what, "extension", ext);

	cli_out_json(&c->out, j);
	json_decref(j);
}


/**
 * Say what came of a table
 *
 * @param c     What a command has
 * @param done  They are added, and not only might be
 * @param taken Extensions that come
 * @param left  Those that are left out
 * @param wrong Rows that are wrong
 */
void change_json_table(struct cli *c, bool done, unsigned taken,
		       unsigned left, unsigned wrong)
{
	json_t *j = json_pack("{s:b,s:i,s:i,s:i}", "done", (int)done,
			      "extensions", (int)taken, "left_out", (int)left,
			      "wrong", (int)wrong);

	cli_out_json(&c->out, j);
	json_decref(j);
}
