/**
 * @file test_transfer.c  A party of a call is replaced
 */
#include "transfer_rig.h"


/* from is being replaced by somebody who is reached */
static struct fake *reach(struct fake *from, const char *codec)
{
	struct fake *to = fake_alloc(9, codec, false);
	struct transfer *tr;

	assert_int_equal(order(from, &tr), 0);
	leg_set_state(&to->leg, LEG_CALLING);
	transfer_reach(tr, &to->leg);
	leg_ringing(&to->leg);

	return to;
}


static void test_done(void **state)
{
	struct fake *a, *b, *c;
	struct bcall *bc = establish(&a, &b, 1);
	const uint32_t id = bc->id;
	struct transfer *tr;
	(void)state;

	assert_talk(a, b);
	c = reach(b, "PCMA");
	assert_string_equal(told, "tr");
	assert_int_equal(told_scode, 180);

	/* until it is up, and only one at a time */
	leg_answered(&c->leg);
	assert_talk(a, b);
	assert_int_equal(order(b, &tr), EBUSY);
	assert_int_equal(order(a, &tr), EBUSY);

	mem_ref(b);
	leg_up(&c->leg);
	assert_string_equal(told, "trd");
	assert_string_equal(b->did, "e");
	assert_int_equal(mem_nrefs(b), 1);
	assert_talk(a, c);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	assert_int_equal(bc->id, id);
	assert_int_equal(bc->linked_id, id);
	assert_null(bc->transfer);
	assert_int_equal(args_freed, 3);
	mem_deref(b);

	/* and once more */
	mem_ref(a);
	b = reach(a, "PCMU");
	up(b);
	assert_string_equal(a->did, "ae");
	assert_talk(b, c);
	mem_deref(a);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_int_equal(gone, 1);
}


static void test_failed(void **state)
{
	const struct leg_cause cause = {.scode = 486, .reason = "busy"};
	struct fake *a, *b, *c;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	c = reach(b, "PCMU");
	leg_closed(&c->leg, &cause);
	assert_string_equal(told, "trf");
	assert_int_equal(told_scode, 486);
	assert_talk(a, b);

	/* it answers, and there is nothing that both could hear */
	memset(told, 0, sizeof(told));
	c = reach(b, NULL);
	mem_ref(c);
	up(c);
	assert_string_equal(told, "trf");
	assert_int_equal(told_scode, 488);
	assert_string_equal(c->did, "e");
	assert_int_equal(mem_nrefs(c), 1);
	mem_deref(c);
	assert_talk(a, b);

	/* it cannot go on */
	memset(told, 0, sizeof(told));
	c = reach(b, "PCMU");
	mem_ref(c);
	leg_failed(&c->leg, &cause);
	assert_string_equal(told, "trf");
	assert_string_equal(c->did, "e");
	mem_deref(c);
	assert_talk(a, b);

	assert_null(bc->transfer);
	assert_int_equal(args_freed, 3);
	assert_int_equal(gone, 0);
}


static bool is_told(void *arg)
{
	(void)arg;

	return strlen(told) == 3;
}


static void test_no_answer(void **state)
{
	struct fake *a, *b, *c;
	(void)state;

	(void)establish(&a, &b, 1);
	c = reach(b, "PCMU");
	mem_ref(c);
	assert_true(tu_wait(is_told, NULL, 60000));
	assert_string_equal(told, "trf");
	assert_int_equal(told_scode, 408);
	assert_string_equal(c->did, "e");
	mem_deref(c);
	assert_talk(a, b);
}


/* Who leaves does so before the new one is there */
static void test_left(void **state)
{
	const struct leg_cause bye = {.normal = true, .reason = "bye"};
	const struct leg_cause busy = {.scode = 486, .reason = "busy"};
	struct fake *a, *b, *c;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	c = reach(b, "PCMU");
	leg_closed(&b->leg, &bye);
	assert_int_equal(gone, 0);
	assert_int_equal(list_count(&bc->legl), 1);
	up(c);
	assert_string_equal(told, "trd");
	assert_talk(a, c);

	/* in vain: there is nobody left to talk to */
	memset(told, 0, sizeof(told));
	b = reach(c, "PCMU");
	leg_closed(&c->leg, &bye);
	mem_ref(a);
	leg_closed(&b->leg, &busy);
	assert_string_equal(told, "trf");
	assert_int_equal(gone, 1);
	assert_int_equal(a->scode, 486);
	mem_deref(a);
}


