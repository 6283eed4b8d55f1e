/**
 * @file test_h264_rtp.c  H.264: NAL units into RTP payloads and back
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


/* as many as needed, none longer than allowed, all of about one size */
static void check_sizes(size_t len, size_t max)
{
	const size_t room = max - 2;
	size_t i, small = SIZE_MAX, large = 0;

	assert_int_equal(wire.c, (len - 1 + room - 1) / room);

	for (i = 0; i < wire.c; i++) {
		small = MIN(small, wire.v[i].len);
		large = MAX(large, wire.v[i].len);

		assert_int_equal(wire.v[i].buf[0], 0x7c);
		assert_int_equal(wire.v[i].buf[1], 5 | (i ? 0 : 0x80) |
				 (i == wire.c - 1 ? 0x40 : 0));
		assert_int_equal(wire.v[i].marker, i == wire.c - 1);
	}

	assert_true(large <= max);
	assert_true(large - small <= 1);
}


static void round_trip(struct h264_unpack *u, uint16_t *seq, size_t len,
		       unsigned mode, size_t max)
{
	static struct seen seen;
	size_t i;

	memset(&seen, 0, sizeof(seen));
	assert_int_equal(h264_pack(nal, len, mode, max, true, payload_h,
				   NULL), 0);

	if (mode == 0 || len <= max) {
		assert_int_equal(wire.c, 1);
		assert_int_equal(wire.v[0].len, len);
		assert_true(wire.v[0].marker);
	}
	else
		check_sizes(len, max);

	for (i = 0; i < wire.c; i++) {
		assert_int_equal(seen.c, 0);
		assert_int_equal(put(u, &seen, i, (*seq)++), 0);
	}

	assert_int_equal(seen.c, 1);
	assert_int_equal(seen.len, len);
	assert_true(seen.marker);
	assert_memory_equal(seen.buf, nal, len);
	wire_flush();
}


static void test_round_trip(void **state)
{
	struct h264_unpack u;
	uint16_t seq = 0;
	size_t len;
	(void)state;

	memset(&u, 0, sizeof(u));

	for (len = 1; len <= NAL_SIZE; len++) {
		round_trip(&u, &seq, len, 1, 1200);
		round_trip(&u, &seq, len, 0, 1200);
		round_trip(&u, &seq, len, 1, 100 + len % 301);
	}

	for (len = 1; len <= 60; len++) {
		size_t max;

		for (max = 3; max <= 61; max++)
			round_trip(&u, &seq, len, 1, max);
	}

	h264_unpack_reset(&u);
}


static void test_pack(void **state)
{
	size_t i;
	(void)state;

	/* no marker unless it is the last one */
	assert_int_equal(h264_pack(nal, 3000, 1, 1200, false, payload_h,
				   NULL), 0);
	assert_int_equal(wire.c, 3);
	for (i = 0; i < wire.c; i++)
		assert_false(wire.v[i].marker);
	wire_flush();

	/* fragments are no longer than a packet */
	assert_int_equal(h264_pack(nal, NAL_SIZE, 1, 4000, true, payload_h,
				   NULL), 0);
	assert_int_equal(wire.c, 4);
	for (i = 0; i < wire.c; i++)
		assert_true(wire.v[i].len <= VIDEO_PKT_MAX);
	wire_flush();

	assert_int_equal(h264_pack(NULL, 1, 1, 9, true, payload_h, NULL),
			 EINVAL);
	assert_int_equal(h264_pack(nal, 0, 1, 9, true, payload_h, NULL),
			 EINVAL);
	assert_int_equal(h264_pack(nal, 9, 1, 2, true, payload_h, NULL),
			 EINVAL);
	assert_int_equal(h264_pack(nal, 9, 1, 9, true, NULL, NULL), EINVAL);
	assert_int_equal(h264_pack((uint8_t *)"\x78\0", 2, 1, 9, true,
				   payload_h, NULL), EINVAL);
	assert_int_equal(h264_pack(nal, 9, 2, 9, true, payload_h, NULL),
			 ENOTSUP);
	assert_int_equal(wire.c, 0);
}


