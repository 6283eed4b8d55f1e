/**
 * @file edit.c  One line of a file is changed; everything else stays, byte for
 *               byte
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "config/conftext.h"
#include "office.h"
#include "parsing.h"


static int put(struct mbuf *mb, const char *p, size_t len)
{
	return len ? mbuf_write_mem(mb, (const uint8_t *)p, len) : 0;
}


/* Line ends as the file has them */
static const char *line_end(const struct pl *text)
{
	const char *nl = pl_isset(text) ? pl_strchr(text, '\n') : NULL;

	return nl && nl > text->p && nl[-1] == '\r' ? "\r\n" : "\n";
}


static int append(struct mbuf *mb, const struct pl *text,
		  const struct pl *with)
{
	const char *end = line_end(text);
	int err;

	err = put(mb, text->p, text->l);
	if (!err && text->l && text->p[text->l - 1] != '\n')
		err = put(mb, end, strlen(end));
	if (!err)
		err = put(mb, with->p, with->l);

	return err ? err : put(mb, end, strlen(end));
}


/**
 * Change, remove or add a line
 *
 * @param mb   Set to the new text, written at its position
 * @param text Text as it is
 * @param line Number of the line, from 1; 0=add one at the end
 * @param with What the line shall be, without a line end; NULL=it goes
 *
 * @return 0 if success, ENOENT if there is no such line, EINVAL if `with` has
 *         a line end in it, ENOMEM
 */
int office_edit(struct mbuf *mb, const struct pl *text, unsigned line,
		const struct pl *with)
{
	struct pl head, rest;
	const char *end;
	size_t len, eol;
	unsigned nr;
	int err;

	if (!mb || !text || (with && (memchr(with->p, '\n', with->l) ||
				      memchr(with->p, '\r', with->l))) ||
	    (!line && !with))
		return EINVAL;

	if (!line)
		return append(mb, text, with);

	for (nr = 1, rest = *text; nr < line && rest.l; nr++) {
		end = pl_strchr(&rest, '\n');
		pl_advance(&rest, end ? end + 1 - rest.p
			   : (ssize_t)rest.l);
	}
	if (!rest.l)
		return ENOENT;

	head.p = text->p;
	head.l = rest.p - text->p;
	end = pl_strchr(&rest, '\n');
	len = end ? (size_t)(end - rest.p) : rest.l;
	eol = end ? 1 : 0;
	if (len && end && rest.p[len - 1] == '\r') {
		--len;
		++eol;
	}

	err = put(mb, head.p, head.l);
	if (!err && with)
		err = put(mb, with->p, with->l);
	if (!err && with)
		err = put(mb, rest.p + len, eol);

	return err ? err : put(mb, rest.p + len + eol, rest.l - len - eol);
}


/**
 * Can a value stand in a line? In quotes, if it has to
 *
 * @param val Value
 *
 * @return True if it can
 */
bool office_can_quote(const struct pl *val)
{
	size_t i;

	for (i=0; i<val->l; i++) {

		const unsigned char c = (unsigned char)val->p[i];

		if (c < ' ' || c == '"' || c == 0x7f)
			return false;
	}

	return val->l > 0;
}


/**
 * Write a parameter: ;NAME=VALUE
 *
 * @param mb   Written to
 * @param name Name
 * @param val  Value that office_can_quote(); in quotes if it has to
 *
 * @return 0 if success, ENOMEM
 */
int office_put_param(struct mbuf *mb, const char *name, const struct pl *val)
{
	bool quotes = false;
	size_t i;

	for (i=0; i<val->l; i++)
		quotes |= strchr(" ;,<>=", val->p[i]) != NULL;

	return mbuf_printf(mb, quotes ? ";%s=\"%r\"" : ";%s=%r", name, val);
}


/**
 * Change, remove or add a parameter of a line of extensions.conf
 *
 * @param mb      Set to the new line, written at its position
 * @param line    Line as it is, without its line end
 * @param name    Name of the parameter
 * @param newname What it shall be called, NULL=as it is
 * @param val     What its value shall be, without quotes; NULL=it goes
 *
 * @return 0 if success, EINVAL if a value cannot be written (a quote in it),
 *         EBADMSG if the line has no address, ENOENT if there is none to
 *         remove, ENOMEM
 */
int office_edit_param(struct mbuf *mb, const struct pl *line,
		      const char *name, const char *newname,
		      const struct pl *val)
{
	struct conf_param param;
	struct sip_addr addr;
	struct pl rest;
	const char *end;
	int err;

	if (!mb || !line || !name || (val && !office_can_quote(val)))
		return EINVAL;

	if (sip_addr_decode(&addr, line))
		return EBADMSG;

	rest = addr.params;
	while (pl_isset(&rest) && conf_param_next(&param, &rest)) {

		if (pl_strcasecmp(&param.name, name) ||
		    param.all.p <= line->p)
			continue;

		/* with the ; before it */
		err = put(mb, line->p, param.all.p - 1 - line->p);
		if (!err && val)
			err = office_put_param(mb, newname ? newname : name,
					       val);
		end = param.all.p + param.all.l;

		return err ? err : put(mb, end, line->p + line->l - end);
	}

	if (!val)
		return ENOENT;

	rest = *line;
	while (rest.l && (conf_is_blank(rest.p[rest.l - 1]) ||
			  rest.p[rest.l - 1] == ';'))
		--rest.l;
	err = put(mb, rest.p, rest.l);

	return err ? err : office_put_param(mb, newname ? newname : name,
					    val);
}
