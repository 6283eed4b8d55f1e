/**
 * @file sip/pure/forwarded.h  May a call be passed on once more?
 */

enum {
	FORWARDED_MAX = 5,      /**< Passed on so often it goes in circles */
};

struct sip_msg;

bool forwarded_may(const struct sip_msg *msg, const struct pl *own);
