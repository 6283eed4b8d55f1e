/**
 * @file test_amiproxy.c  The hub's manager link: whom an event is for
 */
#include "testutil.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/proxy/routes.h"

#define CHAN(event, name, id, linked) "Event: " event "\r\nChannel: " name \
	"\r\nUniqueid: " id "\r\nLinkedid: " linked "\r\n"

enum { A = 0, B = 70, C = 255 };


static struct ami_message msg;


static struct ami_message *decode(const char *text)
{
	ami_message_decode(&msg, text, strlen(text));

	return &msg;
}


static void has(struct ami_routes *r, unsigned bridge, const char *name)
{
	struct pl pl;

	pl_set_str(&pl, name);
	assert_int_equal(0, strchr(name, '/') ?
			 ami_routes_device(r, bridge, &pl) :
			 ami_routes_extension(r, bridge, &pl));
}


static const char *letters(char *str, const struct ami_bridges *b)
{
	(void)re_snprintf(str, 8, "%s%s%s",
			  ami_bridges_has(b, A) ? "A" : "",
			  ami_bridges_has(b, B) ? "B" : "",
			  ami_bridges_has(b, C) ? "C" : "");

	return str;
}


/* Whom it is for: letters of A, B and C; `fresh` has those who have come into
 * the call */
static char fresh[8], fresh_in[64];

static const char *whom(struct ami_routes *r, const char *text)
{
	static char str[8];
	struct ami_bridges b, f;
	const char *linked;

	linked = ami_routes_event(r, decode(text), &b, &f);
	(void)letters(fresh, &f);
	str_ncpy(fresh_in, linked ? linked : "", sizeof(fresh_in));
	assert_int_equal(linked != NULL, ami_bridges_any(&f));

	return letters(str, &b);
}


static struct ami_routes *three(void)
{
	struct ami_routes *r;

	assert_int_equal(0, ami_routes_alloc(&r));
	has(r, A, "PJSIP/1001");
	has(r, A, "1001");
	has(r, B, "PJSIP/1002");
	has(r, B, "1002");
	has(r, C, "PJSIP/1003");
	has(r, C, "PJSIP/desk");
	has(r, C, "1003");

	return r;
}


static void test_call(void **state)
{
	struct ami_routes *r = three();
	(void)state;

	assert_string_equal("", whom(r, CHAN("Newchannel",
		"PJSIP/trunk-00000001", "1.1", "1.1")));
	assert_string_equal("A", whom(r, CHAN("Newchannel",
		"PJSIP/1001-00000002", "1.2", "1.1")));
	assert_string_equal("A", whom(r, CHAN("Newstate",
		"PJSIP/trunk-00000001", "1.1", "1.1")));

	assert_string_equal("", fresh);

	/* a call of its own; devices are told apart by more than a beginning */
	assert_string_equal("C", whom(r, CHAN("Newchannel",
		"pjsip/DESK-00000003", "1.3", "1.3")));
	assert_string_equal("", whom(r, CHAN("Newchannel",
		"PJSIP/1001-2-00000004", "1.4", "1.4")));

	/* who is dialed joins the call */
	assert_string_equal("AB", whom(r, "Event: DialBegin\r\n"
		"Channel: PJSIP/1001-00000002\r\nUniqueid: 1.2\r\n"
		"Linkedid: 1.1\r\nDestChannel: PJSIP/1002-00000005\r\n"
		"DestUniqueid: 1.5\r\nDestLinkedid: 1.1\r\n"));
	assert_string_equal("B", fresh);
	assert_string_equal("1.1", fresh_in);

	/* an id of a bridge of Asterisk's is none of a channel */
	assert_string_equal("", whom(r, "Event: BridgeDestroy\r\n"
		"BridgeUniqueid: 1.2\r\n"));

	assert_string_equal("AB", whom(r, CHAN("Hangup",
		"PJSIP/1002-00000005", "1.5", "1.1")));
	assert_string_equal("AB", whom(r, CHAN("Hangup",
		"PJSIP/1001-00000002", "1.2", "1.1")));
	assert_string_equal("AB", whom(r, CHAN("Hangup",
		"PJSIP/trunk-00000001", "1.1", "1.1")));
	assert_int_equal(2, ami_routes_count(r));

	/* late, of one that is gone: it does not come back */
	assert_string_equal("", whom(r, CHAN("DialEnd",
		"PJSIP/1001-00000002", "1.2", "1.1")));
	assert_int_equal(2, ami_routes_count(r));

	ami_routes_clear(r);
	assert_int_equal(0, ami_routes_count(r));
	mem_deref(r);
}


