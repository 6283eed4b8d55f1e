/**
 * @file audio/gauge.h  What is measured of a port's audio
 */

struct acodec;
struct acodec_dec;

/** Measures a port; all zero is the initial state */
struct gauge {
	unsigned left;          /**< Packets to be measured, 0=all go by    */
	bool pcm;               /**< The one at hand is transcoded          */
	unsigned rest;          /**< Seconds until a costly codec's turn    */
	const struct acodec *ac;/**< Of the decoder (pointer)               */
	struct acodec_dec *dec; /**< For what is forwarded (owner)          */
	struct level level;     /**< Of what comes                          */
	struct hist handled;    /**< Time until a packet is sent on [us]    */
	struct fold jitter;     /**< Of each second with packets [us]       */
	struct fold mos;        /**< The same                               */
	struct fold rtt;        /**< As each report has it [us]             */
	struct fold tx_jitter;  /**< The same                               */
	struct fold tx_mos;     /**< The same                               */
	uint64_t packets;       /**< Received when it was looked at last    */
	int64_t lost;           /**< Lost by then                           */
	bool came;              /**< Packets came in the second before then */
	unsigned aged;          /**< Seconds since a level was measured     */
	bool soft;              /**< It was a pause, or is silence          */
	int16_t recent;         /**< The loudest then [1/10 dBov], 0=unknown */
};
