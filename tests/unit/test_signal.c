/**
 * @file test_signal.c  Codec of call signals
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/xml.h"
#include "cube/signal.h"


#define HEAD "<message to='102-5476@h' from='101-5476@h/r' id='x'" \
	" type='headline' xmlns='jabber:client'>"
#define MODULE "<moduleIdentifier>WebRTCVideoChat</moduleIdentifier>"


static int decode(struct signal **sp, const char *str)
{
	struct xml *x;
	int err;

	err = xml_decode(&x, str, strlen(str));
	if (err)
		return err;

	err = signal_decode(sp, x);
	mem_deref(x);

	return err;
}


static void test_call(void **state)
{
	struct signal *s;
	(void)state;

	assert_int_equal(0, decode(&s, HEAD "<extraParams><userInfo>"
		"<caller>Alice</caller><note>a &amp; b</note></userInfo>"
		"<sessionID>ac51</sessionID><callType>1</callType>"
		"<callerID>101</callerID><opponentsIDs><opponentID>102"
		"</opponentID><opponentID>103</opponentID></opponentsIDs>"
		"<sdp>v=0&#13;\no=- 1 2\ns=-\r\n\n</sdp>" MODULE
		"<signalType>call</signalType><platform>web</platform>"
		"<unknown><x/></unknown></extraParams></message>"));

	assert_int_equal(SIGNAL_CALL, s->type);
	assert_string_equal("101-5476@h/r", s->from);
	assert_string_equal("ac51", s->sid);
	assert_int_equal(CUBE_CALL_VIDEO, s->call_type);
	assert_string_equal("101", s->caller);
	assert_int_equal(2, s->opponentc);
	assert_string_equal("103", s->opponentv[1]);
	assert_string_equal("v=0\r\no=- 1 2\r\ns=-\r\n", s->sdp);
	assert_string_equal("web", s->platform);
	assert_string_equal("Alice", signal_info(s, "caller"));
	assert_string_equal("a & b", signal_info(s, "note"));
	assert_null(signal_info(s, "nothing"));
	assert_false(s->stale);
	mem_deref(s);
}


static void test_smallest_accept(void **state)
{
	struct signal *s;
	(void)state;

	assert_int_equal(0, decode(&s, HEAD "<extraParams><sessionID>s"
		"</sessionID><sdp>v=0\nm=audio 9\nm=video 9 X\n</sdp>"
		"<signalType>accept</signalType></extraParams></message>"));
	assert_int_equal(SIGNAL_ACCEPT, s->type);
	assert_int_equal(CUBE_CALL_VIDEO, s->call_type);
	assert_null(s->caller);
	mem_deref(s);
}


static void test_candidates(void **state)
{
	struct signal *s;
	(void)state;

	assert_int_equal(0, decode(&s, HEAD "<extraParams><sessionID>s"
		"</sessionID><iceCandidates><iceCandidate><sdpMLineIndex>"
		"</sdpMLineIndex><sdpMid>0</sdpMid><candidate>candidate:1 1"
		"</candidate></iceCandidate><iceCandidate><sdpMLineIndex>1"
		"</sdpMLineIndex><candidate>candidate:2 1</candidate>"
		"</iceCandidate><iceCandidate/><other/></iceCandidates>"
		MODULE "<signalType>iceCandidates</signalType>"
		"</extraParams></message>"));
	assert_int_equal(2, s->candc);
	assert_int_equal(0, s->candv[0].mline);
	assert_string_equal("0", s->candv[0].mid);
	assert_string_equal("candidate:1 1", s->candv[0].cand);
	assert_int_equal(1, s->candv[1].mline);
	assert_string_equal("", s->candv[1].mid);
	assert_int_equal(CUBE_CALL_AUDIO, s->call_type);
	mem_deref(s);
}


static void test_nested_info_and_busy(void **state)
{
	struct signal *s;
	(void)state;

	assert_int_equal(0, decode(&s, HEAD "<extraParams><userInfo><a><b>1"
		"</b><c><d>2</d></c></a><busy>TRUE</busy><e/></userInfo>"
		"<sessionID>s</sessionID>" MODULE "<signalType>reject"
		"</signalType></extraParams></message>"));
	assert_int_equal(4, s->infoc);
	assert_string_equal("1", signal_info(s, "a/b"));
	assert_string_equal("2", signal_info(s, "a/c/d"));
	assert_string_equal("", signal_info(s, "e"));
	assert_true(signal_is_busy(s));
	mem_deref(s);

	assert_int_equal(0, decode(&s, HEAD "<extraParams><userInfo>"
		"<reason>busy</reason></userInfo><sessionID>s</sessionID>"
		"<signalType>reject</signalType></extraParams></message>"));
	assert_true(signal_is_busy(s));
	mem_deref(s);

	assert_int_equal(0, decode(&s, HEAD "<extraParams><userInfo>"
		"<busy>no</busy></userInfo><sessionID>s</sessionID>"
		"<signalType>reject</signalType></extraParams></message>"));
	assert_false(signal_is_busy(s));
	mem_deref(s);
}


/* a name of 50 kB over 60 values is 3 MB, of a message of 50 kB */
static void test_long_names(void **state)
{
	static char name[50001];
	struct mbuf *mb = mbuf_alloc(120000);
	struct signal *s;
	int i;
	(void)state;

	memset(name, 'n', sizeof(name) - 1);
	mbuf_printf(mb, HEAD "<extraParams><userInfo><a>1</a><%s>", name);
	for (i=0; i<60; i++)
		mbuf_printf(mb, "<v%d/>", i);
	mbuf_printf(mb, "</%s><b>2</b></userInfo><sessionID>s</sessionID>"
		    "<signalType>update</signalType></extraParams>"
		    "</message>", name);
	mbuf_write_u8(mb, 0);
	assert_int_equal(0, decode(&s, (char *)mb->buf));
	assert_int_equal(2, s->infoc);
	assert_string_equal("2", signal_info(s, "b"));
	mem_deref(s);
	mem_deref(mb);
}


