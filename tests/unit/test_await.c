/**
 * @file test_await.c  A call whose other party waits elsewhere, at a PBX
 */
#include "call_rig.h"
#include "base/mono.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "config/config.h"
#include "config/users.h"
#include "call/bridge.h"
#include "call/snapshot.h"
#include "call/await.h"
#include "call/await_core.h"


static struct tokens *tokens;
static struct user_map map = {.aor = (char *)"sip:1000@pbx.example"};
static struct ext ext = {.map = &map};

static struct {
	char told[8];           /* a letter each */
	char token[TOKEN_SIZE];
	char user[16];
	char forward[32];
	char why[64];
	enum end_reason reason;
	uint16_t scode;
} w;


static void note(char c)
{
	w.told[strlen(w.told)] = c;
}


static void accepted_handler(const struct await_accepted *acc, void *arg)
{
	(void)arg;

	note('a');
	str_ncpy(w.token, acc->token, sizeof(w.token));
	str_ncpy(w.user,  acc->user,  sizeof(w.user));
	assert_null(acc->answer);
}


static void joined_handler(void *arg)
{
	(void)arg;
	note('j');
}


static void over_handler(const struct await_over *over, void *arg)
{
	(void)arg;

	note('o');
	w.reason = over->reason;
	w.scode  = over->scode;
	str_ncpy(w.why, over->why, sizeof(w.why));
	str_ncpy(w.forward, over->forward ? over->forward : "",
		 sizeof(w.forward));
}


static bool is_told(void *arg)
{
	return str_len(w.told) == *(size_t *)arg;
}


static void wait_told(const char *told)
{
	size_t n = strlen(told);

	assert_true(tu_wait(is_told, &n, 60000));
	assert_string_equal(w.told, told);
}


/* Who waits, and an app that rings */
static struct bcall *begin_await(struct await **ap, struct fake **appp)
{
	static const struct await_handlers h = {
		accepted_handler, joined_handler, over_handler
	};
	static const struct await_prm prm = {
		.to = "1000", .name = "José", .number = "+55 11", .channel = "c"
	};
	struct bcall *bc;

	memset(&w, 0, sizeof(w));
	assert_int_equal(tokens_alloc(&tokens), 0);
	assert_int_equal(await_alloc(ap, tokens, &h, NULL), 0);
	tokens = mem_deref(tokens);

	assert_int_equal(bcall_alloc(&bc, &env, &ext, &calll, false), 0);
	assert_int_equal(await_add(*ap, bc, &prm), 0);
	bcall_start_ringing(bc);
	*appp = fake_alloc(2, "PCMU", false);
	assert_int_equal(leg_set_peer(&(*appp)->leg, NULL, "101", NULL), 0);
	bcall_add_leg(bc, &(*appp)->leg);
	leg_set_state(&(*appp)->leg, LEG_CALLING);
	leg_ringing(&(*appp)->leg);
	assert_ptr_equal(await_call(*ap), bc);

	return bc;
}


static void test_who(void **state)
{
	struct await *aw;
	struct fake *app;
	struct bcall *bc = begin_await(&aw, &app);
	const struct leg *leg = bcall_caller(bc);
	(void)state;

	assert_string_equal(leg->peer.name, "José");
	assert_string_equal(leg->peer.number, "+55 11");
	assert_string_equal(leg->peer.uri, "sip:+55%2011@pbx.example");
	assert_false(leg->peer.anonymous);
	mem_ref(app);
	mem_deref(aw);
	assert_gone(1, END_SHUTDOWN);
	assert_string_equal(app->did, "e");
	mem_deref(app);
}


/* He comes, and is the same party */
static void test_join(void **state)
{
	struct await *aw;
	struct fake *app, *phone;
	struct bcall *bc = begin_await(&aw, &app);
	const uint32_t num = bcall_caller(bc)->num;
	(void)state;

	leg_answered(&app->leg);
	assert_int_equal(bc->state, BCALL_ANSWERED);
	assert_string_equal(w.told, "");
	wait_told("a");
	assert_int_equal(strlen(w.token), TOKEN_SIZE - 1);
	assert_string_equal(w.user, "101");
	leg_up(&app->leg);
	assert_int_equal(bc->state, BCALL_ANSWERED);

	assert_int_equal(await_part(aw), num);
	assert_null(await_call(aw));
	assert_int_equal(await_part(aw), 0);
	phone = fake_alloc(3, "PCMU", true);
	bcall_add_leg(bc, &phone->leg);
	assert_int_equal(leg_answer(&phone->leg, &app->leg), 0);
	assert_int_equal(bcall_audio_update(bc), 0);
	leg_up(&phone->leg);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	talk(phone, app, 5);
	assert_int_equal(phone->sinkc, 5);
	assert_int_equal(app->sinkc, 5);
	wait_told("aj");

	/* it goes on without who has begun it */
	await_end(aw, END_CANCELED, "canceled");
	mem_deref(aw);
	assert_int_equal(bc->state, BCALL_ESTABLISHED);
	bcall_hangup(bc, END_CONSOLE, "console");
	assert_gone(1, END_CONSOLE);
}


