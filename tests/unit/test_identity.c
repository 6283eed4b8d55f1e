/**
 * @file test_identity.c  Who calls
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "sip/pure/identity.h"
#include "sip/pure/identitytx.h"
#include "sip/pure/privacy.h"


static void check(const char *val, const char *name, const char *number,
		  const char *uri)
{
	struct identity id;
	struct pl pl;

	pl_set_str(&pl, val);

	if (identity_decode(&id, &pl))
		fail_msg("%s", val);

	if (strcmp(id.name, name) || strcmp(id.number, number) ||
	    strcmp(id.uri, uri))
		fail_msg("%s: '%s' '%s' '%s'", val, id.name, id.number,
			 id.uri);
}


static void test_names(void **state)
{
	(void)state;

	check("\"Ann Smith\" <sip:100@h>;tag=1", "Ann Smith", "100",
	      "sip:100@h");
	check("Ann Smith <sip:100@h>", "Ann Smith", "100", "sip:100@h");
	check("Ann  van\r\n\tSmith<sip:100@h>", "Ann van Smith", "100",
	      "sip:100@h");
	check("\"Ann \\\"Boss\\\" \\\\ Smith\" <sip:100@h>",
	      "Ann \"Boss\" \\ Smith", "100", "sip:100@h");
	check("\"Smith <Ann>\" <sip:100@h>", "Smith <Ann>", "100",
	      "sip:100@h");
	check("\"\" <sip:100@h>", "", "100", "sip:100@h");
	check("<sip:100@h>", "", "100", "sip:100@h");
	check("\"Ann <sip:100@h>", "Ann", "100", "sip:100@h");
	check("sip:100@h;tag=1", "", "100", "sip:100@h");
	check(" sip:100@h ", "", "100", "sip:100@h");
}


static void test_character_sets(void **state)
{
	(void)state;

	check("\"Jo\xc3\xa3o\" <sip:1@h>", "Jo\xc3\xa3o", "1", "sip:1@h");

	/* Latin-1 is made UTF-8 */
	check("\"Jo\xe3o\" <sip:1@h>", "Jo\xc3\xa3o", "1", "sip:1@h");

	/* no line ends, no terminal's escapes, no half or overlong letters */
	check("\"a\rb\x1b[1mc\x7f\" <sip:1@h>", "a b [1mc", "1", "sip:1@h");
	check("\"a\xc2\x85z\xc0\x80\" <sip:1@h>", "az\xc3\x80", "1",
	      "sip:1@h");
	check("\"\xed\xa0\x80\" <sip:1@h>", "\xc3\xad\xc2\xa0", "1",
	      "sip:1@h");
}


static void test_users(void **state)
{
	(void)state;

	check("<sip:+5511999@h;user=phone>", "", "+5511999",
	      "sip:+5511999@h;user=phone");
	check("<sip:+55-11-(99)9.1@h;user=phone>", "", "+55119991",
	      "sip:+55-11-(99)9.1@h;user=phone");
	check("<sip:ann.smith@h>", "", "ann.smith", "sip:ann.smith@h");
	check("<sip:*31%2355@h>", "", "*31#55", "sip:*31%2355@h");
	check("<sip:jo%c3%A3o@h>", "", "jo\xc3\xa3o", "sip:jo%c3%A3o@h");
	check("<sip:a%zz%4@h>", "", "a%zz%4", "sip:a%zz%4@h");
	check("<sip:a%00%0ab@h>", "", "a b", "sip:a%00%0ab@h");
	check("<sip:5511;npdi;rn=+5500@h>", "", "5511",
	      "sip:5511;npdi;rn=+5500@h");
	check("<sip:5511;phone-context=%2b55:secret@h>", "", "5511",
	      "sip:5511;phone-context=%2b55@h");
	check("<sips:100@[2001:db8::1]:5061>", "", "100",
	      "sips:100@[2001:db8::1]:5061");
	check("<sip:example.com:5060>", "", "", "sip:example.com:5060");
	check("<sip:anonymous@anonymous.invalid>", "", "anonymous",
	      "sip:anonymous@anonymous.invalid");
}


