/**
 * @file bridge/statusjson.c  What the console shows, as JSON
 *
 * For programs: `{"command":"cube_status","params":"json"}` over ctrl_tcp. What
 * stands here is told to nobody else in other words: times are in seconds
 * (`*_s`) or milliseconds (`*_ms`), bitrates in kbit/s, and what is not known is
 * null. Members may be added, `version` counts changes of those that are there.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "media/media.h"
#include "video/video.h"
#include "sip/sip.h"
#include "base/mono.h"
#include "config.h"
#include "bridge/users.h"
#include "bridge/bridge.h"


enum {
	JSON_VERSION = 1,
	HASH_SIZE    = 16,
};


/* A member without a value is null. All of these take any error so far, so
   that it needs to be looked at once */
static int add_str(int err, struct odict *od, const char *key,
		   const char *value)
{
	if (err)
		return err;

	if (!str_isset(value))
		return odict_entry_add(od, key, ODICT_NULL);

	return odict_entry_add(od, key, ODICT_STRING, value);
}


static int add_int(int err, struct odict *od, const char *key, uint64_t value)
{
	return err ? err : odict_entry_add(od, key, ODICT_INT,
					   (int64_t)value);
}


static int add_num(int err, struct odict *od, const char *key, double value)
{
	return err ? err : odict_entry_add(od, key, ODICT_DOUBLE, value);
}


static int add_bool(int err, struct odict *od, const char *key, bool value)
{
	return err ? err : odict_entry_add(od, key, ODICT_BOOL, value);
}


/* Seconds since a point in time [ms] */
static int add_since(int err, struct odict *od, const char *key, uint64_t t)
{
	if (err)
		return err;

	if (!t)
		return odict_entry_add(od, key, ODICT_NULL);

	return add_num(0, od, key, (double)(mono_ms() - t) / 1000);
}


/* A new object or array of a parent, which owns it */
static int add_node(int err, struct odict **odp, struct odict *parent,
		    const char *key, enum odict_type type)
{
	struct odict *od = NULL;

	if (err)
		return err;

	err = odict_alloc(&od, HASH_SIZE);
	if (err)
		return err;

	err = odict_entry_add(parent, key, type, od);
	mem_deref(od);
	if (!err)
		*odp = od;

	return err;
}


/* The elements of an array have names that nobody sees */
static int add_element(int err, struct odict **odp, struct odict *array)
{
	char key[16];

	re_snprintf(key, sizeof(key), "%zu", odict_count(array, false));

	return add_node(err, odp, array, key, ODICT_OBJECT);
}


static int add_audio_dir(int err, struct odict *leg, const char *key,
			 const char *codec, const struct media_dirstat *st)
{
	struct odict *od = NULL;

	err = add_node(err, &od, leg, key, ODICT_OBJECT);
	err = add_str(err, od, "codec", codec);
	err = add_int(err, od, "packets", st->packets);
	err = add_int(err, od, "bytes", st->bytes);
	err = add_int(err, od, "lost", (uint64_t)st->lost);
	err = add_num(err, od, "jitter_ms", (double)st->jitter / 1000);
	err = add_int(err, od, "dropped", st->dropped);

	if (!st->mos)
		return err ? err : odict_entry_add(od, "mos", ODICT_NULL);

	return add_num(err, od, "mos", (double)st->mos / 100);
}


static int add_audio(int err, struct odict *parent, const struct bcall *bc,
		     enum media_leg leg)
{
	struct odict *od = NULL;
	struct media_stats st;

	audio_pair_stats(bc->audio, leg, &st);

	err = add_node(err, &od, parent, "audio", ODICT_OBJECT);
	err = add_audio_dir(err, od, "rx", st.rx_codec, &st.rx);
	err = add_audio_dir(err, od, "tx", st.tx_codec, &st.tx);
	err = add_num(err, od, "rtt_ms", (double)st.rtt / 1000);
	err = add_int(err, od, "concealed", st.concealed);
	err = add_int(err, od, "reordered", st.reordered);
	err = add_int(err, od, "duplicates", st.duplicates);
	err = add_int(err, od, "keys", st.keys);

	return add_bool(err, od, "forwarded", st.relayed);
}


static int add_video_dir(int err, struct odict *leg, const char *key,
			 const char *codec, const struct video_dirstat *st)
{
	struct odict *od = NULL;

	err = add_node(err, &od, leg, key, ODICT_OBJECT);
	err = add_str(err, od, "codec", codec);
	err = add_int(err, od, "packets", st->packets);
	err = add_int(err, od, "bytes", st->bytes);
	err = add_int(err, od, "frames", st->frames);
	err = add_int(err, od, "keyframes", st->keyframes);
	err = add_int(err, od, "lost", (uint64_t)st->lost);
	err = add_num(err, od, "jitter_ms", (double)st->jitter / 1000);
	err = add_int(err, od, "dropped", st->dropped);
	err = add_int(err, od, "kbps", st->bitrate / 1000);
	err = add_int(err, od, "limit_kbps", st->bw / 1000);
	err = add_int(err, od, "nack", st->nacks);
	err = add_int(err, od, "rtx", st->retransmitted);
	err = add_int(err, od, "pli", st->plis);
	err = add_int(err, od, "fir", st->firs);

	return add_int(err, od, "info", st->infos);
}


static int add_video(int err, struct odict *parent, const struct bcall *bc,
		     enum media_leg leg)
{
	struct odict *od = NULL;
	struct video_stats st;

