/**
 * @file connectycube_ami/proxy/routes.c  Which bridge a manager's event is for
 */
#include <string.h>
#include <re.h>
#include "connectycube_ami/message.h"
#include "connectycube_ami/proxy/routes.h"
#include "connectycube_ami/proxy/routes_core.h"


enum { BUCKETS = 1024 };


static bool deref(struct le *le, void *arg)
{
	(void)arg;

	mem_deref(le->data);

	return false;
}


static void flush(struct hash *h)
{
	(void)hash_apply(h, deref, NULL);
}


static void destructor(void *data)
{
	struct ami_routes *r = data;

	if (r->members)
		flush(r->members);
	if (r->whose)
		flush(r->whose);

	mem_deref(r->members);
	mem_deref(r->routes);
	mem_deref(r->whose);
}


static void whose_destructor(void *data)
{
	struct ami_whose *w = data;

	hash_unlink(&w->le);
	mem_deref(w->name);
}


/**
 * Allocate routes; there is neither a bridge nor a call
 *
 * @param rp Pointer to them, freed by mem_deref()
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_routes_alloc(struct ami_routes **rp)
{
	struct ami_routes *r;
	int err;

	if (!rp)
		return EINVAL;

	r = mem_zalloc(sizeof(*r), destructor);
	if (!r)
		return ENOMEM;

	err  = hash_alloc(&r->members, BUCKETS);
	err |= hash_alloc(&r->routes, BUCKETS);
	err |= hash_alloc(&r->whose, BUCKETS);
	if (err)
		mem_deref(r);
	else
		*rp = r;

	return err;
}


/* --- sets of bridges ------------------------------------------------------ */

static void add(struct ami_bridges *b, unsigned bridge)
{
	b->bits[bridge / 64] |= 1ULL << bridge % 64;
}


static void take(struct ami_bridges *b, unsigned bridge)
{
	b->bits[bridge / 64] &= ~(1ULL << bridge % 64);
}


/**
 * Add bridges to others
 *
 * @param b    Bridges
 * @param more More of them
 */
void ami_bridges_join(struct ami_bridges *b, const struct ami_bridges *more)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(b->bits); i++)
		b->bits[i] |= more->bits[i];
}


/**
 * Is there any bridge among these?
 *
 * @param b Bridges
 *
 * @return true if so
 */
bool ami_bridges_any(const struct ami_bridges *b)
{
	size_t i;

	for (i=0; b && i<ARRAY_SIZE(b->bits); i++) {
		if (b->bits[i])
			return true;
	}

	return false;
}


/**
 * Is a bridge among these?
 *
 * @param b      Bridges
 * @param bridge Number of the bridge
 *
 * @return true if so
 */
bool ami_bridges_has(const struct ami_bridges *b, unsigned bridge)
{
	return b && bridge < AMI_BRIDGES_MAX &&
		b->bits[bridge / 64] >> bridge % 64 & 1;
}


/* --- devices and extensions ----------------------------------------------- */

static bool is_whose(struct le *le, void *arg)
{
	const struct ami_whose *w = le->data;

	return !pl_strcasecmp(arg, w->name);
}


/* An extension has no slash, which a device has: both are in one hash */
static struct ami_whose *find_whose(const struct ami_routes *r,
				    const struct pl *name)
{
	return list_ledata(hash_lookup(r->whose, hash_joaat_pl_ci(name),
				       is_whose, (void *)name));
}


static int add_whose(struct ami_routes *r, unsigned bridge,
		     const struct pl *name)
{
	struct ami_whose *w = find_whose(r, name);
	int err;

	if (!w) {
		w = mem_zalloc(sizeof(*w), whose_destructor);
		if (!w)
			return ENOMEM;

		err = pl_strdup(&w->name, name);
		if (err) {
			mem_deref(w);
			return err;
		}
		hash_append(r->whose, hash_joaat_pl_ci(name), &w->le, w);
	}

	if (ami_bridges_has(&w->bridges, bridge))
		return 0;
	if (r->countv[bridge] >= AMI_DEVICES_MAX)
		return E2BIG;

	++r->countv[bridge];
	add(&w->bridges, bridge);

	return 0;
}


/**
 * A bridge has a device
 *
 * @param r      Routes
 * @param bridge Number of the bridge
 * @param device TECHNOLOGY/PEER, as PJSIP/1001
 *
 * @return 0 if success, EBADMSG if that is none, E2BIG if it has too many,
 *         otherwise errorcode
 */
int ami_routes_device(struct ami_routes *r, unsigned bridge,
		      const struct pl *device)
{
	if (!r || bridge >= AMI_BRIDGES_MAX || !device)
		return EINVAL;
	if (!pl_strchr(device, '/'))
		return EBADMSG;

	return add_whose(r, bridge, device);
}


/**
 * A bridge has an extension
 *
 * @param r      Routes
 * @param bridge Number of the bridge
 * @param exten  User part of its SIP address
 *
 * @return 0 if success, EBADMSG if that is none, E2BIG if it has too many,
 *         otherwise errorcode
 */
