/**
 * @file test_xmpp.c  The XMPP stream against a transport of the test's own
 */
#include "testutil.h"
#include "cube/xml.h"
#include "cube/xmpp.h"


#define FEATURES1 "<stream:features xmlns:stream='http://etherx.jabber.org/" \
	"streams' xmlns='jabber:client'><mechanisms xmlns='urn:ietf:params:" \
	"xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism><mechanism>" \
	"PLAIN</mechanism></mechanisms></stream:features>"
#define FEATURES2 "<stream:features xmlns:stream='http://etherx.jabber.org/" \
	"streams'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>" \
	"%s</stream:features>"
#define OPEN "<open version='1.0' from='localhost'" \
	" xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"
#define SUCCESS "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
#define BOUND "<iq type='result' id='x' xmlns='jabber:client'><bind xmlns=" \
	"'urn:ietf:params:xml:ns:xmpp-bind'><jid>101-5476@localhost/r</jid>" \
	"</bind></iq>"


static struct {
	struct xmpp *x;
	char last[1024];        /* the last element sent                   */
	char jid[64];
	unsigned sentc, readyc, messagec, closec;
	enum xmpp_end end;
	char reason[160];
	bool deref;
} t;


static int send_h(const char *buf, size_t len, void *arg)
{
	(void)arg;
	assert_true(len < sizeof(t.last));
	memcpy(t.last, buf, len);
	t.last[len] = '\0';
	++t.sentc;

	return 0;
}


static void ready_h(const char *jid, void *arg)
{
	(void)arg;
	str_ncpy(t.jid, jid, sizeof(t.jid));
	++t.readyc;
}


static void message_h(struct xml *msg, void *arg)
{
	(void)arg;

	/* these may tell of a user */
	if (xml_is(msg, "presence", NULL) || xml_is(msg, "iq", NULL))
		return;

	assert_true(xml_is(msg, "message", NULL));
	++t.messagec;
	if (t.deref)
		t.x = mem_deref(t.x);
}


static void close_h(enum xmpp_end end, const char *reason, void *arg)
{
	(void)arg;
	t.end = end;
	str_ncpy(t.reason, reason, sizeof(t.reason));
	++t.closec;
	if (t.deref)
		t.x = mem_deref(t.x);
}


static void recv_str(const char *fmt, ...)
{
	char buf[1024];
	va_list ap;

	va_start(ap, fmt);
	re_vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	xmpp_recv(t.x, buf, strlen(buf));
}


static void start(uint32_t ping)
{
	const struct xmpp_prm prm = {
		.domain = "localhost", .user = "101-5476",
		.password = "alice-pass-1", .ping = ping,
	};

	memset(&t, 0, sizeof(t));
	assert_int_equal(0, xmpp_alloc(&t.x, &prm, send_h, ready_h,
				       message_h, close_h, NULL));
	assert_int_equal(0, xmpp_start(t.x));
	assert_int_equal(EALREADY, xmpp_start(t.x));
}


static void login(uint32_t ping)
{
	start(ping);
	recv_str(OPEN);
	recv_str(FEATURES1);
	recv_str(SUCCESS);
	recv_str(OPEN);
	recv_str(FEATURES2, "");
	recv_str(BOUND);
	assert_int_equal(1, t.readyc);
}


static int teardown(void **state)
{
	(void)state;
	t.x = mem_deref(t.x);

	return 0;
}


static void test_login(void **state)
{
	(void)state;

	start(0);
	assert_string_equal("<open xmlns=\"urn:ietf:params:xml:ns:"
			    "xmpp-framing\" to=\"localhost\""
			    " version=\"1.0\"/>", t.last);
	assert_int_equal(ENOTCONN, xmpp_send(t.x, "<a/>", 4));
	recv_str(OPEN);
	assert_int_equal(1, t.sentc);
	recv_str(FEATURES1);

	/* as recorded in login.txt */
	assert_string_equal("<auth xmlns=\"urn:ietf:params:xml:ns:"
			    "xmpp-sasl\" mechanism=\"PLAIN\">"
			    "ADEwMS01NDc2AGFsaWNlLXBhc3MtMQ==</auth>",
			    t.last);
	recv_str(SUCCESS);
	assert_int_equal(3, t.sentc);
	recv_str(OPEN);
	recv_str(FEATURES2, "");
	assert_non_null(strstr(t.last, "<resource>bridge-"));
	assert_int_equal(0, t.readyc);
	recv_str(BOUND);
	assert_string_equal("<presence xmlns=\"jabber:client\"/>", t.last);
	assert_int_equal(1, t.readyc);
	assert_string_equal("101-5476@localhost/r", t.jid);
	assert_int_equal(0, xmpp_send(t.x, "<a/>", 4));
	recv_str("<message from='a'/>");
	assert_int_equal(1, t.messagec);
}


