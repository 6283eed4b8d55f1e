/**
 * @file test_officeupgrade.c  cube upgrade, cube rollback: one instance after
 *                             the other
 */
#include "upgrade_rig.h"


/* Of the version that 2 and 3 are pinned to */
static const char *get_version(const char *name)
{
	const char *p = strstr(get(INST "3/config"), "/versions/");
	char version[128], path[256];

	assert_non_null(p);
	assert_int_equal(1, sscanf(p + 10, "%127[^\n]", version));
	(void)re_snprintf(path, sizeof(path),
			  "usr/lib/connectycube-bridge/versions/%s/%s",
			  version, name);

	return get(path);
}


static void test_well(void **state)
{
	char line[128];
	struct stat st;
	(void)state;

	consoles_open();

	/* a call of 2 ends while it is waited for */
	put("calls.2", "5", 0644);
	told = 0;
	assert_int_equal(CLI_OK, run("upgrade --root %s connectycube-bridge"));
	assert_string_equal("", rig.wrong);
	assert_string_equal("daemon-reload\n" INSTALL ""
			    " connectycube-bridge\nstart 1 \nstart 2 \n"
			    "start 3 \ndaemon-reload\nstart hub \n",
			    get("done"));
	assert_string_equal("", get(DROPIN));
	assert_int_equal(3, told);
	assert_string_equal("---", pins());
	assert_string_equal("new\n",
			    get("usr/lib/baresip/modules/connectycube.so"));

	/* and whoever runs a bridge can get at what was kept */
	assert_int_equal(0, stat(in("usr/lib/connectycube-bridge"), &st));
	assert_int_equal(0755, st.st_mode & 0777);
	assert_int_equal(0, stat(in("usr/lib/connectycube-bridge/versions"),
				 &st));
	assert_int_equal(0755, st.st_mode & 0777);

	/* and back */
	put("done", "", 0644);
	assert_int_equal(CLI_OK, run("rollback --root %s"));
	assert_string_equal("start 1 old\nstart 2 old\nstart 3 old\n"
			    "daemon-reload\nstart hub old\n", get("done"));
	assert_string_equal("ooo", pins());
	assert_int_equal(CLI_OK, run("sync --root %s"));
	assert_string_equal("unchanged 3\n", rig.said);

	/* packages were removed, and what was kept with them */
	(void)re_snprintf(line, sizeof(line),
			  "rm -r %s/usr/lib/connectycube-bridge", root);
	assert_int_equal(0, system(line));
	assert_int_equal(CLI_OK, run("sync --root %s"));
	assert_string_equal("---", pins());

	consoles_close();
}


/* The first that fails is put back, and is the end of it */
static void test_fails(void **state)
{
	(void)state;

	put("fail.2", "", 0644);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s --wait 0 x"));
	assert_string_equal("daemon-reload\n"
			    INSTALL " x\nstart 1 \n"
			    "start 2 \nstart 2 old\n", get("done"));
	assert_string_equal("-oo", pins());
	assert_non_null(strstr(rig.said, "2         is what it was again"));
	assert_non_null(strstr(rig.wrong, "1 of 3 instances and the hub have"
				      " not had their turn"));

	/* the version that they run is the old one, though another is there */
	assert_non_null(strstr(get(INST "3/config"), "/versions/"));

	/* nor is what has failed ever taken for what was there before */
	assert_int_equal(CLI_WRONG, run("upgrade --root %s --wait 0 y"));
	assert_string_equal("-oo", pins());
	assert_string_equal("old", get_version("connectycube.so"));

	/* it works now: those that are left have their turn */
	assert_int_equal(0, unlink(in("fail.2")));
	assert_int_equal(CLI_OK, run("upgrade --root %s --wait 0"));
	assert_string_equal("---", pins());
}


static void test_not_installed(void **state)
{
	(void)state;

	put("noapt", "", 0644);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s x"));
	assert_string_equal("daemon-reload\n"
			    INSTALL " x\n", get("done"));
	assert_string_equal("ooo", pins());
	assert_non_null(strstr(rig.wrong, "apt-get has failed: what runs was"
			       " not touched"));

	put(ETC "extensions.conf", EXT("1"), 0640);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s x"));
	assert_non_null(strstr(rig.wrong, "first cube sync"));
}


/* Nothing is done that could not be undone, and ports are kept */
static void test_wrong(void **state)
{
	char ports[1024];
	(void)state;

	strcpy(ports, get(PORTS));
	put(ETC "common.conf", "conectycube_app_id 5\n", 0640);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s x"));
	assert_non_null(strstr(rig.wrong, "cube sync says what"));
	assert_string_equal("", get("done"));
	assert_string_equal(ports, get(PORTS));

	put(ETC "common.conf", "connectycube_app_id 5\n"
	    "connectycube_auth_key k\n", 0640);
	put(ETC "extensions.conf", EXT("1") EXT("3")
	    "<sip:2@pbx.example>;auth_pas=s\n", 0640);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s x"));
	assert_non_null(strstr(rig.wrong, "cube sync says what"));
	assert_string_equal("", get("done"));
	assert_string_equal(ports, get(PORTS));
}


/* Restored on another machine, or removed: what is installed runs */
static void test_version_gone(void **state)
{
	char line[256];
	(void)state;

	put("noapt", "", 0644);
	assert_int_equal(CLI_WRONG, run("upgrade --root %s x"));
	assert_string_equal("ooo", pins());

	(void)re_snprintf(line, sizeof(line),
			  "rm -r %s/usr/lib/connectycube-bridge", root);
	assert_int_equal(0, system(line));
	assert_int_equal(CLI_OK, run("sync --root %s"));
	assert_non_null(strstr(rig.wrong, "1: its version"));
	assert_string_equal("restart   1\nrestart   2\nrestart   3\n",
			    rig.said);
	assert_string_equal("---", pins());
	assert_null(strstr(get(INST "3/config"), "/versions/"));
	assert_int_equal(CLI_WRONG, run("rollback --root %s"));
}


/* With other ports than those that they have all would be started anew */
static void test_no_ports(void **state)
{
	(void)state;

	assert_int_equal(0, unlink(in(PORTS)));
	assert_int_equal(0, mkdir(in(PORTS), 0755));
	assert_int_equal(CLI_WRONG, run("sync --root %s"));
	assert_non_null(strstr(rig.wrong, ".ports: cannot be read"));
	assert_string_equal("", rig.said);
}


static void test_nothing_kept(void **state)
{
	(void)state;

	assert_int_equal(CLI_WRONG, run("rollback --root %s"));
	assert_non_null(strstr(rig.wrong, "no version is kept"));

	/* of a folder, ours would be started anew */
	assert_int_equal(0, rmdir(in("run/systemd/system")));
	assert_int_equal(CLI_WRONG, run("upgrade --root %s x"));
	assert_non_null(strstr(rig.wrong, "upgrade: no systemd runs in /tmp"));
	assert_string_equal("", get("done"));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_well, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_installed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(test_version_gone, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_no_ports, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_nothing_kept, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
