/**
 * @file test_blank.c  Messages without their secrets
 */
#include <stdlib.h>
#include "testutil.h"
#include "log/blank.h"


static void assert_blank(enum blank_kind kind, const char *msg,
			 const char *want)
{
	const size_t len = strlen(msg);
	char *buf = malloc(len + 1); /* no end to lean on */
	size_t n;

	memcpy(buf, msg, len);
	n = blank(kind, buf, len);
	assert_true(n <= len);
	buf[n] = '\0';
	assert_string_equal(buf, want);
	free(buf);
}


/* The same, whatever is around it */
static void assert_gone(enum blank_kind kind, const char *msg)
{
	const size_t len = strlen(msg);
	char *buf = malloc(len + 1);
	size_t i, n;

	/* however much of it has come */
	for (i=0; i<=len; i++) {
		char *exact = malloc(i ? i : 1);

		memcpy(exact, msg, i);
		n = blank(kind, exact, i);
		memcpy(buf, exact, n);
		buf[n] = '\0';
		if (strstr(buf, "SECRET") || strstr(buf, "ECRET"))
			fail_msg("%s", buf);
		free(exact);
	}

	free(buf);
}


#define SIP(hdrs) "INVITE sip:1@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z\r\n" \
	hdrs "Content-Length: 0\r\n\r\n"

static void assert_header(const char *hdr, const char *want)
{
	char msg[1024], wanted[1024];

	(void)re_snprintf(msg, sizeof(msg), SIP("%s"), hdr);
	(void)re_snprintf(wanted, sizeof(wanted), SIP("%s"), want);
	assert_blank(BLANK_SIP, msg, wanted);
}


static void test_headers(void **state)
{
	(void)state;

	assert_header("Authorization: Digest username=\"a\", response=\"b\"\r\n",
		      "Authorization: Digest ***\r\n");
	assert_header("PROXY-AUTHORIZATION \t: Digest a=b\r\n",
		      "PROXY-AUTHORIZATION \t: Digest ***\r\n");
	assert_header("Authorization: abcdef ghi\r\n",
		      "Authorization: ***\r\n");
	assert_header("Authorization:Basic eHg6eQ==\r\n",
		      "Authorization:Basic ***\r\n");

	/* folded, and a bare line end */
	assert_header("Authorization: Digest username=\"a\",\r\n"
		      "  response=\"b\"\r\nFrom: x\r\n",
		      "Authorization: Digest ***\r\nFrom: x\r\n");
	assert_header("Authorization: Digest xyz\nFrom: y\r\n",
		      "Authorization: Digest ***\nFrom: y\r\n");
	assert_header("X-Session-Token: abc\r\nAuthentication-Info: rsp=1\r\n",
		      "X-Session-Token: ***\r\nAuthentication-Info: ***\r\n");

	/* of use, and no secrets */
	assert_header("WWW-Authenticate: Digest realm=\"r\", nonce=\"n\","
		      " qop=\"auth\"\r\n",
		      "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\","
		      " qop=\"auth\"\r\n");
	assert_header("From: \"A\" <sip:1@h>;tag=abc\r\nCall-ID: a:b@h\r\n"
		      "Contact: <sip:1@10.0.0.1:5060;transport=tcp>\r\n",
		      "From: \"A\" <sip:1@h>;tag=abc\r\nCall-ID: a:b@h\r\n"
		      "Contact: <sip:1@10.0.0.1:5060;transport=tcp>\r\n");

	assert_header("Contact: <sip:1:pass@h:5060>\r\n",
		      "Contact: <sip:1:***@h:5060>\r\n");
	assert_header("Contact: <sip:1:pa:s@s@h:5060>\r\n",
		      "Contact: <sip:1:***@h:5060>\r\n");
	assert_header("Refer-To: <tel:+49;postd=1234;x=y>\r\n",
		      "Refer-To: <tel:+49;postd=***;x=y>\r\n");
	assert_header("Contact: <sip:1@h;pn-prid=abcd;pn-provider=x>\r\n",
		      "Contact: <sip:1@h;pn-prid=***;pn-provider=x>\r\n");
}


#define SDP "v=0\r\nm=audio 9 RTP/SAVP 0\r\n"

