/**
 * @file audio/sound.c  Samples that are played, made once
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <re.h>
#include "resamp.h"
#include "sound.h"


enum {
	NARROW    = 8000,       /**< Rate of what has no more [Hz]         */
	WIDE      = 16000,      /**< ... of all else [Hz]                  */
	SRATE_MAX = 96000,      /**< Highest rate that is taken [Hz]       */
	CHUNK     = 1024,       /**< Samples resampled at once             */
	TAIL_MS   = 5,          /**< What the resampler holds back [ms]    */
};

/** Samples, mono */
struct sound {
	uint32_t srate;         /**< Sampling rate [Hz]                    */
	uint32_t from;          /**< Rate of what is added [Hz]            */
	struct resamp *rs;      /**< If that is another one, while samples
				     are added (owned)                     */
	int16_t *sampv;         /**< Samples (owned)                       */
	size_t sampc;           /**< How many                              */
	size_t size;            /**< Room for so many                      */
};


static void destructor(void *arg)
{
	struct sound *s = arg;

	mem_deref(s->rs);
	mem_deref(s->sampv);
}


/**
 * Begin a sound, empty
 *
 * @param sp    Sound (output)
 * @param srate Rate of the samples that will be added [Hz]
 *
 * @return 0 if success, ENOTSUP if it cannot be had from that rate, ENOMEM
 */
