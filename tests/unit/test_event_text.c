/**
 * @file test_event_text.c  The bus: events as JSON, lines of the log, a ring
 */
#include "event_rig.h"


static void keep_handler(const struct event *ev, void *arg)
{
	struct event *copy = arg;

	*copy = *ev;
}


/* What is kept of an event that waited stays true */
static void nested_handler(const struct event *ev, void *arg)
{
	struct event mine;
	(void)arg;

	if (ev->type != EVENT_CALL_NEW)
		return;

	event_init(&mine, EVENT_LEG_NEW);
	event_copy_str(mine.leg.remote, sizeof(mine.leg.remote), "sip:a@b");
	mine.id = 7;
	event_raise(&mine);
	memset(&mine, 0xa5, sizeof(mine));
}


static void test_value(void **state)
{
	struct event_sub *nested, *keep;
	struct event copy;
	(void)state;

	event_init(&copy, EVENT_HOST_NETWORK);
	assert_int_equal(0, event_subscribe(&nested, EVENT_CALL,
					    nested_handler, NULL));
	assert_int_equal(0, event_subscribe(&keep, EVENT_LEG, keep_handler,
					    &copy));
	raise_type(EVENT_CALL_NEW);
	mem_deref(nested);
	mem_deref(keep);

	assert_int_equal(EVENT_LEG_NEW, copy.type);
	assert_int_equal(7, copy.id);
	assert_string_equal("sip:a@b", copy.leg.remote);
}


static void test_copy_str(void **state)
{
	char buf[6];
	(void)state;

	event_copy_str(buf, sizeof(buf), NULL);
	assert_string_equal("", buf);
	event_copy_str(buf, sizeof(buf), "12345");
	assert_string_equal("12345", buf);
	event_copy_str(buf, sizeof(buf), "123456");
	assert_string_equal("12345", buf);

	/* a line of its own in the log, or a terminal's commands */
	event_copy_str(buf, sizeof(buf), "a\r\n\x1b\x7f");
	assert_string_equal("a????", buf);

	/* cut between characters */
	event_copy_str(buf, sizeof(buf), "1234\xc3\xa4");
	assert_string_equal("1234", buf);
	event_copy_str(buf, sizeof(buf), "123\xc3\xa4");
	assert_string_equal("123\xc3\xa4", buf);
	event_copy_str(buf, sizeof(buf), "12\xe2\x82\xac\xe2\x82\xac");
	assert_string_equal("12\xe2\x82\xac", buf);
	event_copy_str(buf, sizeof(buf), "\x80\x80\x80\x80\x80\x80\x80");
	assert_string_equal("", buf);

	/* programs refuse all of a text that is no UTF-8 */
	/* U+009B is what ESC [ is; U+00A0 is none */
	event_copy_str(buf, sizeof(buf), "\xc2\x9bJ\xc2\xa0");
	assert_string_equal("??J\xc2\xa0", buf);
	event_copy_str(buf, sizeof(buf), "J\xe9r\xc3");
	assert_string_equal("J?r?", buf);
	event_copy_str(buf, sizeof(buf), "\xed\xa0\x80");
	assert_string_equal("???", buf);
}


/* As programs get it. Freed by mem_deref() */
static struct odict *as_json(const struct event *ev)
{
	struct odict *od = NULL;
	char *str = NULL;
	struct pl pl;

	assert_int_equal(0, event_json(&od, ev));
	assert_int_equal(0, re_sdprintf(&str, "%H", json_encode_odict, od));
	od = mem_deref(od);

	pl_set_str(&pl, str);
	assert_true(text_is_utf8(&pl));
	assert_int_equal(0, json_decode_odict(&od, 16, str, strlen(str), 8));
	mem_deref(str);

	return od;
}


static void assert_text(const char *text, const struct odict *od,
			const char *key)
{
	const struct odict_entry *e = odict_lookup(od, key);

	assert_non_null(e);
	assert_int_equal(text ? ODICT_STRING : ODICT_NULL, e->type);
	if (text)
		assert_string_equal(text, e->u.str);
}


static void assert_number(int64_t n, const struct odict *od, const char *key)
{
	const struct odict_entry *e = odict_lookup(od, key);

	assert_non_null(e);
	assert_int_equal(ODICT_INT, e->type);
	assert_true(n == e->u.integer);
}


static void assert_double(double v, const struct odict *od, const char *key)
{
	const struct odict_entry *e = odict_lookup(od, key);

	assert_non_null(e);
	assert_int_equal(ODICT_DOUBLE, e->type);
	assert_true(fabs(v - e->u.dbl) < 1e-9);
}


