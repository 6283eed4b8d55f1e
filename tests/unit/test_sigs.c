/**
 * @file test_sigs.c  Signals that come while the process starts, or ends
 */
#include "testutil.h"
#include <errno.h>
#include <signal.h>
#include <re.h>
#include "base/sigs.h"


static unsigned hups;


static void hup_handler(void *arg)
{
	(void)arg;

	++hups;
	re_cancel();
}


/* Each of these would end this process */
static void raise_all(void)
{
	assert_int_equal(raise(SIGHUP), 0);
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(raise(SIGUSR2), 0);
}


static void test_held_until_taken(void **state)
{
	(void)state;

	hups = 0;
	assert_int_equal(sigs_hold(), 0);
	assert_int_equal(sigs_hold(), 0);
	raise_all();
	assert_int_equal(sigs_init(hup_handler, NULL), 0);
	assert_int_equal(re_main(NULL), 0);
	assert_int_equal(hups, 1);
	sigs_close();
}


/* With a wrong configuration they are never taken */
static void test_held_and_given_back(void **state)
{
	sigset_t set;
	(void)state;

	assert_int_equal(sigs_hold(), 0);
	raise_all();
	sigs_close();
	sigs_close();

	assert_int_equal(sigpending(&set), 0);
	assert_int_equal(sigismember(&set, SIGHUP), 0);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &set), 0);
	assert_int_equal(sigismember(&set, SIGHUP), 0);
}


static void test_late(void **state)
{
	(void)state;

	hups = 0;
	assert_int_equal(sigs_init(hup_handler, NULL), 0);
	raise_all();
	assert_int_equal(re_main(NULL), 0);
	assert_int_equal(hups, 1);

	/* those behind the last turn of the loop */
	raise_all();
	sigs_close();
}


static unsigned terms;


static void term_handler(void *arg)
{
	(void)arg;

	++terms;
	re_cancel();
}


static void end_handler(int sig)
{
	assert_int_equal(sig, SIGTERM);
	terms += 100;
}


/* It is handed to the loop each time, until it is to count */
static void test_term(void **state)
{
	(void)state;

	terms = 0;
	assert_int_equal(sigs_take_term(term_handler), EINVAL);
	assert_int_equal(sigs_init(hup_handler, NULL), 0);
	assert_int_equal(sigs_take_term(NULL), EINVAL);
	assert_int_equal(sigs_take_term(term_handler), 0);

	assert_int_equal(raise(SIGTERM), 0);
	assert_int_equal(re_main(NULL), 0);
	assert_int_equal(terms, 1);
	assert_int_equal(raise(SIGTERM), 0);
	assert_int_equal(re_main(NULL), 0);
	assert_int_equal(terms, 2);

	(void)signal(SIGTERM, end_handler);
	sigs_end();
	assert_int_equal(terms, 102);
	sigs_end();
	assert_int_equal(terms, 102);
	assert_int_equal(raise(SIGTERM), 0);
	assert_int_equal(terms, 202);
	sigs_close();
	(void)signal(SIGTERM, SIG_DFL);
}


/* Nobody has asked for it: whoever has it gets it, when the start is over */
static void test_term_not_taken(void **state)
{
	(void)state;

	terms = 0;
	(void)signal(SIGTERM, end_handler);
	assert_int_equal(sigs_hold(), 0);
	assert_int_equal(raise(SIGTERM), 0);
	assert_int_equal(terms, 0);
	assert_int_equal(sigs_init(hup_handler, NULL), 0);
	assert_int_equal(terms, 100);
	sigs_end();
	assert_int_equal(terms, 100);
	sigs_close();
	(void)signal(SIGTERM, SIG_DFL);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_held_until_taken),
		cmocka_unit_test(test_held_and_given_back),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_term),
		cmocka_unit_test(test_term_not_taken),
	};
	int n;

	if (libre_init())
		return 1;

	n = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return n;
}
