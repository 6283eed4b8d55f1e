/**
 * @file test_hubcollect.c  Recordings of bridges that see nothing of each other
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <cmocka.h>
#include <re.h>
#include "connectycube_hub/hub.h"
#include "connectycube_hub/recording/recfacts.h"
#include "connectycube_hub/recording/recording.h"

#define A "11111111-1111-4111-8111-111111111111.rec"
#define B "22222222-2222-4222-8222-222222222222.rec"
#define C "33333333-3333-4333-8333-333333333333.rec"

static char root[64];


static const char *in(const char *name)
{
	static char path[256];

	(void)re_snprintf(path, sizeof(path), "%s/%s", root, name);

	return path;
}


static void put(const char *name, const char *text)
{
	FILE *f = fopen(in(name), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(0, fclose(f));
}


static const char *get(const char *name)
{
	static char buf[64];
	FILE *f = fopen(in(name), "r");
	size_t n = 0;

	if (f) {
		n = fread(buf, 1, sizeof(buf) - 1, f);
		(void)fclose(f);
	}
	buf[n] = '\0';

	return buf;
}


static int setup(void **state)
{
	(void)state;

	strcpy(root, "/tmp/test_hubcollect.XXXXXX");

	return mkdtemp(root) ? 0 : -1;
}


static int teardown(void **state)
{
	char line[128];
	(void)state;

	(void)re_snprintf(line, sizeof(line), "rm -rf %s", root);

	return system(line);
}


static void test_collect(void **state)
{
	int fd;
	(void)state;

	/* bridges that share the spool have none of these folders */
	assert_int_equal(0, hrec_collect(root));

	assert_int_equal(0, mkdir(in("from"), 0700));
	assert_int_equal(0, mkdir(in("from/1000"), 0700));
	assert_int_equal(0, mkdir(in("from/1001"), 0700));
	put("from/1000/" A, "a");
	put("from/1001/" B, "b");
	put("from/1001/rubbish.rec", "x");

	/* its writer is there */
	fd = open(in("from/1001/" B), O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(0, flock(fd, LOCK_EX));
	assert_int_equal(1, hrec_collect(root));
	assert_string_equal("a", get(A));
	assert_int_equal(-1, access(in("from/1000/" A), F_OK));
	assert_int_equal(-1, access(in(B), F_OK));

	(void)close(fd);
	assert_int_equal(0, hrec_collect(root));
	assert_string_equal("b", get(B));
	assert_int_equal(0, access(in("from/1001/rubbish.rec"), F_OK));
}


/* A bridge that is somebody else's by now */
static void test_evil(void **state)
{
	(void)state;

	put("secret", "s");
	put(A, "another one's");
	assert_int_equal(0, mkdir(in("from"), 0700));
	assert_int_equal(0, mkdir(in("from/1000"), 0700));
	put("from/1000/" A, "evil");
	assert_int_equal(0, symlink("../../secret", in("from/1000/" B)));
	assert_int_equal(0, mkfifo(in("from/1000/" C), 0600));
	assert_int_equal(0, symlink("..", in("from/1002")));

	assert_int_equal(0, hrec_collect(root));
	assert_string_equal("another one's", get(A));
	assert_int_equal(-1, access(in(B), F_OK));
	assert_int_equal(-1, access(in(C), F_OK));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_collect, setup, teardown),
		cmocka_unit_test_setup_teardown(test_evil, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
