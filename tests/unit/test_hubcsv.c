/**
 * @file test_hubcsv.c  The hub: fields of CSV, and how long it waits
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "connectycube_hub/hub.h"
#include "connectycube_hub/sink/sink.h"


static void check_text(const char *want, const char *str, size_t len,
		       bool guard)
{
	struct mbuf *mb = mbuf_alloc(16);

	assert_int_equal(0, hub_csv_text(mb, str, len, guard));
	assert_int_equal(strlen(want), mb->end);
	assert_memory_equal(want, mb->buf, mb->end);
	mem_deref(mb);
}


static void test_text(void **state)
{
	(void)state;

	check_text("\"\"",             "",          0, true);
	check_text("\"a,b\"",          "a,b",       3, true);
	check_text("\"say \"\"a\"\"\"", "say \"a\"", 7, true);
	check_text("\"a b  c \"",      "a\nb\r\nc\0", 7, true);

	/* what a spreadsheet would compute */
	check_text("\"'=1+1\"",        "=1+1",      4, true);
	check_text("\"'+49\"",         "+49",       3, true);
	check_text("\"'-1\"",          "-1",        2, true);
	check_text("\"'@x\"",          "@x",        2, true);
	check_text("\"'\tx\"",         "\tx",       2, true);
	check_text("\"a=1\"",          "a=1",       3, true);
	check_text("\"+49\"",          "+49",       3, false);
}


/* An id is found again, whatever it looks like */
static void test_unguard(void **state)
{
	static const char *const v[][2] = {
		{"'=1", "=1"}, {"'-", "-"}, {"'a", "'a"}, {"'", "'"},
		{"", ""}, {"=1", "=1"},
	};
	char str[8];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		(void)str_ncpy(str, v[i][0], sizeof(str));
		hub_csv_unguard(str);
		assert_string_equal(str, v[i][1]);
	}
}


static void check_field(int err, const char *want, const char *line,
			unsigned col)
{
	char field[8];

	assert_int_equal(err, hub_csv_field(field, sizeof(field), line,
					    strlen(line), col));
	if (!err)
		assert_string_equal(want, field);
}


static void test_field(void **state)
{
	static const char line[] = "\"a,\"\"b\",,7,\"\",end";
	(void)state;

	check_field(0, "a,\"b", line, 0);
	check_field(0, "",      line, 1);
	check_field(0, "7",     line, 2);
	check_field(0, "",      line, 3);
	check_field(0, "end",   line, 4);
	check_field(ENOENT, NULL, line, 5);
	check_field(0, "",      "", 0);
	check_field(ENOENT, NULL, "", 1);

	/* its end is missing */
	check_field(EBADMSG, NULL, "\"a", 0);
	check_field(EBADMSG, NULL, "1,\"a\"\"", 1);
	check_field(EBADMSG, NULL, "\"a,b", 1);
	check_field(0, "1234567", "1234567", 0);
	check_field(EOVERFLOW, NULL, "12345678", 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_unguard),
		cmocka_unit_test(test_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
