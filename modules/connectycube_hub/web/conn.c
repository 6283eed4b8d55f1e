/**
 * @file connectycube_hub/web/conn.c  A connection: bytes in and out, and time
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <openssl/ssl.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_main.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "base/log.h"
#include "base/mono.h"
#include "route.h"
#include "file.h"
#include "head.h"
#include "web.h"
#include "conn_core.h"


enum {
	IDLE_WAIT = 30000,      /**< For another request [ms]              */
	HEAD_WAIT = 10000,      /**< For a head, from its first byte [ms]  */
	BODY_WAIT = 30000,      /**< For a body [ms]                       */
	ANSWER_WAIT = 60000,    /**< For a handler [ms]                    */
	SEND_WAIT = 30000,      /**< Until some of an answer is taken [ms] */
	LINGER_WAIT = 3000,     /**< For its end [ms]                      */
	STREAM_MAX = 1<<20,     /**< What may wait of a stream [bytes]     */
	TURN = 16,              /**< Steps, then others are looked after   */
	TURN_TIME = 5,          /**< ... or after that [ms]                */
	TURN_WAIT = 1,          /**< ... for so long [ms]                  */
	REST_MOST = 100,        /**< Longest that all rest [ms]            */
};

static void fd_handler(int flags, void *arg);
static void timeout(void *arg);
static void flush_handler(void *arg);


/* Once: all that is to happen when it is over */
static void close_conn(struct web_conn *c)
{
	if (c->state == WEB_CLOSED)
		return;

	c->state = WEB_CLOSED;
	tmr_cancel(&c->tmr);
	tmr_cancel(&c->turn);
	list_unlink(&c->le);
	c->piece = mem_deref(c->piece);

	/* who answers later is heard no more */
	if (c->req) {
		c->req->doneh = NULL;
		c->req->reply.stream = mem_deref(c->req->reply.stream);
		c->req = mem_deref(c->req);
	}

	if (c->io.fd >= 0)
		fd_close(c->io.fd);
	web_io_close(&c->io);
}


static void destructor(void *data)
{
	struct web_conn *c = data;

	close_conn(c);
	mem_deref(c->in);
	mem_deref(c->out);
}


static void gone(struct web_conn *c)
{
	if (c->state == WEB_CLOSED)
		return;

	close_conn(c);
	mem_deref(c);
}


/**
 * What a connection is at changes; each has its time
 *
 * @param c     Connection
 * @param state What it is at now
 */
void web_conn_state(struct web_conn *c, enum web_state state)
{
	static const uint32_t waitv[] = {
		[WEB_IDLE]      = IDLE_WAIT,
		[WEB_READ_HEAD] = HEAD_WAIT,
		[WEB_READ_BODY] = BODY_WAIT,
		[WEB_ANSWER]    = ANSWER_WAIT,
		[WEB_SEND]      = SEND_WAIT,
		[WEB_LINGER]    = LINGER_WAIT,
	};

	c->state = state;
	if (state == WEB_SEND)
		web_pace_begin(&c->pace, c->io.fd);
	if (state == WEB_STREAM || state == WEB_CLOSED)
		tmr_cancel(&c->tmr);
	else
		tmr_start(&c->tmr, waitv[state], timeout, c);
}


static int listen_again(struct web_conn *c)
{
	int flags = FD_EXCEPT;

	if ((c->state != WEB_ANSWER && c->state != WEB_SEND) ||
	    c->io.write_waits)
		flags |= FD_READ;
	if ((mbuf_get_left(c->out) && !c->io.write_waits) ||
	    c->io.read_waits)
		flags |= FD_WRITE;

	return fd_listen(c->io.fd, flags, fd_handler, c);
}


static void shift(struct mbuf *mb)
{
	mb->end = mbuf_get_left(mb);
	memmove(mb->buf, mbuf_buf(mb), mb->end);
	mb->pos = 0;
}


