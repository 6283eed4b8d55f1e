/**
 * @file test_hubcourier.c  Records that a web server is told, again if need be
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <re.h>
#include "connectycube_hub/hub.h"
#include "connectycube_hub/sink/sink.h"
#include "connectycube_hub/store.h"
#include "connectycube_hub/sink/deliver.h"
#include "connectycube_hub/sink/courier.h"
#include "connectycube_hub/sink/http.h"
#include "hub_rig.h"


static char told[4096];         /* ids, in order */
static const char *refuses;     /* this one */
static bool down;
static uint32_t after;          /* it wants none before that [ms] */
static const char *breaks;      /* this one is answered with 500 */


static enum hub_given give_handler(const char *id, const char *json,
				   struct hub_fault *fault, void *arg)
{
	char *reason = fault->why;
	const size_t size = sizeof(fault->why);

	(void)arg;

	assert_non_null(strstr(json, id));
	strcat(told, id);
	strcat(told, " ");

	if (breaks && !strncmp(breaks, id, strlen(breaks))) {
		str_ncpy(reason, "it answers 500", size);
		return HUB_GIVEN_DOWN;
	}

	if (!down && str_cmp(refuses, id))
		return HUB_GIVEN;

	str_ncpy(reason, down ? "down" : "refused", size);
	fault->after_ms = after;

	return down ? HUB_GIVEN_DOWN : HUB_GIVEN_REFUSED;
}


static struct hub_courier *make(void)
{
	struct hub_courier *h = NULL;

	told[0] = '\0';
	refuses = NULL;
	breaks  = NULL;
	down    = false;
	after   = 0;
	assert_int_equal(0, hub_courier_alloc(&h, "webhook", NULL,
					      give_handler, NULL, NULL));

	return h;
}


static int run_once(struct hub_courier *h, struct hub_store *s,
		    struct hub_run *run)
{
	memset(run, 0, sizeof(*run));
	run->store = s;
	told[0] = '\0';

	return hub_courier_run(h, run);
}


/* As if that much time had passed [ms] */
static void pass(struct hub_store *s, int64_t ms)
{
	char sql[128];

	(void)re_snprintf(sql, sizeof(sql), "UPDATE deliveries SET"
			  " next=next-(%lli),first=first-(%lli)",
			  (long long)ms, (long long)ms);
	assert_int_equal(0, store_exec(s, sql, why, sizeof(why)));
}


static void test_told(void **state)
{
	struct hub_store *s = rig_open();
	struct hub_courier *h = make();
	struct hub_run run;
	(void)state;

	assert_int_equal(0, run_once(h, s, &run));
	assert_string_equal(told, "");

	(void)rig_put(s, "a", 3);
	assert_int_equal(0, run_once(h, s, &run));
	assert_string_equal(told, "a0 a1 a2 ");
	assert_int_equal(3, run.done);
	assert_false(run.more);
	assert_int_equal(0, run.again_ms);

	/* not again */
	assert_int_equal(0, run_once(h, s, &run));
	assert_string_equal(told, "");

	/* many, some at a time */
	(void)rig_put(s, "b", 40);
	assert_int_equal(0, run_once(h, s, &run));
	assert_true(run.more);
	assert_int_equal(0, run_once(h, s, &run));
	assert_int_equal(8, run.done);

	mem_deref(h);
	mem_deref(s);
}


/* What is left of records that went while nobody handed them on is forgotten,
   and tried neither now nor again and again */
static void test_gone(void **state)
{
	struct hub_store *s = rig_open();
	struct hub_courier *h = make();
	struct hub_run run;
	(void)state;

	(void)rig_put(s, "a", 1);
	assert_int_equal(0, store_exec(s, "INSERT INTO deliveries VALUES"
		"('webhook',7,1,0,0,0,'refused'),('other',7,1,0,0,0,'x')",
		why, sizeof(why)));
	assert_int_equal(0, run_once(h, s, &run));
	assert_string_equal(told, "a0 ");
	assert_int_equal(0, run.again_ms);
	assert_int_equal(0, run.kept);

	mem_deref(h);
	mem_deref(s);
}


