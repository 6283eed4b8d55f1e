/**
 * @file connectycube_hub/recording/recname.c  Names of finished recordings
 *
 * Pure.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <re_types.h>
#include <re_fmt.h>
#include "base/text.h"
#include "recname.h"


/** What is being made */
struct out {
	char *p;                /**< Name                                  */
	size_t size;            /**< Room there [bytes]                    */
	size_t n;               /**< Length so far [bytes]                 */
	size_t part;            /**< Where its last part begins            */
	unsigned parts;         /**< Parts so far                          */
	size_t keep;            /**< Room for what comes at its end        */
};

#define FIELD(name) {#name, offsetof(struct recname, name)}

static const struct {
	const char *name;
	size_t off;
} fieldv[] = {
	FIELD(id), FIELD(extension), FIELD(host), FIELD(from), FIELD(to),
	FIELD(direction), FIELD(session), FIELD(record_id), FIELD(linked_id),
	FIELD(call_id), FIELD(call), FIELD(mode), FIELD(by),
	{"time", SIZE_MAX},
};

static const char timev[] = "YmdHMS";


static uint32_t code_point(const char *p, size_t n)
{
	const uint8_t *b = (const uint8_t *)p;

	switch (n) {

	case 2:  return (b[0] & 0x1fu) << 6 | (b[1] & 0x3fu);
	case 3:  return (b[0] & 0x0fu) << 12 | (b[1] & 0x3fu) << 6 |
			(b[2] & 0x3fu);
	default: return n == 1 ? b[0] : 0x10000;
	}
}


/* What is no letter to a file system, a shell, a console, or who reads it */
static bool is_fit(uint32_t c)
{
	if (c < 0x80)
		return c > ' ' && c < 0x7f &&
			!strchr("/\\:*?\"<>|'`$&;!()[]{}~#%^", (int)c);

	return c >= 0xa0 && c != 0xad && c != 0x61c && c != 0xfeff &&
		!(c >= 0x200b && c <= 0x200f) &&
		!(c >= 0x2028 && c <= 0x202e) &&
		!(c >= 0x2060 && c <= 0x206f);
}


static int put(struct out *o, const char *p, size_t n)
{
	if (o->n + n + o->keep >= o->size)
		return EOVERFLOW;

	memcpy(o->p + o->n, p, n);
	o->n += n;
	o->p[o->n] = '\0';

	return 0;
}


static int put_char(struct out *o, const char *p, size_t n)
{
	/* hidden, an option, or the folder above */
	const bool first = o->n == o->part && strchr(".-", p[0]);

	/* a part is cut, not refused */
	if (o->n + n + o->keep > o->part + RECNAME_PART)
		return 0;

	return first ? put(o, "_", 1) : put(o, p, n);
}


static int put_field(struct out *o, const char *str)
{
	const char *const end = str + strlen(str);
	const char *p = str;
	size_t used = 0;
	int err = 0;

	while (p < end && !err) {

		const size_t n = text_utf8(p, (size_t)(end - p));
		const bool fit = n && is_fit(code_point(p, n));
		const size_t len = fit ? n : 1;

		if (used + len > RECNAME_FIELD)
			break;

		err = fit ? put_char(o, p, n) : put_char(o, "_", 1);
		used += len;
		p += n ? n : 1;
	}

	return err;
}


static int put_slash(struct out *o)
{
	/* a dot at the end is nothing to some file systems */
	if (o->n > o->part && o->p[o->n - 1] == '.')
		o->p[o->n - 1] = '_';

	if (o->n == o->part || ++o->parts >= RECNAME_PARTS)
		return EINVAL;
	if (o->n + 1 + o->keep >= o->size)
		return EOVERFLOW;

	o->p[o->n++] = '/';
	o->p[o->n]   = '\0';
	o->part = o->n;

	return 0;
}


static int put_time(struct out *o, const char *fmt, uint64_t ms)
{
	const time_t t = (time_t)(ms / 1000);
	struct tm tm;
	char str[16];
	size_t n;

	if (!gmtime_r(&t, &tm))
		return EINVAL;

	n = strftime(str, sizeof(str), fmt, &tm);

	return n ? put_field(o, str) : EINVAL;
}


/* {NAME}: which one, -1=none. *lenp is all of it */
static int find_field(const char *p, size_t *lenp)
{
	const char *end = strchr(p, '}');
	size_t i, n;

	if (!end)
		return -1;

	n = (size_t)(end - p) - 1;
	*lenp = n + 2;

	for (i=0; i<ARRAY_SIZE(fieldv); i++) {
		if (strlen(fieldv[i].name) == n &&
		    !memcmp(fieldv[i].name, p + 1, n))
			return (int)i;
	}

	return -1;
}


static int expand_field(struct out *o, int i, const struct recname *f)
{
	const char *str;

	if (fieldv[i].off == SIZE_MAX)
		return put_time(o, "%H%M%S", f->t_start);

	memcpy(&str, (const uint8_t *)f + fieldv[i].off, sizeof(str));

	return put_field(o, str && str[0] ? str : "none");
}


