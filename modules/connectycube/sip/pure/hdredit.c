/**
 * @file sip/pure/hdredit.c  Changes headers of a message that leaves (pure)
 *
 * What libre has written: one line a header, names in full, none folded.
 */
#include <string.h>
#include <strings.h>
#include <re.h>
#include "sip/pure/hdredit.h"


/* Length of a line with its end; 0 if there is none, or it is empty */
static size_t line_len(const char *p, size_t l)
{
	const char *end = memchr(p, '\n', l);
	const size_t n = end ? (size_t)(end + 1 - p) : 0;

	return n > 2 || (n == 2 && p[0] != '\r') ? n : 0;
}


static bool is_hdr(const char *line, size_t l, const char *name)
{
	const size_t n = strlen(name);

	return l > n && !strncasecmp(line, name, n) && line[n] == ':';
}


static bool is_dropped(const char *line, size_t l, const char *const dropv[],
		       size_t dropc)
{
	size_t i;

	for (i=0; i<dropc; i++) {
		if (is_hdr(line, l, dropv[i]))
			return true;
	}

	return false;
}


/**
 * Take headers out of a message, and put others into it, behind its CSeq
 *
 * @param mb    Message from mb->pos on, changed in place; as it was on error
 * @param dropv Names of headers to be taken out, all of each
 * @param dropc Number of these
 * @param add   Lines to be put in, each with its end
 *
 * @return 0 if success, EBADMSG if it has no CSeq, ENOMEM
 */
int hdredit(struct mbuf *mb, const char *const dropv[], size_t dropc,
	    const char *add)
{
	struct mbuf *out;
	const char *p;
	size_t l, n;
	bool done = false;
	int err = 0;

	if (!mb || !add || (dropc && !dropv))
		return EINVAL;

	p = (const char *)mbuf_buf(mb);
	l = mbuf_get_left(mb);

	out = mbuf_alloc(l + strlen(add) + 1);
	if (!out)
		return ENOMEM;

	while (l && (n = line_len(p, l))) {

		if (!is_dropped(p, n, dropv, dropc))
			err |= mbuf_write_mem(out, (const uint8_t *)p, n);

		if (!done && is_hdr(p, n, "CSeq")) {
			err |= mbuf_write_str(out, add);
			done = true;
		}

		p += n;
		l -= n;
	}

	/* the empty line, and what is behind it */
	if (l)
		err |= mbuf_write_mem(out, (const uint8_t *)p, l);

	if (!err && !done)
		err = EBADMSG;

	if (!err) {
		const size_t pos = mb->pos;

		mb->end = pos;
		err = mbuf_resize(mb, pos + out->end);
		if (!err) {
			memcpy(mb->buf + pos, out->buf, out->end);
			mb->end = pos + out->end;
		}
	}

	mem_deref(out);

	return err;
}
