/**
 * @file test_call_group.c  A call and its parties: who is rung, and then who
 */
#include "call_rig.h"


static struct fake *second;


static int next_handler(struct bcall *bc)
{
	bc->nexth = NULL;
	bcall_start_ringing(bc);

	if (!second)
		return ENOENT;

	bcall_add_leg(bc, &second->leg);
	leg_set_state(&second->leg, LEG_CALLING);

	return 0;
}


static void test_dial(void **state)
{
	struct fake *a = fake_alloc(1, "PCMU", false), *b;
	struct bcall *bc;
	(void)state;

	/* first one, then the other */
	second = b = fake_alloc(2, "PCMU", false);
	assert_int_equal(bcall_alloc(&bc, &env, NULL, &calll, false), 0);
	bc->nexth = next_handler;
	bc->first = EVENT_PHONE;
	bcall_add_leg(bc, &a->leg);
	bcall_start_ringing(bc);
	leg_ringing(&a->leg);
	leg_answered(&a->leg);

	/* nobody has answered whom it is for */
	assert_int_equal(bc->state, BCALL_RINGING);
	assert_int_equal(bc->t_answer, 0);
	assert_int_equal(bc->first_num, a->leg.num);
	assert_ptr_equal(b->leg.call, bc);
	leg_up(&a->leg);
	leg_ringing(&b->leg);
	assert_int_equal(bc->state, BCALL_RINGING);
	assert_true(tmr_isrunning(&bc->tmr));
	leg_answered(&b->leg);
	assert_int_equal(bc->state, BCALL_ANSWERED);
	assert_true(bc->t_answer > 0);
	assert_false(tmr_isrunning(&bc->tmr));
	leg_up(&b->leg);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	talk(a, b, 5);
	assert_int_equal(b->sinkc, 5);
	bcall_hangup(bc, END_CONSOLE, "console");

	/* and there is none */
	second = NULL;
	a = fake_alloc(1, "PCMU", false);
	assert_int_equal(bcall_alloc(&bc, &env, NULL, &calll, false), 0);
	bc->nexth = next_handler;
	bcall_add_leg(bc, &a->leg);
	mem_ref(a);
	leg_answered(&a->leg);
	assert_gone(2, END_INTERNAL);
	assert_string_equal(a->did, "e");
	mem_deref(a);
}


/* Who was rung first talks to nobody yet */
static struct bcall *begin_first(struct fake **ap, struct fake **bp)
{
	struct bcall *bc;

	*ap = fake_alloc(1, "PCMU", false);
	*bp = second = fake_alloc(2, "PCMU", false);
	assert_int_equal(bcall_alloc(&bc, &env, NULL, &calll, false), 0);
	bc->nexth = next_handler;
	bc->first = EVENT_APP;
	bcall_add_leg(bc, &(*ap)->leg);
	bcall_start_ringing(bc);
	leg_answered(&(*ap)->leg);
	leg_up(&(*ap)->leg);
	leg_ringing(&(*bp)->leg);

	return bc;
}


/* Whose doing the end is of a call that whom it was for never answered */
static void test_dial_ends(void **state)
{
	const struct leg_cause bye = {.normal = true, .reason = "bye"};
	const struct leg_cause busy = {.scode = 486, .reason = "Busy"};
	struct fake *a, *b;
	(void)state;

	(void)begin_first(&a, &b);
	leg_closed(&a->leg, &bye);
	assert_gone(1, END_CANCELED);

	(void)begin_first(&a, &b);
	leg_closed(&b->leg, &bye);
	assert_gone(2, END_REJECTED);

	(void)begin_first(&a, &b);
	leg_closed(&b->leg, &busy);
	assert_gone(3, END_BUSY);

	/* the ring time is each one's own */
	(void)begin_first(&a, &b);
	gone = 0;
	assert_true(tu_wait(is_gone, NULL, 60000));
	assert_gone(1, END_NO_ANSWER);
}


/* Who takes the place of the first one waits for the second one, too */
static void test_dial_moved(void **state)
{
	struct fake *a, *b, *c = fake_alloc(3, "PCMU", false);
	struct bcall *bc = begin_first(&a, &b);
	(void)state;

	bcall_park_leg(&a->leg);
	leg_end(&a->leg, &(struct leg_cause){.normal = true});
	mem_deref(a);
	leg_set_state(&c->leg, LEG_UP);
	bcall_add_leg(bc, &c->leg);
	bcall_handlers.answeredh(&c->leg);
	assert_int_equal(bc->state, BCALL_RINGING);
	assert_true(tmr_isrunning(&bc->tmr));

	leg_answered(&b->leg);
	leg_up(&b->leg);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	assert_false(tmr_isrunning(&bc->tmr));
	talk(b, c, 5);
	assert_int_equal(c->sinkc, 5);
	bcall_hangup(bc, END_CONSOLE, "console");
}


