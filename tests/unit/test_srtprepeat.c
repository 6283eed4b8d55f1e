/**
 * @file tests/unit/test_srtprepeat.c  SRTP: a packet that is sent again
 */
#include "testutil.h"
#include "peer/srtp.h"


enum {
	VIDEO = 0x01020304,     /* may be sent again */
	AUDIO = 0x01020305,     /* may not */
	LEN   = 1200,
	SIZE  = LEN + 160,
};

struct rig {
	struct srtpx *tx, *rx;
	struct srtpx_key key;
};


static void rig_make(struct rig *rig, enum srtpx_profile profile)
{
	struct srtpx_key other;

	rand_bytes((uint8_t *)&rig->key, sizeof(rig->key));
	rand_bytes((uint8_t *)&other, sizeof(other));
	assert_int_equal(srtpx_alloc(&rig->tx, profile, &rig->key, &other),
			 0);
	assert_int_equal(srtpx_alloc(&rig->rx, profile, &other, &rig->key),
			 0);
	assert_int_equal(srtpx_allow_repeat(rig->tx, profile, &rig->key,
					    VIDEO), 0);
}


static void rig_free(struct rig *rig)
{
	mem_deref(rig->tx);
	mem_deref(rig->rx);
}


static int seal(struct rig *rig, uint32_t ssrc, uint16_t seq, uint8_t fill,
		uint8_t *pkt, size_t *len)
{
	memset(pkt, fill, LEN);
	memset(pkt, 0, 12);
	pkt[0]  = 0x80;
	pkt[1]  = 96;
	pkt[2]  = (uint8_t)(seq >> 8);
	pkt[3]  = (uint8_t)seq;
	pkt[8]  = (uint8_t)(ssrc >> 24);
	pkt[9]  = (uint8_t)(ssrc >> 16);
	pkt[10] = (uint8_t)(ssrc >> 8);
	pkt[11] = (uint8_t)ssrc;
	*len = LEN;

	return srtpx_protect(rig->tx, false, pkt, len, SIZE);
}


static void check_repeat(enum srtpx_profile profile)
{
	uint8_t first[SIZE], again[SIZE];
	struct rig rig;
	size_t n, m;
	uint16_t seq;

	rig_make(&rig, profile);

	/* the very same comes out, on a line that lost the first one */
	assert_int_equal(seal(&rig, VIDEO, 65530, 1, first, &n), 0);
	assert_int_equal(seal(&rig, VIDEO, 65530, 1, again, &m), 0);
	assert_int_equal(n, m);
	assert_memory_equal(first, again, n);
	assert_int_equal(srtpx_unprotect(rig.rx, false, again, &m), 0);
	assert_int_equal(m, LEN);
	assert_int_equal(again[LEN - 1], 1);
	assert_int_equal(srtpx_unprotect(rig.rx, false, first, &n), EALREADY);

	/* another one of that number does not, in whatever place */
	assert_int_equal(seal(&rig, VIDEO, 65530, 2, again, &m), EALREADY);
	assert_int_equal(seal(&rig, VIDEO, 65530, 1, again, &m), 0);

	/* also over a wrap, among a thousand others */
	assert_int_equal(seal(&rig, VIDEO, 65531, 3, first, &n), 0);
	for (seq=65532; seq != 900; seq++)
		assert_int_equal(seal(&rig, VIDEO, seq, (uint8_t)seq, again,
				      &m), 0);
	assert_int_equal(seal(&rig, VIDEO, 65531, 4, again, &m), EALREADY);
	assert_int_equal(seal(&rig, VIDEO, 65531, 3, again, &m), 0);
	assert_memory_equal(first, again, n);
	assert_int_equal(seal(&rig, VIDEO, 700, (uint8_t)700, again, &m), 0);
	assert_int_equal(seal(&rig, VIDEO, 700, (uint8_t)701, again, &m),
			 EALREADY);

	/* but not for ever */
	for (; seq != 1100; seq++)
		assert_int_equal(seal(&rig, VIDEO, seq, 0, again, &m), 0);
	assert_int_equal(seal(&rig, VIDEO, 65531, 3, again, &m), EALREADY);

	/* and not of any other source */
	assert_int_equal(seal(&rig, AUDIO, 5, 1, first, &n), 0);
	assert_int_equal(seal(&rig, AUDIO, 5, 1, again, &m), EALREADY);
	assert_int_equal(srtpx_unprotect(rig.rx, false, first, &n), 0);

	rig_free(&rig);
}


static void test_repeat(void **state)
{
	(void)state;

	check_repeat(SRTPX_AES128_CM_SHA1_80);
	check_repeat(SRTPX_AEAD_AES_128_GCM);
	check_repeat(SRTPX_AEAD_AES_256_GCM);
}


static void test_misuse(void **state)
{
	struct rig rig;
	(void)state;

	rig_make(&rig, SRTPX_AEAD_AES_128_GCM);
	assert_int_equal(srtpx_allow_repeat(rig.tx, SRTPX_AEAD_AES_128_GCM,
					    &rig.key, AUDIO), EALREADY);
	assert_int_equal(srtpx_allow_repeat(rig.rx, 99, &rig.key, 1),
			 ENOTSUP);
	assert_int_equal(srtpx_allow_repeat(NULL, SRTPX_AEAD_AES_128_GCM,
					    &rig.key, 1), EINVAL);
	assert_int_equal(srtpx_allow_repeat(rig.rx, SRTPX_AEAD_AES_128_GCM,
					    NULL, 1), EINVAL);
	rig_free(&rig);
}


static int setup(void **state)
{
	int err = tu_setup(state);

	return err ? err : srtpx_init();
}


static int teardown(void **state)
{
	srtpx_close();

	return tu_teardown(state);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repeat),
		cmocka_unit_test(test_misuse),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
