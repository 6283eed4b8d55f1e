/**
 * @file audio/tonespec.c  Tones of networks, as they are written
 *
 * Pure. One or two frequencies, and how long they are heard and not, once or more:
 *
 *      425:1000/4000              Brazil, most of Europe
 *      440+480:2000/4000          North America
 *      400+450:400/200/400/2000   Britain
 */
#include <string.h>
#include <re.h>
#include "sound.h"


enum {
	HZ_MIN   = 100,
	HZ_MAX   = 3400,        /* what a telephone passes on */
	MS_MAX   = 10000,
};


/* A number, and what stands behind it */
static bool read_number(struct pl *pl, uint32_t *n, uint32_t max)
{
	struct pl num = {pl->p, 0};

	while (num.l < pl->l && num.l < 6 && pl->p[num.l] >= '0' &&
	       pl->p[num.l] <= '9')
		++num.l;

	if (!num.l)
		return false;

	*n = pl_u32(&num);
	pl_advance(pl, num.l);

	return *n <= max;
}


static bool take(struct pl *pl, char c)
{
	if (!pl->l || *pl->p != c)
		return false;

	pl_advance(pl, 1);

	return true;
}


static bool read_hz(struct pl *pl, uint16_t *hz)
{
	uint32_t n;

	if (!read_number(pl, &n, HZ_MAX) || n < HZ_MIN)
		return false;

	*hz = (uint16_t)n;

	return true;
}


/**
 * Read a tone
 *
 * @param partv Parts (output), room for SOUND_PART_MAX
 * @param partc Number of parts (output)
 * @param spec  Tone
 *
 * @return 0 if success, EINVAL if it is none
 */
int sound_spec_parse(struct sound_part *partv, size_t *partc,
		     const struct pl *spec)
{
	struct sound_part tone;
	struct pl pl = *spec;
	size_t i = 0;

	memset(&tone, 0, sizeof(tone));

	if (!read_hz(&pl, &tone.hzv[0]) ||
	    (take(&pl, '+') && !read_hz(&pl, &tone.hzv[1])) ||
	    !take(&pl, ':'))
		return EINVAL;

	do {
		struct sound_part pause;

		memset(&pause, 0, sizeof(pause));

		if (i + 2 > SOUND_PART_MAX ||
		    !read_number(&pl, &tone.ms, MS_MAX) || !tone.ms ||
		    !take(&pl, '/') || !read_number(&pl, &pause.ms, MS_MAX))
			return EINVAL;

		partv[i++] = tone;
		if (pause.ms)
			partv[i++] = pause;

	} while (take(&pl, '/'));

	*partc = i;

	return pl.l ? EINVAL : 0;
}
