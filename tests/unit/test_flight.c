/**
 * @file test_flight.c  Flight recorder: the last of a call, in a file
 */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>
#include "testutil.h"
#include "base/jobthread.h"
#include "base/log.h"
#include "base/wire.h"
#include "call/event.h"
#include "log/logrec.h"
#include "log/flight.h"


#define INVITE(id) "INVITE sip:1@h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n" \
	"Call-ID: " id "\r\nAuthorization: Digest SECRET\r\n\r\n"
#define OK(id) "SIP/2.0 200 OK\r\ni: " id "\r\n\r\n"

static struct {
	char dir[64];
	struct event_sub *sub;
	struct event last;      /* of the recorder */
	unsigned n;             /* of these */
} t;


static void event_handler(const struct event *ev, void *arg)
{
	(void)arg;

	if (ev->type != EVENT_FLIGHT)
		return;

	t.last = *ev;
	++t.n;
}


static void start(size_t size, uint32_t keep, enum logrec_form form)
{
	const struct flight_prm prm = {
		.dir = t.dir, .size = size, .keep = keep, .form = form,
	};

	assert_int_equal(flight_init(&prm), 0);
	assert_true(flight_is_on());
}


static int setup(void **state)
{
	(void)state;

	memset(&t, 0, sizeof(t));
	strcpy(t.dir, "/tmp/flight.XXXXXX");
	if (!mkdtemp(t.dir))
		return -1;

	return event_subscribe(&t.sub, EVENT_ALL, event_handler, NULL);
}


static unsigned files(bool remove)
{
	DIR *dir = opendir(t.dir);
	struct dirent *de;
	char path[512];
	unsigned n = 0;

	while (dir && (de = readdir(dir))) {
		if (de->d_name[0] == '.')
			continue;
		++n;
		(void)re_snprintf(path, sizeof(path), "%s/%s", t.dir,
				  de->d_name);
		if (remove)
			(void)unlink(path);
	}
	if (dir)
		(void)closedir(dir);

	return n;
}


static int teardown(void **state)
{
	(void)state;

	flight_close();
	jobthread_wait();
	t.sub = mem_deref(t.sub);
	(void)files(true);

	return rmdir(t.dir);
}


static void show(enum wire_kind kind, bool tx, const char *text)
{
	struct sa sa;
	const struct wire w = {
		.kind = kind, .tx = tx, .src = kind == WIRE_SIP ? &sa : NULL,
		.dst = kind == WIRE_SIP ? &sa : NULL, .buf = text,
		.len = strlen(text),
	};

	(void)sa_set_str(&sa, "10.0.0.1", 5060);
	assert_true(wire_wanted(kind));
	wire_tell(&w);
}


static void raise_call(enum event_type type, uint32_t id, const char *callid,
		       const char *session, enum end_reason reason)
{
	struct event ev;

	event_init(&ev, type);
	ev.id        = id;
	event_copy_str(ev.session, sizeof(ev.session), session);
	event_copy_str(ev.call.callid, sizeof(ev.call.callid), callid);
	ev.call.reason = reason;
	event_raise(&ev);
}


static bool was_told(void *arg)
{
	return t.n >= *(unsigned *)arg;
}


static struct mbuf *content(unsigned n)
{
	struct mbuf *mb;

	assert_true(tu_wait(was_told, &n, 10000));
	assert_string_equal(t.last.progress.state, "written");
	mb = tu_read(t.last.progress.target);
	assert_non_null(mb);
	mb->pos = mb->end;
	assert_int_equal(mbuf_write_u8(mb, 0), 0);

	return mb;
}


static void assert_order(const char *text, const char *const *v, size_t n)
{
	size_t i;

	for (i=0; i<n; i++) {
		const char *p = strstr(text, v[i]);

		if (!p)
			fail_msg("no \"%s\": %s", v[i], text);
		text = p + 1;
	}
}


