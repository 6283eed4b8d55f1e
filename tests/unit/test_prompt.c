/**
 * @file test_prompt.c  Parties of a call hear a sound, all of it
 */
#include "legs_rig.h"
#include "rtp/rxstat.h"
#include "audio/telev.h"
#include "audio/audio_priv.h"
#include "audio/sound.h"


static const struct leg_ops fake_ops = {
	.id        = fake_id,
	.name      = "fake",
	.party     = "fake",
	.key       = "fake",
	.side      = EVENT_PHONE,
	.answer    = fake_answer,
	.end       = fake_end,
	.key_send  = fake_key_send,
	.key_heard = fake_key_heard,
	.media     = fake_media,
	.audio_end = fake_audio_end,
};


static struct {
	unsigned n;
	enum prompt_end end;
	char why[64];
	struct prompt *p;       /* freed when it is told, as its owner may */
} heard;


static void prompt_handler(enum prompt_end end, const char *why, void *arg)
{
	(void)arg;

	++heard.n;
	heard.end = end;
	str_ncpy(heard.why, why ? why : "", sizeof(heard.why));
	heard.p = mem_deref(heard.p);
	re_cancel();
}


static struct sound *beep(uint32_t ms)
{
	const struct sound_part part = {{700, 0}, ms};
	struct sound *s;

	assert_int_equal(sound_tones(&s, &part, 1, -10, 0), 0);

	return s;
}


static void prompt_who(struct bcall *bc, uint32_t leg, enum prompt_who who,
		       uint32_t ms)
{
	struct sound *s = beep(ms);

	memset(&heard, 0, sizeof(heard));
	assert_int_equal(prompt_alloc(&heard.p, bc, leg, who, s,
				      prompt_handler, NULL), 0);
	mem_deref(s);
}


static void prompt(struct bcall *bc, uint32_t leg, uint32_t ms)
{
	prompt_who(bc, leg, PROMPT_ALL, ms);
}


/* Both speak, and hear what is played, for n packets. Returns what a got of
   what is played */
static unsigned pass(struct fake *a, struct fake *b, unsigned n)
{
	unsigned played = 0;
	size_t i;

	while (n--) {
		const size_t first = a->sinkc;

		if (b)
			speak(b);
		if (a->leg.audio->player)
			audio_player_poll(a->leg.audio->player, now);
		if (b && b->leg.audio->player)
			audio_player_poll(b->leg.audio->player, now);

		for (i=first; i<a->sinkc; i++)
			played += a->leg.audio->player ||
				a->sinkc - first > 1;
		now += 20000;
	}

	return played;
}


static void told_of(enum prompt_end end)
{
	if (!heard.n)
		(void)re_main(NULL);
	assert_int_equal(heard.n, 1);
	assert_int_equal(heard.end, end);
	assert_true((end == PROMPT_PLAYED) == !heard.why[0]);
	assert_null(heard.p);
}


/* Both hear all of it, nothing of each other, and each other again */
static void test_prompt(void **state)
{
	struct media_stats st;
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	prompt(bc, 0, 200);
	assert_non_null(a->leg.prompt);
	assert_int_equal(pass(a, b, 9), 9);
	assert_int_equal(b->sinkc, 9);
	audio_port_stats(a->leg.audio, &st);
	assert_true(st.played);
	assert_int_equal(heard.n, 0);

	(void)pass(a, b, 1);
	assert_int_equal(a->sinkc, 10);
	told_of(PROMPT_PLAYED);
	assert_null(a->leg.prompt);

	assert_int_equal(pass(a, b, 5), 0);
	assert_int_equal(a->sinkc, 15);
	audio_port_stats(a->leg.audio, &st);
	assert_false(st.played);

	bcall_hangup(bc, END_CONSOLE, "console");
}


