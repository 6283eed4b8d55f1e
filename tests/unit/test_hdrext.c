/**
 * @file test_hdrext.c  RTP header extensions
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "rtp/rtp.h"
#include "video/rtp/hdrext.h"


/* A packet whose extension block is given; its length */
static size_t build(uint8_t *buf, uint16_t profile, const uint8_t *ext,
		    size_t words)
{
	size_t n = rtp_hdr_write(buf, true, 100, 1, 2, 3);

	buf[0] |= 0x10;
	rtp_put16(buf + n, profile);
	rtp_put16(buf + n + 2, (uint16_t)words);
	if (words)
		memcpy(buf + n + 4, ext, 4 * words);
	memset(buf + n + 4 + 4*words, 0x55, 5);

	return n + 4 + 4*words + 5;
}


static const uint8_t *find(struct rtp_pkt *rp, uint16_t profile,
			   const uint8_t *ext, size_t words, uint8_t id,
			   size_t *len)
{
	static uint8_t buf[128];

	assert_int_equal(rtp_pkt_parse(rp, buf, build(buf, profile, ext,
						      words)), 0);

	return hdrext_find(rp, id, len);
}


static void test_find_one(void **state)
{
	/* padding, 3: three bytes, padding, 1: one, 14: four */
	static const uint8_t ext[] = {
		0, 0x32, 1, 2, 3, 0, 0, 0x10, 7, 0xe3, 4, 5, 6, 7, 0, 0
	};
	/* 1, then a length with number 0, then 2 */
	static const uint8_t zero[] = {0x10, 9, 0x01, 0, 0, 0x20, 8, 0};
	/* 15 ends it; 4 is longer than the block */
	static const uint8_t stop[] = {0xf0, 9, 0x10, 8};
	static const uint8_t cut[] = {0x10, 9, 0x4f, 8};
	struct rtp_pkt rp;
	const uint8_t *p;
	size_t len = 99;
	(void)state;

	p = find(&rp, 0xbede, ext, 4, 3, &len);
	assert_non_null(p);
	assert_int_equal(len, 3);
	assert_int_equal(p[0], 1);
	assert_ptr_equal(p, rp.ext + 2);

	p = find(&rp, 0xbede, ext, 4, 1, &len);
	assert_non_null(p);
	assert_int_equal(len, 1);
	assert_int_equal(p[0], 7);

	p = find(&rp, 0xbede, ext, 4, 14, &len);
	assert_non_null(p);
	assert_int_equal(len, 4);
	assert_int_equal(p[3], 7);

	assert_null(find(&rp, 0xbede, ext, 4, 2, &len));
	assert_null(find(&rp, 0xbede, ext, 4, 0, &len));
	assert_null(find(&rp, 0xbede, ext, 0, 3, &len));
	assert_null(find(&rp, 0xabcd, ext, 4, 3, &len));

	assert_non_null(find(&rp, 0xbede, zero, 2, 1, &len));
	assert_null(find(&rp, 0xbede, zero, 2, 2, &len));
	assert_null(find(&rp, 0xbede, stop, 1, 1, &len));
	assert_null(find(&rp, 0xbede, stop, 1, 15, &len));
	assert_non_null(find(&rp, 0xbede, cut, 1, 1, &len));
	assert_null(find(&rp, 0xbede, cut, 1, 4, &len));
	assert_int_equal(len, 1);
}


static void test_find_two(void **state)
{
	/* 200: three bytes, padding, 1: none, 15: one */
	static const uint8_t ext[] = {
		200, 3, 1, 2, 3, 0, 1, 0, 15, 1, 7, 0
	};
	static const uint8_t cut[] = {5, 3, 1, 2};
	static const uint8_t half[] = {0, 0, 0, 5};
	struct rtp_pkt rp;
	const uint8_t *p;
	size_t len = 99;
	(void)state;

	p = find(&rp, 0x1000, ext, 3, 200, &len);
	assert_non_null(p);
	assert_int_equal(len, 3);
	assert_int_equal(p[2], 3);

	assert_non_null(find(&rp, 0x100f, ext, 3, 1, &len));
	assert_int_equal(len, 0);

	p = find(&rp, 0x1000, ext, 3, 15, &len);
	assert_non_null(p);
	assert_int_equal(len, 1);
	assert_int_equal(p[0], 7);

	assert_null(find(&rp, 0x1000, ext, 3, 3, &len));
	assert_null(find(&rp, 0x1010, ext, 3, 200, &len));
	assert_null(find(&rp, 0x1000, cut, 1, 5, &len));
	assert_null(find(&rp, 0x1000, half, 1, 5, &len));
}


