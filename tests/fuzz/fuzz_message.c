/**
 * @file fuzz_message.c  Texts: of SIP MESSAGE, in parts, and in the chat
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/xml.h"
#include "cube/chat.h"
#include "sip/pure/message.h"
#include "sip/pure/shown.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void check_text(const char *text)
{
	size_t n, len;

	for (n = 0; text[n]; n += len) {

		len = text_utf8(&text[n], strlen(&text[n]));
		if (!len || (len == 1 && (uint8_t)text[n] < ' ' &&
			     text[n] != '\n' && text[n] != '\t'))
			abort();
	}
}


/* No part is empty or too long, none ends within a character */
static void check_parts(const char *text)
{
	char part[64];
	size_t n;

	while ((n = message_part(text, 32))) {
		if (n > 32)
			abort();
		memcpy(part, text, n);
		part[n] = '\0';
		check_text(part);
		text += n;
	}
	if (*text)
		abort();
}


/* What goes to the cloud is read there as it was */
static void check_chat(const char *body)
{
	const struct chat_text text = {.body = body};
	struct mbuf *mb = mbuf_alloc(1024);
	struct chat *chat;
	struct xml *x;

	if (chat_encode(mb, &text, "1-2@h", "id"))
		abort();

	if (!xml_decode(&x, (char *)mb->buf, mb->end)) {
		if (strcmp(xml_child_text(x, "body"), body))
			abort();
		if (chat_decode(&chat, x) != ENOENT)
			abort();        /* it has no sender yet */
		mem_deref(x);
	}

	mem_deref(mb);
}


static void read_chat(const uint8_t *data, size_t size)
{
	struct chat *chat = NULL;
	struct mbuf *mb;
	struct xml *x;

	if (xml_decode(&x, (const char *)data, size))
		return;

	(void)chat_decode(&chat, x);
	if (chat) {
		mb = mbuf_alloc(1024);
		(void)chat_encode_received(mb, chat, "id");
		mem_deref(mb);
	}

	mem_deref(chat);
	mem_deref(x);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mbuf *mb = mbuf_alloc(size + 256);
	struct sip_msg *msg;
	char *text;

	(void)mbuf_printf(mb, "MESSAGE sip:1 SIP/2.0\r\n"
			  "From: <sip:2@h>;tag=1\r\n%b", data, size);
	mb->pos = 0;

	if (!sip_msg_decode(&msg, mb)) {
		if (!message_decode(&text, msg)) {
			check_text(text);
			check_parts(text);
			check_chat(text);
			mem_deref(text);
		}
		mem_deref(msg);
	}

	mem_deref(mb);
	read_chat(data, size);

	return 0;
}
