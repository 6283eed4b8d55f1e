/**
 * @file test_ami.c  Messages of Asterisk's manager interface
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "testutil.h"
#include "connectycube_ami/message.h"

#define BANNER "Asterisk Call Manager/11.0.0\r\n"


/** What was read */
struct heard {
	struct ami_stream *s;
	char banner[64];
	char text[4096];        /* of each message its fields, one a line */
	size_t n;               /* messages                               */
	size_t stop;            /* at which one, 0=never                  */
};


static void banner_handler(const struct pl *banner, void *arg)
{
	struct heard *h = arg;

	(void)pl_strcpy(banner, h->banner, sizeof(h->banner));
}


static int message_handler(const struct ami_message *msg, void *arg)
{
	struct heard *h = arg;
	size_t i, l;

	for (i=0; i<msg->fieldc; i++) {
		l = strlen(h->text);
		(void)re_snprintf(h->text + l, sizeof(h->text) - l, "%r=%r|",
				  &msg->fieldv[i].name,
				  &msg->fieldv[i].value);
	}
	l = strlen(h->text);
	(void)re_snprintf(h->text + l, sizeof(h->text) - l, "\n");

	if (++h->n != h->stop)
		return 0;

	h->s = mem_deref(h->s);

	return ECONNABORTED;
}


static void begin(struct heard *h)
{
	memset(h, 0, sizeof(*h));
	assert_int_equal(0, ami_stream_alloc(&h->s, banner_handler,
					     message_handler, h));
}


static int input(struct heard *h, const char *text)
{
	return ami_stream_input(h->s, (const uint8_t *)text, strlen(text));
}


/* CRLF or LF, any case, cut anywhere, empty lines more than needed */
static void test_stream(void **state)
{
	static const char text[] = BANNER
		"Response: Success\r\nActionID: a1\r\nMessage: Hello\r\n\r\n"
		"\r\n"
		"EVENT: Newchannel\nchannel:PJSIP/1-1\nEmpty:\n\n"
		"Event: Rest\r\n";
	static const char expect[] =
		"Response=Success|ActionID=a1|Message=Hello|\n"
		"EVENT=Newchannel|channel=PJSIP/1-1|Empty=|\n";
	struct heard h;
	size_t step, i;
	(void)state;

	for (step=1; step<=sizeof(text); step++) {

		begin(&h);
		for (i=0; i<strlen(text); i+=step) {
			assert_int_equal(0, ami_stream_input(h.s,
				(const uint8_t *)text + i,
				min(step, strlen(text) - i)));
		}
		assert_string_equal("Asterisk Call Manager/11.0.0", h.banner);
		assert_string_equal(expect, h.text);
		mem_deref(h.s);
	}
}


/* Something else listens there: said at once, whatever of it has come */
static void test_banner(void **state)
{
	static const char *const badv[] = {
		"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n",
		"A\r\n", "\r\n", "Asterisk Call Man\r\n", "x"
	};
	char longest[512];
	struct heard h;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(badv); i++) {
		begin(&h);
		assert_int_equal(EPROTO, input(&h, badv[i]));
		mem_deref(h.s);
	}

	/* one that does not end */
	begin(&h);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	memcpy(longest, "Asterisk Call Manager/", 22);
	assert_int_equal(EPROTO, input(&h, longest));
	mem_deref(h.s);

	/* or that ends too late, whatever it ends with */
	memset(longest + 26, ' ', 300);
	longest[310] = '\n';
	begin(&h);
	assert_int_equal(EPROTO, input(&h, longest));
	mem_deref(h.s);

	/* of any version */
	begin(&h);
	assert_int_equal(0, input(&h, "Asterisk Call Manager/1.1\n"));
	assert_string_equal("Asterisk Call Manager/1.1", h.banner);
	mem_deref(h.s);
}


static struct ami_message decode(const char *text)
{
	struct ami_message msg;

