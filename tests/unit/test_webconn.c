/**
 * @file test_webconn.c  The hub's HTTP: a connection ends while a disk hangs
 *
 * Reading the file waits for our permission (fanotify), as if its disk hung.
 */
#include "file_rig.h"
#include <fcntl.h>
#include <sys/fanotify.h>
#include <sys/socket.h>
#include "base/jobthread.h"
#include "connectycube_hub/web/route.h"
#include "connectycube_hub/web/file.h"
#include "connectycube_hub/web/web.h"
#include "connectycube_hub/web/conn_core.h"


enum {
	PATIENCE = 20000,
	BYTES = 100000,
};

static int gate = -1;           /* who may read */
static struct web_shared shared;


static int setup(void **state)
{
	static char text[BYTES];

	if (fr_setup(state))
		return -1;

	write_file("file", text, sizeof(text));

	return web_file_start();
}


static int teardown(void **state)
{
	/* who waits still may read */
	if (gate >= 0)
		(void)close(gate);

	web_file_stop();
	jobthread_wait();
	assert_int_equal(0, remove(in_dir("file")));

	return fr_teardown(state);
}


static bool is_asked(void *arg)
{
	struct fanotify_event_metadata ev;
	struct fanotify_response *resp = arg;

	if (read(gate, &ev, sizeof(ev)) != sizeof(ev))
		return false;

	resp->fd       = ev.fd;
	resp->response = FAN_ALLOW;

	return true;
}


static bool is_gone(void *arg)
{
	(void)arg;

	return list_isempty(&shared.connl);
}


static void ignore(struct web_req *req, void *arg)
{
	(void)req;
	(void)arg;
}


/* A connection whose answer is the file */
static void begin(int fd)
{
	const struct web_peer peer = {.fd = fd, .local = true};
	struct web_conn *c;

	assert_int_equal(0, web_conn_alloc(&shared, &peer, false));
	c = list_ledata(list_head(&shared.connl));
	assert_int_equal(0, web_req_alloc(&c->req, ignore, NULL));
	c->req->reply.fd  = open(in_dir("file"), O_RDONLY | O_CLOEXEC);
	c->req->reply.len = BYTES;
	web_conn_state(c, WEB_SEND);
	web_conn_go_on(c);
}


/* Who has gone is not waited for, and does not keep the loop awake */
static void test_end(void **state)
{
	struct fanotify_response resp;
	int fdv[2];
	(void)state;

	gate = fanotify_init(FAN_CLASS_CONTENT | FAN_NONBLOCK | FAN_CLOEXEC,
			     O_RDONLY);
	if (gate < 0 || fanotify_mark(gate, FAN_MARK_ADD, FAN_ACCESS_PERM,
				      AT_FDCWD, in_dir("file"))) {
		print_message("fanotify: %s\n", strerror(errno));
		skip();
	}

	assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK,
				       0, fdv));
	begin(fdv[0]);
	assert_true(tu_wait(is_asked, &resp, PATIENCE));
	assert_false(is_gone(NULL));

	(void)close(fdv[1]);
	assert_true(tu_wait(is_gone, NULL, PATIENCE));

	assert_int_equal(sizeof(resp), write(gate, &resp, sizeof(resp)));
	(void)close(resp.fd);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_end, setup, teardown),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
