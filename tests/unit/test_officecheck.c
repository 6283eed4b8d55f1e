/**
 * @file test_officecheck.c  What a check says names the files of the office
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "cube/cli.h"
#include "cube/office/office.h"
#include "cube/office/checking.h"

#define EXT(n) "<sip:" n "@pbx.example>;auth_pass=s;cube_login=l" n \
	";cube_password=p;call=1\n"


static void test_names(void **state)
{
	static const char common[] = "connectycube_app_id 5\n";
	static const char exts[] = "# ours\n" EXT("100") "\n" EXT("1000");
	static const char *const linev[] = {
		"     of the bridge that runs, with the files as it has read"
		" them",
		"ok   sip:100@pbx.example: call=101 (line 1): is user 101",
		"FAIL sip:1000@pbx.example: SIP: not registered (401 line)",
		"     -> correct auth_user= and auth_pass= in `accounts`",
		"FAIL sip:1000@pbx.example: SIP: not registered",
		"     -> correct its address in `accounts` and `users`",
		"FAIL TURN turn:t (line 3): no answer",
		"     -> correct that connectycube_ice_server in `config`",
		"FAIL sip:9@pbx.example: call=7 (line 1): no such user",
		"     -> correct call= of that line in `users`, or make it",
	};
	struct office *o = NULL;
	const struct pl c = {common, sizeof(common) - 1};
	const struct pl e = {exts, sizeof(exts) - 1};
	json_t *lines = json_array(), *wanted;
	size_t i;
	(void)state;

	assert_int_equal(0, office_parse(&o, &c, &e));
	for (i=0; i<ARRAY_SIZE(linev); i++)
		office_check_line(lines, linev[i], o);

	wanted = json_pack(
		"[{s:b,s:s},{s:b,s:s,s:s},{s:b,s:s,s:s},{s:b,s:s,s:s},"
		"{s:b,s:s,s:s}]",
		"ok", 1, "text", "sip:100@pbx.example: call=101"
		" (extensions.conf:2): is user 101",
		"ok", 0, "text", "sip:1000@pbx.example: SIP: not registered"
		" (401 line)", "remedy", "correct auth_user= and auth_pass="
		" in extensions.conf:4",
		"ok", 0, "text", "sip:1000@pbx.example: SIP: not registered",
		"remedy", "correct its address in extensions.conf:4",
		"ok", 0, "text", "TURN turn:t (line 3): no answer", "remedy",
		"correct that connectycube_ice_server in common.conf",
		"ok", 0, "text", "sip:9@pbx.example: call=7 (line 1): no such"
		" user", "remedy", "correct call= of that line in"
		" extensions.conf, or make it");
	assert_non_null(wanted);
	if (!json_equal(wanted, lines))
		fail_msg("%s", json_dumps(lines, 0));

	json_decref(wanted);
	json_decref(lines);
	mem_deref(o);
}


/* As the hub passes them on; of a bridge that is no office's they stay */
static void test_hub(void **state)
{
	static const char exts[] = "# ours\n" EXT("100");
	const struct pl c = PL_INIT, e = {exts, sizeof(exts) - 1};
	struct office *o = NULL;
	json_t *lines, *wanted, *other;
	(void)state;

	assert_int_equal(0, office_parse(&o, &c, &e));
	lines = json_pack("[{s:b,s:s,s:s},{s:b,s:s,s:s}]",
			  "ok", 1, "text", "sip:100@pbx.example: call=1"
			  " (line 1): is user 1", "remedy", "",
			  "ok", 0, "text", "TURN turn:t (line 3): no answer",
			  "remedy", "correct it in `config`");
	wanted = json_pack("[{s:b,s:s,s:s},{s:b,s:s,s:s}]",
			   "ok", 1, "text", "sip:100@pbx.example: call=1"
			   " (extensions.conf:2): is user 1", "remedy", "",
			   "ok", 0, "text", "TURN turn:t (line 3): no answer",
			   "remedy", "correct it in common.conf");
	office_check_names(lines, o);
	assert_true(json_equal(wanted, lines));

	other = json_pack("[{s:b,s:s,s:s}]", "ok", 0, "text",
			  "sip:9@pbx.example: call=7 (line 1): no such user",
			  "remedy", "correct call= in `users`");
	json_decref(wanted);
	wanted = json_deep_copy(other);
	office_check_names(other, o);
	office_check_names(other, NULL);
	assert_true(json_equal(wanted, other));

	json_decref(other);
	json_decref(wanted);
	json_decref(lines);
	mem_deref(o);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_hub),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
