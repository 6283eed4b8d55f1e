/**
 * @file connectycube_link/hubline.c  Lines of a stream of bytes
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_mem.h>
#include <re_mbuf.h>
#include "hubline.h"


enum {
	ROOM = 1024,            /* to begin with */
};

/** A stream that is cut into lines */
struct hubline {
	struct mbuf *mb;        /* a line that has begun (owned) */
	hubline_h *lineh;       /* takes lines */
	void *arg;              /* its argument */
};


static void destructor(void *data)
{
	struct hubline *hl = data;

	mem_deref(hl->mb);
}


/**
 * Begin a stream
 *
 * @param hlp   Pointer to it, freed by mem_deref()
 * @param lineh Takes the lines
 * @param arg   Its argument
 *
 * @return 0 if success, otherwise errorcode
 */
int hubline_alloc(struct hubline **hlp, hubline_h *lineh, void *arg)
{
	struct hubline *hl;

	if (!hlp || !lineh)
		return EINVAL;

	hl = mem_zalloc(sizeof(*hl), destructor);
	if (!hl)
		return ENOMEM;

	hl->lineh = lineh;
	hl->arg   = arg;
	hl->mb    = mbuf_alloc(ROOM);
	if (!hl->mb) {
		mem_deref(hl);
		return ENOMEM;
	}

	*hlp = hl;

	return 0;
}


static int keep(struct hubline *hl, const uint8_t *buf, size_t len)
{
	if (len > HUBLINE_MAX - hl->mb->end)
		return EMSGSIZE;

	hl->mb->pos = hl->mb->end;

	return mbuf_write_mem(hl->mb, buf, len);
}


/* Empty lines say nothing. A handler may free the stream, if it stops it */
static int tell(struct hubline *hl, const uint8_t *buf, size_t len)
{
	if (len > HUBLINE_MAX)
		return EMSGSIZE;

	return len ? hl->lineh((const char *)buf, len, hl->arg) : 0;
}


/**
 * Bytes have come. Lines that are whole are told one after the other; the
 * handler may free the stream if it returns an error
 *
 * @param hl  Stream
 * @param buf Bytes
 * @param len Their number
 *
 * @return 0 if success, EMSGSIZE if a line is too long, otherwise that of
 *         the handler. The stream is over then
 */
int hubline_input(struct hubline *hl, const uint8_t *buf, size_t len)
{
	const uint8_t *end;
	int err;

	if (!hl || !buf)
		return EINVAL;

	while (len) {

		const uint8_t *p = buf;
		size_t n;

		end = memchr(buf, '\n', len);
		n   = end ? (size_t)(end - buf) : len;

		buf += n + (end ? 1 : 0);
		len -= n + (end ? 1 : 0);

		if (!end || hl->mb->end) {
			err = keep(hl, p, n);
			if (err)
				return err;
			if (!end)
				break;

			p = hl->mb->buf;
			n = hl->mb->end;
			hl->mb->end = 0;
		}

		err = tell(hl, p, n);
		if (err)
			return err;
	}

	return 0;
}
