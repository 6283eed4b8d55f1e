/**
 * @file test_quality.c  Speech through the bridge, against the same codecs
 *                       without it; losses, bursts, reordering
 *
 * Clocks that differ by 200 ppm for half an hour are in test_audio.c
 * (test_no_drift): there every packet comes out in the moment it comes in,
 * exactly in its place.
 */
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include "testutil.h"
#include <opus.h>
#include <rem.h>
#include "sip/codec_wrap.c"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "audio/telev.h"
#include "audio/audio_priv.h"
#include "audio/resamp.h"
#include "audio/inband.h"

#if __has_include(<bcg729/encoder.h>)
#include "g729/g729.h"
#define HAVE_G729 1
#endif

#include "quality_speech.h"
#include "quality_rig.h"


/** What is asked for */
#define SEGSNR_MAX 1.0          /* Worse than offline [dB]                 */
#define DELAY_MAX  2.5          /* Later than offline [ms]                 */

static struct sig *speechv[COD_MAX];    /* At each codec's rate            */


static void speech_length(size_t seconds)
{
	enum cod i;

	for (i=0; i<COD_MAX; i++)
		speechv[i]->n = speechv[i]->srate * seconds;
}


/* What is sent of speech that somebody's codec has narrowed already */
static struct sig *reference(enum cod in, enum cod out, uint32_t srate)
{
	const uint32_t lo = min(codv[in].srate, codv[out].srate);
	struct sig *s = sig_resample(speechv[in], lo);
	struct sig *r = sig_resample(s, srate);

	mem_deref(s);

	return r;
}


/* Decode, resample and encode all of it at once */
static struct qstream *offline(const struct qstream *in, enum cod out,
			       uint32_t ptime)
{
	struct sig *s, *r;
	struct qstream *st;
	uint32_t srate = cod_rate(out, in->cod);

	s  = q_decode(in, codv[in->cod].srate);
	r  = sig_resample(s, srate);
	st = q_encode(out, ptime, r, opus_bitrate(srate), false);

	mem_deref(r);
	mem_deref(s);

	return st;
}


struct result {
	double snr;             /**< Segmental SNR [dB]                    */
	double delay;           /**< [ms]                                  */
};


static struct result measure(const struct qstream *st, enum cod in,
			     int lo, int hi)
{
	const uint32_t srate = cod_rate(st->cod, in);
	struct sig *ref = reference(in, st->cod, srate);
	struct sig *out = q_decode(st, srate), *s;
	struct result r;

	s = sig_align(ref, out, lo, hi, &r.delay);
	r.snr = sig_segsnr(s, out);

	mem_deref(s);
	mem_deref(out);
	mem_deref(ref);

	return r;
}


/* How long after its last sample was spoken a packet is sent [ms]. Those
   that are marked are left out */
static unsigned delay_max(const struct qstream *st, const bool *leave)
{
	uint64_t worst = 0;
	size_t i;

	for (i=0; i<st->n; i++) {

		const uint64_t us = (uint64_t)st->v[i].ts * 1000000 /
			codv[st->cod].crate;
		const uint64_t due = us + st->ptime * 1000;

		if (leave && leave[us / 1000 / st->ptime])
			continue;

		worst = max(worst, st->v[i].t > due ? st->v[i].t - due : 0);
	}

	return (unsigned)(worst / 1000);
}


static void check_same(const struct qstream *a, const struct qstream *b)
{
	size_t i;

	assert_int_equal(a->n, b->n);

	for (i=0; i<a->n; i++) {
		assert_int_equal(a->v[i].ts, b->v[i].ts);
		assert_int_equal(a->v[i].len, b->v[i].len);
		assert_memory_equal(a->v[i].buf, b->v[i].buf, a->v[i].len);
	}
}


