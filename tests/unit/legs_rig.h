/**
 * @file legs_rig.h  Legs of a kind that is none, and calls of them
 *
 * A fake leg does what it is told and writes it down; its ports are real, and
 * what is sent on them is kept. What it can do is said by the test, which
 * defines fake_ops. Included once, by the program that a test file is.
 */
#include "testutil.h"
#include <rem.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/clock.h"
#include "video/video.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"


enum {
	SINK_MAX = 200,
};

struct fake {
	struct leg leg;
	char did[64];           /**< What it was told, a letter each       */
	uint16_t scode;         /**< With which it was ended               */
	bool refused;           /**< It waited for an answer then          */
	bool elsewhere;         /**< Somebody else is in the call          */
	char forward[32];       /**< Where it was to call instead          */
	char heard[MEDIA_FMT_MAX]; /**< Codec of the other when answered   */
	char keys[16];          /**< Keys sent by signalling               */
	char others[64];        /**< Numbers of who was at the other leg   */
	int err;                /**< Of ring and answer                    */
	int key_err;            /**< Of key_send                           */
	const char *path;       /**< Type of its candidates, NULL=no path  */
	const char *codec;      /**< It has negotiated, NULL=nothing       */
	uint32_t ssrc;          /**< Ours on it                            */
	struct fake *drags;     /**< Ends in the same instant              */

	struct rtp_pkt sinkv[SINK_MAX]; /**< Headers of what was sent      */
	uint64_t sinkt[SINK_MAX];
	size_t sinkc;
	uint16_t seq;           /**< Of its source                         */
	uint32_t ts;
};

static struct list codecl, calll;
static unsigned gone;
static bool freed[16];          /* legs, by their ssrc */
static uint64_t now;
static const struct ext *gone_ext;
static struct event_sub *ended_sub;
static enum end_reason ended;   /* why the last call did */

static const struct leg_ops fake_ops;


static inline uint64_t fake_clock(void)
{
	return now;
}


static inline void gone_handler(struct ext *ext)
{
	++gone;
	gone_ext = ext;
}


static struct bcall_env env = {
	.codecl = &codecl, .ring_time = 1, .goneh = gone_handler,
};


/* --- the fake leg ------------------------------------------------------ */


static inline void fake_destructor(void *data)
{
	struct fake *f = data;

	freed[f->ssrc] = true;
	leg_reset(&f->leg);
}


static inline struct fake *fake_alloc(uint32_t ssrc, const char *codec,
				      bool incoming)
{
	struct fake *f = mem_zalloc(sizeof(*f), fake_destructor);

	assert_non_null(f);
	assert_int_equal(leg_init(&f->leg, &fake_ops, &codecl, incoming), 0);
	f->codec = codec;
	f->ssrc  = ssrc;
	f->seq   = (uint16_t)(1000 * ssrc);
	f->ts    = 100000 * ssrc;
	freed[ssrc] = false;

	return f;
}


static inline void did(struct fake *f, char c)
{
	const size_t n = strlen(f->did);

	assert_true(n + 1 < sizeof(f->did));
	f->did[n] = c;
}


static inline int fake_answer(struct leg *leg, const struct leg_media *other)
{
	struct fake *f = (struct fake *)leg;

	did(f, 'a');
	str_ncpy(f->heard, other->audio.fmtc ? other->audio.fmtv[0].name : "",
		 sizeof(f->heard));

	return f->err;
}


static inline void fake_end(struct leg *leg, const struct leg_cause *cause)
{
	const struct leg_cause too = {.scode = 480, .reason = "gone, too"};
	struct fake *f = (struct fake *)leg;

	did(f, 'e');
	f->scode   = cause->scode;
	f->refused = leg_waits(leg);
	f->elsewhere = cause->elsewhere;
	str_ncpy(f->forward, cause->forward ? cause->forward : "",
		 sizeof(f->forward));

	if (f->drags)
		leg_closed(&f->drags->leg, &too);
}


static inline int fake_key_send(struct leg *leg, char key, uint32_t ms)
{
	struct fake *f = (struct fake *)leg;
	(void)ms;

	if (!f->key_err)
		f->keys[strlen(f->keys)] = key;

	return f->key_err;
}


static inline void fake_key_heard(struct leg *leg, char key, bool down,
				  uint32_t ms, bool sent)
{
	if (!down && !sent)
		leg_keys(leg, &key, 1, ms);
}


