/**
 * @file video/hwcodec.h  H.264 in hardware, by libavcodec
 *
 *   list: [hwenc] [hwdec] [software] ...
 *
 * A codec that works is put in front of the software's, and falls back to it
 * for a stream that the hardware fails on. One that does not work is left out,
 * with the reason, so that calls go on in software.
 */

struct AVBufferRef;

int hwenc_add(struct list *vcodecl, const char *name, const char *device,
	      char *why, size_t size);
int hwdec_add(struct list *vcodecl, const char *type, const char *device,
	      char *why, size_t size);

/* hwdev.c */
int  hwdev_open(struct AVBufferRef **devp, int type, const char *device,
		char *why, size_t size);
void hwdev_why(char *why, size_t size, const char *what, int averr);
