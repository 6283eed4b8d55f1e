/**
 * @file tests/unit/testutil.h  Helpers shared by the unit tests
 *
 * Each test file is a program of its own that includes this once. Time is
 * passed by running libre's loop until something has happened, never by
 * sleeping.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <stdio.h>
#include <cmocka.h>
#include <re.h>


/**
 * Load a file of the tree, which must be there
 *
 * @param path Path
 *
 * @return Its text, freed by mem_deref()
 */
static inline char *tu_load(const char *path)
{
	struct mbuf *mb = mbuf_alloc(4096);
	FILE *f = fopen(path, "r");
	char *str = NULL;
	int c;

	assert_non_null(f);
	while ((c = getc(f)) != EOF)
		assert_int_equal(mbuf_write_u8(mb, (uint8_t)c), 0);
	(void)fclose(f);

	mb->pos = 0;
	assert_int_equal(mbuf_strdup(mb, &str, mb->end), 0);
	mem_deref(mb);

	return str;
}


/** Tells if what is waited for has happened */
typedef bool (tu_cond_h)(void *arg);

struct tu_wait {
	struct tmr tmr;
	tu_cond_h *condh;
	void *arg;
	uint64_t end;           /**< tmr_jiffies() of the time-out         */
	bool ok;
};


static inline void tu_check(void *arg)
{
	struct tu_wait *w = arg;

	w->ok = w->condh && w->condh(w->arg);
	if (w->ok || tmr_jiffies() >= w->end)
		re_cancel();
	else
		tmr_start(&w->tmr, 1, tu_check, w);
}


/**
 * Run libre's loop until a condition holds
 *
 * @param condh   Condition, asked every millisecond; NULL=never
 * @param arg     Its argument
 * @param timeout Longest to run [ms]
 *
 * @return true if it holds, false if the time is over
 */
static inline bool tu_wait(tu_cond_h *condh, void *arg, uint32_t timeout)
{
	struct tu_wait w = {.condh = condh, .arg = arg,
			    .end = tmr_jiffies() + timeout};

	tmr_init(&w.tmr);
	tmr_start(&w.tmr, 0, tu_check, &w);
	(void)re_main(NULL);
	tmr_cancel(&w.tmr);

	return w.ok;
}


static inline bool tu_is_set(void *arg)
{
	return *(volatile bool *)arg;
}


/** Run libre's loop until a flag is set, see tu_wait() */
static inline bool tu_wait_flag(bool *flag, uint32_t timeout)
{
	return tu_wait(tu_is_set, flag, timeout);
}


/** Run libre's loop for a while: for what must not happen */
static inline void tu_run(uint32_t ms)
{
	(void)tu_wait(NULL, NULL, ms);
}


/** cmocka group set-up and tear-down: libre */
static inline int tu_setup(void **state)
{
	(void)state;

	/* before the loop is first used */
	(void)fd_setsize(4096);

	return libre_init();
}


static inline int tu_teardown(void **state)
{
	(void)state;

	libre_close();
	tmr_debug();
	mem_debug();

	return 0;
}


/**
 * Read a whole file
 *
 * @param path Path, relative to the repo
 *
 * @return Contents as mbuf, NULL if not readable
 */
static inline struct mbuf *tu_read(const char *path)
{
	struct mbuf *mb = mbuf_alloc(4096);
	FILE *f = fopen(path, "r");
	uint8_t buf[4096];
	size_t n;

	if (!f || !mb) {
		mem_deref(mb);
		if (f)
			fclose(f);
		return NULL;
	}

	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		(void)mbuf_write_mem(mb, buf, n);
	fclose(f);
	mb->pos = 0;

	return mb;
}
