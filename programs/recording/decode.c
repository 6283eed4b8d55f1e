/**
 * @file decode.c  Samples of a packet
 *
 * Opus by libopus, as in the bridge: it makes up what is lost, or finds it in
 * the packet that follows. All else by libav, as far as it was built with it.
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include <libavcodec/avcodec.h>
#include "audio/audio.h"
#include "audio/plc.h"
#include "recording.h"


/** A codec of libav's */
struct known {
	const char *name;       /**< As in SDP                             */
	enum AVCodecID id;
	uint32_t srate;         /**< [Hz], 0=that of its timestamps        */
	size_t block;           /**< A frame [bytes], 0=all of a packet    */
	uint32_t frame;         /**< Samples of a frame                    */
};

struct rec_dec {
	const struct known *known;
	struct acodec_dec *opus; /**< (owner), or                          */
	AVCodecContext *ctx;    /**< (owner)                               */
	AVPacket *pkt;          /**< (owner)                               */
	AVFrame *frame;         /**< (owner)                               */
	struct plc *plc;        /**< (owner)                               */
	size_t block;           /**< A frame [bytes], 0=all of a packet    */
	bool octet;             /**< AMR: octet-align                      */
	int16_t *v;             /**< Where samples go (pointer)            */
	size_t n, room;         /**< Samples there, and room               */
};

static const struct known knownv[] = {
	{"PCMU",   AV_CODEC_ID_PCM_MULAW,  0,     0,  160},
	{"PCMA",   AV_CODEC_ID_PCM_ALAW,   0,     0,  160},
	{"L16",    AV_CODEC_ID_PCM_S16BE,  0,     0,  160},
	{"G722",   AV_CODEC_ID_ADPCM_G722, 16000, 0,  320},
	{"G729",   AV_CODEC_ID_G729,       8000,  10, 80},
	{"GSM",    AV_CODEC_ID_GSM,        8000,  33, 160},
	{"iLBC",   AV_CODEC_ID_ILBC,       8000,  50, 240},
	{"AMR",    AV_CODEC_ID_AMR_NB,     8000,  0,  160},
	{"AMR-WB", AV_CODEC_ID_AMR_WB,     16000, 0,  320},
};


static void destructor(void *arg)
{
	struct rec_dec *d = arg;

	mem_deref(d->opus);
	mem_deref(d->plc);
	av_frame_free(&d->frame);
	av_packet_free(&d->pkt);
	avcodec_free_context(&d->ctx);
}


static bool is_opus(const struct recfile_format *fmt)
{
	return !str_casecmp(fmt->codec, "opus");
}


static const struct known *find(const struct recfile_format *fmt)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(knownv); i++)
		if (!str_casecmp(knownv[i].name, fmt->codec))
			return &knownv[i];

	return NULL;
}


/**
 * Tell if packets can be decoded
 *
 * @param fmt What they are
 *
 * @return true if so
 */
bool rec_dec_known(const struct recfile_format *fmt)
{
	const struct known *k = find(fmt);

	if (is_opus(fmt))
		return true;
	if (!k || fmt->channels > 2 ||
	    (fmt->channels == 2 && k->id != AV_CODEC_ID_PCM_S16BE))
		return false;
	if (!k->srate && (fmt->clock < 8000 || fmt->clock > REC_RATE_MAX))
		return false;

	return avcodec_find_decoder(k->id) != NULL;
}


/**
 * Tell the rate of a decoder's samples
 *
 * @param fmt What packets are
 *
 * @return Sampling rate, 8000 if they cannot be decoded [Hz]
 */
uint32_t rec_dec_srate(const struct recfile_format *fmt)
{
	const struct known *k = find(fmt);

	if (is_opus(fmt))
		return 48000;
	if (!k || !rec_dec_known(fmt))
		return 8000;

	return k->srate ? k->srate : fmt->clock;
}


static int opus_open(struct rec_dec *d)
{
	const struct acodec *ac = media_codec_opus();
	const struct acodec_param prm = {.srate = 48000, .ptime = 20};

	return ac->dec_alloc(&d->opus, ac, &prm);
}


static bool param_is(const char *fmtp, const char *name, uint32_t v)
{
	struct pl pl, val;

	pl_set_str(&pl, fmtp);

	return fmt_param_get(&pl, name, &val) && pl_u32(&val) == v;
}


static int libav_open(struct rec_dec *d, const struct recfile_format *fmt)
{
	const AVCodec *codec = avcodec_find_decoder(d->known->id);

	d->block = d->known->block;
	d->octet = param_is(fmt->fmtp, "octet-align", 1);
	if (d->known->id == AV_CODEC_ID_ILBC &&
	    param_is(fmt->fmtp, "mode", 20))
		d->block = 38;

	d->ctx   = avcodec_alloc_context3(codec);
	d->pkt   = av_packet_alloc();
	d->frame = av_frame_alloc();
	if (!d->ctx || !d->pkt || !d->frame)
		return ENOMEM;

	d->ctx->sample_rate  = (int)rec_dec_srate(fmt);
	d->ctx->block_align  = (int)d->block;
	d->ctx->thread_count = 1;
	av_channel_layout_default(&d->ctx->ch_layout,
				  fmt->channels == 2 ? 2 : 1);

	if (avcodec_open2(d->ctx, codec, NULL) < 0)
		return ENOTSUP;

	return plc_alloc(&d->plc, rec_dec_srate(fmt));
}


