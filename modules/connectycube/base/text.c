/**
 * @file base/text.c  Small helpers for reading lines of text safely
 */
#include <string.h>
#include <re.h>
#include "text.h"


static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}


static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';

	c |= 0x20;

	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


static void advance(struct pl *pl, size_t n)
{
	pl->p += n;
	pl->l -= n;
}


/**
 * Take the next line that is not empty; it ends with LF, CR or both
 *
 * @param pl   Remaining text, moved behind the line
 * @param line The line without its end
 *
 * @return false if there is none left
 */
bool text_line(struct pl *pl, struct pl *line)
{
	size_t n = 0;

	while (pl->l && (*pl->p == '\r' || *pl->p == '\n'))
		advance(pl, 1);

	while (n < pl->l && pl->p[n] != '\r' && pl->p[n] != '\n')
		++n;

	line->p = pl->p;
	line->l = n;
	advance(pl, n);
	text_trim(line);

	return n > 0;
}


/**
 * Take the next word, as separated by white space
 *
 * @param pl   Remaining text, moved behind the word
 * @param word The word
 *
 * @return false if there is none left
 */
bool text_word(struct pl *pl, struct pl *word)
{
	size_t n = 0;

	while (pl->l && is_space(*pl->p))
		advance(pl, 1);

	while (n < pl->l && !is_space(pl->p[n]))
		++n;

	word->p = pl->p;
	word->l = n;
	advance(pl, n);

	return n > 0;
}


/**
 * Move behind a prefix, if it is there
 *
 * @param pl     Text
 * @param prefix Prefix; case is ignored
 *
 * @return true if it was there
 */
bool text_skip(struct pl *pl, const char *prefix)
{
	struct pl head;

	head.p = pl->p;
	head.l = strlen(prefix);

	if (pl->l < head.l || pl_strcasecmp(&head, prefix))
		return false;

	advance(pl, head.l);

	return true;
}


/**
 * Drop white space at both ends
 *
 * @param pl Text
 */
void text_trim(struct pl *pl)
{
	while (pl->l && is_space(*pl->p))
		advance(pl, 1);

	while (pl->l && is_space(pl->p[pl->l - 1]))
		--pl->l;
}


/**
 * Split a text at the first separator
 *
 * @param pl  Text
 * @param sep Separator
 * @param a   What is before it, all if there is none; trimmed
 * @param b   What is behind it, empty if there is none; trimmed
 *
 * @return true if the separator is there
 */
bool text_split(const struct pl *pl, char sep, struct pl *a, struct pl *b)
{
	const char *p = pl->l ? memchr(pl->p, sep, pl->l) : NULL;
	const struct pl all = *pl;

	a->p = all.p;
	a->l = p ? (size_t)(p - all.p) : all.l;
	b->p = p ? p + 1 : all.l ? all.p + all.l : all.p;
	b->l = p ? all.l - a->l - 1 : 0;

	text_trim(a);
	text_trim(b);

	return p != NULL;
}


/**
 * Take all up to a separator, which is left out
 *
 * @param rest Remaining text, moved behind the separator; unset after the last
 * @param part What is before it, all if there is none; as it stands
 * @param sep  Separator
 *
 * @return false if there is nothing left
 */
bool text_next(struct pl *rest, struct pl *part, char sep)
{
	const char *end;

	if (!rest->p)
		return false;

	end   = rest->l ? memchr(rest->p, sep, rest->l) : NULL;
	*part = *rest;

	if (end) {
		part->l = (size_t)(end - rest->p);
		advance(rest, part->l + 1);
	}
	else {
		*rest = pl_null;
	}

	return true;
}


/**
 * Read two hexadecimal digits, as behind the % of an escape
 *
 * @param p Two characters
 *
 * @return Their value, -1 if they are none
 */
int text_hex(const char *p)
{
	const int hi = hex(p[0]), lo = hex(p[1]);

	return hi < 0 || lo < 0 ? -1 : hi << 4 | lo;
}


/**
 * Copy a text into a buffer, terminated
 *
 * @param dst  Buffer; left alone on error
 * @param size Size of the buffer [bytes]
 * @param pl   Text
 *
 * @return 0 if success; EOVERFLOW if it does not fit; EBADMSG if it holds
 *         control characters
 */
int text_copy(char *dst, size_t size, const struct pl *pl)
{
	size_t i;

	if (pl->l >= size)
		return EOVERFLOW;

	for (i=0; i<pl->l; i++) {
		if ((unsigned char)pl->p[i] < 0x20 || pl->p[i] == 0x7f)
			return EBADMSG;
	}

	if (pl->l)
		memcpy(dst, pl->p, pl->l);
	dst[pl->l] = '\0';

	return 0;
}


