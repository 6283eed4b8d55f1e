/**
 * @file capture_rig.h  Recordings of a call, and what is in their files
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
	QUEUE = 1200000,        /**< Most that waits [bytes]               */
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


static inline void tap_destructor(void *arg)
{
	(void)arg;
	w.h = NULL;
}


static inline int fake_tap(struct call_tap **tapp, uint32_t call,
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


static inline int fake_describe(struct event *ev, uint32_t call)
{
	if (call != 7)
		return ENOENT;

	memset(ev, 0, sizeof(*ev));
	ev->id = call;
	strcpy(ev->record, "11111111-2222-4333-8444-555555555555");
	strcpy(ev->linked, "66666666-7777-4888-9999-000000000000");
	strcpy(ev->ext, "sip:1001@pbx");
	strcpy(ev->session, "sid-1");
	strcpy(ev->call.uri, "sip:+4930@pbx");
	strcpy(ev->call.name, "Ann \"X\"");
	strcpy(ev->call.user, "104");
	strcpy(ev->call.callid, "abc@h");

	return 0;
}


static inline void fake_record(uint32_t call, const struct event_progress *p)
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


static inline void state_handler(struct capture *cap, enum capture_state state,
				 const char *why, void *arg)
{
	const char c = capture_state_name(state)[0];
	(void)cap;
	(void)why;
	(void)arg;

	strncat(w.states, &c, 1);
}


static inline void say(size_t leg, uint8_t pt, bool video, uint32_t nego,
		       bool late)
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


static inline void speak(unsigned n)
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
	uint16_t seqv[16384];   /**< Of packets                            */
	size_t packets;
	struct recfile_format fmt; /**< The last one                       */
	uint8_t leg;            /**< Of the last packet                    */
	int err;                /**< How it ends                           */
};


static const char letters[] = "?SFrPRaE";


static inline void see(struct seen *s)
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
			assert_true(s->packets < ARRAY_SIZE(s->seqv));
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


static inline void assert_in(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("no %s in %s", what, text);
}


static inline bool is_locked(void)
{
	const int fd = open(in_dir(w.file), O_RDONLY);
	bool locked;

	assert_true(fd >= 0);
	locked = flock(fd, LOCK_EX | LOCK_NB) != 0;
	(void)close(fd);

	return locked;
}


static inline bool is_free(void *arg)
{
	(void)arg;

	return !is_locked();
}


static inline bool has_told(void *arg)
{
	return strstr(w.events, arg) != NULL;
}


static inline bool has_said(void *arg)
{
	return strstr(fr.log, arg) != NULL;
}


/* Packets come until something is said */
static inline void speak_on(const char *what)
{
	unsigned i;

	for (i=0; i<WAIT/20 && !has_said((void *)(size_t)what); i++) {
		speak(1);
		tu_run(20);
	}

	assert_true(has_said((void *)(size_t)what));
}


/* --- */


static inline struct capture *begin(bool video, bool paused)
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


static inline struct capture *record(bool video)
{
	struct capture *cap = begin(video, false);

	assert_true(tu_wait(has_told, "started", WAIT));
	assert_string_equal(w.states, "r");
	assert_int_equal(capture_state(cap), CAPTURE_ON);

	return cap;
}


static inline void finish(struct capture *cap, struct seen *s)
{
	capture_stop(cap, "enough");
	assert_null(w.h);
	assert_true(tu_wait(is_free, NULL, WAIT));
	see(s);
	assert_int_equal(s->err, ENODATA);
}


static inline int setup(void **state)
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


static inline int teardown(void **state)
{
	const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

	(void)setrlimit(RLIMIT_FSIZE, &all);
	recorder_close(rec);
	rec = NULL;

	return fr_teardown(state);
}


#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
