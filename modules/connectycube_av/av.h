/**
 * @file connectycube_av/av.h  What libav does for video/
 *
 *   connectycube.so --> table.c --> picture.c  scale.c  hwenc*.c  hwdec.c
 *
 * A shared object of its own, since most bridges never need it; see
 * video/xcode/libav.h. It knows nothing of baresip.
 *
 * A hardware codec that works is put in front of the software's, and falls
 * back to it for a stream that the hardware fails on. One that does not work
 * is left out, with the reason, so that calls go on in software.
 */

struct AVBufferRef;
struct vidframe;
struct vav;
struct vav_scaler;

/* table.c: the one symbol that is exported */
__attribute__((visibility("default")))
extern const struct vav connectycube_av;

/* picture.c */
int picture_load(struct vidframe **framep, const char *file,
		 unsigned side_max);

/* scale.c */
int scaler_alloc(struct vav_scaler **sp);
int scaler_run(struct vav_scaler *s, const struct vidframe *dst,
	       const struct vidframe *src);

/* hwenc_add.c, hwdec.c */
int hwenc_add(struct list *vcodecl, const char *name, const char *device,
	      char *why, size_t size);
int hwdec_add(struct list *vcodecl, const char *type, const char *device,
	      char *why, size_t size);

/* hwdev.c */
int  hwdev_open(struct AVBufferRef **devp, int type, const char *device,
		char *why, size_t size);
void hwdev_why(char *why, size_t size, const char *what, int averr);
