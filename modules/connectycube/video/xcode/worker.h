/**
 * @file video/xcode/worker.h  The transcoder's work: decode, scale, encode
 *
 * Lives on the worker thread, and on no other.
 */

/** A frame on its way: what came in, what is asked for, what came of it */
struct vxjob {
	struct le le;           /**< Member of the thread's lists          */
	struct vpkts *in;       /**< Packets of the frame (owned)          */
	uint64_t now;           /**< When it came [us]                     */
	bool keyframe;          /**< A keyframe is asked for               */
	uint32_t bitrate;       /**< A bitrate is asked for, 0=as before   */

	struct vpkts *out;      /**< Packets to send (owned), or NULL      */
	bool need_key;          /**< The decoder needs a keyframe          */
	struct vxcode_stats st; /**< Counters after this job               */
};

struct vxwork;

int  vxjob_alloc(struct vxjob **jobp, struct vpkts *in);
int  vxwork_alloc(struct vxwork **wp, const struct vxcode_param *prm);
void vxwork_handler(void *job, size_t behind, void *work);
