/**
 * @file video/rtp/rate.h  Bit rate over the last half second (pure)
 */

enum {
	RATE_WINDOW = 500000,   /**< What it is measured over [us]         */
	RATE_SLOTS  = 10,       /**< Parts of it                           */
};

/** A bit rate; all zero is the initial state */
struct rate {
	bool on;                /**< Has had bytes                         */
	uint64_t first;         /**< When it began [slots]                 */
	uint64_t cur;           /**< Current slot, its number              */
	size_t v[RATE_SLOTS];   /**< Bytes of each slot                    */
};

void     rate_add(struct rate *r, size_t bytes, uint64_t now);
uint32_t rate_get(struct rate *r, uint64_t now);
