/**
 * @file audio/tone.c  Tones: the soft one of hold, those of networks
 */
#include <math.h>
#include <string.h>
#include <re.h>
#include "sound.h"


enum {
	SRATE    = 8000,        /**< Enough for tones [Hz]                 */
	CHUNK    = 80,          /**< Samples made at once: 10 ms           */
	HOLD_DB  = -26,         /**< The soft tone [dBm0]                  */
	HOLD_RAMP = 120,        /**< It comes and goes in [ms]             */
	SPEC_DB  = -13,         /**< Tones of networks [dBm0]              */
	SPEC_RAMP = 5,          /**< ... come and go in [ms]               */
};

#define FULL 22800.0            /* Peak of a sine at 0 dBm0 (G.711) */


/* From nothing to all and back, without a click */
static double shape(size_t i, size_t n, size_t ramp)
{
	const size_t k = min(i, n - i);

	ramp = min(ramp, n / 2);

	return k >= ramp ? 1.0 : 0.5 - 0.5 * cos(M_PI * (double)k /
						 (double)ramp);
}


static int add_part(struct sound *s, const struct sound_part *p, double amp,
		    size_t ramp)
{
	const size_t n = (size_t)p->ms * (SRATE / 1000);
	const double a = p->hzv[0] && p->hzv[1] ? amp / 2 : amp;
	int16_t v[CHUNK];
	size_t i, k, j;
	int err = 0;

	for (i=0; i<n && !err; i+=k) {

		k = min(n - i, (size_t)CHUNK);

		for (j=0; j<k; j++) {

			const double t = 2 * M_PI * (double)(i + j) / SRATE;

			/* a sine of 0 Hz is silence */
			v[j] = (int16_t)lrint(a * shape(i + j, n, ramp) *
					      (sin(t * p->hzv[0]) +
					       sin(t * p->hzv[1])));
		}

		err = sound_add(s, v, k);
	}

	return err;
}


/**
 * Make a tone of parts, one after the other
 *
 * @param sp    Sound (output), at its end
 * @param partv Parts
 * @param partc Number of parts
 * @param dbm0  How loud [dBm0], 3 at most
 * @param ramp  Each part comes and goes in so long [ms]
 *
 * @return 0 if success, EINVAL for bad arguments, otherwise as of sound_add()
 */
int sound_tones(struct sound **sp, const struct sound_part *partv,
		size_t partc, double dbm0, uint32_t ramp)
{
	const double amp = FULL * pow(10, dbm0 / 20);
	struct sound *s;
	size_t i;
	int err;

	if (!sp || !partv || !partc || dbm0 > 3)
		return EINVAL;

	err = sound_begin(&s, SRATE);
	if (err)
		return err;

	for (i=0; i<partc && !err; i++)
		err = add_part(s, &partv[i], amp,
			       (size_t)ramp * (SRATE / 1000));

	if (!err)
		err = sound_end(s);

	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


/**
 * Make what is heard on hold where no music is configured: two soft notes,
 * and a rest
 *
 * @param sp Sound (output), to be looped
 *
 * @return 0 if success, otherwise errorcode
 */
int sound_hold_tone(struct sound **sp)
{
	static const struct sound_part partv[] = {
		{{440, 0}, 600}, {{554, 0}, 900}, {{0, 0}, 2500},
	};

	return sound_tones(sp, partv, ARRAY_SIZE(partv), HOLD_DB, HOLD_RAMP);
}


/**
 * Make a tone as it is written
 *
 * @param sp   Sound (output), to be looped
 * @param spec Tone
 *
 * @return 0 if success, EINVAL if it is none, otherwise as of sound_tones()
 */
int sound_spec(struct sound **sp, const char *spec)
{
	struct sound_part partv[SOUND_PART_MAX];
	struct pl pl;
	size_t n;
	int err;

	pl_set_str(&pl, spec);

	err = sound_spec_parse(partv, &n, &pl);

	return err ? err : sound_tones(sp, partv, n, SPEC_DB, SPEC_RAMP);
}
