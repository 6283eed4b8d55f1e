/**
 * @file rtp/avsync.c  Lip-sync: one clock for the audio and video of a leg
 *
 *   source's SR of audio: NTP, timestamp --+
 *                                          +--> its clock minus ours
 *   source's SR of video: NTP, timestamp --+         |
 *                                                    v
 *   our SR of either:     our NTP ----------> source's NTP --> timestamp
 *
 * Without this, a report pairs our clock with the timestamp of what arrives
 * now, so that whatever one stream takes longer in the source (a camera and
 * its encoder against a microphone) would be taken for the truth.
 *
 * That is still what happens until both streams of a source have sent a
 * report, and where the reports make no sense: not from one clock, or not
 * near to what arrives.
 */
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "rtcp.h"
#include "clock.h"
#include "avsync.h"


enum {
	SKEW_SHIFT = 4,         /**< Share of a delay that is followed     */
	CLOCK_MAX  = 1000000,   /**< Two reports further apart than this
				     are not of one clock [us]             */
	AHEAD_MAX  = 2,         /**< Report and arrival: absurd beyond [s] */
	AGE_MAX    = 60000000,  /**< A report is good for so long [us]     */
};


/** What one stream of a source has said */
struct stream {
	bool on;                /**< There was a report that is good       */
	uint32_t ssrc;          /**< Source                                */
	uint32_t crate;         /**< RTP clock rate [Hz]                   */
	uint64_t t;             /**< Arrival of the report [us]            */
	int64_t ntp;            /**< Its time, on the source's clock [us]  */
	uint32_t ts;            /**< The same [RTP clock]                  */
};

/** A source: the remote of a leg */
struct source {
	struct stream sv[AVSYNC_MAX];
	int64_t off;            /**< Our clock minus its, and the least
				     delay there was [us]                  */
};

struct avsync {
	struct source src;
	uint64_t ntp_off;       /**< From media_clock() to Unix time [us]  */
};


/**
 * Allocate the clock of a leg
 *
 * @param avp Clock (output), owned by the caller. The ports that it is given
 *            to hold a reference
 *
 * @return 0 if success, EINVAL for missing arguments, ENOMEM
 */
int avsync_alloc(struct avsync **avp)
{
	struct avsync *av;

	if (!avp)
		return EINVAL;

	av = mem_zalloc(sizeof(*av), NULL);
	if (!av)
		return ENOMEM;

	av->ntp_off = ntp_offset_us();

	*avp = av;

	return 0;
}


/**
 * Get the distance from the monotonic clock to the wallclock of the leg
 *
 * @param av Clock
 *
 * @return Microseconds to add to media_clock() (modulo 2^64)
 */
uint64_t avsync_ntp_off(const struct avsync *av)
{
	return av ? av->ntp_off : 0;
}


/* Any epoch does: only differences count */
static int64_t ntp_us(uint64_t ntp)
{
	return (int64_t)((ntp >> 32) * 1000000 +
			 ((ntp & 0xffffffff) * 1000000 >> 32));
}


/* Follow the source's clock. What was said on another one is void */
static void clock_follow(struct source *src, enum avsync_kind kind,
			 int64_t off)
{
	struct stream *other = &src->sv[!kind];
	const int64_t d = off - src->off;

	if (!src->sv[kind].on && !other->on) {
		src->off = off;
	}
	else if (d > CLOCK_MAX || d < -CLOCK_MAX) {
		src->off  = off;
		other->on = false;
	}
	else {
		src->off += d < 0 ? d : d >> SKEW_SHIFT;
	}
}


/**
 * A source has sent a sender report
 *
 * @param av    Clock, NULL is ignored
 * @param kind  Its stream
 * @param ssrc  SSRC of the stream
 * @param snd   What the report says
 * @param crate RTP clock rate [Hz], 0=unknown (the report is left)
 * @param now   Arrival time [us]
 */
void avsync_sender(struct avsync *av, enum avsync_kind kind, uint32_t ssrc,
		   const struct rtcp_sender *snd, uint32_t crate,
		   uint64_t now)
{
	struct source *src;
	struct stream *s;

	/* no wallclock at all is NTP 0 (RFC 3550, 6.4.1) */
	if (!av || kind >= AVSYNC_MAX || !snd || !crate || !snd->ntp)
		return;

	src = &av->src;
	s   = &src->sv[kind];

	s->ntp = ntp_us(snd->ntp);
	clock_follow(src, kind, (int64_t)now - s->ntp);

	s->on    = true;
	s->ssrc  = ssrc;
	s->crate = crate;
	s->t     = now;
	s->ts    = snd->ts;
}


static bool is_good(const struct stream *s, uint64_t now)
{
	return s->on && now - s->t < AGE_MAX;
}


/**
 * Get the timestamp of a source's stream that belongs to a time
 *
 * @param av   Clock, NULL is possible
 * @param kind Its stream
 * @param ssrc SSRC of the stream
 * @param now  Time [us]
 * @param ts   Timestamp of what arrives at that time; on success the one
 *             that the source means [RTP clock]
 *
 * @return True if the source has said it for both of its streams; false
 *         leaves ts as it was
 */
bool avsync_ts(struct avsync *av, enum avsync_kind kind, uint32_t ssrc,
	       uint64_t now, uint32_t *ts)
{
	struct source *src;
	struct stream *s;
	int64_t dt, ahead;
	uint32_t v;

	if (!av || kind >= AVSYNC_MAX || !ts)
		return false;

	src = &av->src;
	s   = &src->sv[kind];

	if (!is_good(s, now) || !is_good(&src->sv[!kind], now) ||
	    s->ssrc != ssrc)
		return false;

	dt = (int64_t)now - src->off - s->ntp;
	v  = s->ts + (uint32_t)(dt * s->crate / 1000000);

	ahead = (int32_t)(v - *ts);
	if (ahead > (int64_t)AHEAD_MAX * s->crate ||
	    ahead < -(int64_t)AHEAD_MAX * s->crate) {
		s->on = false;
		return false;
	}

	*ts = v;

	return true;
}
