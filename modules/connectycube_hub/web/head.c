/**
 * @file connectycube_hub/web/head.c  The head of a request
 *
 * Pure.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <re_types.h>
#include <re_fmt.h>
#include "base/text.h"
#include "route.h"
#include "head.h"


static int refuse(struct web_head *h, unsigned status, const char *why)
{
	h->status = status;
	h->why    = why;

	return EBADMSG;
}


/* RFC 9110 section 5.6.2: tchar */
static bool is_token(const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; i++) {

		const char c = pl->p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') ||
		      (c && strchr("!#$%&'*+-.^_`|~", c))))
			return false;
	}

	return pl->l != 0;
}


static bool is_value(const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; i++) {

		const uint8_t c = (uint8_t)pl->p[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}

	return true;
}


/*
 * Where it ends: behind an empty line. No line ends otherwise than by CRLF:
 * some take a LF for an end, and some do not.
 */
static int find_end(struct web_head *h, const char *buf, size_t len)
{
	const size_t most = len < WEB_HEAD_MAX ? len : WEB_HEAD_MAX;
	size_t i;

	for (i=0; i<most; i++) {

		if (buf[i] == '\r' && i + 1 < len && buf[i + 1] != '\n')
			return refuse(h, 400, "there is a CR without LF");

		if (buf[i] != '\n')
			continue;

		if (!i || buf[i - 1] != '\r')
			return refuse(h, 400, "there is a LF without CR");

		if (i >= 3 && buf[i - 2] == '\n') {
			h->len = i + 1;
			return 0;
		}
	}

	return len < WEB_HEAD_MAX ? EAGAIN
		: refuse(h, 431, "the head is too long");
}


static bool next_line(struct pl *rest, struct pl *line)
{
	const char *end = rest->l ? memchr(rest->p, '\r', rest->l) : NULL;

	if (!end)
		return false;

	line->p = rest->p;
	line->l = (size_t)(end - rest->p);
	pl_advance(rest, (ssize_t)line->l + 2);

	return true;
}


static int request_line(struct web_head *h, const struct pl *line)
{
	struct pl rest = *line, method, version;

	if (!text_next(&rest, &method, ' ') ||
	    !text_next(&rest, &h->target, ' ') ||
	    !text_next(&rest, &version, ' ') || rest.p ||
	    !is_token(&method) || !h->target.l || !is_value(&h->target))
		return refuse(h, 400, "that is no request");

	if (!pl_strcmp(&version, "HTTP/1.0"))
		h->old = true;
	else if (pl_strcmp(&version, "HTTP/1.1"))
		return version.l == 8 && !memcmp(version.p, "HTTP/", 5) ?
			refuse(h, 505, "HTTP/1.1 is spoken here") :
			refuse(h, 400, "that is no request");

	if (h->target.l > WEB_TARGET)
		return refuse(h, 414, NULL);

	h->method = web_method(&method);
	h->keep   = !h->old;

	return 0;
}


/* One of a list, whatever its case */
static bool has_word(const struct pl *list, const char *word)
{
	struct pl rest = *list, one;

	while (text_next(&rest, &one, ',')) {
		text_trim(&one);
		if (!pl_strcasecmp(&one, word))
			return true;
	}

	return false;
}


static int content_length(struct web_head *h, const struct pl *value)
{
	uint32_t v;
	int err;

	if (h->sized)
		return refuse(h, 400, "Content-Length: is there twice");

	err = text_u32(&v, value, WEB_BODY);
	h->sized = true;
	if (err == ERANGE)
		return refuse(h, 413, "the body is too long");
	if (err)
		return refuse(h, 400, "Content-Length: is no number");

	h->body = v;

	return 0;
}


