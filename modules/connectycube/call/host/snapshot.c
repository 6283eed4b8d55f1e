/**
 * @file call/host/snapshot.c  What there is right now, as values
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/mono.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/snapshot.h"
#include "config/users.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/dnd.h"
#include "call/bridge.h"


#define COPY(dst, src) event_copy_str((dst), sizeof(dst), (src))


static void leg_destructor(void *data)
{
	struct snap_leg *sl = data;

	list_unlink(&sl->le);
}


static void call_destructor(void *data)
{
	struct snap_call *sc = data;

	list_unlink(&sc->le);
	list_flush(&sc->legl);
}


static void ext_destructor(void *data)
{
	struct snap_ext *se = data;

	list_unlink(&se->le);
	list_flush(&se->calll);
}


static void destructor(void *data)
{
	struct snapshot *snap = data;

	list_flush(&snap->extl);
}


/* As it was seen a moment ago */
static void take_heard(struct snap_leg *sl, const struct leg *leg)
{
	COPY(sl->srtp,       leg->path.srtp);
	COPY(sl->ice_local,  leg->path.ice_local);
	COPY(sl->ice_remote, leg->path.ice_remote);
	sl->silent_ms   = leg->heard.silent_ms;
	sl->one_way     = leg->heard.one_way;
	sl->dead_air_ms = leg->heard.dead_air_ms;
}


static int take_leg(struct list *legl, const struct leg *leg)
{
	struct snap_leg *sl;

	sl = mem_zalloc(sizeof(*sl), leg_destructor);
	if (!sl)
		return ENOMEM;

	sl->num = leg->num;
	COPY(sl->name, leg->ops->name);
	COPY(sl->key,  leg->ops->key);
	COPY(sl->uri,  leg->peer.uri);
	COPY(sl->peer, leg->peer.name);
	COPY(sl->id,   leg->ops->id(leg));
	sl->side = leg->ops->side;
	sl->held = leg->held;
	sl->lost = leg->lost;

	leg->ops->describe(leg, sl);

	take_heard(sl, leg);
	audio_port_stats(leg->audio, &sl->audio);

	sl->has_video = leg->video != NULL;
	if (leg->video)
		video_port_stats(leg->video, &sl->video);

	/* in the order that people are used to, whoever called */
	if (leg->ops->side == EVENT_PHONE)
		list_prepend(legl, &sl->le, sl);
	else
		list_append(legl, &sl->le, sl);

	return 0;
}


static int take_call(struct list *calll, const struct bcall *bc)
{
	struct snap_call *sc;
	struct le *le;
	int err = 0;

	sc = mem_zalloc(sizeof(*sc), call_destructor);
	if (!sc)
		return ENOMEM;

	list_append(calll, &sc->le, sc);

	sc->id        = bc->id;
	str_ncpy(sc->record, bc->record, sizeof(sc->record));
	str_ncpy(sc->linked, bc->linked, sizeof(sc->linked));
	sc->from_app  = bc->from_app;
	sc->t_start   = bc->t_start;
	sc->t_answer  = bc->t_answer;
	sc->t_media   = bc->t_estab;
	COPY(sc->state, bcall_state_name(bc->state));

	for (le = bc->legl.head; le && !err; le = le->next)
		err = take_leg(&sc->legl, le->data);

	return err;
}


/** Numbers of calls that are looked at */
struct numbers {
	uint32_t first;
	uint32_t last;
};


/* As its account has it: what it is registered with, or calls go to */
static void take_server(struct snap_ext *se, struct ua *ua)
{
	const struct account *acc = sip_ua_exists(ua) ? ua_account(ua) : NULL;
	const struct uri *luri = account_luri(acc);
	const char *outbound = account_outbound(acc, 0);

	if (outbound)
		COPY(se->server, outbound);
	else if (luri && luri->port)
		(void)re_snprintf(se->server, sizeof(se->server),
				  "sip:%r:%u", &luri->host, luri->port);
	else if (luri)
		(void)re_snprintf(se->server, sizeof(se->server), "sip:%r",
				  &luri->host);
}


