/**
 * @file compat/debian/compat_baresip.h  baresip 1.0 and 1.1 in the one spelling
 *
 * See compat_re.h.
 */

/** Parameters of an ausrc_alloc_h: stp, as, prm, device, rh, errh, arg */
#define AUSRC_ALLOC_PARAMS struct ausrc_st **stp, const struct ausrc *as, \
	struct media_ctx **ctx __attribute__((unused)), \
	struct ausrc_prm *prm, const char *device, \
	ausrc_read_h *rh, ausrc_error_h *errh, void *arg

/** Of a vidsrc_alloc_h: stp, vs, prm, size, fmt, dev, frameh, errorh, arg */
#define VIDSRC_ALLOC_PARAMS struct vidsrc_st **stp, const struct vidsrc *vs, \
	struct media_ctx **ctx __attribute__((unused)), \
	struct vidsrc_prm *prm, const struct vidsz *size, const char *fmt, \
	const char *dev, vidsrc_frame_h *frameh, vidsrc_error_h *errorh, \
	void *arg

/** What a videnc_packet_h's argument points to */
#define VIDENC_ARG void

enum {
	COMPAT_VP8_BITRATE = 1000, /**< Unit of vp8.so's bitrate [bit/s]   */
};


/**
 * Make the parameters of an audio encoder
 *
 * @param ptime Packet time [ms]
 *
 * @return Parameters
 */
static inline struct auenc_param auenc_param_of(uint32_t ptime)
{
	return (struct auenc_param){.ptime = ptime};
}


/**
 * Allocate a video decoder's state
 *
 * @param stp  Pointer to state, freed by mem_deref()
 * @param vc   Codec
 * @param fmtp Format parameters, may be NULL
 *
 * @return 0 if success, otherwise errorcode
 */
static inline int viddec_open(struct viddec_state **stp,
			      const struct vidcodec *vc, const char *fmtp)
{
	return vc->decupdh(stp, vc, fmtp);
}


/**
 * Decode one payload
 *
 * @param vc     Codec
 * @param st     Its state
 * @param frame  Filled in if there is a picture
 * @param intra  Set if it is a keyframe
 * @param marker The packet's marker bit
 * @param seq    Its sequence number
 * @param mb     Payload
 *
 * @return 0 if success, otherwise errorcode
 */
static inline int viddec_run(const struct vidcodec *vc,
			     struct viddec_state *st, struct vidframe *frame,
			     bool *intra, bool marker, uint16_t seq,
			     struct mbuf *mb)
{
	return vc->dech(st, frame, intra, marker, seq, mb);
}


/**
 * The user part by which baresip finds a User-Agent that a request is for
 *
 * @param ua User-Agent
 *
 * @return User part, there for as long as the User-Agent
 */
static inline struct pl ua_asked_user(const struct ua *ua)
{
	return account_luri(ua_account(ua))->user;
}


/**
 * Have baresip not do what the bridge does itself
 *
 * @param acc Account
 *
 * @return 0 if success, otherwise errorcode
 */
static inline int account_leave_to_us(struct account *acc)
{
	(void)acc;

	return 0;
}
