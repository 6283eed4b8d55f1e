/**
 * @file connectycube_hub/sink/csv.c
 * Fields of comma separated values (RFC 4180)
 *
 * A record is one line: line ends within a field are written as blanks, so
 * that what was being written when the power failed can be told by its end.
 *
 * Pure.
 */
#include <errno.h>
#include <string.h>
#include <re_types.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_tmr.h>
#include "../hub.h"
#include "sink.h"


/* Spreadsheets take for a formula what begins with one of these */
static bool is_formula(const char *str, size_t len)
{
	return len && memchr("=+-@\t\r", str[0], 6);
}


/**
 * Append a text as a field, in quotes
 *
 * @param mb    Buffer
 * @param str   Text
 * @param len   Its length [bytes]
 * @param guard An apostrophe goes before what could be taken for a formula
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_csv_text(struct mbuf *mb, const char *str, size_t len, bool guard)
{
	size_t i;
	int err;

	if (!mb || (!str && len))
		return EINVAL;

	err = mbuf_write_u8(mb, '"');

	if (guard && is_formula(str, len))
		err |= mbuf_write_u8(mb, '\'');

	for (i=0; i<len && !err; i++) {

		const char c = str[i];

		if (c == '"')
			err = mbuf_write_u8(mb, '"');

		err |= mbuf_write_u8(mb, c == '\n' || c == '\r' || !c ?
				     ' ' : (uint8_t)c);
	}

	err |= mbuf_write_u8(mb, '"');

	return err ? ENOMEM : 0;
}


/**
 * Take the apostrophe off again that went before what could be a formula
 *
 * @param str Text, changed in place
 */
void hub_csv_unguard(char *str)
{
	if (str && str[0] == '\'' && is_formula(str + 1, strlen(str + 1)))
		memmove(str, str + 1, strlen(str));
}


static int add(char *dst, size_t size, size_t *n, char c)
{
	if (*n + 1 >= size)
		return EOVERFLOW;

	dst[(*n)++] = c;

	return 0;
}


/* One field from *i on, which is left at the comma behind it or at the end */
static int field(char *dst, size_t size, const char *line, size_t len,
		 size_t *i)
{
	bool quoted = *i < len && line[*i] == '"';
	size_t n = 0;
	int err = 0;

	if (quoted)
		++*i;

	for (; *i < len; ++*i) {

		const char c = line[*i];

		if (quoted && c == '"') {
			if (*i + 1 >= len || line[*i + 1] != '"') {
				quoted = false;
				continue;
			}
			++*i;
		}
		else if (!quoted && c == ',') {
			break;
		}

		if (dst)
			err |= add(dst, size, &n, c);
	}

	if (dst)
		dst[n] = '\0';

	return quoted ? EBADMSG : err;
}


/**
 * Get a field of a line
 *
 * @param dst  Set to the field, without quotes
 * @param size Room there [bytes]
 * @param line Line, without its end
 * @param len  Its length [bytes]
 * @param col  Number of the field, from 0
 *
 * @return 0 if success, ENOENT if there are less, EOVERFLOW if it does not
 *         fit, EBADMSG if a quote has no end
 */
int hub_csv_field(char *dst, size_t size, const char *line, size_t len,
		  unsigned col)
{
	size_t i = 0;
	int err;

	if (!dst || !size || !line)
		return EINVAL;

	while (col--) {

		err = field(NULL, 0, line, len, &i);
		if (err)
			return err;
		if (i >= len)
			return ENOENT;
		++i;
	}

	return field(dst, size, line, len, &i);
}
