/**
 * @file test_mono.c  Timers go on as before when the wall clock is set
 */
#include "testutil.h"
#include <errno.h>
#include <sys/time.h>
#include <time.h>
#include "base/mono.h"


static int64_t ahead;           /* of libre's clock [ms] */


/* libre asks this one */
int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	struct timespec ts;
	int64_t us;
	(void)tz;

	if (clock_gettime(CLOCK_REALTIME, &ts))
		return -1;

	us = (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000 + ahead * 1000;
	tv->tv_sec  = us / 1000000;
	tv->tv_usec = us % 1000000;

	return 0;
}


static void handler(void *arg)
{
	++*(unsigned *)arg;
	re_cancel();
}


static void test_shift(void **state)
{
	static const int64_t jumpv[] = {-3600000, 3600000, 7200000};
	struct tmr tmrv[3];
	unsigned n = 0;
	size_t i, j;
	(void)state;

	memset(tmrv, 0, sizeof(tmrv));
	assert_int_equal(clockwatch_shift(1), 0);

	/* a libre that has another clock needs none of this */
	if (clockwatch_init() == ENOTSUP)
		skip();

	assert_int_equal(clockwatch_init(), EALREADY);

	for (i=0; i<ARRAY_SIZE(jumpv); i++) {

		for (j=0; j<ARRAY_SIZE(tmrv); j++)
			tmr_start(&tmrv[j], 60000 * (j + 1), handler, &n);

		ahead += jumpv[i];
		assert_int_equal(clockwatch_shift(jumpv[i]), 4);

		for (j=0; j<ARRAY_SIZE(tmrv); j++) {
			assert_in_range(tmr_get_expire(&tmrv[j]),
					60000 * (j + 1) - 5000,
					60000 * (j + 1) + 1);
		}

		/* a new one has its place among them */
		tmr_start(&tmrv[0], 1, handler, &n);
		assert_int_equal(re_main(NULL), 0);
		assert_int_equal(n, i + 1);
	}

	for (j=0; j<ARRAY_SIZE(tmrv); j++)
		tmr_cancel(&tmrv[j]);
	clockwatch_close();
}


static void test_mono(void **state)
{
	const uint64_t t = mono_ms();
	(void)state;

	ahead -= 7200000;
	assert_in_range(mono_ms(), t, t + 60000);
	assert_true(t > 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shift),
		cmocka_unit_test(test_mono),
	};
	int err;

	if (libre_init())
		return 1;

	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
