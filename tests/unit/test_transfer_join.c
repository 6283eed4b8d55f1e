/**
 * @file test_transfer_join.c  A party of a call is replaced: two are joined
 */
#include "transfer_rig.h"


/* Who stays does it itself */
static struct transfer *delegate(struct fake *from)
{
	struct transfer *tr;

	memset(told, 0, sizeof(told));
	told_scode = 0;
	assert_int_equal(order(from, &tr), 0);
	transfer_delegate(tr, mem_zalloc(4, arg_destructor));

	return tr;
}


/* Who leaves does not wait: who stays is hung up on when it has got there */
static void test_delegated(void **state)
{
	const struct leg_cause bye = {.normal = true, .reason = "bye"};
	struct transfer *tr;
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	tr = delegate(b);
	transfer_progress(tr, 100, "Trying");
	leg_closed(&b->leg, &bye);
	assert_int_equal(gone, 0);
	assert_int_equal(list_count(&bc->legl), 1);
	transfer_progress(tr, 180, "Ringing");
	mem_ref(a);
	transfer_progress(tr, 200, "OK");
	assert_string_equal(told, "trd");
	assert_string_equal(a->did, "ae");
	assert_int_equal(gone, 1);
	assert_int_equal(args_freed, 2);
	mem_deref(a);

	/* in vain: there is nobody left to talk to */
	(void)establish(&a, &b, 3);
	tr = delegate(b);
	leg_closed(&b->leg, &bye);
	mem_ref(a);
	transfer_progress(tr, 486, "Busy Here");
	assert_string_equal(told, "tf");
	assert_int_equal(told_scode, 486);
	assert_int_equal(a->scode, 486);
	assert_int_equal(gone, 2);
	mem_deref(a);

	/* nothing is heard of it any more */
	(void)establish(&a, &b, 5);
	(void)delegate(b);
	leg_closed(&b->leg, &bye);
	leg_closed(&a->leg, &bye);
	assert_string_equal(told, "tf");
	assert_int_equal(told_scode, 487);
	assert_int_equal(gone, 3);
}


/* It hangs up on us before it tells the end */
static void test_delegated_away(void **state)
{
	static const struct {
		uint16_t progress;      /* what it has told, 0=nothing */
		struct leg_cause cause; /* how it went */
		bool alone;             /* who leaves has gone before */
		const char *told;
		uint16_t scode;
	} casev[] = {
		{100, {.normal = true, .reason = "bye"}, false, "td", 202},
		{180, {.normal = true, .reason = "bye"}, true, "trd", 202},
		/* as a phone's leg tells of BYE */
		{100, {.reason = "Connection reset by peer"}, false, "td",
		 202},
		{0, {.normal = true, .reason = "bye"}, false, "tf", 487},
		{100, {.scode = 408, .reason = "lost"}, false, "tf", 487},
	};
	const struct leg_cause bye = {.normal = true, .reason = "bye"};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(casev); i++) {

		struct transfer *tr;
		struct fake *a, *b;

		(void)establish(&a, &b, 1);
		tr = delegate(b);
		if (casev[i].progress)
			transfer_progress(tr, casev[i].progress, "x");
		if (casev[i].alone)
			leg_closed(&b->leg, &bye);

		leg_closed(&a->leg, &casev[i].cause);
		assert_string_equal(told, casev[i].told);
		assert_int_equal(told_scode, casev[i].scode);
		assert_int_equal(gone, i + 1);
		assert_int_equal(args_freed, 2 * (i + 1));
	}
}


static int join(struct fake *from, struct fake *other)
{
	const struct transfer_order o = {.target = "x",
		.toldh = told_handler};

	return transfer_join(&from->leg, &other->leg, &o);
}


static void test_join(void **state)
{
	struct fake *a, *b, *c, *d;
	struct bcall *one = establish(&a, &b, 1), *two;
	const uint32_t id = one->id;
	(void)state;

	/* b and d are one and the same */
	two = establish(&c, &d, 3);
	assert_int_equal(join(b, a), ENOTCONN);
	mem_ref(b);
	mem_ref(d);
	assert_int_equal(join(b, d), 0);
	assert_string_equal(told, "td");
	assert_string_equal(b->did, "e");
	assert_string_equal(d->did, "e");
	assert_talk(a, c);
	assert_int_equal(gone, 1);
	assert_int_equal(one->id, id);
	mem_deref(b);
	mem_deref(d);

	/* the other one only rings */
	memset(told, 0, sizeof(told));
	two = begin(&b, &d, 5);
	leg_ringing(&d->leg);
	assert_int_equal(two->state, BCALL_RINGING);
	mem_ref(b);
	assert_int_equal(join(c, b), 0);
	assert_string_equal(told, "tr");
	assert_string_equal(b->did, "e");
	assert_int_equal(gone, 2);
	mem_deref(b);
	assert_talk(a, c);
	up(d);
	assert_string_equal(told, "trd");
	assert_talk(a, d);

	/* nothing that both could hear: both calls go on */
	memset(told, 0, sizeof(told));
	two = establish(&b, &c, 7);
	assert_talk(b, c);
	b->codec = NULL;
	assert_int_equal(join(d, c), ENOENT);
	assert_string_equal(told, "tf");
	assert_talk(a, d);
	assert_int_equal(list_count(&two->legl), 2);
}


static char ended_linked[EVENT_UUID]; /* of the call that ended last */

