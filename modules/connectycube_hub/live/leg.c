/**
 * @file connectycube_hub/live/leg.c  Parties of a call, and how they are heard
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include "live.h"
#include "model.h"


enum {
	SPAN_MIN = 500,         /**< Shortest that a rate is of [ms]       */
};


static void destructor(void *data)
{
	struct mleg *leg = data;

	list_unlink(&leg->le);
}


/**
 * Find a party
 *
 * @param c   Call
 * @param num Its number
 *
 * @return Party, or NULL
 */
struct mleg *mleg_find(const struct mcall *c, uint32_t num)
{
	struct le *le;

	for (le = c->legl.head; le; le = le->next) {

		struct mleg *leg = le->data;

		if (leg->num == num)
			return leg;
	}

	return NULL;
}


/**
 * Get a party; it is made if it is new, and there is room for it
 *
 * @param c   Call
 * @param num Its number
 *
 * @return Party, or NULL
 */
struct mleg *mleg_get(struct mcall *c, uint32_t num)
{
	struct mleg *leg = mleg_find(c, num);

	if (leg || list_count(&c->legl) >= HLIVE_LEGS)
		return leg;

	leg = mem_zalloc(sizeof(*leg), destructor);
	if (!leg)
		return NULL;

	leg->num = num;
	list_append(&c->legl, &leg->le, leg);

	return leg;
}


static double rate(json_int_t n, json_int_t before, uint64_t ms)
{
	return n > before ? (double)(n - before) * 1000.0 / (double)ms : 0.0;
}


/* Counters that are lower than before are those of another stream */
static void read_dir(struct mdir *d, const json_t *j, uint64_t ms)
{
	const json_int_t bytes = mread_int(j, "bytes");
	const json_int_t frames = mread_int(j, "frames");

	if (ms >= SPAN_MIN) {
		const double bps = rate(bytes, d->bytes, ms) * 8.0;

		d->bitrate = bps < UINT32_MAX ? (uint32_t)bps : UINT32_MAX;
		d->fps     = rate(frames, d->frames, ms);
	}

	mread_str(d->codec, sizeof(d->codec), j, "codec");
	d->packets     = mread_int(j, "packets");
	d->bytes       = bytes;
	d->frames      = frames;
	d->lost        = mread_int(j, "lost");
	d->jitter_us   = mread_int(j, "jitter_us");
	d->mos_100     = mread_int(j, "mos_100");
	d->mos_now_100 = mread_int(j, "mos_now_100");
}


static void add_sample(struct mleg *leg, json_int_t lost_before,
		       uint64_t now)
{
	struct msample *s = &leg->samplev[leg->samplec++ % HLIVE_SAMPLES];
	const json_int_t lost = leg->rx.lost - lost_before;

	s->time      = now;
	s->jitter_us = (uint32_t)leg->rx.jitter_us;
	s->lost      = lost > 0 ? (uint32_t)lost : 0;
	s->mos_100   = (uint16_t)leg->rx.mos_now_100;
	s->level_10  = (int16_t)leg->level_now_10;
}


static void read_who(struct mleg *leg, const json_t *j)
{
	mread_str(leg->side, sizeof(leg->side), j, "side");
	mread_str(leg->uri, sizeof(leg->uri), j, "uri");
	mread_str(leg->name, sizeof(leg->name), j, "name");
	mread_str(leg->user, sizeof(leg->user), j, "user");
	mread_str(leg->id, sizeof(leg->id), j, "id");
	mread_str(leg->srtp, sizeof(leg->srtp), j, "srtp");
	mread_str(leg->one_way, sizeof(leg->one_way), j, "one_way");
	leg->holds     = mread_bool(j, "holds");
	leg->path_lost = mread_bool(j, "path_lost");
	leg->forwarded = mread_bool(j, "forwarded");
}


static void read_leg(struct mleg *leg, const json_t *j, uint64_t now)
{
	const uint64_t ms = leg->seen && now > leg->seen ? now - leg->seen
		: 0;
	const json_int_t lost = leg->rx.lost;
	const bool first = !leg->seen;

	/* the same again, or a moment later */
	if (!first && ms < SPAN_MIN) {
		read_who(leg, j);
		return;
	}

	read_who(leg, j);
	read_dir(&leg->rx, json_object_get(j, "rx"), ms);
	read_dir(&leg->tx, json_object_get(j, "tx"), ms);
	read_dir(&leg->vrx, json_object_get(j, "video_rx"), ms);
	read_dir(&leg->vtx, json_object_get(j, "video_tx"), ms);
	leg->video  = leg->vrx.codec[0] || leg->vtx.codec[0];
	leg->width  = mread_int(j, "width");
	leg->height = mread_int(j, "height");
	leg->rtt_us = mread_int(j, "rtt_us");
	leg->lat50_us = mread_int(j, "latency_p50_us");
	leg->lat99_us = mread_int(j, "latency_p99_us");
	leg->level_10 = mread_int(j, "level_10");
	leg->level_now_10 = mread_int(j, "level_now_10");
	leg->dead_air_ms = mread_int(j, "dead_air_ms");
	leg->silent_ms   = mread_int(j, "silent_ms");
	leg->seen = now;

	if (leg->rx.codec[0])
		add_sample(leg, first ? leg->rx.lost : lost, now);
}


static void take_ids(struct mcall *c, const struct mleg *leg)
{
	if (!strcmp(leg->side, "app") && leg->id[0])
		str_ncpy(c->session, leg->id, sizeof(c->session));
	if (!strcmp(leg->side, "phone") && leg->id[0])
		str_ncpy(c->callid, leg->id, sizeof(c->callid));
}


/**
 * A bridge has told of all parties of a call
 *
 * @param c    Call
 * @param legs Array of them
 * @param now  Time
 */
void mleg_stats(struct mcall *c, const json_t *legs, uint64_t now)
{
	const json_t *j;
	struct le *le;
	size_t i;

	if (!json_is_array(legs))
		return;

	for (le = c->legl.head; le; le = le->next)
		((struct mleg *)le->data)->there = false;

	json_array_foreach(legs, i, j) {

		struct mleg *leg;
		uint32_t num;

		leg = mread_u32(&num, j, "leg_num") ? mleg_get(c, num) : NULL;
		if (!leg)
			continue;

		read_leg(leg, j, now);
		leg->there = true;
		take_ids(c, leg);
	}

	le = c->legl.head;
	while (le) {

		struct mleg *leg = le->data;

		le = le->next;
		if (!leg->there)
			mem_deref(leg);
	}
}
