/**
 * @file test_pbxcalls.c  Records of calls of the PBX
 */
#include "testutil.h"
#include "call/event.h"
#include "connectycube_link/record.h"
#include "connectycube_link/recordpbx.h"

#define EXT  "sip:1000@pbx"
#define DESK "PJSIP/1001-00000001"
#define OWN  "PJSIP/1000-00000002"
#define WALL 1700000000000ull

static struct pbxcalls *pc;
static struct record *ended;
static uint64_t now;


static int setup(void **state)
{
	(void)state;
	now = 100000;

	return pbxcalls_alloc(&pc);
}


static int teardown(void **state)
{
	(void)state;
	pc    = mem_deref(pc);
	ended = mem_deref(ended);

	return 0;
}


static void init(struct event *ev, enum event_type type)
{
	event_init(ev, type);
	ev->mono = now;
	ev->wall = WALL + now;
	str_ncpy(ev->ext, EXT, sizeof(ev->ext));
}


static void take(const struct event *ev)
{
	struct record *r = NULL;

	assert_int_equal(0, pbxcalls_event(pc, ev, &r));
	if (r) {
		mem_deref(ended);
		ended = r;
	}
}


/* A channel `name`, whose Uniqueid is its name */
static void make(struct event *ev, enum event_type type, const char *name,
		 const char *linked, const char *state)
{
	init(ev, type);
	str_ncpy(ev->pbx.channel, name, sizeof(ev->pbx.channel));
	str_ncpy(ev->pbx.id, name, sizeof(ev->pbx.id));
	str_ncpy(ev->pbx.linked, linked, sizeof(ev->pbx.linked));
	str_ncpy(ev->pbx.state, state, sizeof(ev->pbx.state));
	str_ncpy(ev->pbx.number, "1000", sizeof(ev->pbx.number));
	str_ncpy(ev->pbx.peer_number, "5551234",
		 sizeof(ev->pbx.peer_number));
	ev->pbx.record  = true;
	ev->pbx.account = !strncmp(name, "PJSIP/1000-", 11);
}


static void tell(enum event_type type, const char *name, const char *linked,
		 const char *state)
{
	struct event ev;

	make(&ev, type, name, linked, state);
	ev.pbx.t_start = type == EVENT_PBX_CREATED ? now : 0;
	take(&ev);
}


static void hang_up(const char *name, const char *linked, uint16_t cause,
		    enum event_side by)
{
	struct event ev;

	make(&ev, EVENT_PBX_HUNG_UP, name, linked, "up");
	ev.pbx.cause = cause;
	ev.pbx.by    = by;
	take(&ev);
}


/* A call of the bridge: a phone has called */
static void bridge_call(uint32_t num, const char *linked, const char *waits)
{
	struct event ev;

	init(&ev, EVENT_CALL_NEW);
	ev.id = num;
	str_ncpy(ev.linked, linked, sizeof(ev.linked));
	ev.call.t_start = now;
	str_ncpy(ev.call.channel_linked, waits,
		 sizeof(ev.call.channel_linked));
	take(&ev);
}


static struct odict *json_of(const struct record *r)
{
	struct odict *od = NULL;

	assert_non_null(r);
	assert_int_equal(0, record_json(&od, r, "host"));

	return od;
}


static const char *str_of(const struct odict *od, const char *key)
{
	const struct odict_entry *e = odict_lookup(od, key);

	assert_non_null(e);

	return e->type == ODICT_STRING ? e->u.str : NULL;
}


static int64_t int_of(const struct odict *od, const char *key)
{
	const struct odict_entry *e = odict_lookup(od, key);

	assert_non_null(e);

	return e->type == ODICT_INT ? e->u.integer : -1;
}


static const struct odict *node(const struct odict *od, const char *key)
{
	const struct odict_entry *e = odict_lookup(od, key);

	assert_non_null(e);

	return e->u.odict;
}