static void check_flow(const struct qstream *in, const struct qstream *out,
		       bool verbose)
{
	struct qstream *off = offline(in, out->cod, out->ptime);
	const struct result a = measure(off, in->cod, -LAG_MS / 10, LAG_MS);
	const struct result b = measure(out, in->cod, (int)a.delay - 5,
					(int)a.delay + 10);
	size_t i;

	if (verbose || b.snr < a.snr - SEGSNR_MAX)
		print_message("%5s -> %-5s %u to %u ms: offline %6.2f dB, bridge "
			      "%6.2f dB, %+.2f dB, %+.2f ms\n",
			      codv[in->cod].name, codv[out->cod].name,
			      in->ptime, out->ptime, a.snr, b.snr, b.snr - a.snr,
			      b.delay - a.delay);

	for (i=1; i<out->n; i++)
		assert_int_equal(out->v[i].ts - out->v[i - 1].ts,
				 codv[out->cod].crate / 1000 * out->ptime);

	assert_true(a.snr > 1);
	assert_true(b.snr >= a.snr - SEGSNR_MAX);
	assert_true(b.delay <= a.delay + DELAY_MAX);

	/* nothing waits but for the packet that its end comes in */
	assert_true(delay_max(out, NULL) <= (in->ptime % out->ptime ? in->ptime :
				       in->ptime - min(in->ptime,
						       out->ptime)));

	mem_deref(off);
}


/* Opus and U48 go as they are; G.722 and G.711 only if they are as long as
   they should be */
static bool is_relayed(const struct qstream *in, const struct qstream *out)
{
	const bool is_64k = in->cod == COD_PCMU || in->cod == COD_PCMA ||
		in->cod == COD_G722;

	return in->cod == out->cod && (in->ptime == out->ptime || !is_64k);
}


/* What comes out does not depend on the leg that it came in on */
static void check_out(const struct qstream *in, struct qstream *out,
		      struct qstream **seen, bool verbose)
{
	if (is_relayed(in, out))
		check_same(in, out);
	else if (*seen)
		check_same(*seen, out);
	else
		check_flow(in, out, verbose);

	if (*seen)
		mem_deref(out);
	else
		*seen = out;
}


/* No frames of 30 ms in Opus */
static uint32_t cod_ptime(enum cod cod, uint32_t ptime)
{
	return cod == COD_OPUS && ptime == 30 ? 20 : ptime;
}


/* Every codec of a phone with every codec of an app, both ways */
static void check_pairs(uint32_t ptime, uint32_t ptout, uint32_t seconds)
{
	struct qstream *srcv[COD_MAX] = {NULL};
	struct qstream *seen[COD_MAX][COD_MAX] = {{NULL}};
	const bool verbose = seconds == SPEECH_S;
	enum cod sip, cube;

	speech_length(seconds);

	for (sip=0; sip<COD_MAX; sip++) {

		/* too long for a packet in U48 */
		if (!cod_ac(sip) || (sip >= COD_U24 && (ptime > 20 ||
							ptout > 20)))
			continue;

		srcv[sip] = q_encode(sip, cod_ptime(sip, ptime), speechv[sip],
				     32000, false);
	}

	for (sip=0; sip<COD_MAX; sip++) {
		for (cube=0; cube<COD_PHONE; cube++) {

			const struct qstream *a = srcv[sip], *b = srcv[cube];
			struct qstream *to_sip, *to_cube;

			if (!a || !b || (sip >= COD_U24 && cube != COD_OPUS))
				continue;

			to_sip  = q_sink(sip, cod_ptime(sip, ptout));
			to_cube = q_sink(cube, cod_ptime(cube, ptout));

			q_call(a, b, to_sip, to_cube);
			check_out(a, to_cube, &seen[sip][cube], verbose);
			check_out(b, to_sip, &seen[cube][sip], verbose);
		}
	}

	for (sip=0; sip<COD_MAX; sip++) {
		mem_deref(srcv[sip]);
		for (cube=0; cube<COD_MAX; cube++)
			mem_deref(seen[sip][cube]);
	}
}


static void test_pairs(void **state)
{
	(void)state;
	check_pairs(20, 20, SPEECH_S);
}


static void test_ptimes(void **state)
{
	(void)state;
	check_pairs(10, 20, 2);
	check_pairs(30, 20, 2);
	check_pairs(40, 20, 2);
	check_pairs(60, 20, 2);
}


/* What a receiver asks for; decoded, it sounds like what it would get of the
   same codecs without a bridge */
static void test_ptimes_out(void **state)
{
	(void)state;
	check_pairs(20, 10, 2);
	check_pairs(20, 30, 2);
	check_pairs(20, 40, 2);
	check_pairs(20, 60, 2);
	check_pairs(60, 10, 2);
	check_pairs(30, 40, 2);
}


