/**
 * @file test_console.c  The console at a Unix socket, from both ends
 */
#include "testutil.h"
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "connectycube_console/console.h"
#include "cube/office/console.h"


enum { LOOK = 5 };              /* for the thread's end [ms] */

/** Somebody asks, on a thread; the loop answers */
struct asker {
	const char *line;
	struct mbuf *mb;
	bool ok;
	int err;
	_Atomic bool done;
	_Atomic size_t conns;   /* of the console */
	struct console *c;
	struct tmr tmr;
};

static char dir[] = "/tmp/console-XXXXXX";
static char path[512];
static char ran[CONSOLE_LINE + 1];


static int setup(void **state)
{
	(void)state;

	assert_int_equal(0, libre_init());
	assert_non_null(mkdtemp(dir));
	(void)re_snprintf(path, sizeof(path), "%s/console.sock", dir);

	return 0;
}


static int teardown(void **state)
{
	char lock[520];
	(void)state;

	(void)re_snprintf(lock, sizeof(lock), "%s.lock", path);
	(void)unlink(lock);
	assert_int_equal(0, rmdir(dir));
	libre_close();

	return 0;
}


static int run_handler(struct mbuf *mb, const char *line, void *arg)
{
	(void)arg;

	str_ncpy(ran, line, sizeof(ran));

	if (!strcmp(line, "long")) {
		unsigned i;

		for (i=0; i<100000; i++)
			assert_int_equal(0, mbuf_printf(mb, "%06u\n", i));
		return 0;
	}

	assert_int_equal(0, mbuf_printf(mb, "hello\n"));

	return strncmp(line, "no", 2) ? 0 : ENOENT;
}


static struct console *begin(void)
{
	struct console *c = NULL;
	char why[128] = "";
	int err;

	err = console_alloc(&c, path, run_handler, NULL, why, sizeof(why));
	if (err)
		fail_msg("%s", why);

	return c;
}


static void look_handler(void *arg)
{
	struct asker *a = arg;

	a->conns = console_connections(a->c);
	if (a->done)
		re_cancel();
	else
		tmr_start(&a->tmr, LOOK, look_handler, a);
}


static void *ask_thread(void *arg)
{
	struct asker *a = arg;

	a->err = console_ask(path, a->line, a->mb, &a->ok);
	a->done = true;

	return NULL;
}


/* Whatever a thread does with the console, until it is done */
static void serve(struct asker *a, void *(*h)(void *))
{
	pthread_t tid;

	a->done = false;
	tmr_init(&a->tmr);
	tmr_start(&a->tmr, LOOK, look_handler, a);
	assert_int_equal(0, pthread_create(&tid, NULL, h, a));
	(void)re_main(NULL);
	assert_int_equal(0, pthread_join(tid, NULL));
	tmr_cancel(&a->tmr);
}


static int ask(struct asker *a, const char *line)
{
	memset(a, 0, sizeof(*a));
	ran[0]  = '\0';
	a->line = line;
	a->mb   = mbuf_alloc(64);
	serve(a, ask_thread);

	return a->err;
}


static void check_answer(struct asker *a, const char *text)
{
	assert_int_equal(strlen(text), mbuf_get_left(a->mb));
	assert_memory_equal(text, mbuf_buf(a->mb), strlen(text));
	mem_deref(a->mb);
}


static void test_commands(void **state)
{
	struct console *c = begin();
	struct asker a;
	struct stat st;
	(void)state;

	/* nobody else may even open it */
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0, st.st_mode & 0007);

	assert_int_equal(0, ask(&a, "cube_log cloud debug"));
	assert_true(a.ok);
	assert_string_equal("cube_log cloud debug", ran);
	check_answer(&a, "hello\n");

	/* as it is typed at baresip's own console */
	assert_int_equal(0, ask(&a, "/cube_status"));
	assert_string_equal("cube_status", ran);
	check_answer(&a, "hello\n");

	assert_int_equal(0, ask(&a, "nothing"));
	assert_false(a.ok);
	check_answer(&a, "hello\n");

	assert_int_equal(0, ask(&a, "  / "));
	assert_false(a.ok);
	assert_string_equal("", ran);
	check_answer(&a, "a command is a line of text\n");

	assert_int_equal(0, ask(&a, "a\x1b[2J"));
	assert_false(a.ok);
	assert_string_equal("", ran);
	check_answer(&a, "a command is a line of text\n");

	assert_int_equal(0, ask(&a, "long"));
	assert_true(a.ok);
	assert_int_equal(700000, mbuf_get_left(a.mb));
	mem_deref(a.mb);

	assert_int_equal(0, console_connections(c));
	mem_deref(c);
}


static int connect_raw(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	str_ncpy(sun.sun_path, path, sizeof(sun.sun_path));
	assert_int_equal(0, connect(fd, (struct sockaddr *)&sun,
				    sizeof(sun)));

	return fd;
}


