/**
 * @file tests/fuzz/fuzz_cand.c  ICE candidates, read, written, read again
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "peer/cand.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char buf[2 * CAND_LINE_MAX];
	struct cand a, b;

	if (cand_decode(&a, (const char *)data, size))
		return 0;

	if (re_snprintf(buf, sizeof(buf), "%H", cand_print, &a) < 0)
		abort();
	if (cand_decode(&b, buf, strlen(buf)))
		abort();
	if (a.prio != b.prio || !sa_cmp(&a.addr, &b.addr, SA_ALL))
		abort();

	return 0;
}
