/**
 * @file connectycube_hub/web/target.c  Path and query of a request
 *
 * Pure. What is not as it should be is refused instead of being put right:
 * whoever stands before us may have understood it otherwise.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include "base/text.h"
#include "route.h"


/* RFC 3986 sections 3.3 and 3.4: pchar, "/" and, of a query, "?" */
static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') ||
		(c && strchr("-._~!$&'()*+,;=:@/?", c));
}


/**
 * Decode what is percent-encoded
 *
 * @param dst   Set to the text, terminated
 * @param size  Room there [bytes]
 * @param pl    As it came
 * @param query It is of a query: + is a blank, as forms write it
 *
 * @return 0 if success; EBADMSG not encoded as it should be, not UTF-8, or
 *         has control characters; EOVERFLOW too long
 */
int web_decode(char *dst, size_t size, const struct pl *pl, bool query)
{
	struct pl text = {dst, 0};
	size_t i;

	if (!dst || !size || !pl)
		return EINVAL;

	for (i=0; i<pl->l; i++) {

		int c = (uint8_t)pl->p[i];

		if (c == '%') {
			c = i + 2 < pl->l ? text_hex(&pl->p[i + 1]) : -1;
			i += 2;
		}
		else if (!is_plain((char)c)) {
			return EBADMSG;
		}
		else if (query && c == '+') {
			c = ' ';
		}

		if (c < ' ' || c == 0x7f)
			return EBADMSG;
		if (text.l + 1 >= size)
			return EOVERFLOW;

		dst[text.l++] = (char)c;
	}

	dst[text.l] = '\0';

	return text_is_utf8(&text) ? 0 : EBADMSG;
}


/* Its text, in the room of the target */
static int keep(struct web_target *t, const char **strp, const struct pl *pl,
		bool query)
{
	char *str = &t->buf[t->len];
	int err;

	err = web_decode(str, sizeof(t->buf) - t->len, pl, query);
	if (err)
		return err;

	*strp = str;
	t->len += strlen(str) + 1;

	return 0;
}


/* No part leaves its place, nor is one that was two for somebody else */
static bool is_safe(const char *seg)
{
	return seg[0] && strcmp(seg, ".") && strcmp(seg, "..") &&
		!strpbrk(seg, "/\\");
}


static int read_path(struct web_target *t, struct pl path)
{
	struct pl seg;
	int err;

	if (!path.l || path.p[0] != '/')
		return EBADMSG;

	pl_advance(&path, 1);

	/* "/" alone has no part */
	if (!path.l)
		return 0;

	while (text_next(&path, &seg, '/')) {

		if (t->segc >= WEB_SEGS)
			return EOVERFLOW;

		err = keep(t, &t->segv[t->segc], &seg, false);
		if (err)
			return err;

		if (!is_safe(t->segv[t->segc++]))
			return EBADMSG;
	}

	return 0;
}


static int read_query(struct web_target *t, struct pl query)
{
	struct pl one;
	int err;

	while (text_next(&query, &one, '&')) {

		struct web_pair *pair = &t->queryv[t->queryc];
		const char *eq = one.l ? memchr(one.p, '=', one.l) : NULL;
		struct pl name = one, value = {"", 0};

		if (!one.l)
			continue;

		if (t->queryc >= WEB_QUERIES)
			return EOVERFLOW;

		if (eq) {
			name.l  = (size_t)(eq - one.p);
			value.p = eq + 1;
			value.l = one.l - name.l - 1;
		}

		err = keep(t, &pair->name, &name, true);
		if (!err)
			err = keep(t, &pair->value, &value, true);
		if (err)
			return err;

		/* one of two would be passed over */
		if (!pair->name[0] || web_target_query(t, pair->name))
			return EBADMSG;

		++t->queryc;
	}

	return 0;
}


/**
 * Take the target of a request apart: /PART/PART?NAME=VALUE&NAME=VALUE
 *
 * @param t  Set to it. It must not be copied
 * @param pl As it came
 *
 * @return 0 if success; EBADMSG it is none, or not encoded as it should be;
 *         EOVERFLOW it is too long, or has too many parts
 */
int web_target(struct web_target *t, const struct pl *pl)
{
	struct pl path, query = {NULL, 0};
	const char *mark;
	int err;

	if (!t || !pl)
		return EINVAL;

	t->len = t->segc = t->queryc = 0;

	if (pl->l > WEB_TARGET)
		return EOVERFLOW;

	path = *pl;
	mark = pl->l ? memchr(pl->p, '?', pl->l) : NULL;
	if (mark) {
		path.l  = (size_t)(mark - pl->p);
		query.p = mark + 1;
		query.l = pl->l - path.l - 1;
	}

	err = read_path(t, path);

	return err ? err : read_query(t, query);
}


/**
 * Get a parameter of a query
 *
 * @param t    Target
 * @param name Its name
 *
 * @return Its value, empty if it has none; NULL if it is not there
 */
const char *web_target_query(const struct web_target *t, const char *name)
{
	size_t i;

	if (!t || !name)
		return NULL;

	for (i=0; i<t->queryc; i++) {
		if (!strcmp(t->queryv[i].name, name))
			return t->queryv[i].value;
	}

	return NULL;
}