/* A phone is called, rings, talks, is held, hangs up */
static void test_called(void **state)
{
	struct odict *od;
	(void)state;

	tell(EVENT_PBX_CREATED, DESK, "1.1", "down");
	now += 200;
	tell(EVENT_PBX_RINGING, DESK, "1.1", "ringing");
	now += 3000;
	tell(EVENT_PBX_ANSWERED, DESK, "1.1", "up");
	tell(EVENT_PBX_BRIDGED, DESK, "1.1", "up");
	assert_int_equal(1, pbxcalls_answered(pc));
	now += 1000;
	tell(EVENT_PBX_HELD, DESK, "1.1", "up");
	now += 500;
	tell(EVENT_PBX_RESUMED, DESK, "1.1", "up");
	now += 500;
	hang_up(DESK, "1.1", 16, EVENT_PHONE);
	assert_int_equal(0, pbxcalls_answered(pc));

	od = json_of(ended);
	assert_string_equal("pbx", str_of(od, "kind"));
	assert_string_equal(EXT, str_of(od, "extension"));
	assert_string_equal("pbx-to-phone", str_of(od, "direction"));
	assert_string_equal("5551234", str_of(node(od, "from"), "number"));
	assert_string_equal("pbx", str_of(node(od, "from"), "side"));
	assert_string_equal("1000", str_of(node(od, "to"), "number"));
	assert_string_equal(DESK, str_of(od, "channel"));
	assert_string_equal("1.1", str_of(od, "channel_linked"));
	assert_string_equal(str_of(od, "id"), str_of(od, "linked_id"));
	assert_int_equal(WALL + 100000, int_of(od, "t_start"));
	assert_int_equal(200, int_of(od, "pdd_ms"));
	assert_int_equal(3000, int_of(od, "ring_ms"));
	assert_int_equal(2000, int_of(od, "bill_ms"));
	assert_int_equal(500, int_of(od, "hold_ms"));
	assert_int_equal(-1, int_of(od, "t_media"));
	assert_string_equal("ANSWERED", str_of(od, "disposition"));
	assert_string_equal("normal", str_of(od, "reason"));
	assert_string_equal("phone", str_of(od, "hung_up_by"));
	assert_int_equal(16, int_of(od, "q850"));
	assert_null(str_of(od, "verdict"));
	assert_int_equal(7, odict_count(node(od, "events"), false));
	mem_deref(od);
}


/* A phone calls, nobody answers; whoever ended it is not known */
static void test_calls(void **state)
{
	struct odict *od;
	struct event ev;
	(void)state;

	make(&ev, EVENT_PBX_CREATED, DESK, "1.1", "ring");
	ev.pbx.peer_number[0] = '\0';
	str_ncpy(ev.pbx.exten, "900", sizeof(ev.pbx.exten));
	take(&ev);
	make(&ev, EVENT_PBX_HUNG_UP, DESK, "1.1", "ring");
	ev.pbx.peer_number[0] = '\0';
	ev.pbx.cause = 17;
	take(&ev);

	od = json_of(ended);
	assert_string_equal("phone-to-pbx", str_of(od, "direction"));
	assert_string_equal("1000", str_of(node(od, "from"), "number"));
	assert_string_equal("900", str_of(node(od, "to"), "number"));
	assert_string_equal("900", str_of(od, "dialled"));
	assert_string_equal("BUSY", str_of(od, "disposition"));
	assert_string_equal("busy", str_of(od, "reason"));
	assert_null(str_of(od, "hung_up_by"));
	mem_deref(od);
}


/* The link was away when it ended: no cause, and when it was seen last */
static void test_unseen(void **state)
{
	struct odict *od;
	struct event ev;
	(void)state;

	tell(EVENT_PBX_CREATED, DESK, "1.1", "ring");
	tell(EVENT_PBX_ANSWERED, DESK, "1.1", "up");
	now += 60000;
	make(&ev, EVENT_PBX_HUNG_UP, DESK, "1.1", "up");
	ev.pbx.unseen = true;
	ev.pbx.t_seen = now - 50000;
	take(&ev);

	od = json_of(ended);
	assert_string_equal("unseen", str_of(od, "reason"));
	assert_string_equal("ANSWERED", str_of(od, "disposition"));
	assert_int_equal(-1, int_of(od, "q850"));
	assert_int_equal(10000, int_of(od, "bill_ms"));
	assert_null(str_of(od, "hung_up_by"));
	mem_deref(od);
}


/* What the bridge has a record of has no other: known by who waited, or by
   when it began */
static void test_own(void **state)
{
	(void)state;

	tell(EVENT_PBX_CREATED, OWN, "1.1", "down");
	now += 40;
	bridge_call(1, "a", "");
	tell(EVENT_PBX_ANSWERED, OWN, "1.1", "up");
	hang_up(OWN, "1.1", 16, EVENT_PHONE);
	assert_null(ended);

	bridge_call(2, "b", "2.1");
	now += 30000;
	tell(EVENT_PBX_CREATED, OWN, "2.1", "down");
	hang_up(OWN, "2.1", 16, EVENT_PHONE);
	assert_null(ended);

	/* a phone of the same account, a minute later */
	now += 60000;
	tell(EVENT_PBX_CREATED, OWN, "3.1", "down");
	hang_up(OWN, "3.1", 19, EVENT_BRIDGE);
	assert_non_null(ended);
	assert_string_equal("3.1", ended->pbx->linked);
}


