/**
 * @file test_record.c  The record of a call: how it began, and went on
 */
#include "record_rig.h"


/* Known by its own id, as nobody has given it one */
static void test_own_trace(void **state)
{
	struct record *r = begin();
	struct odict *od;
	char trace[40];
	size_t i, n = 0;
	(void)state;

	for (i=0; r->id[i]; i++) {
		if (r->id[i] != '-')
			trace[n++] = r->id[i];
	}
	trace[n] = '\0';
	od = json_of(r);
	assert_str(trace, od, "trace");
	assert_str(NULL, od, "department");
	assert_str(NULL, od, "flight");
	mem_deref(od);
	mem_deref(r);
}


/* Tags, department, trace and flight record as events tell them */
static void test_more(void **state)
{
	struct record *r = begin();
	const struct odict *leg;
	struct event ev;
	struct odict *od;
	(void)state;

	make(&ev, EVENT_CALL_ANSWERED, 10);
	str_ncpy(ev.call.tag_local, "ours", sizeof(ev.call.tag_local));
	str_ncpy(ev.call.tag_remote, "its", sizeof(ev.call.tag_remote));
	str_ncpy(ev.call.department, "Sales", sizeof(ev.call.department));
	str_ncpy(ev.call.trace, "t-1", sizeof(ev.call.trace));
	record_event(r, &ev);
	make(&ev, EVENT_LEG_ANSWERED, 0);
	ev.leg_num = 1;
	ev.leg.side = EVENT_PHONE;
	str_ncpy(ev.leg.callid, "c", sizeof(ev.leg.callid));
	str_ncpy(ev.leg.tag_remote, "its", sizeof(ev.leg.tag_remote));
	record_event(r, &ev);

	/* told before its end, or by command */
	make(&ev, EVENT_FLIGHT, 0);
	str_ncpy(ev.progress.state, "failed", sizeof(ev.progress.state));
	str_ncpy(ev.progress.target, "/f", sizeof(ev.progress.target));
	record_event(r, &ev);
	make(&ev, EVENT_CALL_ENDED, 200);
	str_ncpy(ev.call.flight, "/f/1.log", sizeof(ev.call.flight));
	ev.call.reason = END_NORMAL;
	record_event(r, &ev);

	od = json_of(r);
	assert_str("ours", od, "tag_local");
	assert_str("its", od, "tag_remote");
	assert_str("Sales", od, "department");
	assert_str("t-1", od, "trace");
	assert_str("/f/1.log", od, "flight");
	assert_int_equal(0, odict_count(odict_lookup(od, "supervision")
					->u.odict, false));
	assert_str(NULL, od, "conference");
	leg = odict_lookup(odict_lookup(od, "legs")->u.odict, "0")->u.odict;
	assert_str("its", leg, "tag_remote");
	assert_str(NULL, leg, "tag_local");
	mem_deref(od);
	mem_deref(r);
}


static void say(struct event_call *c, const char *uri, const char *callid,
		const char *user)
{
	str_ncpy(c->uri, uri, sizeof(c->uri));
	(void)re_snprintf(c->number, sizeof(c->number), "n-%s", uri);
	(void)re_snprintf(c->name, sizeof(c->name), "N-%s", uri);
	str_ncpy(c->callid, callid, sizeof(c->callid));
	(void)re_snprintf(c->tag_local, sizeof(c->tag_local), "l-%s",
			  callid);
	(void)re_snprintf(c->agent, sizeof(c->agent), "A-%s", uri);
	(void)re_snprintf(c->addr, sizeof(c->addr), "a-%s", uri);
	str_ncpy(c->user, user, sizeof(c->user));
	(void)re_snprintf(c->platform, sizeof(c->platform), "p%s", user);
	str_ncpy(c->users, user, sizeof(c->users));
}


static void assert_who(const struct record *r, const char *uri,
		       const char *callid, const char *user,
		       const char *session)
{
	const struct odict *phone, *users;
	struct odict *od = json_of(r);
	char want[64];

	phone = odict_lookup(od, "to")->u.odict;
	assert_str(uri, phone, "uri");
	(void)re_snprintf(want, sizeof(want), "n-%s", uri);
	assert_str(want, phone, "number");
	(void)re_snprintf(want, sizeof(want), "N-%s", uri);
	assert_str(want, phone, "name");
	assert_str(user, odict_lookup(od, "from")->u.odict, "user");
	assert_str(callid, od, "call_id");
	(void)re_snprintf(want, sizeof(want), "l-%s", callid);
	assert_str(want, od, "tag_local");
	(void)re_snprintf(want, sizeof(want), "A-%s", uri);
	assert_str(want, od, "agent");
	(void)re_snprintf(want, sizeof(want), "a-%s", uri);
	assert_str(want, od, "addr");
	(void)re_snprintf(want, sizeof(want), "p%s", user);
	assert_str(want, od, "platform");
	assert_str(session, od, "session");
	users = odict_lookup(od, "users")->u.odict;
	assert_int_equal(1, odict_count(users, false));
	assert_str(user, users, "0");
	mem_deref(od);
}


