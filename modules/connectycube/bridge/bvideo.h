/**
 * @file bridge/bvideo.h  Video to offer and to answer
 */

/** Video to offer or answer an app */
struct bvideo_app {
	struct peer_fmt fmtv[VPOLICY_FMT_MAX];
	struct peer_media_prm prm;
};

/** Video to offer or answer a phone */
struct bvideo_sip {
	struct sipleg_fmt fmtv[VPOLICY_FMT_MAX];
	struct sipleg_video_prm prm;
};

/* vsetup.c */
void bvideo_init(const struct bridge_config *cfg);
void bvideo_ready(void);
void bvideo_close(void);
const struct video_config *bvideo_config(void);
void bvideo_policy(struct vpolicy *vp);

/* video.c */
const struct peer_media_prm *bvideo_app(struct bvideo_app *v,
					const struct sipleg_video *vid);
const struct sipleg_video_prm *bvideo_sip(struct bvideo_sip *v,
					  const struct peer_media *pm,
					  uint32_t max);
bool bvideo_wanted(const struct sipleg_video *vid);
uint32_t bvideo_app_max(const struct cube_call *call);
