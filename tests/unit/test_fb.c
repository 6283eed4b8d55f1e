/**
 * @file test_fb.c  RTCP feedback messages: parser and builders
 */
#include "fb_rig.h"


static void nack_round(const uint16_t *seqv, size_t seqc, size_t entries)
{
	uint8_t buf[2048];
	size_t len = 0;

	assert_int_equal(fb_nack_write(buf, sizeof(buf), &len, 1, 2, seqv,
				       seqc), 0);
	assert_int_equal(len, 12 + 4 * entries);
	assert_int_equal(decode(buf, len, 0), 0);
	assert_int_equal(fb.type, FB_NACK);
	assert_int_equal(fb.ssrc, 1);
	assert_int_equal(fb.media, 2);
	assert_int_equal(fb.u.nack.seqc, seqc);
	assert_memory_equal(fb.u.nack.seqv, seqv, seqc * sizeof(*seqv));
}


static void test_nack(void **state)
{
	static const uint16_t one[] = {7};
	static const uint16_t wrap[] = {65534, 65535, 0, 1, 14};
	static const uint16_t wide[] = {100, 116, 117, 134, 30000};
	uint16_t many[FB_SEQ_MAX];
	uint8_t buf[2048];
	size_t i, len = 0;
	(void)state;

	nack_round(one, 1, 1);
	nack_round(wrap, 5, 1);
	nack_round(wide, 5, 4);

	for (i=0; i<FB_SEQ_MAX; i++)
		many[i] = (uint16_t)(65400 + 20*i);
	nack_round(many, FB_SEQ_MAX, FB_SEQ_MAX);

	/* more than is kept: the first of them */
	memset(buf, 0xff, sizeof(buf));
	rtcp_hdr_write(buf, 1, RTCP_RTPFB, 12 + 4*20);
	assert_int_equal(decode(buf, 12 + 4*20, 0), 0);
	assert_int_equal(fb.u.nack.seqc, FB_SEQ_MAX);

	assert_int_equal(fb_nack_write(buf, sizeof(buf), &len, 1, 2, one, 0),
			 EINVAL);

	rtcp_hdr_write(buf, 1, RTCP_RTPFB, 12);
	assert_int_equal(decode(buf, 12, 0), EBADMSG);
	assert_int_equal(fb.type, FB_NONE);
}


static void test_pli(void **state)
{
	uint8_t buf[64];
	size_t len = 0;
	(void)state;

	assert_int_equal(fb_pli_write(buf, sizeof(buf), &len, 3, 4), 0);
	assert_int_equal(len, 12);
	assert_int_equal(decode(buf, len, 99), 0);
	assert_int_equal(fb.type, FB_PLI);
	assert_int_equal(fb.ssrc, 3);
	assert_int_equal(fb.media, 4);

	rtcp_hdr_write(buf, 1, RTCP_PSFB, 8);
	assert_int_equal(decode(buf, 8, 0), EBADMSG);
}


static void test_fir(void **state)
{
	uint8_t buf[64];
	size_t len = 0;
	(void)state;

	assert_int_equal(fb_fir_write(buf, sizeof(buf), &len, 3, 4, 255), 0);
	assert_int_equal(len, 20);
	assert_int_equal(rtp_get32(buf + 8), 0);
	assert_int_equal(decode(buf, len, 4), 0);
	assert_int_equal(fb.type, FB_FIR);
	assert_int_equal(fb.ssrc, 3);
	assert_int_equal(fb.media, 4);
	assert_int_equal(fb.u.fir.nr, 255);

	/* it is for somebody else */
	assert_int_equal(decode(buf, len, 5), 0);
	assert_int_equal(fb.type, FB_NONE);

	/* the second entry is ours */
	rtcp_hdr_write(buf, 4, RTCP_PSFB, 28);
	rtp_put32(buf + 20, 5);
	rtp_put32(buf + 24, 0x09000000);
	assert_int_equal(decode(buf, 28, 5), 0);
	assert_int_equal(fb.type, FB_FIR);
	assert_int_equal(fb.u.fir.nr, 9);
	assert_int_equal(decode(buf, 28, 0), 0);
	assert_int_equal(fb.media, 4);

	rtcp_hdr_write(buf, 4, RTCP_PSFB, 16);
	assert_int_equal(decode(buf, 16, 0), EBADMSG);
}


static void test_tmmb(void **state)
{
	uint8_t buf[64];
	size_t len = 0;
	(void)state;

	assert_int_equal(fb_tmmb_write(buf, sizeof(buf), &len, true, 3, 4,
				       1000000, 40), 0);
	assert_int_equal(len, 20);
	assert_int_equal(decode(buf, len, 4), 0);
	assert_int_equal(fb.type, FB_TMMBR);
	assert_int_equal(fb.media, 4);
	assert_int_equal(fb.u.bw.bitrate, 1000000);
	assert_int_equal(fb.u.bw.overhead, 40);
	assert_int_equal(decode(buf, len, 5), 0);
	assert_int_equal(fb.type, FB_NONE);

	len = 0;
	assert_int_equal(fb_tmmb_write(buf, sizeof(buf), &len, false, 3, 4,
				       131071 + 131072, 999), 0);
	assert_int_equal(decode(buf, len, 4), 0);
	assert_int_equal(fb.type, FB_TMMBN);
	assert_int_equal(fb.u.bw.bitrate, 262142);
	assert_int_equal(fb.u.bw.overhead, 511);

	/* more than 64 bits */
	rtp_put32(buf + 16, 0xffffffff);
	assert_int_equal(decode(buf, len, 0), 0);
	assert_true(fb.u.bw.bitrate == UINT64_MAX);

	/* nobody limits is fine in the answer only */
	rtcp_hdr_write(buf, 4, RTCP_RTPFB, 12);
	assert_int_equal(decode(buf, 12, 0), 0);
	assert_int_equal(fb.type, FB_NONE);
	rtcp_hdr_write(buf, 3, RTCP_RTPFB, 12);
	assert_int_equal(decode(buf, 12, 0), EBADMSG);
}


