/**
 * @file test_quality_net.c  Speech through the bridge: losses, disorder, tones
 */
#include "quality_pairs_rig.h"


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