static void test_canceled(void **state)
{
	struct await *aw;
	struct fake *app;
	(void)state;

	(void)begin_await(&aw, &app);
	mem_ref(app);
	await_end(aw, END_CANCELED, "canceled");
	assert_gone(1, END_CANCELED);
	assert_string_equal(app->did, "e");
	await_end(aw, END_CANCELED, "canceled");
	tu_run(20);
	assert_string_equal(w.told, "");
	mem_deref(aw);
	mem_deref(app);
}


/* What the app does decides what is told of it */
static void test_over(void **state)
{
	static const struct leg_cause rejected = {
		.end = END_REJECTED, .scode = 603, .reason = "rejected"
	};
	struct await *aw;
	struct fake *app;
	(void)state;

	(void)begin_await(&aw, &app);
	leg_closed(&app->leg, &rejected);
	assert_gone(1, END_REJECTED);
	assert_null(await_call(aw));
	wait_told("o");
	assert_int_equal(w.reason, END_REJECTED);
	assert_int_equal(w.scode, 603);
	mem_deref(aw);

	gone = 0;
	(void)begin_await(&aw, &app);
	wait_told("o");                 /* after the ring time */
	assert_gone(1, END_NO_ANSWER);
	assert_int_equal(w.reason, END_NO_ANSWER);
	assert_string_equal(w.why, "No answer");
	mem_deref(aw);
}


/* The app hangs up before he has come: his token is over */
static void test_too_late(void **state)
{
	static const struct leg_cause hangup = {.normal = true};
	struct await *aw;
	struct fake *app;
	struct tokens *t;
	void *what;
	(void)state;

	(void)begin_await(&aw, &app);
	t = mem_ref(aw->tokens);
	leg_answered(&app->leg);
	wait_told("a");
	assert_int_equal(token_take(t, w.token, &calll, &what, mono_ms()),
			 TOKEN_UNKNOWN);
	leg_closed(&app->leg, &hangup);
	assert_gone(1, END_NORMAL);
	wait_told("ao");
	assert_int_equal(token_take(t, w.token, &ext, &what, mono_ms()),
			 TOKEN_OVER);
	mem_deref(aw);
	mem_deref(t);
}


/* He does not come */
static void test_missing(void **state)
{
	struct await *aw;
	struct fake *app;
	(void)state;

	(void)begin_await(&aw, &app);
	mem_ref(app);
	leg_answered(&app->leg);
	wait_told("a");
	wait_told("ao");
	assert_gone(1, END_UPSTREAM);
	assert_string_equal(app->did, "e");
	assert_int_equal(w.reason, END_UPSTREAM);
	mem_deref(app);
	mem_deref(aw);
}


/* The extension goes with all its calls */
static void test_shutdown(void **state)
{
	struct await *aw;
	struct fake *app;
	(void)state;

	(void)begin_await(&aw, &app);
	list_flush(&calll);
	assert_null(await_call(aw));
	wait_told("o");
	assert_int_equal(w.reason, END_SHUTDOWN);
	mem_deref(aw);
}


static void test_refused(void **state)
{
	static const struct await_handlers h = {
		accepted_handler, joined_handler, over_handler
	};
	struct await *aw;
	(void)state;

	memset(&w, 0, sizeof(w));
	assert_int_equal(tokens_alloc(&tokens), 0);
	assert_int_equal(await_alloc(&aw, tokens, &h, NULL), 0);
	await_refused(aw, END_CONGESTION, 486, "too many calls");
	wait_told("o");
	assert_int_equal(w.reason, END_CONGESTION);
	mem_deref(aw);
	tokens = mem_deref(tokens);
}


static void test_is_for(void **state)
{
	static const char aor[] = "sip:1000@pbx.example:5080";
	static const char *const goodv[] = {
		"1000", "sip:1000@pbx.example", "<sip:1000@PBX.example:5060>",
		"sip:1000@pbx.example;transport=tcp",
		"\"Sales\" <sip:1000@pbx.example>;tag=1"
	};
	static const char *const badv[] = {
		"", "100", "10000", "1000@pbx.example", "sip:1000@other",
		"sip:1001@pbx.example", "sip:", ":", "tel:1000", "sip:pbx.example"
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(goodv); i++) {
		if (!await_is_for(aor, goodv[i]))
			fail_msg("%s", goodv[i]);
	}
	for (i=0; i<ARRAY_SIZE(badv); i++) {
		if (await_is_for(aor, badv[i]))
			fail_msg("%s", badv[i]);
	}
	assert_false(await_is_for(aor, NULL));
	assert_false(await_is_for(NULL, "1000"));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_who, setup, teardown),
		cmocka_unit_test_setup_teardown(test_join, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_canceled, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_over, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_too_late, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_missing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_shutdown, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup,
						teardown),
		cmocka_unit_test(test_is_for),
	};

	int err;

	err = libre_init();
	if (err)
		return err;

	err = cmocka_run_group_tests(tests, NULL, NULL);

	tmr_debug();
	libre_close();

	return err;
}
