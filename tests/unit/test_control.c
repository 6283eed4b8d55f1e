/**
 * @file test_control.c  System messages: read, written, remembered
 */
#include "testutil.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/xml.h"
#include "cube/signal.h"
#include "cube/control.h"


#define HEAD "<message from='101-5476@h/web' to='200-5476@h'" \
	" type='headline' id='1'><extraParams xmlns='jabber:client'>"
#define SYSTEM "<moduleIdentifier>SystemNotifications</moduleIdentifier>"
#define TAIL "</extraParams></message>"


static int decode(struct control **ctlp, const char *str)
{
	struct xml *x;
	int err;

	assert_int_equal(0, xml_decode(&x, str, strlen(str)));
	err = control_decode(ctlp, x);
	mem_deref(x);

	return err;
}


static void test_decode(void **state)
{
	struct control *ctl;
	(void)state;

	assert_int_equal(0, decode(&ctl, HEAD SYSTEM
		"<bridge>1</bridge><action>transfer</action>"
		"<session_id>s-1</session_id><request_id>r1</request_id>"
		"<target>sip:a&amp;b@h</target>" TAIL));
	assert_string_equal("101-5476@h/web", ctl->from);
	assert_string_equal("transfer", ctl->action);
	assert_string_equal("s-1", ctl->session);
	assert_string_equal("r1", ctl->request);
	assert_string_equal("sip:a&b@h", control_value(ctl, "target"));
	assert_null(control_value(ctl, "keys"));
	assert_null(control_value(NULL, "keys"));
	assert_null(ctl->fault);
	assert_false(ctl->stale);
	mem_deref(ctl);

	/* it tells */
	assert_int_equal(0, decode(&ctl, HEAD "<event>held</event>"
		"<bridge>1</bridge>" SYSTEM TAIL));
	assert_null(ctl->action);
	mem_deref(ctl);

	/* an answer, which names what it answers */
	assert_int_equal(0, decode(&ctl, HEAD SYSTEM "<bridge>1</bridge>"
		"<action>hold</action><event>held</event>" TAIL));
	assert_null(ctl->action);
	assert_string_equal("hold", control_value(ctl, "action"));
	assert_string_equal("held", control_value(ctl, "event"));
	mem_deref(ctl);

	assert_int_equal(0, decode(&ctl, "<message from='1-2@h/r'>"
		"<delay xmlns='urn:xmpp:delay'/><extraParams>" SYSTEM
		"<bridge>1</bridge><action>hold</action>" TAIL));
	assert_true(ctl->stale);
	mem_deref(ctl);
}


static void test_not_ours(void **state)
{
	static const char *const strv[] = {
		/* of an app, to an app */
		HEAD SYSTEM "<action>hold</action>" TAIL,
		HEAD SYSTEM "<bridge>2</bridge><action>hold</action>" TAIL,
		/* of another module, or of none */
		HEAD "<moduleIdentifier>WebRTCVideoChat</moduleIdentifier>"
			"<bridge>1</bridge><action>hold</action>" TAIL,
		HEAD "<bridge>1</bridge><action>hold</action>" TAIL,
		/* our own that came back */
		"<message from='1-2@h/r' type='error'><extraParams>" SYSTEM
			"<bridge>1</bridge><action>hold</action>" TAIL,
		/* from nobody */
		"<message><extraParams>" SYSTEM
			"<bridge>1</bridge><action>hold</action>" TAIL,
		"<presence from='1-2@h/r'><extraParams>" SYSTEM
			"<bridge>1</bridge></extraParams></presence>",
		"<message from='1-2@h/r'><body>bridge</body></message>",
	};
	struct control *ctl;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(strv); i++)
		assert_int_equal(ENOENT, decode(&ctl, strv[i]));

	assert_int_equal(EINVAL, control_decode(&ctl, NULL));
	assert_int_equal(EINVAL, control_from_signal(&ctl, NULL));
}


/* What is wrong is known, and can be told in one line */
static void test_faults(void **state)
{
	static const struct {
		const char *xml;
		const char *fault;
	} v[] = {
		{"<action>hold</action><request_id>a b</request_id>",
		 "request_id: 1 to 63 characters, no blanks"},
		{"<action>hold</action><request_id/>",
		 "request_id: 1 to 63 characters, no blanks"},
		{"<action>hold</action><session_id>a&#10;b</session_id>",
		 "session_id: 1 to 63 characters, no blanks"},
		{"<action/>", "action: 1 to 31 characters, no blanks"},
		{"<action>0123456789012345678901234567890a</action>",
		 "action: 1 to 31 characters, no blanks"},
		{"<action>hold</action><a/><b/><c/><d/><e/><f/><g/><h/><i/>"
		 "<j/><k/><l/><m/><n/><o/><p/>", "too many values"},
	};
	struct control *ctl;
	char buf[1024];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		re_snprintf(buf, sizeof(buf), "%s<bridge>1</bridge>%s%s",
			    HEAD SYSTEM, v[i].xml, TAIL);
		assert_int_equal(0, decode(&ctl, buf));
		assert_non_null(ctl->action);
		assert_string_equal(v[i].fault, ctl->fault);
		mem_deref(ctl);
	}
}


