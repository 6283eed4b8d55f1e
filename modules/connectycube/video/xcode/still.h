/**
 * @file video/xcode/still.h  A still picture as a real video stream
 *
 * A picture file (avatar), or the last frame of a stream (freeze), encoded
 * on a worker thread at a few frames a second: most of them cost next to
 * nothing, and a keyframe comes when one is asked for.
 */

struct vstill;

/** Parameters; strings are copied */
struct vstill_param {
	const struct vcodec *enc; /**< Encoder (pointer)                   */
	const char *enc_fmtp;   /**< fmtp of the receiver, or NULL         */
	size_t pktsize;         /**< Largest RTP payload made [bytes]      */
	unsigned width_max;     /**< Largest picture [pixels]              */
	unsigned height_max;
	uint32_t bitrate;       /**< At most [bit/s]                       */
	const char *file;       /**< Picture file (PNG, JPEG), or NULL     */
	const struct vcodec *dec; /**< Of the packets in keyv (pointer)    */
	const char *dec_fmtp;   /**< Their fmtp, or NULL                   */
	const struct mbuf *const *keyv; /**< RTP payloads of one keyframe, in
				     order; used if file is NULL           */
	size_t keyc;            /**< Number of them                        */
};

int  vstill_check(const char *file, char *why, size_t size);
int  vstill_alloc(struct vstill **vsp, const struct vstill_param *prm,
		  vxcode_out_h *outh, void *arg);
void vstill_keyframe(struct vstill *vs);