static void test_joined(void **state)
{
	struct ami_routes *r = three();
	const struct pl id = PL("2.1"), other = PL("9.9");
	(void)state;

	assert_string_equal("A", whom(r, CHAN("Newchannel",
		"PJSIP/1001-00000001", "1.1", "1.1")));
	assert_string_equal("B", whom(r, CHAN("Newchannel",
		"PJSIP/1002-00000002", "2.1", "2.1")));
	assert_true(ami_routes_sees(r, B, &id));
	assert_false(ami_routes_sees(r, A, &id));
	assert_false(ami_routes_sees(r, A, &other));

	/* two calls have become one */
	assert_string_equal("AB", whom(r, CHAN("BridgeEnter",
		"PJSIP/1002-00000002", "2.1", "1.1")));
	assert_string_equal("B", fresh);
	assert_true(ami_routes_sees(r, A, &id));

	/* and one with another name is another's */
	assert_string_equal("ABC", whom(r, "Event: Rename\r\n"
		"Channel: PJSIP/1002-00000002\r\n"
		"Newname: PJSIP/1003-00000003\r\nUniqueid: 2.1\r\n"));
	mem_deref(r);
}


/* Asterisk 11: no Linkedid, and a bridge's channels are numbered */
static void test_old(void **state)
{
	struct ami_routes *r = three();
	(void)state;

	(void)whom(r, "Event: Newchannel\r\nChannel: PJSIP/1001-00000001\r\n"
		   "Uniqueid: 1.1\r\n");
	(void)whom(r, "Event: Newchannel\r\nChannel: PJSIP/1002-00000002\r\n"
		   "Uniqueid: 1.2\r\n");
	assert_string_equal("AB", whom(r, "Event: Bridge\r\n"
		"Bridgestate: Link\r\nChannel1: PJSIP/1001-00000001\r\n"
		"Channel2: PJSIP/1002-00000002\r\nUniqueid1: 1.1\r\n"
		"Uniqueid2: 1.2\r\n"));
	assert_string_equal("B", whom(r, "Event: Unlink\r\n"
		"Uniqueid1: 9.9\r\nUniqueid2: 1.2\r\n"));
	mem_deref(r);
}


static void test_come_and_go(void **state)
{
	struct ami_routes *r = three();
	(void)state;

	assert_string_equal("", whom(r, CHAN("CoreShowChannel",
		"PJSIP/1004-00000001", "1.1", "1.1")));
	has(r, A, "PJSIP/1004");
	ami_routes_join(r, A);
	assert_string_equal("A", whom(r, CHAN("Newstate",
		"PJSIP/1004-00000001", "1.1", "1.1")));
	assert_string_equal("", fresh);

	/* its devices are others now; the call is still its */
	ami_routes_forget(r, A, false);
	assert_string_equal("A", whom(r, CHAN("Newstate",
		"PJSIP/1004-00000001", "1.1", "1.1")));
	assert_string_equal("", whom(r, CHAN("Newchannel",
		"PJSIP/1001-00000002", "1.2", "1.2")));

	ami_routes_forget(r, A, true);
	assert_string_equal("", whom(r, CHAN("Newstate",
		"PJSIP/1004-00000001", "1.1", "1.1")));
	mem_deref(r);
}