static int refuse_h(const uint8_t *buf, size_t len, bool marker, void *arg)
{
	unsigned *c = arg;
	(void)buf;
	(void)len;
	(void)marker;

	return ++*c == 2 ? ENOBUFS : 0;
}


static void test_pack_error(void **state)
{
	unsigned c = 0;
	(void)state;

	assert_int_equal(h264_pack(nal, 3000, 1, 500, true, refuse_h, &c),
			 ENOBUFS);
	assert_int_equal(c, 2);
}


static void test_pack_ps(void **state)
{
	const uint8_t sps[] = {0x27, 0x42, 0xc0}, pps[] = {0x68, 0xce};
	uint8_t buf[16];
	size_t len = 0;
	(void)state;

	assert_int_equal(h264_pack_ps(buf, 10, &len, sps, 3, pps, 2), 0);
	assert_int_equal(len, 10);
	assert_memory_equal(buf, "\x78\0\3\x27\x42\xc0\0\2\x68\xce", 10);

	assert_int_equal(h264_pack_ps(buf, 9, &len, sps, 3, pps, 2),
			 EOVERFLOW);
	assert_int_equal(h264_pack_ps(buf, SIZE_MAX, &len, sps, 65536, pps,
				      2), EOVERFLOW);
	assert_int_equal(h264_pack_ps(buf, 16, &len, sps, 0, pps, 2), EINVAL);
	assert_int_equal(h264_pack_ps(buf, 16, &len, sps, 3, NULL, 2),
			 EINVAL);
	assert_int_equal(h264_pack_ps(NULL, 16, &len, sps, 3, pps, 2),
			 EINVAL);
}


static void test_stap(void **state)
{
	struct h264_unpack u;
	struct seen seen;
	const uint8_t sps[] = {0x67, 0x42, 0xc0}, pps[] = {0x68, 0xce};
	uint8_t buf[16];
	size_t len;
	(void)state;

	memset(&u, 0, sizeof(u));
	memset(&seen, 0, sizeof(seen));

	/* the marker is the last one's */
	assert_int_equal(h264_pack_ps(buf, 16, &len, sps, 3, pps, 2), 0);
	assert_int_equal(h264_unpack(&u, true, 1, buf, len, nal_h, &seen), 0);
	assert_int_equal(seen.c, 2);
	assert_int_equal(seen.markers, 1);
	assert_true(seen.marker);
	assert_int_equal(seen.len, 2);
	assert_memory_equal(seen.buf, pps, 2);

	/* the handler's error ends it */
	seen.err = ENOSPC;
	assert_int_equal(h264_unpack(&u, true, 2, buf, len, nal_h, &seen),
			 ENOSPC);
	assert_int_equal(seen.c, 3);
	assert_memory_equal(seen.buf, sps, 3);
	seen.err = 0;

	/* all or nothing */
	assert_int_equal(h264_unpack(&u, true, 3, buf, len - 1, nal_h, &seen),
			 EBADMSG);
	assert_int_equal(PUT(4, "\x78"), EBADMSG);
	assert_int_equal(PUT(5, "\x78\0\1\x67\0\0"), EBADMSG);
	assert_int_equal(PUT(6, "\x78\0\1\x67\0\1\x78"), EBADMSG);
	assert_int_equal(PUT(7, "\x78\0\1\x67\0\2\x68"), EBADMSG);
	assert_int_equal(seen.c, 3);

	h264_unpack_reset(&u);
}


