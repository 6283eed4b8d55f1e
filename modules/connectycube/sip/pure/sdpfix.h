/**
 * @file sip/pure/sdpfix.h  SDP as phones write it, made into SDP as libre reads it
 */

int sdpfix(struct mbuf *mb, const struct pl *sdp);
