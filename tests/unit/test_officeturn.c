/**
 * @file test_officeturn.c  cube upgrade: the hub's turn, packages that somebody
 *                          else has installed, calls that do not end
 */
#include "upgrade_rig.h"
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <signal.h>
#include "cube/office/upgrade.h"


static void test_hub_fails(void **state)
{
	(void)state;

	put("fail.hub", "", 0644);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s --wait 0 x"));
	assert_string_equal("daemon-reload\n" INSTALL " x\n"
			    "start 1 \nstart 2 \nstart 3 \n"
			    "daemon-reload\nstart hub \n"
			    "daemon-reload\nstart hub old\n", get("done"));
	assert_string_equal("---", pins());
	assert_non_null(strstr(rig.said, "hub       is what it was again"));
	assert_non_null(strstr(rig.wrong, "hub: "));
	assert_non_null(strstr(get(DROPIN), "[Service]\nBindReadOnlyPaths=-/"
			       VERSIONS "/"));

	/* it goes on with what is left: the hub alone */
	put("done", "", 0644);
	assert_int_equal(0, unlink(in("fail.hub")));
	assert_int_equal(CLI_OK, run("upgrade --root %s --wait 0"));
	assert_non_null(strstr(get("done"), "daemon-reload\nstart hub \n"));
	assert_string_equal("", get(DROPIN));
}


static void test_no_hub(void **state)
{
	(void)state;

	put("nohub", "", 0644);
	assert_int_equal(CLI_OK, run("upgrade --root %s --wait 0 x"));
	assert_string_equal(INSTALL " x\nstart 1 \n"
			    "start 2 \nstart 3 \n", get("done"));
	assert_null(strstr(rig.said, "hub"));
	assert_string_equal("", get(DROPIN));

	/* of a version before consoles had sockets */
	assert_non_null(strstr(rig.wrong, "1: is of a version that cannot be"
			       " told to take no more calls: it was waited for"
			       " until it had none"));
}


static void test_versions(void **state)
{
	(void)state;

	assert_int_equal(CLI_OK, run("upgrade --root %s --wait 0"
				     " --version 0.9.1"));
	assert_non_null(strstr(get("done"), INSTALL ""
			       " connectycube-bridge=0.9.1-*"
			       " connectycube-bridge-hub=0.9.1-*\n"));
	assert_int_equal(CLI_OK, run("upgrade --root %s --wait 0"
				     " --version=0.9.1-2"));
	assert_non_null(strstr(get("done"), " connectycube-bridge=0.9.1-2"
			       " connectycube-bridge-hub=0.9.1-2\n"));

	assert_int_equal(CLI_USAGE, run("upgrade --root %s --version x"));
	assert_int_equal(CLI_USAGE, run("upgrade --root %s --version 1;x"));
	assert_int_equal(CLI_USAGE, run("upgrade --root %s --version 1 x"));
	assert_int_equal(CLI_USAGE, run("upgrade --root %s --keep x"));
}


static void test_said(void **state)
{
	json_t *j;
	(void)state;

	assert_int_equal(CLI_OK, run("upgrade --root %s --dry-run x"));
	assert_string_equal(INSTALL " --simulate x\n",
			    get("done"));
	assert_non_null(strstr(rig.said, "2         would be started anew; is"
			       " active 1 extension"));
	assert_non_null(strstr(rig.said, "hub       would be started anew"));
	assert_non_null(strstr(rig.said, "nothing was done"));
	assert_string_equal("---", pins());

	put("fail.2", "", 0644);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s -j --wait 0 x"));
	j = json_loads(rig.said, 0, NULL);
	assert_non_null(j);
	assert_false(cli_is(j, "done"));
	assert_string_equal("waits", cli_str(j, "hub.action"));
	assert_string_equal("put_back", cli_str(json_array_get(
		json_object_get(j, "instances"), 1), "action"));
	json_decref(j);
}


/* What stands in the file is what a process has mapped: we are it */
static void *run_module(const char *name, const char *pidfile)
{
	const int fd = open(in(name), O_RDONLY);
	char pid[16];
	void *p;

	assert_true(fd >= 0);
	p = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_true(p != MAP_FAILED);
	(void)close(fd);
	(void)re_snprintf(pid, sizeof(pid), "%d", getpid());
	put(pidfile, pid, 0644);

	return p;
}


/* apt upgrade, and then cube upgrade */
static void test_apt_alone(void **state)
{
	char line[256];
	void *p;
	(void)state;

	p = run_module(MODULES "connectycube.so", "pid.1");

	/* what is not another version is nobody's turn */
	put("pid.2", get("pid.1"), 0644);
	assert_int_equal(CLI_OK, run("upgrade --root %s --wait 0"));
	assert_string_equal("start 3 \nstart hub \n", get("done"));
	assert_non_null(strstr(rig.said, "1         runs it already"));

	/* a package is replaced: all that it does is said */
	put("done", "", 0644);
	assert_int_equal(CLI_OK, run("upgrade --root %s --keep"));
	assert_string_equal("", rig.wrong);
	assert_string_equal("---", pins());
	(void)re_snprintf(line, sizeof(line), "%s/bin/apt-get upgrade", root);
	assert_int_equal(0, system(line));

	/* the next package of the same upgrade, and another upgrade: what runs
	   is what was kept */
	unlink(in("pid.2"));
	put("off.2", "", 0644);
	put("off.3", "", 0644);
	put("nohub", "", 0644);
	assert_int_equal(CLI_OK, run("upgrade --root %s --keep"));
	unlink(in("off.2"));
	unlink(in("off.3"));

	put("done", "", 0644);
	put("fail.1", "", 0644);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s --wait 0"));
	assert_string_equal("start 1 \nstart 1 old\n", get("done"));
	assert_string_equal("o--", pins());

	(void)re_snprintf(line, sizeof(line), "cat %s/" VERSIONS
			  "/*/connectycube.so > %s/cat", root, root);
	assert_int_equal(0, system(line));
	assert_string_equal("old", get("cat"));
	(void)munmap(p, 1);
}


