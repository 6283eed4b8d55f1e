/**
 * @file test_vav.c  Loading connectycube_av.so: what can be wrong with it
 */
#include "testutil.h"
#include <unistd.h>
#include <rem.h>
#include "video/xcode/libav.h"
#include "video/xcode/picture.h"


static char dir[256];           /**< Where this test lies                  */


static const char *path(const char *name)
{
	static char buf[512];

	(void)re_snprintf(buf, sizeof(buf), "%s/%s", dir, name);

	return buf;
}


static int setup(void **state)
{
	(void)state;

	vav_set(NULL);

	return 0;
}


static int teardown(void **state)
{
	(void)state;

	vav_close();

	return 0;
}


static void fails(int err, const char *file, const char *part)
{
	char why[1024] = "";

	assert_int_equal(err, vav_open(file, why, sizeof(why)));
	assert_non_null(strstr(why, part));
	assert_non_null(strstr(why, file));
	assert_null(vav_get());
}


static void test_load(void **state)
{
	char why[1024];
	(void)state;

	assert_int_equal(0, vav_open(path("fakeav.so"), why, sizeof(why)));
	assert_non_null(vav_get());
	assert_int_equal(VAV_VERSION, vav_get()->version);

	assert_int_equal(EALREADY, vav_open(path("fakeav.so"), why,
					    sizeof(why)));
	assert_non_null(vav_get());

	vav_close();
	assert_null(vav_get());
	assert_int_equal(0, vav_open(path("fakeav.so"), why, sizeof(why)));
}


static void test_wrong(void **state)
{
	const char *self = path("test_vav.c.none");
	FILE *f;
	(void)state;

	fails(ENOENT, self, "No such file");
	fails(EPROTO, path("fakeav_old.so"), "another version");
	fails(EPROTO, "libm.so.6", "no module of the bridge");

	f = fopen(path("broken.so"), "w");
	assert_non_null(f);
	fputs("no ELF", f);
	fclose(f);
	fails(ENOENT, path("broken.so"), "file too short");
	(void)unlink(path("broken.so"));
}


/* It is looked for beside the code, which is this program here */
static void test_beside(void **state)
{
	char why[1024];
	(void)state;

	assert_int_equal(ENOENT, vav_load(why, sizeof(why)));
	assert_non_null(strstr(why, "/connectycube_av.so"));
	assert_non_null(strstr(why, "No such file"));
	assert_int_equal(EINVAL, vav_load(NULL, 0));
	assert_int_equal(EINVAL, vav_open(NULL, why, sizeof(why)));
}


static void test_without(void **state)
{
	struct vidframe *f = NULL;
	(void)state;

	assert_int_equal(ENOSYS, vpicture_load(&f, path("test_vav")));
	assert_null(f);
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_load),
		TEST(test_wrong),
		TEST(test_beside),
		TEST(test_without),
	};
	ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);

	if (n < 0)
		return 1;

	dir[n] = '\0';
	*strrchr(dir, '/') = '\0';

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