static void test_tel(void **state)
{
	(void)state;

	check("<tel:+55-11-(5551)23.4>", "", "+55115551234",
	      "tel:+55-11-(5551)23.4");
	check("\"Ann\" <tel:5551;phone-context=+5511>;tag=1", "Ann", "5551",
	      "tel:5551;phone-context=+5511");
	check("tel:+551155512", "", "+551155512", "tel:+551155512");
	check("<urn:service:sos>", "", "", "urn:service:sos");
}


static void test_broken(void **state)
{
	static const char *const v[] = {"", " ", "\"Ann", "\"Ann\"",
		"\"Ann\" sip:1@h", "<sip:1@h", "Ann", "\"a\\", "<>",
	};
	struct identity id;
	struct pl pl;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		pl_set_str(&pl, v[i]);
		memset(&id, 'x', sizeof(id));
		if (identity_decode(&id, &pl) != EBADMSG || id.name[0] ||
		    id.number[0] || id.uri[0])
			fail_msg("'%s'", v[i]);
	}

	assert_int_equal(EINVAL, identity_decode(NULL, &pl));
	assert_int_equal(EINVAL, identity_decode(&id, NULL));
}


static void test_long(void **state)
{
	struct identity id;
	char buf[4096];
	struct pl pl;
	(void)state;

	/* cut at a letter, not within */
	memset(buf, 0, sizeof(buf));
	strcpy(buf, "\"");
	while (strlen(buf) < 600)
		strcat(buf, "\xe2\x82\xac");
	strcat(buf, "\" <sip:");
	while (strlen(buf) < 3000)
		strcat(buf, "9");
	strcat(buf, "@h>");

	pl_set_str(&pl, buf);
	assert_int_equal(0, identity_decode(&id, &pl));
	assert_int_equal(0, strlen(id.name) % 3);
	assert_true(strlen(id.name) > 180);
	assert_int_equal(sizeof(id.number) - 1, strlen(id.number));
	assert_true(strlen(id.uri) < sizeof(id.uri));
}


static struct sip_msg *make_msg(const char *line, const char *to,
				const char *hdrs)
{
	struct mbuf *mb = mbuf_alloc(512);
	struct sip_msg *msg;

	(void)mbuf_printf(mb, "%s\r\n"
			  "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
			  "To: <sip:1000@h>%s\r\nCall-ID: 1\r\n"
			  "CSeq: 1 INVITE\r\n%s\r\n\r\n", line, to, hdrs);
	mb->pos = 0;
	assert_int_equal(0, sip_msg_decode(&msg, mb));
	mem_deref(mb);

	return msg;
}


#define INVITE "INVITE sip:1000@h SIP/2.0"
#define OK "SIP/2.0 200 OK"

static bool trusted = true;

static void check_caller(const char *hdrs, const char *name,
			 const char *number, const char *uri)
{
	struct sip_msg *msg = make_msg(INVITE, "", hdrs);
	struct identity id;

	assert_int_equal(0, identity_caller(&id, msg, trusted));
	assert_int_equal(id.anonymous, !strcmp(name, "Anonymous"));

	if (strcmp(id.name, name) || strcmp(id.number, number) ||
	    strcmp(id.uri, uri))
		fail_msg("%s: '%s' '%s' '%s'", hdrs, id.name, id.number,
			 id.uri);

	mem_deref(msg);
}


#define TRUNK "From: \"To Vivo\" <sip:trunk7@pbx>;tag=1\r\n"

