/**
 * @file audio/wav.c  WAV files: PCM, float, G.711, of any number of channels
 *
 * Pure. Channels are mixed to one. Sizes in the file are not trusted: what was
 * written to a pipe has none, and what was cut off has too large a one.
 */
#include <math.h>
#include <string.h>
#include <re.h>
#include <rem.h>
#include "sound.h"


enum {
	HEADER    = 12,         /**< "RIFF", size, "WAVE" [bytes]          */
	CHUNK     = 8,          /**< Name and size of a chunk [bytes]      */
	FMT_MIN   = 16,         /**< Shortest "fmt " [bytes]               */
	FMT_EXT   = 26,         /**< One that names its format further on  */
	CH_MAX    = 32,         /**< Channels                              */
	MIX_MAX   = 512,        /**< Frames mixed at once                  */

	TAG_PCM   = 1,
	TAG_FLOAT = 3,
	TAG_ALAW  = 6,
	TAG_ULAW  = 7,
	TAG_EXT   = 0xfffe,
};

/** What is in the file */
struct wav {
	uint16_t tag;           /**< Format                                */
	uint16_t ch;            /**< Channels                              */
	uint32_t srate;         /**< Sampling rate [Hz]                    */
	uint16_t bits;          /**< Of one sample                         */
	uint16_t align;         /**< Bytes of a sample of all channels     */
	const uint8_t *data;    /**< Samples, NULL=none yet                */
	size_t len;             /**< Their length [bytes]                  */
};


static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}


static uint32_t get32(const uint8_t *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}


static int16_t get_float(const uint8_t *p)
{
	const uint32_t u = get32(p);
	float f;

	memcpy(&f, &u, sizeof(f));

	if (!isfinite(f))
		return 0;

	return (int16_t)(fminf(fmaxf(f, -1.0f), 1.0f) * INT16_MAX);
}


static int16_t get_sample(const struct wav *w, const uint8_t *p)
{
	switch (w->tag) {

	case TAG_ALAW:  return g711_alaw2pcm(*p);
	case TAG_ULAW:  return g711_ulaw2pcm(*p);
	case TAG_FLOAT: return get_float(p);
	default:        break;
	}

	/* the upper 16 bits; 8 bits alone have no sign */
	if (w->bits == 8)
		return (int16_t)((*p - 128) * 256);

	return (int16_t)get16(p + w->bits / 8 - 2);
}


static bool is_known(const struct wav *w)
{
	switch (w->tag) {

	case TAG_PCM:   return w->bits == 8 || w->bits == 16 ||
				w->bits == 24 || w->bits == 32;
	case TAG_FLOAT: return w->bits == 32;
	case TAG_ALAW:
	case TAG_ULAW:  return w->bits == 8;
	default:        return false;
	}
}


static int read_fmt(struct wav *w, const uint8_t *p, size_t len, char *why,
		    size_t size)
{
	if (len < FMT_MIN) {
		(void)re_snprintf(why, size, "its fmt chunk is too short");
		return EBADMSG;
	}

	w->tag   = get16(p);
	w->ch    = get16(p + 2);
	w->srate = get32(p + 4);
	w->bits  = get16(p + 14);

	if (w->tag == TAG_EXT && len >= FMT_EXT)
		w->tag = get16(p + 24);

	if (!is_known(w)) {
		(void)re_snprintf(why, size, "WAV of format %u with %u bits is"
				  " not known (PCM of 8, 16, 24 or 32 bits,"
				  " float, G.711 are)", w->tag, w->bits);
		return ENOTSUP;
	}

	if (!w->ch || w->ch > CH_MAX) {
		(void)re_snprintf(why, size, "%u channels", w->ch);
		return ENOTSUP;
	}

	w->align = (uint16_t)(w->ch * (w->bits / 8));

	return 0;
}


static int read_chunks(struct wav *w, const uint8_t *p, size_t len,
		       char *why, size_t size)
{
	int err = 0;

	while (len >= CHUNK && !w->data && !err) {

		const size_t n = min((size_t)get32(p + 4), len - CHUNK);
		const uint8_t *body = p + CHUNK;
		const size_t step = min(CHUNK + n + (n & 1), len);

		if (!memcmp(p, "fmt ", 4)) {
			err = read_fmt(w, body, n, why, size);
		}
		else if (!memcmp(p, "data", 4)) {
			w->data = body;
			w->len  = n ? n : len - CHUNK;
		}

		p   += step;
		len -= step;
	}

	if (err)
		return err;

	if (!w->align || !w->data || w->len < w->align) {
		(void)re_snprintf(why, size, "there is no sound in it");
		return EBADMSG;
	}

	return 0;
}


/* Mono: the mean of all channels */
static int16_t mix(const struct wav *w, const uint8_t *p)
{
	int32_t sum = 0;
	uint16_t i;

	for (i=0; i<w->ch; i++)
		sum += get_sample(w, p + i * (w->bits / 8));

	return (int16_t)(sum / w->ch);
}


static int add_samples(struct sound *s, const struct wav *w)
{
	size_t k, n = w->len / w->align;
	const uint8_t *p = w->data;
	int16_t v[MIX_MAX] = {0};
	int err = 0;

	while (n && !err) {

		for (k=0; k<min(n, (size_t)MIX_MAX); k++, p += w->align)
			v[k] = mix(w, p);

		n  -= k;
		err = sound_add(s, v, k);
	}

	return err ? err : sound_end(s);
}


/**
 * Is it a WAV file?
 *
 * @param buf Contents
 * @param len Their length [bytes]
 *
 * @return True if it begins like one
 */
bool wav_is(const uint8_t *buf, size_t len)
{
	return buf && len >= HEADER && !memcmp(buf, "RIFF", 4) &&
		!memcmp(buf + 8, "WAVE", 4);
}


/**
 * Make a sound of a WAV file
 *
 * @param sp   Sound (output), at its end
 * @param buf  Contents
 * @param len  Their length [bytes]
 * @param why  What is wrong with it, on error
 * @param size Size of that buffer
 *
 * @return 0 if success, EBADMSG if it is broken, ENOTSUP if it is of a kind
 *         that is not known, EFBIG if it is too long, ENOMEM
 */
int wav_decode(struct sound **sp, const uint8_t *buf, size_t len,
	       char *why, size_t size)
{
	struct wav w = {.tag = 0};
	struct sound *s = NULL;
	int err;

	if (!sp || !why || !size || !wav_is(buf, len))
		return EINVAL;

	err = read_chunks(&w, buf + HEADER, len - HEADER, why, size);
	if (err)
		return err;

	err = sound_begin(&s, w.srate);
	if (!err)
		err = add_samples(s, &w);

	if (err == ENOTSUP)
		(void)re_snprintf(why, size, "a rate of %u Hz (8000 to 96000"
				  " are taken)", w.srate);
	else if (err == EFBIG)
		(void)re_snprintf(why, size, "longer than %u minutes",
				  SOUND_TIME_MAX / 60);

	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}
