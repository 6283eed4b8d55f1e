/**
 * @file test_regmsg.c  What a registrar's answers mean
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "sip/pure/regmsg.h"


static struct sip_msg *response(unsigned code, const char *hdrs)
{
	struct sip_msg *msg;
	struct mbuf *mb = mbuf_alloc(512);

	(void)mbuf_printf(mb, "SIP/2.0 %u X\r\n"
			  "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1;"
			  "rport=4711;received=192.0.2.7\r\n"
			  "From: <sip:1@h>;tag=1\r\nTo: <sip:1@h>\r\n"
			  "Call-ID: 1\r\nCSeq: 1 REGISTER\r\n%s\r\n", code,
			  hdrs);
	mb->pos = 0;

	assert_int_equal(0, sip_msg_decode(&msg, mb));
	mem_deref(mb);

	return msg;
}


static void check(const char *hdrs, uint32_t want)
{
	struct sip_msg *msg = response(200, hdrs);
	const uint32_t got = regmsg_granted(msg, "sip:u@10.0.0.1:5060", 600);

	if (got != want)
		fail_msg("%s: %u", hdrs, got);

	mem_deref(msg);
}


static void test_granted(void **state)
{
	(void)state;

	check("Contact: <sip:u@10.0.0.1:5060>;expires=60\r\n", 60);
	check("Contact: <sip:x@h>;expires=5, <sip:u@10.0.0.1:5060>\r\n"
	      "Expires: 90\r\n", 90);
	check("Contact: <sip:u@10.0.0.1:5060>\r\n", 600);
	check("Contact: <sip:u@192.0.2.7:9>;expires=30\r\n", 30);
	check("Expires: 120\r\n", 120);
	check("", 600);
	check("Contact: <sip:u@10.0.0.1:5060>;expires=0\r\n", 0);
	check("Expires: 99999999999\r\n", REG_EXPIRES_MAX);
	check("Expires: soon\r\n", 0);
}


static void test_others(void **state)
{
	struct sip_msg *msg;
	struct pl uri;
	struct sa sa;
	char *route;
	(void)state;

	msg = response(302, "Contact: <sip:other:5070;transport=tcp>\r\n"
		       "Retry-After: 7 (soon);duration=3\r\n"
		       "Min-Expires: 300\r\n"
		       "Service-Route: <sip:a@p1;lr=on>, <sip:p2;lr;x=1>,"
		       " <sip:p3;lrx>\r\n");

	assert_true(regmsg_redirect(&uri, msg, false));
	assert_int_equal(0, pl_strcmp(&uri, "sip:other:5070;transport=tcp"));
	assert_int_equal(7, regmsg_retry_after(msg));
	assert_int_equal(300, regmsg_min_expires(msg));
	assert_int_equal(0, regmsg_route(&route, msg));
	assert_string_equal("sip:a@p1;lr>, <sip:p2;x=1;lr>, <sip:p3;lrx",
			    route);
	mem_deref(route);

	assert_true(regmsg_mapped(&sa, msg));
	assert_int_equal(4711, sa_port(&sa));
	mem_deref(msg);

	msg = response(305, "Contact: <sip:other>\r\n"
		       "Retry-After: 86400\r\n");
	assert_false(regmsg_redirect(&uri, msg, false));
	assert_int_equal(REG_RETRY_AFTER_MAX, regmsg_retry_after(msg));
	assert_int_equal(0, regmsg_route(&route, msg));
	assert_null(route);
	mem_deref(msg);

	assert_int_equal(0, regmsg_retry_after(NULL));
}


static void check_redirect(const char *contacts, bool secure,
			   const char *want)
{
	struct sip_msg *msg = response(302, contacts);
	struct pl uri;
	const bool found = regmsg_redirect(&uri, msg, secure);

	if (found != (want != NULL) || (want && pl_strcmp(&uri, want)))
		fail_msg("%s: %d", contacts, found);

	mem_deref(msg);
}


static void test_redirect(void **state)
{
	(void)state;

	check_redirect("Contact: <mailto:a@b>, <sip:p>;q=0.9\r\n", false,
		       "sip:p");
	check_redirect("Contact: <nonsense>\r\nm: sip:p;q=0\r\n", false,
		       "sip:p");
	check_redirect("Contact: <sip:a>;q=0.1, <sip:b>;q=0.55,"
		       " <sip:c>;q=0.6, <sip:d>;q=0.6\r\n", false, "sip:c");
	check_redirect("Contact: <sip:a>;q=0.9, <sip:b>\r\n", false,
		       "sip:b");
	check_redirect("Contact: <sip:a>;q=0.999, <sip:b>;q=1.000\r\n",
		       false, "sip:b");
	check_redirect("Contact: <sip:a>;q=1, <sip:b>;q=99\r\n", false,
		       "sip:a");
	check_redirect("Contact: <sip:a>, <sip:b;transport=tls>;q=0.1\r\n",
		       true, "sip:b;transport=tls");
	check_redirect("Contact: <sip:b;transport=tls>;q=0.1, <sip:a>\r\n",
		       true, "sip:b;transport=tls");
	check_redirect("Contact: <sip:b;transport=tls>;q=0.1, <sip:a>\r\n",
		       false, "sip:a");
	check_redirect("Contact: <sip:a>\r\n", true, "sip:a");
	check_redirect("Contact: <mailto:a@b>, *\r\n", false, NULL);
	check_redirect("", false, NULL);
}


static void test_wait(void **state)
{
	uint32_t i;
	(void)state;

	for (i=1; i<1000; i++) {
		assert_in_range(regmsg_wait(i, false, 0, 0), 1000, 30000);
		assert_in_range(regmsg_wait(i, false, 0, 65535), 2000, 60000);
		assert_in_range(regmsg_wait(i, true, 0, 0), 15000, 60000);
	}

	assert_in_range(regmsg_wait(9, false, 7, 65535), 7000, 8000);

	assert_int_equal(540000, regmsg_refresh(600));
	assert_int_equal(54000, regmsg_refresh(60));
	assert_int_equal(5000, regmsg_refresh(10));
	assert_int_equal(1000, regmsg_refresh(1));
}


static void test_registrar(void **state)
{
	static const struct {
		const char *luri, *want;
	} v[] = {
		{"sip:1@h", "sip:h"},
		{"sip:1:HIDDEN@h:5070;transport=tcp", "sip:h:5070;"
		 "transport=tcp"},
		{"sip:1@h;auth_pass=HIDDEN;maddr=192.0.2.1?x=HIDDEN",
		 "sip:h;maddr=192.0.2.1"},
		{"sip:1@[::1]:9;lr;transport=tls", "sip:[::1]:9;"
		 "transport=tls"},
	};
	struct uri uri;
	struct pl pl;
	char *str;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		pl_set_str(&pl, v[i].luri);
		assert_int_equal(0, uri_decode(&uri, &pl));
		assert_int_equal(0, regmsg_registrar(&str, &uri));
		assert_string_equal(str, v[i].want);
		mem_deref(str);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_granted),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_redirect),
		cmocka_unit_test(test_registrar),
		cmocka_unit_test(test_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
