/**
 * @file tests/unit/test_srtp.c  Our AES and HMAC in libsrtp2, against its own
 *
 * A session keeps what it was made with, so that both kinds can be
 * compared side by side.
 */
#include "testutil.h"
#include <srtp2/srtp.h>
#include <srtp2/cipher.h>
#include <srtp2/auth.h>
#include "peer/srtp.h"
#include "peer/srtp_aes.h"
#include "peer/srtp_hmac.h"


enum {
	ROUNDS = 200,
	SIZE   = 1600,
};

enum maker { THEIRS = 0, OURS, MAKERS };
enum end { ALICE = 0, BOB, ENDS };

static const enum srtpx_profile profilev[] = {
	SRTPX_AES128_CM_SHA1_80,
	SRTPX_AES128_CM_SHA1_32,
	SRTPX_AEAD_AES_128_GCM,
	SRTPX_AEAD_AES_256_GCM,
};

/** Both ends of one connection, with either kind of cipher */
struct rig {
	struct srtpx *sv[MAKERS][ENDS];
};


static void rig_make(struct rig *rig, enum srtpx_profile profile)
{
	struct srtpx_key k[ENDS];
	int m;

	rand_bytes((uint8_t *)k, sizeof(k));
	assert_int_equal(srtp_init(), srtp_err_status_ok);

	for (m=0; m<MAKERS; m++) {

		if (m == OURS) {
			assert_int_equal(srtp_aes_register(), 0);
			assert_int_equal(srtp_hmac_register(), 0);
		}

		assert_int_equal(srtpx_alloc(&rig->sv[m][ALICE], profile,
					     &k[ALICE], &k[BOB]), 0);
		assert_int_equal(srtpx_alloc(&rig->sv[m][BOB], profile,
					     &k[BOB], &k[ALICE]), 0);
	}
}


static void rig_free(struct rig *rig)
{
	int i;

	for (i=0; i<MAKERS * ENDS; i++)
		mem_deref(rig->sv[i / ENDS][i % ENDS]);

	assert_int_equal(srtp_shutdown(), srtp_err_status_ok);
}


/* Any bytes of any length; RTP has CSRCs and an extension at times */
static size_t make_packet(uint8_t *pkt, bool rtcp, unsigned seq)
{
	const size_t len = 80 + rand_u16() % 1300;
	uint8_t *ext;

	rand_bytes(pkt, len);

	if (rtcp) {
		pkt[0] = 0x80;
		pkt[1] = 200;
		return len / 4 * 4;
	}

	pkt[0] = 0x80 | (pkt[0] & 0x1f);
	pkt[2] = (uint8_t)(seq >> 8);
	pkt[3] = (uint8_t)seq;
	memcpy(&pkt[8], "ssrc", 4);

	/* of one word */
	ext = &pkt[12 + (pkt[0] & 0xf) * 4];
	ext[2] = 0;
	ext[3] = 1;

	return pkt[0] & 0x10 ? max(len, (size_t)(ext - pkt) + 8) : len;
}


static void check_opens(struct srtpx *s, bool rtcp, const uint8_t *sealed,
			size_t sealed_len, const uint8_t *plain, size_t len)
{
	uint8_t pkt[SIZE];
	size_t n = sealed_len;

	/* with another type or tag it is nobody's */
	memcpy(pkt, sealed, n);
	pkt[len & 4 ? 1 : n - 5] ^= 0x40;
	assert_int_equal(srtpx_unprotect(s, rtcp, pkt, &n), EAUTH);

	n = sealed_len;
	memcpy(pkt, sealed, n);
	assert_int_equal(srtpx_unprotect(s, rtcp, pkt, &n), 0);
	assert_int_equal(n, len);
	assert_memory_equal(pkt, plain, len);
}


static void check_packet(struct rig *rig, enum end from, bool rtcp,
			 unsigned seq)
{
	uint8_t plain[SIZE], pkt[MAKERS][SIZE];
	const size_t len = make_packet(plain, rtcp, seq);
	size_t n[MAKERS];
	int m;

	for (m=0; m<MAKERS; m++) {
		n[m] = len;
		memcpy(pkt[m], plain, len);
		assert_int_equal(srtpx_protect(rig->sv[m][from], rtcp, pkt[m],
					       &n[m], SIZE), 0);
	}

	assert_int_equal(n[OURS], n[THEIRS]);
	assert_memory_equal(pkt[OURS], pkt[THEIRS], n[OURS]);

	for (m=0; m<MAKERS; m++)
		check_opens(rig->sv[m][!from], rtcp, pkt[OURS], n[OURS],
			    plain, len);
}


static void test_same_packets(void **state)
{
	struct rig rig;
	size_t p;
	unsigned i;
	(void)state;

	for (p=0; p<ARRAY_SIZE(profilev); p++) {

		rig_make(&rig, profilev[p]);

		for (i=0; i<ROUNDS; i++)
			check_packet(&rig, i & 1 ? BOB : ALICE, i & 2, i);

		rig_free(&rig);
	}
}


/* Beyond 2^16 packets the index grows: the IV must follow */
static void test_rollover(void **state)
{
	struct rig rig;
	unsigned i;
	(void)state;

	rig_make(&rig, SRTPX_AEAD_AES_128_GCM);
	assert_string_equal(srtpx_name(rig.sv[OURS][ALICE]),
			    "AEAD_AES_128_GCM");

	for (i=0xff00; i<0x10100; i += 16)
		check_packet(&rig, ALICE, false, i);

	rig_free(&rig);
}


/* One key many times, each time in other pieces. RFC 2202, 3: case 3 */
static void test_hmac_pieces(void **state)
{
	static const uint8_t key[20] = {[0 ... 19] = 0xaa};
	static const uint8_t data[50] = {[0 ... 49] = 0xdd};
	static const uint8_t tag[] = {
		0x12, 0x5d, 0x73, 0x42, 0xb9, 0xac, 0x11, 0xcd, 0x91, 0xa3,
		0x9a, 0xf4, 0x8a, 0xa1, 0x7b, 0x4f, 0x63, 0xf1, 0x75, 0xd3,
	};
	uint8_t out[sizeof(tag)];
	srtp_auth_t *a;
	size_t n;
	(void)state;

	assert_int_equal(srtp_hmac_type.alloc(&a, 20, 20), 0);
	assert_int_equal(srtp_auth_init(a, key), 0);

	for (n=0; n<=sizeof(data); n++) {
		assert_int_equal(srtp_auth_start(a), 0);
		assert_int_equal(srtp_auth_update(a, data, (int)n), 0);
		assert_int_equal(srtp_auth_compute(a, &data[n],
						   (int)(sizeof(data) - n),
						   out), 0);
		assert_memory_equal(out, tag, sizeof(tag));
	}

	assert_int_equal(srtp_auth_dealloc(a), 0);

	/* what it cannot do is refused */
	assert_int_not_equal(srtp_hmac_type.alloc(&a, 65, 20), 0);
	assert_int_not_equal(srtp_hmac_type.alloc(&a, 20, 21), 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_packets),
		cmocka_unit_test(test_rollover),
		cmocka_unit_test(test_hmac_pieces),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
