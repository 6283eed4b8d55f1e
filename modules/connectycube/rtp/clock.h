/**
 * @file rtp/clock.h  Time as media sees it
 */

/** A clock: monotonic time [us] */
typedef uint64_t (media_clock_h)(void);

/**
 * The sender's timeline behind a stream's timestamps: where its RTP clock
 * stands at a given time, free of the network's jitter
 */
struct tline {
	bool on;                /**< Has seen a packet                     */
	uint32_t crate;         /**< RTP clock rate [Hz]                   */
	uint32_t ts;            /**< Newest timestamp [RTP clock]          */
	int64_t pos;            /**< The same, extended [RTP clock]        */
	int64_t off;            /**< Timeline minus local time [RTP clock] */
};

uint64_t media_clock(void);
void     media_clock_set(media_clock_h *h);

uint64_t ntp_offset_us(void);
uint64_t ntp_from_us(uint64_t us);
uint32_t ntp_compact32(uint64_t ntp);
uint32_t ntp_compact32_us(uint32_t compact);

void     tline_start(struct tline *tl, uint32_t ts, uint32_t crate,
		     uint64_t now);
bool     tline_update(struct tline *tl, uint32_t ts, uint64_t now);
uint32_t tline_at(const struct tline *tl, uint64_t now);