static void test_bad(void **state)
{
	struct h264_unpack u;
	struct seen seen;
	(void)state;

	memset(&u, 0, sizeof(u));
	memset(&seen, 0, sizeof(seen));

	assert_int_equal(PUT(1, ""), EBADMSG);
	assert_int_equal(PUT(2, "\x60\1"), EBADMSG);
	assert_int_equal(PUT(3, "\x7e\1"), EBADMSG);
	assert_int_equal(PUT(4, "\x79\0\0\0\1\x65"), ENOTSUP);
	assert_int_equal(PUT(5, "\x7d\x85\0\0\1"), ENOTSUP);
	assert_int_equal(PUT(6, "\x7c"), EBADMSG);
	assert_int_equal(PUT(7, "\x7c\x85"), EBADMSG);
	assert_int_equal(PUT(8, "\x7c\x9c\1"), EBADMSG);
	assert_int_equal(h264_unpack(NULL, false, 0, nal, 1, nal_h, &seen),
			 EINVAL);
	assert_int_equal(h264_unpack(&u, false, 0, NULL, 1, nal_h, &seen),
			 EINVAL);
	assert_int_equal(h264_unpack(&u, false, 0, nal, 1, NULL, &seen),
			 EINVAL);
	assert_int_equal(seen.c, 0);
	h264_unpack_reset(NULL);
	h264_unpack_reset(&u);
}


/* without one fragment, whichever, and with two of them swapped */
static void test_loss(void **state)
{
	struct h264_unpack u;
	struct seen seen;
	size_t lost, i;
	uint16_t seq = 65530;
	(void)state;

	memset(&u, 0, sizeof(u));
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(h264_pack(nal, 4000, 1, 1000, true, payload_h, NULL),
			 0);
	assert_int_equal(wire.c, 5);

	for (lost = 0; lost < wire.c; lost++) {

		int err = 0;

		for (i = 0; i < wire.c; i++, seq++) {
			if (i == lost)
				continue;
			if (put(&u, &seen, i, seq) == EPROTO)
				err = EPROTO;
		}

		/* that the end is missing shows in the next packet */
		assert_int_equal(err, lost == wire.c - 1 ? 0 : EPROTO);
		assert_int_equal(seen.c, lost);
		assert_int_equal(PUT(seq++, "\x41\1"),
				 lost == wire.c - 1 ? EPROTO : 0);
		assert_int_equal(seen.c, lost + 1);
		assert_int_equal(seen.len, 2);
	}

	seen.c = 0;
	(void)put(&u, &seen, 0, seq);
	assert_int_equal(put(&u, &seen, 2, seq + 2), EPROTO);
	assert_int_equal(put(&u, &seen, 1, seq + 1), EPROTO);
	assert_int_equal(put(&u, &seen, 3, seq + 3), EPROTO);
	assert_int_equal(put(&u, &seen, 4, seq + 4), EPROTO);
	assert_int_equal(seen.c, 0);

	h264_unpack_reset(&u);
}


static void test_fragments(void **state)
{
	struct h264_unpack u;
	struct seen seen;
	(void)state;

	memset(&u, 0, sizeof(u));
	memset(&seen, 0, sizeof(seen));

	/* a start where the end of another one is missing */
	assert_int_equal(PUT(1, "\x7c\x85" "abc"), 0);
	assert_int_equal(PUT(2, "\x5c\x81" "def"), EPROTO);
	assert_int_equal(PUT(3, "\x5c\x41" "ghi"), 0);
	assert_int_equal(seen.c, 1);
	assert_int_equal(seen.len, 7);
	assert_memory_equal(seen.buf, "\x41" "defghi", 7);

	/* start and end in one, which nobody should send */
	assert_int_equal(PUT(4, "\x7c\xc5" "xyz"), 0);
	assert_int_equal(seen.c, 2);
	assert_memory_equal(seen.buf, "\x65xyz", 4);

	/* what comes twice, first, in the middle, last, and whole */
	assert_int_equal(PUT(5, "\x7c\x85" "a"), 0);
	assert_int_equal(PUT(5, "\x7c\x85" "a"), 0);
	assert_int_equal(PUT(6, "\x7c\x05" "b"), 0);
	assert_int_equal(PUT(6, "\x7c\x05" "b"), 0);
	assert_int_equal(PUT(7, "\x7c\x45" "c"), 0);
	assert_int_equal(PUT(7, "\x7c\x45" "c"), 0);
	assert_int_equal(seen.c, 3);
	assert_memory_equal(seen.buf, "\x65" "abc", 4);
	assert_int_equal(PUT(8, "\x41\1"), 0);
	assert_int_equal(PUT(8, "\x41\1"), 0);
	assert_int_equal(seen.c, 4);

	/* a bad fragment in the middle */
	assert_int_equal(PUT(9, "\x7c\x85" "a"), 0);
	assert_int_equal(PUT(10, "\x7c\x05"), EBADMSG);
	assert_int_equal(PUT(11, "\x7c\x45" "c"), EPROTO);
	assert_int_equal(seen.c, 4);

	/* nothing is left behind a reset */
	assert_int_equal(PUT(12, "\x7c\x85" "a"), 0);
	h264_unpack_reset(&u);
	assert_null(u.mb);
	assert_int_equal(PUT(13, "\x7c\x45" "b"), EPROTO);
	assert_int_equal(seen.c, 4);
}


