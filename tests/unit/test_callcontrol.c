/**
 * @file test_callcontrol.c  System messages in a call: who may, once, answers
 *
 *   A: the bridge, user 101. B, B2: two devices of 102. C: user 103
 */
#include "cube_rig.h"
#include "cube/control.h"


#define A (&devv[0])
#define B (&devv[1])
#define B2 (&devv[2])
#define C (&devv[3])

/** What A's owner was asked, and says */
static struct {
	unsigned n;
	char action[32];
	char keys[64];
	int err;
	const char *reason;
	bool hangup;
	struct control *kept;
} asked;


static int control_h(const struct control *ctl, const char **reasonp,
		     void *arg)
{
	struct dev *d = arg;
	const char *keys = control_value(ctl, "keys");

	++asked.n;
	str_ncpy(asked.action, ctl->action, sizeof(asked.action));
	str_ncpy(asked.keys, keys ? keys : "", sizeof(asked.keys));
	*reasonp = asked.reason;

	if (asked.err == EINPROGRESS)
		asked.kept = mem_ref((void *)ctl);

	if (asked.hangup) {
		cube_call_hangup(d->call, NULL, 0);
		d->call = mem_deref(d->call);
	}

	return asked.err;
}


static const struct cube_call_handlers control_handlers = {
	.updateh  = update_h,
	.controlh = control_h,
	.closeh   = close_h,
};


static void send_raw(struct dev *d, const char *sid, const char *values)
{
	char buf[1024];

	re_snprintf(buf, sizeof(buf),
		    "<message to=\"101-5476@h\" type=\"headline\">"
		    "<extraParams><moduleIdentifier>SystemNotifications</moduleIdentifier>"
		    "<bridge>1</bridge>%s%s%s%s</extraParams></message>",
		    sid ? "<session_id>" : "", sid ? sid : "",
		    sid ? "</session_id>" : "", values);
	d->system[0] = '\0';
	assert_int_equal(0, rig_send(buf, strlen(buf), d));
	rig_settle();
}


static void ask(struct dev *d, const char *values)
{
	send_raw(d, cube_call_id(A->call), values);
}


/* A calls 102, device B accepts */
static void establish(void)
{
	rig_establish(1);
	cube_call_set_handlers(A->call, &control_handlers, A);
	rig_settle();
	B->systemc = B2->systemc = C->systemc = 0;
	memset(&asked, 0, sizeof(asked));
}


static void test_done(void **state)
{
	(void)state;

	establish();
	ask(B, "<action>dtmf</action><keys>12</keys>"
	    "<request_id>r1</request_id>");
	assert_int_equal(1, asked.n);
	assert_string_equal("dtmf", asked.action);
	assert_string_equal("12", asked.keys);

	/* it alone is answered */
	assert_int_equal(1, B->systemc);
	assert_int_equal(0, B2->systemc);
	assert_non_null(strstr(B->system, "<event>done</event>"));
	assert_non_null(strstr(B->system, "<action>dtmf</action>"));
	assert_non_null(strstr(B->system, "<request_id>r1</request_id>"));
	assert_non_null(strstr(B->system, cube_call_id(A->call)));
	assert_null(strstr(B->system, "<reason>"));

	/* nobody asked for an answer */
	ask(B, "<action>dtmf</action><keys>3</keys>");
	assert_int_equal(2, asked.n);
	assert_int_equal(1, B->systemc);
}


static void test_refused(void **state)
{
	(void)state;

	establish();
	asked.err    = ENOTSUP;
	asked.reason = "unknown action";
	ask(B, "<action>fly</action><request_id>r1</request_id>");
	assert_non_null(strstr(B->system, "<event>error</event>"));
	assert_non_null(strstr(B->system, "<reason>unknown action</reason>"));
	assert_non_null(strstr(B->system, "<request_id>r1</request_id>"));

	/* an error is told in any case, in our words or the system's */
	asked.err    = EAGAIN;
	asked.reason = NULL;
	ask(B, "<action>fly</action>");
	assert_int_equal(2, B->systemc);
	assert_non_null(strstr(B->system, "<event>error</event>"));
	assert_non_null(strstr(B->system, "<reason>Resource"));
}


