/**
 * @file video/keyframe_store.h  The packets of a stream's last whole keyframe
 */

struct video_in;
struct vkeep;

int  vkeep_alloc(struct vkeep **kp);
void vkeep_note(struct vkeep *k, const struct video_in *in,
		const struct video_fmt *fmt);
const struct video_fmt *vkeep_get(const struct vkeep *k,
				  const struct mbuf *const **keyv,
				  size_t *keyc);