/* Who stays does not */
static void test_stayer_left(void **state)
{
	const struct leg_cause bye = {.normal = true, .reason = "bye"};
	struct fake *a, *b, *c;
	(void)state;

	(void)establish(&a, &b, 1);
	c = reach(b, "PCMU");
	mem_ref(b);
	mem_ref(c);
	leg_closed(&a->leg, &bye);
	assert_string_equal(told, "trf");
	assert_int_equal(told_scode, 487);
	assert_string_equal(b->did, "e");
	assert_string_equal(c->did, "e");
	assert_int_equal(gone, 1);
	assert_int_equal(mem_nrefs(c), 1);
	assert_int_equal(args_freed, 1);
	mem_deref(b);
	mem_deref(c);

	/* the bridge ends */
	(void)establish(&a, &b, 1);
	(void)reach(b, "PCMU");
	list_flush(&calll);
	assert_int_equal(args_freed, 2);
}


static void hold(struct fake *f, bool on)
{
	f->leg.held = on;
	bcall_held(&f->leg);
}


static void assert_on_hold(const struct fake *f, bool on, bool music)
{
	assert_int_equal(f->leg.on_hold, on);
	assert_int_equal(f->leg.player != NULL, music);
}


/* Hold ends with who holds, and stays with who stays */
static void test_held(void **state)
{
	const struct leg_cause bye = {.normal = true, .reason = "bye"};
	struct fake *a, *b, *c;
	(void)state;

	(void)establish(&a, &b, 1);

	/* who leaves holds, as phones do before they transfer */
	hold(b, true);
	assert_on_hold(a, true, true);
	c = reach(b, "PCMU");
	up(c);
	assert_on_hold(a, false, false);
	assert_on_hold(c, false, false);
	assert_talk(a, c);

	/* who stays holds: who comes is on hold, until that one is back */
	hold(a, true);
	b = reach(c, "PCMU");
	up(b);
	assert_on_hold(a, false, false);
	assert_on_hold(b, true, true);
	hold(a, false);
	assert_on_hold(b, false, false);
	assert_talk(a, b);

	/* alone there is music, but for who holds */
	c = reach(b, "PCMU");
	hold(b, true);
	leg_closed(&b->leg, &bye);
	assert_on_hold(a, true, true);
	hold(a, true);
	assert_on_hold(a, true, false);
	hold(a, false);
	assert_on_hold(a, true, true);
	up(c);
	assert_on_hold(a, false, false);
	assert_on_hold(c, false, false);
	assert_talk(a, c);
}


/* 100 ms of music, in the codec that it has now */
static void assert_music(struct fake *f)
{
	const size_t sent = f->sinkc;
	size_t i;

	assert_non_null(f->leg.player);
	for (i=0; i<5; i++) {
		audio_player_poll(f->leg.player, now);
		now += 20000;
	}

	assert_int_equal(f->sinkc, sent + 5);
	assert_int_equal(f->sinkv[f->sinkc - 1].pt,
			 strcmp(f->codec, "PCMU") ? 8 : 0);
}


/* Who is alone hears music, also if it is back from its own hold only then,
   and in another codec that it agrees on meanwhile */
static void test_alone(void **state)
{
	const struct leg_cause bye = {.normal = true, .reason = "bye"};
	struct fake *a, *b, *c;
	(void)state;

	assert_int_equal(sound_hold_tone(&env.music), 0);
	(void)establish(&a, &b, 1);
	hold(a, true);
	c = reach(b, "PCMU");
	leg_closed(&b->leg, &bye);
	assert_on_hold(a, false, false);
	hold(a, false);
	assert_music(a);

	a->codec = "PCMA";
	leg_audio_changed(&a->leg);
	assert_music(a);
	hold(a, true);
	assert_on_hold(a, false, false);
	hold(a, false);
	assert_music(a);

	up(c);
	assert_on_hold(a, false, false);
	assert_talk(a, c);

	list_flush(&calll);
	env.music = mem_deref(env.music);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_done, told_setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_failed, told_setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_no_answer, told_setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_left, told_setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_held, told_setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_alone, told_setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_stayer_left, told_setup,
						teardown),
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
