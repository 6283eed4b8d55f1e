/**
 * @file test_officesync.c  cube sync: what instances are made of, and what is
 *                          done with which of them
 */
#include "cli_rig.h"
#include <sys/stat.h>
#include "cube/office/office.h"
#include "cube/office/sync.h"

#define EXT(n) "<sip:" n "@pbx.example>;auth_pass=s" n ";cube_login=l" n \
	";cube_password=p" n ";call=1\n"
#define COMMON "connectycube_app_id 5\nconnectycube_auth_key k\n"
#define ETC "etc/connectycube-bridge/"
#define INST "run/connectycube-bridge/instances/"

static char root[64];
static struct rig rig;


static const char *in(const char *name)
{
	static char path[512];

	(void)re_snprintf(path, sizeof(path), "%s/%s", root, name);

	return path;
}


static void put(const char *name, const char *text)
{
	FILE *f = fopen(in(name), "w");

	assert_non_null(f);
	assert_int_equal(strlen(text), fwrite(text, 1, strlen(text), f));
	assert_int_equal(0, fchmod(fileno(f), 0640));
	assert_int_equal(0, fclose(f));
}


/* "" if it is not there */
static const char *get(const char *name)
{
	static char buf[8192];
	FILE *f = fopen(in(name), "r");
	size_t n = 0;

	if (f) {
		n = fread(buf, 1, sizeof(buf) - 1, f);
		(void)fclose(f);
	}
	buf[n] = '\0';

	return buf;
}


static ino_t inode(const char *name)
{
	struct stat st;

	assert_int_equal(0, stat(in(name), &st));

	return st.st_ino;
}


static void check_sync(const char *opts, int status, const char *said,
		       const char *wrong)
{
	char line[256];

	(void)re_snprintf(line, sizeof(line), "sync --root %s %s", root, opts);
	assert_int_equal(status, run_line(&rig, line, NULL));
	assert_string_equal(wrong, rig.wrong);
	assert_string_equal(said, rig.said);
}


static int setup(void **state)
{
	char line[256];
	(void)state;

	strcpy(root, "/tmp/test_officesync.XXXXXX");
	if (!mkdtemp(root))
		return -1;

	(void)re_snprintf(line, sizeof(line), "mkdir -p %s/" ETC, root);
	if (system(line))
		return -1;

	put(ETC "common.conf", COMMON "net_interface 127.0.0.1\n");
	put(ETC "extensions.conf", EXT("1") EXT("2") EXT("3"));

	return 0;
}


static int teardown(void **state)
{
	char line[128];
	(void)state;

	(void)re_snprintf(line, sizeof(line), "rm -rf %s", root);

	return system(line);
}


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


/* What a module would refuse is refused before anything is done */
static void test_values(void **state)
{
	(void)state;

	check_sync("", CLI_OK, "start     1\nstart     2\nstart     3\n", "");

	put(ETC "common.conf", "# all\nconnectycube_app_id 5\n\n"
	    "connectycube_auth_key_env NOT_OURS\n"
	    "connectycube_ring_time soon\nconnectycube_link_stats 61\n"
	    "module_app connectycube_record.so\n"
	    "connectycube_record_calls ever\n"
	    "module_app connectycube_ami.so\n"
	    "connectycube_ami_server pbx.example:0x\n"
	    "connectycube_ami_user cube\n"
	    "connectycube_ami_secret_env NOT_OURS\n"
	    "connectycube_ami_context a,b\n");
	check_sync("", CLI_WRONG, "kept      1\nkept      2\nkept      3\n",
		   "cube: common.conf:5: connectycube_ring_time: 'soon' is not"
		   " a number from 5 to 600\n"
		   "cube: common.conf:6: connectycube_link_stats: '61' is not"
		   " a number from 0 to 60\n"
		   "cube: common.conf:8: connectycube_record_calls: 'ever' is"
		   " not off, on_demand or always\n"
		   "cube: common.conf:10: connectycube_ami_server:"
		   " 'pbx.example:0x' is not HOST, HOST:PORT or"
		   " [ADDRESS]:PORT\n"
		   "cube: common.conf:13: connectycube_ami_context: 'a,b' is"
		   " not the name of a context of extensions.conf\n");

	put(ETC "common.conf", "connectycube_app_id 5\n");
	check_sync("", CLI_WRONG, "kept      1\nkept      2\nkept      3\n",
		   "cube: common.conf: connectycube_auth_key is missing\n");

	/* secrets in what everybody reads */
	put(ETC "common.conf", COMMON "net_interface 127.0.0.1\n");
	assert_int_equal(0, chmod(in(ETC "extensions.conf"), 0644));
	assert_int_equal(0, chmod(root, 0755));
	check_sync("", CLI_OK, "unchanged 3\n",
		   "cube: extensions.conf: every user of this machine can read"
		   " its secrets: chmod 640\n");
}


