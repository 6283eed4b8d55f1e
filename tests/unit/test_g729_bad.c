/**
 * @file test_g729_bad.c  G.729: what is no frame of it, and its parameters
 */
#include "g729_rig.h"


static void test_bad(void **state)
{
	const size_t badv[] = {1, 3, 8, 9, 11, 13, 15, 19, 21, 25, 101};
	const int16_t zero[161] = {0};
	struct auenc_state *enc = encoder(&with_b, NULL);
	struct audec_state *dec = decoder();
	struct auenc_param prm = {.ptime = 20};
	int16_t out[G729_SAMPC * 15];
	uint8_t buf[150] = {0};
	bool marker = false;
	size_t i, n, len;
	(void)state;

	for (i=0; i<ARRAY_SIZE(badv); i++) {
		n = ARRAY_SIZE(out);
		assert_int_equal(g729_decode(dec, AUFMT_S16LE, out, &n,
					     false, buf, badv[i]), EBADMSG);
	}

	n = ARRAY_SIZE(out);
	assert_int_equal(g729_decode(dec, AUFMT_S16LE, out, &n, false, buf,
				     0), EBADMSG);

	/* no room: not one sample is written */
	for (i=0; i<ARRAY_SIZE(out); i++)
		out[i] = 1;
	n = 2 * G729_SAMPC - 1;
	assert_int_equal(g729_decode(dec, AUFMT_S16LE, out, &n, false, buf,
				     20), EOVERFLOW);
	n = G729_SAMPC;
	assert_int_equal(g729_decode(dec, AUFMT_S16LE, out, &n, false, buf,
				     12), EOVERFLOW);
	for (i=0; i<ARRAY_SIZE(out); i++)
		assert_int_equal(out[i], 1);

	n = ARRAY_SIZE(out);
	assert_int_equal(g729_decode(dec, AUFMT_FLOAT, out, &n, false, buf,
				     20), ENOTSUP);
	assert_int_equal(g729_conceal(dec, AUFMT_FLOAT, out, &n, NULL, 0),
			 ENOTSUP);
	assert_int_equal(g729_decode(NULL, AUFMT_S16LE, out, &n, false, buf,
				     20), EINVAL);
	assert_int_equal(g729_decode(dec, AUFMT_S16LE, out, NULL, false, buf,
				     20), EINVAL);
	assert_int_equal(g729_conceal(NULL, AUFMT_S16LE, out, &n, NULL, 0),
			 EINVAL);

	/* parts of frames */
	len = sizeof(buf);
	assert_int_equal(g729_encode(enc, &marker, buf, &len, AUFMT_S16LE,
				     zero, 161), EINVAL);
	assert_int_equal(g729_encode(enc, &marker, buf, &len, AUFMT_S16LE,
				     zero, 0), EINVAL);
	len = 19;
	assert_int_equal(g729_encode(enc, &marker, buf, &len, AUFMT_S16LE,
				     zero, 160), EOVERFLOW);
	len = sizeof(buf);
	assert_int_equal(g729_encode(enc, &marker, buf, &len, AUFMT_S24_3LE,
				     zero, 160), ENOTSUP);
	assert_int_equal(g729_encode(NULL, &marker, buf, &len, AUFMT_S16LE,
				     zero, 160), EINVAL);

	assert_int_equal(g729_encode_update(NULL, &with_b.ac, &prm, NULL),
			 EINVAL);
	assert_int_equal(g729_encode_update(&enc, NULL, &prm, NULL), EINVAL);
	assert_int_equal(g729_decode_update(NULL, &with_b.ac, NULL), EINVAL);

	mem_deref(enc);
	mem_deref(dec);
}


static void test_fmtp(void **state)
{
	(void)state;

	assert_true(g729_annexb(NULL));
	assert_true(g729_annexb(""));
	assert_true(g729_annexb("annexb=yes"));
	assert_true(g729_annexb("annexb"));
	assert_true(g729_annexb("annexb="));
	assert_true(g729_annexb("bitrate=8;annexb=yes"));
	assert_true(g729_annexb("xannexb=no"));
	assert_true(g729_annexb("annexb=nothing"));

	assert_false(g729_annexb("annexb=no"));
	assert_false(g729_annexb("annexb=NO"));
	assert_false(g729_annexb("AnnexB=no"));
	assert_false(g729_annexb(" annexb = no "));
	assert_false(g729_annexb("bitrate=8; annexb=no"));
	assert_false(g729_annexb("annexb=no;bitrate=8"));
}


static void assert_sdp(const struct g729 *g729, bool offer,
		       const char *rparams, const char *wanted)
{
	struct sdp_format fmt = {.id = (char *)"18",
				 .rparams = (char *)rparams};
	struct mbuf *mb = mbuf_alloc(64);
	char sdp[64];

	assert_int_equal(g729_fmtp_enc(mb, &fmt, offer, (void *)g729), 0);
	assert_true(mb->end < sizeof(sdp));

	memcpy(sdp, mb->buf, mb->end);
	sdp[mb->end] = '\0';
	assert_string_equal(sdp, wanted);

	mem_deref(mb);
}


static void test_sdp(void **state)
{
	static const char yes[] = "a=fmtp:18 annexb=yes\r\n";
	static const char no[]  = "a=fmtp:18 annexb=no\r\n";
	(void)state;

	assert_sdp(&with_b, true, NULL, yes);
	assert_sdp(&with_b, false, NULL, yes);
	assert_sdp(&with_b, false, "annexb=yes", yes);
	assert_sdp(&with_b, false, "annexb=no", no);

	/* an offer does not depend on what was before */
	assert_sdp(&with_b, true, "annexb=no", yes);

	assert_sdp(&without_b, true, NULL, no);
	assert_sdp(&without_b, false, "annexb=yes", no);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad), cmocka_unit_test(test_fmtp),
		cmocka_unit_test(test_sdp),
	};

	return cmocka_run_group_tests_name("g729", tests, tu_setup,
					   tu_teardown);
}
