/**
 * @file test_infoq.c  Which SIP INFO goes out next
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "sip/pure/infokey.h"
#include "sip/pure/infoq.h"


static void push(struct infoq *q, const char *keys, uint32_t ms)
{
	for (; *keys; keys++)
		assert_int_equal(0, infoq_push(q, INFOKEY_RELAY, *keys, ms));
}


static void assert_key(struct infoq *q, uint64_t now, char wanted,
		       uint32_t ms)
{
	struct infoq_key key;

	assert_int_equal(INFOQ_KEY, infoq_get(q, &key, now));
	assert_int_equal(wanted, key.key);
	assert_int_equal(ms, key.ms);
}


static void assert_none(struct infoq *q, uint64_t now)
{
	struct infoq_key key;

	assert_int_equal(INFOQ_NOTHING, infoq_get(q, &key, now));
}


/* One at a time, in order, each as long as it is played */
static void test_order(void **state)
{
	struct infoq q = {.keyc = 0};
	(void)state;

	assert_int_equal(0, infoq_due(&q));
	push(&q, "123", 160);
	assert_key(&q, 1000, '1', 160);

	/* not answered, however late it is */
	assert_none(&q, 9000);
	assert_int_equal(0, infoq_due(&q));

	/* answered at once, but still played */
	infoq_answered(&q);
	assert_int_equal(1000 + 160 + INFOQ_GAP, infoq_due(&q));
	assert_none(&q, infoq_due(&q) - 1);
	assert_key(&q, infoq_due(&q), '2', 160);

	/* answered late: at once */
	infoq_answered(&q);
	assert_key(&q, 9000, '3', 160);
	infoq_answered(&q);
	assert_none(&q, 99000);
	assert_int_equal(0, infoq_due(&q));

	/* a key after a pause */
	push(&q, "4", 160);
	assert_true(infoq_due(&q) <= 99000);
	assert_key(&q, 99000, '4', 160);
}


static void test_durations(void **state)
{
	struct infoq_key key;
	struct infoq q = {.keyc = 0};
	(void)state;

	push(&q, "1", 0);
	assert_key(&q, 0, '1', INFOQ_DUR_MIN);
	infoq_answered(&q);
	push(&q, "2", 3600000);
	assert_key(&q, 1000, '2', INFOQ_DUR_MAX);
	infoq_answered(&q);

	/* a plain body has the gateway's duration */
	assert_int_equal(0, infoq_push(&q, INFOKEY_PLAIN, '3', 60));
	assert_int_equal(0, infoq_push(&q, INFOKEY_PLAIN, '4', 60));
	assert_int_equal(INFOQ_KEY, infoq_get(&q, &key, 20000));
	assert_int_equal(INFOKEY_PLAIN, key.type);
	infoq_answered(&q);
	assert_int_equal(20000 + INFOKEY_DUR + INFOQ_GAP, infoq_due(&q));
}


static void test_update(void **state)
{
	struct infoq_key key;
	struct infoq q = {.keyc = 0};
	(void)state;

	push(&q, "12", 160);
	assert_key(&q, 1000, '1', 160);

	infoq_push_update(&q);
	infoq_push_update(&q);
	assert_none(&q, 1010);
	infoq_answered(&q);

	/* while the key is played, and once */
	assert_int_equal(INFOQ_UPDATE, infoq_get(&q, &key, 1010));
	assert_none(&q, 9000);
	infoq_answered(&q);
	assert_none(&q, 1020);
	assert_key(&q, 9000, '2', 160);
}


static void test_bounds(void **state)
{
	struct infoq_key key;
	struct infoq q = {.keyc = 0};
	size_t i;
	(void)state;

	for (i=0; i<INFOQ_KEYS; i++)
		push(&q, "5", 160);
	assert_int_equal(EOVERFLOW, infoq_push(&q, INFOKEY_RELAY, '6', 160));

	assert_key(&q, 1000, '5', 160);
	push(&q, "7", 160);
	assert_int_equal(EOVERFLOW, infoq_push(&q, INFOKEY_RELAY, '8', 160));

	infoq_push_update(&q);
	infoq_flush(&q);
	infoq_answered(&q);
	assert_none(&q, 99000);

	assert_int_equal(EINVAL, infoq_push(&q, INFOKEY_NONE, '1', 160));
	assert_int_equal(EINVAL, infoq_push(NULL, INFOKEY_RELAY, '1', 160));
	assert_int_equal(INFOQ_NOTHING, infoq_get(NULL, &key, 0));
	infoq_push_update(NULL);
	infoq_answered(NULL);
	infoq_flush(NULL);
	assert_int_equal(0, infoq_due(NULL));
}


/* What is so of a recording goes first, the last of it, once */
static void test_record(void **state)
{
	struct infoq q = {.keyc = 0};
	struct infoq_key key;
	(void)state;

	assert_null(infoq_record(&q));
	push(&q, "1", 160);
	infoq_push_record(&q, "on");
	assert_int_equal(INFOQ_RECORD, infoq_get(&q, &key, 1000));
	assert_string_equal("on", infoq_record(&q));

	/* on its way: the next one waits, and what it replaces is not told */
	infoq_push_record(&q, "paused");
	infoq_push_record(&q, "off");
	assert_none(&q, 2000);
	infoq_answered(&q);
	assert_int_equal(INFOQ_RECORD, infoq_get(&q, &key, 2000));
	assert_string_equal("off", infoq_record(&q));
	infoq_answered(&q);
	assert_key(&q, 2000, '1', 160);
	infoq_answered(&q);

	infoq_push_record(&q, "on");
	infoq_flush(&q);
	assert_none(&q, 9000);
	infoq_push_record(NULL, "on");
	assert_null(infoq_record(NULL));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_update),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
