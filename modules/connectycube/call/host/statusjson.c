/**
 * @file call/host/statusjson.c  What the console shows, as JSON
 *
 * For programs: `cube console FOLDER cube_status json`. What
 * stands here is told to nobody else in other words: times are in seconds
 * (`*_s`) or milliseconds (`*_ms`), bitrates in kbit/s, and what is not known is
 * null. Members may be added, `version` counts changes of those that are there.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/version.h"
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
#include "call/jsonadd.h"
#include "call/statusjson.h"
#include "call/bridge.h"
#include "call/mode.h"


enum {
	JSON_VERSION = 1,
};


static int add_audio_dir(int err, struct odict *leg, const char *key,
			 const char *codec, const struct media_dirstat *st)
{
	struct odict *od = NULL;

	err = json_add_node(err, &od, leg, key, ODICT_OBJECT);
	err = json_add_str(err, od, "codec", codec);
	err = json_add_int(err, od, "packets", st->packets);
	err = json_add_int(err, od, "bytes", st->bytes);
	err = json_add_int(err, od, "lost", (uint64_t)st->lost);
	err = json_add_num(err, od, "jitter_ms", (double)st->jitter / 1000);
	err = json_add_num(err, od, "jitter_avg_ms",
			   (double)st->jitter_avg / 1000);
	err = json_add_num(err, od, "jitter_max_ms",
			   (double)st->jitter_max / 1000);
	err = json_add_int(err, od, "dropped", st->dropped);
	err = json_add_part(err, od, "mos", st->mos, 100);
	err = json_add_part(err, od, "mos_avg", st->mos_avg, 100);

	return json_add_part(err, od, "mos_min", st->mos_min, 100);
}


static int add_heard(int err, struct odict *od, const struct snap_leg *sl)
{
	const struct media_stats *st = &sl->audio;

	err = json_add_part(err, od, "rtt_avg_ms", st->rtt_avg, 1000);
	err = json_add_part(err, od, "rtt_max_ms", st->rtt_max, 1000);
	err = json_add_part(err, od, "level_dbov", st->level, 10);
	err = json_add_part(err, od, "level_max_dbov", st->level_max, 10);
	err = json_add_part(err, od, "latency_p50_ms", st->latency_p50,
			    1000);
	err = json_add_part(err, od, "latency_p99_ms", st->latency_p99,
			    1000);
	err = json_add_int(err, od, "silent_ms", sl->silent_ms);
	err = json_add_str(err, od, "one_way",
			   event_unheard_name(sl->one_way));
	err = json_add_int(err, od, "dead_air_ms", sl->dead_air_ms);
	err = json_add_str(err, od, "srtp", sl->srtp);
	err = json_add_str(err, od, "ice_local", sl->ice_local);

	return json_add_str(err, od, "ice_remote", sl->ice_remote);
}


static int add_audio(int err, struct odict *parent,
		     const struct snap_leg *sl)
{
	const struct media_stats *st = &sl->audio;
	struct odict *od = NULL;

	err = json_add_node(err, &od, parent, "audio", ODICT_OBJECT);
	err = add_audio_dir(err, od, "rx", st->rx_codec, &st->rx);
	err = add_audio_dir(err, od, "tx", st->tx_codec, &st->tx);
	err = json_add_num(err, od, "rtt_ms", (double)st->rtt / 1000);
	err = json_add_int(err, od, "concealed", st->concealed);
	err = json_add_int(err, od, "reordered", st->reordered);
	err = json_add_int(err, od, "duplicates", st->duplicates);
	err = json_add_bool(err, od, "on_hold", st->played);
	err = json_add_int(err, od, "keys", st->keys);
	err = json_add_bool(err, od, "forwarded", st->relayed);

	return add_heard(err, od, sl);
}


static int add_video_dir(int err, struct odict *leg, const char *key,
			 const char *codec, const struct video_dirstat *st)
{
	struct odict *od = NULL;

	err = json_add_node(err, &od, leg, key, ODICT_OBJECT);
	err = json_add_str(err, od, "codec", codec);
	err = json_add_int(err, od, "packets", st->packets);
	err = json_add_int(err, od, "bytes", st->bytes);
	err = json_add_int(err, od, "frames", st->frames);
	err = json_add_int(err, od, "keyframes", st->keyframes);
	err = json_add_int(err, od, "lost", (uint64_t)st->lost);
	err = json_add_num(err, od, "jitter_ms", (double)st->jitter / 1000);
	err = json_add_int(err, od, "dropped", st->dropped);
	err = json_add_int(err, od, "freezes", st->freezes);
	err = json_add_int(err, od, "kbps", st->bitrate / 1000);
	err = json_add_int(err, od, "kbps_avg", st->bitrate_avg / 1000);
	err = json_add_int(err, od, "limit_kbps", st->bw / 1000);
	err = json_add_int(err, od, "nack", st->nacks);
	err = json_add_int(err, od, "rtx", st->retransmitted);
	err = json_add_int(err, od, "pli", st->plis);
	err = json_add_int(err, od, "fir", st->firs);

	return json_add_int(err, od, "info", st->infos);
}


static int add_video(int err, struct odict *parent,
		     const struct video_stats *st)
{
	struct odict *od = NULL;

	err = json_add_node(err, &od, parent, "video", ODICT_OBJECT);
	err = add_video_dir(err, od, "rx", st->rx_codec, &st->rx);
	err = add_video_dir(err, od, "tx", st->tx_codec, &st->tx);
	err = json_add_num(err, od, "rtt_ms", (double)st->rtt / 1000);
	err = json_add_int(err, od, "width", st->width);
	err = json_add_int(err, od, "height", st->height);
	err = json_add_int(err, od, "oversize", st->oversize);
	err = json_add_int(err, od, "late", st->late);
	err = json_add_bool(err, od, "forwarded", st->relayed);

	return json_add_bool(err, od, "still", st->still);
}


/* Seconds since a point in time [ms], null if it never came */
static int add_since(int err, struct odict *od, const char *key, uint64_t t,
		     uint64_t now)
{
	if (!t)
		return json_add_null(err, od, key);

	return json_add_num(err, od, key, (double)(now - t) / 1000);
}


