/**
 * @file test_push.c  Push notifications: what is in them
 */
#include "push_rig.h"


static void test_encode(void **state)
{
	const struct cube_info infov[] = {{"name", "Jo \"J\" & Co"},
					  {"number", "1001"},
					  {"department", NULL}};
	struct push p = {
		.user = "102", .sid = "1328237b-a73c-4454-9431-e93db80207d8",
		.type = CUBE_CALL_AUDIO, .caller = "200",
		.name = "Jo \"J\" & Co", .infov = infov, .infoc = 3,
		.now = 1795367329123,
	};
	char msg[4096], user[16], *body = NULL;
	(void)state;

	assert_int_equal(0, push_encode(&body, &p));
	message(msg, sizeof(msg), body, "development", user, sizeof(user));
	assert_string_equal("102", user);
	assert_string_equal(msg, "{\"message\":\"Incoming call from Jo \\\"J\\\" & Co\","
		    "\"session_id\":\"1328237b-a73c-4454-9431-e93db80207d8\","
		    "\"call_type\":2,\"caller_id\":200,"
		    "\"caller_name\":\"Jo \\\"J\\\" & Co\","
		    "\"call_opponents\":\"102\",\"signal_type\":\"startCall\","
		    "\"user_info\":\"{\\\"name\\\":\\\"Jo \\\\\\\"J\\\\\\\" & Co"
		    "\\\",\\\"number\\\":\\\"1001\\\"}\",\"ios_voip\":1,"
		    "\"expiration\":0,\"ios_push_type\":\"voip\","
		    "\"handle\":\"Jo \\\"J\\\" & Co\",\"initiatorId\":200,"
		    "\"opponentsIds\":\"102\","
		    "\"uuid\":\"1328237b-a73c-4454-9431-e93db80207d8\","
		    "\"callType\":\"audio\",\"VOIPCall\":\"1\","
		    "\"sessionID\":\"1328237b-a73c-4454-9431-e93db80207d8\","
		    "\"opponentsIDs\":\"200,102\","
		    "\"contactIdentifier\":\"Jo \\\"J\\\" & Co\","
		    "\"conferenceType\":\"2\","
		    "\"timestamp\":\"1795367329123\"}");
	mem_deref(body);

	/* nothing in it that another SDK would ring for again */
	p.end = p.production = true;
	p.type = CUBE_CALL_VIDEO;
	p.infoc = 0;
	assert_int_equal(0, push_encode(&body, &p));
	message(msg, sizeof(msg), body, "production", user, sizeof(user));
	assert_string_equal(msg, "{\"message\":\"Call ended\","
		    "\"session_id\":\"1328237b-a73c-4454-9431-e93db80207d8\","
		    "\"call_type\":1,\"caller_id\":200,"
		    "\"caller_name\":\"Jo \\\"J\\\" & Co\","
		    "\"call_opponents\":\"102\",\"signal_type\":\"endCall\","
		    "\"user_info\":\"{}\",\"ios_voip\":1,\"expiration\":0,"
		    "\"ios_push_type\":\"voip\"}");
	mem_deref(body);

	/* a phone's name may be anything */
	p.name = "\xff\xfe";
	assert_int_equal(0, push_encode(&body, &p));
	mem_deref(body);
	p.sid = NULL;
	assert_int_equal(EINVAL, push_encode(&body, &p));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encode),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
