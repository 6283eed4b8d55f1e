/**
 * @file transfer_rig.h  What tests of transfers have: parties that are none
 */
#include "legs_rig.h"
#include "rtp/rxstat.h"
#include "audio/telev.h"
#include "audio/audio_priv.h"
#include "audio/sound.h"
#include "call/transfer.h"

static char told[16];           /* states, a letter each */

static uint16_t told_scode;

static unsigned args_freed;     /* arguments of orders */

static const struct leg_ops fake_ops = {
	.id        = fake_id,
	.name      = "fake",
	.party     = "fake",
	.key       = "fake",
	.answer    = fake_answer,
	.end       = fake_end,
	.key_send  = fake_key_send,
	.key_heard = fake_key_heard,
	.media     = fake_media,
	.audio_end = fake_audio_end,
};


/* a is heard by b, and by nobody else */
static inline void assert_heard(struct fake *a, struct fake *b)
{
	const size_t sent = b->sinkc;
	size_t i;

	for (i=0; i<5; i++) {
		speak(a);
		now += 20000;
	}

	assert_int_equal(b->sinkc, sent + 5);
}


static inline void assert_talk(struct fake *a, struct fake *b)
{
	assert_heard(a, b);
	assert_heard(b, a);
}


/* --- calls ------------------------------------------------------------- */


static inline void told_handler(enum transfer_state state, uint16_t scode,
				const char *reason, void *arg)
{
	(void)reason;
	(void)arg;

	told[strlen(told)] = transfer_state_name(state)[0];
	told_scode = scode;
}


static inline void arg_destructor(void *data)
{
	(void)data;

	++args_freed;
}


static inline int told_setup(void **state)
{
	memset(told, 0, sizeof(told));
	args_freed = 0;

	return setup(state);
}


static inline int order(struct fake *from, struct transfer **trp)
{
	struct transfer_order o = {.target = "x", .toldh = told_handler};
	int err;

	o.arg = mem_zalloc(4, arg_destructor);
	err   = transfer_begin(trp, &from->leg, &o);
	mem_deref(o.arg);

	return err;
}


static inline void up(struct fake *f)
{
	leg_answered(&f->leg);
	leg_up(&f->leg);
}
