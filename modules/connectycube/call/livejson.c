/**
 * @file call/livejson.c  What there is right now, for the hub: docs/HUB.md
 *
 * Told every few seconds, of each call: it is printed straight into the line
 * that is sent, in whole numbers. What is not known is left away.
 */
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/snapshot.h"


/* A member behind others, if it is known */
static int add_str(int err, struct mbuf *mb, const char *key,
		   const char *value)
{
	return err || !str_isset(value) ? err :
		mbuf_printf(mb, ",\"%s\":\"%H\"", key, utf8_encode, value);
}


static int add_num(int err, struct mbuf *mb, const char *key, int64_t value)
{
	return err || !value ? err :
		mbuf_printf(mb, ",\"%s\":%lld", key, (long long)value);
}


static int add_flag(int err, struct mbuf *mb, const char *key, bool value)
{
	return err || !value ? err : mbuf_printf(mb, ",\"%s\":true", key);
}


/* What was when, since 1970 [ms] */
static int add_time(int err, struct mbuf *mb, const char *key, uint64_t t,
		    uint64_t epoch)
{
	return add_num(err, mb, key, t ? (int64_t)(epoch + t) : 0);
}


static int add_text(int err, struct mbuf *mb, const char *text)
{
	return err ? err : mbuf_write_str(mb, text);
}


static int print_audio(int err, struct mbuf *mb, const char *key,
		       const char *codec, const struct media_dirstat *st)
{
	if (err || !codec[0])
		return err;

	err = mbuf_printf(mb, ",\"%s\":{\"codec\":\"%H\",\"packets\":%llu,"
			  "\"bytes\":%llu", key, utf8_encode, codec,
			  (unsigned long long)st->packets,
			  (unsigned long long)st->bytes);
	err = add_num(err, mb, "lost", st->lost);
	err = add_num(err, mb, "jitter_us", st->jitter);
	err = add_num(err, mb, "mos_100", st->mos);
	err = add_num(err, mb, "mos_now_100", st->mos_now);

	return add_text(err, mb, "}");
}


static int print_video(int err, struct mbuf *mb, const char *key,
		       const char *codec, const struct video_dirstat *st)
{
	if (err || !codec[0])
		return err;

	err = mbuf_printf(mb, ",\"%s\":{\"codec\":\"%H\",\"packets\":%llu,"
			  "\"bytes\":%llu,\"frames\":%llu", key, utf8_encode,
			  codec, (unsigned long long)st->packets,
			  (unsigned long long)st->bytes,
			  (unsigned long long)st->frames);
	err = add_num(err, mb, "lost", st->lost);
	err = add_num(err, mb, "jitter_us", st->jitter);
	err = add_num(err, mb, "bitrate", st->bitrate);
	err = add_num(err, mb, "freezes", st->freezes);

	return add_text(err, mb, "}");
}


static int print_leg(struct mbuf *mb, const struct snap_leg *sl)
{
	const struct media_stats *a = &sl->audio;
	const struct video_stats *v = &sl->video;
	int err;

	err = mbuf_printf(mb, "{\"leg_num\":%u,\"side\":\"%s\"", sl->num,
			  event_side_name(sl->side));
	err = add_str(err, mb, "uri",   sl->uri);
	err = add_str(err, mb, "name",  sl->peer);
	err = add_str(err, mb, "user",  sl->user);
	err = add_str(err, mb, "id",    sl->id);
	err = add_flag(err, mb, "holds", sl->held);
	err = add_flag(err, mb, "path_lost", sl->lost);
	err = add_str(err, mb, "one_way", event_unheard_name(sl->one_way));
	err = add_num(err, mb, "silent_ms", sl->silent_ms);
	err = add_num(err, mb, "dead_air_ms", sl->dead_air_ms);
	err = add_str(err, mb, "srtp", sl->srtp);
	err = add_flag(err, mb, "forwarded", a->relayed);
	err = print_audio(err, mb, "rx", a->rx_codec, &a->rx);
	err = print_audio(err, mb, "tx", a->tx_codec, &a->tx);
	err = add_num(err, mb, "rtt_us", a->rtt);
	err = add_num(err, mb, "level_10", a->level);
	err = add_num(err, mb, "level_now_10", a->level_now);
	err = add_num(err, mb, "latency_p50_us", a->latency_p50);
	err = add_num(err, mb, "latency_p99_us", a->latency_p99);
	if (!sl->has_video)
		return add_text(err, mb, "}");

	err = print_video(err, mb, "video_rx", v->rx_codec, &v->rx);
	err = print_video(err, mb, "video_tx", v->tx_codec, &v->tx);
	err = add_num(err, mb, "width",  v->width);
	err = add_num(err, mb, "height", v->height);
	err = add_flag(err, mb, "video_forwarded", v->relayed);

	return add_text(err, mb, "}");
}


