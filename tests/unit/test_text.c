/**
 * @file test_text.c  What does not fit is refused, and never cut
 *
 * Half a host is another one, half a number somebody else's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "base/text.h"
#include "base/usage.h"
#include "config/users.h"
#include "call/ringing.h"
#include "call/forward.h"
#include "cube/url.h"
#include "testutil.h"


static void test_str(void **state)
{
	struct pl pl = PL("1234567");
	char buf[8] = "before";
	(void)state;

	assert_int_equal(text_str(buf, 7, &pl), EOVERFLOW);
	assert_string_equal(buf, "before");
	assert_int_equal(text_str(buf, 0, &pl), EOVERFLOW);
	assert_int_equal(text_str(buf, 8, &pl), 0);
	assert_string_equal(buf, "1234567");

	pl.l = 0;
	assert_int_equal(text_str(buf, 1, &pl), 0);
	assert_string_equal(buf, "");

	pl.p = "a\0b";
	pl.l = 3;
	assert_int_equal(text_str(buf, sizeof(buf), &pl), EBADMSG);
	assert_string_equal(buf, "");

	assert_int_equal(text_str(buf, sizeof(buf), &pl_null), EINVAL);
	assert_int_equal(text_str(buf, sizeof(buf), NULL), EINVAL);
	assert_int_equal(text_str(NULL, 0, &pl), EINVAL);
}


static void test_number(void **state)
{
	char digits[NUMPLAN_SIZE + 1], list[NUMPLAN_SIZE + 32], buf[8] = "x";
	struct numplan np = {.number = list};
	(void)state;

	memset(digits, '7', sizeof(digits) - 1);
	digits[sizeof(digits) - 1] = '\0';

	(void)re_snprintf(list, sizeof(list), "102:%s,%s", digits, digits);
	assert_false(numplan_of_user(buf, sizeof(buf), &np, "102"));
	assert_false(numplan_of_user(buf, sizeof(buf), &np, "103"));
	assert_string_equal(buf, "x");

	/* forwarded to 77...7 is not to what is left of it when it is cut */
	np.number = NULL;
	memset(list, '7', NUMPLAN_SIZE - 1);
	list[NUMPLAN_SIZE - 1] = '\0';
	assert_true(forward_is_for(&np, list, list));
	assert_false(forward_is_for(&np, digits, list));
}


static void test_host(void **state)
{
	char str[sizeof(((struct url *)0)->host) + 32] = "https://";
	const size_t n = sizeof(((struct url *)0)->host);
	struct url url;
	(void)state;

	memset(str + 8, 'h', n);
	assert_int_equal(url_decode(&url, str), EOVERFLOW);
	str[8 + n - 1] = '\0';
	assert_int_equal(url_decode(&url, str), 0);
	assert_int_equal(strlen(url.host), n - 1);
}


static void test_plural(void **state)
{
	(void)state;

	assert_string_equal(text_plural(0, "call is", "calls are"),
			    "calls are");
	assert_string_equal(text_plural(1, "call is", "calls are"),
			    "call is");
	assert_string_equal(text_plural(2, "call is", "calls are"),
			    "calls are");
}


static int print_handler(const char *p, size_t size, void *arg)
{
	return mbuf_write_mem(arg, (const uint8_t *)p, size);
}


static int print_none(struct re_printf *pf, void *unused)
{
	(void)unused;

	return re_hprintf(pf, "\x1b");
}


static int print_names(struct re_printf *pf, void *arg)
{
	return re_hprintf(pf, "\ta %s\n%s\x1b[2J\x7f|", (const char *)arg,
			  (const char *)arg);
}


/* A caller's name is no order to a terminal, and turns no line around */
static void test_shown(void **state)
{
	const char *name = "B\xc3\xb6\xc2\x9b" "2\xe2\x80\xae\xd8\x9c\xe2\x82\xac";
	struct mbuf *mb = mbuf_alloc(64);
	struct re_printf pf;
	(void)state;

	pf.vph = print_handler;
	pf.arg = mb;
	assert_int_equal(0, usage_none(&pf, NULL, "x", print_none));
	assert_int_equal(0, usage_shown(&pf, print_names, (void *)name));
	assert_int_equal(0, mbuf_write_u8(mb, 0));
	assert_string_equal((char *)mb->buf, "?\ta B\xc3\xb6?2??\xe2\x82\xac\n"
			    "B\xc3\xb6?2??\xe2\x82\xac?[2J?|");
	mem_deref(mb);

	assert_int_equal(0, text_odd("", 0));
	assert_int_equal(0, text_odd("\xc2", 1));
	assert_int_equal(0, text_odd("\xe2\x80", 2));
	assert_int_equal(3, text_odd("\xe2\x81\xa6", 3));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plural),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_str),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
