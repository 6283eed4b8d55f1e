/**
 * @file test_officemade.c  cube sync: what an instance is made of
 */
#include "sync_rig.h"


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


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_values),
		TEST(test_secrets),
		TEST(test_modes),
		TEST(test_ami_socket),
		TEST(test_base),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
