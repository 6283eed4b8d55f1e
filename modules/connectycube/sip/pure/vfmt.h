/**
 * @file sip/pure/vfmt.h  Video formats in SDP: which match, and what is answered
 *
 * Pure: what was decoded of an SDP in, a decision out.
 */

/** How a format of the remote's fits one of ours, better ones last */
enum vfmt_fit {
	VFMT_NONE = 0,
	VFMT_MORE,              /**< H.264: of a higher profile than ours  */
	VFMT_LESS,              /**< H.264: of a lower profile than ours   */
	VFMT_SAME,
};

int  vfmt_find(const struct sipleg_fmt *fmtv, size_t fmtc,
	       const struct sipleg_fmt *rmt, enum vfmt_fit *fit);
int  vfmt_find_answer(const struct sipleg_fmt *fmtv, size_t fmtc,
		      const struct sipleg_fmt *rmt);
int  vfmt_offer(char *fmtp, size_t size, const struct sipleg_fmt *fmt);
int  vfmt_answer(char *fmtp, size_t size, const struct sipleg_fmt *fmt,
		 const char *rfmtp);
uint32_t vfmt_fb(const char *attr);
const char *vfmt_fb_name(enum sipleg_fb fb);
