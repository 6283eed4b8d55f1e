/**
 * @file test_stall.c  How long the loop did nothing for anybody
 */
#include "testutil.h"
#include "base/log.h"
#include "base/mono.h"
#include "base/stall.h"


static unsigned told;


static void log_handler(const struct clog_line *line, void *arg)
{
	(void)arg;

	if (strstr(line->msg, "did nothing"))
		++told;
}


/* Nothing is done by it, as by what waits for a disk */
static void busy_handler(void *arg)
{
	const uint64_t end = mono_ms() + *(const uint32_t *)arg;

	while (mono_ms() < end)
		;
}


static bool has_stalled(void *arg)
{
	return stall_ms() >= *(const uint64_t *)arg;
}


static void test_stall(void **state)
{
	uint64_t before = stall_ms(), want;
	uint32_t long_ms = 400;
	struct tmr tmr;
	(void)state;

	tmr_init(&tmr);
	clog_set_handler(log_handler, NULL);

	/* nobody looks */
	tmr_start(&tmr, 1, busy_handler, &long_ms);
	tu_run(10);
	assert_int_equal(stall_ms(), before);

	stall_watch();
	stall_watch();
	want = before + 300;
	tmr_start(&tmr, 1, busy_handler, &long_ms);
	assert_true(tu_wait(has_stalled, &want, 20000));
	assert_int_equal(told, 1);

	/* told once a minute */
	want = stall_ms() + 300;
	tmr_start(&tmr, 1, busy_handler, &long_ms);
	assert_true(tu_wait(has_stalled, &want, 20000));
	assert_int_equal(told, 1);

	/* nobody looks any more */
	stall_rest();
	before = stall_ms();
	tmr_start(&tmr, 1, busy_handler, &long_ms);
	tu_run(10);
	assert_int_equal(stall_ms(), before);

	clog_set_handler(NULL, NULL);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stall),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
