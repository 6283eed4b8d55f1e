/**
 * @file peer/jsep_ext.c  Session descriptions: header extensions (RFC 8285)
 */
#include <string.h>
#include <re.h>
#include "peer.h"
#include "base/text.h"
#include "cand.h"
#include "jsep.h"


enum {
	ID_MAX = 14,            /**< Highest id with a header of one byte  */
};

/** The extensions that are known, in the order of writing */
static const struct {
	const char *uri;
	size_t offset;          /**< Of its number in struct peer_ext      */
} extv[] = {
	{"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
	 offsetof(struct peer_ext, abs_time)},
	{"http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-"
	 "extensions-01", offsetof(struct peer_ext, twcc)},
	{"urn:3gpp:video-orientation", offsetof(struct peer_ext, orient)},
};


static uint8_t get(const struct peer_ext *ext, size_t i)
{
	return ((const uint8_t *)ext)[extv[i].offset];
}


static void set(struct peer_ext *ext, size_t i, uint8_t id)
{
	((uint8_t *)ext)[extv[i].offset] = id;
}


/**
 * Decode an a=extmap line. One of one direction only is passed over, and so
 * is one whose number needs the header of two bytes
 *
 * @param ext Header extensions; its number is set if it is a known one
 * @param pl  What follows "a=extmap:"
 */
void jsep_ext_decode(struct peer_ext *ext, struct pl *pl)
{
	struct pl word, num, dir, uri;
	uint32_t id;
	size_t i;

	if (!text_word(pl, &word) || !text_word(pl, &uri))
		return;

	if (text_split(&word, '/', &num, &dir) &&
	    pl_strcasecmp(&dir, "sendrecv"))
		return;

	if (text_u32(&id, &num, ID_MAX))
		return;

	for (i=0; i<ARRAY_SIZE(extv); i++) {
		if (!pl_strcmp(&uri, extv[i].uri) && !get(ext, i))
			set(ext, i, (uint8_t)id);
	}
}


/**
 * Print the a=extmap lines of an m-line
 *
 * @param pf  Print function
 * @param ext Header extensions
 *
 * @return 0 if success, otherwise errorcode
 */
int jsep_ext_print(struct re_printf *pf, const struct peer_ext *ext)
{
	size_t i;
	int err = 0;

	for (i=0; ext && i<ARRAY_SIZE(extv) && !err; i++) {
		if (get(ext, i))
			err = re_hprintf(pf, "a=extmap:%u %s\r\n",
					 get(ext, i), extv[i].uri);
	}

	return err;
}


/**
 * Find the header extensions that both sides know
 *
 * @param agreed Those, with the remote's numbers
 * @param rmt    The remote's
 * @param lcl    Ours; only whether there is a number counts
 */
void jsep_ext_match(struct peer_ext *agreed, const struct peer_ext *rmt,
		    const struct peer_ext *lcl)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(extv); i++)
		set(agreed, i, get(lcl, i) ? get(rmt, i) : 0);
}