/* One that it does not want holds up no other */
static void test_refused(void **state)
{
	struct hub_store *s = rig_open();
	struct hub_courier *h = make();
	struct hub_run run;
	unsigned i;
	(void)state;

	(void)rig_put(s, "a", 3);
	refuses = "a1";
	assert_int_equal(0, run_once(h, s, &run));
	assert_string_equal(told, "a0 a1 a2 ");
	assert_int_equal(2, run.done);
	assert_int_equal(1, run.kept);
	assert_in_range(run.again_ms, 1, 1000);

	/* ever more seldom */
	pass(s, 1000);
	assert_int_equal(0, run_once(h, s, &run));
	assert_string_equal(told, "a1 ");
	assert_in_range(run.again_ms, 1001, 2000);
	for (i=0; i<12; i++) {
		pass(s, 600000);
		assert_int_equal(0, run_once(h, s, &run));
		assert_string_equal(told, "a1 ");
	}
	assert_in_range(run.again_ms, 590000, 600000);

	/* then it does */
	refuses = NULL;
	pass(s, 600000);
	assert_int_equal(0, run_once(h, s, &run));
	assert_string_equal(told, "a1 ");
	assert_int_equal(0, run.kept);
	assert_int_equal(0, run.again_ms);

	mem_deref(h);
	mem_deref(s);
}


static void test_dead(void **state)
{
	struct hub_store *s = rig_open();
	struct hub_courier *h = make();
	struct hub_run run;
	(void)state;

	(void)rig_put(s, "a", 1);
	refuses = "a0";
	assert_int_equal(0, run_once(h, s, &run));
	pass(s, 72 * 3600 * 1000ll - 60000);
	assert_int_equal(0, run_once(h, s, &run));
	assert_int_equal(0, run.dead);
	pass(s, 120000);
	assert_int_equal(0, run_once(h, s, &run));
	assert_string_equal(told, "a0 ");
	assert_int_equal(1, run.dead);
	assert_int_equal(0, run.kept);
	assert_int_equal(0, run.again_ms);

	pass(s, 86400000);
	assert_int_equal(0, run_once(h, s, &run));
	assert_string_equal(told, "");

	/* somebody has mended it: /hub_retry; others' are theirs */
	refuses = NULL;
	assert_int_equal(0, hub_deliver_retry(s, "other", why,
					      sizeof(why)));
	assert_int_equal(0, run_once(h, s, &run));
	assert_string_equal(told, "");
	assert_int_equal(0, hub_deliver_retry(s, "webhook", why,
					      sizeof(why)));
	assert_int_equal(0, run_once(h, s, &run));
	assert_string_equal(told, "a0 ");
	assert_int_equal(0, run.dead);

	mem_deref(h);
	mem_deref(s);
}


/* Started anew, its clock goes on where it was */
static void test_clock(void **state)
{
	struct hub_store *s = rig_open();
	struct hub_courier *h = make();
	struct hub_run run;
	(void)state;

	refuses = "a0";
	(void)rig_put(s, "a", 1);
	assert_int_equal(0, store_exec(s, "INSERT INTO clocks VALUES"
				       "('webhook',90000000,0)", why,
				       sizeof(why)));
	assert_int_equal(0, run_once(h, s, &run));
	assert_string_equal(told, "a0 ");
	assert_in_range(run.again_ms, 1, 1000);

	mem_deref(h);
	h = make();
	refuses = "a0";
	assert_int_equal(0, run_once(h, s, &run));
	assert_string_equal(told, "");
	assert_in_range(run.again_ms, 1, 1000);

	/* and what it is tried for, too */
	pass(s, 72 * 3600000);
	assert_int_equal(0, run_once(h, s, &run));
	assert_string_equal(told, "a0 ");
	assert_int_equal(1, run.dead);

	mem_deref(h);
	mem_deref(s);
}


/* It is tried with one, and what has come meanwhile is told when it is back */
static void test_down(void **state)
{
	struct hub_store *s = rig_open();
	struct hub_courier *h = make();
	struct hub_run run;
	(void)state;

	(void)rig_put(s, "a", 5);
	down = true;
	assert_int_equal(ECONNREFUSED, run_once(h, s, &run));
	assert_string_equal(told, "a0 ");
	assert_string_equal(run.why, "down");
	assert_int_equal(600000, run.retry_most);
	assert_int_equal(1, run.kept);

	assert_int_equal(ECONNREFUSED, run_once(h, s, &run));
	assert_string_equal(told, "a1 ");

	down = false;
	pass(s, 10000);
	assert_int_equal(0, run_once(h, s, &run));
	assert_string_equal(told, "a0 a1 a2 a3 a4 ");
	assert_int_equal(5, run.done);

	mem_deref(h);
	mem_deref(s);
}


