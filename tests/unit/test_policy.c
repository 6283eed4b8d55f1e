/**
 * @file test_policy.c  Codec choice
 */
#include "policy_rig.h"


static void test_offer_prefers_opus(void **state)
{
	struct peer_fmt fmtv[POLICY_FMT_MAX];
	struct sipleg_audio au;
	(void)state;

	memset(&au, 0, sizeof(au));
	add(&au, "PCMA", 8000, 8);

	assert_int_equal(6, policy_offer(fmtv, POLICY_OPUS, phone(&au)));
	assert_string_equal("opus", fmtv[0].name);
}


static void test_offer_prefers_the_phones(void **state)
{
	struct peer_fmt fmtv[POLICY_FMT_MAX];
	struct sipleg_audio au;
	(void)state;

	memset(&au, 0, sizeof(au));
	add(&au, "GSM", 8000, 3);
	add(&au, "pcma", 8000, 8);
	add(&au, "G722", 8000, 9);

	assert_int_equal(6, policy_offer(fmtv, POLICY_RELAY, phone(&au)));
	assert_string_equal("PCMA", fmtv[0].name);
	assert_string_equal("G722", fmtv[1].name);
	assert_string_equal("opus", fmtv[2].name);
	assert_string_equal("PCMU", fmtv[3].name);

	/* nothing known of the phone: the default order */
	assert_int_equal(6, policy_offer(fmtv, POLICY_RELAY, NULL));
	assert_string_equal("opus", fmtv[0].name);
}


static void test_shared_codec_is_forwarded(void **state)
{
	struct sipleg_audio au;
	struct peer_media pm;
	(void)state;

	memset(&au, 0, sizeof(au));
	memset(&pm, 0, sizeof(pm));
	add(&au, "telephone-event", 8000, 101);
	add(&au, "PCMU", 8000, 0);
	add(&au, "opus", 48000, 96);
	add_peer(&pm, "telephone-event", 48000);
	add_peer(&pm, "opus", 48000);

	assert_string_equal("opus", policy_cube_tx(&pm)->name);
	assert_int_equal(96, policy_sip_tx(&au, app(&pm))->pt);
	assert_int_equal(0, policy_sip_tx(&au, NULL)->pt);
}


static void test_nothing_in_common(void **state)
{
	struct sipleg_audio au;
	struct peer_media pm;
	(void)state;

	memset(&au, 0, sizeof(au));
	memset(&pm, 0, sizeof(pm));
	assert_null(policy_sip_tx(&au, app(&pm)));
	assert_null(policy_cube_tx(&pm));
	assert_null(policy_cube_tx(NULL));

	add(&au, "CN", 8000, 13);
	assert_null(policy_sip_tx(&au, NULL));
}


static void test_cn_only_with_the_phone(void **state)
{
	struct peer_fmt fmtv[POLICY_FMT_MAX];
	struct sipleg_audio au;
	(void)state;

	memset(&au, 0, sizeof(au));
	add(&au, "PCMU", 8000, 0);
	assert_int_equal(6, policy_offer(fmtv, POLICY_OPUS, phone(&au)));
	add(&au, "CN", 8000, 13);
	assert_int_equal(7, policy_offer(fmtv, POLICY_OPUS, phone(&au)));
	assert_string_equal("CN", fmtv[4].name);
}


/* Keys: the app's clock must be the codec's, the phone's should be */
static void test_events(void **state)
{
	struct peer_fmt fmtv[POLICY_FMT_MAX];
	struct sipleg_audio au;
	struct peer_media pm;
	(void)state;

	assert_int_equal(6, policy_offer(fmtv, POLICY_OPUS, NULL));
	assert_string_equal("telephone-event", fmtv[4].name);
	assert_int_equal(48000, fmtv[4].crate);
	assert_string_equal("telephone-event", fmtv[5].name);
	assert_int_equal(8000, fmtv[5].crate);

	memset(&au, 0, sizeof(au));
	memset(&pm, 0, sizeof(pm));
	assert_null(policy_cube_event(&pm));
	assert_null(policy_sip_event(&au, NULL));

	add_peer(&pm, "telephone-event", 8000);
	add_peer(&pm, "opus", 48000);
	assert_null(policy_cube_event(&pm));
	add_peer(&pm, "telephone-event", 48000);
	assert_ptr_equal(&pm.fmtv[2], policy_cube_event(&pm));

	add(&au, "opus", 48000, 96);
	assert_null(policy_sip_event(&au, &au.txv[0]));
	add(&au, "telephone-event", 8000, 101);
	assert_int_equal(101, policy_sip_event(&au, &au.txv[0])->pt);
	add(&au, "telephone-event", 48000, 102);
	assert_int_equal(102, policy_sip_event(&au, &au.txv[0])->pt);
	add(&au, "PCMU", 8000, 0);
	assert_int_equal(101, policy_sip_event(&au, &au.txv[3])->pt);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offer_prefers_opus),
		cmocka_unit_test(test_offer_prefers_the_phones),
		cmocka_unit_test(test_shared_codec_is_forwarded),
		cmocka_unit_test(test_nothing_in_common),
		cmocka_unit_test(test_cn_only_with_the_phone),
		cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
