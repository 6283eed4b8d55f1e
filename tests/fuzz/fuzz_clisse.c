/**
 * @file fuzz_clisse.c  cube: server-sent events, in pieces of any size
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_hash.h>
#include <re_mem.h>
#include "cube/cli.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int handler(const char *event, const char *id, const char *data,
		   size_t len, void *arg)
{
	uint32_t *sum = arg;

	if (!event[0] || strlen(event) >= CLI_SSE_NAME ||
	    strlen(id) >= CLI_SSE_ID || len >= CLI_SSE_LINE)
		abort();

	*sum = *sum * 31 + hash_joaat_str(event);
	*sum = *sum * 31 + hash_joaat_str(id);
	*sum = *sum * 31 + hash_joaat((const uint8_t *)data, len);

	return 0;
}


/* What was told, and what is known then */
static uint32_t told(const char *p, size_t size, size_t piece)
{
	struct cli_sse *s = NULL;
	uint32_t sum = 0;
	size_t i;

	if (cli_sse_alloc(&s, handler, &sum))
		abort();

	for (i=0; i<size; i+=piece) {
		if (cli_sse_feed(s, p + i, min(piece, size - i)))
			abort();
	}

	sum = sum * 31 + hash_joaat_str(cli_sse_id(s));
	sum = sum * 31 + cli_sse_retry(s);
	mem_deref(s);

	return sum;
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;

	if (!size || size > 65536)
		return 0;

	if (told(p, size, size) != told(p, size, 1 + data[0] % 7))
		abort();

	return 0;
}
