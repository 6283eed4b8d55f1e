/**
 * @file call/qualityjson.c  How a party was heard and seen, for programs
 *
 * In events, and in the records that are made of them.
 */
#include <re.h>
#include "call/event.h"
#include "call/jsonadd.h"
#include "call/qualityjson.h"


/* What audio and video have in common. What became of packets only the
   receiver knows; lost: NULL=it has not told */
static int add_stream(int err, struct odict **odp, struct odict *parent,
		      const char *key, const char *codec, uint64_t packets,
		      uint64_t bytes, const int64_t *lost)
{
	err = json_add_node(err, odp, parent, key, ODICT_OBJECT);
	err = json_add_str(err, *odp, "codec", codec);
	err = json_add_int(err, *odp, "packets", packets);
	err = json_add_int(err, *odp, "bytes", bytes);

	return lost ? json_add_int(err, *odp, "lost", (uint64_t)*lost)
		: json_add_null(err, *odp, "lost");
}


static int add_jitter(int err, struct odict *od, const char *key, uint32_t us,
		      bool known)
{
	return known ? json_add_num(err, od, key, (double)us / 1000)
		: json_add_null(err, od, key);
}


/* What only a receiver knows of itself is not there of what was sent */
static int add_dir(int err, struct odict *parent, const char *key,
		   const struct event_dir *d, bool rx)
{
	const bool known = !d->unreported;
	struct odict *od = NULL;

	if (!d->codec[0])
		return json_add_null(err, parent, key);

	err = add_stream(err, &od, parent, key, d->codec, d->packets,
			 d->bytes, known ? &d->lost : NULL);
	if (rx) {
		err = json_add_int(err, od, "reordered", d->reordered);
		err = json_add_int(err, od, "duplicates", d->duplicates);
	}
	err = add_jitter(err, od, "jitter_ms", d->jitter, known);
	err = add_jitter(err, od, "jitter_avg_ms", d->jitter_avg, known);
	err = add_jitter(err, od, "jitter_max_ms", d->jitter_max, known);
	err = json_add_part(err, od, "mos", d->mos, 100);
	err = json_add_part(err, od, "mos_avg", d->mos_avg, 100);

	return json_add_part(err, od, "mos_min", d->mos_min, 100);
}


static int add_vdir(int err, struct odict *parent, const char *key,
		    const struct event_vdir *d, bool rx)
{
	struct odict *od = NULL;

	if (!d->codec[0])
		return json_add_null(err, parent, key);

	err = add_stream(err, &od, parent, key, d->codec, d->packets,
			 d->bytes, d->unreported ? NULL : &d->lost);
	err = json_add_int(err, od, "frames", d->frames);
	err = json_add_int(err, od, "keyframes", d->keyframes);
	if (rx)
		err = json_add_int(err, od, "freezes", d->freezes);

	return json_add_int(err, od, "kbps", d->bitrate / 1000);
}


/**
 * Add the members of struct event_quality, but for whose it is
 *
 * @param err   Error so far
 * @param od    Object
 * @param q     Quality
 * @param epoch What makes monotonic time one since 1970 [ms]
 *
 * @return 0 if success, otherwise errorcode
 */
int quality_json(int err, struct odict *od, const struct event_quality *q,
		 uint64_t epoch)
{
	err = add_dir(err, od, "rx", &q->rx, true);
	err = add_dir(err, od, "tx", &q->tx, false);
	err = add_vdir(err, od, "video_rx", &q->vrx, true);
	err = add_vdir(err, od, "video_tx", &q->vtx, false);
	err = json_add_part(err, od, "rtt_ms", q->rtt, 1000);
	err = json_add_part(err, od, "rtt_avg_ms", q->rtt_avg, 1000);
	err = json_add_part(err, od, "rtt_max_ms", q->rtt_max, 1000);
	err = json_add_int(err, od, "concealed", q->concealed);
	err = json_add_known(err, od, "first_rtp",
			     q->t_first ? epoch + q->t_first : 0);
	err = json_add_part(err, od, "level_dbov", q->level, 10);
	err = json_add_part(err, od, "level_max_dbov", q->level_max, 10);
	err = json_add_int(err, od, "silent_ms", q->silent_ms);
	err = json_add_str(err, od, "one_way",
			   event_unheard_name(q->one_way));
	err = json_add_int(err, od, "dead_air_ms", q->dead_air_ms);
	err = json_add_part(err, od, "latency_p50_ms", q->latency_p50,
			    1000);
	err = json_add_part(err, od, "latency_p99_ms", q->latency_p99,
			    1000);
	err = json_add_str(err, od, "srtp", q->srtp);
	err = json_add_str(err, od, "ice_local", q->ice_local);

	return json_add_str(err, od, "ice_remote", q->ice_remote);
}
