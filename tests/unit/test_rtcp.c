/**
 * @file test_rtcp.c  RTCP compound packets: parser and builders
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "rtp/rtcp.h"


static void test_round_trip(void **state)
{
	const struct rtcp_sender snd = {
		.ntp = 0x1122334455667788, .ts = 90, .packets = 7,
		.octets = 1120
	};
	const struct rtcp_block blk = {
		.ssrc = 0xabcdef01, .fraction = 25, .lost = -3,
		.last_seq = 0x00021234, .jitter = 17, .lsr = 0x33445566,
		.dlsr = 65536
	};
	struct rtcp_sender s;
	struct rtcp_block b;
	struct rtcp_part part;
	struct pl cname;
	uint8_t buf[256];
	size_t len, pos = 0;
	uint32_t ssrc;
	(void)state;

	assert_int_equal(rtcp_report_write(buf, sizeof(buf), &len, 42, &snd,
					   &blk, "me@here"), 0);
	assert_int_equal(len & 3, 0);
	assert_int_equal(rtcp_bye_write(buf, sizeof(buf), &len, 42), 0);

	assert_int_equal(rtcp_part_next(&part, buf, len, &pos), 0);
	assert_int_equal(part.type, RTCP_SR);
	assert_int_equal(rtcp_part_ssrc(&part, &ssrc), 0);
	assert_int_equal(ssrc, 42);
	assert_int_equal(rtcp_part_sender(&part, &s), 0);
	assert_true(s.ntp == snd.ntp);
	assert_int_equal(s.ts, 90);
	assert_int_equal(s.packets, 7);
	assert_int_equal(s.octets, 1120);
	assert_int_equal(rtcp_part_block(&part, 0, &b), 0);
	assert_int_equal(b.ssrc, blk.ssrc);
	assert_int_equal(b.fraction, blk.fraction);
	assert_int_equal(b.lost, blk.lost);
	assert_int_equal(b.last_seq, blk.last_seq);
	assert_int_equal(b.jitter, blk.jitter);
	assert_int_equal(b.lsr, blk.lsr);
	assert_int_equal(b.dlsr, blk.dlsr);
	assert_int_equal(rtcp_part_block(&part, 1, &b), ENOENT);
	assert_false(rtcp_part_bye(&part, 42));

	assert_int_equal(rtcp_part_next(&part, buf, len, &pos), 0);
	assert_int_equal(part.type, RTCP_SDES);
	assert_int_equal(rtcp_part_cname(&part, 43, &cname), ENOENT);
	assert_int_equal(rtcp_part_cname(&part, 42, &cname), 0);
	assert_int_equal(pl_strcmp(&cname, "me@here"), 0);
	assert_int_equal(rtcp_part_block(&part, 0, &b), ENOENT);
	assert_int_equal(rtcp_part_sender(&part, &s), ENOENT);

	assert_int_equal(rtcp_part_next(&part, buf, len, &pos), 0);
	assert_true(rtcp_part_bye(&part, 42));
	assert_false(rtcp_part_bye(&part, 41));

	assert_int_equal(rtcp_part_next(&part, buf, len, &pos), ENOENT);
	assert_int_equal(pos, len);
}


static void test_rr(void **state)
{
	struct rtcp_part part;
	struct pl cname;
	uint8_t buf[64];
	size_t len, pos = 0;
	(void)state;

	assert_int_equal(rtcp_report_write(buf, sizeof(buf), &len, 1, NULL,
					   NULL, NULL), 0);
	assert_int_equal(len, 8 + 12);
	assert_int_equal(rtcp_part_next(&part, buf, len, &pos), 0);
	assert_int_equal(part.type, RTCP_RR);
	assert_int_equal(part.count, 0);
	assert_int_equal(rtcp_part_next(&part, buf, len, &pos), 0);
	assert_int_equal(rtcp_part_cname(&part, 1, &cname), 0);
	assert_int_equal(cname.l, 0);
}


/* libre reads what we write, for every length of CNAME */
static void test_libre_reads(void **state)
{
	const struct rtcp_sender snd = {.ntp = 1, .ts = 2};
	const struct rtcp_block blk = {.ssrc = 3, .lost = 0x123456};
	char cname[300] = "";
	size_t n;
	(void)state;

	for (n=0; n<290; n++) {

		struct rtcp_msg *msg = NULL;
		struct mbuf *mb = mbuf_alloc(512);
		size_t len;

		assert_int_equal(rtcp_report_write(mb->buf, 512, &len, 7,
						   &snd, &blk, cname), 0);
		mb->end = len;

		assert_int_equal(rtcp_decode(&msg, mb), 0);
		assert_int_equal(msg->hdr.pt, RTCP_SR);
		assert_int_equal(msg->r.sr.ssrc, 7);
		assert_int_equal(msg->r.sr.rrv[0].lost, 0x123456);
		msg = mem_deref(msg);

		assert_int_equal(rtcp_decode(&msg, mb), 0);
		assert_int_equal(msg->hdr.pt, RTCP_SDES);
		assert_int_equal(msg->r.sdesv->itemv[0].length,
				 n < 255 ? n : 255);
		mem_deref(msg);
		mem_deref(mb);

		cname[n] = 'x';
	}
}


