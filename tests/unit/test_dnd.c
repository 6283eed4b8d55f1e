/**
 * @file test_dnd.c  Who is not to be disturbed
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <re.h>
#include "call/dnd.h"


static void assert_list(const struct list *dndl, const char *wanted)
{
	char buf[64] = "";

	(void)re_snprintf(buf, sizeof(buf), "%H", dnd_print, dndl);
	assert_string_equal(buf, wanted);
}


static void set(struct list *dndl, const char *user, bool on, bool changes)
{
	bool changed = !changes;

	assert_int_equal(dnd_set(dndl, user, on, &changed), 0);
	assert_int_equal(changed, changes);
}


static void test_dnd(void **state)
{
	struct list dndl = LIST_INIT;
	(void)state;

	assert_list(&dndl, "");
	assert_false(dnd_spares(&dndl, "101"));
	set(&dndl, "101", false, false);

	set(&dndl, "101", true, true);
	set(&dndl, "101", true, false);
	assert_true(dnd_spares(&dndl, "101"));
	assert_false(dnd_spares(&dndl, "102"));
	assert_list(&dndl, "101");

	/* all, and one: each is remembered for itself */
	set(&dndl, NULL, true, true);
	assert_true(dnd_spares(&dndl, "102"));
	assert_list(&dndl, "101,all");
	set(&dndl, "101", false, true);
	assert_true(dnd_spares(&dndl, "101"));
	set(&dndl, NULL, false, true);
	assert_false(dnd_spares(&dndl, "101"));
	assert_list(&dndl, "");

	set(&dndl, "1", true, true);
	set(&dndl, NULL, true, true);
	list_flush(&dndl);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dnd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
