/**
 * @file test_call.c  A call and its parties: it rings, is answered, ends
 */
#include "call_rig.h"


static void test_answer(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = begin(&a, &b, 1);
	(void)state;

	leg_ringing(&b->leg);
	leg_ringing(&b->leg);
	assert_int_equal(bc->state, BCALL_RINGING);
	assert_string_equal(a->did, "r");

	leg_answered(&b->leg);
	assert_int_equal(bc->state, BCALL_ANSWERED);
	assert_int_equal(a->leg.state, LEG_ANSWERED);
	assert_string_equal(a->did, "ra");
	assert_string_equal(a->heard, "PCMU");
	assert_true(bc->t_answer > 0);
	assert_false(tmr_isrunning(&bc->tmr));

	/* media may flow when it can with both */
	leg_up(&b->leg);
	assert_int_equal(bc->state, BCALL_ANSWERED);
	leg_up(&a->leg);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	assert_true(bc->t_estab > 0);

	talk(a, b, 10);
	assert_int_equal(a->sinkc, 10);
	assert_int_equal(b->sinkc, 10);
	assert_stream(a);
	assert_stream(b);

	mem_ref(a);
	mem_ref(b);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
	assert_string_equal(a->did, "rae");
	assert_string_equal(b->did, "e");
	assert_false(a->refused);

	/* what comes late goes nowhere */
	speak(a);
	leg_keys(&a->leg, "1", 1, 0);
	leg_audio_changed(&a->leg);
	assert_int_equal(b->sinkc, 10);
	mem_deref(a);
	mem_deref(b);
	assert_true(freed[1] && freed[2]);
}


static char told_path[8];


static void path_told(const struct event *ev, void *arg)
{
	const struct leg *leg = arg;

	if (ev->type == EVENT_QUALITY && ev->leg_num == leg->num)
		str_ncpy(told_path, ev->quality.ice_local, sizeof(told_path));
}


/* Who hangs up soon takes the path along, which is told of nevertheless */
static void test_path_gone(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = begin(&a, &b, 1);
	struct event_sub *sub = NULL;
	(void)state;

	assert_int_equal(event_subscribe(&sub, EVENT_QUALITIES, path_told,
					 &b->leg), 0);
	leg_ringing(&b->leg);
	leg_answered(&b->leg);
	b->path = "host";
	leg_up(&b->leg);
	b->path = NULL;
	leg_up(&a->leg);

	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
	assert_string_equal(told_path, "host");
	mem_deref(sub);
}


static unsigned earlyc;


static void early_counter(const struct event *ev, void *arg)
{
	(void)arg;

	if (ev->type == EVENT_CALL_EARLY) {
		assert_string_equal(ev->call.state, "RINGING");
		++earlyc;
	}
}


static struct bcall *begin_early(struct fake **ap, struct fake **bp, bool on)
{
	struct event_sub *sub;
	struct bcall *bc;

	earlyc = 0;
	env.early = on;
	assert_int_equal(event_subscribe(&sub, EVENT_CALL, early_counter,
					 NULL), 0);
	bc = begin(ap, bp, 1);
	leg_ringing(&(*bp)->leg);
	leg_early(&(*bp)->leg);
	leg_early(&(*bp)->leg);
	env.early = false;
	assert_int_equal(earlyc, 1);
	mem_deref(sub);

	return bc;
}


static void test_early(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = begin_early(&a, &b, true);
	(void)state;

	/* it is let in, but nobody has answered */
	assert_string_equal(a->did, "rh");
	assert_true(a->leg.early);
	assert_int_equal(bc->state, BCALL_RINGING);
	assert_true(bc->t_answer == 0);
	assert_true(tmr_isrunning(&bc->tmr));

	leg_up(&a->leg);
	assert_int_equal(bc->state, BCALL_RINGING);
	talk(a, b, 5);
	assert_int_equal(a->sinkc, 5);
	assert_int_equal(b->sinkc, 5);

	/* now somebody has */
	leg_answered(&b->leg);
	assert_string_equal(a->did, "rho");
	assert_false(a->leg.early);
	assert_true(bc->t_answer > 0);
	assert_false(tmr_isrunning(&bc->tmr));
	leg_up(&b->leg);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	talk(a, b, 5);
	assert_stream(a);
	assert_stream(b);

	/* too late to be early */
	leg_early(&b->leg);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
}


static void test_early_fails(void **state)
{
	const struct leg_cause cause = {.scode = 404, .reason = "no number"};
	struct fake *a, *b;
	(void)state;

	begin_early(&a, &b, true);
	mem_ref(a);
	leg_closed(&b->leg, &cause);
	assert_gone(1, END_NOT_FOUND);
	assert_string_equal(a->did, "rhe");
	assert_int_equal(a->scode, 404);
	assert_false(a->refused);
	assert_true(a->leg.early);
	mem_deref(a);
}