static inline void set_fmt(struct media_fmt *fmt, const char *name)
{
	memset(fmt, 0, sizeof(*fmt));
	str_ncpy(fmt->name, name, sizeof(fmt->name));
	fmt->pt    = !strcmp(name, "PCMU") ? 0 : 8;
	fmt->crate = 8000;
	fmt->ch    = 1;
}


static inline void fake_media(const struct leg *leg, struct leg_media *lm)
{
	const struct fake *f = (const struct fake *)leg;

	memset(lm, 0, sizeof(*lm));
	if (f->codec)
		set_fmt(&lm->audio.fmtv[lm->audio.fmtc++], f->codec);
}


/* Whatever it is sent is one stream */
static inline int fake_rtp(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	struct fake *f = arg;
	struct rtp_pkt *p = &f->sinkv[f->sinkc];
	(void)size;

	assert_true(f->sinkc < SINK_MAX);
	assert_int_equal(rtp_pkt_parse(p, pkt, len), 0);
	assert_int_equal(p->ssrc, f->ssrc);
	if (f->sinkc)
		assert_int_equal((uint16_t)(p->seq - p[-1].seq), 1);

	f->sinkt[f->sinkc++] = now;

	return 0;
}


static inline int fake_audio_end(struct leg *leg, struct media_end *end,
				 const struct leg_audio *other)
{
	struct fake *f = (struct fake *)leg;
	(void)other;

	if (!f->codec)
		return ENOENT;

	memset(end, 0, sizeof(*end));
	set_fmt(&end->tx, f->codec);
	end->rxv[end->rxc++] = end->tx;
	end->ssrc = f->ssrc;
	end->send = true;
	end->recv = true;
	end->rtph = fake_rtp;
	end->arg  = f;
	str_ncpy(end->cname, "fake", sizeof(end->cname));

	return 0;
}


static inline const char *fake_id(const struct leg *leg)
{
	(void)leg;

	return "fake-id";
}


/* One packet of its source, 20 ms after the last */
static inline void speak(struct fake *f)
{
	uint8_t buf[RTP_HEADER_SIZE + 160];
	const uint8_t pt = !strcmp(f->codec, "PCMU") ? 0 : 8;

	memset(buf, 0xd5, sizeof(buf));
	rtp_hdr_write(buf, false, pt, f->seq++, f->ts, 0xf00 + f->ssrc);
	f->ts += 160;

	audio_port_rtp(f->leg.audio, buf, sizeof(buf));
}


/* --- calls ------------------------------------------------------------- */


static inline void ended_handler(const struct event *ev, void *arg)
{
	(void)arg;

	if (ev->type == EVENT_CALL_ENDED)
		ended = ev->call.reason;
}


static inline int setup(void **state)
{
	(void)state;

	memset(&codecl, 0, sizeof(codecl));
	memset(&media_codec_pcmu()->le, 0, sizeof(struct le));
	memset(&media_codec_pcma()->le, 0, sizeof(struct le));
	media_codec_register(&codecl, media_codec_pcmu());
	media_codec_register(&codecl, media_codec_pcma());
	now  = 1000000000ULL;
	gone = 0;
	media_clock_set(fake_clock);

	return event_subscribe(&ended_sub, EVENT_CALL, ended_handler, NULL);
}


static inline int teardown(void **state)
{
	(void)state;

	list_flush(&calll);
	ended_sub = mem_deref(ended_sub);
	list_clear(&codecl);
	media_clock_set(NULL);

	return 0;
}


/* One calls, the other is being called */
static inline struct bcall *begin(struct fake **ap, struct fake **bp,
				  uint32_t ssrc)
{
	struct bcall *bc;

	assert_int_equal(bcall_alloc(&bc, &env, NULL, &calll, false), 0);
	*ap = fake_alloc(ssrc, "PCMU", true);
	*bp = fake_alloc(ssrc + 1, "PCMU", false);
	bcall_add_leg(bc, &(*ap)->leg);
	bcall_start_ringing(bc);
	bcall_add_leg(bc, &(*bp)->leg);
	leg_set_state(&(*bp)->leg, LEG_CALLING);
	assert_int_equal(bc->state, BCALL_CALLING);

	return bc;
}


static inline struct bcall *establish(struct fake **ap, struct fake **bp,
				      uint32_t ssrc)
{
	struct bcall *bc = begin(ap, bp, ssrc);

	leg_answered(&(*bp)->leg);
	leg_up(&(*bp)->leg);
	leg_up(&(*ap)->leg);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);

	return bc;
}
