/**
 * @file call_rig.h  What tests of calls have: legs of a kind that is none
 */
#include "legs_rig.h"
#include "base/uuid.h"
#include "call/ring.h"


/* --- the fake leg ------------------------------------------------------ */


static inline int fake_ring(struct leg *leg)
{
	struct fake *f = (struct fake *)leg;

	did(f, 'r');

	return f->err;
}


static inline int fake_early(struct leg *leg, const struct leg_media *other)
{
	struct fake *f = (struct fake *)leg;
	(void)other;

	did(f, 'h');
	if (!f->err) {
		leg->early = true;
		leg_set_state(leg, LEG_ANSWERED);
	}

	return f->err;
}


static inline void fake_early_over(struct leg *leg)
{
	did((struct fake *)leg, 'o');
}


static inline void fake_hold(struct leg *leg, bool hold)
{
	did((struct fake *)leg, hold ? 'H' : 'R');
}


static inline bool fake_calls(const struct leg *leg, const char *who);


static inline int fake_identity(struct leg *leg, const struct leg *other)
{
	struct fake *f = (struct fake *)leg;
	const size_t n = strlen(f->others);

	(void)re_snprintf(f->others + n, sizeof(f->others) - n, "%s ",
			  other->peer.number ? other->peer.number : "-");

	return 0;
}


static inline void fake_path(const struct leg *leg, struct leg_path *path)
{
	const struct fake *f = (const struct fake *)leg;

	if (f->path)
		str_ncpy(path->ice_local, f->path, sizeof(path->ice_local));
}


static const struct leg_ops fake_ops = {
	.path      = fake_path,
	.identity  = fake_identity,
	.calls     = fake_calls,
	.id        = fake_id,
	.name      = "fake",
	.party     = "fake",
	.key       = "fake",
	.ring      = fake_ring,
	.early     = fake_early,
	.early_over = fake_early_over,
	.answer    = fake_answer,
	.end       = fake_end,
	.hold      = fake_hold,
	.key_send  = fake_key_send,
	.key_heard = fake_key_heard,
	.media     = fake_media,
	.audio_end = fake_audio_end,
};


/* Both speak for n packets */
static inline void talk(struct fake *a, struct fake *b, size_t n)
{
	while (n--) {
		speak(a);
		speak(b);
		now += 20000;
	}
}


/* What was sent is one stream: numbers go on by one, timestamps by time */
static inline void assert_stream(const struct fake *f)
{
	size_t i;

	assert_true(f->sinkc > 1);

	for (i=1; i<f->sinkc; i++) {

		const struct rtp_pkt *p = &f->sinkv[i - 1];
		const struct rtp_pkt *q = &f->sinkv[i];

		assert_int_equal(q->ssrc, f->ssrc);
		assert_int_equal((uint16_t)(q->seq - p->seq), 1);
		assert_int_equal(q->ts - p->ts,
				 (f->sinkt[i] - f->sinkt[i - 1]) / 125);
	}
}


/* --- calls ------------------------------------------------------------- */


static inline void assert_gone(size_t n, enum end_reason reason)
{
	assert_int_equal(gone, n);
	assert_int_equal(reason, ended);
	assert_true(list_isempty(&calll));
}


static inline bool is_gone(void *arg)
{
	(void)arg;

	return gone > 0;
}


/* --- both call each other ---------------------------------------------- */


static const char *called;      /* whom the fake callees call */


static inline bool fake_calls(const struct leg *leg, const char *who)
{
	return !leg->incoming && called && !strcmp(called, who);
}
