/**
 * @file fuzz_session.c  The REST API's JSON
 */
#include <stdint.h>
#include <stddef.h>
#include <re.h>
#include "cube/session.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session s;
	char reason[128];

	(void)session_decode(&s, (const char *)data, size);
	session_error(reason, sizeof(reason), (const char *)data, size);

	return 0;
}
