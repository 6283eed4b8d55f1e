/**
 * @file media_rig.h  An audio pair between two fake ends, with a fake clock
 *
 * A source encodes a tone into packets; the test feeds them to a leg in any
 * order and at any time; the sink keeps what comes out of the other leg and
 * decodes it onto a timeline by timestamp, where a tone keeps its phase
 * only if nothing was shifted.
 */

#include "audio_pair.h"
#include "samples.h"

enum {
	RIG_PKTS = 4096,        /**< Packets kept by a sink                */
};

struct rig_pkt {
	bool marker;
	uint8_t pt;
	uint16_t seq;
	uint32_t ts;
	uint32_t ssrc;
	size_t len;             /**< Payload [bytes]                       */
	uint8_t buf[MEDIA_PKT_MAX];
	uint64_t t;             /**< When it was sent [us]                 */
};

struct rig_sink {
	struct rig_pkt *pktv;
	size_t pktc;            /**< Packets kept                          */
	uint64_t total;         /**< Packets seen                          */
	bool raw_ok;            /**< No CSRC, extension or padding         */
	uint8_t rtcp[512];      /**< Last RTCP packet                      */
	size_t rtcp_len;
	unsigned rtcpc;
	int err;                /**< What the handler returns              */
};

struct rig_src {
	const struct acodec *ac;
	struct acodec_enc *enc;
	uint32_t srate;
	uint32_t ptime;         /**< [ms]                                  */
	double freq;            /**< [Hz]                                  */
	uint64_t n;             /**< Samples made                          */
	uint8_t pt;
	uint16_t seq;
	uint32_t ts;
	uint32_t ssrc;
};

struct rig {
	struct list codecl;
	struct audio_pair *ap;
	struct rig_sink sinkv[LEG_MAX]; /**< What is sent on each leg      */
};

static uint64_t rig_now;


static inline uint64_t rig_clock(void)
{
	return rig_now;
}


/* A codec at 16 kHz with an RTP clock of 8 kHz, like G.722 */

struct acodec_enc {
	int dummy;
};

struct acodec_dec {
	int dummy;
};


static inline int wb_enc_alloc(struct acodec_enc **encp,
			       const struct acodec *ac,
			       const struct acodec_param *prm)
{
	(void)ac;
	*encp = mem_zalloc(sizeof(**encp), NULL);
	return prm->srate == 16000 ? 0 : EINVAL;
}


static inline int wb_dec_alloc(struct acodec_dec **decp,
			       const struct acodec *ac,
			       const struct acodec_param *prm)
{
	(void)ac;
	*decp = mem_zalloc(sizeof(**decp), NULL);
	return prm->srate == 16000 ? 0 : EINVAL;
}


static inline int wb_encode(struct acodec_enc *enc, uint8_t *buf,
			    size_t *len, const int16_t *sampv, size_t sampc)
{
	size_t i;
	(void)enc;

	if (*len < sampc)
		return EOVERFLOW;
	for (i=0; i<sampc; i++)
		buf[i] = g711_pcm2ulaw(sampv[i]);
	*len = sampc;

	return 0;
}


static inline int wb_decode(struct acodec_dec *dec, int16_t *sampv,
			    size_t *sampc, const uint8_t *buf, size_t len)
{
	size_t i;
	(void)dec;

	if (*sampc < len)
		return EOVERFLOW;
	for (i=0; i<len; i++)
		sampv[i] = g711_ulaw2pcm(buf[i]);
	*sampc = len;

	return 0;
}


static struct acodec rig_wb = {
	.name = "WB", .crate = 8000, .ch = 1, .srate = 16000,
	.enc_alloc = wb_enc_alloc, .encode = wb_encode,
	.dec_alloc = wb_dec_alloc, .decode = wb_decode,
};


static inline int rig_rtp_h(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	struct rig_sink *sink = arg;
	struct rig_pkt *p;
	struct rtp_pkt rp;

	assert_true(size >= len + MEDIA_TAILROOM);
	memset(pkt + len, 0xa5, size - len);

	if (sink->err)
		return sink->err;

	assert_int_equal(rtp_pkt_parse(&rp, pkt, len), 0);

	if (pkt[0] != 0x80)
		sink->raw_ok = false;

	++sink->total;
	if (sink->pktc >= RIG_PKTS)
		return 0;

	p = &sink->pktv[sink->pktc++];
	p->marker = rp.marker;
	p->pt     = rp.pt;
	p->seq    = rp.seq;
	p->ts     = rp.ts;
	p->ssrc   = rp.ssrc;
	p->len    = rp.plen;
	p->t      = rig_now;
	memcpy(p->buf, rp.payload, rp.plen);

	return 0;
}


