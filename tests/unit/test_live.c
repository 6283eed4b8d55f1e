/**
 * @file test_live.c  How it stands, for the hub, every few seconds
 */
#include "testutil.h"
#include "base/mono.h"
#include "connectycube_link/live.h"


enum { INTERVAL = 400 };

static struct {
	struct live *live;
	uint32_t calls;         /* there are, numbered from 1 */
	size_t most;            /* that were asked for at once */
	unsigned states;
	unsigned stats;
	unsigned told[256];     /* how often each was */
	char last[8192];        /* state */
} t;


static int state_handler(struct mbuf *mb, void *arg)
{
	(void)arg;

	return mbuf_write_str(mb, "\"mine\":1");
}


static int calls_handler(struct mbuf *mb, uint32_t *after, size_t most,
			 size_t *np, void *arg)
{
	int err = 0;
	(void)arg;

	t.most = max(t.most, most);

	for (*np = 0; *np < most && *after < t.calls; ++*np) {
		err |= mbuf_printf(mb, "%s%u", *np ? "," : "", ++*after);
		++t.told[*after];
	}

	return err;
}


static void send_handler(const char *type, const struct mbuf *json, void *arg)
{
	(void)arg;

	if (strcmp(type, "state")) {
		++t.stats;
		return;
	}

	++t.states;
	(void)re_snprintf(t.last, sizeof(t.last), "%b", json->buf, json->end);
}


static const struct live_h handlers = {
	.state = state_handler, .calls = calls_handler, .send = send_handler,
};


static void begin(uint32_t interval)
{
	memset(&t, 0, sizeof(t));
	assert_int_equal(0, live_alloc(&t.live, interval, &handlers, NULL));
}


static int teardown(void **state)
{
	(void)state;
	t.live = mem_deref(t.live);

	return 0;
}


static bool is_told(void *arg)
{
	const unsigned n = *(unsigned *)arg;
	uint32_t i;

	for (i=1; i<=t.calls; i++) {
		if (t.told[i] < n)
			return false;
	}

	return t.states > 0;
}


static void wait_told(unsigned n)
{
	assert_true(tu_wait(is_told, &n, 20000));
}


static void test_nobody(void **state)
{
	(void)state;

	begin(INTERVAL);
	t.calls = 3;
	live_call(t.live);
	live_changed(t.live);
	tu_run(500);
	assert_int_equal(0, t.states + t.stats);

	live_up(t.live);
	wait_told(1);
	live_down(t.live);
	memset(t.told, 0, sizeof(t.told));
	live_call(t.live);
	live_changed(t.live);
	tu_run(500);
	assert_int_equal(0, t.told[1]);
	assert_int_equal(1, t.states);
}


/* All at first, then each once in an interval, a few at a time */
static void test_all(void **state)
{
	uint64_t begun;
	(void)state;

	begin(INTERVAL);
	t.calls = 100;
	live_up(t.live);
	begun = mono_ms();
	wait_told(1);
	assert_true(t.stats >= 100 / 16);
	assert_non_null(strstr(t.last, ",\"mine\":1}"));
	assert_non_null(strstr(t.last, "\"loop_stall_ms\":"));

	wait_told(4);
	/* at least three intervals; how many more a slow machine knows */
	assert_true(mono_ms() - begun >= 3 * INTERVAL - 100);
	assert_true(t.most <= 32);
	assert_int_equal(1, t.states);
}


/* Calls that end, and begin while nothing is looked at */
static void test_begin(void **state)
{
	(void)state;

	begin(INTERVAL);
	live_up(t.live);
	wait_told(0);
	tu_run(2 * INTERVAL);
	assert_int_equal(0, t.stats);

	t.calls = 1;
	live_call(t.live);
	wait_told(2);
	t.calls = 0;
	tu_run(2 * INTERVAL);
	assert_int_equal(2, t.told[1]);
	t.calls = 2;
	live_call(t.live);
	wait_told(1);
}


/* Never, but for a hub that has come */
static void test_never(void **state)
{
	(void)state;

	begin(0);
	t.calls = 40;
	live_up(t.live);
	wait_told(1);
	live_call(t.live);
	tu_run(500);
	assert_int_equal(1, t.told[1]);
	assert_int_equal(1, t.told[40]);
	assert_int_equal(1, t.states);

	/* another one */
	live_down(t.live);
	live_up(t.live);
	wait_told(2);
}


static bool is_changed(void *arg)
{
	(void)arg;

	return t.states > 1;
}


/* What changes together is told as one */
static void test_changed(void **state)
{
	(void)state;

	begin(INTERVAL);
	live_up(t.live);
	wait_told(0);
	live_changed(t.live);
	live_changed(t.live);
	assert_int_equal(1, t.states);
	assert_true(tu_wait(is_changed, NULL, 5000));
	tu_run(200);
	assert_int_equal(2, t.states);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_nobody, teardown),
		cmocka_unit_test_teardown(test_all, teardown),
		cmocka_unit_test_teardown(test_begin, teardown),
		cmocka_unit_test_teardown(test_never, teardown),
		cmocka_unit_test_teardown(test_changed, teardown),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