/* --- the network -------------------------------------------------------- */

enum {
	CLEAN_S   = 2,          /**< Nothing happens before [s]            */
	HOLE_MAX  = 60,         /**< Nothing heard, without bursts [ms]    */
	HOLE_PCT  = 35,         /**< Nothing heard, of all that is lost [%] */
	GAP_MAX   = 100,        /**< Longest gap [ms]                      */
	END_MAX   = 5,          /**< Shift at the end [ms]                 */
	WAIT_MAX  = 60,         /**< REORDER_WAIT [ms]                     */
};

/** What a network does */
struct net {
	const char *name;
	unsigned loss;          /**< [%]                                   */
	unsigned burst;         /**< Packets lost at once, at most         */
	unsigned jitter;        /**< Longest delay [ms]                    */
	unsigned dup;           /**< [%]                                   */
};

struct outcome {
	unsigned dups;
	unsigned lost;
	bool lostv[PKTS_MAX];   /**< Which ones                            */
	double snr;             /**< To the same call on a clean network   */
	unsigned hole;          /**< Longest one [ms]                      */
	unsigned holes;         /**< All of them [ms]                      */
	double shift;           /**< At the end [ms]                       */
	unsigned delay;         /**< Longest, of what was received [ms]    */
	unsigned delay_lost;    /**< Longest, of what was made up [ms]     */
	struct media_stats st;
};


static uint32_t dice_seed;


static uint32_t dice(uint32_t n)
{
	dice_seed = dice_seed * 1664525 + 1013904223;

	return (dice_seed >> 8) % n;
}


static int event_cmp(const void *a, const void *b)
{
	const struct qevent *x = a, *y = b;

	return x->t != y->t ? x->t < y->t ? -1 : 1 : x->i < y->i ? -1 : 1;
}


/* No gap longer than GAP_MAX: the far end conceals those */
static size_t schedule(struct qevent *ev, const struct qstream *in,
		       const struct net *net, struct outcome *oc)
{
	const size_t from = CLEAN_S * 1000 / in->ptime;
	unsigned left = 0, run = 0;
	size_t i, n = 0;

	/* the same for every codec, and in each run */
	dice_seed = 4711;

	for (i=0; i<in->n; i++) {

		const bool calm = i < from || i + 1 == in->n;
		const uint64_t t = in->v[i].t;

		if (!calm && !left && !run && net->burst &&
		    dice(100) < net->loss)
			left = 3 + dice(net->burst - 2);

		if (!calm && run < GAP_MAX / in->ptime &&
		    (left || (!net->burst && dice(100) < net->loss))) {
			left -= left ? 1 : 0;
			++run;
			++oc->lost;
			oc->lostv[i] = true;
			continue;
		}

		run = 0;
		ev[n++] = (struct qevent){i, t + (calm || !net->jitter ? 0 :
				dice(net->jitter * 1000))};

		if (!calm && dice(100) < net->dup) {
			++oc->dups;
			ev[n] = ev[n - 1];
			ev[n++].t += dice(30000);
		}
	}

	qsort(ev, n, sizeof(*ev), event_cmp);

	return n;
}