	if (!bc->video)
		return err ? err : odict_entry_add(parent, "video",
						   ODICT_NULL);

	video_pair_stats(bc->video, leg, &st);

	err = add_node(err, &od, parent, "video", ODICT_OBJECT);
	err = add_video_dir(err, od, "rx", st.rx_codec, &st.rx);
	err = add_video_dir(err, od, "tx", st.tx_codec, &st.tx);
	err = add_num(err, od, "rtt_ms", (double)st.rtt / 1000);
	err = add_int(err, od, "width", st.width);
	err = add_int(err, od, "height", st.height);
	err = add_int(err, od, "oversize", st.oversize);
	err = add_int(err, od, "late", st.late);
	err = add_bool(err, od, "forwarded", st.relayed);

	return add_bool(err, od, "still", st.still);
}


static int add_path(int err, struct odict *parent, const char *key,
		    const struct sipleg_stats *st)
{
	struct odict *od = NULL;
	char addr[64] = "";

	if (sa_isset(&st->raddr, SA_ALL))
		re_snprintf(addr, sizeof(addr), "%J", &st->raddr);

	err = add_node(err, &od, parent, key, ODICT_OBJECT);
	err = add_int(err, od, "port", st->lport);
	err = add_str(err, od, "remote", addr);
	err = add_bool(err, od, "latched", st->latched);

	err = add_int(err, od, "refused", st->refused);

	return add_str(err, od, "srtp", st->suite);
}


static int add_sip(int err, struct odict *call, const struct bcall *bc)
{
	struct sipleg_stats st;
	struct odict *od = NULL;

	if (!bc->leg)
		return err ? err : odict_entry_add(call, "sip", ODICT_NULL);

	err = add_node(err, &od, call, "sip", ODICT_OBJECT);
	err = add_str(err, od, "uri", sipleg_peer_uri(bc->leg));
	err = add_str(err, od, "name", sipleg_peer_name(bc->leg));
	err = add_str(err, od, "call_id", sipleg_id(bc->leg));

	sipleg_stats(bc->leg, &st);
	err = add_path(err, od, "path", &st);
	err = add_audio(err, od, bc, LEG_SIP);

	if (bc->video) {
		sipleg_video_stats(bc->leg, &st);
		if (st.lport)
			err = add_path(err, od, "video_path", &st);
	}

	return add_video(err, od, bc, LEG_SIP);
}


static int add_app(int err, struct odict *call, const struct bcall *bc)
{
	struct odict *od = NULL;
	char path[256];

	re_snprintf(path, sizeof(path), "%H", peer_debug,
		    cube_call_peer(bc->cube));

	err = add_node(err, &od, call, "app", ODICT_OBJECT);
	err = add_str(err, od, "user", cube_call_user(bc->cube));
	err = add_str(err, od, "session", cube_call_id(bc->cube));
	err = add_str(err, od, "state", cube_call_state_name(bc->cube));
	err = add_bool(err, od, "path_lost", bc->lost);
	err = add_str(err, od, "path", path);
	err = add_audio(err, od, bc, LEG_CUBE);

	return add_video(err, od, bc, LEG_CUBE);
}


static int add_call(int err, struct odict *array, const struct bcall *bc)
{
	struct odict *od = NULL;

	err = add_element(err, &od, array);
	err = add_int(err, od, "id", bc->id);
	err = add_str(err, od, "direction",
		      bc->from_app ? "app-to-sip" : "sip-to-app");
	err = add_str(err, od, "state", bcall_state_name(bc->state));
	err = add_since(err, od, "age_s", bc->t_start);
	err = add_since(err, od, "answered_s", bc->t_answer);
	err = add_since(err, od, "media_s", bc->t_estab);
	err = add_sip(err, od, bc);

	return add_app(err, od, bc);
}


static int add_ext(int err, struct odict *array, const struct ext *ext)
{
	struct odict *od = NULL, *cloud = NULL, *sip = NULL, *calls = NULL;
	struct le *le;

	err = add_element(err, &od, array);
	err = add_str(err, od, "uri", ext->map->aor);
	err = add_str(err, od, "name", ext->map->name);

	err = add_node(err, &cloud, od, "cloud", ODICT_OBJECT);
	err = add_str(err, cloud, "state",
		      cube_state_name(cube_state(ext->cube)));
	err = add_str(err, cloud, "reason", cube_reason(ext->cube));
	err = add_str(err, cloud, "user", cube_user_id(ext->cube));
	err = add_since(err, cloud, "since_s", ext->online_time);

	err = add_node(err, &sip, od, "sip", ODICT_OBJECT);
	err = add_bool(err, sip, "registered", sip_ua_exists(ext->ua) &&
		       sip_registered(ext->ua));
	err = add_since(err, sip, "since_s", ext->reg_time);

	err = add_node(err, &calls, od, "calls", ODICT_ARRAY);
	for (le = ext->calll.head; le; le = le->next)
		err = add_call(err, calls, le->data);

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
	struct odict *od = NULL, *array = NULL;
	struct le *le;
	int err;
	(void)unused;

	err = odict_alloc(&od, HASH_SIZE);
	err = add_int(err, od, "version", JSON_VERSION);
	err = add_node(err, &array, od, "extensions", ODICT_ARRAY);

	for (le = list_head(bridge_exts()); le; le = le->next) {

		const struct ext *ext = le->data;

		if (!ext->leaving || !list_isempty(&ext->calll))
			err = add_ext(err, array, ext);
	}

	if (!err)
		err = json_encode_odict(pf, od);

	mem_deref(od);

	return err;
}
