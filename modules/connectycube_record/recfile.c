/**
 * @file connectycube_record/recfile.c  A recording in the making
 *
 * Pure.
 */
#include <string.h>
#include <zlib.h>
#include <re.h>
#include "recfile.h"


static const char magic[] = "CubeRec\n";

/* Of a format, before its texts */
enum { FORMAT_FIXED = 8 };


/* At the end of a buffer, whatever is read from it */
static void seek_end(struct mbuf *mb)
{
	mb->pos = mb->end;
}


/**
 * Append the head
 *
 * @param mb Buffer
 *
 * @return 0 if success, otherwise errorcode
 */
int recfile_head(struct mbuf *mb)
{
	int err;

	if (!mb)
		return EINVAL;

	seek_end(mb);
	err  = mbuf_write_mem(mb, (const uint8_t *)magic, sizeof(magic) - 1);
	err |= mbuf_write_u32(mb, htonl(RECFILE_VERSION));
	err |= mbuf_write_u32(mb, 0);

	return err ? ENOMEM : 0;
}


/* Room for a chunk; what is bought is more than that */
static int reserve(struct mbuf *mb, size_t size)
{
	size_t want = mb->size ? mb->size : 1024;

	if (mb->size - mb->end >= size)
		return 0;

	while (want - mb->end < size)
		want *= 2;

	return mbuf_resize(mb, want);
}


static void set_crc(uint8_t *chunk, size_t len)
{
	uint32_t crc;

	crc = htonl((uint32_t)crc32(0, chunk, (uInt)(RECFILE_FRONT + len)));
	memcpy(chunk + RECFILE_FRONT + len, &crc, sizeof(crc));
}


/**
 * Append a chunk whose content and check sum are to be filled in: it costs
 * little, where little time may be spent
 *
 * @param mb Buffer, left as it was on error
 * @param c  Chunk, its content is not looked at
 * @param pp Set to where its content goes, valid until more is appended
 *
 * @return 0 if success, EMSGSIZE if it is too long, ENOMEM
 */
int recfile_begin(struct mbuf *mb, const struct recfile_chunk *c, uint8_t **pp)
{
	uint32_t len;
	uint64_t us;
	uint8_t *p;

	if (!mb || !c || !pp)
		return EINVAL;
	if (c->len > RECFILE_MAX)
		return EMSGSIZE;
	if (reserve(mb, RECFILE_CHUNK + c->len))
		return ENOMEM;

	p    = mb->buf + mb->end;
	len  = htonl((uint32_t)c->len);
	us   = sys_htonll(c->us);

	p[0] = (uint8_t)c->type;
	p[1] = c->leg;
	p[2] = p[3] = 0;
	memcpy(p + 4, &len, sizeof(len));
	memcpy(p + 8, &us, sizeof(us));
	memset(p + RECFILE_FRONT + c->len, 0, sizeof(len));

	mb->end += RECFILE_CHUNK + c->len;
	seek_end(mb);
	*pp = p + RECFILE_FRONT;

	return 0;
}


/**
 * Get the time of a chunk
 *
 * @param p Chunk, as it is in the file
 *
 * @return Time [us]
 */
uint64_t recfile_us(const uint8_t *p)
{
	uint64_t us;

	memcpy(&us, p + 8, sizeof(us));

	return sys_ntohll(us);
}


/**
 * Set the check sums of all chunks
 *
 * @param mb Chunks, from its first byte on
 *
 * @return 0 if success, EBADMSG if there is anything else in it
 */
int recfile_seal(struct mbuf *mb)
{
	size_t pos = 0;
	uint32_t len;

	if (!mb)
		return EINVAL;

	while (mb->end - pos >= RECFILE_CHUNK) {

		uint8_t *p = mb->buf + pos;

		memcpy(&len, p + 4, sizeof(len));
		len = ntohl(len);
		if (len > mb->end - pos - RECFILE_CHUNK)
			return EBADMSG;

		set_crc(p, len);
		pos += RECFILE_CHUNK + len;
	}

	return pos == mb->end ? 0 : EBADMSG;
}


/**
 * Append a chunk
 *
 * @param mb Buffer, left as it was on error
 * @param c  Chunk
 *
 * @return 0 if success, EMSGSIZE if it is too long, otherwise errorcode
 */
int recfile_put(struct mbuf *mb, const struct recfile_chunk *c)
{
	uint8_t *p;
	int err;

	if (!c || (c->len && !c->p))
		return EINVAL;

	err = recfile_begin(mb, c, &p);
	if (err)
		return err;

	if (c->len)
		memcpy(p, c->p, c->len);
	set_crc(p - RECFILE_FRONT, c->len);

	return 0;
}


/**
 * Append what packets of a leg are
 *
 * @param mb  Buffer, left as it was on error
 * @param leg Number of the party
 * @param us  Time [us]
 * @param fmt What they are
 *
 * @return 0 if success, otherwise errorcode
 */
