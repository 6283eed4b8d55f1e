/**
 * @file test_cliargs.c  cube: what is asked for, and when
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "cube/cli.h"

#define NOW 1796056691588ull    /* 2026-11-30T16:38:11.588Z */


static int read_line(struct cli_args *a, char *why, const char *line)
{
	static char buf[512];
	char *argv[16] = {"cube"};
	int argc = 1;
	char *p;

	(void)re_snprintf(buf, sizeof(buf), "%s", line);
	for (p = strtok(buf, " "); p; p = strtok(NULL, " "))
		argv[argc++] = p;

	return cli_args_read(a, argc, argv, why, CLI_WHY);
}


static void assert_wrong(const char *line, const char *wanted)
{
	struct cli_args a;
	char why[CLI_WHY];

	assert_int_equal(EINVAL, read_line(&a, why, line));
	assert_string_equal(wanted, why);
}


static struct cli_args assert_right(const char *line, const char *command)
{
	struct cli_args a;
	char why[CLI_WHY];

	assert_int_equal(0, read_line(&a, why, line));
	assert_string_equal("", why);
	if (command)
		assert_string_equal(command, a.cmd->name);
	else
		assert_null(a.cmd);

	return a;
}


static void test_right(void **state)
{
	struct cli_args a;
	uint32_t n;
	(void)state;

	a = assert_right("status", "status");
	assert_int_equal(0, a.argc);
	assert_null(a.optv[CLI_OPT_JSON]);

	/* options stand anywhere; a value is no command */
	a = assert_right("--socket status -j calls --extension=1001 7",
			 "calls");
	assert_string_equal("status", a.optv[CLI_OPT_SOCKET]);
	assert_string_equal("1001", a.optv[CLI_OPT_EXTENSION]);
	assert_non_null(a.optv[CLI_OPT_JSON]);
	assert_int_equal(1, a.argc);
	assert_string_equal("7", a.argv[0]);

	/* -n is what the command says that it is */
	a = assert_right("cdr -jn20", "cdr");
	assert_non_null(a.optv[CLI_OPT_JSON]);
	assert_true(cli_arg_u32(&a, CLI_OPT_LIMIT, &n, 50, 1, 100));
	assert_int_equal(20, n);
	a = assert_right("tail -n 3", "tail");
	assert_string_equal("3", a.optv[CLI_OPT_COUNT]);
	assert_true(cli_arg_u32(&a, CLI_OPT_TIMEOUT, &n, 50, 1, 100));
	assert_int_equal(50, n);
	assert_true(cli_arg_u32(&a, CLI_OPT_COUNT, &n, 0, 3, 3));
	assert_false(cli_arg_u32(&a, CLI_OPT_COUNT, &n, 0, 4, 9));

	/* behind -- there are none */
	a = assert_right("calls -- -7", "calls");
	assert_string_equal("-7", a.argv[0]);

	/* of upgrade it has a value */
	a = assert_right("upgrade --version 0.9.1", "upgrade");
	assert_string_equal("0.9.1", a.optv[CLI_OPT_VERSION]);
	assert_false(a.version);
	assert_true(assert_right("status --version", "status").version);

	assert_true(assert_right("-V", NULL).version);
	assert_non_null(assert_right("-h", NULL).optv[CLI_OPT_HELP]);
	assert_non_null(assert_right("help", NULL).optv[CLI_OPT_HELP]);
	assert_non_null(assert_right("help cdr", "cdr").optv[CLI_OPT_HELP]);
	assert_non_null(assert_right("cdr --help", "cdr").optv[CLI_OPT_HELP]);
}


static void test_wrong(void **state)
{
	(void)state;

	assert_wrong("", "what is to be done?");
	assert_wrong("--json", "what is to be done?");
	assert_wrong("sttaus", "sttaus: no such command");
	assert_wrong("help sttaus", "sttaus: no such command");
	assert_wrong("calls 1 2", "calls: 2 is one too many");
	assert_wrong("status --nothing", "--nothing: no such option");
	assert_wrong("status --limit 3", "--limit: status has no such option");
	assert_wrong("status -x", "-x: no such option");
	assert_wrong("status --json=1", "--json has no value");
	assert_wrong("cdr --limit", "--limit wants a value (NUMBER)");
	assert_wrong("cdr -n", "--limit wants a value (NUMBER)");
	assert_wrong("status --url a --socket b",
		     "--socket or --url, not both");
	assert_wrong("add 1 2 3 4 5 6 7 8 9 10 11 12 13",
		     "13: too many arguments");
	assert_wrong("list --url x", "--url: list has no such option");
}


