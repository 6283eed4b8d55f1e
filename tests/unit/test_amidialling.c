/**
 * @file test_amidialling.c  Calls that apps have begun at an Asterisk, watched
 */
#include "testutil.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/control.h"
#include "call/event.h"
#include "observe.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/client.h"
#include "connectycube_ami/order.h"
#include "connectycube_ami/rights.h"
#include "connectycube_ami/wish.h"
#include "connectycube_ami/dialling.h"

#define AOR "sip:1000@pbx"


/** What was sent, and what was told */
static struct {
	char id[64];            /* of the channel that is to come        */
	ami_reply_h *h;
	void *arg;
	char told[256];         /* states, and reasons                   */
} seen;


/* Instead of order.c */
int ami_originate(struct ami_client *c, const struct ami_originate *o,
		  ami_reply_h *h, void *arg)
{
	(void)c;

	str_ncpy(seen.id, o->id, sizeof(seen.id));
	seen.h   = h;
	seen.arg = arg;

	return 0;
}


static int tell_user(const char *ext, const char *user, const char *event,
		     const struct cube_info *infov, size_t infoc)
{
	size_t i;

	assert_string_equal(AOR, ext);
	assert_string_equal("101", user);
	assert_string_equal("ami_call", event);

	for (i=0; i<infoc; i++) {

		const size_t n = strlen(seen.told);

		if (infov[i].value && (!strcmp(infov[i].name, "state") ||
				       !strcmp(infov[i].name, "reason")))
			(void)re_snprintf(seen.told + n,
					  sizeof(seen.told) - n, "%s;",
					  infov[i].value);
	}

	return 0;
}


static const struct observe observe = {.tell_user = tell_user};


static int begin(const char **reasonp)
{
	static const struct ami_extension ext = {
		.aor = AOR, .user = "1000", .answer = "PJSIP/1000@trunk",
		.right = AMI_RIGHT_CONTROL,
	};
	static const struct ami_wish wish = {
		.kind = AMI_WISH_ORIGINATE, .number = "5551234",
		.context = "from-internal",
	};
	const struct control ctl = {.request = "r1"};
	const struct steer_ask ask = {
		.ext = AOR, .user = "101", .ctl = &ctl,
	};

	seen.told[0] = '\0';

	return dialling_begin(&ext, &ask, &wish, reasonp);
}


static void reply(const char *text)
{
	struct ami_message msg;
	char buf[256];

	str_ncpy(buf, text, sizeof(buf));
	ami_message_decode(&msg, buf, strlen(buf));
	seen.h(strstr(buf, "Failure") ? EREMOTEIO : 0, &msg, "", seen.arg);
}


static void change(enum ami_change change, uint32_t cause)
{
	struct ami_channel chan = {.name = "PJSIP/trunk-00000001",
		.cause = cause};

	str_ncpy(chan.id, seen.id, sizeof(chan.id));
	dialling_changed(&chan, change);
}


static void assert_told(const char *told)
{
	assert_string_equal(told, seen.told);
	seen.told[0] = '\0';
}


static void test_states(void **state)
{
	const char *reason = NULL;
	(void)state;

	dialling_start(&observe, NULL);

	assert_int_equal(0, begin(&reason));
	change(AMI_CREATED, 0);
	change(AMI_RANG, 0);
	change(AMI_ANSWERED, 0);
	reply("Event: OriginateResponse\r\nResponse: Success\r\n");
	change(AMI_BRIDGED, 0);
	change(AMI_BRIDGED, 0);
	change(AMI_HUNG_UP, 16);
	assert_told("ringing;answered;bridged;ended;normal clearing;");
	change(AMI_RANG, 0);
	assert_told("");

	/* why its channel hung up says more */
	assert_int_equal(0, begin(&reason));
	change(AMI_CREATED, 0);
	reply("Event: OriginateResponse\r\nResponse: Failure\r\n"
	      "Reason: 0\r\n");
	assert_told("");
	change(AMI_HUNG_UP, 17);
	assert_told("failed;busy;");

	/* what was ordered may have been done */
	assert_int_equal(0, begin(&reason));
	change(AMI_RANG, 0);
	seen.h(ETIMEDOUT, NULL, "it may have been done", seen.arg);
	assert_told("ringing;failed;it may have been done;");

	dialling_stop();
}


/* By the hub's link nobody tells of a trunk's channel: calls that have been
   answered are watched no more, and others can be begun */
static void test_unseen(void **state)
{
	const char *reason = NULL;
	unsigned i;
	(void)state;

	dialling_start(&observe, NULL);

	for (i=0; i<2000; i++) {
		assert_int_equal(0, begin(&reason));
		reply("Event: OriginateResponse\r\nResponse: Success\r\n");
		assert_told("answered;");
	}

	for (i=0; i<AMI_WISH_PENDING; i++)
		assert_int_equal(0, begin(&reason));
	assert_int_equal(EBUSY, begin(&reason));
	assert_string_equal("too many calls are being begun", reason);

	dialling_stop();
}


/* An office talks: one more may call */
static void test_many(void **state)
{
	const char *reason = NULL;
	unsigned i;
	(void)state;

	dialling_start(&observe, NULL);

	for (i=0; i<200; i++) {
		assert_int_equal(0, begin(&reason));
		change(AMI_ANSWERED, 0);
	}

	dialling_stop();
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_unseen),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(testv, NULL, NULL);
}
