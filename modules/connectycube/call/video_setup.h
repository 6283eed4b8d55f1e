/**
 * @file call/video_setup.h  What all video of the bridge has in common
 */

/* vsetup.c */
void bvideo_init(const struct bridge_config *cfg);
void bvideo_ready(void);
void bvideo_close(void);
const struct video_config *bvideo_config(void);
void bvideo_policy(struct vpolicy *vp);
uint32_t bvideo_narrower(uint32_t a, uint32_t b);
