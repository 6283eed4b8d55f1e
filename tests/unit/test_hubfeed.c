/**
 * @file test_hubfeed.c  What bridges tell reaches whoever listens
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "connectycube_hub/feed.h"


enum { LISTENERS = 3 };

static struct hub_feed *feedv[LISTENERS];
static char heard[256];
static int ends = -1;           /* whom the first one ends */
static bool echoes;             /* the first one tells something itself */


static void note(char who, const struct hub_tell *t)
{
	const size_t n = strlen(heard);

	(void)re_snprintf(heard + n, sizeof(heard) - n, "%c%u%s ", who,
			  t->what, t->extension ? t->extension : "");
}


static void first_handler(const struct hub_tell *t, void *arg)
{
	const struct hub_tell inner = {.what = HUB_TOLD_WENT, .bridge = "b"};

	note(*(char *)arg, t);

	if (echoes && t->what == HUB_TOLD_CAME)
		hub_feed_tell(&inner);
	if (ends >= 0 && t->what != HUB_TOLD_CAME)
		feedv[ends] = mem_deref(feedv[ends]);
}


static void other_handler(const struct hub_tell *t, void *arg)
{
	note(*(char *)arg, t);
}


static int setup(void **state)
{
	static char name[] = "abc";
	int i, err = 0;
	(void)state;

	heard[0] = '\0';
	ends   = -1;
	echoes = false;

	for (i=0; i<LISTENERS; i++)
		err |= hub_feed_listen(&feedv[i], i == 2 ? HUB_TOLD_EVENT |
				       HUB_TOLD_WENT : HUB_TOLD_ALL,
				       i ? other_handler : first_handler,
				       &name[i]);

	return err;
}


static int teardown(void **state)
{
	int i;
	(void)state;

	for (i=0; i<LISTENERS; i++)
		feedv[i] = mem_deref(feedv[i]);

	return hub_feed_wanted(HUB_TOLD_ALL);
}


static void tell(enum hub_told what, const char *ext)
{
	const struct hub_tell t = {
		.what = what, .bridge = "b", .extension = ext,
	};

	hub_feed_tell(&t);
}


static void test_mask(void **state)
{
	(void)state;

	tell(HUB_TOLD_CAME, NULL);
	tell(HUB_TOLD_EVENT, "x");
	assert_string_equal("a1 b1 a4x b4x c4x ", heard);
	feedv[0] = mem_deref(feedv[0]);
	feedv[1] = mem_deref(feedv[1]);
	assert_false(hub_feed_wanted(HUB_TOLD_STATS));
	assert_true(hub_feed_wanted(HUB_TOLD_EVENT));
}


/* Whoever ends another one, or itself, while something is told */
static void test_ends(void **state)
{
	int i;

	for (i=0; i<LISTENERS; i++) {
		if (i)
			assert_int_equal(0, setup(state));
		ends = i;
		tell(HUB_TOLD_EVENT, NULL);
		tell(HUB_TOLD_EVENT, NULL);
		assert_string_equal(i == 0 ? "a4 b4 c4 b4 c4 " :
				    i == 1 ? "a4 c4 a4 c4 " :
				    "a4 b4 a4 b4 ", heard);
		assert_int_equal(0, teardown(state));
	}
}


/* ... also within what is told: the outer one goes on behind it */
static void test_within(void **state)
{
	(void)state;

	echoes = true;
	ends   = 1;
	tell(HUB_TOLD_CAME, NULL);
	assert_string_equal("a1 a2 c2 ", heard);
}


static void test_wrong(void **state)
{
	struct hub_feed *f = NULL;
	(void)state;

	assert_int_equal(EINVAL, hub_feed_listen(NULL, 1, other_handler,
						 NULL));
	assert_int_equal(EINVAL, hub_feed_listen(&f, 0, other_handler, NULL));
	assert_int_equal(EINVAL, hub_feed_listen(&f, 1, NULL, NULL));
	hub_feed_tell(NULL);
	assert_string_equal("", heard);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_mask, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_within, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
