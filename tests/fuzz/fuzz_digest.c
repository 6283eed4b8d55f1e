/**
 * @file fuzz_digest.c  Challenges of digest authentication
 *
 * What is answered can be read again, and names the challenge.
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "sip/digest.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct digest_req req = {.user = "user", .met = "INVITE", .metl = 6,
				 .uri = PL("sip:h"), .nc = 1};
	struct digest_chal chal;
	char ha1[DIGEST_HEX], *str = NULL;
	struct pl pl = {(const char *)data, size}, nonce;

	(void)digest_param(&pl, "nonce", &nonce);

	if (digest_chal_decode(&chal, &pl))
		return 0;

	if (digest_ha1(ha1, chal.alg, "user", &chal.realm, "pass"))
		abort();

	req.chal = &chal;
	req.ha1  = ha1;
	if (re_sdprintf(&str, "%H", digest_encode, &req))
		abort();

	pl_set_str(&pl, str);

	/* a NUL ends our string */
	if (!memchr(data, '\0', size) &&
	    (!digest_param(&pl, "nonce", &nonce) ||
	     pl_cmp(&nonce, &chal.nonce)))
		abort();

	mem_deref(str);

	return 0;
}