static double network(const struct qstream *in, enum cod to,
		      const struct net *net, const char *how)
{
	const struct net clean = {.name = "clean"};
	const uint32_t srate = cod_rate(to, in->cod);
	struct qevent *ev = mem_zalloc(2 * PKTS_MAX * sizeof(*ev), NULL);
	struct qstream *a = q_sink(to, 20), *b = q_sink(to, 20);
	struct sig *x, *y;
	struct outcome oc;
	const long hi = srate / 1000 * 20;
	long lag;

	memset(&oc, 0, sizeof(oc));
	q_network(in, ev, schedule(ev, in, &clean, &oc), a, &oc.st);
	q_network(in, ev, schedule(ev, in, net, &oc), b, &oc.st);

	x = q_decode(a, srate);
	y = q_decode(b, srate);
	lag = sig_lag(x, y, x->n - srate, srate, -hi, hi);

	oc.shift = (double)lag * 1000 / srate;
	oc.snr   = sig_segsnr(x, y);
	oc.hole  = sig_hole(x, y, &oc.holes);
	oc.delay = delay_max(b, oc.lostv);
	oc.delay_lost = delay_max(b, NULL);

	print_message("%5s%-4s -> %-5s %-9s: %3u lost, %3u concealed, "
		      "%5.2f dB, holes %u/%u ms, delay %u/%u ms, "
		      "end %+.2f ms\n",
		      codv[in->cod].name, how, codv[to].name, net->name,
		      oc.lost, (unsigned)oc.st.concealed, oc.snr, oc.hole,
		      oc.holes, oc.delay, oc.delay_lost, oc.shift);

	/* nothing too little or too much, and the same moment at the end */
	assert_int_equal(a->v[a->n - 1].ts, b->v[b->n - 1].ts);
	assert_true(fabs(oc.shift) < END_MAX);
	/* what comes too late makes a gap longer than it can be concealed */
	assert_true(oc.hole <= (net->burst ? GAP_MAX : HOLE_MAX) +
		    (net->jitter ? 2 * in->ptime : 0));
	assert_true(oc.holes <= 20 + oc.lost * in->ptime * HOLE_PCT / 100);
	assert_true(oc.delay <= WAIT_MAX + net->jitter);
	assert_true(oc.delay_lost <= WAIT_MAX + GAP_MAX + net->jitter);
	assert_int_equal(oc.st.duplicates, oc.dups);

	/* put right: nothing is left of it */
	if (!net->loss && net->jitter < WAIT_MAX) {
		assert_int_equal(oc.st.concealed, 0);
		check_same(a, b);
	}

	mem_deref(x);
	mem_deref(y);
	mem_deref(a);
	mem_deref(b);
	mem_deref(ev);

	return oc.snr;
}


static const enum cod flowv[][2] = {
	{COD_OPUS, COD_PCMU}, {COD_OPUS, COD_G729}, {COD_PCMU, COD_OPUS},
	{COD_G722, COD_PCMA}, {COD_G729, COD_OPUS},
};


static void test_loss(void **state)
{
	static const struct net netv[] = {
		{"1 %",   1, 0, 0, 0}, {"5 %",     5, 0, 0, 0},
		{"20 %", 20, 0, 0, 0}, {"bursts",  5, 5, 0, 0},
	};
	size_t i, k;
	(void)state;

	speech_length(SPEECH_S);

	for (i=0; i<ARRAY_SIZE(flowv); i++) {

		const enum cod cod = flowv[i][0], to = flowv[i][1];
		const bool opus = cod == COD_OPUS;
		struct qstream *in, *fec = NULL;
		double fecsnr = 0;

		if (!cod_ac(cod) || !cod_ac(to))
			continue;

		in = q_encode(cod, 20, speechv[cod], 32000, false);
		if (opus)
			fec = q_encode(cod, 20, speechv[cod], 32000, true);

		for (k=0; k<ARRAY_SIZE(netv); k++) {

			const double snr = network(in, to, &netv[k], "");

			/* in-band FEC must be heard where much is lost */
			if (opus)
				fecsnr = network(fec, to, &netv[k], "+FEC");
			if (opus && netv[k].loss >= 20)
				assert_true(fecsnr > snr + 1);
		}

		mem_deref(in);
		mem_deref(fec);
	}
}


static void test_disorder(void **state)
{
	static const struct net netv[] = {
		{"disorder", 0, 0, 35, 3}, {"jitter", 0, 0, 90, 3},
		{"all",      5, 5, 35, 3},
	};
	size_t i, k;
	(void)state;

	speech_length(SPEECH_S);

	for (i=0; i<ARRAY_SIZE(flowv); i++) {

		const enum cod cod = flowv[i][0], to = flowv[i][1];
		struct qstream *in;

		if (!cod_ac(cod) || !cod_ac(to))
			continue;

		in = q_encode(cod, 20, speechv[cod], 32000, true);

		for (k=0; k<ARRAY_SIZE(netv); k++)
			(void)network(in, to, &netv[k], "");

		mem_deref(in);
	}
}


/* G.729 says that it pauses behind its last speech: that is heard, and the
   level of the pause is not that of the speech */
