/**
 * @file peer/rtcpkind.h  Which kinds of media an RTCP packet is about (pure)
 */

/**
 * Tell the kind of a source, of the remote's or ours
 *
 * @param ssrc SSRC
 *
 * @return Its kind as a bit, 0 if it is not known
 */
typedef uint32_t (rtcpkind_ssrc_h)(uint32_t ssrc, const void *arg);

uint32_t rtcpkind(const uint8_t *buf, size_t len, uint32_t twcc,
		  rtcpkind_ssrc_h *ssrch, const void *arg);
