/**
 * @file test_branches.c  Who is heard of those that one INVITE rings
 */
#include "testutil.h"
#include <re.h>
#include "sip/pure/branches.h"


static struct branches *b;
static struct branch_verdict v;


static int setup(void **state)
{
	(void)state;

	return branches_alloc(&b);
}


static int teardown(void **state)
{
	(void)state;

	b = mem_deref(b);

	return 0;
}


static void set(struct pl *pl, const char *str)
{
	*pl = pl_null;
	if (str)
		pl_set_str(pl, str);
}


static enum branch_does progress(uint16_t scode, const char *tag,
				 const char *sdp)
{
	struct pl t, s;

	set(&t, tag);
	set(&s, sdp);
	branches_progress(b, &v, scode, &t, &s);

	return v.does;
}


static enum branch_does answer(const char *tag, const char *sdp)
{
	struct pl t, s;

	set(&t, tag);
	set(&s, sdp);
	branches_answer(b, &v, &t, &s);

	return v.does;
}


static void assert_sdp(const char *sdp)
{
	assert_int_equal(0, pl_strcmp(&v.sdp, sdp));
}


static void test_one(void **state)
{
	(void)state;

	assert_int_equal(progress(180, "a", NULL), BRANCH_PASSES);
	assert_int_equal(progress(183, "a", "A"), BRANCH_PASSES);
	assert_false(v.other);

	/* sent again, and ringing behind it: nothing changes */
	assert_int_equal(progress(183, "a", "A"), BRANCH_IGNORED);
	assert_int_equal(progress(180, "a", NULL), BRANCH_PASSES);

	/* it moves on to its announcement */
	assert_int_equal(progress(183, "a", "A2"), BRANCH_PASSES);
	assert_false(v.other);

	assert_int_equal(answer("a", "A3"), BRANCH_PASSES);
	assert_false(v.other);
}


static void test_answer_without_sdp(void **state)
{
	(void)state;

	(void)progress(183, "a", "A");
	(void)progress(183, "b", "B");

	/* not what was heard last, but what this one has said */
	assert_int_equal(answer("a", NULL), BRANCH_SPEAKS);
	assert_true(v.other);
	assert_sdp("A");
}


/* UPDATE before the answer: the same as before, or something else */
static void test_offer(void **state)
{
	struct pl one, two, sdp;
	(void)state;

	pl_set_str(&one, "a");
	pl_set_str(&two, "b");
	pl_set_str(&sdp, "A2");

	assert_false(branches_offer(b, &one, &sdp));
	(void)progress(183, "b", "B");
	(void)progress(183, "a", "A");
	assert_false(branches_offer(b, &two, &sdp));
	assert_true(branches_offer(b, &one, &sdp));
	assert_true(branches_offer(b, &one, &sdp));

	/* an answer without SDP is what it said last */
	assert_int_equal(answer("a", NULL), BRANCH_SPEAKS);
	assert_sdp("A2");
}


static void test_answer_of_a_silent_one(void **state)
{
	(void)state;

	assert_int_equal(answer("x", NULL), BRANCH_PASSES);
	assert_false(v.other);

	(void)progress(183, "a", "A");
	(void)progress(180, "b", NULL);
	assert_int_equal(answer("b", NULL), BRANCH_PASSES);
	assert_true(v.other);
}


static void test_several(void **state)
{
	(void)state;

	assert_int_equal(progress(183, "a", "A"), BRANCH_PASSES);
	assert_int_equal(progress(183, "b", "B"), BRANCH_PASSES);
	assert_true(v.other);

	/* repeated each minute, or come late */
	assert_int_equal(progress(183, "a", "A"), BRANCH_IGNORED);
	assert_int_equal(progress(183, "a", "A2"), BRANCH_IGNORED);
	assert_int_equal(progress(183, "b", "B2"), BRANCH_PASSES);
	assert_false(v.other);

	assert_int_equal(progress(183, "c", "C"), BRANCH_PASSES);
	assert_true(v.other);
	assert_int_equal(answer("c", "C"), BRANCH_PASSES);
	assert_false(v.other);
}


static void test_gone(void **state)
{
	(void)state;

	(void)progress(183, "a", "A");
	(void)progress(183, "b", "B");
	(void)progress(183, "c", "C");

	/* not the one that is heard */
	assert_int_equal(progress(199, "b", NULL), BRANCH_IGNORED);

	assert_int_equal(progress(199, "c", "C"), BRANCH_SPEAKS);
	assert_true(v.other);
	assert_sdp("A");
	assert_int_equal(progress(199, "c", NULL), BRANCH_IGNORED);

	assert_int_equal(progress(199, "a", NULL), BRANCH_SILENT);

	/* overtaken by their 199 */
	assert_int_equal(progress(183, "a", "A"), BRANCH_IGNORED);
	assert_int_equal(progress(199, "d", NULL), BRANCH_IGNORED);
	assert_int_equal(progress(183, "d", "D"), BRANCH_IGNORED);

	assert_int_equal(progress(183, "e", "E"), BRANCH_PASSES);
	assert_false(v.other);
}


static void test_no_tag(void **state)
{
	(void)state;

	assert_int_equal(progress(183, NULL, "A"), BRANCH_PASSES);
	assert_int_equal(progress(183, NULL, "A"), BRANCH_IGNORED);
	assert_int_equal(answer(NULL, NULL), BRANCH_SPEAKS);
	assert_sdp("A");
}


static void test_bounds(void **state)
{
	char tag[16], *big;
	unsigned i;
	(void)state;

	big = test_malloc(BRANCH_SDP_MAX + 2);
	memset(big, 'x', BRANCH_SDP_MAX + 1);
	big[BRANCH_SDP_MAX + 1] = '\0';

	/* read, but not kept */
	assert_int_equal(progress(183, "0", big), BRANCH_PASSES);
	assert_int_equal(progress(183, "0", big), BRANCH_PASSES);
	assert_int_equal(progress(183, "1", "B"), BRANCH_PASSES);
	assert_int_equal(progress(199, "1", NULL), BRANCH_SILENT);
	test_free(big);

	for (i=2; i<BRANCHES_MAX; i++) {
		(void)re_snprintf(tag, sizeof(tag), "%u", i);
		assert_int_equal(progress(183, tag, tag), BRANCH_PASSES);
	}

	assert_int_equal(progress(183, "more", "M"), BRANCH_IGNORED);
	assert_int_equal(progress(199, "even more", "M"), BRANCH_IGNORED);
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test_setup_teardown(test_one, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answer_without_sdp,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_offer,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_answer_of_a_silent_one,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_several, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_tag, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bounds, setup, teardown),
	};

	return cmocka_run_group_tests(testv, NULL, NULL);
}
