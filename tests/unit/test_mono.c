/**
 * @file test_mono.c  Timers go on as before when the wall clock is set
 */
#include "testutil.h"
#include <errno.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "base/hook.h"
#include "base/mono.h"


enum {
	HOUR = 3600000,         /* [ms] */
	LONG = 60000,           /* longer than any test [ms] */
};

static int64_t ahead;           /* of the wall clock that libre sees [ms] */


/* libre asks this one */
int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	const int64_t us = (int64_t)wall_us() + ahead * 1000;
	(void)tz;

	tv->tv_sec  = us / 1000000;
	tv->tv_usec = us % 1000000;

	return 0;
}


static void set_init(void)
{
	int err;

	ahead = 0;
	err = mono_timers_init();

	/* a libre that has another clock needs none of this */
	if (err == ENOTSUP)
		skip();
	assert_int_equal(err, 0);
}


static void assert_now(void)
{
	const int64_t d = (int64_t)(tmr_jiffies() - wall_us() / 1000);

	assert_in_range(d + LONG / 2, 0, LONG);
}


static void late_handler(void *arg)
{
	++*(unsigned *)arg;
}


/* The loop is awake while the clock is set: what is due is seen after it */
static void jump_handler(void *arg)
{
	ahead += *(const int64_t *)arg;
}


static void read_handler(int flags, void *arg)
{
	const int *fdv = arg;
	char c;
	(void)flags;

	assert_int_equal(read(fdv[0], &c, 1), 1);
	ahead += c ? HOUR : -HOUR;
}


static void end_handler(void *arg)
{
	(void)arg;
	re_cancel();
}


/* By a timer's handler, and by a socket's, which runs before the timers do */
static void test_jump(void **state)
{
	static const int64_t jumpv[] = {HOUR, -HOUR, -2 * HOUR};
	struct tmr late, jump, end;
	unsigned n = 0;
	int fdv[2];
	char c;
	size_t i;
	(void)state;

	set_init();
	assert_int_equal(mono_timers_init(), EALREADY);
	assert_int_equal(pipe(fdv), 0);
	assert_int_equal(fd_listen(fdv[0], FD_READ, read_handler, fdv), 0);
	memset(&late, 0, sizeof(late));
	memset(&jump, 0, sizeof(jump));
	memset(&end, 0, sizeof(end));

	for (i=0; i<ARRAY_SIZE(jumpv); i++) {

		tmr_start(&late, LONG, late_handler, &n);
		tmr_start(&jump, 1, jump_handler, (void *)&jumpv[i]);
		tmr_start(&end, 20, end_handler, NULL);
		assert_int_equal(re_main(NULL), 0);

		c = (char)(i & 1);
		assert_int_equal(write(fdv[1], &c, 1), 1);
		tmr_start(&end, 20, end_handler, NULL);
		assert_int_equal(re_main(NULL), 0);

		assert_int_equal(n, 0);
		assert_in_range(tmr_get_expire(&late), LONG / 2, LONG);
		assert_now();
	}

	tmr_cancel(&late);
	fd_close(fdv[0]);
	(void)close(fdv[0]);
	(void)close(fdv[1]);
	mono_timers_close();
}


static void test_close(void **state)
{
	(void)state;

	mono_timers_close();
	set_init();
	ahead = HOUR;
	assert_now();

	/* libre's own again */
	mono_timers_close();
	mono_timers_close();
	assert_in_range((int64_t)(tmr_jiffies() - wall_us() / 1000),
			HOUR - LONG, HOUR + LONG);

	set_init();
	assert_now();
	mono_timers_close();
}


static int never(void)
{
	fail();
	return 0;
}


static void test_hook(void **state)
{
	struct hook hook = {.slot = NULL};
	const void *in = (const void *)tmr_jiffies;
	int on_stack;
	(void)state;

	/* the stack is no library's */
	assert_int_equal(hook_set(&hook, in, "no_such_function",
				  (void *)never), ENOENT);
	assert_int_equal(hook_set(&hook, in, "", (void *)never), ENOENT);
	assert_int_equal(hook_set(&hook, &on_stack, "gettimeofday",
				  (void *)never), ENOENT);
	assert_null(hook.slot);
	hook_clear(&hook);

	assert_int_equal(hook_set(NULL, in, "read", (void *)never), EINVAL);
	assert_int_equal(hook_set(&hook, NULL, "read", (void *)never), EINVAL);
	assert_int_equal(hook_set(&hook, in, NULL, (void *)never), EINVAL);
	assert_int_equal(hook_set(&hook, in, "read", NULL), EINVAL);
}


static void test_mono(void **state)
{
	const uint64_t t = mono_ms();
	(void)state;

	ahead -= 2 * HOUR;
	assert_in_range(mono_ms(), t, t + LONG);
	assert_in_range(mono_us() / 1000, t, t + LONG);
	assert_true(t > 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jump),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_hook),
		cmocka_unit_test(test_mono),
	};
	int err;

	if (libre_init())
		return 1;

	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
