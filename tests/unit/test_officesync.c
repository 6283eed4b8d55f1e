/**
 * @file test_officesync.c  cube sync: what is done with which instance, and
 *                          which ports it has
 */
#include "sync_rig.h"


/* Of two that have the same number the first one's line cannot be read */
static void test_same_number(void **state)
{
	(void)state;

	put(ETC "extensions.conf", "<sip:1@a>;cube_login=l;cube_password=p\n"
	    "<sip:1@b>;cube_login=l;cube_password=p\n");
	check_sync("", CLI_OK, "start     1\nstart     1_b\n", "");
	put(ETC "extensions.conf", "<sip:1 a>;cube_login=l;cube_password=p\n"
	    "<sip:1@b>;cube_login=l;cube_password=p\n");
	check_sync("", CLI_WRONG, "kept      1\nkept      1_b\n", rig.wrong);
	assert_non_null(strstr(get(INST "1/accounts"), "<sip:1@a>"));
	assert_non_null(strstr(get("var/lib/connectycube-bridge/.ports"),
			       "\n1_b 2"));
}


static void test_made(void **state)
{
	struct stat st;
	(void)state;

	check_sync("--dry-run", CLI_OK, "start     1\nstart     2\nstart     3\n"
		   "nothing was done (--dry-run)\n", "");
	assert_int_equal(-1, access(in("run"), F_OK));
	assert_int_equal(-1, access(in("var"), F_OK));

	check_sync("", CLI_OK, "start     1\nstart     2\nstart     3\n", "");
	assert_non_null(strstr(get(INST "1/accounts"),
			       "\n<sip:1@pbx.example>;auth_pass=s1\n"));
	assert_non_null(strstr(get(INST "1/users"),
			       "\n<sip:1@pbx.example>;cube_login=l1;call=1"
			       ";cube_password=p1\n"));
	assert_non_null(strstr(get(INST "1/config"),
			       "\nconnectycube_app_id 5\n"));
	assert_non_null(strstr(get(INST "1/config"),
			       "\nsip_listen 127.0.0.1:2"));
	assert_non_null(strstr(get("var/lib/connectycube-bridge/.ports"),
			       "\n3 2"));

	/* without a spool there is no place in it */
	assert_int_equal(-1, access(in("var/spool"), F_OK));

	/* nobody else reads them */
	assert_int_equal(0, stat(in(INST), &st));
	assert_int_equal(0700, st.st_mode & 0777);
	assert_int_equal(0, stat(in(INST "1/users"), &st));
	assert_int_equal(0640, st.st_mode & 0777);

	/* one after the other */
	assert_true(atoi(get(INST "1/delay")) < 100);
	assert_in_range(atoi(get(INST "3/delay")), 1, 299);
	assert_int_equal(-1, access(in(INST "1/todo"), F_OK));

	assert_int_equal(0, mkdir(in("var/spool"), 0755));
	assert_int_equal(0, mkdir(in("var/spool/connectycube-bridge"), 0755));
	assert_int_equal(0, chmod(in("var/spool/connectycube-bridge"), 02770));
	check_sync("", CLI_OK, "unchanged 3\n", "");
	assert_int_equal(0, stat(in("var/spool/connectycube-bridge/from/3"),
				 &st));
	assert_int_equal(02770, st.st_mode & 07777);
	check_sync("--start", CLI_OK, "start     1\nstart     2\n"
		   "start     3\n", "");
}


static int sync_root(void)
{
	char line[256];

	(void)re_snprintf(line, sizeof(line), "sync --root %s", root);

	return run_line(&rig, line, NULL);
}


/* One that cannot record is no reason not to start the others */
static void test_spool_wrong(void **state)
{
	(void)state;

	assert_int_equal(0, mkdir(in("var"), 0755));
	assert_int_equal(0, mkdir(in("var/spool"), 0755));
	assert_int_equal(0, mkdir(in("var/spool/connectycube-bridge"), 0755));
	assert_int_equal(0, mkdir(in("var/spool/connectycube-bridge/from"),
				  0755));
	assert_int_equal(0, symlink("/", in("var/spool/connectycube-bridge/from/1")));
	put("var/spool/connectycube-bridge/from/2", "");
	assert_int_equal(CLI_WRONG, sync_root());
	assert_string_equal("start     1\nstart     2\nstart     3\n",
			    rig.said);
	assert_non_null(strstr(rig.wrong, "1: has no folder to record into: "));
	assert_non_null(strstr(rig.wrong, "2: has no folder to record into: "));
	assert_int_equal(0, access(in(INST "3/config"), F_OK));
	assert_int_equal(0, access(in(INST "1/config"), F_OK));
	assert_int_equal(-1, access(in(INST SYNC_STAMP), F_OK));
}


