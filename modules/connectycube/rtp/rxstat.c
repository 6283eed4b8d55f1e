/**
 * @file rtp/rxstat.c  Receive statistics of an RTP stream
 *
 * RFC 3550, A.1, A.3 and A.8, for a receiver that hears one source at a
 * time: a packet of another SSRC, or far from the known sequence, is only
 * believed when a second one follows it, so that a stray packet does not
 * disturb a call. What was lost of an earlier source stays in the sum.
 *
 * Duplicates are told apart within the last 64 packets. What is older is
 * taken for a restart: SRTP on the other leg would refuse it anyway.
 */
#include <string.h>
#include <re.h>
#include "rtcp.h"
#include "rxstat.h"


enum {
	MAX_DROPOUT = 3000,     /**< Largest gap (RFC 3550, A.1)           */
	WINDOW      = 64,       /**< Packets remembered, and with that the
				     largest step back                     */
	SEQ_MOD     = 1 << 16,
};


static enum rxstat_res source_init(struct rxstat *rx, uint32_t ssrc,
				   uint16_t seq)
{
	rx->lost_prior += rxstat_lost(rx) + rx->duplicates;

	rx->started        = true;
	rx->fresh          = false;
	rx->bad            = false;
	rx->ssrc           = ssrc;
	rx->max_seq        = seq;
	rx->cycles         = 0;
	rx->base_seq       = seq;
	rx->received       = 1;
	rx->expected_prior = 0;
	rx->received_prior = 0;
	rx->duplicates     = 0;
	rx->seen           = 1;
	rx->crate          = 0;
	rx->jitter         = 0;

	return RXSTAT_NEW;
}


/* A second, consecutive packet confirms a new source or a restart */
static enum rxstat_res source_probe(struct rxstat *rx, uint32_t ssrc,
				    uint16_t seq)
{
	if (rx->bad && rx->bad_ssrc == ssrc && rx->bad_seq == seq)
		return source_init(rx, ssrc, seq);

	rx->bad      = true;
	rx->bad_ssrc = ssrc;
	rx->bad_seq  = seq + 1;

	return RXSTAT_PROBATION;
}


static bool is_far(uint16_t delta)
{
	return delta >= MAX_DROPOUT && delta <= SEQ_MOD - WINDOW;
}


static enum rxstat_res forward(struct rxstat *rx, uint16_t seq, uint16_t n)
{
	if (seq < rx->max_seq)
		rx->cycles += SEQ_MOD;

	rx->max_seq = seq;
	rx->seen = n < WINDOW ? rx->seen << n | 1 : 1;

	return RXSTAT_OK;
}


static enum rxstat_res backward(struct rxstat *rx, uint16_t n)
{
	if (rx->seen & (uint64_t)1 << n) {
		++rx->duplicates;
		return RXSTAT_DUP;
	}

	rx->seen |= (uint64_t)1 << n;

	/* sent before the first one that came */
	if (rxstat_ext_seq(rx) - rx->base_seq < n)
		rx->base_seq = rxstat_ext_seq(rx) - n;

	return RXSTAT_LATE;
}


/**
 * Account for a received packet (RFC 3550, A.1)
 *
 * @param rx   Receive statistics
 * @param ssrc Packet's SSRC
 * @param seq  Packet's sequence number
 *
 * @return What the packet is. A packet on probation is not counted; a
 *         duplicate is counted as received, as RFC 3550, 6.4.1 has it
 */
enum rxstat_res rxstat_update(struct rxstat *rx, uint32_t ssrc, uint16_t seq)
{
	enum rxstat_res res;
	uint16_t delta;

	if (!rx->started || (ssrc != rx->ssrc && rx->fresh))
		return source_init(rx, ssrc, seq);

	delta = seq - rx->max_seq;

	if (ssrc != rx->ssrc || is_far(delta))
		return source_probe(rx, ssrc, seq);

	rx->fresh = false;

	if (delta > 0 && delta < MAX_DROPOUT)
		res = forward(rx, seq, delta);
	else
		res = backward(rx, -delta);

	rx->received++;

	return res;
}


/**
 * Account for a packet that nobody here understands, so that it does not look
 * lost. Only one that fits into the known stream counts: it is no sign of
 * another source or of a restart, nor that there is none
 *
 * @param rx   Receive statistics
 * @param ssrc Packet's SSRC
 * @param seq  Packet's sequence number
 *
 * @return What the packet is; RXSTAT_PROBATION if it is not of the stream,
 *         and then nothing has changed
 */
enum rxstat_res rxstat_other(struct rxstat *rx, uint32_t ssrc, uint16_t seq)
{
	const bool fresh = rx->fresh;
	enum rxstat_res res;

	if (!rx->started || ssrc != rx->ssrc || is_far(seq - rx->max_seq))
		return RXSTAT_PROBATION;

	res = rxstat_update(rx, ssrc, seq);
	rx->fresh = fresh;

