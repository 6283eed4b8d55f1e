/**
 * @file test_textmem.c  Texts that have come, so that none comes twice
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <re.h>
#include "sip/pure/textmem.h"

static const int sales, noisy;
static const struct pl tag = PL("a"), none = PL("");


static struct textmem_text *find(const struct textmem *m, const void *owner,
				 const char *callid, uint64_t now)
{
	struct pl pl;

	pl_set_str(&pl, callid);
	return textmem_find(m, owner, &pl, &tag, 1, now);
}


static int add(struct textmem *m, const void *owner, const char *callid,
	       uint16_t scode, uint64_t now)
{
	struct textmem_text *t;
	struct pl pl;
	int err;

	pl_set_str(&pl, callid);
	err = textmem_add(&t, m, owner, &pl, &tag, 1, now);
	if (!err && scode)
		textmem_answered(t, scode, now);

	return err;
}


static void test_known(void **state)
{
	const struct pl x = PL("x"), b = PL("b");
	struct textmem *m;
	(void)state;

	assert_int_equal(textmem_alloc(&m), 0);
	assert_null(find(m, &sales, "x", 0));
	assert_int_equal(add(m, &sales, "x", 0, 0), 0);

	/* not answered: as long as it takes */
	assert_int_equal(textmem_scode(find(m, &sales, "x", 1000000)), 0);
	textmem_answered(find(m, &sales, "x", 1000000), 200, 1000000);
	assert_int_equal(textmem_scode(find(m, &sales, "x", 1000001)), 200);
	assert_non_null(find(m, &sales, "x", 1000000 + TEXTMEM_TIME - 1));
	assert_null(find(m, &sales, "x", 1000000 + TEXTMEM_TIME));

	/* another one */
	assert_null(find(m, &sales, "y", 1000001));
	assert_null(textmem_find(m, &sales, &x, &b, 1, 1000001));
	assert_null(textmem_find(m, &sales, &x, &none, 1, 1000001));
	assert_null(textmem_find(m, &sales, &x, &tag, 2, 1000001));

	/* a proxy sends one text to both extensions: each has its own */
	assert_null(find(m, &noisy, "x", 1000001));

	mem_deref(m);
}


static void test_noise(void **state)
{
	struct textmem *m;
	char id[16];
	unsigned i;
	(void)state;

	assert_int_equal(textmem_alloc(&m), 0);
	assert_int_equal(add(m, &sales, "mine", 200, 0), 0);
	assert_int_equal(add(m, &noisy, "first", 0, 0), 0);

	for (i=0; i<10*TEXTMEM_MAX; i++) {
		(void)re_snprintf(id, sizeof(id), "%u", i);
		assert_int_equal(add(m, &noisy, id, 200, 1), 0);
	}

	/* the noisy one has forgotten its own alone, and what waits never */
	assert_non_null(find(m, &sales, "mine", 1));
	assert_non_null(find(m, &noisy, "first", 1));
	assert_null(find(m, &noisy, "0", 1));
	assert_non_null(find(m, &noisy, id, 1));

	mem_deref(m);
}


static void test_all_wait(void **state)
{
	struct textmem *m;
	char id[16];
	unsigned i;
	(void)state;

	assert_int_equal(textmem_alloc(&m), 0);
	for (i=0; i<TEXTMEM_MAX; i++) {
		(void)re_snprintf(id, sizeof(id), "%u", i);
		assert_int_equal(add(m, &noisy, id, 0, 0), 0);
	}

	assert_int_equal(add(m, &noisy, "more", 0, 0), ENOSPC);
	assert_int_equal(add(m, &sales, "mine", 0, 0), 0);

	/* one is answered, and goes for the next */
	textmem_answered(find(m, &noisy, "7", 0), 503, 0);
	assert_int_equal(add(m, &noisy, "more", 0, 0), 0);
	assert_null(find(m, &noisy, "7", 0));

	mem_deref(m);
}


static void test_arguments(void **state)
{
	struct textmem_text *t;
	struct textmem *m;
	(void)state;

	assert_int_equal(textmem_alloc(NULL), EINVAL);
	assert_int_equal(textmem_alloc(&m), 0);
	assert_int_equal(textmem_add(&t, NULL, m, &tag, &tag, 1, 0), EINVAL);
	assert_int_equal(textmem_add(&t, m, m, NULL, &tag, 1, 0), EINVAL);
	assert_int_equal(textmem_add(NULL, m, m, &tag, &tag, 1, 0), EINVAL);
	assert_null(textmem_find(NULL, m, &tag, &tag, 1, 0));
	textmem_answered(NULL, 200, 0);
	assert_int_equal(textmem_scode(NULL), 0);
	mem_deref(m);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_all_wait),
		cmocka_unit_test(test_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
