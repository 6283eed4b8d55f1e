/**
 * @file fuzz_opusfmtp.c  Format parameters of Opus
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "audio/opus_fmtp.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static bool is_same(const struct opus_fmtp *a, const struct opus_fmtp *b)
{
	return a->playback == b->playback && a->bitrate == b->bitrate &&
		a->fec == b->fec && a->dtx == b->dtx && a->cbr == b->cbr;
}


/* Whatever is stated is within the ranges of RFC 7587, 6.1 */
static void check(const struct opus_fmtp *f)
{
	if (f->playback && (f->playback < 8000 || f->playback > 48000))
		abort();
	if (f->bitrate && (f->bitrate < 6000 || f->bitrate > 510000))
		abort();
}


/* What we state of it is read as the same again */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct opus_fmtp f, g;
	char str[256], own[256];

	size = min(size, sizeof(str) - 1);
	if (size)
		memcpy(str, data, size);
	str[size] = '\0';

	opus_fmtp_decode(&f, str);
	check(&f);

	if (re_snprintf(own, sizeof(own), "%H", opus_fmtp_print, &f) <= 0)
		abort();

	opus_fmtp_decode(&g, own);
	if (!is_same(&f, &g))
		abort();

	return 0;
}
