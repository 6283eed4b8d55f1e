/**
 * @file test_vpay_ids.c  Video payloads: their picture ids
 */
#include <stdlib.h>
#include "testutil.h"
#include "audio/audio.h"
#include "video/video.h"
#include "video/payload/vpay.h"
#include "video/payload/h264.h"

/* frame header of a keyframe of 176x144 */
#define VP8_KEY   0xb0, 0x43, 0x00, 0x9d, 0x01, 0x2a, 0xb0, 0x00, 0x90, 0x00, \
		  0x00, 0x70
#define VP9_INTER 0x86, 0x00, 0x40, 0x92


/* --- picture ids -------------------------------------------------------- */

struct idpkt {
	uint8_t buf[6];
	size_t len;
};


static struct idpkt make(uint16_t picid, bool long_id, uint8_t tl0)
{
	struct idpkt p = {.buf = {0x90, 0xc0}, .len = 2};

	if (long_id)
		p.buf[p.len++] = 0x80 | picid >> 8;
	p.buf[p.len++] = picid & (long_id ? 0xff : 0x7f);
	p.buf[p.len++] = tl0;
	p.buf[p.len++] = 0x01;

	return p;
}


static void check_ids(struct vpay_ids *ids, struct idpkt in, int picid,
		      int tl0)
{
	struct vpay vp;
	const uint8_t first = in.buf[0];

	assert_int_equal(vpay_parse(&vp, VIDEO_VP8, in.buf, in.len), 0);
	vpay_ids_rewrite(ids, VIDEO_VP8, in.buf, in.len, &vp);
	assert_int_equal(vpay_parse(&vp, VIDEO_VP8, in.buf, in.len), 0);
	assert_int_equal(vp.picid, picid);
	assert_int_equal(vp.tl0picidx, tl0);
	assert_int_equal(in.buf[0], first);
	assert_int_equal(in.buf[in.len - 1], 0x01);
}


static void test_ids(void **state)
{
	struct vpay_ids ids;
	(void)state;

	memset(&ids, 0, sizeof(ids));

	/* a first source is left as it is, wrap-around included, also when
	   the first packet is told to be that of a new source */
	vpay_ids_resync(&ids);
	check_ids(&ids, make(0x7ffe, true, 254), 0x7ffe, 254);
	check_ids(&ids, make(0x7fff, true, 255), 0x7fff, 255);
	check_ids(&ids, make(0, true, 0), 0, 0);
	check_ids(&ids, make(2, true, 1), 2, 1);
	check_ids(&ids, make(1, true, 1), 1, 1);

	/* the next one goes on */
	vpay_ids_resync(&ids);
	check_ids(&ids, make(0x4000, true, 100), 3, 2);
	check_ids(&ids, make(0x4000, true, 100), 3, 2);
	check_ids(&ids, make(0x4003, true, 102), 6, 4);

	/* late, and lost ones stay a gap */
	check_ids(&ids, make(0x4001, true, 100), 4, 2);
	check_ids(&ids, make(0x4004, true, 102), 7, 4);

	/* back to the first; from behind the highest, not the last */
	check_ids(&ids, make(0x4002, true, 101), 5, 3);
	vpay_ids_resync(&ids);
	check_ids(&ids, make(10, true, 7), 8, 5);

	/* nearly half the range is ahead, and so is what is behind */
	check_ids(&ids, make(10 + 0x3fff, true, 7 + 127), 8 + 0x3fff, 5 + 127);
	check_ids(&ids, make(10, true, 7), 8, 5);
	vpay_ids_resync(&ids);
	check_ids(&ids, make(0, true, 0), 8 + 0x4000, 5 + 128);
}