static void test_sdp(void **state)
{
	(void)state;

	assert_blank(BLANK_SIP, "SIP/2.0 200 OK\r\n\r\n" SDP
		     "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:KEY|2^20\r\n"
		     "a=ice-ufrag:abcd\r\na=ice-pwd:KEY\r\nk=clear:KEY\r\n"
		     "a=rtpmap:0 PCMU/8000\r\n",
		     "SIP/2.0 200 OK\r\n\r\n" SDP
		     "a=crypto:1 AES_CM_128_HMAC_SHA1_80 ***\r\n"
		     "a=ice-ufrag:abcd\r\na=ice-pwd:***\r\nk=***\r\n"
		     "a=rtpmap:0 PCMU/8000\r\n");

	/* as some phones write it, and the bridge reads */
	assert_blank(BLANK_SIP, "a= crypto : 1 AES_CM_128_HMAC_SHA1_32"
		     "  inline:KEY\na=crypto:KEY AES_CM inline:KEY\n"
		     "a=CRYPTO:1 KEYKEY inline:KEY",
		     "a= crypto : 1 AES_CM_128_HMAC_SHA1_32 ***\n"
		     "a=crypto:***\na=CRYPTO:***");

	/* within a signal */
	assert_blank(BLANK_XMPP, "<sdp>v=0&#13;\na=ice-pwd:KEY&#13;\n"
		     "a=setup:actpass</sdp>",
		     "<sdp>v=0&#13;\na=ice-pwd:***&#13;\n"
		     "a=setup:actpass</sdp>");
	assert_blank(BLANK_HTTP, "{\"sdp\":\"v=0\\r\\na=ice-pwd:KEY\\r\\n\"}",
		     "{\"sdp\":\"v=0\\r\\na=ice-pwd:***\\r\\n\"}");
}


static void test_keys(void **state)
{
	(void)state;

#define INFO "INFO sip:1@h SIP/2.0\r\nCSeq: 2 INFO\r\n"
	assert_blank(BLANK_SIP, INFO "Content-Type: application/dtmf-relay\r\n"
		     "\r\nSignal=5\r\nDuration=160\r\n",
		     INFO "Content-Type: application/dtmf-relay\r\n\r\n***");
	assert_blank(BLANK_SIP, INFO "Content-Type: application/dtmf\r\n\r\n 5",
		     INFO "Content-Type: application/dtmf\r\n\r\n**");
	assert_blank(BLANK_SIP, INFO "\r\n1234", INFO "\r\n***");
	assert_blank(BLANK_SIP, INFO "c: application/whatever\r\n\r\n1234",
		     INFO "c: application/whatever\r\n\r\n***");
	assert_blank(BLANK_SIP, INFO "Content-Type:"
		     " application/media_control+xml\r\n\r\n<a/>",
		     INFO "Content-Type: application/media_control+xml\r\n\r\n"
		     "<a/>");

	/* of any method */
	assert_blank(BLANK_SIP, "NOTIFY sip:1@h SIP/2.0\r\nContent-Type:"
		     " application/kpml-response+xml\r\n\r\n<k digits=\"12\"/>",
		     "NOTIFY sip:1@h SIP/2.0\r\nContent-Type:"
		     " application/kpml-response+xml\r\n\r\n***");
	assert_blank(BLANK_SIP, "x\r\n\r\nSignal = 5\r\nDuration=9\r\n",
		     "x\r\n\r\nSignal = *\r\nDuration=9\r\n");

	/* what people write */
	assert_blank(BLANK_SIP, "MESSAGE sip:1@h SIP/2.0\r\n\r\nhello\r\n",
		     "MESSAGE sip:1@h SIP/2.0\r\n\r\n***");
	assert_blank(BLANK_SIP, "SIP/2.0 200 OK\r\nContent-Type: multipart/x\r\n"
		     "\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n",
		     "SIP/2.0 200 OK\r\nContent-Type: multipart/x\r\n"
		     "\r\n--b\r\nContent-Type: text/plain\r\n\r\n***");
#undef INFO
}


static void test_xmpp(void **state)
{
	(void)state;

	assert_blank(BLANK_XMPP, "<auth xmlns='a' mechanism=\"PLAIN\">AGE=</auth>"
		     "<x/>",
		     "<auth xmlns='a' mechanism=\"PLAIN\">***</auth><x/>");
	assert_blank(BLANK_XMPP, "<s:response>abc</s:response><y>1</y>",
		     "<s:response>***</s:response><y>1</y>");
	assert_blank(BLANK_XMPP, "<a><token>abc</token><b t=\"1\">2</b></a>",
		     "<a><token>***</token><b t=\"1\">2</b></a>");
	assert_blank(BLANK_XMPP, "<keys>12#</keys><action>dtmf</action>",
		     "<keys>***</keys><action>dtmf</action>");
	assert_blank(BLANK_XMPP, "<body>hello <b>you</b></body ><id>1</id>",
		     "<body>***</body ><id>1</id>");
	assert_blank(BLANK_XMPP, "<m password='a b' x='y'><body/></m>",
		     "<m password='***' x='y'><body/></m>");
	assert_blank(BLANK_XMPP, "<body secret='abc'>text",
		     "<body secret='***'>***");
	assert_blank(BLANK_XMPP, "<e>{&quot;token&quot;:&quot;abc&quot;,"
		     "&quot;b&quot;:1}</e>",
		     "<e>{&quot;token&quot;:&quot;***&quot;,"
		     "&quot;b&quot;:1}</e>");
	assert_blank(BLANK_XMPP, "<sessionID>ab</sessionID><signalType>call"
		     "</signalType><callerID>1</callerID>",
		     "<sessionID>ab</sessionID><signalType>call"
		     "</signalType><callerID>1</callerID>");
}


