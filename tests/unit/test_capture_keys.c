/**
 * @file test_capture_keys.c  Recordings: no key is in them
 */
#include "capture_rig.h"


/* A key is known as one after a while: what is of it is taken out, and nothing
   else */
static void test_key(void **state)
{
	static struct seen s;
	struct capture *cap = record(true);
	(void)state;

	speak(3);
	tu_run(300);
	speak(4);                       /* of which it is heard, too */
	say(0, 96, true, 2, false);
	say(1, 0, false, 3, false);
	w.h->keyh(&w.legv[0], 0, w.arg);
	speak(2);
	finish(cap, &s);
	assert_int_equal(s.packets, 7);
	assert_int_equal(s.seqv[2], 3);
	assert_int_equal(s.seqv[3], 8);
	assert_int_equal(s.seqv[4], 9);
	assert_int_equal(s.seqv[5], 10);
	assert_string_equal(s.order, "SFrFrFrE");
}


/* Of a tone whose beginning came and whose rest was held up on its way nothing is
   left either */
static void test_key_late(void **state)
{
	static struct seen s;
	struct capture *cap = record(false);
	(void)state;

	tu_run(200);
	w.ago = 150000;
	speak(3);
	w.ago = 0;
	speak(5);
	w.h->keyh(&w.legv[0], 0, w.arg);
	speak(1);
	finish(cap, &s);
	assert_int_equal(s.packets, 3);
	assert_int_equal(s.seqv[1], 2);
	assert_int_equal(s.seqv[2], 9);
}


/* Its first packets were lost; the sender says since when it is down */
static void test_key_lost(void **state)
{
	static struct seen s;
	struct capture *cap = record(false);
	(void)state;

	tu_run(350);
	w.ago = 330000;
	speak(1);
	w.ago = 310000;
	speak(7);
	w.ago = 0;
	speak(2);
	w.h->keyh(&w.legv[0], 200, w.arg);
	finish(cap, &s);
	assert_int_equal(s.packets, 1);
	assert_int_equal(s.seqv[0], 1);
}


/* Large pictures meanwhile are no reason to write its beginning sooner */
static void test_key_video(void **state)
{
	static struct seen s;
	struct capture *cap = record(true);
	unsigned i;
	(void)state;

	speak(3);
	for (i=0; i<2000; i++)
		say(1, 96, true, 2, false);
	w.h->keyh(&w.legv[0], 0, w.arg);
	finish(cap, &s);
	assert_int_equal(s.packets, 2000);
	assert_int_equal(s.seqv[0], 4);
}


/* In the middle of what may be a key, and is not known as one: of a phone whose
   keys are tones nothing of the moment before is kept */
static void test_tone_unknown(void **state)
{
	static struct seen s;
	struct capture *cap = record(false);
	(void)state;

	w.tones = true;
	speak(2);
	tu_run(300);
	speak(3);
	say(1, 0, false, 3, false);
	assert_int_equal(0, capture_pause(cap));
	assert_int_equal(0, capture_resume(cap));
	speak(1);

	/* held, and back */
	w.legv[1].held = true;
	w.h->heldh(&w.legv[1], w.arg);
	w.legv[1].held = false;
	w.h->heldh(&w.legv[1], w.arg);
	speak(1);

	/* it leaves; the call is over */
	w.h->lefth(&w.legv[0], w.arg);
	w.h->cameh(&w.legv[0], w.arg);
	speak(1);
	finish(cap, &s);
	w.tones = false;
	assert_int_equal(s.packets, 3);
	assert_int_equal(s.seqv[1], 2);
	assert_int_equal(s.seqv[2], 6);
	assert_int_equal(s.leg, 2);
}


/* Of who has telephone-event all is kept */
static void test_no_tone(void **state)
{
	static struct seen s;
	struct capture *cap = record(false);
	(void)state;

	speak(3);
	assert_int_equal(0, capture_pause(cap));
	finish(cap, &s);
	assert_int_equal(s.packets, 3);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_key),
		T(test_key_late),
		T(test_key_lost),
		T(test_key_video),
		T(test_tone_unknown),
		T(test_no_tone),
	};

	(void)signal(SIGXFSZ, SIG_IGN);

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
