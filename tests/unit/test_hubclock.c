/**
 * @file test_hubclock.c  Is the wall clock right, and since when?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <re.h>
#include "connectycube_hub/hub.h"
#include "connectycube_hub/clock.h"
#include "connectycube_hub/store.h"
#include "hub_rig.h"


#define DAY 86400000ll
#define T0 1700000000000ll


/* A year ahead and back, a day and more without a hub */
static void test_step(void **state)
{
	struct hub_sound c = {.wall = T0, .sound = 5000};
	(void)state;

	/* the hub was away for an hour */
	assert_false(hub_sound_step(&c, T0 + 3600000, 100));
	assert_int_equal(5000, c.sound);
	assert_false(hub_sound_step(&c, T0 + 3600000 + DAY, 100 + DAY));
	assert_int_equal(5000 + DAY, c.sound);

	assert_true(hub_sound_step(&c, T0 + 365 * DAY, 200 + DAY));
	assert_int_equal(0, c.sound);
	assert_false(hub_sound_step(&c, T0 + 365 * DAY + 1000, 1200 + DAY));
	assert_int_equal(1000, c.sound);
	assert_true(hub_sound_step(&c, T0 + DAY, 1300 + DAY));
	assert_int_equal(0, c.sound);

	c.mono = 0;
	assert_true(hub_sound_step(&c, T0 + 3 * DAY, 100));
	c.mono = 0;
	assert_true(hub_sound_step(&c, T0, 100));
}


/* Its battery is empty: it goes on well, and is not right for all that */
static void test_floor(void **state)
{
	struct hub_sound c = {.wall = 0, .sound = 0};
	(void)state;

	(void)hub_sound_step(&c, 1000, 100);
	assert_false(hub_sound_step(&c, 1000 + 3 * DAY, 100 + 3 * DAY));
	assert_int_equal(0, c.sound);

	assert_true(hub_sound_step(&c, T0, 200 + 3 * DAY));
	assert_int_equal(0, c.sound);
	assert_false(hub_sound_step(&c, T0 + DAY, 200 + 4 * DAY));
	assert_int_equal(DAY, c.sound);
}


/* Nothing can be written, as if the disk was full: it is told all the same,
   and noted when there is room */
static void test_full(void **state)
{
	struct hub_store *s = rig_open();
	int64_t at = 0, since = -1;
	bool sound = true;
	(void)state;

	assert_int_equal(SQLITE_OK, sqlite3_exec(s->db, "PRAGMA query_only=1",
						 NULL, NULL, NULL));
	assert_int_equal(0, hub_clock_sound(s, &sound, why, sizeof(why)));
	assert_false(sound);
	assert_int_equal(0, hub_clock_load(s, "wall", &at, &since, why,
					   sizeof(why)));
	assert_int_equal(0, at);

	assert_int_equal(SQLITE_OK, sqlite3_exec(s->db, "PRAGMA query_only=0",
						 NULL, NULL, NULL));
	assert_int_equal(0, hub_clock_sound(s, &sound, why, sizeof(why)));
	assert_int_equal(0, hub_clock_load(s, "wall", &at, &since, why,
					   sizeof(why)));
	assert_true(at > T0);

	mem_deref(s);
}


#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_step),
		T(test_floor),
		T(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
