/**
 * @file fuzz_mediactl.c  Media control in SIP INFO bodies
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "sip/pure/mediactl.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* What asks for a keyframe names it, and was not refused */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char name[] = "picture_fast_update";
	const struct pl body = {(const char *)data, size};
	bool fast_update = false;
	int err;

	err = mediactl_decode(&fast_update, &body);

	if (fast_update && (err || !memmem(data, size, name, strlen(name))))
		abort();

	return 0;
}
