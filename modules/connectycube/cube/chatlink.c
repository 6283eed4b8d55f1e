/**
 * @file cube/chatlink.c  Chat messages of a user: sent for sure, heard once
 *
 *   text --> <message id=X/>, <iq ping id=X/> --> server
 *              owner <-- <iq result id=X/>  it has been taken
 *              owner <-- <message error id=X/>  ... or it was not
 *
 * A server does what a stream brings in order: when it answers the ping, it
 * has done with the message before it. A link that is lost meanwhile leaves it
 * open, which is told as a failure: what comes twice is better than never.
 * The first text to a user waits for the dialog of the two (dialog.c).
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "peer/peer.h"
#include "cube.h"
#include "xml.h"
#include "signal.h"
#include "control.h"
#include "chat.h"
#include "known.h"
#include "core.h"


enum {
	CHAT_WAIT     = 10000,  /**< For the server's answer [ms]          */
	CHAT_SEEN_MAX = 128,    /**< Texts of others that are remembered   */
};

/** A text that the server has been sent, or will be */
struct cube_text {
	struct le le;           /**< Member of its user's textl            */
	char id[SIGNAL_ID_SIZE];/**< Of message and ping                   */
	struct tmr tmr;         /**< Until it is given up                  */
	cube_chat_sent_h *h;    /**< NULL=told                             */
	void *arg;              /**< Handler argument                      */
	struct chat_text *text; /**< It waits for its dialog (owner)       */
	char *user;             /**< ... whom it is for (owner)            */
	bool ours;              /**< ... and nobody wants to know: there is
				     no other owner                        */
};

/** A text that has come */
struct seen {
	struct known known;     /**< Member of our user's seenl, and its
				     sender                                */
	char *id;               /**< Its id (owner)                        */
};


static void text_destructor(void *data)
{
	struct cube_text *t = data;

	list_unlink(&t->le);
	tmr_cancel(&t->tmr);
	mem_deref(t->text);
	mem_deref(t->user);
}


static void tell(struct cube_text *t, int err, const char *reason)
{
	cube_chat_sent_h *h = t->h;

	list_unlink(&t->le);
	tmr_cancel(&t->tmr);
	t->h = NULL;

	if (h)
		h(err, reason, t->arg);
	else if (t->ours)
		mem_deref(t);
}


static void timeout_handler(void *arg)
{
	tell(arg, ETIMEDOUT, "the cloud does not answer");
}


static struct cube_text *find(const struct cube *c, const char *id)
{
	struct le *le;

	for (le = list_head(&c->textl); id && le; le = le->next) {

		struct cube_text *t = le->data;

		if (0 == str_cmp(t->id, id))
			return t;
	}

	return NULL;
}


/* --- sending ----------------------------------------------------------- */


static int send_mb(struct cube *c, const struct mbuf *mb)
{
	return cube_send(c, (const char *)mb->buf, mb->end, 0);
}


/* The ping behind a text tells that the server has taken it */
static int send_text(struct cube *c, const struct cube_text *t,
		     const char *user, struct chat_text *text, bool ping)
{
	struct mbuf *mb = mbuf_alloc(1024);
	char *jid = NULL;
	int err;

	if (!mb)
		return ENOMEM;

	text->dialog = dialog_find(c, user);

	err = cube_bare_jid(&jid, c, user);
	if (!err)
		err = chat_encode(mb, text, jid, t->id);
	if (!err)
		err = send_mb(c, mb);
	if (err || !ping)
		goto out;

	mb->pos = mb->end = 0;
	err = mbuf_printf(mb, "<iq xmlns=\"jabber:client\" type=\"get\""
			  " id=\"%s\" to=\"%H\">"
			  "<ping xmlns=\"urn:xmpp:ping\"/></iq>",
			  t->id, xml_attr_print, c->domain);
	if (!err)
		err = send_mb(c, mb);

 out:
	mem_deref(jid);
	mem_deref(mb);

	return err;
}


static int keep(struct cube_text *t, const char *user,
		const struct chat_text *text, bool ours)
{
	int err;

	err = str_dup(&t->user, user);
	if (!err)
		err = chat_text_dup(&t->text, text);

	t->ours = ours;

	return err;
}


static void send_kept(struct cube *c, struct cube_text *t)
{
	struct chat_text *text = t->text;
	int err;

	t->text = NULL;
	err = send_text(c, t, t->user, text, !t->ours);
	mem_deref(text);

	if (err || t->ours)
		tell(t, err, "the link to the cloud is lost");
	else
		tmr_start(&t->tmr, CHAT_WAIT, timeout_handler, t);
}


/**
 * The dialog with a user is known, or is not waited for any more: what waits
 * is sent, in order
 *
 * @param c    Our user
 * @param user User id
 */
void chat_dialog_told(struct cube *c, const char *user)
{
	struct le *le = list_head(&c->textl);

	mem_ref(c);

	/* who is told of a failure may dereference others */
	while (le) {

		struct cube_text *t = le->data;

		if (t->text && 0 == str_cmp(t->user, user)) {
			send_kept(c, t);
			le = list_head(&c->textl);
		}
		else {
			le = le->next;
		}
	}

	mem_deref(c);
}


/**
 * Send a text to a user
 *
 * @param tp   Returned text; the owner derefs it, then or before: then it is
 *             not told what has become of it. NULL=nobody wants to know
 * @param c    Our user
 * @param user User id of who is to get it
 * @param text Text; its dialog is filled in
 * @param h    Called once, unless it is dereferenced before
 * @param arg  Handler argument
 *
 * @return 0 if success; EINVAL no argument; ENOTCONN the link is down; ENOMEM
 */