static uint32_t lossv[4];       /* calls that lost a party */

static size_t lossc;

static uint32_t came;           /* call that a party came to, to be reached */


static void linked_handler(const struct event *ev, void *arg)
{
	(void)arg;

	if (ev->type == EVENT_CALL_ENDED)
		str_ncpy(ended_linked, ev->linked, sizeof(ended_linked));
	else if (ev->type == EVENT_LEG_ENDED && lossc < ARRAY_SIZE(lossv))
		lossv[lossc++] = ev->id;
	else if (ev->type == EVENT_LEG_NEW)
		came = ev->id;
}


/* The records of both calls say that they belong together: whichever is the
   older one, and whether it has answered. One that could not be joined does
   not */
static void test_join_linked(void **state)
{
	struct fake *a, *b, *c, *d, *e, *f;
	struct bcall *one, *two;
	struct event_sub *sub;
	uint32_t second;
	(void)state;

	assert_int_equal(0, event_subscribe(&sub, EVENT_CALL | EVENT_LEG,
					    linked_handler, NULL));

	one = establish(&a, &b, 1);
	two = establish(&c, &d, 3);
	second = two->id;
	lossc  = 0;
	assert_int_equal(join(b, d), 0);
	assert_string_equal(one->linked, one->record);
	assert_string_equal(ended_linked, one->record);
	assert_int_equal(lossc, 2);
	assert_int_equal(lossv[0], second);
	assert_int_equal(lossv[1], one->id);

	/* it only rings */
	two = begin(&b, &d, 5);
	assert_int_equal(join(c, b), 0);
	assert_string_equal(ended_linked, one->record);
	assert_int_equal(came, one->id);
	up(d);
	assert_talk(a, d);
	bcall_hangup(one, END_CONSOLE, "console");

	/* the one that goes on is the younger one */
	two = establish(&e, &f, 7);
	one = establish(&a, &b, 9);
	{
		char linked[EVENT_UUID];

		str_ncpy(linked, two->record, sizeof(linked));
		f->codec = NULL;
		e->codec = NULL;
		assert_int_equal(join(b, f), ENOENT);
		assert_string_equal(one->linked, one->record);
		assert_string_equal(two->linked, linked);
		e->codec = "PCMU";
		assert_int_equal(join(b, f), 0);
		assert_string_equal(one->linked, linked);
		assert_string_equal(ended_linked, linked);
	}

	mem_deref(sub);
}


static bool is_gone(void *arg)
{
	const unsigned *n = arg;

	return gone >= *n;
}


/* The longest call is that of the call that goes on: the other one's time,
   which is up first, goes with it */
static void test_call_max(void **state)
{
	struct fake *a, *b, *c, *d;
	unsigned n = 2;
	(void)state;

	env.call_max = 1;
	(void)establish(&c, &d, 3);
	(void)establish(&a, &b, 1);
	assert_int_equal(join(b, d), 0);
	assert_int_equal(gone, 1);
	assert_talk(a, c);
	mem_ref(a);
	mem_ref(c);
	assert_true(tu_wait(is_gone, &n, 60000));
	assert_int_equal(a->scode, 480);
	assert_int_equal(c->scode, 480);
	mem_deref(a);
	mem_deref(c);

	/* one that waits for its end by itself is not spared */
	gone = 0;
	n    = 1;
	{
		const struct leg_cause bye = {.normal = true,
			.reason = "bye"};

		(void)establish(&a, &b, 5);
		(void)delegate(b);
		leg_closed(&b->leg, &bye);
		assert_int_equal(gone, 0);
		assert_true(tu_wait(is_gone, &n, 60000));
		assert_string_equal(told, "tf");
	}
	env.call_max = 0;
}


/* Another one answers than was called */
static void test_pick_up(void **state)
{
	struct fake *a, *b, *c;
	struct bcall *bc = begin(&a, &b, 1);
	(void)state;

	leg_ringing(&b->leg);
	mem_ref(b);
	c = fake_alloc(9, "PCMA", true);
	{
		struct transfer *tr;

		assert_int_equal(order(b, &tr), 0);
		transfer_reach(tr, &c->leg);
	}
	leg_set_state(&c->leg, LEG_ANSWERED);
	leg_up(&c->leg);
	assert_string_equal(b->did, "e");
	assert_int_equal(mem_nrefs(b), 1);
	mem_deref(b);
	assert_string_equal(a->did, "a");
	assert_int_equal(bc->state, BCALL_ANSWERED);
	leg_up(&a->leg);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	assert_talk(a, c);
}


/* Who was let in before the answer has nobody to hand over */
static void test_early(void **state)
{
	struct transfer *tr = NULL;
	struct fake *a, *b;
	struct bcall *bc = begin(&a, &b, 1);
	(void)state;

	leg_set_state(&a->leg, LEG_ANSWERED);
	a->leg.early = true;
	assert_int_equal(order(a, &tr), ENOTCONN);
	assert_null(bc->transfer);

	leg_answered(&b->leg);
	assert_false(a->leg.early);
	assert_int_equal(order(a, &tr), 0);
	transfer_fail(tr, 480, "x");
	bcall_hangup(bc, END_CONSOLE, "console");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_join_linked, told_setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_join, told_setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_pick_up, told_setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_early, told_setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_call_max, told_setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_delegated, told_setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_delegated_away,
						told_setup, teardown),
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
