/**
 * @file test_capture.c  Recordings: what is in them
 */
#include "capture_rig.h"


static void test_record(void **state)
{
	static struct seen s;
	const struct capture_prm again = {.call = 7}, none = {.call = 8};
	struct capture *cap;
	struct stat st;
	(void)state;

	assert_int_equal(ENOENT, capture_start(NULL, rec, &none, NULL, NULL));
	cap = begin(false, false);
	assert_int_equal(EALREADY, capture_start(NULL, rec, &again, NULL,
						 NULL));
	speak(2);
	assert_true(tu_wait(has_told, "started", WAIT));
	assert_true(is_locked());
	say(1, 0, false, 2, false);
	say(1, 0, false, 2, false);
	say(1, 96, true, 3, false);     /* not asked for */
	finish(cap, &s);
	assert_string_equal(w.events, "started ended ");
	assert_string_equal(w.text, "enough");
	assert_string_equal(s.order, "SFrFrE");
	assert_int_equal(s.packets, 4);
	assert_int_equal(s.leg, 2);
	assert_true(s.fmt.app && !s.fmt.video);
	assert_string_equal(s.fmt.codec, "PCMU");
	assert_string_equal(s.fmt.fmtp, "x=y");
	assert_in(s.start, "\"v\":1");
	assert_in(s.start, "\"call\":7");
	assert_in(s.start, "\"record_id\":\"11111111-2222-4333-8444-"
		  "555555555555\",\"linked_id\":\"66666666-7777-4888-9999-"
		  "000000000000\"");
	assert_in(s.start, "\"mode\":\"audio\"");
	assert_in(s.start, "\"by\":\"console\"");
	assert_in(s.start, "\"direction\":\"sip-to-app\"");
	assert_in(s.start, "\"number\":\"+4930\"");
	assert_in(s.start, "\"to\":{\"side\":\"app\",\"user\":\"104\"}");
	assert_in(s.end, "\"state\":\"complete\"");
	assert_in(s.end, "\"dropped\":0");
	assert_in(s.end, "\"reason\":\"enough\"");
	assert_int_equal(0, stat(in_dir(w.file), &st));
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_string_equal(fr.log, "");
}


/* Audio and video may share a payload type; new formats are said at once */
static void test_formats(void **state)
{
	static struct seen s;
	struct capture *cap = record(true);
	(void)state;

	say(1, 96, false, 1, false);
	say(1, 96, true, 2, false);
	say(1, 96, true, 2, false);
	say(1, 96, false, 1, false);
	say(0, 96, false, 3, false);
	say(0, 96, false, 4, false);
	finish(cap, &s);
	assert_string_equal(s.order, "SFrFrFrFrFrE");
	assert_in(s.start, "\"mode\":\"video\"");
}


static void test_pause(void **state)
{
	static struct seen s;
	struct capture *cap = record(false);
	(void)state;

	speak(3);
	assert_int_equal(0, capture_pause(cap));
	assert_null(w.h);
	assert_int_equal(EALREADY, capture_pause(cap));
	assert_int_equal(CAPTURE_PAUSED, capture_state(cap));
	tu_run(100);

	/* comes late, and is of before */
	w.seq = 100;
	assert_int_equal(0, capture_resume(cap));
	assert_int_equal(EALREADY, capture_resume(cap));
	say(0, 0, false, 1, true);
	w.seq = 200;
	speak(1);
	w.seq = 198;
	speak(1);
	w.seq = 201;
	speak(2);
	finish(cap, &s);
	assert_string_equal(s.order, "SFrPRrE");
	assert_int_equal(s.packets, 6);
	assert_int_equal(s.seqv[2], 3);
	assert_int_equal(s.seqv[3], 201);
	assert_int_equal(s.seqv[4], 202);
	assert_string_equal(w.events, "started paused resumed ended ");

	/* one that begins with a pause */
	w.events[0] = w.states[0] = '\0';
	cap = begin(false, true);
	assert_null(w.h);
	assert_true(tu_wait(has_told, "paused", WAIT));
	assert_string_equal(w.states, "p");
	assert_int_equal(0, capture_resume(cap));
	speak(1);
	finish(cap, &s);
	assert_string_equal(s.order, "SPRFrE");
}


/* Who is held is not heard by the other: that is not kept either */
static void test_hold(void **state)
{
	static struct seen s;
	struct capture *cap = record(false);
	(void)state;

	speak(2);
	w.legv[1].held = true;
	w.h->heldh(&w.legv[1], w.arg);
	speak(5);
	w.legv[1].held = false;
	w.h->heldh(&w.legv[1], w.arg);
	speak(1);

	/* who holds is replaced */
	w.legv[1].held = true;
	w.h->heldh(&w.legv[1], w.arg);
	w.h->lefth(&w.legv[1], w.arg);
	w.legv[1] = (struct tap_leg){.num = 40, .side = EVENT_PHONE};
	w.h->cameh(&w.legv[1], w.arg);
	speak(1);
	say(1, 0, false, 5, false);
	finish(cap, &s);
	assert_int_equal(s.packets, 5);
	assert_int_equal(s.seqv[2], 8);
	assert_int_equal(s.leg, 3);
	assert_false(s.fmt.app);
}


static void test_call_ends(void **state)
{
	static struct seen s;
	(void)state;

	(void)record(false);
	speak(3);
	w.h->overh(w.arg);
	assert_string_equal(w.states, "re");
	assert_string_equal(w.events, "started ended ");
	assert_null(recorder_find(rec, 7));
	assert_true(tu_wait(is_free, NULL, WAIT));
	see(&s);
	assert_string_equal(s.order, "SFrE");
	assert_in(s.end, "the call has ended");
}


/* The process ends in the middle of it, in order */
static void test_shutdown(void **state)
{
	static struct seen s;
	(void)state;

	(void)record(false);
	speak(3);
	recorder_close(rec);
	rec = NULL;
	see(&s);
	assert_string_equal(s.order, "SFrE");
	assert_int_equal(s.packets, 3);
	assert_in(s.end, "shutdown");
}


/* What another process has left, and what it has not */
static void test_left(void **state)
{
	struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	int fd;
	(void)state;

	write_file(".a.rec.tmp", "", 0);
	write_file(".b.rec.tmp", "", 0);
	write_file(".c.rec.tmp", "", 0);
	write_file("d.rec", "", 0);
	assert_int_equal(0, utimensat(AT_FDCWD, in_dir(".a.rec.tmp"), old, 0));
	assert_int_equal(0, utimensat(AT_FDCWD, in_dir(".b.rec.tmp"), old, 0));
	assert_int_equal(0, utimensat(AT_FDCWD, in_dir("d.rec"), old, 0));
	fd = open(in_dir(".b.rec.tmp"), O_RDONLY);
	assert_int_equal(0, flock(fd, LOCK_EX));

	recorder_close(rec);
	rec = NULL;
	assert_int_equal(0, recorder_alloc(&rec, &bridge, fr.dir, QUEUE));
	assert_int_not_equal(0, access(in_dir(".a.rec.tmp"), F_OK));
	assert_int_equal(0, access(in_dir(".b.rec.tmp"), F_OK));
	assert_int_equal(0, access(in_dir(".c.rec.tmp"), F_OK));
	assert_int_equal(0, access(in_dir("d.rec"), F_OK));
	(void)close(fd);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_record),
		T(test_formats),
		T(test_pause),
		T(test_hold),
		T(test_call_ends),
		T(test_shutdown),
		T(test_left),
	};

	(void)signal(SIGXFSZ, SIG_IGN);

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
