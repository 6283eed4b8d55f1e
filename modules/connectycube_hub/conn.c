/**
 * @file connectycube_hub/conn.c  A bridge's connection: bytes in and out
 *
 * Nothing here waits, and all has an end: a bridge that does not say hello,
 * that sends what is no line, or takes nothing, is sent away; one that sends
 * records faster than the disk takes them is not read from meanwhile.
 */
#include <errno.h>
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
#include "base/log.h"
#include "base/mono.h"
#include "connectycube_link/hubline.h"
#include "hub.h"
#include "command.h"
#include "feed.h"
#include "saylimit.h"


enum {
	HELLO_WAIT = 10000,     /**< For the first line [ms]               */
	OUT_MAX = 1<<18,        /**< What may wait to go out [bytes]       */
	READ_MAX = 16384,       /**< At a time [bytes]                     */
	UNACKED_MAX = 512,      /**< Records that may wait to be stored    */
	UNACKED_SIZE = 4<<20,   /**< ... their size [bytes]                */
};

static void fd_handler(int flags, void *arg);


/**
 * Tell those who listen what a bridge tells
 *
 * @param c    Bridge
 * @param what What, enum hub_told
 * @param body The object, or NULL
 */
void hub_conn_tell(const struct hub_conn *c, unsigned what,
		   const struct json_t *body)
{
	const struct hub_tell t = {
		.what = what, .conn = c->num, .bridge = c->name,
		.extension = hubmsg_str(body, "ext"), .version = c->version,
		.body = body,
	};

	hub_feed_tell(&t);
}


/* Once: all that is to happen when it is over */
static void close_conn(struct hub_conn *c)
{
	if (c->fd < 0)
		return;

	fd_close(c->fd);
	(void)close(c->fd);
	c->fd = -1;

	tmr_cancel(&c->tmr);
	hub_inbox_forget(c->ib, c->num);
	list_unlink(&c->le);
	hub_command_gone(c);
	if (c->name[0])
		hub_conn_tell(c, HUB_TOLD_WENT, NULL);
}


static void destructor(void *data)
{
	struct hub_conn *c = data;

	close_conn(c);
	list_flush(&c->eventl);
	mem_deref(c->hl);
	mem_deref(c->out);
}


static int listen_again(struct hub_conn *c)
{
	/* of its end one hears all the same */
	const int flags = (c->choked ? FD_EXCEPT : FD_READ) |
		(mbuf_get_left(c->out) ? FD_WRITE : 0);

	return fd_listen(c->fd, flags, fd_handler, c);
}


static void shift(struct mbuf *mb)
{
	const size_t left = mbuf_get_left(mb);

	memmove(mb->buf, mbuf_buf(mb), left);
	mb->pos = 0;
	mb->end = left;
}


