/**
 * @file test_logfile.c  A file of the log, by itself
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include "file_rig.h"
#include "log/logfile.h"


static const char *content(const char *name)
{
	static char buf[65536];
	FILE *f = fopen(in_dir(name), "r");
	size_t n;

	if (!f)
		return NULL;

	n = fread(buf, 1, sizeof(buf) - 1, f);
	buf[n] = '\0';
	(void)fclose(f);

	return buf;
}


/* There was room for half a line only: the next one begins at its start */
static void test_torn(void **state)
{
	struct logfile f;
	(void)state;

	logfile_init(&f, 0, 0);
	(void)re_snprintf(f.path, sizeof(f.path), "%s", in_dir("x.log"));
	assert_int_equal(logfile_write(&f, "half a li", 9), 0);
	assert_true(f.torn);
	assert_int_equal(logfile_write(&f, "whole\n", 6), 0);
	assert_false(f.torn);
	logfile_close(&f);
	assert_string_equal(content("x.log"), "half a li\nwhole\n");
}


/* It has been moved away, and there can be no new one: nothing of the one that
   was moved may go */
static void test_no_next(void **state)
{
	struct rlimit old, none;
	struct logfile f;
	(void)state;

	logfile_init(&f, 8, 1);
	(void)re_snprintf(f.path, sizeof(f.path), "%s", in_dir("x.log"));
	assert_int_equal(logfile_write(&f, "12345\n", 6), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(logfile_write(&f, "67890\n", 6), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_string_equal(content("x.log"), "67890\n");
	assert_null(content("x.log.1"));
	assert_int_equal(f.gone, 1);
	assert_int_equal(f.err, EMFILE);
	logfile_close(&f);
}


#define TEST(name) cmocka_unit_test_setup_teardown(name, fr_setup, fr_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_torn),
		TEST(test_no_next),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
