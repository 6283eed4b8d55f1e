/**
 * @file test_seal.c  SDES: lines of a=crypto, and what may pass
 */
#include "seal_rig.h"


#define KG "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHA"
#define CM32 "AES_CM_128_HMAC_SHA1_32"


static void test_lines_that_are_taken(void **state)
{
	static const struct {
		const char *line;
		uint32_t tag;
		int suite;
	} v[] = {
		{"1 " CM80 " inline:" K1, 1, SRTPX_AES128_CM_SHA1_80},
		{" 1  " CM80 "\tinline:" K1 " ", 1, SRTPX_AES128_CM_SHA1_80},
		{"999999999 " CM32 " inline:" K1, 999999999,
		 SRTPX_AES128_CM_SHA1_32},
		{"2 AEAD_AES_128_GCM inline:" KG "==", 2,
		 SRTPX_AEAD_AES_128_GCM},
		{"2 AEAD_AES_128_GCM inline:" KG, 2, SRTPX_AEAD_AES_128_GCM},
		{"3 AEAD_AES_256_GCM inline:" KX "=", 3,
		 SRTPX_AEAD_AES_256_GCM},
		{"1 " CM80 " inline:" K1 "|2^31", 1, SRTPX_AES128_CM_SHA1_80},
		{"1 " CM80 " inline:" K1 "|1048576", 1,
		 SRTPX_AES128_CM_SHA1_80},
		{"1 " CM80 " inline:" K1 " WSH=64", 1,
		 SRTPX_AES128_CM_SHA1_80},
		{"1 " CM80 " inline:" K1 " KDR=0 -x=1", 1,
		 SRTPX_AES128_CM_SHA1_80},
	};
	struct sdes_crypto c;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		assert_int_equal(decode(v[i].line, &c), 0);
		assert_int_equal(c.tag, v[i].tag);
		assert_int_equal(c.suite, v[i].suite);
	}
}


static void test_lines_that_are_not(void **state)
{
	static const char *v[] = {
		"", " ", "1", "1 " CM80, "1 " CM80 " ", "x " CM80 " inline:" K1,
		"1234567890 " CM80 " inline:" K1,
		"1 AES_256_CM_HMAC_SHA1_80 inline:" KX,
		"1 F8_128_HMAC_SHA1_80 inline:" K1,
		"1 NULL inline:" K1,
		/* a key that is too short, too long, or none */
		"1 " CM80 " inline:", "1 " CM80 " inline:AAAA",
		"1 " CM80 " inline:" K1 "AAAA", "1 " CM80 " inline:" KX "=",
		"1 AEAD_AES_128_GCM inline:" K1,
		"1 " CM80 " inline:" K1 "====",
		"1 " CM80 " inline:WVNfX19zZW1jdGwgKCkgewky*jA7fQp9CnVubGVz",
		"1 " CM80 " uri:" K1,
		/* a master key index, several keys */
		"1 " CM80 " inline:" K1 "|2^31|1:1",
		"1 " CM80 " inline:" K1 "|1:4",
		"1 " CM80 " inline:" K1 "|2^20|", "1 " CM80 " inline:" K1 "|",
		"1 " CM80 " inline:" K1 "|2^20|1:4;inline:" K2 "|2^20|2:4",
		/* what changes the packets */
		"1 " CM80 " inline:" K1 " UNENCRYPTED_SRTP",
		"1 " CM80 " inline:" K1 " UNENCRYPTED_SRTCP",
		"1 " CM80 " inline:" K1 " WSH=64 UNAUTHENTICATED_SRTP",
		"1 " CM80 " inline:" K1 " KDR=24",
		"1 " CM80 " inline:" K1 " FEC_ORDER=FEC_SRTP",
		"1 " CM80 " inline:" K1 " NEW_AND_UNKNOWN",
	};
	struct sdes_crypto c;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++)
		assert_int_not_equal(decode(v[i], &c), 0);
}


static void test_ours_can_be_read(void **state)
{
	static const int suitev[] = {
		SRTPX_AES128_CM_SHA1_80, SRTPX_AES128_CM_SHA1_32,
		SRTPX_AEAD_AES_128_GCM, SRTPX_AEAD_AES_256_GCM,
	};
	struct sdes_crypto a, b;
	char line[SDES_LINE_MAX];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(suitev); i++) {
		assert_int_equal(sdes_make(&a, 7, suitev[i]), 0);
		assert_int_equal(sdes_encode(line, sizeof(line), &a), 0);
		assert_int_equal(decode(line, &b), 0);
		assert_int_equal(b.tag, 7);
		assert_int_equal(b.suite, suitev[i]);
		assert_int_equal(b.len, a.len);
		assert_memory_equal(a.key, b.key, a.len);
	}
}