static int take_ext(struct list *extl, const struct ext *ext,
		    const struct numbers *r)
{
	struct snap_ext *se;
	struct le *le;
	int err = 0;

	se = mem_zalloc(sizeof(*se), ext_destructor);
	if (!se)
		return ENOMEM;

	list_append(extl, &se->le, se);

	COPY(se->aor,    ext->map->aor);
	COPY(se->name,   ext->map->name);
	COPY(se->cloud,  cube_state_name(cube_state(ext->cube)));
	COPY(se->reason, cube_reason(ext->cube));
	COPY(se->user,   cube_user_id(ext->cube));
	COPY(se->sip_reason, ext->reg_cause);
	take_server(se, ext->ua);
	se->t_online   = ext->online_time;
	se->t_offline  = ext->online_lost;
	se->t_reg      = ext->reg_time;
	se->t_unreg    = ext->reg_lost;
	se->callc      = list_count(&ext->calll);
	se->registered = sip_ua_exists(ext->ua) && sip_registered(ext->ua);
	se->registers  = ext_registers(ext);

	(void)re_snprintf(se->dnd, sizeof(se->dnd), "%H", dnd_print,
			  &ext->dndl);

	for (le = ext->calll.head; le && !err; le = le->next) {

		const struct bcall *bc = le->data;

		if (bc->id >= r->first && bc->id <= r->last)
			err = take_call(&se->calll, bc);
	}

	return err;
}


static int take(struct snapshot **snapp, const struct numbers *r)
{
	struct snapshot *snap;
	struct le *le;
	int err = 0;

	if (!snapp)
		return EINVAL;

	snap = mem_zalloc(sizeof(*snap), destructor);
	if (!snap)
		return ENOMEM;

	snap->now = mono_ms();

	for (le = list_head(bridge_exts()); le && !err; le = le->next) {

		const struct ext *ext = le->data;

		if (!ext->leaving || !list_isempty(&ext->calll))
			err = take_ext(&snap->extl, ext, r);
	}

	if (err)
		mem_deref(snap);
	else
		*snapp = snap;

	return err;
}


/**
 * See what there is
 *
 * @param snapp Pointer to the snapshot, freed by mem_deref()
 *
 * @return 0 if success, otherwise errorcode
 */
int snapshot_take(struct snapshot **snapp)
{
	const struct numbers all = {0, UINT32_MAX};

	return take(snapp, &all);
}


/**
 * See what there is, but for the calls
 *
 * @param snapp Pointer to the snapshot, freed by mem_deref()
 *
 * @return 0 if success, otherwise errorcode
 */
int snapshot_take_exts(struct snapshot **snapp)
{
	const struct numbers none = {1, 0};

	return take(snapp, &none);
}


/* The lowest number above one, of all calls; UINT32_MAX if there is none */
static uint32_t next_id(uint32_t after)
{
	uint32_t next = UINT32_MAX;
	struct le *lee, *le;

	for (lee = list_head(bridge_exts()); lee; lee = lee->next) {

		const struct ext *ext = lee->data;

		for (le = ext->calll.head; le; le = le->next) {

			const struct bcall *bc = le->data;

			if (bc->id > after && bc->id < next)
				next = bc->id;
		}
	}

	return next;
}


/**
 * See some calls: so many as can be looked at without holding up others
 *
 * @param snapp Pointer to the snapshot, freed by mem_deref()
 * @param after Those with higher numbers, the lowest ones first
 * @param most  How many
 *
 * @return 0 if success, otherwise errorcode
 */
int snapshot_take_calls(struct snapshot **snapp, uint32_t after, size_t most)
{
	struct numbers r = {after + 1, after};

	for (; most; --most) {

		const uint32_t id = next_id(r.last);

		if (id == UINT32_MAX)
			break;

		r.last = id;
	}

	return take(snapp, &r);
}
