/**
 * @file call/raise_media.c  Events of a call's media
 */
#include <string.h>
#include <re.h>
#include "base/mono.h"
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"


enum {
	NOTHING_MIN = 3000,     /**< Media of so long has packets [ms]     */
	IDLE_MIN    = 5000,     /**< A party that sends is not so long
				     without a packet [ms]                 */
};

#define COPY(dst, src) event_copy_str((dst), sizeof(dst), (src))


/**
 * The media path to a party is lost, or works again
 *
 * @param leg  Its leg
 * @param lost It is lost
 */
void raise_path(const struct leg *leg, bool lost)
{
	struct event ev;

	if (!event_wanted(EVENT_MEDIA))
		return;

	raise_init(&ev, lost ? EVENT_MEDIA_LOST : EVENT_MEDIA_BACK, leg->call);
	ev.leg_num    = leg->num;
	ev.media.side = leg->ops->side;
	event_raise(&ev);
}


/**
 * What both sides have agreed on cannot be bridged
 *
 * @param bc   Call
 * @param kind "audio" or "video"
 * @param err  Why, 0=unknown
 */
void raise_not_bridged(const struct bcall *bc, const char *kind, int err)
{
	char why[EVENT_TEXT] = "";
	struct event ev;

	if (!event_wanted(EVENT_MEDIA))
		return;

	if (err)
		(void)re_snprintf(why, sizeof(why), "%m", err);

	raise_init(&ev, EVENT_MEDIA_FAILED, bc);
	COPY(ev.media.kind, kind);
	COPY(ev.media.text, why);
	event_raise(&ev);
}


/**
 * Nobody is heard in a call
 *
 * @param bc     Call
 * @param ms     For so long [ms]
 * @param action What is done about it, NULL=nothing
 */
void raise_dead_air(const struct bcall *bc, uint32_t ms, const char *action)
{
	struct event ev;

	if (!event_wanted(EVENT_MEDIA))
		return;

	raise_init(&ev, EVENT_MEDIA_DEAD_AIR, bc);
	ev.media.ms = ms;
	COPY(ev.media.action, action);
	event_raise(&ev);
}


/**
 * A party is not heard by the other one, which is
 *
 * @param leg    Its leg
 * @param ms     For so long [ms]
 * @param action What is done about it, NULL=nothing
 */
void raise_one_way(const struct leg *leg, uint32_t ms, const char *action)
{
	struct event ev;

	if (!event_wanted(EVENT_MEDIA))
		return;

	raise_init(&ev, EVENT_MEDIA_ONE_WAY, leg->call);
	ev.leg_num       = leg->num;
	ev.media.side    = leg->ops->side;
	ev.media.unheard = leg->heard.one_way;
	ev.media.ms      = ms;
	COPY(ev.media.action, action);
	event_raise(&ev);
}


/**
 * Dead air, or one-way audio, is over
 *
 * @param bc   Call
 * @param what Which of them
 * @param ms   How long it has lasted [ms]
 */
void raise_heard(const struct bcall *bc, const char *what, uint32_t ms)
{
	struct event ev;

	if (!event_wanted(EVENT_MEDIA))
		return;

	raise_init(&ev, EVENT_MEDIA_HEARD, bc);
	ev.media.ms = ms;
	COPY(ev.media.what, what);
	event_raise(&ev);
}


/* --- quality ----------------------------------------------------------- */


static void set_dir(struct event_dir *d, const char *codec,
		    const struct media_dirstat *st)
{
	COPY(d->codec, codec);
	d->packets    = st->packets;
	d->bytes      = st->bytes;
	d->lost       = st->lost;
	d->jitter     = st->jitter;
	d->jitter_avg = st->jitter_avg;
	d->jitter_max = st->jitter_max;
	d->mos        = (uint16_t)st->mos;
	d->mos_avg    = (uint16_t)st->mos_avg;
	d->mos_min    = (uint16_t)st->mos_min;
	d->unreported = st->unreported;
}


static void set_vdir(struct event_vdir *d, const char *codec,
		     const struct video_dirstat *st)
{
	if (!st->packets)
		return;

	COPY(d->codec, codec);
	d->packets   = st->packets;
	d->bytes     = st->bytes;
	d->lost      = st->lost;
	d->frames    = st->frames;
	d->keyframes = st->keyframes;
	d->freezes   = st->freezes;
	d->bitrate   = st->bitrate_avg;
	d->unreported = st->unreported;
}


