/**
 * @file test_logrec.c  Lines of the log as text, JSON and for journald; levels
 */
#include <stdlib.h>
#include <time.h>
#include "testutil.h"
#include "base/log.h"
#include "call/event.h"
#include "log/callids.h"
#include "log/loglevel.h"
#include "log/logrec.h"


#define STAMP "2025-11-29T14:10:11.007+00:00 "

static const struct timespec now = {.tv_sec = 1764425411,
	.tv_nsec = 7999999};


static int setup(void **state)
{
	(void)state;

	setenv("TZ", "UTC", 1);
	tzset();

	return 0;
}


static char *print(const struct clog_line *line, enum logrec_form form,
		   bool journal)
{
	struct mbuf *mb = mbuf_alloc(16);
	struct logrec rec;
	char *str;

	logrec_read(&rec, line);
	rec.now = &now;
	if (!rec.call)
		rec.call = callids_find(&rec.id);
	assert_int_equal(journal ? logrec_journal(mb, form, &rec) :
			 logrec_print(mb, form, &rec), 0);
	mb->pos = 0;
	assert_int_equal(mbuf_strdup(mb, &str, mb->end), 0);
	mem_deref(mb);

	return str;
}


static void assert_text(enum clog_area area, const char *id, const char *msg,
			const char *want)
{
	const struct clog_line line = {
		.level = CLOG_INFO, .area = area, .id = id, .msg = msg,
	};
	char *str = print(&line, LOGREC_TEXT, false);

	assert_string_equal(str, want);
	mem_deref(str);
}


static void test_text(void **state)
{
	(void)state;

	assert_text(CLOG_BRIDGE, NULL, "started\n",
		    STAMP "INFO  bridge msg=started\n");
	assert_text(CLOG_BRIDGE, NULL, "call 7: the phone is replaced\n",
		    STAMP "INFO  bridge call=7 msg=\"the phone is"
		    " replaced\"\n");
	assert_text(CLOG_CLOUD, NULL, "cube: call ab-12: NEW -> CLOSED\n",
		    STAMP "INFO  cloud id=ab-12 msg=\"NEW -> CLOSED\"\n");
	assert_text(CLOG_CLOUD, NULL, "cube: online\n",
		    STAMP "INFO  cloud msg=online\n");
	assert_text(CLOG_SIP, "a b@c", "x=\"1\"\\\n",
		    STAMP "INFO  sip id=\"a b@c\" msg=\"x=\\\"1\\\"\\\\\"\n");

	/* one line, whatever a far side sends */
	assert_text(CLOG_SIP, NULL, "a\r\n2025 WARN sip\tb\x1b[1m\xff\xc3\xa9"
		    "\n",
		    STAMP "INFO  sip msg=\"a\\r\\n2025 WARN sip\\tb?[1m?"
		    "\xc3\xa9\"\n");

	/* nor one that a terminal obeys, or that reads backwards */
	assert_text(CLOG_SIP, NULL, "a\xc2\x9b" "2Jb\xe2\x80\xae" "c\xd8\x9c\n",
		    STAMP "INFO  sip msg=\"a?2Jb?c?\"\n");

	/* not of a call */
	assert_text(CLOG_BRIDGE, NULL, "call from here: no\n",
		    STAMP "INFO  bridge msg=\"call from here: no\"\n");
	assert_text(CLOG_BRIDGE, NULL, "call : no\n",
		    STAMP "INFO  bridge msg=\"call : no\"\n");
	assert_text(CLOG_BRIDGE, NULL, "call 12345678901234: no\n",
		    STAMP "INFO  bridge id=12345678901234 msg=no\n");
}


static void fill(struct event *ev)
{
	event_init(ev, EVENT_CALL_ENDED);
	ev->seq     = 41;
	ev->wall    = 1764425411007;
	ev->id      = 5;
	ev->leg_num = 9;
	ev->call.scode  = 486;
	ev->call.reason = END_BUSY;
	ev->call.by     = EVENT_PHONE;
	event_copy_str(ev->session, sizeof(ev->session), "s-1");
	event_copy_str(ev->call.text, sizeof(ev->call.text), "Busy \"Here\"");
}


static void test_event(void **state)
{
	struct event ev;
	struct clog_line line = {
		.level = CLOG_INFO, .area = CLOG_BRIDGE, .ev = &ev,
		.msg = "call 5: ended: Busy\n",
	};
	struct odict *od;
	char *str;
	(void)state;

	fill(&ev);

	str = print(&line, LOGREC_TEXT, false);
	assert_string_equal(str, STAMP "INFO  bridge call=5 leg=9"
			    " event=call.ended msg=\"ended: Busy\" seq=41"
			    " session=s-1 direction=sip-to-app"
			    " by=phone sip_code=486 reason=busy"
			    " text=\"Busy \\\"Here\\\"\"\n");
	mem_deref(str);

	str = print(&line, LOGREC_JSON, false);
	assert_ptr_equal(strchr(str, '\n'), str + strlen(str) - 1);
	assert_int_equal(json_decode_odict(&od, 16, str, strlen(str), 4), 0);
	assert_string_equal(odict_lookup(od, "type")->u.str, "call.ended");
	assert_string_equal(odict_lookup(od, "msg")->u.str, "ended: Busy");
	assert_string_equal(odict_lookup(od, "area")->u.str, "bridge");
	assert_string_equal(odict_lookup(od, "level")->u.str, "info");
	assert_int_equal(odict_lookup(od, "call")->u.integer, 5);
	assert_int_equal(odict_lookup(od, "time")->u.integer, 1764425411007);
	mem_deref(od);
	mem_deref(str);

	str = print(&line, LOGREC_TEXT, true);
	assert_non_null(strstr(str, "MESSAGE=ended: Busy\nPRIORITY=6\n"));
	assert_non_null(strstr(str, "\nCUBE_AREA=bridge\nCUBE_CALL=5\n"
			       "CUBE_LEG=9\nCUBE_EVENT=call.ended\n"));
	assert_non_null(strstr(str, "\nCUBE_REASON=busy\n"));
	mem_deref(str);
}


