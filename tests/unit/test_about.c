/**
 * @file test_about.c  What a call is about, beside who calls
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "sip/pure/about.h"

#define TOKEN "01234567-0123-4123-8123-0123456789ab"
#define OTHER "11234567-0123-4123-8123-0123456789ab"


static struct about ab;


static void read_hdrs(const char *to, const char *hdrs, bool trusted)
{
	struct mbuf *mb = mbuf_alloc(512);
	struct sip_msg *msg;

	(void)mbuf_printf(mb, "INVITE sip:c1@h SIP/2.0\r\n"
			  "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
			  "From: <sip:42@h>;tag=1\r\nTo: %s\r\n"
			  "Call-ID: 1\r\nCSeq: 1 INVITE\r\n%s\r\n\r\n", to,
			  hdrs);
	mb->pos = 0;

	assert_int_equal(0, sip_msg_decode(&msg, mb));
	memset(&ab, 'x', sizeof(ab));
	about_decode(&ab, msg, trusted);
	mem_deref(msg);
	mem_deref(mb);
}


static void check(const char *hdrs, const char *last, const char *name,
		  const char *reason, const char *first)
{
	read_hdrs("<sip:1000@h>", hdrs, true);

	if (strcmp(ab.diverted, last) || strcmp(ab.diverted_name, name) ||
	    strcmp(ab.diverted_reason, reason) ||
	    strcmp(ab.diverted_first, first))
		fail_msg("%s: '%s' '%s' '%s' '%s'", hdrs, ab.diverted,
			 ab.diverted_name, ab.diverted_reason,
			 ab.diverted_first);
}


static void test_dialed(void **state)
{
	(void)state;

	read_hdrs("<sip:1000@h>", "X: 1", true);
	assert_string_equal("1000", ab.dialed);
	read_hdrs("tel:+55-11-4002", "X: 1", false);
	assert_string_equal("+55114002", ab.dialed);
	read_hdrs("<sip:1000@h>", "P-Called-Party-ID: <sip:+5511@vivo>",
		  true);
	assert_string_equal("+5511", ab.dialed);
	read_hdrs("<sip:1000@h>", "P-Called-Party-ID: <sip:+5511@vivo>",
		  false);
	assert_string_equal("1000", ab.dialed);
	read_hdrs("<sip:1000@h>", "P-Called-Party-ID: nobody", true);
	assert_string_equal("1000", ab.dialed);
}


static void test_diversion(void **state)
{
	(void)state;

	check("X: 1", "", "", "", "");
	check("Diversion: \"Ann, Boss\" <sip:2000@h>;reason=user-busy"
	      ";privacy=off;counter=1", "2000", "Ann, Boss", "user-busy", "");
	check("Diversion: <sip:2001@h>;reason=\"no-answer\","
	      " <sip:2000@h;x=a,b>;reason=unconditional", "2001", "",
	      "no-answer", "2000");
	check("Diversion: <sip:2001@h>\r\nDiversion: <tel:+55-11>", "2001",
	      "", "", "+5511");
	check("Diversion: Ann <sip:2000@h>;reason=away;privacy=full", "", "",
	      "away", "");
	check("Diversion: \"Ann, <sip:2000@h", "", "", "", "");

	/* somebody else's word, and what is to be kept */
	read_hdrs("<sip:1000@h>", "Diversion: <sip:2000@h>", false);
	assert_string_equal("", ab.diverted);
	check("Diversion: <sip:2000@h>\r\nPrivacy: history", "", "", "", "");
}


static void test_history(void **state)
{
	(void)state;

	check("History-Info: <sip:2000@h?Reason=SIP%3Bcause%3D486>;index=1,"
	      " <sip:1000@h>;index=1.1;mp=1", "2000", "", "user-busy", "");
	check("History-Info: Ann <sip:2000@h>;index=1,"
	      " Bob <sip:2001@h;cause=302>;index=1.1,"
	      " <sip:1000@h;cause=408>;index=1.1.1", "2001", "Bob",
	      "no-answer", "2000");

	/* a proxy that finds a phone has diverted nobody */
	check("History-Info: <sip:1000@h>;index=1,"
	      " <sip:c1@192.0.2.1>;index=1.1;rc=1", "", "", "", "");
	check("History-Info: <sip:2000@h?Reason=SIP%3Bcause%3D486"
	      "&Privacy=history>;index=1, <sip:1000@h>;index=1.1", "", "",
	      "", "");
	check("Diversion: <sip:7@h>\r\n"
	      "History-Info: <sip:2000@h?Reason=SIP%3Bcause%3D486>;index=1",
	      "7", "", "", "");
}


