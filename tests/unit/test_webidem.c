/**
 * @file test_webidem.c  The hub's HTTP: answers that are kept by their key
 */
#include "testutil.h"
#include "connectycube_hub/hub.h"
#include "connectycube_hub/store.h"
#include "connectycube_hub/web/idemstore.h"
#include "hub_rig.h"


static struct hub_store *s;
static bool sound;              /* the clock has been right for a day */


static int setup(void **state)
{
	if (rig_setup(state))
		return -1;

	s = rig_open();
	sound = true;

	return 0;
}


static int teardown(void **state)
{
	s = mem_deref(s);

	return rig_teardown(state);
}


static void row_reset(struct idem_row *row, const char *who, const char *key,
		      const char *hash)
{
	mem_deref(row->head);
	mem_deref(row->body);
	memset(row, 0, sizeof(*row));
	str_ncpy(row->who, who, sizeof(row->who));
	str_ncpy(row->key, key, sizeof(row->key));
	str_ncpy(row->hash, hash, sizeof(row->hash));
}


static bool begin(struct idem_row *row, int64_t now)
{
	bool fresh;

	assert_int_equal(0, idem_row_begin(s, row, now, sound, &fresh, why,
					   sizeof(why)));

	return fresh;
}


static void end(struct idem_row *row, unsigned status, const char *body)
{
	row->status = status;
	row->body   = mbuf_alloc(64);
	assert_int_equal(0, mbuf_write_str(row->body, body));
	assert_int_equal(0, idem_row_end(s, row, why, sizeof(why)));
}


static void test_once(void **state)
{
	struct idem_row row = {.status = 0};
	(void)state;

	row_reset(&row, "ann", "k", "h1");
	assert_true(begin(&row, 1000));

	/* it is being done, or nobody has heard */
	row_reset(&row, "ann", "k", "h2");
	assert_false(begin(&row, 1001));
	assert_string_equal("h1", row.hash);
	assert_int_equal(0, row.status);

	row.head = mbuf_alloc(16);
	assert_int_equal(0, mbuf_write_str(row.head, "A: b\r\n"));
	end(&row, 201, "{\"id\":7}");

	/* also when it is opened anew */
	s = mem_deref(s);
	s = rig_open();
	row_reset(&row, "ann", "k", "h1");
	assert_false(begin(&row, 1002));
	assert_int_equal(201, row.status);
	assert_false(row.problem);
	assert_memory_equal("A: b\r\n", row.head->buf, row.head->end);
	assert_int_equal(8, row.body->end);
	assert_memory_equal("{\"id\":7}", row.body->buf, 8);

	/* keys are of who says them */
	row_reset(&row, "bob", "k", "h1");
	assert_true(begin(&row, 1003));
	row_reset(&row, "ann", "K", "h1");
	assert_true(begin(&row, 1003));
	row_reset(&row, "", "", "");
}


/* Nothing was tried: the key is as new */
static void test_again(void **state)
{
	struct idem_row row = {.status = 0};
	(void)state;

	row_reset(&row, "ann", "k", "h1");
	assert_true(begin(&row, 1000));
	assert_int_equal(0, idem_row_end(s, &row, why, sizeof(why)));
	row_reset(&row, "ann", "k", "h2");
	assert_true(begin(&row, 1000));
	row_reset(&row, "", "", "");
}


static void test_day(void **state)
{
	struct idem_row row = {.status = 0};
	(void)state;

	row_reset(&row, "ann", "k", "h");
	assert_true(begin(&row, 1000));
	end(&row, 404, "{}");
	row_reset(&row, "ann", "k", "h");
	assert_false(begin(&row, 1000 + IDEM_TIME));
	row_reset(&row, "ann", "k", "h");
	assert_true(begin(&row, 1001 + IDEM_TIME));
	row_reset(&row, "", "", "");
}


/* A clock that is set forgets nothing: what was done is not done again */
static void test_clock(void **state)
{
	struct idem_row row = {.status = 0};
	(void)state;

	row_reset(&row, "ann", "k", "h");
	assert_true(begin(&row, 1000));
	end(&row, 200, "{}");

	sound = false;
	row_reset(&row, "ann", "k", "h");
	assert_false(begin(&row, 1000 + 365 * IDEM_TIME));
	assert_int_equal(200, row.status);

	/* back, and on from there */
	sound = true;
	row_reset(&row, "ann", "k", "h");
	assert_false(begin(&row, 1000));
	row_reset(&row, "", "", "");
}


static void put_many(const char *who, unsigned from, unsigned to)
{
	struct idem_row row = {.status = 0};
	char key[16];

	assert_int_equal(0, store_exec(s, "BEGIN", why, sizeof(why)));
	for (; from<to; from++) {
		(void)re_snprintf(key, sizeof(key), "%u", from);
		row_reset(&row, who, key, "h");
		assert_true(begin(&row, 1000));
	}
	assert_int_equal(0, store_exec(s, "COMMIT", why, sizeof(why)));
	row_reset(&row, "", "", "");
}


static bool is_new(const char *who, const char *key)
{
	struct idem_row row = {.status = 0};
	bool fresh;

	row_reset(&row, who, key, "h");
	fresh = begin(&row, 1001);
	row_reset(&row, "", "", "");

	return fresh;
}


/* Who says very many keys loses his own oldest ones, and nobody else's */
static void test_most(void **state)
{
	(void)state;

	assert_true(is_new("bob", "mine"));
	put_many("ann", 0, IDEM_MOST);
	assert_false(is_new("ann", "2"));
	put_many("ann", IDEM_MOST, IDEM_MOST + 5);
	assert_false(is_new("bob", "mine"));
	assert_false(is_new("ann", "10"));
	assert_true(is_new("ann", "3"));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_day, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clock, setup, teardown),
		cmocka_unit_test_setup_teardown(test_most, setup, teardown),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
