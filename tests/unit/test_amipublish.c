/**
 * @file test_amipublish.c  What is told of an Asterisk's channels
 */
#include "testutil.h"
#include "call/event.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "call/amiext.h"
#include "connectycube_ami/owners.h"
#include "connectycube_ami/publish.h"


static void make(struct ami_channel *chan)
{
	memset(chan, 0, sizeof(*chan));
	str_ncpy(chan->name, "PJSIP/1001-0000000c", sizeof(chan->name));
	str_ncpy(chan->id, "1795369217.5", sizeof(chan->id));
	str_ncpy(chan->linked, "1795369217.4", sizeof(chan->linked));
	str_ncpy(chan->number, "1001", sizeof(chan->number));
	str_ncpy(chan->caller, "Jos\xc3\xa9 \"x\"", sizeof(chan->caller));
	str_ncpy(chan->peer_number, "<unknown>", sizeof(chan->peer_number));
	chan->state = AMI_UP;
	chan->since = 1000;
}


/* Some at once, then no more than so many a second, whatever comes */
static void test_pace(void **state)
{
	struct ami_pace pace = {0};
	unsigned told = 0, i;
	(void)state;

	for (i=0; i<10000; i++)
		told += ami_pace_may(&pace, 5000);
	assert_int_equal(AMI_PACE_BURST, told);
	assert_int_equal(10000 - AMI_PACE_BURST, pace.missed);

	/* 5000 a second for ten seconds */
	for (told=i=0; i<50000; i++)
		told += ami_pace_may(&pace, 5000 + i / 5);
	assert_in_range(told, 10 * AMI_PACE_RATE - 2, 10 * AMI_PACE_RATE + 2);

	/* it was quiet, and a clock that goes back does no harm */
	for (told=i=0; i<1000; i++)
		told += ami_pace_may(&pace, 60000);
	assert_int_equal(AMI_PACE_BURST, told);
	assert_false(ami_pace_may(&pace, 1000));
}


static void test_event(void **state)
{
	struct ami_channel chan;
	struct event_pbx p;
	(void)state;

	make(&chan);
	chan.cause = 17;
	ami_pbx_event(&p, &chan, AMI_HUNG_UP, "");
	assert_int_equal(EVENT_PBX_HUNG_UP, ami_pbx_type(AMI_HUNG_UP));
	assert_string_equal("PJSIP/1001-0000000c", p.channel);
	assert_string_equal("1795369217.5", p.id);
	assert_string_equal("1795369217.4", p.linked);
	assert_string_equal("up", p.state);
	assert_string_equal("", p.peer_number);
	assert_int_equal(17, p.cause);
	assert_string_equal("busy", p.text);

	chan.cause = 4711;
	ami_pbx_event(&p, &chan, AMI_HUNG_UP, "");
	assert_int_equal(127, p.cause);
	assert_string_equal("", p.text);

	chan.attended = true;
	ami_pbx_event(&p, &chan, AMI_TRANSFERRED, "900");
	assert_int_equal(EVENT_PBX_TRANSFERRED,
			 ami_pbx_type(AMI_TRANSFERRED));
	assert_true(p.attended);
	assert_string_equal("900", p.target);
	assert_int_equal(0, p.cause);

	/* a bridge's id is no target */
	ami_pbx_event(&p, &chan, AMI_BRIDGED, "abc");
	assert_string_equal("", p.target);
}


static void test_live(void **state)
{
	struct ami_channel chan;
	struct mbuf *mb = mbuf_alloc(64);
	(void)state;

	make(&chan);
	assert_non_null(mb);
	assert_int_equal(0, ami_pbx_live(mb, &chan, "sip:1001@a", true, 500));
	assert_int_equal(0, mbuf_write_u8(mb, 0));
	assert_string_equal("{\"extension\":\"sip:1001@a\","
			    "\"channel\":\"PJSIP\\/1001-0000000c\","
			    "\"uniqueid\":\"1795369217.5\","
			    "\"linkedid\":\"1795369217.4\","
			    "\"state\":\"up\",\"number\":\"1001\","
			    "\"name\":\"Jos\xc3\xa9 \\\"x\\\"\","
			    "\"t_start\":1500,\"own\":true}",
			    (char *)mb->buf);

	mbuf_rewind(mb);
	chan.held = true;
	chan.answered = 1100;
	assert_int_equal(0, ami_pbx_live(mb, &chan, "sip:1001@a", false,
					 500));
	assert_int_equal(0, mbuf_write_u8(mb, 0));
	assert_non_null(strstr((char *)mb->buf, "\"t_answer\":1600"));
	assert_non_null(strstr((char *)mb->buf, "\"held\":true"));
	assert_null(strstr((char *)mb->buf, "\"own\""));
	mem_deref(mb);
}


static const char *answer;
static unsigned asked;


static bool extensions(ami_extension_h *h, void *arg)
{
	char user[] = "1000";
	const struct ami_extension one = {.aor = "sip:1000@a", .user = user};
	const struct ami_extension two = {
		.aor = "sip:1001@a", .user = "1001", .answer = answer
	};
	bool stopped;

	++asked;
	stopped = h(&one, arg) || h(&two, arg);
	memset(user, 'x', sizeof(user));

	return stopped;
}


/* Extensions are not asked for at each event, and what they show is copied */
static void test_owners(void **state)
{
	struct ami_owners *o;
	uint64_t now;
	(void)state;

	asked  = 0;
	answer = NULL;
	assert_int_equal(0, ami_owners_alloc(&o, extensions));

	for (now=1000; now<2000; now++) {
		assert_string_equal("sip:1000@a", ami_owners_find(
					    o, "PJSIP/1000-0000000c", now));
		assert_string_equal("sip:1001@a", ami_owners_find(
					    o, "SIP/1001-0000000c", now));
		assert_null(ami_owners_find(o, "PJSIP/10001-0000000c", now));
		assert_null(ami_owners_find(o, "PJSIP/desk-0000000c", now));
	}
	assert_int_equal(1, asked);

	answer = "PJSIP/desk";
	assert_string_equal("sip:1001@a", ami_owners_find(
				    o, "PJSIP/desk-0000000c", 3000));
	assert_int_equal(2, asked);
	mem_deref(o);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pace),
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_live),
		cmocka_unit_test(test_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
