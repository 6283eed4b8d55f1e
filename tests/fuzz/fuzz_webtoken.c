/**
 * @file fuzz_webtoken.c  The file of tokens of the hub's HTTP
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "connectycube_hub/web/route.h"
#include "connectycube_hub/web/guard.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* What was read is written, and read again as the same */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct list tokenl = LIST_INIT, again = LIST_INIT;
	struct mbuf *mb = mbuf_alloc(256);
	char why[128] = "";

	if (web_token_read(&tokenl, (const char *)data, size, why,
			   sizeof(why))) {
		if (!why[0] || list_head(&tokenl))
			abort();
		goto out;
	}

	if (web_token_write(mb, &tokenl) ||
	    web_token_read(&again, (char *)mb->buf, mb->end, why,
			   sizeof(why)) ||
	    list_count(&again) != list_count(&tokenl))
		abort();

 out:
	list_flush(&tokenl);
	list_flush(&again);
	mem_deref(mb);

	return 0;
}
