/**
 * @file connectycube_ami/proxy/member.c  Channels, and the calls they are in
 *
 * Calls are known by their Linkedid, which every channel of a call has. It
 * changes when calls are joined, and each event says it anew. Asterisk up to 11
 * says none: each channel is a call of its own then.
 */
#include <string.h>
#include <re.h>
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/proxy/routes.h"
#include "connectycube_ami/proxy/routes_core.h"
#include "connectycube_ami/proxy/proxy_core.h"


enum { WAITS_MAX = 4096 };      /* of what a dialplan tells [bytes]    */


static void member_destructor(void *data)
{
	struct ami_member *m = data;

	hash_unlink(&m->le);
	mem_deref(m->route);
	mem_deref(m->event);
	mem_deref(m->called);
	mem_deref(m->name);
	mem_deref(m->id);
}


static void route_destructor(void *data)
{
	struct ami_route *route = data;

	hash_unlink(&route->le);
	mem_deref(route->linked);
}


static bool is_route(struct le *le, void *arg)
{
	const struct ami_route *route = le->data;

	return !pl_strcmp(arg, route->linked);
}


static struct ami_route *find_route(const struct ami_routes *r,
				    const struct pl *linked)
{
	return list_ledata(hash_lookup(r->routes, hash_joaat_pl(linked),
				       is_route, (void *)linked));
}


/* Owned by its channels */
static struct ami_route *get_route(struct ami_routes *r,
				   const struct pl *linked)
{
	struct ami_route *route = mem_ref(find_route(r, linked));

	if (route)
		return route;

	route = mem_zalloc(sizeof(*route), route_destructor);
	if (!route)
		return NULL;

	if (pl_strdup(&route->linked, linked))
		return mem_deref(route);

	hash_append(r->routes, hash_joaat_pl(linked), &route->le, route);

	return route;
}


static bool is_member(struct le *le, void *arg)
{
	const struct ami_member *m = le->data;

	return !pl_strcmp(arg, m->id);
}


/**
 * Find a channel
 *
 * @param r  Routes
 * @param id Its Uniqueid
 *
 * @return Channel, NULL if there is none
 */
struct ami_member *ami_member_find(const struct ami_routes *r,
				   const struct pl *id)
{
	return list_ledata(hash_lookup(r->members, hash_joaat_pl(id),
				       is_member, (void *)id));
}


static bool is_named(struct le *le, void *arg)
{
	const struct ami_member *m = le->data;

	return !pl_strcasecmp(arg, m->name);
}


/**
 * Find a channel by its name: one after the other, for what is rarely asked
 *
 * @param r    Routes
 * @param name Its whole name, NULL=none
 *
 * @return Channel, NULL if there is none
 */
struct ami_member *ami_member_named(const struct ami_routes *r,
				    const struct pl *name)
{
	return name && name->l ? list_ledata(hash_apply(r->members, is_named,
							(void *)name)) : NULL;
}


static struct ami_member *new_member(struct ami_routes *r,
				     const struct pl *id)
{
	struct ami_member *m;

	if (r->count >= AMI_MEMBERS_MAX)
		return NULL;

	m = mem_zalloc(sizeof(*m), member_destructor);
	if (!m)
		return NULL;

	if (pl_strdup(&m->id, id) || str_dup(&m->name, ""))
		return mem_deref(m);

	hash_append(r->members, hash_joaat_pl(id), &m->le, m);
	++r->count;

	return m;
}


/**
 * A channel is called so
 *
 * @param r    Routes
 * @param m    Channel
 * @param name Name
 */
void ami_member_call(const struct ami_routes *r, struct ami_member *m,
		     const struct pl *name)
{
	const struct ami_bridges *b = ami_routes_channel(r, name);
	char *str;

	if (pl_strcmp(name, m->name) && !pl_strdup(&str, name)) {
		mem_deref(m->name);
		m->name = str;
	}

	if (b)
		ami_bridges_join(&m->route->bridges, b);
}


