/**
 * @file connectycube_console/console.c  Commands come in, answers go out
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <re.h>
#include "base/unixdoor.h"
#include "console.h"


/** Who listens */
struct console {
	struct unix_door *door; /* socket (owned) */
	struct list connl;      /* who has come (owned) */
	console_run_h *runh;    /* runs commands */
	void *arg;              /* its argument */
};

/** Who has come */
struct conn {
	struct le le;           /* member of the console's */
	struct console *c;      /* (pointer) */
	int fd;                 /* socket (owned) */
	char line[CONSOLE_LINE + 1]; /* what has come of the command */
	size_t len;             /* so much */
	struct mbuf *out;       /* the answer, from `pos` on still to be
				 * sent; NULL: none yet (owned) */
	struct tmr tmr;         /* it takes too long */
};


static void conn_destructor(void *data)
{
	struct conn *cn = data;

	tmr_cancel(&cn->tmr);
	list_unlink(&cn->le);
	fd_close(cn->fd);
	(void)close(cn->fd);
	mem_deref(cn->out);
}


static void late_handler(void *arg)
{
	mem_deref(arg);
}


static bool is_text(const char *str)
{
	for (; *str; str++) {
		if ((unsigned char)*str < ' ' && *str != '\t')
			return false;
	}

	return true;
}


/* The answer, with what became of it before it: no, unless it is done */
static int answer(struct conn *cn)
{
	const char *line = cn->line;

	cn->out = mbuf_alloc(1024);
	if (!cn->out || mbuf_write_str(cn->out, "no\n"))
		return ENOMEM;

	while (*line == '/' || *line == ' ' || *line == '\t')
		++line;

	if (!*line || !is_text(line))
		(void)mbuf_printf(cn->out, "a command is a line of text\n");
	else if (!cn->c->runh(cn->out, line, cn->c->arg))
		memcpy(cn->out->buf, "ok", 2);

	cn->out->pos = 0;

	return 0;
}


/* 0 if all is sent, EAGAIN if some is left */
static int send_out(struct conn *cn)
{
	while (mbuf_get_left(cn->out)) {

		const ssize_t n = send(cn->fd, mbuf_buf(cn->out),
				       mbuf_get_left(cn->out),
				       MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EWOULDBLOCK ? EAGAIN : errno;

		mbuf_advance(cn->out, n);
	}

	return 0;
}


/* 0 if the line is whole, EAGAIN if more is to come */
static int receive(struct conn *cn)
{
	for (;;) {

		const size_t room = CONSOLE_LINE - cn->len;
		char *end;
		ssize_t n;

		if (!room)
			return EMSGSIZE;

		n = recv(cn->fd, &cn->line[cn->len], room, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EWOULDBLOCK ? EAGAIN : errno;
		if (!n)
			return ECONNRESET;

		end = memchr(&cn->line[cn->len], '\n', (size_t)n);
		cn->len += (size_t)n;
		if (!end)
			continue;

		*end = '\0';
		if (end > cn->line && end[-1] == '\r')
			end[-1] = '\0';

		return memchr(cn->line, '\0', cn->len) < (void *)(end - 1) ?
			EBADMSG : 0;
	}
}


static void io_handler(int flags, void *arg)
{
	struct conn *cn = arg;
	int err = 0;
	(void)flags;

	if (!cn->out) {
		err = receive(cn);
		if (err == EAGAIN)
			return;
		if (!err)
			err = answer(cn);
		if (!err)
			err = fd_listen(cn->fd, FD_WRITE, io_handler, cn);
	}

	if (!err)
		err = send_out(cn);
	if (err != EAGAIN)
		mem_deref(cn);
}


static void accept_handler(int fd, void *arg)
{
	struct console *c = arg;
	struct conn *cn;

	cn = list_count(&c->connl) < CONSOLE_MOST ?
		mem_zalloc(sizeof(*cn), conn_destructor) : NULL;
	if (!cn) {
		(void)close(fd);
		return;
	}

	cn->c  = c;
	cn->fd = fd;
	list_append(&c->connl, &cn->le, cn);
	tmr_start(&cn->tmr, CONSOLE_TIME, late_handler, cn);

	if (fd_listen(fd, FD_READ, io_handler, cn))
		mem_deref(cn);
}


static void destructor(void *data)
{
	struct console *c = data;

	mem_deref(c->door);
	list_flush(&c->connl);
}


/**
 * Listen for commands
 *
 * @param cp   Pointer to it, freed by mem_deref()
 * @param path Path of the socket, which is made for root and our own user
 * @param runh Runs commands; it must not free the console
 * @param arg  Its argument
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int console_alloc(struct console **cp, const char *path, console_run_h *runh,
		  void *arg, char *why, size_t size)
{
	const struct unix_door_prm prm = {
		.path = path, .owner = "console",
	};
	struct console *c;
	int err;

	if (!cp || !path || !runh || !why || !size)
		return EINVAL;

	c = mem_zalloc(sizeof(*c), destructor);
	if (!c)
		return ENOMEM;

	c->runh = runh;
	c->arg  = arg;

	err = unix_door_alloc(&c->door, &prm, accept_handler, c, why, size);
	if (err)
		mem_deref(c);
	else
		*cp = c;

	return err;
}


/**
 * Number of those who have come
 *
 * @param c Console
 *
 * @return Connections
 */
size_t console_connections(const struct console *c)
{
	return c ? list_count(&c->connl) : 0;
}
