/**
 * @file test_trace.c  Ids that other systems know a call by
 */
#include "testutil.h"
#include "sip/pure/trace.h"


#define ID "0af7651916cd43dd8448eb211c80319c"

static char got[64];


static const char *seen(const char *name, const char *hdr)
{
	struct mbuf *mb = mbuf_alloc(1024);
	struct sip_msg *msg = NULL;

	assert_int_equal(0, mbuf_printf(mb, "INVITE sip:a@b SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n"
		"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\n"
		"CSeq: 1 INVITE\r\n%s\r\nContent-Length: 0\r\n\r\n", hdr));
	mb->pos = 0;
	assert_int_equal(0, sip_msg_decode(&msg, mb));
	mem_deref(mb);

	strcpy(got, "old");
	if (!trace_read(got, sizeof(got), msg, name))
		assert_string_equal("", got);
	mem_deref(msg);

	return got;
}


static void test_w3c(void **state)
{
	static const char *const badv[] = {
		"X: 1",
		"traceparent: ",
		"traceparent: 00-" ID "-b7ad6b7169203331-0",
		"traceparent: 00-" ID "-b7ad6b7169203331-01-x",
		"traceparent: ff-" ID "-b7ad6b7169203331-01",
		"traceparent: 00-00000000000000000000000000000000-"
		"b7ad6b7169203331-01",
		"traceparent: 00-" ID "-0000000000000000-01",
		"traceparent: 00-0AF7651916CD43DD8448EB211C80319C-"
		"b7ad6b7169203331-01",
		"traceparent: 00+" ID "-b7ad6b7169203331-01",
		"traceparent: 01-" ID "-b7ad6b7169203331-01x",
	};
	size_t i;
	(void)state;

	assert_string_equal(ID, seen("traceparent", "traceparent: 00-" ID
				     "-b7ad6b7169203331-01"));
	assert_string_equal(ID, seen("TraceParent", "TRACEPARENT: 01-" ID
				     "-b7ad6b7169203331-01-more"));

	for (i=0; i<ARRAY_SIZE(badv); i++)
		assert_string_equal("", seen("traceparent", badv[i]));
}


static void test_other(void **state)
{
	(void)state;

	assert_string_equal("a/b:1", seen("X-Trace", "x-trace: a/b:1"));
	assert_string_equal("", seen("X-Trace", "X-Trace: a b"));
	assert_string_equal("", seen("X-Trace", "X-Trace: \xc3\xa4"));
	assert_string_equal("", seen(NULL, "X-Trace: a"));

	/* half an id is none */
	assert_string_equal("", seen("X-Trace", "X-Trace: " ID ID));
	assert_int_equal(63, strlen(seen("X-Trace", "X-Trace: " ID
					 "0af7651916cd43dd8448eb211c80319")));
}


static void test_made(void **state)
{
	struct trace_hdr th = {"traceparent", ID};
	char a[40], b[40], str[80], hdr[100];
	(void)state;

	trace_make(a, sizeof(a));
	trace_make(b, sizeof(b));
	assert_int_equal(TRACE_W3C, strlen(a));
	assert_string_not_equal(a, b);

	/* what is sent can be read */
	assert_true(trace_may_print(&th));
	assert_true(re_snprintf(str, sizeof(str), "%H", trace_print, &th) > 0);
	(void)re_snprintf(hdr, sizeof(hdr), "traceparent: %s", str);
	assert_string_equal(ID, seen("traceparent", hdr));

	th.id = "crm-77";
	assert_false(trace_may_print(&th));
	th.name = "X-Trace";
	assert_true(trace_may_print(&th));
	assert_true(re_snprintf(str, sizeof(str), "%H", trace_print, &th) > 0);
	assert_string_equal("crm-77", str);
	th.id = "";
	assert_false(trace_may_print(&th));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_w3c),
		cmocka_unit_test(test_other),
		cmocka_unit_test(test_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
