/**
 * @file test_hubsearcher.c  Who looks for records, and when it is his turn
 */
#include "testutil.h"
#include "base/jobthread.h"
#include "connectycube_hub/hub.h"
#include "connectycube_hub/api/search.h"
#include "hub_rig.h"


static char told[256];          /* who was told of what was found */
static int errors;


static int setup(void **state)
{
	struct hub_store *s;

	if (rig_setup(state))
		return -1;

	s = rig_open();
	(void)rig_put(s, "r", 20);
	mem_deref(s);
	told[0] = '\0';
	errors  = 0;

	return searcher_start(dbpath);
}


static int teardown(void **state)
{
	searcher_stop();
	jobthread_wait();

	return rig_teardown(state);
}


static void found_handler(int err, struct mbuf *json, const char *text,
			  void *arg)
{
	(void)json;
	(void)text;

	errors += err != 0;
	(void)strcat(told, arg);
}


static int ask(const char *who, const char *id)
{
	struct search q = {.to = INT64_MAX, .started = INT64_MAX,
		.seq = INT64_MAX, .limit = 10};
	static char namev[128][2];

	str_ncpy(q.id, id, sizeof(q.id));
	(void)strcpy(namev[(uint8_t)who[0]], who);

	return searcher_ask(&q, who, found_handler, namev[(uint8_t)who[0]]);
}


static bool all_told(void *arg)
{
	return strlen(told) >= *(const size_t *)arg;
}


static void wait_for(size_t n)
{
	assert_true(tu_wait(all_told, &n, 20000));
	assert_int_equal(n, strlen(told));
	assert_int_equal(0, errors);
}


/* Somebody who looks again and again has others wait for one of his alone */
static void test_turns(void **state)
{
	unsigned i;
	(void)state;

	for (i=0; i<4; i++)
		assert_int_equal(0, ask("a", ""));
	for (i=0; i<2; i++)
		assert_int_equal(0, ask("b", ""));
	assert_int_equal(0, ask("c", ""));
	wait_for(7);
	assert_string_equal("abcabaa", told);

	/* they are as good as new afterwards */
	assert_int_equal(0, ask("d", ""));
	wait_for(8);
}


/* His limit is nobody else's; what has an id does not wait there */
static void test_limits(void **state)
{
	unsigned i, n;
	(void)state;

	for (n=0; n<100 && !ask("a", ""); n++)
		;
	assert_int_equal(SEARCH_OF + 1, n);
	assert_int_equal(EBUSY, ask("a", ""));
	assert_int_equal(0, ask("b", ""));
	assert_int_equal(0, ask("a", "r3"));
	wait_for(n + 2);

	/* nor is there room for any number of them */
	for (i=0; i<SEARCH_WAIT + 1; i++)
		assert_int_equal(0, ask((char[]){(char)('a' + i / SEARCH_OF),
						 '\0'}, ""));
	assert_int_equal(EBUSY, ask("z", ""));
}


/* Whoever waits at the end is told, once, that it is the end */
static void test_end(void **state)
{
	unsigned i;
	(void)state;

	for (i=0; i<3; i++)
		assert_int_equal(0, ask("a", ""));
	assert_int_equal(0, ask("b", "r3"));
	searcher_stop();
	assert_int_equal(4, strlen(told));
	assert_int_equal(4, errors);

	tu_run(100);
	assert_int_equal(4, strlen(told));
	assert_int_equal(ENOTCONN, ask("a", ""));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_turns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_end, setup, teardown),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
