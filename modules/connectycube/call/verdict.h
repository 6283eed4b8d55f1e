/**
 * @file call/verdict.h  Which side a bad call was bad on (pure)
 */

/** Where it was bad */
enum verdict {
	VERDICT_NONE = 0,       /**< There was no media to judge           */
	VERDICT_GOOD,           /**< Nothing was wrong that we could see   */
	VERDICT_PHONE,          /**< The phone                             */
	VERDICT_BRIDGE,         /**< We                                    */
	VERDICT_APP,            /**< The app                               */
	VERDICT_NET_PHONE,      /**< The network between the phone and us  */
	VERDICT_NET_APP,        /**< The network between the app and us    */
	VERDICT_UNKNOWN,        /**< It was bad, and we cannot tell where  */
};

const char *verdict_name(enum verdict verdict);
