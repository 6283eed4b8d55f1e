/**
 * @file test_call_parties.c  A call and its parties: one is replaced, holds
 */
#include "call_rig.h"


/* --- parties that change ----------------------------------------------- */


/* Both speak, and one of them, neither or both are heard */
static void assert_heard(struct fake *a, struct fake *b, bool at_a, bool at_b)
{
	const size_t na = a->sinkc, nb = b->sinkc;

	talk(a, b, 5);
	assert_int_equal(a->sinkc - na, at_a ? 5 : 0);
	assert_int_equal(b->sinkc - nb, at_b ? 5 : 0);
}


static enum event_type heldv[16];

static uint32_t heldlegv[16];

static unsigned heldc;


static void held_counter(const struct event *ev, void *arg)
{
	(void)arg;

	if (ev->type != EVENT_LEG_HELD && ev->type != EVENT_LEG_RESUMED)
		return;

	heldlegv[heldc % 16] = ev->leg_num;
	heldv[heldc++ % 16]  = ev->type;
}


/* Silence for who is held, and for who holds; either, then both */
static void test_hold(void **state)
{
	struct event_sub *sub;
	struct media_stats st;
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	heldc = 0;
	assert_int_equal(event_subscribe(&sub, EVENT_LEG, held_counter, NULL),
			 0);
	assert_heard(a, b, true, true);

	leg_set_held(&b->leg, true);
	leg_set_held(&b->leg, true);
	assert_string_equal(a->did, "aH");
	assert_string_equal(b->did, "");
	assert_heard(a, b, false, false);
	audio_port_stats(a->leg.audio, &st);
	assert_true(st.played);

	/* negotiated anew, as it is: it stays */
	leg_audio_changed(&b->leg);
	leg_audio_changed(&a->leg);
	assert_heard(a, b, false, false);

	leg_set_held(&a->leg, true);
	assert_string_equal(b->did, "H");
	leg_set_held(&b->leg, false);
	assert_string_equal(a->did, "aHR");
	assert_heard(a, b, false, false);
	leg_set_held(&a->leg, false);
	assert_string_equal(b->did, "HR");
	assert_heard(a, b, true, true);
	assert_stream(a);
	assert_stream(b);

	assert_int_equal(heldc, 4);
	assert_int_equal(heldv[0], EVENT_LEG_HELD);
	assert_int_equal(heldv[1], EVENT_LEG_HELD);
	assert_int_equal(heldv[2], EVENT_LEG_RESUMED);
	assert_int_not_equal(a->leg.num, b->leg.num);
	assert_int_equal(heldlegv[0], b->leg.num);
	assert_int_equal(heldlegv[1], a->leg.num);
	assert_int_equal(heldlegv[2], b->leg.num);
	assert_int_equal(heldlegv[3], a->leg.num);
	mem_deref(sub);

	/* over while it is on hold */
	leg_set_held(&b->leg, true);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
}


/* What a party has of its own goes on */
static void test_hold_own_music(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	assert_heard(a, b, true, true);
	b->leg.own_music = true;
	leg_set_held(&b->leg, true);
	assert_heard(a, b, true, false);
	leg_set_held(&b->leg, false);
	assert_heard(a, b, true, true);
	assert_stream(a);
	assert_stream(b);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
}


/* Held before it was answered: told when there is somebody to tell */
static void test_hold_early(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = begin(&a, &b, 1);
	(void)state;

	leg_set_held(&a->leg, true);
	assert_string_equal(b->did, "");
	leg_answered(&b->leg);
	leg_up(&b->leg);
	leg_up(&a->leg);
	assert_string_equal(b->did, "H");
	assert_string_equal(a->did, "a");
	assert_heard(a, b, false, false);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
}


/* One that has answered, and that no call has */
static struct fake *parked(const char *codec)
{
	struct fake *f = fake_alloc(3, codec, false);

	leg_set_state(&f->leg, LEG_UP);

	return f;
}


