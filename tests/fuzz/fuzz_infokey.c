/**
 * @file fuzz_infokey.c  Bodies of SIP INFO: what is read can be written
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "sip/pure/infokey.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const enum infokey_type type = size && data[0] & 1 ? INFOKEY_RELAY
		: INFOKEY_PLAIN;
	struct pl body;
	uint32_t ms, ms2;
	char key, key2, buf[64];

	if (!size)
		return 0;

	body.p = (const char *)data + 1;
	body.l = size - 1;

	if (infokey_decode(type, &body, &key, &ms))
		return 0;

	if (!strchr("0123456789*#ABCD", key) || ms > 99999 ||
	    infokey_encode(buf, sizeof(buf), type, key, ms))
		abort();

	pl_set_str(&body, buf);

	if (infokey_decode(type, &body, &key2, &ms2) || key != key2 ||
	    (type == INFOKEY_RELAY && ms != ms2))
		abort();

	return 0;
}
