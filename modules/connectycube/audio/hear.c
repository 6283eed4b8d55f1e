/**
 * @file audio/hear.c  Tones that are keys, in audio that is forwarded
 *
 *   packet --+--> forwarded at once ----------------------+--> other leg
 *            |                         silence, if it is a tone
 *            +--> reorder -> decode -> inband.c --> event.c
 *
 * For G.711 alone, whose every byte stands for itself: it is decoded for next to
 * nothing, and a packet with a tone is forwarded with silence in the place of
 * its payload, number and timestamp kept, which nothing behind it is the worse
 * for. G.722 and Opus are stateful: behind a key that was blanked their decoder
 * is not where the phone's encoder is, and that is heard (test_quality.c). They
 * are transcoded.
 *
 * What is heard waits for its turn, what is forwarded does not: a packet that
 * came before it is judged alone.
 */
#include <string.h>
#include <re.h>
#include <rem.h>
#include "audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "telev.h"
#include "audio_priv.h"
#include "inband.h"
#include "reorder.h"


enum {
	SRATE     = 8000,       /**< Of G.711 [Hz]                         */
	SAMPC_MAX = MEDIA_PKT_MAX, /**< One byte, one sample               */
};

/** Hears what is forwarded on a route */
struct hear {
	const struct acodec *ac;/**< Codec (pointer)                       */
	struct acodec_dec *dec; /**< Decoder, without a state (owner)      */
	uint8_t silence;        /**< One sample of it                      */
	struct inband *ib;      /**< For what is not in order (owner)      */
	struct reorder ro;      /**< What waits to be heard                */
	bool tone;              /**< There was one in the last packet      */
};


static void destructor(void *arg)
{
	struct hear *ear = arg;

	mem_deref(ear->dec);
	mem_deref(ear->ib);
}


/**
 * Make the detector of a route ready. It hears on through a change of codecs,
 * with a key that is down. At another rate it begins anew, and so do the
 * timestamps of its keys
 *
 * @param rt    Route from the leg whose keys are tones
 * @param srate Sampling rate [Hz]
 *
 * @return 0 if success, EINVAL if the rate is too low, ENOMEM
 */
int hear_tones(struct audio_route *rt, uint32_t srate)
{
	struct inband *ib;
	int err;

	if (rt->ib && rt->ib_srate == srate)
		return 0;

	err = inband_alloc(&ib, srate);
	if (err)
		return err;

	if (rt->ev_crate == INBAND_CRATE)
		event_break(rt, media_clock());

	mem_deref(rt->ib);
	rt->ib       = ib;
	rt->ib_srate = srate;

	return 0;
}


/**
 * Check if tones can be heard in a format, and taken out of it
 *
 * @param fmt Format
 *
 * @return True if it is G.711
 */
bool hear_can(const struct audio_fmt *fmt)
{
	return fmt->ac && (fmt->ac == media_codec_pcmu() ||
			   fmt->ac == media_codec_pcma());
}


/**
 * Make ready to hear a format that is forwarded
 *
 * @param rt  Route to the other leg
 * @param fmt Format of the packets, see hear_can()
 *
 * @return 0 if success, otherwise errorcode of the codec, or ENOMEM
 */
int hear_prepare(struct audio_route *rt, const struct audio_fmt *fmt)
{
	const struct acodec *ac = fmt->ac;
	const struct acodec_param prm = {
		.srate = SRATE, .ptime = PTIME_DEFAULT
	};
	struct hear *ear;
	int err;

	if (rt->ear && rt->ear->ac == ac)
		return 0;

	ear = mem_zalloc(sizeof(*ear), destructor);
	if (!ear)
		return ENOMEM;

	ear->ac      = ac;
	ear->silence = ac == media_codec_pcmu() ? g711_pcm2ulaw(0)
		: g711_pcm2alaw(0);
	reorder_init(&ear->ro);

	err = ac->dec_alloc(&ear->dec, ac, &prm);
	if (!err)
		err = inband_alloc(&ear->ib, SRATE);
	if (!err)
		err = hear_tones(rt, SRATE);
	if (err) {
		mem_deref(ear);
		return err;
	}

	mem_deref(rt->ear);
	rt->ear = ear;

	return 0;
}


