/**
 * @file call/verdict.h  Which side a bad call was bad on (pure)
 */

/** Where it was bad */
enum verdict {
	VERDICT_NONE = 0,       /**< There was no media to judge           */
	VERDICT_UNSEEN,         /**< Nothing was wrong that we could see, but
				     a party never told what it got        */
	VERDICT_GOOD,           /**< Nothing was wrong. What is above is bad */
	VERDICT_PHONE,          /**< The phone                             */
	VERDICT_BRIDGE,         /**< We                                    */
	VERDICT_APP,            /**< The app                               */
	VERDICT_NET_PHONE,      /**< The network between the phone and us  */
	VERDICT_NET_APP,        /**< The network between the app and us    */
	VERDICT_UNKNOWN,        /**< It was bad, and we cannot tell where  */
};

/** One leg of the call, as far as it matters */
struct verdict_leg {
	uint64_t received;      /**< Packets that came                     */
	int64_t rx_lost;        /**< ... and that did not                  */
	uint32_t rx_jitter;     /**< Theirs, on average [us]               */
	uint64_t sent;          /**< Packets that were sent                */
	uint64_t unsent;        /**< ... and that could not be sent        */
	bool reported;          /**< The party has told what has become of
				     them:                                 */
	int64_t tx_lost;        /**< Lost, what was never sent included    */
	uint32_t tx_jitter;     /**< Jitter, on average [us]               */
	bool relayed;           /**< What is sent has the gaps and the
				     jitter of what came on the other leg  */
	bool nothing;           /**< Nothing came of it while the other one
				     was heard                             */
	bool silent;            /**< Nothing but silence did               */
	uint32_t out_ms;        /**< Its path was lost for so long [ms]    */
	uint32_t latency;       /**< Half of its packets were no longer in
				     here [us], 0=unknown                  */
	uint32_t latency_p99;   /**< 99 of 100 were not [us], 0=unknown    */
};

/** A call that had media, or was to have it */
struct verdict_call {
	struct verdict_leg phone;
	struct verdict_leg app;
	enum end_reason reason; /**< Why it has ended                      */
	uint32_t media_ms;      /**< How long it had media [ms], 0=never   */
	uint32_t dead_air_ms;   /**< How long nobody was heard [ms]        */
	uint64_t stalled_ms;    /**< How long the loop stood still [ms]    */
};

const char *verdict_name(enum verdict verdict);
enum verdict verdict_find(const struct verdict_call *vc);
