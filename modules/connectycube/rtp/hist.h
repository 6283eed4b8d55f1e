/**
 * @file rtp/hist.h  How times are distributed, in little memory (pure)
 */

enum {
	HIST_BUCKETS = 80,      /**< Up to two seconds                     */
};

/** Times; all zero is the initial state */
struct hist {
	uint32_t n;             /**< Number of times                       */
	uint32_t v[HIST_BUCKETS]; /**< Those of each bucket                */
};

void     hist_add(struct hist *h, uint64_t us);
uint32_t hist_pct(const struct hist *h, unsigned pct);