static void set_video(struct event_quality *q, const struct leg *leg)
{
	struct video_stats st;

	if (!leg->video)
		return;

	video_port_stats(leg->video, &st);
	set_vdir(&q->vrx, st.rx_codec, &st.rx);
	set_vdir(&q->vtx, st.tx_codec, &st.tx);
}


/**
 * Tell how a party was heard in a call as its event does, which is not raised
 *
 * @param ev  Event (output)
 * @param bc  Call
 * @param leg Its leg
 */
void raise_describe_quality(struct event *ev, const struct bcall *bc,
			    const struct leg *leg)
{
	struct event_quality *q = &ev->quality;
	struct media_stats st;

	audio_port_stats(leg->audio, &st);

	raise_init(ev, EVENT_QUALITY, bc);
	raise_set_leg(ev, leg);

	q->side        = leg->ops->side;
	q->rtt         = st.rtt;
	q->rtt_avg     = st.rtt_avg;
	q->rtt_max     = st.rtt_max;
	q->concealed   = st.concealed;
	q->t_first     = st.rx_first;
	q->level       = st.level;
	q->level_max   = st.level_max;
	q->silent_ms   = leg->heard.silent_ms;
	q->one_way     = leg->heard.one_way;
	q->dead_air_ms = leg->heard.dead_air_ms;
	q->latency_p50 = st.latency_p50;
	q->latency_p99 = st.latency_p99;
	set_dir(&q->rx, st.rx_codec, &st.rx);
	set_dir(&q->tx, st.tx_codec, &st.tx);
	q->rx.reordered  = st.reordered;
	q->rx.duplicates = st.duplicates;
	set_video(q, leg);
	COPY(q->srtp,       leg->path.srtp);
	COPY(q->ice_local,  leg->path.ice_local);
	COPY(q->ice_remote, leg->path.ice_remote);
}


/**
 * How a party was heard in a call
 *
 * @param bc  Call
 * @param leg Its leg
 */
void raise_quality(const struct bcall *bc, const struct leg *leg)
{
	struct event ev;

	raise_describe_quality(&ev, bc, leg);
	event_raise(&ev);
}


static void judge(struct verdict_leg *vl, const struct leg *leg,
		  uint32_t media_ms)
{
	const struct leg_heard *lh = &leg->heard;
	struct media_stats st;

	audio_port_stats(leg->audio, &st);

	vl->received  = st.rx.packets;
	vl->rx_lost   = st.rx.lost;
	vl->rx_jitter = st.rx.jitter_avg;
	vl->sent      = st.tx.packets;
	vl->unsent    = st.tx.dropped;
	vl->reported  = !st.tx.unreported;
	vl->tx_lost   = st.tx.lost;
	vl->tx_jitter = st.tx.jitter_avg;
	vl->relayed   = st.relayed;
	vl->latency   = st.latency_p50;
	vl->latency_p99 = st.latency_p99;
	vl->out_ms    = lh->out_ms;
	vl->silent    = lh->one_way == EVENT_SILENCE;
	vl->nothing   = lh->one_way == EVENT_NOTHING ||
		lh->idle_ms >= min(media_ms, (uint32_t)IDLE_MIN) ||
		(!st.rx.packets && media_ms >= NOTHING_MIN && !leg->held);
}


/**
 * Tell which side a call was bad on, that has ended
 *
 * @param bc     Call, whose parties are those that it had last
 * @param reason Why it has ended
 *
 * @return Verdict
 */
enum verdict raise_verdict(const struct bcall *bc, enum end_reason reason)
{
	const struct leg *phone = bcall_find_side(bc, EVENT_PHONE);
	const struct leg *app = bcall_find_side(bc, EVENT_APP);
	struct verdict_call vc;

	memset(&vc, 0, sizeof(vc));
	vc.reason = reason;
	vc.stalled_ms = bc->stalled;

	if (bc->t_estab)
		vc.media_ms = (uint32_t)max(mono_ms() - bc->t_estab,
					    (uint64_t)1);

	if (phone) {
		judge(&vc.phone, phone, vc.media_ms);
		vc.dead_air_ms = phone->heard.dead_air_ms;
	}
	if (app)
		judge(&vc.app, app, vc.media_ms);

	return verdict_find(&vc);
}