/**
 * A channel is in a call
 *
 * @param r      Routes
 * @param id     Its Uniqueid
 * @param linked Linkedid of the call, NULL=not known
 *
 * @return Channel, NULL if there are too many, or there is no memory
 */
struct ami_member *ami_member_put(struct ami_routes *r, const struct pl *id,
				  const struct pl *linked)
{
	struct ami_member *m = ami_member_find(r, id);
	struct ami_route *route;

	if (m && (!linked || !pl_strcmp(linked, m->route->linked)))
		return m;

	route = get_route(r, linked ? linked : id);
	if (!route)
		return NULL;

	if (!m)
		m = new_member(r, id);
	if (!m) {
		mem_deref(route);
		return NULL;
	}

	/* who heard of it hears of the call that it has become */
	if (m->route)
		ami_bridges_join(&route->bridges, &m->route->bridges);
	mem_deref(m->route);
	m->route = route;

	return m;
}


/**
 * A channel is there, as the table has it
 *
 * @param r      Routes
 * @param id     Its Uniqueid
 * @param linked Linkedid of its call, "" if unknown
 * @param name   Its name
 */
void ami_routes_put(struct ami_routes *r, const char *id, const char *linked,
		    const char *name)
{
	struct ami_member *m;
	struct pl i, l, n;

	if (!r || !id || !linked || !name)
		return;

	pl_set_str(&i, id);
	pl_set_str(&l, linked);
	pl_set_str(&n, name);

	m = ami_member_put(r, &i, l.l ? &l : NULL);
	if (m)
		ami_member_call(r, m, &n);
}


/**
 * A channel is gone
 *
 * @param r Routes
 * @param m Channel
 */
void ami_member_end(struct ami_routes *r, struct ami_member *m)
{
	mem_deref(m);
	--r->count;
}


/**
 * A channel waits for an extension. That is told once: whose bridge is not there
 * yet, or on its way here, is told when it comes
 *
 * @param m     Channel
 * @param exten Extension
 * @param msg   What the dialplan has told; if it is long, only the bridge that
 *              is there hears of it
 */
void ami_member_wait(struct ami_member *m, const struct pl *exten,
		     const struct ami_message *msg)
{
	char *str;

	if (!exten->l || pl_strdup(&str, exten))
		return;

	mem_deref(m->called);
	m->called = str;

	mem_deref(m->event);
	m->event = mbuf_alloc(512);
	if (m->event && (ami_rewrite(m->event, msg, NULL) ||
			 m->event->end > WAITS_MAX))
		m->event = mem_deref(m->event);
}


struct waiting {
	const struct ami_routes *r;
	unsigned bridge;
	ami_waiting_h *h;
	void *arg;
	int err;
};


static bool waiting_handler(struct le *le, void *arg)
{
	const struct ami_member *m = le->data;
	struct waiting *w = arg;
	struct pl called;

	if (!m->event)
		return false;

	pl_set_str(&called, m->called);
	if (ami_bridges_has(ami_routes_whose(w->r, &called), w->bridge))
		w->err = w->h(m->event, w->arg);

	return w->err != 0;
}


/**
 * Get what dialplans have told of channels that wait for a bridge's extensions,
 * and that nobody has taken: it may not have been there
 *
 * @param r      Routes
 * @param bridge Number of the bridge
 * @param h      Called for each
 * @param arg    Its argument
 *
 * @return 0 if success, otherwise error code of the handler
 */
int ami_routes_waiting(const struct ami_routes *r, unsigned bridge,
		       ami_waiting_h *h, void *arg)
{
	struct waiting w = {r, bridge, h, arg, 0};

	if (!r || !h)
		return EINVAL;

	(void)hash_apply(r->members, waiting_handler, &w);

	return w.err;
}


/**
 * Let more bridges hear of a channel
 *
 * @param m       Channel
 * @param bridges Bridges
 */
void ami_member_show(struct ami_member *m, const struct ami_bridges *bridges)
{
	ami_bridges_join(&m->route->bridges, bridges);
}
