/**
 * @file test_message.c  Text of SIP MESSAGE
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "sip/pure/message.h"


static uint16_t decode(char **textp, const char *hdrs, const char *body,
		       size_t len)
{
	struct mbuf *mb = mbuf_alloc(len + 512);
	struct sip_msg *msg;
	uint16_t scode;

	(void)mbuf_printf(mb, "MESSAGE sip:1000@h SIP/2.0\r\n"
			  "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
			  "From: <sip:42@h>;tag=1\r\nTo: <sip:1000@h>\r\n"
			  "Call-ID: 1\r\nCSeq: 1 MESSAGE\r\n%s"
			  "Content-Length: %zu\r\n\r\n", hdrs, len);
	(void)mbuf_write_mem(mb, (const uint8_t *)body, len);
	(void)mbuf_write_str(mb, "behind");
	mb->pos = 0;

	*textp = NULL;
	assert_int_equal(0, sip_msg_decode(&msg, mb));
	scode = message_decode(textp, msg);
	assert_int_equal(!scode, *textp != NULL);
	mem_deref(msg);
	mem_deref(mb);

	return scode;
}


static void check(const char *hdrs, const char *body, const char *want)
{
	char *text;

	assert_int_equal(0, decode(&text, hdrs, body, strlen(body)));
	assert_string_equal(want, text);
	mem_deref(text);
}


#define PLAIN "Content-Type: text/plain\r\n"

static void test_taken(void **state)
{
	(void)state;

	check(PLAIN, "Hello", "Hello");
	check("Content-Type: TEXT/Plain ; charset=\"UTF-8\"\r\n",
	      "Ol\xc3\xa1 \xf0\x9f\x91\x8b", "Ol\xc3\xa1 \xf0\x9f\x91\x8b");
	check("Content-Type: text/plain;charset=iso-8859-1\r\n",
	      "Jo\xc3\xa3", "Jo\xc3\x83\xc2\xa3");
	check(PLAIN "Content-Encoding: identity\r\n", "a", "a");

	/* Latin-1, line ends, what would ring a terminal's bell */
	check(PLAIN, "Jo\xe3o", "Jo\xc3\xa3o");
	check(PLAIN, "a\r\nb\rc\n\td \r\n \r\n", "a\nb\nc\n\td");
	check(PLAIN, "a\x07\x1b[1m\x7f\xc2\x85\x80z", "a[1mz");
	check(PLAIN, "a\xef\xbf\xbd\xef\xbf\xbe\xef\xbf\xbf\xef\xbe\xbfz",
	      "a\xef\xbf\xbd\xef\xbe\xbfz");
}


static void test_refused(void **state)
{
	static char big[MESSAGE_TEXT_MAX + 1];
	char *text;
	(void)state;

	assert_int_equal(415, decode(&text, "", "a", 1));
	assert_int_equal(415, decode(&text, "Content-Type: text/html\r\n",
				     "a", 1));
	assert_int_equal(415, decode(&text,
		"Content-Type: application/im-iscomposing+xml\r\n", "a", 1));
	assert_int_equal(415, decode(&text,
		"Content-Type: text/plain;charset=utf-16\r\n", "a", 1));
	assert_int_equal(415, decode(&text, PLAIN "Content-Encoding: gzip\r\n",
				     "a", 1));
	assert_int_equal(400, decode(&text, PLAIN, "", 0));
	assert_int_equal(400, decode(&text, PLAIN, " \r\n\0", 4));

	memset(big, 'x', sizeof(big));
	assert_int_equal(413, decode(&text, PLAIN, big, sizeof(big)));
	assert_int_equal(0, decode(&text, PLAIN, big, sizeof(big) - 1));
	assert_int_equal(MESSAGE_TEXT_MAX, strlen(text));
	mem_deref(text);
}


static void test_parts(void **state)
{
	(void)state;

	assert_int_equal(0, message_part("", 10));
	assert_int_equal(5, message_part("hello", 5));
	assert_int_equal(5, message_part("hello you", 6));
	assert_int_equal(7, message_part("how are you", 10));
	assert_int_equal(8, message_part("abcdefghijk", 8));
	/* not within a letter */
	assert_int_equal(4, message_part("\xc3\xa1\xc3\xa1\xc3\xa1", 5));
	assert_int_equal(4, message_part("\xf0\x9f\x91\x8b\xf0\x9f\x91\x8b",
					 7));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
