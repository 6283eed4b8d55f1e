/**
 * @file fuzz_allow.c  Lists of networks: what was added is in them
 */
#include <stdlib.h>
#include <re.h>
#include "sip/pure/allow.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pl pl = {(const char *)data, size};
	struct allow al = {.netc = 0};
	size_t i;

	(void)allow_add(&al, &pl);

	for (i=0; i<al.netc; i++) {
		if (!allow_has(&al, &al.netv[i].sa))
			abort();
	}

	return 0;
}