static void call_of(struct record *r, enum event_type type, const char *uri,
		    const char *callid, const char *user, const char *session)
{
	struct event ev;

	make(&ev, type, 10);
	ev.call.from_app = true;
	ev.call.reason   = END_NORMAL;
	say(&ev.call, uri, callid, user);
	str_ncpy(ev.session, session, sizeof(ev.session));
	record_event(r, &ev);
}


/* Who called and who took it stay what they were, whoever comes later: by our
   transfer, or by one that only the server knows of */
static void test_placed(void **state)
{
	struct record *r = begin();
	struct event ev;
	(void)state;

	call_of(r, EVENT_CALL_RINGING, "x", "c-x", "101", "s1");

	/* it has sent the call on, and another phone takes it */
	call_of(r, EVENT_CALL_RINGING, "y", "c-y", "101", "s1");
	make(&ev, EVENT_CALL_ANSWERED, 10);
	ev.call.from_app = true;
	say(&ev.call, "z", "c-z", "101");
	ev.call.agent[0] = '\0';
	str_ncpy(ev.session, "s1", sizeof(ev.session));
	record_event(r, &ev);
	assert_string_equal("", r->who.agent);

	/* what was not known yet */
	call_of(r, EVENT_CALL_RINGING, "z", "c-z", "101", "s1");
	assert_who(r, "z", "c-z", "101", "s1");

	make(&ev, EVENT_LEG_NEW, 10);
	ev.leg_num  = 9;
	ev.leg.side = EVENT_APP;
	str_ncpy(ev.leg.remote, "102", sizeof(ev.leg.remote));
	str_ncpy(ev.session, "s2", sizeof(ev.session));
	record_event(r, &ev);
	call_of(r, EVENT_CALL_ENDED, "w", "c-w", "102", "s2");
	assert_who(r, "z", "c-z", "101", "s1");
	mem_deref(r);
}


/* A party comes from another call; one that was to leave stays */
static void test_comes(void **state)
{
	struct record *r = begin();
	const struct odict *legs, *leg;
	struct event ev;
	struct odict *od;
	(void)state;

	call_event(r, EVENT_CALL_ANSWERED, 10);
	leg_event(r, EVENT_LEG_ANSWERED, 2, 0);
	leg_event(r, EVENT_LEG_ENDED, 2, 10);
	leg_event(r, EVENT_LEG_IDENTITY, 2, 10);
	make(&ev, EVENT_TRANSFER, 100);
	str_ncpy(ev.progress.state, "trying", sizeof(ev.progress.state));
	record_event(r, &ev);
	make(&ev, EVENT_LEG_IDENTITY, 100);
	ev.leg_num  = 3;
	ev.leg.side = EVENT_APP;
	str_ncpy(ev.leg.remote, "102", sizeof(ev.leg.remote));
	str_ncpy(ev.leg.number, "102", sizeof(ev.leg.number));
	str_ncpy(ev.session, "s3", sizeof(ev.session));
	record_event(r, &ev);
	leg_event(r, EVENT_LEG_HELD, 3, 100);
	end(r, END_NORMAL, 1000);

	od   = json_of(r);
	legs = odict_lookup(od, "legs")->u.odict;
	leg  = odict_lookup(legs, "0")->u.odict;
	assert_str(NULL, leg, "t_end");
	leg  = odict_lookup(legs, "1")->u.odict;
	assert_str("102", leg, "remote");
	assert_str("102", leg, "number");
	assert_str("s3", leg, "session");
	assert_int((int64_t)(1700000000000ull + 230), leg, "t_new");
	assert_int(1000, leg, "hold_ms");
	assert_int(1000, od, "hold_ms");
	mem_deref(od);
	mem_deref(r);
}


/* How often paths were lost, who was rung in vain, pushes, keys, and those that
   there is no room for */
