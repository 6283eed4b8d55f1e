/**
 * @file sip/pure/msgcheck.h  Is a SIP message well-formed? (pure)
 */

const char *msgcheck_fault(const struct sip_msg *msg);
bool msgcheck_body(const struct sip_msg *msg);
bool msgcheck_expired(const struct sip_msg *msg);
