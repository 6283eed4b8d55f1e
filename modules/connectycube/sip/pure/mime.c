/**
 * @file sip/pure/mime.c  Bodies of several parts (RFC 2046, RFC 5621)
 *
 * Pure: bytes in, the place of one part out. Gateways put ISUP, locations or
 * XML beside the SDP; what is not known is left aside unless it says that it
 * must be understood.
 */
#include <string.h>
#include <re.h>
#include "mime.h"


enum {
	BOUNDARY_MAX = 70,      /* RFC 2046, 5.1.1 [bytes] */
	DEPTH_MAX    = 3,
	PARTS_MAX    = 16,
};

/** What is looked for */
struct finder {
	const char *type;
	const char *subtype;
	unsigned parts;         /**< Parts seen                            */
};

/** One part */
struct part {
	struct msg_ctype ctyp;  /**< Its type, type.l is 0 if unknown      */
	struct pl body;
	bool required;          /**< Says that it must be understood       */
	bool encoded;           /**< Not as it is: base64, quoted-printable */
};


static bool is_type(const struct msg_ctype *ctyp, const char *type,
		    const char *subtype)
{
	return !pl_strcasecmp(&ctyp->type, type) &&
		(!subtype || !pl_strcasecmp(&ctyp->subtype, subtype));
}


static struct pl next_line(struct pl *text)
{
	struct pl line = {text->p, 0};

	while (text->l && *text->p != '\n') {
		pl_advance(text, 1);
		++line.l;
	}

	if (text->l)
		pl_advance(text, 1);

	if (line.l && line.p[line.l - 1] == '\r')
		--line.l;

	return line;
}


static bool is_blank_or_end(const struct pl *line, size_t pos)
{
	return line->l == pos || line->p[pos] == ' ' || line->p[pos] == '\t';
}


/** What a line is to a boundary */
enum delimiter {NONE, BEGIN, END};

static enum delimiter delimiter(const struct pl *line,
				const struct pl *boundary)
{
	const size_t n = boundary->l + 2;

	if (line->l < n || memcmp(line->p, "--", 2) ||
	    memcmp(line->p + 2, boundary->p, boundary->l))
		return NONE;

	if (line->l >= n + 2 && !memcmp(line->p + n, "--", 2))
		return END;

	return is_blank_or_end(line, n) ? BEGIN : NONE;
}


static bool header(struct pl *val, const struct pl *line, const char *name)
{
	const size_t n = strlen(name);

	if (line->l <= n || strncasecmp(line->p, name, n))
		return false;

	val->p = line->p + n;
	val->l = line->l - n;

	while (val->l && (*val->p == ' ' || *val->p == '\t'))
		pl_advance(val, 1);

	if (!val->l || *val->p != ':')
		return false;

	do {
		pl_advance(val, 1);
	} while (val->l && (*val->p == ' ' || *val->p == '\t'));

	return true;
}


static void read_header(struct part *part, const struct pl *line)
{
	struct pl val;

	if (header(&val, line, "Content-Type")) {
		if (msg_ctype_decode(&part->ctyp, &val))
			memset(&part->ctyp, 0, sizeof(part->ctyp));
	}
	else if (header(&val, line, "Content-Transfer-Encoding")) {
		part->encoded = pl_strcasecmp(&val, "binary") &&
			pl_strcasecmp(&val, "8bit") &&
			pl_strcasecmp(&val, "7bit");
	}
	else if (header(&val, line, "Content-Disposition")) {
		part->required = !re_regex(val.p, val.l,
					   "handling[ \t]*=[ \t]*required",
					   NULL, NULL);
	}
}


static void read_part(struct part *part, struct pl text)
{
	memset(part, 0, sizeof(*part));

	while (text.l) {

		struct pl line = next_line(&text);

		if (!line.l)
			break;

		read_header(part, &line);
	}

	part->body = text;
}


/* With its quotes it may have blanks in it */
static int get_boundary(struct pl *boundary, const struct pl *params)
{
	const char *end;

	if (msg_param_decode(params, "boundary", boundary))
		return EBADMSG;

	if (*boundary->p == '"') {
		boundary->l = params->p + params->l - boundary->p;
		pl_advance(boundary, 1);

		end = pl_strchr(boundary, '"');
		if (!end)
			return EBADMSG;

		boundary->l = end - boundary->p;
	}

	return boundary->l && boundary->l <= BOUNDARY_MAX ? 0 : EBADMSG;
}


static int find(struct pl *found, struct finder *f,
		const struct msg_ctype *ctyp, const struct pl *body,
		unsigned depth);


/* ENOENT if it is not this one */
static int look_at(struct pl *found, struct finder *f, const struct pl *text,
		   unsigned depth)
{
	struct part part;
	int err = ENOENT;

	read_part(&part, *text);

	if (is_type(&part.ctyp, "multipart", NULL))
		err = find(found, f, &part.ctyp, &part.body, depth + 1);
	else if (is_type(&part.ctyp, f->type, f->subtype) && !part.encoded) {
		*found = part.body;
		err = 0;
	}

	return err == ENOENT && part.required ? ENOTSUP : err;
}


static int find(struct pl *found, struct finder *f,
		const struct msg_ctype *ctyp, const struct pl *body,
		unsigned depth)
{
	struct pl boundary, rest = *body, text = PL_INIT;
	int err, result = ENOENT;

	if (depth > DEPTH_MAX)
		return EBADMSG;

	err = get_boundary(&boundary, &ctyp->params);
	if (err)
		return err;

	while (rest.l || text.p) {

		struct pl one;
		struct pl line = next_line(&rest);
		enum delimiter d = delimiter(&line, &boundary);

		if (d == NONE && rest.l)
			continue;

		if (text.p) {
			/* its last line end belongs to the delimiter; one
			   that is missing is no reason to drop the part */
			text.l = (d == NONE ? rest.p : line.p) - text.p;

			if (++f->parts > PARTS_MAX)
				return EBADMSG;

			err = look_at(&one, f, &text, depth);
			if (err && err != ENOENT)
				return err;
			if (!err && result) {
				*found = one;
				result = 0;
			}
		}

		text.p = d == BEGIN && rest.l ? rest.p : NULL;

		if (d != BEGIN)
			break;
	}

	return result;
}


/**
 * Find a part of a body
 *
 * @param part    The part (output)
 * @param ctyp    Type of the body: multipart of any kind
 * @param body    Body
 * @param type    Type to look for
 * @param subtype Subtype to look for
 *
 * @return 0 if success, EINVAL; EBADMSG if it is broken; ENOENT if it is not
 *         there; ENOTSUP if another part must be understood
 */
int mime_find(struct pl *part, const struct msg_ctype *ctyp,
	      const struct pl *body, const char *type, const char *subtype)
{
	struct finder f = {type, subtype, 0};

	if (!part || !ctyp || !body || !body->p || !type || !subtype)
		return EINVAL;

	return find(part, &f, ctyp, body, 0);
}