int sound_begin(struct sound **sp, uint32_t srate)
{
	struct sound *s;
	int err = 0;

	if (!sp)
		return EINVAL;
	if (srate < NARROW || srate > SRATE_MAX)
		return ENOTSUP;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	s->from  = srate;
	s->srate = srate > NARROW ? WIDE : NARROW;

	if (s->srate != srate)
		err = resamp_alloc(&s->rs, srate, s->srate);

	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


static int make_room(struct sound *s, size_t more)
{
	const size_t most = (size_t)s->srate * SOUND_TIME_MAX;
	size_t size;
	int16_t *v;

	if (s->sampc + more <= s->size)
		return 0;
	if (s->sampc + more > most)
		return EFBIG;

	size = max(s->size * 2, s->sampc + more);
	size = min(max(size, (size_t)s->srate), most);

	v = s->sampv ? mem_realloc(s->sampv, size * sizeof(*v))
		: mem_alloc(size * sizeof(*v), NULL);
	if (!v)
		return ENOMEM;

	s->sampv = v;
	s->size  = size;

	return 0;
}


static int add_chunk(struct sound *s, const int16_t *sampv, size_t sampc)
{
	size_t n = s->rs ? (size_t)((uint64_t)sampc * s->srate / s->from) + 2
		: sampc;
	int err;

	err = make_room(s, n);
	if (err)
		return err;

	if (s->rs) {
		err = resamp(s->rs, s->sampv + s->sampc, &n, sampv, sampc);
		if (err)
			return err;
	}
	else {
		memcpy(s->sampv + s->sampc, sampv, n * sizeof(*sampv));
	}

	s->sampc += n;

	return 0;
}


/**
 * Add samples to a sound that was begun
 *
 * @param s     Sound
 * @param sampv Samples
 * @param sampc Number of samples
 *
 * @return 0 if success, EINVAL for missing arguments, EFBIG if it gets longer
 *         than SOUND_TIME_MAX, ENOMEM
 */
int sound_add(struct sound *s, const int16_t *sampv, size_t sampc)
{
	int err = 0;

	if (!s || (sampc && !sampv))
		return EINVAL;

	while (sampc && !err) {

		const size_t n = min(sampc, (size_t)CHUNK);

		err = add_chunk(s, sampv, n);
		sampv += n;
		sampc -= n;
	}

	return err;
}


/**
 * A sound is complete; nothing is added any more
 *
 * @param s Sound
 *
 * @return 0 if success, ENODATA if there is nothing in it, otherwise as of
 *         sound_add()
 */
int sound_end(struct sound *s)
{
	static const int16_t zerov[SRATE_MAX / 1000 * TAIL_MS];
	int16_t *v;
	int err = 0;

	if (!s)
		return EINVAL;
	if (!s->sampc)
		return ENODATA;

	if (s->rs)
		err = sound_add(s, zerov, s->from / 1000 * TAIL_MS);
	if (err)
		return err;

	s->rs = mem_deref(s->rs);

	/* less is needed than there was room for */
	v = mem_realloc(s->sampv, s->sampc * sizeof(*v));
	if (v) {
		s->sampv = v;
		s->size  = s->sampc;
	}

	return 0;
}


/**
 * Make a sound of a file's contents: WAV, or Opus in Ogg
 *
 * @param sp   Sound (output), at its end
 * @param buf  Contents
 * @param len  Their length [bytes]
 * @param why  What is wrong with it, on error
 * @param size Size of that buffer
 *
 * @return 0 if success, otherwise errorcode
 */
int sound_decode(struct sound **sp, const uint8_t *buf, size_t len,
		 char *why, size_t size)
{
	int err = EBADMSG;

	if (!sp || !buf || !why || !size)
		return EINVAL;

	why[0] = '\0';

	if (wav_is(buf, len))
		err = wav_decode(sp, buf, len, why, size);
	else if (ogg_is(buf, len))
		err = ogg_decode(sp, buf, len, why, size);
	else
		(void)re_snprintf(why, size, "neither WAV nor Ogg Opus");

	if (err && !why[0])
		(void)re_snprintf(why, size, "%m", err);

	return err;
}


static int read_all(uint8_t **bufp, size_t *lenp, FILE *f, char *why,
		    size_t size)
{
	struct stat st;
	uint8_t *buf;

	/* a fifo would be waited for */
	if (fstat(fileno(f), &st))
		return errno;
	if (!S_ISREG(st.st_mode)) {
		(void)re_snprintf(why, size, "no file");
		return EINVAL;
	}
	if (st.st_size > SOUND_FILE_MAX) {
		(void)re_snprintf(why, size, "larger than %u MB",
				  SOUND_FILE_MAX >> 20);
		return EFBIG;
	}

	buf = mem_alloc((size_t)st.st_size + 1, NULL);
	if (!buf)
		return ENOMEM;

	*lenp = fread(buf, 1, (size_t)st.st_size, f);
	if (ferror(f)) {
		mem_deref(buf);
		return EIO;
	}

	*bufp = buf;

	return 0;
}


/**
 * Make a sound of a file. It is read, and decoded, before this returns: not
 * for a moment when calls wait
 *
 * @param sp   Sound (output), at its end
 * @param file Path
 * @param why  What is wrong with it, on error
 * @param size Size of that buffer
 *
 * @return 0 if success, otherwise errorcode
 */
int sound_load(struct sound **sp, const char *file, char *why, size_t size)
{
	uint8_t *buf = NULL;
	size_t len = 0;
	FILE *f;
	int err;

	if (!sp || !file || !why || !size)
		return EINVAL;

	why[0] = '\0';

	f = fopen(file, "rbe");
	if (!f) {
		err = errno;
		goto out;
	}

	err = read_all(&buf, &len, f, why, size);
	(void)fclose(f);

	if (!err)
		err = sound_decode(sp, buf, len, why, size);

 out:
	mem_deref(buf);

	if (err && !why[0])
		(void)re_snprintf(why, size, "%m", err);

	return err;
}


/**
 * Read samples of a sound
 *
 * @param s     Sound, at its end
 * @param pos   Of the first one, from 0
 * @param sampv Samples (output)
 * @param sampc How many are wanted
 * @param loop  It begins anew when it is over
 *
 * @return How many there are; fewer than wanted if it is over
 */
size_t sound_read(const struct sound *s, size_t pos, int16_t *sampv,
		  size_t sampc, bool loop)
{
	size_t n = 0;

	if (!s || !sampv || !s->sampc)
		return 0;

	if (loop)
		pos %= s->sampc;

	while (n < sampc && pos < s->sampc) {

		const size_t k = min(sampc - n, s->sampc - pos);

		memcpy(sampv + n, s->sampv + pos, k * sizeof(*sampv));
		n   += k;
		pos += k;

		if (loop && pos >= s->sampc)
			pos = 0;
	}

	return n;
}


/**
 * Get the sampling rate of a sound
 *
 * @param s Sound
 *
 * @return Sampling rate [Hz]
 */
uint32_t sound_srate(const struct sound *s)
{
	return s ? s->srate : 0;
}


/**
 * Get the length of a sound
 *
 * @param s Sound
 *
 * @return Length [ms]
 */
uint32_t sound_ms(const struct sound *s)
{
	return s ? (uint32_t)((uint64_t)s->sampc * 1000 / s->srate) : 0;
}
