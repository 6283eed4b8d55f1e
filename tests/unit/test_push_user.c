/**
 * @file test_push_user.c  Push notifications: to whom
 */
#include "push_rig.h"


/* --- who is there ------------------------------------------------------ */


static enum activity activity(const char *str)
{
	const char *from = NULL;
	enum activity act;
	struct xml *x;

	assert_int_equal(0, xml_decode(&x, str, strlen(str)));
	act = activity_decode(x, &from);
	if (act != ACTIVITY_NONE)
		assert_string_equal("102-5476@h/b", from);
	mem_deref(x);

	return act;
}


#define FROM "from='102-5476@h/b'"
#define LAST "<query xmlns='jabber:iq:last'"


static void test_activity(void **state)
{
	(void)state;

	assert_int_equal(ACTIVITY_ONLINE, activity("<presence " FROM "/>"));
	assert_int_equal(ACTIVITY_ONLINE, activity(
		"<presence " FROM "><show>away</show></presence>"));
	assert_int_equal(ACTIVITY_OFFLINE, activity(
		"<presence type='unavailable' " FROM "/>"));
	assert_int_equal(ACTIVITY_NONE, activity(
		"<presence type='subscribe' " FROM "/>"));
	assert_int_equal(ACTIVITY_ONLINE, activity(
		"<iq type='result' " FROM ">" LAST " seconds='0'/></iq>"));
	assert_int_equal(ACTIVITY_OFFLINE, activity(
		"<iq type='result' " FROM ">" LAST " seconds='903'/></iq>"));
	assert_int_equal(ACTIVITY_NONE, activity(
		"<iq type='result' " FROM ">" LAST "/></iq>"));
	assert_int_equal(ACTIVITY_UNKNOWN, activity(
		"<iq type='error' " FROM ">" LAST "/><error/></iq>"));
	assert_int_equal(ACTIVITY_NONE, activity("<iq type='result' " FROM
						 "/>"));
	assert_int_equal(ACTIVITY_ONLINE, activity(
		"<message type='headline' " FROM "/>"));
	assert_int_equal(ACTIVITY_NONE, activity(
		"<message type='error' " FROM "/>"));
	assert_int_equal(ACTIVITY_NONE, activity(
		"<message " FROM "><delay xmlns='urn:xmpp:delay'/></message>"));
	assert_int_equal(ACTIVITY_NONE, activity("<presence/>"));
}


/* --- when, and to whom ------------------------------------------------- */


enum { POST_MAX = 16 };

/** What was posted, and not answered yet */
static struct {
	struct {
		char kind[16], user[16];
		cube_posted_h *h;
		void *job;
	} v[POST_MAX];
	size_t n;
} post;

static unsigned toldv[3];

static uint32_t told_ms;


static int post_h(const char *path, const char *body,
		  cube_posted_h *postedh, void *job, void *arg)
{
	char msg[4096];
	(void)arg;

	assert_string_equal("/events.json", path);

	assert_true(post.n < POST_MAX);
	message(msg, sizeof(msg), body, "development", post.v[post.n].user,
		sizeof(post.v[0].user));
	str_ncpy(post.v[post.n].kind, strstr(msg, "\"endCall\"") ? "endCall" :
		 strstr(msg, "\"startCall\"") ? "startCall" : "?",
		 sizeof(post.v[0].kind));
	post.v[post.n].h   = postedh;
	post.v[post.n].job = job;
	++post.n;

	return 0;
}


static void answer_post(size_t i, unsigned scode)
{
	assert_true(i < post.n);
	post.v[i].h(scode == 429 ? EAGAIN : 0, scode, "", 0, post.v[i].job);
	rig_settle();
}


static void assert_post(size_t i, const char *kind, const char *user)
{
	assert_true(i < post.n);
	assert_string_equal(kind, post.v[i].kind);
	assert_string_equal(user, post.v[i].user);
}


static void push_h(const struct cube_push *push, void *arg)
{
	(void)arg;
	++toldv[push->state];
	told_ms = push->online_ms;
	assert_int_equal(push->state == CUBE_PUSH_FAILED, push->why != NULL);
}


static int setup(void **state)
{
	memset(&post, 0, sizeof(post));
	memset(toldv, 0, sizeof(toldv));
	rig_setup(state);
	devv[0].c->posth = post_h;
	devv[0].c->push  = CUBE_PUSH_OFFLINE;

	return 0;
}