/* One party alone; who is on hold hears it, and its music again */
static void test_prompt_hold(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	leg_set_held(&b->leg, true);
	assert_non_null(a->leg.player);

	prompt(bc, a->leg.num, 100);
	assert_null(a->leg.player);
	assert_null(b->leg.prompt);

	/* hold as it is told again */
	bcall_hold_update(bc);
	assert_null(a->leg.player);
	(void)pass(a, b, 5);
	assert_int_equal(a->sinkc, 5);
	told_of(PROMPT_PLAYED);
	assert_non_null(a->leg.player);

	/* who holds hears nothing */
	prompt(bc, 0, 100);
	told_of(PROMPT_FAILED);
	assert_non_null(a->leg.player);
	prompt(bc, b->leg.num, 100);
	told_of(PROMPT_FAILED);

	/* nor does who begins to */
	prompt(bc, a->leg.num, 100);
	leg_set_held(&a->leg, true);
	told_of(PROMPT_FAILED);
	assert_null(a->leg.prompt);
	leg_set_held(&a->leg, false);
	leg_set_held(&b->leg, false);
	assert_null(a->leg.player);

	bcall_hangup(bc, END_CONSOLE, "console");
}


/* Not to its end: somebody leaves, ends it, hears something else; too late */
static void test_prompt_fails(void **state)
{
	struct fake *a, *b, *c;
	struct bcall *bc = establish(&a, &b, 1);
	struct prompt *p;
	struct sound *s = beep(100);
	(void)state;

	assert_int_equal(prompt_alloc(&p, bc, 4711, PROMPT_ALL, s,
				      prompt_handler, NULL), ENOENT);
	assert_int_equal(prompt_alloc(&p, NULL, 0, PROMPT_ALL, s,
				      prompt_handler, NULL), EINVAL);
	assert_int_equal(prompt_alloc(&p, bc, 0, PROMPT_ALL, NULL,
				      prompt_handler, NULL), EINVAL);

	/* ended by who has it, in the middle: nobody is told */
	prompt(bc, 0, 200);
	(void)pass(a, b, 2);
	heard.p = mem_deref(heard.p);
	assert_null(a->leg.prompt);
	assert_null(b->leg.audio->player);
	assert_int_equal(pass(a, b, 2), 0);
	assert_int_equal(heard.n, 0);

	/* a second one */
	assert_int_equal(prompt_alloc(&p, bc, b->leg.num, PROMPT_ALL, s,
				      prompt_handler, NULL), 0);
	prompt(bc, 0, 200);
	told_of(PROMPT_FAILED);
	assert_non_null(b->leg.prompt);
	mem_deref(p);

	/* one is replaced */
	prompt(bc, 0, 200);
	c = fake_alloc(3, "PCMU", false);
	leg_answered(&c->leg);
	leg_up(&c->leg);
	assert_int_equal(bcall_replace_leg(bc, &b->leg, &c->leg), 0);
	told_of(PROMPT_LEFT);
	assert_null(a->leg.audio->player);
	mem_deref(b);

	/* nothing that it can be sent as */
	c->codec = "G723";
	leg_audio_changed(&c->leg);
	prompt(bc, 0, 200);
	told_of(PROMPT_FAILED);
	c->codec = "PCMU";
	leg_audio_changed(&c->leg);

	/* the call is over */
	prompt(bc, 0, 200);
	(void)pass(a, c, 2);
	bcall_hangup(bc, END_CONSOLE, "console");
	told_of(PROMPT_LEFT);
	mem_deref(s);
}


static unsigned refuse, sent;


static int refusing_rtp(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	(void)pkt;
	(void)len;
	(void)size;
	(void)arg;

	if (refuse && refuse--)
		return ENOTCONN;

	++sent;

	return 0;
}


/* Who holds does without, and who is held hears it, and its music from where
   that was */
static void test_prompt_any(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	struct sound *music = beep(10000);
	(void)state;

	env.music = music;
	leg_set_held(&b->leg, true);
	(void)pass(a, b, 25);
	assert_int_equal(audio_player_ms(a->leg.player), 500);

	prompt_who(bc, 0, PROMPT_ANY, 100);
	assert_non_null(a->leg.prompt);
	assert_null(b->leg.prompt);
	(void)pass(a, b, 5);
	told_of(PROMPT_PLAYED);
	assert_in_range(audio_player_ms(a->leg.player), 500, 540);
	leg_set_held(&b->leg, false);

	/* one holds in the middle of it; the music is another one's hold's */
	prompt_who(bc, 0, PROMPT_ANY, 200);
	(void)pass(a, b, 3);
	leg_set_held(&a->leg, true);
	assert_null(a->leg.prompt);
	assert_non_null(b->leg.prompt);
	(void)pass(a, b, 7);
	told_of(PROMPT_PLAYED);
	assert_in_range(audio_player_ms(b->leg.player), 0, 40);

	/* nobody can hear it, now, and then */
	leg_set_held(&b->leg, true);
	prompt_who(bc, 0, PROMPT_ANY, 100);
	told_of(PROMPT_FAILED);
	leg_set_held(&b->leg, false);
	prompt_who(bc, 0, PROMPT_ANY, 100);
	leg_set_lost(&b->leg, true);
	told_of(PROMPT_FAILED);
	leg_set_lost(&b->leg, false);
	leg_set_held(&a->leg, false);

	/* one has heard it when the other one is lost */
	prompt_who(bc, 0, PROMPT_ANY, 100);
	b->leg.audio->rtph = refusing_rtp;
	refuse = 100;
	(void)pass(a, b, 6);
	assert_null(a->leg.prompt);
	assert_non_null(b->leg.prompt);
	leg_set_lost(&b->leg, true);
	told_of(PROMPT_PLAYED);

	bcall_hangup(bc, END_CONSOLE, "console");
	env.music = mem_deref(music);
}