static void test_http(void **state)
{
	(void)state;

	assert_blank(BLANK_HTTP, "POST /session HTTP/1.1\r\nCB-Token: abc\r\n"
		     "Cookie: a=b; c=d\r\n\r\n"
		     "{\"user\":{\"login\":\"x\",\"password\":\"a\\\"b c\"},"
		     "\"timestamp\":1,\"signature\":\"0f\"}",
		     "POST /session HTTP/1.1\r\nCB-Token: ***\r\n"
		     "Cookie: ***\r\n\r\n"
		     "{\"user\":{\"login\":\"x\",\"password\":\"***\"},"
		     "\"timestamp\":1,\"signature\":\"**\"}");
	assert_blank(BLANK_HTTP, "user[login]=a&user[password]=b%20cd&x=1",
		     "user[login]=a&user[password]=***&x=1");
	assert_blank(BLANK_HTTP, "user%5Bpassword%5D=bcd&x=1",
		     "user%5Bpassword%5D=***&x=1");
	assert_blank(BLANK_HTTP, "{\"token\" : null, \"keys\":[\"1\",\"22\"],"
		     "\"id\":5}",
		     "{\"token\" : ***, \"keys\":***],\"id\":5}");
	assert_blank(BLANK_HTTP, "{\"m\":\"{\\\"token\\\":\\\"abc\\\",\\\"a\\\""
		     ":1}\"}",
		     "{\"m\":\"{\\\"token\\\":\\\"***\\\",\\\"a\\\":1}\"}");
	assert_blank(BLANK_HTTP, "https://u:pass@h/?auth_key=abc&x=1 HTTP",
		     "https://u:***@h/?auth_key=***&x=1 HTTP");
}


#define B64 "eyJtZXNzYWdlIjoiSW5jb21pbmcgY2FsbCBmcm9tIEFubiIsIm5hbWUiOiJBbm4if+/="

/* Who calls whom is in what a push carries; what a server says is not packed */
static void test_push(void **state)
{
	(void)state;

	assert_blank(BLANK_HTTP, "{\"event\":{\"user\":{\"ids\":[1]},"
		     "\"message\":\"" B64 "\",\"x\":1}}",
		     "{\"event\":{\"user\":{\"ids\":[1]},"
		     "\"message\":\"***\",\"x\":1}}");
	assert_blank(BLANK_HTTP, "{\"message\": \"" B64, "{\"message\": \"***");
	assert_blank(BLANK_HTTP, "{\"message\":\"No such user, or whatever the"
		     " server says of it in so many words\"}",
		     "{\"message\":\"No such user, or whatever the"
		     " server says of it in so many words\"}");
	assert_blank(BLANK_HTTP, "{\"message\":\"Forbidden\"}",
		     "{\"message\":\"Forbidden\"}");
	assert_blank(BLANK_XMPP, "<message to=\"" B64 "\">",
		     "<message to=\"" B64 "\">");
}


/* However much of a message is there */
static void test_cut(void **state)
{
	(void)state;

	assert_gone(BLANK_SIP, SIP("Authorization: Digest a=\"SECRET\"\r\n"));
	assert_gone(BLANK_SIP, SIP("Authorization: Digest a=\"x\",\r\n"
				   "\tb=\"SECRET\"\r\n"));
	assert_gone(BLANK_SIP, "x\r\n\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80"
		    " inline:SECRET\r\n");
	assert_gone(BLANK_XMPP, "<auth a='b'>SECRET</auth>");
	assert_gone(BLANK_HTTP, "{\"password\":\"a\\\\\\\"SECRET\"}");
	/* a quote that is not closed */
	assert_blank(BLANK_XMPP, "<m oauth_key=\"a@b\r\n<auth mechanism=\"PLAIN"
		     "\">SECRET</auth>",
		     "<m oauth_key=\"***\"PLAIN\">***</auth>");
	assert_blank(BLANK_SIP, "", "");
	assert_int_equal(blank(BLANK_SIP, NULL, 5), 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_sdp),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_xmpp),
		cmocka_unit_test(test_http),
		cmocka_unit_test(test_push),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
