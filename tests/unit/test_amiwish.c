/**
 * @file test_amiwish.c  What an app wants of an Asterisk
 */
#include "testutil.h"
#include "call/amiext.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/rights.h"
#include "connectycube_ami/wish.h"
#include "amirights_rig.h"

#define OWN "PJSIP/1000-00000001"
#define CALL "0b6d0b9c-7c39-4c1c-8d4f-0d9a2b1b9a11"
#define FOREIGN "PJSIP/1001-00000002"
#define X7  "xxxxxxx"
#define X63 X7 X7 X7 X7 X7 X7 X7 X7 X7


/* NAME=VALUE, one after another, to an empty one */
static const char *value_handler(const char *name, void *arg)
{
	const char *const *v = arg;
	const size_t len = strlen(name);

	for (; *v; v++) {
		if (!strncmp(*v, name, len) && (*v)[len] == '=')
			return *v + len + 1;
	}

	return NULL;
}


static void test_read(void **state)
{
	static const struct {
		const char *action;
		const char *v[6];
		int err;
	} v[] = {
		{"ami_channels", {NULL}, 0},
		{"ami_fly", {NULL}, ENOENT},
		{"ami_", {NULL}, ENOENT},
		{"ami_hangup", {"channel=" OWN}, 0},
		{"ami_hangup", {"channel=" OWN, "cause=21"}, 0},
		{"ami_hangup", {"channel=" OWN, "cause=128"}, EINVAL},
		{"ami_hangup", {"channel=" OWN, "cause=x"}, EINVAL},
		{"ami_hangup", {NULL}, EINVAL},
		{"ami_hangup", {"channel="}, EINVAL},
		{"ami_hangup", {"channel=/^PJSIP/"}, EINVAL},
		{"ami_hangup", {"channel=" OWN "\r\nX: y"}, EINVAL},
		{"ami_transfer", {"channel=" OWN}, EINVAL},
		{"ami_transfer", {"channel=" OWN, "number=1"}, 0},
		{"ami_transfer", {"channel=" OWN, "number=1",
			"context=a,b"}, EINVAL},
		{"ami_transfer", {"channel=" OWN, "number=1",
			"other=" FOREIGN}, EINVAL},
		{"ami_transfer", {"channel=" OWN, "number=1",
			"other_number=1"}, EINVAL},
		{"ami_transfer", {"channel=" OWN, "number=1",
			"other=" FOREIGN, "other_number=2"}, 0},
		{"ami_transfer", {"channel=" OWN, "number=1",
			"other=" OWN, "other_number=2"}, EINVAL},
		{"ami_originate", {NULL}, EINVAL},
		{"ami_originate", {"number=+5511*#"}, 0},
		{"ami_originate", {"number=1,2"}, EINVAL},
		{"ami_originate", {"number=${EXTEN}"}, EINVAL},
		{"ami_originate", {"number=1\nAction: Command"}, EINVAL},
		{"ami_originate", {"number=01234567890123456789012345678901"
			"234567890123456789012345678901234567890123456789"},
		 EINVAL},
		{"ami_bridge", {"channel=" OWN}, EINVAL},
		{"ami_bridge", {"channel=" OWN, "other=" FOREIGN}, 0},
		{"ami_answer", {"call=" CALL}, 0},
		{"ami_answer", {"call=" CALL, "answer=1005"}, 0},
		{"ami_answer", {"answer=1005"}, EINVAL},
		{"ami_answer", {"call="}, EINVAL},
		{"ami_answer", {"call=" CALL CALL}, EINVAL},
		{"ami_answer", {"call=" CALL "\n"}, EINVAL},
		{"ami_answer", {"call=" CALL, "answer=1,2"}, EINVAL},
		{"ami_answer", {"call=" CALL, "answer=1\nX: y"}, EINVAL},
		{"ami_reject", {"call=" CALL, "busy=true"}, 0},
		{"ami_reject", {NULL}, EINVAL},
		{"ami_bridge", {"channel=" OWN,
			"other=pjsip/1000-00000001"}, EINVAL},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		const char *reason = NULL;
		struct ami_wish w;
		const int err = ami_wish_read(&w, v[i].action, value_handler,
					      (void *)v[i].v, &reason);

		if (err != v[i].err || !err != !reason)
			fail_msg("%zu: %d, %s", i, err,
				 reason ? reason : "-");
	}
}


static int check(const struct ami_extension *ext, const struct ami_table *t,
		 const char *action, const char *const *v,
		 struct ami_wish *w)
{
	const char *reason = NULL;
	int err;

	assert_int_equal(0, ami_wish_read(w, action, value_handler,
					  (void *)v, &reason));
	err = ami_wish_check(w, ext, t, "from-internal", &reason);
	assert_int_equal(!err, !reason);
	if (err == ENOENT)
		assert_string_equal(reason, "no such channel");

	return err;
}


