/**
 * @file test_hubkeep.c  Recordings that have been kept long enough are removed
 */
#include "testutil.h"
#include <fcntl.h>
#include <sqlite3.h>
#include "connectycube_hub/hub.h"
#include "connectycube_hub/query.h"
#include "connectycube_hub/store.h"
#include "connectycube_hub/recording/recfacts.h"
#include "connectycube_hub/recording/recording.h"
#include "connectycube_hub/recording/recstore.h"
#include "hub_rig.h"


#define T0 1700000000000ull     /* long ago [ms since 1970] */


static const char *below(const char *name)
{
	static char path[192];

	(void)re_snprintf(path, sizeof(path), "%s/%s", dir, name);

	return path;
}


/* One of long ago, with a file of its name */
static void add(struct hub_store *s, const char *id, uint64_t started)
{
	char json[128];

	(void)re_snprintf(json, sizeof(json), "{\"id\":\"%s\",\"file\":\"%s\","
			  "\"t_start\":%llu}", id, id, started ? T0 + started
			  : 0);
	assert_int_equal(0, hrec_store_finish(s, id, json, why, sizeof(why)));
	(void)close(open(below(id), O_CREAT | O_WRONLY, 0600));
}


static bool is_there(const char *name)
{
	return !access(below(name), F_OK);
}


/* One that cannot be removed holds up no other, and nobody */
static void test_stuck(void **state)
{
	const struct hrec_config cfg = {.root = dir, .days = 1};
	struct hub_store *s = rig_open();
	char short_of[HUB_WHY] = "";
	(void)state;

	add(s, "a", 1000);
	add(s, "c", 3000);
	assert_int_equal(0, mkdir(below("b"), 0700));
	add(s, "b", 2000);
	assert_int_equal(0, mkdir(below("b/x"), 0700));

	assert_int_equal(0, hrec_keep(s, &cfg, true, short_of, why,
				      sizeof(why)));
	assert_false(is_there("a"));
	assert_true(is_there("b"));
	assert_false(is_there("c"));
	assert_non_null(strstr(short_of, "/b cannot be removed: "));

	/* it can be later */
	assert_int_equal(0, rmdir(below("b/x")));
	assert_int_equal(0, rmdir(below("b")));
	short_of[0] = '\0';
	assert_int_equal(0, hrec_keep(s, &cfg, true, short_of, why,
				      sizeof(why)));
	assert_string_equal("", short_of);
	assert_int_equal(0, hrec_keep(s, &cfg, true, short_of, why,
				      sizeof(why)));
	mem_deref(s);
}


static void keep(struct hub_store *s, const struct hrec_config *cfg)
{
	char short_of[HUB_WHY] = "";

	assert_int_equal(0, hrec_keep(s, cfg, true, short_of, why,
				      sizeof(why)));
}


/* The clock knew of no date, or was far ahead, when they came: they are kept as
   long as others from when that is noticed, no shorter and no longer */
static void test_no_date(void **state)
{
	const struct hrec_config cfg = {.root = dir, .days = 1};
	struct hub_store *s = rig_open();
	(void)state;

	add(s, "a", 0);
	add(s, "b", 0);
	add(s, "c", 9000000000000);
	add(s, "d", 1);
	assert_int_equal(0, store_exec(s, "UPDATE recordings SET"
		" stored=1000 WHERE id='b'", why, sizeof(why)));
	assert_int_equal(0, store_exec(s, "UPDATE recordings SET"
		" stored=9000000000000+1700000000000 WHERE id='c'", why,
		sizeof(why)));
	keep(s, &cfg);
	assert_true(is_there("a"));
	assert_true(is_there("b"));
	assert_true(is_there("c"));
	assert_false(is_there("d"));

	/* two days later */
	assert_int_equal(0, store_exec(s, "UPDATE recordings SET"
		" stored=stored-2*86400000", why, sizeof(why)));
	keep(s, &cfg);
	assert_false(is_there("a"));
	assert_false(is_there("b"));
	assert_false(is_there("c"));
	mem_deref(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_stuck, rig_setup,
						rig_teardown),
		cmocka_unit_test_setup_teardown(test_no_date, rig_setup,
						rig_teardown),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
