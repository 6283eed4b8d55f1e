/**
 * @file test_record_parties.c  The record of a call: its end and its parties
 */
#include "record_rig.h"


static void test_answered(void **state)
{
	struct record *r = begin();
	struct odict *od;
	(void)state;

	call_event(r, EVENT_CALL_RINGING, 100);
	call_event(r, EVENT_CALL_EARLY, 50);
	call_event(r, EVENT_CALL_ANSWERED, 4000);
	call_event(r, EVENT_MEDIA_UP, 30);

	/* as it stands */
	od = json_of(r);
	assert_str("ANSWERED", od, "disposition");
	assert_str(NULL, od, "reason");
	assert_str(NULL, od, "t_end");
	assert_int(30, od, "bill_ms");
	mem_deref(od);

	leg_event(r, EVENT_LEG_HELD, 1, 1000);
	leg_event(r, EVENT_LEG_RESUMED, 1, 2000);
	leg_event(r, EVENT_LEG_HELD, 2, 1000);
	end(r, END_NORMAL, 500);

	/* nothing comes after its end */
	call_event(r, EVENT_CALL_RINGING, 1000);

	od = json_of(r);
	assert_int(1, od, "v");
	assert_str("host1", od, "host");
	assert_str("sip-to-app", od, "direction");
	assert_str("sip:2000@pbx", odict_lookup(od, "from")->u.odict, "uri");
	assert_str("101", odict_lookup(od, "to")->u.odict, "user");
	assert_int(1700000000000ll, od, "t_start");
	assert_int(1700000000100ll, od, "t_ring");
	assert_int(1700000000150ll, od, "t_early");
	assert_int(1700000004150ll, od, "t_answer");
	assert_int(1700000008680ll, od, "t_end");
	assert_int(100, od, "pdd_ms");
	assert_int(4050, od, "ring_ms");
	assert_int(30, od, "setup_ms");
	assert_int(4530, od, "bill_ms");
	assert_int(2500, od, "hold_ms");
	assert_int(2, od, "hold_count");
	assert_str("normal", od, "reason");
	assert_str("success", od, "class");
	assert_str("app", od, "hung_up_by");
	assert_int(16, od, "q850");
	mem_deref(od);
	mem_deref(r);
}


static bool check_member(struct le *le, void *arg)
{
	const struct odict_entry *e = le->data;
	char name[64];

	(void)re_snprintf(name, sizeof(name), "`%s`", e->key);
	if (!strstr(arg, name))
		fail_msg("docs/RECORDS.md has no %s", name);

	return false;
}


/* Its row in the table of reasons: "| `name`, ... | BUSY | client | 17 |" */
static void check_row(const char *doc, const char *name,
		      const struct record *r)
{
	const char *p = strstr(doc, "| reason | disposition"), *end;
	char word[64], want[128];
	struct pl row;

	assert_non_null(p);
	(void)re_snprintf(word, sizeof(word), "`%s`", name);
	p = strstr(p, word);
	if (!p)
		fail_msg("docs/RECORDS.md: no row of %s", name);

	end = strchr(p, '\n');
	p   = strchr(p, '|');
	assert_true(p && end && p < end);
	row.p = p;
	row.l = end - p;
	(void)re_snprintf(want, sizeof(want), "| %s | %s | %u |",
			  record_disposition(r), record_class(r),
			  record_q850(r));
	if (pl_strcmp(&row, want))
		fail_msg("docs/RECORDS.md: %s is %r, not %s", name, &row,
			 want);
}


/* Its id is the call's, which others tell of, too; what it belongs to may
   come later */
