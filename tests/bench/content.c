/**
 * @file tests/bench/content.c  What is sent: silence, then made-up speech
 *
 * Voiced and unvoiced sounds of changing pitch and level, so that Opus has
 * to work as it does for a voice. Encoded once, as a browser would: Opus
 * mono at 48 kHz with in-band FEC.
 */
#include <math.h>
#include <string.h>
#include <opus.h>
#include <re.h>
#include <rem.h>
#include "bench.h"


enum {
	FRAMES = SILENCE + 400, /**< 8 s of speech                         */
	SRATE  = 48000,
	FRAME  = SRATE / 1000 * PTIME,
};

static uint8_t pcmu[FRAMES][160];
static uint8_t opus[FRAMES][400];
static size_t opuslen[FRAMES];


/* One resonance of a vocal tract */
struct formant {
	double a, b, y1, y2;
};


static double formant(struct formant *f, double x, double freq, double bw)
{
	const double r = exp(-M_PI * bw / SRATE);
	double y;

	f->a = 2 * r * cos(2 * M_PI * freq / SRATE);
	f->b = -r * r;
	y = (1 - r) * x + f->a * f->y1 + f->b * f->y2;
	f->y2 = f->y1;
	f->y1 = y;

	return y;
}


static double noise(void)
{
	static uint32_t s = 1;

	s = s * 1664525 + 1013904223;

	return (int32_t)s / 2147483648.0;
}


static int16_t speech(unsigned n)
{
	static struct formant fv[3];
	static double phase;
	const double t = (double)n / SRATE;
	const double syll = fmod(t, 0.23) / 0.23;
	const unsigned k = (unsigned)(t / 0.23);
	const double pitch = 110 + 25 * sin(2 * M_PI * 0.7 * t);
	const double level = fmax(0.05, sin(M_PI * syll));
	double x, y;

	phase += pitch / SRATE;
	x = phase >= 1 ? (phase -= 1, 40.0) : 0;
	if (k % 4 == 3)
		x = 2.5 * noise();
	x += 0.02 * noise();

	y  = formant(&fv[0], x, 300 + 130 * (k % 5), 80);
	y += formant(&fv[1], x, 900 + 310 * (k % 4), 110);
	y += formant(&fv[2], x, 2400 + 120 * (k % 3), 160);

	y *= level * 14000;

	return (int16_t)fmax(-32000, fmin(32000, y));
}


int content_init(void)
{
	int16_t sampv[FRAME];
	OpusEncoder *oe;
	unsigned i, j;
	int e;

	oe = opus_encoder_create(SRATE, 1, OPUS_APPLICATION_VOIP, &e);
	if (!oe)
		return ENOMEM;

	opus_encoder_ctl(oe, OPUS_SET_BITRATE(32000));
	opus_encoder_ctl(oe, OPUS_SET_INBAND_FEC(1));
	opus_encoder_ctl(oe, OPUS_SET_PACKET_LOSS_PERC(5));

	for (i=0; i<FRAMES; i++) {

		for (j=0; j<FRAME; j++)
			sampv[j] = i < SILENCE ? 0
				: speech((i - SILENCE) * FRAME + j);

		for (j=0; j<160; j++)
			pcmu[i][j] = g711_pcm2ulaw(sampv[j * 6]);

		e = opus_encode(oe, sampv, FRAME, opus[i],
				sizeof(opus[i]));
		if (e < 0)
			return EPROTO;
		opuslen[i] = (size_t)e;
	}

	opus_encoder_destroy(oe);

	return 0;
}


const uint8_t *content_get(bool is_opus, uint32_t idx, size_t *len)
{
	if (idx >= FRAMES)
		idx = SILENCE + (idx - SILENCE) % (FRAMES - SILENCE);

	*len = is_opus ? opuslen[idx] : sizeof(pcmu[idx]);

	return is_opus ? opus[idx] : pcmu[idx];
}


double content_level(const int16_t *sampv, size_t sampc)
{
	double sum = 0;
	size_t i;

	for (i=0; i<sampc; i++)
		sum += (double)sampv[i] * sampv[i];

	return sqrt(sum / (double)sampc);
}