/* The loop goes on meanwhile; the test's own limit ends what never comes */
static void wait_for(const struct asker *a, size_t conns)
{
	while (a->conns != conns)
		(void)usleep(1000);
}


/* In pieces, without an end, too long, gone in the middle, too many */
static void *odd_thread(void *arg)
{
	char big[CONSOLE_LINE + 2], buf[64];
	struct asker *a = arg;
	int fdv[CONSOLE_MOST], fd;
	size_t i;

	fd = connect_raw();
	assert_int_equal(2, send(fd, "cu", 2, MSG_NOSIGNAL));
	assert_int_equal(9, send(fd, "be_x y\r\nz", 9, MSG_NOSIGNAL));
	assert_int_equal(9, recv(fd, buf, sizeof(buf), MSG_WAITALL));
	assert_memory_equal("ok\nhello\n", buf, 9);
	(void)close(fd);

	/* the second one of a text would be another command */
	fd = connect_raw();
	assert_int_equal(6, send(fd, "a\0b\ncd", 6, MSG_NOSIGNAL));
	assert_true(recv(fd, buf, sizeof(buf), MSG_WAITALL) <= 0);
	(void)close(fd);

	memset(big, 'x', sizeof(big));
	fd = connect_raw();
	(void)!send(fd, big, sizeof(big), MSG_NOSIGNAL);
	assert_true(recv(fd, buf, sizeof(buf), MSG_WAITALL) <= 0);
	(void)close(fd);

	fd = connect_raw();
	assert_int_equal(4, send(fd, "cube", 4, MSG_NOSIGNAL));
	/* it has been taken, and is gone, before others come */
	assert_int_equal(0, shutdown(fd, SHUT_WR));
	assert_true(recv(fd, buf, sizeof(buf), MSG_WAITALL) <= 0);
	(void)close(fd);

	wait_for(a, 0);
	for (i=0; i<CONSOLE_MOST; i++)
		fdv[i] = connect_raw();
	wait_for(a, CONSOLE_MOST);
	fd = connect_raw();
	assert_true(recv(fd, buf, sizeof(buf), MSG_WAITALL) <= 0);
	(void)close(fd);

	/* the others are served as they were */
	for (i=0; i<CONSOLE_MOST; i++) {
		assert_int_equal(7, send(fdv[i], "cube_x\n", 7,
					 MSG_NOSIGNAL));
		assert_int_equal(9, recv(fdv[i], buf, 9, MSG_WAITALL));
		(void)close(fdv[i]);
	}

	a->done = true;

	return NULL;
}


static void test_odd(void **state)
{
	struct console *c = begin();
	struct asker a;
	(void)state;

	memset(&a, 0, sizeof(a));
	a.c = c;
	a.conns = 1;
	serve(&a, odd_thread);
	mem_deref(c);
}


static void test_nobody(void **state)
{
	struct mbuf *mb = mbuf_alloc(64);
	char why[128], longest[200];
	struct console *c, *other;
	bool ok;
	(void)state;

	assert_int_equal(ENOENT, console_ask(path, "x", mb, &ok));
	assert_int_equal(EINVAL, console_ask(path, "x\ny", mb, &ok));
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(ENAMETOOLONG, console_ask(longest, "x", mb, &ok));

	c = begin();
	assert_int_equal(EADDRINUSE, console_alloc(&other, path, run_handler,
						   NULL, why, sizeof(why)));
	assert_non_null(strstr(why, path));
	mem_deref(c);
	assert_int_equal(ENOENT, console_ask(path, "x", mb, &ok));
	mem_deref(mb);
}


/* A profile may lie deeper than an address has room for: CI's own does */
static void test_deep(void **state)
{
	char deep[256], lock[520], shallow[sizeof(path)];
	struct mbuf *mb = mbuf_alloc(64);
	struct console *c;
	struct asker a;
	struct stat st;
	(void)state;

	str_ncpy(shallow, path, sizeof(shallow));
	(void)re_snprintf(deep, sizeof(deep), "%s/%0150u", dir, 0U);
	(void)re_snprintf(path, sizeof(path), "%s/console.sock", deep);
	(void)re_snprintf(lock, sizeof(lock), "%s.lock", path);

	/* its folder is made, as any door's is */
	c = begin();
	assert_int_equal(0, stat(path, &st));
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(0, ask(&a, "cube_status"));
	assert_true(a.ok);
	check_answer(&a, "hello\n");
	mem_deref(c);
	assert_int_equal(-1, stat(path, &st));

	assert_int_equal(0, unlink(lock));
	assert_int_equal(0, rmdir(deep));
	assert_int_equal(ENOENT, console_ask(path, "x", mb, &a.ok));
	mem_deref(mb);
	str_ncpy(path, shallow, sizeof(path));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_odd),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_deep),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