static int length_h(const uint8_t *buf, size_t len, bool marker, void *arg)
{
	size_t *sum = arg;
	(void)buf;
	(void)marker;

	*sum = len;

	return 0;
}


static void test_too_long(void **state)
{
	static uint8_t fu[2 + 1024];
	struct h264_unpack u;
	size_t len = 0, sent;
	uint16_t seq = 0;
	int err = 0;
	(void)state;

	memset(&u, 0, sizeof(u));
	fu[0] = 0x7c;

	/* as long as may be */
	fu[1] = 0x85;
	for (sent = 1; sent + 1024 < H264_NAL_MAX; sent += 1024) {
		assert_int_equal(h264_unpack(&u, false, seq++, fu, sizeof(fu),
					     length_h, &len), 0);
		fu[1] = 0x05;
	}
	fu[1] = 0x45;
	assert_int_equal(h264_unpack(&u, true, seq++, fu,
				     2 + H264_NAL_MAX - sent, length_h, &len),
			 0);
	assert_int_equal(len, H264_NAL_MAX);

	/* and longer */
	fu[1] = 0x85;
	for (sent = 1; !err; sent += 1024) {
		err = h264_unpack(&u, false, seq++, fu, sizeof(fu), length_h,
				  &len);
		fu[1] = 0x05;
	}
	assert_int_equal(err, EOVERFLOW);
	assert_true(sent > H264_NAL_MAX);
	fu[1] = 0x45;
	assert_int_equal(h264_unpack(&u, true, seq++, fu, sizeof(fu),
				     length_h, &len), EPROTO);
	assert_int_equal(len, H264_NAL_MAX);

	h264_unpack_reset(&u);
}


/* the buffer is made for the first fragment and kept */
static void test_buffer(void **state)
{
	struct h264_unpack u;
	struct seen seen;
	const struct mbuf *mb;
	const uint8_t *buf;
	(void)state;

	memset(&u, 0, sizeof(u));
	memset(&seen, 0, sizeof(seen));

	assert_int_equal(PUT(1, "\x41\1"), 0);
	assert_null(u.mb);
	assert_int_equal(PUT(2, "\x7c\x85" "a"), 0);
	assert_int_equal(PUT(3, "\x7c\x45" "a"), 0);
	mb  = u.mb;
	buf = mb->buf;
	assert_int_equal(PUT(4, "\x7c\x85" "a"), 0);
	assert_int_equal(PUT(5, "\x7c\x45" "a"), 0);
	assert_ptr_equal(u.mb, mb);
	assert_ptr_equal(u.mb->buf, buf);
	h264_unpack_reset(&u);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_round_trip, teardown),
		cmocka_unit_test_teardown(test_pack, teardown),
		cmocka_unit_test(test_pack_error),
		cmocka_unit_test(test_pack_ps),
		cmocka_unit_test(test_stap),
		cmocka_unit_test(test_bad),
		cmocka_unit_test_teardown(test_loss, teardown),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_buffer),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
