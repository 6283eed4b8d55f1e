/**
 * @file test_capture.c  Recordings: what is in them, when the disk is full, too
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include "file_rig.h"
#include "base/mono.h"
#include "rtp/rtp.h"
#include "rtp/tap.h"
#include "call/event.h"
#include "call/tap.h"
#include "observe.h"
#include "connectycube_record/capture.h"
#include "connectycube_record/recfile.h"


enum {
	WAIT  = 20000,          /**< Longest wait [ms]                     */
	QUEUE = 300000,         /**< Most that waits [bytes]               */
	PLEN  = 160,            /**< A packet's payload [bytes]            */
};

/** What was told */
static struct {
	const struct tap_handlers *h; /**< Of who listens, NULL=nobody     */
	void *arg;
	struct tap_leg legv[2];
	char events[256];       /**< States, a word each                   */
	char file[64];          /**< Name of the recording's file          */
	char text[EVENT_TEXT];  /**< Of the last event                     */
	char states[64];        /**< Letters: as capture_h was told        */
	uint16_t seq;
	uint64_t ago;           /**< Packets came so long ago [us]         */
	bool tones;             /**< Keys are tones in them                */
} w;

static struct recorder *rec;


/* --- the bridge -------------------------------------------------------- */


static void tap_destructor(void *arg)
{
	(void)arg;
	w.h = NULL;
}


static int fake_tap(struct call_tap **tapp, uint32_t call,
		    const struct tap_handlers *h, void *arg)
{
	size_t i;

	if (call != 7)
		return ENOENT;

	assert_null(w.h);
	*tapp = mem_zalloc(8, tap_destructor);
	w.h   = h;
	w.arg = arg;

	for (i=0; i<ARRAY_SIZE(w.legv); i++)
		h->cameh(&w.legv[i], arg);

	return 0;
}


static int fake_describe(struct event *ev, uint32_t call)
{
	if (call != 7)
		return ENOENT;

	memset(ev, 0, sizeof(*ev));
	ev->id = call;
	ev->linked_id = 5;
	strcpy(ev->ext, "sip:1001@pbx");
	strcpy(ev->session, "sid-1");
	strcpy(ev->call.uri, "sip:+4930@pbx");
	strcpy(ev->call.name, "Ann \"X\"");
	strcpy(ev->call.user, "104");
	strcpy(ev->call.callid, "abc@h");

	return 0;
}


static void fake_record(uint32_t call, const struct event_progress *p)
{
	assert_int_equal(call, 7);
	strcat(w.events, p->state);
	strcat(w.events, " ");
	strcpy(w.file, p->target);
	strcpy(w.text, p->text);
}


static const struct observe bridge = {
	.tap = fake_tap, .describe = fake_describe, .record = fake_record,
};


static void state_handler(struct capture *cap, enum capture_state state,
			  const char *why, void *arg)
{
	const char c = capture_state_name(state)[0];
	(void)cap;
	(void)why;
	(void)arg;

	strncat(w.states, &c, 1);
}


static void say(size_t leg, uint8_t pt, bool video, uint32_t nego, bool late)
{
	static const uint8_t payload[PLEN] = {1, 2, 3};
	const struct rtp_tap_fmt fmt = {
		.video = video, .pt = pt, .ch = 1,
		.clock = video ? 90000 : 8000, .nego = nego, .late = late,
		.tones = w.tones && !leg,
		.name = video ? "VP8" : "PCMU", .fmtp = "x=y",
	};
	const struct rtp_pkt rp = {
		.pt = pt, .marker = true, .seq = ++w.seq, .ts = 160u * w.seq,
		.ssrc = video ? 0xdef : 0xabc, .payload = payload, .plen = PLEN,
	};

	assert_non_null(w.h);
	w.h->packeth(&w.legv[leg], &fmt, &rp, mono_us() - w.ago, w.arg);
}


static void speak(unsigned n)
{
	while (n--)
		say(0, 0, false, 1, false);
}


/* --- the file ---------------------------------------------------------- */


/** What is in a file */
struct seen {
	char order[4096];       /**< A letter a chunk: S F r P R a E       */
	char start[1024];
	char end[512];
	uint16_t seqv[4096];    /**< Of packets                            */
	size_t packets;
	struct recfile_format fmt; /**< The last one                       */
	uint8_t leg;            /**< Of the last packet                    */
	int err;                /**< How it ends                           */
};


static const char letters[] = "?SFrPRaE";


