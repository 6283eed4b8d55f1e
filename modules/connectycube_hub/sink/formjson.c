/**
 * @file connectycube_hub/sink/formjson.c  JSON lines: records as they came
 */
#include <errno.h>
#include <string.h>
#include <jansson.h>
#include <sqlite3.h>
#include <re_types.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_tmr.h>
#include "../hub.h"
#include "sink.h"


static int print(struct mbuf *mb, struct sqlite3_stmt *row,
		 const struct hub_form *form)
{
	const unsigned char *json = sqlite3_column_text(row, 1);
	const int len = sqlite3_column_bytes(row, 1);
	int err;
	(void)form;

	if (!json)
		return ENOMEM;

	err = mbuf_write_mem(mb, json, (size_t)len);

	return err ? err : mbuf_write_u8(mb, '\n');
}


static int get_id(char *id, size_t size, const char *line, size_t len,
		  const struct hub_form *form)
{
	json_t *j = json_loadb(line, len, 0, NULL);
	const char *str = json_string_value(json_object_get(j, "id"));
	int err = ENOENT;
	(void)form;

	if (str && strlen(str) < size) {
		memcpy(id, str, strlen(str) + 1);
		err = 0;
	}

	json_decref(j);

	return err;
}


/**
 * Get the form of JSON lines
 *
 * @param form Filled in
 */
void hub_form_jsonl(struct hub_form *form)
{
	static const struct hub_form jsonl = {
		.columns = "json", .print = print, .id = get_id,
	};

	*form = jsonl;
}
