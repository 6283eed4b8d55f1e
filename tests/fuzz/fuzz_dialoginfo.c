/**
 * @file fuzz_dialoginfo.c  What a SIP server tells of a phone's calls: two
 *                          documents, one after the other, cut at a zero
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "sip/pure/dialoginfo.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void check(const struct dialoginfo *di)
{
	size_t i;

	if (di->idc > DIALOGINFO_MAX)
		abort();

	for (i=0; i<di->idc; i++) {
		if (!di->idv[i][0] || !memchr(di->idv[i], 0, DIALOGINFO_ID))
			abort();
	}
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *cut = memchr(data, 0, size);
	const size_t n = cut ? (size_t)(cut - data) : size;
	const struct pl first = {(const char *)data, n};
	const struct pl second = {(const char *)data + n + (cut != NULL),
		size - n - (cut != NULL)};
	struct dialoginfo di, before;

	memset(&di, 0, sizeof(di));
	(void)dialoginfo_apply(&di, &first);
	check(&di);

	/* on error nothing has changed */
	before = di;
	if (dialoginfo_apply(&di, &second) &&
	    memcmp(&before, &di, sizeof(di)))
		abort();
	check(&di);

	return 0;
}
