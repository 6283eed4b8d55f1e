/**
 * @file test_redirect.c  Where a call is sent on to
 */
#include "testutil.h"
#include <re.h>
#include "sip/pure/redirect.h"


static struct redirect *r;
static struct redirect_rules rules;
static bool any;


/* `any`, or PBX and the address that test_what_is_taken() has */
static bool may_handler(const struct pl *host, void *arg)
{
	return *(bool *)arg || !pl_strcasecmp(host, "pbx.example") ||
		!pl_strcasecmp(host, "2001:db8::1");
}


static int setup(void **state)
{
	(void)state;

	memset(&rules, 0, sizeof(rules));
	rules.follow = true;
	rules.max    = 3;
	rules.port   = 5070;
	rules.mayh   = may_handler;
	rules.arg    = &any;
	any          = false;
	pl_set_str(&rules.domain, "pbx.example");

	return redirect_alloc(&r, "sip:100@pbx.example:5070");
}


static int teardown(void **state)
{
	(void)state;

	r = mem_deref(r);

	return 0;
}


/* Contacts of a 3xx, each a line of its own */
static int moved(uint16_t scode, const char *contacts)
{
	struct mbuf *mb = mbuf_alloc(1024);
	struct sip_msg *msg;
	int err;

	assert_non_null(mb);
	(void)mbuf_printf(mb, "SIP/2.0 %u Moved\r\n%s"
			  "Content-Length: 0\r\n\r\n", scode, contacts);
	mb->pos = 0;
	assert_int_equal(0, sip_msg_decode(&msg, mb));
	err = redirect_add(r, msg, &rules);
	mem_deref(msg);
	mem_deref(mb);

	return err;
}


static void assert_next(const char *uri)
{
	const char *next = redirect_next(r);

	if (uri)
		assert_string_equal(next, uri);
	else
		assert_null(next);
}


static void test_order(void **state)
{
	(void)state;

	assert_int_equal(0, moved(302,
		"Contact: <sip:1@pbx.example>;q=0.2, <sip:2@pbx.example>\r\n"
		"Contact: sip:3@PBX.example;q=0.9\r\n"));
	assert_string_equal(redirect_target(r), "sip:100@pbx.example:5070");
	assert_next("sip:2@pbx.example");
	assert_string_equal(redirect_target(r), "sip:2@pbx.example");
	assert_next("sip:3@PBX.example");
	assert_next("sip:1@pbx.example");
	assert_next(NULL);
}


static void test_bounded(void **state)
{
	char line[64];
	unsigned i;
	(void)state;

	for (i=1; i<=3; i++) {
		(void)re_snprintf(line, sizeof(line),
				  "m: <sip:%u@pbx.example>\r\n", i);
		assert_int_equal(0, moved(301, line));
		assert_non_null(redirect_next(r));
	}

	assert_int_equal(E2BIG, moved(302, "Contact: <sip:9@pbx.example>\r\n"));
	assert_next(NULL);
}


static void test_more_than_may_be_tried(void **state)
{
	(void)state;

	rules.max = 1;
	assert_int_equal(0, moved(300, "Contact: <sip:1@pbx.example>\r\n"
				  "Contact: <sip:2@pbx.example>\r\n"));
	assert_next("sip:1@pbx.example");
	assert_next(NULL);
}


static void test_circles(void **state)
{
	(void)state;

	assert_int_equal(EALREADY, moved(302,
		"Contact: <sip:100@PBX.EXAMPLE:5070;transport=tcp>\r\n"));
	assert_int_equal(0, moved(302, "Contact: <sip:1@pbx.example:5060>\r\n"));
	assert_next("sip:1@pbx.example:5060");
	assert_int_equal(EALREADY, moved(302,
		"Contact: <sip:1@pbx.example>\r\n"
		"Contact: <sip:100@pbx.example:5070>\r\n"));
	assert_next(NULL);
}


static void test_not_followed(void **state)
{
	static const struct {
		int err;
		uint16_t scode;
		const char *contact;
	} v[] = {
		{ENOTSUP, 305, "Contact: <sip:1@pbx.example>\r\n"},
		{ENOTSUP, 380, "Contact: <sip:1@pbx.example>\r\n"},
		{ENOTSUP, 299, "Contact: <sip:1@pbx.example>\r\n"},
		{ENOENT,  302, ""},
		{EACCES,  302, "Contact: <sip:1@evil.example>\r\n"},
		{EACCES,  302, "Contact: <sip:1@pbx.example.evil>\r\n"},
		{EPROTONOSUPPORT, 302, "Contact: <mailto:1@pbx.example>\r\n"},
		{EPROTONOSUPPORT, 302, "Contact: <http:1@pbx.example>\r\n"},
		{EBADMSG, 302, "Contact: <sip:1 2@pbx.example>\r\n"},
		{EBADMSG, 302, "Contact: <tel:12x>\r\n"},
		{EBADMSG, 302, "Contact: <tel:->\r\n"},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		assert_int_equal(v[i].err, moved(v[i].scode, v[i].contact));
		assert_next(NULL);
	}

	rules.follow = false;
	assert_int_equal(ENOTSUP, moved(302, "Contact: <sip:1@pbx.example>\r\n"));
}