static inline int rig_rtcp_h(uint8_t *pkt, size_t len, size_t size,
			     void *arg)
{
	struct rig_sink *sink = arg;

	assert_true(size >= len + MEDIA_TAILROOM);
	assert_true(len <= sizeof(sink->rtcp));

	memcpy(sink->rtcp, pkt, len);
	sink->rtcp_len = len;
	++sink->rtcpc;

	return 0;
}


/* A test that failed may have left the codecs in its list */
static inline void rig_codec_add(struct rig *rig, struct acodec *ac)
{
	memset(&ac->le, 0, sizeof(ac->le));
	media_codec_register(&rig->codecl, ac);
}


static inline void rig_init(struct rig *rig)
{
	size_t i;

	memset(rig, 0, sizeof(*rig));

	rig_now = 1000000000ULL;
	media_clock_set(rig_clock);

	rig_codec_add(rig, media_codec_opus());
	rig_codec_add(rig, media_codec_pcmu());
	rig_codec_add(rig, media_codec_pcma());
	rig_codec_add(rig, &rig_wb);

	assert_int_equal(audio_pair_alloc(&rig->ap, &rig->codecl), 0);

	for (i=0; i<LEG_MAX; i++) {
		rig->sinkv[i].pktv = mem_zalloc(
			sizeof(struct rig_pkt) * RIG_PKTS, NULL);
		rig->sinkv[i].raw_ok = true;
	}
}


static inline void rig_close(struct rig *rig)
{
	rig->ap = mem_deref(rig->ap);
	mem_deref(rig->sinkv[0].pktv);
	mem_deref(rig->sinkv[1].pktv);
	list_clear(&rig->codecl);
	media_clock_set(NULL);
}


static inline const struct acodec *rig_codec(const char *name)
{
	if (!strcmp(name, "opus"))
		return media_codec_opus();
	if (!strcmp(name, "PCMU"))
		return media_codec_pcmu();
	if (!strcmp(name, "PCMA"))
		return media_codec_pcma();

	return &rig_wb;
}


/* Of a packet's time [ms], in the clock of a codec */
static inline uint32_t dts(const char *name, uint32_t ptime)
{
	return rig_codec(name)->crate / 1000 * ptime;
}


static inline uint8_t rig_pt(const char *name, enum media_leg leg)
{
	if (!strcmp(name, "opus"))
		return leg == LEG_SIP ? 107 : 111;
	if (!strcmp(name, "PCMU"))
		return 0;
	if (!strcmp(name, "PCMA"))
		return 8;

	return leg == LEG_SIP ? 96 : 98;
}


static inline void rig_fmt(struct media_fmt *fmt, enum media_leg leg,
			   const char *name)
{
	const struct acodec *ac = rig_codec(name);

	memset(fmt, 0, sizeof(*fmt));
	strcpy(fmt->name, name);
	fmt->pt    = rig_pt(name, leg);
	fmt->crate = ac->crate;
	fmt->ch    = ac->ch;
}


static inline void rig_end(struct rig *rig, struct media_end *end,
			   enum media_leg leg, const char *name,
			   uint32_t ptime)
{
	static const char *namev[] = {"opus", "PCMU", "PCMA", "WB"};
	size_t i;

	memset(end, 0, sizeof(*end));

	rig_fmt(&end->tx, leg, name);
	end->rxv[end->rxc++] = end->tx;

	for (i=0; i<ARRAY_SIZE(namev); i++) {
		if (strcmp(namev[i], name))
			rig_fmt(&end->rxv[end->rxc++], leg, namev[i]);
	}

	end->rxv[end->rxc].pt    = 101;
	end->rxv[end->rxc].crate = end->tx.crate;
	strcpy(end->rxv[end->rxc++].name, "telephone-event");

	end->ptime = ptime;
	end->ssrc  = leg == LEG_SIP ? 0x51515151 : 0xcbcbcbcb;
	end->send  = true;
	end->recv  = true;
	end->rtph  = rig_rtp_h;
	end->rtcph = rig_rtcp_h;
	end->arg   = &rig->sinkv[leg];
	strcpy(end->cname, leg == LEG_SIP ? "sip@bridge" : "cube@bridge");
}


static inline void rig_set(struct rig *rig, enum media_leg leg,
			   const char *name, uint32_t ptime)
{
	struct media_end end;

	rig_end(rig, &end, leg, name, ptime);
	assert_int_equal(audio_pair_set_end(rig->ap, leg, &end), 0);
}