static void test_modes(void **state)
{
	enum sdes_mode mode;
	(void)state;

	assert_int_equal(sdes_mode_decode(&mode, NULL), 0);
	assert_int_equal(mode, SDES_OFF);
	assert_int_equal(sdes_mode_decode(&mode, "srtp"), 0);
	assert_int_equal(mode, SDES_OPT);
	assert_int_equal(sdes_mode_decode(&mode, "srtp-mand"), 0);
	assert_int_equal(mode, SDES_MAND);
	assert_int_equal(sdes_mode_decode(&mode, "srtp-mandf"), 0);
	assert_int_equal(mode, SDES_MANDF);
	assert_int_equal(sdes_mode_decode(&mode, "srtp-mandatory"), ENOTSUP);
	assert_int_equal(sdes_mode_decode(&mode, "dtls_srtp"), ENOTSUP);
}


/* What each account does with each offer */
static void test_offers(void **state)
{
	enum {NO, PLAIN, SECURE};
	static const struct {
		const char *proto, *lines;
		int off, opt, mand;
	} v[] = {
		{"RTP/AVP", "", PLAIN, PLAIN, NO},
		{"RTP/AVP", LINE, PLAIN, SECURE, SECURE},
		{"RTP/AVPF", LINE, PLAIN, SECURE, SECURE},
		{"RTP/AVP", BAD, PLAIN, PLAIN, NO},
		{"RTP/AVP", MKI, PLAIN, PLAIN, NO},
		{"RTP/SAVP", "", NO, NO, NO},
		{"RTP/SAVP", LINE, NO, SECURE, SECURE},
		{"RTP/SAVPF", LINE, NO, SECURE, SECURE},
		{"RTP/SAVP", BAD, NO, NO, NO},
		{"RTP/SAVP", MKI, NO, NO, NO},
		{"RTP/SAVP", BAD MKI LINE, NO, SECURE, SECURE},
		{"UDP/TLS/RTP/SAVP", LINE, NO, NO, NO},
	};
	size_t i, k;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		for (k=SDES_OFF; k<=SDES_MAND; k++) {

			const enum sdes_mode mode = (enum sdes_mode)k;
			const int want = k == SDES_OFF ? v[i].off
				: k == SDES_OPT ? v[i].opt : v[i].mand;
			struct side s;
			bool ok;

			side_init(&s, mode);
			ok = hear(&s, mode, true, v[i].proto, v[i].lines);
			assert_int_equal(ok, want != NO);

			if (mode != SDES_OFF)
				assert_int_equal(seal_state(s.seal),
						 want == NO ? SEAL_CLOSED :
						 want == PLAIN ? SEAL_PLAIN :
						 SEAL_SECURE);
			assert_int_equal(has_crypto(&s, false),
					 want == SECURE);
			side_close(&s);
		}
	}
}


/* What each account does with each answer to an offer of its own */
static void test_answers(void **state)
{
	static const struct {
		const char *proto, *lines;
		enum seal_state opt, mand;
	} v[] = {
		{"RTP/AVP", "", SEAL_PLAIN, SEAL_CLOSED},
		{"RTP/AVP", LINE, SEAL_SECURE, SEAL_SECURE},
		{"RTP/SAVP", LINE, SEAL_SECURE, SEAL_SECURE},
		{"RTP/SAVP", "", SEAL_PLAIN, SEAL_CLOSED},
		{"RTP/AVP", MKI, SEAL_CLOSED, SEAL_CLOSED},
		{"RTP/SAVP", BAD, SEAL_CLOSED, SEAL_CLOSED},
		/* not what was offered */
		{"RTP/SAVP", "a=crypto:1 " CM32 " inline:" K1 "\r\n",
		 SEAL_CLOSED, SEAL_CLOSED},
	};
	size_t i, k;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		for (k=SDES_OPT; k<=SDES_MAND; k++) {

			const enum sdes_mode mode = (enum sdes_mode)k;
			uint8_t pkt[ROOM] = {0x80};
			size_t len = 32;
			struct side s;

			side_init(&s, mode);
			assert_int_equal(seal_offer(s.seal, s.m), 0);
			assert_true(has_crypto(&s, true));

			/* early packets, before there is an answer */
			assert_int_equal(seal_in(s.seal, false, pkt, &len, 0),
					 EACCES);
			assert_int_equal(seal_out(s.seal, false, pkt, &len,
						  sizeof(pkt)), EACCES);

			hear(&s, mode, false, v[i].proto, v[i].lines);
			assert_int_equal(seal_state(s.seal), k == SDES_OPT
					 ? v[i].opt : v[i].mand);
			side_close(&s);
		}
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_that_are_taken),
		cmocka_unit_test(test_lines_that_are_not),
		cmocka_unit_test(test_ours_can_be_read),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
