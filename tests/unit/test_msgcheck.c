/**
 * @file test_msgcheck.c  Which SIP requests are well-formed
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <re.h>
#include "sip/pure/msgcheck.h"
#include "sip/pure/reason.h"


#define BASE "From: <sip:a@b>;tag=1\r\n" \
	"To: <sip:c@d>\r\n" \
	"Call-ID: x\r\n" \
	"Via: SIP/2.0/UDP b;branch=z9hG4bKx\r\n" \
	"Contact: <sip:a@b>\r\n"

#define INVITE "INVITE sip:c@d SIP/2.0\r\n" BASE


static struct sip_msg *decode(const char *str)
{
	struct mbuf *mb = mbuf_alloc(1024);
	struct sip_msg *msg;

	assert_non_null(mb);
	assert_int_equal(0, mbuf_write_str(mb, str));
	mb->pos = 0;
	assert_int_equal(0, sip_msg_decode(&msg, mb));
	mem_deref(mb);

	return msg;
}


static void check(const char *str, const char *fault)
{
	struct sip_msg *msg = decode(str);
	const char *f = msgcheck_fault(msg);

	if (fault) {
		assert_non_null(f);
		assert_string_equal(f, fault);
	}
	else {
		assert_null(f);
	}

	mem_deref(msg);
}


static void test_good(void **state)
{
	(void)state;

	check(INVITE "CSeq: 8 INVITE\r\n\r\n", NULL);
	check(INVITE "CSeq: 8 INVITE\r\nContent-Length: 0\r\n\r\n", NULL);
	check(INVITE "CSeq: 8 INVITE\r\nl: 3\r\n\r\nabc", NULL);
	check(INVITE "CSeq: 8 INVITE\r\n\r\nwithout a length", NULL);
	check(INVITE "Via: SIP/2.0/UDP two, SIP/2.0/UDP three\r\n"
	      "CSeq: 8 INVITE\r\n\r\n", NULL);
}


static void test_once(void **state)
{
	(void)state;

	check(INVITE "\r\n", "CSeq header is not there once");
	check(INVITE "CSeq: 8 INVITE\r\nCSeq: 9 INVITE\r\n\r\n",
	      "CSeq header is not there once");
	check(INVITE "CSeq: 8 INVITE\r\nf: <sip:evil@b>;tag=2\r\n\r\n",
	      "From header is not there once");
	check(INVITE "CSeq: 8 INVITE\r\nTo: <sip:evil@b>\r\n\r\n",
	      "To header is not there once");
	check(INVITE "CSeq: 8 INVITE\r\ni: y\r\n\r\n",
	      "Call-ID header is not there once");
	check(INVITE "CSeq: 8 INVITE\r\nl: 0\r\nContent-Length: 0\r\n\r\n",
	      "Two Content-Length headers");
	check(INVITE "CSeq: 8 INVITE\r\nMax-Forwards: 1\r\n"
	      "Max-Forwards: 70\r\n\r\n", "Two Max-Forwards headers");
	check(INVITE "CSeq: 8 INVITE\r\nc: a/b\r\nContent-Type: c/d\r\n\r\n",
	      "Two Content-Type headers");
}


static void test_numbers(void **state)
{
	(void)state;

	check(INVITE "CSeq: 2147483647 INVITE\r\n\r\n", NULL);
	check(INVITE "CSeq: 0000000002147483647 INVITE\r\n\r\n", NULL);
	check(INVITE "CSeq: 2147483648 INVITE\r\n\r\n",
	      "CSeq is too large");
	check(INVITE "CSeq: 4294967297 INVITE\r\n\r\n",
	      "CSeq is too large");
	check(INVITE "CSeq: 18446744073709551617 INVITE\r\n\r\n",
	      "CSeq is too large");
	check(INVITE "CSeq: 8 INVITE\r\nContent-Length: 0000000003\r\n\r\n"
	      "abc", NULL);
	check(INVITE "CSeq: 8 INVITE\r\nExpires: 0\r\nExpires: 60\r\n\r\n",
	      "Two Expires headers");
}


#define BARE "To: <sip:c@d>\r\nCall-ID: x\r\n" \
	"Via: SIP/2.0/UDP b;branch=z9hG4bKx\r\n"

static void test_call(void **state)
{
	(void)state;

	check("INVITE sip:c@d SIP/2.0\r\n" BARE "CSeq: 8 INVITE\r\n"
	      "From: <sip:a@b>\r\nContact: <sip:a@b>\r\n\r\n",
	      "From has no tag");
	check("OPTIONS sip:c@d SIP/2.0\r\n" BARE "CSeq: 8 OPTIONS\r\n"
	      "From: <sip:a@b>\r\n\r\n", NULL);
	check("INVITE sip:c@d SIP/2.0\r\n" BARE "CSeq: 8 INVITE\r\n"
	      "From: <sip:a@b>;tag=1\r\n\r\n",
	      "Contact is not there, or no address");
	check("INVITE sip:c@d SIP/2.0\r\n" BARE "CSeq: 8 INVITE\r\n"
	      "From: <sip:a@b>;tag=1\r\nContact: *\r\n\r\n",
	      "Contact is not there, or no address");
	check("INVITE sip:c@d SIP/2.0\r\nTo: <sip:c@d>;tag=2\r\n"
	      "Call-ID: x\r\nVia: SIP/2.0/UDP b;branch=z9hG4bKx\r\n"
	      "CSeq: 8 INVITE\r\nFrom: <sip:a@b>;tag=1\r\n\r\n", NULL);
}


static void test_expired(void **state)
{
	static const struct {
		const char *expires;
		bool is;
	} v[] = {
		{"Expires: 0\r\n", true}, {"Expires: 000\r\n", true},
		{"Expires: 1\r\n", false}, {"Expires: soon\r\n", false},
		{"Expires: \r\n", false}, {"", false},
		{"Expires: 4294967296\r\n", false},
	};
	struct sip_msg *msg;
	char str[512];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		re_snprintf(str, sizeof(str), INVITE "CSeq: 8 INVITE\r\n"
			    "%s\r\n", v[i].expires);
		msg = decode(str);
		if (msgcheck_expired(msg) != v[i].is)
			fail_msg("%s", v[i].expires);
		mem_deref(msg);
	}
}


static void test_method(void **state)
{
	(void)state;

	check(INVITE "CSeq: 8 BYE\r\n\r\n", "CSeq is of another method");
	check(INVITE "CSeq: 8 invite\r\n\r\n", "CSeq is of another method");
}


static void test_length(void **state)
{
	static const char *const bad[] = {"4", "-1", "3x", "99999999999",
		"4294967299", ""};
	struct sip_msg *msg;
	char str[512];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(bad); i++) {
		re_snprintf(str, sizeof(str), INVITE "CSeq: 8 INVITE\r\n"
			    "Content-Length: %s\r\n\r\nabc", bad[i]);
		check(str, "Content-Length is not the body's");
	}

	/* what follows the body is none of it */
	msg = decode(INVITE "CSeq: 8 INVITE\r\nContent-Length: 3\r\n\r\n"
		     "abcdefgh");
	assert_null(msgcheck_fault(msg));
	assert_int_equal(3, mbuf_get_left(msg->mb));
	mem_deref(msg);
}