static void test_sid(void **state)
{
	const struct acodec *ac = cod_ac(COD_G729);
	struct qstream *in, *out, *back;
	struct audio_pair *ap;
	struct media_end end;
	struct sig *s;
	double sum = 0;
	size_t i;
	(void)state;

	if (!ac)
		return;

	assert_int_equal(ac->silent((const uint8_t *)"", 10), 0);
	assert_int_equal(ac->silent((const uint8_t *)"", 20), 0);
	assert_int_equal(ac->silent((const uint8_t *)"", 2), 10);
	assert_int_equal(ac->silent((const uint8_t *)"", 12), 10);

	/* a tone of 1 s, and a noise frame that is hardly heard with it */
	s = sig_alloc(8000, 8000);
	for (i=0; i<s->n; i++)
		s->v[i] = 8000 * sin(2 * M_PI * 440 * (double)i / 8000);
	in = q_encode(COD_G729, 20, s, 0, false);
	mem_deref(s);
	in->v[in->n - 1].buf[10] = 0;
	in->v[in->n - 1].buf[11] = 0;
	in->v[in->n - 1].len     = 12;

	out  = q_sink(COD_PCMU, 20);
	back = q_sink(COD_G729, 20);
	q_now = T0;
	assert_int_equal(audio_pair_alloc(&ap, &q_codecl), 0);
	q_set_end(ap, LEG_SIP, COD_G729, 20, back);
	q_end(&end, COD_PCMU, 20, out);
	end.rxv[1].pt    = 13;
	end.rxv[1].crate = 8000;
	strcpy(end.rxv[1].name, "CN");
	end.rxc = 2;
	assert_int_equal(audio_pair_set_end(ap, LEG_CUBE, &end), 0);

	for (i=0; i<in->n; i++) {
		q_pass(ap, T0 + in->v[i].t);
		q_put(ap, LEG_SIP, in, i);
	}

	/* the CN is in its place and quieter than the speech, which is at
	   -15 dBov and rings in the decoder */
	assert_int_equal(out->n, in->n + 1);
	assert_int_equal(out->v[out->n - 1].len, 1);
	assert_int_equal(out->v[out->n - 1].ts, in->n * 160);
	assert_true(out->v[out->n - 1].buf[0] > 22);

	/* the tone goes on into the last packet's first half */
	for (i=5; i<75; i++) {
		const double v = g711_ulaw2pcm(out->v[in->n - 1].buf[i]);

		sum += v * v;
	}
	assert_true(sqrt(sum / 70) > 3000);

	mem_deref(ap);
	mem_deref(in);
	mem_deref(out);
	mem_deref(back);
}


/* Any pieces make the same samples, and none is made beyond the room */
static void test_resamp(void **state)
{
	static const uint32_t ratev[][2] = {
		{8000, 16000}, {16000, 8000}, {8000, 48000}, {48000, 8000},
		{48000, 16000}, {16000, 16000}, {16000, 24000},
		{44100, 16000}, {11025, 16000},
	};
	struct resamp *a, *b;
	int16_t in[480], x[480 * 6], y[480 * 6];
	size_t i, k, n;
	(void)state;

	assert_int_equal(resamp_alloc(NULL, 8000, 16000), EINVAL);
	assert_int_equal(resamp_alloc(&a, 0, 16000), EINVAL);
	assert_int_equal(resamp_alloc(&a, 16000, 0), EINVAL);
	assert_int_equal(resamp_alloc(&a, 44101, 16000), ENOTSUP);
	assert_int_equal(resamp_alloc(&a, 8000, 64000), ENOTSUP);

	/* as loud as can be, of either sign, in the worst places */
	for (i=0; i<ARRAY_SIZE(in); i++)
		in[i] = (i * 7919 >> 3) & 1 ? INT16_MAX : INT16_MIN;

	for (i=0; i<ARRAY_SIZE(ratev); i++) {

		size_t total = 0, left, want;

		assert_int_equal(resamp_alloc(&a, ratev[i][0], ratev[i][1]),
				 0);
		assert_int_equal(resamp_alloc(&b, ratev[i][0], ratev[i][1]),
				 0);
		want = (ARRAY_SIZE(in) * ratev[i][1] + ratev[i][0] - 1) /
			ratev[i][0];

		n = want - 1;
		assert_int_equal(resamp(a, x, &n, in, ARRAY_SIZE(in)),
				 EOVERFLOW);
		n = want;
		assert_int_equal(resamp(a, x, &n, in, ARRAY_SIZE(in)), 0);
		assert_int_equal(n, want);

		for (k=0; k<ARRAY_SIZE(in); k+=left) {
			left = min(1 + k % 13, ARRAY_SIZE(in) - k);
			n = ARRAY_SIZE(y) - total;
			assert_int_equal(resamp(b, y + total, &n, in + k,
						left), 0);
			total += n;
		}

		assert_int_equal(total, want);
		assert_memory_equal(x, y, want * sizeof(*x));
		assert_int_equal(resamp(a, x, NULL, in, 1), EINVAL);

		/* what stands still comes out as it is */
		for (k=0; k<ARRAY_SIZE(in); k++)
			y[k] = 10000;
		n = ARRAY_SIZE(x);
		assert_int_equal(resamp(a, x, &n, y, ARRAY_SIZE(in)), 0);
		assert_in_range(x[n - 1], 9980, 10020);

		mem_deref(a);
		mem_deref(b);
	}
}


