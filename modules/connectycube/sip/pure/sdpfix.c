/**
 * @file sip/pure/sdpfix.c  SDP as phones write it, made into SDP as libre reads it
 *
 * libre takes one spelling only: a line without its end, a blank too many or a
 * TTL behind an address is an error for the whole description, or worse, a
 * call that is up and silent. So what comes is written anew, line by line:
 *
 *   any line end or none, NULs, blank lines   CRLF
 *   m=audio 5004/2 rtp/avp  0 8               m=audio 5004 RTP/AVP 0 8
 *   m=audio 0 RTP/AVP 0, and one in use       m=audio 0 rtp/avp 0
 *   c=IN IP4 192.0.2.1/127                    c=IN IP4 192.0.2.1
 *   a=rtpmap: 96  opus / 48000                a=rtpmap:96 opus/48000/2
 *   two a=fmtp lines of one format            one
 *   what is no line, or cannot be read        left out
 *
 * Pure: text in, text out. What is right already comes out as it is.
 */
#include <string.h>
#include <ctype.h>
#include <re.h>
#include "sdpline.h"
#include "sdpfix.h"


enum {
	NAME_MAX_LEN = 64,      /* of a=rtpmap's encoding [bytes] */
	ZEROS_MAX    = 8,       /* lines not in use that others are sought for */
	IDS_MAX      = 128,     /* formats of a line that fmtp is kept for:
				   as many as there are payload types */
};

/** One description at work */
struct fixer {
	struct mbuf *mb;        /**< Output (pointer)                      */
	struct pl rest;         /**< Lines behind this one                 */
	bool media;             /**< Behind an m= line                     */
	bool addr;              /**< The session has an address            */
	bool host;              /**< A host's name stands for an address   */
	unsigned zeros;         /**< Media lines that are not in use       */
	struct pl idv[IDS_MAX]; /**< Formats whose fmtp is written         */
	size_t idc;
};

/* Has the media line whose lines begin here an address of its own? */
static bool section_has_addr(struct pl rest)
{
	struct sdpline line;
	struct pl addr;
	bool ip6;

	while (sdpline_next(&line, &rest) && line.type != 'm') {
		if (line.type == 'c' && sdpline_addr(&addr, &ip6, line.val))
			return true;
	}

	return false;
}


static bool section_has_host(struct pl rest)
{
	struct sdpline line;

	while (sdpline_next(&line, &rest) && line.type != 'm') {
		if (line.type == 'c' && sdpline_is_host(line.val))
			return true;
	}

	return false;
}


static int fix_connection(struct fixer *f, const struct pl *val)
{
	struct pl addr;
	bool ip6;

	/* a host name, or nonsense: missed where it is needed */
	if (!sdpline_addr(&addr, &ip6, *val)) {
		f->host |= sdpline_is_host(*val);
		return 0;
	}

	if (!f->media)
		f->addr = true;

	return mbuf_printf(f->mb, "c=IN IP%d %r\r\n", ip6 ? 6 : 4, &addr);
}


static int print_lower(struct mbuf *mb, const struct pl *pl)
{
	int err = 0;
	size_t i;

	for (i=0; i<pl->l && !err; i++)
		err = mbuf_write_u8(mb, (uint8_t)tolower(
					    (unsigned char)pl->p[i]));

	return err;
}


/*
 * libre takes the first line of a medium for it, in use or not, if its profile
 * is spelled as it spells it. One that is not in use is spelled in small
 * letters if another one is
 */
static bool is_passed_over(struct fixer *f, const struct pl *name)
{
	struct pl rest = f->rest, what, where, port;
	struct sdpline line;

	if (f->zeros++ >= ZEROS_MAX)
		return false;

	while (sdpline_next(&line, &rest)) {

		if (line.type != 'm')
			continue;

		what  = sdpline_word(&line.val);
		where = sdpline_word(&line.val);
		port  = sdpline_digits(&where);
		if (!pl_casecmp(&what, name) && pl_u32(&port) &&
		    (f->addr || section_has_addr(rest)))
			return true;
	}

	return false;
}


static int print_profile(struct mbuf *mb, const struct pl *proto, bool small)
{
	int err = 0;
	size_t i;

	/* others are spelled in small letters: udptl */
	if (re_regex(proto->p, proto->l, "RTP/"))
		return mbuf_write_pl(mb, proto);

	for (i=0; i<proto->l && !err; i++) {

		const unsigned char c = (unsigned char)proto->p[i];

		err = mbuf_write_u8(mb, (uint8_t)(small ? tolower(c)
						  : toupper(c)));
	}

	return err;
}


