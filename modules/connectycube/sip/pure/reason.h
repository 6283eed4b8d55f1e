/**
 * @file sip/pure/reason.h  Why a request was sent: Reason (RFC 3326) (pure)
 */

bool reason_is_elsewhere(const struct sip_msg *msg);