/* Networks repeat, and so do apps that wait */
static void test_repeated(void **state)
{
	char first[sizeof(B->system)];
	(void)state;

	establish();
	ask(B, "<action>dtmf</action><keys>1</keys>"
	    "<request_id>r1</request_id>");
	str_ncpy(first, strstr(B->system, "<extraParams"), sizeof(first));
	ask(B, "<action>dtmf</action><keys>1</keys>"
	    "<request_id>r1</request_id>");
	assert_int_equal(1, asked.n);
	assert_int_equal(2, B->systemc);
	assert_string_equal(first, strstr(B->system, "<extraParams"));

	/* what was refused stays so, even if it would work by now */
	asked.err    = ENOTSUP;
	asked.reason = "not now";
	ask(B, "<action>hold</action><request_id>r2</request_id>");
	asked.err = 0;
	ask(B, "<action>hold</action><request_id>r2</request_id>");
	assert_int_equal(2, asked.n);
	assert_non_null(strstr(B->system, "<reason>not now</reason>"));

	/* a new one */
	ask(B, "<action>hold</action><request_id>r3</request_id>");
	assert_int_equal(3, asked.n);
	assert_non_null(strstr(B->system, "<event>done</event>"));
}


/* What takes a while is answered when it is done, and once */
static void test_later(void **state)
{
	(void)state;

	establish();
	asked.err = EINPROGRESS;
	ask(B, "<action>transfer</action><request_id>r1</request_id>");
	ask(B, "<action>transfer</action><request_id>r1</request_id>");
	assert_int_equal(1, asked.n);
	assert_int_equal(0, B->systemc);

	cube_control_done(A->c, asked.kept, "busy");
	rig_settle();
	assert_int_equal(1, B->systemc);
	assert_non_null(strstr(B->system, "<reason>busy</reason>"));

	ask(B, "<action>transfer</action><request_id>r1</request_id>");
	assert_int_equal(1, asked.n);
	assert_int_equal(2, B->systemc);
	assert_non_null(strstr(B->system, "<reason>busy</reason>"));
	mem_deref(asked.kept);
}


/* Whoever is no party learns nothing, not even that there is a call */
static void test_who(void **state)
{
	char answer[sizeof(C->system)];
	(void)state;

	establish();
	ask(C, "<action>hold</action>");
	assert_int_equal(0, asked.n);
	assert_non_null(strstr(C->system, "<reason>no such call</reason>"));
	str_ncpy(answer, strstr(C->system, "<reason>"), sizeof(answer));
	send_raw(C, "nothing-like-that", "<action>hold</action>");
	assert_string_equal(answer, strstr(C->system, "<reason>"));

	/* another device of the same user, one that has the call for its own
	   (a new resource), and one that is known to be left out of it */
	ask(B2, "<action>hold</action>");
	assert_int_equal(1, asked.n);
	call_add_stranger(A->call, B2->jid);
	ask(B2, "<action>hold</action>");
	assert_int_equal(1, asked.n);
	assert_non_null(strstr(B2->system, "<reason>no such call</reason>"));

	/* of another application */
	str_ncpy(C->jid, "102-9999@h/c", sizeof(C->jid));
	ask(C, "<action>hold</action>");
	str_ncpy(C->jid, "102-5476@elsewhere/c", sizeof(C->jid));
	ask(C, "<action>hold</action>");
	assert_int_equal(1, asked.n);
	assert_string_equal("", C->system);
}


static void test_which(void **state)
{
	(void)state;

	establish();
	send_raw(B, NULL, "<action>hold</action>");
	assert_non_null(strstr(B->system, "session_id is missing"));
	ask(B, "<action>hold</action><request_id>a b</request_id>");
	assert_non_null(strstr(B->system, "request_id: 1 to 63"));
	assert_null(strstr(B->system, "<request_id>"));

	/* it tells, and asks for nothing: never answered, or two bridges
	   would talk for ever */
	B->systemc = 0;
	ask(B, "<event>error</event><reason>x</reason>");
	ask(B, "<event>done</event><request_id>r1</request_id>");
	ask(B, "<event>error</event><action>fly</action>"
	    "<request_id>r1</request_id>");
	assert_int_equal(0, B->systemc);
	assert_int_equal(0, asked.n);
}


