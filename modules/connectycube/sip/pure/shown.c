/**
 * @file sip/pure/shown.c  Text of the wire, as it can be shown to people
 *
 * What comes may be in any character set and hold anything. What leaves is
 * UTF-8 in one line, cut between characters.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "sip/pure/shown.h"


/**
 * Begin a text
 *
 * @param t    Text
 * @param str  Buffer, where the text is from now on, always with an end
 * @param size Size of the buffer, at least 1 [bytes]
 */
void shown_init(struct shown *t, char *str, size_t size)
{
	t->str  = str;
	t->size = size;
	t->len  = 0;
	t->gap  = false;
	str[0]  = '\0';
}


/* One character, or none if it does not fit as a whole */
static void put(struct shown *t, const char *p, size_t n)
{
	const size_t gap = t->gap && t->len ? 1 : 0;

	if (t->len + gap + n >= t->size) {
		t->size = 0;    /* and nothing behind it */
		return;
	}

	if (gap)
		t->str[t->len++] = ' ';
	t->gap = false;

	memcpy(&t->str[t->len], p, n);
	t->len += n;
	t->str[t->len] = '\0';
}


/**
 * Make UTF-8 of a byte of Latin-1
 *
 * @param buf Returned character, two bytes
 * @param c   Byte, 0x80 or more
 *
 * @return Length [bytes], 0 if it cannot be shown
 */
size_t shown_latin(char *buf, char c)
{
	const uint8_t b = (uint8_t)c;

	if (b < 0xa0)
		return 0;

	buf[0] = (char)(0xc0 | b >> 6);
	buf[1] = (char)(0x80 | (b & 0x3f));

	return 2;
}


/**
 * Add to a text. What is not UTF-8 is taken for Latin-1, which old PBXs send
 *
 * @param t   Text
 * @param str What is added
 * @param n   Its length [bytes]
 */
void shown_add(struct shown *t, const char *str, size_t n)
{
	const uint8_t *p = (const uint8_t *)str;
	char latin[2];
	size_t len;

	for (; n; p += len, n -= len) {

		len = text_utf8((const char *)p, n);

		if (p[0] <= ' ' || p[0] == 0x7f) {
			t->gap = true;
			len = 1;
		}
		else if (!len) {
			len = 1;
			if (shown_latin(latin, (char)p[0]))
				put(t, latin, 2);
		}
		else if (len != 2 || p[0] != 0xc2 || p[1] >= 0xa0) {
			put(t, (const char *)p, len);
		}
	}
}


/**
 * Copy a text, as it can be shown
 *
 * @param str  Returned text
 * @param size Size of the buffer, at least 1 [bytes]
 * @param pl   Text, as it came
 */
void shown_pl(char *str, size_t size, const struct pl *pl)
{
	struct shown t;

	shown_init(&t, str, size);
	shown_add(&t, pl->p, pl->p ? pl->l : 0);
}
