/**
 * @file fuzz_webtarget.c  Path and query of an HTTP request to the hub
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include "base/text.h"
#include "connectycube_hub/web/route.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void check(const char *str)
{
	struct pl pl;

	pl_set_str(&pl, str);
	if (!text_is_utf8(&pl))
		abort();
	for (; *str; str++) {
		if ((uint8_t)*str < ' ' || *str == 0x7f)
			abort();
	}
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pl pl = {(const char *)data, size};
	const char *paramv[WEB_PARAMS];
	struct web_target t;
	unsigned allowed;
	size_t i;

	if (web_target(&t, &pl))
		return 0;

	if (t.len > sizeof(t.buf) || t.segc > WEB_SEGS ||
	    t.queryc > WEB_QUERIES)
		abort();

	for (i=0; i<t.segc; i++) {
		check(t.segv[i]);
		if (!t.segv[i][0] || strpbrk(t.segv[i], "/\\") ||
		    !strcmp(t.segv[i], ".."))
			abort();
	}
	for (i=0; i<t.queryc; i++) {
		check(t.queryv[i].name);
		check(t.queryv[i].value);
	}

	(void)web_route(web_tables(), WEB_GET, &t, paramv, &allowed);

	return 0;
}
