/**
 * @file connectycube_hub/web/connread.c  A connection: what comes in
 */
#include <errno.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_tmr.h>
#include "route.h"
#include "head.h"
#include "web.h"
#include "conn_core.h"


enum {
	LINGER_MAX = 1<<24,     /**< Most that is thrown away [bytes]      */
	PIECE = 16384,          /**< Read at a time [bytes]                */
};


/* Room in a buffer for what is to be read; it never has more than most */
static int read_some(struct web_conn *c, struct mbuf *mb, size_t most)
{
	uint8_t piece[PIECE];
	size_t n;
	int err;

	if (mb->end >= most)
		return EAGAIN;

	err = web_io_read(&c->io, piece, most - mb->end < sizeof(piece) ?
			  most - mb->end : sizeof(piece), &n);
	if (err)
		return err;

	mb->pos = mb->end;
	err = mbuf_write_mem(mb, piece, n);
	mb->pos = 0;

	return err;
}


/* What somebody goes on saying is read, and thrown away */
static int throw_away(struct web_conn *c)
{
	uint8_t piece[PIECE];
	size_t n;
	int err;

	err = web_io_read(&c->io, piece, sizeof(piece), &n);
	c->thrown += n;

	return c->thrown > LINGER_MAX ? ECONNRESET : err;
}


static int read_body(struct web_conn *c)
{
	int err = 0;

	/* some may have come with the head */
	if (c->req->body->end < c->body)
		err = read_some(c, c->req->body, c->body);
	if (!err && c->req->body->end == c->body)
		web_serve_body(c);

	return err;
}


static int read_head(struct web_conn *c)
{
	int err;

	if (c->in->end && web_serve_head(c))
		return 0;

	err = read_some(c, c->in, WEB_HEAD_MAX);
	if (!err && c->state == WEB_IDLE)
		web_conn_state(c, WEB_READ_HEAD);

	return err;
}


/**
 * Read what has come, and do what is to be done with it
 *
 * @param c Connection
 *
 * @return 0 if success, EAGAIN if there is nothing more to be done now,
 *         ECONNRESET if it has ended
 */
int web_conn_read(struct web_conn *c)
{
	switch (c->state) {

	case WEB_IDLE:
	case WEB_READ_HEAD:
		return read_head(c);

	case WEB_READ_BODY:
		return read_body(c);

	case WEB_STREAM:
	case WEB_LINGER:
		return throw_away(c);

	default:
		return EAGAIN;
	}
}
