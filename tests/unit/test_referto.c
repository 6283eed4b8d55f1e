/**
 * @file test_referto.c  Refer-To, Replaces, Referred-By, message/sipfrag
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "sip/pure/referto.h"
#include "sip/pure/sipfrag.h"


static int decode(struct referto *rt, const char *str)
{
	struct pl pl;

	pl_set_str(&pl, str);

	return referto_decode(rt, &pl);
}


static void check_target(const char *str, const char *uri, const char *user,
			 const char *host)
{
	struct referto rt;

	if (decode(&rt, str))
		fail_msg("'%s'", str);

	assert_string_equal(rt.uri, uri);
	assert_string_equal(rt.user, user);
	assert_string_equal(rt.host, host);
	assert_string_equal(rt.rep.callid, "");
}


static void test_target(void **state)
{
	(void)state;

	check_target("<sip:2000@pbx.example>", "sip:2000@pbx.example", "2000",
		     "pbx.example");
	check_target("sip:2000@10.0.0.1:5062;x=y", "sip:2000@10.0.0.1:5062",
		     "2000", "10.0.0.1");
	check_target("\"A <b>\" <SIPS:2000@pbx.example;user=phone>;p=1",
		     "SIPS:2000@pbx.example;user=phone", "2000",
		     "pbx.example");
	check_target("Bob <sip:bob@[::1]:5070;method=INVITE>",
		     "sip:bob@[::1]:5070;method=INVITE", "bob", "::1");
	check_target("<tel:+15551234;phone-context=x>",
		     "tel:+15551234;phone-context=x", "+15551234", "");
	check_target("<tel:+1-555.(12)34#;ext=1>", "tel:+1-555.(12)34#;ext=1",
		     "+15551234#", "");
	check_target(" <sip:pbx.example> ", "sip:pbx.example", "",
		     "pbx.example");
	check_target("<sip:1@h?Require=replaces&Subject=x%0d%0a>", "sip:1@h",
		     "1", "h");
}


static void check_bad(const char *str, int err)
{
	struct referto rt;

	if (decode(&rt, str) != err)
		fail_msg("'%s'", str);

	assert_string_equal(rt.uri, "");
}


static void test_bad_target(void **state)
{
	char str[2 * REFERTO_URI];
	(void)state;

	check_bad("", EBADMSG);
	check_bad("<>", EBADMSG);
	check_bad("<sip:2000@pbx.example", EBADMSG);
	check_bad("\"<sip:2000@pbx.example>", EBADMSG);
	check_bad("<sip:>", EBADMSG);
	check_bad("<sip:a b@h>", EBADMSG);
	check_bad("<sip:a@h\r\nX: y>", EBADMSG);
	check_bad("<tel:>", EBADMSG);
	check_bad("<tel:-.>", EBADMSG);
	check_bad("<tel:sip:1900@evil.example>", EBADMSG);
	check_bad("<tel:1900@evil.example>", EBADMSG);
	check_bad("<tel:%311>", EBADMSG);
	check_bad("<http://example>", ENOTSUP);
	check_bad("<urn:service:sos>", ENOTSUP);
	check_bad("2000", ENOTSUP);
	check_bad("<sip:2000@h;method=BYE>", ENOTSUP);
	check_bad("<sip:1@h?Replaces=a%0d%0aX%3A;to-tag=1;from-tag=2>",
		  EBADMSG);
	check_bad("<sip:1@h?Replaces=a%3Bto-tag%3D1>", EBADMSG);
	check_bad("<sip:1@h?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2%zz>",
		  EBADMSG);
	check_bad("<sip:1@h?Replaces>", EBADMSG);
	check_bad("<sip:1@h?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2"
		  "&replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>", EBADMSG);

	memset(str, 'a', sizeof(str));
	memcpy(str, "sip:", 4);
	str[sizeof(str) - 1] = '\0';
	check_bad(str, EOVERFLOW);
}


static void check_secure(const char *str, bool secure, const char *uri)
{
	struct referto rt;

	assert_int_equal(0, decode(&rt, str));
	assert_int_equal(0, referto_secure(&rt, secure));
	assert_string_equal(rt.uri, uri);
}


static void test_secure(void **state)
{
	struct referto rt;
	char str[REFERTO_URI];
	(void)state;

	check_secure("<sip:1@h;transport=udp;x=y>", false,
		     "sip:1@h;transport=udp;x=y");
	check_secure("<sip:1@h:5070;TRANSPORT=udp;line=a>", true,
		     "sip:1@h:5070;line=a");
	check_secure("<sip:1@h;lr;transport=tcp>", true, "sip:1@h;lr");
	check_secure("<sip:1@[::1]>", true, "sip:1@[::1]");
	check_secure("<sips:1@h>", true, "sip:1@h");
	check_secure("<sips:1@h;x;transport=tcp>", false,
		     "sip:1@h;x;transport=tls");
	check_secure("<SIPS:h>", false, "sip:h;transport=tls");
	check_secure("<tel:+1>", true, "tel:+1");

	/* what would not fit any more */
	memset(str, 'a', sizeof(str));
	memcpy(str, "sips:1@", 7);
	str[sizeof(str) - 1] = '\0';
	assert_int_equal(0, decode(&rt, str));
	assert_int_equal(EOVERFLOW, referto_secure(&rt, false));
}


