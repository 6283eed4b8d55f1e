/**
 * @file test_notice.c  Apps that are told by message of who waits at a PBX
 */
#include "call_rig.h"
#include "base/mono.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/signal.h"
#include "cube/core.h"
#include "config/config.h"
#include "config/users.h"
#include "call/bridge.h"
#include "call/snapshot.h"
#include "call/await.h"
#include "call/await_core.h"
#include "call/leg_notice.h"
#include "call/notice_core.h"

#define ANN "101-5476@h/phone"
#define ANN_WEB "101-5476@h/web"
#define BOB "102-5476@h/web"


static struct user_map map = {.aor = (char *)"sip:1000@pbx.example"};
static struct ext ext = {.map = &map};
static struct ext other_ext = {.map = &map};
static struct cube *cube;
static char sent[8192];         /* stanzas, a line each */
static char declined[32];
static char answer[32];         /* where who has accepted talks */
static char told[8];            /* what the PBX's side was told */
static enum end_reason reason;


static int send_handler(const char *buf, size_t len, void *arg)
{
	const size_t n = strlen(sent);
	(void)arg;

	assert_true(re_snprintf(sent + n, sizeof(sent) - n, "%b\n", buf, len)
		    > 0);

	return 0;
}


static void declined_handler(const struct bcall *bc, const char *user)
{
	(void)bc;
	str_ncpy(declined, user, sizeof(declined));
}


static void accepted_handler(const struct await_accepted *acc, void *arg)
{
	(void)arg;
	told[strlen(told)] = 'a';
	str_ncpy(answer, acc->answer ? acc->answer : "-", sizeof(answer));
}


static void joined_handler(void *arg)
{
	(void)arg;
	told[strlen(told)] = 'j';
}


static void over_handler(const struct await_over *over, void *arg)
{
	(void)arg;
	told[strlen(told)] = 'o';
	reason = over->reason;
}


static bool is_told(void *arg)
{
	return !strcmp(told, arg);
}


