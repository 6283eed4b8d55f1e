/**
 * @file test_hubqueue.c  Recordings that wait to be finished
 */
#include "testutil.h"
#include <fcntl.h>
#include "base/jobthread.h"
#include "connectycube_hub/hub.h"
#include "connectycube_hub/recording/recfacts.h"
#include "connectycube_hub/recording/recording.h"
#include "hub_rig.h"


#define ASIDE "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee.rec"

enum {
	PATIENCE = 30000,
};

static char spool[96], root[96];


static void fresh_handler(const char *json, void *arg)
{
	(void)json;
	(void)arg;
}


static int queue_setup(void **state)
{
	char path[192];

	if (rig_setup(state))
		return -1;

	(void)re_snprintf(spool, sizeof(spool), "%s/spool", dir);
	(void)re_snprintf(root, sizeof(root), "%s/root", dir);
	(void)re_snprintf(path, sizeof(path), "%s/bad", spool);
	if (mkdir(spool, 0700) || mkdir(root, 0700) || mkdir(path, 0700))
		return -1;
	(void)re_snprintf(path, sizeof(path), "%s/bad/" ASIDE, spool);

	return close(open(path, O_CREAT | O_WRONLY, 0600));
}


static bool says(struct hrec_queue *q, const char *what)
{
	char str[4096];

	(void)re_snprintf(str, sizeof(str), "%H", hrec_queue_print, q);

	return strstr(str, what);
}


static bool has_failed(void *q)
{
	return says(q, "unable to open database file");
}


static bool is_back(void *arg)
{
	char path[192];
	(void)arg;

	(void)re_snprintf(path, sizeof(path), "%s/" ASIDE, spool);

	return !access(path, F_OK);
}


/* What was asked for while the database was not there is done when it is */
static void test_retry(void **state)
{
	const struct hrec_config cfg = {
		.spool = spool, .root = root, .jobs = 1, .time = 60,
		.program = "/nowhere/at/all",
	};
	struct hrec_queue *q = NULL;
	(void)state;

	assert_int_equal(0, mkdir(dbpath, 0700));
	assert_int_equal(0, hrec_queue_alloc(&q, &cfg, dbpath, fresh_handler,
					     NULL));
	hrec_queue_poke(q, true);
	assert_true(tu_wait(has_failed, q, PATIENCE));
	tu_run(1500);
	assert_false(is_back(NULL));

	assert_int_equal(0, rmdir(dbpath));
	hrec_queue_poke(q, false);
	assert_true(tu_wait(is_back, NULL, PATIENCE));

	mem_deref(q);
	jobthread_wait();
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_retry, queue_setup,
						rig_teardown),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
