/**
 * @file connectycube_hub/sink/pgcolumns.c  What is in PostgreSQL's columns
 *
 * contrib/sql/postgresql.sql makes a table that has all of them; one that has
 * fewer is filled as far as it goes.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include <re_list.h>
#include <re_tmr.h>
#include "../hub.h"
#include "postgres.h"


#define TIME "to_timestamp($%u::float8/1000)"

static const struct hub_pg_column recordv[] = {
	{"id",           "id",           "$%u::uuid"},
	{"linked_id",    "linked_id",    "$%u::uuid"},
	{"host",         "host",         "$%u"},
	{"extension",    "extension",    "$%u"},
	{"call_id",      "call_id",      "$%u"},
	{"session",      "session",      "$%u"},
	{"direction",    "direction",    "$%u"},
	{"from_user",    "from.user",    "$%u"},
	{"from_number",  "from.number",  "$%u"},
	{"from_name",    "from.name",    "$%u"},
	{"from_uri",     "from.uri",     "$%u"},
	{"to_user",      "to.user",      "$%u"},
	{"to_number",    "to.number",    "$%u"},
	{"to_name",      "to.name",      "$%u"},
	{"to_uri",       "to.uri",       "$%u"},
	{"rung_first",   "rung_first",   "$%u"},
	{"dialled",      "dialled",      "$%u"},
	{"agent",        "agent",        "$%u"},
	{"platform",     "platform",     "$%u"},
	{"started",      "t_start",      TIME},
	{"rang",         "t_ring",       TIME},
	{"answered",     "t_answer",     TIME},
	{"ended",        "t_end",        TIME},
	{"pdd_ms",       "pdd_ms",       "$%u::int8"},
	{"ring_ms",      "ring_ms",      "$%u::int8"},
	{"setup_ms",     "setup_ms",     "$%u::int8"},
	{"bill_ms",      "bill_ms",      "$%u::int8"},
	{"hold_ms",      "hold_ms",      "$%u::int8"},
	{"hold_count",   "hold_count",   "$%u::int4"},
	{"disposition",  "disposition",  "$%u"},
	{"class",        "class",        "$%u"},
	{"reason",       "reason",       "$%u"},
	{"sip_code",     "sip_code",     "$%u::int4"},
	{"q850",         "q850",         "$%u::int4"},
	{"hung_up_by",   "hung_up_by",   "$%u"},
	{"verdict",      "verdict",      "$%u"},
	{"department",   "department",   "$%u"},
	{"trace",        "trace",        "$%u"},
	{"tag_local",    "tag_local",    "$%u"},
	{"tag_remote",   "tag_remote",   "$%u"},
	{"flight",       "flight",       "$%u"},
	{"channel",      "channel",      "$%u"},
	{"channel_linked", "channel_linked", "$%u"},
	{"kind",         "kind",         "$%u"},
	{"record",       "",             "$%u::jsonb"},
};

static const struct hub_pg_column recordingv[] = {
	{"id",           "id",           "$%u::uuid"},
	{"record_id",    "record_id",    "$%u::uuid"},
	{"linked_id",    "linked_id",    "$%u::uuid"},
	{"host",         "host",         "$%u"},
	{"extension",    "extension",    "$%u"},
	{"call",         "call",         "$%u::int8"},
	{"call_id",      "call_id",      "$%u"},
	{"session",      "session",      "$%u"},
	{"direction",    "direction",    "$%u"},
	{"from_user",    "from.user",    "$%u"},
	{"from_number",  "from.number",  "$%u"},
	{"from_name",    "from.name",    "$%u"},
	{"from_uri",     "from.uri",     "$%u"},
	{"to_user",      "to.user",      "$%u"},
	{"to_number",    "to.number",    "$%u"},
	{"to_name",      "to.name",      "$%u"},
	{"to_uri",       "to.uri",       "$%u"},
	{"mode",         "mode",         "$%u"},
	{"started_by",   "by",           "$%u"},
	{"started",      "t_start",      TIME},
	{"ended",        "t_end",        TIME},
	{"duration_ms",  "duration_ms",  "$%u::int8"},
	{"state",        "state",        "$%u"},
	{"reason",       "reason",       "$%u"},
	{"file",         "file",         "$%u"},
	{"format",       "format",       "$%u"},
	{"bytes",        "bytes",        "$%u::int8"},
	{"sha256",       "sha256",       "$%u"},
	{"encrypted",    "encrypted",    "$%u::bool"},
	{"recording",    "",             "$%u::jsonb"},
};


/**
 * Find what a column is filled with
 *
 * @param table What is put there
 * @param name  Name of the column
 *
 * @return Column, NULL=it is none of ours
 */
const struct hub_pg_column *hub_pg_column(enum hub_table table,
					  const char *name)
{
	const bool rec = table == HUB_RECORDINGS;
	const struct hub_pg_column *v = rec ? recordingv : recordv;
	const size_t n = rec ? ARRAY_SIZE(recordingv) : ARRAY_SIZE(recordv);
	size_t i;

	for (i=0; name && i<n; i++) {
		if (!strcmp(v[i].name, name))
			return &v[i];
	}

	return NULL;
}


static const json_t *find(const json_t *j, const char *path)
{
	char key[64];

	while (j && *path) {

		const size_t n = strcspn(path, ".");

		if (n >= sizeof(key))
			return NULL;

		memcpy(key, path, n);
		key[n] = '\0';
		j = json_object_get(j, key);
		path += n + (path[n] == '.');
	}

	return j;
}


static char *value_of(const json_t *j, const char *json,
		      const struct hub_pg_column *col)
{
	const json_t *v = find(j, col->path);
	char *str = NULL;

	if (!col->path[0])
		(void)str_dup(&str, json);
	else if (json_is_string(v))
		(void)str_dup(&str, json_string_value(v));
	else if (json_is_integer(v))
		(void)re_sdprintf(&str, "%lld",
				  (long long)json_integer_value(v));
	else if (json_is_boolean(v))
		(void)str_dup(&str, json_is_true(v) ? "t" : "f");
	else if (json_is_real(v))
		(void)re_sdprintf(&str, "%f", json_real_value(v));

	return str;
}


/**
 * Get what columns are filled with, as PostgreSQL reads it
 *
 * @param valuev  Set to texts, freed by mem_deref(); NULL=null
 * @param columnv Columns
 * @param n       Their number
 * @param json    Record
 */
void hub_pg_values(char **valuev, const struct hub_pg_column *const *columnv,
		   size_t n, const char *json)
{
	json_t *j = json_loads(json, 0, NULL);
	size_t i;

	for (i=0; i<n; i++)
		valuev[i] = value_of(j, json, columnv[i]);

	json_decref(j);
}