int recfile_put_format(struct mbuf *mb, uint8_t leg, uint64_t us,
		       const struct recfile_format *fmt)
{
	struct recfile_chunk c = {RECFILE_FORMAT, leg, us, NULL, 0};
	uint8_t buf[FORMAT_FIXED + RECFILE_CODEC + RECFILE_FMTP] = {0};
	uint32_t clock;
	size_t n;

	if (!fmt)
		return EINVAL;

	clock  = htonl(fmt->clock);
	buf[0] = fmt->video;
	buf[1] = fmt->app;
	buf[2] = fmt->pt;
	buf[3] = fmt->channels;
	memcpy(&buf[4], &clock, sizeof(clock));

	n = FORMAT_FIXED;
	str_ncpy((char *)&buf[n], fmt->codec, RECFILE_CODEC);
	n += str_len((char *)&buf[n]) + 1;
	str_ncpy((char *)&buf[n], fmt->fmtp, RECFILE_FMTP);
	n += str_len((char *)&buf[n]) + 1;

	c.p   = buf;
	c.len = n;

	return recfile_put(mb, &c);
}


/**
 * Begin to read
 *
 * @param mb What is in the file; behind the head then
 *
 * @return 0 if success, EBADMSG if it is no such file, EPROTO if it is of a
 *         later version
 */
int recfile_open(struct mbuf *mb)
{
	uint32_t version;

	if (!mb)
		return EINVAL;

	if (mbuf_get_left(mb) < RECFILE_HEAD ||
	    memcmp(mbuf_buf(mb), magic, sizeof(magic) - 1))
		return EBADMSG;

	mbuf_advance(mb, sizeof(magic) - 1);
	version = ntohl(mbuf_read_u32(mb));
	(void)mbuf_read_u32(mb);

	return version == RECFILE_VERSION ? 0 : EPROTO;
}


/**
 * Read a chunk
 *
 * @param c  Set to the chunk, which is part of the buffer
 * @param mb What is in the file; behind the chunk then
 *
 * @return 0 if success, ENODATA if there is none any more, EBADMSG if what
 *         follows is not whole: it was being written, or is damaged
 */
int recfile_next(struct recfile_chunk *c, struct mbuf *mb)
{
	const uint8_t *p;
	size_t left;
	uint32_t len, crc;

	if (!c || !mb)
		return EINVAL;

	left = mbuf_get_left(mb);
	if (!left)
		return ENODATA;
	if (left < RECFILE_CHUNK)
		return EBADMSG;

	p = mbuf_buf(mb);
	memcpy(&len, p + 4, sizeof(len));
	len = ntohl(len);
	if (len > RECFILE_MAX || len > left - RECFILE_CHUNK)
		return EBADMSG;

	memcpy(&crc, p + RECFILE_CHUNK - 4 + len, sizeof(crc));
	if (ntohl(crc) != (uint32_t)crc32(0, p, RECFILE_CHUNK - 4 + len))
		return EBADMSG;

	c->type = p[0];
	c->leg  = p[1];
	c->us   = recfile_us(p);
	c->p    = p + RECFILE_CHUNK - 4;
	c->len  = len;

	mbuf_advance(mb, RECFILE_CHUNK + (ssize_t)len);

	return 0;
}


static int get_text(char *dst, size_t size, const uint8_t **pp, size_t *lenp)
{
	const uint8_t *end = memchr(*pp, '\0', *lenp);
	size_t n;

	if (!end)
		return EBADMSG;

	n = end - *pp + 1;
	if (n > size)
		return EBADMSG;

	memcpy(dst, *pp, n);
	*pp   += n;
	*lenp -= n;

	return 0;
}


/**
 * Read what packets of a leg are
 *
 * @param fmt Set to what they are
 * @param c   Chunk
 *
 * @return 0 if success, EBADMSG if it is damaged
 */
int recfile_get_format(struct recfile_format *fmt,
		       const struct recfile_chunk *c)
{
	const uint8_t *p;
	size_t len;
	int err;

	if (!fmt || !c)
		return EINVAL;
	if (c->type != RECFILE_FORMAT || c->len < FORMAT_FIXED)
		return EBADMSG;

	memset(fmt, 0, sizeof(*fmt));
	p   = c->p + FORMAT_FIXED;
	len = c->len - FORMAT_FIXED;

	fmt->video    = c->p[0];
	fmt->app      = c->p[1];
	fmt->pt       = c->p[2];
	fmt->channels = c->p[3];
	memcpy(&fmt->clock, c->p + 4, sizeof(fmt->clock));
	fmt->clock    = ntohl(fmt->clock);

	err = get_text(fmt->codec, sizeof(fmt->codec), &p, &len);
	if (!err)
		err = get_text(fmt->fmtp, sizeof(fmt->fmtp), &p, &len);
	if (!err && (!fmt->clock || !fmt->codec[0]))
		err = EBADMSG;

	return err;
}
