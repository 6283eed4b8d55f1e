/**
 * @file test_renonce.c  Which challenges within a call are answered
 */
#include "testutil.h"
#include <re.h>
#include "sip/pure/renonce.h"


static struct pl tag = PL("t");


static enum renonce ask(const char *callid, const char *met, uint32_t cseq)
{
	struct pl id, m;

	pl_set_str(&id, callid);
	pl_set_str(&m, met);

	return renonce_ask(&id, &tag, &m, cseq);
}


static void done(const char *callid)
{
	struct pl id;

	pl_set_str(&id, callid);
	renonce_done(&id, &tag);
}


static void test_wrong_password(void **state)
{
	(void)state;

	assert_int_equal(ask("a", "INVITE", 10), RENONCE_NEW);
	assert_int_equal(ask("a", "INVITE", 11), RENONCE_SAME);
	renonce_close();
}


static void test_new_nonce(void **state)
{
	(void)state;

	assert_int_equal(ask("a", "INVITE", 10), RENONCE_NEW);
	done("a");                              /* 11 */

	/* the nonce is another one, and again for each request */
	assert_int_equal(ask("a", "INFO", 12), RENONCE_NEW);
	done("a");                              /* 13 */
	assert_int_equal(ask("a", "INFO", 14), RENONCE_NEW);
	done("a");                              /* 15 */
	assert_int_equal(ask("a", "BYE", 16), RENONCE_NEW);
	assert_int_equal(ask("a", "BYE", 17), RENONCE_SAME);
	assert_int_equal(ask("b", "BYE", 17), RENONCE_NEW);
	renonce_close();
}


/* Requests between the attempts do not make an endless row of them */
static void test_never_without_an_end(void **state)
{
	unsigned i, n = 0;
	(void)state;

	for (i=0; i<100; i++)
		n += !!ask("a", i % 2 ? "INFO" : "INVITE", 10 + i);

	assert_int_equal(n, 3);
	renonce_close();
}


/* libre would answer what is called stale, or is of another realm */
static void test_answers_to_answers(void **state)
{
	(void)state;

	assert_int_equal(ask("a", "BYE", 1), RENONCE_NEW);
	assert_int_equal(ask("a", "BYE", 2), RENONCE_SAME);
	assert_int_equal(ask("a", "BYE", 3), RENONCE_SAME);
	assert_int_equal(ask("a", "BYE", 4), RENONCE_NO);
	assert_int_equal(ask("a", "BYE", 5), RENONCE_NO);
	done("a");
	assert_int_equal(ask("a", "BYE", 6), RENONCE_NEW);
	renonce_close();
}


/* A response that comes again is one: no more is to be heard of its request */
static void test_twice(void **state)
{
	unsigned i;
	(void)state;

	for (i=0; i<8; i++)
		assert_int_equal(ask("a", "INVITE", 1), RENONCE_NEW);
	for (i=0; i<8; i++)
		assert_int_equal(ask("a", "INVITE", 2), RENONCE_SAME);
	assert_int_equal(ask("a", "INFO", 2), RENONCE_NEW);
	assert_int_equal(ask("a", "INFO", 3), RENONCE_NO);
	assert_int_equal(ask("a", "INFO", 3), RENONCE_NO);
	renonce_close();
}


/* Of an app's call to another account of ours both ends are here */
static void test_both_ends(void **state)
{
	const struct pl here = PL("t"), there = PL("u");
	(void)state;

	assert_int_equal(ask("a", "BYE", 5), RENONCE_NEW);
	tag = there;
	assert_int_equal(ask("a", "BYE", 6), RENONCE_NEW);
	done("a");
	tag = here;
	assert_int_equal(ask("a", "BYE", 6), RENONCE_SAME);
	renonce_close();
}


static void test_many_calls(void **state)
{
	char id[16];
	unsigned i;
	(void)state;

	for (i=0; i<3000; i++) {
		(void)re_snprintf(id, sizeof(id), "%u", i);
		assert_int_equal(ask(id, "BYE", 1), RENONCE_NEW);
		assert_int_equal(ask(id, "BYE", 2), RENONCE_SAME);
	}
	renonce_close();
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_password),
		cmocka_unit_test(test_new_nonce),
		cmocka_unit_test(test_never_without_an_end),
		cmocka_unit_test(test_answers_to_answers),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_both_ends),
		cmocka_unit_test(test_many_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