static void test_early_unwanted(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = begin_early(&a, &b, false);
	(void)state;

	assert_string_equal(a->did, "r");
	leg_answered(&b->leg);
	assert_string_equal(a->did, "ra");
	bcall_hangup(bc, END_CONSOLE, "console");

	/* it cannot be let in: it rings on */
	begin(&a, &b, 1);
	a->err = EIO;
	env.early = true;
	leg_early(&b->leg);
	env.early = false;
	a->err = 0;
	assert_string_equal(a->did, "h");
	assert_true(leg_waits(&a->leg));
	leg_answered(&b->leg);
	assert_string_equal(a->did, "ha");
}


static void test_cancel(void **state)
{
	const struct leg_cause cause = {.scode = 487, .reason = "cancelled"};
	struct fake *a, *b;
	(void)state;

	begin(&a, &b, 1);
	leg_ringing(&b->leg);
	mem_ref(a);
	mem_ref(b);
	leg_closed(&a->leg, &cause);

	assert_gone(1, END_CANCELED);
	assert_string_equal(a->did, "r");       /* it knows */
	assert_string_equal(b->did, "e");
	assert_int_equal(b->scode, 487);
	mem_deref(a);
	mem_deref(b);
}


static void test_reject(void **state)
{
	const struct leg_cause cause = {
		.scode = 486, .reason = "busy", .retry_after = 3
	};
	struct fake *a, *b;
	(void)state;

	begin(&a, &b, 1);
	mem_ref(a);
	leg_closed(&b->leg, &cause);

	assert_gone(1, END_BUSY);
	assert_string_equal(a->did, "e");
	assert_int_equal(a->scode, 486);
	assert_true(a->refused);
	mem_deref(a);
	assert_true(freed[2]);
}


static void test_both_end(void **state)
{
	const struct leg_cause cause = {.scode = 480, .reason = "bye"};
	struct fake *a, *b;
	struct bcall *bc;
	(void)state;

	/* one is told, and that is when the other one hangs up */
	bc = establish(&a, &b, 1);
	a->drags = b;
	mem_ref(b);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
	assert_string_equal(b->did, "");
	mem_deref(b);

	/* both hang up, one after the other */
	establish(&a, &b, 1);
	mem_ref(a);
	mem_ref(b);
	leg_closed(&b->leg, &cause);
	leg_closed(&a->leg, &cause);
	leg_closed(&b->leg, &cause);
	assert_gone(2, END_FAILED);
	assert_string_equal(a->did, "ae");
	assert_string_equal(b->did, "");
	mem_deref(a);
	mem_deref(b);
}


static void test_failures(void **state)
{
	const struct leg_cause cause = {.scode = 488, .reason = "no codec"};
	struct fake *a, *b;
	(void)state;

	/* the caller cannot be told that it rings */
	begin(&a, &b, 1);
	a->err = EPROTO;
	mem_ref(a);
	mem_ref(b);
	leg_ringing(&b->leg);
	assert_gone(1, END_INTERNAL);
	assert_true(a->refused);
	assert_int_equal(a->scode, 500);
	assert_string_equal(b->did, "e");
	mem_deref(a);
	mem_deref(b);

	/* it cannot be answered */
	begin(&a, &b, 1);
	a->err = EPROTO;
	mem_ref(a);
	mem_ref(b);
	leg_answered(&b->leg);
	leg_up(&b->leg);
	assert_gone(2, END_NO_CODEC);
	assert_string_equal(a->did, "ae");
	assert_string_equal(b->did, "e");
	mem_deref(a);
	mem_deref(b);

	/* a party that cannot go on is told, too */
	establish(&a, &b, 1);
	mem_ref(a);
	mem_ref(b);
	leg_failed(&b->leg, &cause);
	assert_gone(3, END_NO_CODEC);
	assert_string_equal(b->did, "e");
	assert_int_equal(a->scode, 488);
	mem_deref(a);
	mem_deref(b);
}


static void test_no_answer(void **state)
{
	struct fake *a, *b;
	(void)state;

	begin(&a, &b, 1);
	mem_ref(a);
	leg_ringing(&b->leg);
	assert_true(tu_wait(is_gone, NULL, 60000));
	assert_gone(1, END_NO_ANSWER);
	assert_int_equal(a->scode, 480);
	assert_true(a->refused);
	mem_deref(a);
}


/* The longest call that there may be, counted from its answer */
static void test_longest(void **state)
{
	struct fake *a, *b;
	(void)state;

	env.call_max = 1;
	begin(&a, &b, 1);
	mem_ref(a);
	leg_answered(&b->leg);
	leg_up(&b->leg);
	leg_up(&a->leg);
	assert_int_equal(gone, 0);
	assert_true(tu_wait(is_gone, NULL, 60000));
	env.call_max = 0;
	assert_gone(1, END_LONGEST);
	mem_deref(a);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_path_gone, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_early, setup, teardown),
		cmocka_unit_test_setup_teardown(test_early_fails, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_early_unwanted, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_cancel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reject, setup, teardown),
		cmocka_unit_test_setup_teardown(test_both_end, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_failures, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_no_answer, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_longest, setup, teardown),
	};
	int err;

	err = libre_init();
	if (err)
		return err;

	err = cmocka_run_group_tests(tests, NULL, NULL);

	tmr_debug();
	libre_close();

	return err;
}
