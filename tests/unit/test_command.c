/**
 * @file test_command.c  Orders by name: parameters, answers, errors
 */
#include "testutil.h"
#include "call/command.h"
#include "call/jsonadd.h"
#include "base/log.h"


static char why[COMMAND_WHY];
static struct mbuf *mb;
static unsigned logged;
static bool leaked;             /* a key was logged */


static void log_handler(const struct clog_line *line, void *arg)
{
	(void)arg;
	++logged;
	leaked |= strstr(line->msg, "4711") != NULL;
}


/* Says what it was given */
static int echo_handler(struct command_req *req, void *arg)
{
	const char *str = command_str(req, "str");
	uint32_t n = 0;
	bool b = false;
	int err = 0;

	if (arg)
		return command_refuse(req, *(int *)arg, "because of %d",
				      *(int *)arg);

	err = json_add_str(err, req->result, "str", str);
	if (command_u32(req, "n", &n))
		err = json_add_int(err, req->result, "n", n);
	if (command_bool(req, "b", &b))
		err = json_add_bool(err, req->result, "b", b);

	return err;
}


static int setup(void **state)
{
	(void)state;

	mb = mbuf_alloc(64);
	logged = 0;
	leaked = false;
	clog_set_handler(log_handler, NULL);

	return mb ? 0 : -1;
}


static int teardown(void **state)
{
	(void)state;

	clog_set_handler(NULL, NULL);
	mb = mem_deref(mb);

	return 0;
}


static const char *run(int want, const char *name, const char *params)
{
	static char text[512];

	mbuf_rewind(mb);
	assert_int_equal(want, command_run(mb, why, sizeof(why), name,
					   params));
	(void)re_snprintf(text, sizeof(text), "%b", mb->buf, mb->end);
	assert_int_equal(!want, !why[0]);

	return text;
}


static void test_answers(void **state)
{
	static const struct command v[] = {
		{"echo", echo_handler, NULL, false},
		{"ask",  echo_handler, NULL, true},
	};
	struct command_set *set = NULL, *more = NULL;
	(void)state;

	run(ENOSYS, "echo", NULL);
	assert_int_equal(0, command_register(&set, v, ARRAY_SIZE(v)));
	assert_int_equal(EALREADY, command_register(&more, &v[1], 1));

	assert_string_equal("{\"str\":null}", run(0, "echo", NULL));
	assert_string_equal("{\"str\":\"a\\\"\xc3\xa4\",\"n\":7,\"b\":true}",
			    run(0, "echo", "{\"str\":\"a\\\"\xc3\xa4\","
				"\"n\":7,\"b\":true,\"o\":{\"p\":[1]}}"));

	/* what is of another kind is not there */
	assert_string_equal("{\"str\":null}",
			    run(0, "echo", "{\"str\":1,\"n\":\"7\",\"b\":1}"));
	assert_string_equal("{\"str\":null}",
			    run(0, "echo", "{\"n\":-1,\"str\":\"\"}"));
	assert_string_equal("{\"str\":null}",
			    run(0, "echo", "{\"n\":4294967296}"));

	run(EINVAL, "echo", "7");
	run(EINVAL, "echo", "[]");
	run(EINVAL, "echo", "{\"a\":");
	run(EINVAL, "echo", "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":"
	    "{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}}");

	/* which is logged, but no parameter is; who asks is not */
	logged = 0;
	run(0, "echo", "{\"keys\":\"4711\"}");
	assert_int_equal(1, logged);
	assert_false(leaked);
	run(0, "ask", NULL);
	assert_int_equal(1, logged);

	mem_deref(set);
	run(ENOSYS, "echo", NULL);
}


static void test_refused(void **state)
{
	static const struct { int err; const char *word; } errv[] = {
		{EINVAL, "invalid"}, {ENOENT, "not_found"}, {EBUSY, "busy"},
		{EPERM, "forbidden"}, {ENOTSUP, "unsupported"},
		{ENOMEM, "failed"}, {ENOSYS, "unknown"},
	};
	int err = 0;
	const struct command v[] = {{"no", echo_handler, &err, false}};
	struct command_set *set = NULL;
	size_t i;
	(void)state;

	assert_int_equal(0, command_register(&set, v, 1));
	for (i=0; i<ARRAY_SIZE(errv); i++) {
		err = errv[i].err;
		assert_string_equal("", run(err, "no", "{}"));
		assert_non_null(strstr(why, "because of "));
		assert_string_equal(errv[i].word, command_word(err));
	}
	assert_string_equal("ok", command_word(0));
	mem_deref(set);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
