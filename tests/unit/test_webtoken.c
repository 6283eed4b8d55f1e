/**
 * @file test_webtoken.c  The hub's HTTP: tokens, and sessions of them
 */
#include "webguard_rig.h"


static void test_token(void **state)
{
	char secret[WEB_SECRET];
	struct web_token *t;
	(void)state;

	t = find(secretv[1]);
	assert_non_null(t);
	assert_string_equal("steers", t->name);
	assert_int_equal(WEB_OPERATOR, t->role);
	assert_null(find(""));
	assert_null(find(secretv[1] + 1));
	assert_int_equal(0, strncmp(secretv[0], "cube_", 5));
	assert_int_equal(WEB_SECRET - 1, strlen(secretv[0]));
	assert_string_not_equal(secretv[0], secretv[1]);

	/* a day, and not a second more */
	assert_int_equal(0, web_token_add(&guard.tokenl, secret,
		sizeof(secret), "guest", WEB_READONLY, 1, guard.wall));
	guard.wall += DAY - 1;
	assert_non_null(find(secret));
	guard.wall += 1;
	assert_null(find(secret));

	assert_int_equal(EEXIST, web_token_add(&guard.tokenl, secret,
		sizeof(secret), "guest", WEB_READONLY, 0, guard.wall));
	assert_int_equal(0, web_token_remove(&guard.tokenl, "guest"));
	assert_int_equal(ENOENT, web_token_remove(&guard.tokenl, "guest"));
	assert_int_equal(EINVAL, web_token_add(&guard.tokenl, secret,
		sizeof(secret), "two words", WEB_READONLY, 0, guard.wall));
	assert_int_equal(EINVAL, web_token_add(&guard.tokenl, secret,
		sizeof(secret), "x", WEB_ANYBODY, 0, guard.wall));
	assert_int_equal(EINVAL, web_token_add(&guard.tokenl, secret,
		sizeof(secret), "x", WEB_READONLY, WEB_DAYS + 1, guard.wall));
	assert_int_equal(3, list_count(&guard.tokenl));
}


static void test_file(void **state)
{
#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	static const char * const badv[] = {
		"a admin 1 0\n", "a admin 1 0 " HASH " x\n",
		"a root 1 0 " HASH, "a anybody 1 0 " HASH,
		"a admin x 0 " HASH, "a admin 1 -1 " HASH,
		"a admin 1 9999999999999 " HASH, "a admin 1 0 " HASH "0",
		"a/b admin 1 0 " HASH,
		"a admin 1 0 " HASH "\na admin 1 0 " HASH "\n",
	};
	struct mbuf *mb = mbuf_alloc(64);
	struct list tokenl = LIST_INIT;
	char why[128];
	struct pl pl;
	size_t i;
	(void)state;

	assert_int_equal(0, web_token_write(mb, &guard.tokenl));
	assert_int_equal(0, web_token_read(&tokenl, (char *)mb->buf, mb->end,
					   why, sizeof(why)));
	assert_int_equal(3, list_count(&tokenl));
	pl_set_str(&pl, secretv[2]);
	assert_string_equal("owns", web_token_find(&tokenl, &pl, 5)->name);

	/* what is kept is not what is said */
	for (i=0; i<3; i++)
		assert_null(memmem(mb->buf, mb->end, secretv[i] + 5, 64));
	list_flush(&tokenl);
	mem_deref(mb);

	for (i=0; i<ARRAY_SIZE(badv); i++) {
		assert_int_equal(EBADMSG, web_token_read(&tokenl, badv[i],
			strlen(badv[i]), why, sizeof(why)));
		assert_int_equal(0, list_count(&tokenl));
		assert_non_null(strstr(why, "line "));
	}
}


static void test_session(void **state)
{
	char cookie[WEB_SECRET], more[WEB_SECRET];
	struct web_token *t;
	struct pl pl;
	unsigned i;
	(void)state;

	assert_int_equal(0, web_session_add(&guard, cookie, sizeof(cookie),
					    find(secretv[1])));
	pl_set_str(&pl, cookie);
	guard.now += guard.idle - 1;
	assert_non_null(web_session_find(&guard, &pl, &t));
	assert_string_equal("steers", t->name);

	/* idle since then */
	guard.now += guard.idle - 1;
	assert_non_null(web_session_find(&guard, &pl, &t));
	guard.now += guard.idle;
	assert_null(web_session_find(&guard, &pl, &t));
	assert_int_equal(0, list_count(&guard.sessionl));

	/* never idle, but for too long */
	assert_int_equal(0, web_session_add(&guard, cookie, sizeof(cookie),
					    find(secretv[1])));
	for (i=0; i<WEB_SESSION / 1200 - 1; i++) {
		guard.now += 1200;
		assert_non_null(web_session_find(&guard, &pl, &t));
	}
	guard.now += 1200;
	assert_null(web_session_find(&guard, &pl, &t));

	/* who may only look does so as long as is wanted */
	guard.screen = 2 * WEB_SESSION;
	assert_int_equal(0, web_session_add(&guard, cookie, sizeof(cookie),
					    find(secretv[0])));
	for (i=0; i<2 * WEB_SESSION / 1200 - 1; i++) {
		guard.now += 1200;
		assert_non_null(web_session_find(&guard, &pl, &t));
	}
	guard.now += 1200;
	assert_null(web_session_find(&guard, &pl, &t));

	/* its token is taken away */
	assert_int_equal(0, web_session_add(&guard, cookie, sizeof(cookie),
					    find(secretv[1])));
	assert_int_equal(0, web_token_remove(&guard.tokenl, "steers"));
	assert_null(web_session_find(&guard, &pl, &t));

	/* the one that was used last stays the longest */
	assert_int_equal(0, web_session_add(&guard, cookie, sizeof(cookie),
					    find(secretv[2])));
	for (i=0; i<2 * WEB_SESSIONS; i++) {
		assert_non_null(web_session_find(&guard, &pl, &t));
		assert_int_equal(0, web_session_add(&guard, more,
			sizeof(more), find(secretv[2])));
	}
	assert_int_equal(WEB_SESSIONS, list_count(&guard.sessionl));
}


/* Who logs in again and again takes no place of others */
static void test_sessions(void **state)
{
	char first[WEB_SECRET], more[WEB_SECRET];
	struct web_token *t;
	struct pl pl;
	unsigned i;
	(void)state;

	assert_int_equal(0, web_session_add(&guard, first, sizeof(first),
					    find(secretv[2])));
	for (i=0; i<2 * WEB_SESSIONS; i++)
		assert_int_equal(0, web_session_add(&guard, more,
			sizeof(more), find(secretv[0])));

	assert_int_equal(WEB_SESSIONS, list_count(&guard.sessionl));
	pl_set_str(&pl, first);
	assert_non_null(web_session_find(&guard, &pl, &t));
	assert_string_equal("owns", t->name);
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_token),
		TEST(test_file),
		TEST(test_session),
		TEST(test_sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