static const char *keys_of(char *buf, size_t size, const char *keys)
{
	struct control *ctl;
	const char *fault;
	char str[1024];

	re_snprintf(str, sizeof(str), "%s<bridge>1</bridge>"
		    "<action>dtmf</action>%s%s%s%s", HEAD SYSTEM,
		    keys ? "<keys>" : "", keys ? keys : "",
		    keys ? "</keys>" : "", TAIL);
	assert_int_equal(0, decode(&ctl, str));
	fault = control_keys(ctl, buf, size);
	mem_deref(ctl);

	return fault;
}


/* All or none: half a PIN opens nothing */
static void test_keys(void **state)
{
	static const char *const badv[] = {
		NULL, "", "1 2", "12e", "p", "1,2", "\xc3\xa4",
		"123456789012345678901234567890123",
	};
	char buf[CONTROL_KEYS_MAX + 1];
	size_t i;
	(void)state;

	assert_null(keys_of(buf, sizeof(buf), "0123456789*#ABCDabcd"));
	assert_string_equal("0123456789*#ABCDABCD", buf);
	assert_null(keys_of(buf, sizeof(buf),
			    "12345678901234567890123456789012"));
	assert_int_equal(CONTROL_KEYS_MAX, strlen(buf));

	for (i=0; i<ARRAY_SIZE(badv); i++)
		assert_non_null(keys_of(buf, sizeof(buf), badv[i]));
	assert_non_null(keys_of(buf, 3, "123"));
}


static void test_encode(void **state)
{
	const struct cube_info infov[] = {
		{"bridge", "1"}, {"event", "error"}, {"request_id", NULL},
		{"reason", "<a> & \"b\""}, {"2 odd", "x"}, {"empty", ""},
	};
	struct mbuf *mb = mbuf_alloc(64);
	struct control *ctl;
	char buf[1024];
	(void)state;

	assert_int_equal(0, control_encode(mb, infov, ARRAY_SIZE(infov),
					   "101-5476@h/a'b", "4711"));
	re_snprintf(buf, sizeof(buf), "<message from='200-5476@h/b'%b",
		    mb->buf + 8, mb->end - 8);
	assert_int_equal(0, decode(&ctl, buf));
	assert_string_equal("error", control_value(ctl, "event"));
	assert_string_equal("<a> & \"b\"", control_value(ctl, "reason"));
	assert_string_equal("", control_value(ctl, "empty"));
	assert_null(control_value(ctl, "request_id"));
	assert_int_equal(5, ctl->infoc);
	mem_deref(ctl);

	assert_int_equal(EINVAL, control_encode(NULL, infov, 1, "a", "b"));
	assert_int_equal(EINVAL, control_encode(mb, NULL, 1, "a", "b"));
	assert_int_equal(EINVAL, control_encode(mb, infov, 1, NULL, "b"));
	assert_int_equal(EINVAL, control_encode(mb, infov, 1, "a", NULL));
	mem_deref(mb);
}


/* Older SDKs ask in an `update` of the call itself */
static void test_update(void **state)
{
	static const char str[] = HEAD "<userInfo><bridge>1</bridge>"
		"<action>dtmf</action><keys>5</keys>"
		"<session_id>other</session_id></userInfo>"
		"<sessionID>s-1</sessionID><callType>2</callType>"
		"<callerID>101</callerID><moduleIdentifier>WebRTCVideoChat"
		"</moduleIdentifier><signalType>update</signalType>" TAIL;
	static const char old[] = HEAD "<userInfo><dtmf>5</dtmf></userInfo>"
		"<sessionID>s-1</sessionID>"
		"<signalType>update</signalType>" TAIL;
	char buf[CONTROL_KEYS_MAX + 1];
	struct control *ctl;
	struct signal *sig;
	struct xml *x;
	(void)state;

	assert_int_equal(0, xml_decode(&x, str, strlen(str)));
	assert_int_equal(ENOENT, control_decode(&ctl, x));
	assert_int_equal(0, signal_decode(&sig, x));
	mem_deref(x);
	assert_int_equal(0, control_from_signal(&ctl, sig));
	mem_deref(sig);
	assert_string_equal("dtmf", ctl->action);
	assert_string_equal("s-1", ctl->session);
	assert_null(control_keys(ctl, buf, sizeof(buf)));
	mem_deref(ctl);

	assert_int_equal(0, xml_decode(&x, old, strlen(old)));
	assert_int_equal(0, signal_decode(&sig, x));
	assert_int_equal(ENOENT, control_from_signal(&ctl, sig));
	mem_deref(sig);
	mem_deref(x);
}


static struct control request(const char *action, const char *id)
{
	const struct control ctl = {.from = "101-5476@h/web",
		.action = action, .session = "s", .request = id};

