/**
 * @file media/codec_opus.c  Opus (RFC 6716, RFC 7587)
 *
 * Runs at the sampling rate of the codec on the other leg, so that no
 * resampler is needed: Opus does it inside, for less. Always mono: SDP says
 * opus/48000/2 whatever is sent, and a stereo stream is decoded to mono.
 */
#include <re.h>
#include <opus.h>
#include "media.h"


enum {
	COMPLEXITY   = 5,
	FRAME_MAX    = 1275,    /**< Longest frame (RFC 6716, 3.4) [bytes] */
	DTX_LEN      = 2,       /**< Not longer: need not be sent [bytes]  */
	FEC_LOSS     = 5,       /**< Loss assumed before reports come [%]  */
	BITRATE_MIN  = 6000,    /**< RFC 7587, 6.1 [bit/s]                 */
	BITRATE_MAX  = 510000,  /**< RFC 7587, 6.1 [bit/s]                 */
};

struct acodec_enc {
	OpusEncoder *oe;
	bool fec;               /**< The remote uses in-band FEC           */
};

struct acodec_dec {
	OpusDecoder *od;
	uint32_t srate;         /**< Sampling rate [Hz]                    */
};


static void enc_destructor(void *arg)
{
	struct acodec_enc *enc = arg;

	if (enc->oe)
		opus_encoder_destroy(enc->oe);
}


static void dec_destructor(void *arg)
{
	struct acodec_dec *dec = arg;

	if (dec->od)
		opus_decoder_destroy(dec->od);
}


static int opus_errno(int e)
{
	switch (e) {

	case OPUS_ALLOC_FAIL:       return ENOMEM;
	case OPUS_BAD_ARG:          return EINVAL;
	case OPUS_BUFFER_TOO_SMALL: return EOVERFLOW;
	default:                    return EBADMSG;
	}
}


/* Value of one parameter in "name=value;name=value" */
static bool fmtp_u32(const char *fmtp, const char *name, uint32_t *val)
{
	struct pl pl, key, v;

	if (!fmtp)
		return false;

	pl_set_str(&pl, fmtp);

	while (pl.l) {

		const char *semi = pl_strchr(&pl, ';');
		struct pl item = pl;

		if (semi)
			item.l = semi - pl.p;

		pl_advance(&pl, item.l + (semi ? 1 : 0));

		if (!re_regex(item.p, item.l,
			      "[ \t]*[^= \t]+[ \t]*=[ \t]*[0-9]+",
			      NULL, &key, NULL, NULL, &v) &&
		    !pl_strcasecmp(&key, name)) {
			*val = pl_u32(&v);
			return true;
		}
	}

	return false;
}


/* Good for speech at each bandwidth (RFC 7587, 3.1.1), with some room */
static uint32_t default_bitrate(uint32_t srate)
{
	switch (srate) {

	case 8000:  return 20000;
	case 12000: return 24000;
	case 16000: return 28000;
	case 24000: return 32000;
	default:    return 40000;
	}
}


static int max_bandwidth(uint32_t rate)
{
	if (rate <= 8000)  return OPUS_BANDWIDTH_NARROWBAND;
	if (rate <= 12000) return OPUS_BANDWIDTH_MEDIUMBAND;
	if (rate <= 16000) return OPUS_BANDWIDTH_WIDEBAND;
	if (rate <= 24000) return OPUS_BANDWIDTH_SUPERWIDEBAND;

	return OPUS_BANDWIDTH_FULLBAND;
}


static void enc_configure(struct acodec_enc *enc,
			  const struct acodec_param *prm)
{
	uint32_t rate = default_bitrate(prm->srate);
	uint32_t v;

	if (fmtp_u32(prm->fmtp, "maxaveragebitrate", &v)) {
		v = max(v, (uint32_t)BITRATE_MIN);
		v = min(v, (uint32_t)BITRATE_MAX);
		rate = min(rate, v);
	}

	(void)opus_encoder_ctl(enc->oe, OPUS_SET_COMPLEXITY(COMPLEXITY));
	(void)opus_encoder_ctl(enc->oe, OPUS_SET_BITRATE((opus_int32)rate));

	if (fmtp_u32(prm->fmtp, "maxplaybackrate", &v))
		(void)opus_encoder_ctl(enc->oe,
			OPUS_SET_MAX_BANDWIDTH(max_bandwidth(v)));

	if (fmtp_u32(prm->fmtp, "cbr", &v))
		(void)opus_encoder_ctl(enc->oe, OPUS_SET_VBR(v ? 0 : 1));

	if (fmtp_u32(prm->fmtp, "usedtx", &v))
		(void)opus_encoder_ctl(enc->oe, OPUS_SET_DTX(v ? 1 : 0));

	if (fmtp_u32(prm->fmtp, "useinbandfec", &v) && v) {
		enc->fec = true;
		(void)opus_encoder_ctl(enc->oe, OPUS_SET_INBAND_FEC(1));
		(void)opus_encoder_ctl(enc->oe,
			OPUS_SET_PACKET_LOSS_PERC(FEC_LOSS));
	}
}