static void test_counts(void **state)
{
	struct record *r = begin();
	const struct odict *legs;
	struct event ev;
	struct odict *od;
	uint32_t i;
	(void)state;

	make(&ev, EVENT_CALL_RINGING, 10);
	ev.call.caller = 1;
	record_event(r, &ev);
	make(&ev, EVENT_LEG_NEW, 10);
	ev.leg_num  = 2;
	ev.leg.side = EVENT_APP;
	str_ncpy(ev.leg.remote, "104,105", sizeof(ev.leg.remote));
	record_event(r, &ev);
	make(&ev, EVENT_PUSH_SENT, 10);
	record_event(r, &ev);
	record_event(r, &ev);
	make(&ev, EVENT_PUSH_ONLINE, 10);
	ev.push.online_ms = 1234;
	record_event(r, &ev);
	ev.push.online_ms = 2345;
	record_event(r, &ev);
	call_event(r, EVENT_CALL_ANSWERED, 10);
	make(&ev, EVENT_MEDIA_LOST, 10);
	ev.leg_num    = 2;
	ev.media.side = EVENT_APP;
	record_event(r, &ev);
	record_event(r, &ev);
	make(&ev, EVENT_KEYS, 10);
	ev.keys.to   = EVENT_APP;
	ev.keys.sent = 3;
	ev.keys.lost = 1;
	record_event(r, &ev);
	ev.keys.to = EVENT_PHONE;
	ev.keys.lost = 0;
	record_event(r, &ev);
	for (i=3; i<RECORD_LEGS + 5; i++)
		leg_event(r, EVENT_LEG_NEW, i, 1);
	end(r, END_NORMAL, 10);

	od   = json_of(r);
	legs = odict_lookup(od, "legs")->u.odict;
	assert_int_equal(RECORD_LEGS, odict_count(legs, false));
	assert_int(4, od, "legs_lost");
	assert_str("phone", odict_lookup(legs, "0")->u.odict, "side");
	assert_str("sip:2000@pbx", odict_lookup(legs, "0")->u.odict,
		   "remote");
	assert_str("104,105", odict_lookup(legs, "1")->u.odict, "remote");
	assert_int(2, odict_lookup(legs, "1")->u.odict, "path_losses");
	assert_int(2, od, "pushes");
	assert_int(1234, od, "push_to_online_ms");
	assert_int(4, odict_lookup(od, "keys")->u.odict, "phone");
	assert_int(3, odict_lookup(od, "keys")->u.odict, "app");
	assert_str("104", odict_lookup(od, "users")->u.odict, "0");
	assert_str("105", odict_lookup(od, "users")->u.odict, "1");
	mem_deref(od);
	mem_deref(r);
}


/* By nobody who is a party of it */
static void test_originated(void **state)
{
	struct record *r = begin();
	const struct odict *legs;
	struct odict *od;
	struct event ev;
	(void)state;

	od = json_of(r);
	assert_str(NULL, od, "rung_first");
	mem_deref(od);

	make(&ev, EVENT_CALL_RINGING, 100);
	ev.call.first = EVENT_PHONE;
	record_event(r, &ev);
	leg_event(r, EVENT_LEG_NEW, 1, 0);
	leg_event(r, EVENT_LEG_ANSWERED, 1, 900);
	leg_event(r, EVENT_LEG_NEW, 2, 0);
	leg_event(r, EVENT_LEG_ENDED, 2, 5000);
	make(&ev, EVENT_CALL_ENDED, 0);
	ev.call.first  = EVENT_PHONE;
	ev.call.reason = END_NO_ANSWER;
	record_event(r, &ev);

	od   = json_of(r);
	legs = odict_lookup(od, "legs")->u.odict;
	assert_str("phone", od, "rung_first");
	assert_str("NO_ANSWER", od, "disposition");
	assert_int(0, od, "bill_ms");
	assert_str(NULL, od, "setup_ms");
	assert_str(NULL, od, "t_answer");
	assert_int(1700000001000, odict_lookup(legs, "0")->u.odict,
		   "t_answer");
	mem_deref(od);
	mem_deref(r);
}


/* By their files */
static void test_recordings(void **state)
{
	static const char one[] =
		"/spool/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee.rec";
	static const char two[] = "11111111-2222-4333-8444-555555555555.rec";
	static const char three[] =
		"22222222-2222-4333-8444-555555555555.rec";
	struct record *r = begin();
	const struct odict *v, *rec;
	struct odict *od;
	(void)state;

	recording(r, one, "started", 1000);
	recording(r, one, "paused", 1000);
	recording(r, one, "paused", 500);
	recording(r, one, "resumed", 500);
	recording(r, one, "degraded", 10);
	recording(r, one, "ended", 10);
	recording(r, one, "started", 10);
	recording(r, two, "started", 10);
	recording(r, two, "paused", 100);
	recording(r, "no-id.rec", "started", 0);
	recording(r, three, "failed", 0);
	end(r, END_NORMAL, 200);

	od = json_of(r);
	v = odict_lookup(od, "recordings")->u.odict;
	assert_int_equal(3, odict_count(v, false));
	rec = odict_lookup(v, "0")->u.odict;
	assert_str("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", rec, "id");
	assert_str("audio", rec, "mode");
	assert_str("app", rec, "by");
	assert_str("degraded", rec, "state");
	assert_str("degraded: no room", rec, "reason");
	assert_int(1000, rec, "paused_ms");
	assert_int(1700000001000ll, rec, "t_start");
	assert_int(1700000003020ll, rec, "t_end");
	rec = odict_lookup(v, "1")->u.odict;
	assert_str("complete", rec, "state");
	assert_str(NULL, rec, "reason");
	assert_int(200, rec, "paused_ms");
	assert_int(1700000003340ll, rec, "t_end");

	/* there is no file, but it was wanted */
	rec = odict_lookup(v, "2")->u.odict;
	assert_str("22222222-2222-4333-8444-555555555555", rec, "id");
	assert_str("failed", rec, "state");
	assert_str("failed: no room", rec, "reason");
	assert_int(1700000003140ll, rec, "t_end");
	mem_deref(od);
	mem_deref(r);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_trace),
		cmocka_unit_test(test_placed),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_comes),
		cmocka_unit_test(test_originated),
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_recordings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