static void test_json(void **state)
{
	const struct clog_line line = {
		.level = CLOG_WARN, .area = CLOG_SIP, .id = "x\"y",
		.msg = "a \"b\"\r\nc\xff\x01\xc3\xa9\\\n",
	};
	struct odict *od;
	char *str = print(&line, LOGREC_JSON, false);
	(void)state;

	assert_ptr_equal(strchr(str, '\n'), str + strlen(str) - 1);
	assert_int_equal(json_decode_odict(&od, 16, str, strlen(str), 4), 0);
	assert_string_equal(odict_lookup(od, "msg")->u.str,
			    "a \"b\"\r\nc??\xc3\xa9\\");
	assert_string_equal(odict_lookup(od, "id")->u.str, "x\"y");
	assert_string_equal(odict_lookup(od, "level")->u.str, "warning");
	assert_int_equal(odict_lookup(od, "time")->u.integer, 1764425411007);
	mem_deref(od);
	mem_deref(str);
}


/* A message of several lines has its length before it */
static void test_journal_lines(void **state)
{
	const struct clog_line line = {
		.level = CLOG_TRACE, .area = CLOG_SIP, .msg = "a\nb\n",
	};
	char *str = print(&line, LOGREC_TEXT, true);
	static const char want[] = "MESSAGE\n\3\0\0\0\0\0\0\0a\nb\nPRIORITY=7";
	(void)state;

	assert_memory_equal(str, want, sizeof(want) - 1);
	mem_deref(str);
}


static void test_callids(void **state)
{
	struct event ev;
	char *str;
	const struct clog_line line = {
		.level = CLOG_INFO, .area = CLOG_CLOUD,
		.msg = "cube: call S-1: hello\n",
	};
	(void)state;

	assert_int_equal(callids_init(), 0);
	event_init(&ev, EVENT_LEG_NEW);
	ev.id = 77;
	event_copy_str(ev.session, sizeof(ev.session), "s-1");
	event_copy_str(ev.leg.callid, sizeof(ev.leg.callid), "c@h");
	event_raise(&ev);

	/* UUIDs are the same in either case */
	str = print(&line, LOGREC_TEXT, false);
	assert_string_equal(str, STAMP "INFO  cloud call=77 id=S-1"
			    " msg=hello\n");
	mem_deref(str);
	assert_text(CLOG_SIP, "c@h", "a\n",
		    STAMP "INFO  sip call=77 id=c@h msg=a\n");
	assert_text(CLOG_SIP, "d@h", "a\n", STAMP "INFO  sip id=d@h msg=a\n");

	callids_close();
	assert_text(CLOG_SIP, "c@h", "a\n", STAMP "INFO  sip id=c@h msg=a\n");
}


static void assert_levels(const char *words, int err, const char *want)
{
	struct loglevels levels = {{CLOG_INFO, CLOG_INFO, CLOG_INFO,
		CLOG_INFO}};
	char str[256] = "";
	struct pl pl;
	size_t i;

	pl_set_str(&pl, words);
	assert_int_equal(loglevels_set(&levels, &pl), err);
	for (i=0; i<CLOG_AREAS; i++)
		(void)re_snprintf(str + strlen(str), sizeof(str) - strlen(str),
				  "%s%s=%s", i ? "," : "", logarea_name(i),
				  loglevel_name(levels.v[i]));
	assert_string_equal(str, want);
}


static void test_levels(void **state)
{
	const char *same = "bridge=info,sip=info,cloud=info,media=info";
	(void)state;

	assert_levels("debug", 0,
		      "bridge=debug,sip=debug,cloud=debug,media=debug");
	assert_levels("warning, SIP = trace ,media=error", 0,
		      "bridge=warning,sip=trace,cloud=warning,media=error");
	assert_levels("sip=debug,all=info", 0, same);
	assert_levels("", EINVAL, same);
	assert_levels(",", EINVAL, same);
	assert_levels("debug,", EINVAL, same);
	assert_levels("debug,sip", EINVAL, same);
	assert_levels("debug,sips=info", ENOENT, same);
}


static void test_foreign(void **state)
{
	(void)state;

	assert_int_equal(logarea_of_text("ua: using catchall\n"), CLOG_SIP);
	assert_int_equal(logarea_of_text("reg: x: 403\n"), CLOG_SIP);
	assert_int_equal(logarea_of_text("sip:1000@pbx: {0/UDP} 200 OK\n"),
			 CLOG_SIP);
	assert_int_equal(logarea_of_text("tls: no certificate\n"), CLOG_SIP);
	assert_int_equal(logarea_of_text("audio: tx\n"), CLOG_MEDIA);
	assert_int_equal(logarea_of_text("stream: x\n"), CLOG_MEDIA);
	assert_int_equal(logarea_of_text("module: loading\n"), CLOG_BRIDGE);
	assert_int_equal(logarea_of_text("callous: x\n"), CLOG_BRIDGE);
	assert_int_equal(logarea_of_text("\n"), CLOG_BRIDGE);
	assert_int_equal(logarea_of_text(NULL), CLOG_BRIDGE);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_journal_lines),
		cmocka_unit_test(test_callids),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_foreign),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
