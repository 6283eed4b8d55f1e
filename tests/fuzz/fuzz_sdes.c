/**
 * @file fuzz_sdes.c  a=crypto lines of SDP
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "sip/pure/sdes.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* What is taken can be written, and is the same when it is read again */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pl line = {(const char *)data, size};
	struct sdes_crypto a, b;
	char text[SDES_LINE_MAX];
	struct pl pl;

	if (sdes_decode(&a, &line))
		return 0;

	if (sdes_encode(text, sizeof(text), &a))
		abort();

	pl_set_str(&pl, text);

	if (sdes_decode(&b, &pl) || a.tag != b.tag || a.suite != b.suite ||
	    a.len != b.len || memcmp(a.key, b.key, a.len))
		abort();

	return 0;
}