static void test_bad(void **state)
{
	static const char *const wantv[] = {
		"SIP in 10.0.0.1:5060 -> 10.0.0.1:5060\nINVITE ",
		"Authorization: Digest ***", "XMPP out\n<message>",
		"event=call.new", "SIP out ", "SIP/2.0 200 OK",
		"event=call.ended", "reason=upstream", "SIP in ",
	};
	struct mbuf *mb;
	(void)state;

	start(65536, 10, LOGREC_TEXT);

	/* before the call is known */
	show(WIRE_SIP, false, INVITE("other@h"));
	show(WIRE_SIP, false, INVITE("a@h"));
	show(WIRE_XMPP, true, "<message><sessionID>s-1</sessionID>"
	     "<signalType>call</signalType></message>");
	raise_call(EVENT_CALL_NEW, 5, "a@h", "S-1", END_UNSET);
	show(WIRE_SIP, true, OK("a@h"));
	show(WIRE_SIP, true, OK("nobody@h"));
	show(WIRE_SIP, true, "REGISTER sip:h SIP/2.0\r\nCall-ID: r\r\n\r\n");
	raise_call(EVENT_CALL_NEW, 6, "other@h", "s-2", END_UNSET);
	raise_call(EVENT_CALL_ENDED, 5, "a@h", "S-1", END_UPSTREAM);

	/* what comes afterwards */
	show(WIRE_SIP, false, "ACK sip:1@h SIP/2.0\r\nCall-ID: a@h\r\n"
	     "Subject: a\x1b[2Jb\xc2\x9b" "c\xe2\x80\xae\xc3\xa9\r\n\r\n");
	mb = content(1);

	assert_order((char *)mb->buf, wantv, ARRAY_SIZE(wantv));
	assert_null(strstr((char *)mb->buf, "SECRET"));
	assert_null(strstr((char *)mb->buf, "other@h"));
	assert_null(strstr((char *)mb->buf, "nobody@h"));
	assert_null(strstr((char *)mb->buf, "REGISTER"));
	assert_non_null(strstr((char *)mb->buf, "ACK "));

	/* no terminal obeys it */
	assert_non_null(strstr((char *)mb->buf, "Subject: a?[2Jb??c???\xc3\xa9"
			       "\r\n"));
	mem_deref(mb);
	assert_int_equal(t.last.id, 5);
	assert_int_equal(flight_write(5), ENOENT);
}


static void test_normal(void **state)
{
	struct mbuf *mb;
	char str[512];
	(void)state;

	start(65536, 10, LOGREC_TEXT);
	raise_call(EVENT_CALL_NEW, 1, "a@h", "", END_UNSET);

	/* when asked to */
	assert_int_equal(flight_write(2), ENOENT);
	assert_int_equal(flight_write(1), 0);
	mb = content(1);
	assert_non_null(strstr((char *)mb->buf, "event=call.new"));
	mem_deref(mb);

	raise_call(EVENT_CALL_ENDED, 1, "a@h", "", END_NORMAL);
	raise_call(EVENT_CALL_ENDED, 2, "b@h", "", END_BUSY);
	raise_call(EVENT_CALL_ENDED, 3, "c@h", "", END_GONE);
	mem_deref(content(2));
	assert_int_equal(t.last.id, 3);
	assert_int_equal(files(false), 2);
	(void)re_snprintf(str, sizeof(str), "%H", flight_print, NULL);
	assert_non_null(strstr(str, "; 2 files were written, the latest /"));
}


static void test_bounds(void **state)
{
	unsigned i;
	struct mbuf *mb;
	(void)state;

	start(8192, 3, LOGREC_TEXT);
	raise_call(EVENT_CALL_NEW, 1, "a@h", "", END_UNSET);
	for (i=0; i<1000; i++)
		show(WIRE_SIP, true, OK("a@h"));
	show(WIRE_SIP, true, INVITE("a@h"));
	assert_int_equal(flight_write(1), 0);
	mb = content(1);
	assert_true(mb->end < 9000 && mb->end > 4096);
	assert_non_null(strstr((char *)mb->buf, "earlier ones were too much"));
	assert_non_null(strstr((char *)mb->buf, "INVITE "));
	mem_deref(mb);

	/* dialogs that never become calls */
	for (i=0; i<1000; i++) {
		char msg[256];

		(void)re_snprintf(msg, sizeof(msg), "INVITE sip:1@h SIP/2.0"
				  "\r\nCall-ID: %u@h\r\n\r\n", i);
		show(WIRE_SIP, false, msg);
	}

	/* files, of the same moment, too */
	for (i=0; i<6; i++)
		assert_int_equal(flight_write(0), 0);
	mem_deref(content(7));
	assert_int_equal(files(false), 3);
}


/* The clock was ahead, and is right again: files of a time to come do not outlast
   what is written now */
static void test_clock_back(void **state)
{
	char path[512];
	unsigned i;
	(void)state;

	start(8192, 3, LOGREC_TEXT);
	for (i=0; i<3; i++) {
		FILE *f;

		(void)re_snprintf(path, sizeof(path),
				  "%s/flight-2%u00-01-01T000000.000Z-1.log",
				  t.dir, 5 + i);
		f = fopen(path, "w");
		assert_non_null(f);
		(void)fclose(f);
	}

	raise_call(EVENT_CALL_NEW, 1, "a@h", "", END_UNSET);
	for (i=1; i<=3; i++) {
		assert_int_equal(flight_write(1), 0);
		mem_deref(content(i));
		assert_int_equal(files(false), 3);
	}
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(access(t.last.progress.target, F_OK), 0);
}


