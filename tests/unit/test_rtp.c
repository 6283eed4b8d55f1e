/**
 * @file test_rtp.c  RTP header: parser and writer
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "rtp/rtp.h"


static const uint8_t plain[] = {
	0x80, 0x80, 0x12, 0x34, 0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4,
	0xaa, 0xbb, 0xcc, 0xdd
};


static void test_plain(void **state)
{
	struct rtp_pkt rp;
	(void)state;

	assert_int_equal(rtp_pkt_parse(&rp, plain, sizeof(plain)), 0);
	assert_true(rp.marker);
	assert_int_equal(rp.pt, 0);
	assert_int_equal(rp.seq, 0x1234);
	assert_int_equal(rp.ts, 0xdeadbeef);
	assert_int_equal(rp.ssrc, 0x01020304);
	assert_int_equal(rp.plen, 4);
	assert_ptr_equal(rp.payload, plain + 12);
	assert_null(rp.ext);
}


static void test_everything(void **state)
{
	/* 2 CSRCs, an extension of 1 word, 3 bytes payload, 5 padding */
	uint8_t buf[12 + 8 + 8 + 3 + 5] = {
		0xb2, 111, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3,
		0, 0, 0, 9, 0, 0, 0, 8,
		0xbe, 0xde, 0, 1, 0x10, 0x55, 0, 0,
		'a', 'b', 'c', 0, 0, 0, 0, 5
	};
	struct rtp_pkt rp;
	(void)state;

	assert_int_equal(rtp_pkt_parse(&rp, buf, sizeof(buf)), 0);
	assert_false(rp.marker);
	assert_int_equal(rp.pt, 111);
	assert_int_equal(rp.csrcc, 2);
	assert_int_equal(rp.ext_id, 0xbede);
	assert_int_equal(rp.extlen, 4);
	assert_int_equal(rp.ext[1], 0x55);
	assert_int_equal(rp.plen, 3);
	assert_memory_equal(rp.payload, "abc", 3);
	assert_int_equal(rp.padlen, 5);
}


static void refuse(const uint8_t *buf, size_t len)
{
	struct rtp_pkt rp;

	assert_int_equal(rtp_pkt_parse(&rp, buf, len), EBADMSG);
}


static void test_bad(void **state)
{
	uint8_t b[16];
	size_t i;
	(void)state;

	for (i=0; i<12; i++)
		refuse(plain, i);

	memcpy(b, plain, 16);
	b[0] = 0x40;                    /* version 1 */
	refuse(b, 16);
	b[0] = 0x82;                    /* two CSRCs, room for one */
	refuse(b, 16);
	b[0] = 0x90;                    /* extension beyond the end */
	b[14] = 0;
	b[15] = 1;
	refuse(b, 16);
	refuse(b, 15);                  /* extension header cut */
	b[0] = 0xa0;                    /* padding 0, too much, no payload */
	b[15] = 0;
	refuse(b, 16);
	b[15] = 5;
	refuse(b, 16);
	refuse(b, 12);
	b[0] = 0x80;                    /* RTCP on the same port */
	b[1] = 200;
	refuse(b, 16);
	b[1] = 72;
	refuse(b, 16);
}


static void test_all_padding(void **state)
{
	uint8_t b[16];
	struct rtp_pkt rp;
	(void)state;

	memcpy(b, plain, 16);
	b[0]  = 0xa0;
	b[15] = 4;
	assert_int_equal(rtp_pkt_parse(&rp, b, 16), 0);
	assert_int_equal(rp.plen, 0);
}


static void test_arguments(void **state)
{
	struct rtp_pkt rp;
	(void)state;

	assert_int_equal(rtp_pkt_parse(NULL, plain, 16), EINVAL);
	assert_int_equal(rtp_pkt_parse(&rp, NULL, 16), EINVAL);
}


static void test_write(void **state)
{
	uint8_t b[12];
	(void)state;

	assert_int_equal(rtp_hdr_write(b, true, 0, 0x1234, 0xdeadbeef,
				       0x01020304), 12);
	assert_memory_equal(b, plain, 12);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_all_padding),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
