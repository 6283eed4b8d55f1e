/**
 * @file call/jsonadd.c  Builds JSON objects, member by member
 */
#include <re.h>
#include "call/jsonadd.h"


/**
 * Add a member without a value
 *
 * @param err Error so far
 * @param od Object
 * @param key Its name
 *
 * @return 0 if success, otherwise errorcode
 */
int json_add_null(int err, struct odict *od, const char *key)
{
	return err ? err : odict_entry_add(od, key, ODICT_NULL);
}


/**
 * Add a string
 *
 * @param err Error so far
 * @param od Object
 * @param key Its name
 * @param value Value, NULL or empty=null
 *
 * @return 0 if success, otherwise errorcode
 */
int json_add_str(int err, struct odict *od, const char *key,
		 const char *value)
{
	if (!str_isset(value))
		return json_add_null(err, od, key);

	return err ? err : odict_entry_add(od, key, ODICT_STRING, value);
}


/**
 * Add an integer
 *
 * @param err Error so far
 * @param od Object
 * @param key Its name
 * @param value Value
 *
 * @return 0 if success, otherwise errorcode
 */
int json_add_int(int err, struct odict *od, const char *key, uint64_t value)
{
	return err ? err : odict_entry_add(od, key, ODICT_INT,
					   (int64_t)value);
}


/**
 * Add an integer that may be unknown, or none
 *
 * @param err Error so far
 * @param od Object
 * @param key Its name
 * @param value Value, 0=null
 *
 * @return 0 if success, otherwise errorcode
 */
int json_add_known(int err, struct odict *od, const char *key, uint64_t value)
{
	return value ? json_add_int(err, od, key, value)
		: json_add_null(err, od, key);
}


/**
 * Add a number
 *
 * @param err Error so far
 * @param od Object
 * @param key Its name
 * @param value Value
 *
 * @return 0 if success, otherwise errorcode
 */
int json_add_num(int err, struct odict *od, const char *key, double value)
{
	return err ? err : odict_entry_add(od, key, ODICT_DOUBLE, value);
}


/**
 * Add a number that is counted in parts of one, and may be unknown
 *
 * @param err Error so far
 * @param od Object
 * @param key Its name
 * @param v Value, in parts; 0=null
 * @param n Parts of one
 *
 * @return 0 if success, otherwise errorcode
 */
int json_add_part(int err, struct odict *od, const char *key, int64_t v,
		  unsigned n)
{
	return v ? json_add_num(err, od, key, (double)v / n)
		: json_add_null(err, od, key);
}


/**
 * Add a boolean
 *
 * @param err Error so far
 * @param od Object
 * @param key Its name
 * @param value Value
 *
 * @return 0 if success, otherwise errorcode
 */
int json_add_bool(int err, struct odict *od, const char *key, bool value)
{
	return err ? err : odict_entry_add(od, key, ODICT_BOOL, value);
}


/**
 * Add an object or array
 *
 * @param err Error so far
 * @param odp Pointer to it; owned by its parent
 * @param parent Object
 * @param key Its name
 * @param type ODICT_OBJECT or ODICT_ARRAY
 *
 * @return 0 if success, otherwise errorcode
 */
int json_add_node(int err, struct odict **odp, struct odict *parent,
		  const char *key, enum odict_type type)
{
	struct odict *od = NULL;

	if (err)
		return err;

	err = odict_alloc(&od, JSON_HASH_SIZE);
	if (err)
		return err;

	err = odict_entry_add(parent, key, type, od);
	mem_deref(od);
	if (!err)
		*odp = od;

	return err;
}


/**
 * Add an object to an array. Elements have names that nobody sees
 *
 * @param err Error so far
 * @param odp Pointer to it; owned by the array
 * @param array Array
 *
 * @return 0 if success, otherwise errorcode
 */
int json_add_element(int err, struct odict **odp, struct odict *array)
{
	char key[16];

	re_snprintf(key, sizeof(key), "%zu", odict_count(array, false));

	return json_add_node(err, odp, array, key, ODICT_OBJECT);
}
