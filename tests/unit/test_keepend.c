/**
 * @file test_keepend.c  Records of calls that never began, and of those that
 *                       end with their process
 */
#include "keeper_rig.h"


static void refuse(struct keeper *k, uint64_t after)
{
	struct event ev;

	event_init(&ev, EVENT_CALL_REFUSED);
	now += after;
	ev.mono = 1000 + now;
	ev.wall = 1700000000000ull + now;
	ev.call.scode  = 404;
	ev.call.reason = END_NOT_FOUND;
	str_ncpy(ev.call.uri, "sip:2000@pbx", sizeof(ev.call.uri));
	keeper_event(k, &ev);
}


/* So many a minute, and no more */
static void test_refused(void **state)
{
	struct keeper *k = begin();
	char str[256];
	unsigned i;
	(void)state;

	keeper_up(k);
	refuse(k, 10);
	assert_int_equal(0, keeper_waiting(k));

	keeper_set_refused(k, 3);
	for (i=0; i<10; i++)
		refuse(k, 10);
	await(3);
	assert_int_equal(3, keeper_waiting(k));
	assert_non_null(strstr(textv[0], "\"reason\":\"not_found\""));
	assert_non_null(strstr(textv[0], "\"sip_code\":404"));
	assert_non_null(strstr(textv[0], "\"disposition\":\"FAILED\""));
	assert_non_null(strstr(textv[0], "\"uri\":\"sip:2000@pbx\""));
	assert_non_null(strstr(textv[0], "\"hung_up_by\":\"bridge\""));
	assert_non_null(strstr(textv[0], "\"legs\":[]"));
	assert_string_not_equal(sentv[0], sentv[1]);
	(void)re_snprintf(str, sizeof(str), "%H", keeper_print, k);
	assert_non_null(strstr(str, "refused without one: 7"));

	refuse(k, 60000);
	await(4);
	for (i=0; i<4; i++)
		keeper_ack(k, sentv[i]);
	keeper_close(k);
	assert_int_equal(0, count_files());
}


/* The process ends: the hub has it at once, the disk before the end */
static void test_shutdown(void **state)
{
	struct keeper *k = begin();
	struct event ev;
	(void)state;

	keeper_up(k);
	tell(k, EVENT_CALL_NEW, 1);
	tell(k, EVENT_CALL_ANSWERED, 1);
	event_init(&ev, EVENT_CALL_ENDED);
	ev.id   = 1;
	ev.mono = 1000 + now + 500;
	ev.wall = 1700000000000ull + now + 500;
	ev.call.reason = END_SHUTDOWN;
	keeper_event(k, &ev);
	assert_int_equal(1, sentc);
	assert_non_null(strstr(textv[0], "\"reason\":\"shutdown\""));

	/* nothing runs any more */
	keeper_close(k);
	assert_int_equal(1, count_files());
	assert_false(has_file("open"));

	/* it comes again, as nobody knows whether it has arrived */
	k = begin();
	keeper_up(k);
	await(2);
	assert_string_equal(sentv[0], sentv[1]);
	keeper_ack(k, sentv[1]);
	keeper_close(k);
	assert_int_equal(0, count_files());
}


#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_refused),
		T(test_shutdown),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
