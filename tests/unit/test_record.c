/**
 * @file test_record.c  A call's record, as its events tell it
 */
#include "testutil.h"
#include "call/event.h"
#include "connectycube_link/record.h"


static uint64_t now;            /* of the next event [ms] */
static uint64_t seq;


/* An event of call 7, after some time [ms] */
static struct event *make(struct event *ev, enum event_type type,
			  uint64_t after)
{
	event_init(ev, type);
	now += after;
	ev->id        = 7;
	ev->seq       = ++seq;
	ev->mono      = 5000 + now;
	ev->wall      = 1700000000000ull + now;
	str_ncpy(ev->ext, "sip:1001@pbx", sizeof(ev->ext));

	if (type >> 4 == EVENT_CALL_NEW >> 4) {
		str_ncpy(ev->call.user, "101", sizeof(ev->call.user));
		str_ncpy(ev->call.uri, "sip:2000@pbx",
			 sizeof(ev->call.uri));
	}

	return ev;
}


static struct record *begin(void)
{
	struct record *r = NULL;
	struct event ev;

	now = seq = 0;
	assert_int_equal(0, record_alloc(&r, make(&ev, EVENT_CALL_NEW, 0)));
	record_event(r, &ev);

	return r;
}


static void call_event(struct record *r, enum event_type type, uint64_t after)
{
	struct event ev;

	record_event(r, make(&ev, type, after));
}


static void end(struct record *r, enum end_reason reason, uint64_t after)
{
	struct event ev;

	make(&ev, EVENT_CALL_ENDED, after);
	ev.call.reason = reason;
	ev.call.by     = EVENT_APP;
	record_event(r, &ev);
}


static void leg_event(struct record *r, enum event_type type, uint32_t num,
		      uint64_t after)
{
	struct event ev;

	make(&ev, type, after);
	ev.leg_num  = num;
	ev.leg.side = num == 1 ? EVENT_PHONE : EVENT_APP;
	record_event(r, &ev);
}


static struct odict *json_of(const struct record *r)
{
	struct odict *od = NULL;

	assert_int_equal(0, record_json(&od, r, "host1"));

	return od;
}


static void assert_int(int64_t n, const struct odict *od, const char *key)
{
	const struct odict_entry *e = odict_lookup(od, key);

	assert_non_null(e);
	assert_int_equal(ODICT_INT, e->type);
	assert_true(n == e->u.integer);
}


static void assert_str(const char *str, const struct odict *od,
		       const char *key)
{
	const struct odict_entry *e = odict_lookup(od, key);

	assert_non_null(e);
	assert_int_equal(str ? ODICT_STRING : ODICT_NULL, e->type);
	if (str)
		assert_string_equal(str, e->u.str);
}


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


static void recording(struct record *r, const char *file, const char *state,
		      uint64_t after)
{
	struct event ev;

	make(&ev, EVENT_RECORD, after);
	str_ncpy(ev.progress.state, state, sizeof(ev.progress.state));
	str_ncpy(ev.progress.target, file, sizeof(ev.progress.target));
	str_ncpy(ev.progress.mode, "audio", sizeof(ev.progress.mode));
	str_ncpy(ev.progress.by, "app", sizeof(ev.progress.by));
	if (!strcmp(state, "degraded") || !strcmp(state, "failed"))
		(void)re_snprintf(ev.progress.text, sizeof(ev.progress.text),
				  "%s: no room", state);
	record_event(r, &ev);
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
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_recordings),
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
