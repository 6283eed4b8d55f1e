/**
 * @file fuzz_hubrecv.c  A bridge: whatever the hub says, before its hello and
 *                       behind it, down to the commands and their parameters
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_main.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "call/command.h"
#include "connectycube_link/hubline.h"
#include "connectycube_link/hubconn.h"
#include "connectycube_link/hubconn_core.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void up_handler(void *arg)
{
	(void)arg;
}


static void ack_handler(const char *id, void *arg)
{
	(void)arg;

	if (!id || strlen(id) > HUBLINE_MAX)
		abort();
}


static int echo_handler(struct command_req *req, void *arg)
{
	uint32_t n;
	bool b;
	(void)arg;

	(void)command_str(req, "target");
	(void)command_u32(req, "call", &n);
	(void)command_bool(req, "on", &b);

	return command_str(req, "no") ?
		command_refuse(req, EBUSY, "%s", command_str(req, "no")) : 0;
}


static void order_handler(struct mbuf *mb, const char **wordp, char *why,
			  size_t size, const char *name, const char *params,
			  void *arg)
{
	(void)arg;

	*wordp = command_word(command_run(mb, why, size, name, params));
}


static int command_handler(struct mbuf *mb, const char *line, void *arg)
{
	(void)arg;

	return mbuf_write_str(mb, line);
}


static const struct hubconn_h handlers = {
	.up = up_handler, .down = up_handler, .ack = ack_handler,
	.order = order_handler, .command = command_handler,
};


/* All that is answered is a message */
static void check_answers(int fd)
{
	static char buf[1 << 20];
	const ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	const char *p = buf, *end;
	enum hubline_type type;
	char why[128];
	json_t *j;

	for (; n > 0 && (end = memchr(p, '\n', buf + n - p)); p = end + 1) {

		if (hubmsg_decode(&j, &type, p, end - p, why, sizeof(why)) ||
		    type != HUBLINE_REPLY)
			abort();
		json_decref(j);
	}
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct command v[] = {
		{"hangup", echo_handler, NULL, true},
	};
	static struct command_set *set;
	struct hubconn *hc;
	int fdv[2];

	if (!size)
		return 0;

	if (!set && command_register(&set, v, 1))
		abort();

	if (hubconn_alloc(&hc, "/dev/null/hub.sock", "fuzz", &handlers,
			  NULL) ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fdv))
		abort();

	hc->fd    = fdv[0];
	hc->out   = mbuf_alloc(512);
	hc->state = data[0] & 1 ? HUBCONN_UP : HUBCONN_HELLO;
	if (!hc->out || hubline_alloc(&hc->hl, hubconn_line, hc))
		abort();

	(void)hubline_input(hc->hl, data + 1, size - 1);
	if (hc->state != HUBCONN_HELLO)
		check_answers(fdv[1]);

	hc->state = HUBCONN_OFF;
	hubconn_close(hc);
	(void)close(fdv[1]);

	return 0;
}
