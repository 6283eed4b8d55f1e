/**
 * @file base/uuid.c  Ids that nobody else has
 */
#include <string.h>
#include <re.h>
#include "base/uuid.h"


/**
 * Make a UUID of version 4: random (RFC 9562)
 *
 * @param uuid Set to it, UUID_SIZE bytes
 */
void uuid_make(char *uuid)
{
	uint8_t b[16];

	rand_bytes(b, sizeof(b));
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;

	(void)re_snprintf(uuid, UUID_SIZE, "%02x%02x%02x%02x-%02x%02x-"
			  "%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
			  b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8],
			  b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}


/**
 * Is it a UUID, as uuid_make() writes them? Such a text may be part of a path
 *
 * @param str Text, may be NULL
 * @param len Its length [bytes]
 *
 * @return True if it is one, in small letters
 */
bool uuid_is(const char *str, size_t len)
{
	size_t i;

	if (!str || len != UUID_SIZE - 1)
		return false;

	for (i=0; i<len; i++) {

		const bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? str[i] != '-'
		    : !str[i] || !strchr("0123456789abcdef", str[i]))
			return false;
	}

	return true;
}