static void test_check(void **state)
{
	static const char *const own[] = {"channel=" OWN, "number=1", NULL};
	static const char *const foreign[] = {"channel=" FOREIGN, "number=1",
		NULL};
	static const char *const none[] = {"channel=PJSIP/1000-0000000f",
		"number=1", NULL};
	static const char *const other[] = {"channel=" OWN, "number=1",
		"other=" FOREIGN, "other_number=1", NULL};
	static const char *const away[] = {"channel=" OWN, "number=1",
		"context=out", NULL};
	static const char *const waiting[] = {"call=" CALL, NULL};
	static const char *const named[] = {"call=" CALL, "answer=1005", NULL};
	struct ami_extension ext = sales;
	struct ami_table *t;
	struct ami_wish w;
	(void)state;

	assert_int_equal(0, ami_table_alloc(&t, change_handler, NULL));
	add(t, OWN, "1.1", "1.1");
	add(t, FOREIGN, "1.2", "1.2");

	assert_int_equal(0, check(&ext, t, "ami_channels", own, &w));
	assert_int_equal(0, check(&ext, t, "ami_transfer", own, &w));
	assert_string_equal(w.context, "from-internal");
	assert_int_equal(ENOENT, check(&ext, t, "ami_hangup", foreign, &w));
	assert_int_equal(ENOENT, check(&ext, t, "ami_hangup", none, &w));
	assert_int_equal(ENOENT, check(&ext, t, "ami_transfer", other, &w));
	assert_int_equal(ENOENT, check(&ext, t, "ami_bridge", other, &w));
	assert_int_equal(EPERM, check(&ext, t, "ami_transfer", away, &w));

	ext.contexts = "out+abroad";
	assert_int_equal(0, check(&ext, t, "ami_transfer", away, &w));
	assert_int_equal(0, check(&ext, t, "ami_originate", own, &w));
	assert_string_equal(w.context, "out");

	ext.right = AMI_RIGHT_VIEW;
	assert_int_equal(0, check(&ext, t, "ami_channels", own, &w));
	assert_int_equal(EPERM, check(&ext, t, "ami_hangup", own, &w));
	assert_int_equal(EPERM, check(&ext, t, "ami_hangup", foreign, &w));
	assert_int_equal(EPERM, check(&ext, t, "ami_originate", own, &w));

	assert_int_equal(EPERM, check(&ext, t, "ami_answer", named, &w));

	ext.right = AMI_RIGHT_NONE;
	assert_int_equal(EPERM, check(&ext, t, "ami_channels", own, &w));

	/* who is rung may say whether he comes, but not where */
	assert_int_equal(0, check(&ext, t, "ami_answer", waiting, &w));
	assert_int_equal(0, check(&ext, t, "ami_reject", waiting, &w));
	assert_int_equal(EPERM, check(&ext, t, "ami_answer", named, &w));
	ext.right = AMI_RIGHT_CONTROL;
	assert_int_equal(0, check(&ext, t, "ami_answer", named, &w));
	assert_string_equal(w.answer, "1005");

	mem_deref(t);
}


static void test_parties(void **state)
{
	static const struct {
		const char *user, *answer, *name;
		const char *device, *number, *shown;
		int err;
	} v[] = {
		{"1000", NULL, "Sales", "PJSIP/1000", "1000", "Sales", 0},
		{"1000", "SIP/2001", "", "SIP/2001", "2001", "", 0},
		{"1000", "PJSIP/+5511@trunk", "A,\"b\" <c>",
		 "PJSIP/+5511@trunk", "1000", "A  b   c ", 0},
		{"1000", NULL, "Jos\303\251\177", "PJSIP/1000", "1000",
		 "Jos\303\251 ", 0},
		/* there is room for 127 bytes, not for half a character */
		{"1000", NULL, X63 X63 "\303\251", "PJSIP/1000", "1000",
		 X63 X63, 0},
		{"a b", NULL, "", NULL, NULL, NULL, EINVAL},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		const struct ami_extension ext = {
			.user = v[i].user, .answer = v[i].answer,
			.name = v[i].name,
		};
		struct ami_parties p;

		assert_int_equal(v[i].err, ami_wish_parties(&p, &ext));
		if (v[i].err)
			continue;

		assert_string_equal(v[i].device, p.device);
		assert_string_equal(v[i].number, p.number);
		assert_string_equal(v[i].shown, p.name);
	}

	assert_string_equal(ami_wish_failed(5, 16), "busy");
	assert_string_equal(ami_wish_failed(0, 17), "busy");
	assert_string_equal(ami_wish_failed(0, 0), "not reached");
	assert_string_equal(ami_wish_failed(3, 16), "no answer");
	assert_string_equal(ami_wish_failed(1, 16), "rejected");
	assert_string_equal(ami_wish_failed(99, 0), "it failed");
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_parties),
	};

	return cmocka_run_group_tests(testv, NULL, NULL);
}
