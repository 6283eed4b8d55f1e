/**
 * @file base/uuid.c  Ids that nobody else has
 */
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