/* Another one may follow, or all is said */
static void sent(struct web_conn *c)
{
	c->req = mem_deref(c->req);

	if (c->keep) {
		shift(c->in);
		web_conn_state(c, WEB_IDLE);
		return;
	}

	if (c->io.ssl)
		(void)SSL_shutdown(c->io.ssl);
	(void)shutdown(c->io.fd, SHUT_WR);
	web_conn_state(c, WEB_LINGER);
}


static void piece_handler(int err, const struct mbuf *mb, void *arg)
{
	struct web_conn *c = arg;
	struct web_reply *r = &c->req->reply;

	c->piece = mem_deref(c->piece);
	if (!err)
		err = mbuf_write_mem(c->out, mb->buf, mb->end);
	if (err) {
		gone(c);
		return;
	}

	c->out->pos = 0;
	r->off += mb->end;
	r->len -= mb->end;
	web_conn_go_on(c);
}


/* What is to go out is of a file, and all that was read of it has gone */
static int next_piece(struct web_conn *c)
{
	int err = 0;

	if (!c->piece)
		err = web_file_piece(&c->piece, &c->req->reply, piece_handler,
				     c);

	return err ? err : EAGAIN;
}


static bool has_more(const struct web_conn *c)
{
	return c->req && c->req->reply.fd >= 0 && c->req->reply.len;
}


static int flush(struct web_conn *c)
{
	size_t n;
	int err;

	while (mbuf_get_left(c->out)) {

		err = web_io_write(&c->io, mbuf_buf(c->out),
				   mbuf_get_left(c->out), &n);
		if (err)
			return err;

		mbuf_advance(c->out, (ssize_t)n);
		c->pace.sent += n;
	}

	c->out->pos = c->out->end = 0;
	if (c->state == WEB_SEND && has_more(c))
		return next_piece(c);
	if (c->state == WEB_SEND)
		sent(c);

	return 0;
}


/* EAGAIN if there is nothing more to be done now */
static int step(struct web_conn *c)
{
	int err;

	err = flush(c);
	if (err && (err != EAGAIN || c->state == WEB_SEND))
		return err;

	if (c->state == WEB_ANSWER || c->state == WEB_SEND)
		return !err && mbuf_get_left(c->out) ? 0 : EAGAIN;

	return web_conn_read(c);
}


/* The loop is not for HTTP alone: as long as it has worked it rests. It is
   not told meanwhile of what there is to be read */
static bool rests(struct web_conn *c)
{
	const uint64_t now = mono_ms();

	if (now >= c->sh->rest)
		return false;

	tmr_start(&c->turn, c->sh->rest - now, flush_handler, c);
	(void)fd_listen(c->io.fd, FD_EXCEPT, fd_handler, c);

	return true;
}


static void rest(struct web_shared *sh, uint64_t start)
{
	const uint64_t now = mono_ms(), used = now - start;

	if (used > 1)
		sh->rest = now + min(used, (uint64_t)REST_MOST);
}


/* Somebody who asks faster than he is answered would be the only one */
static void run(struct web_conn *c)
{
	uint64_t start;
	unsigned n = 0;
	int err;

	if (rests(c))
		return;

	mem_ref(c);
	c->running = true;
	tmr_cancel(&c->turn);
	start = mono_ms();

	do {
		err = step(c);
	} while (!err && c->state != WEB_CLOSED && ++n < TURN &&
		 mono_ms() - start < TURN_TIME);

	c->running = false;
	rest(c->sh, start);

	if (!err && c->state != WEB_CLOSED)
		tmr_start(&c->turn, TURN_WAIT, flush_handler, c);
	if (err == EAGAIN && c->state != WEB_CLOSED)
		err = listen_again(c);
	if (err)
		gone(c);

	mem_deref(c);
}


static void fd_handler(int flags, void *arg)
{
	struct web_conn *c = arg;

	/* its end, told again and again: a handler has it, or a thread reads */
	if (flags & FD_EXCEPT && (c->state == WEB_ANSWER || c->piece))
		gone(c);
	else
		run(c);
}