static void replace(const char *codec)
{
	struct fake *a, *b, *c;
	struct bcall *bc = establish(&a, &b, 1);
	const uint32_t id = bc->id;
	size_t n;

	talk(a, b, 10);
	c = parked(codec);
	assert_int_equal(bcall_replace_leg(bc, &b->leg, &c->leg), 0);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	assert_int_equal(bc->id, id);
	assert_int_equal(bc->linked_id, id);
	assert_null(b->leg.call);
	assert_ptr_equal(c->leg.call, bc);

	/* who stays hears the new one in the stream that it had, who has left
	   hears nothing and is not heard */
	n = b->sinkc;
	speak(b);
	talk(a, c, 10);
	assert_int_equal(b->sinkc, n);
	assert_int_equal(a->sinkc, 20);
	assert_int_equal(c->sinkc, 10);
	assert_stream(a);
	assert_stream(c);

	/* between the last packet of the one and the first of the other there
	   is no more time than between any two */
	assert_int_equal(a->sinkt[10] - a->sinkt[9], 20000);
	assert_true(a->sinkv[10].marker);

	/* the end of one that is parked is nobody's */
	leg_closed(&b->leg, &(struct leg_cause){.scode = 480,
						.reason = "bye"});
	assert_int_equal(gone, 0);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	mem_deref(b);
	assert_true(freed[2]);
	talk(a, c, 5);
	assert_int_equal(a->sinkc, 25);

	/* that of the new one ends the call */
	leg_closed(&c->leg, &(struct leg_cause){.scode = 480,
						.reason = "bye"});
	assert_gone(1, END_FAILED);
	assert_true(freed[1] && freed[3]);
}


static void test_replace(void **state)
{
	(void)state;

	replace("PCMU");
}


static void test_replace_codec(void **state)
{
	(void)state;

	replace("PCMA");
}


/* The one that called goes, and the stream to the other one goes on */
static void test_replace_caller(void **state)
{
	struct fake *a, *b, *c;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	talk(a, b, 10);
	c = parked("PCMU");
	assert_int_equal(bcall_replace_leg(bc, &a->leg, &c->leg), 0);
	now += 100000;
	talk(c, b, 10);
	assert_int_equal(b->sinkc, 20);
	assert_stream(b);

	/* and it comes back */
	assert_int_equal(bcall_replace_leg(bc, &c->leg, &a->leg), 0);
	talk(a, b, 10);
	assert_int_equal(b->sinkc, 30);
	assert_int_equal(a->sinkc, 20);
	assert_stream(b);
	mem_deref(c);

	mem_ref(a);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_string_equal(a->did, "ae");
	mem_deref(a);
}


/* Who holds goes on holding whoever comes; who was held by one that goes is
   not held any more */
/* Who is at the other leg is told when that changes, to nobody else */
static void test_identity(void **state)
{
	struct fake *a, *b, *c;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	assert_string_equal(b->others, "");
	assert_int_equal(leg_set_peer(&a->leg, "Ann", "42", "sip:42@h"), 0);
	leg_identity_changed(&a->leg);
	assert_string_equal(b->others, "42 ");
	assert_string_equal(a->others, "");

	/* and when another party comes; of one that is parked nobody hears */
	c = parked("PCMU");
	assert_int_equal(leg_set_peer(&c->leg, NULL, "43", NULL), 0);
	leg_identity_changed(&c->leg);
	assert_int_equal(bcall_replace_leg(bc, &a->leg, &c->leg), 0);
	assert_string_equal(b->others, "42 43 ");
	leg_identity_changed(&a->leg);
	assert_string_equal(b->others, "42 43 ");
	mem_deref(a);

	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
}


static void test_replace_hold(void **state)
{
	struct fake *a, *b, *c;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	leg_set_held(&a->leg, true);
	assert_string_equal(b->did, "H");
	c = parked("PCMA");
	assert_int_equal(bcall_replace_leg(bc, &b->leg, &c->leg), 0);
	assert_string_equal(c->did, "H");
	assert_heard(a, c, false, false);
	leg_set_held(&a->leg, false);
	assert_string_equal(c->did, "HR");
	assert_heard(a, c, true, true);

	leg_set_held(&c->leg, true);
	assert_string_equal(a->did, "aH");
	assert_int_equal(bcall_replace_leg(bc, &c->leg, &b->leg), 0);
	assert_string_equal(a->did, "aHR");
	assert_heard(a, b, true, true);
	assert_stream(a);
	mem_deref(c);

	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
}


