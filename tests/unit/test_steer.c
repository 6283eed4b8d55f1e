/**
 * @file test_steer.c  What modules beside the bridge may do in its calls
 */
#include "legs_rig.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/control.h"


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


/* --- actions ----------------------------------------------------------- */


static struct {
	unsigned n;
	uint32_t call, leg;
	char user[32], value[32];
	int err;
} asked;


static int action_handler(const struct steer_ask *ask, const char **reasonp,
			  void *arg)
{
	const char *value = control_value(ask->ctl, "state");
	(void)arg;

	++asked.n;
	asked.call = ask->call;
	asked.leg  = ask->leg;
	str_ncpy(asked.user, ask->user ? ask->user : "", sizeof(asked.user));
	str_ncpy(asked.value, value ? value : "", sizeof(asked.value));
	if (asked.err)
		*reasonp = "forbidden";

	return asked.err;
}


static void test_action(void **state)
{
	struct control ctl = {.action = "record", .infoc = 1,
		.infov = {{"state", "start"}}};
	struct steer_action *a, *b;
	const char *reason = NULL;
	struct fake *fa, *fb;
	struct bcall *bc = establish(&fa, &fb, 1);
	(void)state;

	memset(&asked, 0, sizeof(asked));
	assert_int_equal(leg_set_peer(&fb->leg, NULL, "102", NULL), 0);

	/* nobody does it */
	assert_int_equal(leg_control(&fb->leg, &ctl, &reason), ENOTSUP);
	assert_string_equal(reason, "unknown action");

	assert_int_equal(steer_action(&a, "record", true, action_handler,
				      NULL), 0);
	assert_int_equal(steer_action(&b, "record", true, action_handler,
				      NULL), EALREADY);
	assert_true(steer_has_action("record", true));
	assert_false(steer_has_action("record", false));
	assert_int_equal(leg_control(&fb->leg, &ctl, &reason), 0);
	assert_int_equal(asked.n, 1);
	assert_int_equal(asked.call, bc->id);
	assert_int_equal(asked.leg, fb->leg.num);
	assert_string_equal(asked.user, "102");
	assert_string_equal(asked.value, "start");

	asked.err = EPERM;
	assert_int_equal(leg_control(&fb->leg, &ctl, &reason), EPERM);
	assert_string_equal(reason, "forbidden");
	asked.err = ENOENT;
	assert_int_equal(leg_control(&fb->leg, &ctl, &reason), ENOENT);
	assert_string_equal(reason, "forbidden");

	/* the bridge's own come first, other names are nobody's */
	ctl.action = "hold";
	assert_int_equal(leg_control(&fb->leg, &ctl, &reason), 0);
	ctl.action = "recorder";
	assert_int_equal(leg_control(&fb->leg, &ctl, &reason), ENOTSUP);
	assert_int_equal(asked.n, 3);

	mem_deref(a);
	ctl.action = "record";
	assert_int_equal(leg_control(&fb->leg, &ctl, &reason), ENOTSUP);
	assert_int_equal(asked.n, 3);

	bcall_hangup(bc, END_CONSOLE, "console");
}


/* About no call, and of all names that begin alike */
static void test_action_names(void **state)
{
	struct control ctl = {.action = "ami_queues"};
	const struct steer_ask ask = {.ctl = &ctl, .user = "102"};
	const char *reason = NULL;
	struct steer_action *a, *b;
	int err = EINVAL;
	(void)state;

	memset(&asked, 0, sizeof(asked));
	assert_false(steer_ask(&ask, &err, &reason));
	assert_int_equal(steer_action(&a, "ami_*", false, action_handler,
				      NULL), 0);
	assert_int_equal(steer_action(&b, "ami_x", false, action_handler,
				      NULL), EALREADY);
	assert_int_equal(steer_action(&b, "ami_x", true, action_handler,
				      NULL), 0);
	assert_true(steer_ask(&ask, &err, &reason));
	assert_int_equal(err, 0);
	ctl.action = "am";
	assert_false(steer_ask(&ask, &err, &reason));
	assert_int_equal(asked.n, 1);
	mem_deref(b);
	mem_deref(a);

	assert_int_equal(steer_action(&a, "", true, action_handler, NULL),
			 EINVAL);
	assert_int_equal(steer_action(&a, "12345678901234567890123456789012",
				      true, action_handler, NULL), EINVAL);
	assert_int_equal(steer_action(&a, "a", true, NULL, NULL), EINVAL);
}


/* --- keys -------------------------------------------------------------- */


static const char *seqv[] = {"*1", "*21", "#0#", NULL};


