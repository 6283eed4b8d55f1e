/**
 * @file test_hubsink.c  When a sink runs, and what it is told to try again
 */
#include <semaphore.h>
#include <stdatomic.h>
#include "testutil.h"
#include "base/jobthread.h"
#include "connectycube_hub/hub.h"
#include "connectycube_hub/sink/sink.h"
#include "hub_rig.h"


enum {
	PATIENCE = 20000,
};

static atomic_uint runs;
static sem_t go;


/* It is waited for, and nobody is there: not again for ten minutes */
static int run_handler(void *state, struct hub_run *run)
{
	(void)state;

	atomic_fetch_add(&runs, 1);
	if (atomic_load(&runs) == 1)
		(void)sem_wait(&go);

	run->after_ms = run->retry_most = 600000;
	str_ncpy(run->why, "nobody is there", sizeof(run->why));

	return ECONNREFUSED;
}


static bool has_run(void *arg)
{
	return atomic_load(&runs) >= *(const unsigned *)arg;
}


/* Who wants it tried again now, while it is being tried, does not wait for the
   time that this one costs */
static void test_retry_busy(void **state)
{
	struct list sinkl = LIST_INIT;
	struct hub_sink *sk = NULL;
	unsigned n = 1;
	(void)state;

	assert_int_equal(0, sem_init(&go, 0, 0));
	assert_int_equal(0, hub_sink_alloc(&sk, &sinkl, HUB_RECORDS, "webhook",
					   "https://host", dbpath, run_handler,
					   NULL));
	hub_sink_poke(sk);
	assert_true(tu_wait(has_run, &n, PATIENCE));
	hub_sink_retry(sk);
	assert_int_equal(0, sem_post(&go));
	n = 2;
	assert_true(tu_wait(has_run, &n, PATIENCE));

	list_flush(&sinkl);
	jobthread_wait();
	assert_int_equal(2, atomic_load(&runs));
	(void)sem_destroy(&go);
}


#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_retry_busy),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
