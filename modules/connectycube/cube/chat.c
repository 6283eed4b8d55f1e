/**
 * @file cube/chat.c  Chat messages between people, read and made
 */
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "cube.h"
#include "xml.h"
#include "chat.h"


/* A message of these is about another one, or about its writer */
static const char *const otherv[] = {
	"replace", "remove", "reactions", "received", "displayed",
	"composing", "paused", "sent", "error", "invite",
};


static void destructor(void *data)
{
	struct chat *chat = data;

	mem_deref(chat->src);
}


static bool is_text(const struct xml *msg)
{
	const struct xml *extra = xml_child(msg, "extraParams", NULL);
	size_t i;

	if (!xml_is(msg, "message", NULL) || !xml_attr(msg, "from") ||
	    str_casecmp(xml_attr(msg, "type"), "chat") ||
	    !str_isset(xml_child_text(msg, "body")))
		return false;

	for (i=0; i<ARRAY_SIZE(otherv); i++) {
		if (xml_child(msg, otherv[i], NULL))
			return false;
	}

	/* a bridge's own: nobody is to be told of it */
	return !extra || !xml_child(extra, "bridge", NULL);
}


/**
 * Decode a message stanza into a chat message
 *
 * @param chatp Returned message; the caller derefs it
 * @param msg   Message stanza; a reference to it is kept
 *
 * @return 0 if success; EINVAL no argument; ENOENT the stanza is no text of
 *         somebody's; EOVERFLOW it is returned, but too long; ENOMEM
 */
int chat_decode(struct chat **chatp, struct xml *msg)
{
	const struct xml *extra = xml_child(msg, "extraParams", NULL);
	const char *id;
	struct chat *chat;

	if (!chatp || !msg)
		return EINVAL;

	if (!is_text(msg))
		return ENOENT;

	chat = mem_zalloc(sizeof(*chat), destructor);
	if (!chat)
		return ENOMEM;

	id = xml_attr(msg, "id");

	chat->src    = mem_ref(msg);
	chat->from   = xml_attr(msg, "from");
	chat->body   = xml_child_text(msg, "body");
	chat->id     = str_len(id) && str_len(id) <= CHAT_ID_MAX ? id : NULL;
	chat->dialog = xml_child_text(extra, "dialog_id");
	chat->dial   = xml_child_text(extra, "dial");

	*chatp = chat;

	return str_len(chat->body) > CHAT_BODY_MAX ? EOVERFLOW : 0;
}


static int print_value(struct mbuf *mb, const char *name, const char *value)
{
	struct pl pl;

	if (!value)
		return 0;

	pl_set_str(&pl, name);

	return mbuf_printf(mb, "<%H>%H</%H>", xml_name_print, &pl,
			   xml_text_print, value, xml_name_print, &pl);
}


static void text_destructor(void *data)
{
	struct chat_text *text = data;
	struct cube_info *infov = (struct cube_info *)text->infov;
	size_t i;

	for (i=0; i<text->infoc; i++) {
		mem_deref((char *)infov[i].name);
		mem_deref((char *)infov[i].value);
	}

	mem_deref(infov);
	mem_deref((char *)text->body);
}


static int info_dup(struct chat_text *dst, const struct chat_text *src)
{
	struct cube_info *infov;
	size_t i;
	int err = 0;

	infov = mem_zalloc(src->infoc * sizeof(*infov), NULL);
	if (!infov)
		return ENOMEM;

	dst->infov = infov;
	dst->infoc = src->infoc;

	for (i=0; i<src->infoc && !err; i++) {

		err = str_dup((char **)&infov[i].name, src->infov[i].name);
		if (!err && src->infov[i].value)
			err = str_dup((char **)&infov[i].value,
				      src->infov[i].value);
	}

	return err;
}


/**
 * Copy a text with all that is beside it, but for its dialog
 *
 * @param dstp Returned copy; the caller derefs it
 * @param src  Text
 *
 * @return 0 if success; EINVAL no argument; ENOMEM
 */
int chat_text_dup(struct chat_text **dstp, const struct chat_text *src)
{
	struct chat_text *dst;
	int err;

	if (!dstp || !src || !src->body)
		return EINVAL;

	dst = mem_zalloc(sizeof(*dst), text_destructor);
	if (!dst)
		return ENOMEM;

	err = str_dup((char **)&dst->body, src->body);
	if (!err && src->infoc)
		err = info_dup(dst, src);

	if (err)
		mem_deref(dst);
	else
		*dstp = dst;

	return err;
}


/**
 * Encode a text
 *
 * @param mb   Buffer to append to
 * @param text Text
 * @param to   JID of the receiver
 * @param id   Id of the message
 *
 * @return 0 if success; EINVAL no argument; ENOMEM
 */
int chat_encode(struct mbuf *mb, const struct chat_text *text,
		const char *to, const char *id)
{
	size_t i;
	int err;

	if (!mb || !text || !text->body || !to || !id)
		return EINVAL;

	err = mbuf_printf(mb, "<message xmlns=\"jabber:client\" to=\"%H\""
			  " type=\"chat\" id=\"%H\"><body>%H</body>"
			  "<extraParams xmlns=\"jabber:client\">"
			  "<save_to_history>1</save_to_history>",
			  xml_attr_print, to, xml_attr_print, id,
			  xml_text_print, text->body);
	if (!err)
		err = print_value(mb, "dialog_id", text->dialog);

	for (i=0; i<text->infoc && !err; i++)
		err = print_value(mb, text->infov[i].name,
				  text->infov[i].value);

	return err ? err : mbuf_write_str(mb, "</extraParams></message>");
}


/**
 * Encode that a text has been delivered (XEP-0333, as the SDKs have it)
 *
 * @param mb   Buffer to append to
 * @param chat The text, with an id
 * @param id   Id of the message
 *
 * @return 0 if success; EINVAL no argument, or it has no id; ENOMEM
 */
int chat_encode_received(struct mbuf *mb, const struct chat *chat,
			 const char *id)
{
	int err;

	if (!mb || !chat || !chat->id || !id)
		return EINVAL;

	err = mbuf_printf(mb, "<message xmlns=\"jabber:client\" to=\"%H\""
			  " type=\"chat\" id=\"%H\">"
			  "<received xmlns=\"urn:xmpp:chat-markers:0\""
			  " id=\"%H\"/>"
			  "<extraParams xmlns=\"jabber:client\">",
			  xml_attr_print, chat->from, xml_attr_print, id,
			  xml_attr_print, chat->id);
	if (!err)
		err = print_value(mb, "dialog_id", chat->dialog);

	return err ? err : mbuf_write_str(mb, "</extraParams></message>");
}
