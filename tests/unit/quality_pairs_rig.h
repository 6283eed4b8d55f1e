/**
 * @file quality_pairs_rig.h  What tests of speech through the bridge have
 *
 * Clocks that differ by 200 ppm for half an hour are in test_audio.c
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
#include "quality_pass_rig.h"

static struct sig *speechv[COD_MAX];    /* At each codec's rate            */


static inline void speech_length(size_t seconds)
{
	enum cod i;

	for (i=0; i<COD_MAX; i++)
		speechv[i]->n = speechv[i]->srate * seconds;
}


/* How long after its last sample was spoken a packet is sent [ms]. Those
   that are marked are left out */
static inline unsigned delay_max(const struct qstream *st, const bool *leave)
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


static inline void check_same(const struct qstream *a, const struct qstream *b)
{
	size_t i;

	assert_int_equal(a->n, b->n);

	for (i=0; i<a->n; i++) {
		assert_int_equal(a->v[i].ts, b->v[i].ts);
		assert_int_equal(a->v[i].len, b->v[i].len);
		assert_memory_equal(a->v[i].buf, b->v[i].buf, a->v[i].len);
	}
}
