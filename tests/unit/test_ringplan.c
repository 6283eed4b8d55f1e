/**
 * @file test_ringplan.c  Whom a call rings, and when
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <re.h>
#include "call/ringing.h"


static struct ringplan plan;
static struct pl idv[RINGPLAN_MAX];
static size_t idc;


static enum ringplan_err decode(const char *text)
{
	struct pl pl;

	pl_set_str(&pl, text);

	return ringplan_decode(&plan, idv, &idc, &pl);
}


/* As it would be written, and as it is written */
static void assert_plan(const char *text, const char *printed)
{
	char strv[RINGPLAN_MAX][16];
	const char *v[RINGPLAN_MAX];
	char buf[256];
	const struct ringplan_text pt = {&plan, v};
	size_t i;

	assert_int_equal(decode(text), RINGPLAN_OK);

	for (i=0; i<idc; i++) {
		assert_int_equal(pl_strcpy(&idv[i], strv[i], 16), 0);
		v[i] = strv[i];
	}

	(void)re_snprintf(buf, sizeof(buf), "%H", ringplan_print, &pt);
	assert_string_equal(buf, printed);
}


static void test_decode(void **state)
{
	(void)state;

	/* all at once, as it always was */
	assert_plan("12345", "12345");
	assert_int_equal(plan.groupc, 1);
	assert_plan("12345,12346,12347", "12345,12346,12347");
	assert_int_equal(plan.groupc, 1);
	assert_int_equal(plan.groupv[0].n, 3);
	assert_int_equal(plan.groupv[0].time, 0);
	assert_plan("1+2", "1,2");

	/* one after another */
	assert_plan("12345:20,12346+12347:30", "12345:20,12346+12347:30");
	assert_int_equal(plan.groupc, 2);
	assert_int_equal(plan.groupv[0].n, 1);
	assert_int_equal(plan.groupv[0].time, 20);
	assert_int_equal(plan.groupv[1].n, 2);
	assert_int_equal(plan.groupv[1].time, 30);
	assert_plan("1:20,2", "1:20,2");
	assert_plan("1+2:5,3+4", "1+2:5,3+4");
	assert_plan("1:20", "1:20");
	assert_plan("1:5,2:5,1:5", "1:5,2:5,1:5");
	assert_plan("1:600", "1:600");
	assert_plan("", "");
	assert_int_equal(plan.groupc, 0);
	assert_plan("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16",
		    "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16");
}


static void test_faults(void **state)
{
	static const struct {
		const char *text;
		enum ringplan_err err;
	} v[] = {
		{",",          RINGPLAN_BAD_ID},
		{"1,",         RINGPLAN_BAD_ID},
		{"1,,2",       RINGPLAN_BAD_ID},
		{"1+",         RINGPLAN_BAD_ID},
		{"+1",         RINGPLAN_BAD_ID},
		{"1 ,2",       RINGPLAN_BAD_ID},
		{"1x",         RINGPLAN_BAD_ID},
		{"x",          RINGPLAN_BAD_ID},
		{":20",        RINGPLAN_BAD_ID},
		{"1:",         RINGPLAN_BAD_TIME},
		{"1:0",        RINGPLAN_BAD_TIME},
		{"1:601",      RINGPLAN_BAD_TIME},
		{"1:99999",    RINGPLAN_BAD_TIME},
		{"1:-5",       RINGPLAN_BAD_TIME},
		{"1:20s",      RINGPLAN_BAD_TIME},
		{"1:20+2:30",  RINGPLAN_BAD_TIME},
		{"1:20:30",    RINGPLAN_BAD_TIME},
		{"1,2:30",     RINGPLAN_NO_TIME},
		{"1+2,3",      RINGPLAN_NO_TIME},
		{"1:5,2,3:5",  RINGPLAN_NO_TIME},
		{"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17",
		 RINGPLAN_TOO_MANY},
		{"1+2+3+4+5+6+7+8+9+10+11+12+13+14+15+16+17",
		 RINGPLAN_TOO_MANY},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		if (decode(v[i].text) != v[i].err)
			fail_msg("%s", v[i].text);
	}
}


static void begin(struct ringing *r, const char *text)
{
	assert_int_equal(decode(text), RINGPLAN_OK);
	ringing_init(r, &plan, 60);
}


static void test_sequence(void **state)
{
	struct ringing r;
	(void)state;

	begin(&r, "1:20,2+3:30,4");

	assert_true(ringing_next(&r, 1000));
	assert_int_equal(r.first, 0);
	assert_int_equal(r.n, 1);
	assert_int_equal(ringing_left(&r, 1000), 20000);
	assert_int_equal(ringing_left(&r, 20999), 1);
	assert_int_equal(ringing_left(&r, 21000), 0);
	assert_int_equal(ringing_left(&r, 99000), 0);

	/* the first one says no: the time of the others is theirs */
	assert_true(ringing_next(&r, 3000));
	assert_int_equal(r.first, 1);
	assert_int_equal(r.n, 2);
	assert_int_equal(ringing_left(&r, 3000), 30000);

	/* the last one has the ring time */
	assert_true(ringing_next(&r, 33000));
	assert_int_equal(r.first, 3);
	assert_int_equal(r.n, 1);
	assert_int_equal(ringing_left(&r, 33000), 60000);

	assert_false(ringing_next(&r, 93000));
	assert_false(ringing_next(&r, 93000));
}


static void test_nobody(void **state)
{
	struct ringing r;
	(void)state;

	begin(&r, "");
	assert_false(ringing_next(&r, 0));
	assert_int_equal(r.scode, 0);
}


static void test_result(void **state)
{
	struct ringing r;
	(void)state;

	/* busy only if all are */
	begin(&r, "1,2");
	ringing_note(&r, RING_NO_BUSY, 486);
	assert_int_equal(r.no, RING_NO_BUSY);
	ringing_note(&r, RING_NO_OTHER, 500);
	assert_int_equal(r.scode, 486);
	ringing_note(&r, RING_NO_REJECTED, 603);
	assert_int_equal(r.scode, 603);
	ringing_note(&r, RING_NO_ANSWER, 480);
	ringing_note(&r, RING_NO_BUSY, 486);
	assert_int_equal(r.no, RING_NO_ANSWER);
	assert_int_equal(r.scode, 480);

	/* what is no reason is one if there is no other; of two that say the
	   same it is the first */
	begin(&r, "1");
	ringing_note(&r, RING_NO_OTHER, 500);
	assert_int_equal(r.scode, 500);
	ringing_note(&r, RING_NO_OTHER, 488);
	assert_int_equal(r.scode, 500);
	ringing_note(&r, RING_NO_OFFLINE, 503);
	assert_int_equal(r.scode, 503);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_sequence),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_result),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