static void test_remb(void **state)
{
	static const uint32_t srcv[] = {10, 11, 12};
	static const uint64_t ratev[] = {0, 1, 262143, 262144, 3000000,
		UINT64_MAX};
	uint8_t buf[64];
	size_t i, len;
	(void)state;

	for (i=0; i<ARRAY_SIZE(ratev); i++) {

		len = 0;
		assert_int_equal(fb_remb_write(buf, sizeof(buf), &len, 3,
					       ratev[i], srcv, 3), 0);
		assert_int_equal(len, 32);
		assert_int_equal(decode(buf, len, 11), 0);
		assert_int_equal(fb.type, FB_REMB);
		assert_int_equal(fb.media, 11);
		assert_true(fb.u.bw.bitrate <= ratev[i]);
		assert_true(fb.u.bw.bitrate >= ratev[i] - ratev[i] / 131072);
		assert_int_equal(decode(buf, len, 99), 0);
		assert_int_equal(fb.media, 10);
	}

	/* the list is longer than the packet */
	buf[16] = 4;
	assert_int_equal(decode(buf, len, 0), EBADMSG);

	/* something else of the application layer */
	buf[12] = 'r';
	assert_int_equal(decode(buf, len, 0), 0);
	assert_int_equal(fb.type, FB_NONE);

	len = 0;
	assert_int_equal(fb_remb_write(buf, sizeof(buf), &len, 3, 1, NULL, 0),
			 0);
	assert_int_equal(decode(buf, len, 0), 0);
	assert_int_equal(fb.type, FB_REMB);
	assert_int_equal(fb.media, 0);
}


/* Room that is just enough, and one byte less, behind something else */
static void test_room(void **state)
{
	static const uint16_t seq = 1;
	static const uint32_t media = 4;
	static const struct fb_twcc_pkt pkt = {1, true, 0};
	uint8_t buf[64];
	size_t len = 20;
	(void)state;

	memset(buf, 0xaa, sizeof(buf));

	assert_int_equal(fb_nack_write(buf, 35, &len, 1, 2, &seq, 1),
			 EOVERFLOW);
	assert_int_equal(fb_pli_write(buf, 31, &len, 1, 2), EOVERFLOW);
	assert_int_equal(fb_fir_write(buf, 39, &len, 1, 2, 3), EOVERFLOW);
	assert_int_equal(fb_tmmb_write(buf, 39, &len, true, 1, 2, 3, 4),
			 EOVERFLOW);
	assert_int_equal(fb_remb_write(buf, 43, &len, 1, 2, &media, 1),
			 EOVERFLOW);
	assert_int_equal(fb_twcc_write(buf, 43, &len, 1, 2, 3, &pkt, 1),
			 EOVERFLOW);
	assert_int_equal(fb_pli_write(buf, 10, &len, 1, 2), EOVERFLOW);
	assert_int_equal(len, 20);
	assert_int_equal(buf[20], 0xaa);

	assert_int_equal(fb_twcc_write(buf, 44, &len, 1, 2, 3, &pkt, 1), 0);
	assert_int_equal(len, 44);
	assert_int_equal(buf[19], 0xaa);
	assert_int_equal(buf[44], 0xaa);

	assert_int_equal(fb_pli_write(NULL, 64, &len, 1, 2), EINVAL);
	assert_int_equal(fb_pli_write(buf, 64, NULL, 1, 2), EINVAL);
	assert_int_equal(fb_remb_write(buf, 64, &len, 1, 2, NULL, 1), EINVAL);
	assert_int_equal(fb_decode(&fb, NULL, 0), EINVAL);
}


static void test_others(void **state)
{
	uint8_t buf[64];
	size_t len, rr;
	(void)state;

	assert_int_equal(rtcp_report_write(buf, sizeof(buf), &len, 1, NULL,
					   NULL, NULL), 0);
	rr = 8;
	assert_int_equal(decode(buf, rr, 0), 0);
	assert_int_equal(fb.type, FB_NONE);

	/* formats that we do not know */
	memset(buf, 0, sizeof(buf));
	rtcp_hdr_write(buf, 2, RTCP_PSFB, 20);
	assert_int_equal(decode(buf, 20, 0), 0);
	assert_int_equal(fb.type, FB_NONE);
	rtcp_hdr_write(buf, 8, RTCP_RTPFB, 20);
	assert_int_equal(decode(buf, 20, 0), 0);
	assert_int_equal(fb.type, FB_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nack), cmocka_unit_test(test_pli),
		cmocka_unit_test(test_fir), cmocka_unit_test(test_tmmb),
		cmocka_unit_test(test_remb), cmocka_unit_test(test_room),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
