/**
 * @file fuzz_sound.c  Files of music: WAV, Ogg Opus
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "audio/sound.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sound *s = NULL;
	int16_t v[1024];
	char why[128];
	int err;

	err = sound_decode(&s, data, size, why, sizeof(why));

	/* who has it wrong is told so */
	if (err && (s || !why[0]))
		abort();

	if (err)
		return 0;

	if (!sound_ms(s) && sound_read(s, 0, v, 1024, false) == 0)
		abort();
	if (sound_ms(s) > SOUND_TIME_MAX * 1000 ||
	    sound_read(s, 77, v, 1024, true) != 1024)
		abort();

	mem_deref(s);

	return 0;
}
