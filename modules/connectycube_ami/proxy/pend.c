/**
 * @file connectycube_ami/proxy/pend.c  Actions of bridges, until they are
 *                                      answered
 *
 * Each gets an ActionID of the link's own, so that those of two bridges may be
 * alike; who asked gets the answer with his.
 */
#include <re.h>
#include "base/text.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/client.h"
#include "connectycube_ami/proxy/routes.h"
#include "connectycube_ami/proxy/allow.h"
#include "connectycube_ami/proxy/proxy_core.h"


enum { PENDING_MAX = 64 };      /* of one bridge */

/** An action that waits for its answer */
struct pend {
	struct le le;           /* member of the bridge's */
	struct ami_down *d;     /* whose it is (pointer) */
	char *id;               /* its ActionID there (owned) */
};


static void destructor(void *data)
{
	struct pend *pe = data;

	list_unlink(&pe->le);
	mem_deref(pe->id);
}


/* What Asterisk tells by an event was accepted before */
static int write_answer(struct mbuf *mb, const struct pend *pe,
			const struct ami_message *msg, int error,
			const char *why)
{
	struct pl id;
	int err = 0;

	pl_set_str(&id, pe->id);
	if (!msg)
		return ami_write_unknown(mb, &id, error == ETIMEDOUT, why);

	if (msg->kind == AMI_EVENT)
		err = ami_write_response(mb, &id, "Success", "queued");

	return err ? err : ami_rewrite(mb, msg, &id);
}


static void reply_handler(int error, const struct ami_message *msg,
			  const char *why, void *arg)
{
	struct mbuf *mb = mbuf_alloc(512);
	struct pend *pe = arg;
	struct ami_down *d = pe->d;
	int err;

	err = mb ? write_answer(mb, pe, msg, error, why) : ENOMEM;
	mem_deref(pe);
	if (!err)
		err = ami_down_send(d, mb);
	mem_deref(mb);

	if (err)
		ami_down_drop(d, err);
}


static int begin(struct ami_session *s, struct mbuf *mb,
		 const struct ami_allowed *a, const struct ami_message *msg)
{
	size_t i;
	int err;

	err = ami_session_begin(s, mb, a->name);

	for (i=0; i<msg->fieldc && !err; i++) {

		const struct ami_field *f = &msg->fieldv[i];

		if (ami_allow_has(a->fields, &f->name))
			err = mbuf_printf(mb, "%r: %r\r\n", &f->name,
					  &f->value);
	}

	return err;
}


/**
 * Pass an action on
 *
 * @param d   Bridge
 * @param a   What it is, of ami_allow(), which has looked at it
 * @param msg Action
 *
 * @return 0 if it was sent: the bridge will be answered; ENOTCONN if there is no
 *         link, EAGAIN if too many wait, otherwise errorcode
 */
int ami_pend_send(struct ami_down *d, const struct ami_allowed *a,
		  const struct ami_message *msg)
{
	struct ami_session *s = ami_client_session(d->p->client);
	const struct pl *id = ami_get(msg, "ActionID");
	struct mbuf *mb;
	struct pend *pe;
	int err;

	if (list_count(&d->pendl) >= PENDING_MAX)
		return EAGAIN;

	pe = mem_zalloc(sizeof(*pe), destructor);
	if (!pe)
		return ENOMEM;

	pe->d = d;
	list_append(&d->pendl, &pe->le, pe);

	mb  = mbuf_alloc(512);
	err = id ? pl_strdup(&pe->id, id) : str_dup(&pe->id, "");
	if (!mb)
		err = ENOMEM;
	if (!err)
		err = begin(s, mb, a, msg);
	if (!err)
		err = ami_client_send(d->p->client, mb,
				      ami_allow_wait(a, msg), a->until,
				      reply_handler, pe);
	mem_deref(mb);
	if (err)
		mem_deref(pe);

	return err;
}


/**
 * What waits will not be answered by Asterisk: the bridge is told
 *
 * @param d   Bridge
 * @param why Why
 */
void ami_pend_fail(struct ami_down *d, const char *why)
{
	struct mbuf *mb = mbuf_alloc(512);
	struct le *le;
	int err = mb ? 0 : ENOMEM;

	LIST_FOREACH(&d->pendl, le) {
		if (!err)
			err = write_answer(mb, le->data, NULL, ENOTCONN, why);
	}

	ami_pend_forget(d);
	if (!err && mb->end)
		(void)ami_down_send(d, mb);
	mem_deref(mb);
}


/**
 * Nobody is told any more what becomes of what waits
 *
 * @param d Bridge
 */
void ami_pend_forget(struct ami_down *d)
{
	struct le *le;

	while ((le = list_head(&d->pendl))) {
		ami_session_forget(ami_client_session(d->p->client),
				   le->data);
		mem_deref(le->data);
	}
}