/* It was away while a caller waited for it, whom no device tells of */
static void test_waited(void **state)
{
	static const struct pl id = PL("1.1"), other = PL("9.9");
	struct ami_routes *r = three();
	(void)state;

	(void)whom(r, CHAN("CoreShowChannel", "PJSIP/trunk-00000001", "1.1",
			   "1.1"));
	ami_routes_join(r, B);
	assert_false(ami_routes_sees(r, B, &id));
	ami_routes_clear(r);
	ami_routes_put(r, "1.1", "", "PJSIP/trunk-00000001");
	ami_routes_put(r, "1.2", "1.2", "PJSIP/1001-00000002");
	assert_string_equal("A", whom(r, CHAN("Newstate",
		"PJSIP/1001-00000002", "1.2", "1.2")));
	assert_int_equal(0, ami_routes_show(r, B, &id));
	assert_int_equal(0, ami_routes_show(r, B, &other));
	assert_int_equal(EINVAL, ami_routes_show(r, AMI_BRIDGES_MAX, &id));
	assert_true(ami_routes_sees(r, B, &id));
	assert_string_equal("B", whom(r, CHAN("Hangup",
		"PJSIP/trunk-00000001", "1.1", "1.1")));
	assert_string_equal("", fresh);
	mem_deref(r);
}


static void test_told(void **state)
{
	static const char *const tov[] = {
		"1002", "sip:1002@pbx.example", "<sip:1002@pbx.example;a=b>",
		"\"Ann\" <sips:1002@[::1]:5061>", "sip:1002",
	};
	struct ami_routes *r = three();
	char text[256];
	size_t i;
	(void)state;

	assert_string_equal("", whom(r, CHAN("Newchannel",
		"PJSIP/trunk-00000001", "1.1", "1.1")));

	for (i=0; i<ARRAY_SIZE(tov); i++) {
		(void)re_snprintf(text, sizeof(text), CHAN("UserEvent",
			"PJSIP/trunk-00000001", "1.1", "1.1")
			"UserEvent: BridgeCall\r\nTo: x\r\nUniqueId: evil\r\n"
			"To: %s\r\n", tov[i]);
		assert_string_equal("B", whom(r, text));
		assert_string_equal(i ? "" : "B", fresh);
	}
	assert_int_equal(1, ami_routes_count(r));
	assert_string_equal("", whom(r, "Event: UserEvent\r\n"
		"UserEvent: BridgeCall\r\nTo: 1009\r\n"));
	assert_string_equal("", whom(r, "Event: UserEvent\r\n"
		"UserEvent: BridgeCall\r\n"));

	/* of a channel that is not known: nobody's, not everybody's */
	assert_string_equal("", whom(r, CHAN("UserEvent",
		"PJSIP/trunk-00000007", "7.7", "7.7") "UserEvent: X\r\n"));

	/* it hears of that call from then on */
	assert_string_equal("B", whom(r, CHAN("UserEvent",
		"PJSIP/trunk-00000001", "1.1", "1.1") "UserEvent: X\r\n"));
	assert_string_equal("B", whom(r, CHAN("Hangup",
		"PJSIP/trunk-00000001", "1.1", "1.1")));

	/* who waits may be another channel than who tells */
	(void)whom(r, CHAN("Newchannel", "PJSIP/trunk-00000002", "2.1",
			   "2.1"));
	(void)whom(r, CHAN("Newchannel", "PJSIP/agi-00000003", "3.1", "3.1"));
	assert_string_equal("C", whom(r, CHAN("UserEvent",
		"PJSIP/agi-00000003", "3.1", "3.1") "UserEvent: BridgeCall\r\n"
		"Channel: pjsip/trunk-00000002\r\nTo: 1003\r\n"));
	assert_string_equal("2.1", fresh_in);
	assert_string_equal("C", whom(r, CHAN("Newstate",
		"PJSIP/trunk-00000002", "2.1", "2.1")));
	assert_string_equal("", whom(r, CHAN("Newstate",
		"PJSIP/agi-00000003", "3.1", "3.1")));

	assert_string_equal("ABC", whom(r, "Event: UserEvent\r\n"
		"UserEvent: Whatever\r\n"));
	assert_string_equal("C", whom(r, "Event: PeerStatus\r\n"
		"Peer: PJSIP/desk\r\n"));
	assert_string_equal("A", whom(r, "Event: DeviceStateChange\r\n"
		"Device: PJSIP/1001\r\n"));
	assert_string_equal("", whom(r, "Event: FullyBooted\r\n"));
	assert_string_equal("", whom(r, "Response: Success\r\n"
		"Uniqueid: 1.2\r\nChannel: PJSIP/1001-00000009\r\n"));
	mem_deref(r);
}