/* "name port[/number] profile format..." */
static int fix_media(struct fixer *f, struct pl val)
{
	struct pl name = sdpline_word(&val), where = sdpline_word(&val);
	struct pl proto = sdpline_word(&val), port = sdpline_digits(&where), word;
	uint32_t n = pl_u32(&port);
	int err;

	if (!name.l || !proto.l || !port.l || port.l > 5 || n > 65535 ||
	    (where.l && *where.p != '/'))
		return EBADMSG;

	for (word = name; word.l; pl_advance(&word, 1)) {
		if (!isalpha((unsigned char)*word.p))
			return EBADMSG;
	}

	f->media = true;
	f->idc   = 0;

	/* nowhere to send to: a call that is up and silent */
	if (n && !f->addr && !section_has_addr(f->rest)) {
		if (!pl_strcasecmp(&name, "audio"))
			return f->host || section_has_host(f->rest)
				? EDESTADDRREQ : EADDRNOTAVAIL;
		n = 0;
	}

	err  = mbuf_write_str(f->mb, "m=");
	err |= print_lower(f->mb, &name);
	err |= mbuf_printf(f->mb, " %u ", n);
	err |= print_profile(f->mb, &proto, !n && is_passed_over(f, &name));

	for (;;) {
		word = sdpline_word(&val);
		if (!word.l)
			break;
		err |= mbuf_printf(f->mb, " %r", &word);
	}

	return err | mbuf_write_str(f->mb, "\r\n");
}


/* "id name/clock[/channels]", with blanks wherever */
static int fix_rtpmap(struct fixer *f, struct pl val)
{
	struct pl id = sdpline_word(&val), pl, name, clock;
	struct pl ch = PL_INIT;
	char buf[NAME_MAX_LEN];
	size_t i, n = 0;

	for (i=0; i<val.l && n < sizeof(buf); i++) {
		if (!sdpline_is_blank(val.p[i]))
			buf[n++] = val.p[i];
	}

	pl.p = buf;
	pl.l = n;

	name.p = buf;
	name.l = 0;
	while (pl.l && *pl.p != '/') {
		pl_advance(&pl, 1);
		++name.l;
	}

	if (!id.l || !name.l || !pl.l)
		return 0;

	pl_advance(&pl, 1);
	clock = sdpline_digits(&pl);
	if (!clock.l)
		return 0;

	if (pl.l && *pl.p == '/') {
		pl_advance(&pl, 1);
		ch = sdpline_digits(&pl);
	}

	/* RFC 7587, 7: always 2, and some leave it out */
	if (!ch.l && !pl_strcasecmp(&name, "opus"))
		pl_set_str(&ch, "2");

	return mbuf_printf(f->mb, "a=rtpmap:%r %r/%r%s%r\r\n", &id, &name,
			   &clock, ch.l ? "/" : "", &ch);
}


static bool is_events(const struct pl *val)
{
	size_t i;

	for (i=0; i<val->l; i++) {
		if (!strchr("0123456789,- ", val->p[i]))
			return false;
	}

	return true;
}


/* Parameters without separators at their ends */
static struct pl bare_params(struct pl val)
{
	val = sdpline_trim(val);

	while (val.l && (*val.p == ';' || sdpline_is_blank(*val.p)))
		pl_advance(&val, 1);

	while (val.l && (val.p[val.l - 1] == ';' ||
			 sdpline_is_blank(val.p[val.l - 1])))
		--val.l;

	return val;
}


static bool is_attr(struct pl *val, const struct sdpline *line,
		    const char *name)
{
	const size_t n = strlen(name);

	if (line->type != 'a' || line->val.l <= n ||
	    strncasecmp(line->val.p, name, n) || line->val.p[n] != ':')
		return false;

	val->p = line->val.p + n + 1;
	val->l = line->val.l - n - 1;

	return true;
}


/* For each that is not, all lines that follow are read: there is an end to it,
   since who sends them may mean to keep us busy */
static bool is_written(struct fixer *f, const struct pl *id)
{
	size_t i;

	for (i=0; i<f->idc; i++) {
		if (!pl_cmp(&f->idv[i], id))
			return true;
	}

	if (f->idc >= ARRAY_SIZE(f->idv))
		return true;

	f->idv[f->idc++] = *id;

	return false;
}


/* All that the media line says of a format, in its first line */
static int fix_fmtp(struct fixer *f, struct pl val)
{
	struct pl id = sdpline_word(&val), more, id2, rest = f->rest;
	struct sdpline line;
	bool begun = false;
	int err = 0;

	if (!id.l || is_written(f, &id))
		return 0;

	val = bare_params(val);

	for (;;) {
		if (val.l) {
			const char *sep = is_events(&val) ? "," : ";";

			err |= begun ? mbuf_write_str(f->mb, sep)
				: mbuf_printf(f->mb, "a=fmtp:%r ", &id);
			err |= mbuf_write_pl(f->mb, &val);
			begun = true;
		}

		do {
			if (!sdpline_next(&line, &rest) || line.type == 'm')
				return err | (begun ? mbuf_write_str(
						f->mb, "\r\n") : 0);
			more = pl_null;
			id2 = is_attr(&more, &line, "fmtp")
				? sdpline_word(&more) : pl_null;
		} while (pl_cmp(&id, &id2));

		val = bare_params(more);
	}
}


