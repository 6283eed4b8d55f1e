/**
 * @file test_level.c  What is made of what was measured: loudness of samples,
 *                     percentiles of times, means and extremes
 */
#include "testutil.h"
#include <math.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "audio/telev.h"
#include "audio/audio_priv.h"


static void test_level(void **state)
{
	int16_t sampv[160];
	struct level l;
	size_t i;
	(void)state;

	memset(&l, 0, sizeof(l));
	assert_int_equal(level_avg(&l), 0);
	assert_int_equal(level_take(&l), 0);

	/* silence, full scale, a sine of full scale */
	memset(sampv, 0, sizeof(sampv));
	assert_int_equal(level_of(level_energy(sampv, 160)), LEVEL_MIN);
	assert_int_equal(level_of(level_energy(sampv, 0)), LEVEL_MIN);
	for (i=0; i<160; i++)
		sampv[i] = i & 1 ? INT16_MIN : INT16_MAX;
	assert_int_equal(level_of(level_energy(sampv, 160)), LEVEL_MAX);
	for (i=0; i<160; i++)
		sampv[i] = (int16_t)(32767 * sin(2 * M_PI * (double)i / 16));
	assert_int_equal(level_of(level_energy(sampv, 160)), -30);

	/* mean energy, and the loudest */
	level_add(&l, 0.01);
	level_add(&l, 0.0);
	assert_int_equal(level_avg(&l), -230);
	assert_int_equal(l.max, -200);
	assert_int_equal(level_take(&l), -200);
	assert_int_equal(level_take(&l), 0);

	/* what says itself how loud it is */
	level_add_dbov(&l, 127);
	assert_int_equal(level_take(&l), LEVEL_MIN);
	level_add_dbov(&l, 40);
	assert_int_equal(level_take(&l), -400);
	level_add_dbov(&l, 0);
	assert_int_equal(level_take(&l), LEVEL_MAX);
}


static void test_hist(void **state)
{
	struct hist h;
	uint64_t us;
	(void)state;

	/* each time is in a bucket of its size */
	for (us=0; us<2000000; us += us < 1000 ? 1 : us / 7) {

		memset(&h, 0, sizeof(h));
		assert_int_equal(hist_pct(&h, 50), 0);
		hist_add(&h, us);
		assert_in_range(hist_pct(&h, 50), max(us - us / 7, 1ull),
				max(us + us / 7, 1ull));
		assert_int_equal(hist_pct(&h, 50), hist_pct(&h, 0));
		assert_int_equal(hist_pct(&h, 50), hist_pct(&h, 100));
	}

	memset(&h, 0, sizeof(h));
	for (us=1; us<=1000; us++)
		hist_add(&h, us);
	assert_in_range(hist_pct(&h, 50), 430, 570);
	assert_in_range(hist_pct(&h, 99), 870, 1100);

	/* no time is too long */
	hist_add(&h, UINT64_MAX);
	assert_true(hist_pct(&h, 100) > 1500000);
}


static void test_fold(void **state)
{
	struct fold f = {0};
	(void)state;

	assert_int_equal(fold_avg(&f), 0);
	fold_add(&f, 7);
	fold_add(&f, 3);
	fold_add(&f, 8);
	assert_int_equal(fold_avg(&f), 6);
	assert_int_equal(f.min, 3);
	assert_int_equal(f.max, 8);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_level),
		cmocka_unit_test(test_hist),
		cmocka_unit_test(test_fold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
