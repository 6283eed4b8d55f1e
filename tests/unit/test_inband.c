/**
 * @file tests/unit/test_inband.c  Keys as tones: found, and not found in speech
 *
 * The speech is espeak-ng's, made at build time (tests/unit/talk); where it
 * is missing those tests are skipped.
 */
#include "testutil.h"
#include <math.h>
#include <rem.h>
#include "rtp/rtp.h"
#include "audio/telev.h"
#include "audio/inband.h"
#include "quality_speech.h"


enum {
	SRATE  = 8000,
	PACKET = 160,
	TALK_SRATE = 22050,     /* of what espeak-ng makes [Hz] */
};

static const double rowv[] = {697, 770, 852, 941};
static const double colv[] = {1209, 1336, 1477, 1633};

/** What a detector has found */
struct found {
	struct inband *ib;
	int16_t packet[PACKET];
	size_t n;               /**< Samples in the packet                 */
	bool down;              /**< A key is held                         */
	char key;               /**< The last one                          */
	unsigned keys;
	unsigned packets;
	unsigned silenced;      /**< Packets with sound that were          */
};


static bool is_silent(const int16_t *v)
{
	size_t i;

	for (i=0; i<PACKET; i++) {
		if (v[i])
			return false;
	}

	return true;
}


static void probe(struct found *f)
{
	const bool sound = !is_silent(f->packet);
	struct telev te;
	uint32_t ts;

	if (inband_probe(f->ib, f->packet, PACKET, &te, &ts)) {

		if (!f->down && !te.end) {
			f->key = telev_key(te.event);
			++f->keys;
		}
		f->down = !te.end;
	}

	++f->packets;
	f->silenced += sound && is_silent(f->packet);
}


/* As from a phone with G.711 */
static void hear(struct found *f, double sample)
{
	const int v = (int)max(min(sample, 32767.), -32768.);

	f->packet[f->n] = g711_ulaw2pcm(g711_pcm2ulaw((int16_t)v));
	if (++f->n < PACKET)
		return;

	f->n = 0;
	probe(f);
}


static void hear_tones(struct found *f, double f1, double a1, double f2,
		       double a2, unsigned ms)
{
	unsigned i;

	for (i=0; i<ms * SRATE / 1000; i++) {

		const double t = 2 * M_PI * i / SRATE;

		hear(f, a1 * sin(f1 * t) + a2 * sin(f2 * t));
	}
}


static void found_init(struct found *f)
{
	memset(f, 0, sizeof(*f));
	assert_int_equal(inband_alloc(&f->ib, SRATE), 0);
}


/* All keys, at any place in a block: 40 ms is the shortest (Q.24) */
static unsigned count_keys(double off, double low, double high)
{
	struct found f;
	unsigned i;

	found_init(&f);

	for (i=0; i<16; i++) {
		hear_tones(&f, rowv[i / 4] * off, low, colv[i & 3] * off,
			   high, 40);
		hear_tones(&f, 0, 0, 0, 0, 40 + i);
	}

	mem_deref(f.ib);

	return f.keys;
}


/* ITU-T Q.24: 1.5 % off is a key, 3.5 % is none; levels may differ */
static void test_tolerance(void **state)
{
	(void)state;

	assert_int_equal(count_keys(1,     6000, 6000), 16);
	assert_int_equal(count_keys(1.015, 6000, 6000), 16);
	assert_int_equal(count_keys(0.985, 6000, 6000), 16);
	assert_int_equal(count_keys(1.015, 6000, 9500), 16);
	assert_int_equal(count_keys(0.985, 6000, 3000), 16);
	assert_int_equal(count_keys(1,     14000, 16000), 16);
	assert_int_equal(count_keys(1,     200, 250), 16);

	assert_int_equal(count_keys(1.035, 6000, 6000), 0);
	assert_int_equal(count_keys(0.965, 6000, 6000), 0);
	assert_int_equal(count_keys(1,     6000, 1500), 0);
	assert_int_equal(count_keys(1,     1500, 6000), 0);
	assert_int_equal(count_keys(1,     20, 20), 0);
}


static struct sig *load_talk(const char *path)
{
	struct mbuf *mb = tu_read(path);
	struct sig *s, *r;
	size_t i;

	if (!mb)
		return NULL;

	s = sig_alloc(TALK_SRATE, mb->end / 2);
	for (i=0; i<s->n; i++)
		s->v[i] = (int16_t)(mb->buf[2 * i] | mb->buf[2 * i + 1] << 8);

	sinc_init();
	r = sig_resample(s, SRATE);

	mem_deref(s);
	mem_deref(mb);

	return r;
}


/* Minutes of speech press no key, and next to nothing of it is cut out */
static void test_talk_off(void **state)
{
	const double gainv[] = {1, 0.1};
	struct sig *talk = load_talk(*state);
	struct found f;
	size_t i, k;

	if (!talk)
		skip();

	assert_true(talk->n > 5 * 60 * SRATE);

	for (k=0; k<ARRAY_SIZE(gainv); k++) {

		found_init(&f);
		for (i=0; i<talk->n; i++)
			hear(&f, talk->v[i] * gainv[k]);
		mem_deref(f.ib);

		assert_int_equal(f.keys, 0);
		assert_in_range(f.silenced, 0, f.packets / 3000);
	}

	mem_deref(talk);
}


/* A key is heard in a speaker's voice, 12 dB below it */
static void test_over_talk(void **state)
{
	struct sig *talk = load_talk(*state);
	struct found f;
	size_t i;

	if (!talk)
		skip();

	found_init(&f);

	for (i=0; i<SRATE; i++) {

		const double t = 2 * M_PI * (double)i / SRATE;
		const bool tone = i >= SRATE / 2 && i < SRATE / 2 + 800;
		const double key = 8000 * (sin(770 * t) + sin(1336 * t));

		hear(&f, talk->v[SRATE + i] * 0.1 + (tone ? key : 0));
	}

	assert_int_equal(f.keys, 1);
	assert_int_equal(f.key, '5');

	mem_deref(f.ib);
	mem_deref(talk);
}


int main(int argc, char *argv[])
{
	char path[512];
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tolerance),
		cmocka_unit_test_prestate(test_talk_off, path),
		cmocka_unit_test_prestate(test_over_talk, path),
	};
	const char *slash = strrchr(argv[0], '/');
	(void)argc;

	(void)re_snprintf(path, sizeof(path), "%b/talk.pcm", argv[0],
			  slash ? (size_t)(slash - argv[0]) : 0);

	return cmocka_run_group_tests(tests, NULL, NULL);
}