	return ctl;
}


static void test_memory(void **state)
{
	const struct control one = request("hold", "1");
	const struct control two = request("resume", "1");
	const struct control none = request("hold", NULL);
	struct control other = one;
	struct control_memory *cm;
	const char *reason = NULL;
	(void)state;

	other.session = "t";
	assert_int_equal(EINVAL, control_memory_alloc(NULL));
	assert_int_equal(0, control_memory_alloc(&cm));
	assert_int_equal(CONTROL_NEW, control_memory_find(cm, "101", &one, 0,
							  &reason));
	assert_int_equal(0, control_memory_add(cm, "101", &one, 0));
	assert_int_equal(CONTROL_RUNNING,
			 control_memory_find(cm, "101", &one, 0, &reason));

	/* of another user or call, for something else, or without an id */
	assert_int_equal(CONTROL_NEW, control_memory_find(cm, "102", &one, 0,
							  &reason));
	assert_int_equal(CONTROL_NEW, control_memory_find(cm, "101", &other,
							  0, &reason));
	assert_int_equal(CONTROL_NEW, control_memory_find(cm, "101", &two, 0,
							  &reason));
	assert_int_equal(0, control_memory_add(cm, "101", &none, 0));
	assert_int_equal(CONTROL_NEW, control_memory_find(cm, "101", &none, 0,
							  &reason));

	control_memory_done(cm, "101", &one, "not now");
	assert_int_equal(CONTROL_DONE, control_memory_find(cm, "101", &one, 9,
							   &reason));
	assert_string_equal("not now", reason);

	/* once is once */
	control_memory_done(cm, "101", &one, NULL);
	assert_int_equal(CONTROL_DONE, control_memory_find(cm, "101", &one, 9,
							   &reason));
	assert_string_equal("not now", reason);

	assert_int_equal(0, control_memory_add(cm, "101", &two, 10));
	control_memory_done(cm, "101", &two, NULL);
	assert_int_equal(CONTROL_DONE,
			 control_memory_find(cm, "101", &two,
					     CONTROL_SEEN_TIME, &reason));
	assert_null(reason);

	/* after its time */
	assert_int_equal(CONTROL_NEW,
			 control_memory_find(cm, "101", &one,
					     CONTROL_SEEN_TIME, &reason));
	mem_deref(cm);

	assert_int_equal(CONTROL_NEW, control_memory_find(NULL, "101", &one,
							  0, &reason));
	assert_int_equal(EINVAL, control_memory_add(NULL, "101", &one, 0));
	control_memory_done(NULL, "101", &one, NULL);
}


static void test_memory_is_bounded(void **state)
{
	struct control_memory *cm;
	const char *reason;
	struct control ctl;
	char id[16];
	int i;
	(void)state;

	assert_int_equal(0, control_memory_alloc(&cm));

	for (i=0; i<1000; i++) {
		re_snprintf(id, sizeof(id), "%d", i);
		ctl = request("hold", id);
		assert_int_equal(0, control_memory_add(cm, "101", &ctl, 0));
	}

	for (i=0; i<1000; i++) {
		re_snprintf(id, sizeof(id), "%d", i);
		ctl = request("hold", id);
		assert_int_equal(i < 1000 - CONTROL_SEEN_MAX ? CONTROL_NEW
				 : CONTROL_RUNNING,
				 control_memory_find(cm, "101", &ctl, 0,
						     &reason));
	}

	mem_deref(cm);
}


/* One who asks for a lot does not make another one's request be done twice */
static void test_memory_is_shared_fairly(void **state)
{
	struct control one = request("dtmf", "1"), two = request("dtmf", "2");
	struct control_memory *cm;
	const char *reason;
	struct control ctl;
	char id[16];
	int i;
	(void)state;

	assert_int_equal(0, control_memory_alloc(&cm));
	assert_int_equal(0, control_memory_add(cm, "101", &one, 0));
	control_memory_done(cm, "101", &one, NULL);

	for (i=0; i<1000; i++) {
		re_snprintf(id, sizeof(id), "%d", i);
		ctl = request("dnd", id);
		assert_int_equal(0, control_memory_add(cm, "666", &ctl, 0));
	}

	assert_int_equal(0, control_memory_add(cm, "101", &two, 0));
	assert_int_equal(CONTROL_DONE,
			 control_memory_find(cm, "101", &one, 0, &reason));
	assert_int_equal(CONTROL_RUNNING,
			 control_memory_find(cm, "101", &two, 0, &reason));
	assert_int_equal(CONTROL_RUNNING,
			 control_memory_find(cm, "666", &ctl, 0, &reason));

	/* nobody is spared for ever */
	assert_int_equal(CONTROL_NEW,
			 control_memory_find(cm, "101", &one,
					     CONTROL_SEEN_TIME, &reason));
	mem_deref(cm);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_update),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_memory_is_bounded),
		cmocka_unit_test(test_memory_is_shared_fairly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
