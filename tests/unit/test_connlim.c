/**
 * @file test_connlim.c  Whose connection goes for another one
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <re.h>
#include "sip/pure/connlim.h"


enum {
	MAX = 64,
	STRANGERS = MAX / CONNLIM_STRANGE,
};

static int conns[2*MAX];        /* connections are pointers */


static struct sa addr(unsigned host)
{
	struct sa sa;

	sa_set_in(&sa, 0x7f000000 + host, 5060);

	return sa;
}


static void see(struct connlim *cl, size_t i, unsigned host, bool stranger,
		uint64_t left)
{
	const struct sa sa = addr(host);

	connlim_see(cl, &conns[i], &sa, stranger, left);
}


static void test_room(void **state)
{
	const struct sa sa = addr(1);
	struct connlim cl = {.peer = &sa, .stranger = true, .max = MAX};
	void *victim = conns;
	size_t i;
	(void)state;

	for (i=0; i<CONNLIM_EACH - 1; i++)
		see(&cl, i, 1, true, 0);

	assert_true(connlim_take(&cl, &victim));
	assert_null(victim);
}


/* The port of an address does not count, nor do others */
static void test_one_stranger(void **state)
{
	struct sa sa = addr(1);
	struct connlim cl = {.peer = &sa, .stranger = true, .max = MAX};
	void *victim;
	size_t i;
	(void)state;

	sa_set_port(&sa, 9);
	see(&cl, 0, 2, true, 1);
	see(&cl, 1, 3, false, 1);
	for (i=2; i<CONNLIM_EACH + 2; i++)
		see(&cl, i, 1, true, i == 4 ? 5 : 10 * i);

	assert_true(connlim_take(&cl, &victim));
	assert_ptr_equal(&conns[4], victim);
}


static void test_many_strangers(void **state)
{
	const struct sa sa = addr(999);
	struct connlim cl = {.peer = &sa, .stranger = true, .max = MAX};
	void *victim;
	size_t i;
	(void)state;

	see(&cl, MAX, 500, false, 0);
	for (i=0; i<STRANGERS; i++)
		see(&cl, i, (unsigned)i, true, 1000 - i);

	assert_true(connlim_take(&cl, &victim));
	assert_ptr_equal(&conns[STRANGERS - 1], victim);

	/* who may ring has room */
	cl.stranger = false;
	assert_true(connlim_take(&cl, &victim));
	assert_null(victim);
}


static void test_full(void **state)
{
	const struct sa sa = addr(999);
	struct connlim cl = {.peer = &sa, .max = MAX};
	void *victim;
	size_t i;
	(void)state;

	for (i=0; i<MAX; i++)
		see(&cl, i, 1, false, 1000 - i);

	/* servers: the one that is idle for longest; a stranger does not move
	   them */
	assert_true(connlim_take(&cl, &victim));
	assert_ptr_equal(&conns[MAX - 1], victim);
	cl.stranger = true;
	assert_false(connlim_take(&cl, &victim));
	assert_null(victim);

	/* a stranger goes before all of them */
	see(&cl, MAX, 2, true, 900*1000);
	assert_true(connlim_take(&cl, &victim));
	assert_ptr_equal(&conns[MAX], victim);
	cl.stranger = false;
	assert_true(connlim_take(&cl, &victim));
	assert_ptr_equal(&conns[MAX], victim);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_one_stranger),
		cmocka_unit_test(test_many_strangers),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