static void test_ids_short(void **state)
{
	struct vpay_ids ids;
	(void)state;

	memset(&ids, 0, sizeof(ids));

	check_ids(&ids, make(126, false, 0), 126, 0);
	check_ids(&ids, make(127, false, 0), 127, 0);
	check_ids(&ids, make(0, false, 0), 0, 0);

	vpay_ids_resync(&ids);
	check_ids(&ids, make(100, false, 0), 1, 1);

	/* long ones after short ones: 7 bits of it are the same */
	vpay_ids_resync(&ids);
	check_ids(&ids, make(0x3000, true, 0), 130, 2);
	check_ids(&ids, make(0x3001, true, 0), 131, 2);

	/* and short again */
	vpay_ids_resync(&ids);
	check_ids(&ids, make(50, false, 0), 132 & 0x7f, 3);
	check_ids(&ids, make(51, false, 0), 133 & 0x7f, 3);

	/* a sender goes over from 7 to 15 bits */
	check_ids(&ids, make(127, false, 0), 209 & 0x7f, 3);
	check_ids(&ids, make(128, true, 0), 210, 3);
	vpay_ids_resync(&ids);
	check_ids(&ids, make(9, true, 0), 211, 4);
}


static void test_ids_wrap(void **state)
{
	struct vpay_ids ids;
	unsigned i;
	(void)state;

	memset(&ids, 0, sizeof(ids));

	/* sources that change all the time, through several wraps */
	for (i = 0; i < 100000; i++) {
		if (i % 7 == 0)
			vpay_ids_resync(&ids);

		check_ids(&ids, make((i + i / 7 * 1234) & 0x7fff, true,
				     (uint8_t)(i + i / 7 * 55)),
			  i & 0x7fff, i & 0xff);
	}
}


static void test_ids_none(void **state)
{
	struct vpay_ids ids;
	uint8_t h264[] = {0x65, 0x88, 1, 2}, vp8[] = {0x10, VP8_KEY};
	uint8_t vp9[] = {0xe8, 0x12, 0x00, 0x57, VP9_INTER};
	uint8_t copy[sizeof(vp8)];
	struct vpay vp;
	(void)state;

	memset(&ids, 0, sizeof(ids));
	memcpy(copy, vp8, sizeof(vp8));

	assert_int_equal(vpay_parse(&vp, VIDEO_H264, h264, 4), 0);
	vpay_ids_rewrite(&ids, VIDEO_H264, h264, 4, &vp);
	assert_memory_equal(h264, "\x65\x88\x01\x02", 4);

	assert_int_equal(vpay_parse(&vp, VIDEO_VP8, vp8, sizeof(vp8)), 0);
	vpay_ids_rewrite(&ids, VIDEO_VP8, vp8, sizeof(vp8), &vp);
	assert_memory_equal(vp8, copy, sizeof(vp8));

	/* a source without ids does not end the wait for the next one's */
	check_ids(&ids, make(5, true, 5), 5, 5);
	vpay_ids_resync(&ids);
	vpay_ids_rewrite(&ids, VIDEO_VP8, vp8, sizeof(vp8), &vp);
	check_ids(&ids, make(500, true, 50), 6, 6);

	/* VP9 has them elsewhere, nothing else is touched */
	vpay_ids_resync(&ids);
	assert_int_equal(vpay_parse(&vp, VIDEO_VP9, vp9, sizeof(vp9)), 0);
	vpay_ids_rewrite(&ids, VIDEO_VP9, vp9, sizeof(vp9), &vp);
	assert_memory_equal(vp9, "\xe8\x07\x00\x07\x86\x00\x40\x92", 8);

	vpay_ids_resync(NULL);
	vpay_ids_rewrite(NULL, VIDEO_VP9, vp9, sizeof(vp9), &vp);
	vpay_ids_rewrite(&ids, VIDEO_VP9, NULL, sizeof(vp9), &vp);
	vpay_ids_rewrite(&ids, VIDEO_VP9, vp9, sizeof(vp9), NULL);
	vpay_ids_rewrite(&ids, VIDEO_VP9, vp9, 1, &vp);
	assert_memory_equal(vp9, "\xe8\x07\x00\x07\x86\x00\x40\x92", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids), cmocka_unit_test(test_ids_short),
		cmocka_unit_test(test_ids_wrap),
		cmocka_unit_test(test_ids_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
