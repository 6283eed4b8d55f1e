/**
 * @file test_directory.c  Users by their names: requests, answers, what is kept
 */
#include "testutil.h"
#include "cube/lookup.h"
#include "config/userid.h"
#include "call/directory.h"


static void path_is(const char *field, const char *const *namev, size_t n,
		    const char *path)
{
	char *got = NULL;

	assert_int_equal(0, lookup_path(&got, field, namev, &n));
	assert_string_equal(path, got);
	mem_deref(got);
}


static void test_path(void **state)
{
	const char *loginv[] = {"maria", "a&b=c d\xc3\xa9"};
	const char *telv[] = {"+55119", "0800"};
	const char *longv[200];
	char name[256], *path = NULL;
	size_t i, n = 200;
	(void)state;

	path_is("login", loginv, 2, "/users/v2.json?limit=100"
		"&login[in][]=maria&login[in][]=a%26b%3Dc%20d%C3%A9");
	path_is("phone", telv, 2, "/users/v2.json?limit=100"
		"&phone[in][]=%2B55119&phone[in][]=55119"
		"&phone[in][]=0800");

	/* a page has 100 */
	for (i=0; i<ARRAY_SIZE(longv); i++)
		longv[i] = "1";
	assert_int_equal(0, lookup_path(&path, "id", longv, &n));
	assert_int_equal(100, n);
	path = mem_deref(path);

	/* and a path no more than it may */
	memset(name, '\xff', 255);
	name[255] = '\0';
	longv[1] = longv[2] = name;
	n = 3;
	assert_int_equal(0, lookup_path(&path, "external_id", longv, &n));
	assert_int_equal(3, n);
	assert_true(strlen(path) <= LOOKUP_PATH_MAX);
	path = mem_deref(path);
	longv[3] = name;
	n = 4;
	assert_int_equal(0, lookup_path(&path, "external_id", longv, &n));
	assert_int_equal(3, n);
	mem_deref(path);
}


static void found_h(const char *value, const char *id, void *arg)
{
	char *buf = arg;

	re_snprintf(buf + strlen(buf), 128 - strlen(buf), "%s=%s ", value, id);
}


static void decodes(int err, const char *field, const char *json,
		    const char *want)
{
	char buf[128] = "";

	assert_int_equal(err, lookup_decode(json, strlen(json), field,
					    found_h, buf));
	assert_string_equal(want, buf);
}


static void test_decode(void **state)
{
	(void)state;

	decodes(0, "login", "{\"items\":[{\"id\":101,\"login\":\"alice\"},"
		"{\"user\":{\"id\":\"102\",\"login\":\"bob\"}},"
		"{\"id\":103,\"login\":null},{\"id\":\"x@y\",\"login\":\"c\"},"
		"{\"login\":\"d\"},7]}", "alice=101 bob=102 ");
	decodes(0, "external_id", "{\"items\":[{\"id\":1,\"external_id\":42}]}",
		"42=1 ");
	decodes(0, "login", "{\"items\":[]}", "");
	decodes(EBADMSG, "login", "{\"errors\":[]}", "");
	decodes(EBADMSG, "login", "<html>", "");
	decodes(EBADMSG, "login", "", "");
}


static unsigned told;
static char told_ref[64];


static void told_h(const struct directory_state *st, void *arg)
{
	(void)arg;
	++told;
	str_ncpy(told_ref, st->ref, sizeof(told_ref));
}


static size_t batch(struct directory *d, enum userid_kind want)
{
	const char *namev[8];
	enum userid_kind kind = USERID_ID;
	const size_t n = directory_batch(d, &kind, namev, 8);

	if (n)
		assert_int_equal(want, kind);
	directory_asked(d, n);

	return n;
}


static void find(const struct directory *d, const char *ref, int err,
		 const char *id)
{
	const char *got = NULL;

	assert_int_equal(err, directory_find(d, ref, &got));
	if (!err)
		assert_string_equal(id, got);
}


static void test_directory(void **state)
{
	struct directory *d;
	(void)state;

	told = 0;
	assert_int_equal(0, directory_alloc(&d));
	directory_begin(d);
	assert_int_equal(0, directory_add(d, "12345"));
	assert_int_equal(0, directory_add(d, "login:maria"));
	assert_int_equal(0, directory_add(d, "login:nobody"));
	assert_int_equal(0, directory_add(d, "tel:+55119"));
	assert_int_equal(0, directory_add(d, "login:maria"));
	assert_int_equal(EBADMSG, directory_add(d, "maria"));
	directory_end(d);

	find(d, "12345", 0, "12345");
	find(d, "login:maria", EAGAIN, NULL);
	find(d, "login:other", EAGAIN, NULL);

	/* kind by kind; one that fails is asked for again */
	assert_int_equal(2, batch(d, USERID_LOGIN));
	directory_failed(d);
	find(d, "login:maria", EAGAIN, NULL);
	assert_int_equal(2, batch(d, USERID_LOGIN));
	directory_found(d, "maria", "101");
	directory_found(d, "12345", "9");
	directory_answered(d, told_h, NULL);
	assert_int_equal(2, told);
	assert_string_equal("login:nobody", told_ref);
	find(d, "login:maria", 0, "101");
	find(d, "login:nobody", ENOENT, NULL);

	assert_int_equal(1, batch(d, USERID_TEL));
	directory_found(d, "55 119", "102");
	directory_answered(d, told_h, NULL);
	find(d, "tel:+55119", 0, "102");
	assert_int_equal(0, batch(d, USERID_TEL));

	/* a refresh that fails takes nothing away, one that does not tells
	   what is new alone */
	told = 0;
	directory_due_all(d, false);
	assert_int_equal(2, batch(d, USERID_LOGIN));
	directory_failed(d);
	find(d, "login:maria", 0, "101");
	assert_int_equal(2, batch(d, USERID_LOGIN));
	directory_found(d, "maria", "101");
	directory_answered(d, told_h, NULL);
	assert_int_equal(0, told);
	assert_int_equal(1, batch(d, USERID_TEL));
	directory_answered(d, told_h, NULL);
	assert_int_equal(1, told);
	find(d, "tel:+55119", ENOENT, NULL);

	/* the miss alone; numbers when somebody wants to know */
	directory_due(d, "login:nobody");
	assert_int_equal(1, batch(d, USERID_LOGIN));
	directory_found(d, "nobody", "103");
	directory_answered(d, NULL, NULL);
	find(d, "login:nobody", 0, "103");
	directory_due_all(d, true);
	assert_int_equal(1, batch(d, USERID_ID));
	directory_answered(d, NULL, NULL);
	find(d, "12345", 0, "12345");

	/* the users file was read again */
	directory_begin(d);
	assert_int_equal(0, directory_add(d, "login:nobody"));
	directory_end(d);
	find(d, "login:maria", EAGAIN, NULL);
	find(d, "login:nobody", 0, "103");
	mem_deref(d);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_directory),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
