/**
 * @file test_noted.c  Which user has heard of which call
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <re.h>
#include "call/event.h"
#include "call/noted.h"

#define ANN "sip:ann@pbx"


static void test_calls_that_are_one(void **state)
{
	struct list l = LIST_INIT;
	(void)state;

	assert_false(noted_has(&l, "101", ANN, 1000));
	noted_add(&l, "101", ANN, 5000);

	/* it rang meanwhile, or was what the first one was sent on to */
	assert_true(noted_has(&l, "101", ANN, 1000));
	assert_true(noted_has(&l, "101", ANN, 5000));
	assert_true(noted_has(&l, "101", ANN, 5000 + NOTED_NEXT));

	/* she has called again; others, or whom she did not reach before */
	assert_false(noted_has(&l, "101", ANN, 5001 + NOTED_NEXT));
	assert_false(noted_has(&l, "102", ANN, 1000));
	assert_false(noted_has(&l, "101", "sip:bob@pbx", 1000));

	/* a later one of somebody else hides it not */
	noted_add(&l, "102", "sip:bob@pbx", 6000);
	assert_true(noted_has(&l, "101", ANN, 5500));

	list_flush(&l);
}


static void test_bounds(void **state)
{
	struct list l = LIST_INIT;
	uint64_t i;
	(void)state;

	/* who is nobody is told apart from nobody */
	noted_add(&l, "101", "", 1);
	noted_add(&l, NULL, ANN, 1);
	noted_add(NULL, "101", ANN, 1);
	assert_true(list_isempty(&l));
	assert_false(noted_has(NULL, "101", ANN, 1));

	noted_add(&l, "100", ANN, 1);
	for (i=0; i<NOTED_MAX; i++)
		noted_add(&l, "101", ANN, 2 + i);
	assert_int_equal(list_count(&l), NOTED_MAX);
	assert_false(noted_has(&l, "100", ANN, 1));
	assert_true(noted_has(&l, "101", ANN, 1));

	list_flush(&l);
}


static bool missed(struct event_call call)
{
	return noted_is_missed(&call);
}


/* Which calls that are over an app has missed */
static void test_missed(void **state)
{
	(void)state;

	/* the phone gave up, or the time was over; the app would not */
	assert_true(missed((struct event_call){.by = EVENT_PHONE,
				.reason = END_CANCELED}));
	assert_true(missed((struct event_call){.by = EVENT_BRIDGE,
				.reason = END_NO_ANSWER}));
	assert_true(missed((struct event_call){.by = EVENT_APP,
				.reason = END_NO_ANSWER}));
	assert_true(missed((struct event_call){.by = EVENT_APP,
				.reason = END_REJECTED}));
	assert_true(missed((struct event_call){.by = EVENT_APP,
				.reason = END_BUSY}));
	assert_true(missed((struct event_call){.by = EVENT_APP,
				.reason = END_FORWARDED}));

	/* taken; by somebody else; of the app itself; taken, and no path */
	assert_false(missed((struct event_call){.by = EVENT_PHONE,
				.reason = END_NORMAL, .t_answer = 1}));
	assert_false(missed((struct event_call){.by = EVENT_BRIDGE,
				.reason = END_ELSEWHERE}));
	assert_false(missed((struct event_call){.by = EVENT_PHONE,
				.reason = END_CANCELED, .from_app = true}));
	assert_false(missed((struct event_call){.by = EVENT_APP,
				.reason = END_NORMAL}));
	assert_false(missed((struct event_call){.by = EVENT_BRIDGE,
				.reason = END_NO_PATH}));
	assert_false(missed((struct event_call){.by = EVENT_BRIDGE,
				.reason = END_NO_CODEC}));

	/* it has never rung */
	assert_true(missed((struct event_call){.by = EVENT_BRIDGE,
				.reason = END_CLOUD}));
	assert_false(noted_is_missed(NULL));
}


/* Of a call that neither has begun, the app may be rung first: it has missed
   the call unless it has accepted, whatever the phone does then */
static void test_missed_first(void **state)
{
	struct event_call call = {.first = EVENT_APP, .by = EVENT_BRIDGE,
		.reason = END_NO_ANSWER};
	(void)state;

	assert_true(missed(call));
	call.first_answered = true;
	assert_false(missed(call));
	call.by     = EVENT_PHONE;
	call.reason = END_REJECTED;
	assert_false(missed(call));

	/* the phone was first, has answered, and the app has not */
	call.first  = EVENT_PHONE;
	call.by     = EVENT_BRIDGE;
	call.reason = END_NO_ANSWER;
	assert_true(missed(call));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls_that_are_one),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_missed),
		cmocka_unit_test(test_missed_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