static void test_caller(void **state)
{
	(void)state;

	check_caller(TRUNK, "To Vivo", "trunk7", "sip:trunk7@pbx");
	check_caller(TRUNK "P-Asserted-Identity: \"Ann, Smith\""
		     " <sip:+5511@vivo>", "Ann, Smith", "+5511",
		     "sip:+5511@vivo");
	check_caller(TRUNK "P-Asserted-Identity: <sip:+5511@vivo>", "",
		     "+5511", "sip:+5511@vivo");
	check_caller(TRUNK "P-Asserted-Identity: Ann <sip:ann@vivo>,"
		     " <tel:+55-11>", "Ann", "+5511", "sip:ann@vivo");
	check_caller(TRUNK "P-Asserted-Identity: <tel:+5511>\r\n"
		     "P-Asserted-Identity: Ann <sip:ann@vivo>", "Ann",
		     "+5511", "tel:+5511");
	check_caller(TRUNK "P-Asserted-Identity: nobody\r\n"
		     "Remote-Party-ID: \"Bob\" <sip:42@vivo>;party=calling;"
		     "screen=yes;privacy=off", "Bob", "42", "sip:42@vivo");
	check_caller("From: Ann <sip:42@pbx>;tag=1\r\n"
		     "P-Asserted-Identity: <sip:42@vivo>", "Ann", "42",
		     "sip:42@vivo");

	/* the other party, or nobody's business */
	check_caller(TRUNK "Remote-Party-ID: <sip:1000@vivo>;party=called",
		     "To Vivo", "trunk7", "sip:trunk7@pbx");
	check_caller(TRUNK "Remote-Party-ID: <sip:42@vivo>;privacy=full",
		     "To Vivo", "trunk7", "sip:trunk7@pbx");
	check_caller("From: \"Anonymous\" <sip:anonymous@anonymous.invalid>"
		     ";tag=1\r\nPrivacy: id\r\n"
		     "P-Asserted-Identity: <sip:42@vivo>", "Anonymous",
		     "", "sip:anonymous@anonymous.invalid");
	check_caller(TRUNK "Privacy: user", "Anonymous", "",
		     "sip:anonymous@anonymous.invalid");
	check_caller("From: <sip:Anonymous@pbx>;tag=1", "Anonymous", "",
		     "sip:anonymous@anonymous.invalid");
	check_caller(TRUNK "Privacy: critical\r\nPrivacy: id\r\n"
		     "P-Asserted-Identity: <sip:42@vivo>", "To Vivo",
		     "trunk7", "sip:trunk7@pbx");
	check_caller(TRUNK "Privacy: critical; ID\r\n"
		     "P-Asserted-Identity: <sip:42@vivo>", "To Vivo",
		     "trunk7", "sip:trunk7@pbx");
	check_caller(TRUNK "Privacy: idle;session\r\nPrivacy: \r\n"
		     "P-Asserted-Identity: <sip:42@vivo>", "", "42",
		     "sip:42@vivo");
	check_caller(TRUNK "Privacy: none\r\n"
		     "P-Asserted-Identity: <sip:42@vivo>", "", "42",
		     "sip:42@vivo");
	check_caller("From: \"Ann <sip:42@pbx>;tag=1", "Ann", "42",
		     "sip:42@pbx");
	check_caller("From: <tel:+55-11>;tag=1", "", "+5511", "tel:+55-11");
}


static void test_untrusted(void **state)
{
	(void)state;

	trusted = false;
	check_caller(TRUNK "P-Asserted-Identity: Ann <sip:+5511@vivo>",
		     "To Vivo", "trunk7", "sip:trunk7@pbx");
	check_caller(TRUNK "Remote-Party-ID: <sip:42@vivo>;privacy=off",
		     "To Vivo", "trunk7", "sip:trunk7@pbx");
	trusted = true;
}


static void test_privacy(void **state)
{
	static const struct {
		const char *hdr;
		uint32_t priv;
		bool impossible;
	} v[] = {
		{"X: id", 0, false},
		{"Privacy: none", PRIVACY_NONE, false},
		{"Privacy: ID;header , user", PRIVACY_CALLER, false},
		{"Privacy: session;critical",
		 PRIVACY_SESSION | PRIVACY_CRITICAL, false},
		{"Privacy: history\r\nPrivacy: id",
		 PRIVACY_HISTORY | PRIVACY_ID, false},
		{"Privacy: idle", PRIVACY_UNKNOWN, false},
		{"Privacy: idle;critical",
		 PRIVACY_UNKNOWN | PRIVACY_CRITICAL, true},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		struct sip_msg *msg = make_msg(INVITE, "", v[i].hdr);

		assert_int_equal(v[i].priv, privacy_decode(msg));
		assert_int_equal(v[i].impossible,
				 privacy_is_impossible(v[i].priv));
		mem_deref(msg);
	}
}