	return res;
}


/**
 * Account for a packet that the caller knows to be missing, however late it
 * comes: it is no sign of a restart
 *
 * @param rx  Receive statistics
 * @param seq Packet's sequence number
 */
void rxstat_late(struct rxstat *rx, uint16_t seq)
{
	const uint16_t n = rx->max_seq - seq;

	if (n < WINDOW)
		(void)backward(rx, n);

	rx->received++;
}


/**
 * Account for a packet's arrival time (RFC 3550, A.8)
 *
 * The first packet after a change of clock rate, or after a jump of more
 * than a second between timestamps and arrival, only sets the reference.
 *
 * @param rx    Receive statistics
 * @param ts    Packet's timestamp [RTP clock]
 * @param crate RTP clock rate [Hz], not 0
 * @param now   Arrival time [us]
 */
void rxstat_jitter(struct rxstat *rx, uint32_t ts, uint32_t crate,
		   uint64_t now)
{
	uint32_t transit = (uint32_t)(now * crate / 1000000) - ts;
	int32_t d = (int32_t)(transit - rx->transit);
	bool first = rx->crate != crate;

	if (first && rx->crate)
		rx->jitter = (uint64_t)rx->jitter * crate / rx->crate;

	rx->crate   = crate;
	rx->transit = transit;

	if (d < 0)
		d = d == INT32_MIN ? INT32_MAX : -d;

	if (first || (uint32_t)d > crate) {
		if (!rx->first)
			rx->first = now;
		return;
	}

	rx->jitter += d - ((rx->jitter + 8) >> 4);
}


/**
 * Take the next new SSRC at once, since signalling says that the remote may
 * have changed
 *
 * @param rx Receive statistics
 */
void rxstat_expect_new(struct rxstat *rx)
{
	rx->fresh = true;
}


/**
 * Get the extended highest sequence number received
 *
 * @param rx Receive statistics
 *
 * @return Extended sequence number
 */
uint32_t rxstat_ext_seq(const struct rxstat *rx)
{
	return rx->cycles + rx->max_seq;
}


static uint32_t expected(const struct rxstat *rx)
{
	return rx->started ? rxstat_ext_seq(rx) - rx->base_seq + 1 : 0;
}


/**
 * Get the packets lost of the current source (RFC 3550, A.3)
 *
 * @param rx Receive statistics
 *
 * @return Packets lost, negative if there were duplicates
 */
int64_t rxstat_lost(const struct rxstat *rx)
{
	return (int64_t)expected(rx) - rx->received;
}


/**
 * Get the packets lost of all sources so far: those that never came, however
 * often others did
 *
 * @param rx Receive statistics
 *
 * @return Packets lost
 */
int64_t rxstat_lost_total(const struct rxstat *rx)
{
	return rx->lost_prior + rxstat_lost(rx) + rx->duplicates;
}


/**
 * Get the fraction lost since the last call of this (RFC 3550, A.3)
 *
 * @param rx Receive statistics
 *
 * @return Fraction lost [1/256]
 */
uint8_t rxstat_fraction(struct rxstat *rx)
{
	const uint32_t exp  = expected(rx);
	const uint32_t expi = exp - rx->expected_prior;
	const uint32_t rcvi = rx->received - rx->received_prior;

	rx->expected_prior = exp;
	rx->received_prior = rx->received;

	if (!expi || rcvi >= expi)
		return 0;

	return (uint8_t)min((uint64_t)(expi - rcvi) * 256 / expi,
			    (uint64_t)255);
}


/**
 * Make a report block about a source (RFC 3550, 6.4.1). To be called once
 * for each report: the fraction lost is since the last one
 *
 * @param rx  Receive statistics
 * @param blk Filled in
 * @param lsr The source's last SR, middle 32 bits of its NTP time; 0=none
 * @param age How long ago that came [us]
 */
void rxstat_block(struct rxstat *rx, struct rtcp_block *blk, uint32_t lsr,
		  uint64_t age)
{
	const int64_t lost = rxstat_lost(rx);

	memset(blk, 0, sizeof(*blk));

	blk->ssrc     = rx->ssrc;
	blk->fraction = rxstat_fraction(rx);
	blk->lost     = (int32_t)min(lost, (int64_t)0x7fffff);
	blk->last_seq = rxstat_ext_seq(rx);
	blk->jitter   = rx->jitter >> 4;

	if (lsr) {
		blk->lsr  = lsr;
		blk->dlsr = (uint32_t)((age << 16) / 1000000);
	}
}


/**
 * Get the interarrival jitter
 *
 * @param rx Receive statistics
 *
 * @return Jitter [us]
 */
uint32_t rxstat_jitter_us(const struct rxstat *rx)
{
	if (!rx->crate)
		return 0;

	return (uint32_t)((uint64_t)(rx->jitter >> 4) * 1000000 / rx->crate);
}