static int print_call(struct mbuf *mb, const struct snap_call *sc,
		      const struct snap_ext *se, uint64_t epoch)
{
	struct le *le;
	int err;

	err = mbuf_printf(mb, "{\"call\":%u,\"record_id\":\"%s\","
			  "\"linked_id\":\"%s\",\"extension\":\"%H\","
			  "\"direction\":\"%s\",\"state\":\"%s\"",
			  sc->id, sc->record, sc->linked, utf8_encode, se->aor,
			  sc->from_app ? "app-to-sip" : "sip-to-app",
			  sc->state);
	err = add_time(err, mb, "t_start",  sc->t_start,  epoch);
	err = add_time(err, mb, "t_answer", sc->t_answer, epoch);
	err = add_time(err, mb, "t_media",  sc->t_media,  epoch);
	err = add_text(err, mb, ",\"legs\":[");

	for (le = sc->legl.head; le && !err; le = le->next) {
		err = print_leg(mb, le->data);
		if (le->next)
			err = add_text(err, mb, ",");
	}

	return add_text(err, mb, "]}");
}


/**
 * Print the calls, as elements of an array
 *
 * @param mb    Buffer, appended to
 * @param snap  What there is
 * @param wall  When it was looked at, since 1970 [ms]
 * @param lastp Set to the highest number of them; left alone if there is none
 * @param np    Set to how many they are
 *
 * @return 0 if success, otherwise errorcode
 */
int live_print_calls(struct mbuf *mb, const struct snapshot *snap,
		     uint64_t wall, uint32_t *lastp, size_t *np)
{
	const uint64_t epoch = snap ? wall - snap->now : 0;
	struct le *lee, *le;
	uint32_t last = 0;
	int err = 0;

	if (!mb || !snap || !lastp || !np)
		return EINVAL;

	*np = 0;

	for (lee = snap->extl.head; lee; lee = lee->next) {

		const struct snap_ext *se = lee->data;

		for (le = se->calll.head; le && !err; le = le->next) {

			const struct snap_call *sc = le->data;

			err  = add_text(err, mb, *np ? "," : "");
			if (!err)
				err = print_call(mb, sc, se, epoch);
			last = max(last, sc->id);
			++*np;
		}
	}

	if (*np)
		*lastp = last;

	return err;
}


static int print_ext(struct mbuf *mb, const struct snap_ext *se,
		     uint64_t epoch)
{
	const bool online = !se->t_offline;
	int err;

	err = mbuf_printf(mb, "{\"extension\":\"%H\",\"calls\":%u,"
			  "\"sip\":{\"registered\":%s,\"registers\":%s",
			  utf8_encode, se->aor, se->callc,
			  se->registered ? "true" : "false",
			  se->registers ? "true" : "false");
	err = add_time(err, mb, "since", se->registered ? se->t_reg
		       : se->t_unreg, epoch);
	err = add_str(err, mb, "server", se->server);
	err = add_str(err, mb, "error", se->sip_reason);
	err = add_text(err, mb, "},\"cloud\":{\"state\":\"");
	err = add_text(err, mb, se->cloud);
	err = add_text(err, mb, "\"");
	err = add_time(err, mb, "since", online ? se->t_online : se->t_offline,
		       epoch);
	err = add_str(err, mb, "user",  se->user);
	err = add_str(err, mb, "error", se->reason);
	err = add_text(err, mb, "}");
	err = add_str(err, mb, "name", se->name);
	err = add_str(err, mb, "dnd",  se->dnd);

	return add_text(err, mb, "}");
}


/**
 * Print the extensions, as elements of an array
 *
 * @param mb   Buffer, appended to
 * @param snap What there is
 * @param wall When it was looked at, since 1970 [ms]
 *
 * @return 0 if success, otherwise errorcode
 */
int live_print_exts(struct mbuf *mb, const struct snapshot *snap,
		    uint64_t wall)
{
	struct le *le;
	int err = 0;

	if (!mb || !snap)
		return EINVAL;

	for (le = snap->extl.head; le && !err; le = le->next) {
		err = print_ext(mb, le->data, wall - snap->now);
		if (le->next)
			err = add_text(err, mb, ",");
	}

	return err;
}
