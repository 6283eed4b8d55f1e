/**
 * @file g729/decode.c  G.729 decoder
 */
#include <re.h>
#include <rem_au.h>
#include <baresip.h>
#include <bcg729/decoder.h>
#include "g729.h"


enum {
	PACKET_DEFAULT = 2,     /**< Frames in a packet (RFC 3551, 4.5.6)  */
};

struct audec_state {
	bcg729DecoderChannelContextStruct *dec; /**< Decoder (owner)       */
	size_t framec;          /**< Frames in the last packet             */
};


static void destructor(void *arg)
{
	struct audec_state *st = arg;

	if (st->dec)
		closeBcg729DecoderChannel(st->dec);
}


/**
 * Make a decoder, if there is none yet: it has no parameters
 *
 * @param adsp Decoder (input and output)
 * @param ac   The codec
 * @param fmtp Ignored: noise frames are understood at any rate
 *
 * @return 0 if success, EINVAL for missing arguments, ENOMEM
 */
int g729_decode_update(struct audec_state **adsp, const struct aucodec *ac,
		       const char *fmtp)
{
	struct audec_state *st;
	(void)fmtp;

	if (!adsp || !ac)
		return EINVAL;

	if (*adsp)
		return 0;

	st = mem_zalloc(sizeof(*st), destructor);
	if (!st)
		return ENOMEM;

	st->framec = PACKET_DEFAULT;
	st->dec    = initBcg729DecoderChannel();
	if (!st->dec) {
		mem_deref(st);
		return ENOMEM;
	}

	*adsp = st;

	return 0;
}


/**
 * Decode a packet: speech frames, then a noise frame or none (RFC 3551,
 * 4.5.6)
 *
 * @param st     Decoder
 * @param fmt    Sample format, AUFMT_S16LE
 * @param sampv  Samples (output)
 * @param sampc  Room in sampv, then number of samples: 80 for each frame
 * @param marker Ignored
 * @param buf    Packet
 * @param len    Its length [bytes]
 *
 * @return 0 if success, EINVAL for missing arguments, ENOTSUP for another
 *         sample format, EBADMSG for a length that is none, EOVERFLOW if
 *         there is not enough room. On error the decoder has not changed
 */
int g729_decode(struct audec_state *st, int fmt, void *sampv, size_t *sampc,
		bool marker, const uint8_t *buf, size_t len)
{
	const size_t speechc = len / G729_SPEECH, rest = len % G729_SPEECH;
	const size_t framec = speechc + (rest ? 1 : 0);
	int16_t *p = sampv;
	size_t i;
	(void)marker;

	if (!st || !sampv || !sampc || !buf)
		return EINVAL;

	if (fmt != AUFMT_S16LE)
		return ENOTSUP;

	if (!len || (rest && rest != G729_SID))
		return EBADMSG;

	if (*sampc < framec * G729_SAMPC)
		return EOVERFLOW;

	for (i=0; i<framec; i++) {

		const bool noise = i == speechc;

		bcg729Decoder(st->dec, buf + i * G729_SPEECH,
			      noise ? G729_SID : G729_SPEECH, 0, noise, 0,
			      p + i * G729_SAMPC);
	}

	st->framec = framec;
	*sampc     = framec * G729_SAMPC;

	return 0;
}


/**
 * Make up for a lost packet, or for one that was not sent: speech fades,
 * comfort noise goes on
 *
 * @param st    Decoder
 * @param fmt   Sample format, AUFMT_S16LE
 * @param sampv Samples (output)
 * @param sampc Room in sampv, then number of samples: as many as the last
 *              packet had, or less for want of room
 * @param buf   The packet after the lost one, ignored
 * @param len   Its length, ignored [bytes]
 *
 * @return 0 if success, EINVAL for missing arguments, ENOTSUP for another
 *         sample format
 */
int g729_conceal(struct audec_state *st, int fmt, void *sampv, size_t *sampc,
		 const uint8_t *buf, size_t len)
{
	int16_t *p = sampv;
	size_t i, framec;
	(void)buf;
	(void)len;

	if (!st || !sampv || !sampc)
		return EINVAL;

	if (fmt != AUFMT_S16LE)
		return ENOTSUP;

	framec = min(*sampc / G729_SAMPC, st->framec);

	for (i=0; i<framec; i++) {
		bcg729Decoder(st->dec, NULL, 0, 1, 0, 0, p + i * G729_SAMPC);
	}

	*sampc = framec * G729_SAMPC;

	return 0;
}