static int add_path(int err, struct odict *parent, const char *key,
		    const struct snap_path *path)
{
	struct odict *od = NULL;

	err = json_add_node(err, &od, parent, key, ODICT_OBJECT);
	err = json_add_int(err, od, "port", path->port);
	err = json_add_str(err, od, "remote", path->remote);
	err = json_add_bool(err, od, "latched", path->latched);
	err = json_add_int(err, od, "refused", path->refused);

	return json_add_str(err, od, "srtp", path->srtp);
}


static int add_who(int err, struct odict *od, const struct snap_leg *sl)
{
	if (sl->side == EVENT_APP) {
		err = json_add_str(err, od, "user", sl->user);
		err = json_add_str(err, od, "session", sl->id);
		err = json_add_str(err, od, "state", sl->state);
		err = json_add_bool(err, od, "path_lost", sl->lost);
		err = json_add_int(err, od, "pushed", sl->pushed);
		err = json_add_known(err, od, "push_to_online_ms",
				     sl->push_ms);
		return json_add_str(err, od, "path", sl->how);
	}

	err = json_add_str(err, od, "uri", sl->uri);
	err = json_add_str(err, od, "name", sl->peer);
	err = json_add_str(err, od, "call_id", sl->id);
	err = add_path(err, od, "path", &sl->path);

	return sl->vpath.on ? add_path(err, od, "video_path", &sl->vpath)
		: err;
}


/* A leg stands under the name of its kind; a kind that the call has not is
   null */
static int add_leg(int err, struct odict *call, const struct snap_call *sc,
		   const char *key)
{
	struct odict *od = NULL;
	struct le *le;

	for (le = sc->legl.head; le; le = le->next) {

		const struct snap_leg *sl = le->data;

		if (str_cmp(sl->key, key))
			continue;

		err = json_add_node(err, &od, call, key, ODICT_OBJECT);
		err = json_add_int(err, od, "leg_num", sl->num);
		err = add_who(err, od, sl);
		err = json_add_bool(err, od, "holds", sl->held);
		err = add_audio(err, od, sl);

		return sl->has_video ? add_video(err, od, &sl->video)
			: json_add_null(err, od, "video");
	}

	return json_add_null(err, call, key);
}


/**
 * Fill in what is seen of a call without its parties
 *
 * @param err Error so far
 * @param od  Object
 * @param sc  Call
 * @param now When it was seen [ms]
 *
 * @return 0 if success, otherwise errorcode
 */
