/**
 * @file connectycube_hub/live/read.c
 * Members of what bridges tell, which may be anything
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include "live.h"
#include "model.h"


/* More than anybody counts, or measures */
#define NUMBER_MAX 1000000000000000ll


/**
 * Copy a text. What does not fit is cut between characters
 *
 * @param dst  Field; empty if there is none
 * @param size Its size [bytes]
 * @param j    Object
 * @param key  Name of the member
 */
void mread_str(char *dst, size_t size, const json_t *j, const char *key)
{
	const char *str = json_string_value(json_object_get(j, key));
	size_t n = str ? strlen(str) : 0;

	if (n >= size) {
		n = size - 1;
		while (n && (str[n] & 0xc0) == 0x80)
			--n;
	}

	if (n)
		memcpy(dst, str, n);
	dst[n] = '\0';
}


/**
 * Get a number
 *
 * @param j   Object
 * @param key Name of the member
 *
 * @return Number, 0 if there is none; so small that it may be reckoned with
 */
json_int_t mread_int(const json_t *j, const char *key)
{
	const json_int_t n = json_integer_value(json_object_get(j, key));

	return n > NUMBER_MAX ? NUMBER_MAX : n < -NUMBER_MAX ? -NUMBER_MAX
		: n;
}


/**
 * Get a time
 *
 * @param j   Object
 * @param key Name of the member
 *
 * @return Since 1970 [ms], 0 if there is none
 */
uint64_t mread_time(const json_t *j, const char *key)
{
	const json_int_t t = mread_int(j, key);

	return t > 0 ? (uint64_t)t : 0;
}


/**
 * Get a number of a call, or a party
 *
 * @param v   Set to it
 * @param j   Object
 * @param key Name of the member
 *
 * @return True if there is one
 */
bool mread_u32(uint32_t *v, const json_t *j, const char *key)
{
	const json_int_t n = mread_int(j, key);

	if (n <= 0 || n > UINT32_MAX)
		return false;

	*v = (uint32_t)n;

	return true;
}


/**
 * Is a member true?
 *
 * @param j   Object
 * @param key Name of the member
 *
 * @return True if so
 */
bool mread_bool(const json_t *j, const char *key)
{
	return json_is_true(json_object_get(j, key));
}
