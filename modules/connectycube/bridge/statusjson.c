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
#include "call/event.h"
#include "call/raise.h"
#include "bridge/users.h"
#include "bridge/jsonadd.h"
#include "bridge/legmedia.h"
#include "bridge/leg.h"
#include "bridge/call.h"
#include "bridge/bridge.h"


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
	err = json_add_int(err, od, "dropped", st->dropped);

	if (!st->mos)
		return err ? err : odict_entry_add(od, "mos", ODICT_NULL);

	return json_add_num(err, od, "mos", (double)st->mos / 100);
}


static int add_audio(int err, struct odict *parent,
		     const struct audio_port *port)
{
	struct odict *od = NULL;
	struct media_stats st;

	audio_port_stats(port, &st);

	err = json_add_node(err, &od, parent, "audio", ODICT_OBJECT);
	err = add_audio_dir(err, od, "rx", st.rx_codec, &st.rx);
	err = add_audio_dir(err, od, "tx", st.tx_codec, &st.tx);
	err = json_add_num(err, od, "rtt_ms", (double)st.rtt / 1000);
	err = json_add_int(err, od, "concealed", st.concealed);
	err = json_add_int(err, od, "reordered", st.reordered);
	err = json_add_int(err, od, "duplicates", st.duplicates);
	err = json_add_int(err, od, "keys", st.keys);

	return json_add_bool(err, od, "forwarded", st.relayed);
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
	err = json_add_int(err, od, "kbps", st->bitrate / 1000);
	err = json_add_int(err, od, "limit_kbps", st->bw / 1000);
	err = json_add_int(err, od, "nack", st->nacks);
	err = json_add_int(err, od, "rtx", st->retransmitted);
	err = json_add_int(err, od, "pli", st->plis);
	err = json_add_int(err, od, "fir", st->firs);

	return json_add_int(err, od, "info", st->infos);
}


static int add_video(int err, struct odict *parent,
		     const struct video_port *port)
{
	struct odict *od = NULL;
	struct video_stats st;

	if (!port)
		return err ? err : odict_entry_add(parent, "video",
						   ODICT_NULL);

	video_port_stats(port, &st);

	err = json_add_node(err, &od, parent, "video", ODICT_OBJECT);
	err = add_video_dir(err, od, "rx", st.rx_codec, &st.rx);
	err = add_video_dir(err, od, "tx", st.tx_codec, &st.tx);
	err = json_add_num(err, od, "rtt_ms", (double)st.rtt / 1000);
	err = json_add_int(err, od, "width", st.width);
	err = json_add_int(err, od, "height", st.height);
	err = json_add_int(err, od, "oversize", st.oversize);
	err = json_add_int(err, od, "late", st.late);
	err = json_add_bool(err, od, "forwarded", st.relayed);

	return json_add_bool(err, od, "still", st.still);
}


/* A leg stands under the name of its kind; a kind that the call has not is
   null */
static int add_leg(int err, struct odict *call, const struct bcall *bc,
		   const char *key)
{
	struct odict *od = NULL;
	struct le *le;

	for (le = bc->legl.head; le && !err; le = le->next) {

		const struct leg *leg = le->data;

		if (str_cmp(leg->ops->key, key))
			continue;

		err = json_add_node(err, &od, call, key, ODICT_OBJECT);
		if (!err)
			err = leg->ops->json(od, leg);

		err = json_add_bool(err, od, "holds", leg->held);
		err = add_audio(err, od, leg->audio);

		return add_video(err, od, leg->video);
	}

	return err ? err : odict_entry_add(call, key, ODICT_NULL);
}


static int add_call(int err, struct odict *array, const struct bcall *bc)
{
	struct odict *od = NULL;

	err = json_add_element(err, &od, array);
	err = json_add_int(err, od, "id", bc->id);
	err = json_add_int(err, od, "linked_id", bc->linked_id);
	err = json_add_str(err, od, "direction",
		      bc->from_app ? "app-to-sip" : "sip-to-app");
	err = json_add_str(err, od, "state", bcall_state_name(bc->state));
	err = json_add_since(err, od, "age_s", bc->t_start);
	err = json_add_since(err, od, "answered_s", bc->t_answer);
	err = json_add_since(err, od, "media_s", bc->t_estab);
	err = add_leg(err, od, bc, "sip");

	return add_leg(err, od, bc, "app");
}


static int add_ext(int err, struct odict *array, const struct ext *ext)
{
	struct odict *od = NULL, *cloud = NULL, *sip = NULL, *calls = NULL;
	struct le *le;

	err = json_add_element(err, &od, array);
	err = json_add_str(err, od, "uri", ext->map->aor);
	err = json_add_str(err, od, "name", ext->map->name);

	err = json_add_node(err, &cloud, od, "cloud", ODICT_OBJECT);
	err = json_add_str(err, cloud, "state",
		      cube_state_name(cube_state(ext->cube)));
	err = json_add_str(err, cloud, "reason", cube_reason(ext->cube));
	err = json_add_str(err, cloud, "user", cube_user_id(ext->cube));
	err = json_add_since(err, cloud, "since_s", ext->online_time);

	err = json_add_node(err, &sip, od, "sip", ODICT_OBJECT);
	err = json_add_bool(err, sip, "registered", sip_ua_exists(ext->ua) &&
		       sip_registered(ext->ua));
	err = json_add_since(err, sip, "since_s", ext->reg_time);

	err = json_add_node(err, &calls, od, "calls", ODICT_ARRAY);
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

	err = odict_alloc(&od, JSON_HASH_SIZE);
	err = json_add_int(err, od, "version", JSON_VERSION);
	err = json_add_node(err, &array, od, "extensions", ODICT_ARRAY);

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