int status_fill_head(int err, struct odict *od, const struct snap_call *sc,
		     uint64_t now)
{
	err = json_add_int(err, od, "id", sc->id);
	err = json_add_str(err, od, "record_id", sc->record);
	err = json_add_str(err, od, "linked_id", sc->linked);
	err = json_add_str(err, od, "direction",
			   sc->from_app ? "app-to-sip" : "sip-to-app");
	err = json_add_str(err, od, "state", sc->state);
	err = add_since(err, od, "age_s", sc->t_start, now);
	err = add_since(err, od, "answered_s", sc->t_answer, now);

	return add_since(err, od, "media_s", sc->t_media, now);
}


/**
 * Fill in a call, with its parties
 *
 * @param err Error so far
 * @param od  Object
 * @param sc  Call
 * @param now When it was seen [ms]
 *
 * @return 0 if success, otherwise errorcode
 */
int status_fill_call(int err, struct odict *od, const struct snap_call *sc,
		     uint64_t now)
{
	err = status_fill_head(err, od, sc, now);
	err = add_leg(err, od, sc, "sip");

	return add_leg(err, od, sc, "app");
}


static int add_call(int err, struct odict *array, const struct snap_call *sc,
		    uint64_t now)
{
	struct odict *od = NULL;

	err = json_add_element(err, &od, array);

	return status_fill_call(err, od, sc, now);
}


static int add_ext(int err, struct odict *array, const struct snap_ext *se,
		   uint64_t now, bool with_calls)
{
	struct odict *od = NULL, *cloud = NULL, *sip = NULL, *calls = NULL;
	struct le *le;

	err = json_add_element(err, &od, array);
	err = json_add_str(err, od, "uri", se->aor);
	err = json_add_str(err, od, "name", se->name);

	err = json_add_node(err, &cloud, od, "cloud", ODICT_OBJECT);
	err = json_add_str(err, cloud, "state", se->cloud);
	err = json_add_str(err, cloud, "reason", se->reason);
	err = json_add_str(err, cloud, "user", se->user);
	err = add_since(err, cloud, "since_s", se->t_online, now);

	err = json_add_node(err, &sip, od, "sip", ODICT_OBJECT);
	err = json_add_bool(err, sip, "registered", se->registered);
	err = json_add_bool(err, sip, "registers", se->registers);
	err = add_since(err, sip, "since_s", se->t_reg, now);

	err = json_add_str(err, od, "dnd", se->dnd);
	if (!with_calls)
		return json_add_int(err, od, "calls",
				    list_count(&se->calll));

	err = json_add_node(err, &calls, od, "calls", ODICT_ARRAY);
	for (le = se->calll.head; le; le = le->next)
		err = add_call(err, calls, le->data, now);

	return err;
}


static int add_manager(int err, struct odict *od)
{
	struct odict *ami = NULL;

	err = json_add_node(err, &ami, od, "ami", ODICT_OBJECT);
	err = json_add_bool(err, ami, "connected", mode_is_linked());

	return json_add_str(err, ami, "reason", mode_trouble());
}


/**
 * Fill in the state of all extensions
 *
 * @param err   Error so far
 * @param od    Object
 * @param calls With their calls, or else how many there are
 *
 * @return 0 if success, otherwise errorcode
 */
int status_fill(int err, struct odict *od, bool calls)
{
	struct odict *array = NULL;
	struct snapshot *snap;
	struct le *le;

	if (!err)
		err = snapshot_take(&snap);
	if (err)
		return err;

	err = json_add_int(err, od, "version", JSON_VERSION);
	err = json_add_str(err, od, "build", build_version());
	err = json_add_bool(err, od, "draining", bridge_is_draining());
	err = json_add_str(err, od, "mode", mode_name());
	if (bridge_config()->mode != BRIDGE_SIP_ONLY)
		err = add_manager(err, od);
	err = json_add_node(err, &array, od, "extensions", ODICT_ARRAY);

	for (le = snap->extl.head; le; le = le->next)
		err = add_ext(err, array, le->data, snap->now, calls);

	mem_deref(snap);

	return err;
}


/**
 * Print the state of all extensions and their calls as JSON
 *
 * @param pf     Print function
 * @param unused Unused
 *
 * @return 0 if success, otherwise errorcode
 */
int bridge_print_json(struct re_printf *pf, void *unused)
{
	struct odict *od = NULL;
	int err;
	(void)unused;

	err = odict_alloc(&od, JSON_HASH_SIZE);
	err = status_fill(err, od, true);
	if (!err)
		err = json_encode_odict(pf, od);

	mem_deref(od);

	return err;
}
