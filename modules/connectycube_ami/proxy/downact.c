/**
 * @file connectycube_ami/proxy/downact.c  What bridges ask for
 *
 *   Login             Device: PJSIP/1001,...  Extension: 1001,...
 *                     Uniqueid: of a channel that waits for one of these,...
 *   Ping, Filter, Logoff, CoreShowChannels    answered here
 *   what allow.c has                          passed on, if it is of a channel
 *                                             that concerns the bridge
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/client.h"
#include "connectycube_ami/proxy/routes.h"
#include "connectycube_ami/proxy/allow.h"
#include "connectycube_ami/proxy/proxy_core.h"


enum { ID_MAX = 128 };          /* longest ActionID [bytes] */


static int respond(struct ami_down *d, const struct ami_message *msg,
		   const char *response, const char *message)
{
	struct mbuf *mb = mbuf_alloc(256);
	int err;

	if (!mb)
		return ENOMEM;

	err = ami_write_response(mb, ami_get(msg, "ActionID"), response,
				 message);
	if (!err)
		err = ami_down_send(d, mb);
	mem_deref(mb);

	return err;
}


/* A line may have many, joined by commas */
static int take_names(struct ami_down *d, const struct ami_message *msg,
		      const char *field,
		      int (*h)(struct ami_routes *r, unsigned bridge,
			       const struct pl *name))
{
	size_t i;
	int err = 0;

	for (i=0; i<msg->fieldc; i++) {

		struct pl rest = msg->fieldv[i].value, name;

		if (pl_strcasecmp(&msg->fieldv[i].name, field))
			continue;

		while (!err && rest.l && text_next(&rest, &name, ',')) {
			text_trim(&name);
			err = name.l ? h(d->p->routes, d->num, &name) : 0;
		}
	}

	return err;
}


/* It goes into the log */
static void take_name(struct ami_down *d, const struct ami_message *msg)
{
	char *p;

	if (ami_str(msg, "Username", d->name, sizeof(d->name)) || !d->name[0])
		str_ncpy(d->name, "(no name)", sizeof(d->name));

	for (p = d->name; *p; p++) {
		if (*p <= ' ' || *p >= 0x7f)
			*p = '?';
	}
}


struct listing {
	struct ami_down *d;
	struct mbuf *mb;
	const struct pl *id;
	uint32_t n;
	int err;
};


static bool list_handler(const struct ami_channel *chan, void *arg)
{
	struct listing *l = arg;
	struct pl id;

	pl_set_str(&id, chan->id);
	if (ami_routes_sees(l->d->p->routes, l->d->num, &id)) {
		l->err = ami_write_channel(l->mb, l->id, chan);
		++l->n;
	}

	return l->err != 0;
}


/* It lists them at its first login alone, and new devices may have some */
static int show_channels(struct ami_down *d)
{
	const struct ami_session *s = ami_client_session(d->p->client);
	struct listing l = {.d = d, .mb = mbuf_alloc(1024)};

	if (!l.mb)
		return ENOMEM;

	(void)ami_table_apply(ami_session_table(s), list_handler, &l);
	if (!l.err && l.n)
		l.err = ami_down_send(d, l.mb);
	mem_deref(l.mb);

	return l.err;
}


/* A second one is of devices that have changed */
static int login(struct ami_down *d, const struct ami_message *msg)
{
	static const char booted[] =
		"Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n";
	struct mbuf mb = {.buf = (uint8_t *)booted, .end = strlen(booted)};
	struct ami_routes *r = d->p->routes;
	const bool again = d->in;
	int err;

	ami_routes_forget(r, d->num, false);
	err = take_names(d, msg, "Device", ami_routes_device);
	if (!err)
		err = take_names(d, msg, "Extension", ami_routes_extension);
	if (!err)
		err = take_names(d, msg, "Uniqueid", ami_routes_show);
	if (!err && msg->dropped)
		err = EOVERFLOW;
	if (err) {
		clog_warning("ami: bridge %s: a device or an extension cannot"
			     " be: %m\n", d->name, err);
		return respond(d, msg, "Error", "Device or Extension is"
			       " wrong");
	}

	ami_routes_join(r, d->num);
	tmr_cancel(&d->tmr);
	d->in = true;
	take_name(d, msg);

	err = respond(d, msg, "Success", "Authentication accepted");
	if (err)
		return err;
	if (again)
		return show_channels(d);

	clog_info("ami: bridge %s is served\n", d->name);

	return ami_down_send(d, &mb);
}