static int count_handler(const struct mbuf *event, void *arg)
{
	unsigned *n = arg;

	assert_int_equal(0, re_regex((const char *)event->buf, event->end,
				     "To: 1002\r\n\r\n"));
	++*n;

	return 0;
}


static unsigned count_waiting(const struct ami_routes *r, unsigned bridge)
{
	unsigned n = 0;

	assert_int_equal(0, ami_routes_waiting(r, bridge, count_handler, &n));

	return n;
}


#define TRUNK(event) CHAN(event, "PJSIP/trunk-00000001", "1.1", "1.1")

/* That somebody waits is told once: a bridge that comes later is told, too,
 * until somebody takes him */
static void test_waits(void **state)
{
	const struct pl id = PL("1.1");
	struct ami_routes *r = three();
	char text[4800];
	(void)state;

	ami_routes_forget(r, B, true);
	(void)whom(r, TRUNK("Newchannel"));
	assert_string_equal("", whom(r, TRUNK("UserEvent")
		"UserEvent: BridgeCall\r\nTo: 1002\r\n"));
	has(r, B, "1002");
	ami_routes_join(r, B);
	assert_true(ami_routes_sees(r, B, &id));
	assert_false(ami_routes_sees(r, A, &id));
	assert_int_equal(1, count_waiting(r, B));
	assert_int_equal(0, count_waiting(r, A));

	(void)whom(r, TRUNK("Newstate") "ChannelState: 4\r\n");
	assert_int_equal(1, count_waiting(r, B));

	/* another phone rings for him; the call is known on */
	(void)whom(r, TRUNK("DialBegin"));
	assert_int_equal(0, count_waiting(r, B));
	assert_true(ami_routes_sees(r, B, &id));

	/* told again, and answered; nor is what is long kept */
	(void)whom(r, TRUNK("UserEvent")
		   "UserEvent: BridgeCall\r\nTo: 1002\r\n");
	assert_int_equal(1, count_waiting(r, B));
	(void)whom(r, TRUNK("Newstate") "ChannelState: 6\r\n");
	assert_int_equal(0, count_waiting(r, B));
	(void)re_snprintf(text, sizeof(text), TRUNK("UserEvent")
			  "UserEvent: BridgeCall\r\nFrom: %04100u\r\n"
			  "To: 1002\r\n", 1);
	assert_string_equal("B", whom(r, text));
	assert_int_equal(0, count_waiting(r, B));
	mem_deref(r);
}


static void test_bounds(void **state)
{
	const struct pl bad = PL("1001"), worse = PL("PJSIP/1001"),
		empty = PL("");
	struct ami_routes *r;
	char text[256];
	struct pl pl;
	unsigned i;
	(void)state;

	assert_int_equal(0, ami_routes_alloc(&r));
	assert_int_equal(EBADMSG, ami_routes_device(r, A, &bad));
	assert_int_equal(EBADMSG, ami_routes_extension(r, A, &worse));
	assert_int_equal(EBADMSG, ami_routes_extension(r, A, &empty));
	assert_int_equal(EINVAL, ami_routes_device(r, AMI_BRIDGES_MAX,
						   &worse));

	for (i=0; i<AMI_DEVICES_MAX; i++) {
		(void)re_snprintf(text, sizeof(text), "PJSIP/%u", i);
		has(r, A, text);
	}
	pl_set_str(&pl, "PJSIP/one-more");
	assert_int_equal(E2BIG, ami_routes_device(r, A, &pl));
	assert_int_equal(0, ami_routes_device(r, B, &pl));

	for (i=0; i<AMI_MEMBERS_MAX + 2; i++) {
		(void)re_snprintf(text, sizeof(text),
			CHAN("Newchannel", "PJSIP/x-%08x", "%u", "%u"),
			i, i, i);
		(void)whom(r, text);
	}
	assert_int_equal(AMI_MEMBERS_MAX, ami_routes_count(r));
	mem_deref(r);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call),
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_old),
		cmocka_unit_test(test_come_and_go),
		cmocka_unit_test(test_waited),
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
