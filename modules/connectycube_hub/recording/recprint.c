/**
 * @file connectycube_hub/recording/recprint.c
 * A recording in one line, for people
 */
#include <string.h>
#include <time.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_tmr.h>
#include "../hub.h"
#include "recfacts.h"
#include "recording.h"


static const char *text_of(const json_t *j, const char *key)
{
	const char *str = json_string_value(json_object_get(j, key));

	return str && str[0] ? str : "-";
}


static const char *party(const json_t *j, const char *key)
{
	const json_t *p = json_object_get(j, key);

	return strcmp(text_of(p, "user"), "-") ? text_of(p, "user")
		: strcmp(text_of(p, "number"), "-") ? text_of(p, "number")
		: text_of(p, "uri");
}


static long long number(const json_t *j, const char *key)
{
	return (long long)json_integer_value(json_object_get(j, key));
}


/**
 * Print a recording
 *
 * @param pf   Print handler
 * @param json What is told of it
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_print(struct re_printf *pf, const char *json)
{
	json_t *j = json_loads(json, 0, NULL);
	const time_t t = (time_t)(number(j, "t_start") / 1000);
	char when[32] = "?";
	struct tm tm;
	bool failed;
	int err;

	if (gmtime_r(&t, &tm))
		(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);

	err = re_hprintf(pf, "%s %s %s %s -> %s %s ", when, text_of(j, "id"),
			 text_of(j, "extension"), party(j, "from"),
			 party(j, "to"), text_of(j, "state"));

	failed = !strcmp(text_of(j, "file"), "-");
	if (failed)
		err |= re_hprintf(pf, "%s\n", text_of(j, "reason"));
	else
		err |= re_hprintf(pf, "%lld ms %lld bytes %s\n",
				  number(j, "duration_ms"),
				  number(j, "bytes"), text_of(j, "file"));

	json_decref(j);

	return err;
}