/* Those that hand on what removed ones have left read no common.conf */
static void test_hub_socket(void **state)
{
	static const char hub[] = "var/lib/connectycube-bridge/" SYNC_HUB;
	char path[SYNC_PATH], wanted[SYNC_PATH];
	(void)state;

	check_sync("", CLI_OK, "start     1\nstart     2\nstart     3\n", "");
	assert_int_equal(-1, access(in(hub), F_OK));
	assert_int_equal(0, left_hub(path, sizeof(path), root));
	(void)re_snprintf(wanted, sizeof(wanted),
			  "%s/run/connectycube-bridge/hub.sock", root);
	assert_string_equal(wanted, path);

	put(ETC "common.conf", COMMON "connectycube_link_socket /run/h/s\n");
	check_sync("", CLI_OK, "restart   1\nrestart   2\nrestart   3\n", "");
	assert_string_equal("/run/h/s\n", get(hub));
	assert_int_equal(0, left_hub(path, sizeof(path), root));
	(void)re_snprintf(wanted, sizeof(wanted), "%s/run/h/s", root);
	assert_string_equal(wanted, path);

	put(ETC "common.conf", COMMON);
	check_sync("", CLI_OK, "restart   1\nrestart   2\nrestart   3\n", "");
	assert_int_equal(-1, access(in(hub), F_OK));
}


/* What has changed is done anew; nothing else is touched */
static void test_changed(void **state)
{
	ino_t config1, users1, config2;
	char ports[1024];
	(void)state;

	check_sync("", CLI_OK, "start     1\nstart     2\nstart     3\n", "");
	config1 = inode(INST "1/config");
	users1  = inode(INST "1/users");
	config2 = inode(INST "2/config");
	strcpy(ports, get("var/lib/connectycube-bridge/.ports"));

	put(ETC "extensions.conf", "# what is of no matter\n" EXT("1")
	    "<sip:2@pbx.example>;auth_pass=s2;cube_login=l2;cube_password=p2"
	    ";call=2\n" "<sip:3@pbx.example>;auth_pass=new;cube_login=l3"
	    ";cube_password=p3;call=1\n");
	check_sync("", CLI_OK, "reload    2\nrestart   3\nunchanged 1\n", "");
	assert_true(config1 == inode(INST "1/config"));
	assert_true(users1 == inode(INST "1/users"));
	assert_true(config2 == inode(INST "2/config"));
	assert_non_null(strstr(get(INST "2/users"), ";call=2;"));
	assert_string_equal(ports, get("var/lib/connectycube-bridge/.ports"));

	/* one goes, one comes; ports stay */
	put(ETC "extensions.conf", EXT("0") EXT("1") EXT("3"));
	check_sync("", CLI_OK, "stop      2\nrestart   3\nstart     0\n"
		   "unchanged 1\n", "");
	assert_int_equal(-1, access(in(INST "2"), F_OK));
	assert_null(strstr(get("var/lib/connectycube-bridge/.ports"),
			   "\n2 "));
	assert_true(config1 == inode(INST "1/config"));

	/* what all share */
	put(ETC "common.conf", COMMON "net_interface 127.0.0.1\n"
	    "connectycube_ring_time 30\n");
	check_sync("", CLI_OK, "restart   0\nrestart   1\nrestart   3\n", "");
}


