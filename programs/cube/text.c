/**
 * @file text.c  What may get to a terminal
 *
 * Callers choose their names. What moves a cursor, sets a title, turns the
 * direction of what follows or ends a line is not shown as such; nor do
 * letters that are read from the right take with them what stands behind.
 *
 * Pure.
 */
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include "cli.h"


enum {
	BAD = 0xfffd,           /**< Stands for what is not shown          */
	MARK = 0x200e,          /**< From the left (Unicode TR 9: LRM)     */
};

/** From a code point to another one */
struct span {
	uint32_t from, to;
};


static bool is_in(uint32_t cp, const struct span *v, size_t n)
{
	size_t i;

	for (i=0; i<n; i++) {
		if (cp >= v[i].from && cp <= v[i].to)
			return true;
	}

	return false;
}


/* Controls (C0, C1), what sets the direction of text, breaks lines or is no
   character */
static bool is_unsafe(uint32_t cp)
{
	static const struct span v[] = {
		{0x00, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x61c, 0x61c},
		{0x180e, 0x180e}, {0x200b, 0x200b}, {0x200e, 0x200f},
		{0x2028, 0x202e}, {0x2060, 0x206f}, {0xd800, 0xdfff},
		{0xfdd0, 0xfdef}, {0xfeff, 0xfeff}, {0xfff0, 0xfffb},
		{0xfffe, 0xffff}, {0xe0000, 0xe0fff},
	};

	return is_in(cp, v, ARRAY_SIZE(v)) || (cp & 0xfffe) == 0xfffe ||
		cp > 0x10ffff;
}


/* Letters of Hebrew, Arabic and such */
static bool is_from_right(uint32_t cp)
{
	static const struct span v[] = {
		{0x590, 0x8ff}, {0xfb1d, 0xfdff}, {0xfe70, 0xfefc},
		{0x10800, 0x10fff}, {0x1e800, 0x1efff},
	};

	return cp != BAD && is_in(cp, v, ARRAY_SIZE(v));
}


/**
 * Read a character (RFC 3629)
 *
 * @param cp  Set to its code point; U+FFFD if it is none
 * @param p   Text
 * @param len Its length [bytes], at least 1
 *
 * @return Bytes of the character; 1 if it is none
 */
size_t cli_utf8(uint32_t *cp, const char *p, size_t len)
{
	static const uint32_t leastv[] = {0, 0, 0x80, 0x800, 0x10000};
	const uint8_t c = (uint8_t)p[0];
	const size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	uint32_t v;
	size_t i;

	if (c < 0x80) {
		*cp = c;
		return 1;
	}

	*cp = BAD;
	if (c < 0xc2 || c > 0xf4 || len < n)
		return 1;

	v = c & (0x7fu >> n);
	for (i=1; i<n; i++) {
		if (((uint8_t)p[i] & 0xc0) != 0x80)
			return 1;
		v = v << 6 | ((uint8_t)p[i] & 0x3f);
	}

	if (v < leastv[n] || (v >= 0xd800 && v <= 0xdfff) || v > 0x10ffff)
		return 1;

	*cp = v;

	return n;
}


/* How many columns it takes: 0 if it goes onto the one before, 2 if it is wide
   (Unicode TR 11) */
static unsigned char_width(uint32_t cp)
{
	static const struct span nonev[] = {
		{0x300, 0x36f}, {0x483, 0x489}, {0x591, 0x5bd},
		{0x5bf, 0x5bf}, {0x5c1, 0x5c2}, {0x5c4, 0x5c5},
		{0x610, 0x61a}, {0x64b, 0x65f}, {0x670, 0x670},
		{0x6d6, 0x6dc}, {0x6df, 0x6e4}, {0x6e7, 0x6e8},
		{0x6ea, 0x6ed}, {0x900, 0x902}, {0x93a, 0x93a},
		{0x93c, 0x93c}, {0x941, 0x948}, {0x94d, 0x94d},
		{0xe31, 0xe31}, {0xe34, 0xe3a}, {0xe47, 0xe4e},
		{0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200c, 0x200d},
		{MARK, MARK}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
	};
	static const struct span widev[] = {
		{0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0xa4cf},
		{0xa960, 0xa97f}, {0xac00, 0xd7a3}, {0xf900, 0xfaff},
		{0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6},
		{0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff},
		{0x20000, 0x3fffd},
	};

	if (cp < 0x300)
		return 1;

	return is_in(cp, nonev, ARRAY_SIZE(nonev)) ? 0
		: is_in(cp, widev, ARRAY_SIZE(widev)) ? 2 : 1;
}


/**
 * Would what stands behind a text be read from the right with it?
 *
 * @param p   Text, as cli_text() made it, or the beginning of that
 * @param len Its length [bytes]
 *
 * @return True if so
 */
bool cli_is_open(const char *p, size_t len)
{
	uint32_t cp = 0;

	while (len) {

		const size_t n = cli_utf8(&cp, p, len);

		p   += n;
		len -= n;
	}

	return is_from_right(cp);
}


/* Words that are read from the right end here */
static bool is_end(const char *p, size_t len)
{
	uint32_t cp;
	size_t n = cli_utf8(&cp, p, len);

	if (cp == ' ' && n < len)
		(void)cli_utf8(&cp, p + n, len - n);

	return !is_from_right(cp);
}


static int put_mark(struct mbuf *mb)
{
	return mbuf_write_str(mb, CLI_MARK);
}


/**
 * Append text to what gets to a terminal
 *
 * @param mb   Buffer
 * @param p    Text, of anybody
 * @param len  Its length [bytes]
 * @param utf8 The terminal shows UTF-8; otherwise ASCII is all it gets
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_text(struct mbuf *mb, const char *p, size_t len, bool utf8)
{
	bool right = false;
	int err = 0;

	while (len && !err) {

		uint32_t cp;
		const size_t n = cli_utf8(&cp, p, len);

		if (right && is_end(p, len)) {
			err = put_mark(mb);
			right = false;
		}
		right |= utf8 && is_from_right(cp);

		if (err)
			break;
		if (cp == '\n' || cp == '\t' || cp == '\r')
			err = mbuf_write_u8(mb, ' ');
		else if (cp < 0x80 && !is_unsafe(cp))
			err = mbuf_write_u8(mb, (uint8_t)cp);
		else if (!utf8)
			err = mbuf_write_u8(mb, '?');
		else if (cp == BAD || is_unsafe(cp))
			err = mbuf_write_str(mb, "\xef\xbf\xbd");
		else
			err = mbuf_write_mem(mb, (const uint8_t *)p, n);

		p   += n;
		len -= n;
	}

	return right && !err ? put_mark(mb) : err;
}


/**
 * Get how many columns a text takes
 *
 * @param p   Text, as cli_text() made it
 * @param len Its length [bytes]
 *
 * @return Columns
 */
size_t cli_width(const char *p, size_t len)
{
	size_t width = 0;

	while (len) {

		uint32_t cp;
		const size_t n = cli_utf8(&cp, p, len);

		width += char_width(cp);
		p   += n;
		len -= n;
	}

	return width;
}


/**
 * Tell how much of a text has room
 *
 * @param p     Text, as cli_text() made it
 * @param len   Its length [bytes]
 * @param width Room [columns]
 *
 * @return Bytes of whole characters
 */
size_t cli_cut(const char *p, size_t len, size_t width)
{
	size_t used = 0;

	while (used < len) {

		uint32_t cp;
		const size_t n = cli_utf8(&cp, p + used, len - used);
		const unsigned w = char_width(cp);

		if (w > width)
			break;

		width -= w;
		used  += n;
	}

	return used;
}