static void test_texts(void **state)
{
	static const char *const tokenv[] = {
		"X-Bridge-Call: " TOKEN,
		"x-bridge-call:   " TOKEN " \t\r\nX: 1",
		"X-Bridge-Call:\r\n " TOKEN "\r\nX: 1",
		"X-Bridge-Call: " TOKEN ", " OTHER,
		"X-Bridge-Call: " TOKEN "\r\nX-Bridge-Call: " TOKEN,
		"X-Bridge-Call: x,, " TOKEN,
		"X-Bridge-Call: \"\\\r\nX-Bridge-Call:\r\n"
		"X-Bridge-Call: " TOKEN,
	};
	static const char *const nonev[] = {
		"X-Bridge-Call:", "X-Bridge-Call: 0123-ab",
		"X-Bridge-Call: " TOKEN "c", "X-Bridge-Call: \"" TOKEN "\"",
		"X-Bridge-Call: " TOKEN ";a", "X-Bridge-Call: " TOKEN TOKEN,
		"X-Bridge-Calls: " TOKEN, "X-Bridge: " TOKEN,
	};
	static char hdrs[4096];
	size_t i;
	(void)state;

	read_hdrs("<sip:1000@h>", "Subject: Jo\xe3o:\x1b[1m  why?\r\n"
		  "Call-Info: <http://h/ann.png>;purpose=icon,"
		  " <http://h/>;purpose=info\r\n"
		  "Alert-Info: <http://127.0.0.1/bellcore-dr2>\r\n"
		  "User-to-User: 56a390;encoding=hex\r\nUser-to-User: 2",
		  true);
	assert_string_equal("Jo\xc3\xa3o: [1m why?", ab.subject);
	assert_string_equal("<http://h/ann.png>;purpose=icon,"
			    " <http://h/>;purpose=info", ab.call_info);
	assert_string_equal("<http://127.0.0.1/bellcore-dr2>",
			    ab.alert_info);
	assert_string_equal("56a390;encoding=hex", ab.user_to_user);

	/* what an app would fetch is not taken from anybody */
	read_hdrs("<sip:1000@h>", "Subject: hi\r\nCall-Info: <http://h/>\r\n"
		  "Alert-Info: <http://h/>", false);
	assert_string_equal("hi", ab.subject);
	assert_string_equal("", ab.call_info);
	assert_string_equal("", ab.alert_info);

	/* which call of ours waits for it, is said by whoever knows that */
	assert_string_equal("", ab.token);
	for (i=0; i<ARRAY_SIZE(tokenv); i++) {
		read_hdrs("<sip:1000@h>", tokenv[i], false);
		if (strcmp(ab.token, TOKEN))
			fail_msg("%s: '%s'", tokenv[i], ab.token);
	}
	for (i=0; i<ARRAY_SIZE(nonev); i++) {
		read_hdrs("<sip:1000@h>", nonev[i], false);
		if (ab.token[0])
			fail_msg("%s: '%s'", nonev[i], ab.token);
	}

	/* what does not fit is left out, or cut if it is text */
	(void)re_snprintf(hdrs, sizeof(hdrs), "Subject: %0600d\r\n"
			  "Call-Info: <http://h/%0600d>, <http://i/>\r\n"
			  "User-to-User: %0600d", 1, 2, 3);
	read_hdrs("<sip:1000@h>", hdrs, true);
	assert_int_equal(sizeof(ab.subject) - 1, strlen(ab.subject));
	assert_string_equal("<http://i/>", ab.call_info);
	assert_string_equal("", ab.user_to_user);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dialed),
		cmocka_unit_test(test_diversion),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
