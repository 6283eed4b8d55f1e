/**
 * @file test_amitable.c  The channels of an Asterisk, from what one has sent
 */
#include "testutil.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"

#define HELLO "Asterisk Call Manager/11.0.0\r\n"


/** A table and what it told */
struct seen {
	struct ami_table *table;
	struct ami_stream *s;
	uint64_t now;
	char text[16384];
};


static void change_handler(const struct ami_channel *chan,
			   enum ami_change change, const char *detail,
			   void *arg)
{
	struct seen *seen = arg;
	size_t l = strlen(seen->text);
	char cause[16] = "";

	if (change == AMI_HUNG_UP)
		(void)re_snprintf(cause, sizeof(cause), " %u", chan->cause);
	if (change == AMI_BRIDGED || change == AMI_UNBRIDGED)
		detail = "";

	(void)re_snprintf(seen->text + l, sizeof(seen->text) - l,
			  "%s %s%s%s%s\n", chan->name,
			  ami_change_name(change), detail[0] ? " " : "",
			  detail, cause);
}


static int message_handler(const struct ami_message *msg, void *arg)
{
	struct seen *seen = arg;

	ami_table_event(seen->table, msg, seen->now);

	return 0;
}


static void begin(struct seen *seen)
{
	memset(seen, 0, sizeof(*seen));
	seen->now = 1000;
	assert_int_equal(0, ami_table_alloc(&seen->table, change_handler,
					    seen));
	assert_int_equal(0, ami_stream_alloc(&seen->s, NULL, message_handler,
					     seen));
	assert_int_equal(0, ami_stream_input(seen->s, (uint8_t *)HELLO,
					     strlen(HELLO)));
}


static void end(struct seen *seen)
{
	mem_deref(seen->s);
	mem_deref(seen->table);
}


static void input(struct seen *seen, const char *text)
{
	seen->text[0] = '\0';
	assert_int_equal(0, ami_stream_input(seen->s, (const uint8_t *)text,
					     strlen(text)));
}


static void recorded(struct seen *seen, const char *name)
{
	char path[128];
	char *text;

	(void)re_snprintf(path, sizeof(path), "tests/fuzz/corpus/ami/%s",
			  name);
	text = tu_load(path);
	assert_int_equal(0, strncmp(HELLO, text, strlen(HELLO)));
	input(seen, text + strlen(HELLO));
	mem_deref(text);
}


/* A call between two phones, as Asterisk 22 told of it */
static void test_call(void **state)
{
	struct seen seen;
	(void)state;

	begin(&seen);
	recorded(&seen, "call");
	assert_string_equal(
		"PJSIP/1001-0000000c created\n"
		"PJSIP/1002-0000000d created\n"
		"PJSIP/1002-0000000d ringing\n"
		"PJSIP/1002-0000000d answered\n"
		"PJSIP/1001-0000000c answered\n"
		"PJSIP/1002-0000000d bridged\n"
		"PJSIP/1001-0000000c bridged\n"
		"PJSIP/1002-0000000d unbridged\n"
		"PJSIP/1001-0000000c unbridged\n"
		"PJSIP/1001-0000000c hung_up 16\n"
		"PJSIP/1002-0000000d hung_up 16\n", seen.text);
	assert_int_equal(0, ami_table_count(seen.table));
	end(&seen);
}


/* Two calls that are begun, bridged by an action, redirected, ended */
static void test_steered(void **state)
{
	struct seen seen;
	(void)state;

	begin(&seen);
	recorded(&seen, "bridge");
	assert_int_equal(0, ami_table_count(seen.table));
	assert_non_null(strstr(seen.text, "PJSIP/1001-0000000f bridged\n"));
	assert_non_null(strstr(seen.text, "PJSIP/1001-0000000f unbridged\n"));
	assert_non_null(strstr(seen.text, "PJSIP/7001-00000011 hung_up"));
	end(&seen);
}


#define CHAN(event, name, id, more)                                     \
	"Event: " event "\r\nChannel: " name "\r\nUniqueid: " id "\r\n" \
	more "\r\n"