static void test_wrong(void **state)
{
	(void)state;

	check_sync("", CLI_OK, "start     1\nstart     2\nstart     3\n", "");

	/* it stays what it was, and the others go on */
	put(ETC "extensions.conf", EXT("1")
	    "<sip:2@pbx.example>;auth_pas=SECRET;cube_login=l\n"
	    "<sip:3@pbx.example>;auth_pass=new;cube_login=l3;cube_password=x"
	    "\n<sip:4@pbx.example>;cube_login=l;cube_password_file=/none\n"
	    "<sip:5@pbx.example>;cube_login=l;cube_password_env=NONE_SUCH\n");
	check_sync("", CLI_LATER, "kept      2\nrestart   3\nleft out  4\n"
		   "left out  5\nunchanged 1\n",
		   "cube: extensions.conf:2:21: unknown parameter ;auth_pas:"
		   " is auth_pass meant?\n"
		   "cube: extensions.conf:4: cube_password: /none cannot be"
		   " read: No such file or directory\n"
		   "cube: extensions.conf:5: cube_password: environment"
		   " variable NONE_SUCH is not set\n");
	assert_non_null(strstr(get(INST "2/accounts"), "auth_pass=s2"));
	assert_int_equal(-1, access(in(INST "4"), F_OK));

	/* whose is it? */
	put(ETC "extensions.conf", EXT("1") EXT("2") "three\n");
	check_sync("", CLI_WRONG, "kept      3\nunchanged 2\n",
		   "cube: extensions.conf:3:1: not of the form \"Name\""
		   " <sip:user@host>;params\n");

	put(ETC "extensions.conf", EXT("1") EXT("2") EXT("2"));
	check_sync("", CLI_WRONG, "kept      2\nstop      3\nunchanged 1\n",
		   "cube: extensions.conf:2: address sip:2@pbx.example is"
		   " line 3's, too\n"
		   "cube: extensions.conf:3: address sip:2@pbx.example is"
		   " line 2's, too\n");

	/* nothing is done */
	put(ETC "common.conf", "conectycube_app_id 6\n");
	put(ETC "extensions.conf", EXT("1"));
	check_sync("", CLI_WRONG, "kept      1\nkept      2\n",
		   "cube: common.conf:1:1: unknown key conectycube_app_id: is"
		   " connectycube_app_id meant?\n");
	assert_int_equal(0, access(in(INST "2/config"), F_OK));

	assert_int_equal(0, unlink(in(ETC "extensions.conf")));
	assert_int_equal(CLI_WRONG, run_line(&rig, "sync --root /none-such",
					     NULL));
}


static void test_one(void **state)
{
	(void)state;

	check_sync("", CLI_OK, "start     1\nstart     2\nstart     3\n", "");

	put(ETC "common.conf", COMMON "instances one\n");
	check_sync("", CLI_OK, "stop      1\nstop      2\nstop      3\n"
		   "start     all\n", "");
	assert_non_null(strstr(get(INST "all/accounts"), "<sip:1@"));
	assert_non_null(strstr(get(INST "all/accounts"), "<sip:3@"));
	assert_non_null(strstr(get(INST "all/config"),
			       "\nconnectycube_max_calls 48\n"));

	/* a line that is wrong stays what it was */
	put(ETC "extensions.conf", EXT("1") "<sip:2@pbx.example>;x=1\n"
	    EXT("3") EXT("4"));
	check_sync("", CLI_WRONG, "restart   all\n", rig.wrong);
	assert_non_null(strstr(get(INST "all/accounts"),
			       "<sip:2@pbx.example>;auth_pass=s2"));
	assert_non_null(strstr(get(INST "all/users"),
			       "<sip:2@pbx.example>;cube_login=l2"));
	assert_non_null(strstr(get(INST "all/users"), "<sip:4@"));

	put(ETC "extensions.conf", EXT("1") "nobody knows\n" EXT("3"));
	check_sync("", CLI_WRONG, "restart   all\n", rig.wrong);
	assert_non_null(strstr(get(INST "all/users"), "<sip:2@"));
	assert_non_null(strstr(get(INST "all/users"), "<sip:4@"));

	put(ETC "extensions.conf", EXT("1") EXT("4"));
	put(ETC "common.conf", COMMON "instances one\nconnectycube_max_calls 5\n");
	check_sync("", CLI_OK, "restart   all\n", "");
	assert_null(strstr(get(INST "all/users"), "<sip:2@"));
	assert_non_null(strstr(get(INST "all/config"),
			       "\nconnectycube_max_calls 10\n"));
	assert_null(strstr(get(INST "all/config"), "max_calls 5"));

	put(ETC "extensions.conf", "");
	check_sync("", CLI_OK, "stop      all\n", "");
}


static bool no_port(uint16_t port, bool udp)
{
	return !(port == 20000 && udp) && port != 20003;
}