static void test_what_is_taken(void **state)
{
	static const struct {
		const char *contact;
		const char *uri;
		bool secure;
	} v[] = {
		{"<sip:1@pbx.example;method=BYE;user=phone?Route=%3Csip:x%3E>",
		 "sip:1@pbx.example;user=phone", false},
		{"<sip:1@pbx.example;maddr=192.0.2.1;transport=tcp;lr>",
		 "sip:1@pbx.example;transport=tcp", false},
		{"<sip:1@pbx.example;transport=udp>", "sip:1@pbx.example",
		 true},
		{"<sip:1:secret@pbx.example>", "sip:1@pbx.example", false},
		{"<sips:1@pbx.example>", "sip:1@pbx.example;transport=tls",
		 false},
		{"<sips:1@pbx.example:5061>", "sip:1@pbx.example:5061", true},
		{"<sip:1@[2001:db8::1]:5062>", "sip:1@[2001:db8::1]:5062",
		 false},
		{"<tel:+55-11-(22)22#;phone-context=x>",
		 "sip:+55112222%23@pbx.example:5070", false},
		{"<sip:%2311@pbx.example>", "sip:%2311@pbx.example", false},
		{"<sip:1@pbx.example;gr=urn:uuid:f81d-4fae;line=a%20b;x>",
		 "sip:1@pbx.example;gr=urn:uuid:f81d-4fae;line=a%20b;x",
		 false},
		{"<sips:1@pbx.example;line=7;transport=tcp>",
		 "sip:1@pbx.example;transport=tls;line=7", false},
		{"<sip:1@pbx.example;TTL=1;MAddr=192.0.2.1;line=7>",
		 "sip:1@pbx.example;line=7", true},
		{"<sip:1@pbx.example>;line=7;q=0.5", "sip:1@pbx.example",
		 false},
		{"<sip:100@pbx.example;line=7>", "sip:100@pbx.example;line=7",
		 false},
	};
	size_t i;
	(void)state;

	rules.max = REDIRECT_MAX;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		char line[128];

		mem_deref(r);
		assert_int_equal(0, redirect_alloc(&r, "sip:100@pbx.example"));
		rules.secure = v[i].secure;
		(void)re_snprintf(line, sizeof(line), "Contact: %s\r\n",
				  v[i].contact);
		assert_int_equal(0, moved(302, line));
		assert_next(v[i].uri);
	}
}


static void test_anywhere(void **state)
{
	(void)state;

	any = true;
	assert_int_equal(0, moved(302, "Contact: <sip:1@other.example>\r\n"));
	assert_next("sip:1@other.example");

	/* libre takes it for the host ":" */
	assert_int_equal(EBADMSG, moved(302, "Contact: <sip:1@[:]>\r\n"));
	assert_int_equal(EBADMSG, moved(302,
		"Contact: <sips:1&1'[:]+:rt=x>\r\n"));
	assert_next(NULL);
}


static void test_what_is_told(void **state)
{
	char buf[256];
	(void)state;

	assert_int_equal(0, moved(302, "Contact: <sip:1@pbx.example>\r\n"));
	assert_next("sip:1@pbx.example");

	(void)re_snprintf(buf, sizeof(buf), "%H", redirect_print_diversion, r);
	assert_string_equal(buf, "<sip:100@pbx.example:5070>;reason=unknown"
			    ";counter=1");

	assert_int_equal(0, moved(301, "Contact: <sip:2@pbx.example>\r\n"));
	assert_next("sip:2@pbx.example");

	(void)re_snprintf(buf, sizeof(buf), "%H", redirect_print_history, r);
	assert_string_equal(buf,
		"<sip:100@pbx.example:5070?Reason=SIP%3Bcause%3D302>;index=1,"
		" <sip:1@pbx.example?Reason=SIP%3Bcause%3D301>;index=1.1;mp=1,"
		" <sip:2@pbx.example>;index=1.1.1;mp=1.1");
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_more_than_may_be_tried,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_circles, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_followed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_what_is_taken, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_anywhere, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_what_is_told, setup,
						teardown),
	};

	return cmocka_run_group_tests(testv, NULL, NULL);
}