static int waiting_handler(const struct mbuf *event, void *arg)
{
	return ami_down_send(arg, event);
}


/* Of what is known here: fifty bridges that ask at once are no load to
 * Asterisk */
static int list_channels(struct ami_down *d, const struct ami_message *msg)
{
	const struct ami_session *s = ami_client_session(d->p->client);
	struct listing l = {.d = d, .id = ami_get(msg, "ActionID")};

	l.mb = mbuf_alloc(4096);
	if (!l.mb)
		return ENOMEM;

	l.err = ami_write_response(l.mb, l.id, "Success",
				   "Channels will follow");
	if (!l.err)
		(void)ami_table_apply(ami_session_table(s), list_handler, &l);
	if (!l.err)
		l.err = mbuf_printf(l.mb, "Event: CoreShowChannelsComplete"
				    "\r\n%s%r%sEventList: Complete\r\n"
				    "ListItems: %u\r\n\r\n",
				    l.id ? "ActionID: " : "", l.id,
				    l.id ? "\r\n" : "", l.n);
	if (!l.err)
		l.err = ami_down_send(d, l.mb);
	mem_deref(l.mb);

	/* it may have been on its way here when that was told */
	if (!l.err)
		l.err = ami_routes_waiting(d->p->routes, d->num,
					   waiting_handler, d);

	return l.err;
}


/* Of all channels that it names */
static bool is_concerned(const struct ami_down *d,
			 const struct ami_allowed *a,
			 const struct ami_message *msg)
{
	const struct ami_session *s = ami_client_session(d->p->client);
	size_t i;

	for (i=0; i<msg->fieldc; i++) {

		const struct ami_field *f = &msg->fieldv[i];
		const struct ami_channel *chan;
		char name[AMI_NAME_SIZE];
		struct pl id;

		if (!ami_allow_has(a->channels, &f->name))
			continue;

		if (text_str(name, sizeof(name), &f->value))
			return false;
		chan = ami_table_find(ami_session_table(s), name);
		if (!chan)
			return false;

		pl_set_str(&id, chan->id);
		if (!ami_routes_sees(d->p->routes, d->num, &id))
			return false;
	}

	return true;
}


static int pass(struct ami_down *d, const struct ami_message *msg)
{
	const struct ami_allowed *a;
	char why[128];
	int err;

	a = ami_allow(msg, why, sizeof(why));
	if (!a)
		return respond(d, msg, "Error", why);
	if (!is_concerned(d, a, msg))
		return respond(d, msg, "Error", "No such channel");

	err = ami_pend_send(d, a, msg);
	switch (err) {

	case 0:
		return 0;

	case ENOTCONN:
		return respond(d, msg, "Error", "the hub has no connection"
			       " with Asterisk");

	case EAGAIN:
		return respond(d, msg, "Error", "too much waits for its"
			       " answer");

	default:
		(void)re_snprintf(why, sizeof(why), "the hub cannot: %m",
				  err);
		return respond(d, msg, "Error", why);
	}
}


static int logoff(struct ami_down *d, const struct ami_message *msg)
{
	(void)respond(d, msg, "Goodbye", "it was a pleasure");

	return ESHUTDOWN;
}


/**
 * A bridge asks for something
 *
 * @param d   Bridge
 * @param msg Action
 *
 * @return 0 if success, otherwise why it is to be dropped
 */
int ami_down_action(struct ami_down *d, const struct ami_message *msg)
{
	const struct pl *id = ami_get(msg, "ActionID");

	++d->actions;

	if (!ami_get(msg, "Action") || (id && id->l > ID_MAX))
		return EPROTO;

	if (ami_is(msg, "Action", "Login"))
		return login(d, msg);
	if (ami_is(msg, "Action", "Logoff"))
		return logoff(d, msg);
	if (!d->in)
		return respond(d, msg, "Error", "Permission denied");
	if (ami_is(msg, "Action", "Ping"))
		return respond(d, msg, "Success", "Pong");

	/* it is told nothing else anyway */
	if (ami_is(msg, "Action", "Filter"))
		return respond(d, msg, "Success", "Filter Added");

	if (ami_is(msg, "Action", "CoreShowChannels"))
		return list_channels(d, msg);

	return pass(d, msg);
}
