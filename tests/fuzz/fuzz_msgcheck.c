/**
 * @file fuzz_msgcheck.c  SIP requests: what is well-formed has one of each
 *                        header and a body of the length it says
 */
#include <stdlib.h>
#include <re.h>
#include "sip/pure/msgcheck.h"
#include "sip/pure/reason.h"
#include "sip/pure/ruri.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mbuf *mb = mbuf_alloc(size + 1);
	struct sip_msg *msg = NULL;

	if (!mb)
		return 0;

	(void)mbuf_write_mem(mb, data, size);
	mb->pos = 0;

	if (sip_msg_decode(&msg, mb))
		goto out;

	if (!msgcheck_fault(msg)) {

		if (!msg->callid.p || !msg->cseq.met.p || !msg->from.val.p ||
		    (msg->clen.p &&
		     pl_u32(&msg->clen) != mbuf_get_left(msg->mb)))
			abort();
	}

	(void)msgcheck_expired(msg);
	(void)reason_is_elsewhere(msg);
	if (msg->req)
		(void)ruri_is_for(&msg->uri, &msg->from.uri.user);

 out:
	mem_deref(msg);
	mem_deref(mb);

	return 0;
}
