/**
 * @file connectycube_av/hwenc.h  What hardware encoders have in common
 *
 *   hwenc_add.c --> hwenc.c --> hwenc_pic.c
 */

/** The codec of the list */
struct hwenc {
	struct vcodec vc;       /**< As the video room sees it             */
	const struct vcodec *sw;/**< Falls back to it (pointer), or NULL   */
	const AVCodec *codec;   /**< libavcodec's (pointer)                */
	enum AVPixelFormat fmt; /**< What it takes                         */
	AVBufferRef *device;    /**< Takes pictures (owned), or NULL       */
	atomic_bool failed;     /**< It did, in a call: no more of it      */
};

/* hwenc.c */
int hwenc_alloc(struct vcodec_enc **encp, const struct vcodec *vc,
		const struct vcodec_param *prm,
		vcodec_packet_h *pkth, void *arg);
int hwenc_encode(struct vcodec_enc *enc, bool keyframe,
		 const struct vidframe *frame, uint32_t ts);
int hwenc_try(struct vcodec_enc *enc, bool keyframe,
	      const struct vidframe *frame, uint32_t ts, int *err);

/* hwenc_pic.c */
int hwenc_picture(AVFrame **fp, const struct hwenc *hw, AVBufferRef *frames,
		  const struct vidframe *src);