/* How many stanzas went to a user that have these words */
static unsigned count(const char *user, const char *a, const char *b)
{
	char to[64], *line, *save = NULL, buf[sizeof(sent)];
	unsigned n = 0;

	re_snprintf(to, sizeof(to), "to=\"%s-5476@h\"", user);
	str_ncpy(buf, sent, sizeof(buf));

	for (line = strtok_r(buf, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		n += strstr(line, to) && strstr(line, a) && strstr(line, b);
	}

	return n;
}


static unsigned over_for(const char *user, const char *why)
{
	char text[64];

	re_snprintf(text, sizeof(text), "<reason>%s</reason>", why);

	return count(user, "<state>ended</state>", text);
}


static int notice_setup(void **state)
{
	const struct cube_config cfg = {
		.api_url = "https://h", .chat_url = "wss://h/",
		.app_id = "5476", .auth_key = "k", .login = "l",
		.password = "p",
	};

	assert_int_equal(setup(state), 0);
	assert_int_equal(0, cube_alloc(&cube, &cfg, NULL, NULL, NULL));
	cube_set_test_link(cube, "200", send_handler, NULL);
	sent[0] = declined[0] = answer[0] = '\0';
	memset(told, 0, sizeof(told));

	return 0;
}


static int notice_teardown(void **state)
{
	const int err = teardown(state);

	notice_close();
	cube = mem_deref(cube);

	return err;
}


/* Who waits, and two users who are told */
static struct bcall *ring(struct await **ap)
{
	static const struct await_handlers h = {
		accepted_handler, joined_handler, over_handler
	};
	static const struct await_prm prm = {
		.to = "1000", .name = "José <&>", .number = "+5511",
		.channel = "c", .by_message = true
	};
	static const char *const idv[] = {"101", "102", "101"};
	const struct notice_prm np = {
		.cube = cube, .idv = idv, .idc = ARRAY_SIZE(idv),
		.name = "Sales", .reject_code = 603,
		.declinedh = declined_handler
	};
	struct tokens *tokens;
	struct bcall *bc;

	assert_int_equal(tokens_alloc(&tokens), 0);
	assert_int_equal(await_alloc(ap, tokens, &h, NULL), 0);
	mem_deref(tokens);
	assert_int_equal(bcall_alloc(&bc, &env, &ext, &calll, false), 0);
	assert_int_equal(await_add(*ap, bc, &prm), 0);
	assert_true(await_is_by_message(bcall_caller(bc)));
	bcall_start_ringing(bc);
	assert_int_equal(notice_connect(bc, &np), 0);

	return bc;
}


static struct leg_notice *notice(const struct bcall *bc)
{
	return (struct leg_notice *)bcall_find_side(bc, EVENT_APP);
}


static int say(bool accept, const char *call, const char *user,
	       const char *jid, const char *number, const char *why)
{
	const struct notice_reply r = {
		.ext = &ext, .user = user, .jid = jid, .call = call,
		.number = number,
	};
	const char *text = NULL;
	const int err = accept ? notice_answer(&r, &text)
		: notice_reject(&r, &text);

	if (why)
		assert_string_equal(text, why);
	else
		assert_null(text);

	return err;
}


static void test_told(void **state)
{
	struct await *aw;
	struct bcall *bc = ring(&aw);
	struct leg_notice *ln = notice(bc);
	char call[64], users[32];
	(void)state;

	re_snprintf(call, sizeof(call), "<call>%s</call>", ln->call);
	assert_int_equal(strlen(ln->call), TOKEN_SIZE - 1);
	assert_int_equal(count("101", call, "<state>ringing</state>"), 1);
	assert_int_equal(count("102", call, "<state>ringing</state>"), 1);
	assert_int_equal(count("101", "type=\"headline\"",
			       "<moduleIdentifier>SystemNotifications<"), 1);
	assert_int_equal(count("101", "<bridge>1</bridge>",
			       "<event>ami_waiting</event>"), 1);
	assert_int_equal(count("101", "<name>José &lt;&amp;&gt;</name>",
			       "<number>+5511</number>"), 1);
	assert_int_equal(count("101", "<extension>Sales</extension>", ""), 1);
	assert_int_equal(bc->state, BCALL_CALLING);
	re_snprintf(users, sizeof(users), "%H", ln->leg.ops->users, ln);
	assert_string_equal(users, "101,102");

	/* it rings, and is told again for who was not there */
	tu_run(20);
	assert_int_equal(bc->state, BCALL_RINGING);
	assert_int_equal(count("101", call, ""), 1);
	ln->tmr.th(ln->tmr.arg);
	assert_int_equal(count("101", call, "<state>ringing</state>"), 2);

	await_end(aw, END_CANCELED, "canceled");
	assert_gone(1, END_CANCELED);
	assert_int_equal(over_for("101", "cancelled"), 1);
	assert_int_equal(over_for("102", "cancelled"), 1);
	mem_deref(aw);
}


static void test_answer(void **state)
{
	struct await *aw;
	struct bcall *bc = ring(&aw);
	const struct leg_notice *ln = notice(bc);
	char call[TOKEN_SIZE];
	(void)state;

	str_ncpy(call, ln->call, sizeof(call));
	assert_int_equal(say(true, call, "101", ANN, "1005", NULL), 0);
	assert_int_equal(bc->state, BCALL_ANSWERED);
	assert_string_equal(ln->leg.peer.number, "101");
	assert_int_equal(count("101", "<state>answered</state>",
			       "<device>phone</device>"), 1);
	assert_int_equal(over_for("102", "answered_elsewhere"), 1);

	/* the same again does nothing; who is second is told so */
	assert_int_equal(say(true, call, "101", ANN, "1006", NULL), 0);
	assert_int_equal(say(true, call, "101", ANN_WEB, NULL,
			     "this call was answered"), EALREADY);
	assert_int_equal(say(true, call, "102", BOB, NULL,
			     "this call was answered"), EALREADY);
	assert_int_equal(say(false, call, "101", ANN_WEB, NULL,
			     "this call was answered"), EALREADY);
	assert_int_equal(count("101", "<state>answered</state>", ""), 1);

	assert_true(tu_wait(is_told, (void *)"a", 10000));
	assert_string_equal(answer, "1005");
	await_end(aw, END_TRANSFERRED, "sent");
	assert_gone(1, END_TRANSFERRED);
	assert_int_equal(over_for("101", "answered_elsewhere"), 1);
	assert_int_equal(over_for("102", "answered_elsewhere"), 1);
	assert_int_equal(say(true, call, "101", ANN, NULL,
			     "this call was answered"), EALREADY);
	mem_deref(aw);
}


/* What the PBX refuses, or who hangs up meanwhile */
static void test_failed(void **state)
{
	static const struct {
		enum end_reason reason;
		const char *word;
	} v[] = {
		{END_UPSTREAM, "failed"},
		{END_CANCELED, "cancelled"},
	};
	struct await *aw;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		struct bcall *bc = ring(&aw);

		gone = 0;
		assert_int_equal(say(true, notice(bc)->call, "101", ANN, NULL,
				     NULL), 0);
		await_end(aw, v[i].reason, "no");
		assert_gone(1, v[i].reason);
		assert_int_equal(over_for("101", v[i].word), 1);
		mem_deref(aw);
	}
}


