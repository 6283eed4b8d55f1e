/**
 * @file test_seqmap.c  Numbers of a forwarded stream
 */
#include "testutil.h"
#include "video/rtp/seqmap.h"


/* A gap stays a gap, over the wrap too, and is filled once */
static void test_gap(void **state)
{
	struct seqmap m;
	uint16_t out;
	(void)state;

	memset(&m, 0, sizeof(m));
	seqmap_sync(&m, 65534, 100);

	assert_int_equal(seqmap_next(&m, 65535), 101);
	assert_int_equal(seqmap_next(&m, 3), 105);
	assert_false(seqmap_missing(&m, 65535));
	assert_true(seqmap_missing(&m, 0));
	assert_true(seqmap_missing(&m, 2));
	assert_false(seqmap_missing(&m, 3));
	assert_false(seqmap_missing(&m, 4));

	assert_true(seqmap_late(&m, 1, &out));
	assert_int_equal(out, 103);
	assert_false(seqmap_late(&m, 1, &out));
	assert_int_equal(seqmap_next(&m, 4), 106);
	assert_true(seqmap_late(&m, 0, &out));
	assert_int_equal(out, 102);
}


/* Missing packets keep the distance that was in force at their place */
static void test_shift(void **state)
{
	struct seqmap m;
	uint16_t out;
	(void)state;

	memset(&m, 0, sizeof(m));
	seqmap_sync(&m, 10, 1010);

	assert_int_equal(seqmap_next(&m, 12), 1012);
	seqmap_shift(&m, 2);                    /* 12 became three */
	assert_int_equal(seqmap_next(&m, 14), 1016);
	seqmap_shift(&m, -1);                   /* 14 was not sent */
	assert_int_equal(seqmap_next(&m, 15), 1016);

	assert_true(seqmap_late(&m, 13, &out));
	assert_int_equal(out, 1015);
	assert_true(seqmap_late(&m, 11, &out));
	assert_int_equal(out, 1011);
}


/* What is too old, or before the beginning, has no number */
static void test_bounds(void **state)
{
	struct seqmap m;
	uint16_t out;
	unsigned i;
	(void)state;

	memset(&m, 0, sizeof(m));
	seqmap_sync(&m, 1000, 1);

	for (i=1; i<SEQMAP_SIZE; i++)
		assert_false(seqmap_late(&m, (uint16_t)(1000 - i), &out));

	/* of a gap longer than the map the end is kept */
	assert_int_equal(seqmap_next(&m, 1000 + 3 * SEQMAP_SIZE),
			 1 + 3 * SEQMAP_SIZE);
	assert_true(seqmap_missing(&m, 1001 + 2 * SEQMAP_SIZE));
	assert_false(seqmap_missing(&m, 1000 + 2 * SEQMAP_SIZE));
	assert_false(seqmap_missing(&m, 1001));

	/* a number goes when its place is taken by a later one */
	for (i=1; i<=SEQMAP_SIZE; i++)
		(void)seqmap_next(&m, (uint16_t)(1000 + 3 * SEQMAP_SIZE + i));
	for (i=0; i<2 * SEQMAP_SIZE; i++)
		assert_false(seqmap_missing(&m, (uint16_t)(m.max - i)));

	seqmap_sync(&m, 5, 5);
	assert_int_equal(seqmap_next(&m, 8), 8);
	assert_true(seqmap_missing(&m, 7));
	seqmap_sync(&m, 9, 9);
	assert_false(seqmap_missing(&m, 7));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_shift),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
