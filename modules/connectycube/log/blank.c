/**
 * @file log/blank.c  Messages without their secrets
 *
 * What is found is overwritten with marks where it stands, by one rule after
 * another; at last each run of marks becomes "***". So rules need not know of
 * each other, and the message never grows.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "log/blank.h"


static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}


static bool is_line_end(char c)
{
	return c == '\r' || c == '\n';
}


static void mark(const char *p, size_t n)
{
	memset((char *)p, BLANK_MARK, n);
}


/* Up to a line's end, as it is written within XML and JSON, too */
static void mark_line(char *p, size_t n, bool sip)
{
	size_t i;

	for (i=0; i<n && !is_line_end(p[i]) && p[i]; i++) {
		if (!sip && strchr("<&\\\"", p[i]))
			break;
	}

	mark(p, i);
}


static bool is_at(const char *p, size_t n, const char *str)
{
	const size_t l = strlen(str);
	const struct pl pl = {p, l};

	return n >= l && !pl_strcasecmp(&pl, str);
}


/* "1 AES_CM_128_HMAC_SHA1_80 inline:...": what is before the key is none */
static size_t skip_suite(const char *p, size_t n)
{
	size_t i = 0, begin;

	while (i < n && is_blank(p[i]))
		++i;
	begin = i;
	while (i < n && p[i] >= '0' && p[i] <= '9')
		++i;
	if (i == begin || i - begin > 9 || i == n || !is_blank(p[i]))
		return 0;
	while (i < n && is_blank(p[i]))
		++i;

	begin = i;
	while (i < n && ((p[i] >= 'A' && p[i] <= 'Z') || p[i] == '_' ||
			 (p[i] >= '0' && p[i] <= '9')))
		++i;

	return (is_at(p + begin, n - begin, "AES_") ||
		is_at(p + begin, n - begin, "AEAD_AES_")) && i < n &&
		is_blank(p[i]) && i - begin < 32 ? i + 1 : 0;
}


/* "a=crypto:1 ...", with blanks wherever phones have them */
static void blank_sdp(char *buf, size_t len, bool sip)
{
	static const char *const namev[] = {
		"crypto", "ice-pwd", "key-mgmt", "inline",
	};
	size_t i, k, n;

	for (i=0; i<len; i++) {

		if (!strchr("cCiIkK", buf[i]) || !buf[i])
			continue;

		if (buf[i] == 'k' && (!i || is_line_end(buf[i - 1]) ||
				      (!sip && buf[i - 1] == ';')) &&
		    i + 1 < len && (buf[i + 1] == '=' ||
				    is_blank(buf[i + 1])))
			mark_line(buf + i + 2, len - i - 2, sip);

		for (k=0; k<ARRAY_SIZE(namev); k++) {

			if (!is_at(buf + i, len - i, namev[k]))
				continue;

			n = i + strlen(namev[k]);
			while (n < len && is_blank(buf[n]))
				++n;
			if (n == len || buf[n] != ':')
				continue;

			++n;
			if (!k)
				n += skip_suite(buf + n, len - n);
			mark_line(buf + n, len - n, sip);
			i = n - 1;
			break;
		}
	}
}


/* "sip:user:PASSWORD@host", "https://user:PASSWORD@host" */
static void blank_uris(char *buf, size_t len)
{
	size_t i, k, colon, at;

	for (i=0; i<len; i++) {

		if (buf[i] != ':')
			continue;

		colon = at = 0;
		for (k=i + 1; k<len; k++) {

			const char c = buf[k];

			if (c <= ' ' || strchr("<>\"", c))
				break;
			if (c == ':' && !colon)
				colon = k;
			if (c == '@')
				at = k;
		}

		if (colon && at > colon)
			mark(buf + colon + 1, at - colon - 1);
		i = k - 1;
	}
}


/* texts: those of people are none */
static bool is_key_type(const struct pl *val, bool texts)
{
	static const char *const wordv[] = {
		"text/", "message/cpim", "dtmf", "kpml", "digits",
		"telephone-event",
	};
	size_t i, k;

	for (i=0; i<val->l; i++) {
		for (k=texts ? 2 : 0; k<ARRAY_SIZE(wordv); k++) {
			if (is_at(val->p + i, val->l - i, wordv[k]))
				return true;
		}
	}

	return false;
}