int cube_chat_send(struct cube_text **tp, struct cube *c, const char *user,
		   const struct chat_text *text, cube_chat_sent_h *h,
		   void *arg)
{
	struct chat_text copy;
	struct cube_text *t;
	bool wait;
	int err;

	if (!c || !user || !text || !text->body)
		return EINVAL;

	if (!cube_is_up(c))
		return ENOTCONN;

	t = mem_zalloc(sizeof(*t), text_destructor);
	if (!t)
		return ENOMEM;

	signal_id(t->id);
	t->h   = h;
	t->arg = arg;
	copy   = *text;
	wait   = dialog_wait(c, user);

	err = wait ? keep(t, user, text, !tp)
		: send_text(c, t, user, &copy, tp != NULL);
	if (err || (!wait && !tp)) {
		mem_deref(t);
		return err;
	}

	tmr_start(&t->tmr, CHAT_WAIT, timeout_handler, t);
	list_append(&c->textl, &t->le, t);
	if (tp)
		*tp = t;

	return 0;
}


/**
 * Tell a user that its text has been delivered
 *
 * @param c    Our user
 * @param chat The text
 *
 * @return 0 if success; EINVAL no argument, or it has no id; ENOTCONN the link
 *         is down; ENOMEM
 */
int cube_chat_received(struct cube *c, const struct chat *chat)
{
	char id[SIGNAL_ID_SIZE];
	struct mbuf *mb;
	int err;

	if (!c || !chat)
		return EINVAL;

	mb = mbuf_alloc(512);
	if (!mb)
		return ENOMEM;

	signal_id(id);
	err = chat_encode_received(mb, chat, id);
	if (!err)
		err = send_mb(c, mb);

	mem_deref(mb);

	return err;
}


/**
 * The link is gone: whether it has taken what it was sent is not known
 *
 * @param c User, referenced by the caller
 */
void chat_link_down(struct cube *c)
{
	struct le *le;

	while ((le = list_head(&c->textl)))
		tell(le->data, ENOTCONN, "the link to the cloud is lost");
}


/* --- what comes -------------------------------------------------------- */


static void seen_destructor(void *data)
{
	struct seen *s = data;

	known_reset(&s->known);
	mem_deref(s->id);
}


/* A server may deliver again what it was not sure of */
static bool is_again(struct cube *c, const struct chat *chat,
		     const char *user)
{
	struct seen *s;
	struct le *le;

	if (!chat->id)
		return false;

	for (le = list_tail(&c->seenl); le; le = le->prev) {

		s = le->data;
		if (0 == str_cmp(s->id, chat->id) &&
		    0 == str_cmp(s->known.user, user))
			return true;
	}

	s = mem_zalloc(sizeof(*s), seen_destructor);
	if (!s)
		return false;

	if (str_dup(&s->id, chat->id) ||
	    known_add(&c->seenl, &s->known, user, CHAT_SEEN_MAX))
		mem_deref(s);

	return false;
}


static void refused(struct cube_text *t, const struct xml *msg)
{
	const struct xml *error = xml_child(msg, "error", NULL);
	const struct xml *cond = error ? list_ledata(
		list_head(&error->childl)) : NULL;

	tell(t, EPERM, cond ? cond->name : "refused by the cloud");
}


static bool take_answer(struct cube *c, const struct xml *msg)
{
	struct cube_text *t = find(c, xml_attr(msg, "id"));
	const bool iq = xml_is(msg, "iq", NULL);

	if (!t)
		return false;

	if (iq)
		tell(t, 0, NULL);
	else if (0 == str_casecmp(xml_attr(msg, "type"), "error"))
		refused(t, msg);
	else
		return false;

	return true;
}


/**
 * Take a stanza, if it is a text or an answer to one
 *
 * @param c   User, referenced by the caller
 * @param msg Stanza
 *
 * @return True if it was
 */
bool chat_recv(struct cube *c, struct xml *msg)
{
	struct chat *chat = NULL;
	char user[CUBE_ID_SIZE];
	int err;

	if (take_answer(c, msg))
		return true;

	err = chat_decode(&chat, msg);
	if (err && err != EOVERFLOW)
		return false;

	if (cube_user_of(user, sizeof(user), c, chat->from) ||
	    0 == str_cmp(user, c->user_id)) {
		clog_debug("cube: chat message dropped, from %s\n",
			   chat->from);
	}
	else if (!is_again(c, chat, user)) {
		dialog_learn(c, user, chat->dialog);
		if (c->chath)
			c->chath(chat, user, err, c->arg);
	}

	mem_deref(chat);

	return true;
}


/**
 * Set who gets the texts that come
 *
 * @param c User
 * @param h Handler, its argument is that of the user's others; NULL=nobody
 */
void cube_set_chat_handler(struct cube *c, cube_chat_h *h)
{
	if (c)
		c->chath = h;
}


/**
 * Forget what is remembered of texts
 *
 * @param c User
 */
void chat_flush(struct cube *c)
{
	struct le *le;

	/* owned by others, or by nobody */
	while ((le = list_head(&c->textl))) {

		struct cube_text *t = le->data;

		list_unlink(le);
		if (t->ours)
			mem_deref(t);
	}

	list_flush(&c->seenl);
	dialog_flush(c);
}
