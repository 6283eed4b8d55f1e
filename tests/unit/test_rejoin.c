/**
 * @file test_rejoin.c  A party that has gone without a word, and comes back;
 * and what is told of who has left
 */
#include "legs_rig.h"
#include "call/transfer.h"
#include "call/rejoin.h"


static const struct leg_ops fake_ops = {
	.side      = EVENT_APP,
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

static const struct leg_ops phone_ops = {
	.side      = EVENT_PHONE,
	.id        = fake_id,
	.name      = "phone",
	.party     = "phone",
	.key       = "phone",
	.answer    = fake_answer,
	.end       = fake_end,
	.key_send  = fake_key_send,
	.key_heard = fake_key_heard,
	.media     = fake_media,
	.audio_end = fake_audio_end,
};

static const struct leg_cause bye = {.normal = true, .reason = "bye"};
static const struct leg_cause vanished = {
	.normal = true, .gone = true, .scode = 480, .reason = "closed"
};


static int rejoin_setup(void **state)
{
	env.rejoin = 30;

	return setup(state);
}


static int rejoin_teardown(void **state)
{
	env.rejoin = 0;

	return teardown(state);
}


static void assert_heard(struct fake *a, struct fake *b)
{
	const size_t sent = b->sinkc;
	size_t i;

	for (i=0; i<5; i++) {
		speak(a);
		now += 20000;
	}

	assert_int_equal(b->sinkc, sent + 5);
}


static void assert_talk(struct fake *a, struct fake *b)
{
	assert_heard(a, b);
	assert_heard(b, a);
}


/* A phone and an app talk */
static struct bcall *talk(struct fake **ap, struct fake **bp)
{
	struct bcall *bc = establish(ap, bp, 1);

	(*ap)->leg.ops = &phone_ops;
	assert_int_equal(leg_set_peer(&(*bp)->leg, NULL, "101", NULL), 0);

	return bc;
}


static struct bcall *leave(struct fake **ap)
{
	struct fake *b;
	struct bcall *bc = talk(ap, &b);

	leg_closed(&b->leg, &vanished);

	return bc;
}


static struct fake *again(void)
{
	struct fake *c = fake_alloc(9, "PCMA", true);

	assert_int_equal(leg_set_peer(&c->leg, NULL, "101", NULL), 0);

	return c;
}


static bool anybody(const struct leg *leg, void *arg)
{
	(void)leg;
	(void)arg;

	return true;
}


static bool nobody(const struct leg *leg, void *arg)
{
	assert_ptr_equal(leg, arg);

	return false;
}


static struct bcall *find(const char *user)
{
	return rejoin_find(&calll, user, anybody, NULL);
}


static void test_back(void **state)
{
	struct fake *a, *c;
	struct bcall *bc;
	uint32_t linked;
	(void)state;

	bc = leave(&a);
	linked = bc->linked_id;
	assert_int_equal(gone, 0);
	assert_non_null(bc->rejoin);
	assert_string_equal(a->did, "a");
	assert_null(find("102"));
	assert_ptr_equal(find("101"), bc);
	assert_null(rejoin_find(&calll, "101", nobody, &a->leg));

	/* music, but for who holds */
	assert_non_null(a->leg.player);
	leg_set_held(&a->leg, true);
	assert_null(a->leg.player);
	leg_set_held(&a->leg, false);
	assert_non_null(a->leg.player);

	c = again();
	assert_int_equal(rejoin_take(bc, &c->leg), 0);
	assert_string_equal(c->did, "a");
	leg_up(&c->leg);
	assert_null(bc->rejoin);
	assert_null(a->leg.player);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	assert_int_equal(bc->linked_id, linked);
	assert_talk(a, c);

	/* who is there has not gone; who hangs up does not come back */
	assert_null(find("101"));
	leg_closed(&c->leg, &bye);
	assert_int_equal(gone, 1);
}


/* Two calls of one user, which a page has left at once */
static void test_two(void **state)
{
	struct fake *a, *a2, *c;
	struct bcall *bc, *bc2;
	(void)state;

	bc  = leave(&a);
	bc2 = leave(&a2);
	assert_ptr_equal(find("101"), bc);

	c = again();
	assert_int_equal(rejoin_take(bc2, &c->leg), 0);
	assert_null(bc2->rejoin);
	assert_ptr_equal(find("101"), bc);
	leg_closed(&a->leg, &bye);
	assert_int_equal(gone, 1);
	assert_null(find("101"));
	bcall_hangup(bc2, END_CONSOLE, "console");
	assert_int_equal(gone, 2);
}


static bool is_gone(void *arg)
{
	(void)arg;

	return gone == 1;
}


static void test_ends(void **state)
{
	struct fake *a;
	(void)state;

	/* not configured */
	env.rejoin = 0;
	(void)leave(&a);
	assert_int_equal(gone, 1);

	/* hangUp comes late */
	gone = 0;
	env.rejoin = 30;
	(void)leave(&a);
	assert_false(rejoin_hangup(&calll, "other", "101"));
	assert_false(rejoin_hangup(&calll, "fake-id", "102"));
	assert_int_equal(gone, 0);
	assert_true(rejoin_hangup(&calll, "FAKE-ID", "101"));
	assert_int_equal(gone, 1);
	assert_int_equal(ended, END_NORMAL);

	/* it does not come back */
	gone = 0;
	env.rejoin = 1;
	(void)leave(&a);
	assert_true(tu_wait(is_gone, NULL, 60000));
}


static void test_lost(void **state)
{
	struct fake *a, *b, *c;
	struct bcall *bc;
	(void)state;

	bc = talk(&a, &b);
	assert_null(find("101"));
	leg_set_lost(&b->leg, true);
	assert_ptr_equal(find("101"), bc);

	/* nothing that both could hear: all is as it was */
	c = again();
	c->codec = NULL;
	assert_int_not_equal(rejoin_take(bc, &c->leg), 0);
	mem_deref(c);
	assert_talk(a, b);

	c = again();
	mem_ref(b);
	assert_int_equal(rejoin_take(bc, &c->leg), 0);
	assert_string_equal(b->did, "e");
	mem_deref(b);
	leg_up(&c->leg);
	assert_talk(a, c);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_int_equal(gone, 1);
}


static void end_handler(const struct event *ev, void *arg)
{
	if (ev->type == EVENT_CALL_ENDED)
		*(struct event *)arg = *ev;
}


/* Who was in the call is told even if he has left it before */
static void test_told(void **state)
{
	struct event_sub *sub;
	struct event ev;
	struct bcall *bc;
	struct fake *a;
	(void)state;

	memset(&ev, 0, sizeof(ev));
	assert_int_equal(event_subscribe(&sub, EVENT_CALL, end_handler, &ev),
			 0);
	bc = leave(&a);
	assert_int_equal(leg_set_peer(&a->leg, "Ann", "42", "sip:42@h"), 0);
	assert_non_null(bc->rejoin);
	leg_closed(&a->leg, &bye);
	assert_int_equal(gone, 1);
	assert_string_equal(ev.call.user, "101");
	assert_string_equal(ev.session, "fake-id");
	assert_string_equal(ev.call.name, "Ann");

	mem_deref(sub);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_back, rejoin_setup,
						rejoin_teardown),
		cmocka_unit_test_setup_teardown(test_two, rejoin_setup,
						rejoin_teardown),
		cmocka_unit_test_setup_teardown(test_ends, rejoin_setup,
						rejoin_teardown),
		cmocka_unit_test_setup_teardown(test_lost, rejoin_setup,
						rejoin_teardown),
		cmocka_unit_test_setup_teardown(test_told, rejoin_setup,
						rejoin_teardown),
	};
	int err;

	err = libre_init();
	if (err)
		return 1;

	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