static void test_replace_fails(void **state)
{
	struct fake *a, *b, *c;
	struct bcall *bc = establish(&a, &b, 1), *other;
	(void)state;

	talk(a, b, 10);

	/* nothing negotiated: the old one is back as if nothing had been */
	c = parked(NULL);
	assert_int_equal(bcall_replace_leg(bc, &b->leg, &c->leg), ENOENT);
	assert_ptr_equal(b->leg.call, bc);
	assert_null(c->leg.call);
	talk(a, b, 10);
	assert_int_equal(a->sinkc, 20);
	assert_int_equal(b->sinkc, 20);
	assert_stream(a);
	assert_stream(b);

	/* not answered */
	c->codec = "PCMU";
	c->leg.state = LEG_RINGING;
	assert_int_equal(bcall_replace_leg(bc, &b->leg, &c->leg), ENOTCONN);
	c->leg.state = LEG_UP;

	/* of another call, on either side */
	assert_int_equal(bcall_alloc(&other, &env, NULL, &calll, false), 0);
	bcall_add_leg(other, &c->leg);
	assert_int_equal(bcall_replace_leg(bc, &b->leg, &c->leg), EINVAL);
	assert_int_equal(bcall_replace_leg(other, &b->leg, &c->leg), EINVAL);
	talk(a, b, 5);
	assert_int_equal(a->sinkc, 25);
	bcall_hangup(bc, END_CONSOLE, "console");
	bcall_hangup(other, END_CONSOLE, "console");
	assert_gone(2, END_CONSOLE);
}


/* Calls that have shared a party belong together: in all their records is one
   id, even if some were written before */
static void test_linked(void **state)
{
	struct bcall *v[4];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		assert_int_equal(bcall_alloc(&v[i], &env, NULL, &calll,
					     false), 0);
		assert_int_equal(v[i]->linked_id, v[i]->id);
		assert_true(uuid_is(v[i]->record, strlen(v[i]->record)));
		assert_string_equal(v[i]->linked, v[i]->record);
	}
	assert_string_not_equal(v[0]->record, v[1]->record);

	/* that of the older one, whichever loses a party */
	bcall_link(v[2], v[1]);
	assert_string_equal(v[2]->linked, v[1]->record);
	assert_string_equal(v[1]->linked, v[1]->record);
	assert_int_equal(v[2]->linked_id, v[1]->id);
	assert_int_not_equal(v[2]->id, v[1]->id);

	/* the record of one may have been written: it counts, though there is
	   an older one now */
	bcall_link(v[0], v[2]);
	assert_string_equal(v[0]->linked, v[1]->record);
	assert_string_equal(v[2]->linked, v[1]->record);
	assert_string_not_equal(v[0]->record, v[1]->record);

	bcall_link(v[2], v[3]);
	assert_string_equal(v[3]->linked, v[1]->record);
	bcall_link(v[3], v[3]);
	bcall_link(v[3], NULL);
	for (i=0; i<ARRAY_SIZE(v); i++)
		mem_deref(v[i]);
}


/* The call ends while one is parked: it stays with whoever took it out */
static void test_end_while_parked(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	bcall_park_leg(&b->leg);
	leg_keys(&a->leg, "1", 1, 0);
	speak(a);
	assert_int_equal(b->sinkc, 0);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
	assert_true(freed[1]);
	assert_false(freed[2]);
	assert_string_equal(b->did, "");
	speak(b);
	mem_deref(b);
	assert_true(freed[2]);
}


static void test_names(void **state)
{
	(void)state;

	assert_string_equal(leg_state_name(LEG_UP), "UP");
	assert_string_equal(leg_state_name(99), "?");
	assert_string_equal(bcall_state_name(BCALL_CLOSED), "CLOSED");
	assert_string_equal(bcall_state_name(99), "?");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_replace, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_replace_codec, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_identity, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_replace_hold, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_hold, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_hold_own_music, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_hold_early, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_replace_caller, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_replace_fails, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_linked, setup, teardown),
		cmocka_unit_test_setup_teardown(test_end_while_parked, setup,
						teardown),
		cmocka_unit_test(test_names),
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
