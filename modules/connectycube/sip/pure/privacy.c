/**
 * @file sip/pure/privacy.c  What a caller does not want to be told
 *
 * All that RFC 3323 has is done here: addresses of media and the way that a
 * call came go no further than the bridge in any case.
 */
#include <re.h>
#include "sip/pure/privacy.h"


static const struct {
	const char *word;
	enum privacy priv;
} wordv[] = {
	{"id",       PRIVACY_ID},
	{"user",     PRIVACY_USER},
	{"header",   PRIVACY_HEADER},
	{"session",  PRIVACY_SESSION},
	{"history",  PRIVACY_HISTORY},
	{"none",     PRIVACY_NONE},
	{"critical", PRIVACY_CRITICAL},
};


static uint32_t word_value(const struct pl *word)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(wordv); i++) {
		if (!pl_strcasecmp(word, wordv[i].word))
			return wordv[i].priv;
	}

	return PRIVACY_UNKNOWN;
}


/* "critical; id": of several headers all count (RFC 3323, 4.2; RFC 3325, 9.3) */
static bool header_handler(const struct sip_hdr *hdr,
			   const struct sip_msg *msg, void *arg)
{
	uint32_t *priv = arg;
	struct pl rest = hdr->val, word;
	(void)msg;

	while (!re_regex(rest.p, rest.l, "[^;, \t\r\n]+", &word)) {
		*priv |= word_value(&word);
		pl_advance(&rest, word.p + word.l - rest.p);
	}

	return false;
}


/**
 * Read what a request wants to be kept private
 *
 * @param msg Request
 *
 * @return enum privacy, 0=nothing was said
 */
uint32_t privacy_decode(const struct sip_msg *msg)
{
	uint32_t priv = 0;

	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_PRIVACY, header_handler,
				&priv);

	return priv;
}


/**
 * Is more asked for than can be done, and nothing less will do?
 *
 * @param priv What was asked for
 *
 * @return True if the request is to be refused (RFC 3323, 5)
 */
bool privacy_is_impossible(uint32_t priv)
{
	return (priv & PRIVACY_CRITICAL) && (priv & PRIVACY_UNKNOWN);
}
