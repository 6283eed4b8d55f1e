/**
 * @file call/policy_video.h  Decisions: which video codecs, on which leg
 */

enum {
	VPOLICY_FMT_MAX = 8,    /**< Formats of one description            */
};

/** Can video be transcoded between these two, both ways? */
typedef bool (vpolicy_xcode_h)(enum video_codec a, enum video_codec b);

/** What is allowed */
struct vpolicy {
	const enum video_codec *codecv; /**< In the order of preference    */
	size_t codecc;          /**< Number of codecs                      */
	bool large;             /**< Pictures of more than 720p            */
	vpolicy_xcode_h *xcodeh;/**< NULL=never                            */
};

size_t vpolicy_sip(struct sipleg_fmt *fmtv, const struct vpolicy *vp,
		   const struct leg_video *other);
size_t vpolicy_app(struct peer_fmt *fmtv, const struct vpolicy *vp,
		   const struct leg_video *other);
const struct sipleg_fmt *vpolicy_sip_tx(const struct sipleg_video *vid,
					const struct leg_video *other);
const struct peer_fmt *vpolicy_app_tx(const struct peer_media *pm,
				      const struct leg_video *other);
