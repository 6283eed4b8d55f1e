/**
 * @file test_webring.c  The hub's HTTP: the last events, who goes on where
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include "connectycube_hub/web/route.h"
#include "connectycube_hub/web/ring.h"


static bool after(const struct ring *r, const char *id, uint64_t num,
		  int64_t missed)
{
	uint64_t n;
	int64_t lost;
	const bool gap = ring_after(r, id, &n, &lost);

	assert_int_equal(num, n);
	assert_int_equal(missed, lost);

	return gap;
}


static void test_ring(void **state)
{
	struct ring r = {.epoch = 0xabc};
	const struct ring_event *ev;
	unsigned i;
	(void)state;

	/* nothing has been yet */
	assert_false(after(&r, NULL, 0, 0));
	assert_false(after(&r, "abc-0", 0, 0));
	assert_true(after(&r, "abc-1", 0, -1));

	ev = ring_put(&r, "call", "sip:a@b", "{\"x\":1}");
	assert_string_equal("id: abc-1\nevent: call\ndata: {\"x\":1}\n\n",
			    ev->text);
	assert_true(ring_wanted(ev, "", ""));
	assert_true(ring_wanted(ev, "alarm,call", "sip:a@b"));
	assert_false(ring_wanted(ev, "alarm,cal", ""));
	assert_false(ring_wanted(ev, "call", "sip:a@bc"));

	for (i=0; i<4; i++)
		assert_non_null(ring_put(&r, "alarm", "", "{}"));

	assert_false(after(&r, NULL, 5, 0));
	assert_false(after(&r, "abc-0", 0, 0));
	assert_false(after(&r, "abc-3", 3, 0));
	assert_false(after(&r, "abc-5", 5, 0));

	/* of another run, of later, and none at all */
	assert_true(after(&r, "abd-3", 5, -1));
	assert_true(after(&r, "abc-6", 5, -1));
	assert_true(after(&r, "abc", 5, -1));
	assert_true(after(&r, "", 5, -1));
	assert_true(after(&r, "ABC-3", 5, -1));
	assert_true(after(&r, "abc-3x", 5, -1));
	assert_true(after(&r, "abc--3", 5, -1));
	assert_true(after(&r, "abc-99999999999999999999", 5, -1));

	/* while nobody was there */
	ring_skip(&r);
	r.last += 10;
	assert_true(after(&r, "abc-3", 15, 12));
	assert_false(after(&r, "abc-15", 15, 0));
	assert_non_null(ring_put(&r, "call", "", "{}"));
	assert_true(after(&r, "abc-14", 15, 1));
	assert_false(after(&r, "abc-15", 15, 0));
	ring_skip(&r);
}


static void test_bounds(void **state)
{
	struct ring r = {.epoch = 1};
	char *text = malloc(RING_BYTES + 1);
	unsigned i;
	(void)state;

	for (i=0; i<RING_EVENTS + 10; i++)
		assert_non_null(ring_put(&r, "call", "", "{}"));
	assert_int_equal(RING_EVENTS, list_count(&r.eventl));
	assert_true(after(&r, "1-2", 10, 8));

	memset(text, 'x', RING_BYTES);
	text[RING_BYTES / 3] = '\0';
	for (i=0; i<5; i++)
		assert_non_null(ring_put(&r, "call", "", text));
	assert_int_equal(2, list_count(&r.eventl));
	assert_true(r.bytes <= RING_BYTES);

	/* one that is too large takes the place of all */
	memset(text, 'x', RING_BYTES);
	text[RING_BYTES] = '\0';
	assert_non_null(ring_put(&r, "call", "", text));
	assert_int_equal(1, list_count(&r.eventl));
	ring_skip(&r);
	assert_int_equal(0, r.bytes);
	free(text);
}


static size_t ready(const char *sip, const char *cloud, const char *more,
		    size_t *all)
{
	char text[512];
	json_t *j;
	size_t n;

	(void)re_snprintf(text, sizeof(text), "{\"extensions\":[{\"sip\":%s,"
			  "\"cloud\":%s,%s}]}", sip, cloud, more);
	j = json_loads(text, 0, NULL);
	assert_non_null(j);
	n = web_ready(j, all);
	json_decref(j);

	return n;
}


#define UP "{\"registered\":true,\"registers\":true}"
#define DOWN "{\"registered\":false,\"registers\":true}"
#define NEVER "{\"registered\":false,\"registers\":false}"
#define ON "{\"online\":true}"
#define OFF "{\"online\":false}"
#define HERE "\"bridge\":{\"here\":true},\"draining\":false"

static void test_ready(void **state)
{
	size_t all;
	(void)state;

	assert_int_equal(1, ready(UP, ON, HERE, &all));
	assert_int_equal(1, all);
	assert_int_equal(1, ready(NEVER, ON, HERE, &all));
	assert_int_equal(0, ready(DOWN, ON, HERE, &all));
	assert_int_equal(1, all);
	assert_int_equal(0, ready(UP, OFF, HERE, &all));
	assert_int_equal(0, ready(UP, ON, "\"bridge\":{\"here\":false},"
				  "\"draining\":false", &all));
	assert_int_equal(0, ready(UP, ON, "\"bridge\":{\"here\":true},"
				  "\"draining\":true", &all));
	assert_int_equal(0, web_ready(NULL, &all));
	assert_int_equal(0, all);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_ready),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