/* What is next in order */
static void hear(struct audio_route *rt, const uint8_t *buf, size_t len,
		 uint64_t now)
{
	struct hear *ear = rt->ear;
	int16_t sampv[SAMPC_MAX];
	size_t sampc = ARRAY_SIZE(sampv);
	struct telev te;
	uint32_t ts;

	if (!len || hear_tones(rt, SRATE) ||
	    ear->ac->decode(ear->dec, sampv, &sampc, buf, len))
		return;

	if (inband_hear(rt->ib, sampv, sampc, &te, &ts, &ear->tone))
		(void)event_put(rt, &te, INBAND_CRATE, ts, false, now);
}


/* Is there a tone in a packet that is not in order? */
static bool odd_tone(struct hear *ear, const struct rtp_pkt *rp)
{
	int16_t sampv[SAMPC_MAX];
	size_t sampc = ARRAY_SIZE(sampv);
	struct telev te;
	uint32_t ts;
	bool tone;

	if (ear->ac->decode(ear->dec, sampv, &sampc, rp->payload, rp->plen))
		return false;

	inband_reset(ear->ib);
	(void)inband_hear(ear->ib, sampv, sampc, &te, &ts, &tone);

	return tone;
}


/* Hear what waits, giving up one missing packet, or all */
static void drain(struct audio_route *rt, bool giveup, bool all, uint64_t now)
{
	struct reorder_slot *slot;
	unsigned lost;

	while ((slot = reorder_get(&rt->ear->ro, giveup, &lost, now))) {
		hear(rt, slot->buf, slot->len, now);
		giveup = all;
	}
}


/* Another source, or audio that took another way meanwhile */
static void begin(struct audio_route *rt, enum rxstat_res res, uint64_t now)
{
	if (res != RXSTAT_NEW && !rt->resync && rt->mode == ROUTE_RELAY)
		return;

	if (rt->mode == ROUTE_RELAY)
		drain(rt, true, true, now);

	reorder_init(&rt->ear->ro);
}


/**
 * Hear a packet that is about to be forwarded, or left out. If it ends or
 * begins a key, that has been said to event.c when this returns
 *
 * @param rt  Route to the other leg, with an ear
 * @param fmt Format of the packet
 * @param rp  Packet
 * @param res What the packet is to its stream
 * @param now Arrival time [us]
 *
 * @return True if there is a tone in it, to be silenced
 */
bool hear_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	     const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now)
{
	struct hear *ear = rt->ear;
	struct rtp_pkt pkt = *rp;
	enum reorder_res order;
	unsigned lost;
	bool tone;

	/* nobody is listening */
	if (!rt->out->send) {
		reorder_init(&ear->ro);
		rt->due = 0;
		return false;
	}

	/* anything else has its place, too */
	if (fmt->ac != ear->ac)
		pkt.plen = 0;

	begin(rt, res, now);

	order = reorder_put(&ear->ro, &pkt, false, &lost, now);
	if (order == REORDER_FLUSH) {
		drain(rt, true, true, now);
		order = reorder_put(&ear->ro, &pkt, false, &lost, now);
	}

	if (order == REORDER_NOW)
		hear(rt, pkt.payload, pkt.plen, now);

	tone = pkt.plen && (ear->tone || (order != REORDER_NOW &&
					  odd_tone(ear, &pkt)));

	drain(rt, reorder_full(&ear->ro), false, now);

	rt->due = ear->ro.held ? ear->ro.since + REORDER_WAIT : 0;

	return tone;
}


/**
 * Give up a packet that was waited for
 *
 * @param rt  Route to the other leg
 * @param now Time [us]
 */
void hear_timeout(struct audio_route *rt, uint64_t now)
{
	struct hear *ear = rt->ear;

	if (!ear || rt->mode != ROUTE_RELAY)
		return;

	drain(rt, true, false, now);

	rt->due = ear->ro.held ? ear->ro.since + REORDER_WAIT : 0;
}


/**
 * Make silence
 *
 * @param ear Ear
 * @param buf Room for the payload
 * @param len Its length [bytes]
 */
void hear_silence(const struct hear *ear, uint8_t *buf, size_t len)
{
	memset(buf, ear->silence, len);
}
