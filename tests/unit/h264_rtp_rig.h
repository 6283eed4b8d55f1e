/**
 * @file h264_rtp_rig.h  NAL units, packed and unpacked
 */
#include <stdlib.h>
#include "testutil.h"
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "video/video.h"
#include "video/payload/h264.h"


enum {
	NAL_SIZE = 5000,
	PKT_MAX  = 4096,
};

/** Payloads on their way from h264_pack() to h264_unpack() */
struct wire {
	struct {
		uint8_t *buf;           /**< Of its very size (owner)      */
		size_t len;
		bool marker;
	} v[PKT_MAX];
	size_t c;
};

/** What h264_unpack() handed out */
struct seen {
	uint8_t buf[NAL_SIZE];          /**< The last one                  */
	size_t len;
	bool marker;
	unsigned c;                     /**< Number of NAL units           */
	unsigned markers;
	int err;                        /**< To return                     */
};


static struct wire wire;
static uint8_t nal[NAL_SIZE];


static void wire_flush(void)
{
	while (wire.c)
		free(wire.v[--wire.c].buf);
}


static int payload_h(const uint8_t *buf, size_t len, bool marker, void *arg)
{
	uint8_t *copy = malloc(len);
	(void)arg;

	assert_non_null(copy);
	assert_true(wire.c < PKT_MAX);
	memcpy(copy, buf, len);
	wire.v[wire.c].buf = copy;
	wire.v[wire.c].len = len;
	wire.v[wire.c].marker = marker;
	++wire.c;

	return 0;
}


static int nal_h(const uint8_t *buf, size_t len, bool marker, void *arg)
{
	struct seen *seen = arg;

	assert_true(len <= sizeof(seen->buf));
	memcpy(seen->buf, buf, len);
	seen->len    = len;
	seen->marker = marker;
	++seen->c;
	seen->markers += marker;

	return seen->err;
}


static int setup(void **state)
{
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(nal); i++)
		nal[i] = (uint8_t)(i * 7 + i / 251);
	nal[0] = 0x65;

	return 0;
}


static int teardown(void **state)
{
	(void)state;

	wire_flush();

	return 0;
}


static int put(struct h264_unpack *u, struct seen *seen, size_t i,
	       uint16_t seq)
{
	return h264_unpack(u, wire.v[i].marker, seq, wire.v[i].buf,
			   wire.v[i].len, nal_h, seen);
}


static int put_raw(struct h264_unpack *u, struct seen *seen, uint16_t seq,
		   const char *buf, size_t len)
{
	return h264_unpack(u, false, seq, (const uint8_t *)buf, len, nal_h,
			   seen);
}


#define PUT(seq, str) put_raw(&u, &seen, seq, str, sizeof(str) - 1)
