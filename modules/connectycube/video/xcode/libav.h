/**
 * @file video/xcode/libav.h  What of video is done by libav, a module of its own
 *
 *   video/, call/   --> vav_get() --> struct vav --> connectycube_av.so
 *
 * libavcodec alone brings a hundred libraries into the process: who needs
 * none of this loads none of them.
 */

enum {
	VAV_VERSION = 1,        /**< Of struct vav and what it points to   */
};

struct vav_scaler;

/** The functions of connectycube_av.so, which exports it by its name */
struct vav {
	uint32_t version;       /**< VAV_VERSION                           */
	uint32_t size;          /**< Of this struct [bytes]                */

	/** Keep libav from writing about every damaged frame to standard
	    error: counters tell that. It is of the whole process           */
	void (*quiet)(void);

	/** Read a picture file; see vpicture_load()                        */
	int (*picture)(struct vidframe **framep, const char *file,
		       unsigned side_max);

	/** Make a scaler, to be freed with mem_deref()                     */
	int (*scaler_alloc)(struct vav_scaler **sp);
	/** Scale src to dst, YUV420P, which has room for whole blocks of
	    64 pixels. ENOTSUP: a source of another format than codecs make */
	int (*scale)(struct vav_scaler *s, const struct vidframe *dst,
		     const struct vidframe *src);

	/** Put a hardware codec in front of a list; see hwenc_add() and
	    hwdec_add()                                                     */
	int (*hwenc)(struct list *vcodecl, const char *name,
		     const char *device, char *why, size_t size);
	int (*hwdec)(struct list *vcodecl, const char *type,
		     const char *device, char *why, size_t size);
};

int  vav_load(char *why, size_t size);
int  vav_open(const char *path, char *why, size_t size);
void vav_close(void);
void vav_set(const struct vav *vav);
const struct vav *vav_get(void);