static const char *seq_handler(size_t i, void *arg)
{
	(void)arg;

	return seqv[i];
}


/* What the keys complete, each so many ms after the last */
static const char *press(struct keyseq *ks, const char *keys, unsigned ms,
			 uint64_t *t)
{
	const char *seq = NULL;

	for (; *keys; ++keys) {
		assert_null(seq);
		*t += ms;
		seq = keyseq_put(ks, *keys, *t, 3000, seq_handler, NULL);
	}

	return seq;
}


static void test_keyseq(void **state)
{
	struct keyseq ks = {.n = 0};
	uint64_t t = 5;
	(void)state;

	assert_string_equal(press(&ks, "*1", 100, &t), "*1");
	assert_string_equal(press(&ks, "*1", 3000, &t), "*1");
	assert_string_equal(press(&ks, "*21", 100, &t), "*21");
	assert_string_equal(press(&ks, "#0#", 100, &t), "#0#");

	/* among others, and after a beginning that came to nothing */
	assert_string_equal(press(&ks, "4711*1", 100, &t), "*1");
	assert_string_equal(press(&ks, "**1", 100, &t), "*1");
	assert_string_equal(press(&ks, "*2*21", 100, &t), "*21");
	assert_string_equal(press(&ks, "#0*1", 100, &t), "*1");
	assert_string_equal(press(&ks, "#0#", 100, &t), "#0#");

	/* its last key is not the first of another one */
	assert_null(press(&ks, "0#", 100, &t));
	assert_null(press(&ks, "4", 100, &t));

	/* too late */
	assert_null(press(&ks, "*", 100, &t));
	t += 3001 - 100;
	assert_null(press(&ks, "1", 100, &t));
	assert_null(press(&ks, "1", 100, &t));

	/* no key of a PIN is kept */
	assert_null(press(&ks, "1234567890", 100, &t));
	assert_int_equal(ks.n, 0);
	assert_int_equal(ks.keyv[0], '\0');

	assert_null(keyseq_put(NULL, '1', 0, 1, seq_handler, NULL));
	assert_null(keyseq_put(&ks, '1', 0, 1, NULL, NULL));
	assert_true(keyseq_clash("*1", "*1"));
	assert_true(keyseq_clash("*1", "*12"));
	assert_true(keyseq_clash("*12", "*1"));
	assert_false(keyseq_clash("*1", "*2"));
}


static struct {
	unsigned n;
	uint32_t call, leg;
} told;


static void keys_handler_t(uint32_t call, uint32_t leg, void *arg)
{
	(void)arg;

	++told.n;
	told.call = call;
	told.leg  = leg;
	re_cancel();
}


static void press_all(struct leg *leg, const char *keys)
{
	for (; *keys; ++keys)
		steer_key_pressed(leg, *keys, 1000);
}


static void test_keys(void **state)
{
	struct steer_keys *k, *k2;
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	(void)state;

	memset(&told, 0, sizeof(told));
	press_all(&a->leg, "*1");
	assert_int_equal(a->leg.keyseq.n, 0);

	assert_int_equal(steer_keys(&k, "*1", keys_handler_t, NULL), 0);
	assert_int_equal(steer_keys(&k2, "*12", keys_handler_t, NULL),
			 EALREADY);
	assert_int_equal(steer_keys(&k2, "1", keys_handler_t, NULL), EINVAL);
	assert_int_equal(steer_keys(&k2, "12x", keys_handler_t, NULL),
			 EINVAL);
	assert_int_equal(steer_keys(&k2, "123456789", keys_handler_t, NULL),
			 EINVAL);

	/* of one party, told later */
	press_all(&a->leg, "*");
	press_all(&b->leg, "1");
	press_all(&a->leg, "1");
	assert_int_equal(told.n, 0);
	(void)re_main(NULL);
	assert_int_equal(told.n, 1);
	assert_int_equal(told.call, bc->id);
	assert_int_equal(told.leg, a->leg.num);

	/* who does not wait any more is not told */
	press_all(&b->leg, "*1");
	mem_deref(k);
	assert_int_equal(steer_keys(&k, "*2", keys_handler_t, NULL), 0);
	press_all(&b->leg, "*2");
	(void)re_main(NULL);
	assert_int_equal(told.n, 2);
	assert_int_equal(told.leg, b->leg.num);
	mem_deref(k);

	bcall_hangup(bc, END_CONSOLE, "console");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_action, setup, teardown),
		cmocka_unit_test(test_action_names),
		cmocka_unit_test(test_keyseq),
		cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
	};
	int err;

	libre_init();
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();
	tmr_debug();
	mem_debug();

	return err;
}
