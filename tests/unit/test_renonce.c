/**
 * @file test_renonce.c  Which challenges within a call are answered
 */
#include "testutil.h"
#include <re.h>
#include "sip/renonce.h"


static bool may(const char *callid, const char *met, uint32_t cseq)
{
	struct pl id, m;

	pl_set_str(&id, callid);
	pl_set_str(&m, met);

	return renonce_may(&id, &m, cseq);
}


static void done(const char *callid)
{
	struct pl id;

	pl_set_str(&id, callid);
	renonce_done(&id);
}


static void test_wrong_password(void **state)
{
	(void)state;

	assert_true(may("a", "INVITE", 10));
	assert_false(may("a", "INVITE", 11));
	renonce_close();
}


static void test_new_nonce(void **state)
{
	(void)state;

	assert_true(may("a", "INVITE", 10));
	done("a");                              /* 11 */

	/* the nonce is another one, and again for each request */
	assert_true(may("a", "INFO", 12));
	done("a");                              /* 13 */
	assert_true(may("a", "INFO", 14));
	done("a");                              /* 15 */
	assert_true(may("a", "BYE", 16));
	assert_false(may("a", "BYE", 17));
	assert_true(may("b", "BYE", 17));
	renonce_close();
}


/* Requests between the attempts do not make an endless row of them */
static void test_never_without_an_end(void **state)
{
	unsigned i, n = 0;
	(void)state;

	for (i=0; i<100; i++)
		n += may("a", i % 2 ? "INFO" : "INVITE", 10 + i);

	assert_int_equal(n, 3);
	renonce_close();
}


static void test_many_calls(void **state)
{
	char id[16];
	unsigned i;
	(void)state;

	for (i=0; i<3000; i++) {
		(void)re_snprintf(id, sizeof(id), "%u", i);
		assert_true(may(id, "BYE", 1));
		assert_false(may(id, "BYE", 2));
	}
	renonce_close();
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_password),
		cmocka_unit_test(test_new_nonce),
		cmocka_unit_test(test_never_without_an_end),
		cmocka_unit_test(test_many_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