static void test_ports(void **state)
{
	struct sync s = {.portv = NULL};
	const struct sync_ports *p;
	struct pl pl;
	(void)state;

	pl_set_str(&pl, "# x\n1 20008\nrubbish\n2 99999\n3 x\n5 20020x\n"
		   "6 20030 0.9.1\n7 20040 28004\n8 20050 28005 0.9.2-1\n");
	assert_int_equal(0, sync_ports_read(&s, &pl));
	assert_int_equal(4, s.portc);
	assert_string_equal("", s.portv[0].pin);
	assert_string_equal("0.9.1", s.portv[1].pin);

	/* versions before had the port of a console */
	assert_int_equal(20040, s.portv[2].sip);
	assert_string_equal("", s.portv[2].pin);
	assert_string_equal("0.9.2-1", s.portv[3].pin);

	/* something else has 20000, and 20003 (TLS of 20002) */
	assert_int_equal(0, sync_ports_get(&p, &s, "new", false, no_port));
	assert_int_equal(20004, p->sip);
	assert_int_equal(0, sync_ports_get(&p, &s, "1", false, no_port));
	assert_int_equal(20008, p->sip);
	assert_int_equal(0, sync_ports_get(&p, &s, "4", false, no_port));
	assert_int_equal(20006, p->sip);
	sync_reset(&s);

	/* it was taken while the instance did not run */
	pl_set_str(&pl, "1 20002\n");
	assert_int_equal(0, sync_ports_read(&s, &pl));
	assert_int_equal(0, sync_ports_get(&p, &s, "1", true, no_port));
	assert_int_equal(20002, p->sip);
	assert_int_equal(0, sync_ports_get(&p, &s, "1", false, no_port));
	assert_int_equal(20004, p->sip);
	sync_reset(&s);
}


/* A call for all that are to do the same; what fails is done the next time */
static void test_tell(void **state)
{
	static struct sync_inst instv[] = {
		{.name = "1", .verb = SYNC_START},
		{.name = "2", .verb = SYNC_RELOAD},
		{.name = "3", .verb = SYNC_STOP},
		{.name = "4", .verb = SYNC_START},
		{.name = "5", .verb = SYNC_KEEP},
		{.name = "6", .verb = SYNC_RESTART},
		{.name = "7", .verb = SYNC_NOTHING},
	};
	const struct office o = {.extc = 0};
	struct sync s = {.o = &o, .instv = instv, .instc = 7};
	const char *calls;
	char path[256];
	(void)state;

	(void)re_snprintf(path, sizeof(path), "%s:/usr/bin:/bin", root);
	assert_int_equal(0, setenv("PATH", path, 1));
	assert_int_equal(0, setenv("OFFICE_ROOT", root, 1));
	put("systemctl", "#!/bin/sh\necho \"$@\" >> $OFFICE_ROOT/calls\n"
	    "[ ! -e $OFFICE_ROOT/fail ]\n");
	assert_int_equal(0, chmod(in("systemctl"), 0755));

	assert_int_equal(0, sync_tell(&s, false));
	assert_string_equal(
		"--no-block stop -- connectycube-bridge@3.service\n"
		"--no-block restart -- connectycube-bridge@6.service\n"
		"--no-block reload-or-restart --"
		" connectycube-bridge@2.service\n"
		"--no-block start -- connectycube-bridge@1.service"
		" connectycube-bridge@4.service\n", get("calls"));

	/* records of those that are no more: of 3, which ends now, and of 9 */
	(void)re_snprintf(s.state, sizeof(s.state), "%s/state", root);
	(void)re_snprintf(path, sizeof(path), "cd %s && mkdir -p state/1/spool"
			  " state/3 state/8/spool state/9/spool &&"
			  " for i in 1 9; do touch state/$i/spool/1-x.json;"
			  " done && rm calls", root);
	assert_int_equal(0, system(path));
	assert_int_equal(0, sync_tell(&s, false));
	calls = get("calls");
	assert_non_null(strstr(calls, "start -- connectycube-bridge-left@3"));
	assert_non_null(strstr(calls, "start -- connectycube-bridge-left@9"));
	assert_null(strstr(calls, "-left@1"));
	assert_null(strstr(calls, "-left@8"));

	put("fail", "");
	assert_int_equal(EPROTO, sync_tell(&s, false));
	put("calls", "");
	assert_int_equal(0, sync_tell(&s, true));
	assert_string_equal("", get("calls"));
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_same_number),
		TEST(test_made),
		TEST(test_spool_wrong),
		TEST(test_hub_socket),
		TEST(test_changed),
		TEST(test_wrong),
		TEST(test_one),
		cmocka_unit_test(test_ports),
		TEST(test_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