static void call(const char *const *idv, size_t idc)
{
	struct cube_call_handlers h = rig_h;
	struct tmr *tmr;

	rig_call(idv, idc);

	/* the server is given up when a test says so */
	tmr = &devv[0].call->tmr_push;
	if (tmr_isrunning(tmr))
		tmr_start(tmr, 60000, tmr->th, tmr->arg);

	h.pushh = push_h;
	cube_call_set_handlers(devv[0].call, &h, &devv[0]);
}


/* The cloud tells of a user */
static void tell(const char *user, const char *seconds)
{
	char str[256];

	re_snprintf(str, sizeof(str), "<iq type='result' from='%s-5476@h'>"
		    LAST " seconds='%s'/></iq>", user, seconds);
	rig_inject(&devv[0], str, strlen(str));
	rig_settle();
}


/* Nobody is there; it rings on while the app is started */
static void test_closed_app(void **state)
{
	const char *idv[] = {"102"};
	uint32_t ms;
	unsigned n;
	(void)state;

	call(idv, 1);
	assert_int_equal(0, post.n);
	tell("102", "903");
	assert_int_equal(1, post.n);
	assert_post(0, "startCall", "102");
	answer_post(0, 201);
	assert_int_equal(1, toldv[CUBE_PUSH_SENT]);
	cube_call_push_stat(devv[0].call, &n, &ms);
	assert_int_equal(1, n);
	assert_int_equal(0, ms);

	/* told again, as servers do: nothing happens twice */
	tell("102", "904");
	assert_int_equal(1, post.n);

	n = devv[0].sentv[SIGNAL_CALL];
	tell("102", "0");
	assert_int_equal(n + 1, devv[0].sentv[SIGNAL_CALL]);
	assert_int_equal(1, toldv[CUBE_PUSH_ONLINE]);
	assert_true(told_ms > 0);
	tell("102", "0");
	assert_int_equal(n + 1, devv[0].sentv[SIGNAL_CALL]);
	assert_int_equal(1, toldv[CUBE_PUSH_ONLINE]);
	cube_call_push_stat(devv[0].call, &n, &ms);
	assert_int_equal(told_ms, ms);

	/* who has the call is not told that it is over */
	assert_int_equal(0, cube_call_accept(devv[1].call, &rig_audio, NULL,
					     NULL, 0));
	rig_wait(&devv[0].estabc);
	cube_call_hangup(devv[0].call, NULL, 0);
	rig_settle();
	assert_int_equal(1, post.n);
}


/* Who is there needs none, unless it is to be sent always */
static void test_there(void **state)
{
	const char *idv[] = {"102"};
	unsigned n;
	(void)state;

	call(idv, 1);
	n = devv[0].sentv[SIGNAL_CALL];
	tell("102", "0");
	rig_fire(&devv[0].call->tmr_push);
	rig_settle();
	assert_int_equal(0, post.n);
	assert_int_equal(n, devv[0].sentv[SIGNAL_CALL]);

	/* it leaves while it rings */
	tell("102", "0");
	tell("102", "1");
	assert_int_equal(1, post.n);
	devv[0].call = mem_deref(devv[0].call);
	rig_settle();
	answer_post(0, 201);
	assert_int_equal(2, post.n);
	assert_post(1, "endCall", "102");
	answer_post(1, 201);

	devv[0].c->push = CUBE_PUSH_ALWAYS;
	devv[0].ringc = 0;
	devv[0].sentv[SIGNAL_CALL] = 0;
	devv[1].call = mem_deref(devv[1].call);
	devv[2].call = mem_deref(devv[2].call);
	call(idv, 1);
	assert_int_equal(3, post.n);
	answer_post(2, 201);
	tell("102", "0");
	assert_int_equal(0, toldv[CUBE_PUSH_ONLINE]);
}


/* A server that says nothing; several users, one accepts, one rejects */
static void test_group(void **state)
{
	const char *idv[] = {"102", "103", "104"};
	(void)state;

	call(idv, 3);
	tell("102", "0");
	rig_fire(&devv[0].call->tmr_push);
	rig_settle();
	assert_int_equal(2, post.n);
	assert_post(0, "startCall", "103");
	assert_post(1, "startCall", "104");
	answer_post(0, 201);
	answer_post(1, 201);

	/* all of its devices are to stop */
	cube_call_reject(devv[3].call, NULL, 0);
	rig_settle();
	assert_int_equal(3, post.n);
	assert_post(2, "endCall", "103");

	assert_int_equal(0, cube_call_accept(devv[1].call, &rig_audio, NULL,
					     NULL, 0));
	rig_wait(&devv[0].estabc);
	rig_settle();
	assert_int_equal(4, post.n);
	assert_post(3, "endCall", "104");
}