static void test_attended(void **state)
{
	struct referto rt, again;
	char buf[1024];
	struct pl pl;
	(void)state;

	assert_int_equal(0, decode(&rt, "<sip:2000@pbx.example?Require=replaces"
		"&Replaces=98asjd8%40h%3Bto-tag%3D12%3Bfrom-tag%3Da.b"
		"%3Bearly-only>"));

	assert_string_equal(rt.uri, "sip:2000@pbx.example");
	assert_string_equal(rt.rep.callid, "98asjd8@h");
	assert_string_equal(rt.rep.ltag, "12");
	assert_string_equal(rt.rep.rtag, "a.b");
	assert_true(rt.rep.early);

	(void)re_snprintf(buf, sizeof(buf), "%H", referto_print, &rt);
	assert_string_equal(buf, "<sip:2000@pbx.example?Replaces=98asjd8%40h"
			    "%3Bto-tag%3D12%3Bfrom-tag%3Da.b%3Bearly-only>");

	pl_set_str(&pl, buf);
	assert_int_equal(0, referto_decode(&again, &pl));
	assert_memory_equal(&rt, &again, sizeof(rt));
}


static void check_replaces(const char *str, int err)
{
	struct replaces rep;
	char buf[1024];
	struct pl pl;

	pl_set_str(&pl, str);
	if (replaces_decode(&rep, &pl) != err)
		fail_msg("'%s'", str);

	assert_string_equal(rep.callid, err ? "" : "a@b");
	if (err)
		return;

	(void)re_snprintf(buf, sizeof(buf), "%H", replaces_print, &rep);
	assert_string_equal(buf, rep.early
			    ? "a@b;to-tag=1;from-tag=2;early-only"
			    : "a@b;to-tag=1;from-tag=2");
}


static void test_replaces(void **state)
{
	(void)state;

	check_replaces("a@b;to-tag=1;from-tag=2", 0);
	check_replaces(" a@b ; FROM-TAG = 2 ;x=y;z;\r\n to-tag=1", 0);
	check_replaces("a@b;to-tag=1;Early-Only;from-tag=2", 0);
	check_replaces("a@b;to-tag=1", EBADMSG);
	check_replaces("a@b;from-tag=1", EBADMSG);
	check_replaces("a@b;to-tag;from-tag=2", EBADMSG);
	check_replaces("a@b;to-tag=;from-tag=2", EBADMSG);
	check_replaces("a@b;to-tag=1;to-tag=1;from-tag=2", EBADMSG);
	check_replaces("a b;to-tag=1;from-tag=2", EBADMSG);
	check_replaces("a,b;to-tag=1;from-tag=2", EBADMSG);
	check_replaces(";to-tag=1;from-tag=2", EBADMSG);
	check_replaces("", EBADMSG);
}


static void check_by(const char *str, int err, const char *by)
{
	char buf[64] = "";
	struct pl pl;

	pl_set_str(&pl, str);
	if (referto_by_decode(buf, sizeof(buf), &pl) != err)
		fail_msg("'%s'", str);

	assert_string_equal(buf, by);
}


static void test_by(void **state)
{
	(void)state;

	check_by("<sip:a@b>;cid=x@y", 0, "<sip:a@b>");
	check_by("\"A\" <sip:a@b?X=y>", 0, "<sip:a@b>");
	check_by("sip:a@b;cid=x", 0, "<sip:a@b>");
	check_by("<sip:a@b\r\nX: y>", EBADMSG, "");
	check_by("<a>", EBADMSG, "");
	check_by("<sip:01234567890123456789012345678901234567890123456789"
		 "01234567890123456789>", EOVERFLOW, "");
}


static void check_frag(const char *str, int err, uint16_t scode,
		       const char *reason)
{
	char buf[12] = "";
	uint16_t code = 0;
	struct pl pl;

	pl_set_str(&pl, str);
	if (sipfrag_decode(&code, buf, sizeof(buf), &pl) != err)
		fail_msg("'%s'", str);

	assert_int_equal(code, scode);
	assert_string_equal(buf, reason);
}


static void test_sipfrag(void **state)
{
	(void)state;

	check_frag("SIP/2.0 100 Trying", 0, 100, "Trying");
	check_frag("SIP/2.0 180 Ringing\r\nContact: x\r\n", 0, 180,
		   "Ringing");
	check_frag("sip/2.0 200 OK\n", 0, 200, "OK");
	check_frag("SIP/2.0 486\r\n", 0, 486, "");
	check_frag("SIP/2.0 486 Busy\x01Here and more", 0, 486,
		   "Busy Here a");
	check_frag("SIP/2.0 4860 Busy", EBADMSG, 0, "");
	check_frag("SIP/2.0 48", EBADMSG, 0, "");
	check_frag("SIP/2.0 099 x", EBADMSG, 0, "");
	check_frag("SIP/2.0 700 x", EBADMSG, 0, "");
	check_frag("HTTP/1.1 200 OK", EBADMSG, 0, "");
	check_frag("", EBADMSG, 0, "");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_target),
		cmocka_unit_test(test_bad_target),
		cmocka_unit_test(test_secure),
		cmocka_unit_test(test_attended),
		cmocka_unit_test(test_replaces),
		cmocka_unit_test(test_by),
		cmocka_unit_test(test_sipfrag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