int ami_routes_extension(struct ami_routes *r, unsigned bridge,
			 const struct pl *exten)
{
	if (!r || bridge >= AMI_BRIDGES_MAX || !exten)
		return EINVAL;
	if (!exten->l || pl_strchr(exten, '/'))
		return EBADMSG;

	return add_whose(r, bridge, exten);
}


/**
 * Who has a device, or an extension
 *
 * @param r    Routes
 * @param name Its name
 *
 * @return Bridges, NULL if nobody has
 */
const struct ami_bridges *ami_routes_whose(const struct ami_routes *r,
					   const struct pl *name)
{
	const struct ami_whose *w = find_whose(r, name);

	return w ? &w->bridges : NULL;
}


/**
 * Whose is a channel? PJSIP/1001-0000000c is of PJSIP/1001
 *
 * @param r    Routes
 * @param name Its name
 *
 * @return Bridges, NULL if it is nobody's
 */
const struct ami_bridges *ami_routes_channel(const struct ami_routes *r,
					     const struct pl *name)
{
	struct pl device = *name;

	while (device.l && device.p[device.l - 1] != '-')
		--device.l;
	if (device.l < 2)
		return NULL;

	--device.l;

	return ami_routes_whose(r, &device);
}


struct joining {
	const struct ami_routes *r;
	unsigned bridge;
};


static bool join_handler(struct le *le, void *arg)
{
	const struct ami_member *m = le->data;
	const struct joining *j = arg;
	struct pl name, called;

	pl_set_str(&name, m->name);
	pl_set_str(&called, m->called ? m->called : "");
	if (ami_bridges_has(ami_routes_channel(j->r, &name), j->bridge) ||
	    ami_bridges_has(ami_routes_whose(j->r, &called), j->bridge)) {
		add(&m->route->bridges, j->bridge);
		add(&m->route->told, j->bridge);
	}

	return false;
}


/**
 * All devices of a bridge have been told: it hears of the calls that are there,
 * whose channels it lists next
 *
 * @param r      Routes
 * @param bridge Number of the bridge
 */
void ami_routes_join(struct ami_routes *r, unsigned bridge)
{
	struct joining j = {r, bridge};

	if (r && bridge < AMI_BRIDGES_MAX)
		(void)hash_apply(r->members, join_handler, &j);
}


static bool forget_whose(struct le *le, void *arg)
{
	const struct joining *j = arg;
	struct ami_whose *w = le->data;

	take(&w->bridges, j->bridge);
	if (!ami_bridges_any(&w->bridges))
		mem_deref(w);

	return false;
}


static bool forget_route(struct le *le, void *arg)
{
	const struct joining *j = arg;
	struct ami_route *route = le->data;

	take(&route->bridges, j->bridge);
	take(&route->told, j->bridge);

	return false;
}


/**
 * Forget the devices and extensions of a bridge
 *
 * @param r      Routes
 * @param bridge Number of the bridge
 * @param gone   It has gone, and hears of no call any more
 */
void ami_routes_forget(struct ami_routes *r, unsigned bridge, bool gone)
{
	struct joining j = {r, bridge};

	if (!r || bridge >= AMI_BRIDGES_MAX)
		return;

	(void)hash_apply(r->whose, forget_whose, &j);
	r->countv[bridge] = 0;
	if (gone)
		(void)hash_apply(r->routes, forget_route, &j);
}


/**
 * The connection with Asterisk is gone, and what it told
 *
 * @param r Routes
 */
void ami_routes_clear(struct ami_routes *r)
{
	if (!r)
		return;

	flush(r->members);
	r->count = 0;
}


/**
 * A bridge knew a channel when it was connected before, as that of a caller who
 * waits for one of its extensions: it hears of his call on
 *
 * @param r      Routes
 * @param bridge Number of the bridge
 * @param id     Uniqueid of the channel
 *
 * @return 0 if success, also if there is no such channel any more; EINVAL
 */
int ami_routes_show(struct ami_routes *r, unsigned bridge,
		    const struct pl *id)
{
	struct ami_member *m;

	if (!r || bridge >= AMI_BRIDGES_MAX || !id)
		return EINVAL;

	m = ami_member_find(r, id);
	if (m) {
		add(&m->route->bridges, bridge);
		add(&m->route->told, bridge);
	}

	return 0;
}


/**
 * Does a channel concern a bridge?
 *
 * @param r      Routes
 * @param bridge Number of the bridge
 * @param id     Uniqueid of the channel
 *
 * @return true if so
 */
bool ami_routes_sees(const struct ami_routes *r, unsigned bridge,
		     const struct pl *id)
{
	const struct ami_member *m = r && id ? ami_member_find(r, id) : NULL;

	return m && ami_bridges_has(&m->route->bridges, bridge);
}


/**
 * Number of channels
 *
 * @param r Routes
 *
 * @return Number of channels
 */
uint32_t ami_routes_count(const struct ami_routes *r)
{
	return r ? r->count : 0;
}
