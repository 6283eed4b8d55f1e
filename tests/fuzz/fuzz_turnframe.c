/**
 * @file tests/fuzz/fuzz_turnframe.c  What a TURN server sends: however it is
 * cut, the same passes, and nothing that sends us elsewhere
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "peer/turn.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* In pieces of up to step bytes; returns what has passed */
static size_t feed(const uint8_t *data, size_t size, size_t step, int *err)
{
	struct turn_frames tf = {0};
	size_t pos = 0, end = 0, pass;

	*err = 0;
	while (end < size && !*err) {
		end = min(end + step, size);
		*err = turn_frames_pass(&tf, &data[pos], end - pos, &pass);
		if (pass > end - pos)
			abort();
		pos += pass;
		if (!*err && end - pos >= TURN_HELD_MAX)
			abort();
	}

	return pos;
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int e1, e2;
	size_t n1, n2;

	if (!size)
		return 0;

	n1 = feed(data, size, size, &e1);
	n2 = feed(data, size, 1 + data[size - 1] % 16, &e2);
	if (n1 != n2 || e1 != e2)
		abort();

	return 0;
}
