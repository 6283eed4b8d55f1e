/**
 * @file tests/unit/test_fdset.c  Sockets of our own on libre's loop
 */
#include "testutil.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include "base/fdset.h"


enum {
	LOW = 1024,             /**< libre's table                         */
};

/** A socket in the set, and its other end */
struct pair {
	int fd;
	int other;
	unsigned calls;
	bool done;
	struct pair *kill;      /**< Closed by the handler                 */
};

struct fix {
	struct pair a, b;
	int fillv[LOW];         /**< Take low fds away                     */
	size_t fillc;
};


static void handler(int flags, void *arg)
{
	struct pair *p = arg;
	char c;

	assert_int_equal(flags, FD_READ);
	assert_int_equal(read(p->fd, &c, 1), 1);
	++p->calls;
	p->done = true;

	if (p->kill) {
		fdset_close(p->kill->fd);
		close(p->kill->fd);
		p->kill->fd = -1;
	}
}


static void pair_open(struct pair *p)
{
	int v[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0,
				    v), 0);
	p->fd    = v[0];
	p->other = v[1];
}


static void pair_close(struct pair *p)
{
	if (p->fd >= 0) {
		fdset_close(p->fd);
		close(p->fd);
	}
	if (p->other >= 0)
		close(p->other);
}


static void poke(struct pair *p)
{
	p->done = false;
	assert_int_equal(write(p->other, "x", 1), 1);
}


static void assert_works(struct pair *p)
{
	const unsigned calls = p->calls;

	poke(p);
	assert_true(tu_wait_flag(&p->done, 60000));
	assert_int_equal(p->calls, calls + 1);
}


/* The lowest free fd is at least this one, then */
static void fill(struct fix *f, int fd)
{
	int n;

	while ((n = dup(STDERR_FILENO)) >= 0 && n < fd)
		f->fillv[f->fillc++] = n;

	assert_true(n >= fd);
	close(n);
}


static int setup(void **state)
{
	static struct fix f;

	memset(&f, 0, sizeof(f));
	f.a.fd = f.a.other = f.b.fd = f.b.other = -1;
	fdset_limit();
	*state = &f;

	return 0;
}


static int teardown(void **state)
{
	struct fix *f = *state;

	pair_close(&f->a);
	pair_close(&f->b);
	while (f->fillc)
		close(f->fillv[--f->fillc]);

	return 0;
}


static void test_low(void **state)
{
	struct fix *f = *state;
	int fd;

	pair_open(&f->a);
	fd = f->a.fd;
	assert_int_equal(fdset_listen(&f->a.fd, handler, &f->a), 0);
	assert_int_equal(f->a.fd, fd);
	assert_works(&f->a);
	assert_works(&f->a);
}


/* with the table full, all are moved at once, and go on */
static void test_moved(void **state)
{
	struct fix *f = *state;
	int low_a, low_b;

	pair_open(&f->a);
	low_a = f->a.fd;
	assert_int_equal(fdset_listen(&f->a.fd, handler, &f->a), 0);

	/* what came before the move is not lost */
	poke(&f->a);

	fill(f, 900);
	pair_open(&f->b);
	low_b = f->b.fd;
	assert_in_range(low_b, 900, LOW - 1);
	assert_int_equal(fdset_listen(&f->b.fd, handler, &f->b), 0);

	assert_true(f->a.fd >= LOW);
	assert_true(f->b.fd >= LOW);
	assert_int_equal(fcntl(low_a, F_GETFD), -1);
	assert_int_equal(fcntl(low_b, F_GETFD), -1);
	assert_true(fcntl(f->a.fd, F_GETFD) & FD_CLOEXEC);

	assert_true(tu_wait_flag(&f->a.done, 60000));
	assert_int_equal(f->a.calls, 1);

	assert_works(&f->a);
	assert_works(&f->b);
}


/* an fd of the set that is closed by the handler of another one that is
   ready too is not called any more */
static void test_close_other(void **state)
{
	struct fix *f = *state;

	fill(f, 900);
	pair_open(&f->a);
	assert_int_equal(fdset_listen(&f->a.fd, handler, &f->a), 0);
	pair_open(&f->b);
	assert_int_equal(fdset_listen(&f->b.fd, handler, &f->b), 0);
	f->a.kill = &f->b;
	f->b.kill = &f->a;

	poke(&f->a);
	poke(&f->b);
	tu_run(20);

	assert_int_equal(f->a.calls + f->b.calls, 1);
}


/* where there are no high fds to be had, all stays as it is */
static void test_no_high(void **state)
{
	struct fix *f = *state;
	struct rlimit rl, few;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &rl), 0);
	few = rl;
	few.rlim_cur = LOW;

	fill(f, 900);
	pair_open(&f->a);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(fdset_listen(&f->a.fd, handler, &f->a), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &rl), 0);

	assert_in_range(f->a.fd, 900, LOW - 1);
	assert_works(&f->a);
}


static int lowest(void)
{
	const int fd = dup(STDERR_FILENO);

	close(fd);

	return fd;
}


static void test_block(void **state)
{
	struct fix *f = *state;
	const int low = lowest();

	/* there are plenty */
	fdset_low_block();
	assert_int_equal(lowest(), low);
	fdset_low_free();

	fill(f, 100);
	fdset_low_block();
	assert_true(lowest() >= LOW);
	fdset_low_free();
	assert_int_equal(lowest(), 100);
}


/* RLIMIT_NOFILE is 1024, or little more: nothing above libre's table */
static void test_low_limit(void **state)
{
	static const rlim_t limitv[] = {LOW, LOW + 8, LOW / 2};
	struct fix *f = *state;
	struct rlimit rl, few;
	size_t i;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &rl), 0);
	few = rl;

	fill(f, 100);
	for (i=0; i<ARRAY_SIZE(limitv); i++) {

		int fd;

		few.rlim_cur = limitv[i];
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);

		fdset_low_block();
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		fdset_low_free();
		assert_true(fd >= 0);
		close(fd);

		assert_true(fdset_room(300));
		assert_false(fdset_room(1100));
	}

	/* hardly any */
	few.rlim_cur = 110;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_true(fdset_room(5));
	assert_false(fdset_room(11));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &rl), 0);
}


static void test_arguments(void **state)
{
	int fd = -1;
	(void)state;

	assert_int_equal(fdset_listen(NULL, handler, NULL), EINVAL);
	assert_int_equal(fdset_listen(&fd, handler, NULL), EINVAL);
	fd = STDERR_FILENO;
	assert_int_equal(fdset_listen(&fd, NULL, NULL), EINVAL);

	/* not watched */
	fdset_close(-1);
	fdset_close(LOW + 500);
}


#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_low),
		T(test_moved),
		T(test_close_other),
		T(test_no_high),
		T(test_block),
		T(test_low_limit),
		T(test_arguments),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
