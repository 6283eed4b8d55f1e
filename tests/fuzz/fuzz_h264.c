/**
 * @file fuzz_h264.c  H.264: format parameters, parameter sets, payloads
 *
 * The first byte tells what the rest is: 0 format parameters, 1 an SPS, 2 or
 * more payloads. Of these each has a control byte (1 marker, 2 one before it
 * was lost) and its length (one byte) in front.
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "video/payload/h264.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/** A NAL unit that is put together again */
struct whole {
	const uint8_t *nal;
	size_t len;
	struct h264_unpack u;
	uint16_t seq;
	unsigned c;
};


/* what is printed reads the same */
static void fuzz_fmtp(const uint8_t *data, size_t size)
{
	char *str = malloc(size + 1), again[4096];
	struct h264_fmtp f, g;

	if (!str)
		abort();

	memcpy(str, data, size);
	str[size] = '\0';

	if (!h264_fmtp_decode(&f, str)) {

		if (re_snprintf(again, sizeof(again), "%H", h264_fmtp_print,
				&f) < 0)
			abort();

		if (h264_fmtp_decode(&g, again))
			abort();

		/* one of them alone is not printed */
		if (!f.spslen || !f.ppslen) {
			memset(f.sps, 0, sizeof(f.sps));
			memset(f.pps, 0, sizeof(f.pps));
			f.spslen = f.ppslen = 0;
		}

		if (f.profile != g.profile || f.iop != g.iop ||
		    f.level != g.level || f.mode != g.mode ||
		    f.asymmetry != g.asymmetry || f.max_mbps != g.max_mbps ||
		    f.max_fs != g.max_fs || f.max_br != g.max_br ||
		    f.spslen != g.spslen || f.ppslen != g.ppslen ||
		    memcmp(f.sps, g.sps, sizeof(f.sps)) ||
		    memcmp(f.pps, g.pps, sizeof(f.pps)))
			abort();
	}

	free(str);
}


static void fuzz_sps(const uint8_t *data, size_t size)
{
	struct h264_spsinfo sps;
	uint8_t *nal = malloc(size + 1);

	if (!nal)
		abort();

	nal[0] = 0x67;
	memcpy(nal + 1, data, size);

	if (!h264_spsinfo_decode(&sps, nal, size + 1) &&
	    (!sps.width || !sps.height || sps.width > 16880 ||
	     sps.height > 2 * 16880))
		abort();

	free(nal);
}


static int whole_h(const uint8_t *nal, size_t len, bool marker, void *arg)
{
	struct whole *w = arg;

	if (!marker || len != w->len || memcmp(nal, w->nal, len))
		abort();

	++w->c;

	return 0;
}


static int payload_h(const uint8_t *buf, size_t len, bool marker, void *arg)
{
	struct whole *w = arg;

	if (h264_unpack(&w->u, marker, w->seq++, buf, len, whole_h, w))
		abort();

	return 0;
}


/* any NAL unit that comes out goes through small packets and back */
static int nal_h(const uint8_t *nal, size_t len, bool marker, void *arg)
{
	struct whole w = {.nal = nal, .len = len};
	(void)marker;
	(void)arg;

	if (!len || !h264_is_nal(h264_type(nal[0])))
		abort();

	if (h264_pack(nal, len, 1, 3 + len % 50, true, payload_h, &w) ||
	    w.c != 1)
		abort();

	h264_unpack_reset(&w.u);

	return 0;
}


static void fuzz_unpack(const uint8_t *data, size_t size)
{
	struct h264_unpack u;
	uint16_t seq = 65530;

	memset(&u, 0, sizeof(u));

	while (size >= 2) {

		const size_t len = min(data[1], size - 2);
		uint8_t *buf = malloc(len ? len : 1);

		if (!buf)
			abort();
		memcpy(buf, data + 2, len);

		seq += data[0] & 2 ? 2 : 1;
		(void)h264_unpack(&u, data[0] & 1, seq, buf, len, nal_h, NULL);

		free(buf);
		data += 2 + len;
		size -= 2 + len;
	}

	h264_unpack_reset(&u);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;

	switch (data[0]) {

	case 0:  fuzz_fmtp(data + 1, size - 1);   break;
	case 1:  fuzz_sps(data + 1, size - 1);    break;
	default: fuzz_unpack(data + 1, size - 1); break;
	}

	return 0;
}
