/**
 * @file video/xcode/scale.h  Scaler of pictures, to YUV420P
 */

struct vscale;

int vscale_alloc(struct vscale **sp);
int vscale_run(struct vscale *s, const struct vidframe **dst,
	       const struct vidsz *sz, const struct vidframe *src);
int vscale_fit(struct vscale *s, const struct vidframe **dst,
	       const struct vidsz *box, const struct vidframe *src);