/* --- keys as tones ------------------------------------------------------- */

enum {
	KEY_MS    = 100,
	AFTER_MS  = 200,        /**< Behind a key                          */
	KEY_EVERY = 1000,       /**< [ms]                                  */
};


/* Is a sample in a key, or so soon behind one? */
static bool in_key(const struct sig *s, size_t i, uint32_t from, uint32_t to)
{
	const uint64_t ms = (uint64_t)i * 1000 / s->srate % KEY_EVERY;

	return i >= s->srate && ms >= from && ms < to;
}


static struct sig *press_keys(const struct sig *speech)
{
	struct sig *s = sig_alloc(speech->srate, speech->n);
	size_t i;

	for (i=0; i<s->n; i++) {

		const double t = 2 * M_PI * (double)i / s->srate;
		const double key = 6000 * (sin(770 * t) + sin(1336 * t));

		s->v[i] = in_key(s, i, 0, KEY_MS) ? (float)key : speech->v[i];
	}

	return s;
}


/* What a phone without telephone-event says, to an app without */
static struct qstream *hear_call(const struct qstream *in,
				 struct media_stats *st)
{
	struct qstream *out = q_sink(in->cod, in->ptime);
	struct qstream *back = q_sink(in->cod, in->ptime);
	struct audio_pair *ap;
	struct media_end end;
	size_t i;

	q_now = T0;
	assert_int_equal(audio_pair_alloc(&ap, &q_codecl), 0);
	q_end(&end, in->cod, in->ptime, back);
	end.inband = true;
	assert_int_equal(audio_pair_set_end(ap, LEG_SIP, &end), 0);
	q_set_end(ap, LEG_CUBE, in->cod, in->ptime, out);

	for (i=0; i<in->n; i++) {
		q_pass(ap, T0 + in->v[i].t);
		q_put(ap, LEG_SIP, in, i);
	}

	audio_pair_stats(ap, LEG_SIP, st);
	audio_pair_stats(ap, LEG_CUBE, &st[1]);
	mem_deref(ap);
	mem_deref(back);

	return out;
}


/* The same by a transcoder: decoded, silenced, encoded */
static struct qstream *hear_offline(const struct qstream *in)
{
	struct sig *s = q_decode(in, codv[in->cod].srate);
	const size_t frame = s->srate / 1000 * in->ptime;
	struct qstream *out;
	struct inband *ib;
	size_t i, k;

	assert_int_equal(inband_alloc(&ib, s->srate), 0);

	for (i=0; i + frame <= s->n; i += frame) {

		int16_t v[16 * 60];
		struct telev te;
		uint32_t ts;

		for (k=0; k<frame; k++)
			v[k] = (int16_t)s->v[i + k];
		(void)inband_probe(ib, v, frame, &te, &ts);
		for (k=0; k<frame; k++)
			s->v[i + k] = v[k];
	}

	out = q_encode(in->cod, in->ptime, s, 0, false);
	mem_deref(ib);
	mem_deref(s);

	return out;
}


struct heard {
	double all;             /**< Segmental SNR of the speech [dB]      */
	double after;           /**< Right behind keys                     */
	double peak;            /**< Loudest from 20 ms of a key on        */
};