/* Before it is answered, and without anybody who could do it */
static void test_when(void **state)
{
	const char *idv[] = {"102"};
	(void)state;

	memset(&asked, 0, sizeof(asked));
	rig_call(idv, 1);
	cube_call_set_handlers(A->call, &control_handlers, A);
	ask(B, "<action>dtmf</action><keys>1</keys>");
	assert_int_equal(0, asked.n);
	assert_non_null(strstr(B->system, "<event>error</event>"));

	cube_call_set_handlers(A->call, &rig_h, A);
	assert_int_equal(0, cube_call_accept(B->call, &rig_audio, NULL, NULL,
					     0));
	rig_wait(&A->estabc);
	ask(B, "<action>dtmf</action><keys>1</keys>");
	assert_non_null(strstr(B->system, "<reason>not in this call"));
}


/* The answer comes even if there is no call any more */
static void test_hangup(void **state)
{
	(void)state;

	establish();
	asked.hangup = true;
	ask(B, "<action>hangup</action><request_id>r1</request_id>");
	assert_null(A->call);
	assert_int_equal(1, B->systemc);
	assert_non_null(strstr(B->system, "<event>done</event>"));
}


/* Older SDKs: an `update` of the call asks the same; what it says else is
   handed on as it was */
static void test_update(void **state)
{
	const struct cube_info infov[] = {
		{"bridge", "1"}, {"action", "dtmf"}, {"keys", "7"},
		{"request_id", "u1"},
	};
	const struct cube_info old = {"dtmf", "8"};
	(void)state;

	establish();
	assert_int_equal(0, cube_call_update(B->call, infov,
					     ARRAY_SIZE(infov)));
	rig_settle();
	assert_int_equal(1, asked.n);
	assert_string_equal("7", asked.keys);
	assert_int_equal(0, A->updatec);
	assert_non_null(strstr(B->system, "<request_id>u1</request_id>"));

	/* the same by both roads is one */
	ask(B, "<action>dtmf</action><keys>7</keys>"
	    "<request_id>u1</request_id>");
	assert_int_equal(1, asked.n);

	assert_int_equal(0, cube_call_update(B->call, &old, 1));
	rig_settle();
	assert_int_equal(1, asked.n);
	assert_int_equal(1, A->updatec);
	assert_string_equal("8", A->info);
}


static void test_tell(void **state)
{
	const struct cube_info infov[] = {{"keys", "5"}, {"left_out", NULL}};
	(void)state;

	establish();
	assert_int_equal(EINVAL, cube_call_tell(NULL, "keys", NULL, 0));
	assert_int_equal(EINVAL, cube_call_tell(A->call, NULL, NULL, 0));
	assert_int_equal(0, cube_call_tell(A->call, "keys", infov, 2));
	rig_settle();
	assert_int_equal(1, B->systemc);
	assert_int_equal(0, B2->systemc);
	assert_non_null(strstr(B->system, "<event>keys</event>"));
	assert_non_null(strstr(B->system, "<keys>5</keys>"));
	assert_null(strstr(B->system, "left_out"));
	assert_int_equal(0, asked.n);

	cube_call_hangup(A->call, NULL, 0);
	assert_int_equal(ENOTCONN, cube_call_tell(A->call, "keys", NULL, 0));
}


static int setup(void **state)
{
	return tu_setup(state) || peer_init();
}


static int teardown(void **state)
{
	peer_close();

	return tu_teardown(state);
}


int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(test_done),
		T(test_refused),
		T(test_repeated),
		T(test_later),
		T(test_who),
		T(test_which),
		T(test_when),
		T(test_hangup),
		T(test_update),
		T(test_tell),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