static void test_help(void **state)
{
	const struct cli_command *cmd;
	char *text = NULL;
	(void)state;

	assert_int_equal(0, re_sdprintf(&text, "%H", cli_help, NULL));
	for (cmd = cli_commands(); cmd->name; cmd++) {

		char line[64];

		(void)re_snprintf(line, sizeof(line), "\n  %s ", cmd->name);
		assert_non_null(strstr(text, line));
		assert_int_equal(0, cmd->opts & cli_command_opts(NULL));
	}
	mem_deref(text);

	cmd = cli_command_find("cdr");
	assert_int_equal(0, re_sdprintf(&text, "%H", cli_help, cmd));
	assert_non_null(strstr(text, "\n  -n, --limit NUMBER"));
	assert_null(strstr(text, "--type"));
	mem_deref(text);
}


static void assert_time(const char *str, uint64_t wanted)
{
	uint64_t t = 1;

	assert_true(cli_time_read(&t, str, NOW));
	assert_int_equal(wanted, t);
}


static void test_time(void **state)
{
	static const char *const wrongv[] = {
		"", "yesterdy", "5", "5x", "2026-13-01", "2026-11-30T25:00",
		"2026-11-30T10:00ZZ", "10:00Z", "-1", "1e9",
		"2026-11-30T10:00:00+01:00", "1234567890123456",
	};
	const uint64_t day = 86400000;
	uint64_t t;
	size_t i;
	(void)state;

	/* winter, an hour before UTC */
	assert_int_equal(0, setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1));
	tzset();

	assert_time("now", NOW);
	assert_time("today", 1795993200000);
	assert_time("yesterday", 1795993200000 - day);
	assert_time("2026-11-30", 1795993200000);
	assert_time("2026-11-30Z", 1795996800000);
	assert_time("2026-11-30T10:00", 1796029200000);
	assert_time("2026-11-30T10:00:05Z", 1796032805000);
	assert_time("2026-07-01 12:00", 1782900000000);
	assert_time("10:00", 1796029200000);
	assert_time("90s", NOW - 90000);
	assert_time("15m", NOW - 900000);
	assert_time("2h", NOW - 7200000);
	assert_time("7d", NOW - 7 * day);
	assert_time("1w", NOW - 7 * day);
	assert_time("999999999w", 0);
	assert_time("1796056691588", NOW);

	for (i=0; i<ARRAY_SIZE(wrongv); i++) {
		if (cli_time_read(&t, wrongv[i], NOW))
			fail_msg("%s is a time: %llu", wrongv[i],
				 (unsigned long long)t);
	}
	assert_false(cli_time_read(&t, NULL, NOW));
}


static void assert_clock(uint64_t ms, const char *wanted)
{
	char buf[32];

	(void)re_snprintf(buf, sizeof(buf), "%H", cli_print_clock, &ms);
	assert_string_equal(wanted, buf);
}


static void assert_when(uint64_t t, const char *when, const char *age)
{
	const struct cli_when w = {t, NOW};
	char buf[64];

	(void)re_snprintf(buf, sizeof(buf), "%H", cli_print_when, &w);
	assert_string_equal(when, buf);
	(void)re_snprintf(buf, sizeof(buf), "%H", cli_print_age, &w);
	assert_string_equal(age, buf);
}


static void test_print(void **state)
{
	(void)state;

	assert_int_equal(0, setenv("TZ", "UTC", 1));
	tzset();

	assert_clock(0, "0:00");
	assert_clock(7999, "0:07");
	assert_clock(754000, "12:34");
	assert_clock(3723000, "1:02:03");

	assert_when(0, "", "");
	assert_when(NOW, "16:38:11", "0 s");
	assert_when(NOW - 119000, "16:36:12", "119 s");
	assert_when(NOW - 3600000, "15:38:11", "60 min");
	assert_when(NOW - 7200000, "14:38:11", "2 h");
	assert_when(NOW - 86400000 * 3ull, "2026-11-27 16:38:11", "3 d");
	assert_when(NOW + 86400000, "2026-12-01 16:38:11", "0 s");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
