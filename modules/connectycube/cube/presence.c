/**
 * @file cube/presence.c  What apps see of our user: there, busy, away
 *
 *   cube_set_presence() --> <presence/> --> server --> who has us as a contact
 *
 *   <presence type="subscribe"/> --> may it? --> "subscribed"
 */
#include <re.h>
#include "peer/peer.h"
#include "cube.h"
#include "xml.h"
#include "signal.h"
#include "core.h"


static int send_presence(struct cube *c)
{
	struct mbuf *mb;
	int err;

	mb = mbuf_alloc(256);
	if (!mb)
		return ENOMEM;

	err = mbuf_write_str(mb, "<presence xmlns=\"jabber:client\">");
	if (c->show)
		err |= mbuf_printf(mb, "<show>%H</show>", xml_text_print,
				   c->show);
	if (c->status)
		err |= mbuf_printf(mb, "<status>%H</status>", xml_text_print,
				   c->status);
	err |= mbuf_write_str(mb, "</presence>");

	if (!err)
		err = cube_send(c, (char *)mb->buf, mb->end, 0);

	mem_deref(mb);

	return err;
}


/**
 * Set what apps see of a user that is online
 *
 * @param c      User
 * @param show   As XMPP has it: away, chat, dnd, xa; NULL=available
 * @param status Text beside it, or NULL
 */
void cube_set_presence(struct cube *c, const char *show, const char *status)
{
	if (!c || (!str_cmp(c->show ? c->show : "", show ? show : "") &&
		   !str_cmp(c->status ? c->status : "", status ? status : "")))
		return;

	c->show   = mem_deref(c->show);
	c->status = mem_deref(c->status);
	if (show)
		(void)str_dup(&c->show, show);
	if (status)
		(void)str_dup(&c->status, status);

	if (cube_is_up(c))
		(void)send_presence(c);
}


/**
 * A user has come online, as available: say what else it is
 *
 * @param c User
 */
void cube_presence_online(struct cube *c)
{
	if (c->show || c->status)
		(void)send_presence(c);
}


/**
 * Set who is asked whether a user may see ours
 *
 * @param c User
 * @param h Handler, NULL=nobody is answered
 */
void cube_set_contact_handler(struct cube *c, cube_contact_h *h)
{
	if (c)
		c->contacth = h;
}


/**
 * Take a stanza: a user of the application may want to see ours
 *
 * @param c   User, referenced by the caller
 * @param msg Stanza
 */
void cube_recv_presence(struct cube *c, const struct xml *msg)
{
	const char *from = xml_attr(msg, "from");
	char user[CUBE_ID_SIZE];
	char *jid = NULL, *text = NULL;

	if (!c->contacth || !xml_is(msg, "presence", NULL) ||
	    str_cmp(xml_attr(msg, "type"), "subscribe") ||
	    !from || cube_user_of(user, sizeof(user), c, from))
		return;

	if (!c->contacth(user, c->arg) || cube_bare_jid(&jid, c, user))
		return;

	if (!re_sdprintf(&text, "<presence xmlns=\"jabber:client\" to=\"%H\""
			 " type=\"subscribed\"/>", xml_attr_print, jid))
		(void)cube_send(c, text, str_len(text), 0);

	mem_deref(text);
	mem_deref(jid);
}
