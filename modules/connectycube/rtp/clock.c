/**
 * @file rtp/clock.c  Time as media sees it
 *
 * One monotonic clock for everything, which tests may replace; NTP time is
 * this clock plus an offset taken once for each call, so that a step of the
 * wallclock never shows in a sender report.
 */
#include <re.h>
#include "base/mono.h"
#include "clock.h"


enum {
	NTP_UNIX = 0x83aa7e80,  /**< Seconds from 1900 to 1970             */
	AHEAD_MAX = 2,          /**< Timestamps ahead that mean a jump [s] */
	SKEW_SHIFT = 8,         /**< Share of a delay that is followed     */
};


static media_clock_h *clockh;


/**
 * Get the monotonic time
 *
 * @return Time [us]
 */
uint64_t media_clock(void)
{
	return clockh ? clockh() : mono_us();
}


/**
 * Replace the clock (for tests)
 *
 * @param h Clock, NULL for the system's
 */
void media_clock_set(media_clock_h *h)
{
	clockh = h;
}


/**
 * Get the distance from the monotonic clock to Unix time
 *
 * @return Microseconds to add to media_clock() (modulo 2^64)
 */
uint64_t ntp_offset_us(void)
{
	return wall_us() - media_clock();
}


/**
 * Convert Unix time to an NTP timestamp (RFC 3550, 4)
 *
 * @param us Unix time [us]
 *
 * @return NTP timestamp, 32.32
 */
uint64_t ntp_from_us(uint64_t us)
{
	const uint64_t sec = us / 1000000 + NTP_UNIX;

	return sec << 32 | ((us % 1000000) << 32) / 1000000;
}


/**
 * Get the middle 32 bits of an NTP timestamp (RFC 3550, 4)
 *
 * @param ntp NTP timestamp, 32.32
 *
 * @return NTP time, 16.16
 */
uint32_t ntp_compact32(uint64_t ntp)
{
	return (uint32_t)(ntp >> 16);
}


/**
 * Convert a difference of compact NTP times to microseconds
 *
 * @param compact Difference [1/65536 s]
 *
 * @return Difference [us], at most UINT32_MAX
 */
uint32_t ntp_compact32_us(uint32_t compact)
{
	const uint64_t us = (uint64_t)compact * 1000000 >> 16;

	return (uint32_t)min(us, (uint64_t)UINT32_MAX);
}


static int64_t ticks(const struct tline *tl, uint64_t now)
{
	return (int64_t)(now / 1000000 * tl->crate +
			 now % 1000000 * tl->crate / 1000000);
}


/**
 * Begin a timeline
 *
 * @param tl    Timeline
 * @param ts    Timestamp of a packet [RTP clock]
 * @param crate RTP clock rate [Hz]
 * @param now   Time of the packet [us]
 */
void tline_start(struct tline *tl, uint32_t ts, uint32_t crate, uint64_t now)
{
	tl->on    = true;
	tl->crate = crate;
	tl->ts    = ts;
	tl->pos   = 0;
	tl->off   = -ticks(tl, now);
}


/**
 * Follow a timeline by its next packet
 *
 * The least delayed packet sets the line. Later ones only pull it slowly,
 * to follow a sender whose clock runs slower than ours.
 *
 * @param tl  Timeline
 * @param ts  Timestamp of the packet, which is in sequence [RTP clock]
 * @param now Time of the packet [us]
 *
 * @return False if the timestamps went on as time does; true if they went
 *         back, or further ahead than any sender can be: the timeline is
 *         then left as it was
 */
bool tline_update(struct tline *tl, uint32_t ts, uint64_t now)
{
	const int32_t dt = (int32_t)(ts - tl->ts);
	const int64_t ahead = tl->pos + dt - ticks(tl, now) - tl->off;

	if (dt < 0 || ahead > (int64_t)AHEAD_MAX * tl->crate)
		return true;

	tl->ts   = ts;
	tl->pos += dt;
	tl->off += ahead > 0 ? ahead : -(-ahead >> SKEW_SHIFT);

	return false;
}


/**
 * Get the timestamp that belongs to a point in time
 *
 * @param tl  Timeline
 * @param now Time [us]
 *
 * @return Timestamp [RTP clock]
 */
uint32_t tline_at(const struct tline *tl, uint64_t now)
{
	return (uint32_t)(tl->ts + (ticks(tl, now) + tl->off - tl->pos));
}
