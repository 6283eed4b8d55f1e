/**
 * @file test_amiretry.c  When a connection with Asterisk is tried again
 */
#include "testutil.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/client.h"

enum {
	NEVER = 1000000000,     /* it has not been there for long [ms] */
	BRIDGES = 50,
};


/* From 1 s to 60 s, whatever is drawn */
static void test_bounds(void **state)
{
	static const uint16_t drawnv[] = {0, 1, 30000, UINT16_MAX};
	unsigned failures;
	size_t i;
	(void)state;

	for (failures=1; failures<2000; failures++) {
		for (i=0; i<ARRAY_SIZE(drawnv); i++) {
			const uint32_t t = ami_retry_time(failures, false,
							  NEVER, drawnv[i]);

			assert_in_range(t, AMI_RETRY_MIN, AMI_RETRY_MAX);
			assert_in_range(ami_retry_time(failures, true, 0,
						       drawnv[i]),
					AMI_RETRY_REFUSED / 2, AMI_RETRY_MAX);
		}
	}

	assert_int_equal(AMI_RETRY_MAX, ami_retry_time(99, false, NEVER,
						       UINT16_MAX));
	assert_int_equal(1500, ami_retry_time(1, false, NEVER, UINT16_MAX));
	assert_int_equal(4000, ami_retry_time(3, false, NEVER, 32768));
}


/* One that is started anew is found within 5 s of when it is back; after a
 * minute it is not that */
static void test_started_anew(void **state)
{
	unsigned failures;
	(void)state;

	for (failures=1; failures<30; failures++) {
		assert_in_range(ami_retry_time(failures, false,
					       AMI_AWAY_SHORT - 1,
					       UINT16_MAX), 1000, 3750);
	}

	assert_int_equal(AMI_RETRY_MAX, ami_retry_time(30, false,
						       AMI_AWAY_SHORT,
						       UINT16_MAX));
}


/* Asterisk lets 50 begin at once (authlimit): of 50 that have lost it at the
 * same time, few are there in the same tenth of a second */
static void test_spread(void **state)
{
	unsigned n[64] = {0}, i, most = 0;
	(void)state;

	for (i=0; i<BRIDGES; i++)
		++n[ami_retry_time(2, false, 0, (uint16_t)(i * 65536 /
							   BRIDGES)) / 100];
	for (i=0; i<ARRAY_SIZE(n); i++)
		most = max(most, n[i]);

	assert_in_range(most, 1, 5);

	/* the first pause is the shortest, and has less room */
	memset(n, 0, sizeof(n));
	for (i=0, most=0; i<BRIDGES; i++)
		++n[ami_retry_time(1, false, 0, (uint16_t)(i * 65536 /
							   BRIDGES)) / 100];
	for (i=0; i<ARRAY_SIZE(n); i++)
		most = max(most, n[i]);

	assert_in_range(most, 1, 11);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_started_anew),
		cmocka_unit_test(test_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