static void test_fields(void **state)
{
	const struct ami_channel *chan;
	struct seen seen;
	(void)state;

	begin(&seen);
	input(&seen, CHAN("Newchannel", "PJSIP/1-1", "1.1",
		"ChannelState: 4\r\nCallerIDNum: 1001\r\n"
		"CallerIDName: Jos\xc3\xa9\r\nConnectedLineNum: <unknown>\r\n"
		"Context: office\r\nExten: 1002\r\nLinkedid: 1.0\r\n"));
	chan = ami_table_find(seen.table, "pjsip/1-1");
	assert_non_null(chan);
	assert_int_equal(AMI_RING, chan->state);
	assert_string_equal("1001", chan->number);
	assert_string_equal("Jos\xc3\xa9", chan->caller);
	assert_string_equal("", chan->peer_number);
	assert_string_equal("office", chan->context);
	assert_string_equal("1002", chan->exten);
	assert_string_equal("1.0", chan->linked);
	assert_int_equal(1000, chan->since);
	assert_int_equal(0, chan->answered);

	/* Latin-1 is no UTF-8, and a terminal obeys more; an event that lacks a field leaves it */
	seen.now = 4000;
	input(&seen, CHAN("Newstate", "PJSIP/1-1", "1.1",
		"ChannelState: 6\r\nCallerIDName: \x1b[2JJos\xe9\r\n"));
	assert_string_equal("PJSIP/1-1 answered\n", seen.text);
	assert_string_equal("?[2JJos?", chan->caller);
	assert_string_equal("1001", chan->number);
	assert_int_equal(4000, chan->answered);

	/* told again, it is no news */
	input(&seen, CHAN("Newstate", "PJSIP/1-1", "1.1",
		"ChannelState: 6\r\n"));
	assert_string_equal("", seen.text);
	end(&seen);
}


/* A channel has a name and an id that are text */
static void test_nameless(void **state)
{
	struct seen seen;
	(void)state;

	begin(&seen);
	input(&seen, CHAN("Newchannel", "PJSIP/1-1", "", "")
	      CHAN("Newchannel", "", "1.1", "")
	      CHAN("Newchannel", "PJSIP/\xe9-1", "1.1", "")
	      CHAN("Newchannel", "PJSIP/1-1", "\xe9", "")
	      CHAN("Newchannel", "<unknown>", "1.1", "")
	      "Event: Newchannel\r\nChannel: PJSIP/1-1\r\n\r\n"
	      "Event: Newchannel\r\nUniqueid: 1.1\r\n\r\n");
	assert_string_equal("", seen.text);
	assert_int_equal(0, ami_table_count(seen.table));

	input(&seen, CHAN("Newchannel", "PJSIP/1-1", "1.1", "")
	      "Event: Rename\r\nUniqueid: 1.1\r\nNewname: \xe9\r\n\r\n"
	      "Event: Rename\r\nUniqueid: 1.1\r\nNewname: \r\n\r\n");
	assert_non_null(ami_table_find(seen.table, "PJSIP/1-1"));
	end(&seen);
}


static void test_hold(void **state)
{
	struct seen seen;
	(void)state;

	begin(&seen);
	input(&seen, CHAN("Hold", "PJSIP/1-1", "1.1", "MusicClass: x\r\n")
	      CHAN("Hold", "PJSIP/1-1", "1.1", "")
	      CHAN("Unhold", "PJSIP/1-1", "1.1", "")
	      /* as Asterisk 11 has it */
	      CHAN("Hold", "PJSIP/1-1", "1.1", "Status: On\r\n")
	      CHAN("Hold", "PJSIP/1-1", "1.1", "Status: Off\r\n"));
	assert_string_equal("PJSIP/1-1 created\n"
			    "PJSIP/1-1 held\n"
			    "PJSIP/1-1 resumed\n"
			    "PJSIP/1-1 held\n"
			    "PJSIP/1-1 resumed\n", seen.text);
	end(&seen);
}