static inline void src_init(struct rig_src *src, enum media_leg leg,
			    const char *name, uint32_t ptime, double freq,
			    const char *fmtp)
{
	struct acodec_param prm;

	memset(src, 0, sizeof(*src));

	src->ac    = rig_codec(name);
	src->srate = src->ac->srate ? src->ac->srate : 48000;
	src->ptime = ptime;
	src->freq  = freq;
	src->pt    = rig_pt(name, leg);
	src->seq   = 1000;
	src->ts    = 77777;
	src->ssrc  = 0x12345678;

	prm.srate = src->srate;
	prm.ptime = ptime;
	prm.fmtp  = fmtp;

	assert_int_equal(src->ac->enc_alloc(&src->enc, src->ac, &prm), 0);
}


static inline void src_close(struct rig_src *src)
{
	src->enc = mem_deref(src->enc);
}


/* The next packet of the source */
static inline size_t src_next(struct rig_src *src, uint8_t *buf)
{
	int16_t sampv[48 * 120];
	const size_t sampc = src->srate / 1000 * src->ptime;
	size_t i, len = MEDIA_PKT_MAX - RTP_HEADER_SIZE;

	for (i=0; i<sampc; i++) {
		sampv[i] = (int16_t)(8000.0 *
			sin(2.0 * M_PI * src->freq * (double)src->n++ /
			    src->srate));
	}

	assert_int_equal(src->ac->encode(src->enc, buf + RTP_HEADER_SIZE,
					 &len, sampv, sampc), 0);

	rtp_hdr_write(buf, src->n == sampc, src->pt, src->seq++, src->ts,
		      src->ssrc);
	src->ts += src->ac->crate / 1000 * src->ptime;

	return RTP_HEADER_SIZE + len;
}


/* Send n packets, each at its time */
static inline void src_send(struct rig *rig, enum media_leg leg,
			    struct rig_src *src, size_t n)
{
	uint8_t buf[MEDIA_PKT_MAX];

	while (n--) {
		const size_t len = src_next(src, buf);

		audio_pair_rtp(rig->ap, leg, buf, len);
		rig_now += src->ptime * 1000;
		audio_pair_poll(rig->ap, rig_now);
	}
}


/* Decode onto a timeline by timestamp. Returns samples on it */
static inline size_t sink_decode(const struct rig_sink *sink,
				 const char *name, uint32_t *sratep,
				 int16_t *outv, size_t outc)
{
	const struct acodec *ac = rig_codec(name);
	struct acodec_param prm = {.ptime = 20};
	struct acodec_dec *dec = NULL;
	size_t i, end = 0;

	*sratep = prm.srate = ac->srate ? ac->srate : 16000;
	memset(outv, 0, outc * sizeof(*outv));

	assert_int_equal(ac->dec_alloc(&dec, ac, &prm), 0);

	for (i=0; i<sink->pktc; i++) {

		const struct rig_pkt *p = &sink->pktv[i];
		const uint64_t pos = (uint64_t)(p->ts - sink->pktv[0].ts) *
			prm.srate / ac->crate;
		int16_t sampv[48 * 200];
		size_t n = ARRAY_SIZE(sampv);

		assert_int_equal(ac->decode(dec, sampv, &n, p->buf, p->len),
				 0);

		if (pos + n > outc)
			break;

		memcpy(outv + pos, sampv, n * sizeof(*sampv));
		end = max(end, (size_t)pos + n);
	}

	mem_deref(dec);

	return end;
}


static inline double sink_tone(const struct rig_sink *sink,
			       const char *name, double freq)
{
	const size_t size = 16000 * 70;
	int16_t *v = mem_zalloc(size * sizeof(*v), NULL);
	uint32_t srate;
	size_t n, skip;
	double share;

	n = sink_decode(sink, name, &srate, v, size);
	skip = srate / 5;
	assert_true(n > 2 * skip);

	share = tone_share(v + skip, n - skip, srate, freq);

	mem_deref(v);

	return share;
}


/* Sequence without gaps, and timestamps that go up */
static inline void sink_check(const struct rig_sink *sink, uint32_t dts)
{
	size_t i;

	assert_true(sink->raw_ok);

	for (i=1; i<sink->pktc; i++) {

		const struct rig_pkt *p = &sink->pktv[i];
		const uint32_t dt = p->ts - sink->pktv[i-1].ts;

		assert_int_equal((uint16_t)(p->seq - sink->pktv[i-1].seq), 1);
		assert_int_equal(p->ssrc, sink->pktv[0].ssrc);
		assert_true((int32_t)dt > 0);

		if (dts && !p->marker)
			assert_int_equal(dt, dts);
	}
}
