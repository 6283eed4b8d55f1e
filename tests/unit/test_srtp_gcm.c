/**
 * @file tests/unit/test_srtp_gcm.c  Our AES-GCM against libsrtp2's
 */
#include <srtp2/srtp.h>
#include "testutil.h"
#include "peer/srtp_gcm.h"


enum { ROOM = 400 };

static uint8_t key[32 + 12];


static void fill_key(void)
{
	size_t i;

	for (i=0; i<sizeof(key); i++)
		key[i] = (uint8_t)(i * 37 + 11);
}


static srtp_t reference(size_t keylen, bool tx)
{
	srtp_policy_t p;
	srtp_t s = NULL;

	memset(&p, 0, sizeof(p));
	if (keylen == 32) {
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&p.rtp);
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&p.rtcp);
	}
	else {
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&p.rtp);
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&p.rtcp);
	}
	p.ssrc.type = tx ? ssrc_any_outbound : ssrc_any_inbound;
	p.key = key;
	p.window_size = 1024;

	assert_int_equal(srtp_err_status_ok, srtp_create(&s, &p));

	return s;
}


static struct srtp_gcm *ours(size_t keylen, bool tx)
{
	struct srtp_gcm *g = NULL;

	assert_int_equal(0, srtp_gcm_alloc(&g, tx, key, keylen,
					   key + keylen));

	return g;
}


/* CSRCs and an extension, if asked for */
static size_t make(uint8_t *pkt, uint32_t ssrc, uint16_t seq, bool more)
{
	size_t n = 12;

	memset(pkt, 0, ROOM);
	pkt[0] = 0x80;
	pkt[1] = 111;
	pkt[2] = (uint8_t)(seq >> 8);
	pkt[3] = (uint8_t)seq;
	pkt[7] = (uint8_t)seq;
	memcpy(&pkt[8], &ssrc, 4);

	if (more) {
		pkt[0] = 0x92;
		n += 8;
		pkt[n] = 0xbe;
		pkt[n + 1] = 0xde;
		pkt[n + 3] = 1;
		n += 8;
	}

	memset(&pkt[n], (uint8_t)(seq * 3), 100 + seq % 60);

	return n + 100 + seq % 60;
}


static void exchange(size_t keylen)
{
	struct srtp_gcm *tx = ours(keylen, true), *rx = ours(keylen, false);
	srtp_t rtx = reference(keylen, true), rrx = reference(keylen, false);
	uint8_t a[ROOM], b[ROOM], plain[ROOM];
	uint32_t i;

	/* through three roll-overs, with losses */
	for (i=65000; i<250000; i+=1 + i % 3) {

		const size_t n = make(plain, 0x1234, (uint16_t)i, i % 5 == 0);
		size_t len = n;
		int rlen = (int)n;

		memcpy(a, plain, ROOM);
		memcpy(b, plain, ROOM);
		assert_int_equal(0, srtp_gcm_protect(tx, a, &len));
		assert_int_equal(0, srtp_protect(rtx, b, &rlen));
		assert_int_equal(len, rlen);
		assert_memory_equal(a, b, len);

		assert_int_equal(0, srtp_gcm_unprotect(rx, b, &len));
		assert_int_equal(0, srtp_unprotect(rrx, a, &rlen));
		assert_int_equal(len, n);
		assert_int_equal(rlen, n);
		assert_memory_equal(a, plain, n);
		assert_memory_equal(b, plain, n);
	}

	mem_deref(tx);
	mem_deref(rx);
	(void)srtp_dealloc(rtx);
	(void)srtp_dealloc(rrx);
}


static void test_same_as_libsrtp(void **state)
{
	(void)state;

	exchange(16);
	exchange(32);
}


static int put(struct srtp_gcm *tx, uint8_t *pkt, size_t *len, uint16_t seq)
{
	*len = make(pkt, 7, seq, false);

	return srtp_gcm_protect(tx, pkt, len);
}


