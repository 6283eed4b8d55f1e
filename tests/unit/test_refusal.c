/**
 * @file test_refusal.c  What counts as refused, and what does not
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <re.h>
#include "sip/pure/refusal.h"


static void test_forgive(void **state)
{
	struct refusal r = {0};
	struct sa phone, port, other;
	(void)state;

	(void)sa_set_str(&phone, "192.0.2.1", 4000);
	(void)sa_set_str(&port,  "192.0.2.1", 4002);
	(void)sa_set_str(&other, "192.0.2.2", 4000);

	refusal_add(&r, &phone);
	refusal_add(&r, &phone);
	refusal_add(&r, &phone);
	assert_int_equal(3, r.count);
	refusal_forgive(&r, &other);
	refusal_forgive(&r, &port);
	assert_int_equal(3, r.count);
	refusal_forgive(&r, &phone);
	assert_int_equal(0, r.count);
	refusal_forgive(&r, &phone);
	assert_int_equal(0, r.count);
}


/* Strangers are not forgiven because the phone is found */
static void test_stranger(void **state)
{
	struct refusal r = {0};
	struct sa phone, other;
	(void)state;

	(void)sa_set_str(&phone, "192.0.2.1", 4000);
	(void)sa_set_str(&other, "192.0.2.2", 4000);

	refusal_add(&r, &other);
	refusal_add(&r, &other);
	refusal_add(&r, &phone);
	refusal_forgive(&r, &phone);
	assert_int_equal(2, r.count);
	refusal_add(&r, &other);
	assert_int_equal(3, r.count);
	refusal_forgive(&r, &phone);
	assert_int_equal(3, r.count);
}


static void test_keepalive(void **state)
{
	static const uint8_t zero[4], crlf[] = "\r\n\r\n";
	static const uint8_t stun[20] = {0x00, 0x01, 0, 0,
		0x21, 0x12, 0xa4, 0x42};
	static const uint8_t rtp[12] = {0x80, 0x00, 0, 1,
		0x21, 0x12, 0xa4, 0x42};
	static const uint8_t noise[20] = {0x00, 0x01, 0, 0, 1, 2, 3, 4};
	static const uint8_t bad[20] = {0x80, 0x01, 0, 0,
		0x21, 0x12, 0xa4, 0x42};
	(void)state;

	assert_true(refusal_is_keepalive(NULL, 0));
	assert_true(refusal_is_keepalive(zero, sizeof(zero)));
	assert_true(refusal_is_keepalive(crlf, 4));
	assert_true(refusal_is_keepalive(stun, sizeof(stun)));
	assert_false(refusal_is_keepalive(rtp, sizeof(rtp)));
	assert_false(refusal_is_keepalive(noise, sizeof(noise)));
	assert_false(refusal_is_keepalive(bad, sizeof(bad)));
	assert_false(refusal_is_keepalive(stun, 19));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forgive),
		cmocka_unit_test(test_stranger),
		cmocka_unit_test(test_keepalive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