/* Records that it cannot take are no reason to tell it no others */
static void test_breaks(void **state)
{
	struct hub_store *s = rig_open();
	struct hub_courier *h = make();
	struct hub_run run;
	unsigned i;
	(void)state;

	breaks = "a";
	(void)rig_put(s, "a", 2);
	for (i=0; i<2; i++)
		assert_int_equal(ECONNREFUSED, run_once(h, s, &run));
	(void)rig_put(s, "b", 3);
	pass(s, 10000);
	assert_int_equal(0, run_once(h, s, &run));
	assert_string_equal(told, "a0 b0 a1 b1 b2 ");
	assert_int_equal(3, run.done);
	assert_int_equal(2, run.kept);
	assert_string_equal(run.why, "");

	/* nobody tells that it is not down */
	pass(s, 10000);
	assert_int_equal(ECONNREFUSED, run_once(h, s, &run));
	assert_string_equal(told, "a0 ");
	assert_string_equal(run.why, "it answers 500");

	/* and it is */
	(void)rig_put(s, "c", 2);
	pass(s, 20000);
	breaks = NULL;
	down = true;
	assert_int_equal(ECONNREFUSED, run_once(h, s, &run));
	assert_string_equal(told, "a1 c0 ");

	mem_deref(h);
	mem_deref(s);
}


static void test_sign(void **state)
{
	char sig[HUB_SIGNATURE];
	(void)state;

	/* RFC 4231, test case 2 */
	assert_int_equal(0, hub_sign(sig, "Jefe",
				     "what do ya want for nothing?", 28));
	assert_string_equal(sig, "sha256=5bdcc146bf60754e6a042426089575c7"
			    "5a003f089d2739839dec58b964ec3843");
}


/* It says when it wants to be asked again: not before, and within ten minutes */
static void test_after(void **state)
{
	struct hub_store *s = rig_open();
	struct hub_courier *h = make();
	struct hub_run run;
	(void)state;

	(void)rig_put(s, "a", 2);
	down  = true;
	after = 90000;
	assert_int_equal(ECONNREFUSED, run_once(h, s, &run));
	assert_int_equal(90000, run.after_ms);
	assert_in_range(run.again_ms, 80000, 90000);

	after = 3600000;
	assert_int_equal(ECONNREFUSED, run_once(h, s, &run));
	assert_string_equal(told, "a1 ");
	assert_int_equal(600000, run.after_ms);

	/* that was of before */
	down = false;
	(void)rig_put(s, "b", 1);
	assert_int_equal(0, run_once(h, s, &run));
	assert_string_equal(told, "b0 ");
	assert_int_equal(0, run.after_ms);

	mem_deref(h);
	mem_deref(s);
}


/* What may be secret in a URL is not shown */
static void test_shown(void **state)
{
	static const char *const urlv[][2] = {
		{"https://u:p4ss@crm.example.com:8443/hook/T0K3N?key=s3cret#f",
		 "https://crm.example.com:8443/..."},
		{"https://t0ken@crm.example.com/", "https://crm.example.com/"},
		{"https://crm.example.com?t=s3cret",
		 "https://crm.example.com/..."},
		{"http://[::1]:8080/", "http://[::1]:8080/"},
		{"https://crm.example.com/s3cret",
		 "https://crm.example.com/..."},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(urlv); i++) {

		char *shown = NULL;

		assert_int_equal(0, hub_http_where(&shown, urlv[i][0]));
		assert_string_equal(urlv[i][1], shown);
		mem_deref(shown);
	}
}


static void test_url(void **state)
{
	static const struct {
		const char *url;
		bool plain;
		int err;
	} testv[] = {
		{"https://crm.example.com/calls",   false, 0},
		{"http://crm.example.com/calls",    false, EPROTO},
		{"http://crm.example.com/calls",    true,  0},
		{"http://localhost:8080/",          false, 0},
		{"http://127.0.0.1:8080/",          false, 0},
		{"http://[::1]:8080/",              false, 0},
		{"http://127.0.0.1.example.com/",   false, EPROTO},
		{"ftp://crm.example.com/",          true,  EPROTO},
		{"file:///etc/passwd",              true,  EINVAL},
		{"crm.example.com",                 false, EINVAL},
		{"",                                false, EINVAL},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(testv); i++) {

		struct hub_webhook *p = NULL;
		const int err = hub_webhook_alloc(&p, testv[i].url, "record",
						  NULL, NULL, testv[i].plain,
						  why, sizeof(why));

		if (err != testv[i].err)
			fail_msg("%s: %d", testv[i].url, err);
		mem_deref(p);
	}
}


int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(test_told),
		T(test_gone),
		T(test_refused),
		T(test_dead),
		T(test_clock),
		T(test_down),
		T(test_breaks),
		T(test_sign),
		T(test_after),
		T(test_shown),
		T(test_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
