/**
 * @file fuzz_signal.c  Decode a signal, encode it, decode it again
 */
#include <stdint.h>
#include <stddef.h>
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/xml.h"
#include "cube/signal.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void reencode(const struct signal *sig)
{
	struct mbuf *mb = mbuf_alloc(1024);
	struct signal *again;
	struct xml *x;

	if (!sig->caller || signal_encode(mb, sig, "1-2@h", "id"))
		goto out;

	/* escaping may make it larger than what is taken */
	if (mb->end > XML_SIZE_MAX)
		goto out;

	if (xml_decode(&x, (char *)mb->buf, mb->end))
		__builtin_trap();

	if (signal_decode(&again, x) || again->type != sig->type ||
	    again->candc != sig->candc || strcmp(again->sid, sig->sid))
		__builtin_trap();

	mem_deref(again);
	mem_deref(x);
 out:
	mem_deref(mb);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct signal *sig;
	struct xml *x;

	if (xml_decode(&x, (const char *)data, size))
		return 0;

	if (0 == signal_decode(&sig, x)) {
		(void)signal_is_busy(sig);
		reencode(sig);
		mem_deref(sig);
	}

	mem_deref(x);

	return 0;
}
