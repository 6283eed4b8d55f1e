/**
 * @file call/eventpbx.c  Events of the PBX's channels, for people and programs
 *
 *   eventtext.c, eventjson.c --> this file
 */
#include <re.h>
#include "call/event.h"
#include "call/jsonadd.h"


static int print_peer(struct re_printf *pf, const struct event_pbx *p)
{
	if (!p->peer_number[0] && !p->peer_name[0])
		return 0;

	return re_hprintf(pf, " with %s%s%s", p->peer_number,
			  p->peer_number[0] && p->peer_name[0] ? " " : "",
			  p->peer_name);
}


/**
 * Print what has become of a channel as a line of the log
 *
 * @param pf Print function
 * @param ev Event
 *
 * @return 0 if success, otherwise errorcode
 */
int event_pbx_print(struct re_printf *pf, const struct event *ev)
{
	const struct event_pbx *p = &ev->pbx;
	int err;

	err = re_hprintf(pf, "%s: PBX: %s ", ev->ext, p->channel);

	switch (ev->type) {

	case EVENT_PBX_CREATED:
		err |= re_hprintf(pf, "created%H", print_peer, p);
		if (p->exten[0])
			err |= re_hprintf(pf, ", to %s@%s", p->exten,
					  p->context);
		return err;

	case EVENT_PBX_RINGING:
		return err | re_hprintf(pf, "rings%H", print_peer, p);

	case EVENT_PBX_ANSWERED:
		return err | re_hprintf(pf, "answered%H", print_peer, p);

	case EVENT_PBX_BRIDGED:
		return err | re_hprintf(pf, "talks%H", print_peer, p);

	case EVENT_PBX_UNBRIDGED:
		return err | re_hprintf(pf, "talks no more");

	case EVENT_PBX_HELD:
		return err | re_hprintf(pf, "is on hold");

	case EVENT_PBX_RESUMED:
		return err | re_hprintf(pf, "is back from hold");

	case EVENT_PBX_TRANSFERRED:
		return err | re_hprintf(pf, "transferred (%s)%s%s",
					p->attended ? "attended" : "blind",
					p->target[0] ? " to " : "",
					p->target);

	default:
		err |= re_hprintf(pf, "hung up");
		if (p->cause)
			err |= re_hprintf(pf, ": %u %s", p->cause, p->text);
		return err;
	}
}


/**
 * Add what has become of a channel to an object
 *
 * @param err Errorcode so far
 * @param od  Object
 * @param ev  Event
 *
 * @return 0 if success, otherwise errorcode
 */
int event_pbx_json(int err, struct odict *od, const struct event *ev)
{
	const struct event_pbx *p = &ev->pbx;

	err = json_add_str(err, od, "channel", p->channel);
	err = json_add_str(err, od, "uniqueid", p->id);
	err = json_add_str(err, od, "linkedid", p->linked);
	err = json_add_str(err, od, "state", p->state);
	err = json_add_str(err, od, "number", p->number);
	err = json_add_str(err, od, "name", p->name);
	err = json_add_str(err, od, "peer_number", p->peer_number);
	err = json_add_str(err, od, "peer_name", p->peer_name);
	err = json_add_str(err, od, "context", p->context);
	err = json_add_str(err, od, "exten", p->exten);
	err = json_add_str(err, od, "bridge", p->bridge);

	switch (ev->type) {

	case EVENT_PBX_TRANSFERRED:
		err = json_add_str(err, od, "mode",
				   p->attended ? "attended" : "blind");
		return json_add_str(err, od, "target", p->target);

	case EVENT_PBX_HUNG_UP:
		err = json_add_known(err, od, "cause", p->cause);
		return json_add_str(err, od, "text", p->text);

	default:
		return err;
	}
}