static void test_json(void **state)
{
	struct odict *od;
	struct event ev;
	unsigned type, n = 0;
	(void)state;

	/* each type that has a name */
	for (type=0; type<=0xff; type++) {

		event_init(&ev, type);
		if (!strcmp(event_name(type), "?"))
			continue;

		od = as_json(&ev);
		assert_text(event_name(type), od, "type");
		assert_text(NULL, od, "ext");
		assert_null(odict_lookup(od, "call"));
		mem_deref(od);
		++n;
	}
	assert_true(n > 30);

	event_init(&ev, EVENT_CALL_ENDED);
	ev.id         = 7;
	ev.wall       = 1700000000123ull;
	ev.call.by    = EVENT_APP;
	ev.call.scode = 486;
	event_copy_str(ev.call.name, sizeof(ev.call.name),
		       "\"A\\ \x01 Jos\xe9 \xc3\xa9");
	event_copy_str(ev.ext, sizeof(ev.ext), "sip:1@a");
	od = as_json(&ev);
	assert_text("sip:1@a", od, "ext");
	assert_text("app", od, "by");
	assert_text("\"A\\ ? Jos? \xc3\xa9", od, "name");
	assert_number(7, od, "call");
	assert_number(486, od, "sip_code");
	assert_number(1700000000123ll, od, "time");
	mem_deref(od);

	event_init(&ev, EVENT_QUALITY);
	ev.leg_num      = 3;
	ev.quality.side = EVENT_PHONE;
	str_ncpy(ev.quality.rx.codec, "PCMU/8000",
		 sizeof(ev.quality.rx.codec));
	ev.quality.rx.mos  = 432;
	ev.quality.rx.lost = -2;
	od = as_json(&ev);
	assert_number(3, od, "leg_num");
	assert_text(NULL, od, "tx");
	assert_text(NULL, od, "rtt_ms");
	assert_number(-2, odict_lookup(od, "rx")->u.odict, "lost");
	assert_text(NULL, od, "video_rx");
	assert_text(NULL, od, "first_rtp");
	assert_text(NULL, od, "level_dbov");
	assert_text(NULL, od, "one_way");
	assert_text(NULL, od, "srtp");
	mem_deref(od);

	/* what is known */
	ev.wall = 1700000000123ull;
	ev.mono = 5000;
	ev.quality.t_first = 2000;
	ev.quality.level   = -213;
	ev.quality.rtt_max = 20500;
	ev.quality.one_way = EVENT_NOTHING;
	str_ncpy(ev.quality.vrx.codec, "VP8", sizeof(ev.quality.vrx.codec));
	str_ncpy(ev.quality.vtx.codec, "H264", sizeof(ev.quality.vtx.codec));
	ev.quality.vrx.freezes = 2;
	od = as_json(&ev);
	assert_number(1699999997123ll, od, "first_rtp");
	assert_double(-21.3, od, "level_dbov");
	assert_double(20.5, od, "rtt_max_ms");
	assert_text("nothing", od, "one_way");
	assert_number(2, odict_lookup(od, "video_rx")->u.odict, "freezes");
	assert_null(odict_lookup(odict_lookup(od, "video_tx")->u.odict,
				 "freezes"));
	mem_deref(od);

	event_init(&ev, EVENT_MEDIA_ONE_WAY);
	ev.media.side    = EVENT_APP;
	ev.media.unheard = EVENT_SILENCE;
	ev.media.ms      = 20000;
	od = as_json(&ev);
	assert_text("app", od, "side");
	assert_text("silence", od, "unheard");
	assert_text(NULL, od, "action");
	assert_number(20000, od, "ms");
	mem_deref(od);

	assert_int_equal(EINVAL, event_json(NULL, &ev));
	assert_int_equal(EINVAL, event_json(&od, NULL));
}


/** What the log got */
struct line {
	enum clog_level level;
	enum clog_area area;
	char text[1024];
};


static void log_handler(const struct clog_line *cl, void *arg)
{
	struct line *line = arg;

	line->level = cl->level;
	line->area  = cl->area;
	assert_non_null(cl->ev);
	(void)str_ncpy(line->text, cl->msg, sizeof(line->text));
}


static void test_log(void **state)
{
	struct line line = {CLOG_TRACE, CLOG_AREAS, ""};
	struct event ev;
	(void)state;

	clog_set_handler(log_handler, &line);
	assert_int_equal(0, eventlog_init());

	event_init(&ev, EVENT_CALL_ENDED);
	ev.id = 4711;
	event_copy_str(ev.call.text, sizeof(ev.call.text), "app: hung up");
	event_raise(&ev);
	assert_string_equal("call 4711: ended: app: hung up\n", line.text);
	assert_int_equal(CLOG_INFO, line.level);
	assert_int_equal(CLOG_BRIDGE, line.area);

	/* what is tried in vain again and again is said once */
	event_init(&ev, EVENT_CLOUD_OFFLINE);
	event_copy_str(ev.ext, sizeof(ev.ext), "sip:1000@pbx");
	event_copy_str(ev.link.state, sizeof(ev.link.state), "offline");
	event_copy_str(ev.link.text, sizeof(ev.link.text), "refused");
	event_raise(&ev);
	assert_string_equal("sip:1000@pbx: cloud: offline (refused)\n",
			    line.text);
	assert_int_equal(CLOG_WARN, line.level);
	assert_int_equal(CLOG_CLOUD, line.area);
	ev.link.again = true;
	event_raise(&ev);
	assert_int_equal(CLOG_DEBUG, line.level);

	/* how many, and never which */
	event_init(&ev, EVENT_KEYS);
	ev.id = 1;
	ev.keys.to   = EVENT_PHONE;
	ev.keys.sent = 32;
	event_raise(&ev);
	assert_int_equal(CLOG_DEBUG, line.level);
	ev.keys.lost = 8;
	event_copy_str(ev.keys.text, sizeof(ev.keys.text), "full");
	event_raise(&ev);
	assert_int_equal(CLOG_INFO, line.level);
	assert_string_equal("call 1: 8 of 40 keys did not reach the phone:"
			    " full\n", line.text);

	eventlog_close();
	clog_set_handler(NULL, NULL);
	assert_false(event_wanted(EVENT_ALL));
}


