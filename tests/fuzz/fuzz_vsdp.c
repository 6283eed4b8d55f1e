/**
 * @file fuzz_vsdp.c  The video line of an SDP, read and answered
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "sip/sip.h"
#include "sip/pure/vsdp.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static const struct vwant want = {
	.on = true, .bandwidth = 1000000, .fmtc = 3, .fmtv = {
		{.pt = 96, .name = "H264", .crate = 90000, .fmtp =
		 "profile-level-id=640c1f;packetization-mode=1"},
		{.pt = 97, .name = "H264", .crate = 90000},
		{.pt = 98, .name = "VP8", .crate = 90000},
	},
};


static int line(struct sdp_session **sessp, struct sdp_media **mp)
{
	struct sa laddr;
	int err;

	(void)sa_set_str(&laddr, "127.0.0.1", 0);

	err = sdp_session_alloc(sessp, &laddr);
	if (err)
		return err;

	err = sdp_media_add(mp, *sessp, "video", 5000, sdp_proto_rtpavp);
	if (err)
		return err;

	sdp_media_set_fmt_ignore(*mp, true);

	return vsdp_offer(*mp, &want);
}


/* What may arrive was offered, and the answer can be written */
static void check(struct sdp_session *sess, struct sdp_media *m, bool offer)
{
	struct sipleg_video vid;
	int rxlclv[SIPLEG_FMT_MAX];
	struct mbuf *mb = NULL;

	vsdp_read(&vid, rxlclv, &want, m, sess, offer);

	if (vid.txc > SIPLEG_FMT_MAX || vid.rxc > SIPLEG_FMT_MAX ||
	    !vid.txc != !vid.rxc)
		abort();

	if (!offer)
		return;

	if (vsdp_answer(m, &want, &vid, rxlclv) ||
	    sdp_encode(&mb, sess, false))
		abort();

	mem_deref(mb);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sdp_session *sess = NULL;
	struct sdp_media *m = NULL;
	struct mbuf *mb = NULL;
	bool offer;

	if (!size)
		return 0;

	offer = data[0] & 1;

	if (line(&sess, &m))
		abort();

	/* the line is one of the session's once it was offered */
	if (!offer) {
		(void)sdp_encode(&mb, sess, true);
		mem_deref(mb);
	}

	mb = mbuf_alloc(size);
	(void)mbuf_write_mem(mb, data + 1, size - 1);
	mb->pos = 0;

	if (!sdp_decode(sess, mb, offer))
		check(sess, m, offer);

	mem_deref(mb);
	mem_deref(m);
	mem_deref(sess);

	return 0;
}