static void test_secrets(void **state)
{
	char line[256];
	(void)state;

	put("secret", "a b;c\n");
	assert_int_equal(0, setenv("OFFICE_PASS", "e=1", 1));
	assert_int_equal(0, setenv("CREDENTIALS_DIRECTORY", root, 1));
	(void)re_snprintf(line, sizeof(line), "<sip:1@h>;cube_login=l"
			  ";cube_password_file=%s/secret"
			  ";auth_pass_env=OFFICE_PASS\n<sip:2@h>;cube_login=l"
			  ";cube_password_cred=secret\n", root);
	put(ETC "extensions.conf", line);
	check_sync("", CLI_OK, "start     1\nstart     2\n", "");
	assert_non_null(strstr(get(INST "1/accounts"),
			       "\n<sip:1@h>;auth_pass=\"e=1\"\n"));
	assert_non_null(strstr(get(INST "1/users"),
			       ";cube_password=\"a b;c\"\n"));
	assert_non_null(strstr(get(INST "2/users"),
			       ";cube_password=\"a b;c\"\n"));

	/* a new one is a change, one that is no more is none */
	put("secret", "other");
	check_sync("", CLI_OK, "reload    1\nreload    2\n", "");
	put("secret", "a\"b");
	check_sync("", CLI_WRONG, "kept      1\nkept      2\n", rig.wrong);
	assert_non_null(strstr(rig.wrong, "has a quote"));
	assert_null(strstr(rig.wrong, "a\"b"));
	assert_non_null(strstr(get(INST "2/users"), ";cube_password=other"));

	assert_int_equal(0, unsetenv("CREDENTIALS_DIRECTORY"));
	put("secret", "c");
	check_sync("", CLI_LATER, "reload    1\nkept      2\n", rig.wrong);
	assert_non_null(strstr(rig.wrong, "credential secret is not there"));

	/* it was left out, and comes when its secret does */
	assert_int_equal(0, unlink(in("secret")));
	put(ETC "extensions.conf", "");
	check_sync("", CLI_OK, "stop      1\nstop      2\n", "");
	put(ETC "extensions.conf", line);
	check_sync("--start", CLI_LATER, "left out  1\nleft out  2\n",
		   rig.wrong);
	put("secret", "d");
	check_sync("", CLI_LATER, "start     1\nleft out  2\n", rig.wrong);
}


/* Extensions that have no SIP account need no secret of one */
static void test_modes(void **state)
{
	(void)state;

	put(ETC "extensions.conf", "<sip:1@h>;cube_login=l;cube_password=x"
	    ";auth_pass_file=/none-such;ami=control;ami_answer=PJSIP/2\n");
	put(ETC "common.conf", COMMON "connectycube_mode ami-only\n");
	check_sync("", CLI_WRONG, "", rig.wrong);
	assert_non_null(strstr(rig.wrong, "connectycube_mode ami-only wants a"
			       " line module_app connectycube_ami.so\n"));

	put(ETC "common.conf", COMMON "connectycube_mode ami-only\n"
	    "module_app connectycube_ami.so\nconnectycube_ami_server h\n"
	    "connectycube_ami_user u\nconnectycube_ami_secret SECRET\n");
	check_sync("", CLI_OK, "start     1\n", "");
	assert_null(strstr(get(INST "1/accounts"), "sip:"));
	assert_non_null(strstr(get(INST "1/users"), ";ami=control"
			       ";ami_answer=PJSIP/2"));
	assert_non_null(strstr(get(INST "1/config"),
			       "\nconnectycube_mode ami-only\n"));
	check_sync("", CLI_OK, "unchanged 1\n", "");

	/* with SIP it does */
	put(ETC "common.conf", COMMON "connectycube_mode hybrid\n"
	    "module_app connectycube_ami.so\nconnectycube_ami_server h\n"
	    "connectycube_ami_user u\nconnectycube_ami_secret SECRET\n");
	check_sync("", CLI_LATER, "kept      1\n", rig.wrong);
	assert_non_null(strstr(rig.wrong, "/none-such"));
}


