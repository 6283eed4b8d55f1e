/**
 * @file test_cube_presence.c  What apps see of our user, and who may
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/xml.h"
#include "cube/signal.h"
#include "cube/activity.h"
#include "cube/core.h"


static struct cube *c;
static char sent[1024];
static unsigned sentc;
static unsigned toldc;


static int send_handler(const char *buf, size_t len, void *arg)
{
	(void)arg;

	assert_true(len < sizeof(sent));
	memcpy(sent, buf, len);
	sent[len] = '\0';
	++sentc;

	return 0;
}


static bool contact_handler(const char *user, void *arg)
{
	assert_ptr_equal(&c, arg);

	return 0 == strcmp(user, "101");
}


static void attend_handler(void *arg)
{
	assert_ptr_equal(&c, arg);
	++toldc;
}


static int setup(void **state)
{
	const struct cube_config cfg = {
		.api_url = "https://api.h", .chat_url = "wss://h:1/",
		.app_id = "5476", .auth_key = "k", .login = "l",
		.password = "p",
	};
	(void)state;

	sentc = 0;
	toldc = 0;
	assert_int_equal(0, cube_alloc(&c, &cfg, NULL, NULL, &c));
	cube_set_test_link(c, "200", send_handler, NULL);

	return 0;
}


static int teardown(void **state)
{
	(void)state;

	c = mem_deref(c);

	return 0;
}


static void inject(const char *text)
{
	struct xml *el;

	assert_int_equal(0, xml_decode(&el, text, strlen(text)));
	cube_recv_presence(c, el);
	mem_deref(el);
}


static void test_show(void **state)
{
	(void)state;

	/* as it is seen anyway */
	cube_set_presence(c, NULL, NULL);
	assert_int_equal(0, sentc);

	cube_set_presence(c, "dnd", "On the <phone>");
	assert_int_equal(1, sentc);
	assert_string_equal("<presence xmlns=\"jabber:client\">"
			    "<show>dnd</show><status>On the &lt;phone&gt;"
			    "</status></presence>", sent);

	cube_set_presence(c, "dnd", "On the <phone>");
	assert_int_equal(1, sentc);

	/* a link is made anew */
	cube_presence_online(c);
	assert_int_equal(2, sentc);

	cube_set_presence(c, NULL, NULL);
	assert_int_equal(3, sentc);
	assert_string_equal("<presence xmlns=\"jabber:client\"></presence>",
			    sent);
	cube_presence_online(c);
	assert_int_equal(3, sentc);
}


#define SUBSCRIBE(from, type) "<presence xmlns='jabber:client' from='" from \
	"' type='" type "'/>"


static void test_contact(void **state)
{
	(void)state;

	/* by configuration only */
	inject(SUBSCRIBE("101-5476@h", "subscribe"));
	assert_int_equal(0, sentc);

	cube_set_contact_handler(c, contact_handler);
	inject(SUBSCRIBE("101-5476@h", "subscribe"));
	assert_int_equal(1, sentc);
	assert_string_equal("<presence xmlns=\"jabber:client\""
			    " to=\"101-5476@h\" type=\"subscribed\"/>", sent);

	/* who may not, another application, another server, nobody at all */
	inject(SUBSCRIBE("102-5476@h", "subscribe"));
	inject(SUBSCRIBE("101-5477@h", "subscribe"));
	inject(SUBSCRIBE("101-5476@elsewhere", "subscribe"));
	inject(SUBSCRIBE("h", "subscribe"));
	inject("<presence xmlns='jabber:client' type='subscribe'/>");

	/* what asks for nothing */
	inject(SUBSCRIBE("101-5476@h", "unavailable"));
	inject("<presence xmlns='jabber:client' from='101-5476@h'/>");
	inject("<message xmlns='jabber:client' from='101-5476@h'"
	       " type='subscribe'/>");
	assert_int_equal(1, sentc);
}


#define LAST(user, seconds) "<iq xmlns='jabber:client' type='result' from='" \
	user "-5476@h' id='1'><query xmlns='jabber:iq:last' seconds='" seconds \
	"'/></iq>"
#define NO_LAST(user) "<iq xmlns='jabber:client' type='error' from='" user \
	"-5476@h' id='1'><query xmlns='jabber:iq:last'/></iq>"


static void activity(const char *text)
{
	struct xml *el;

	assert_int_equal(0, xml_decode(&el, text, strlen(text)));
	cube_recv_activity(c, el);
	mem_deref(el);
}


static void test_attend(void **state)
{
	const char *bothv[] = {"101", "102"};
	(void)state;

	cube_set_attend_handler(c, attend_handler);

	/* asked for each: to be told, and how it is now */
	cube_attend(c, bothv, 2);
	assert_int_equal(4, sentc);
	cube_attend(c, bothv, 2);
	assert_int_equal(4, sentc);
	assert_true(cube_is_there(c, "101"));

	activity(LAST("101", "0"));
	activity(LAST("103", "7"));
	assert_int_equal(0, toldc);
	activity(LAST("101", "7"));
	activity(LAST("101", "8"));
	assert_int_equal(1, toldc);
	assert_false(cube_is_there(c, "101"));
	assert_true(cube_is_there(c, "102"));
	activity(LAST("101", "0"));
	assert_int_equal(2, toldc);
	assert_true(cube_is_there(c, "101"));

	/* one of its devices goes: are there others? */
	activity("<presence xmlns='jabber:client' type='unavailable'"
		 " from='101-5476@h/b'/>");
	assert_int_equal(5, sentc);
	assert_true(cube_is_there(c, "101"));

	/* a server that does not say */
	activity(LAST("102", "9"));
	activity(NO_LAST("102"));
	assert_true(cube_is_there(c, "102"));

	/* no more of one, and all anew after a new link */
	activity(LAST("102", "9"));
	cube_attend(c, bothv, 1);
	assert_int_equal(6, sentc);
	assert_true(cube_is_there(c, "102"));
	cube_attend_online(c);
	assert_int_equal(8, sentc);
}


/* A call that rings a user wants to know as well */
static void test_attend_call(void **state)
{
	const char *idv[] = {"101"};
	struct cube_call *call;
	(void)state;

	assert_int_equal(0, call_alloc(&call, c, "s", "200",
				       CUBE_CALL_AUDIO));
	assert_int_equal(0, str_dup(&call->targetv[0].id, "101"));
	call->targetc = 1;
	call->targetv[0].streamed = true;

	cube_attend(c, idv, 1);
	assert_int_equal(2, sentc);
	cube_attend(c, idv, 0);
	assert_int_equal(2, sentc);

	call->targetv[0].streamed = false;
	cube_attend(c, idv, 1);
	cube_attend(c, idv, 0);
	assert_int_equal(5, sentc);

	mem_deref(call);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_show, setup, teardown),
		cmocka_unit_test_setup_teardown(test_contact, setup, teardown),
		cmocka_unit_test_setup_teardown(test_attend, setup, teardown),
		cmocka_unit_test_setup_teardown(test_attend_call, setup,
						teardown),
	};
	int err;

	err = libre_init();
	if (err)
		return 1;

	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
