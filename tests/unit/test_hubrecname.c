/**
 * @file test_hubrecname.c  Names of recordings: whatever callers choose
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "base/text.h"
#include "connectycube_hub/recording/recname.h"


#define ID "5f0e8f3c-3a52-4c4e-9b0a-2f5b9d9ce0c2"

static char name[RECNAME_MAX];

/* 2026-11-30 10:15:02 UTC */
static struct recname facts(const char *from)
{
	const struct recname f = {.t_start = 1796033702123ull, .id = ID,
		.extension = "1001", .from = from, .to = "777",
		.direction = "sip-to-app", .mode = "audio", .call = "7"};

	return f;
}


static const char *make(const char *tmpl, const char *from, unsigned n)
{
	const struct recname f = facts(from);

	assert_int_equal(0, recname_make(name, sizeof(name), tmpl, &f, n,
					 ".ogg"));

	return name;
}


static void test_names(void **state)
{
	static const struct {
		const char *tmpl;
		const char *from;
		const char *want;
	} testv[] = {
		{"%Y/%m/%d/{extension}-{from}-{to}-{time}-{id}", "+4930123",
		 "2026/11/30/1001-+4930123-777-101502-" ID ".ogg"},
		{"{from}", "Bj\xc3\xb6rn", "Bj\xc3\xb6rn.ogg"},
		{"{from}", "\xe7\x8e\x8b", "\xe7\x8e\x8b.ogg"},
		{"{from}", "../../etc/passwd", "_._.._etc_passwd.ogg"},
		{"a/{from}/b", "..", "a/__/b.ogg"},
		{"a/{from}/b", ".", "a/_/b.ogg"},
		{"{from}", ".bashrc", "_bashrc.ogg"},
		{"{from}", "-rf", "_rf.ogg"},
		{"{from}", "a/b\\c", "a_b_c.ogg"},
		{"{from}", "a\nb\tc\x7f", "a_b_c_.ogg"},
		{"{from}", "a\xff" "b\xc3", "a_b_.ogg"},
		{"{from}", "$(reboot)`x`", "__reboot__x_.ogg"},
		/* a mark that turns what follows around, one of C1 */
		{"{from}", "a\xe2\x80\xae" "gpj", "a_gpj.ogg"},
		{"{from}", "a\xd8\x9c" "b", "a_b.ogg"},
		{"{from}", "a\xc2\x85" "b", "a_b.ogg"},
		{"{from}", "", "none.ogg"},
		{"{session}", "x", "none.ogg"},
		{"x{call}_{mode}.{direction}", "x", "x7_audio.sip-to-app.ogg"},
		{"%H%M%S", "x", "101502.ogg"},
		{"{from}/x", "a.", "a_/x.ogg"},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(testv); i++) {
		if (strcmp(make(testv[i].tmpl, testv[i].from, 1),
			   testv[i].want))
			fail_msg("%s of %s: %s", testv[i].tmpl,
				 testv[i].from, name);
	}

	assert_string_equal("1001-2.ogg", make("{extension}", "x", 2));
	assert_string_equal("1001-999.ogg", make("{extension}", "x", 999));
}


/* Cut, not refused, and never within a letter */
static void test_long(void **state)
{
	char from[512] = "";
	struct pl pl;
	size_t i;
	(void)state;

	for (i=0; i<100; i++)
		strcat(from, "\xe7\x8e\x8b");

	(void)make("{from}{from}{from}{from}{from}-{id}", from, 1);
	assert_in_range(strlen(name), RECNAME_PART - 20, RECNAME_PART);
	pl_set_str(&pl, name);
	assert_true(text_is_utf8(&pl));
	assert_string_equal(".ogg", name + strlen(name) - 4);

	(void)make("{from}", from, 1);
	assert_int_equal(63 + 4, strlen(name));
}


static void test_small(void **state)
{
	const struct recname f = facts("x");
	size_t size;
	(void)state;

	for (size=1; size<24; size++) {

		char *p = mem_alloc(size, NULL);

		assert_int_equal(size > 14 ? 0 : EOVERFLOW,
				 recname_make(p, size, "%Y/%m/{to}{to}", &f,
					      1, "")
				 ? EOVERFLOW : 0);
		mem_deref(p);
	}
}


static void test_templates(void **state)
{
	static const char *const badv[] = {
		"", "/a", "a/", "a//b", "{x}", "{id", "{", "}", "%", "%q",
		"a/{id}/", "..", "a b", "a\\b", "a\nb", "\xff", "a:b",
		"a/b/c/d/e/f/g/h/i", "{id}{", "%Y/~", "{}",
	};
	static const char *const goodv[] = {
		"{id}", "%Y/%m/%d/{extension}-{from}-{to}-{time}-{id}",
		"a/b/c/d/e/f/g/h", "B\xc3\xbcro/{id}", "{from}_{to}.{id}",
	};
	char why[256];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(badv); i++) {

		why[0] = '\0';

		/* ".." becomes what is none */
		if (!strcmp(badv[i], ".."))
			assert_string_equal("_..ogg", make("..", "x", 1));
		else if (!recname_check(badv[i], why, sizeof(why)) || !why[0])
			fail_msg("'%s' is taken", badv[i]);
	}

	for (i=0; i<ARRAY_SIZE(goodv); i++) {
		if (recname_check(goodv[i], why, sizeof(why)))
			fail_msg("'%s': %s", goodv[i], why);
	}
}


/* A template that is right makes a name, whatever the fields: none is found to
 * be too long when a call has been recorded
 */
static void test_long_templates(void **state)
{
	char field[RECNAME_FIELD * 2], why[256], tmpl[RECNAME_MAX * 2];
	size_t len, n, made = 0, refused = 0;
	(void)state;

	memset(field, 'f', sizeof(field) - 1);
	field[sizeof(field) - 1] = '\0';

	for (len=1; len<=RECNAME_PART; len++) {

		tmpl[0] = '\0';

		for (n=1; n<RECNAME_PARTS; n++) {

			const struct recname f = facts(field);
			const size_t k = strlen(tmpl);

			memset(tmpl + k, 'a', len);
			strcpy(tmpl + k + len, n % 2 ? "/" : "{from}/");

			strcat(tmpl, "{to}");
			if (recname_check(tmpl, why, sizeof(why))) {
				assert_non_null(strstr(why, "too long"));
				++refused;
			}
			else {
				assert_int_equal(0, recname_make(name,
						 sizeof(name), tmpl, &f, 4711,
						 ".ogg.cms"));
				++made;
			}
			tmpl[strlen(tmpl) - 4] = '\0';
		}
	}

	assert_true(made && refused);
}


static void test_user(void **state)
{
	static const struct {
		const char *uri;
		const char *want;
	} testv[] = {
		{"sip:1001@pbx.example", "1001"},
		{"SIPS:1001@pbx.example;x=1", "1001"},
		{"tel:+4930;phone-context=x", "+4930"},
		{"777", "777"},
		{"777-1@chat.example/web", "777-1"},
		{"", ""},
		{NULL, ""},
	};
	char user[16];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(testv); i++) {
		recname_user(user, sizeof(user), testv[i].uri);
		assert_string_equal(testv[i].want, user);
	}

	recname_user(user, sizeof(user), "sip:0123456789012345678@x");
	assert_string_equal("012345678901234", user);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_templates),
		cmocka_unit_test(test_long_templates),
		cmocka_unit_test(test_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
