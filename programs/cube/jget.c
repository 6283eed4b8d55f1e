/**
 * @file jget.c  What is in an answer
 *
 * What is not there, or is something else, is empty, 0 or false. Pure.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include "cli.h"


/**
 * Get a member
 *
 * @param j    Object
 * @param path Its name; with dots, of objects in it
 *
 * @return Value (borrowed), NULL if there is none
 */
const struct json_t *cli_get(const struct json_t *j, const char *path)
{
	char name[64];

	while (j && path) {

		const char *dot = strchr(path, '.');
		struct pl pl = {path, dot ? (size_t)(dot - path)
			: strlen(path)};

		if (pl_strcpy(&pl, name, sizeof(name)))
			return NULL;

		j = json_object_get(j, name);
		path = dot ? dot + 1 : NULL;
	}

	return j;
}


/**
 * Get a text
 *
 * @param j    Object
 * @param path As of cli_get()
 *
 * @return Text (borrowed), "" if there is none
 */
const char *cli_str(const struct json_t *j, const char *path)
{
	const char *str = json_string_value(cli_get(j, path));

	return str ? str : "";
}


/**
 * Get an integer
 *
 * @param j    Object
 * @param path As of cli_get()
 *
 * @return Number, 0 if there is none
 */
int64_t cli_int(const struct json_t *j, const char *path)
{
	return json_integer_value(cli_get(j, path));
}


/**
 * Get a number
 *
 * @param j    Object
 * @param path As of cli_get()
 *
 * @return Number, 0 if there is none
 */
double cli_num(const struct json_t *j, const char *path)
{
	return json_number_value(cli_get(j, path));
}


/**
 * Tell whether something is true
 *
 * @param j    Object
 * @param path As of cli_get()
 *
 * @return True if it is
 */
bool cli_is(const struct json_t *j, const char *path)
{
	return json_is_true(cli_get(j, path));
}


/**
 * Tell whether something is known
 *
 * @param j    Object
 * @param path As of cli_get()
 *
 * @return True if it is there, and not null
 */
bool cli_has(const struct json_t *j, const char *path)
{
	const struct json_t *v = cli_get(j, path);

	return v && !json_is_null(v);
}