static void test_session_id(void **state)
{
	static const char *badv[] = {
		"", "a b", "a\nb", "caf\xc3\xa9",
		"0123456789012345678901234567890123456789012345678901234567"
		"890123",
	};
	char str[256];
	struct signal *s;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(badv); i++) {
		re_snprintf(str, sizeof(str), HEAD "<extraParams><sessionID>"
			    "%s</sessionID><signalType>hangUp</signalType>"
			    "</extraParams></message>", badv[i]);
		assert_int_equal(EBADMSG, decode(&s, str));
	}
}


static void test_stale(void **state)
{
	struct signal *s;
	(void)state;

	assert_int_equal(0, decode(&s, HEAD "<extraParams><sessionID>s"
		"</sessionID><signalType>hangUp</signalType></extraParams>"
		"<delay xmlns='urn:xmpp:delay' stamp='x'/></message>"));
	assert_true(s->stale);
	mem_deref(s);
}


static void test_no_signal(void **state)
{
	struct signal *s = NULL;
	(void)state;

	assert_int_equal(ENOENT, decode(&s, HEAD "<body>hi</body></message>"));
	assert_int_equal(ENOENT, decode(&s, HEAD "<extraParams/></message>"));
	assert_int_equal(ENOENT, decode(&s, "<iq><extraParams><signalType>call"
		"</signalType></extraParams></iq>"));
	assert_int_equal(ENOENT, decode(&s, "<message type='error'>"
		"<extraParams><signalType>call</signalType></extraParams>"
		"</message>"));
	assert_int_equal(ENOENT, decode(&s, HEAD "<extraParams>"
		"<moduleIdentifier>SystemNotifications</moduleIdentifier>"
		"<signalType>call</signalType></extraParams></message>"));

	/* a carbon of our own other connection is none */
	assert_int_equal(ENOENT, decode(&s, HEAD "<sent xmlns="
		"'urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
		"<message><extraParams><sessionID>s</sessionID><signalType>"
		"accept</signalType></extraParams></message></forwarded>"
		"</sent></message>"));

	assert_int_equal(EBADMSG, decode(&s, HEAD "<extraParams><signalType>"
		"call</signalType></extraParams></message>"));
	assert_int_equal(EBADMSG, decode(&s, HEAD "<extraParams><sessionID>s"
		"</sessionID><signalType>dance</signalType></extraParams>"
		"</message>"));
	assert_null(s);
}


static struct mbuf *encode(const struct signal *sig)
{
	struct mbuf *mb = mbuf_alloc(512);

	assert_int_equal(0, signal_encode(mb, sig, "102-5476@h", "id1"));

	return mb;
}


static void roundtrip(struct signal **sp, const struct signal *sig)
{
	struct mbuf *mb = encode(sig);
	struct xml *x;

	assert_int_equal(0, xml_decode(&x, (char *)mb->buf, mb->end));
	assert_string_equal("headline", xml_attr(x, "type"));
	assert_string_equal("102-5476@h", xml_attr(x, "to"));
	assert_int_equal(0, signal_decode(sp, x));
	mem_deref(x);
	mem_deref(mb);
}