static void test_replay(void **state)
{
	struct srtp_gcm *tx = ours(16, true), *rx = ours(16, false);
	uint8_t pktv[4][ROOM], copy[ROOM];
	size_t lenv[4], len;
	(void)state;

	assert_int_equal(0, put(tx, pktv[0], &lenv[0], 65534));
	assert_int_equal(0, put(tx, pktv[1], &lenv[1], 65535));
	assert_int_equal(0, put(tx, pktv[2], &lenv[2], 0));
	assert_int_equal(0, put(tx, pktv[3], &lenv[3], 1100));

	/* no nonce twice, nor one whose history is forgotten */
	assert_int_equal(EALREADY, put(tx, copy, &len, 0));
	assert_int_equal(EALREADY, put(tx, copy, &len, 65535));
	assert_int_equal(EALREADY, put(tx, copy, &len, 60000));
	assert_int_equal(0, put(tx, copy, &len, 1099));

	/* out of order across the roll-over */
	len = lenv[0];
	memcpy(copy, pktv[0], ROOM);
	assert_int_equal(0, srtp_gcm_unprotect(rx, copy, &len));
	len = lenv[2];
	memcpy(copy, pktv[2], ROOM);
	assert_int_equal(0, srtp_gcm_unprotect(rx, copy, &len));
	len = lenv[1];
	memcpy(copy, pktv[1], ROOM);
	assert_int_equal(0, srtp_gcm_unprotect(rx, copy, &len));

	/* replayed, and too old */
	len = lenv[1];
	memcpy(copy, pktv[1], ROOM);
	assert_int_equal(EALREADY, srtp_gcm_unprotect(rx, copy, &len));
	len = lenv[3];
	memcpy(copy, pktv[3], ROOM);
	assert_int_equal(0, srtp_gcm_unprotect(rx, copy, &len));
	len = lenv[2];
	memcpy(copy, pktv[2], ROOM);
	assert_int_equal(EALREADY, srtp_gcm_unprotect(rx, copy, &len));

	mem_deref(tx);
	mem_deref(rx);
}


static void test_forged(void **state)
{
	struct srtp_gcm *tx = ours(16, true), *rx = ours(16, false);
	uint8_t pkt[ROOM], copy[ROOM];
	size_t n, len, i;
	(void)state;

	assert_int_equal(0, put(tx, pkt, &n, 100));

	/* each byte counts, and a forgery leaves no trace */
	for (i=0; i<n; i++) {
		memcpy(copy, pkt, ROOM);
		copy[i] ^= 0x40;
		len = n;
		assert_int_not_equal(0, srtp_gcm_unprotect(rx, copy, &len));
	}
	for (i=0; i<n; i++) {
		memcpy(copy, pkt, ROOM);
		len = i;
		assert_int_not_equal(0, srtp_gcm_unprotect(rx, copy, &len));
	}

	len = n;
	assert_int_equal(0, srtp_gcm_unprotect(rx, pkt, &len));

	mem_deref(tx);
	mem_deref(rx);
}


static void test_limits(void **state)
{
	struct srtp_gcm *g = NULL, *tx = ours(16, true);
	uint8_t pkt[ROOM];
	size_t len, i;
	(void)state;

	assert_int_equal(EINVAL, srtp_gcm_alloc(NULL, true, key, 16, key));
	assert_int_equal(EINVAL, srtp_gcm_alloc(&g, true, key, 24, key));
	assert_int_equal(EINVAL, srtp_gcm_alloc(&g, true, NULL, 16, key));

	len = make(pkt, 1, 1, false);
	assert_int_equal(EINVAL, srtp_gcm_unprotect(tx, pkt, &len));
	pkt[0] = 0x40;
	assert_int_equal(EBADMSG, srtp_gcm_protect(tx, pkt, &len));

	/* an extension beyond the packet */
	len = make(pkt, 1, 1, true);
	pkt[12 + 8 + 2] = 0xff;
	assert_int_equal(EBADMSG, srtp_gcm_protect(tx, pkt, &len));

	for (i=0; i<SRTP_GCM_SSRC; i++) {
		len = make(pkt, (uint32_t)i, 1, false);
		assert_int_equal(0, srtp_gcm_protect(tx, pkt, &len));
	}
	len = make(pkt, 1000, 1, false);
	assert_int_equal(EMFILE, srtp_gcm_protect(tx, pkt, &len));

	/* nothing but a header */
	len = 12;
	make(pkt, 3, 2, false);
	assert_int_equal(0, srtp_gcm_protect(tx, pkt, &len));
	assert_int_equal(12 + SRTP_GCM_TAG, len);

	mem_deref(tx);
}


static int setup(void **state)
{
	fill_key();

	return srtp_init() ? -1 : tu_setup(state);
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_same_as_libsrtp),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(testv, setup, tu_teardown);
}
