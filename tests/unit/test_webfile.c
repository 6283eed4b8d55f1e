/**
 * @file test_webfile.c  The hub's HTTP: files below a folder, and nothing else
 */
#include <fcntl.h>
#include "file_rig.h"
#include "connectycube_hub/web/route.h"
#include "connectycube_hub/web/file.h"


static int setup(void **state)
{
	if (fr_setup(state))
		return -1;

	assert_int_equal(0, mkdir(in_dir("root"), 0700));
	assert_int_equal(0, mkdir(in_dir("root/a"), 0700));
	assert_int_equal(0, mkdir(in_dir("root/a/b"), 0700));
	write_file("secret", "secret", 6);
	write_file("root/one", "1", 1);
	write_file("root/a/b/three", "333", 3);
	write_file("root/..three", "333", 3);
	assert_int_equal(0, mkfifo(in_dir("root/fifo"), 0600));
	assert_int_equal(0, symlink("../secret", in_dir("root/link")));
	assert_int_equal(0, symlink("..", in_dir("root/up")));
	assert_int_equal(0, symlink("one", in_dir("root/inside")));

	return 0;
}


static int teardown(void **state)
{
	static const char *const namev[] = {
		"root/one", "root/a/b/three", "root/..three", "root/fifo",
		"root/link", "root/up", "root/inside", "secret", "root/a/b",
		"root/a", "root",
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(namev); i++)
		assert_int_equal(0, remove(in_dir(namev[i])));

	return fr_teardown(state);
}


static int size_of(const char *name)
{
	char root[128];
	uint64_t size;
	int fd, err;

	(void)re_snprintf(root, sizeof(root), "%s", in_dir("root"));
	err = web_file_open(&fd, &size, root, name);
	if (err)
		return -err;

	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(0, close(fd));

	return (int)size;
}


static void test_open(void **state)
{
	(void)state;

	assert_int_equal(1, size_of("one"));
	assert_int_equal(3, size_of("a/b/three"));
	assert_int_equal(3, size_of("..three"));
	assert_int_equal(-ENOENT, size_of("two"));
	assert_int_equal(-ENOENT, size_of("a/c/three"));
}


static void test_refused(void **state)
{
	static const char *const v[] = {
		"", ".", "..", "/", "../secret", "a/../one", "a/..", "./one",
		"/etc/passwd", "a//b/three", "one/", "a/b/three/", "link",
		"up/secret", "up", "inside", "a", "a/b", "fifo", "one/two",
		"a/b/../../../secret", "..three/x",
	};
	char longest[300];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		if (size_of(v[i]) >= 0)
			fail_msg("opened: %s", v[i]);
	}

	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(-EINVAL, size_of(longest));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_open, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