/* At a masquerade two channels change names: ids stay with what was known */
static void test_rename(void **state)
{
	const struct ami_channel *chan;
	struct seen seen;
	(void)state;

	begin(&seen);
	input(&seen, CHAN("Newchannel", "PJSIP/1-1", "1.1", "")
	      CHAN("Newchannel", "PJSIP/2-2", "2.2", ""));

	input(&seen, "Event: Rename\r\nChannel: PJSIP/1-1\r\n"
	      "Newname: PJSIP/1-1<MASQ>\r\nUniqueid: 1.1\r\n\r\n"
	      "Event: Rename\r\nChannel: PJSIP/2-2\r\n"
	      "Newname: PJSIP/1-1\r\nUniqueid: 2.2\r\n\r\n"
	      "Event: Rename\r\nChannel: PJSIP/1-1<MASQ>\r\n"
	      "Newname: PJSIP/2-2<ZOMBIE>\r\nUniqueid: 1.1\r\n\r\n");
	chan = ami_table_find(seen.table, "PJSIP/1-1");
	assert_non_null(chan);
	assert_string_equal("2.2", chan->id);
	assert_null(ami_table_find(seen.table, "PJSIP/2-2"));

	input(&seen, CHAN("Hangup", "PJSIP/2-2<ZOMBIE>", "1.1",
			  "Cause: 0\r\n"));
	assert_int_equal(1, ami_table_count(seen.table));
	end(&seen);
}


static void test_transfers(void **state)
{
	struct seen seen;
	(void)state;

	begin(&seen);
	input(&seen, CHAN("Newchannel", "PJSIP/1-1", "1.1", "")
	      CHAN("Newchannel", "PJSIP/2-2", "2.2", ""));

	input(&seen, "Event: BlindTransfer\r\nResult: Fail\r\n"
	      "TransfereeChannel: PJSIP/1-1\r\nExtension: 9\r\n\r\n"
	      "Event: BlindTransfer\r\nResult: Success\r\n"
	      "TransfererChannel: PJSIP/2-2\r\n"
	      "TransfereeChannel: PJSIP/1-1\r\nExtension: 1003\r\n\r\n"
	      "Event: AttendedTransfer\r\nResult: Success\r\n"
	      "OrigTransfererChannel: PJSIP/2-2\r\n"
	      "SecondTransfererConnectedLineNum: 1004\r\n"
	      "TransfereeChannel: PJSIP/1-1\r\n\r\n"
	      "Event: AttendedTransfer\r\nResult: Success\r\n"
	      "TransfereeChannel: PJSIP/unknown-1\r\n\r\n");
	assert_string_equal("PJSIP/1-1 transferred 1003\n"
			    "PJSIP/1-1 transferred 1004\n", seen.text);

	/* what is no UTF-8 would be no JSON */
	input(&seen, "Event: BlindTransfer\r\nResult: Success\r\n"
	      "TransfereeChannel: PJSIP/1-1\r\nExtension: caf\xe9\r\n\r\n"
	      CHAN("BridgeEnter", "PJSIP/1-1", "1.1",
		   "BridgeUniqueid: caf\xe9\r\n"));
	assert_string_equal("PJSIP/1-1 transferred\n", seen.text);
	end(&seen);
}


/* Asterisk up to 11: bridges of two, of which one may be another's */
static void test_old_bridge(void **state)
{
	struct seen seen;
	(void)state;

	begin(&seen);
	input(&seen, CHAN("Newchannel", "SIP/1-1", "1.1", "")
	      CHAN("Newchannel", "SIP/2-2", "2.2", ""));
	input(&seen, "Event: Bridge\r\nBridgestate: Link\r\n"
	      "Channel1: SIP/1-1\r\nChannel2: SIP/2-2\r\n\r\n"
	      "Event: Unlink\r\nChannel1: SIP/1-1\r\n"
	      "Channel2: SIP/2-2\r\n\r\n"
	      "Event: Bridge\r\nBridgestate: Link\r\n"
	      "Channel1: SIP/x-9\r\nChannel2: SIP/2-2\r\n\r\n"
	      "Event: Bridge\r\nBridgestate: Link\r\n"
	      "Channel1: SIP/x-9\r\nChannel2: SIP/y-9\r\n\r\n");
	assert_string_equal("SIP/1-1 bridged\nSIP/2-2 bridged\n"
			    "SIP/1-1 unbridged\nSIP/2-2 unbridged\n"
			    "SIP/2-2 bridged\n", seen.text);
	end(&seen);
}


