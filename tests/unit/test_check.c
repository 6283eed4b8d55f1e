/**
 * @file test_check.c  /cube_check: what is said about what does not work
 */
#include "testutil.h"
#include "call/check.h"


static void has(enum check_kind kind, const char *text, const char *word)
{
	assert_non_null(strstr(check_remedy(kind, text), word));
}


static void test_remedies(void **state)
{
	(void)state;

	has(CHECK_SIP, "not registered (401 wrong user name or password)",
	    "auth_pass=");
	has(CHECK_SIP, "not registered (404 Not Found)", "does not know");
	has(CHECK_SIP, "SIP over TLS: ... is not trusted", "sip_cafile");
	has(CHECK_SIP, "not registered (no answer)", "transport");
	has(CHECK_SIP, "not registered (no local address can reach it)",
	    "net_interface");
	has(CHECK_CLOUD, "x cannot log in (Unauthorized)", "cube_password=");
	has(CHECK_CLOUD, "x cannot log in (No application found)", "app_id");
	has(CHECK_CLOUD, "x cannot log in (Unexpected signature)",
	    "auth_secret");
	has(CHECK_CLOUD, "x (localhost:1: certificate ...)", "ca_file");
	has(CHECK_CLOUD, "x (localhost:1: not reached)", "api_url");
	has(CHECK_CLOUD, "x cannot log in (stream error: host-unknown)",
	    "chat_domain");
	has(CHECK_USER, "there is no such user in the application", "call=");
	has(CHECK_USER, "not looked up (Resource busy)", "cloud");
	has(CHECK_AMI, "login of bridge refused: x", "manager.conf permits");
	has(CHECK_AMI, "its certificate is refused: certificate has expired",
	    "clock");
	has(CHECK_AMI, "no answer", "connectycube_ami_server");
	has(CHECK_AMI, "x: Temporary failure in name resolution", "DNS");
	has(CHECK_AMI, "x: Name or service not known", "address");
	has(CHECK_AMI, "there is no such socket: does the hub run, ...",
	    "ami_socket");
	has(CHECK_SERVER, "401 Unauthorized", "pass=");
	has(CHECK_SERVER, "Error resolving \"turn.example\": ...", "DNS");
	has(CHECK_SERVER, "its certificate is for", "ice_ca_file");
	has(CHECK_SERVER, "closes the connection", "ice_ca_file");
	has(CHECK_SERVER, "no answer", "firewall");
	has(CHECK_SERVER, NULL, "firewall");
}


static void test_lines(void **state)
{
	struct list l = LIST_INIT;
	struct odict *od;
	char buf[512];
	(void)state;

	assert_int_equal(0, check_line_add(&l, CHECK_SIP, true, "a: SIP",
					   "registered"));
	assert_int_equal(0, check_line_add(&l, CHECK_SERVER, false, "turn:x",
					   "401 Unauthorized"));
	assert_int_equal(1, check_lines_failed(&l));
	re_snprintf(buf, sizeof(buf), "%H", check_lines_print, &l);
	assert_string_equal("ok   a: SIP: registered\n"
			    "FAIL turn:x: 401 Unauthorized\n     -> correct"
			    " user= and pass= of that connectycube_ice_server"
			    " in `config`\n1 of 2 failed\n", buf);
	check_lines_log(&l);

	assert_int_equal(0, odict_alloc(&od, 16));
	assert_int_equal(0, check_lines_fill(0, od, &l));
	re_snprintf(buf, sizeof(buf), "%H", json_encode_odict, od);
	assert_string_equal("{\"failed\":1,\"lines\":[{\"ok\":true,\"text\":"
			    "\"a: SIP: registered\",\"remedy\":null},"
			    "{\"ok\":false,\"text\":\"turn:x: 401"
			    " Unauthorized\",\"remedy\":\"correct user= and"
			    " pass= of that connectycube_ice_server in"
			    " `config`\"}]}", buf);
	mem_deref(od);
	list_flush(&l);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_remedies),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
