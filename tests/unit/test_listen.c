/**
 * @file test_listen.c  Who is heard, while a prompt is played
 *
 * It is looked each second: this takes some.
 */
#include "legs_rig.h"
#include "audio/sound.h"


enum {
	LIMIT   = 1000,         /**< Nobody is heard for so long [ms]      */
	TIMEOUT = 20000,        /**< [ms]                                  */
};

static const struct leg_ops fake_ops = {
	.id        = fake_id,
	.name      = "fake",
	.party     = "fake",
	.key       = "fake",
	.side      = EVENT_PHONE,
	.answer    = fake_answer,
	.end       = fake_end,
	.media     = fake_media,
	.audio_end = fake_audio_end,
};

static bool dead;


static void event_handler(const struct event *ev, void *arg)
{
	(void)arg;

	dead |= ev->type == EVENT_MEDIA_DEAD_AIR ||
		ev->type == EVENT_MEDIA_ONE_WAY;
}


static void prompt_handler(enum prompt_end end, const char *why, void *arg)
{
	(void)end;
	(void)why;
	(void)arg;
}


/** Waits for another look */
struct look {
	const struct bcall *bc;
	uint64_t t;             /**< When the last one was [ms]            */
};


static bool has_looked(void *arg)
{
	const struct look *l = arg;

	return dead || l->bc->unheard.t_look != l->t;
}


/* Some looks, none of which finds anything wrong. The sound does not end: the
   clock of media stands still */
static void looks(const struct bcall *bc, unsigned n)
{
	while (n--) {
		struct look l = {bc, bc->unheard.t_look};

		assert_true(tu_wait(has_looked, &l, TIMEOUT));
		assert_false(dead);
	}
}


static void test_prompt(void **state)
{
	const struct sound_part part = {{700, 0}, 60000};
	struct event_sub *sub;
	struct prompt *p;
	struct sound *s;
	struct fake *a, *b;
	struct bcall *bc;
	(void)state;

	dead = false;
	env.dead_air = LIMIT;
	assert_int_equal(event_subscribe(&sub, EVENT_MEDIA, event_handler,
					 NULL), 0);
	bc = establish(&a, &b, 1);
	assert_int_equal(sound_tones(&s, &part, 1, -10, 0), 0);

	/* to one of them: the other one is not heard either */
	assert_int_equal(prompt_alloc(&p, bc, a->leg.num, PROMPT_ALL, s,
				      prompt_handler, NULL), 0);
	looks(bc, 3);
	assert_int_equal(a->leg.heard.silent_ms, 0);
	assert_int_equal(b->leg.heard.silent_ms, 0);

	/* and behind it */
	mem_deref(p);
	assert_true(tu_wait_flag(&dead, TIMEOUT));
	assert_int_equal(bc->unheard.state, UNHEARD_DEAD_AIR);

	bcall_hangup(bc, END_CONSOLE, "console");
	mem_deref(s);
	mem_deref(sub);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_prompt, setup, teardown),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