	ami_message_decode(&msg, text, strlen(text));

	return msg;
}


/* A name that stands twice is there twice; the dialplan's comes last */
static void test_twice(void **state)
{
	struct ami_message msg = decode(
		"Event: UserEvent\r\nChannel: PJSIP/1001-0000000c\r\n"
		"UserEvent: BridgeCall\r\nChannel: PJSIP/other-1\r\n"
		"From: <unknown>\r\n");
	char str[64];
	(void)state;

	assert_int_equal(AMI_EVENT, msg.kind);
	assert_int_equal(5, msg.fieldc);
	assert_int_equal(0, pl_strcmp(ami_get(&msg, "channel"),
				      "PJSIP/1001-0000000c"));
	assert_int_equal(0, pl_strcmp(ami_get_last(&msg, "CHANNEL"),
				      "PJSIP/other-1"));
	assert_null(ami_get(&msg, "To"));
	assert_null(ami_get_last(&msg, "To"));

	assert_int_equal(0, ami_str(&msg, "channel", str, sizeof(str)));
	assert_string_equal("PJSIP/1001-0000000c", str);
	assert_int_equal(EOVERFLOW, ami_str(&msg, "channel", str, 19));
	assert_string_equal("", str);
	assert_int_equal(ENOENT, ami_str(&msg, "From", str, sizeof(str)));
	assert_int_equal(ENOENT, ami_str(&msg, "To", str, sizeof(str)));
}


/* What is not a field is counted, and does no harm */
static void test_odd_lines(void **state)
{
	struct ami_message msg;
	char text[AMI_FIELDS_MAX * 8 + 64] = "Event: X\r\n";
	unsigned i;
	(void)state;

	msg = decode("no colon\r\nEvent: X\r\n: no name\r\nA: b: c\r\n");
	assert_int_equal(AMI_EVENT, msg.kind);
	assert_int_equal(2, msg.dropped);
	assert_int_equal(0, pl_strcmp(ami_get(&msg, "A"), "b: c"));

	/* a name with a CR in it makes no field */
	msg = decode("Event: X\r\nCallerIDName: a\rChannel: b\r\n");
	assert_null(ami_get(&msg, "Channel"));

	assert_int_equal(AMI_OTHER, decode("").kind);
	assert_int_equal(AMI_OTHER, decode("Foo: Event\r\n").kind);
	assert_int_equal(AMI_RESPONSE, decode("response: x\r\n").kind);

	for (i=0; i<AMI_FIELDS_MAX + 2; i++)
		strcat(text, "a: b\r\n");
	msg = decode(text);
	assert_int_equal(AMI_FIELDS_MAX, msg.fieldc);
	assert_int_equal(3, msg.dropped);

	msg = decode("Event: X\r\nCause: 16\r\nBad: 16x\r\nBig: 4294967296");
	assert_int_equal(16, ami_u32(&msg, "cause"));
	assert_int_equal(0, ami_u32(&msg, "bad"));
	assert_int_equal(0, ami_u32(&msg, "big"));
	assert_int_equal(0, ami_u32(&msg, "none"));
	assert_true(ami_is(&msg, "event", "x"));
	assert_false(ami_is(&msg, "none", ""));
}


/* One that is too long is passed over, whole, and the next one is read */
static void test_too_long(void **state)
{
	static const size_t stepv[] = {1, 7, 4096, 1 << 20};
	const size_t size = AMI_MESSAGE_MAX + 5000;
	char *text = mem_zalloc(size + 256, NULL);
	struct heard h;
	size_t i, k, len;
	(void)state;

	assert_non_null(text);

	strcpy(text, BANNER "Event: VarSet\r\nValue: ");
	len = strlen(text);
	memset(text + len, 'v', size - len);
	/* line ends, none of which is empty */
	for (i=len + 100; i<size - 10; i+=100)
		text[i] = '\n';
	strcpy(text + size, "\r\n\r\nEvent: Next\r\n\r\n");

	for (k=0; k<ARRAY_SIZE(stepv); k++) {

		begin(&h);
		for (i=0; i<strlen(text); i+=stepv[k]) {
			assert_int_equal(0, ami_stream_input(h.s,
				(const uint8_t *)text + i,
				min(stepv[k], strlen(text) - i)));
		}
		assert_string_equal("Event=Next|\n", h.text);
		assert_int_equal(1, ami_stream_dropped(h.s));
		mem_deref(h.s);
	}

	mem_deref(text);
}