/* The cloud is busy, or refuses; nothing of that touches the call, and the end
   does not overtake the beginning */
static void test_failing(void **state)
{
	const char *idv[] = {"102", "103"};
	(void)state;

	call(idv, 2);
	tell("102", "9");
	tell("103", "9");
	assert_int_equal(2, post.n);
	answer_post(0, 422);
	assert_int_equal(1, toldv[CUBE_PUSH_FAILED]);
	answer_post(1, 429);
	assert_int_equal(1, toldv[CUBE_PUSH_FAILED]);
	assert_int_equal(2, post.n);
	tu_run(1100);
	assert_int_equal(3, post.n);
	assert_post(2, "startCall", "103");
	assert_int_equal(CALL_RINGING, devv[0].call->state);

	cube_call_hangup(devv[0].call, NULL, 0);
	rig_settle();
	assert_int_equal(3, post.n);
	answer_post(2, 201);
	assert_int_equal(4, post.n);
	assert_post(3, "endCall", "103");

	/* freed while it waits */
	answer_post(3, 429);
}


/* What the user's device sends is a sign, too, but not of this very call */
static void test_signs(void **state)
{
	static const char sys[] = "<message type='headline'"
		" from='102-5476@h/new'><extraParams><moduleIdentifier>"
		"SystemNotifications</moduleIdentifier><x>1</x></extraParams>"
		"</message>";
	const char *idv[] = {"102"};
	unsigned n;
	char str[512];
	(void)state;

	devv[0].dropped[SIGNAL_CALL] = true;
	call(idv, 1);
	tell("102", "9");
	n = devv[0].sentv[SIGNAL_CALL];

	/* the cloud rejects for who has no chat */
	re_snprintf(str, sizeof(str), "<message type='headline'"
		    " from='102-5476@h'><extraParams><signalType>update"
		    "</signalType><sessionID>%s</sessionID></extraParams>"
		    "</message>", cube_call_id(devv[0].call));
	rig_inject(&devv[0], str, strlen(str));
	assert_int_equal(0, toldv[CUBE_PUSH_ONLINE]);

	rig_inject(&devv[0], sys, sizeof(sys) - 1);
	assert_int_equal(n + 1, devv[0].sentv[SIGNAL_CALL]);
	assert_int_equal(1, toldv[CUBE_PUSH_ONLINE]);
	rig_inject(&devv[0], sys, sizeof(sys) - 1);
	assert_int_equal(n + 1, devv[0].sentv[SIGNAL_CALL]);

	/* by HTTP: of a bare JID, without anything that is not needed */
	re_snprintf(str, sizeof(str), "<message type='headline'"
		    " from='102-5476@h'><extraParams><signalType>reject"
		    "</signalType><sessionID>%s</sessionID></extraParams>"
		    "</message>", cube_call_id(devv[0].call));
	rig_inject(&devv[0], str, strlen(str));
	assert_int_equal(1, devv[0].closec);
	assert_int_equal(CUBE_END_REJECTED, devv[0].end);
}


/* Nothing at all is asked or sent */
static void test_off(void **state)
{
	const char *idv[] = {"102"};
	(void)state;

	devv[0].c->push = CUBE_PUSH_OFF;
	call(idv, 1);
	assert_false(tmr_isrunning(&devv[0].call->tmr_push));
	tell("102", "9");
	assert_int_equal(0, post.n);
}


/* How long a lost app is waited for; the restart does not wait for its turn
   when the app shows up */
static void test_lost(void **state)
{
	(void)state;

	devv[0].c->lost_time = 120000;
	rig_establish(1);
	call_path_handler(true, devv[0].call);
	assert_in_range(tmr_get_expire(&devv[0].call->tmr_lost), 119000,
			120000);
	rig_fire(&devv[0].call->tmr_restart);
	assert_int_equal(1, devv[0].sentv[SIGNAL_RESTART]);

	/* at once, that would be too much */
	tell("102", "0");
	assert_int_equal(1, devv[0].sentv[SIGNAL_RESTART]);
	tmr_start(&devv[0].call->tmr_restart, 5000,
		  devv[0].call->tmr_restart.th, devv[0].call);
	tell("102", "0");
	assert_int_equal(2, devv[0].sentv[SIGNAL_RESTART]);
}


#define T(name) \
	cmocka_unit_test_setup_teardown(name, setup, rig_teardown)


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_activity),
		T(test_closed_app),
		T(test_there),
		T(test_group),
		T(test_failing),
		T(test_signs),
		T(test_off),
		T(test_lost),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
