/**
 * @file sip/pure/vsdp.h  The video line of an SDP: what it says, what we say in it
 */

/** What the bridge wants */
struct vwant {
	bool on;
	struct sipleg_fmt fmtv[SIPLEG_FMT_MAX];
	size_t fmtc;
	uint32_t bandwidth;     /**< [bit/s], 0=unset                      */
};

void vsdp_read(struct sipleg_video *vid, int *rxlclv, const struct vwant *w,
	       const struct sdp_media *m, const struct sdp_session *sess,
	       bool offer);
int  vsdp_offer(struct sdp_media *m, const struct vwant *w);
int  vsdp_answer(struct sdp_media *m, const struct vwant *w,
		 const struct sipleg_video *vid, const int *rxlclv);
