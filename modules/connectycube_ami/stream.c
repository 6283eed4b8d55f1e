/**
 * @file connectycube_ami/stream.c  Messages of a stream of bytes
 *
 * A message that is longer than AMI_MESSAGE_MAX is passed over, up to the
 * empty line behind it: a variable that a dialplan has filled is no reason to
 * lose the link.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "message.h"


enum {
	ROOM = 2048,            /* to begin with, most messages fit      */
	BANNER_MAX = 256,       /* longest first line [bytes]            */
	LONGEST_END = 3,        /* '.' and what may be half of an end    */
};

/** A stream that is cut into messages */
struct ami_stream {
	struct mbuf *mb;        /* what is not complete (owned)          */
	uint64_t dropped;       /* messages that were too long           */
	bool greeted;           /* the banner has come                   */
	bool skip;              /* in a message that is too long         */
	ami_banner_h *bannerh;  /* takes the banner (may be NULL)        */
	ami_message_h *messageh;/* takes messages                        */
	void *arg;              /* their argument                        */
};


static void destructor(void *data)
{
	struct ami_stream *s = data;

	mem_deref(s->mb);
}


/**
 * Begin a stream
 *
 * @param sp       Pointer to it, freed by mem_deref()
 * @param bannerh  Takes the banner (optional); it must not free the stream
 * @param messageh Takes the messages
 * @param arg      Their argument
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_stream_alloc(struct ami_stream **sp, ami_banner_h *bannerh,
		     ami_message_h *messageh, void *arg)
{
	struct ami_stream *s;

	if (!sp || !messageh)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	s->bannerh  = bannerh;
	s->messageh = messageh;
	s->arg      = arg;
	s->mb       = mbuf_alloc(ROOM);
	if (!s->mb) {
		mem_deref(s);
		return ENOMEM;
	}

	*sp = s;

	return 0;
}


/**
 * The other side is a client, which does not say what it is
 *
 * @param s Stream, of which nothing has been read
 */
void ami_stream_serve(struct ami_stream *s)
{
	if (s)
		s->greeted = true;
}


/*
 * Where the empty line ends that ends a message: behind LF LF or LF CR LF. Also
 * an empty line at the very beginning counts.
 *
 * Returns the bytes of the message with its end, 0 if that has not come
 */
static size_t message_end(const uint8_t *buf, size_t len, size_t from)
{
	const uint8_t *p;
	size_t i = from;

	/* the line end before may be among what has been looked at */
	while (i > 0 && i + 2 > from)
		--i;

	for (; i < len; i = (size_t)(p - buf) + 1) {

		p = memchr(&buf[i], '\n', len - i);
		if (!p)
			return 0;

		if (p == buf || (p == buf + 1 && buf[0] == '\r'))
			return (size_t)(p - buf) + 1;

		if (p + 1 < buf + len && p[1] == '\n')
			return (size_t)(p - buf) + 2;

		if (p + 2 < buf + len && p[1] == '\r' && p[2] == '\n')
			return (size_t)(p - buf) + 3;
	}

	return 0;
}


/* The first line says who is there: something else is no Asterisk */
static int banner(struct ami_stream *s)
{
	static const char asterisk[] = "Asterisk Call Manager";
	const uint8_t *buf = s->mb->buf, *end;
	size_t len = s->mb->end;
	struct pl line;

	if (memcmp(buf, asterisk, min(len, sizeof(asterisk) - 1)))
		return EPROTO;

	end = memchr(buf, '\n', len);
	if (!end)
		return len > BANNER_MAX ? EPROTO : 0;

	line.p = (const char *)buf;
	line.l = (size_t)(end - buf);
	if (line.l > BANNER_MAX)
		return EPROTO;

	text_trim(&line);
	if (line.l < sizeof(asterisk) - 1)
		return EPROTO;

	s->greeted = true;
	s->mb->pos = (size_t)(end - buf) + 1;

	if (s->bannerh)
		s->bannerh(&line, s->arg);

	return 0;
}


/* All whole messages from `pos` on, where the bytes before `seen` hold no end.
 * A handler that stops it may have freed the stream */
static int messages(struct ami_stream *s, size_t seen)
{
	struct mbuf *mb = s->mb;
	struct ami_message msg;
	size_t n;
	int err;

	while ((n = message_end(mbuf_buf(mb), mbuf_get_left(mb), seen))) {

		const bool whole = !s->skip && n <= AMI_MESSAGE_MAX;

		if (whole)
			ami_message_decode(&msg, (char *)mbuf_buf(mb), n);
		else if (!s->skip)
			++s->dropped;

		s->skip = false;
		seen = 0;
		mbuf_advance(mb, (ssize_t)n);

		if (!whole || !msg.fieldc)
			continue;

		err = s->messageh(&msg, s->arg);
		if (err)
			return err;
	}

	return 0;
}


/* What has been read goes, and of a message that is too long all but what may
 * be half of the empty line behind it; a byte before that begins no line */
static void tidy(struct ami_stream *s)
{
	struct mbuf *mb = s->mb;
	size_t left = mbuf_get_left(mb);

	if (left > AMI_MESSAGE_MAX) {

		if (!s->skip)
			++s->dropped;

		s->skip = true;
		mbuf_advance(mb, (ssize_t)left - LONGEST_END);
		mbuf_buf(mb)[0] = '.';
		left = LONGEST_END;
	}

	memmove(mb->buf, mbuf_buf(mb), left);
	mb->end = left;
	mb->pos = 0;
}


/**
 * Read bytes as they come
 *
 * @param s   Stream
 * @param buf Bytes
 * @param len Number of bytes
 *
 * @return 0 if success; EPROTO if the other side is no manager interface;
 *         ENOMEM; or what the handler has returned, and then the stream may be
 *         gone
 */
int ami_stream_input(struct ami_stream *s, const uint8_t *buf, size_t len)
{
	size_t seen;
	int err;

	if (!s || !buf)
		return EINVAL;

	seen = s->mb->end;

	s->mb->pos = s->mb->end;
	err = mbuf_write_mem(s->mb, buf, len);
	if (err)
		return err;

	s->mb->pos = 0;

	if (!s->greeted) {
		err = banner(s);
		if (err || !s->greeted)
			return err;
		seen = 0;
	}

	err = messages(s, seen);
	if (err)
		return err;

	tidy(s);

	return 0;
}


/**
 * Number of messages that were passed over, since they were too long
 *
 * @param s Stream
 *
 * @return Number of messages
 */
uint64_t ami_stream_dropped(const struct ami_stream *s)
{
	return s ? s->dropped : 0;
}