static void test_none(void **state)
{
	struct rtp_pkt rp;
	uint8_t buf[12];
	size_t len;
	(void)state;

	(void)rtp_hdr_write(buf, false, 100, 1, 2, 3);
	assert_int_equal(rtp_pkt_parse(&rp, buf, sizeof(buf)), 0);
	assert_null(hdrext_find(&rp, 1, &len));
	assert_null(hdrext_find(NULL, 1, &len));
}


static void test_write(void **state)
{
	const struct hdrext all = {
		.abs_id = 1, .abs_time = 0x123456, .twcc_id = 14,
		.twcc_seq = 0xabcd, .orient_id = 7, .orient = 3
	};
	const struct hdrext one = {.twcc_id = 5, .twcc_seq = 1};
	const struct hdrext none = {.abs_id = 15, .twcc_id = 200};
	struct rtp_pkt rp;
	const uint8_t *p;
	uint8_t buf[64];
	size_t n, len;
	(void)state;

	n = rtp_hdr_write(buf, true, 100, 1, 2, 3);
	buf[0] |= 0x10;
	memset(buf + n, 0xee, sizeof(buf) - n);

	assert_int_equal(hdrext_write(buf + n, &all), HDREXT_MAX);
	assert_int_equal(buf[n + HDREXT_MAX], 0xee);
	assert_int_equal(rtp_pkt_parse(&rp, buf, n + HDREXT_MAX + 4), 0);
	assert_int_equal(rp.plen, 4);

	p = hdrext_find(&rp, 1, &len);
	assert_int_equal(len, 3);
	assert_memory_equal(p, "\x12\x34\x56", 3);
	p = hdrext_find(&rp, 14, &len);
	assert_int_equal(len, 2);
	assert_memory_equal(p, "\xab\xcd", 2);
	p = hdrext_find(&rp, 7, &len);
	assert_int_equal(len, 1);
	assert_int_equal(p[0], 3);

	assert_int_equal(hdrext_write(buf + n, &one), 8);
	assert_int_equal(rtp_pkt_parse(&rp, buf, n + 8), 0);
	assert_null(hdrext_find(&rp, 1, &len));
	assert_non_null(hdrext_find(&rp, 5, &len));

	assert_int_equal(hdrext_write(buf + n, &none), 0);
	assert_int_equal(hdrext_write(buf + n, NULL), 0);
}


static void test_patch(void **state)
{
	struct hdrext ext = {
		.abs_id = 1, .abs_time = 0x123456, .twcc_id = 2,
		.twcc_seq = 0xabcd, .orient_id = 7, .orient = 3
	};
	uint8_t buf[64], was[64];
	struct rtp_pkt rp;
	const uint8_t *p;
	size_t n, len;
	(void)state;

	n = rtp_hdr_write(buf, true, 100, 1, 2, 3);
	buf[0] |= 0x10;
	n += hdrext_write(buf + n, &ext);
	memset(buf + n, 0x11, 4);
	n += 4;

	ext.abs_time = 0xfedcba;
	ext.twcc_seq = 0x1357;
	ext.orient = 1;
	hdrext_patch(buf, n, &ext);

	assert_int_equal(rtp_pkt_parse(&rp, buf, n), 0);
	p = hdrext_find(&rp, 1, &len);
	assert_memory_equal(p, "\xfe\xdc\xba", 3);
	p = hdrext_find(&rp, 2, &len);
	assert_memory_equal(p, "\x13\x57", 2);
	p = hdrext_find(&rp, 7, &len);
	assert_int_equal(p[0], 3);

	/* other lengths, other numbers, no RTP: left alone */
	memcpy(was, buf, n);
	ext.abs_id = 7;
	ext.twcc_id = 1;
	hdrext_patch(buf, n, &ext);
	assert_memory_equal(was, buf, n);
	hdrext_patch(buf, 11, &ext);
	hdrext_patch(NULL, 0, &ext);
	hdrext_patch(buf, n, NULL);
	assert_memory_equal(was, buf, n);
}


static void test_abs_time(void **state)
{
	(void)state;

	/* 1.5 s, and 65 s which is 1 s again */
	assert_int_equal(hdrext_abs_time(0x180000000), 0x60000);
	assert_int_equal(hdrext_abs_time(65ULL << 32), 1 << 18);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find_one),
		cmocka_unit_test(test_find_two),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_patch),
		cmocka_unit_test(test_abs_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