static struct heard hear_measure(const struct qstream *st)
{
	const uint32_t srate = codv[st->cod].srate;
	struct sig *out = q_decode(st, srate), *s;
	struct heard h = {0, 0, 0};
	double delay;
	size_t i;

	s = sig_align(speechv[st->cod], out, -LAG_MS / 10, LAG_MS, &delay);

	for (i=0; i<s->n; i++) {
		if (in_key(s, i, 0, KEY_MS + 25))
			s->v[i] = 0;
	}
	h.all = sig_segsnr(s, out);

	for (i=0; i<s->n; i++) {
		if (!in_key(s, i, KEY_MS + 25, KEY_MS + AFTER_MS))
			s->v[i] = 0;
	}
	h.after = sig_segsnr(s, out);

	for (i=0; i<out->n; i++) {
		if (in_key(out, i, 45, KEY_MS))
			h.peak = max(h.peak, fabs(out->v[i]));
	}

	mem_deref(s);
	mem_deref(out);

	return h;
}


/* Hearing tones in G.711 that is forwarded is as good as transcoding it for
   them, and speech without a key is not touched. G.722 is transcoded: blanked
   and forwarded it had 9 dB behind a key instead of 25 */
static void check_tones(enum cod cod, uint32_t ptime)
{
	const bool relayed = cod != COD_G722;
	struct qstream *in, *out, *off;
	struct media_stats st[2];
	struct heard a, b;
	struct sig *s;

	in  = q_encode(cod, ptime, speechv[cod], 0, false);
	out = hear_call(in, st);
	assert_int_equal(st[1].relayed, relayed);
	assert_int_equal(st[0].keys, 0);
	if (relayed)
		check_same(in, out);
	mem_deref(out);
	mem_deref(in);

	s   = press_keys(speechv[cod]);
	in  = q_encode(cod, ptime, s, 0, false);
	out = hear_call(in, st);
	off = hear_offline(in);

	assert_int_equal(st[1].relayed, relayed);
	assert_int_equal(st[0].keys, SPEECH_S - 1);
	assert_int_equal(out->n, in->n);

	a = hear_measure(off);
	b = hear_measure(out);
	print_message("%s, %u ms: offline %.2f dB, behind keys %.2f dB, tone "
		      "%.0f; bridge %.2f dB, %.2f dB, %.0f\n",
		      codv[cod].name, ptime, a.all, a.after, a.peak, b.all,
		      b.after, b.peak);

	assert_true(b.all >= a.all - 0.1);
	assert_true(b.after >= a.after - 0.1);
	assert_true(b.peak <= a.peak + 1);
	assert_true(a.peak < 50);

	mem_deref(s);
	mem_deref(in);
	mem_deref(out);
	mem_deref(off);
}


static void test_tones(void **state)
{
	static const enum cod hearv[] = {COD_PCMU, COD_PCMA, COD_G722};
	static const uint32_t ptimev[] = {10, 20, 30, 60};
	size_t i, k;
	(void)state;

	speech_length(SPEECH_S);

	for (i=0; i<ARRAY_SIZE(hearv); i++) {
		for (k=0; k<ARRAY_SIZE(ptimev) && cod_ac(hearv[i]); k++)
			check_tones(hearv[i], ptimev[k]);
	}
}


int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resamp),
		cmocka_unit_test(test_sid),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_ptimes),
		cmocka_unit_test(test_ptimes_out),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_disorder),
		cmocka_unit_test(test_tones),
	};
	struct sig *s;
	char path[512], *slash;
	int err;
	enum cod i;

	/* it stands next to this program */
	(void)re_snprintf(path, sizeof(path), "%s", argc > 0 ? argv[0] : "");
	slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	strncat(path, "/speech.wav", sizeof(path) - strlen(path) - 1);

	sinc_init();
	s = speech_wav(path);
	if (!s) {
		print_message("no %s (espeak-ng): the speech is synthetic\n",
			      path);
		s = speech_synthetic();
	}
	for (i=0; i<COD_MAX; i++)
		speechv[i] = sig_resample(s, codv[i].srate);
	mem_deref(s);

	codecs_init();
	media_clock_set(q_clock);
	err = cmocka_run_group_tests(tests, NULL, NULL);
	codecs_close();
	for (i=0; i<COD_MAX; i++)
		mem_deref(speechv[i]);

	return err;
}