/* The hub's one link with Asterisk: its secret is the hub's alone */
static void test_ami_socket(void **state)
{
	static const char ami[] = COMMON "connectycube_mode hybrid\n"
		"module_app connectycube_ami.so\n";
	static const char key[] = "\nconnectycube_ami_socket ";
	(void)state;

	put(ETC "extensions.conf", EXT("1"));
	put(ETC "common.conf", ami);
	check_sync("", CLI_WRONG, "", "cube: common.conf:"
		   " connectycube_ami_server: is missing, and so is"
		   " connectycube_ami_socket\n");

	/* a hub without a link of its own is of no use here */
	put(ETC "hub.conf", "module_app connectycube_ami.so\n");
	check_sync("", CLI_WRONG, "", rig.wrong);
	put(ETC "hub.conf", "connectycube_ami_server h\n");
	check_sync("", CLI_WRONG, "", rig.wrong);

	put(ETC "hub.conf", "module_app connectycube_ami.so\n"
	    "connectycube_ami_server h\nconnectycube_ami_user u\n"
	    "connectycube_ami_secret SECRET\n");
	check_sync("", CLI_OK, "start     1\n", "");
	assert_non_null(strstr(get(INST "1/config"), "\nconnectycube_ami_socket"
			       " /run/connectycube-bridge/ami.sock\n"));
	assert_null(strstr(get(INST "1/config"), "SECRET"));
	check_sync("", CLI_OK, "unchanged 1\n", "");

	put(ETC "hub.conf", "module_app connectycube_ami.so\n"
	    "connectycube_ami_server h\nconnectycube_ami_socket /x/y\n");
	check_sync("", CLI_OK, "restart   1\n", "");
	assert_non_null(strstr(get(INST "1/config"), "\nconnectycube_ami_socket"
			       " /x/y\n"));

	/* what common.conf says counts; without the module nothing does */
	put(ETC "common.conf", COMMON "connectycube_mode hybrid\nmodule_app"
	    " connectycube_ami.so\nconnectycube_ami_socket /own\n");
	check_sync("", CLI_OK, "restart   1\n", "");
	assert_non_null(strstr(get(INST "1/config"), "\nconnectycube_ami_socket"
			       " /own\n"));
	put(ETC "common.conf", COMMON);
	check_sync("", CLI_OK, "restart   1\n", "");
	assert_null(strstr(get(INST "1/config"), key));
	assert_int_equal(0, unlink(in(ETC "hub.conf")));
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


/* What common.conf does not say is as in the profile that people begin with */
static void test_base(void **state)
{
	char line[256], config[8192], key[256];
	FILE *f = fopen("profiles/headless/config", "r");
	unsigned n = 0;
	(void)state;

	assert_non_null(f);
	check_sync("", CLI_OK, "start     1\nstart     2\nstart     3\n", "");
	strcpy(config, get(INST "1/config"));

	while (fgets(line, sizeof(line), f)) {

		char a[128], b[128];

		if (line[0] == '#' || sscanf(line, "%127s %127s", a, b) != 2 ||
		    !strcmp(a, "cons_listen"))
			continue;

		(void)re_snprintf(key, sizeof(key), "\n%s %s\n", a, b);
		if (!strstr(config, key))
			fail_msg("cube sync leaves out: %s", key);
		++n;
	}
	(void)fclose(f);
	assert_true(n > 15);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_made, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same_number, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_changed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(test_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_secrets, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_modes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ami_socket, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one, setup, teardown),
		cmocka_unit_test(test_ports),
		cmocka_unit_test_setup_teardown(test_base, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tell, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