/* One piece of a template; *pp is behind it then */
static int expand(struct out *o, const char **pp, const struct recname *f)
{
	const char *p = *pp;
	char fmt[3] = "%", lit[2] = "";
	size_t len = 1;
	int i, err;

	switch (*p) {

	case '/':
		err = put_slash(o);
		break;

	case '%':
		if (!p[1] || !strchr(timev, p[1]))
			return EINVAL;
		fmt[1] = p[1];
		len = 2;
		err = put_time(o, fmt, f->t_start);
		break;

	case '{':
		i = find_field(p, &len);
		err = i < 0 ? EINVAL : expand_field(o, i, f);
		break;

	default:
		/* more bytes of one letter are of one field */
		len = text_utf8(p, strlen(p));
		if (!len || !is_fit(code_point(p, len)))
			return EINVAL;
		lit[0] = *p;
		err = len == 1 ? put_field(o, lit) : put_char(o, p, len);
		break;
	}

	*pp = p + len;

	return err;
}


/**
 * Make a name
 *
 * @param name   Set to it: one or more parts, none of them empty, or with a
 *               dot before it
 * @param size   Room there [bytes]
 * @param tmpl   Template
 * @param f      What it is made of
 * @param n      Which try, from 1: the others get "-N"
 * @param suffix What it ends with (".ogg")
 *
 * @return 0 if success, EINVAL if the template is wrong, EOVERFLOW if it would
 *         be too long
 */
int recname_make(char *name, size_t size, const char *tmpl,
		 const struct recname *f, unsigned n, const char *suffix)
{
	struct out o = {.p = name, .size = size};
	const char *p = tmpl;
	char end[RECNAME_END] = "";
	int err = 0;

	if (!name || !size || !tmpl || !f || !suffix)
		return EINVAL;

	if (n > 1)
		(void)re_snprintf(end, sizeof(end), "-%u", n);
	if (strlen(end) + strlen(suffix) >= sizeof(end))
		return EOVERFLOW;
	strcat(end, suffix);

	name[0] = '\0';
	o.keep  = strlen(end);

	while (*p && !err)
		err = expand(&o, &p, f);

	if (!err && o.n == o.part)
		err = EINVAL;
	if (err)
		return err;

	o.keep = 0;

	return put(&o, end, strlen(end));
}


/* What is wrong with a template, of which str is what is left */
static const char *fault(const char *str, int err)
{
	if (err == EOVERFLOW)
		return "the name would be too long";

	switch (*str) {

	case '{': return "there is no such field";
	case '%': return "only %Y %m %d %H %M %S are times";
	case '/': return "an empty part, or too many of them";
	default:  return "a character that no name has";
	}
}


/**
 * Check a template: if it is right, a name of RECNAME_MAX bytes has room for
 * what it makes, however long the fields are
 *
 * @param tmpl Template
 * @param why  Set to what is wrong with it
 * @param size Room there [bytes]
 *
 * @return 0 if it is right, otherwise errorcode
 */
int recname_check(const char *tmpl, char *why, size_t size)
{
	struct recname f = {.t_start = 1};
	char name[RECNAME_MAX], field[RECNAME_FIELD + 1];
	struct out o = {.p = name, .size = sizeof(name) - RECNAME_END};
	const char *const longest = field;
	const char *p = tmpl;
	int err = 0;
	size_t i;

	if (!tmpl || !why || !size)
		return EINVAL;

	memset(field, 'x', RECNAME_FIELD);
	field[RECNAME_FIELD] = '\0';

	for (i=0; i<ARRAY_SIZE(fieldv); i++) {
		if (fieldv[i].off != SIZE_MAX)
			memcpy((uint8_t *)&f + fieldv[i].off, &longest,
			       sizeof(longest));
	}

	while (*p && !err) {

		const char *const at = p;

		err = expand(&o, &p, &f);
		if (err)
			(void)re_snprintf(why, size, "'%b': %s", at,
					  strnlen(at, 40), fault(at, err));
	}

	if (!err && o.n == o.part) {
		(void)re_snprintf(why, size, "it ends with a folder");
		err = EINVAL;
	}

	return err;
}


/**
 * Get what is before the domain in an address
 *
 * @param dst  Set to it
 * @param size Room there [bytes]
 * @param uri  Address, as sip:1001@pbx.example
 */
void recname_user(char *dst, size_t size, const char *uri)
{
	const char *p = uri ? uri : "", *end;
	size_t n;

	if (!strncasecmp(p, "sip:", 4) || !strncasecmp(p, "tel:", 4))
		p += 4;
	else if (!strncasecmp(p, "sips:", 5))
		p += 5;

	end = strchr(p, '@');
	n = end ? (size_t)(end - p) : strcspn(p, ";?");
	if (n >= size)
		n = size - 1;

	memcpy(dst, p, n);
	dst[n] = '\0';
}