/**
 * Allocate a decoder
 *
 * @param decp Pointer to allocated decoder
 * @param fmt  What packets are
 *
 * @return 0 if success, ENOTSUP if they cannot be decoded, ENOMEM
 */
int rec_dec_alloc(struct rec_dec **decp, const struct recfile_format *fmt)
{
	struct rec_dec *d;
	int err;

	if (!decp || !fmt)
		return EINVAL;
	if (!rec_dec_known(fmt))
		return ENOTSUP;

	d = mem_zalloc(sizeof(*d), destructor);
	if (!d)
		return ENOMEM;

	d->known = find(fmt);
	err = is_opus(fmt) ? opus_open(d) : libav_open(d, fmt);

	if (err)
		mem_deref(d);
	else
		*decp = d;

	return err;
}


static int16_t from_float(float f)
{
	return (int16_t)(max(min(f, 1.0f), -1.0f) * 32767);
}


static int16_t sample(const AVFrame *f, int ch, int chc, int i)
{
	switch (f->format) {

	case AV_SAMPLE_FMT_S16:
		return ((const int16_t *)(void *)f->data[0])[i * chc + ch];
	case AV_SAMPLE_FMT_S16P:
		return ((const int16_t *)(void *)f->extended_data[ch])[i];
	case AV_SAMPLE_FMT_FLT:
		return from_float(
			((const float *)(void *)f->data[0])[i * chc + ch]);
	case AV_SAMPLE_FMT_FLTP:
		return from_float(
			((const float *)(void *)f->extended_data[ch])[i]);
	default:
		return 0;
	}
}


/* Mono, as the side is */
static void take_frame(struct rec_dec *d)
{
	const AVFrame *f = d->frame;
	const int chc = f->ch_layout.nb_channels;
	int i, ch;

	for (i=0; i<f->nb_samples && d->n < d->room && chc > 0; i++) {

		int sum = 0;

		for (ch=0; ch<chc; ch++)
			sum += sample(f, ch, chc, i);
		d->v[d->n++] = (int16_t)(sum / chc);
	}
}


static int libav_put(struct rec_dec *d, const uint8_t *p, size_t len)
{
	int n;

	if (av_new_packet(d->pkt, (int)len) < 0)
		return ENOMEM;
	memcpy(d->pkt->data, p, len);

	n = avcodec_send_packet(d->ctx, d->pkt);
	av_packet_unref(d->pkt);

	while (n >= 0) {
		n = avcodec_receive_frame(d->ctx, d->frame);
		if (n >= 0)
			take_frame(d);
	}

	return n == AVERROR(EAGAIN) || n == AVERROR_EOF ? 0 : EBADMSG;
}


/* As long as a frame, nothing to hear */
static void silent(struct rec_dec *d)
{
	const size_t n = min((size_t)d->known->frame, d->room - d->n);

	memset(d->v + d->n, 0, n * sizeof(*d->v));
	d->n += n;
}


static int amr_frame(const uint8_t *p, size_t len, bool none, void *arg)
{
	struct rec_dec *d = arg;

	if (!none)
		return libav_put(d, p, len);
	silent(d);

	return 0;
}


static int put_blocks(struct rec_dec *d, const uint8_t *p, size_t len)
{
	int err = 0;

	while (!err && len >= d->block) {
		err = libav_put(d, p, d->block);
		p   += d->block;
		len -= d->block;
	}

	/* what is left is shorter: comfort noise */
	if (!err && len)
		silent(d);

	return err;
}


/**
 * Decode a packet
 *
 * @param dec   Decoder
 * @param sampv Samples, mono
 * @param sampc Room, at least REC_FRAME; then their number
 * @param p     Payload
 * @param len   Its length [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_dec_put(struct rec_dec *dec, int16_t *sampv, size_t *sampc,
		const uint8_t *p, size_t len)
{
	int err;

	if (!dec || !sampv || !sampc || !p || !len)
		return EINVAL;

	if (dec->opus)
		return media_codec_opus()->decode(dec->opus, sampv, sampc, p,
						  len);

	dec->v    = sampv;
	dec->n    = 0;
	dec->room = *sampc;

	if (dec->known->id == AV_CODEC_ID_AMR_NB ||
	    dec->known->id == AV_CODEC_ID_AMR_WB)
		err = rec_amr_split(dec->known->id == AV_CODEC_ID_AMR_WB,
				    dec->octet, p, len, amr_frame, dec);
	else if (dec->block)
		err = put_blocks(dec, p, len);
	else
		err = libav_put(dec, p, len);

	*sampc = dec->n;
	if (!err && dec->n)
		plc_good(dec->plc, sampv, dec->n);

	return err;
}


/**
 * Make up samples that were lost
 *
 * @param dec   Decoder
 * @param sampv Samples
 * @param sampc How many are wanted; how many were made
 * @param next  What follows at once, NULL=more is lost
 * @param nlen  Its length [bytes]
 */
void rec_dec_lost(struct rec_dec *dec, int16_t *sampv, size_t *sampc,
		  const uint8_t *next, size_t nlen)
{
	if (dec->opus) {
		if (media_codec_opus()->plc(dec->opus, sampv, sampc,
					    nlen ? next : NULL, nlen))
			*sampc = 0;
		return;
	}

	plc_lost(dec->plc, sampv, *sampc);
}