static int flush(struct hub_conn *c)
{
	ssize_t n;

	while (mbuf_get_left(c->out)) {

		n = send(c->fd, mbuf_buf(c->out), mbuf_get_left(c->out),
			 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			return errno;
		if (n < 0)
			break;

		mbuf_advance(c->out, n);
	}

	shift(c->out);

	return 0;
}


/**
 * Send a message
 *
 * @param c Bridge
 * @param j Message
 *
 * @return 0 if success, ENOBUFS if it takes nothing, otherwise errorcode
 */
int hub_conn_send(struct hub_conn *c, struct json_t *j)
{
	size_t pos;
	int err;

	if (!c || !j)
		return EINVAL;

	if (c->fd < 0)
		return ENOTCONN;

	if (mbuf_get_left(c->out) > OUT_MAX)
		return ENOBUFS;

	pos = c->out->pos;
	err = hubmsg_encode(c->out, j);
	c->out->pos = pos;
	if (!err)
		err = flush(c);

	return err ? err : listen_again(c);
}


/* Whoever may connect can try again at once */
static void say_away(const struct hub_conn *c, const char *why)
{
	static struct saylimit limit;
	unsigned left;

	if (!saylimit_may(&limit, mono_ms(), &left))
		return;

	if (left)
		clog_warning("hub: %u more were sent away, which was not"
			     " said\n", left);
	clog_warning("hub: bridge %s is sent away: %s\n",
		     c->name[0] ? c->name : "(no name)", why);
}


/* One that brings more than the disk takes is not read from meanwhile */
static bool is_full(const struct hub_conn *c)
{
	return c->unacked >= UNACKED_MAX || c->unackedsz >= UNACKED_SIZE;
}


/**
 * Send a bridge away. It is freed, unless somebody else has it
 *
 * @param c   Bridge
 * @param why Why; it is told
 */
void hub_conn_bye(struct hub_conn *c, const char *why)
{
	json_t *j;

	if (!c || c->fd < 0)
		return;

	say_away(c, why);

	j = json_pack("{ss,ss}", "t", "bye", "text", why);
	if (j)
		(void)hub_conn_send(c, j);
	json_decref(j);

	close_conn(c);
	mem_deref(c);
}


static void gone(struct hub_conn *c, int err)
{
	if (c->name[0])
		clog_info("hub: bridge %s has gone%s%s\n", c->name,
			  err ? ": " : "", err ? strerror(err) : "");

	close_conn(c);
	mem_deref(c);
}


static void hello_timeout(void *arg)
{
	hub_conn_bye(arg, "no hello has come");
}


/* The lines' handler has sent it away itself, if it returns an error */
static void input(struct hub_conn *c, const uint8_t *buf, size_t len)
{
	int err;

	err = hubline_input(c->hl, buf, len);
	if (c->fd < 0)
		return;

	if (err == EMSGSIZE) {
		hub_conn_bye(c, "a line is too long");
		return;
	}

	c->choked = is_full(c);
	if (!err && c->choked)
		err = listen_again(c);
	if (err)
		gone(c, err);
}


static void fd_handler(int flags, void *arg)
{
	struct hub_conn *c = mem_ref(arg);
	uint8_t buf[READ_MAX];
	ssize_t n;
	int err = 0;

	if (flags & FD_WRITE) {
		err = flush(c);
		if (!err)
			err = listen_again(c);
		if (err)
			gone(c, err);
	}

	/* of one that is choked it can only be its end */
	if (c->fd >= 0 && flags & ~FD_WRITE) {

		n = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT |
			 (c->choked ? MSG_PEEK : 0));
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			gone(c, errno);
		else if (!n || (n > 0 && c->choked))
			gone(c, 0);
		else if (n > 0)
			input(c, buf, (size_t)n);
	}

	mem_deref(c);
}


/**
 * Take a bridge that has connected
 *
 * @param cp    Pointer to it; freed by itself when it is gone, or by
 *              mem_deref()
 * @param connl List that it is a member of while it is connected
 * @param fd    Socket, owned by it if this succeeds
 * @param num   Number of the connection
 * @param ib    Takes records
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_conn_alloc(struct hub_conn **cp, struct list *connl, int fd,
		   uint64_t num, struct hub_inbox *ib)
{
	struct hub_conn *c;
	int err;

	if (!cp || !connl || fd < 0 || !ib)
		return EINVAL;

	c = mem_zalloc(sizeof(*c), destructor);
	if (!c)
		return ENOMEM;

	c->since = wall_us() / 1000;
	c->fd    = -1;
	c->num   = num;
	c->ib    = ib;

	err = hubline_alloc(&c->hl, hub_conn_line, c);
	c->out = mbuf_alloc(512);
	if (!c->out)
		err = ENOMEM;
	if (!err)
		err = fd_listen(fd, FD_READ, fd_handler, c);
	if (err) {
		mem_deref(c);
		return err;
	}

	c->fd = fd;
	list_append(connl, &c->le, c);
	tmr_start(&c->tmr, HELLO_WAIT, hello_timeout, c);
	*cp = c;

	return 0;
}


/**
 * Tell a bridge that a record of its is on the disk
 *
 * @param c Bridge
 * @param r Record
 */
void hub_conn_ack(struct hub_conn *c, const struct hub_record *r)
{
	json_t *j;
	int err;

	if (c->unacked)
		--c->unacked;
	c->unackedsz -= min(c->unackedsz, str_len(r->json));
	if (c->unacked < UNACKED_MAX / 2 && c->unackedsz < UNACKED_SIZE / 2)
		c->choked = false;

	j = json_pack("{ss,ss}", "t", "ack", "id", r->id);
	err = j ? hub_conn_send(c, j) : ENOMEM;
	json_decref(j);

	if (err == ENOBUFS)
		hub_conn_bye(c, "it takes nothing");
	else if (err)
		gone(c, err);
}
