/**
 * @file test_logout.c  The log as one stream: stdout, or a file
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/stat.h>
#include "file_rig.h"
#include "base/jobthread.h"
#include "base/mono.h"
#include "log/logout.h"


static struct {
	struct logout *o;
	struct mbuf *mb;
	int saved;              /* stdout of the tests */
	int rfd;                /* who reads stdout */
} t;


static int setup(void **state)
{
	int fdv[2];

	memset(&t, 0, sizeof(t));
	t.mb = mbuf_alloc(256);

	(void)fflush(stdout);
	t.saved = dup(STDOUT_FILENO);
	if (pipe(fdv))
		return -1;
	t.rfd = fdv[0];
	(void)fcntl(t.rfd, F_SETFL, O_NONBLOCK);
	(void)dup2(fdv[1], STDOUT_FILENO);
	(void)close(fdv[1]);

	return fr_setup(state);
}


static int teardown(void **state)
{
	t.o = mem_deref(t.o);
	jobthread_wait();
	mem_deref(t.mb);

	(void)dup2(t.saved, STDOUT_FILENO);
	(void)close(t.saved);
	(void)close(t.rfd);

	return fr_teardown(state);
}


static void put(unsigned n)
{
	mbuf_rewind(t.mb);
	assert_int_equal(mbuf_printf(t.mb, "%099u\n", n), 0);
	logout_put(t.o, t.mb);
}


/* Lines that can be read now; each is whole, and they are in order */
static size_t read_lines(unsigned *next)
{
	char buf[101];
	size_t n = 0;

	while (read(t.rfd, buf, 100) == 100) {

		unsigned nr;

		buf[100] = '\0';
		assert_int_equal(buf[99], '\n');
		nr = (unsigned)strtoul(buf, NULL, 10);
		assert_true(nr >= *next);
		*next = nr + 1;
		++n;
	}

	return n;
}


/* What is said is there: it may be the last that is */
static void test_at_once(void **state)
{
	unsigned next = 0, i;
	(void)state;

	assert_int_equal(logout_alloc(&t.o, NULL), 0);
	assert_int_equal(logout_fd(t.o), STDOUT_FILENO);
	for (i=0; i<5; i++) {
		put(i);
		assert_int_equal(read_lines(&next), 1);
		assert_int_equal(next, i + 1);
	}
}


/** What is read */
struct reading {
	unsigned next;          /* number of a line */
	size_t n;               /* lines */
	size_t all;             /* ... and those lost, in the end */
};


static bool has_all(void *arg)
{
	struct reading *r = arg;

	r->n += read_lines(&r->next);

	return r->n + logout_lost(t.o) == r->all &&
		strstr(fr.log, " lines were lost here");
}


/* Who reads it does not any more, and then does again */
static void test_stuck(void **state)
{
	struct reading r = {.all = 20000};
	uint64_t begin = mono_ms();
	unsigned i;
	(void)state;

	assert_int_equal(logout_alloc(&t.o, NULL), 0);
	for (i=0; i<r.all; i++)
		put(i);

	assert_in_range(mono_ms() - begin, 0, 900);
	assert_true(logout_lost(t.o) > 0);

	/* what is written next is, and how many were lost is said */
	assert_true(tu_wait(has_all, &r, 10000));
	assert_true(r.n > 600);
	put(i);
	++r.all;
	assert_true(tu_wait(has_all, &r, 10000));
	assert_int_equal(r.next, i + 1);
}


/* It ends soon, read or not */
static void test_end_stuck(void **state)
{
	uint64_t begin;
	unsigned i;
	(void)state;

	assert_int_equal(logout_alloc(&t.o, NULL), 0);
	for (i=0; i<5000; i++)
		put(i);

	begin = mono_ms();
	t.o = mem_deref(t.o);
	jobthread_wait();
	assert_in_range(mono_ms() - begin, 0, 5000);
}


static bool is_there(void *arg)
{
	return !access(in_dir(arg), F_OK);
}


static void test_file(void **state)
{
	char moved[512], path[512];
	struct stat st;
	unsigned next = 0;
	(void)state;

	(void)re_snprintf(path, sizeof(path), "%s", in_dir("log"));
	(void)re_snprintf(moved, sizeof(moved), "%s", in_dir("moved"));
	assert_int_equal(logout_alloc(&t.o, path), 0);
	assert_int_equal(logout_fd(t.o), -1);
	assert_string_equal(logout_file(t.o), path);
	put(1);
	assert_int_equal(rename(path, moved), 0);
	put(2);
	assert_int_equal(logout_reopen(t.o), 0);
	put(3);
	assert_true(tu_wait(is_there, "log", 5000));

	t.o = mem_deref(t.o);
	jobthread_wait();
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 100);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(moved, &st), 0);
	assert_int_equal(st.st_size, 200);
	assert_int_equal(read_lines(&next), 0);

	assert_int_equal(logout_alloc(&t.o, "/dev/null/log"), ENOTDIR);
	assert_null(t.o);

	/* a FIFO that nobody reads */
	assert_int_equal(mkfifo(in_dir("fifo"), 0600), 0);
	(void)re_snprintf(path, sizeof(path), "%s", in_dir("fifo"));
	assert_int_equal(logout_alloc(&t.o, path), ENXIO);
}


static bool has_said(void *arg)
{
	const size_t n = read(t.rfd, arg, 255);

	return n != (size_t)-1 && n > 0;
}


/* A full disk is told on stdout, once */
static void test_full(void **state)
{
	char said[256] = "";
	unsigned i;
	(void)state;

	assert_int_equal(logout_alloc(&t.o, "/dev/full"), 0);
	for (i=0; i<5; i++)
		put(i);

	assert_true(tu_wait(has_said, said, 5000));
	assert_string_equal(said, "connectycube: cannot write /dev/full:"
			    " No space left on device\n");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stuck, setup, teardown),
		cmocka_unit_test_setup_teardown(test_end_stuck, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
