/**
 * @file test_h264_rtp_bad.c  H.264: RTP payloads that are lost, wrong, or too long
 */
#include "h264_rtp_rig.h"


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
		cmocka_unit_test(test_bad),
		cmocka_unit_test_teardown(test_loss, teardown),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_buffer),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
