/**
 * @file quality_rig.h  Codec chains, through an audio pair and without it
 *
 *   speech -> source -> packets -> audio pair -> packets -> decoder
 *                          |
 *                          `-> decoder -> sinc -> encoder -> decoder
 *
 * Codecs that are modules of baresip's are wrapped by the bridge's own
 * wrapper; G.722 is spandsp's, as in baresip's module, found at run time.
 */

#include "audio_pair.h"

enum {
	PKTS_MAX = SPEECH_S * 100 + 10,
	T0       = 1000000000,  /**< When the speech begins [us]           */
};

/** The codecs. Those from COD_PHONE on are the phone's alone */
enum cod {
	COD_OPUS = 0,
	COD_PCMU,
	COD_PCMA,
	COD_G722,
	COD_PHONE,
	COD_G729 = COD_PHONE,
	COD_U24,                /* mu-law at higher rates, for Opus'       */
	COD_U48,

	COD_MAX
};

static const struct {
	const char *name;
	uint32_t crate;
	uint8_t ch;
	uint32_t srate;         /**< Of the speech that is encoded [Hz]    */
} codv[COD_MAX] = {
	[COD_OPUS] = {"opus", 48000, 2, 48000},
	[COD_PCMU] = {"PCMU",  8000, 1,  8000},
	[COD_PCMA] = {"PCMA",  8000, 1,  8000},
	[COD_G722] = {"G722",  8000, 1, 16000},
	[COD_G729] = {"G729",  8000, 1,  8000},
	[COD_U24]  = {"U24",  24000, 1, 24000},
	[COD_U48]  = {"U48",  48000, 1, 48000},
};

/** A packet, its times counted from the beginning of the speech */
struct qpkt {
	uint32_t ts;            /**< Timestamp, the first one's is 0       */
	uint64_t t;             /**< When it was sent [us]                 */
	size_t len;             /**< Payload [bytes]                       */
	uint8_t buf[MEDIA_PKT_MAX];
};

/** A stream of packets */
struct qstream {
	enum cod cod;
	uint32_t ptime;         /**< [ms]                                  */
	size_t n;
	uint32_t ts0;           /**< Timestamp of the first one            */
	struct qpkt v[PKTS_MAX];
};

/** When packet i arrives [us]; a copy of it may arrive later */
struct qevent {
	size_t i;
	uint64_t t;
};

static uint64_t q_now;
static struct list q_codecl;
static struct list q_aucodecl;


static uint64_t q_clock(void)
{
	return q_now;
}


struct list *baresip_aucodecl(void)
{
	return &q_aucodecl;
}


/* G.722 by spandsp */

static struct {
	void *(*enc_init)(void *st, int rate, int options);
	int (*enc)(void *st, uint8_t *buf, const int16_t *sampv, int sampc);
	int (*enc_free)(void *st);
	void *(*dec_init)(void *st, int rate, int options);
	int (*dec)(void *st, int16_t *sampv, const uint8_t *buf, int len);
	int (*dec_free)(void *st);
} spandsp;


static bool spandsp_load(void)
{
	void *so = dlopen("libspandsp.so.2", RTLD_NOW | RTLD_LOCAL);
	const struct {
		const char *name;
		void *p;
	} v[] = {
		{"g722_encode_init", &spandsp.enc_init},
		{"g722_encode",      &spandsp.enc},
		{"g722_encode_free", &spandsp.enc_free},
		{"g722_decode_init", &spandsp.dec_init},
		{"g722_decode",      &spandsp.dec},
		{"g722_decode_free", &spandsp.dec_free},
	};
	size_t i;

	for (i=0; so && i<ARRAY_SIZE(v); i++) {

		void *sym = dlsym(so, v[i].name);

		if (!sym)
			return false;
		memcpy(v[i].p, &sym, sizeof(sym));
	}

	return so;
}


struct auenc_q {
	void *st;
};


static void g722_enc_destructor(void *arg)
{
	spandsp.enc_free(((struct auenc_q *)arg)->st);
}


static void g722_dec_destructor(void *arg)
{
	spandsp.dec_free(((struct auenc_q *)arg)->st);
}


static int g722_encupd(struct auenc_state **aesp, const struct aucodec *ac,
		       struct auenc_param *prm, const char *fmtp)
{
	struct auenc_q *q = mem_zalloc(sizeof(*q), g722_enc_destructor);
	(void)ac;
	(void)prm;
	(void)fmtp;

	q->st = spandsp.enc_init(NULL, 64000, 0);
	*aesp = (struct auenc_state *)q;

