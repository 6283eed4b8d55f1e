/**
 * @file test_tonespec.c  Tones of networks, as they are written
 */
#include "testutil.h"
#include <re.h>
#include "audio/sound.h"


static int parse(struct sound_part *partv, size_t *n, const char *str)
{
	struct pl pl;

	pl_set_str(&pl, str);

	return sound_spec_parse(partv, n, &pl);
}


static void test_read(void **state)
{
	struct sound_part v[SOUND_PART_MAX];
	size_t n;
	(void)state;

	assert_int_equal(0, parse(v, &n, "400+450:400/200/400/2000"));
	assert_int_equal(n, 4);
	assert_int_equal(v[0].hzv[0], 400);
	assert_int_equal(v[2].hzv[1], 450);
	assert_int_equal(v[1].hzv[0], 0);
	assert_int_equal(v[3].ms, 2000);

	assert_int_equal(0, parse(v, &n, "425:1000/0"));
	assert_int_equal(n, 1);
	assert_int_equal(v[0].ms, 1000);
}


static void test_wrong(void **state)
{
	static const char *const badv[] = {
		"", "425", "425:", "425:1000", "425:1000/", "425:0/1000",
		"99:1/1", "3401:1/1", "425+:1/1", "425+99:1/1",
		"425:1/10001", "425:1/1x", " 425:1/1", "425:-1/1",
		"425:1/1/", "425:1/1/1", "4294967721:1/1",
		"425:1/1/1/1/1/1/1/1/1/1", "425:99999999999999/1",
	};
	struct sound_part v[SOUND_PART_MAX];
	struct sound *s;
	size_t i, n;
	(void)state;

	for (i=0; i<ARRAY_SIZE(badv); i++)
		assert_int_equal(EINVAL, parse(v, &n, badv[i]));

	assert_int_equal(EINVAL, sound_spec(&s, "x"));
}


static void test_made(void **state)
{
	struct sound *s;
	(void)state;

	assert_int_equal(0, sound_spec(&s, "440+480:2000/4000"));
	assert_int_equal(sound_ms(s), 6000);
	mem_deref(s);
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_made),
	};

	return cmocka_run_group_tests(testv, NULL, NULL);
}
