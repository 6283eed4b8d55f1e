/**
 * @file fuzz_identity.c  Identities of SIP headers: what leaves can be shown
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "sip/pure/identity.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void check(const char *str, size_t size)
{
	const uint8_t *p = (const uint8_t *)str;
	size_t i, n;

	if (!memchr(str, '\0', size))
		abort();

	for (; *p; p += n) {

		if (*p < ' ' || *p == 0x7f)
			abort();

		n = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;

		for (i=1; i<n; i++) {
			if ((p[i] & 0xc0) != 0x80)
				abort();
		}
	}
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct identity id;
	struct sip_msg *msg;
	struct mbuf *mb;
	struct pl pl;

	pl.p = (const char *)data;
	pl.l = size;

	(void)identity_decode(&id, &pl);
	check(id.name, sizeof(id.name));
	check(id.number, sizeof(id.number));
	check(id.uri, sizeof(id.uri));

	/* and as headers of a request */
	mb = mbuf_alloc(size + 256);
	(void)mbuf_printf(mb, "INVITE sip:1 SIP/2.0\r\n"
			  "From: <sip:trunk7@example.com>;tag=1\r\n%b\r\n\r\n",
			  data, size);
	mb->pos = 0;

	if (!sip_msg_decode(&msg, mb)) {
		(void)identity_caller(&id, msg);
		check(id.name, sizeof(id.name));
		check(id.number, sizeof(id.number));
		check(id.uri, sizeof(id.uri));
		mem_deref(msg);
	}

	mem_deref(mb);

	return 0;
}