/* Those that there may be but one of */
static struct pl *find_field(struct web_head *h, const struct pl *name)
{
	const struct {
		const char *name;
		struct pl *pl;
	} v[] = {
		{"Host", &h->host}, {"Origin", &h->origin},
		{"Sec-Fetch-Site", &h->site}, {"Cookie", &h->cookie},
		{"Authorization", &h->auth}, {"Content-Type", &h->type},
		{"Range", &h->range}, {"Idempotency-Key", &h->key},
		{"Last-Event-ID", &h->last_id}, {"X-ConnectyCube", &h->csrf},
		{"If-None-Match", &h->none_match}, {"If-Range", &h->if_range},
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		if (!pl_strcasecmp(name, v[i].name))
			return v[i].pl;
	}

	return NULL;
}


static int other_field(struct web_head *h, const struct pl *name,
		       const struct pl *value, bool *coded)
{
	if (!pl_strcasecmp(name, "Content-Length"))
		return content_length(h, value);

	if (!pl_strcasecmp(name, "Transfer-Encoding")) {
		*coded = true;
	}
	else if (!pl_strcasecmp(name, "Connection")) {
		if (has_word(value, "close"))
			h->keep = false;
	}
	else if (!pl_strcasecmp(name, "Expect")) {
		if (pl_strcasecmp(value, "100-continue"))
			return refuse(h, 417, NULL);
		h->wait = !h->old;
	}
	else if (!pl_strcasecmp(name, "Accept")) {
		/* several are one list; the first says enough */
		if (!h->accept.p)
			h->accept = *value;
	}
	else if (!pl_strcasecmp(name, "Forwarded") ||
		 !pl_strcasecmp(name, "Via") ||
		 !pl_strcasecmp(name, "X-Real-IP") ||
		 (name->l > 12 && !strncasecmp(name->p, "X-Forwarded-", 12))) {
		h->proxied = true;
		if (!pl_strcasecmp(name, "X-Forwarded-Proto") &&
		    has_word(value, "https"))
			h->https = true;
	}

	return 0;
}


static int one_field(struct web_head *h, const struct pl *line, bool *coded)
{
	const char *colon = line->l ? memchr(line->p, ':', line->l) : NULL;
	struct pl name = *line, value, *field;

	/* a blank first would go on with the line before: obs-fold */
	if (!colon)
		return refuse(h, 400, "a line of the head has no colon");

	name.l  = (size_t)(colon - line->p);
	value.p = colon + 1;
	value.l = line->l - name.l - 1;

	if (!is_token(&name))
		return refuse(h, 400, "a field's name is none");
	if (!is_value(&value))
		return refuse(h, 400, "a field has control characters");

	text_trim(&value);

	field = find_field(h, &name);
	if (!field)
		return other_field(h, &name, &value, coded);

	if (field->p)
		return refuse(h, 400, "a field is there twice");

	*field = value;

	return 0;
}


static int check(struct web_head *h, bool coded)
{
	if (coded && (h->sized || h->old))
		return refuse(h, 400, "Transfer-Encoding: what is the length,"
			      " then?");
	if (coded)
		return refuse(h, 411, "send it with a Content-Length");

	if (!h->host.p && !h->old)
		return refuse(h, 400, "there is no Host");

	if (!h->method)
		return refuse(h, 501, NULL);

	return 0;
}


/**
 * Read the head of a request
 *
 * @param h   Set to it
 * @param buf What has come
 * @param len Its length [bytes]
 *
 * @return 0 if success; EAGAIN it is not all there; EBADMSG it is refused:
 *         status and why
 */
int web_head(struct web_head *h, const char *buf, size_t len)
{
	struct pl rest, line;
	bool coded = false;
	unsigned n = 0;
	int err;

	if (!h || !buf)
		return EINVAL;

	memset(h, 0, sizeof(*h));

	err = find_end(h, buf, len);
	if (err)
		return err;

	/* without the empty line */
	rest.p = buf;
	rest.l = h->len - 2;

	if (!next_line(&rest, &line))
		return refuse(h, 400, "that is no request");
	err = request_line(h, &line);

	while (!err && next_line(&rest, &line)) {

		if (++n > WEB_FIELDS)
			return refuse(h, 431, "the head has too many fields");

		err = one_field(h, &line, &coded);
	}

	return err ? err : check(h, coded);
}
