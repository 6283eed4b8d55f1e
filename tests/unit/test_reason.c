/**
 * @file test_reason.c  Why calls end, in one word
 */
#include "testutil.h"
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/leg.h"


static void test_names(void **state)
{
	unsigned i, j;
	(void)state;

	assert_null(end_reason_name(END_UNSET));
	assert_null(end_reason_name(END_REASONS));
	assert_null(end_reason_name(-1));
	assert_int_equal(0, end_reason_scode(END_REASONS));

	/* each has one, and its own */
	for (i=END_UNSET+1; i<END_REASONS; i++) {

		assert_non_null(end_reason_name(i));

		for (j=END_UNSET+1; j<i; j++)
			assert_string_not_equal(end_reason_name(i),
						end_reason_name(j));
	}
}


static void test_scode(void **state)
{
	static const struct {
		uint16_t scode;
		enum end_reason reason;
	} v[] = {
		{0, END_NORMAL}, {200, END_NORMAL}, {302, END_FORWARDED},
		{401, END_FORBIDDEN}, {403, END_FORBIDDEN},
		{404, END_NOT_FOUND}, {484, END_NOT_FOUND},
		{408, END_NO_ANSWER}, {480, END_NO_ANSWER},
		{486, END_BUSY}, {600, END_BUSY}, {487, END_CANCELED},
		{488, END_NO_CODEC}, {606, END_NO_CODEC},
		{603, END_REJECTED}, {608, END_REJECTED},
		{482, END_FAILED}, {491, END_FAILED}, {699, END_FAILED},
		{500, END_UPSTREAM}, {503, END_UPSTREAM},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++)
		assert_int_equal(v[i].reason,
				 end_reason_by_scode(v[i].scode));
}


static void test_find(void **state)
{
	static const struct {
		struct leg_cause cause;
		bool answered;
		bool caller;
		enum end_reason reason;
	} v[] = {
		/* BYE, CANCEL, an app's hang-up: by whom, and when */
		{{.normal = true}, true, false, END_NORMAL},
		{{.normal = true, .scode = 480}, true, true, END_NORMAL},
		{{.normal = true, .scode = 480}, false, true, END_CANCELED},
		{{.scode = 487}, false, true, END_CANCELED},
		{{.scode = 0}, false, true, END_CANCELED},
		{{.normal = true}, false, false, END_REJECTED},

		{{.scode = 486}, false, false, END_BUSY},
		{{.scode = 480}, false, false, END_NO_ANSWER},
		{{.scode = 503}, false, false, END_UPSTREAM},
		{{.scode = 486}, true, false, END_FAILED},
		{{.scode = 408}, true, false, END_GONE},
		{{.scode = 481}, true, true, END_GONE},
		{{.scode = 503}, true, false, END_UPSTREAM},

		/* what is known better */
		{{.scode = 480, .elsewhere = true}, false, false,
		 END_ELSEWHERE},
		{{.scode = 480, .end = END_SILENCE}, true, false,
		 END_SILENCE},
		{{.normal = true, .end = END_TRANSFERRED}, true, false,
		 END_TRANSFERRED},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++)
		assert_int_equal(v[i].reason,
				 end_reason_find(&v[i].cause, v[i].answered,
						 v[i].caller));
}


static void test_text(void **state)
{
	static const struct {
		struct leg_cause cause;
		bool answered;
		const char *text;
	} v[] = {
		{{.reason = "Connection reset by peer"}, true, "hung up"},
		{{.reason = "Connection reset by peer [104]"}, false,
		 "given up"},
		{{.reason = "Connection reset by peer", .elsewhere = true},
		 false, "given up, answered elsewhere"},
		{{.reason = "Connection timed out"}, true,
		 "Connection timed out"},
		{{.scode = 486, .reason = "486 Busy Here"}, false,
		 "486 Busy Here"},
		{{.scode = 488, .reason = "no media in common"}, false,
		 "488 no media in common"},
		{{.scode = 500}, false, "500 "},
		{{.scode = 0}, false, ""},
	};
	char buf[160];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		end_sip_text(buf, sizeof(buf), &v[i].cause, v[i].answered);
		assert_string_equal(buf, v[i].text);
	}
}


static void assert_cause(uint16_t scode, const char *reason, bool answered,
			 uint16_t wanted, bool ours)
{
	struct leg_cause cause = {.scode = scode, .reason = reason};

	end_sip_cause(&cause, answered, false);
	assert_int_equal(cause.scode, wanted);
	assert_int_equal(cause.ours, ours);
	assert_int_equal(cause.end, END_UNSET);
}


static void test_sip_cause(void **state)
{
	struct leg_cause cause = {.scode = 500, .reason = "no port"};
	(void)state;

	assert_cause(486, "486 Busy Here", false, 486, false);
	assert_cause(0, "Connection reset by peer", false, 0, false);
	assert_cause(0, "", true, 0, false);
	assert_cause(0, NULL, true, 0, false);

	/* nobody has answered, which is no hanging up */
	assert_cause(0, "Connection timed out", false, 408, true);
	assert_cause(0, "Connection timed out [110]", false, 408, true);
	assert_cause(0, "Connection refused", false, 503, true);
	assert_cause(0, "No route to host", false, 503, true);

	/* a server says that nobody does; the phone, that it knows nothing */
	assert_cause(408, "408 Request Timeout", false, 408, false);
	assert_cause(408, "the phone has not refreshed it", true, 408, true);
	assert_cause(481, "481 Unknown", true, 481, false);

	end_sip_cause(&cause, false, true);
	assert_true(cause.ours);
	assert_int_equal(cause.scode, 500);
	assert_int_equal(cause.end, END_INTERNAL);
}


static void test_errno(void **state)
{
	(void)state;

	assert_int_equal(end_reason_by_errno(ENOMEM), END_INTERNAL);
	assert_int_equal(end_reason_by_errno(EADDRNOTAVAIL), END_CONGESTION);
	assert_int_equal(end_reason_by_errno(EMFILE), END_CONGESTION);
	assert_int_equal(end_reason_by_errno(ENFILE), END_CONGESTION);
	assert_int_equal(end_reason_by_errno(ECONNREFUSED), END_UNSET);
	assert_int_equal(end_reason_by_errno(0), END_UNSET);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_scode),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_sip_cause),
		cmocka_unit_test(test_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
