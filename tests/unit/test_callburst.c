/**
 * @file test_callburst.c  Many signals in one read: one new call in a turn
 */
#include <stdlib.h>
#include "cube_rig.h"


enum { BURST = 50 };

static struct dev *const B = &devv[1];


static void inject_from(unsigned user, const char *type, unsigned i)
{
	char buf[512];
	int n;

	n = re_snprintf(buf, sizeof(buf),
			"<message from='%u-5476@h/a'><extraParams>"
			"<sessionID>s%u</sessionID><sdp>v=0\n</sdp>"
			"<signalType>%s</signalType></extraParams></message>",
			user, i, type);
	assert_true(n > 0);

	rig_inject(B, buf, (size_t)n);
}


static void inject(const char *type, unsigned i)
{
	inject_from(101, type, i);
}


/* incoming_h of the rig rejects what it is told to ignore */
static int burst_setup(void **state)
{
	if (rig_setup(state))
		return -1;

	B->ignore = true;

	return 0;
}


static bool all_began(void *arg)
{
	return *(unsigned *)arg == B->incomingc;
}


static void test_one_in_a_turn(void **state)
{
	unsigned i, want = BURST;
	(void)state;

	for (i=0; i<BURST; i++) {
		inject("call", i);
		assert_int_equal(1, B->incomingc);
	}

	assert_true(tu_wait(all_began, &want, 60000));
	assert_true(list_isempty(&B->c->waitl));

	/* and the next one need not wait */
	rig_settle();
	inject("call", BURST);
	assert_int_equal(BURST + 1, B->incomingc);
}


/* a hangUp does not overtake the call that it is about, nor another one's */
static void test_in_order(void **state)
{
	(void)state;

	inject("call", 0);
	B->ignore = false;
	inject("call", 1);
	inject("hangUp", 1);
	assert_int_equal(1, B->incomingc);
	assert_int_equal(0, B->closec);

	rig_wait(&B->closec);
	assert_int_equal(2, B->incomingc);
	assert_int_equal(CUBE_END_HANGUP, B->end);
}


static void test_bounded(void **state)
{
	unsigned i, want = CUBE_WAIT_MAX + 1;
	(void)state;

	for (i=0; i<want + 20; i++)
		inject("call", i);

	assert_int_equal(CUBE_WAIT_MAX, list_count(&B->c->waitl));
	assert_true(tu_wait(all_began, &want, 60000));
	rig_settle();
	assert_int_equal(want, B->incomingc);
}


static unsigned begunv[3];      /* calls begun by the users 103 to 105 */


static void counting_h(struct cube_call *call, void *arg)
{
	const int user = atoi(cube_call_user(call));
	struct dev *d = arg;

	assert_in_range(user, 103, 105);
	++begunv[user - 103];
	++d->incomingc;
}


/* who comes behind somebody's burst is heard, and his own burst pushes out no
   more than his share */
static void test_fair(void **state)
{
	unsigned i, want = CUBE_WAIT_MAX + 1;
	(void)state;

	memset(begunv, 0, sizeof(begunv));
	B->c->incomingh = counting_h;

	for (i=0; i<2*CUBE_WAIT_MAX; i++)
		inject_from(103, "call", i);

	inject_from(104, "call", 1000);
	inject_from(104, "hangUp", 1000);

	for (i=0; i<2*CUBE_WAIT_MAX; i++)
		inject_from(105, "call", 2000 + i);

	assert_int_equal(CUBE_WAIT_MAX, list_count(&B->c->waitl));

	/* all but the one hangUp */
	--want;
	assert_true(tu_wait(all_began, &want, 60000));
	rig_settle();
	assert_int_equal(want, B->incomingc);
	assert_int_equal(1, begunv[1]);
	assert_in_range(begunv[0], CUBE_WAIT_MAX / 2 - 1,
			CUBE_WAIT_MAX / 2 + 1);
	assert_int_equal(want - 1, begunv[0] + begunv[2]);
	assert_true(list_isempty(&B->c->senderl));
}


static unsigned endc;           /* calls that have ended */
static struct cube_call *heldv[BURST];


static void ended_h(enum cube_end end, const char *reason,
		    const struct cube_info *infov, size_t infoc, void *arg)
{
	struct cube_call **callp = arg;
	(void)reason;
	(void)infov;
	(void)infoc;

	assert_int_equal(CUBE_END_HANGUP, end);
	*callp = mem_deref(*callp);
	++endc;
}


static void holding_h(struct cube_call *call, void *arg)
{
	const struct cube_call_handlers h = {.closeh = ended_h};
	struct dev *d = arg;

	heldv[d->incomingc] = call;
	cube_call_set_handlers(call, &h, &heldv[d->incomingc++]);
}


static bool all_ended(void *arg)
{
	(void)arg;

	return endc == BURST;
}


static void test_one_end_in_a_turn(void **state)
{
	unsigned i, want = BURST;
	(void)state;

	endc = 0;
	B->c->incomingh = holding_h;
	for (i=0; i<BURST; i++)
		inject("call", i);
	assert_true(tu_wait(all_began, &want, 60000));
	rig_settle();
	assert_int_equal(0, endc);

	for (i=0; i<BURST; i++) {
		inject("hangUp", i);
		assert_int_equal(1, endc);
	}

	assert_true(tu_wait(all_ended, NULL, 60000));
	assert_true(list_isempty(&B->c->waitl));
}


static void leaving_h(struct cube_call *call, void *arg)
{
	struct dev *d = arg;
	(void)call;

	++d->incomingc;
	d->c = mem_deref(d->c);
}


/* who goes offline in the middle hears of no more */
static void test_user_leaves(void **state)
{
	(void)state;

	inject("call", 0);
	inject("call", 1);
	inject("call", 2);
	B->c->incomingh = leaving_h;

	rig_settle();
	assert_int_equal(2, B->incomingc);
	assert_null(B->c);
}


static int setup(void **state)
{
	return tu_setup(state) || peer_init();
}


static int teardown(void **state)
{
	peer_close();

	return tu_teardown(state);
}


#define T(name) \
	cmocka_unit_test_setup_teardown(name, burst_setup, rig_teardown)


int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_one_in_a_turn),
		T(test_in_order),
		T(test_bounded),
		T(test_fair),
		T(test_one_end_in_a_turn),
		T(test_user_leaves),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