static void test_keys(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	/* neither has telephone-event: each by its signalling */
	leg_keys(&a->leg, "12#", 3, 0);
	assert_string_equal(b->keys, "12#");
	b->key_err = EBUSY;
	leg_keys(&a->leg, "9", 1, 0);
	assert_string_equal(b->keys, "12#");
	leg_keys(&b->leg, "5", 1, 100);
	assert_string_equal(a->keys, "5");

	bcall_hangup(bc, END_CONSOLE, "console");
}


/* --- ringing by a plan ------------------------------------------------- */


/* The users are numbers, and so are the legs of their groups */
static struct {
	struct fake *f;         /* of the group that rings */
	size_t first, n;
	unsigned groupc;
	const char *skip;       /* groups that cannot ring, a digit each */
	const char *forward;
	enum ring_no no;        /* why it was over */
	uint16_t scode;
	unsigned overc;
} plan;


static int group_handler(struct bcall *bc, size_t first, size_t n,
			 struct leg_cause *cause, void *arg)
{
	const char nr = (char)('0' + ++plan.groupc);
	(void)arg;

	plan.first = first;
	plan.n     = n;
	plan.f     = NULL;

	if (plan.skip && strchr(plan.skip, nr)) {
		cause->no    = RING_NO_BUSY;
		cause->scode = 486;
		return EBUSY;
	}

	plan.f = fake_alloc(plan.groupc + 1, "PCMU", false);
	bcall_add_leg(bc, &plan.f->leg);
	leg_set_state(&plan.f->leg, LEG_CALLING);

	return 0;
}


static void over_handler(struct bcall *bc, struct leg_cause *cause,
			 void *arg)
{
	(void)bc;
	(void)arg;

	++plan.overc;
	plan.no    = cause->no;
	plan.scode = cause->scode;
	if (plan.forward) {
		cause->forward = plan.forward;
		cause->scode   = 302;
	}
}


/* A phone calls, and whoever stands in a plan is rung; the phone's leg is kept
   for the test */
static struct fake *ring_by(const char *text, const char *skip)
{
	struct fake *a = fake_alloc(1, "PCMU", true);
	struct pl idv[RINGPLAN_MAX], pl;
	struct ringplan rp;
	struct bcall *bc;
	size_t n;

	memset(&plan, 0, sizeof(plan));
	plan.skip = skip;
	pl_set_str(&pl, text);
	assert_int_equal(ringplan_decode(&rp, idv, &n, &pl), RINGPLAN_OK);
	assert_int_equal(bcall_alloc(&bc, &env, NULL, &calll, false), 0);
	bcall_add_leg(bc, &a->leg);
	mem_ref(a);
	assert_int_equal(bcall_ring(bc, &rp, group_handler, over_handler,
				    NULL), 0);

	return a;
}


static void say_no(struct fake *f, enum ring_no no, uint16_t scode)
{
	const struct leg_cause cause = {
		.no = no, .scode = scode, .reason = "no"
	};

	leg_closed(&f->leg, &cause);
}


static bool is_group(void *arg)
{
	return plan.groupc >= *(unsigned *)arg;
}


static void wait_group(unsigned n)
{
	assert_true(tu_wait(is_group, &n, 60000));
}


static void test_ring_sequence(void **state)
{
	struct fake *a = ring_by("1:1,2+3:1,4:1", NULL), *f = plan.f, *g;
	struct bcall *bc = a->leg.call;
	(void)state;

	assert_int_equal(bc->state, BCALL_CALLING);
	assert_int_equal(plan.n, 1);
	leg_ringing(&f->leg);
	mem_ref(f);

	/* its time is over: it is told, and the others ring. The caller has
	   heard that it rings */
	wait_group(2);
	assert_string_equal(f->did, "e");
	assert_int_equal(f->scode, 480);
	assert_null(f->leg.call);
	assert_int_equal(plan.first, 1);
	assert_int_equal(plan.n, 2);
	leg_ringing(&plan.f->leg);
	assert_string_equal(a->did, "r");
	assert_int_equal(bc->state, BCALL_RINGING);

	/* what comes late from the first one goes nowhere */
	leg_answered(&f->leg);
	say_no(f, RING_NO_BUSY, 486);
	assert_int_equal(plan.groupc, 2);
	assert_int_equal(list_count(&bc->legl), 2);
	mem_deref(f);
	assert_true(freed[2]);

	/* a group says no: the next one rings at once */
	g = plan.f;
	say_no(g, RING_NO_REJECTED, 486);
	assert_int_equal(plan.groupc, 3);
	assert_true(freed[3]);

	leg_answered(&plan.f->leg);
	assert_string_equal(a->did, "ra");
	assert_false(tmr_isrunning(&bc->tmr));
	leg_up(&plan.f->leg);
	leg_up(&a->leg);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	talk(a, plan.f, 5);
	assert_int_equal(a->sinkc, 5);

	/* from now on its end is the call's */
	say_no(plan.f, RING_NO_OTHER, 480);
	assert_gone(1, END_FAILED);
	assert_int_equal(plan.overc, 0);
	assert_int_equal(plan.groupc, 3);
	assert_string_equal(a->did, "rae");
	mem_deref(a);
}