/* A party has one channel: the nearest, whichever hangs up first */
static void test_nearest(void **state)
{
	(void)state;

	tell(EVENT_PBX_CREATED, OWN, "1.1", "down");
	now += 3000;
	bridge_call(1, "a", "");
	now += 10;
	{
		struct event ev;

		make(&ev, EVENT_PBX_CREATED, "PJSIP/1000-00000009", "2.1",
		     "down");
		ev.pbx.account = true;
		ev.pbx.t_start = now;
		take(&ev);
	}
	hang_up(OWN, "1.1", 19, EVENT_BRIDGE);
	assert_non_null(ended);
	assert_string_equal("1.1", ended->pbx->linked);
	ended = mem_deref(ended);
	hang_up("PJSIP/1000-00000009", "2.1", 16, EVENT_BRIDGE);
	assert_null(ended);
}


/* The bridge's channel and a phone ring together: one record, of the phone
   alone, linked with the bridge's */
static void test_both(void **state)
{
	static const char uuid[] = "11111111-2222-4333-8444-555555555555";
	struct odict *od;
	(void)state;

	tell(EVENT_PBX_CREATED, OWN, "1.1", "down");
	tell(EVENT_PBX_CREATED, DESK, "1.1", "down");
	bridge_call(1, uuid, "");
	tell(EVENT_PBX_RINGING, OWN, "1.1", "ringing");
	tell(EVENT_PBX_ANSWERED, DESK, "1.1", "up");
	hang_up(OWN, "1.1", 26, EVENT_BRIDGE);
	assert_null(ended);
	now += 1000;
	hang_up(DESK, "1.1", 16, EVENT_APP);

	od = json_of(ended);
	assert_string_equal(uuid, str_of(od, "linked_id"));
	assert_string_not_equal(uuid, str_of(od, "id"));
	assert_string_equal(DESK, str_of(od, "channel"));
	assert_string_equal("pbx", str_of(od, "hung_up_by"));
	assert_int_equal(1, odict_count(node(od, "legs"), false));
	assert_int_equal(3, odict_count(node(od, "events"), false));
	mem_deref(od);
}


/* Who does not want records, or was never seen to begin, has none */
static void test_none(void **state)
{
	struct event ev;
	(void)state;

	make(&ev, EVENT_PBX_CREATED, DESK, "1.1", "down");
	ev.pbx.record = false;
	take(&ev);
	hang_up(DESK, "1.1", 16, EVENT_PHONE);
	assert_null(ended);
	hang_up("PJSIP/1001-0000000f", "9.1", 16, EVENT_PHONE);
	assert_null(ended);
}


static void end_handler(struct record *r, void *arg)
{
	(void)arg;
	mem_deref(ended);
	ended = mem_ref(r);
}


/* The process dies, or ends */
static void test_process(void **state)
{
	struct mbuf *mb = mbuf_alloc(1024);
	struct odict *od;
	char *text;
	(void)state;

	tell(EVENT_PBX_CREATED, DESK, "1.1", "ring");
	assert_int_equal(0, pbxcalls_journal(mb, pc, "host"));
	assert_int_equal(0, mb->end);
	tell(EVENT_PBX_ANSWERED, DESK, "1.1", "up");
	assert_int_equal(0, pbxcalls_journal(mb, pc, "host"));
	mb->pos = 0;
	assert_int_equal(0, mbuf_strdup(mb, &text, mb->end));
	assert_non_null(strstr(text, "\"reason\":\"crash\""));
	assert_non_null(strstr(text, "\"kind\":\"pbx\""));
	mem_deref(text);
	mem_deref(mb);

	pbxcalls_end(pc, end_handler, NULL);
	od = json_of(ended);
	assert_string_equal("shutdown", str_of(od, "reason"));
	assert_null(str_of(od, "hung_up_by"));
	assert_true(int_of(od, "t_end") > 0);
	mem_deref(od);
}


/* However many there are */
static void test_bounded(void **state)
{
	char name[32], linked[32];
	uint32_t i;
	(void)state;

	for (i=0; i<3000; i++) {
		(void)re_snprintf(name, sizeof(name), "PJSIP/1001-%08x", i);
		(void)re_snprintf(linked, sizeof(linked), "%u.1",
				  i < 20 ? 0 : i);
		tell(EVENT_PBX_CREATED, name, linked, "down");
		bridge_call(i + 1, "a", "");
	}
	for (i=0; i<3000; i++) {
		(void)re_snprintf(name, sizeof(name), "PJSIP/1001-%08x", i);
		hang_up(name, "", 16, EVENT_BRIDGE);
	}
	assert_non_null(ended);
}


int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_called),
		CASE(test_calls),
		CASE(test_unseen),
		CASE(test_own),
		CASE(test_nearest),
		CASE(test_both),
		CASE(test_none),
		CASE(test_process),
		CASE(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