/* Bodies of which nothing may be seen */
struct body {
	bool secret;            /**< The next one, and what follows        */
	bool harmless;          /**< ... whatever method it is of          */
	bool within;            /**< All lines from here on are of one     */
	bool texts;             /**< It is of people, and may be seen      */
};


static void blank_header(struct body *b, const struct pl *name,
			 const struct pl *val)
{
	size_t n;

	for (n=0; n<name->l; n++) {
		if (name->p[n] <= ' ' || strchr("<>=\"", name->p[n]))
			return;
	}

	if (blank_is_secret(name)) {
		n = blank_scheme(val->p, val->l);
		mark(val->p + n, val->l - n);
	}
	else if (!pl_strcasecmp(name, "Content-Type") ||
		 !pl_strcasecmp(name, "c")) {
		b->harmless = is_at(val->p, val->l,
				    "application/media_control+xml");
		if (is_key_type(val, b->texts))
			b->secret = true;
	}
}


/* Its end, with the lines that it is folded over (RFC 3261, 7.3.1) */
static size_t line_length(const char *p, size_t n)
{
	const char *end = memchr(p, '\n', n);
	size_t l;

	/* nothing is folded into an empty one: a body may begin blank */
	if (end && is_line_end(*p))
		return (size_t)(end - p) + 1;

	while (end) {
		l = (size_t)(end - p) + 1;
		if (l == n || !is_blank(p[l]))
			return l;
		end = memchr(p + l, '\n', n - l);
	}

	return n;
}


static bool is_empty(const struct pl *line)
{
	size_t i;

	for (i=0; i<line->l; i++) {
		if (!is_line_end(line->p[i]) && !is_blank(line->p[i]))
			return false;
	}

	return true;
}


/* Headers, wherever they are: a body may be of several parts, or a message */
static void blank_lines(char *buf, size_t len, bool texts)
{
	struct body b = {false, false, false, false};
	struct pl line, name, val;
	bool first = true, personal = false;
	size_t i;

	for (i=0; i<len; i+=line.l) {

		line.p = buf + i;
		line.l = line_length(line.p, len - i);

		if (b.within) {
			mark(buf + i, len - i);
			return;
		}

		if (is_empty(&line)) {
			b.within = !first &&
				(b.secret || (personal && !b.harmless));
			continue;
		}

		/* keys, texts */
		if (first) {
			b.texts  = texts && is_at(line.p, line.l, "MESSAGE ");
			personal = is_at(line.p, line.l, "INFO ") ||
				(is_at(line.p, line.l, "MESSAGE ") &&
				 !texts);
		}
		first = false;

		if (text_split(&line, ':', &name, &val))
			blank_header(&b, &name, &val);
	}
}


/* Each run of marks is "***", or as much of it as there is room for */
static size_t collapse(char *buf, size_t len)
{
	size_t r = 0, w = 0, n;

	while (r < len) {

		if (buf[r] != BLANK_MARK) {
			buf[w++] = buf[r++];
			continue;
		}

		for (n=0; r < len && buf[r] == BLANK_MARK; r++) {
			if (n++ < 3)
				buf[w++] = '*';
		}
	}

	return w;
}


/**
 * Blank the secrets of a message
 *
 * @param kind What it is of
 * @param buf  Message; is changed
 * @param len  Its length [bytes]
 *
 * @return Its length now, which is not more than it was [bytes]
 */
size_t blank(enum blank_kind kind, char *buf, size_t len)
{
	if (!buf)
		return 0;

	/* names need them as they are, and so do headers */
	blank_lines(buf, len, kind == BLANK_SIP_TEXTS);
	blank_sdp(buf, len, kind == BLANK_SIP || kind == BLANK_SIP_TEXTS);
	blank_uris(buf, len);
	blank_names(kind, buf, len);

	return collapse(buf, len);
}


/**
 * Blank the passwords in addresses, and nothing else
 *
 * @param buf Text; is changed
 * @param len Its length [bytes]
 *
 * @return Its length now, which is not more than it was [bytes]
 */
size_t blank_addresses(char *buf, size_t len)
{
	if (!buf)
		return 0;

	blank_uris(buf, len);

	return collapse(buf, len);
}
