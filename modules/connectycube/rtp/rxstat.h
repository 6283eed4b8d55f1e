/**
 * @file rtp/rxstat.h  Receive statistics of an RTP stream
 */

/** What a packet is to the stream it came in */
enum rxstat_res {
	RXSTAT_OK = 0,          /**< Next, or ahead with a gap             */
	RXSTAT_NEW,             /**< First of a new source, or of a restart */
	RXSTAT_LATE,            /**< Older than one already seen           */
	RXSTAT_DUP,             /**< Seen already: drop                    */
	RXSTAT_PROBATION,       /**< Perhaps a new source or restart: drop */
};

struct rtcp_block;

/** Receive statistics; all zero is the initial state */
struct rxstat {
	bool started;           /**< A source is known                     */
	bool fresh;             /**< Take the next new source at once      */
	uint32_t ssrc;          /**< The source                            */
	uint16_t max_seq;       /**< Highest sequence number               */
	uint32_t cycles;        /**< Sequence wraps, times 65536           */
	uint32_t base_seq;      /**< First sequence number                 */
	uint32_t received;      /**< Packets received                      */
	uint32_t expected_prior;/**< Expected at the last report           */
	uint32_t received_prior;/**< Received at the last report           */
	uint64_t seen;          /**< Bit n: max_seq - n was received       */
	bool bad;               /**< bad_ssrc and bad_seq are set          */
	uint32_t bad_ssrc;      /**< Source on probation                   */
	uint16_t bad_seq;       /**< The number that would confirm it      */
	uint32_t crate;         /**< RTP clock of the transit time [Hz]    */
	uint32_t transit;       /**< Relative transit time [RTP clock]     */
	uint32_t jitter;        /**< Jitter, times 16 [RTP clock]          */
	uint32_t duplicates;    /**< Packets received once more            */
	int64_t lost_prior;     /**< Lost of earlier sources               */
	uint64_t first;         /**< Arrival of the first packet that had
				     its jitter counted [us]               */
};

enum rxstat_res rxstat_update(struct rxstat *rx, uint32_t ssrc, uint16_t seq);
enum rxstat_res rxstat_other(struct rxstat *rx, uint32_t ssrc, uint16_t seq);
void     rxstat_late(struct rxstat *rx, uint16_t seq);
void     rxstat_jitter(struct rxstat *rx, uint32_t ts, uint32_t crate,
		       uint64_t now);
void     rxstat_expect_new(struct rxstat *rx);
uint32_t rxstat_ext_seq(const struct rxstat *rx);
int64_t  rxstat_lost(const struct rxstat *rx);
int64_t  rxstat_lost_total(const struct rxstat *rx);
uint8_t  rxstat_fraction(struct rxstat *rx);
void     rxstat_block(struct rxstat *rx, struct rtcp_block *blk, uint32_t lsr,
		      uint64_t age);
uint32_t rxstat_jitter_us(const struct rxstat *rx);