/* The list comes, and events with it */
static void test_list(void **state)
{
	struct seen seen;
	(void)state;

	begin(&seen);
	input(&seen, CHAN("Newchannel", "PJSIP/1-1", "1.1", "")
	      CHAN("Newchannel", "PJSIP/2-2", "2.2", "")
	      CHAN("Newchannel", "PJSIP/3-3", "3.3", ""));

	ami_table_list(seen.table);
	/* 3 hangs up, and a row that was made before comes behind that; 2 has
	 * gone unheard; 4 is new, and not of the list; 5 was there */
	input(&seen, CHAN("Hangup", "PJSIP/3-3", "3.3", "Cause: 17\r\n")
	      CHAN("CoreShowChannel", "PJSIP/1-1", "1.1",
		   "ChannelState: 6\r\nBridgeId: b1\r\n")
	      CHAN("CoreShowChannel", "PJSIP/3-3", "3.3",
		   "ChannelState: 6\r\n")
	      CHAN("Newchannel", "PJSIP/4-4", "4.4", "")
	      CHAN("CoreShowChannel", "PJSIP/5-5", "5.5",
		   "ChannelState: 5\r\nBridgeId: \r\n")
	      "Event: CoreShowChannelsComplete\r\nListItems: 3\r\n\r\n");
	assert_string_equal("PJSIP/3-3 hung_up 17\n"
			    "PJSIP/1-1 answered\n"
			    "PJSIP/1-1 bridged\n"
			    "PJSIP/4-4 created\n"
			    "PJSIP/5-5 created\n"
			    "PJSIP/5-5 ringing\n"
			    "PJSIP/2-2 hung_up 0\n", seen.text);
	assert_int_equal(3, ami_table_count(seen.table));
	assert_null(ami_table_find(seen.table, "PJSIP/3-3"));

	/* an id that is used again, when the list is over */
	input(&seen, CHAN("Newchannel", "PJSIP/3-3", "3.3", ""));
	assert_string_equal("PJSIP/3-3 created\n", seen.text);

	/* Asterisk has begun anew */
	seen.text[0] = '\0';
	ami_table_clear(seen.table);
	assert_int_equal(0, ami_table_count(seen.table));
	assert_non_null(strstr(seen.text, "PJSIP/5-5 hung_up 0\n"));
	end(&seen);
}


/* It stops to grow, and says how much it has not */
static void test_many(void **state)
{
	char text[256];
	struct seen seen;
	unsigned i;
	(void)state;

	begin(&seen);
	for (i=0; i<AMI_CHANNELS_MAX + 3; i++) {
		(void)re_snprintf(text, sizeof(text),
				  CHAN("Newchannel", "PJSIP/%u-1", "%u.1",
				       ""), i, i);
		input(&seen, text);
	}
	assert_int_equal(AMI_CHANNELS_MAX, ami_table_count(seen.table));
	assert_int_equal(3, ami_table_refused(seen.table));

	input(&seen, CHAN("Hangup", "PJSIP/0-1", "0.1", ""));
	input(&seen, CHAN("Newchannel", "PJSIP/x-1", "x.1", ""));
	assert_int_equal(AMI_CHANNELS_MAX, ami_table_count(seen.table));
	end(&seen);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call),
		cmocka_unit_test(test_steered),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_nameless),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_rename),
		cmocka_unit_test(test_transfers),
		cmocka_unit_test(test_old_bridge),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
