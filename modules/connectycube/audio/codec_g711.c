/**
 * @file audio/codec_g711.c  G.711 mu-law and A-law (RFC 3551, 4.5.14)
 *
 * Table look-ups by librem. There is no state, so encoder and decoder are
 * the codec itself; loss is concealed by plc.c.
 */
#include <re.h>
#include <rem.h>
#include "audio.h"


struct acodec_enc {
	const struct acodec *ac;
};

struct acodec_dec {
	const struct acodec *ac;
};


static int enc_alloc(struct acodec_enc **encp, const struct acodec *ac,
		     const struct acodec_param *prm)
{
	struct acodec_enc *enc;

	if (!encp || !ac || !prm || prm->srate != ac->srate)
		return EINVAL;

	enc = mem_zalloc(sizeof(*enc), NULL);
	if (!enc)
		return ENOMEM;

	enc->ac = ac;
	*encp = enc;

	return 0;
}


static int dec_alloc(struct acodec_dec **decp, const struct acodec *ac,
		     const struct acodec_param *prm)
{
	struct acodec_dec *dec;

	if (!decp || !ac || !prm || prm->srate != ac->srate)
		return EINVAL;

	dec = mem_zalloc(sizeof(*dec), NULL);
	if (!dec)
		return ENOMEM;

	dec->ac = ac;
	*decp = dec;

	return 0;
}


/* librem's tables have no entry for the one value that cannot be negated */
static inline int16_t clip(int16_t s)
{
	return s == INT16_MIN ? -INT16_MAX : s;
}


/* One sample is one byte: what goes in is what room there must be */
static int check(const void *state, const void *in, size_t inc,
		 const void *out, const size_t *room)
{
	if (!state || !in || !out || !room)
		return EINVAL;

	return *room < inc ? EOVERFLOW : 0;
}


static int ulaw_encode(struct acodec_enc *enc, uint8_t *buf, size_t *len,
		       const int16_t *sampv, size_t sampc)
{
	size_t i;
	const int err = check(enc, sampv, sampc, buf, len);

	if (err)
		return err;

	for (i=0; i<sampc; i++)
		buf[i] = g711_pcm2ulaw(clip(sampv[i]));

	*len = sampc;

	return 0;
}


static int alaw_encode(struct acodec_enc *enc, uint8_t *buf, size_t *len,
		       const int16_t *sampv, size_t sampc)
{
	size_t i;
	const int err = check(enc, sampv, sampc, buf, len);

	if (err)
		return err;

	for (i=0; i<sampc; i++)
		buf[i] = g711_pcm2alaw(clip(sampv[i]));

	*len = sampc;

	return 0;
}


static int ulaw_decode(struct acodec_dec *dec, int16_t *sampv, size_t *sampc,
		       const uint8_t *buf, size_t len)
{
	size_t i;
	const int err = check(dec, buf, len, sampv, sampc);

	if (err)
		return err;

	for (i=0; i<len; i++)
		sampv[i] = g711_ulaw2pcm(buf[i]);

	*sampc = len;

	return 0;
}


static int alaw_decode(struct acodec_dec *dec, int16_t *sampv, size_t *sampc,
		       const uint8_t *buf, size_t len)
{
	size_t i;
	const int err = check(dec, buf, len, sampv, sampc);

	if (err)
		return err;

	for (i=0; i<len; i++)
		sampv[i] = g711_alaw2pcm(buf[i]);

	*sampc = len;

	return 0;
}


static struct acodec pcmu = {
	.name      = "PCMU",
	.crate     = 8000,
	.ch        = 1,
	.srate     = 8000,
	.enc_alloc = enc_alloc,
	.encode    = ulaw_encode,
	.dec_alloc = dec_alloc,
	.decode    = ulaw_decode,
};

static struct acodec pcma = {
	.name      = "PCMA",
	.crate     = 8000,
	.ch        = 1,
	.srate     = 8000,
	.enc_alloc = enc_alloc,
	.encode    = alaw_encode,
	.dec_alloc = dec_alloc,
	.decode    = alaw_decode,
};


/**
 * Get the built-in PCMU codec
 *
 * @return Codec
 */
struct acodec *media_codec_pcmu(void)
{
	return &pcmu;
}


/**
 * Get the built-in PCMA codec
 *
 * @return Codec
 */
struct acodec *media_codec_pcma(void)
{
	return &pcma;
}
