/**
 * @file test_h264_rtp.c  H.264: NAL units into RTP payloads and back
 */
#include "h264_rtp_rig.h"


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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_round_trip, teardown),
		cmocka_unit_test_teardown(test_pack, teardown),
		cmocka_unit_test(test_pack_error),
		cmocka_unit_test(test_pack_ps), cmocka_unit_test(test_stap),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
