/**
 * @file call/host/presence.c  The state of an extension, told to both sides
 *
 *   calls, cloud, SIP (events) --> states --+--> SIP: NOTIFY, PUBLISH
 *   desk phone (dialog-info) ---------------+--> cloud: presence of its user
 *
 * What happens is looked at when all of it has: from the loop.
 */
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "config/config.h"
#include "config/users.h"
#include "sip/sip.h"
#include "sip/pure/presdoc.h"
#include "sip/phonewatch.h"
#include "sip/watch.h"
#include "call/event.h"
#include "call/dnd.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/bridge.h"


static struct event_sub *sub;
static struct tmr tmr;


/* Whom a phone would ring: are they there, do they want to be disturbed? Who
   gets a push notification is there for it */
static void users_state(struct presdoc *doc, struct ext *ext)
{
	const bool push = bridge_config()->push != CUBE_PUSH_OFF;
	const char *idv[USER_CALL_MAX];
	const size_t idc = ext_users(ext, idv);
	size_t i, dndc = 0, therec = 0;

	cube_attend(ext->cube, idv, push ? 0 : idc);

	for (i=0; i<idc; i++) {
		dndc   += dnd_spares(&ext->dndl, idv[i]);
		therec += cube_is_there(ext->cube, idv[i]);
	}

	doc->dnd  = idc && dndc == idc;
	doc->open = ext_is_online(ext) && (!idc || therec) &&
		!bridge_is_draining();
}


/* Its calls */
static void calls_state(struct presdoc *doc, const struct ext *ext)
{
	struct le *le;

	for (le = ext->calll.head; le && doc->callc < PRESDOC_CALLS;
	     le = le->next) {

		const struct bcall *bc = le->data;

		if (bc->state == BCALL_IDLE || bc->state == BCALL_CLOSED)
			continue;

		doc->callv[doc->callc].id = bc->id;
		doc->callv[doc->callc].from_app = bc->from_app;
		doc->callv[doc->callc++].up = bcall_is_answered(bc);
	}
}


/* The phone's side, for apps. That no calls are taken is for all to see */
static void tell_cloud(const struct ext *ext, bool busy)
{
	const bool gone = ext->ua && !ext->registered &&
		sip_registers(ext->ua);

	if (bridge_is_draining())
		cube_set_presence(ext->cube, "xa", "No calls are taken now");
	else if (!bridge_config()->presence_cloud)
		cube_set_presence(ext->cube, NULL, NULL);
	else
		cube_set_presence(ext->cube, busy ? "dnd" : gone ? "xa" : NULL,
			  busy ? "On the phone" :
			  gone ? "The phone system is not reached" : NULL);
}


static void update_handler(void *arg)
{
	struct le *le;
	(void)arg;

	for (le = bridge_exts()->head; le; le = le->next) {

		struct ext *ext = le->data;
		struct presdoc doc = {.open = false};

		if (ext->leaving)
			continue;

		calls_state(&doc, ext);

		if (ext->watch) {
			users_state(&doc, ext);
			sipwatch_tell(ext->watch, &doc);
		}

		tell_cloud(ext, doc.callc > 0 || ext->desk_busy);
	}
}


static void event_handler(const struct event *ev, void *arg)
{
	struct ext *ext;
	(void)arg;

	if (ev->type == EVENT_REG_OK) {
		ext = bridge_find(ev->ext);
		if (ext) {
			sipwatch_registered(ext->watch);
			phonewatch_registered(ext->desk);
		}
	}

	tmr_start(&tmr, 0, update_handler, NULL);
}


static void attend_handler(void *arg)
{
	(void)arg;

	tmr_start(&tmr, 0, update_handler, NULL);
}


/* Who may call it may see it */
static bool contact_handler(const char *user, void *arg)
{
	const struct ext *ext = arg;

	return !ext_may_call(ext, user);
}


static void desk_handler(bool busy, void *arg)
{
	struct ext *ext = arg;

	ext->desk_busy = busy;
	tmr_start(&tmr, 0, update_handler, NULL);
}


/**
 * An extension's line of the users file has been read, maybe again: its desk
 * phone is watched, if it names one and apps are told
 *
 * @param ext Extension
 */
void presence_line(struct ext *ext)
{
	const char *uri = bridge_config()->presence_cloud && ext->ua ?
		ext->map->watch : NULL;
	int err;

	if (!str_cmp(phonewatch_uri(ext->desk), uri))
		return;

	ext->desk      = mem_deref(ext->desk);
	ext->desk_busy = false;

	if (uri) {
		err = phonewatch_alloc(&ext->desk, ext->ua, uri, desk_handler,
				       ext);
		if (err)
			clog_warning("%s: %m\n", uri, err);
	}

	if (ext->registered)
		phonewatch_registered(ext->desk);

	tmr_start(&tmr, 0, update_handler, NULL);
}


/**
 * What is told of all extensions has changed
 */
void presence_changed(void)
{
	tmr_start(&tmr, 0, update_handler, NULL);
}


/**
 * Tell and watch nothing more for an extension
 *
 * @param ext Extension
 */
void presence_remove(struct ext *ext)
{
	ext->watch = mem_deref(ext->watch);
	ext->desk  = mem_deref(ext->desk);
}


/**
 * Begin to tell an extension's state, if that is wanted
 *
 * @param ext Extension
 *
 * @return 0 if success, otherwise errorcode
 */
int presence_add(struct ext *ext)
{
	const enum presence_sip how = bridge_config()->presence_sip;

	if (bridge_config()->presence_cloud)
		cube_set_contact_handler(ext->cube, contact_handler);

	presence_line(ext);

	if (how == PRESENCE_NO || !ext->ua)
		return 0;

	cube_set_attend_handler(ext->cube, attend_handler);

	return sipwatch_alloc(&ext->watch, ext->ua,
			      how == PRESENCE_PUBLISH);
}


/**
 * Look at what happens, if anybody wants to know
 *
 * @return 0 if success, otherwise errorcode
 */
int presence_init(void)
{
	const struct bridge_config *cfg = bridge_config();

	if (cfg->presence_sip == PRESENCE_NO && !cfg->presence_cloud)
		return 0;

	return event_subscribe(&sub, EVENT_CALL | EVENT_CLOUD | EVENT_REG |
			       EVENT_USER, event_handler, NULL);
}


/**
 * Undo presence_init()
 */
void presence_close(void)
{
	sub = mem_deref(sub);
	tmr_cancel(&tmr);
}
