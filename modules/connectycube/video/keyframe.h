/**
 * @file video/keyframe.h  Keyframe broker: when to ask the source for one
 *
 * Whoever wants a keyframe of a leg's stream (the other leg by PLI, FIR or
 * SIP INFO; a decoder; hopeless loss; the start of a call) calls
 * keybroker_want(). Requests are coalesced and rate-limited, repeated until
 * a keyframe comes, and a few early ones are sent at start. Arithmetic only.
 */

enum {
	KEY_INTERVAL = 500000,  /**< Between two requests [us]             */
	KEY_EARLY    = 200000,  /**< Between the first ones at start [us]  */
	KEY_EARLY_N  = 4,       /**< Number of those                       */
};

/** Requests for keyframes of one source; all zero is the initial state */
struct keybroker {
	bool wanted;            /**< A keyframe is awaited                 */
	unsigned early;         /**< Early requests left                   */
	uint64_t due;           /**< When to poll, next request [us], 0=none */
	uint64_t last;          /**< Last request [us], 0=never            */
	uint8_t nr;             /**< FIR's command sequence number         */
};

void keybroker_start(struct keybroker *kb, uint64_t now);
void keybroker_want(struct keybroker *kb, uint64_t now);
bool keybroker_poll(struct keybroker *kb, uint64_t now);
void keybroker_got(struct keybroker *kb);