/* A later cube writes another config: that is no change of people's */
static void test_other_config(void **state)
{
	void *p = run_module(MODULES "connectycube.so", "pid.1");
	(void)state;

	/* whoever runs with it has its turn, whichever modules it has */
	put("pid.2", get("pid.1"), 0644);
	put("pid.3", get("pid.1"), 0644);
	put("nohub", "", 0644);
	put(INST "2/config", "# of another version\n", 0640);
	assert_int_equal(CLI_OK, run("upgrade --root %s --wait 0"));
	assert_string_equal("start 2 \n", get("done"));
	assert_null(strstr(get(INST "2/config"), "another version"));
	(void)munmap(p, 1);

	put(INST "2/config", "# of another version\n", 0640);
	put(ETC "common.conf", "connectycube_app_id 5\n"
	    "connectycube_auth_key k\n", 0640);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s --wait 0"));
	assert_non_null(strstr(rig.wrong, "2 has been changed in the two"
			       " files: first cube sync"));
}


/* Only what is gone back to stays */
static void test_prune(void **state)
{
	char line[256];
	(void)state;

	(void)re_snprintf(line, sizeof(line), "mkdir -p %s/" VERSIONS
			  "/0.1 && echo 1 > %s/" VERSIONS "/0.1/x", root, root);
	assert_int_equal(0, system(line));
	assert_int_equal(CLI_OK, run("upgrade --root %s --wait 0 x"));
	assert_int_not_equal(0, access(in(VERSIONS "/0.1"), F_OK));
	(void)re_snprintf(line, sizeof(line),
			  "test $(ls %s/" VERSIONS " | wc -l) = 1", root);
	assert_int_equal(0, system(line));
	assert_int_equal(CLI_OK, run("rollback --root %s --wait 0"));
	assert_string_equal("ooo", pins());
}


static void test_calls_end(void **state)
{
	(void)state;

	put("calls2", "", 0644);
	assert_int_equal(CLI_OK, run("upgrade --root %s --wait 0 x"));
	assert_non_null(strstr(rig.wrong, "2: 2 calls have not ended within"
			       " 0 s: they end now"));
	assert_non_null(strstr(get("done"), "start 1 \nkill 2\nstart 2 \n"));
}


static void test_interrupted(void **state)
{
	(void)state;

	told = 0;
	consoles_open();
	put("calls1", "", 0644);
	put("stop.1", "", 0644);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s"));
	assert_string_equal("", get("done"));
	assert_int_equal(2, told);
	assert_non_null(strstr(rig.wrong, "3 of 3 instances and the hub have"
			       " not had their turn"));
	assert_non_null(strstr(rig.wrong, "upgrade: interrupted"));
	assert_non_null(strstr(rig.said, "1         takes calls again"));
	consoles_close();
}


static void test_once(void **state)
{
	int fd;
	(void)state;

	assert_int_equal(0, mkdir(in("usr/lib/connectycube-bridge"), 0755));
	assert_int_equal(0, mkdir(in(VERSIONS), 0755));
	fd = open(in(VERSIONS), O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(0, flock(fd, LOCK_EX));
	assert_int_equal(CLI_LATER, run("upgrade --root %s x"));
	assert_non_null(strstr(rig.wrong, "another one is under way"));
	assert_int_equal(CLI_OK, run("upgrade --root %s --keep"));
	assert_string_equal("", get("done"));
	(void)close(fd);
}


static void test_maps(void **state)
{
	static const char at[] = "7f1 r-xp 0 08:01 7 ";
	static const struct {
		const char *path;
		enum upgrade_runs runs;
	} v[] = {
		{"/usr/lib/baresip/modules/a.so", UPGRADE_INSTALLED},
		{"/usr/lib/baresip/modules/a.so (deleted)", UPGRADE_GONE},
		{"/" VERSIONS "/1/a.so", UPGRADE_KEPT},
		{"/" VERSIONS "/1/a.so (deleted)", UPGRADE_KEPT},
		{"/usr/lib/baresip/modules/a.so.1", UPGRADE_UNKNOWN},
		{"/usr/lib/baresip/modules/ba.so", UPGRADE_UNKNOWN},
		{"[heap]", UPGRADE_UNKNOWN},
		{"", UPGRADE_UNKNOWN},
	};
	char line[256];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		(void)re_snprintf(line, sizeof(line), "%s%s", at, v[i].path);
		assert_int_equal(v[i].runs, upgrade_runs_map(line, "a.so"));
	}
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hub_fails),
		TEST(test_no_hub),
		TEST(test_versions),
		TEST(test_said),
		TEST(test_apt_alone),
		TEST(test_other_config),
		TEST(test_prune),
		TEST(test_calls_end),
		TEST(test_interrupted),
		TEST(test_once),
		cmocka_unit_test(test_maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