	return q->st ? 0 : ENOMEM;
}


static int g722_decupd(struct audec_state **adsp, const struct aucodec *ac,
		       const char *fmtp)
{
	struct auenc_q *q = mem_zalloc(sizeof(*q), g722_dec_destructor);
	(void)ac;
	(void)fmtp;

	q->st = spandsp.dec_init(NULL, 64000, 0);
	*adsp = (struct audec_state *)q;

	return q->st ? 0 : ENOMEM;
}


static int g722_enc(struct auenc_state *aes, bool *marker, uint8_t *buf,
		    size_t *len, int fmt, const void *sampv, size_t sampc)
{
	(void)marker;

	if (fmt != AUFMT_S16LE || *len < sampc / 2)
		return EOVERFLOW;

	*len = (size_t)spandsp.enc(((struct auenc_q *)(void *)aes)->st, buf,
				   sampv, (int)sampc);

	return 0;
}


static int g722_dec(struct audec_state *ads, int fmt, void *sampv,
		    size_t *sampc, bool marker, const uint8_t *buf,
		    size_t len)
{
	(void)marker;

	if (fmt != AUFMT_S16LE || *sampc < 2 * len)
		return EOVERFLOW;

	*sampc = (size_t)spandsp.dec(((struct auenc_q *)(void *)ads)->st,
				     sampv, buf, (int)len);

	return 0;
}


/* mu-law at any rate */

static int ulaw_enc(struct auenc_state *aes, bool *marker, uint8_t *buf,
		    size_t *len, int fmt, const void *sampv, size_t sampc)
{
	const int16_t *v = sampv;
	size_t i;
	(void)aes;
	(void)marker;

	if (fmt != AUFMT_S16LE || *len < sampc)
		return EOVERFLOW;

	for (i=0; i<sampc; i++)
		buf[i] = g711_pcm2ulaw(v[i] == INT16_MIN ? -INT16_MAX : v[i]);
	*len = sampc;

	return 0;
}


static int ulaw_dec(struct audec_state *ads, int fmt, void *sampv,
		    size_t *sampc, bool marker, const uint8_t *buf,
		    size_t len)
{
	int16_t *v = sampv;
	size_t i;
	(void)ads;
	(void)marker;

	if (fmt != AUFMT_S16LE || *sampc < len)
		return EOVERFLOW;

	for (i=0; i<len; i++)
		v[i] = g711_ulaw2pcm(buf[i]);
	*sampc = len;

	return 0;
}


static struct aucodec q_g722 = {
	.name = "G722", .srate = 16000, .crate = 8000, .ch = 1, .pch = 1,
	.encupdh = g722_encupd, .ench = g722_enc,
	.decupdh = g722_decupd, .dech = g722_dec,
};

static struct aucodec q_u24 = {
	.name = "U24", .srate = 24000, .crate = 24000, .ch = 1, .pch = 1,
	.ench = ulaw_enc, .dech = ulaw_dec,
};

static struct aucodec q_u48 = {
	.name = "U48", .srate = 48000, .crate = 48000, .ch = 1, .pch = 1,
	.ench = ulaw_enc, .dech = ulaw_dec,
};

#ifdef HAVE_G729
static struct g729 q_g729 = {
	.ac = {
		.name = "G729", .srate = 8000, .crate = 8000, .ch = 1,
		.pch = 1,
		.encupdh = g729_encode_update, .ench = g729_encode,
		.decupdh = g729_decode_update, .dech = g729_decode,
		.plch    = g729_conceal,
	},
};
#endif


static void codecs_init(void)
{
	media_codec_register(&q_codecl, media_codec_opus());
	media_codec_register(&q_codecl, media_codec_pcmu());
	media_codec_register(&q_codecl, media_codec_pcma());

	if (spandsp_load())
		list_append(&q_aucodecl, &q_g722.le, &q_g722);
	else
		print_message("no libspandsp: G.722 is left out\n");

#ifdef HAVE_G729
	list_append(&q_aucodecl, &q_g729.ac.le, &q_g729.ac);
#else
	print_message("no libbcg729: G.729 is left out\n");
#endif
	list_append(&q_aucodecl, &q_u24.le, &q_u24);
	list_append(&q_aucodecl, &q_u48.le, &q_u48);

	assert_int_equal(sip_aucodec_wrap(&q_codecl), 0);
}


static void codecs_close(void)
{
	list_unlink(&media_codec_opus()->le);
	list_unlink(&media_codec_pcmu()->le);
	list_unlink(&media_codec_pcma()->le);
	list_flush(&q_codecl);
	list_clear(&q_aucodecl);
}


