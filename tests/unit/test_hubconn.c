/**
 * @file test_hubconn.c  Who listens where the hub is looked for
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include "testutil.h"
#include "base/log.h"
#include "connectycube_link/hubconn.h"
#include "connectycube_link/hubconn_core.h"

#define HELLO "{\"t\":\"hello\",\"v\":1,\"min\":1,\"name\":\"hub\"}\n"

enum { NOBODY = 65534 };

static struct {
	char dir[64];
	char path[108];
	char log[4096];
	pid_t pid;              /* who listens */
	int go[2];              /* ... and when */
	bool up;
} t;


static void log_handler(const struct clog_line *line, void *arg)
{
	(void)arg;

	(void)re_snprintf(t.log, sizeof(t.log), "%s", line->msg);
}


static void up_handler(void *arg)
{
	(void)arg;

	t.up = true;
}


static void down_handler(void *arg)
{
	(void)arg;

	t.up = false;
}


static void ack_handler(const char *id, void *arg)
{
	(void)id;
	(void)arg;
}


static int command_handler(struct mbuf *mb, const char *line, void *arg)
{
	(void)mb;
	(void)line;
	(void)arg;

	return 0;
}


/* Once it is told to, it says hello to whoever comes, until it is killed */
static void serve(int fd, uid_t uid)
{
	char c;

	if (uid && setuid(uid))
		_exit(1);
	if (read(t.go[0], &c, 1) != 1)
		_exit(1);
	if (listen(fd, 5))
		_exit(1);

	for (;;) {

		const int one = accept(fd, NULL, NULL);

		if (one < 0 || write(one, HELLO, strlen(HELLO)) < 0)
			_exit(1);
	}
}


static void listen_as(uid_t uid, mode_t mode)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd;

	assert_int_equal(chmod(t.dir, mode), 0);
	str_ncpy(un.sun_path, t.path, sizeof(un.sun_path));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);

	assert_int_equal(pipe(t.go), 0);
	t.pid = fork();
	if (!t.pid)
		serve(fd, uid);
	(void)close(fd);
}


static int setup(void **state)
{
	(void)state;

	memset(&t, 0, sizeof(t));
	strcpy(t.dir, "/tmp/hubconn.XXXXXX");
	if (!mkdtemp(t.dir))
		return -1;
	(void)re_snprintf(t.path, sizeof(t.path), "%s/hub.sock", t.dir);
	clog_set_handler(log_handler, NULL);

	return 0;
}


static int teardown(void **state)
{
	(void)state;

	clog_set_handler(NULL, NULL);
	if (t.pid) {
		(void)kill(t.pid, SIGKILL);
		(void)waitpid(t.pid, NULL, 0);
		(void)close(t.go[0]);
		(void)close(t.go[1]);
	}
	(void)unlink(t.path);

	return rmdir(t.dir);
}


static bool is_missed(void *arg)
{
	(void)arg;

	return strstr(t.log, "nobody listens at this socket");
}


static bool has_met(void *arg)
{
	(void)arg;

	return t.up || strstr(t.log, "neither root nor our own user");
}


static void check(bool up)
{
	const struct hubconn_h h = {
		.up = up_handler, .down = down_handler, .ack = ack_handler,
		.command = command_handler,
	};
	struct hubconn *hc;

	assert_int_equal(hubconn_alloc(&hc, t.path, "1001", &h, NULL), 0);

	/* nobody is there yet, which is said, and is not all that is */
	assert_true(tu_wait(is_missed, NULL, 60000));
	assert_int_equal(write(t.go[1], "", 1), 1);
	assert_true(tu_wait(has_met, NULL, 60000));
	assert_int_equal(t.up, up);
	hubconn_close(hc);
}


static void test_ours(void **state)
{
	(void)state;

	listen_as(0, 0777);
	check(true);
}


/* It runs as a user of its own, in a folder where not everybody may write */
static void test_folder(void **state)
{
	(void)state;

	if (geteuid())
		skip();

	listen_as(NOBODY, 0755);
	check(true);
}


/* It would be told of all calls, and could say that their records are kept */
static void test_anybody(void **state)
{
	(void)state;

	if (geteuid())
		skip();

	listen_as(NOBODY, 01777);
	check(false);
}


static bool is_up(void *arg)
{
	(void)arg;

	return t.up;
}


static bool has_come(void *arg)
{
	const int *fdv = arg;
	struct pollfd p = {.fd = fdv[0], .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}


static int accept_in_loop(int fd)
{
	assert_true(tu_wait(has_come, &fd, 60000));

	return accept(fd, NULL, NULL);
}


/* It takes some, but never all: what is kept for it does not grow */
static void test_slow(void **state)
{
	const struct hubconn_h h = {
		.up = up_handler, .down = down_handler, .ack = ack_handler,
		.command = command_handler,
	};
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct mbuf *mb = mbuf_alloc(100000);
	static char buf[100000];
	struct hubconn *hc;
	int fd, one, i;
	(void)state;

	str_ncpy(un.sun_path, t.path, sizeof(un.sun_path));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(hubconn_alloc(&hc, t.path, "1001", &h, NULL), 0);
	one = accept_in_loop(fd);
	assert_int_equal(write(one, HELLO, strlen(HELLO)), strlen(HELLO));
	assert_true(tu_wait(is_up, NULL, 60000));

	/* an empty file is no record, however often it is read */
	assert_int_equal(hubconn_record(hc, "a", mb), EBADMSG);

	memset(buf, 'x', sizeof(buf));
	buf[0] = buf[sizeof(buf) - 1] = '"';
	assert_int_equal(mbuf_write_mem(mb, (uint8_t *)buf, sizeof(buf)), 0);

	while (!hc->lost)
		hubconn_event(hc, mb);

	for (i=0; i<200; i++) {
		assert_true(read(one, buf, sizeof(buf)) > 0);
		hubconn_flush(hc);
		hubconn_event(hc, mb);
		assert_true(mbuf_get_left(hc->out) > 0);
	}

	assert_true(hc->out->size < 1<<21);

	hubconn_close(hc);
	(void)close(one);
	(void)close(fd);
	mem_deref(mb);
}


#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_ours), T(test_folder), T(test_anybody), T(test_slow),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