static void test_roundtrip(void **state)
{
	struct signal sig = {
		.sid = "s<1>", .call_type = CUBE_CALL_AUDIO, .caller = "101",
		.opponentv = {"102"}, .opponentc = 1,
		.sdp = "v=0\r\na=x:<&>\r\n",
		.candv = {{"candidate:1", "0", 0}, {"candidate:2", "1", 1}},
		.candc = 2,
		.infov = {{"caller/name", "J\xe9r\xf4me & \x02"},
			  {"caller/number", "12"}, {"dial", NULL},
			  {"1 bad name", "v"}, {"///", "dropped"}},
		.infoc = 5,
	};
	int i;
	(void)state;

	for (i=0; i<SIGNAL_TYPE_MAX; i++) {
		struct signal *s;

		sig.type = (enum signal_type)i;
		roundtrip(&s, &sig);
		assert_int_equal(i, s->type);
		assert_string_equal("s<1>", s->sid);
		assert_string_equal("101", s->caller);
		assert_string_equal(sig.sdp, s->sdp);
		assert_int_equal(2, s->candc);
		assert_int_equal(1, s->candv[1].mline);
		assert_int_equal(4, s->infoc);
		assert_string_equal("12", signal_info(s, "caller/number"));
		assert_string_equal("", signal_info(s, "dial"));
		assert_string_equal("v", signal_info(s, "_1_bad_name"));
		assert_string_equal("J\xef\xbf\xbdr\xef\xbf\xbdme & "
				    "\xef\xbf\xbd",
				    signal_info(s, "caller/name"));
		mem_deref(s);
	}
}


static void test_encoded_text(void **state)
{
	const struct signal sig = {
		.type = SIGNAL_HANGUP, .sid = "s",
		.call_type = CUBE_CALL_VIDEO, .caller = "101",
		.opponentv = {"102"}, .opponentc = 1,
		.infov = {{"a/b", "1"}, {"a/c", "2"}, {"d", "3"}},
		.infoc = 3,
	};
	struct mbuf *mb = encode(&sig);
	(void)state;

	assert_int_equal(0, mbuf_write_u8(mb, 0));
	assert_string_equal((char *)mb->buf,
		"<message xmlns=\"jabber:client\" to=\"102-5476@h\""
		" type=\"headline\" id=\"id1\">"
		"<extraParams xmlns=\"jabber:client\">"
		"<userInfo><a><b>1</b><c>2</c></a><d>3</d></userInfo>"
		"<sessionID>s</sessionID><callType>1</callType>"
		"<callerID>101</callerID>"
		"<opponentsIDs><opponentID>102</opponentID></opponentsIDs>"
		MODULE "<signalType>hangUp</signalType>"
		"<platform>web</platform></extraParams></message>");
	mem_deref(mb);
}


static void test_mandatory(void **state)
{
	const struct signal ok = {
		.type = SIGNAL_HANGUP, .sid = "s",
		.call_type = CUBE_CALL_VIDEO, .caller = "101",
	};
	struct signal sig;
	struct mbuf *mb = mbuf_alloc(512);
	(void)state;

	sig = ok;
	sig.sid = NULL;
	assert_int_equal(EINVAL, signal_encode(mb, &sig, "t", "i"));
	sig = ok;
	sig.caller = NULL;
	assert_int_equal(EINVAL, signal_encode(mb, &sig, "t", "i"));
	sig = ok;
	sig.call_type = 0;
	assert_int_equal(EINVAL, signal_encode(mb, &sig, "t", "i"));
	assert_int_equal(0, signal_encode(mb, &ok, "t", "i"));
	mem_deref(mb);
}


static void test_ids(void **state)
{
	char id[SIGNAL_ID_SIZE], sid[SIGNAL_SID_SIZE], sid2[SIGNAL_SID_SIZE];
	(void)state;

	signal_id(id);
	assert_int_equal(24, strlen(id));
	assert_int_equal(24, strspn(id, "0123456789abcdef"));

	signal_sid(sid);
	signal_sid(sid2);
	assert_int_equal(36, strlen(sid));
	assert_int_equal('4', sid[14]);
	assert_non_null(strchr("89ab", sid[19]));
	assert_string_not_equal(sid, sid2);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call),
		cmocka_unit_test(test_smallest_accept),
		cmocka_unit_test(test_candidates),
		cmocka_unit_test(test_nested_info_and_busy),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_session_id),
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_no_signal),
		cmocka_unit_test(test_roundtrip),
		cmocka_unit_test(test_encoded_text),
		cmocka_unit_test(test_mandatory),
		cmocka_unit_test(test_ids),
	};
	int err;

	rand_init();
	err = cmocka_run_group_tests(tests, NULL, NULL);

	return err;
}
