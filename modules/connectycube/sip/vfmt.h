/**
 * @file sip/vfmt.h  Video formats in SDP: which match, and what is answered
 *
 * Pure: what was decoded of an SDP in, a decision out.
 */

int  vfmt_find(const struct sipleg_fmt *fmtv, size_t fmtc,
	       const struct sipleg_fmt *rmt);
int  vfmt_find_answer(const struct sipleg_fmt *fmtv, size_t fmtc,
		      const struct sipleg_fmt *rmt);
int  vfmt_offer(char *fmtp, size_t size, const struct sipleg_fmt *fmt);
int  vfmt_answer(char *fmtp, size_t size, const struct sipleg_fmt *fmt,
		 const char *rfmtp);
uint32_t vfmt_fb(const char *attr);
const char *vfmt_fb_name(enum sipleg_fb fb);
