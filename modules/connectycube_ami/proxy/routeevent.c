/**
 * @file connectycube_ami/proxy/routeevent.c  What an event says of calls, and
 *                                            whom it is for
 *
 * Events name channels with fields that begin alike: Uniqueid, Channel,
 * Linkedid; DestUniqueid, DestChannel, DestLinkedid; and of transfers some more.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/proxy/routes.h"
#include "connectycube_ami/proxy/routes_core.h"


enum { FIELD_MAX = 64 };        /* longest name of a field [bytes]     */


static const struct pl *get_field(const struct ami_message *msg,
				  const struct pl *prefix, const char *rest)
{
	char name[FIELD_MAX];

	return re_snprintf(name, sizeof(name), "%r%s", prefix, rest) < 0 ?
		NULL : ami_get(msg, name);
}


/* What stands before "Uniqueid" in the name of a field; a bridge of Asterisk's
 * has one, too */
static bool get_prefix(struct pl *prefix, const struct pl *name)
{
	static const char id[] = "Uniqueid";
	const size_t n = sizeof(id) - 1;
	struct pl end;

	if (name->l < n)
		return false;

	end.p = name->p + name->l - n;
	end.l = n;
	if (pl_strcasecmp(&end, id))
		return false;

	prefix->p = name->p;
	prefix->l = name->l - n;

	return prefix->l < 6 ||
		memcmp(prefix->p + prefix->l - 6, "Bridge", 6);
}


/* What tells of a channel that it is there. Others may come late, and speak of
 * one that has hung up */
static bool is_of_living(const struct ami_message *msg)
{
	static const char *const eventv[] = {
		"Newchannel", "CoreShowChannel", "Newstate", "DialBegin",
		"BridgeEnter",
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(eventv); i++) {
		if (ami_is(msg, "Event", eventv[i]))
			return true;
	}

	return false;
}


static struct ami_member *take_channel(struct ami_routes *r,
				       const struct ami_message *msg,
				       const struct pl *prefix,
				       const struct pl *id, bool living)
{
	struct ami_member *m = ami_member_find(r, id);
	const struct pl *linked = get_field(msg, prefix, "Linkedid");
	const struct pl *name = get_field(msg, prefix, "Channel");

	if (m || living)
		m = ami_member_put(r, id, linked && linked->l ? linked : NULL);
	if (m && name && name->l)
		ami_member_call(r, m, name);

	return m;
}


/* A channel is in an event: those who hear of its call are told; the event is of
   the first one */
static void concerns(struct ami_member **firstp, struct ami_member *m,
		     struct ami_bridges *whom)
{
	if (!m)
		return;

	ami_bridges_join(whom, &m->route->bridges);
	if (!*firstp)
		*firstp = m;
}


/* The first channel of an event, which it is of */
static struct ami_member *take_channels(struct ami_routes *r,
					const struct ami_message *msg,
					struct ami_bridges *whom)
{
	const bool living = is_of_living(msg);
	struct ami_member *first = NULL;
	size_t i;

	for (i=0; i<msg->fieldc; i++) {

		const struct pl *id = &msg->fieldv[i].value;
		struct pl prefix;

		if (!get_prefix(&prefix, &msg->fieldv[i].name) || !id->l)
			continue;

		concerns(&first, take_channel(r, msg, &prefix, id, living),
			 whom);
	}

	return first;
}


/* Asterisk up to 11 numbers the channels of a bridge: Uniqueid1, Uniqueid2 */
static struct ami_member *take_pair(const struct ami_routes *r,
				    const struct ami_message *msg,
				    struct ami_bridges *whom)
{
	static const char *const namev[] = {"Uniqueid1", "Uniqueid2"};
	struct ami_member *first = NULL;
	size_t i;

	for (i=0; i<ARRAY_SIZE(namev); i++) {

		const struct pl *id = ami_get(msg, namev[i]);

		if (id && id->l)
			concerns(&first, ami_member_find(r, id), whom);
	}

	return first;
}


/* sip:1000@pbx, <sip:1000@pbx>, 1000 */
static void called(struct pl *exten, const struct pl *to)
{
	const char *end;

	*exten = *to;

	end = pl_strchr(exten, '<');
	if (end)
		pl_advance(exten, end + 1 - exten->p);
	if (!text_skip(exten, "sip:"))
		(void)text_skip(exten, "sips:");

	end = pl_strchr(exten, '@');
	if (!end)
		end = pl_strchr(exten, '>');
	if (!end)
		end = pl_strchr(exten, ';');
	if (end)
		exten->l = (size_t)(end - exten->p);
}


