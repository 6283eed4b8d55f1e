/**
 * @file fuzz_g729.c  G.729 decoder, fed with packets of any length
 *
 * The input is a row of packets, each with a length byte before it; 255
 * stands for one that was lost.
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include <rem_au.h>
#include <baresip.h>
#include "g729/g729.h"


enum {
	ROOM = 12 * G729_SAMPC,
	LOST = 255,
};


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void conceal(struct audec_state *dec)
{
	int16_t sampv[ROOM];
	size_t n = ROOM;

	if (g729_conceal(dec, AUFMT_S16LE, sampv, &n, NULL, 0) ||
	    !n || n > ROOM || n % G729_SAMPC)
		abort();
}


static void decode(struct audec_state *dec, const uint8_t *data, size_t len)
{
	const size_t want = (len + G729_SPEECH - 1) / G729_SPEECH *
		G729_SAMPC;
	const size_t rest = len % G729_SPEECH;
	int16_t sampv[ROOM];
	size_t n = ROOM;
	uint8_t *buf;
	int err;

	/* ASan sees what is read behind the packet */
	buf = malloc(len ? len : 1);
	if (!buf)
		return;
	memcpy(buf, data, len);

	err = g729_decode(dec, AUFMT_S16LE, sampv, &n, false, buf, len);
	free(buf);

	if (!len || (rest && rest != G729_SID)) {
		if (err != EBADMSG)
			abort();
	}
	else if (want > ROOM) {
		if (err != EOVERFLOW)
			abort();
	}
	else if (err || n != want) {
		abort();
	}
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct g729 g729 = {.annexb = true};
	struct audec_state *dec = NULL;

	if (g729_decode_update(&dec, &g729.ac, NULL))
		return 0;

	while (size) {

		const uint8_t ctl = *data;
		size_t len;

		++data;
		--size;

		if (ctl == LOST) {
			conceal(dec);
			continue;
		}

		len = min((size_t)ctl, size);
		decode(dec, data, len);

		data += len;
		size -= len;
	}

	mem_deref(dec);

	return 0;
}
