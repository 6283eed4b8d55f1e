/**
 * @file compat/upstream/compat_baresip.h  baresip 4.x in the one spelling
 *
 * See compat/debian/compat_baresip.h.
 */

/** Parameters of an ausrc_alloc_h: stp, as, prm, device, rh, errh, arg */
#define AUSRC_ALLOC_PARAMS struct ausrc_st **stp, const struct ausrc *as, \
	struct ausrc_prm *prm, const char *device, \
	ausrc_read_h *rh, ausrc_error_h *errh, void *arg

/** Of a vidsrc_alloc_h: stp, vs, prm, size, fmt, dev, frameh, errorh, arg */
#define VIDSRC_ALLOC_PARAMS struct vidsrc_st **stp, const struct vidsrc *vs, \
	struct vidsrc_prm *prm, const struct vidsz *size, const char *fmt, \
	const char *dev, vidsrc_frame_h *frameh, \
	vidsrc_packet_h *packeth __attribute__((unused)), \
	vidsrc_error_h *errorh, void *arg

/** What a videnc_packet_h's argument points to: codecs hand it on */
#define VIDENC_ARG const struct video

enum {
	COMPAT_VP8_BITRATE = 1, /**< Unit of vp8.so's bitrate [bit/s]      */
};


/**
 * Make the parameters of an audio encoder
 *
 * @param ptime Packet time [ms], of no use here
 *
 * @return Parameters
 */
static inline struct auenc_param auenc_param_of(uint32_t ptime)
{
	(void)ptime;

	return (struct auenc_param){.bitrate = 0};
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
	return vc->decupdh(stp, vc, fmtp, NULL);
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
	const struct rtp_header hdr = {.m = marker, .seq = seq};
	struct viddec_packet pkt = {.hdr = &hdr, .mb = mb};
	const int err = vc->dech(st, frame, &pkt);

	*intra = pkt.intra;

	return err;
}


/**
 * The user part by which baresip finds a User-Agent that a request is for: one
 * that registers, by its contact alone
 *
 * @param ua User-Agent
 *
 * @return User part, there for as long as the User-Agent
 */
static inline struct pl ua_asked_user(const struct ua *ua)
{
	const struct account *acc = ua_account(ua);
	struct pl pl;

	if (!account_regint(acc))
		return account_luri(acc)->user;

	pl_set_str(&pl, ua_local_cuser(ua));

	return pl;
}


/**
 * Have baresip not do what the bridge does itself: reliable responses (100rel)
 *
 * @param acc Account
 *
 * @return 0 if success, otherwise errorcode
 */
static inline int account_leave_to_us(struct account *acc)
{
	return account_set_rel100_mode(acc, REL100_DISABLED);
}
