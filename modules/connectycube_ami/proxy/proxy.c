/**
 * @file connectycube_ami/proxy/proxy.c  One link with an Asterisk, for all
 *                                       bridges of this host
 */
#include <string.h>
#include <unistd.h>
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "base/unixdoor.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/client.h"
#include "connectycube_ami/proxy/routes.h"
#include "connectycube_ami/proxy/proxy.h"
#include "connectycube_ami/proxy/proxy_core.h"


static bool is_ready(const struct ami_proxy *p)
{
	return ami_session_state(ami_client_session(p->client)) == AMI_READY;
}


static void destructor(void *data)
{
	struct ami_proxy *p = data;
	size_t i;

	mem_deref(p->door);
	for (i=0; i<ARRAY_SIZE(p->downv); i++)
		mem_deref(p->downv[i]);
	mem_deref(p->routes);
	mem_deref(p->mb);
	mem_deref(p->path);
}


static void accept_handler(int fd, void *arg)
{
	struct ami_proxy *p = arg;
	unsigned num = 0;
	int err;

	while (num < AMI_BRIDGES_MAX && p->downv[num])
		++num;

	err = num < AMI_BRIDGES_MAX ?
		ami_down_alloc(&p->downv[num], p, fd, num) : ENOSPC;
	if (err) {
		if (!p->full)
			clog_warning("ami: another bridge cannot be served"
				     " (there are %u): %m\n", p->downc, err);
		p->full = true;
		(void)close(fd);
		return;
	}

	++p->downc;
	if (is_ready(p))
		ami_down_greet(p->downv[num]);
}


/**
 * Serve bridges
 *
 * @param pp     Pointer to the proxy, freed by mem_deref(), before the link
 * @param client The link, whose handlers call ami_proxy_ready(), _event()
 * @param cfg    Where they come in
 * @param why    Set to what is wrong
 * @param size   Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_proxy_alloc(struct ami_proxy **pp, struct ami_client *client,
		    const struct ami_proxy_config *cfg, char *why,
		    size_t size)
{
	struct unix_door_prm door = {.owner = "hub"};
	struct ami_proxy *p;
	int err;

	if (!pp || !client || !cfg || !cfg->path)
		return EINVAL;

	p = mem_zalloc(sizeof(*p), destructor);
	if (!p)
		return ENOMEM;

	p->client      = client;
	door.path      = cfg->path;
	door.group     = cfg->group;
	door.group_key = cfg->group_key;

	p->mb = mbuf_alloc(1024);
	err = p->mb ? str_dup(&p->path, cfg->path) : ENOMEM;
	if (!err)
		err = ami_routes_alloc(&p->routes);
	if (err)
		(void)re_snprintf(why, size, "%m", err);
	else
		err = unix_door_alloc(&p->door, &door, accept_handler, p, why,
				      size);

	if (err) {
		mem_deref(p);
		return err;
	}

	clog_info("ami: bridges are served at %s\n", p->path);
	*pp = p;

	return 0;
}


static bool put_handler(const struct ami_channel *chan, void *arg)
{
	ami_routes_put(arg, chan->id, chan->linked, chan->name);

	return false;
}


/* What a link told whose list never came whole may have ended since */
static void begin_routes(struct ami_proxy *p)
{
	const struct ami_session *s = ami_client_session(p->client);

	ami_routes_clear(p->routes);
	(void)ami_table_apply(ami_session_table(s), put_handler, p->routes);
}


/**
 * Asterisk can be asked now, or not any more: bridges come, or go
 *
 * What they had ordered and was not answered is told as such before.
 *
 * @param p     Proxy
 * @param ready It can be asked
 */
void ami_proxy_ready(struct ami_proxy *p, bool ready)
{
	size_t i;

	if (!p)
		return;

	if (ready)
		begin_routes(p);

	for (i=0; i<ARRAY_SIZE(p->downv); i++) {

		struct ami_down *d = p->downv[i];

		if (!d)
			continue;

		if (ready) {
			ami_down_greet(d);
		}
		else if (d->greeted) {
			ami_pend_fail(d, "the hub has lost its connection"
				      " with Asterisk: it may have been done");
			ami_down_drop(d, ESHUTDOWN);
		}
	}

	if (!ready)
		ami_routes_clear(p->routes);
}


