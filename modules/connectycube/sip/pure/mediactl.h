/**
 * @file sip/pure/mediactl.h  Media control in SIP INFO bodies (RFC 5168)
 */

bool mediactl_type(const struct pl *type, const struct pl *subtype);
int  mediactl_decode(bool *fast_update, const struct pl *body);
int  mediactl_encode(struct mbuf *mb);