static int enc_alloc(struct acodec_enc **encp, const struct acodec *ac,
		     const struct acodec_param *prm)
{
	struct acodec_enc *enc;
	int e, err = 0;

	if (!encp || !ac || !prm)
		return EINVAL;

	enc = mem_zalloc(sizeof(*enc), enc_destructor);
	if (!enc)
		return ENOMEM;

	enc->oe = opus_encoder_create((opus_int32)prm->srate, 1,
				      OPUS_APPLICATION_VOIP, &e);
	if (!enc->oe) {
		err = opus_errno(e);
		goto out;
	}

	enc_configure(enc, prm);

 out:
	if (err)
		mem_deref(enc);
	else
		*encp = enc;

	return err;
}


static int encode(struct acodec_enc *enc, uint8_t *buf, size_t *len,
		  const int16_t *sampv, size_t sampc)
{
	opus_int32 n;

	if (!enc || !buf || !len || !sampv)
		return EINVAL;

	n = opus_encode(enc->oe, sampv, (int)sampc, buf,
			(opus_int32)min(*len, (size_t)FRAME_MAX));
	if (n < 0)
		return opus_errno(n);

	*len = n > DTX_LEN ? (size_t)n : 0;

	return 0;
}


static void enc_loss(struct acodec_enc *enc, unsigned pct)
{
	if (!enc || !enc->fec)
		return;

	pct = max(pct, (unsigned)1);
	(void)opus_encoder_ctl(enc->oe,
		OPUS_SET_PACKET_LOSS_PERC((opus_int32)min(pct, 100u)));
}


/* Frames of Opus from 10 ms on (RFC 6716, 2.1.4); 80 to 120 are avoided */
static uint32_t enc_ptime(uint32_t ptime)
{
	if (ptime >= 60) return 60;
	if (ptime >= 40) return 40;
	if (ptime >= 20) return 20;

	return 10;
}


static int dec_alloc(struct acodec_dec **decp, const struct acodec *ac,
		     const struct acodec_param *prm)
{
	struct acodec_dec *dec;
	int e, err = 0;

	if (!decp || !ac || !prm)
		return EINVAL;

	dec = mem_zalloc(sizeof(*dec), dec_destructor);
	if (!dec)
		return ENOMEM;

	dec->srate = prm->srate;
	dec->od = opus_decoder_create((opus_int32)prm->srate, 1, &e);
	if (!dec->od)
		err = opus_errno(e);

	if (err)
		mem_deref(dec);
	else
		*decp = dec;

	return err;
}


static int decode(struct acodec_dec *dec, int16_t *sampv, size_t *sampc,
		  const uint8_t *buf, size_t len)
{
	int n;

	if (!dec || !sampv || !sampc || !buf || !len)
		return EINVAL;

	n = opus_decode(dec->od, buf, (opus_int32)len, sampv, (int)*sampc, 0);
	if (n < 0)
		return opus_errno(n);

	*sampc = (size_t)n;

	return 0;
}


static int plc(struct acodec_dec *dec, int16_t *sampv, size_t *sampc,
	       const uint8_t *next, size_t nlen)
{
	int n, unit;

	if (!dec || !sampv || !sampc)
		return EINVAL;

	/* made up in steps of 2.5 ms only, 120 ms at most */
	unit = (int)(dec->srate / 400);
	n    = (int)min(*sampc, (size_t)unit * 48) / unit * unit;

	if (n)
		n = opus_decode(dec->od, next, next ? (opus_int32)nlen : 0,
				sampv, n, next ? 1 : 0);
	if (n < 0)
		return opus_errno(n);

	*sampc = (size_t)n;

	return 0;
}


static struct acodec codec_opus = {
	.name      = "opus",
	.crate     = 48000,
	.ch        = 2,
	.srate     = 0,
	.enc_alloc = enc_alloc,
	.encode    = encode,
	.dec_alloc = dec_alloc,
	.decode    = decode,
	.plc       = plc,
	.enc_ptime = enc_ptime,
	.enc_loss  = enc_loss,
};


/**
 * Get the built-in Opus codec
 *
 * @return Codec
 */
struct acodec *media_codec_opus(void)
{
	return &codec_opus;
}