/* Whoever has the extension that is called, and from now on hears of the call */
static void take_bridge_call(struct ami_routes *r,
			     const struct ami_message *msg,
			     struct ami_member *m, struct ami_bridges *whom)
{
	const struct pl *to = ami_get_last(msg, "To");
	const struct ami_bridges *b;
	struct pl exten;

	memset(whom, 0, sizeof(*whom));
	if (!to)
		return;

	called(&exten, to);
	if (m)
		ami_member_wait(m, &exten, msg);
	b = ami_routes_whose(r, &exten);
	if (!b)
		return;

	*whom = *b;
	if (m)
		ami_member_show(m, b);
}


/* What a dialplan tells stands behind the fields of its channel, and may be
 * called as they are; who waits may be another channel. Of an event that names
 * no channel nobody knows whom it concerns, of one that is not known it is
 * nobody's */
static struct ami_member *take_user_event(struct ami_routes *r,
					  const struct ami_message *msg,
					  struct ami_bridges *whom)
{
	const struct pl *id = ami_get(msg, "Uniqueid");
	struct ami_member *m = id && id->l ? ami_member_find(r, id) : NULL;
	struct ami_member *waits;

	if (ami_is(msg, "UserEvent", "BridgeCall")) {
		waits = ami_member_named(r, ami_get_last(msg, "Channel"));
		if (waits)
			m = waits;
		take_bridge_call(r, msg, m, whom);
	}
	else if (m) {
		*whom = m->route->bridges;
	}
	else if (!id) {
		memset(whom, 0xff, sizeof(*whom));
	}

	return m;
}


/* The state of a device, or of the one who registers there */
static void take_device(const struct ami_routes *r,
			const struct ami_message *msg,
			struct ami_bridges *whom)
{
	const struct pl *name = ami_get(msg, "Peer");
	const struct ami_bridges *b;

	if (!name)
		name = ami_get(msg, "Device");

	b = name ? ami_routes_whose(r, name) : NULL;
	if (b)
		ami_bridges_join(whom, b);
}


/* Somebody, or something, has answered who waited, or others ring for him */
static bool is_taken(const struct ami_message *msg)
{
	return ami_is(msg, "Event", "DialBegin") ||
		ami_is(msg, "Event", "BridgeEnter") ||
		(ami_is(msg, "Event", "Newstate") &&
		 ami_is(msg, "ChannelState", "6"));
}


/* Those who have not heard of the call before */
static const char *take_fresh(struct ami_route *route,
			      struct ami_bridges *fresh)
{
	bool any = false;
	size_t i;

	for (i=0; i<ARRAY_SIZE(fresh->bits); i++) {
		fresh->bits[i] = route->bridges.bits[i] &
			~route->told.bits[i];
		any |= fresh->bits[i] != 0;
	}

	route->told = route->bridges;

	return any ? route->linked : NULL;
}


/**
 * Take an event: what it says of calls, and whom it concerns
 *
 * @param r     Routes
 * @param msg   Event
 * @param whom  Set to the bridges that it is for
 * @param fresh Set to those of them that are to know the call's other channels,
 *              too, which they have not heard of
 *
 * @return Linkedid of that call, until the next event; NULL: there is no such
 *         bridge
 */
const char *ami_routes_event(struct ami_routes *r,
			     const struct ami_message *msg,
			     struct ami_bridges *whom,
			     struct ami_bridges *fresh)
{
	const struct pl *name;
	struct ami_member *m;

	if (!whom || !fresh)
		return NULL;

	memset(whom, 0, sizeof(*whom));
	memset(fresh, 0, sizeof(*fresh));
	if (!r || !msg || msg->kind != AMI_EVENT)
		return NULL;

	if (ami_is(msg, "Event", "UserEvent")) {
		m = take_user_event(r, msg, whom);
		return m ? take_fresh(m->route, fresh) : NULL;
	}

	m = take_channels(r, msg, whom);
	if (!m)
		m = take_pair(r, msg, whom);
	if (!m) {
		take_device(r, msg, whom);
		return NULL;
	}

	if (m->event && is_taken(msg))
		m->event = mem_deref(m->event);

	if (ami_is(msg, "Event", "Hangup")) {
		ami_member_end(r, m);
		return NULL;
	}

	if (ami_is(msg, "Event", "Rename")) {
		name = ami_get(msg, "Newname");
		if (name && name->l)
			ami_member_call(r, m, name);
		ami_bridges_join(whom, &m->route->bridges);
	}

	return take_fresh(m->route, fresh);
}
