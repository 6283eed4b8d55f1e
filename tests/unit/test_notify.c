/**
 * @file test_notify.c  What the service manager is told: a socket of the
 * test's stands for it, with a name and without one
 */
#include "testutil.h"
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "base/mono.h"
#include "base/notify.h"


static int manager = -1;        /* where it listens */
static char got[1024];          /* what it heard last */
static unsigned dogs;           /* how often it was told of the watchdog */


static void env_clear(void)
{
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
}


/* As systemd does it: @name has no file */
static void manager_open(const char *name)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	const size_t len = strlen(name);

	memcpy(un.sun_path, name, len);
	if (name[0] == '@')
		un.sun_path[0] = '\0';

	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_true(manager >= 0);
	(void)unlink(name);
	assert_int_equal(bind(manager, (struct sockaddr *)&un,
			      offsetof(struct sockaddr_un, sun_path) + len +
			      (name[0] == '/')), 0);

	env_clear();
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	dogs = 0;
}


static void manager_close(void)
{
	notify_close();
	(void)close(manager);
	env_clear();
}


/* The next datagram, NULL=none */
static const char *heard(void)
{
	const ssize_t n = recv(manager, got, sizeof(got) - 1, 0);

	if (n < 0)
		return NULL;

	got[n] = '\0';

	return got;
}


static bool dog_heard(void *arg)
{
	const unsigned *want = arg;
	const char *text;

	while ((text = heard())) {
		assert_string_equal(text, "WATCHDOG=1\n");
		++dogs;
	}

	return dogs >= *want;
}


static void tell_all(void)
{
	struct timespec ts;
	unsigned long long us;

	assert_int_equal(notify_init(), 0);
	assert_true(notify_is_on());
	assert_null(heard());

	/* one that is not ready yet does not say so by reading again */
	notify_reloading();
	notify_reloaded();
	assert_null(heard());

	notify_status("degraded: %s", "403 No\nREADY=1\r\t");
	assert_string_equal(heard(), "STATUS=degraded: 403 No READY=1  \n");
	notify_status("degraded: %s", "403 No\nREADY=1\r\t");
	assert_null(heard());

	notify_ready();
	assert_string_equal(heard(), "READY=1\n");
	notify_ready();
	assert_null(heard());

	notify_reloading();
	assert_int_equal(sscanf(heard(), "RELOADING=1\nMONOTONIC_USEC=%llu\n",
				&us), 1);
	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &ts), 0);
	assert_true(us <= ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000);
	assert_true(us > ts.tv_sec * 1000000ULL - 60000000);
	notify_reloaded();
	assert_string_equal(heard(), "READY=1\n");

	notify_stopping(1500);
	assert_string_equal(heard(), "STOPPING=1\n");
	assert_string_equal(heard(), "EXTEND_TIMEOUT_USEC=1500000\n");
	notify_stopping(0);
	assert_string_equal(heard(), "STOPPING=1\n");
	assert_null(heard());
}


static void test_tell(void **state)
{
	char name[64];
	(void)state;

	(void)re_snprintf(name, sizeof(name), "@cube-notify-%d", getpid());
	manager_open(name);
	tell_all();
	manager_close();

	(void)re_snprintf(name, sizeof(name), "/tmp/cube-notify-%d",
			  getpid());
	manager_open(name);
	tell_all();
	manager_close();
	(void)unlink(name);
}


/* Nobody, a kind that is not known, what is too long, who has gone */
static void test_nobody(void **state)
{
	char path[200];
	(void)state;

	env_clear();
	assert_int_equal(notify_init(), ENOENT);
	assert_false(notify_is_on());
	notify_ready();
	notify_status("ready");
	notify_reloading();
	notify_reloaded();
	notify_stopping(1000);

	assert_int_equal(setenv("NOTIFY_SOCKET", "vsock:2:1", 1), 0);
	assert_int_equal(notify_init(), ENOTSUP);
	assert_int_equal(setenv("NOTIFY_SOCKET", "/", 1), 0);
	assert_int_equal(notify_init(), ENOTSUP);

	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
	assert_int_equal(notify_init(), ENAMETOOLONG);
	assert_false(notify_is_on());

	assert_int_equal(setenv("NOTIFY_SOCKET", "/nonexistent/none", 1), 0);
	assert_int_equal(notify_init(), 0);
	notify_ready();
	notify_status("ready");
	notify_close();
	env_clear();
}


/* Fed by the loop, and not by a loop that hangs */
static void test_watchdog(void **state)
{
	unsigned want = 3;
	uint64_t t;
	char pid[16];
	(void)state;

	manager_open("@cube-notify-dog");
	assert_int_equal(setenv("WATCHDOG_USEC", "40000", 1), 0);
	(void)re_snprintf(pid, sizeof(pid), "%d", getpid());
	assert_int_equal(setenv("WATCHDOG_PID", pid, 1), 0);
	assert_int_equal(notify_init(), 0);

	/* a start that takes long is another matter */
	tu_run(100);
	assert_null(heard());

	t = mono_ms();
	notify_ready();
	assert_string_equal(heard(), "READY=1\n");
	assert_true(tu_wait(dog_heard, &want, 20000));
	/* two halves of the time lie between three of them, less what is
	   rounded */
	assert_true(mono_ms() - t >= 39);

	/* it hangs */
	want = dogs;
	(void)usleep(200000);
	(void)dog_heard(&want);
	assert_int_equal(dogs, want);

	++want;
	assert_true(tu_wait(dog_heard, &want, 20000));
	notify_close();
	want = dogs;
	tu_run(100);
	(void)dog_heard(&want);
	assert_int_equal(dogs, want);
	manager_close();
}


/* It is somebody else's, or none */
static void test_watchdog_not_ours(void **state)
{
	static const char *const usecv[] = {"0", "", "x", "99999999999999999"};
	size_t i;
	(void)state;

	for (i=0; i<=ARRAY_SIZE(usecv); i++) {

		manager_open("@cube-notify-dog");
		assert_int_equal(setenv("WATCHDOG_USEC", i < ARRAY_SIZE(usecv)
					? usecv[i] : "1000", 1), 0);
		if (i == ARRAY_SIZE(usecv))
			assert_int_equal(setenv("WATCHDOG_PID", "1", 1), 0);

		assert_int_equal(notify_init(), 0);
		notify_ready();
		assert_string_equal(heard(), "READY=1\n");
		tu_run(50);
		assert_null(heard());
		manager_close();
	}
}


static bool all_heard(void *arg)
{
	unsigned *n = arg;
	char want[64];

	while (heard()) {
		(void)re_snprintf(want, sizeof(want), "STATUS=calls: %u\n",
				  *n);
		assert_string_equal(got, want);
		++*n;
	}

	return *n >= 20;
}


/* Its queue is full: nothing is lost, or told in another order, and the loop
   does not wait */
static void test_busy(void **state)
{
	unsigned i, n = 0;
	(void)state;

	manager_open("@cube-notify-busy");
	assert_int_equal(notify_init(), 0);

	for (i=0; i<20; i++)
		notify_status("calls: %u", i);

	/* the kernel's queue is some ten datagrams long */
	assert_true(tu_wait(all_heard, &n, 20000));
	assert_int_equal(n, 20);
	manager_close();
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tell),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_watchdog),
		cmocka_unit_test(test_watchdog_not_ours),
		cmocka_unit_test(test_busy),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