/** NULL if it is not here */
static const struct acodec *cod_ac(enum cod cod)
{
	return media_codec_find(&q_codecl, codv[cod].name, codv[cod].crate,
				codv[cod].ch);
}


/** The rate at which a codec encodes or decodes when the other one is on
    the other side */
static uint32_t cod_rate(enum cod cod, enum cod other)
{
	return cod == COD_OPUS ? codv[other].srate : codv[cod].srate;
}


/** What the bridge's Opus sends without being asked for less [bit/s] */
static inline int opus_bitrate(uint32_t srate)
{
	return srate == 8000 ? 20000 : srate == 16000 ? 28000 :
		srate == 24000 ? 32000 : 40000;
}


/* Sources and the chain offline use libopus directly and at its best */
static OpusEncoder *opus_best(uint32_t srate, int bitrate, bool fec)
{
	OpusEncoder *oe;
	int e;

	oe = opus_encoder_create((opus_int32)srate, 1,
				 OPUS_APPLICATION_VOIP, &e);
	assert_non_null(oe);
	opus_encoder_ctl(oe, OPUS_SET_COMPLEXITY(10));
	opus_encoder_ctl(oe, OPUS_SET_BITRATE(bitrate));

	if (fec) {
		opus_encoder_ctl(oe, OPUS_SET_INBAND_FEC(1));
		opus_encoder_ctl(oe, OPUS_SET_PACKET_LOSS_PERC(20));
	}

	return oe;
}


/** Encode a signal into packets */
static struct qstream *q_encode(enum cod cod, uint32_t ptime,
				const struct sig *s, int bitrate, bool fec)
{
	const struct acodec_param prm = {.srate = s->srate, .ptime = ptime};
	const size_t frame = s->srate / 1000 * ptime;
	const struct acodec *ac = cod_ac(cod);
	struct qstream *st = mem_zalloc(sizeof(*st), NULL);
	int16_t *pcm = mem_zalloc((s->n + 1) * sizeof(*pcm), NULL);
	struct acodec_enc *enc = NULL;
	OpusEncoder *oe = NULL;

	if (cod == COD_OPUS)
		oe = opus_best(s->srate, bitrate, fec);
	else
		assert_int_equal(ac->enc_alloc(&enc, ac, &prm), 0);

	sig_pcm(s, pcm);
	st->cod   = cod;
	st->ptime = ptime;

	for (; (st->n + 1) * frame <= s->n; st->n++) {

		struct qpkt *p = &st->v[st->n];
		const int16_t *v = pcm + st->n * frame;

		assert_true(st->n < PKTS_MAX);

		p->ts  = (uint32_t)st->n * (codv[cod].crate / 1000 * ptime);
		p->t   = (st->n + 1) * ptime * 1000;
		p->len = MEDIA_PKT_MAX - RTP_HEADER_SIZE;

		if (oe) {
			const int n = opus_encode(oe, v, (int)frame, p->buf,
						  (opus_int32)p->len);

			assert_true(n > 0);
			p->len = (size_t)n;
		}
		else {
			assert_int_equal(ac->encode(enc, p->buf, &p->len, v,
						    frame), 0);
		}
	}

	if (oe)
		opus_encoder_destroy(oe);
	mem_deref(enc);
	mem_deref(pcm);

	return st;
}


/** Decode packets onto a timeline by their timestamps */
static struct sig *q_decode(const struct qstream *st, uint32_t srate)
{
	const struct acodec_param prm = {.srate = srate, .ptime = 20};
	const struct acodec *ac = cod_ac(st->cod);
	struct sig *s = sig_alloc(srate, (size_t)srate * (SPEECH_S + 1));
	struct acodec_dec *dec = NULL;
	size_t i, k, end = 0;

	assert_int_equal(ac->dec_alloc(&dec, ac, &prm), 0);

	for (i=0; i<st->n; i++) {

		const struct qpkt *p = &st->v[i];
		const size_t pos = (size_t)((uint64_t)p->ts * srate /
					    codv[st->cod].crate);
		int16_t v[48 * 200];
		size_t n = ARRAY_SIZE(v);

		assert_int_equal(ac->decode(dec, v, &n, p->buf, p->len), 0);
		assert_true(pos + n <= s->n);

		for (k=0; k<n; k++)
			s->v[pos + k] = v[k];
		end = max(end, pos + n);
	}

	mem_deref(dec);
	s->n = end;

	return s;
}