static void timeout(void *arg)
{
	struct web_conn *c = arg;

	if ((c->state == WEB_READ_HEAD || c->state == WEB_READ_BODY) &&
	    (!c->io.ssl || SSL_is_init_finished(c->io.ssl)))
		web_serve_late(c);
	else if (c->state == WEB_SEND && (!mbuf_get_left(c->out) ||
					  web_pace_holds(&c->pace, c->io.fd)))
		tmr_start(&c->tmr, SEND_WAIT, timeout, c);
	else
		gone(c);
}


static void drop_handler(void *arg)
{
	struct web_conn *c = arg;

	clog_warning("hub: http: %s takes nothing, it is dropped\n",
		     c->peer.from);
	gone(c);
}


static void flush_handler(void *arg)
{
	run(arg);
}


/* Whoever follows may not any longer */
static void end_stream(struct web_out *out)
{
	struct web_conn *c = (struct web_conn *)(void *)out;

	if (c->state == WEB_STREAM)
		tmr_start(&c->tmr, 0, timeout, c);
}


/* Written soon, together with what else there is */
static int write_handler(struct web_out *out, const char *text, size_t len)
{
	struct web_conn *c = (struct web_conn *)(void *)out;
	int err;

	if (c->state != WEB_STREAM)
		return ENOTCONN;

	if (mbuf_get_left(c->out) + len > STREAM_MAX) {
		tmr_start(&c->tmr, 0, drop_handler, c);
		return ENOBUFS;
	}

	shift(c->out);
	c->out->pos = c->out->end;
	err = mbuf_write_mem(c->out, (const uint8_t *)text, len);
	c->out->pos = 0;

	if (!c->running && !tmr_isrunning(&c->tmr))
		tmr_start(&c->tmr, 0, flush_handler, c);

	return err;
}


/**
 * Go on with a connection whose answer has come
 *
 * @param c Connection
 */
void web_conn_go_on(struct web_conn *c)
{
	if (!c->running)
		run(c);
}


/**
 * Take a connection
 *
 * @param sh   What all have in common; it is a member of its list, and freed
 *             by itself when it is over, or by mem_deref()
 * @param peer Who it is; its fd is owned if this succeeds
 * @param full There are too many: it is told so
 *
 * @return 0 if success, otherwise errorcode
 */
int web_conn_alloc(struct web_shared *sh, const struct web_peer *peer,
		   bool full)
{
	struct web_conn *c;
	int err = 0;

	c = mem_zalloc(sizeof(*c), destructor);
	if (!c)
		return ENOMEM;

	c->outh.writeh = write_handler;
	c->outh.endh   = end_stream;
	c->sh    = sh;
	c->peer  = *peer;
	c->io.fd = -1;
	c->full  = full;
	c->in    = mbuf_alloc(512);
	c->out   = mbuf_alloc(512);
	if (!c->in || !c->out)
		err = ENOMEM;

	if (!err && peer->tls) {
		c->io.ssl = SSL_new(sh->ssl);
		if (!c->io.ssl || SSL_set_fd(c->io.ssl, peer->fd) != 1)
			err = ENOMEM;
		else
			SSL_set_accept_state(c->io.ssl);
	}
	if (!err)
		err = fd_listen(peer->fd, FD_READ, fd_handler, c);
	if (err) {
		mem_deref(c);
		return err;
	}

	c->io.fd = peer->fd;
	list_append(&sh->connl, &c->le, c);
	web_conn_state(c, WEB_READ_HEAD);

	return 0;
}


/**
 * Where does a connection come from?
 *
 * @param c Connection
 *
 * @return Address; of IPv6 its /64
 */
const char *web_conn_net(const struct web_conn *c)
{
	return c->peer.net;
}


/**
 * Is a connection one too many?
 *
 * @param c Connection
 *
 * @return True if it is only told so
 */
bool web_conn_is_full(const struct web_conn *c)
{
	return c->full;
}
