/**
 * @file audio/codec_opus.c  Opus (RFC 6716, RFC 7587)
 *
 * Runs at the sampling rate of the codec on the other leg, so that no
 * resampler is needed: Opus does it inside, for less. Always mono: SDP says
 * opus/48000/2 whatever is sent, and a stereo stream is decoded to mono.
 *
 * What the remote reports lost decides on FEC and bitrate: it is believed at
 * once when it rises and forgotten slowly when it falls. FEC follows it, and
 * where nothing is lost there is none: it takes a fifth of the CPU and, out
 * of the same bitrate, 4 dB of the quality. A loss that looks like congestion
 * lowers the bitrate in two steps, each left again only well below where it
 * was entered.
 */
#include <re.h>
#include <opus.h>
#include "audio.h"
#include "opus_fmtp.h"


enum {
	COMPLEXITY   = 2,       /**< The least that has FEC; see MEASUREMENTS */
	FRAME_MAX    = 1275,    /**< Longest frame (RFC 6716, 3.4) [bytes] */
	DTX_LEN      = 2,       /**< Not longer: DTX (RFC 6716) [bytes]    */
	BITRATE_FEC  = 12000,   /**< Less leaves no room for FEC [bit/s]   */
	LOSS_LOW     = 12,      /**< Congestion: first step down [%]       */
	LOSS_HIGH    = 25,      /**< Congestion: second step down [%]      */
	LOSS_BACK    = 6,       /**< So far below it is left again [%]     */
	LOSS_HYST    = 2,       /**< Smallest change that is followed [%]  */
};

struct acodec_enc {
	OpusEncoder *oe;
	bool fec;               /**< The remote uses in-band FEC           */
	uint32_t rate;          /**< Bitrate without loss [bit/s]          */
	unsigned loss;          /**< Loss believed in, times 16 [%]        */
	unsigned loss_set;      /**< Loss that FEC was set for [%]         */
	unsigned step;          /**< Steps down with the bitrate [0-2]     */
	bool pause;             /**< In DTX: its first frame was sent      */
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


static void enc_configure(struct acodec_enc *enc, const struct acodec *ac,
			  const struct acodec_param *prm)
{
	uint32_t rate = default_bitrate(prm->srate);
	struct opus_fmtp f;

	opus_fmtp_decode(&f, prm->fmtp);

	if (f.bitrate)
		rate = min(rate, f.bitrate);

	enc->rate = rate;
	enc->fec  = f.fec;

	(void)opus_encoder_ctl(enc->oe, OPUS_SET_COMPLEXITY(
				       (opus_int32)(intptr_t)ac->arg));
	(void)opus_encoder_ctl(enc->oe, OPUS_SET_BITRATE((opus_int32)rate));
	(void)opus_encoder_ctl(enc->oe, OPUS_SET_INBAND_FEC(f.fec));
	(void)opus_encoder_ctl(enc->oe, OPUS_SET_DTX(f.dtx));
	(void)opus_encoder_ctl(enc->oe, OPUS_SET_VBR(!f.cbr));

	if (f.playback)
		(void)opus_encoder_ctl(enc->oe, OPUS_SET_MAX_BANDWIDTH(
					       max_bandwidth(f.playback)));
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

	enc_configure(enc, ac, prm);

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

	/* the first says that DTX begins, which would be a loss otherwise */
	*len = n > DTX_LEN || !enc->pause ? (size_t)n : 0;
	enc->pause = n <= DTX_LEN;

	return 0;
}


static uint32_t silent(const uint8_t *buf, size_t len)
{
	(void)buf;

	return len && len <= DTX_LEN ? UINT32_MAX : 0;
}


/* The step for a loss [%], coming from another step */
static unsigned loss_step(unsigned step, unsigned loss)
{
	const unsigned v[] = {LOSS_LOW, LOSS_HIGH};

	while (step < ARRAY_SIZE(v) && loss >= v[step])
		++step;

	while (step > 0 && loss + LOSS_BACK < v[step - 1])
		--step;

	return step;
}


static uint32_t step_rate(const struct acodec_enc *enc, unsigned step)
{
	const uint32_t rate = enc->rate - enc->rate / 4 * step;

	return min(max(rate, (uint32_t)BITRATE_FEC), enc->rate);
}


static void set_step(struct acodec_enc *enc, unsigned step)
{
	if (step == enc->step)
		return;

	enc->step = step;
	(void)opus_encoder_ctl(enc->oe, OPUS_SET_BITRATE(
				       (opus_int32)step_rate(enc, step)));
}


static void set_fec(struct acodec_enc *enc, unsigned loss)
{
	const unsigned d = loss > enc->loss_set ? loss - enc->loss_set
		: enc->loss_set - loss;

	if (!enc->fec || !d || (loss && d < LOSS_HYST))
		return;

	/* 0 is no FEC */
	enc->loss_set = loss;
	(void)opus_encoder_ctl(enc->oe,
		OPUS_SET_PACKET_LOSS_PERC((opus_int32)loss));
}


static void enc_loss(struct acodec_enc *enc, unsigned pct)
{
	unsigned loss;

	if (!enc)
		return;

	loss = min(pct, 100u) * 16;

	if (loss < enc->loss)
		loss = enc->loss - (enc->loss - loss + 3) / 4;

	enc->loss = loss;

	set_fec(enc, loss / 16);
	set_step(enc, loss_step(enc->step, loss / 16));
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
	.arg       = (void *)COMPLEXITY,
	.enc_alloc = enc_alloc,
	.encode    = encode,
	.dec_alloc = dec_alloc,
	.decode    = decode,
	.plc       = plc,
	.silent    = silent,
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


/**
 * Set how hard encoders made from now on try
 *
 * @param ac         The Opus codec
 * @param complexity Complexity [0-10]
 */
void media_opus_complexity(struct acodec *ac, uint32_t complexity)
{
	if (ac)
		ac->arg = (void *)(intptr_t)complexity;
}
