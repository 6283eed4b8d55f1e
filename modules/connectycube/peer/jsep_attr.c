/**
 * @file peer/jsep_attr.c  Session descriptions: fingerprint and setup
 *
 * RFC 8122 section 5, RFC 4145 section 4
 */
#include <string.h>
#include <re.h>
#include "peer.h"
#include "base/text.h"
#include "cand.h"
#include "jsep.h"


static const char *setupv[] = {
	"", "actpass", "active", "passive", "holdconn"
};


/**
 * Decode a fingerprint (RFC 8122 section 5)
 *
 * @param fpr Decoded fingerprint
 * @param str "sha-256 AB:CD:..."
 * @param len Length of the string [bytes]
 *
 * @return true if well-formed; whether its hash is known is another matter
 */
bool jsep_fpr_decode(struct jsep_fpr *fpr, const char *str, size_t len)
{
	struct pl pl = {str, len}, hash, hex;
	size_t i;

	if (!fpr || !str)
		return false;

	if (!text_word(&pl, &hash) || !text_word(&pl, &hex) ||
	    text_copy(fpr->hash, sizeof(fpr->hash), &hash))
		return false;

	if (hex.l % 3 != 2 || (hex.l + 1) / 3 > sizeof(fpr->md))
		return false;

	for (i=0; i<(hex.l + 1) / 3; i++) {
		const int byte = text_hex(&hex.p[i * 3]);

		if (byte < 0 ||
		    (i * 3 + 2 < hex.l && hex.p[i * 3 + 2] != ':'))
			return false;

		fpr->md[i] = (uint8_t)byte;
	}
	fpr->len = i;

	return true;
}


/**
 * Print a fingerprint, as jsep_fpr_decode() reads it
 *
 * @param pf  Print function
 * @param fpr Fingerprint
 *
 * @return 0 if success, otherwise errorcode
 */
int jsep_fpr_print(struct re_printf *pf, const struct jsep_fpr *fpr)
{
	size_t i;
	int err;

	if (!fpr)
		return 0;

	err = re_hprintf(pf, "%s ", fpr->hash);
	for (i=0; i<fpr->len && !err; i++)
		err = re_hprintf(pf, "%s%02X", i ? ":" : "", fpr->md[i]);

	return err;
}


/**
 * Get the name of a DTLS role
 *
 * @param setup DTLS role
 *
 * @return Name as in SDP, empty if not stated
 */
const char *jsep_setup_name(enum jsep_setup setup)
{
	return (size_t)setup < ARRAY_SIZE(setupv) ? setupv[setup] : "";
}
