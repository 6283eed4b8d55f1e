/**
 * @file test_recplace.c  Finished recordings: what is asked for, where they go
 */
#include "testutil.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "recording/recording.h"
#include "recording/output.h"


static char dir[] = "/tmp/recplace.XXXXXX";


static int setup(void **state)
{
	(void)state;

	return mkdtemp(dir) ? 0 : 1;
}


static int teardown(void **state)
{
	(void)state;

	return rmdir(dir);
}


static int args(struct rec_args *a, const char *line, char *why, size_t size)
{
	static char copy[256];
	char *argv[16], *save = NULL, *p;
	int n = 0;

	str_ncpy(copy, line, sizeof(copy));
	for (p = strtok_r(copy, " ", &save); p; p = strtok_r(NULL, " ", &save))
		argv[n++] = p;

	why[0] = '\0';

	return rec_args_read(a, n, argv, why, size);
}


static void test_args(void **state)
{
	static const char *const badv[] = {
		"p", "p finish", "p info", "p play x", "p finish a b",
		"p finish --format", "p finish --format mp3 a",
		"p finish --out", "p finish --loud a", "p info --out x a",
		"p info --side-by-side a",
		"p finish a --format ogg --side-by-side",
	};
	struct rec_args a;
	char why[256];
	size_t i;
	(void)state;

	assert_int_equal(0, args(&a, "p finish --format wav --out o raw", why,
				 sizeof(why)));
	assert_int_equal(a.verb, REC_FINISH);
	assert_string_equal(a.format, "wav");
	assert_string_equal(a.out, "o");
	assert_string_equal(a.raw, "raw");

	assert_int_equal(0, args(&a, "p finish raw --side-by-side"
				 " --format=mp4 --out=-x", why, sizeof(why)));
	assert_true(a.beside);
	assert_string_equal(a.out, "-x");

	assert_int_equal(0, args(&a, "p info -- -raw", why, sizeof(why)));
	assert_int_equal(a.verb, REC_INFO);
	assert_string_equal(a.raw, "-raw");

	assert_int_equal(0, args(&a, "p --help", why, sizeof(why)));
	assert_int_equal(a.verb, REC_HELP);
	assert_int_equal(0, args(&a, "p finish -h", why, sizeof(why)));
	assert_int_equal(a.verb, REC_HELP);

	for (i=0; i<ARRAY_SIZE(badv); i++) {
		assert_int_equal(EINVAL, args(&a, badv[i], why, sizeof(why)));
		assert_true(why[0]);
	}
}


static void test_name(void **state)
{
	char name[32];
	(void)state;

	assert_int_equal(0, rec_out_name(name, sizeof(name), "a/b.rec",
					 "ogg"));
	assert_string_equal(name, "a/b.ogg");
	assert_int_equal(0, rec_out_name(name, sizeof(name), ".rec", "wav"));
	assert_string_equal(name, ".rec.wav");
	assert_int_equal(ENAMETOOLONG, rec_out_name(name, 8, "a/b.rec",
						    "webm"));
}


static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(0, fclose(f));
}


/* It is there when it is whole, or nothing is */
static void test_place(void **state)
{
	char path[64], why[256] = "", sha256[FILESUM_SIZE];
	struct rec_place *p = NULL, *other = NULL;
	struct stat st;
	uint64_t bytes;
	(void)state;

	re_snprintf(path, sizeof(path), "%s/x.ogg", dir);

	/* given up */
	assert_int_equal(0, rec_place_alloc(&p, path, why, sizeof(why)));
	put(rec_place_tmp(p), "half");
	assert_int_equal(EBUSY, rec_place_alloc(&other, path, why,
						sizeof(why)));
	assert_true(strstr(why, "another process"));
	p = mem_deref(p);
	assert_int_equal(-1, access(path, F_OK));

	/* what was left behind does no harm */
	assert_int_equal(0, rec_place_alloc(&p, path, why, sizeof(why)));
	assert_int_equal(0, stat(rec_place_tmp(p), &st));
	assert_int_equal(st.st_size, 0);
	put(rec_place_tmp(p), "abc");
	assert_int_equal(-1, access(path, F_OK));
	assert_int_equal(0, rec_place_done(p, &bytes, sha256, why,
					   sizeof(why)));
	assert_int_equal(bytes, 3);
	assert_string_equal(sha256, "ba7816bf8f01cfea414140de5dae2223"
			    "b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(-1, access(rec_place_tmp(p), F_OK));
	p = mem_deref(p);

	/* never over one that is there, whenever it came */
	assert_int_equal(EEXIST, rec_place_alloc(&p, path, why, sizeof(why)));
	assert_int_equal(0, unlink(path));
	assert_int_equal(0, rec_place_alloc(&p, path, why, sizeof(why)));
	put(path, "mine");
	assert_int_equal(EEXIST, rec_place_done(p, &bytes, sha256, why,
						sizeof(why)));
	mem_deref(p);
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(st.st_size, 4);
	assert_int_equal(0, unlink(path));
}


static void test_nowhere(void **state)
{
	char path[64], why[256] = "";
	struct rec_place *p = NULL;
	(void)state;

	re_snprintf(path, sizeof(path), "%s/no/x.ogg", dir);
	assert_int_equal(ENOENT, rec_place_alloc(&p, path, why, sizeof(why)));
	assert_true(strstr(why, path) && strstr(why, "No such file"));
	re_snprintf(path, sizeof(path), "%s/", dir);
	assert_int_equal(EISDIR, rec_place_alloc(&p, path, why, sizeof(why)));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_args),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_nowhere),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
