/**
 * @file test_token.c  Words that tie an INVITE to a call that waits for it
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "call/token.h"


enum {
	NOW = 5000,
};

static const int ext, other;
static int call, call2;


static struct tokens *tokens_with(const char *word)
{
	struct tokens *t;

	assert_int_equal(tokens_alloc(&t), 0);
	assert_int_equal(token_add(t, word, &ext, &call, NOW), 0);

	return t;
}


/* It is good once, and known to have been */
static void test_once(void **state)
{
	struct tokens *t = tokens_with("one");
	void *what = NULL;
	(void)state;

	assert_int_equal(token_take(t, "one", &ext, &what, NOW),
			 TOKEN_WAITING);
	assert_ptr_equal(what, &call);

	what = NULL;
	assert_int_equal(token_take(t, "one", &ext, &what, NOW + 1),
			 TOKEN_USED);
	assert_null(what);

	/* what was used is not over by the end of the call */
	token_over(t, "one", NOW + 2);
	assert_int_equal(token_take(t, "one", &ext, &what, NOW + 3),
			 TOKEN_USED);
	assert_int_equal(token_take(t, "one", &ext, &what, NOW + TOKEN_KEPT),
			 TOKEN_UNKNOWN);
	assert_int_equal(tokens_count(t), 0);
	mem_deref(t);
}


/* Whoever waited does not any more */
static void test_over(void **state)
{
	struct tokens *t = tokens_with("one");
	void *what = NULL;
	(void)state;

	token_over(t, "none", NOW);
	token_over(t, "one", NOW);
	assert_int_equal(token_take(t, "one", &ext, &what, NOW + 1),
			 TOKEN_OVER);
	assert_int_equal(token_take(t, "one", &ext, &what,
				    NOW + TOKEN_KEPT - 1), TOKEN_OVER);
	assert_int_equal(token_take(t, "one", &ext, &what, NOW + TOKEN_KEPT),
			 TOKEN_UNKNOWN);
	assert_null(what);
	mem_deref(t);
}


/* One that waits is not forgotten, however long that takes */
static void test_waits(void **state)
{
	struct tokens *t = tokens_with("one");
	void *what = NULL;
	(void)state;

	assert_int_equal(token_take(t, "one", &ext, &what,
				    NOW + 100ULL * TOKEN_KEPT),
			 TOKEN_WAITING);
	mem_deref(t);
}


/* Of another extension it means nothing, and is not spent by that */
static void test_wrong(void **state)
{
	static const char *const wordv[] = {
		"", "o", "on", "onf", "one ", "ONE", "onee", "two"
	};
	struct tokens *t = tokens_with("one");
	void *what = NULL;
	size_t i;
	(void)state;

	assert_int_equal(token_take(t, "one", &other, &what, NOW),
			 TOKEN_UNKNOWN);
	for (i=0; i<ARRAY_SIZE(wordv); i++) {
		assert_int_equal(token_take(t, wordv[i], &ext, &what, NOW),
				 TOKEN_UNKNOWN);
	}
	assert_int_equal(token_take(t, NULL, &ext, &what, NOW),
			 TOKEN_UNKNOWN);
	assert_int_equal(token_take(NULL, "one", &ext, &what, NOW),
			 TOKEN_UNKNOWN);
	assert_null(what);

	assert_int_equal(token_take(t, "one", &ext, &what, NOW),
			 TOKEN_WAITING);
	mem_deref(t);
}


/* Who only looks takes nothing */
static void test_look(void **state)
{
	struct tokens *t = tokens_with("one");
	void *what = NULL;
	(void)state;

	assert_int_equal(token_look(t, "one", &other, &what, NOW),
			 TOKEN_UNKNOWN);
	assert_null(what);
	assert_int_equal(token_look(t, "one", &ext, &what, NOW),
			 TOKEN_WAITING);
	assert_non_null(what);
	assert_int_equal(token_take(t, "one", &ext, &what, NOW),
			 TOKEN_WAITING);
	what = NULL;
	assert_int_equal(token_look(t, "one", &ext, &what, NOW), TOKEN_USED);
	assert_null(what);
	assert_int_equal(token_look(t, "one", &ext, &what, NOW + TOKEN_KEPT),
			 TOKEN_UNKNOWN);
	assert_int_equal(token_look(NULL, "one", &ext, &what, NOW),
			 TOKEN_UNKNOWN);
	mem_deref(t);
}


static void test_many(void **state)
{
	struct tokens *t = tokens_with("one");
	char word[2 * TOKEN_SIZE];
	void *what = NULL;
	(void)state;

	assert_int_equal(token_add(t, "one", &ext, &call2, NOW), EALREADY);
	assert_int_equal(token_add(t, "", &ext, &call2, NOW), EINVAL);
	assert_int_equal(token_add(t, "two", &ext, NULL, NOW), EINVAL);
	memset(word, 'x', sizeof(word));
	word[TOKEN_SIZE] = '\0';
	assert_int_equal(token_add(t, word, &ext, &call2, NOW), EINVAL);
	word[TOKEN_SIZE - 1] = '\0';
	assert_int_equal(token_add(t, word, &ext, &call2, NOW), 0);

	assert_int_equal(token_take(t, word, &ext, &what, NOW),
			 TOKEN_WAITING);
	assert_ptr_equal(what, &call2);
	assert_int_equal(tokens_count(t), 2);

	/* those that are spent go, those that wait do not */
	assert_int_equal(token_add(t, "three", &ext, &call2,
				   NOW + TOKEN_KEPT), 0);
	assert_int_equal(tokens_count(t), 2);
	mem_deref(t);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_over),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
