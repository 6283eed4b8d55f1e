/**
 * @file sip/pure/message.c  Text of SIP MESSAGE (RFC 3428)
 *
 * Pure. What is taken: text/plain in UTF-8, or in what many phones mean by it,
 * Latin-1. What leaves is UTF-8 with LF between lines and no other control
 * characters but tabs.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "sip/pure/shown.h"
#include "sip/pure/message.h"


/* ISO-8859-1 by its name, else UTF-8 and its part ASCII */
static bool charset(bool *latin, const struct msg_ctype *ct)
{
	struct pl val;

	*latin = false;

	if (!ct->params.l || msg_param_decode(&ct->params, "charset", &val))
		return true;

	if (val.l > 1 && *val.p == '"') {
		pl_advance(&val, 1);
		--val.l;
	}

	*latin = !pl_strcasecmp(&val, "iso-8859-1") ||
		!pl_strcasecmp(&val, "latin1");

	return *latin || !pl_strcasecmp(&val, "utf-8") ||
		!pl_strcasecmp(&val, "utf8") ||
		!pl_strcasecmp(&val, "us-ascii");
}


static bool is_encoded(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_CONTENT_ENCODING);

	return hdr && hdr->val.l && pl_strcasecmp(&hdr->val, "identity");
}


/* Length of what is put into buf, two bytes at most; len is what it was */
static size_t character(char *buf, size_t *len, const char *p, size_t n,
			bool latin)
{
	*len = 1;
	buf[0] = *p;

	if (*p == '\r') {
		*len = n > 1 && p[1] == '\n' ? 2 : 1;
		buf[0] = '\n';
		return 1;
	}

	if (*p == '\n' || *p == '\t')
		return 1;

	if ((uint8_t)*p < 0x80)
		return (uint8_t)*p < ' ' || *p == 0x7f ? 0 : 1;

	if (latin || !text_utf8(p, n))
		return shown_latin(buf, *p);

	/* several bytes: the caller copies them */
	*len = text_utf8(p, n);

	/* C1, control characters as well */
	if (*p == (char)0xc2 && (uint8_t)p[1] < 0xa0)
		return 0;

	/* U+FFFE and U+FFFF, which are no characters, and XML has not */
	if (*len == 3 && !memcmp(p, "\xef\xbf", 2) && (uint8_t)p[2] >= 0xbe)
		return 0;

	return *len;
}


static int clean(char **textp, const char *p, size_t n, bool latin)
{
	char *text, buf[2] = "";
	size_t len, put, k = 0;

	/* a byte of Latin-1 becomes two */
	text = mem_alloc(2 * n + 1, NULL);
	if (!text)
		return ENOMEM;

	for (; n; p += len, n -= len) {

		put = character(buf, &len, p, n, latin);
		memcpy(&text[k], put > 1 && put == len ? p : buf, put);
		k += put;
	}

	while (k && strchr(" \t\n", text[k - 1]))
		--k;

	text[k] = '\0';
	*textp = text;

	return 0;
}


/**
 * Get the text of a MESSAGE
 *
 * @param textp Returned text; the caller derefs it
 * @param msg   Request
 *
 * @return 0 if success, otherwise status code of the refusal: 400 nothing is
 *         in it, 413 too long, 415 no text that can be read, 500 no memory
 */
uint16_t message_decode(char **textp, const struct sip_msg *msg)
{
	size_t n = mbuf_get_left(msg->mb);
	bool latin;

	if (!msg_ctype_cmp(&msg->ctyp, "text", "plain") || is_encoded(msg) ||
	    !charset(&latin, &msg->ctyp))
		return 415;

	/* what comes behind it is none of it */
	if (msg->clen.l)
		n = MIN(n, (size_t)pl_u32(&msg->clen));

	if (n > MESSAGE_TEXT_MAX)
		return 413;

	if (clean(textp, (const char *)mbuf_buf(msg->mb), n, latin))
		return 500;

	if (**textp)
		return 0;

	*textp = mem_deref(*textp);

	return 400;
}


/**
 * Find where a text that is too long for one request can be cut: between
 * words, if there are any, never within a character
 *
 * @param text Text, UTF-8
 * @param max  Most that fits [bytes], 4 or more
 *
 * @return Length of the first part [bytes], 0 if there is nothing more
 */
size_t message_part(const char *text, size_t max)
{
	const size_t len = strlen(text);
	size_t n = max, i;

	if (len <= max)
		return len;

	for (i=n; i > max / 2; i--) {
		if (text[i] == ' ' || text[i] == '\n')
			return i;
	}

	while (n > 1 && (text[n] & 0xc0) == 0x80)
		--n;

	return n;
}