static void test_elsewhere(void **state)
{
	static const struct {
		const char *hdrs;
		bool elsewhere;
	} v[] = {
		{"", false},
		{"Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n",
		 true},
		{"reason: sip ; text=\"a, b; \\\"c\" ; Cause = 200\r\n", true},
		{"Reason: Q.850;cause=26\r\n", true},
		{"Reason: Q.850;cause=16, SIP;cause=200\r\n", true},
		{"Reason: Q.850;cause=16\r\nReason: SIP;cause=200\r\n", true},
		{"Reason: SIP;cause=487\r\n", false},
		{"Reason: SIP;cause=2000\r\n", false},
		{"Reason: SIP;cause=26\r\n", false},
		{"Reason: Q.850;cause=200\r\n", false},
		{"Reason: SIP;text=\"x;cause=200\";cause=487\r\n", false},
		{"Reason: X;text=\"y, SIP;cause=200\"\r\n", false},
		{"Reason: SIP\r\n", false},
		{"Reason: SIP;cause\r\n", false},
		{"Reason: SIP;;=;cause=\r\n", false},
		{"Reason: ,;\"\r\n", false},
	};
	char buf[512];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		struct sip_msg *msg;

		re_snprintf(buf, sizeof(buf), "CANCEL sip:c@d SIP/2.0\r\n"
			    BASE "CSeq: 1 CANCEL\r\n%s\r\n", v[i].hdrs);
		msg = decode(buf);
		if (reason_is_elsewhere(msg) != v[i].elsewhere)
			fail_msg("%s", v[i].hdrs);
		mem_deref(msg);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elsewhere),
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_call),
		cmocka_unit_test(test_expired),
		cmocka_unit_test(test_method),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
