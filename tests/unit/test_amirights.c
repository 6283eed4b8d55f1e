/**
 * @file test_amirights.c  Whose a channel is, and who may do what
 */
#include "testutil.h"
#include "call/amiext.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/rights.h"
#include "amirights_rig.h"


static void test_owns(void **state)
{
	static const struct {
		const char *user, *answer, *channel;
		bool owns;
	} v[] = {
		{"1000", NULL, "PJSIP/1000-0000000c", true},
		{"1000", NULL, "SIP/1000-0000000c", true},
		{"1000", NULL, "PJSIP/1001-0000000c", false},
		{"1000", NULL, "PJSIP/10001-0000000c", false},
		{"1000", NULL, "PJSIP/100-0000000c", false},
		{"1000", NULL, "PJSIP/1000", false},
		{"1000", NULL, "PJSIP/1000-", false},
		{"1000", NULL, "IAX2/1000-0000000c", false},
		{"1000", NULL, "Local/1000@from-internal-0000000c;1", false},
		{"1000", NULL, "", false},
		{"1000", NULL, NULL, false},
		{"1000", "PJSIP/2001", "PJSIP/2001-00000001", true},
		{"1000", "PJSIP/2001", "SIP/2001-00000001", false},
		{"1000", "PJSIP/2001", "PJSIP/1000-00000001", true},
		{"1000", "DAHDI/4", "DAHDI/4-1", true},
		/* a - in a peer's name */
		{"1000", "PJSIP/desk-1", "PJSIP/desk-1-00000001", true},
		{"1000", "PJSIP/desk", "PJSIP/desk-1-00000001", false},
		{"desk-1", NULL, "PJSIP/desk-1-00000001", true},
		/* a trunk is everybody's */
		{"1000", "PJSIP/+5511@trunk", "PJSIP/trunk-00000001", false},
		{"1000", "PJSIP/+5511@trunk", "PJSIP/+5511@trunk-00000001",
		 false},
		/* other cases are other peers */
		{"Sales", NULL, "PJSIP/sales-00000001", false},
		/* an account whose user has no room, or none */
		{"", NULL, "PJSIP/-00000001", false},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		const struct ami_extension ext = {
			.user = v[i].user, .answer = v[i].answer,
		};

		if (ami_owns(&ext, v[i].channel) != v[i].owns)
			fail_msg("%zu: %s", i, v[i].channel);
	}

	assert_false(ami_owns(NULL, "PJSIP/1000-0000000c"));
}


/* Asterisk finds the technology in any case, and calls the channel as it does;
 * the peer is another one */
static void test_case(void **state)
{
	struct ami_extension ext = sales;
	(void)state;

	ext.answer = "pjsip/Desk";
	assert_true(ami_owns(&ext, "PJSIP/Desk-00000001"));
	assert_false(ami_owns(&ext, "PJSIP/desk-00000001"));
	assert_false(ami_owns(&ext, "PJSIP/Desk2-00000001"));
	assert_false(ami_owns(&ext, "SIP/Desk-00000001"));
	assert_false(ami_owns(&ext, "PJSIPX/Desk-00000001"));
	ext.answer = "no-device";
	assert_false(ami_owns(&ext, "no-device-00000001"));
}


