/**
 * @file test_dtls_srtp.c  SRTP of DTLS, end to end in memory
 */
#include "dtls_rig.h"


static void test_garbage(void **state)
{
	struct end ev[2];
	uint8_t buf[1500];
	unsigned i;
	(void)state;

	make_ends(ev);
	for (i=0; i<500; i++) {
		rand_bytes(buf, sizeof(buf));
		buf[0] = 20 + i % 44;
		dtlsx_recv(ev[i & 1].d, buf, 1 + rand_u16() % 1499);
	}
	assert_false(ev[0].closed || ev[1].closed);
	dtlsx_start(ev[0].d);
	assert_true(tu_wait(both_estab, ev, 60000));
	for (i=0; i<500; i++) {
		rand_bytes(buf, sizeof(buf));
		buf[0] = 20 + i % 44;
		buf[1] = 0xfe;
		buf[2] = 0xfd;
		dtlsx_recv(ev[i & 1].d, buf, 1 + rand_u16() % 1499);
	}
	assert_false(ev[0].closed || ev[1].closed);
	free_ends(ev);
}


static void make_srtp(struct srtpx **a, struct srtpx **b,
		      enum srtpx_profile profile)
{
	struct srtpx_key k[2];

	rand_bytes((uint8_t *)k, sizeof(k));
	assert_int_equal(srtpx_alloc(a, profile, &k[0], &k[1]), 0);
	assert_int_equal(srtpx_alloc(b, profile, &k[1], &k[0]), 0);
}


static size_t make_rtp(uint8_t *pkt, uint16_t seq, uint32_t ssrc)
{
	memset(pkt, 0x33, 172);
	memset(pkt, 0, 12);
	pkt[0] = 0x80;
	pkt[2] = (uint8_t)(seq >> 8);
	pkt[3] = (uint8_t)seq;
	memcpy(&pkt[8], &ssrc, sizeof(ssrc));

	return 172;
}


static void check_profile(enum srtpx_profile profile)
{
	uint8_t pkt[400], plain[400], copy[400];
	struct srtpx *a, *b;
	size_t len, n;
	int i;

	make_srtp(&a, &b, profile);
	for (i=0; i<3; i++) {
		len = make_rtp(pkt, (uint16_t)i, 7);
		memcpy(plain, pkt, sizeof(plain));
		assert_int_equal(srtpx_protect(a, false, pkt, &len,
					       sizeof(pkt)), 0);
		assert_true(len > 172);
		assert_memory_not_equal(pkt + 12, plain + 12, 160);
		memcpy(copy, pkt, sizeof(copy));
		n = len;
		assert_int_equal(srtpx_unprotect(b, false, pkt, &len), 0);
		assert_int_equal(len, 172);
		assert_memory_equal(pkt, plain, 172);
	}

	/* replayed; changed */
	assert_int_equal(srtpx_unprotect(b, false, copy, &n), EALREADY);
	len = make_rtp(pkt, 10, 7);
	assert_int_equal(srtpx_protect(a, false, pkt, &len, sizeof(pkt)), 0);
	pkt[50] ^= 1;
	assert_int_equal(srtpx_unprotect(b, false, pkt, &len), EAUTH);

	/* RTCP */
	memset(pkt, 0, sizeof(pkt));
	pkt[0] = 0x80;
	pkt[1] = 201;
	pkt[3] = 1;
	len = 8;
	assert_int_equal(srtpx_protect(a, true, pkt, &len, sizeof(pkt)), 0);
	assert_true(len > 8);
	assert_int_equal(srtpx_unprotect(b, true, pkt, &len), 0);
	assert_int_equal(len, 8);

	mem_deref(a);
	mem_deref(b);
}


static void test_srtp(void **state)
{
	(void)state;

	check_profile(SRTPX_AES128_CM_SHA1_80);
	check_profile(SRTPX_AEAD_AES_128_GCM);
	check_profile(SRTPX_AEAD_AES_256_GCM);
}


static void test_srtp_limits(void **state)
{
	struct srtpx_key k = {{0}, {0}};
	uint8_t pkt[400];
	struct srtpx *a, *b;
	size_t len;
	uint32_t i;
	(void)state;

	assert_int_equal(srtpx_alloc(&a, 99, &k, &k), ENOTSUP);
	make_srtp(&a, &b, SRTPX_AEAD_AES_128_GCM);

	/* each SSRC costs memory: the remote cannot use any number */
	for (i=0; i<SRTPX_RX_SSRC; i++) {
		len = make_rtp(pkt, 1, 100 + i);
		assert_int_equal(srtpx_protect(a, false, pkt, &len,
					       sizeof(pkt)), 0);
		assert_int_equal(srtpx_unprotect(b, false, pkt, &len), 0);
	}
	len = make_rtp(pkt, 1, 5);
	assert_int_equal(srtpx_protect(a, false, pkt, &len, sizeof(pkt)), 0);
	assert_int_equal(srtpx_unprotect(b, false, pkt, &len), EMFILE);

	/* anything, of any length */
	for (i=0; i<400; i++) {
		rand_bytes(pkt, sizeof(pkt));
		len = i;
		assert_int_not_equal(srtpx_unprotect(b, i & 1, pkt, &len),
				     0);
	}

	len = 172;
	assert_int_equal(srtpx_protect(a, false, pkt, &len, 200), EOVERFLOW);
	mem_deref(a);
	mem_deref(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_garbage), cmocka_unit_test(test_srtp),
		cmocka_unit_test(test_srtp_limits),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
