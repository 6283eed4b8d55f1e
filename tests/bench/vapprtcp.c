/**
 * @file tests/bench/vapprtcp.c  What an app says about the video it gets
 *
 * Transport-cc feedback every 100 ms, as a browser sends it at this bitrate,
 * where the extension was agreed.
 */
#include <string.h>
#include <re.h>
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "peer/peer.h"
#include "video/rtp/fb.h"
#include "video/bwe/bwe.h"
#include "video/rtp/hdrext.h"
#include "bench.h"


enum {
	INTERVAL = 100,         /**< Between two feedbacks [ms]            */
	RTCP_MAX = 1200,        /**< Longest packet [bytes]                */
};

static struct {
	struct tmr tmr;
	struct twcc_rx *rxv[CALL_MAX];
	uint32_t mediav[CALL_MAX]; /* what the bridge sends with */
} va;


void vapprtcp_rx(struct call *call, const struct rtp_pkt *rp, uint64_t t)
{
	const uint8_t *p;
	size_t len;

	p = hdrext_find(rp, call->appv.twcc_id, &len);
	if (!p || len != 2)
		return;

	if (!va.rxv[call->idx] && twcc_rx_alloc(&va.rxv[call->idx]))
		return;

	va.mediav[call->idx] = rp->ssrc;
	twcc_rx_packet(va.rxv[call->idx], rtp_get16(p), t / 1000);
}


static void feedback(struct call *call)
{
	uint8_t buf[RTCP_MAX + PEER_RTP_ROOM];
	const uint32_t ssrc = call->appv.ssrc;
	size_t len = 0;

	if (!call->peerv[VIDEO] || !twcc_rx_pending(va.rxv[call->idx]))
		return;

	if (rtcp_report_write(buf, RTCP_MAX, &len, ssrc, NULL, NULL,
			      "bench") ||
	    twcc_rx_feedback(va.rxv[call->idx], buf, RTCP_MAX, &len, ssrc,
			     va.mediav[call->idx]))
		return;

	(void)peer_send_rtcp(call->peerv[VIDEO], buf, len, sizeof(buf));
}


static void tmr_handler(void *arg)
{
	unsigned i;
	(void)arg;

	tmr_start(&va.tmr, INTERVAL, tmr_handler, NULL);

	for (i=0; i<bench.n; i++)
		feedback(&bench.callv[i]);
}


void vapprtcp_start(void)
{
	tmr_init(&va.tmr);
	tmr_start(&va.tmr, INTERVAL, tmr_handler, NULL);
}


void vapprtcp_stop(void)
{
	unsigned i;

	tmr_cancel(&va.tmr);

	for (i=0; i<bench.n; i++)
		va.rxv[i] = mem_deref(va.rxv[i]);
}