static void test_reject(void **state)
{
	struct await *aw;
	struct bcall *bc = ring(&aw);
	char call[TOKEN_SIZE];
	(void)state;

	str_ncpy(call, notice(bc)->call, sizeof(call));
	assert_int_equal(say(false, call, "101", ANN, NULL, NULL), 0);
	assert_string_equal(declined, "101");
	assert_int_equal(over_for("101", "rejected"), 1);
	assert_int_equal(say(false, call, "101", ANN, NULL,
			     "this call was rejected"), EALREADY);
	assert_int_equal(say(true, call, "101", ANN_WEB, NULL,
			     "this call was rejected"), EALREADY);
	assert_int_equal(gone, 0);

	/* who has rejected is not told again */
	notice(bc)->leg.state = LEG_RINGING;
	notice(bc)->tmr.th(notice(bc)->tmr.arg);
	assert_int_equal(count("101", "<state>ringing</state>", ""), 1);
	assert_int_equal(count("102", "<state>ringing</state>", ""), 2);

	assert_int_equal(say(false, call, "102", BOB, NULL, NULL), 0);
	assert_gone(1, END_REJECTED);
	assert_int_equal(say(true, call, "102", BOB, NULL,
			     "this call is over"), ECANCELED);
	assert_int_equal(over_for("101", "cancelled"), 0);
	assert_true(tu_wait(is_told, (void *)"o", 10000));
	assert_int_equal(reason, END_REJECTED);
	mem_deref(aw);
}


static void test_time(void **state)
{
	struct await *aw;
	char call[TOKEN_SIZE];
	(void)state;

	str_ncpy(call, notice(ring(&aw))->call, sizeof(call));
	assert_true(tu_wait(is_told, (void *)"o", 10000));
	assert_gone(1, END_NO_ANSWER);
	assert_int_equal(over_for("101", "no_answer"), 1);
	assert_int_equal(over_for("102", "no_answer"), 1);
	assert_int_equal(say(false, call, "102", BOB, NULL,
			     "this call is over"), ECANCELED);
	mem_deref(aw);
}


static void test_strangers(void **state)
{
	static const char *const callv[] = {
		NULL, "", "x", "00000000-0000-4000-8000-000000000000"
	};
	struct await *aw;
	struct bcall *bc = ring(&aw);
	struct notice_reply r = {
		.ext = &other_ext, .user = "101", .jid = ANN,
		.call = notice(bc)->call
	};
	const char *why = NULL;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(callv); i++) {
		assert_int_equal(say(true, callv[i], "101", ANN, NULL,
				     "no such call"), ENOENT);
		assert_int_equal(say(false, callv[i], "101", ANN, NULL,
				     "no such call"), ENOENT);
	}
	assert_int_equal(say(true, notice(bc)->call, "103", "103-5476@h/x",
			     NULL, "no such call"), ENOENT);
	assert_int_equal(notice_answer(&r, &why), ENOENT);
	assert_int_equal(notice_reject(&r, &why), ENOENT);
	assert_int_equal(bc->state, BCALL_CALLING);

	/* the extension goes with all its calls */
	list_flush(&calll);
	mem_deref(aw);
}


static void test_offline(void **state)
{
	static const char *const idv[CUBE_TARGET_MAX + 1];
	struct notice_prm np = {.cube = cube, .idv = idv};
	struct bcall *bc;
	(void)state;

	assert_int_equal(bcall_alloc(&bc, &env, &ext, &calll, false), 0);
	assert_int_equal(notice_connect(bc, &np), EINVAL);
	np.idc = ARRAY_SIZE(idv);
	assert_int_equal(notice_connect(bc, &np), EOVERFLOW);
	np.idc = 1;
	cube_shutdown(cube);
	assert_int_equal(notice_connect(bc, &np), ECONNREFUSED);
	assert_string_equal(sent, "");
	mem_deref(bc);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_told, notice_setup,
						notice_teardown),
		cmocka_unit_test_setup_teardown(test_answer, notice_setup,
						notice_teardown),
		cmocka_unit_test_setup_teardown(test_failed, notice_setup,
						notice_teardown),
		cmocka_unit_test_setup_teardown(test_reject, notice_setup,
						notice_teardown),
		cmocka_unit_test_setup_teardown(test_time, notice_setup,
						notice_teardown),
		cmocka_unit_test_setup_teardown(test_strangers, notice_setup,
						notice_teardown),
		cmocka_unit_test_setup_teardown(test_offline, notice_setup,
						notice_teardown),
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
