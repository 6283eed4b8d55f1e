/**
 * @file sip/hostconn.c  Insides of libre: connections that are taken
 *
 * libre takes every connection that there is a file descriptor for, and keeps
 * it for 15 minutes after each message. Its handler of new ones is replaced by
 * one of ours, that asks first. See host.c.
 */
#include <re.h>
#include <baresip.h>
#include "compat_inside.h"
#include "sip/host.h"
#include "sip/hostin.h"


static struct {
	host_connect_h *h;      /* who is asked */
	host_conn_h *takenh;    /* who is told of those that were taken */
	tcp_conn_h *libre;      /* its own handler */
} guard;


/* It stands before its argument in a socket, behind the file descriptors */
static tcp_conn_h **handler_find(const struct transport *t)
{
	void **word = t->sock;
	size_t i;

	if (!word || (t->tp != SIP_TRANSP_TCP && t->tp != SIP_TRANSP_TLS))
		return NULL;

	for (i=1; i<=2; i++) {
		if (word[i + 1] == (const void *)t)
			return (tcp_conn_h **)(void *)&word[i];
	}

	return NULL;
}


/* What stands before the connections must be where it should be */
static struct hash *conns(void)
{
	const struct stack *stack = (struct stack *)uag_sip();

	return stack && host_listeners() == &stack->lsnrl ? stack->ht_conn :
		NULL;
}


/* What we connect ourselves has a port of its own */
static bool is_taken(const struct conn *c)
{
	const struct list *lst = (struct list *)uag_sip();
	struct le *le;

	for (le = list_head(lst); le; le = le->next) {

		const struct transport *t = host_transp(le);

		if (t && handler_find(t) &&
		    sa_port(&t->laddr) == sa_port(&c->laddr))
			return true;
	}

	return false;
}


/* Its timer must be at its place, too: its handler has it as argument */
static bool is_known(const struct conn *c)
{
	return c->sip == uag_sip() && c->tmr.th && c->tmr.arg == c &&
		is_taken(c);
}


/** Looks at connections */
struct looker {
	const struct sa *peer;  /**< Of this one alone, or NULL            */
	host_conn_h *h;         /**< Is shown them                         */
	void *arg;              /**< Handler argument                      */
};


static bool conn_handler(struct le *le, void *arg)
{
	const struct looker *l = arg;
	struct conn *c = le->data;

	if ((void *)c == (void *)le && is_known(c) &&
	    (!l->peer || sa_cmp(&c->paddr, l->peer, SA_ALL)))
		l->h(c, &c->paddr, tmr_get_expire(&c->tmr), l->arg);

	return false;
}


static void connect_handler(const struct sa *peer, void *arg)
{
	struct looker l = {peer, guard.takenh, NULL};
	struct transport *t = arg;

	if (guard.h && !guard.h(peer)) {
		tcp_reject(t->sock);
		return;
	}

	guard.libre(peer, t);

	if (guard.takenh)
		(void)hash_apply(conns(), conn_handler, &l);
}


/**
 * Be asked before a connection is taken, by all transports that are there now
 *
 * @param h      Who is asked, NULL to be asked no more
 * @param takenh Who is told of those that were taken, or NULL
 */
void host_guard(host_connect_h *h, host_conn_h *takenh)
{
	const struct list *lst = (struct list *)uag_sip();
	struct le *le;

	guard.h      = h;
	guard.takenh = takenh;

	if (!conns())
		return;

	for (le = list_head(lst); le; le = le->next) {

		const struct transport *t = host_transp(le);
		tcp_conn_h **hp = t ? handler_find(t) : NULL;

		if (!hp)
			continue;

		if (*hp != connect_handler)
			guard.libre = *hp;

		*hp = h ? connect_handler : guard.libre;
	}
}


/**
 * Look at all connections that were taken. None may be closed meanwhile
 *
 * @param h   Is shown them
 * @param arg Handler argument
 */
void host_conns(host_conn_h *h, void *arg)
{
	struct looker l = {NULL, h, arg};

	(void)hash_apply(conns(), conn_handler, &l);
}


/**
 * Have libre close a connection soon, unless something comes from there
 *
 * @param conn Connection, or a message's socket that is one
 * @param ms   When [ms]; 0 for now, but not from within its own message
 *
 * @return False if it is none that was taken
 */
bool host_conn_expire(void *conn, uint64_t ms)
{
	struct conn *c = conn;
	tmr_h *h;

	if (!conns() || !c || !is_known(c))
		return false;

	h = c->tmr.th;
	if (ms)
		tmr_start(&c->tmr, ms, h, c);
	else
		h(c);

	return true;
}
