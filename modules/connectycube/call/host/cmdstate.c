/**
 * @file call/host/cmdstate.c  What there is, for the hub: see docs/HUB.md
 *
 * From the same tree as the console's: call/snapshot.h.
 */
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/snapshot.h"
#include "call/command.h"
#include "call/jsonadd.h"
#include "call/statusjson.h"


enum {
	CALLS_DFLT = 100,       /**< Calls in an answer                    */
	CALLS_MOST = 250,       /**< The same, at most                     */
};

static struct command_set *set;


static const struct snap_call *find_call(const struct snapshot *snap,
					 const struct snap_ext **extp,
					 uint32_t id)
{
	struct le *le, *lec;

	for (le = snap->extl.head; le; le = le->next) {

		*extp = le->data;
		for (lec = (*extp)->calll.head; lec; lec = lec->next) {

			const struct snap_call *sc = lec->data;

			if (sc->id == id)
				return sc;
		}
	}

	return NULL;
}


/* The one that begins next after a number, of any extension */
static const struct snap_call *next_call(const struct snapshot *snap,
					 const struct snap_ext **extp,
					 uint32_t after)
{
	const struct snap_call *next = NULL;
	struct le *le, *lec;

	for (le = snap->extl.head; le; le = le->next) {

		const struct snap_ext *se = le->data;

		for (lec = se->calll.head; lec; lec = lec->next) {

			const struct snap_call *sc = lec->data;

			if (sc->id > after && (!next || sc->id < next->id)) {
				next  = sc;
				*extp = se;
			}
		}
	}

	return next;
}


static int cmd_stats(struct command_req *req, void *arg)
{
	const struct snap_call *sc;
	const struct snap_ext *se;
	struct snapshot *snap;
	uint32_t id;
	int err;
	(void)arg;

	if (!command_u32(req, "call", &id))
		return command_refuse(req, EINVAL, "call: its number is"
				      " missing");

	err = snapshot_take(&snap);
	if (err)
		return err;

	sc = find_call(snap, &se, id);
	if (sc)
		err = json_add_str(err, req->result, "extension", se->aor);
	else
		err = command_refuse(req, ENOENT, "there is no call %u", id);
	if (!err)
		err = status_fill_call(err, req->result, sc, snap->now);

	mem_deref(snap);

	return err;
}


/* What is seen of a call in a list of them */
static int add_short(int err, struct odict *array, const struct snap_call *sc,
		     const struct snap_ext *se, uint64_t now)
{
	struct odict *od = NULL, *legs = NULL, *one;
	struct le *le;

	err = json_add_element(err, &od, array);
	err = json_add_str(err, od, "extension", se->aor);
	err = status_fill_head(err, od, sc, now);
	err = json_add_node(err, &legs, od, "legs", ODICT_ARRAY);

	for (le = sc->legl.head; le; le = le->next) {

		const struct snap_leg *sl = le->data;

		err = json_add_element(err, &one, legs);
		err = json_add_int(err, one, "leg_num", sl->num);
		err = json_add_str(err, one, "side",
				   event_side_name(sl->side));
		err = json_add_str(err, one, "uri",  sl->uri);
		err = json_add_str(err, one, "name", sl->peer);
		err = json_add_str(err, one, "user", sl->user);
		err = json_add_bool(err, one, "holds", sl->held);
		err = json_add_bool(err, one, "path_lost", sl->lost);
		err = json_add_str(err, one, "codec", sl->audio.rx_codec);
		err = json_add_bool(err, one, "video", sl->has_video);
		err = json_add_int(err, one, "lost",
				   (uint64_t)sl->audio.rx.lost);
		err = json_add_part(err, one, "mos", sl->audio.rx.mos, 100);
		err = json_add_part(err, one, "level_dbov",
				    sl->audio.level, 10);
	}

	return err;
}


static int cmd_calls(struct command_req *req, void *arg)
{
	uint32_t after = 0, limit = CALLS_DFLT, n = 0;
	const struct snap_call *sc;
	const struct snap_ext *se;
	struct odict *array = NULL;
	struct snapshot *snap;
	int err;
	(void)arg;

	(void)command_u32(req, "after", &after);
	if (odict_lookup(req->params, "limit") &&
	    (!command_u32(req, "limit", &limit) || !limit ||
	     limit > CALLS_MOST))
		return command_refuse(req, EINVAL, "limit: 1 to %u",
				      CALLS_MOST);

	err = snapshot_take(&snap);
	if (err)
		return err;

	err = json_add_node(err, &array, req->result, "calls", ODICT_ARRAY);
	while (!err && (sc = next_call(snap, &se, after)) && n++ < limit) {
		err   = add_short(err, array, sc, se, snap->now);
		after = sc->id;
	}

	/* where to go on */
	err = json_add_known(err, req->result, "after",
			     next_call(snap, &se, after) ? after : 0);
	mem_deref(snap);

	return err;
}


static int cmd_extensions(struct command_req *req, void *arg)
{
	(void)arg;

	return status_fill(0, req->result, false);
}


static const struct command commandv[] = {
	{"stats",      cmd_stats,      NULL, .asks = true},
	{"calls",      cmd_calls,      NULL, .asks = true},
	{"extensions", cmd_extensions, NULL, .asks = true},
};


/**
 * Let it be asked what there is
 *
 * @return 0 if success, otherwise errorcode
 */
int cmdstate_init(void)
{
	return command_register(&set, commandv, ARRAY_SIZE(commandv));
}


/**
 * Nothing is asked any more
 */
void cmdstate_close(void)
{
	set = mem_deref(set);
}