static void see(struct seen *s)
{
	struct mbuf *mb = tu_read(in_dir(w.file));
	struct recfile_chunk c;
	uint64_t us = 0;
	size_t n = 0;

	memset(s, 0, sizeof(*s));
	assert_non_null(mb);
	assert_int_equal(0, recfile_open(mb));

	while (!(s->err = recfile_next(&c, mb))) {

		assert_true(c.type >= RECFILE_START && c.type <= RECFILE_END);
		assert_true(n < sizeof(s->order) - 1);
		assert_true(c.us >= us);
		us = c.us;

		/* the same again is as good as once */
		if (c.type != RECFILE_ALIVE &&
		    (c.type != RECFILE_RTP || !n || s->order[n - 1] != 'r'))
			s->order[n++] = letters[c.type];

		switch (c.type) {

		case RECFILE_START:
			memcpy(s->start, c.p, c.len);
			break;

		case RECFILE_END:
			memcpy(s->end, c.p, c.len);
			break;

		case RECFILE_FORMAT:
			assert_int_equal(0, recfile_get_format(&s->fmt, &c));
			break;

		case RECFILE_RTP:
			assert_int_equal(c.len, 12 + PLEN);
			assert_int_equal(c.p[1] & 0x80, 0x80);
			s->seqv[s->packets++] = rtp_get16(c.p + 2);
			s->leg = c.leg;
			break;

		default:
			break;
		}
	}

	mem_deref(mb);
}


static void assert_in(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("no %s in %s", what, text);
}


static bool is_locked(void)
{
	const int fd = open(in_dir(w.file), O_RDONLY);
	bool locked;

	assert_true(fd >= 0);
	locked = flock(fd, LOCK_EX | LOCK_NB) != 0;
	(void)close(fd);

	return locked;
}


static bool is_free(void *arg)
{
	(void)arg;

	return !is_locked();
}


static bool has_told(void *arg)
{
	return strstr(w.events, arg) != NULL;
}


static bool has_said(void *arg)
{
	return strstr(fr.log, arg) != NULL;
}


/* Packets come until something is said */
static void speak_on(const char *what)
{
	unsigned i;

	for (i=0; i<WAIT/20 && !has_said((void *)(size_t)what); i++) {
		speak(1);
		tu_run(20);
	}

	assert_true(has_said((void *)(size_t)what));
}


/* --- */


static struct capture *begin(bool video, bool paused)
{
	const struct capture_prm prm = {
		.call = 7, .video = video, .paused = paused, .by = "console"
	};
	struct capture *cap = NULL;

	assert_int_equal(0, capture_start(&cap, rec, &prm, state_handler,
					  NULL));
	assert_int_equal(capture_state(cap), CAPTURE_OPENING);

	return cap;
}


static struct capture *record(bool video)
{
	struct capture *cap = begin(video, false);

	assert_true(tu_wait(has_told, "started", WAIT));
	assert_string_equal(w.states, "r");
	assert_int_equal(capture_state(cap), CAPTURE_ON);

	return cap;
}


static void finish(struct capture *cap, struct seen *s)
{
	capture_stop(cap, "enough");
	assert_null(w.h);
	assert_true(tu_wait(is_free, NULL, WAIT));
	see(s);
	assert_int_equal(s->err, ENODATA);
}


static int setup(void **state)
{
	static const struct tap_leg legv[] = {
		{.num = 31, .side = EVENT_PHONE}, {.num = 32, .side = EVENT_APP},
	};

	if (fr_setup(state))
		return -1;

	memset(&w, 0, sizeof(w));
	memcpy(w.legv, legv, sizeof(w.legv));

	return recorder_alloc(&rec, &bridge, fr.dir, QUEUE);
}


static int teardown(void **state)
{
	const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

	(void)setrlimit(RLIMIT_FSIZE, &all);
	recorder_close(rec);
	rec = NULL;

	return fr_teardown(state);
}


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
	assert_in(s.start, "\"linked_id\":5");
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
	speak(3000);
	assert_string_equal(w.events, "started degraded ");
	assert_string_equal(w.text, "too much waits for the disk");
	assert_true(capture_is_degraded(cap));
	tu_run(300);
	speak_on("is written again");
	last = w.seq;
	finish(cap, &s);
	assert_true(s.packets > 500 && s.packets < 3000);
	assert_int_equal(s.seqv[s.packets - 1], last);
	assert_int_equal(s.seqv[s.packets - last + 3000], 3001);
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


#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_record),
		T(test_formats),
		T(test_pause),
		T(test_hold),
		T(test_key),
		T(test_key_late),
		T(test_key_lost),
		T(test_tone_unknown),
		T(test_no_tone),
		T(test_call_ends),
		T(test_shutdown),
		T(test_on_disk),
		T(test_queue),
		T(test_full),
		T(test_full_to_the_end),
		T(test_fails),
		T(test_left),
	};

	(void)signal(SIGXFSZ, SIG_IGN);

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
