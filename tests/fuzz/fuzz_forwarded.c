/**
 * @file fuzz_forwarded.c  Diversion and History-Info: was a call here before?
 */
#include <stdint.h>
#include <string.h>
#include <re.h>
#include "sip/pure/forwarded.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct pl own = PL("1000");
	struct sip_msg *msg = NULL;
	struct mbuf *mb;

	if (size > 4096)
		return 0;

	mb = mbuf_alloc(size + 256);
	if (!mb)
		return 0;

	(void)mbuf_write_str(mb, "INVITE sip:1000@h SIP/2.0\r\n"
			     "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
			     "From: <sip:42@h>;tag=1\r\nTo: <sip:1000@h>\r\n"
			     "Call-ID: 1\r\nCSeq: 1 INVITE\r\n");
	(void)mbuf_write_mem(mb, data, size);
	(void)mbuf_write_str(mb, "\r\n\r\n");
	mb->pos = 0;

	if (!sip_msg_decode(&msg, mb))
		(void)forwarded_may(msg, &own);

	mem_deref(msg);
	mem_deref(mb);

	return 0;
}
