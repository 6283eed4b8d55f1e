/**
 * @file tests/unit/test_gloop.c  GLib's main context on libre's loop
 */
#include "testutil.h"
#include <unistd.h>
#include <sys/socket.h>
#include <glib.h>
#include <glib-unix.h>
#include "base/gloop.h"


struct fix {
	struct gloop *gl;
	unsigned calls;
	bool done;
	int fdv[2];
	guint64 wakeups;
};


static GSource *attach(struct fix *f, GSource *src, GSourceFunc fn)
{
	g_source_set_callback(src, fn, f, NULL);
	g_source_attach(src, gloop_context(f->gl));
	g_source_unref(src);

	return src;
}


static gboolean once(gpointer arg)
{
	struct fix *f = arg;

	++f->calls;
	f->done = true;

	return G_SOURCE_REMOVE;
}


static gboolean thrice(gpointer arg)
{
	struct fix *f = arg;

	f->done = ++f->calls >= 3;

	return f->done ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}


static int setup(void **state)
{
	static struct fix f;

	memset(&f, 0, sizeof(f));
	if (gloop_alloc(&f.gl))
		return -1;
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, f.fdv))
		return -1;
	tu_run(5);
	*state = &f;

	return 0;
}


static int teardown(void **state)
{
	struct fix *f = *state;

	mem_deref(f->gl);
	close(f->fdv[0]);
	close(f->fdv[1]);

	return 0;
}


/* added from outside, long after the first query, without a kick */
static void test_timeout(void **state)
{
	struct fix *f = *state;
	const uint64_t start = tmr_jiffies();

	attach(f, g_timeout_source_new(50), once);
	assert_true(tu_wait_flag(&f->done, 60000));
	assert_in_range(tmr_jiffies() - start, 48, 150);
	assert_int_equal(f->calls, 1);
}


static void test_idle(void **state)
{
	struct fix *f = *state;

	attach(f, g_idle_source_new(), thrice);
	assert_true(tu_wait_flag(&f->done, 60000));
}


static gboolean readable(gint fd, GIOCondition cond, gpointer arg)
{
	struct fix *f = arg;
	char buf[16];

	/* what GLib says of an fd that was closed */
	if (cond & G_IO_NVAL)
		return G_SOURCE_CONTINUE;

	assert_true(cond & G_IO_IN);
	assert_true(read(fd, buf, sizeof(buf)) > 0);
	++f->calls;
	f->done = true;

	return G_SOURCE_CONTINUE;
}


static GSource *watch(struct fix *f, int fd)
{
	GSource *src = g_unix_fd_source_new(fd, G_IO_IN);

	return attach(f, src, G_SOURCE_FUNC(readable));
}


static void test_fd(void **state)
{
	struct fix *f = *state;
	unsigned i;

	watch(f, f->fdv[0]);
	for (i=1; i<=10; i++) {
		f->done = false;
		assert_int_equal(write(f->fdv[1], "x", 1), 1);
		assert_true(tu_wait_flag(&f->done, 60000));
		assert_int_equal(f->calls, i);
	}
}


/* the number of a closed fd is taken by another one: the set that is
 * watched looks the same, but is not */
static void test_fd_reused(void **state)
{
	struct fix *f = *state;
	int pair[2];
	GSource *src;

	src = watch(f, f->fdv[0]);
	tu_run(5);

	g_source_destroy(src);
	close(f->fdv[0]);
	close(f->fdv[1]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0,
				    pair), 0);
	assert_int_equal(pair[0], f->fdv[0]);
	f->fdv[1] = pair[1];
	watch(f, pair[0]);

	assert_int_equal(write(pair[1], "x", 1), 1);
	assert_true(tu_wait_flag(&f->done, 60000));
}


/* closed behind GLib's back, with the source still there */
static void test_fd_vanished(void **state)
{
	struct fix *f = *state;
	GSource *src = watch(f, f->fdv[0]);

	tu_run(5);
	close(f->fdv[0]);
	gloop_kick(f->gl);
	tu_run(20);

	g_source_destroy(src);
	f->fdv[0] = dup(f->fdv[1]);
	attach(f, g_timeout_source_new(5), once);
	assert_true(tu_wait_flag(&f->done, 60000));
}


static void test_many_fds(void **state)
{
	enum { N = 50 };
	struct fix *f = *state;
	int pairv[N][2], i;
	GSource *srcv[N];

	for (i=0; i<N; i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM |
					    SOCK_NONBLOCK, 0, pairv[i]), 0);
		srcv[i] = watch(f, pairv[i][0]);
	}

	for (i=0; i<N; i++) {
		f->done = false;
		assert_int_equal(write(pairv[i][1], "x", 1), 1);
		assert_true(tu_wait_flag(&f->done, 60000));
	}
	assert_int_equal(f->calls, N);

	for (i=0; i<N; i++) {
		g_source_destroy(srcv[i]);
		close(pairv[i][0]);
		close(pairv[i][1]);
	}
	tu_run(5);
}


static gboolean suicide(gpointer arg)
{
	struct fix *f = arg;

	f->gl = mem_deref(f->gl);
	f->done = true;

	return G_SOURCE_REMOVE;
}


static void test_deref_in_dispatch(void **state)
{
	struct fix *f = *state;

	attach(f, g_idle_source_new(), suicide);
	assert_true(tu_wait_flag(&f->done, 60000));
	tu_run(10);
}


static gboolean kicker(gpointer arg)
{
	struct fix *f = arg;

	gloop_kick(f->gl);
	attach(f, g_timeout_source_new(1), once);

	return G_SOURCE_REMOVE;
}


static void test_kick_in_dispatch(void **state)
{
	struct fix *f = *state;

	attach(f, g_idle_source_new(), kicker);
	assert_true(tu_wait_flag(&f->done, 60000));
}


static gboolean count_prepare(GSource *src, gint *timeout)
{
	struct fix **f = (struct fix **)(void *)(src + 1);

	++(*f)->wakeups;
	*timeout = -1;

	return FALSE;
}


static gboolean never(GSource *src)
{
	(void)src;

	return FALSE;
}


/* an idle context costs nothing: it is not even looked at */
static void test_no_wakeups(void **state)
{
	static GSourceFuncs funcs = {.prepare = count_prepare,
				     .check = never};
	struct fix *f = *state;
	GSource *src = g_source_new(&funcs, sizeof(GSource) + sizeof(f));

	memcpy(src + 1, &f, sizeof(f));
	g_source_attach(src, gloop_context(f->gl));
	g_source_unref(src);

	tu_run(20);
	f->wakeups = 0;
	tu_run(300);
	assert_int_equal(f->wakeups, 0);
}


static void test_args(void **state)
{
	struct fix *f = *state;

	assert_int_equal(gloop_alloc(NULL), EINVAL);
	assert_null(gloop_context(NULL));
	assert_null(gloop_mainloop(NULL));
	gloop_kick(NULL);
	assert_ptr_equal(g_main_loop_get_context(gloop_mainloop(f->gl)),
			 gloop_context(f->gl));
}


#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_timeout),
		T(test_idle),
		T(test_fd),
		T(test_fd_reused),
		T(test_fd_vanished),
		T(test_many_fds),
		T(test_deref_in_dispatch),
		T(test_kick_in_dispatch),
		T(test_no_wakeups),
		T(test_args),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