/* "port [IN IP4 address]" */
static int fix_rtcp(struct fixer *f, struct pl val)
{
	struct pl port = sdpline_digits(&val), addr;
	bool ip6;

	if (!port.l || port.l > 5)
		return 0;

	if (!sdpline_addr(&addr, &ip6, val))
		return mbuf_printf(f->mb, "a=rtcp:%r\r\n", &port);

	return mbuf_printf(f->mb, "a=rtcp:%r IN IP%d %r\r\n", &port,
			   ip6 ? 6 : 4, &addr);
}


static bool needs_value(const struct pl *name)
{
	return !pl_strcasecmp(name, "rtpmap") || !pl_strcasecmp(name, "fmtp")
		|| !pl_strcasecmp(name, "rtcp");
}


/* An attribute without a value */
static int fix_flag(struct fixer *f, const struct pl *name)
{
	if (!name->l || needs_value(name))
		return 0;

	return mbuf_printf(f->mb, "a=%r\r\n", name);
}


static int fix_attr(struct fixer *f, const struct sdpline *line)
{
	static const char *const dirv[] = {
		"sendrecv", "sendonly", "recvonly", "inactive",
	};
	struct pl val, name;
	const char *sep;
	size_t i;

	for (i=0; i<ARRAY_SIZE(dirv); i++) {
		if (!pl_strcasecmp(&line->val, dirv[i]))
			return mbuf_printf(f->mb, "a=%s\r\n", dirv[i]);
	}

	if (is_attr(&val, line, "rtpmap"))
		return f->media ? fix_rtpmap(f, val) : 0;

	if (is_attr(&val, line, "fmtp"))
		return f->media ? fix_fmtp(f, val) : 0;

	if (is_attr(&val, line, "rtcp"))
		return f->media ? fix_rtcp(f, val) : 0;

	sep = pl_strchr(&line->val, ':');
	if (!sep)
		return fix_flag(f, &line->val);

	name.p = line->val.p;
	name.l = sep - line->val.p;
	name   = sdpline_trim(name);
	val.p  = sep + 1;
	val.l  = line->val.p + line->val.l - val.p;
	val    = sdpline_trim(val);

	if (!name.l || !val.l || needs_value(&name))
		return 0;

	return mbuf_printf(f->mb, "a=%r:%r\r\n", &name, &val);
}


/* "type:number" */
static int fix_bandwidth(struct fixer *f, struct pl val)
{
	const char *sep = pl_strchr(&val, ':');
	struct pl type, num;

	if (!sep)
		return 0;

	type.p = val.p;
	type.l = sep - val.p;
	type   = sdpline_trim(type);
	num.p  = sep + 1;
	num.l  = val.p + val.l - num.p;
	num    = sdpline_trim(num);
	num    = sdpline_digits(&num);

	if (!type.l || !num.l)
		return 0;

	return mbuf_printf(f->mb, "b=%r:%r\r\n", &type, &num);
}


static int fix_line(struct fixer *f, const struct sdpline *line)
{
	switch (line->type) {

	case 'a': return fix_attr(f, line);
	case 'b': return fix_bandwidth(f, line->val);
	case 'c': return fix_connection(f, &line->val);
	case 'm': return fix_media(f, line->val);

	default:
		return mbuf_printf(f->mb, "%c=%r\r\n", line->type,
				   &line->val);
	}
}


/**
 * Write a description anew, as libre reads it
 *
 * @param mb  Buffer to write to
 * @param sdp Description, as it came
 *
 * @return 0 if success, EINVAL; EBADMSG if it is none; EADDRNOTAVAIL if its
 *         audio has no address that can be sent to, EDESTADDRREQ if it has a
 *         host's name for it; otherwise errorcode
 */
int sdpfix(struct mbuf *mb, const struct pl *sdp)
{
	struct fixer f = {.mb = mb};
	struct sdpline line;
	int err;

	if (!mb || !sdp || !sdp->p)
		return EINVAL;

	f.rest = *sdp;

	/* what stands before it: a byte order mark */
	while (f.rest.l && strncmp(f.rest.p, "v=", min(f.rest.l, 2)) &&
	       !isalpha((unsigned char)*f.rest.p))
		pl_advance(&f.rest, 1);

	if (!sdpline_next(&line, &f.rest) || line.type != 'v')
		return EBADMSG;

	do {
		err = fix_line(&f, &line);
	} while (!err && sdpline_next(&line, &f.rest));

	return err;
}