/* NULL: nothing was said */
static void check_connected(const char *line, const char *hdrs,
			    struct identity *before, const char *name,
			    const char *number)
{
	struct sip_msg *msg = make_msg(line, ";tag=2", hdrs);
	struct identity id;
	const int err = identity_connected(&id, msg, before, trusted);

	assert_int_equal(err, name ? 0 : ENOENT);
	if (name && (strcmp(id.name, name) || strcmp(id.number, number)))
		fail_msg("%s: '%s' '%s'", hdrs, id.name, id.number);

	mem_deref(msg);
}


static void test_connected(void **state)
{
	struct identity from;
	struct pl pl;
	(void)state;

	pl_set_str(&pl, "Ann <sip:42@pbx>");
	assert_int_equal(0, identity_decode(&from, &pl));

	/* the same once more says nothing, whatever its tag */
	check_connected(INVITE, "From: Ann <sip:42@pbx>;tag=9", &from, NULL,
			NULL);
	check_connected(INVITE, "From: \"Bob\" <sip:43@pbx>;tag=9", &from,
			"Bob", "43");
	check_connected(INVITE, "From: Bob <sip:43@pbx>;tag=9", &from, NULL,
			NULL);
	check_connected(INVITE, "From: Bob <sip:43@pbx>;tag=9\r\n"
			"P-Asserted-Identity: Carl <sip:44@pbx>", &from,
			"Carl", "44");
	check_connected(INVITE, "From: Bob <sip:43@pbx>;tag=9\r\n"
			"Privacy: id\r\n"
			"P-Asserted-Identity: Carl <sip:44@pbx>", &from,
			"Anonymous", "");
	check_connected(INVITE, "From: Bob <sip:43@pbx>;tag=9\r\n"
			"Remote-Party-ID: Dora <sip:45@pbx>;party=called",
			&from, "Dora", "45");

	/* of an answer From is our own */
	check_connected(OK, "From: <sip:1000@h>;tag=9", NULL, NULL, NULL);
	check_connected(OK, "From: <sip:1000@h>;tag=9\r\n"
			"Remote-Party-ID: Dora <sip:45@pbx>;party=called",
			NULL, "Dora", "45");
	check_connected(OK, "From: <sip:1000@h>;tag=9\r\n"
			"Remote-Party-ID: <sip:1000@h>;party=calling", NULL,
			NULL, NULL);

	trusted = false;
	check_connected(OK, "From: <sip:1000@h>;tag=9\r\n"
			"P-Asserted-Identity: Carl <sip:44@pbx>", NULL,
			NULL, NULL);
	trusted = true;
}


static void test_printed(void **state)
{
	static const struct {
		const char *name;
		const char *number;
		const char *addr;
	} v[] = {
		{"Ann", "+5511", "\"Ann\" <sip:+5511@pbx:5070>"},
		{NULL, NULL, "<sip:1000@pbx:5070>"},
		{"", "", "<sip:1000@pbx:5070>"},
		{"Ann \"Boss\" \\ Jo\xc3\xa3o", "42",
		 "\"Ann \\\"Boss\\\" \\\\ Jo\xc3\xa3o\" <sip:42@pbx:5070>"},
		{"a\r\nTo: <sip:x@y>\x1b", "4\r\n2;x=y@z?a>#\xc3\xa3",
		 "\"a To: <sip:x@y>\""
		 " <sip:4%202%3Bx=y%40z%3Fa%3E%23%C3%A3@pbx:5070>"},
		{"\xe3", "1", "\"\xc3\xa3\" <sip:1@pbx:5070>"},
	};
	const char *luri = "sip:1000:secret@pbx:5070;transport=tcp";
	struct uri at;
	struct pl pl;
	size_t i;
	(void)state;

	pl_set_str(&pl, luri);
	assert_int_equal(0, uri_decode(&at, &pl));

	for (i=0; i<ARRAY_SIZE(v); i++) {

		const struct who who = {v[i].name, v[i].number, false, NULL};
		const struct who_uri wu = {&who, &at};
		char buf[512];

		assert_true(re_snprintf(buf, sizeof(buf), "%H",
					identity_print_addr, &wu) > 0);
		assert_string_equal(v[i].addr, buf);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_character_sets),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_tel),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_caller),
		cmocka_unit_test(test_untrusted),
		cmocka_unit_test(test_privacy),
		cmocka_unit_test(test_connected),
		cmocka_unit_test(test_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
