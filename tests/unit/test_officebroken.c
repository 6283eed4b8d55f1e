/**
 * @file test_officebroken.c  cube upgrade is killed (kill -9): what it was about
 *                            comes to its end with the next one, or goes back
 */
#include "upgrade_rig.h"
#include <signal.h>
#include <sys/wait.h>


/* It does not even get to say so. Consoles are threads: they begin when the
   other process is there, which has none of their locks then */
static void run_killed(const char *command, bool consoles)
{
	int status, fdv[2];
	char c;
	pid_t pid;

	assert_int_equal(0, pipe(fdv));
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		(void)close(fdv[1]);
		(void)!read(fdv[0], &c, 1);
		_exit(run(command));
	}

	if (consoles)
		consoles_open();
	(void)close(fdv[0]);
	(void)close(fdv[1]);
	assert_int_equal(pid, waitpid(pid, &status, 0));
	assert_true(WIFSIGNALED(status));
	assert_int_equal(SIGKILL, WTERMSIG(status));
	put("done", "", 0644);
}


static void test_stopped(void **state)
{
	(void)state;

	put("kill.2", "", 0644);
	run_killed("upgrade --root %s --wait 0 x", false);
	assert_int_equal(0, access(in("off.2"), F_OK));

	/* one is as new already, one was left stopped */
	assert_int_equal(CLI_OK, run("upgrade --root %s --wait 0"));
	assert_non_null(strstr(rig.wrong, "2: an upgrade has come to no end in"
			       " its turn"));
	assert_non_null(strstr(get("done"), "start 2 \nstart 3 \n"));
	assert_null(strstr(rig.wrong, "2: is of a version"));
	assert_string_equal("---", pins());
	assert_int_equal(-1, access(in(INST "2/" SYNC_TURN), F_OK));

	put("done", "", 0644);
	put("off.2", "", 0644);
	assert_int_equal(CLI_OK, run("upgrade --root %s --wait 0"));
	assert_null(strstr(get("done"), "start 2 "));
	assert_non_null(strstr(rig.said, "2         does not run"));
}


static void test_stopped_back(void **state)
{
	(void)state;

	put("kill.2", "", 0644);
	run_killed("upgrade --root %s --wait 0 x", false);
	assert_int_equal(CLI_OK, run("rollback --root %s --wait 0"));
	assert_non_null(strstr(get("done"), "start 1 old\nstart 2 old\n"));
	assert_string_equal("ooo", pins());

	/* who does not come back is no more what a turn has left */
	assert_int_equal(CLI_OK, run("rollback --root %s --wait 0"));
	assert_string_equal("", rig.wrong);
}


/* While its calls are waited for it takes no more */
static void test_drained(void **state)
{
	(void)state;

	put("calls1", "", 0644);
	put("kills1", "", 0644);
	run_killed("upgrade --root %s x", true);
	assert_string_equal("ooo", pins());

	told = 0;
	unlink(in("calls1"));
	assert_int_equal(CLI_OK, run("rollback --root %s --wait 0"));
	assert_int_equal(1, told);
	assert_null(strstr(get("done"), "start 1"));
	assert_int_equal(-1, access(in(INST "1/" SYNC_TURN), F_OK));
	consoles_close();
}


static void test_hub_stopped(void **state)
{
	(void)state;

	put("kill.hub", "", 0644);
	run_killed("upgrade --root %s --wait 0 x", false);
	assert_int_equal(0, access(in("off.hub"), F_OK));
	assert_int_equal(CLI_OK, run("upgrade --root %s --wait 0"));
	assert_non_null(strstr(get("done"), "start hub \n"));
	assert_int_equal(-1, access(in(INST SYNC_HUB_TURN), F_OK));
}


/* What waits for its turn when many are started does not when it is alone */
static void test_no_delay(void **state)
{
	(void)state;

	put(INST "2/delay", "4000\n", 0640);
	assert_int_equal(CLI_OK, run("upgrade --root %s --wait 0 x"));
	assert_int_equal(-1, access(in(INST "2/delay"), F_OK));
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stopped),
		TEST(test_stopped_back),
		TEST(test_drained),
		TEST(test_hub_stopped),
		TEST(test_no_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
