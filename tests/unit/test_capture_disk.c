/**
 * @file test_capture_disk.c  Recordings: what the disk does not take
 */
#include "capture_rig.h"


/* Nobody ends it: what was said is there within the second */
static void test_on_disk(void **state)
{
	static struct seen s;
	struct capture *cap = record(false);
	unsigned i;
	(void)state;

	speak(3);
	for (i=0; i<WAIT/50; i++) {
		tu_run(50);
		see(&s);
		if (s.packets)
			break;
	}
	assert_int_equal(s.packets, 3);
	assert_int_equal(s.err, ENODATA);
	assert_true(is_locked());
	capture_stop(cap, NULL);
}


/* More than may wait */
static void test_queue(void **state)
{
	static struct seen s;
	struct capture *cap = record(false);
	char lost[32];
	size_t i, last;
	(void)state;

	/* a turn of the loop that takes too long */
	speak(12000);
	assert_string_equal(w.events, "started degraded ");
	assert_string_equal(w.text, "too much waits for the disk");
	tu_run(300);
	speak_on("is written again");
	last = w.seq;
	finish(cap, &s);
	assert_true(s.packets > 500 && s.packets < 12000);
	assert_int_equal(s.seqv[s.packets - 1], last);
	assert_int_equal(s.seqv[s.packets - last + 12000], 12001);
	for (i=1; i<500; i++)
		assert_int_equal(s.seqv[i], s.seqv[i - 1] + 1);
	assert_in(s.order, "rFr");
	assert_in(s.end, "\"state\":\"degraded\"");
	(void)re_snprintf(lost, sizeof(lost), "\"dropped\":%zu,",
			  last - s.packets);
	assert_in(s.end, lost);
}


static rlim_t file_size(void)
{
	struct stat st;

	assert_int_equal(0, stat(in_dir(w.file), &st));

	return (rlim_t)st.st_size;
}


static void limit_size(rlim_t size)
{
	const struct rlimit rl = {size, RLIM_INFINITY};

	assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &rl));
}


/* The disk is full for a while, in the middle of a piece. Meanwhile it is
   paused, and goes on, which is not to be lost */
static void test_full(void **state)
{
	static struct seen s;
	struct capture *cap = record(false);
	char lost[32];
	size_t last;
	(void)state;

	speak(10);
	tu_run(600);
	limit_size(file_size() + 10);
	speak(100);
	assert_true(tu_wait(has_told, "degraded", WAIT));
	assert_said("cannot be written");
	assert_int_equal(0, capture_pause(cap));
	tu_run(600);
	assert_int_equal(0, capture_resume(cap));
	speak(10);
	tu_run(600);
	limit_size(RLIM_INFINITY);
	speak_on("is written again");
	last = w.seq;
	finish(cap, &s);
	assert_in(s.order, "rRFrE");
	assert_int_equal(s.seqv[s.packets - 1], last);
	assert_in(s.end, "\"state\":\"degraded\"");
	(void)re_snprintf(lost, sizeof(lost), "\"dropped\":%zu,",
			  last - s.packets);
	assert_in(s.end, lost);
	assert_string_equal(w.events, "started degraded paused resumed ended ");

	/* once each */
	assert_null(strstr(strstr(fr.log, "cannot be written") + 1,
			   "cannot be written"));
}


/* ... until its end: what is there can be read */
static void test_full_to_the_end(void **state)
{
	static struct seen s;
	struct capture *cap = record(false);
	(void)state;

	limit_size(file_size() + 10);
	speak(100);
	capture_stop(cap, "enough");
	assert_true(tu_wait(is_free, NULL, WAIT));
	assert_true(tu_wait(has_said, "the end of", WAIT));
	see(&s);
	assert_int_equal(s.err, ENODATA);
	assert_string_equal(s.order, "S");
	assert_string_equal(w.events, "started ended degraded ");
}


/* No file, no recording: nobody is to think that there is one */
static void test_fails(void **state)
{
	struct capture *cap = NULL;
	(void)state;

	limit_size(100);
	cap = begin(false, false);
	speak(1);
	assert_true(tu_wait(has_told, "failed", WAIT));
	assert_string_equal(w.states, "f");
	assert_string_equal(w.events, "failed ");
	assert_null(w.h);
	assert_null(recorder_find(rec, 7));
	assert_said("is not recorded");
	assert_int_not_equal(0, access(in_dir(w.file), F_OK));
	(void)cap;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_on_disk),
		T(test_queue),
		T(test_full),
		T(test_full_to_the_end),
		T(test_fails),
	};

	(void)signal(SIGXFSZ, SIG_IGN);

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