/* Its own, and those that share a call with one of them, are all */
static void test_may(void **state)
{
	struct ami_extension ext = sales;
	const struct ami_channel *own, *other, *foreign, *alone;
	struct ami_table *t;
	(void)state;

	assert_int_equal(ami_table_alloc(&t, change_handler, NULL), 0);
	add(t, "PJSIP/1000-00000001", "1.1", "1.1");
	add(t, "PJSIP/trunk-00000002", "1.2", "1.1");
	add(t, "PJSIP/1001-00000003", "1.3", "1.3");
	add(t, "PJSIP/1002-00000004", "1.4", "");
	own     = ami_table_find(t, "PJSIP/1000-00000001");
	other   = ami_table_find(t, "PJSIP/trunk-00000002");
	foreign = ami_table_find(t, "PJSIP/1001-00000003");
	alone   = ami_table_find(t, "PJSIP/1002-00000004");
	assert_non_null(alone);

	assert_true(ami_may(&ext, AMI_RIGHT_CONTROL, t, own));
	assert_true(ami_may(&ext, AMI_RIGHT_VIEW, t, own));
	assert_true(ami_may(&ext, AMI_RIGHT_CONTROL, t, other));
	assert_false(ami_may(&ext, AMI_RIGHT_VIEW, t, foreign));
	assert_false(ami_may(&ext, AMI_RIGHT_VIEW, t, alone));
	assert_false(ami_may(&ext, AMI_RIGHT_VIEW, t, NULL));
	assert_false(ami_may(NULL, AMI_RIGHT_VIEW, t, own));
	assert_false(ami_may(&ext, AMI_RIGHT_NONE, t, own));

	ext.right = AMI_RIGHT_VIEW;
	assert_true(ami_may(&ext, AMI_RIGHT_VIEW, t, other));
	assert_false(ami_may(&ext, AMI_RIGHT_CONTROL, t, own));

	ext.right = AMI_RIGHT_NONE;
	assert_false(ami_may(&ext, AMI_RIGHT_VIEW, t, own));
	assert_true(ami_concerns(&ext, t, own));

	mem_deref(t);
}


static void test_contexts(void **state)
{
	struct ami_extension ext = sales;
	char buf[16];
	(void)state;

	assert_true(ami_may_context(&ext, "from-internal", "from-internal"));
	assert_false(ami_may_context(&ext, "from-internal", "out"));
	assert_false(ami_may_context(&ext, NULL, "out"));
	assert_false(ami_may_context(&ext, "from-internal", ""));
	assert_false(ami_may_context(&ext, "from-internal", NULL));
	assert_string_equal(ami_context(&ext, "from-internal", buf,
					sizeof(buf)), "from-internal");

	ext.contexts = "out+abroad";
	assert_true(ami_may_context(&ext, "from-internal", "out"));
	assert_true(ami_may_context(&ext, "from-internal", "abroad"));
	assert_false(ami_may_context(&ext, "from-internal", "abroa"));
	assert_false(ami_may_context(&ext, "from-internal", "out+abroad"));
	assert_false(ami_may_context(&ext, "from-internal",
				     "from-internal"));
	assert_string_equal(ami_context(&ext, "from-internal", buf,
					sizeof(buf)), "out");
	assert_string_equal(ami_context(&ext, "abroad", buf, sizeof(buf)),
			    "abroad");
	assert_null(ami_context(&ext, "from-internal", buf, 3));

	ext.right = AMI_RIGHT_VIEW;
	assert_false(ami_may_context(&ext, "from-internal", "out"));
}


static void test_device(void **state)
{
	struct ami_extension ext = sales;
	char buf[24];
	(void)state;

	assert_int_equal(ami_device(&ext, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "PJSIP/1000");

	ext.answer = "SIP/2001@trunk";
	assert_int_equal(ami_device(&ext, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "SIP/2001@trunk");

	assert_string_equal(ami_device_number("PJSIP/2001"), "2001");
	assert_null(ami_device_number("PJSIP/2001@trunk"));
	assert_null(ami_device_number("PJSIP/a b"));
	assert_null(ami_device_number("2001"));
	assert_null(ami_device_number(NULL));

	ext.answer = NULL;
	ext.user   = "a b";
	assert_int_equal(ami_device(&ext, buf, sizeof(buf)), EINVAL);
	ext.user   = "";
	assert_int_equal(ami_device(&ext, buf, sizeof(buf)), EINVAL);
	ext.user   = "0123456789012345678901234567890";
	assert_int_equal(ami_device(&ext, buf, sizeof(buf)), EOVERFLOW);
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_owns),
		cmocka_unit_test(test_case),
		cmocka_unit_test(test_may),
		cmocka_unit_test(test_contexts),
		cmocka_unit_test(test_device),
	};

	return cmocka_run_group_tests(testv, NULL, NULL);
}
