/**
 * @file g729/encode.c  G.729 encoder
 */
#include <string.h>
#include <re.h>
#include <rem_au.h>
#include <baresip.h>
#include <bcg729/encoder.h>
#include "g729.h"


struct auenc_state {
	bcg729EncoderChannelContextStruct *enc; /**< Encoder (owner)       */
	bool vad;               /**< Silence is suppressed                 */
	bool silent;            /**< Nobody speaks                         */
};


static void destructor(void *arg)
{
	struct auenc_state *st = arg;

	if (st->enc)
		closeBcg729EncoderChannel(st->enc);
}


/**
 * Make an encoder, or make one anew if its parameters have changed
 *
 * @param aesp Encoder (input and output)
 * @param ac   The codec, of a struct g729
 * @param prm  Ignored: packets of any number of frames are made
 * @param fmtp The receiver's format parameters, or NULL
 *
 * @return 0 if success, EINVAL for missing arguments, ENOMEM
 */
int g729_encode_update(struct auenc_state **aesp, const struct aucodec *ac,
		       struct auenc_param *prm, const char *fmtp)
{
	const struct g729 *g729 = (const struct g729 *)ac;
	struct auenc_state *st;
	bool vad;
	(void)prm;

	if (!aesp || !ac)
		return EINVAL;

	vad = g729->annexb && g729_annexb(fmtp);

	if (*aesp && (*aesp)->vad == vad)
		return 0;

	st = mem_zalloc(sizeof(*st), destructor);
	if (!st)
		return ENOMEM;

	st->vad    = vad;
	st->silent = true;
	st->enc    = initBcg729EncoderChannel(vad);
	if (!st->enc) {
		mem_deref(st);
		return ENOMEM;
	}

	mem_deref(*aesp);
	*aesp = st;

	return 0;
}


/**
 * Encode a packet
 *
 * A noise frame can only be a packet's last one, and frames that are not
 * sent leave no trace in it (RFC 3551, 4.5.6): where speech begins in the
 * middle of a packet, it moves to its front.
 *
 * @param st     Encoder
 * @param marker Set if speech begins (output)
 * @param buf    Packet (output)
 * @param len    Room in buf, 10 bytes for each frame; then the length of
 *               the packet, 0 if none is to be sent [bytes]
 * @param fmt    Sample format, AUFMT_S16LE
 * @param sampv  Samples
 * @param sampc  Number of samples: whole frames of 10 ms
 *
 * @return 0 if success, EINVAL for bad arguments, ENOTSUP for another sample
 *         format, EOVERFLOW if there is not enough room
 */
int g729_encode(struct auenc_state *st, bool *marker, uint8_t *buf,
		size_t *len, int fmt, const void *sampv, size_t sampc)
{
	const int16_t *p = sampv;
	uint8_t frame[G729_SPEECH], sid[G729_SID] = {0};
	size_t i, n = 0;
	bool noise = false;

	if (!st || !buf || !len || !sampv || !sampc || sampc % G729_SAMPC)
		return EINVAL;

	if (fmt != AUFMT_S16LE)
		return ENOTSUP;

	if (*len < sampc / G729_SAMPC * G729_SPEECH)
		return EOVERFLOW;

	for (i=0; i<sampc; i+=G729_SAMPC) {

		uint8_t flen = 0;

		bcg729Encoder(st->enc, p + i, frame, &flen);

		if (flen == G729_SPEECH) {
			memcpy(buf + n, frame, G729_SPEECH);
			n += G729_SPEECH;
			noise = false;
		}
		else if (flen == G729_SID) {
			memcpy(sid, frame, G729_SID);
			noise = true;
		}
	}

	if (n && st->silent && marker)
		*marker = true;

	st->silent = !n;

	if (noise) {
		memcpy(buf + n, sid, G729_SID);
		n += G729_SID;
	}

	*len = n;

	return 0;
}