/**
 * Make a string of a text, whole or not at all: libre's pl_strcpy() cuts what
 * does not fit, and says nothing
 *
 * @param dst  Buffer; left alone on error
 * @param size Size of the buffer [bytes]
 * @param pl   Text
 *
 * @return 0 if success; EINVAL if there is none; EOVERFLOW if it does not fit;
 *         EBADMSG if it holds a 0, where a string would end
 */
int text_str(char *dst, size_t size, const struct pl *pl)
{
	if (!dst || !pl || !pl->p)
		return EINVAL;
	if (pl->l >= size)
		return EOVERFLOW;
	if (memchr(pl->p, 0, pl->l))
		return EBADMSG;

	memcpy(dst, pl->p, pl->l);
	dst[pl->l] = '\0';

	return 0;
}


/**
 * Read a decimal number, all of the text
 *
 * @param v   The number; left alone on error
 * @param pl  Text
 * @param max Largest value allowed
 *
 * @return 0 if success; EBADMSG if not a number; ERANGE if too large
 */
int text_u32(uint32_t *v, const struct pl *pl, uint32_t max)
{
	uint64_t n = 0;
	size_t i;

	if (!pl->l)
		return EBADMSG;

	for (i=0; i<pl->l; i++) {

		if (pl->p[i] < '0' || pl->p[i] > '9')
			return EBADMSG;

		n = n * 10 + (unsigned)(pl->p[i] - '0');
		if (n > max)
			return ERANGE;
	}

	*v = (uint32_t)n;

	return 0;
}


/**
 * Get the length of a UTF-8 character (RFC 3629)
 *
 * @param p Text
 * @param n Its length [bytes]
 *
 * @return Length [bytes], 0 if it begins with none
 */
size_t text_utf8(const char *p, size_t n)
{
	const uint8_t *b = (const uint8_t *)p;
	size_t i, len;
	uint32_t c;

	if (!n)
		return 0;
	if (b[0] < 0x80)
		return 1;
	if (b[0] < 0xc2 || b[0] > 0xf4)
		return 0;

	len = b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
	if (len > n)
		return 0;

	c = b[0] & (0x7f >> len);
	for (i=1; i<len; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (b[i] & 0x3f);
	}

	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ||
	    (len == 3 && c < 0x800) || (len == 4 && c < 0x10000))
		return 0;

	return len;
}


/**
 * Does a text begin with a character that whoever reads it is not to be shown?
 * Terminals obey U+0080 to U+009F (ECMA-48); others turn the direction of text,
 * or end lines for some (Unicode TR 9, U+061C, 200E, 200F, 2028 to 202E, 2066
 * to 2069): a name would have a line read otherwise than it was written. Those of
 * ASCII are told by whoever knows what lines end with
 *
 * @param p UTF-8
 * @param n Its length [bytes]
 *
 * @return Length of the character [bytes], 0 if it is none of those
 */
size_t text_odd(const char *p, size_t n)
{
	const uint8_t *b = (const uint8_t *)p;

	if (n < 2 || b[0] < 0x80)
		return 0;
	if ((b[0] == 0xc2 && (b[1] & 0xe0) == 0x80) ||
	    (b[0] == 0xd8 && b[1] == 0x9c))
		return 2;
	if (n < 3 || b[0] != 0xe2)
		return 0;

	return (b[1] == 0x80 && (b[2] == 0x8e || b[2] == 0x8f ||
				 (b[2] >= 0xa8 && b[2] <= 0xae))) ||
		(b[1] == 0x81 && b[2] >= 0xa6 && b[2] <= 0xa9) ? 3 : 0;
}


/**
 * Is a text UTF-8 (RFC 3629)?
 *
 * @param pl Text
 *
 * @return True if it is, false for Latin-1 and the like
 */
bool text_is_utf8(const struct pl *pl)
{
	size_t i, n;

	for (i=0; i<pl->l; i+=n) {
		n = text_utf8(pl->p + i, pl->l - i);
		if (!n)
			return false;
	}

	return true;
}


/**
 * Get the words for so many of something
 *
 * @param n    How many
 * @param one  Words for one, as "call is"
 * @param more Words for any other number, as "calls are"
 *
 * @return One of both
 */
const char *text_plural(uint64_t n, const char *one, const char *more)
{
	return n == 1 ? one : more;
}
