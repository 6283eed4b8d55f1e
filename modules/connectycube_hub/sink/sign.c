/**
 * @file connectycube_hub/sink/sign.c  What proves that a record is from us
 */
#include <errno.h>
#include <string.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_tmr.h>
#include "../hub.h"
#include "courier.h"


/**
 * Sign a body: HMAC-SHA256 (RFC 2104), as "sha256=" and 64 small hex digits
 *
 * @param sig    Set to the signature
 * @param secret Known to both sides
 * @param body   Body
 * @param len    Its length [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_sign(char sig[HUB_SIGNATURE], const char *secret, const char *body,
	     size_t len)
{
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned mdlen = 0;

	if (!sig || !secret || !body)
		return EINVAL;

	if (!HMAC(EVP_sha256(), secret, (int)strlen(secret),
		  (const uint8_t *)body, len, md, &mdlen) || mdlen != 32)
		return EPROTO;

	return re_snprintf(sig, HUB_SIGNATURE, "sha256=%w", md,
			   (size_t)mdlen) < 0 ? EOVERFLOW : 0;
}