static void test_ids(void **state)
{
	static const char id[] = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
	static const char first[] = "11111111-bbbb-4ccc-8ddd-eeeeeeeeeeee";
	struct record *r = begin();
	struct event ev;
	(void)state;

	/* nobody has said: one of its own */
	assert_true(uuid_is(r->id, strlen(r->id)));
	assert_string_equal(r->linked, r->id);
	mem_deref(r);

	make(&ev, EVENT_CALL_NEW, 0);
	str_ncpy(ev.record, id, sizeof(ev.record));
	str_ncpy(ev.linked, id, sizeof(ev.linked));
	assert_int_equal(0, record_alloc(&r, &ev));
	assert_string_equal(r->id, id);
	assert_string_equal(r->linked, id);

	make(&ev, EVENT_CALL_ANSWERED, 10);
	str_ncpy(ev.record, id, sizeof(ev.record));
	str_ncpy(ev.linked, first, sizeof(ev.linked));
	record_event(r, &ev);
	assert_string_equal(r->id, id);
	assert_string_equal(r->linked, first);
	mem_deref(r);
}


/* Each member and each reason is documented, as it is */
static void test_documented(void **state)
{
	char *doc = tu_load("docs/RECORDS.md");
	char *schema = tu_load("docs/record.schema.json");
	struct record *r = begin();
	struct event ev;
	struct odict *od;
	char word[64];
	struct le *le;
	int i;
	(void)state;

	leg_event(r, EVENT_LEG_NEW, 1, 10);
	leg_event(r, EVENT_LEG_NEW, 2, 10);
	record_event(r, make(&ev, EVENT_TRANSFER, 10));
	recording(r, "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "started", 10);
	end(r, END_NORMAL, 10);

	od = json_of(r);
	(void)list_apply(&od->lst, true, check_member, doc);
	for (le = odict_lookup(od, "legs")->u.odict->lst.head; le;
	     le = le->next)
		(void)list_apply(&((struct odict_entry *)le->data)
				 ->u.odict->lst, true, check_member, doc);
	(void)list_apply(&((struct odict_entry *)
			   odict_lookup(od, "transfers")->u.odict->lst.head
			   ->data)->u.odict->lst, true, check_member, doc);
	(void)list_apply(&((struct odict_entry *)
			   odict_lookup(od, "recordings")->u.odict->lst.head
			   ->data)->u.odict->lst, true, check_member, doc);
	mem_deref(od);

	for (i=END_UNSET + 1; i<END_REASONS; i++) {
		r->reason = i;
		check_row(doc, end_reason_name(i), r);
		(void)re_snprintf(word, sizeof(word), "\"%s\"",
				  end_reason_name(i));
		if (!strstr(schema, word))
			fail_msg("the schema has no %s", word);
	}

	r->crashed = true;
	check_row(doc, "crash", r);

	mem_deref(r);
	mem_deref(schema);
	mem_deref(doc);
}


/* A call that its process dies in is as it was last seen */
static void test_crash(void **state)
{
	struct record *r = begin();
	struct odict *od;
	(void)state;

	call_event(r, EVENT_CALL_ANSWERED, 1000);
	record_crash(r, 5000 + now + 7000, 1700000000000ull + now + 7000);
	od = json_of(r);
	assert_str("crash", od, "reason");
	assert_str("ANSWERED", od, "disposition");
	assert_str("server", od, "class");
	assert_int(7000, od, "bill_ms");
	assert_int(1700000008000ll, od, "t_end");
	mem_deref(od);

	/* it has not died */
	record_go_on(r);

	/* who holds now holds until it dies */
	leg_event(r, EVENT_LEG_HELD, 1, 100);
	record_crash(r, 5000 + now + 400, 1700000000000ull + now + 400);
	od = json_of(r);
	assert_int(400, od, "hold_ms");
	mem_deref(od);
	record_go_on(r);
	leg_event(r, EVENT_LEG_RESUMED, 1, 500);
	od = json_of(r);
	assert_int(500, od, "hold_ms");
	mem_deref(od);
	end(r, END_NORMAL, 9000);
	od = json_of(r);
	assert_str("normal", od, "reason");
	assert_int(9600, od, "bill_ms");
	assert_int(500, od, "hold_ms");
	mem_deref(od);
	mem_deref(r);
}


/* Users are rung one after the other, parties leave before the end */
static void test_parties(void **state)
{
	struct record *r = begin();
	const struct odict *users;
	struct event ev;
	struct odict *od;
	(void)state;

	make(&ev, EVENT_CALL_RINGING, 10);
	str_ncpy(ev.call.users, "101,102", sizeof(ev.call.users));
	str_ncpy(ev.call.dialled, "5551", sizeof(ev.call.dialled));
	str_ncpy(ev.call.agent, "Snom", sizeof(ev.call.agent));
	record_event(r, &ev);
	make(&ev, EVENT_CALL_ANSWERED, 10);
	str_ncpy(ev.call.users, "102,103,,", sizeof(ev.call.users));
	str_ncpy(ev.call.platform, "ios", sizeof(ev.call.platform));
	record_event(r, &ev);
	end(r, END_NORMAL, 10);

	od = json_of(r);
	users = odict_lookup(od, "users")->u.odict;
	assert_int_equal(odict_count(users, false), 3);
	assert_str("101", users, "0");
	assert_str("102", users, "1");
	assert_str("103", users, "2");
	assert_str("5551", od, "dialled");
	assert_str("Snom", od, "agent");
	assert_str("ios", od, "platform");
	assert_str(NULL, od, "addr");
	mem_deref(od);
	mem_deref(r);
}


static void assert_leg(const struct odict *od, const char *nth, int64_t num,
		       const char *remote)
{
	const struct odict *leg = odict_lookup(odict_lookup(od, "legs")
					       ->u.odict, nth)->u.odict;

	assert_int(num, leg, "num");
	assert_str(remote, leg, "remote");
}


/* In the order they came, whatever is told first; who calls is known */
static void test_legs(void **state)
{
	struct record *r = NULL;
	struct event ev;
	struct odict *od;
	(void)state;

	now = seq = 0;
	make(&ev, EVENT_CALL_NEW, 0);
	ev.call.from_app = true;
	ev.call.caller   = 3;
	str_ncpy(ev.call.number, "2000", sizeof(ev.call.number));
	assert_int_equal(0, record_alloc(&r, &ev));
	record_event(r, &ev);
	make(&ev, EVENT_LEG_NEW, 0);
	ev.leg_num  = 4;
	ev.leg.side = EVENT_PHONE;
	str_ncpy(ev.leg.remote, "sip:2000@pbx", sizeof(ev.leg.remote));
	record_event(r, &ev);
	ev.leg_num = 6;
	record_event(r, &ev);
	make(&ev, EVENT_QUALITY, 0);
	ev.leg_num      = 3;
	ev.quality.side = EVENT_APP;
	record_event(r, &ev);

	od = json_of(r);
	assert_leg(od, "0", 3, "101");
	assert_leg(od, "1", 4, "sip:2000@pbx");
	assert_leg(od, "2", 6, "sip:2000@pbx");
	mem_deref(od);
	end(r, END_NO_ANSWER, 10);
	mem_deref(r);
}


/* What became of what was sent is not known if nobody has told */
static void test_unreported(void **state)
{
	struct record *r = begin();
	const struct odict *media, *tx;
	struct event ev;
	struct odict *od;
	(void)state;

	make(&ev, EVENT_QUALITY, 0);
	ev.leg_num      = 1;
	ev.quality.side = EVENT_PHONE;
	str_ncpy(ev.quality.rx.codec, "PCMU/8000",
		 sizeof(ev.quality.rx.codec));
	ev.quality.tx = ev.quality.rx;
	ev.quality.tx.unreported = true;
	record_event(r, &ev);

	od = json_of(r);
	media = odict_lookup(odict_lookup(odict_lookup(od, "legs")->u.odict,
					  "0")->u.odict, "media")->u.odict;
	assert_int(0, odict_lookup(media, "rx")->u.odict, "lost");
	tx = odict_lookup(media, "tx")->u.odict;
	assert_str(NULL, tx, "lost");
	assert_str(NULL, tx, "jitter_ms");
	assert_str(NULL, tx, "jitter_avg_ms");
	assert_str(NULL, tx, "jitter_max_ms");
	mem_deref(od);
	mem_deref(r);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answered),
		cmocka_unit_test(test_crash),
		cmocka_unit_test(test_parties),
		cmocka_unit_test(test_legs),
		cmocka_unit_test(test_unreported),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