static void test_json(void **state)
{
	struct odict *od;
	struct mbuf *mb;
	char *p, *end;
	unsigned n = 0;
	(void)state;

	start(65536, 10, LOGREC_JSON);
	show(WIRE_SIP, false, INVITE("a\"b@h"));
	raise_call(EVENT_CALL_NEW, 1, "a\"b@h", "", END_UNSET);
	raise_call(EVENT_CALL_ENDED, 1, "a\"b@h", "", END_INTERNAL);
	mb = content(1);
	assert_non_null(strstr(t.last.progress.target, "-1.json"));

	for (p = (char *)mb->buf; *p; p = end + 1, ++n) {
		end = strchr(p, '\n');
		assert_int_equal(json_decode_odict(&od, 16, p, end - p, 4), 0);
		assert_non_null(odict_lookup(od, "time"));
		if (!n) {
			assert_string_equal(odict_lookup(od, "type")->u.str,
					    "sip");
			assert_string_equal(odict_lookup(od, "dir")->u.str,
					    "in");
		}
		mem_deref(od);
	}
	assert_int_equal(n, 3);
	mem_deref(mb);
}


/* What ended badly is written, even if the process ends at once */
static void test_end(void **state)
{
	(void)state;

	start(65536, 10, LOGREC_TEXT);
	raise_call(EVENT_CALL_ENDED, 1, "a@h", "", END_INTERNAL);
	raise_call(EVENT_CALL_NEW, 2, "b@h", "", END_UNSET);
	flight_close();
	assert_false(wire_wanted(WIRE_SIP));
	jobthread_wait();
	assert_int_equal(files(false), 1);
}


static void test_no_dir(void **state)
{
	const struct flight_prm none = {.size = 1024};
	const struct flight_prm prm = {
		.dir = "/dev/null/x", .size = 1024, .keep = 1,
	};
	unsigned n = 1;
	(void)state;

	assert_int_equal(flight_init(&none), 0);
	assert_false(flight_is_on());
	assert_false(wire_wanted(WIRE_SIP));

	assert_int_equal(flight_init(&prm), 0);
	raise_call(EVENT_CALL_NEW, 1, "a@h", "", END_UNSET);
	assert_int_equal(flight_write(1), 0);
	assert_true(tu_wait(was_told, &n, 10000));
	assert_string_equal(t.last.progress.state, "failed");
	assert_string_equal(t.last.progress.target, "/dev/null/x");
	assert_non_null(strstr(t.last.progress.text, "Not a directory"));
}


static void assert_id(enum wire_kind kind, const char *text, const char *want)
{
	struct pl id;

	assert_int_equal(flight_id(&id, kind, text, strlen(text)), !!want);
	if (want)
		assert_int_equal(pl_strcmp(&id, want), 0);
}


static void test_id(void **state)
{
	(void)state;

	assert_id(WIRE_SIP, "a\r\nCALL-ID :  x y \r\nb", "x y");
	assert_id(WIRE_SIP, "a\r\ni: x\r\n", "x");
	assert_id(WIRE_SIP, "a\r\nVia: x\r\n\r\nCall-ID: x\r\n", NULL);
	assert_id(WIRE_SIP, "a\r\nCall-ID:\r\n", NULL);
	assert_id(WIRE_SIP, "", NULL);
	assert_id(WIRE_XMPP, "<m><sessionID>x</sessionID></m>", "x");
	assert_id(WIRE_XMPP, "<m><session_id>x</session_id></m>", "x");
	assert_id(WIRE_XMPP, "<sessionID>x", NULL);
	assert_id(WIRE_XMPP, "<sessionID></sessionID>", NULL);
	assert_id(WIRE_HTTP, "Call-ID: x", NULL);
}


#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static bool is_recorded(void *arg)
{
	char str[256];

	(void)re_snprintf(str, sizeof(str), "%H", flight_print, NULL);

	return !strncmp(str, arg, strlen(arg));
}


/* What comes of a call that is over, when its recording has been written at
   last, begins no new one: nothing would ever end that */
static void test_late(void **state)
{
	struct event ev;
	(void)state;

	start(1000, 5, LOGREC_TEXT);
	raise_call(EVENT_CALL_NEW, 7, "a@h", "s", END_UNSET);
	assert_true(is_recorded("1 call is"));
	raise_call(EVENT_CALL_ENDED, 7, "a@h", "s", END_NORMAL);
	assert_true(tu_wait(is_recorded, "0 calls are", 20000));

	event_init(&ev, EVENT_RECORD);
	ev.id = 7;
	event_raise(&ev);
	assert_true(is_recorded("0 calls are"));

	raise_call(EVENT_CALL_NEW, 8, "b@h", "t", END_UNSET);
	assert_true(is_recorded("1 call is"));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bad),
		TEST(test_normal),
		TEST(test_bounds),
		TEST(test_clock_back),
		TEST(test_json),
		TEST(test_end),
		TEST(test_late),
		TEST(test_no_dir),
		TEST(test_id),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
