/**
 * @file tests/unit/test_warm.c  Lists of memory that is fetched ahead
 */
#include "testutil.h"
#include "base/warm.h"


static void test_lines(void **state)
{
	static uint8_t buf[4 * WARM_LINE];
	const uintptr_t line = ((uintptr_t)buf + WARM_LINE - 1) &
		~(uintptr_t)(WARM_LINE - 1);
	struct warm w = {{0}};
	(void)state;

	/* the last byte of a line and the first of the next */
	warm_add(&w, (void *)(line + WARM_LINE - 1), 2);
	assert_int_equal(w.placev[0], line | 2);
	assert_int_equal(w.placev[1], 0);

	warm_add(&w, (void *)(line + WARM_LINE), WARM_LINE);
	assert_int_equal(w.placev[1], (line + WARM_LINE) | 1);
	assert_int_equal(w.placev[2], 0);

	/* as many lines as there is room for their number */
	warm_add(&w, (void *)line, (WARM_LINES + 1) * WARM_LINE);
	assert_int_equal(w.placev[2], line | WARM_LINES);

	warm_fetch(&w);
}


static void test_nothing(void **state)
{
	struct warm w = {{0}};
	int x = 0;
	(void)state;

	warm_add(NULL, &x, sizeof(x));
	warm_add(&w, NULL, 8);
	warm_add(&w, &x, 0);
	assert_int_equal(w.placev[0], 0);

	warm_fetch(&w);
}


/* what finds no room is left out */
static void test_full(void **state)
{
	struct warm w = {{0}};
	uint8_t buf[WARM_MAX + 1];
	size_t i;
	(void)state;

	for (i=0; i<sizeof(buf); i++)
		warm_add(&w, &buf[i], 1);

	assert_int_not_equal(w.placev[WARM_MAX - 1], 0);
	assert_int_equal(w.placev[WARM_MAX], 0);
	warm_fetch(&w);
}


/* a list has no references: what it names may be gone */
static void test_gone(void **state)
{
	struct warm w = {{0}};
	void *obj = mem_alloc(3 * WARM_LINE, NULL);
	(void)state;

	assert_non_null(obj);
	warm_add(&w, obj, 3 * WARM_LINE);
	mem_deref(obj);
	warm_add(&w, (void *)(uintptr_t)8, 1);

	warm_fetch(&w);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_gone),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
