/**
 * @file sip/pure/privacy.h  What a caller does not want to be told
 */

/** What the header Privacy asks for (RFC 3323, RFC 3325, RFC 7044) */
enum privacy {
	PRIVACY_ID       = 1<<0, /**< What servers vouch for               */
	PRIVACY_USER     = 1<<1, /**< All that says who it is              */
	PRIVACY_HEADER   = 1<<2, /**< The way that it came                 */
	PRIVACY_SESSION  = 1<<3, /**< Addresses of its media               */
	PRIVACY_HISTORY  = 1<<4, /**< Whom it was meant for before         */
	PRIVACY_NONE     = 1<<5, /**< Nothing, whatever others think       */
	PRIVACY_CRITICAL = 1<<6, /**< Better no call than without it       */
	PRIVACY_UNKNOWN  = 1<<7, /**< What nobody here has heard of        */

	/** These hide the caller's name and number */
	PRIVACY_CALLER   = PRIVACY_ID | PRIVACY_USER | PRIVACY_HEADER,
};

struct sip_msg;

uint32_t privacy_decode(const struct sip_msg *msg);
bool privacy_is_impossible(uint32_t priv);