/* Every type has a name and a line of its own */
static void test_text(void **state)
{
	char name[64][32], text[1024];
	struct event ev;
	size_t n = 0, i;
	int type;
	(void)state;

	for (type=0; type<0x100; type++) {

		if (!str_cmp(event_name(type), "?"))
			continue;

		(void)str_ncpy(name[n++], event_name(type), 32);
		for (i=0; i+1<n; i++)
			assert_string_not_equal(name[i], name[n - 1]);

		event_init(&ev, type);
		assert_true(re_snprintf(text, sizeof(text), "%H", event_print,
					&ev) > 0);
		assert_non_null(strstr(text, event_name(type)));
		assert_null(strchr(text, '\n'));
	}

	assert_int_equal(48, n);
}


/* Channels of the PBX: what is not known is null */
static void test_pbx(void **state)
{
	char text[512];
	struct event ev;
	struct odict *od;
	(void)state;

	event_init(&ev, EVENT_PBX_HUNG_UP);
	event_copy_str(ev.ext, sizeof(ev.ext), "sip:1001@a");
	event_copy_str(ev.pbx.channel, sizeof(ev.pbx.channel),
		       "PJSIP/1001-0000000c");
	event_copy_str(ev.pbx.id, sizeof(ev.pbx.id), "1795369217.5");
	ev.pbx.cause = 17;
	event_copy_str(ev.pbx.text, sizeof(ev.pbx.text), "busy");

	assert_true(re_snprintf(text, sizeof(text), "%H", event_print_text,
				&ev) > 0);
	assert_string_equal("sip:1001@a: PBX: PJSIP/1001-0000000c hung up:"
			    " 17 busy", text);

	od = as_json(&ev);
	assert_text("pbx.hung_up", od, "type");
	assert_text("sip:1001@a", od, "ext");
	assert_text("PJSIP/1001-0000000c", od, "channel");
	assert_text("1795369217.5", od, "uniqueid");
	assert_text(NULL, od, "linkedid");
	assert_text("busy", od, "text");
	assert_null(odict_lookup(od, "target"));
	mem_deref(od);

	ev.type = EVENT_PBX_TRANSFERRED;
	event_copy_str(ev.pbx.target, sizeof(ev.pbx.target), "900");
	assert_true(re_snprintf(text, sizeof(text), "%H", event_print_text,
				&ev) > 0);
	assert_string_equal("sip:1001@a: PBX: PJSIP/1001-0000000c transferred"
			    " (blind) to 900", text);

	od = as_json(&ev);
	assert_text("blind", od, "mode");
	assert_text("900", od, "target");
	assert_null(odict_lookup(od, "cause"));
	mem_deref(od);
}


static int print_ring(char *buf, size_t size, uint32_t max)
{
	return re_snprintf(buf, size, "%H", eventring_print, &max);
}


static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		++n;
	}

	return n;
}


static void test_ring(void **state)
{
	static char text[65536];
	struct event ev;
	unsigned i;
	(void)state;

	assert_int_equal(0, eventring_init());
	assert_int_equal(0, print_ring(text, sizeof(text), 5));

	for (i=1; i<=1000; i++) {
		event_init(&ev, EVENT_CALL_RINGING);
		ev.id = i;
		event_raise(&ev);
	}

	assert_true(print_ring(text, sizeof(text), 3) > 0);
	assert_int_equal(3, count(text, "\n"));
	assert_non_null(strstr(text, "call 998: "));
	assert_non_null(strstr(text, "call 1000: "));
	assert_null(strstr(text, "call 997: "));

	assert_true(print_ring(text, sizeof(text), 100000) > 0);
	assert_int_equal(EVENT_RING, count(text, "\n"));
	assert_non_null(strstr(text, "call.ringing  call 873: "));

	eventring_close();
	assert_false(event_wanted(EVENT_ALL));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_value),
		cmocka_unit_test(test_copy_str),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_pbx),
		cmocka_unit_test(test_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
