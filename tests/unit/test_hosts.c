/**
 * @file test_hosts.c  Names of /etc/hosts
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "base/hosts.h"


static void check(const char *file, const char *name, int af,
		  const char *want)
{
	struct pl f, n;
	char buf[64];
	struct sa sa;

	pl_set_str(&f, file);
	pl_set_str(&n, name);

	if (!hosts_lookup(&sa, &f, &n, af)) {
		if (want)
			fail_msg("%s", name);
		return;
	}

	(void)re_snprintf(buf, sizeof(buf), "%j", &sa);
	if (!want || strcmp(buf, want))
		fail_msg("%s: %s", name, buf);
}


static void test_lookup(void **state)
{
	static const char file[] =
		"127.0.0.1\tlocalhost\r\n"
		"# 192.0.2.9 pbx\n"
		"\n"
		"nonsense pbx\n"
		"  192.0.2.7   PBX.lan  pbx # mail\n"
		"2001:db8::7 pbx.lan\n"
		"192.0.2.8 last";
	(void)state;

	check(file, "localhost", AF_UNSPEC, "127.0.0.1");
	check(file, "pbx.lan", AF_INET, "192.0.2.7");
	check(file, "pbx", AF_UNSPEC, "192.0.2.7");
	check(file, "pbx.LAN", AF_INET6, "2001:db8::7");
	check(file, "pbx", AF_INET6, NULL);
	check(file, "last", AF_INET, "192.0.2.8");
	check(file, "mail", AF_INET, NULL);
	check(file, "192.0.2.7", AF_INET, NULL);
	check(file, "pb", AF_INET, NULL);
	check(file, "", AF_INET, NULL);
	check("", "pbx", AF_INET, NULL);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
