/**
 * @file fuzz_digest.c  Challenges of digest authentication
 *
 * What is answered can be read again, and names the challenge. One that libre
 * answers in our place is answered once, whatever is in it.
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "sip/pure/digest.h"
#include "sip/pure/challenge.h"


static int print_shown(struct re_printf *pf, const struct digest_chal *chal)
{
	return challenge_disguise(pf, chal, 1);
}


/* As libre would: it repeats what it is shown */
static void answer(const struct digest_chal *chal, const char *ha1)
{
	const struct pl met = PL("INVITE");
	char *shown = NULL, *pkt = NULL;
	struct digest_chal c;
	struct pl pl, line;
	uint32_t id;

	if (re_sdprintf(&shown, "%H", print_shown, chal))
		abort();

	pl_set_str(&pl, shown);
	if (digest_chal_decode(&c, &pl) || c.alg != DIGEST_MD5 ||
	    c.stale != chal->stale)
		abort();

	if (re_sdprintf(&pkt, "INVITE sip:h SIP/2.0\r\n"
			"Authorization: Digest username=\"user\", realm=\"%r\","
			" nonce=\"%r\", uri=\"sip:h\", response=\"%032u\","
			" opaque=\"%r\", cnonce=\"0123456789abcdef\", qop=auth,"
			" nc=00000001\r\n\r\n", &c.realm, &c.nonce, 0,
			&c.opaque))
		abort();

	pl_set_str(&pl, pkt);
	if (!challenge_find(&line, &id, &pl) || id != 1)
		abort();
	if (challenge_answer(&line, &met, chal, "user", ha1))
		abort();
	if (challenge_find(&line, &id, &pl))
		abort();

	mem_deref(shown);
	mem_deref(pkt);
}


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

	/* no line of a message has these */
	pl.p = (const char *)data;
	pl.l = size;
	if (challenge_is_sane(&pl) && !memchr(data, '\0', size) &&
	    !memchr(data, '\r', size) && !memchr(data, '\n', size))
		answer(&chal, ha1);

	return 0;
}
