/**
 * @file test_jobthread.c  A thread that does jobs, in order
 */
#include <stdarg.h>
#include <setjmp.h>
#include <string.h>
#include <pthread.h>
#include <cmocka.h>
#include <re.h>
#include "base/jobthread.h"


enum { JOBS = 50, PATIENCE = 60000 };

struct job {
	struct le le;
	int n;
};

/** What the thread works with, and the test keeps */
struct work {
	pthread_mutex_t *gate;  /* held: the first job waits */
	char *text;             /* numbers of the jobs done */
};

static char text[4*JOBS];
static int back;


static void job_destructor(void *data)
{
	struct job *job = data;

	list_unlink(&job->le);
}


static void work_handler(void *data, size_t behind, void *arg)
{
	struct work *work = arg;
	const struct job *job = data;
	char n[8];
	(void)behind;

	pthread_mutex_lock(work->gate);
	pthread_mutex_unlock(work->gate);

	(void)re_snprintf(n, sizeof(n), "%d ", job->n);
	strcat(work->text, n);
}


static void done_handler(void *data, void *arg)
{
	(void)arg;

	mem_deref(data);
	if (++back == JOBS)
		re_cancel();
}


static void push(struct jobthread *t, int n)
{
	struct job *job = mem_zalloc(sizeof(*job), job_destructor);

	assert_non_null(job);
	job->n = n;
	assert_int_equal(0, jobthread_push(t, &job->le, job));
}


static struct jobthread *begin(pthread_mutex_t *gate)
{
	struct work *work = mem_zalloc(sizeof(*work), NULL);
	struct jobthread *t = NULL;
	int i;

	text[0]    = '\0';
	back       = 0;
	work->gate = gate;
	work->text = text;

	assert_int_equal(0, jobthread_alloc(&t, work_handler, work,
					    done_handler, NULL));
	for (i=0; i<JOBS; i++)
		push(t, i);

	return t;
}


static void assert_all_done(void)
{
	char want[sizeof(text)] = "", n[8];
	int i;

	for (i=0; i<JOBS; i++) {
		(void)re_snprintf(n, sizeof(n), "%d ", i);
		strcat(want, n);
	}

	assert_string_equal(text, want);
}


static void expired(void *arg)
{
	(void)arg;

	fail_msg("the loop waits");
}


static void test_in_order(void **state)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	struct jobthread *t = begin(&gate);
	struct tmr tmr;
	(void)state;

	tmr_init(&tmr);
	tmr_start(&tmr, PATIENCE, expired, NULL);
	(void)re_main(NULL);
	tmr_cancel(&tmr);

	assert_int_equal(back, JOBS);
	assert_all_done();

	jobthread_stop(t);
	jobthread_wait();
}


/* What waits is dropped, or done, and nobody is told */
static void test_stop(void **state)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	struct jobthread *t;
	(void)state;

	pthread_mutex_lock(&gate);
	t = begin(&gate);
	jobthread_stop(t);
	pthread_mutex_unlock(&gate);
	jobthread_wait();

	assert_true(strlen(text) <= 2);
	assert_int_equal(back, 0);
}


static void test_finish(void **state)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	struct jobthread *t;
	(void)state;

	pthread_mutex_lock(&gate);
	t = begin(&gate);
	jobthread_finish(t);
	pthread_mutex_unlock(&gate);
	jobthread_wait();

	assert_all_done();
	assert_int_equal(back, 0);

	jobthread_finish(NULL);
}


/* Told of what was done without the loop; then it goes on */
static void test_settle(void **state)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	struct jobthread *t = begin(&gate);
	int i;
	(void)state;

	jobthread_settle(t);
	assert_int_equal(back, JOBS);
	assert_all_done();

	/* nothing to wait for */
	jobthread_settle(t);
	jobthread_settle(NULL);

	text[0] = '\0';
	for (i=0; i<JOBS; i++) {
		push(t, i);
		jobthread_settle(t);
	}
	assert_int_equal(back, 2 * JOBS);
	assert_all_done();

	jobthread_stop(t);
	jobthread_wait();
}


static int setup(void **state)
{
	(void)state;

	return libre_init();
}


static int teardown(void **state)
{
	(void)state;
	libre_close();

	return 0;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_finish),
		cmocka_unit_test(test_settle),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
