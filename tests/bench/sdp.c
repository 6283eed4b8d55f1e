/**
 * @file tests/bench/sdp.c  What a phone offers, and where it is sent to
 */
#include <string.h>
#include <re.h>
#include "bench.h"


static int print_audio(struct mbuf *mb)
{
	const bool opus = bench.mode == MODE_RELAY_OPUS;

	return mbuf_printf(mb, "m=audio %u RTP/AVP %s 101\r\n%s"
			   "a=rtpmap:101 telephone-event/8000\r\n"
			   "a=ptime:20\r\n",
			   rtpsock_port(AUDIO), opus ? "111" : "0",
			   opus ? "a=rtpmap:111 opus/48000/2\r\n"
			   "a=fmtp:111 useinbandfec=1\r\n"
			   : "a=rtpmap:0 PCMU/8000\r\n");
}


static int print_video(struct mbuf *mb)
{
	return mbuf_printf(mb, "m=video %u RTP/AVP %u\r\n"
			   "b=AS:2000\r\n"
			   "a=rtpmap:%u H264/90000\r\n"
			   "a=fmtp:%u profile-level-id=42e01f;"
			   "packetization-mode=1\r\n"
			   "a=rtcp-fb:* nack pli\r\n"
			   "a=rtcp-fb:* ccm fir\r\n",
			   rtpsock_port(VIDEO), SIP_VPT, SIP_VPT, SIP_VPT);
}


int sdp_offer(struct mbuf *mb, bool audio, bool video)
{
	int err;

	err = mbuf_printf(mb, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
			  "c=IN IP4 127.0.0.1\r\nt=0 0\r\n");
	if (!err && audio)
		err = print_audio(mb);
	if (!err && video)
		err = print_video(mb);

	mb->pos = 0;

	return err;
}


/* Learn the ports of an answer; false if there are none */
bool sdp_answer(struct call *call, const char *sdp, size_t len)
{
	static const char *exprv[KINDS] = {
		"m=audio [0-9]+", "m=video [0-9]+"
	};
	struct pl port;
	bool found = false;
	unsigned k;

	for (k=0; k<KINDS; k++) {

		if (re_regex(sdp, len, exprv[k], &port) || !pl_u32(&port))
			continue;

		(void)sa_set_str(&call->sipv[k], "127.0.0.1",
				 (uint16_t)pl_u32(&port));
		rtpsock_learn(call, k);
		found = true;
	}

	return found;
}