static void test_old_session(void **state)
{
	(void)state;

	start(0);
	recv_str(FEATURES1);
	recv_str(SUCCESS);
	recv_str(FEATURES2, "<session xmlns='urn:ietf:params:xml:ns:"
		 "xmpp-session'/>");
	recv_str(BOUND);
	assert_int_equal(0, t.readyc);
	assert_non_null(strstr(t.last, "<session"));
	recv_str("<iq type='result' id='s' xmlns='jabber:client'/>");
	assert_int_equal(1, t.readyc);
}


static void test_optional_session(void **state)
{
	(void)state;

	start(0);
	recv_str(FEATURES1);
	recv_str(SUCCESS);
	recv_str(FEATURES2, "<session xmlns='urn:ietf:params:xml:ns:"
		 "xmpp-session'><optional/></session>");
	recv_str(BOUND);
	assert_int_equal(1, t.readyc);
}


static void test_refused(void **state)
{
	(void)state;

	start(0);
	recv_str(FEATURES1);
	recv_str("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
		 "<not-authorized/><text>Nope.</text></failure>");
	assert_int_equal(1, t.closec);
	assert_int_equal(XMPP_END_AUTH, t.end);
	assert_string_equal("login refused: not-authorized", t.reason);
	recv_str(SUCCESS);
	assert_int_equal(1, t.closec);
	t.x = mem_deref(t.x);

	/* no verdict on the password */
	start(0);
	recv_str(FEATURES1);
	recv_str("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
		 "<temporary-auth-failure/></failure>");
	assert_int_equal(XMPP_END_ERROR, t.end);
	t.x = mem_deref(t.x);

	start(0);
	recv_str("<features xmlns='http://etherx.jabber.org/streams'/>");
	assert_int_equal(1, t.closec);
	assert_int_equal(XMPP_END_ERROR, t.end);
	assert_int_equal(1, t.sentc);
}


static void test_stream_errors(void **state)
{
	(void)state;

	login(0);
	recv_str("<stream:error xmlns:stream='http://etherx.jabber.org/"
		 "streams'><conflict xmlns='urn:ietf:params:xml:ns:"
		 "xmpp-streams'/></stream:error>");
	assert_int_equal(XMPP_END_CONFLICT, t.end);
	t.x = mem_deref(t.x);

	login(0);
	t.deref = true;
	recv_str("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
	assert_int_equal(XMPP_END_CLOSED, t.end);
	assert_null(t.x);

	login(0);
	t.deref = true;
	recv_str("<message/>");
	assert_null(t.x);
}


static void test_garbage(void **state)
{
	(void)state;

	login(0);
	recv_str("no xml at all");
	recv_str("<message>");
	recv_str("<!DOCTYPE a><message/>");
	recv_str("<unknown xmlns='x'/>");
	recv_str("<presence from='a'><x/></presence>");
	recv_str(FEATURES1);
	recv_str(SUCCESS);
	assert_int_equal(0, t.closec);
	assert_int_equal(0, t.messagec);
	assert_int_equal(5, t.sentc);
}


static void test_ping_answered(void **state)
{
	(void)state;

	login(0);
	recv_str("<iq from='local\"host' id='p&amp;1' type='get' xmlns="
		 "'jabber:client'><ping xmlns='urn:xmpp:ping'/></iq>");
	assert_string_equal("<iq xmlns=\"jabber:client\" type=\"result\""
			    " id=\"p&amp;1\" to=\"local&quot;host\"/>",
			    t.last);
	recv_str("<iq id='v' type='get' xmlns='jabber:client'>"
		 "<query xmlns='jabber:iq:version'/></iq>");
	assert_non_null(strstr(t.last, "<service-unavailable"));
	assert_non_null(strstr(t.last, "id=\"v\""));
}


static bool was_pinged(void *arg)
{
	(void)arg;

	return strstr(t.last, "urn:xmpp:ping") != NULL;
}


static void test_ping_sent(void **state)
{
	(void)state;

	login(30);
	assert_true(tu_wait(was_pinged, NULL, 60000));
	t.last[0] = '\0';

	/* any sign of life will do; then it starts all over */
	recv_str("<message/>");
	assert_true(tu_wait(was_pinged, NULL, 60000));
	recv_str("<iq type='result' id='ping3' xmlns='jabber:client'/>");
	assert_int_equal(0, t.closec);
}


static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));

	return 0;
}


#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)


int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_login),
		T(test_old_session),
		T(test_optional_session),
		T(test_refused),
		T(test_stream_errors),
		T(test_garbage),
		T(test_ping_answered),
		T(test_ping_sent),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