/* All parties hear it, however many there are, and are told of */
static void test_prompt_many(void **state)
{
	struct fake *a, *b, *v[STEER_PARTIES];
	struct bcall *bc = establish(&a, &b, 1);
	struct steer_call sc;
	size_t i;
	(void)state;

	for (i=0; i<STEER_PARTIES - 2; i++) {
		v[i] = fake_alloc(3, "PCMU", false);
		bcall_add_leg(bc, &v[i]->leg);
		leg_set_state(&v[i]->leg, LEG_UP);
	}

	steer_read_call(&sc, bc);
	assert_true(sc.up);
	assert_int_equal(sc.partyc, STEER_PARTIES);
	assert_false(sc.more);

	v[i] = fake_alloc(3, "PCMU", false);
	bcall_add_leg(bc, &v[i]->leg);
	steer_read_call(&sc, bc);
	assert_false(sc.more);
	leg_set_state(&v[i]->leg, LEG_UP);
	steer_read_call(&sc, bc);
	assert_int_equal(sc.partyc, STEER_PARTIES);
	assert_true(sc.more);

	/* they are in nobody's way, so they have no port to hear it on */
	prompt(bc, 0, 100);
	told_of(PROMPT_FAILED);
	prompt_who(bc, 0, PROMPT_ANY, 100);
	assert_non_null(a->leg.prompt);
	(void)pass(a, b, 5);
	told_of(PROMPT_PLAYED);

	bcall_hangup(bc, END_CONSOLE, "console");
}


/* What a party did not hear it hears later; it is not said to be played */
static void test_prompt_missed(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	struct audio_route *rt = a->leg.audio->from;
	const struct telev_tx idle = rt->evtx;
	(void)state;

	/* a key is sent to it instead: so whoever is recorded against his
	   will could be kept from hearing it */
	prompt(bc, 0, 200);
	rt->evtx.state = TELEV_DOWN;
	rt->evtx.live  = true;
	assert_int_equal(pass(a, b, 6), 0);
	rt->evtx = idle;
	(void)pass(a, b, 9);
	assert_int_equal(a->sinkc, 9);
	assert_non_null(a->leg.prompt);
	assert_int_equal(heard.n, 0);
	(void)pass(a, b, 1);
	told_of(PROMPT_PLAYED);

	/* it cannot be sent for a moment */
	prompt(bc, a->leg.num, 200);
	a->leg.audio->rtph = refusing_rtp;
	refuse = 4;
	(void)pass(a, NULL, 13);
	assert_non_null(a->leg.prompt);
	assert_int_equal(sent, 9);
	(void)pass(a, NULL, 1);
	told_of(PROMPT_PLAYED);
	assert_int_equal(sent, 10);

	/* its path is lost, in the middle or before */
	prompt(bc, 0, 200);
	(void)pass(a, NULL, 3);
	leg_set_lost(&a->leg, true);
	told_of(PROMPT_FAILED);
	prompt(bc, 0, 200);
	told_of(PROMPT_FAILED);
	leg_set_lost(&a->leg, false);

	bcall_hangup(bc, END_CONSOLE, "console");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_prompt, setup, teardown),
		cmocka_unit_test_setup_teardown(test_prompt_hold, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_prompt_any, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_prompt_many, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_prompt_missed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_prompt_fails, setup,
						teardown),
	};
	int err;

	libre_init();
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();
	tmr_debug();
	mem_debug();

	return err;
}