/* Who has rung and did not answer counts for more than who is busy */
static void test_ring_nobody(void **state)
{
	struct fake *a = ring_by("1:1,2:5", NULL);
	(void)state;

	wait_group(2);
	say_no(plan.f, RING_NO_BUSY, 486);
	assert_gone(1, END_NO_ANSWER);
	assert_int_equal(plan.overc, 1);
	assert_int_equal(plan.no, RING_NO_ANSWER);
	assert_int_equal(a->scode, 480);
	assert_true(a->refused);
	mem_deref(a);

	/* all are busy, the last one is not even rung */
	a = ring_by("1:5,2:5,3:5", "3");
	say_no(plan.f, RING_NO_BUSY, 486);
	assert_int_equal(plan.groupc, 2);
	say_no(plan.f, RING_NO_BUSY, 486);
	assert_int_equal(plan.groupc, 3);
	assert_gone(2, END_BUSY);
	assert_int_equal(plan.no, RING_NO_BUSY);
	assert_int_equal(a->scode, 486);
	mem_deref(a);

	/* nobody can be rung at all */
	a = ring_by("1+2", "1");
	assert_gone(3, END_BUSY);
	assert_int_equal(a->scode, 486);
	mem_deref(a);

	/* the last one rings in vain */
	gone = 0;
	a = ring_by("1:1", NULL);
	assert_true(tu_wait(is_gone, NULL, 60000));
	assert_int_equal(plan.no, RING_NO_ANSWER);
	assert_int_equal(a->scode, 480);
	mem_deref(a);
}


static void test_ring_forward(void **state)
{
	struct fake *a = ring_by("1", NULL);
	(void)state;

	plan.forward = "sip:desk@example.com";
	say_no(plan.f, RING_NO_BUSY, 486);
	assert_gone(1, END_FORWARDED);
	assert_int_equal(plan.scode, 486);
	assert_int_equal(a->scode, 302);
	assert_string_equal(a->forward, "sip:desk@example.com");
	mem_deref(a);

	/* who cancels is forwarded nowhere */
	a = ring_by("1:5,2:5", NULL);
	plan.forward = "sip:desk@example.com";
	say_no(a, RING_NO_OTHER, 487);
	assert_gone(2, END_CANCELED);
	assert_int_equal(plan.overc, 0);
	assert_int_equal(plan.groupc, 1);
	assert_string_equal(a->forward, "");
	mem_deref(a);
}


static bool is_fake(const struct leg *leg, void *arg)
{
	return ((const struct fake *)leg)->ssrc == *(const uint32_t *)arg;
}


static struct bcall *find_meeting(const char *who, uint32_t ssrc)
{
	return bcall_find_meeting(&calll, who, is_fake, &ssrc);
}


static void test_meet(void **state)
{
	struct fake *a, *b, *c;
	struct bcall *bc = begin(&a, &b, 1);
	(void)state;

	called = "101";
	leg_ringing(&b->leg);
	assert_ptr_equal(find_meeting("101", 1), bc);
	assert_null(find_meeting("102", 1));
	assert_null(find_meeting("101", 2));

	c = fake_alloc(3, "PCMU", true);
	bcall_add_leg(bc, &c->leg);
	mem_ref(b);
	env.call_max = 3600;
	bcall_meet(bc, &c->leg);
	env.call_max = 0;
	assert_true(tmr_isrunning(&bc->tmr_max));
	assert_string_equal(b->did, "e");
	assert_null(b->leg.call);
	assert_true(b->elsewhere);
	mem_deref(b);
	assert_string_equal(a->did, "ra");
	assert_string_equal(c->did, "a");
	assert_int_equal(bc->state, BCALL_ANSWERED);
	assert_false(tmr_isrunning(&bc->tmr));
	assert_null(find_meeting("101", 1));

	leg_up(&a->leg);
	leg_up(&c->leg);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	talk(a, c, 5);
	assert_int_equal(a->sinkc, 5);
	assert_int_equal(c->sinkc, 5);
	say_no(c, RING_NO_OTHER, 480);
	assert_gone(1, END_FAILED);

	/* one who holds already */
	bc = begin(&a, &b, 1);
	c = fake_alloc(3, "PCMU", true);
	leg_set_held(&a->leg, true);
	bcall_add_leg(bc, &c->leg);
	bcall_meet(bc, &c->leg);
	assert_string_equal(c->did, "aH");
	assert_non_null(c->leg.player);
	assert_null(a->leg.player);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(2, END_CONSOLE);

	/* they cannot hear each other */
	bc = begin(&a, &b, 1);
	c = fake_alloc(3, "PCMU", true);
	c->err = EPROTO;
	bcall_add_leg(bc, &c->leg);
	mem_ref(a);
	bcall_meet(bc, &c->leg);
	assert_gone(3, END_NO_CODEC);
	assert_int_equal(a->scode, 488);
	assert_true(a->refused);
	mem_deref(a);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_dial, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dial_ends, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_dial_moved, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_meet, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring_sequence, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_ring_nobody, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_ring_forward, setup,
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