static void send_to(struct ami_proxy *p, const struct ami_bridges *whom)
{
	unsigned i;
	int err;

	for (i=0; i<AMI_BRIDGES_MAX; i++) {

		struct ami_down *d = p->downv[i];

		if (!d || !d->in || !ami_bridges_has(whom, i))
			continue;

		err = ami_down_send(d, p->mb);
		if (err)
			ami_down_drop(d, err);
	}
}


/** Channels of a call that some do not know */
struct showing {
	struct ami_proxy *p;
	const struct ami_message *msg;
	const char *linked;
};


static bool is_field(const struct ami_message *msg, const char *name,
		     const char *value)
{
	const struct pl *pl = ami_get(msg, name);

	return pl && !pl_strcmp(pl, value);
}


static bool show_handler(const struct ami_channel *chan, void *arg)
{
	const struct showing *s = arg;

	/* those that the event itself is of are known by it, but for what a
	 * dialplan tells */
	if (strcmp(chan->linked[0] ? chan->linked : chan->id, s->linked) ||
	    (!ami_is(s->msg, "Event", "UserEvent") &&
	     (is_field(s->msg, "Uniqueid", chan->id) ||
	      is_field(s->msg, "DestUniqueid", chan->id))))
		return false;

	return ami_write_channel(s->p->mb, NULL, chan) != 0;
}


/* Who comes into a call late would not know who is in it */
static void show_call(struct ami_proxy *p, const struct ami_message *msg,
		      const char *linked, const struct ami_bridges *fresh)
{
	const struct ami_session *session = ami_client_session(p->client);
	struct showing s = {p, msg, linked};

	mbuf_rewind(p->mb);
	(void)ami_table_apply(ami_session_table(session), show_handler, &s);
	if (p->mb->end)
		send_to(p, fresh);
}


/* Whoever has written the dialplan wants to know */
static void say_nobody(const struct ami_message *msg)
{
	if (ami_is(msg, "UserEvent", "BridgeCall"))
		clog_info("ami: a dialplan's BridgeCall is of no bridge here:"
			  " To: %r\n", ami_get_last(msg, "To"));
}


/**
 * An event has come: whom it concerns is told
 *
 * @param p   Proxy
 * @param msg Event
 */
void ami_proxy_event(struct ami_proxy *p, const struct ami_message *msg)
{
	struct ami_bridges whom, fresh;
	const char *linked;

	if (!p)
		return;

	linked = ami_routes_event(p->routes, msg, &whom, &fresh);

	/* who asked for it is answered; a UserEvent of another manager's has
	 * the ActionID of who sent it */
	if (!p->downc || (ami_get(msg, "ActionID") &&
			  !ami_is(msg, "Event", "UserEvent")))
		return;

	if (linked)
		show_call(p, msg, linked, &fresh);

	if (!ami_bridges_any(&whom)) {
		say_nobody(msg);
		return;
	}

	mbuf_rewind(p->mb);
	if (!ami_rewrite(p->mb, msg, NULL))
		send_to(p, &whom);
}


/**
 * Print who is served
 *
 * @param pf Print backend
 * @param p  Proxy
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_proxy_print(struct re_printf *pf, const struct ami_proxy *p)
{
	size_t i;
	int err;

	if (!p)
		return 0;

	err = re_hprintf(pf, "serves: %s, %u %s, sent away: %llu\n", p->path,
			 p->downc, text_plural(p->downc, "bridge", "bridges"),
			 p->dropped);

	for (i=0; i<ARRAY_SIZE(p->downv); i++) {

		const struct ami_down *d = p->downv[i];

		if (d)
			err |= re_hprintf(pf, "bridge: %s, actions: %llu,"
					  " waiting: %u\n", d->name,
					  d->actions,
					  list_count(&d->pendl));
	}

	return err;
}