/* A handler may end it all */
static void test_stop(void **state)
{
	struct heard h;
	(void)state;

	begin(&h);
	h.stop = 2;
	assert_int_equal(ECONNABORTED, input(&h, BANNER "Event: A\r\n\r\n"
		"Event: B\r\n\r\nEvent: C\r\n\r\n"));
	assert_null(h.s);
	assert_int_equal(2, h.n);
}


static void test_action(void **state)
{
	struct mbuf *mb = mbuf_alloc(64);
	char value[AMI_VALUE_MAX + 2];
	(void)state;

	assert_int_equal(0, ami_action_begin(mb, "Redirect", 7));
	assert_int_equal(0, ami_action_add(mb, "Channel", "PJSIP/1-1"));
	assert_int_equal(0, ami_action_add(mb, "Exten", NULL));
	assert_int_equal(0, ami_action_addf(mb, "Priority", "%u", 1));

	/* a line end would be a field of its own, or an action */
	assert_int_equal(EBADMSG, ami_action_add(mb, "A", "b\r\nAction: x"));
	assert_int_equal(EBADMSG, ami_action_add(mb, "A", "b\rc"));
	assert_int_equal(EBADMSG, ami_action_add(mb, "A", "b\nc"));
	assert_int_equal(EBADMSG, ami_action_addf(mb, "A", "%s", "b\nc"));

	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	assert_int_equal(EBADMSG, ami_action_add(mb, "A", value));
	assert_int_equal(0, ami_action_end(mb));

	assert_int_equal(0, mbuf_write_u8(mb, 0));
	assert_string_equal("Action: Redirect\r\nActionID: cube-7\r\n"
			    "Channel: PJSIP/1-1\r\nPriority: 1\r\n\r\n",
			    (char *)mb->buf);
	mem_deref(mb);
}


/* Asterisk would take a pattern, or a beginning; we don't */
static void test_channel_name(void **state)
{
	static const char *const goodv[] = {
		"PJSIP/1001-0000000c", "SIP/trunk-a.b-0000001A", "DAHDI/1-1",
		"Local/9@from-internal-00000001;2", "IAX2/x-123",
	};
	static const char *const badv[] = {
		"", "/^PJSIP/", "/PJSIP.*/-1", "PJSIP", "PJSIP/1001",
		"PJSIP/1001-", "PJSIP/-1", "PJSIP/1001-xyz",
		"PJSIP/1001-0000000c;3", "PJSIP/1001-0000000c,x",
		"PJSIP/1001-0000000c\r\n", "all", "PJSIP/10 01-0000000c",
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(goodv); i++)
		assert_true(ami_channel_is_sane(goodv[i]));
	for (i=0; i<ARRAY_SIZE(badv); i++)
		assert_false(ami_channel_is_sane(badv[i]));
	assert_false(ami_channel_is_sane(NULL));
}


/* As Asterisk 22 took it */
static void test_login_key(void **state)
{
	char key[33];
	(void)state;

	assert_int_equal(0, ami_login_key(key, sizeof(key), "401341784",
					  "amisecret"));
	assert_string_equal("4614ad3955cee31552924bafe915bd1b", key);
	assert_int_equal(EOVERFLOW, ami_login_key(key, 32, "1", "2"));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_banner),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_odd_lines),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_action),
		cmocka_unit_test(test_channel_name),
		cmocka_unit_test(test_login_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