static void test_lost_clamped(void **state)
{
	struct rtcp_block blk = {.lost = 0x7fffffff}, b;
	struct rtcp_part part;
	uint8_t buf[64];
	size_t len, pos = 0;
	(void)state;

	assert_int_equal(rtcp_report_write(buf, sizeof(buf), &len, 1, NULL,
					   &blk, NULL), 0);
	assert_int_equal(rtcp_part_next(&part, buf, len, &pos), 0);
	assert_int_equal(rtcp_part_block(&part, 0, &b), 0);
	assert_int_equal(b.lost, 0x7fffff);
	assert_int_equal(b.fraction, 0);
}


static void test_reduced_size(void **state)
{
	/* a PLI alone (RFC 5506) */
	const uint8_t pli[] = {0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2};
	struct rtcp_part part;
	uint32_t ssrc;
	size_t pos = 0;
	(void)state;

	assert_int_equal(rtcp_part_next(&part, pli, sizeof(pli), &pos), 0);
	assert_int_equal(part.type, RTCP_PSFB);
	assert_int_equal(part.count, 1);
	assert_int_equal(rtcp_part_ssrc(&part, &ssrc), 0);
	assert_int_equal(ssrc, 1);
	assert_int_equal(rtcp_part_next(&part, pli, sizeof(pli), &pos),
			 ENOENT);
}


static void refuse(const uint8_t *buf, size_t len)
{
	struct rtcp_part part;
	size_t pos = 0;

	assert_int_equal(rtcp_part_next(&part, buf, len, &pos), EBADMSG);
}


static void test_bad(void **state)
{
	uint8_t b[12] = {0x80, 201, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0};
	struct rtcp_part part;
	struct rtcp_block blk;
	struct rtcp_sender snd;
	size_t pos = 0, i;
	(void)state;

	for (i=1; i<12; i++)
		refuse(b, i);

	b[0] = 0x40;                    /* version 1 */
	refuse(b, 12);
	b[0] = 0x80;
	b[1] = 111;                     /* RTP */
	refuse(b, 12);
	b[1] = 201;
	b[0] = 0xa0;                    /* padding of 0, 3, 12 */
	refuse(b, 12);
	b[11] = 3;
	refuse(b, 12);
	b[11] = 12;
	refuse(b, 12);
	b[11] = 4;
	assert_int_equal(rtcp_part_next(&part, b, 12, &pos), 0);
	assert_int_equal(part.len, 4);

	b[0] = 0x9f;                    /* 31 blocks that are not there */
	pos = 0;
	assert_int_equal(rtcp_part_next(&part, b, 12, &pos), 0);
	assert_int_equal(rtcp_part_block(&part, 0, &blk), EBADMSG);
	b[1] = 200;
	pos = 0;
	assert_int_equal(rtcp_part_next(&part, b, 12, &pos), 0);
	assert_int_equal(rtcp_part_sender(&part, &snd), EBADMSG);
}


static void test_bad_sdes(void **state)
{
	/* an item that claims more than there is; then one cut in half */
	const uint8_t a[] = {0x81, 202, 0, 2, 0, 0, 0, 1, 1, 99, 'x', 0};
	const uint8_t b[] = {0x81, 202, 0, 2, 0, 0, 0, 1, 2, 1, 'x', 1};
	struct rtcp_part part;
	struct pl cname;
	size_t pos = 0;
	(void)state;

	assert_int_equal(rtcp_part_next(&part, a, sizeof(a), &pos), 0);
	assert_int_equal(rtcp_part_cname(&part, 1, &cname), ENOENT);
	pos = 0;
	assert_int_equal(rtcp_part_next(&part, b, sizeof(b), &pos), 0);
	assert_int_equal(rtcp_part_cname(&part, 1, &cname), ENOENT);
}


static void test_no_room(void **state)
{
	uint8_t buf[64];
	size_t len, i;
	(void)state;

	for (i=0; i<24; i++) {
		assert_int_equal(rtcp_report_write(buf, i, &len, 1, NULL,
						   NULL, "abcd"), EOVERFLOW);
	}
	assert_int_equal(rtcp_report_write(buf, 24, &len, 1, NULL, NULL,
					   "abcd"), 0);
	assert_int_equal(rtcp_bye_write(buf, 31, &len, 1), EOVERFLOW);
	assert_int_equal(rtcp_bye_write(buf, 32, &len, 1), 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_rr),
		cmocka_unit_test(test_libre_reads),
		cmocka_unit_test(test_lost_clamped),
		cmocka_unit_test(test_reduced_size),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_bad_sdes),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
